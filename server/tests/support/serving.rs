//! The program in a process of its own, as whoever runs a site starts it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};

use tempfile::{NamedTempFile, TempDir};

/// The program with its data in a folder, on a port that is free, which asks no other site; with no other setting.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sciaticalm"));
    command
        .env("SCIATICALM_DATA_DIR", folder)
        .env("SCIATICALM_ADDR", "127.0.0.1:0")
        .env("SCIATICALM_CHECK_LINKS", "false")
        .env_remove("SCIATICALM_DATABASE_URL")
        .env_remove("SCIATICALM_KEYS_URL");
    command
}

/// A running server, killed when dropped.
pub struct Serving {
    child: Child,
    pub addr: String,
    pub folder: PathBuf,
    log: NamedTempFile,
    /// The folder, where it is the server's own.
    own: Option<TempDir>,
}

impl Serving {
    pub fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// In a folder of its own.
    pub fn start_with(set: impl FnOnce(&mut Command)) -> Self {
        let own = TempDir::new().unwrap();
        let mut serving = Self::start_in(own.path(), set);
        serving.own = Some(own);
        serving
    }

    pub fn start_in(folder: &Path, set: impl FnOnce(&mut Command)) -> Self {
        let log = NamedTempFile::new().unwrap();
        let mut command = program(folder);
        set(&mut command);
        let stderr = log.reopen().unwrap();
        let mut child = command.arg("serve").stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some((_, port)) = line.trim().rsplit_once(':') else {
            panic!("it did not start: {line:?}; {}", fs::read_to_string(log.path()).unwrap());
        };
        Self { child, addr: format!("127.0.0.1:{port}"), folder: folder.to_owned(), log, own: None }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.log.path()).unwrap()
    }

    pub fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"))
    }

    pub fn post(&self, path: &str, body: &str) -> String {
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// The whole answer, from its status line on.
    pub fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.addr).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The status line of the answer.
    pub fn status(&self, path: &str) -> String {
        self.get(path).lines().next().unwrap_or_default().to_owned()
    }

    /// KB of memory, by their name in the process's status.
    pub fn memory(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// The most memory it had (`VmHWM:`) is counted from here on.
    pub fn forget_most_memory(&self) {
        fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
    }

    /// TERM, or HUP.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Waits for it to end by itself.
    pub fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// By SIGKILL.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.kill();
    }
}
