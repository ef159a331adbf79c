//! The `sciaticalm` program.

use std::process::ExitCode;

use clap::Parser;
use server::{config::Cli, run};

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, with the causes: what happened, and where it says so, what to do.
            eprintln!("sciaticalm: {error:#}");
            ExitCode::FAILURE
        }
    }
}
