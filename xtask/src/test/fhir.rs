//! Whether what a patient takes to a clinic is FHIR R4: the bundles that a test of the server wrote, held against the
//! published models of it.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    command::{program, run},
    setup::FHIR,
};

/// Where the test writes them, and how many.
const BUNDLES: &str = "target/tmp/fhir";
const COUNT: &str = "100";

/// Removes what an earlier run wrote.
pub fn prepare() -> Result<()> {
    if !Path::new(BUNDLES).exists() {
        return Ok(());
    }
    fs::remove_dir_all(BUNDLES).with_context(|| format!("cannot empty {BUNDLES}"))
}

/// After the Rust tests.
pub fn check() -> Result<()> {
    run(program(FHIR).args(["xtask/src/test/bundles.py", BUNDLES, COUNT]))
}
