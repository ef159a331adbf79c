//! The program as an administrator meets it: starts, refuses to start with one clear line, finishes what is in flight.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    fs,
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use app::{audit, clock::Clock, db::Db};
use support::serving::{Serving, program};
use tempfile::TempDir;
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring, pki_types::CertificateDer,
};

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
fn a_site_that_would_tell_people_to_call_nothing_is_not_started() {
    let folder = TempDir::new().unwrap();
    for (variable, value, said) in [
        ("SCIATICALM_EMERGENCY_NUMBER", "", "Enter the emergency number"),
        ("SCIATICALM_URGENT_NUMBER", "the doctor", "must be one that a phone can dial"),
        ("SCIATICALM_TIME_ZONE", "Mars/Olympus", "SCIATICALM_TIME_ZONE"),
    ] {
        fails_saying(&program(folder.path()).env(variable, value).arg("serve").output().unwrap(), &[said]);
    }
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

/// One event in the folder's audit log, written by the library as the server does it.
async fn record_one(folder: &Path) {
    let db = Db::open(&format!("sqlite:{}", folder.join("sciaticalm.db").display())).await.unwrap();
    let event = audit::Event::new(&Clock::Fixed(1), audit::Actor::CommandLine, audit::Action::KeysRotated);
    audit::record(&db, event).await.unwrap();
    db.close().await;
}

#[test]
fn the_audit_log_is_verified_and_a_tampered_one_fails_with_its_number() {
    let folder = TempDir::new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let verify =
        |arguments: &[&str]| program(folder.path()).args(["audit", "verify"]).args(arguments).output().unwrap();
    runtime.block_on(record_one(folder.path()));
    let output = verify(&[]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("whole: 1 events") && said.contains("--noted"), "{said}");
    let noted = said.lines().find(|line| line.starts_with("1:")).unwrap();
    assert_eq!(noted.len(), "1:".len() + 64, "{said}");

    runtime.block_on(record_one(folder.path()));
    assert!(verify(&["--noted", noted]).status.success());
    let of_another_log = format!("1:{}", "0".repeat(64));
    fails_saying(&verify(&["--noted", &of_another_log]), &["event 1 has another hash"]);
    fails_saying(&verify(&["--noted", noted.replacen('1', "3", 1).as_str()]), &["event 3"]);

    runtime.block_on(async {
        let pool =
            sqlx::SqlitePool::connect(&format!("sqlite:{}/sciaticalm.db", folder.path().display())).await.unwrap();
        sqlx::query("update audit_event set actor = 'nobody' where number = 2").execute(&pool).await.unwrap();
        pool.close().await;
    });
    let output = verify(&[]);
    fails_saying(&output, &["the audit log is broken: event 2 was changed"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_mail_server_or_sender_that_cannot_be_used_is_said_in_one_line_without_its_password() {
    let folder = TempDir::new().unwrap();
    for (setting, value, word) in [
        ("SCIATICALM_SMTP_URL", "smtp://someone:secret@mail.example.org", "encryption"),
        ("SCIATICALM_SMTP_URL", "mail://someone:secret@127.0.0.1", "smtps://"),
        ("SCIATICALM_MAIL_FROM", "nobody", "no-reply@example.org"),
    ] {
        let output = program(folder.path()).env(setting, value).arg("serve").output().unwrap();
        fails_saying(&output, &[setting, word]);
        assert!(!String::from_utf8_lossy(&output.stderr).contains("secret"));
    }
}

#[test]
fn without_a_mail_server_the_log_says_where_letters_are() {
    let serving = Serving::start();
    let log = serving.log();
    let folder = serving.folder.join("mail");
    assert!(log.contains("SCIATICALM_SMTP_URL") && log.contains(&folder.display().to_string()), "{log}");
    let with_server = Serving::start_with(|command| {
        command.env("SCIATICALM_SMTP_URL", "smtps://someone:secret@mail.example.org");
    });
    let log = with_server.log();
    assert!(!log.contains("SCIATICALM_SMTP_URL") && !log.contains("secret"), "{log}");
}

#[test]
fn import_saves_all_or_names_the_bad() {
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
    assert!(said.contains("bad.md, line 10:") && said.contains("bytes.md, line 2: it is not UTF-8 text"), "{said}");
    for bad in ["bad.md", "bytes.md"] {
        fs::remove_file(texts.join(bad)).unwrap();
    }
    let output = program(folder.path()).arg("import").arg(&texts).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("articles: 1 new, 0 changed, 0 unchanged,"), "{said}");
}

/// The status line of the answer to a request that says it was forwarded for `address`.
fn rules_for(serving: &Serving, address: &str) -> String {
    let head = format!("GET /api/v1/rules HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-forwarded-for: {address}");
    serving.ask(&format!("{head}\r\n\r\n")).lines().next().unwrap().to_owned()
}

#[test]
fn a_rule_set_that_fails_its_checks_is_refused_and_the_site_says_so() {
    let serving = Serving::start_with(|command| {
        let folder = command.get_envs().find(|(name, _)| *name == "SCIATICALM_DATA_DIR").unwrap().1.unwrap();
        let broken = format!("{}\n[unfinished\n", app::content::text("triage/rules.toml").unwrap());
        fs::write(Path::new(folder).join("rules.toml"), broken).unwrap();
    });
    let version = app::content::rules().unwrap().version;
    let ready = serving.get("/readyz");
    assert!(ready.starts_with("HTTP/1.1 200") && ready.contains("\r\n\r\nready\nrules: the rule set in "), "{ready}");
    assert!(ready.contains(&format!("was refused (1 problem, see the log); using version {version}\n")), "{ready}");
    assert!(serving.log().contains("[unfinished"), "the log names the problem: {}", serving.log());
    assert!(serving.get("/seek-help/about").contains(&version));
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
    serving.signal("TERM");
    // No new connection is taken once the signal has arrived.
    while TcpStream::connect(&serving.addr).is_ok() {
        std::thread::yield_now();
    }
    request.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    request.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 200 OK") && answer.contains("Call 999 or go to A&amp;E now"), "{answer}");
    assert!(serving.ended().success());
}

/// Stands between the server and PostgreSQL, so that a test can take the database away and give it back.
struct Between {
    port: u16,
    database: String,
    open: Arc<Mutex<Vec<TcpStream>>>,
    listening: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl Between {
    /// Before the database is there.
    fn new(database: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { port, database: database.to_owned(), open: Arc::default(), listening: None }
    }

    fn give(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, open, database) = (Arc::clone(&stop), Arc::clone(&self.open), self.database.clone());
        let taking = thread::spawn(move || {
            while let Ok((near, _)) = listener.accept()
                && !stopped.load(Ordering::SeqCst)
            {
                let far = TcpStream::connect(&database).unwrap();
                open.lock().unwrap().extend([near.try_clone().unwrap(), far.try_clone().unwrap()]);
                for (mut from, mut to) in [(near.try_clone().unwrap(), far.try_clone().unwrap()), (far, near)] {
                    thread::spawn(move || {
                        let _ = io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        self.listening = Some((stop, taking));
    }

    fn take_away(&mut self) {
        let (stop, taking) = self.listening.take().unwrap();
        stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        taking.join().unwrap();
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

#[test]
fn the_checker_answers_while_postgres_is_not_there_and_the_rest_once_it_is() {
    let Ok(server) = std::env::var("SCIATICALM_TEST_POSTGRES_URL") else {
        assert!(std::env::var_os("CI").is_none(), "PostgreSQL is not there: run `cargo xtask test`");
        return;
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let pool = sqlx::PgPool::connect(&server).await.unwrap();
        for statement in ["drop database if exists test_comes_and_goes", "create database test_comes_and_goes"] {
            sqlx::raw_sql(statement).execute(&pool).await.unwrap();
        }
        pool.close().await;
    });
    let (user, rest) = server.split_once('@').unwrap();
    let mut between = Between::new(rest.split('/').next().unwrap());
    let url = format!("{user}@127.0.0.1:{}/test_comes_and_goes", between.port);
    let checker_answers = |serving: &Serving, when: &str| {
        assert!(serving.get("/seek-help").starts_with("HTTP/1.1 200"), "{when}");
        assert!(serving.get("/seek-help/about").starts_with("HTTP/1.1 200"), "{when}");
        let result = serving.post("/seek-help", "screen=sudden&chest=yes");
        assert!(result.contains("Call 999 or go to A&amp;E now"), "{when}: {result}");
    };

    let serving = Serving::start_with(|command| {
        command.env("SCIATICALM_DATABASE_URL", &url);
    });
    checker_answers(&serving, "before the database is there");
    assert!(serving.get("/readyz").starts_with("HTTP/1.1 503"));
    assert!(serving.log().contains("the database does not answer. The checker works"), "{}", serving.log());

    between.give();
    let article = "/articles/back-pain-and-foot-drop";
    let begun = Instant::now();
    while !serving.get(article).starts_with("HTTP/1.1 200") {
        assert!(begun.elapsed() < Duration::from_secs(30), "{}", serving.log());
        thread::sleep(Duration::from_millis(200));
    }
    assert!(serving.get("/readyz").starts_with("HTTP/1.1 200"));

    between.take_away();
    checker_answers(&serving, "after the database has gone");
    // What was just read is kept for a second.
    thread::sleep(Duration::from_millis(1_100));
    let away = serving.get(article);
    assert!(away.starts_with("HTTP/1.1 503") && away.contains("href=\"/seek-help\""), "{away}");

    between.give();
    assert!(serving.get(article).starts_with("HTTP/1.1 200"), "{}", serving.log());
}

#[test]
fn the_site_works_while_its_key_store_is_not_there() {
    let serving = Serving::start_with(|command| {
        command.env("SCIATICALM_KEYS_URL", "postgres://someone:secret@127.0.0.1:1/keys");
    });
    assert!(serving.get("/seek-help").starts_with("HTTP/1.1 200"));
    assert!(serving.get("/articles/back-pain-and-foot-drop").starts_with("HTTP/1.1 200"));
    let log = serving.log();
    assert!(log.contains("the key store does not answer") && !log.contains("secret"), "{log}");
}

#[test]
fn serving_on_a_database_address_that_is_none_is_said_in_one_line() {
    let folder = TempDir::new().unwrap();
    let url = "postgres://someone:secret@127.0.0.1:no-port/nothing";
    let output = program(folder.path()).env("SCIATICALM_DATABASE_URL", url).arg("serve").output().unwrap();
    fails_saying(&output, &["postgres", "SCIATICALM_DATABASE_URL"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("secret"));
}

#[test]
fn the_api_is_limited_by_address_and_a_forwarded_one_is_believed_of_our_own_proxies_alone() {
    for (proxies, expected) in [("0", 429), ("1", 200)] {
        let settings = [("SCIATICALM_API_RATE", "1"), ("SCIATICALM_TRUSTED_PROXIES", proxies)];
        let serving = Serving::start_with(|command| {
            command.envs(settings);
        });
        let answers: Vec<String> = (1..=12).map(|n| rules_for(&serving, &format!("203.0.113.{n}"))).collect();
        assert!(answers[0].starts_with("HTTP/1.1 200"), "{answers:?}");
        assert_eq!(answers.iter().any(|line| line.starts_with("HTTP/1.1 429")), expected == 429, "{answers:?}");
    }
}

/// A new certificate for localhost, with its key, in the folder.
fn certificate(folder: &Path, name: &str) -> (CertificateDer<'static>, [PathBuf; 2]) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let [cert, key] = [folder.join(format!("{name}.crt")), folder.join(format!("{name}.key"))];
    fs::write(&cert, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (made.cert.der().clone(), [cert, key])
}

fn with_tls(command: &mut Command, [cert, key]: &[PathBuf; 2]) {
    command.env("SCIATICALM_TLS_CERT", cert).env("SCIATICALM_TLS_KEY", key);
}

/// Asks over TLS, trusting this certificate and no other.
fn ask_over_tls(addr: &str, trusted: &CertificateDer<'static>, request: &str) -> io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
    let config = Arc::new(config.with_no_client_auth());
    let connection = ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(addr)?);
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

const GET_SIGN_IN: &str = "GET /sign-in HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

#[test]
fn with_a_certificate_it_serves_over_tls_and_reads_it_again_when_told_to() {
    let folder = TempDir::new().unwrap();
    let (old, files) = certificate(folder.path(), "site");
    let mut serving = Serving::start_with(|command| with_tls(command, &files));
    let page = ask_over_tls(&serving.addr, &old, GET_SIGN_IN).unwrap();
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Sign in"), "{page}");
    assert!(page.contains("strict-transport-security: max-age=63072000"), "{page}");
    // Who speaks plainly is sent away, and nobody waits for them.
    assert!(!serving.get("/sign-in").starts_with("HTTP/1.1 200"));
    let _silent = TcpStream::connect(&serving.addr).unwrap();
    assert!(ask_over_tls(&serving.addr, &old, GET_SIGN_IN).unwrap().starts_with("HTTP/1.1 200"));

    let (new, _) = certificate(folder.path(), "site");
    assert!(ask_over_tls(&serving.addr, &new, GET_SIGN_IN).is_err(), "not read yet");
    serving.signal("HUP");
    let begun = Instant::now();
    while ask_over_tls(&serving.addr, &new, GET_SIGN_IN).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", serving.log());
        thread::sleep(Duration::from_millis(50));
    }
    // A broken one changes nothing.
    fs::write(&files[0], "no certificate").unwrap();
    serving.signal("HUP");
    while !serving.log().contains("kept the old certificate") {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", serving.log());
        thread::sleep(Duration::from_millis(50));
    }
    assert!(ask_over_tls(&serving.addr, &new, GET_SIGN_IN).unwrap().starts_with("HTTP/1.1 200"));
    serving.signal("TERM");
    assert!(serving.ended().success());
}

#[test]
fn over_tls_a_session_is_bound_to_the_host() {
    let folder = TempDir::new().unwrap();
    let (certificate, files) = certificate(folder.path(), "site");
    let invited =
        |command: &mut Command| command.args(["admin", "create", "--email", "ann@example.org"]).output().unwrap();
    let mut token = String::new();
    let serving = Serving::start_with(|command| {
        let data = command.get_envs().find(|(name, _)| *name == "SCIATICALM_DATA_DIR").unwrap().1.unwrap();
        let output = invited(&mut program(Path::new(data)));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        token = said.split("token=").nth(1).unwrap_or_else(|| panic!("{output:?}")).chars().take(64).collect();
        with_tls(command, &files);
    });
    let body = format!("token={token}&password=correct+horse+battery+staple");
    let request = format!(
        "POST /reset-password/choose HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = ask_over_tls(&serving.addr, &certificate, &request).unwrap();
    let cookie = answer
        .lines()
        .find(|line| line.starts_with("set-cookie: __Host-session="))
        .unwrap_or_else(|| panic!("{answer}"));
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[test]
fn a_certificate_that_cannot_be_used_is_said_in_one_line() {
    let folder = TempDir::new().unwrap();
    let (_, [cert, key]) = certificate(folder.path(), "site");
    let (_, [_, other_key]) = certificate(folder.path(), "other");
    let missing = folder.path().join("missing");
    let cases: [([&PathBuf; 2], &[&str]); 5] = [
        ([&missing, &key], &["cannot read", "missing", "SCIATICALM_TLS_CERT"]),
        ([&cert, &missing], &["cannot read", "missing", "SCIATICALM_TLS_KEY"]),
        ([&key, &key], &["no certificate", "site.key", "SCIATICALM_TLS_CERT"]),
        ([&cert, &cert], &["no private key", "site.crt", "SCIATICALM_TLS_KEY"]),
        ([&cert, &other_key], &["does not go with", "site.crt", "other.key"]),
    ];
    for ([cert, key], words) in cases {
        let mut command = program(&folder.path().join("data"));
        with_tls(&mut command, &[cert.clone(), key.clone()]);
        fails_saying(&command.arg("serve").output().unwrap(), words);
    }
    for (one, other) in [("SCIATICALM_TLS_CERT", "SCIATICALM_TLS_KEY"), ("SCIATICALM_TLS_KEY", "SCIATICALM_TLS_CERT")] {
        let mut command = program(&folder.path().join("data"));
        command.env(one, &cert);
        fails_saying(&command.arg("serve").output().unwrap(), &[one, other, "not set"]);
    }
}

#[test]
fn a_public_address_without_tls_is_warned_of() {
    for (address, warned) in [
        ("http://back.example.org", true),
        ("http://192.0.2.1:3000", true),
        ("https://back.example.org", false),
        ("http://localhost:3000", false),
        ("http://127.0.0.1:3000", false),
        ("http://[::1]:3000", false),
        ("http://localhost.evil.example", true),
    ] {
        let serving = Serving::start_with(|command| {
            command.env("SCIATICALM_PUBLIC_URL", address);
        });
        let said = serving.log();
        assert_eq!(said.contains("Accounts need https"), warned, "{address}: {said}");
    }
}
