//! The stylesheets: each SCSS file of `style/` that is not a part of another becomes one CSS file.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use grass::{Options, OutputStyle};

use crate::assets::Asset;

const STYLE: &str = "style";

pub fn build() -> Result<Vec<Asset>> {
    stylesheets()?.iter().map(|stem| compile(stem)).collect()
}

/// The stems of the stylesheets, in order. A name that begins with `_` is a part.
fn stylesheets() -> Result<Vec<String>> {
    let mut stems = Vec::new();
    for entry in fs::read_dir(STYLE).context("cannot list style/")? {
        let name = entry.context("cannot list style/")?.file_name().to_string_lossy().into_owned();
        if let Some(stem) = name.strip_suffix(".scss").filter(|stem| !stem.starts_with('_')) {
            stems.push(stem.to_owned());
        }
    }
    stems.sort();
    Ok(stems)
}

fn compile(stem: &str) -> Result<Asset> {
    let options = Options::default()
        .style(OutputStyle::Compressed)
        // What is vendored warns of its own coming changes; we have what we have.
        .quiet(true)
        .load_paths(&[Path::new(STYLE), Path::new("style/vendor")]);
    let css = grass::from_path(format!("{STYLE}/{stem}.scss"), &options)
        .map_err(|error| anyhow::anyhow!("style/{stem}.scss does not compile: {error}"))?;
    Ok(Asset { name: format!("{stem}.css"), content: css.into_bytes() })
}
