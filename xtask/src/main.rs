//! The project's own commands. They need Rust, Node and git, and see to the rest themselves.

mod assets;
mod build;
mod command;
mod serve;
mod setup;
mod style;
mod test;
mod toolchain;
mod wasm;

use std::{env, path::Path, process::ExitCode};

use anyhow::{Context, Result};

const USAGE: &str = "\
The project's own commands:

  cargo xtask serve              set up what is missing, build, and serve at http://localhost:3000
  cargo xtask test [FILTER…]     every test; with filters, only the tests whose names contain one of them
  cargo xtask soak               the tests that live by chance, for longer (see README.md)
  cargo xtask bench [NAME]       how long the decision, signing in, saving and the desk take (optimised: minutes to build);
                                 with a name, only assess, accounts, desk or tracker
  cargo xtask build              what serving needs, without serving
  cargo xtask build --release    one binary with the site inside: target/release/sciaticalm

The settings of `serve` are environment variables: see `target/debug/sciaticalm serve --help`.";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nError: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    go_to_workspace()?;
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve"] => serve::serve().map(|()| ExitCode::SUCCESS),
        ["test", filters @ ..] if filters.iter().all(|filter| !filter.starts_with('-')) => test::test(filters),
        ["soak"] => test::soak::soak(),
        ["bench"] => bench("*").map(|()| ExitCode::SUCCESS),
        ["bench", name @ ("assess" | "accounts" | "desk" | "tracker")] => bench(name).map(|()| ExitCode::SUCCESS),
        ["build"] => build::for_development().map(|()| ExitCode::SUCCESS),
        ["build", "--release"] => build::for_release().map(|()| ExitCode::SUCCESS),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprintln!("There is no `cargo xtask {}`.\n\n{USAGE}", words.join(" "));
            Ok(ExitCode::from(2))
        }
    }
}

/// Criterion prints the figures, and keeps them in target/criterion to compare the next ones with.
fn bench(name: &str) -> Result<()> {
    assets::make_folders()?;
    let figures = env::current_dir()?.join("target/criterion");
    let mut cargo = toolchain::Toolchain::in_use()?.cargo();
    let postgres = test::postgres::Postgres::start_durable()?;
    cargo.env("SCIATICALM_BENCH_POSTGRES_URL", postgres.create_database("bench")?);
    command::run(cargo.args(["bench", "--package", "bench", "--bench", name]).env("CRITERION_HOME", figures))
}

/// Every path in this program is relative to the workspace.
fn go_to_workspace() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask is not in a workspace")?;
    env::set_current_dir(root).with_context(|| format!("cannot enter {}", root.display()))
}
