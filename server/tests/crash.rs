//! Nothing that a device was told is kept, or shows as saved, is lost or there twice, though the server is killed again and
//! again while two devices of one account write and sync, and the network goes with answers on their way. `cargo xtask soak`
//! kills more often.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    collections::BTreeSet,
    env,
    io::{BufRead, BufReader, Read, Write as _},
    net::{Shutdown, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use app::{
    clock::Clock,
    db::Db,
    on,
    tracker::{
        entry::{Entry, Stamp, from_record, to_record},
        log::{Change, Measure, Place as Where, Words},
        sync::{Answer, MEDIA_TYPE, PATH},
    },
    vault::{Vault, master::MasterKeys, store::KeyStore},
};
use sha2::{Digest, Sha256};
use support::{NOW, device::Device, dice::Dice};
use tempfile::TempDir;
use uuid::Uuid;

const ANNA: Uuid = Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_000a);
const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const HOUR: i64 = 60 * 60 * 1000;

fn number(variable: &str, usual: u64) -> u64 {
    env::var(variable).map_or(usual, |text| text.parse().unwrap())
}

/// The program's data: a folder, and perhaps a database elsewhere.
struct Place {
    name: &'static str,
    folder: TempDir,
    database: Option<String>,
}

impl Place {
    fn url(&self) -> String {
        let file = self.folder.path().join("sciaticalm.db");
        self.database.clone().unwrap_or_else(|| format!("sqlite:{}", file.display()))
    }

    fn serve(&self) -> Serving {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sciaticalm"));
        command.env("SCIATICALM_DATA_DIR", self.folder.path()).env("SCIATICALM_ADDR", "127.0.0.1:0");
        command.env("SCIATICALM_CHECK_LINKS", "false");
        command.env("SCIATICALM_DATABASE_URL", self.url()).env_remove("SCIATICALM_KEYS_URL");
        let mut child = command.arg("serve").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (_, port) = line.trim().rsplit_once(':').unwrap_or_else(|| panic!("it did not start: {line:?}"));
        Serving { child, addr: format!("127.0.0.1:{port}") }
    }
}

/// A running server, killed when dropped.
struct Serving {
    child: Child,
    addr: String,
}

impl Serving {
    fn kill(&mut self) {
        // By SIGKILL.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Posts this, and reads the answer; nothing where it does not come whole, or is not waited for.
fn post(addr: &str, body: &[u8], wait: bool) -> Option<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(addr).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nsec-fetch-site: same-origin\r\n\
         cookie: session={TOKEN}\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    if !wait {
        let _ = stream.shutdown(Shutdown::Both);
        return None;
    }
    let mut answer = vec![];
    stream.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|part| part == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let body = answer.split_off(end + 4);
    let length: usize = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse().ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    (body.len() == length).then_some((status, body))
}

/// An account that agreed, and its session.
async fn make_account(place: &Place) {
    let db = Db::open(&place.url()).await.unwrap();
    let keys = KeyStore::open(&format!("sqlite:{}", place.folder.path().join("keys.db").display())).await.unwrap();
    let masters = MasterKeys::in_file(place.folder.path().join("master.key")).unwrap();
    let vault = Vault::new(keys, masters, Clock::System);
    vault.prepare().await.unwrap();
    vault.make_key(ANNA).await.unwrap();
    let (token, now) = (Sha256::digest(TOKEN).to_vec(), Clock::System.millis_i64());
    let made = db.write(move |mut tx| {
        Box::pin(async move {
            for statement in [
                "insert into account (id, email, email_key, password_hash, roles, created_at)
                 values ($1, 'ann@example.org', 'ann@example.org', '', '', $2)",
                "insert into consent (account_id, id, kind, version, given_at) values ($1, $1, 'entries', 2, $2)",
            ] {
                on!(tx &mut tx, connection => sqlx::query(statement)
                    .bind(ANNA)
                    .bind(now)
                    .execute(connection)
                    .await
                    .map(drop))?;
            }
            on!(tx &mut tx, connection => sqlx::query(
                "insert into session (token_hash, id, account_id, stage, strong, remember, device, created_at, seen_at,
                                      expires_at, confirmed_at)
                 values ($1, $2, $2, 'full', false, true, '', $3, $3, $4, $3)",
            )
            .bind(token)
            .bind(ANNA)
            .bind(now)
            .bind(now + 90 * 24 * HOUR)
            .execute(connection)
            .await
            .map(drop))?;
            Ok(())
        })
    });
    made.await.unwrap();
    db.close().await;
    vault.close().await;
}

async fn places(test: &str) -> Vec<Place> {
    let sqlite = Place { name: "SQLite", folder: TempDir::new().unwrap(), database: None };
    let mut places = vec![sqlite];
    if let Ok(server) = env::var("SCIATICALM_TEST_POSTGRES_URL") {
        let name = format!("test_crash_{test}");
        let pool = sqlx::PgPool::connect(&server).await.unwrap();
        for statement in [format!("drop database if exists {name} with (force)"), format!("create database {name}")] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
        }
        pool.close().await;
        let (base, _) = server.rsplit_once('/').unwrap();
        let database = Some(format!("{base}/{name}"));
        places.push(Place { name: "PostgreSQL", folder: TempDir::new().unwrap(), database });
    }
    for place in &places {
        make_account(place).await;
    }
    places
}

/// What was ever written, and by which stamp: a field's name, and its entry's day.
type Writing = (String, String, Stamp);

fn writings<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<Writing> {
    let mut found = vec![];
    for entry in entries {
        for field in entry.fields() {
            let of_field =
                field.writes().iter().map(|write| (entry.about.to_string(), field.name.clone(), write.stamp));
            found.extend(of_field);
        }
    }
    found
}

/// One device's life: writes, syncs, loses answers, loses its page.
struct Life {
    device: Device,
    dice: Dice,
    /// All that was shown as saved.
    saved: BTreeSet<Writing>,
    count: i64,
}

impl Life {
    fn new(writer: u64, seed: u64) -> Self {
        Self { device: Device::new(ANNA, writer), dice: Dice::new(seed + writer), saved: BTreeSet::new(), count: 0 }
    }

    fn write(&mut self) {
        self.count += 1;
        // So many days that no field comes to more writings than are kept.
        let day = NOW.today().plus(-i64::try_from(self.dice.below(400)).unwrap());
        let score = u16::try_from(self.dice.below(11)).unwrap();
        let change = match self.dice.below(3) {
            0 => Change::Measured { measure: Measure::Pain(Where::Back), value: Some(score) },
            1 => Change::Measured { measure: Measure::Pain(Where::LeftLeg), value: Some(score) },
            _ => Change::Said { words: Words::Note, text: format!("note {}", self.count) },
        };
        self.device.write(day, &change, self.count);
        // The device's own disk is sound: what it wrote shows as saved.
        let unsent = self.device.copies.values().filter_map(app::tracker::copy::Copy::unsent).collect::<Vec<_>>();
        self.saved.extend(writings(&unsent));
    }

    /// Whether the server answered.
    fn sync(&mut self, addr: &str) -> bool {
        let sent = self.device.to_send();
        let waits = !self.dice.once_in(5);
        let Some((status, body)) = post(addr, &to_record(&sent), waits) else { return false };
        assert_eq!(status, 200);
        let answer: Answer = from_record(&body).unwrap();
        // The tab is closed before it has kept the answer.
        if self.dice.once_in(6) {
            return true;
        }
        self.device.take(&sent, answer);
        true
    }

    fn sync_all(&mut self, addr: &str) {
        for _ in 0..200 {
            let sent = self.device.to_send();
            let (status, body) = post(addr, &to_record(&sent), true).unwrap();
            assert_eq!(status, 200);
            let shared = self.device.take(&sent, from_record(&body).unwrap());
            if !shared.more && self.device.to_send().entries.is_empty() {
                return;
            }
        }
        panic!("never done");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_killed_every_entry_that_was_saved_is_there_once() {
    let kills = number("SCIATICALM_SOAK_KILLS", 20);
    let seed = number("SCIATICALM_SOAK_SEED", 1);
    for place in places("kills").await {
        let mut lives = [Life::new(1, seed), Life::new(2, seed)];
        let mut dice = Dice::new(seed);
        for _ in 0..kills {
            let mut serving = place.serve();
            let addr = serving.addr.clone();
            let until = Duration::from_millis(10 + 10 * u64::try_from(dice.below(25)).unwrap());
            thread::scope(|scope| {
                for life in &mut lives {
                    let addr = &addr;
                    scope.spawn(move || {
                        // Until the server is gone.
                        while TcpStream::connect(addr).is_ok() {
                            (0..1 + life.dice.below(4)).for_each(|_| life.write());
                            life.sync(addr);
                        }
                        life.write();
                    });
                }
                thread::sleep(until);
                serving.kill();
            });
        }
        let serving = place.serve();
        for _ in 0..2 {
            lives.iter_mut().for_each(|life| life.sync_all(&serving.addr));
        }
        let told = format!("{}, seed {seed}", place.name);
        let saved: BTreeSet<Writing> = lives.iter().flat_map(|life| life.saved.iter().cloned()).collect();
        let mut on_server = Life::new(3, seed);
        on_server.sync_all(&serving.addr);
        for device in [&lives[0].device, &lives[1].device, &on_server.device] {
            let there = writings(device.copies.values().map(|copy| &copy.entry));
            let once: BTreeSet<Writing> = there.iter().cloned().collect();
            assert_eq!(there.len(), once.len(), "{told}: nothing is there twice");
            assert!(once.is_superset(&saved), "{told}: {:?} are lost", saved.difference(&once).collect::<Vec<_>>());
        }
        assert!(saved.len() > usize::try_from(kills).unwrap(), "{told}: {} writings", saved.len());
        println!("{told}: {kills} kills, {} writings", saved.len());
    }
}
