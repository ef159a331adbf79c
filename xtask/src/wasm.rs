//! The interactive parts of the pages: for each entry a script and its wasm, from the `frontend` crate built with the
//! feature of that name.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    assets::{self, Asset},
    command::{program, run},
    toolchain::{Toolchain, WASM_TARGET},
};

/// One script and wasm each, so that the checker does not carry the tracker.
pub const ENTRIES: [&str; 2] = ["checker", "tracker"];

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
    /// Ready made: the quickest to build.
    Prebuilt,
    /// From its sources: where there is no ready-made one.
    Source,
    /// From its sources, without panic messages: the smallest, for a release.
    SourceWithoutMessages,
}

impl Browser {
    /// `cargo build` or `cargo clippy` on one entry.
    pub fn cargo(&self, subcommand: &str, entry: &str) -> Command {
        let mut cargo = self.toolchain.cargo();
        cargo.args([subcommand, "--package", "frontend", "--lib", "--features", entry]);
        cargo.args(["--profile", "wasm", "--target", WASM_TARGET]);
        // Without it, cargo names the wasm of both entries alike and links each anew whenever the other was built last.
        cargo.env("__CARGO_DEFAULT_LIB_METADATA", "entry");
        if self.std != Std::Prebuilt {
            // Its own folder: build scripts that see RUSTC_BOOTSTRAP would run again at every change of it.
            cargo.args(["-Zbuild-std=std,panic_abort", "--target-dir", "target/front"]).env("RUSTC_BOOTSTRAP", "1");
        }
        if self.std == Std::SourceWithoutMessages {
            cargo.env("RUSTFLAGS", "-Zunstable-options -Cpanic=immediate-abort");
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
        let made_of = format!("{} {}", assets::digest(&wasm), own_build()?);
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
    Ok((output.js().to_owned(), output.wasm_mut().emit_wasm()))
}

/// `-Oz`, in place.
fn optimise(optimiser: &Path, wasm: &Path) -> Result<()> {
    run(program("node").arg(optimiser).arg("-Oz").arg(wasm).arg("-o").arg(wasm))
}

/// Which build of this program is running: another one may make something else of the same wasm.
fn own_build() -> Result<String> {
    let program = env::current_exe().context("cannot find this program's own file")?;
    let changed = fs::metadata(&program).and_then(|file| file.modified());
    let Ok(changed) = changed else { bail!("cannot read the time of {}", program.display()) };
    Ok(format!("{changed:?}"))
}

fn read(folder: &Path, name: String) -> Result<Asset> {
    let path = folder.join(&name);
    let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Asset { name, content })
}
