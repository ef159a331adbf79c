//! The interactive parts of the pages: for each entry a script and its wasm, from the `frontend` crate built with the
//! feature of that name.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    assets::{self, Asset},
    command::{program, run},
    toolchain::{Toolchain, WASM_TARGET},
};

/// One script and wasm each, so that no page carries what another needs.
pub const ENTRIES: [&str; 6] = ["checker", "today", "planning", "session", "body", "progress"];

/// How the wasm is built.
#[derive(Clone, Debug)]
pub struct Browser {
    pub toolchain: Toolchain,
    /// Where the wasm's standard library comes from.
    pub std: Std,
    /// `wasm-opt`, for a release.
    pub optimiser: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Std {
    /// From its sources, without panic messages: the smallest. To see the messages while looking for a bug, build the
    /// entry by hand with the ready-made one.
    Source,
    /// Ready made, where the sources cannot be had.
    Prebuilt,
}

impl Browser {
    /// `cargo build` or `cargo clippy` on one entry.
    pub fn cargo(&self, subcommand: &str, entry: &str) -> Command {
        let mut cargo = self.toolchain.cargo();
        cargo.args([subcommand, "--package", "frontend", "--lib", "--features", entry]);
        cargo.args(["--profile", "wasm", "--target", WASM_TARGET]);
        // Without it, cargo names the wasm of both entries alike and links each anew whenever the other was built last.
        cargo.env("__CARGO_DEFAULT_LIB_METADATA", "entry");
        if self.std == Std::Source {
            // The standard library's own code is chosen for its size as well, as in sorting.
            // Its own folder: build scripts that see RUSTC_BOOTSTRAP would run again at every change of it.
            cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
            cargo.args(["--target-dir", "target/front"]).env("RUSTC_BOOTSTRAP", "1");
            // Leptos then compiles one shape of view and not one for each: 16 KB less of the tracker's pages, which have many,
            // and 7 KB more of the checker, which has few.
            let erased = if entry != "checker" { " --cfg erase_components" } else { "" };
            cargo.env("RUSTFLAGS", format!("-Zunstable-options -Cpanic=immediate-abort{erased}"));
        }
        cargo
    }

    /// Where cargo leaves the wasm of the entry built last.
    fn built(&self) -> PathBuf {
        let target = if self.std == Std::Prebuilt { "target" } else { "target/front" };
        Path::new(target).join(WASM_TARGET).join("wasm/frontend.wasm")
    }

    /// Builds every entry; what has not changed is neither compiled nor processed again.
    pub fn build(&self) -> Result<Vec<Asset>> {
        let mut built = Vec::new();
        for entry in ENTRIES {
            run(&mut self.cargo("build", entry)).with_context(|| format!("the {entry} does not build"))?;
            built.extend(self.package(entry).with_context(|| format!("cannot package the {entry}"))?);
        }
        Ok(built)
    }

    /// Makes the script and wasm that a browser loads of what cargo built, or finds them made.
    fn package(&self, entry: &str) -> Result<[Asset; 2]> {
        let path = self.built();
        let wasm = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let made_of = format!("{} {}", assets::digest(&wasm), recipe());
        let folder = self.folder(entry);
        if !fs::read_to_string(folder.join("made-of")).is_ok_and(|old| old == made_of) {
            self.make(entry, wasm, &folder)?;
            fs::write(folder.join("made-of"), made_of).context("cannot write made-of")?;
        }
        Ok([read(&folder, format!("{entry}.js"))?, read(&folder, format!("{entry}.wasm"))?])
    }

    fn folder(&self, entry: &str) -> PathBuf {
        let kind = if self.optimiser.is_some() { "optimised" } else { "plain" };
        Path::new(assets::KEPT).join(kind).join(entry)
    }

    fn make(&self, entry: &str, wasm: Vec<u8>, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        // Until all is written again, it is made of nothing.
        fs::write(folder.join("made-of"), "").context("cannot write made-of")?;
        let (script, wasm) = bind(entry, wasm)?;
        fs::write(folder.join(format!("{entry}.js")), script).context("cannot write the script")?;
        let path = folder.join(format!("{entry}.wasm"));
        fs::write(&path, wasm).context("cannot write the wasm")?;
        match &self.optimiser {
            Some(optimiser) => optimise(optimiser, &path),
            None => Ok(()),
        }
    }
}

/// wasm-bindgen as a library: its version is that of the `wasm-bindgen` in Cargo.lock, as it must be.
fn bind(entry: &str, wasm: Vec<u8>) -> Result<(String, Vec<u8>)> {
    let mut output = Bindgen::new()
        .input_bytes(entry, wasm)
        .web(true)?
        .typescript(false)
        .demangle(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .omit_default_module_path(true)
        .generate_output()?;
    let none = output.local_modules().is_empty() && output.snippets().values().all(Vec::is_empty);
    ensure!(none, "a crate brings a script of its own, which the site has no place for");
    let mut script = without_comments(output.js());
    let wasm = output.wasm_mut();
    // The names by which script and wasm know one another end in hashes, are in both, and compress to half of their length:
    // 4 KB of each page.
    for (number, import) in wasm.imports.iter_mut().enumerate() {
        let short = format!("i{number}");
        script = renamed(&script, &format!("\n{}: ", import.name), &format!("\n{short}: "))?;
        import.name = short;
    }
    // What the browser calls back. The others are called by their names from outside, or by wasm-bindgen.
    let mut mangled: Vec<_> = wasm.exports.iter_mut().filter(|export| export.name.starts_with("_R")).collect();
    // A name may begin with another.
    mangled.sort_by_key(|export| std::cmp::Reverse(export.name.len()));
    for (number, export) in mangled.into_iter().enumerate() {
        let short = format!("e{number}");
        script = renamed(&script, &export.name, &short)?;
        export.name = short;
    }
    Ok((script, wasm.emit_wasm()))
}

fn renamed(script: &str, long: &str, short: &str) -> Result<String> {
    ensure!(script.contains(long), "wasm-bindgen's script has no {long:?}");
    Ok(script.replace(long, short))
}

/// The glue without its comments and indents. No string in it has either.
fn without_comments(script: &str) -> String {
    let mut kept = String::new();
    let mut comment = false;
    for line in script.lines().map(str::trim) {
        comment |= line.starts_with("/*");
        if !comment && !line.is_empty() && !line.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
        comment &= !line.ends_with("*/");
    }
    kept
}

/// `-Oz`, in place.
fn optimise(optimiser: &Path, wasm: &Path) -> Result<()> {
    run(program("node").arg(optimiser).arg("-Oz").arg(wasm).arg("-o").arg(wasm))
}

/// What this file does, and with which wasm-bindgen: another one may make something else of the same wasm.
fn recipe() -> String {
    assets::digest(concat!(include_str!("wasm.rs"), include_str!("../../Cargo.toml")).as_bytes())
}

fn read(folder: &Path, name: String) -> Result<Asset> {
    let path = folder.join(&name);
    let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Asset { name, content })
}
