//! Whether each entry's script starts the islands of that entry, and no others. Leptos finds an island's start function by
//! name in the script, and where it is not there the island stays dead and says nothing.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{assets, wasm::ENTRIES};

const SOURCES: &str = "app/src";

pub fn check(entry: &str) -> Result<()> {
    let manifest = assets::read_manifest()?;
    let script = manifest.get(&format!("{entry}.js")).with_context(|| format!("the site has no {entry}.js"))?;
    let script = fs::read_to_string(assets::path(script, "")).context("cannot read the script")?;
    let exported = exported_islands(&script);
    let written = written_islands(entry)?;
    ensure!(!written.is_empty(), "no island of the {entry} found in {SOURCES}");
    let missing: Vec<_> = written.difference(&exported).collect();
    ensure!(missing.is_empty(), "not in the script: {missing:?}");
    let foreign: Vec<_> = exported.difference(&written).collect();
    ensure!(foreign.is_empty(), "in the script, though {SOURCES} has them for no {entry}: {foreign:?}");
    Ok(())
}

/// The script exports `Checker_2a21ba1fcdb0d657` for the island `Checker`.
fn exported_islands(script: &str) -> BTreeSet<String> {
    let exports = script.lines().filter_map(|line| line.strip_prefix("export function ")?.split('(').next());
    let islands = exports.filter_map(|name| {
        let (island, hash) = name.rsplit_once('_')?;
        (hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| island.to_owned())
    });
    islands.collect()
}

/// The names of the functions marked `#[island]` that are compiled for an entry.
fn written_islands(entry: &str) -> Result<BTreeSet<String>> {
    let mut islands = BTreeSet::new();
    for file in rust_files(Path::new(SOURCES))? {
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let found = islands_in(&text);
        if !found.is_empty() && is_compiled_for(&file, entry)? {
            islands.extend(found);
        }
    }
    Ok(islands)
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for item in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = item.with_context(|| format!("cannot list {}", folder.display()))?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

/// The first function after each `#[island]`.
fn islands_in(text: &str) -> Vec<String> {
    let after_marks = text.split("\n#[island").skip(1);
    let names = after_marks.filter_map(|after| after.split_once("fn ")?.1.split(['(', '<']).next());
    names.map(|name| name.trim().to_owned()).collect()
}

/// Whether no `mod` line on the way to a file keeps it from the entry: what is for certain entries is gated by their
/// features there, and nowhere else.
fn is_compiled_for(file: &Path, entry: &str) -> Result<bool> {
    let mut path = file.to_owned();
    while let Some((parent, name)) = declared_in(&path) {
        let text = fs::read_to_string(&parent).with_context(|| format!("cannot read {}", parent.display()))?;
        let gate = gate_of(&text, &name).with_context(|| format!("{} has no mod {name}", parent.display()))?;
        let is_for = |entry: &str| gate.contains(&format!("feature = \"{entry}\""));
        if ENTRIES.into_iter().any(is_for) && !is_for(entry) {
            return Ok(false);
        }
        path = parent;
    }
    Ok(true)
}

/// The file that declares a file as its module, and by which name; nothing for the root.
fn declared_in(file: &Path) -> Option<(PathBuf, String)> {
    let is_folder = file.file_name()? == "mod.rs";
    let module = if is_folder { file.parent()?.to_owned() } else { file.with_extension("") };
    if module == Path::new(SOURCES).join("lib") {
        return None;
    }
    let folder = module.parent()?;
    let parents = [folder.join("mod.rs"), folder.join("lib.rs"), folder.with_extension("rs")];
    let parent = parents.into_iter().find(|parent| parent.is_file())?;
    Some((parent, module.file_name()?.to_string_lossy().into_owned()))
}

/// The attributes right above `mod name;`.
fn gate_of(text: &str, name: &str) -> Option<String> {
    let declares = |line: &str| {
        let line = line.trim().trim_end_matches(';');
        line.rsplit_once("mod ").is_some_and(|(before, module)| module == name && !before.starts_with("//"))
    };
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| declares(line))?;
    let gate = lines[..at].iter().rev().take_while(|line| line.trim_start().starts_with("#["));
    Some(gate.copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_island_is_known_by_its_mark() {
        let text = "//! Not `#[island]`.\n\n#[island]\npub fn Checker(rules: RuleSet) -> impl IntoView {}\n\
            \n#[island(lazy)]\n#[expect(dead_code)]\nfn Chart<T>() {}\n\nfn helper() {}\n";
        assert_eq!(islands_in(text), ["Checker", "Chart"]);
    }

    #[test]
    fn an_exported_island_ends_in_a_hash() {
        let script = "export function Checker_2a21ba1fcdb0d657(el) {\nexport function hydrate() {\n\
            export function set_panic_hook() {\nfunction Own_2a21ba1fcdb0d657(a) {\n";
        assert_eq!(exported_islands(script), BTreeSet::from(["Checker".to_owned()]));
    }

    #[test]
    fn a_module_is_gated_by_the_attributes_right_above_it() {
        let text =
            "#[cfg(feature = \"ssr\")]\npub mod http;\n#[cfg(feature = \"checker\")]\npub mod island;\nmod plain;\n";
        assert_eq!(gate_of(text, "island").unwrap(), "#[cfg(feature = \"checker\")]");
        assert_eq!(gate_of(text, "plain").unwrap(), "");
        assert_eq!(gate_of(text, "other"), None);
    }
}
