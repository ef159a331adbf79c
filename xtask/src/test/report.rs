//! What passed and what failed, and the last line that says so.

use std::{ops::AddAssign, process::ExitCode};

use anyhow::Result;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl Counts {
    pub fn ran(self) -> usize {
        self.passed + self.failed
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
        self.skipped += more.skipped;
    }
}

#[derive(Debug, Default)]
pub struct Report {
    counts: Counts,
    /// How many of them are the runners': this program's own checks alone are no test run.
    by_runners: usize,
    /// What failed, told again at the end, where it is seen.
    failures: Vec<String>,
}

impl Report {
    /// One test of this program's own.
    pub fn check<T>(&mut self, name: &str, result: Result<T>) -> Option<T> {
        if result.is_ok() {
            self.counts.passed += 1;
            eprintln!("ok: {name}");
        }
        self.must(name, result)
    }

    /// What tests need, and what is no test while it succeeds.
    pub fn must<T>(&mut self, name: &str, result: Result<T>) -> Option<T> {
        result.inspect_err(|error| self.fail(format!("{name}: {error:#}"))).ok()
    }

    fn fail(&mut self, failure: String) {
        self.counts.failed += 1;
        eprintln!("FAILED: {failure}");
        self.failures.push(failure);
    }

    /// What a test runner counted. `complaint` is for a failure that it did not count.
    pub fn add(&mut self, runner: &str, counts: Counts, complaint: Option<String>) {
        self.counts += counts;
        self.by_runners += counts.ran();
        if counts.failed > 0 {
            self.failures.push(format!("{runner}: {} failed, named above", counts.failed));
        } else if let Some(complaint) = complaint {
            self.fail(format!("{runner}: {complaint}"));
        }
    }

    /// Prints the closing lines.
    pub fn close(mut self) -> ExitCode {
        if self.by_runners == 0 {
            self.fail("no test ran".to_owned());
        }
        if !self.failures.is_empty() {
            eprintln!("\nFailed:");
        }
        for failure in &self.failures {
            eprintln!("  {failure}");
        }
        println!("{}", self.closing_line());
        if self.counts.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn closing_line(&self) -> String {
        let Counts { passed, failed, skipped } = self.counts;
        let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
        format!("{passed} passed, {failed} failed{skipped}")
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn the_closing_line_adds_runners_and_checks() {
        let mut report = Report::default();
        report.check("one", Ok(()));
        report.check::<()>("two", Err(anyhow!("no")));
        report.add("runner", Counts { passed: 40, failed: 1, skipped: 0 }, Some("exit code 1".into()));
        assert_eq!(report.closing_line(), "41 passed, 2 failed");
        report.add("runner", Counts { passed: 0, failed: 0, skipped: 3 }, None);
        assert_eq!(report.closing_line(), "41 passed, 2 failed, 3 skipped");
    }

    #[test]
    fn a_runner_that_fails_without_a_failed_test_is_a_failure() {
        let mut report = Report::default();
        report.add("runner", Counts::default(), Some("does not compile".into()));
        assert_eq!(report.closing_line(), "0 passed, 1 failed");
    }

    #[test]
    fn what_tests_need_is_counted_only_when_it_fails() {
        let mut report = Report::default();
        report.must("database", Ok(()));
        report.must::<()>("database", Err(anyhow!("no")));
        assert_eq!(report.closing_line(), "0 passed, 1 failed");
    }
}
