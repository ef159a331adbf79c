//! The tests in a browser, by Playwright.

use std::{fs, process::Command};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{
    LOGS,
    mail::Mail,
    report::{Counts, Report},
    site::Site,
};
use crate::command::bound_program;

pub fn run(filters: &[&str], sqlite: &Site, postgres: &Site, mail: &Mail, report: &mut Report) {
    let mut playwright = playwright(sqlite);
    if !filters.is_empty() {
        playwright.args(["--pass-with-no-tests", "--grep", &pattern(filters)]);
    }
    playwright.env("SCIATICALM_POSTGRES_SITE_URL", postgres.url());
    playwright.env("SCIATICALM_TEST_MAIL_URL", mail.letters_url()).env("SCIATICALM_TEST_DATA_DIR", sqlite.folder());
    tell(play(playwright), report);
}

/// Those that live by chance alone, as often as the variables say: the checker's wasm against the server, and the tracker
/// in a browser that is killed.
pub fn run_by_chance(site: &Site, mail: &Mail, variables: &[(&str, String)], report: &mut Report) {
    let mut playwright = playwright(site);
    playwright.args(["--project", "desktop", "same-answers", "crash.spec"]);
    playwright.envs(variables.iter().map(|(name, value)| (name, value)));
    playwright.env("SCIATICALM_TEST_MAIL_URL", mail.letters_url());
    tell(play(playwright), report);
}

fn playwright(site: &Site) -> Command {
    let mut playwright = bound_program("node_modules/.bin/playwright");
    playwright.current_dir("end2end").args(["test", "--forbid-only"]).env("SCIATICALM_URL", site.url());
    playwright
}

fn tell(played: Result<(Counts, Option<String>)>, report: &mut Report) {
    match played {
        Ok((counts, complaint)) => report.add("Playwright", counts, complaint),
        Err(error) => report.add("Playwright", Counts::default(), Some(format!("{error:#}"))),
    }
}

fn play(mut playwright: Command) -> Result<(Counts, Option<String>)> {
    let status = playwright.status().context("cannot start Playwright")?;
    let complaint = (!status.success()).then(|| format!("ended with {status}, see above"));
    Ok((counts()?, complaint))
}

/// A regular expression for names that contain one of the filters as they stand.
fn pattern(filters: &[&str]) -> String {
    let quote = |filter: &&str| -> String {
        let special = |c: char| c.is_ascii_punctuation();
        filter.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
    };
    filters.iter().map(quote).collect::<Vec<_>>().join("|")
}

/// From the report that end2end/playwright.config.ts asks for.
fn counts() -> Result<Counts> {
    let path = format!("{LOGS}/playwright.json");
    let text = fs::read_to_string(&path).with_context(|| format!("Playwright left no {path}"))?;
    let report: Value = serde_json::from_str(&text).with_context(|| format!("cannot understand {path}"))?;
    let number = |what| usize::try_from(report["stats"][what].as_u64().unwrap_or(0)).unwrap_or(usize::MAX);
    // A test that fails and then passes has failed once too often.
    Ok(Counts {
        passed: number("expected"),
        failed: number("unexpected") + number("flaky"),
        skipped: number("skipped"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_words_not_patterns() {
        assert_eq!(pattern(&["print", "a.b (c)"]), r"print|a\.b \(c\)");
    }
}
