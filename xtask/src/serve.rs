//! `cargo xtask serve`: from nothing to a running site.

use std::os::unix::process::CommandExt;

use anyhow::{Context, Result};

use crate::{build, command::program};

pub const SERVER: &str = "target/debug/sciaticalm";

/// Builds what has changed and becomes the server, so that Ctrl-C and every other signal reach it and nobody else.
pub fn serve() -> Result<()> {
    build::for_development()?;
    let error = program(SERVER).arg("serve").exec();
    Err(error).with_context(|| format!("cannot start {SERVER}"))
}
