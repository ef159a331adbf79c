//! The Rust tests, by cargo-nextest.

use std::{
    io::{BufRead, BufReader, IsTerminal},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use super::{
    report::{Counts, Report},
    site::{without_colours, without_settings},
};
use crate::{build, toolchain::Toolchain};

/// Xtask's own tests first, then the product's: apart, because together they would be built with one another's features,
/// and so once more than `cargo xtask serve` has built them.
pub fn run(toolchain: &Toolchain, filters: &[&str], variables: &[(&str, String)], report: &mut Report) {
    for packages in [&["--package", "xtask"][..], &build::PACKAGES[..]] {
        run_packages(packages, toolchain, filters, variables, report);
    }
}

pub fn run_packages(
    packages: &[&str],
    toolchain: &Toolchain,
    filters: &[&str],
    variables: &[(&str, String)],
    report: &mut Report,
) {
    let mut command = without_settings(toolchain.cargo());
    command.args(["nextest", "run"]).args(packages).args(["--no-fail-fast", "--color", colour()]);
    command.arg(if filters.is_empty() { "--no-tests=fail" } else { "--no-tests=pass" }).arg("--").args(filters);
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    match watch(&mut command) {
        Ok((mut counts, complaint)) => {
            // To nextest, a test that no filter names is a skipped one.
            counts.skipped *= usize::from(filters.is_empty());
            report.add("nextest", counts, complaint);
        }
        Err(error) => report.add("nextest", Counts::default(), Some(format!("{error:#}"))),
    }
}

fn colour() -> &'static str {
    if std::io::stderr().is_terminal() { "always" } else { "never" }
}

/// Passes on what nextest prints, and reads the counts from its last line.
fn watch(command: &mut Command) -> Result<(Counts, Option<String>)> {
    let mut child = command.stderr(Stdio::piped()).spawn().context("cannot start cargo")?;
    let mut counts = None;
    let stderr = child.stderr.take().map(BufReader::new);
    // Bytes, because a test may print what is not UTF-8.
    for line in stderr.into_iter().flat_map(|stderr| stderr.split(b'\n')) {
        let line = line.context("cannot read what cargo prints")?;
        let line = String::from_utf8_lossy(&line);
        eprintln!("{line}");
        counts = read_summary(&without_colours(&line)).or(counts);
    }
    let status = child.wait().context("cannot wait for cargo")?;
    let complaint = (!status.success()).then(|| format!("ended with {status}, see above"));
    Ok((counts.unwrap_or_default(), complaint))
}

/// `Summary [   0.005s] 12 tests run: 9 passed (1 slow), 2 failed, 1 timed out, 3 skipped`.
fn read_summary(line: &str) -> Option<Counts> {
    let (_, rest) = line.trim().strip_prefix("Summary [")?.split_once(']')?;
    let (_, outcomes) = rest.split_once(" run: ")?;
    let mut counts = Counts::default();
    for outcome in without_parentheses(outcomes).split(',') {
        let (number, what) = outcome.trim().split_once(' ')?;
        let number: usize = number.parse().ok()?;
        match what.trim() {
            "passed" => counts.passed += number,
            "skipped" => counts.skipped += number,
            _ => counts.failed += number,
        }
    }
    Some(counts)
}

fn without_parentheses(text: &str) -> String {
    let mut parts = text.split('(');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once(')').map_or(part, |(_, rest)| rest));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_from_the_summary() {
        let line =
            "     Summary [   0.005s] 12 tests run: 9 passed (1 slow, 2 flaky), 2 failed, 1 timed out, 4 skipped";
        assert_eq!(read_summary(line), Some(Counts { passed: 9, failed: 3, skipped: 4 }));
        let line = "     Summary [   1.234s] 1 test run: 1 passed, 0 skipped";
        assert_eq!(read_summary(line), Some(Counts { passed: 1, failed: 0, skipped: 0 }));
        assert_eq!(read_summary("        PASS [   0.004s] app day::tests::summary"), None);
    }
}
