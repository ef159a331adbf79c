//! Whether the API does what its description says: Schemathesis makes requests out of the description, sound and unsound
//! ones, and holds each answer against it.

use std::{env, path::Path};

use anyhow::{Context, Result};

use super::{LOGS, site::Site};
use crate::{
    command::{bound_program, run},
    setup::SCHEMATHESIS,
};

/// Asks the running site, at most `examples` times for each address and kind of request. The same seed asks the same.
pub fn check(site: &Site, examples: u32, seed: Option<u32>) -> Result<()> {
    let program = env::current_dir().context("there is no current folder")?.join(SCHEMATHESIS);
    let mut schemathesis = bound_program(&program.to_string_lossy());
    // It leaves folders of its own where it runs.
    schemathesis.current_dir(Path::new(LOGS));
    schemathesis.arg("run").arg(format!("{}/api/v1/openapi.json", site.url()));
    schemathesis.args(["--checks", "all", "--max-examples", &examples.to_string()]);
    // A busy machine is no fault of the API's.
    schemathesis.args(["--suppress-health-check", "all", "--generation-database", "none"]);
    schemathesis.args(["--report", "junit", "--report-junit-path", "schemathesis.xml", "--no-color"]);
    if let Some(seed) = seed {
        schemathesis.args(["--seed", &seed.to_string()]);
    }
    // Whatever proxy the machine has for the world outside.
    run(schemathesis.env("NO_PROXY", "localhost").env("no_proxy", "localhost"))
}
