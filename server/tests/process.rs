//! The program as an administrator meets it: starts, refuses to start with one clear line, finishes what is in flight.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sciaticalm"));
    command
        .env("SCIATICALM_DATA_DIR", folder)
        .env("SCIATICALM_ADDR", "127.0.0.1:0")
        .env_remove("SCIATICALM_DATABASE_URL");
    command
}

/// It must fail, and say why in one line that holds each of these.
fn fails_saying(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("sciaticalm: ")).collect();
    assert!(!output.status.success(), "it did not fail: {said}");
    assert_eq!(lines.len(), 1, "{said}");
    for word in words {
        assert!(lines[0].contains(word), "{word:?} is not in {said}");
    }
}

#[test]
fn a_port_in_use_is_said_in_one_line() {
    let folder = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let output = program(folder.path()).env("SCIATICALM_ADDR", &addr).arg("serve").output().unwrap();
    fails_saying(&output, &[&addr, "another program", "SCIATICALM_ADDR"]);
}

#[test]
fn a_data_folder_that_cannot_be_written_is_said_in_one_line() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("a-file");
    fs::write(&file, "").unwrap();
    fails_saying(&program(&file).arg("serve").output().unwrap(), &["a-file", "SCIATICALM_DATA_DIR"]);
}

#[test]
fn a_database_that_cannot_be_reached_is_said_in_one_line_without_its_password() {
    let folder = TempDir::new().unwrap();
    let url = "postgres://someone:secret@127.0.0.1:1/nothing";
    let output = program(folder.path()).env("SCIATICALM_DATABASE_URL", url).arg("migrate").output().unwrap();
    fails_saying(&output, &["postgres", "SCIATICALM_DATABASE_URL"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("secret"));
    let output = program(folder.path()).env("SCIATICALM_DATABASE_URL", "mysql://x").arg("migrate").output().unwrap();
    fails_saying(&output, &["sqlite:", "postgres:"]);
}

#[test]
fn a_database_of_a_newer_program_is_refused() {
    let folder = TempDir::new().unwrap();
    assert!(program(folder.path()).arg("migrate").output().unwrap().status.success());
    let file = folder.path().join("sciaticalm.db");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display())).await.unwrap();
        sqlx::raw_sql(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (9999, 'newer', true, x'00', 0)",
        )
        .execute(&pool)
        .await
        .unwrap();
        pool.close().await;
    });
    fails_saying(&program(folder.path()).arg("migrate").output().unwrap(), &["9999"]);
}

#[test]
fn import_saves_the_good_and_names_the_bad() {
    let folder = TempDir::new().unwrap();
    let texts = folder.path().join("texts");
    fs::create_dir(&texts).unwrap();
    let good = "+++\ntitle = \"Rest\"\nsummary = \"S.\"\npublished = \"2025-10-18\"\nreviewed = \"2026-01-01\"\n\
                review_due = \"2027-01-01\"\ntags = [\"health\"]\n+++\n\nText.\n";
    fs::write(texts.join("rest.md"), good).unwrap();
    fs::write(texts.join("bad.md"), good.replace("Text.", "::: danger\nx\n:::")).unwrap();
    fs::write(texts.join("bytes.md"), b"+++\n\xff\n+++\n").unwrap();
    let output = program(folder.path()).arg("import").arg(&texts).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success());
    assert!(said.contains("1 saved, 0 unchanged, 2 not imported."), "{said}");
    assert!(said.contains("bad.md, line 10:") && said.contains("bytes.md, line 2: it is not UTF-8 text"), "{said}");
}

/// A running server, ended when dropped.
struct Serving {
    child: Child,
    addr: String,
    _folder: TempDir,
}

impl Serving {
    fn start() -> Self {
        Self::start_with(&[])
    }

    fn start_with(settings: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut program = program(folder.path());
        program.arg("serve").envs(settings.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = program.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (_, port) = line.trim().rsplit_once(':').unwrap_or_else(|| panic!("it did not start: {line:?}"));
        Self { child, addr: format!("127.0.0.1:{port}"), _folder: folder }
    }

    /// The first line of the answer to a request that says it was forwarded for `address`.
    fn rules_for(&self, address: &str) -> String {
        let mut stream = TcpStream::connect(&self.addr).unwrap();
        let head = format!("GET /api/v1/rules HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-forwarded-for: {address}");
        stream.write_all(format!("{head}\r\n\r\n").as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).lines().next().unwrap().to_owned()
    }

    fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn told_to_stop_it_finishes_what_is_in_flight() {
    let mut serving = Serving::start();
    let body = "screen=sudden&chest=yes";
    let mut request = TcpStream::connect(&serving.addr).unwrap();
    let head = format!(
        "POST /seek-help HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    request.write_all(head.as_bytes()).unwrap();
    // The server says "100 Continue" once the handler waits for the body: only then is the request in flight.
    let mut begun = [0; 12];
    request.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"HTTP/1.1 100");
    serving.terminate();
    // No new connection is taken once the signal has arrived.
    while TcpStream::connect(&serving.addr).is_ok() {
        std::thread::yield_now();
    }
    request.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    request.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 200 OK") && answer.contains("Call 999 or go to A&amp;E now"), "{answer}");
    assert!(serving.child.wait().unwrap().success());
}

#[test]
fn the_api_is_limited_by_address_and_a_forwarded_one_is_believed_of_our_own_proxies_alone() {
    for (proxies, expected) in [("0", 429), ("1", 200)] {
        let settings = [("SCIATICALM_API_RATE", "1"), ("SCIATICALM_TRUSTED_PROXIES", proxies)];
        let serving = Serving::start_with(&settings);
        let answers: Vec<String> = (1..=12).map(|n| serving.rules_for(&format!("203.0.113.{n}"))).collect();
        assert!(answers[0].starts_with("HTTP/1.1 200"), "{answers:?}");
        assert_eq!(answers.iter().any(|line| line.starts_with("HTTP/1.1 429")), expected == 429, "{answers:?}");
    }
}
