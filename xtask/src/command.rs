//! Running other programs.

use std::{
    env,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

/// A command without what `cargo run` adds for this program alone: build scripts that watch those variables (`ring`'s
/// does) would run again at every change between `cargo build` and `cargo xtask`.
pub fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    for (variable, _) in env::vars_os() {
        let variable = variable.to_string_lossy();
        if variable == "CARGO" || variable.starts_with("CARGO_PKG_") || variable.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*variable);
        }
    }
    command
}

/// A program that is ended when this one ends, in whatever way, a kill included.
pub fn bound_program(name: &str) -> Command {
    let mut command = program("setpriv");
    command.args(["--pdeathsig", "TERM", "--", name]);
    command
}

/// Runs a command to its end, its output in the terminal; an error if it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", in_words(command)))?;
    ensure!(status.success(), "{} failed ({status})", in_words(command));
    Ok(())
}

/// Runs a command and returns what it printed; an error, with its complaint, if it fails.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {}", in_words(command)))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} failed ({}): {}", in_words(command), output.status, complaint.trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a command is there and succeeds; its output is dropped.
pub fn succeeds(command: &mut Command) -> bool {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// The command as one would type it.
fn in_words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    format!("`{}`", words.join(" "))
}
