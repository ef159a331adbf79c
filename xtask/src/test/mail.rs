//! The mail server to which the sites under test send, and where the tests read what came.

use std::fs::File;

use anyhow::{Context, Result};

use super::{
    LOGS,
    process::{Running, free_port},
    site::is_ready,
};
use crate::command::bound_program;

#[derive(Debug)]
pub struct Mail {
    _server: Running,
    smtp: u16,
    letters: u16,
}

impl Mail {
    /// Starts it and waits until it can take a letter.
    pub fn start() -> Result<Self> {
        let (smtp, letters) = (free_port()?, free_port()?);
        let log = File::create(format!("{LOGS}/mail.log")).context("cannot write the mail server's log")?;
        let mut command = bound_program("node");
        command.current_dir("end2end").args(["mail.mjs", &smtp.to_string(), &letters.to_string()]);
        command.stdout(log.try_clone().context("cannot write the mail server's log")?).stderr(log);
        let mut server = Running::start("the mail server", &mut command)?;
        server.wait_until(|| is_ready(letters)).with_context(|| format!("see {LOGS}/mail.log"))?;
        Ok(Self { _server: server, smtp, letters })
    }

    /// Where the sites send their letters.
    pub fn smtp_url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.smtp)
    }

    /// Where the tests ask for them.
    pub fn letters_url(&self) -> String {
        format!("http://127.0.0.1:{}/letters", self.letters)
    }
}
