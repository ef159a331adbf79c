//! `cargo xtask soak`: the tests that live by chance, for as long as patience lasts.

use std::{
    collections::hash_map::RandomState,
    env,
    hash::{BuildHasher, Hasher},
    process::ExitCode,
};

use anyhow::{Context, Result};

use super::{browser, mail::Mail, nextest, prepare, report::Report, schema, site::Site};
use crate::{build, setup};

/// The tests that heed the variables below.
const TESTS: [&str; 4] =
    ["whatever_is_sent", "triage::properties", "thousands_of_wrong_passwords", "whatever_is_killed"];

/// Random requests to the checker and the API.
const REQUESTS: (&str, u64) = ("SCIATICALM_SOAK", 50_000);
/// Random answers for each property of the rules.
const ANSWERS: (&str, u64) = ("SCIATICALM_SOAK_ANSWERS", 100_000);
/// Requests that Schemathesis makes up, for each address and kind.
const EXAMPLES: (&str, u64) = ("SCIATICALM_SOAK_EXAMPLES", 5_000);
/// Wrong passwords for one account.
const PASSWORDS: (&str, u64) = ("SCIATICALM_SOAK_PASSWORDS", 10_000);
/// How often the server is killed while two devices sync, and a device’s tab or browser.
const KILLS: (&str, u64) = ("SCIATICALM_SOAK_KILLS", 500);
/// What chance starts from.
const SEED: &str = "SCIATICALM_SOAK_SEED";

/// In a folder of its own, with every check of a development build: ten times as fast, and worth the minutes it takes to build.
const OPTIMISED: [(&str, &str); 2] = [("CARGO_PROFILE_DEV_OPT_LEVEL", "1"), ("CARGO_TARGET_DIR", "target/soak")];

pub fn soak() -> Result<ExitCode> {
    let examples = u32::try_from(count(EXAMPLES)?).with_context(|| format!("{} is too large", EXAMPLES.0))?;
    let seed = count((SEED, chance()))?;
    let counts = [REQUESTS, ANSWERS, PASSWORDS, KILLS];
    let mut variables = vec![(SEED, seed.to_string())];
    for variable in counts {
        variables.push((variable.0, count(variable)?.to_string()));
    }
    let wasm = setup::for_tests()?;
    prepare()?;
    for (name, n) in &variables {
        eprintln!("{name}={n}");
    }
    let mut report = Report::default();
    let built_for_it = OPTIMISED.map(|(name, value)| (name, value.to_owned()));
    let for_tests: Vec<(&str, String)> = variables.iter().cloned().chain(built_for_it).collect();
    nextest::run_packages(&build::PACKAGES, &wasm.toolchain, &TESTS, &for_tests, &mut report);
    let built = build::site(&wasm).and_then(|()| build::server(&wasm.toolchain));
    let mail =
        report.must("the site builds", built).and_then(|()| report.must("the mail server starts", Mail::start()));
    let Some(mail) = mail else { return Ok(report.close()) };
    if let Some(site) = report.must("the site starts", Site::start("soak", None, Some(&mail))) {
        report.check("the API does what its description says", schema::check(&site, examples, None));
        browser::run_by_chance(&site, &mail, &variables, &mut report);
        report.check("no error line in the server log", site.stop_without_errors());
    }
    Ok(report.close())
}

/// As often as the variable says, where it is set.
fn count((variable, usual): (&str, u64)) -> Result<u64> {
    match env::var(variable) {
        Ok(number) => number.parse().with_context(|| format!("{variable} is not a number")),
        Err(_) => Ok(usual),
    }
}

/// Another number each time: a soak that asks the same again finds nothing new.
fn chance() -> u64 {
    RandomState::new().build_hasher().finish()
}
