//! The server under test, on a port and in a folder of its own.

use std::{
    env,
    fs::{self, File},
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use super::{
    LOGS,
    mail::Mail,
    process::{Folder, Running, free_port},
};
use crate::{command::bound_program, serve::SERVER};

#[derive(Debug)]
pub struct Site {
    // Dropped in this order: stopped, then removed.
    server: Running,
    folder: Folder,
    port: u16,
    log: PathBuf,
}

impl Site {
    /// Starts it on its own SQLite file, or on the database given, and waits until it can answer. Without a mail server
    /// it writes its letters into its folder.
    pub fn start(name: &str, database: Option<&str>, mail: Option<&Mail>) -> Result<Self> {
        let folder = Folder::make(&format!("site-{name}"))?;
        let port = free_port()?;
        let log = PathBuf::from(format!("{LOGS}/server-{name}.log"));
        let output = File::create(&log).context("cannot write the server's log")?;
        let mut command = without_settings(bound_program(SERVER));
        command.arg("serve").env("SCIATICALM_DATA_DIR", folder.path());
        command.env("SCIATICALM_ADDR", format!("127.0.0.1:{port}")).env("SCIATICALM_PUBLIC_URL", url(port));
        // The tests ask the API more often than anybody may.
        command.env("SCIATICALM_API_RATE", "1000000");
        // Each test comes from an address of its own, and every other limit stays on.
        command.env("SCIATICALM_TRUSTED_PROXIES", "1");
        // No test leaves this machine.
        command.env("SCIATICALM_CHECK_LINKS", "false");
        command.envs(mail.map(|mail| ("SCIATICALM_SMTP_URL", mail.smtp_url())));
        command.envs(database.map(|database| ("SCIATICALM_DATABASE_URL", database)));
        command.stdout(output.try_clone().context("cannot write the server's log")?).stderr(output);
        let mut server = Running::start("the server", &mut command)?;
        server.wait_until(|| is_ready(port)).with_context(|| format!("see {}", log.display()))?;
        Ok(Self { server, folder, port, log })
    }

    pub fn url(&self) -> String {
        url(self.port)
    }

    /// Where it keeps its data.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops it; an error if it would not stop or if it logged an error at any time.
    pub fn stop_without_errors(mut self) -> Result<()> {
        let status = self.server.stop()?;
        ensure!(status.success(), "the server did not stop cleanly ({status}); see {}", self.log.display());
        let log = fs::read_to_string(&self.log).with_context(|| format!("cannot read {}", self.log.display()))?;
        let errors: Vec<&str> = log.lines().filter(|line| is_error(line)).collect();
        ensure!(errors.is_empty(), "{}:\n    {}", self.log.display(), errors.join("\n    "));
        Ok(())
    }
}

/// The settings of the person who tests are not for what is tested; what begins with `SCIATICALM_TEST_` is.
pub fn without_settings(mut command: Command) -> Command {
    for (variable, _) in env::vars_os() {
        let variable = variable.to_string_lossy();
        if variable.starts_with("SCIATICALM_") && !variable.starts_with("SCIATICALM_TEST_") {
            command.env_remove(&*variable);
        }
    }
    command
}

fn url(port: u16) -> String {
    format!("http://localhost:{port}")
}

/// Whether `GET /readyz` is answered with 200.
pub fn is_ready(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let second = Duration::from_secs(1);
        let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), second)?;
        stream.set_read_timeout(Some(second))?;
        write!(stream, "GET /readyz HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n")?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        Ok(answer.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

/// Whether a log line, as text or as JSON, is of level ERROR.
fn is_error(line: &str) -> bool {
    let line = without_colours(line);
    line.split_whitespace().nth(1) == Some("ERROR") || line.contains(r#""level":"ERROR""#)
}

/// Without the escape sequences that colour a terminal.
pub fn without_colours(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_line_is_known_by_its_level_alone() {
        assert!(is_error("2026-11-22T17:40:00.000000Z ERROR server: the disk is full"));
        assert!(is_error("\u{1b}[2m2026-11-22T17:40:00.000000Z\u{1b}[0m \u{1b}[31mERROR\u{1b}[0m the disk is full"));
        assert!(is_error(r#"{"timestamp":"2026-11-22T17:40:00Z","level":"ERROR","fields":{}}"#));
        assert!(!is_error("2026-11-22T17:40:00.000000Z  INFO server: ERROR is a word"));
        assert!(!is_error("Sciaticalm is ready at http://localhost:3000"));
    }
}
