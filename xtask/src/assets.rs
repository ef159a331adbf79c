//! What a browser loads, as the server reads it: files in `target/site/assets` named for their content, each with its
//! compressed forms beside it, and `target/site/manifest.json`, which says what `base.css` is called today.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

const ASSETS: &str = "target/site/assets";
const MANIFEST: &str = "target/site/manifest.json";

/// What this program keeps from one run to the next.
pub const KEPT: &str = "target/xtask";

/// One file before it has its final name.
#[derive(Debug)]
pub struct Asset {
    /// As pages ask for it: `base.css`.
    pub name: String,
    pub content: Vec<u8>,
}

/// From the name that pages ask for to the name of the file.
pub type Manifest = BTreeMap<String, String>;

/// Held while the site is built and published. Cargo leaves the wasm of every entry at the same path, and a second build
/// beside this one would take the one for the other.
#[must_use]
#[derive(Debug)]
pub struct Hold {
    _lock: File,
}

pub fn hold() -> Result<Hold> {
    make_folders()?;
    let lock = File::create(Path::new(KEPT).join("lock")).context("cannot make the lock file")?;
    if let Err(TryLockError::WouldBlock) = lock.try_lock() {
        eprintln!("Waiting until another cargo xtask has built the site …");
    }
    lock.lock().context("cannot lock the lock file")?;
    Ok(Hold { _lock: lock })
}

/// The server's build expects the folder, even an empty one.
pub fn make_folders() -> Result<()> {
    for folder in [ASSETS, KEPT] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {folder}"))?;
    }
    Ok(())
}

/// Makes `assets` the whole site. New files first, then the manifest, then the old files go: a server that starts in
/// between finds every file that the manifest names.
pub fn publish(assets: &[Asset]) -> Result<()> {
    make_folders()?;
    let mut manifest = Manifest::new();
    for asset in assets {
        manifest.insert(asset.name.clone(), write_asset(asset)?);
    }
    let text = serde_json::to_string_pretty(&manifest)?;
    if !fs::read_to_string(MANIFEST).is_ok_and(|old| old == text) {
        write(Path::new(MANIFEST), text.as_bytes())?;
    }
    remove_all_but(&manifest)
}

pub fn read_manifest() -> Result<Manifest> {
    let text = fs::read_to_string(MANIFEST).with_context(|| format!("cannot read {MANIFEST}"))?;
    serde_json::from_str(&text).with_context(|| format!("cannot understand {MANIFEST}"))
}

/// The path of a published file, by its name in the manifest; `with` is `""`, `.br` or `.gz`.
pub fn path(file: &str, with: &str) -> PathBuf {
    Path::new(ASSETS).join(format!("{file}{with}"))
}

/// The hexadecimal SHA-256 of some bytes.
pub fn digest(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a file and its compressed forms, unless it is there already; returns its name. The plain file comes last, so
/// that where it is, all are.
fn write_asset(asset: &Asset) -> Result<String> {
    let file = hashed_name(asset);
    if !path(&file, "").is_file() {
        write(&path(&file, ".br"), &brotli(&asset.content)?)?;
        write(&path(&file, ".gz"), &gzip(&asset.content)?)?;
        write(&path(&file, ""), &asset.content)?;
    }
    Ok(file)
}

/// `base.css` → `base.0123456789ab.css`.
fn hashed_name(asset: &Asset) -> String {
    let hash = &digest(&asset.content)[..12];
    match asset.name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
        None => format!("{}.{hash}", asset.name),
    }
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, size_hint: content.len(), ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &parameters).context("cannot compress with brotli")?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).context("cannot compress with gzip")?;
    encoder.finish().context("cannot compress with gzip")
}

/// Writes elsewhere, then renames: nobody ever reads half a file. The process id keeps two runs apart.
pub fn write(path: &Path, content: &[u8]) -> Result<()> {
    let unfinished = Path::new(KEPT).join(format!("unfinished-{}", std::process::id()));
    fs::write(&unfinished, content).with_context(|| format!("cannot write {}", unfinished.display()))?;
    fs::rename(&unfinished, path).with_context(|| format!("cannot write {}", path.display()))
}

fn remove_all_but(manifest: &Manifest) -> Result<()> {
    let kept: BTreeSet<&str> = manifest.values().map(String::as_str).collect();
    for entry in fs::read_dir(ASSETS).with_context(|| format!("cannot list {ASSETS}"))? {
        let entry = entry.with_context(|| format!("cannot list {ASSETS}"))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let plain = name.strip_suffix(".br").or_else(|| name.strip_suffix(".gz")).unwrap_or(&name);
        if !kept.contains(plain) {
            fs::remove_file(entry.path()).with_context(|| format!("cannot remove {}", entry.path().display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_for_its_content() {
        let asset = Asset { name: "base.css".into(), content: b"a".to_vec() };
        assert_eq!(hashed_name(&asset), "base.ca978112ca1b.css");
    }

    #[test]
    fn compressed_forms_read_back_the_same() {
        use std::io::Read;

        let text = "An old phone, at night. ".repeat(100).into_bytes();
        let mut read_back = Vec::new();
        brotli::BrotliDecompress(&mut brotli(&text).unwrap().as_slice(), &mut read_back).unwrap();
        assert_eq!(read_back, text);
        let mut read_back = Vec::new();
        flate2::read::GzDecoder::new(gzip(&text).unwrap().as_slice()).read_to_end(&mut read_back).unwrap();
        assert_eq!(read_back, text);
    }
}
