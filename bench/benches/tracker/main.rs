//! How many saves a second are on the disk, whole: a hundred accounts at once, over HTTP, each save with its session, its
//! consent, what is there decrypted, merged, judged by T1 to T8 over 90 days, encrypted and committed. Beside it a bare loop
//! that commits one row after another on the same disk.
//!
//! And how long a patient's page takes among everybody else's rows ([`rows`]).

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

mod rows;

use std::{
    env,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use app::{
    AppState,
    clock::Clock,
    day::Day,
    db::Db,
    on,
    tracker::{
        entry::{About, Entry, Stamp, Value, Write, from_record, to_record},
        sync::{Answer, Known, MEDIA_TYPE, PATH, Sent},
    },
};
use futures_util::future::join_all;
use server::{assets::Assets, limits::Limits, router};
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};
use uuid::Uuid;

const ACCOUNTS: usize = 100;
/// How long each is measured.
const FOR: Duration = Duration::from_secs(10);
/// The days that the rules look at.
const DAYS: i64 = 90;
const HOUR: i64 = 60 * 60 * 1000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        any_spawner::Executor::init_tokio().unwrap();
        // Under `target`, on the disk: where temporary files are, there may be none.
        let folder = TempDir::new_in(concat!(env!("CARGO_MANIFEST_DIR"), "/../target")).unwrap();
        let sqlite = format!("sqlite:{}", folder.path().join("bench.db").display());
        let bare = bare_sqlite(folder.path()).await;
        let (site, saves) = saves(folder.path(), &sqlite).await;
        let mut fast = compare("SQLite", bare, saves, 1.0);
        fast &= rows::compare("SQLite", &site).await;
        match env::var("SCIATICALM_BENCH_POSTGRES_URL") {
            Ok(url) => {
                let bare = bare_postgres(&url).await;
                let folder = TempDir::new_in(folder.path()).unwrap();
                let (site, saves) = self::saves(folder.path(), &url).await;
                fast &= compare("PostgreSQL", bare, saves, 0.5);
                fast &= rows::compare("PostgreSQL", &site).await;
            }
            Err(_) => println!("PostgreSQL: not measured: `cargo xtask bench` starts one"),
        }
        assert!(fast, "not fast enough: see above");
    });
}

/// Whether they are as many as they are to be.
fn compare(engine: &str, bare: f64, saves: f64, at_least: f64) -> bool {
    println!(
        "{engine}: {saves:.0} saves a second, {bare:.0} commits a second by the bare loop: {:.2}, and at least {at_least}",
        saves / bare
    );
    saves >= at_least * bare
}

fn rate(count: u64, begun: Instant) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / begun.elapsed().as_secs_f64()
}

/// Commits of one row a second, one after another.
async fn bare_sqlite(folder: &Path) -> f64 {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

    let options = SqliteConnectOptions::new()
        .filename(folder.join("bare.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("create table bare (n integer primary key)").execute(&mut connection).await.unwrap();
    let (begun, mut count) = (Instant::now(), 0);
    while begun.elapsed() < FOR {
        sqlx::query("insert into bare default values").execute(&mut connection).await.unwrap();
        count += 1;
    }
    rate(count, begun)
}

async fn bare_postgres(url: &str) -> f64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let settings: Vec<String> =
        sqlx::query_scalar("select setting from pg_settings where name in ('fsync', 'synchronous_commit')")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    assert_eq!(settings, ["on", "on"], "a commit must be on the disk");
    sqlx::raw_sql("create table bare (n bigserial primary key)").execute(&mut connection).await.unwrap();
    let (begun, mut count) = (Instant::now(), 0);
    while begun.elapsed() < FOR {
        sqlx::query("insert into bare default values").execute(&mut connection).await.unwrap();
        count += 1;
    }
    rate(count, begun)
}

/// A site with the accounts.
struct Site {
    state: AppState,
    addr: SocketAddr,
}

/// Saves a second, of all accounts together, and the site on which they saved.
async fn saves(folder: &Path, url: &str) -> (Site, f64) {
    let site = serve(folder, url).await;
    let mut patients = Vec::new();
    for n in 0..ACCOUNTS {
        let mut patient = Patient::new(n, site.addr).await;
        patient.log_all_days().await;
        patients.push(patient);
    }
    let (done, saved) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let begun = Instant::now();
    let saving = patients.into_iter().map(|mut patient| {
        let (done, saved) = (Arc::clone(&done), Arc::clone(&saved));
        tokio::spawn(async move {
            while !done.load(Ordering::Relaxed) {
                patient.save().await;
                saved.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    let saving: Vec<_> = saving.collect();
    sleep(FOR).await;
    let rate = rate(saved.load(Ordering::Relaxed), begun);
    done.store(true, Ordering::Relaxed);
    assert!(join_all(saving).await.iter().all(Result::is_ok));
    (site, rate)
}

async fn serve(folder: &Path, url: &str) -> Site {
    let state = bench::site(folder, url).await;
    for n in 0..ACCOUNTS {
        state.vault.make_key(account(n)).await.unwrap();
    }
    make_accounts(&state.db).await;
    // Each account from a network of its own, as the limits ask.
    let limits = Limits { trusted_proxies: 1, ..Limits::default() };
    let service =
        router::router(state.clone(), Assets::default(), limits).into_make_service_with_connect_info::<SocketAddr>();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    Site { state, addr }
}

fn account(n: usize) -> Uuid {
    Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_0000 | (n as u128))
}

fn token(n: usize) -> String {
    format!("{n:064x}")
}

/// Each with its consent and its session.
async fn make_accounts(db: &Db) {
    let now = Clock::System.millis_i64();
    let made = db.write(move |mut tx| {
        Box::pin(async move {
            for n in 0..ACCOUNTS {
                let (id, email) = (account(n), format!("patient{n}@example.org"));
                on!(tx &mut tx, connection => sqlx::query(
                    "insert into account (id, email, email_key, password_hash, roles, created_at)
                     values ($1, $2, $2, '', '', $3)",
                )
                .bind(id)
                .bind(email)
                .bind(now)
                .execute(connection)
                .await
                .map(drop))?;
                on!(tx &mut tx, connection => sqlx::query(
                    "insert into consent (account_id, id, kind, version, given_at) values ($1, $1, 'entries', 2, $2)",
                )
                .bind(id)
                .bind(now)
                .execute(connection)
                .await
                .map(drop))?;
                on!(tx &mut tx, connection => sqlx::query(
                    "insert into session (token_hash, id, account_id, stage, strong, remember, device, created_at, seen_at,
                                          expires_at, confirmed_at)
                     values ($1, $2, $2, 'full', false, true, '', $3, $3, $4, $3)",
                )
                .bind(Sha256::digest(token(n)).to_vec())
                .bind(id)
                .bind(now)
                .bind(now + 90 * 24 * HOUR)
                .execute(connection)
                .await
                .map(drop))?;
            }
            Ok(())
        })
    });
    made.await.unwrap();
}

/// One account's device, on a connection that it keeps.
struct Patient {
    n: usize,
    stream: TcpStream,
    known: Known,
    today: Day,
    millis: i64,
    saves: i64,
}

impl Patient {
    async fn new(n: usize, addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let millis = Clock::System.millis_i64();
        Self { n, stream, known: Known::default(), today: Clock::System.today(), millis, saves: 0 }
    }

    /// What a patient logs on a day, so many days ago.
    fn day(&mut self, ago: i64, pain: i64) -> Entry {
        let id = Uuid::from_u128(0x0193_f0a0_0000_7000_8000_0000_0000_0000 | ((self.n as u128) << 16) | ago as u128);
        let mut entry = Entry::new(id, About::Day(self.today.plus(-ago)));
        self.millis += 1;
        let stamp = Stamp { millis: self.millis, count: 0, writer: self.n as u64 };
        for (field, value) in [("back", pain), ("left_leg", pain), ("foot_left", 5), ("foot_right", 5)] {
            entry.write(field, Write { stamp, value: Value::Number(value.try_into().unwrap()) });
        }
        entry
    }

    async fn log_all_days(&mut self) {
        let entries = (0..DAYS).map(|ago| self.day(ago, ago % 7)).collect();
        self.send(entries).await;
    }

    async fn save(&mut self) {
        self.saves += 1;
        let entry = self.day(self.saves % DAYS, self.saves % 8);
        self.send(vec![entry]).await;
    }

    /// Until the server says that it has them.
    async fn send(&mut self, entries: Vec<Entry>) {
        let (whose, sent) = (Some(account(self.n)), entries.len());
        let body =
            to_record(&Sent { whose, on_device: vec![], known: self.known, today: self.today, east: 0, entries });
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: same-origin\r\nx-forwarded-for: 10.1.{}.1\r\n\
             cookie: session={}\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {}\r\n\r\n",
            self.n,
            token(self.n),
            body.len()
        );
        self.stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
        let answer: Answer = from_record(&answer(&mut self.stream).await).unwrap();
        let shared = answer.account.unwrap().shared.unwrap();
        assert_eq!(shared.took as usize, sent);
        self.known = shared.known;
    }
}

/// The body of the next answer, which must be one of success.
async fn answer(stream: &mut TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    let end = loop {
        assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0, "the server hung up");
        if let Some(end) = read.windows(4).position(|part| part == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let length: usize = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    while read.len() < end + length {
        assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0, "the server hung up");
    }
    read.split_off(end)
}
