//! Whether the dependencies are such as we may ship: their licences and sources always, and their known faults where the
//! list of those can be had.

use crate::{
    command::{program, run, succeeds},
    setup::CARGO_DENY,
};

use super::report::{Counts, Report};

pub fn check(report: &mut Report) {
    let deny = |words: &[&str]| run(program(CARGO_DENY).args(words));
    // "--offline" is about crates: the build has fetched them.
    let known = deny(&["--offline", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"]);
    report.check("cargo-deny finds nothing in the dependencies' licences and sources", known);
    if succeeds(program(CARGO_DENY).args(["fetch", "db"])) {
        let faults = deny(&["--offline", "check", "--hide-inclusion-graph", "advisories"]);
        report.check("cargo-deny knows of no fault in the dependencies", faults);
    } else {
        eprintln!("skipped: known faults of the dependencies, because RustSec's list cannot be fetched");
        report.add("cargo-deny", Counts { skipped: 1, ..Counts::default() }, None);
    }
}
