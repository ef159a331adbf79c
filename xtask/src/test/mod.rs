//! `cargo xtask test`: every test there is, in the order in which a failure is cheapest to know.

mod browser;
mod budget;
mod calendars;
mod deny;
mod fhir;
mod islands;
mod mail;
mod nextest;
pub mod postgres;
mod process;
mod report;
mod schema;
mod site;
pub mod soak;

use std::{fs, process::ExitCode};

use anyhow::{Context, Result};

use self::{mail::Mail, postgres::Postgres, report::Report, site::Site};
use crate::{
    assets, build,
    command::run,
    setup,
    wasm::{Browser, ENTRIES},
};

/// What the programs under test say goes here.
const LOGS: &str = "target/test-logs";

/// How often Schemathesis asks, and from what seed: a test that fails today fails tomorrow.
const EXAMPLES: u32 = 50;
const SEED: u32 = 1;

/// With filters, only the tests whose names contain one of them, and none of this program's own checks.
pub fn test(filters: &[&str]) -> Result<ExitCode> {
    let browser = setup::for_tests()?;
    prepare()?;
    let mut report = Report::default();
    if filters.is_empty() {
        check_sources(&browser, &mut report);
    }
    let site_built = report.check("the site builds", build::site(&browser)).is_some();
    let server_built = report.check("the server builds", build::server(&browser.toolchain)).is_some();
    if filters.is_empty() && site_built {
        check_site(&mut report);
    }
    if server_built {
        run_tests(&browser, filters, site_built, &mut report);
    }
    Ok(report.close())
}

/// Leaves no log of an earlier run that could be read as this one's.
fn prepare() -> Result<()> {
    assets::make_folders()?;
    if fs::exists(LOGS).with_context(|| format!("cannot look for {LOGS}"))? {
        fs::remove_dir_all(LOGS).with_context(|| format!("cannot empty {LOGS}"))?;
    }
    fs::create_dir_all(LOGS).with_context(|| format!("cannot make {LOGS}"))?;
    process::remove_abandoned_folders()
}

fn check_sources(browser: &Browser, report: &mut Report) {
    let mut format = browser.toolchain.cargo();
    report.check("rustfmt has nothing to change", run(format.args(["fmt", "--all", "--check"])));
    let mut lint = browser.toolchain.cargo();
    let lint = lint.args(["clippy", "--all-targets", "--", "-D", "warnings"]);
    report.check("clippy finds nothing in the server, the app and xtask", run(lint));
    for entry in ENTRIES {
        let mut lint = browser.cargo("clippy", entry);
        let name = format!("clippy finds nothing in the {entry} for the browser");
        report.check(&name, run(lint.args(["--", "-D", "warnings"])));
    }
    deny::check(report);
    report.check("another program reads the calendars of reminders as they are meant", calendars::check());
}

fn check_site(report: &mut Report) {
    for budget in budget::ALL {
        report.check(&budget.to_string(), budget.check());
    }
    report.check("every file of the site has a budget", budget::check_all_files_have_one());
    for entry in ENTRIES {
        report.check(&format!("the {entry}'s script starts its islands and no others"), islands::check(entry));
    }
}

/// The runners, and the databases and servers that they need.
fn run_tests(browser: &Browser, filters: &[&str], site_built: bool, report: &mut Report) {
    let postgres = report.must("PostgreSQL starts", Postgres::start());
    let variables = postgres.as_ref().map(|postgres| {
        [("SCIATICALM_TEST_POSTGRES_URL", postgres.url()), ("SCIATICALM_TEST_POSTGRES_DATA", postgres.data())]
    });
    report.must("what earlier tests wrote is removed", fhir::prepare());
    nextest::run(&browser.toolchain, filters, variables.as_ref().map_or(&[], |variables| variables), report);
    if filters.is_empty() {
        report.check("what 100 patients take to a clinic is FHIR R4", fhir::check());
    }
    let Some(postgres) = postgres.filter(|_| site_built) else { return };
    let Some(mail) = report.must("the mail server starts", Mail::start()) else { return };
    let sqlite_site = report.must("the site starts on SQLite", Site::start("sqlite", None, Some(&mail)));
    let database = postgres.create_database("site");
    let postgres_site = database.and_then(|database| Site::start("postgres", Some(&database), Some(&mail)));
    let postgres_site = report.must("the site starts on PostgreSQL", postgres_site);
    if let (Some(sqlite_site), Some(postgres_site)) = (sqlite_site, postgres_site) {
        if filters.is_empty() {
            let result = schema::check(&sqlite_site, EXAMPLES, Some(SEED));
            report.check("the API does what its description says", result);
        }
        browser::run(filters, &sqlite_site, &postgres_site, &mail, report);
        let sites = [sqlite_site, postgres_site];
        report.check("no error line in the server log", sites.into_iter().try_for_each(Site::stop_without_errors));
    }
}
