//! Encryption at rest, from outside: what somebody finds who has the files, and what is left when keys go or change. On both
//! engines, as `store.rs`; `SCIATICALM_TEST_POSTGRES_DATA` names the folder of PostgreSQL's own files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    collections::HashMap,
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use app::{
    AppState, Error,
    account::deletion,
    db::Db,
    on,
    site::{AssetUrls, Settings},
    tracker::{
        entry::{About, Entry, Stamp, Value, Write},
        store::{self, Kept},
    },
    vault::{Vault, master::MasterKeys, store::KeyStore},
};
use axum::http::StatusCode;
use futures_util::future::join_all;
use server::start::{self, Services};
use support::{
    NOW, TestApp,
    person::{PASSWORD, Person},
};
use tempfile::TempDir;
use uuid::Uuid;

const NOTE: &str = "numb-below-the-left-knee-since-the-marathon";
const SYMPTOM: &str = "cannot-lift-the-toes-of-the-right-foot";
/// Written without encryption, so that looking for it shows that one can find.
const CONTROL: &str = "this-was-written-in-plain-and-is-to-be-found";

const ANNA: Uuid = Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_000a);
const BEN: Uuid = Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_000b);

/// The id of an entry, as a device makes it: of version 7.
fn entry_id(number: u128) -> Uuid {
    Uuid::from_u128(0x0193_f0a0_0000_7000_8000_0000_0000_0000 | number)
}

/// A site's data and keys, on one engine.
struct Place {
    name: &'static str,
    database_url: String,
    keys_url: String,
    folder: TempDir,
}

async fn places(test: &str) -> Vec<Place> {
    let mut places = vec![on_sqlite()];
    places.extend(on_postgres(test).await);
    places
}

fn on_sqlite() -> Place {
    let folder = TempDir::new().unwrap();
    let file = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    Place { name: "SQLite", database_url: file("sciaticalm.db"), keys_url: file("keys.db"), folder }
}

async fn on_postgres(test: &str) -> Option<Place> {
    let Ok(server) = env::var("SCIATICALM_TEST_POSTGRES_URL") else {
        assert!(env::var_os("CI").is_none(), "PostgreSQL is not there: run `cargo xtask test`");
        return None;
    };
    let (base, _) = server.rsplit_once('/').unwrap();
    let [data, keys] = [format!("test_rest_{test}"), format!("test_rest_{test}_keys")];
    for name in [&data, &keys] {
        ask_server(&format!("drop database if exists {name}")).await;
        ask_server(&format!("create database {name}")).await;
    }
    Some(Place {
        name: "PostgreSQL",
        database_url: format!("{base}/{data}"),
        keys_url: format!("{base}/{keys}"),
        folder: TempDir::new().unwrap(),
    })
}

async fn ask_server(statement: &str) {
    let pool = sqlx::PgPool::connect(&env::var("SCIATICALM_TEST_POSTGRES_URL").unwrap()).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
    pool.close().await;
}

impl Place {
    async fn state(&self) -> AppState {
        self.state_with(&self.database_url).await
    }

    /// With the keys of this place, and another database.
    async fn state_with(&self, database_url: &str) -> AppState {
        let db = Db::open(database_url).await.unwrap();
        let mail = support::letters::mailer(self.folder.path());
        let services =
            Services { db, vault: self.vault().await, mail, media: support::workshop(self.folder.path()), clock: NOW };
        start::state(services, Settings::default(), AssetUrls::default()).unwrap()
    }

    async fn vault(&self) -> Vault {
        self.vault_with(MasterKeys::in_file(self.master()).unwrap()).await
    }

    async fn vault_with(&self, masters: MasterKeys) -> Vault {
        let vault = Vault::new(KeyStore::open(&self.keys_url).await.unwrap(), masters, NOW);
        vault.prepare().await.unwrap();
        vault
    }

    async fn keys(&self) -> KeyStore {
        KeyStore::open(&self.keys_url).await.unwrap()
    }

    fn master(&self) -> PathBuf {
        self.path("master.key")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the program on this place.
    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sciaticalm"));
        for variable in ["SCIATICALM_MASTER_KEY", "SCIATICALM_MASTER_KEY_OLD"] {
            command.env_remove(variable);
        }
        command.env("SCIATICALM_DATA_DIR", self.folder.path());
        command.env("SCIATICALM_DATABASE_URL", &self.database_url).env("SCIATICALM_KEYS_URL", &self.keys_url);
        command.args(words).output().unwrap()
    }

    fn succeeds(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn fails_saying(&self, words: &[&str], said: &str) {
        let output = self.run(words);
        let error = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = error.lines().filter(|line| line.starts_with("sciaticalm: ")).collect();
        assert!(!output.status.success() && lines.len() == 1 && lines[0].contains(said), "{words:?}: {error}");
    }
}

/// The files below `place` that hold `text`, as grep finds them.
fn files_with(text: &str, place: &Path) -> Vec<String> {
    // What it says of files that go away meanwhile is of no interest.
    let found = Command::new("grep").env("LC_ALL", "C").args(["-rlaFs", "--", text]).arg(place).output().unwrap();
    String::from_utf8(found.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// As PostgreSQL writes bytes out.
fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Keeps an entry of somebody who agreed to it. Their account is made, if there is none.
async fn keep(state: &AppState, account: Uuid, id: Uuid, note: &str) {
    let agreed = state.db.write(move |mut tx| {
        Box::pin(async move {
            for (statement, text) in [
                (
                    "insert into account (id, email, email_key, password_hash, roles, created_at)
                     values ($1, $2, $2, '', '', 0) on conflict do nothing",
                    format!("{account}@example.org"),
                ),
                (
                    "insert into consent (account_id, id, kind, version, given_at) values ($1, $1, $2, 2, 0)
                     on conflict do nothing",
                    "entries".to_owned(),
                ),
            ] {
                on!(tx &mut tx, connection => sqlx::query(statement)
                    .bind(account)
                    .bind(text)
                    .execute(connection)
                    .await
                    .map(drop))?;
            }
            Ok(())
        })
    });
    agreed.await.unwrap();
    // Each later than the one before.
    static MILLIS: AtomicI64 = AtomicI64::new(1);
    let stamp = Stamp { millis: MILLIS.fetch_add(1, Ordering::Relaxed), ..Stamp::default() };
    let mut entry = Entry::new(id, About::Day("2026-11-22".parse().unwrap()));
    entry.write("note", Write { stamp, value: Value::Text(note.to_owned()) });
    store::merge(state, account, vec![entry]).await.unwrap();
}

/// The notes of an account, by id and in the order in which they were saved.
async fn notes(state: &AppState, account: Uuid) -> app::Result<Vec<(Uuid, String)>> {
    let note = |kept: Kept| match kept.entry.get("note") {
        Value::Text(note) => (kept.entry.id, note.clone()),
        other => panic!("{other:?}"),
    };
    Ok(store::entries_after(state, account, 0, 100).await?.into_iter().map(note).collect())
}

async fn note(state: &AppState, id: Uuid) -> String {
    notes(state, ANNA).await.unwrap().into_iter().find(|(of, _)| *of == id).unwrap().1
}

/// One entry with both marks by the way that the site has, and the control by none.
async fn save_marked(state: &AppState) {
    keep(state, ANNA, NOW.new_id(), &format!("{NOTE} {SYMPTOM}")).await;
    let id = NOW.new_id();
    state
        .db
        .write(move |mut tx| {
            Box::pin(async move {
                if let app::db::Tx::Postgres(connection) = &mut tx {
                    // Into the log before the commit is answered, and the entry before it.
                    sqlx::raw_sql("set local synchronous_commit = on").execute(&mut **connection).await?;
                }
                on!(tx &mut tx, connection => sqlx::query(
                    "insert into health_entry (account_id, id, about, revision, sealed, saved_at)
                     values ($1, $2, '2026-11-22', 1, $3, 0)",
                )
                .bind(BEN)
                .bind(id)
                .bind(CONTROL.as_bytes())
                .execute(connection)
                .await
                .map(drop))?;
                Ok(())
            })
        })
        .await
        .unwrap();
    let saved = notes(state, ANNA).await.unwrap();
    assert!(saved.len() == 1 && saved[0].1.contains(NOTE));
}

#[tokio::test]
async fn what_a_patient_noted_is_in_no_file_of_sqlite_nor_in_a_backup() {
    let place = on_sqlite();
    let state = place.state().await;
    save_marked(&state).await;
    place.succeeds(&["backup", place.path("backup.db").to_str().unwrap()]);
    let in_log = files_with(CONTROL, &place.path("sciaticalm.db-wal"));
    assert_eq!(in_log.len(), 1, "the log is looked through");
    let in_backup = files_with(CONTROL, &place.path("backup.db"));
    assert_eq!(in_backup.len(), 1, "the backup is looked through");
    for mark in [NOTE, SYMPTOM] {
        assert_eq!(files_with(mark, place.folder.path()), [""; 0], "with the log");
    }
    state.db.empty_log().await.unwrap();
    assert_eq!(files_with(CONTROL, &place.path("sciaticalm.db")).len(), 1, "the database is looked through");
    state.close().await;
    for mark in [NOTE, SYMPTOM] {
        assert_eq!(files_with(mark, place.folder.path()), [""; 0], "without the log");
    }
}

#[tokio::test]
async fn what_a_patient_noted_is_in_no_file_of_postgres_nor_in_a_dump() {
    let Some(place) = on_postgres("marks").await else { return };
    let Some(data) = env::var_os("SCIATICALM_TEST_POSTGRES_DATA").map(PathBuf::from) else {
        assert!(env::var_os("CI").is_none(), "PostgreSQL's files are not there: run `cargo xtask test`");
        return;
    };
    let state = place.state().await;
    save_marked(&state).await;
    let log = data.join("pg_wal");
    assert!(!files_with(CONTROL, &log).is_empty(), "the log is looked through");
    let oid: i64 = on!(db &state.db, pool => sqlx::query_scalar(
        "select cast(oid as bigint) from pg_database where datname = current_database()",
    )
    .fetch_one(pool)
    .await)
    .unwrap();
    ask_server("checkpoint").await;
    let base = data.join("base").join(oid.to_string());
    assert!(!files_with(CONTROL, &base).is_empty(), "the tables are looked through");
    for mark in [NOTE, SYMPTOM] {
        assert_eq!(files_with(mark, &data), [""; 0]);
    }
    let Some(pg_dump) = pg_dump() else { return };
    let dump = place.path("dump.sql");
    let dumped = Command::new(pg_dump).arg("--file").arg(&dump).arg(&place.database_url).output().unwrap();
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    assert_eq!(files_with(&hex(CONTROL), &dump).len(), 1, "the dump is looked through");
    for mark in [NOTE, SYMPTOM, &hex(NOTE), &hex(SYMPTOM)] {
        assert_eq!(files_with(mark, &dump), [""; 0]);
    }
}

/// The one of the newest PostgreSQL on this machine, as its server is.
fn pg_dump() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok);
    let newest = versions.filter_map(|version| version.file_name().to_str()?.parse::<u32>().ok()).max()?;
    let program = PathBuf::from(format!("/usr/lib/postgresql/{newest}/bin/pg_dump"));
    program.is_file().then_some(program)
}

#[tokio::test]
async fn entries_are_read_as_they_were_saved_and_by_their_account_alone() {
    for place in places("entries").await {
        let state = place.state().await;
        let [first, second] = [entry_id(1), entry_id(2)];
        for (account, id, text) in
            [(ANNA, second, "two"), (ANNA, first, "wrong"), (ANNA, first, "one"), (BEN, first, "Ben's")]
        {
            keep(&state, account, id, text).await;
        }
        let hers = notes(&state, ANNA).await.unwrap();
        assert_eq!(hers, [(second, "two".to_owned()), (first, "one".to_owned())], "{}: kept once", place.name);
        let corrected = store::entry(&state, ANNA, first).await.unwrap().unwrap();
        assert_eq!(corrected.entry.field("note").unwrap().writes().len(), 2, "{}: with what it was", place.name);
        let after = store::entries_after(&state, ANNA, corrected.revision - 1, 9).await.unwrap();
        assert_eq!(after.len(), 1, "{}: what was written since", place.name);
        assert_eq!(notes(&state, BEN).await.unwrap(), [(first, "Ben's".to_owned())], "{}", place.name);
        assert_eq!(store::entry(&state, BEN, second).await.unwrap(), None, "{}: another account's", place.name);
        store::erase_entries(&state.db, ANNA).await.unwrap();
        assert_eq!(notes(&state, ANNA).await.unwrap(), [], "{}", place.name);
        assert_eq!(notes(&state, BEN).await.unwrap().len(), 1, "{}", place.name);
    }
}

#[tokio::test]
async fn an_entry_moved_to_another_account_or_day_in_the_database_does_not_open() {
    for place in places("moved").await {
        for change in [
            format!("update health_entry set account_id = {}", literal(place.name, BEN)),
            format!("update health_entry set id = {}", literal(place.name, BEN)),
            "update health_entry set about = '2026-11-21'".to_owned(),
        ] {
            let state = place.state().await;
            let id = entry_id(1);
            keep(&state, ANNA, id, "hers").await;
            keep(&state, BEN, entry_id(2), "his").await;
            store::erase_entries(&state.db, BEN).await.unwrap();
            tamper(&state.db, change.clone()).await;
            for account in [ANNA, BEN] {
                let read = notes(&state, account).await;
                assert!(read.as_ref().is_ok_and(Vec::is_empty) || read.is_err(), "{}: {change}", place.name);
            }
            tamper(&state.db, "delete from health_entry".to_owned()).await;
        }
    }
}

fn literal(engine: &str, id: Uuid) -> String {
    if engine == "SQLite" { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
}

async fn tamper(db: &Db, statement: String) {
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection =>
                sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(connection).await.map(drop))?;
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn many_first_entries_at_once_make_one_key() {
    for place in places("at_once").await {
        let (one, other) = (place.vault().await, place.vault().await);
        let ids: Vec<Uuid> = (0..40).map(entry_id).collect();
        let seals = ids.iter().enumerate().map(|(n, id)| {
            let vault = if n % 2 == 0 { &one } else { &other };
            vault.seal(ANNA, *id, "note", id.as_bytes())
        });
        let sealed = join_all(seals).await;
        for (id, sealed) in ids.into_iter().zip(sealed) {
            let sealed = sealed.unwrap();
            assert_eq!(one.open(ANNA, id, "note", &sealed).await.unwrap(), id.as_bytes(), "{}", place.name);
        }
    }
}

#[tokio::test]
async fn after_its_key_is_destroyed_an_account_can_be_read_from_no_backup_and_others_can() {
    for place in places("destroyed").await {
        let state = place.state().await;
        for account in [ANNA, BEN] {
            keep(&state, account, NOW.new_id(), NOTE).await;
        }
        let backup = place.path("backup.db");
        if place.name == "SQLite" {
            place.succeeds(&["backup", backup.to_str().unwrap()]);
        }
        state.vault.destroy(ANNA).await.unwrap();
        if place.name == "SQLite" {
            store::erase_entries(&state.db, ANNA).await.unwrap();
            assert_eq!(notes(&state, ANNA).await.unwrap(), [], "deleted");
        }
        // Not by `restore`, which deletes her account again. On PostgreSQL the entries were never deleted: what is there now
        // is what a backup would bring back.
        let restored = match place.name {
            "SQLite" => place.state_with(&format!("sqlite:{}", backup.display())).await,
            _ => place.state().await,
        };
        let read = notes(&restored, ANNA).await;
        assert!(matches!(read, Err(Error::NotFound)), "{}: {read:?}", place.name);
        let sealed = restored.vault.seal(ANNA, NOW.new_id(), "note", b"more").await;
        assert!(matches!(sealed, Err(Error::NotFound)), "{}: it gets no other key", place.name);
        assert_eq!(notes(&restored, BEN).await.unwrap()[0].1, NOTE, "{}", place.name);
        restored.vault.destroy(ANNA).await.unwrap();
    }
}

#[tokio::test]
async fn the_address_of_a_deleted_account_is_in_no_file_of_sqlite() {
    const ANN: &str = "ann-who-leaves@example.org";
    const NEW: &str = "ann-at-work@example.org";
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let asked = ann.post("/account/email", &[("email", NEW), ("password", PASSWORD)]).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text());
    // Enough for many pages, in an order that is not theirs.
    let addresses: Vec<String> =
        (0..400_u64).map(|n| format!("{:08x}-of-many@example.org", n * 0x9e37_79b9 % 0xffff_fffb)).collect();
    let mut ids = vec![];
    for address in &addresses {
        let id = app.state.clock.new_id();
        let blob = literal("SQLite", id);
        tamper(&app.state.db, format!("insert into account (id, email, email_key, password_hash, roles, created_at) values ({blob}, '{address}', '{address}', '', '', 0)")).await;
        ids.push(id);
    }
    let files = || -> String {
        let files = ["test.db", "test.db-wal"].map(|name| fs::read(app.folder().join(name)).unwrap());
        String::from_utf8_lossy(&files.concat()).to_lowercase()
    };
    let before = files();
    let mut everybody = addresses.iter().map(String::as_str).chain([ANN, NEW]);
    assert!(everybody.all(|address| before.contains(address)), "they are to be found while they are there");

    let deleted = ann.post("/account/delete", &[("everything", "yes")]).await;
    assert_eq!(deleted.header("location"), "/account/deleted", "{}", deleted.text());
    let after = files();
    assert!(!after.contains(ANN) && !after.contains(NEW), "hers are gone");
    for id in ids.iter().skip(1).step_by(2) {
        app.state.vault.destroy(*id).await.unwrap();
    }
    deletion::finish(&app.state.db, &app.state.vault, &app.state.clock).await.unwrap();
    let after = files();
    for (n, address) in addresses.iter().enumerate() {
        assert_eq!(after.contains(address), n % 2 == 0, "{address}");
    }
}

/// A connection that was just closed may be there for a moment yet.
async fn until_it_succeeds(place: &Place, words: &[&str]) {
    for _ in 0..50 {
        if place.run(words).status.success() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    place.succeeds(words);
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    held(bytes, &[part.to_vec()])[0]
}

/// Which of the parts are in it. They begin with chance, and so differ in their first bytes.
fn held(bytes: &[u8], parts: &[Vec<u8>]) -> Vec<bool> {
    let places: HashMap<[u8; 8], usize> =
        parts.iter().enumerate().map(|(n, part)| (*part.first_chunk().unwrap(), n)).collect();
    let mut held = vec![false; parts.len()];
    for (at, window) in bytes.windows(8).enumerate() {
        if let Some(n) = places.get(window) {
            held[*n] |= bytes[at..].starts_with(&parts[*n]);
        }
    }
    held
}

#[tokio::test]
async fn the_files_of_the_key_store_hold_no_key_that_was_destroyed_or_replaced() {
    let place = on_sqlite();
    let vault = place.vault().await;
    // Enough for many pages, in an order that is not theirs.
    let accounts: Vec<Uuid> = (0..200_u128).map(|n| Uuid::from_u128(n * 0x9e37_79b9_7f4a_7c15 % 1_000_003)).collect();
    for account in &accounts {
        vault.seal(*account, Uuid::nil(), "note", b"").await.unwrap();
    }
    let keys = place.keys().await;
    let mut wrapped = Vec::new();
    for account in &accounts {
        wrapped.push(keys.key(*account).await.unwrap().unwrap().wrapped);
    }
    let files = || -> Vec<u8> {
        ["keys.db", "keys.db-wal", "keys.db-shm"].iter().flat_map(|name| fs::read(place.path(name)).unwrap()).collect()
    };
    let before = files();
    assert!(held(&before, &wrapped).iter().all(|held| *held), "they are to be found while they are there");
    for account in accounts.iter().skip(1).step_by(2) {
        vault.destroy(*account).await.unwrap();
    }
    let after = files();
    for (n, held) in held(&after, &wrapped).into_iter().enumerate() {
        assert_eq!(held, n % 2 == 0, "account {n}");
    }
    vault.rotate().await.unwrap();
    let rotated = files();
    assert!(!held(&rotated, &wrapped).contains(&true), "none is left under the master key before");
    let mode = fs::metadata(place.path("keys.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "for its owner alone");
}

#[tokio::test]
async fn a_rotation_leaves_everything_readable_and_the_old_master_key_worthless() {
    for place in places("rotated").await {
        let running = place.vault().await;
        let sealed = running.seal(ANNA, Uuid::nil(), "note", b"before").await.unwrap();
        running.destroy(Uuid::from_u128(5)).await.unwrap();
        let before = fs::read_to_string(place.master()).unwrap();
        let said = place.succeeds(&["keys", "rotate"]);
        assert!(said.contains("The keys of 1 accounts"), "{}: {said}", place.name);
        let after = fs::read_to_string(place.master()).unwrap();
        assert!(after.lines().count() == 1 && after != before, "{}", place.name);
        assert_eq!(fs::metadata(place.master()).unwrap().permissions().mode() & 0o777, 0o600, "{}", place.name);

        assert_eq!(
            running.open(ANNA, Uuid::nil(), "note", &sealed).await.unwrap(),
            b"before",
            "{}: running",
            place.name
        );
        let later = running.seal(BEN, Uuid::nil(), "note", b"after").await.unwrap();
        running.close().await;
        let started = place.vault().await;
        assert_eq!(started.open(ANNA, Uuid::nil(), "note", &sealed).await.unwrap(), b"before", "{}", place.name);
        assert_eq!(started.open(BEN, Uuid::nil(), "note", &later).await.unwrap(), b"after", "{}", place.name);

        fs::write(place.master(), before).unwrap();
        let old = place.vault().await;
        for (account, sealed) in [(ANNA, &sealed), (BEN, &later)] {
            let opened = old.open(account, Uuid::nil(), "note", sealed).await;
            assert!(matches!(opened, Err(Error::Internal(_))), "{}: {opened:?}", place.name);
        }
        let refused = old.seal(Uuid::from_u128(6), Uuid::nil(), "note", b"").await;
        assert!(refused.is_err(), "{}: nothing new is locked with it", place.name);
        place.fails_saying(&["keys", "rotate"], "is not in");
        fs::write(place.master(), after).unwrap();
        assert_eq!(old.open(ANNA, Uuid::nil(), "note", &sealed).await.unwrap(), b"before", "{}: put back", place.name);
    }
}

/// Where the program was killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Killed {
    BeforeTheNewMasterWasNamed,
    HalfWay,
    BeforeTheOldMasterWasForgotten,
}

#[tokio::test]
async fn a_rotation_that_was_interrupted_anywhere_is_finished_by_the_next() {
    for killed in [Killed::BeforeTheNewMasterWasNamed, Killed::HalfWay, Killed::BeforeTheOldMasterWasForgotten] {
        for place in places(&format!("killed_{}", killed as u8)).await {
            let case = format!("{}, {killed:?}", place.name);
            let vault = place.vault().await;
            let keys = place.keys().await;
            let (mut sealed, mut old_keys) = (Vec::new(), Vec::new());
            for account in [ANNA, BEN] {
                sealed.push((account, vault.seal(account, Uuid::nil(), "note", b"kept").await.unwrap()));
                old_keys.push(keys.key(account).await.unwrap().unwrap());
            }
            let old_master = fs::read_to_string(place.master()).unwrap();
            vault.rotate().await.unwrap();
            vault.close().await;
            // Undone, as far as it had not come.
            let new_master = fs::read_to_string(place.master()).unwrap();
            fs::write(place.master(), format!("{new_master}{old_master}")).unwrap();
            let undone = match killed {
                Killed::BeforeTheNewMasterWasNamed => 2,
                Killed::HalfWay => 1,
                Killed::BeforeTheOldMasterWasForgotten => 0,
            };
            for old in old_keys.drain(..undone) {
                if undone == 2 {
                    keys.set_current_master(&old.master).await.unwrap();
                }
                let new = keys.key(old.account_id).await.unwrap().unwrap();
                keys.rewrap(vec![(new, old)]).await.unwrap();
            }

            let started = place.vault().await;
            let more = Uuid::from_u128(9);
            sealed.push((more, started.seal(more, Uuid::nil(), "note", b"kept").await.unwrap()));
            for (account, sealed) in &sealed {
                assert_eq!(started.open(*account, Uuid::nil(), "note", sealed).await.unwrap(), b"kept", "{case}");
            }
            place.succeeds(&["keys", "rotate"]);
            let finished = fs::read_to_string(place.master()).unwrap();
            assert!(finished.lines().count() == 1 && finished != new_master, "{case}");
            for vault in [started, place.vault().await] {
                for (account, sealed) in &sealed {
                    assert_eq!(vault.open(*account, Uuid::nil(), "note", sealed).await.unwrap(), b"kept", "{case}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_saved_and_destroyed_during_rotations_stays_so() {
    for place in places("meanwhile").await {
        let (running, rotating) = (place.vault().await, place.vault().await);
        let saving = async {
            let mut sealed = Vec::new();
            for n in 1..=120_u128 {
                let account = Uuid::from_u128(n);
                sealed.push((account, running.seal(account, Uuid::nil(), "note", b"kept").await.unwrap()));
                if n % 3 == 0 {
                    running.destroy(account).await.unwrap();
                }
            }
            sealed
        };
        let rotations = async {
            for _ in 0..6 {
                rotating.rotate().await.unwrap();
            }
        };
        let (sealed, ()) = futures_util::join!(saving, rotations);
        let started = place.vault().await;
        for (account, sealed) in sealed {
            let opened = started.open(account, Uuid::nil(), "note", &sealed).await;
            if account.as_u128() % 3 == 0 {
                assert!(matches!(opened, Err(Error::NotFound)), "{}: {opened:?}", place.name);
            } else {
                assert_eq!(opened.unwrap(), b"kept", "{}", place.name);
            }
        }
    }
}

#[tokio::test]
async fn a_master_key_from_the_environment_is_rotated_with_the_one_before() {
    const OLD: &str = "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w=";
    const NEW: &str = "bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU=";
    let given =
        |current: &str, old: Option<&str>| MasterKeys::given(&current.into(), old.map(Into::into).as_ref()).unwrap();
    for place in places("environment").await {
        let vault = place.vault_with(given(OLD, None)).await;
        let sealed = vault.seal(ANNA, Uuid::nil(), "note", b"kept").await.unwrap();
        assert!(!place.master().exists(), "no file is made");
        let early = place.vault_with(given(NEW, None)).await;
        assert!(early.open(ANNA, Uuid::nil(), "note", &sealed).await.is_err(), "{}", place.name);
        assert!(early.rotate().await.is_err(), "{}: without the old one", place.name);
        let both = place.vault_with(given(NEW, Some(OLD))).await;
        assert_eq!(both.open(ANNA, Uuid::nil(), "note", &sealed).await.unwrap(), b"kept", "{}", place.name);
        let bens = both.seal(BEN, Uuid::nil(), "note", b"kept").await.unwrap();
        assert_eq!(
            vault.open(BEN, Uuid::nil(), "note", &bens).await.unwrap(),
            b"kept",
            "{}: the old site runs",
            place.name
        );
        assert_eq!(both.rotate().await.unwrap().accounts, 2, "{}", place.name);
        assert_eq!(both.rotate().await.unwrap().accounts, 0, "{}: again", place.name);
        let new = place.vault_with(given(NEW, None)).await;
        for (account, sealed) in [(ANNA, &sealed), (BEN, &bens)] {
            assert_eq!(new.open(account, Uuid::nil(), "note", sealed).await.unwrap(), b"kept", "{}", place.name);
            assert!(vault.open(account, Uuid::nil(), "note", sealed).await.is_err(), "{}", place.name);
        }
    }
}

#[tokio::test]
async fn a_lost_master_key_is_missed_and_not_made_again() {
    for place in places("lost").await {
        let sealed = place.vault().await.seal(ANNA, Uuid::nil(), "note", b"kept").await.unwrap();
        let copy = fs::read(place.master()).unwrap();
        fs::remove_file(place.master()).unwrap();
        let without = place.vault().await;
        assert!(!place.master().exists(), "{}", place.name);
        assert!(
            matches!(without.open(ANNA, Uuid::nil(), "note", &sealed).await, Err(Error::Internal(_))),
            "{}",
            place.name
        );
        assert!(without.seal(BEN, Uuid::nil(), "note", b"").await.is_err(), "{}", place.name);
        place.fails_saying(&["keys", "rotate"], "is not in");
        assert!(!place.master().exists(), "{}", place.name);
        write_master(&place, &copy, 0o600);
        assert_eq!(
            without.open(ANNA, Uuid::nil(), "note", &sealed).await.unwrap(),
            b"kept",
            "{}: put back",
            place.name
        );
    }
}

fn write_master(place: &Place, text: &[u8], mode: u32) {
    fs::write(place.master(), text).unwrap();
    fs::set_permissions(place.master(), fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_master_key_that_cannot_be_used_is_said_in_one_line() {
    let place = on_sqlite();
    place.vault().await.close().await;
    let good = fs::read(place.master()).unwrap();
    assert_eq!(fs::metadata(place.master()).unwrap().permissions().mode() & 0o777, 0o600);
    write_master(&place, &good, 0o640);
    place.fails_saying(&["serve"], "chmod 600");
    let mut swapped = good.clone();
    swapped[20] = if swapped[20] == b'A' { b'B' } else { b'A' };
    for (broken, said) in [
        (&swapped[..], "line 1"),
        (&[&good[..], b"nonsense\n"].concat(), "line 2"),
        (&good[..good.len() / 2], "line 1"),
        (b"", "is empty"),
    ] {
        write_master(&place, broken, 0o600);
        place.fails_saying(&["serve"], said);
    }
    for (variable, value, said) in [
        ("SCIATICALM_MASTER_KEY", "c2hvcnQ=", "SCIATICALM_MASTER_KEY must be 32 bytes"),
        ("SCIATICALM_MASTER_KEY_OLD", "c2hvcnQ=", "SCIATICALM_MASTER_KEY, which is not set"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sciaticalm"));
        let output = command.env("SCIATICALM_DATA_DIR", place.folder.path()).env(variable, value).arg("serve").output();
        let error = String::from_utf8(output.unwrap().stderr).unwrap();
        assert!(error.contains(said) && !error.contains(value), "{error}");
    }
    place.fails_saying(&["--keys-url", &place.database_url, "serve"], "another database");
}

#[tokio::test]
async fn the_keys_have_one_backup_which_is_replaced() {
    let place = on_sqlite();
    let vault = place.vault().await;
    for account in [ANNA, BEN] {
        vault.seal(account, Uuid::nil(), "note", b"").await.unwrap();
    }
    let annas = place.keys().await.key(ANNA).await.unwrap().unwrap().wrapped;
    let bens = place.keys().await.key(BEN).await.unwrap().unwrap().wrapped;
    fs::create_dir(place.path("away")).unwrap();
    let backup = place.path("away/keys.backup");
    let words = ["keys", "backup", backup.to_str().unwrap()];
    place.succeeds(&words);
    let written = fs::read(&backup).unwrap();
    assert!(holds(&written, &annas) && holds(&written, &bens));
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);

    let second = place.path("away/second");
    place.fails_saying(&["keys", "backup", second.to_str().unwrap()], "only one");
    vault.destroy(ANNA).await.unwrap();
    place.succeeds(&words);
    let written = fs::read(&backup).unwrap();
    assert!(!holds(&written, &annas) && holds(&written, &bens));
    let names: Vec<_> = fs::read_dir(place.path("away")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["keys.backup"]);

    fs::rename(&backup, place.path("taken")).unwrap();
    let said = place.succeeds(&["keys", "backup", second.to_str().unwrap()]);
    assert!(said.contains(backup.to_str().unwrap()) && said.contains("delete it"), "{said}");
}

#[tokio::test]
async fn a_backup_has_no_keys_and_replaces_nothing() {
    let place = on_sqlite();
    let state = place.state().await;
    keep(&state, ANNA, NOW.new_id(), "").await;
    let wrapped = place.keys().await.key(ANNA).await.unwrap().unwrap().wrapped;
    let backup = place.path("backup.db");
    let words = ["backup", backup.to_str().unwrap()];
    place.succeeds(&words);
    let written = fs::read(&backup).unwrap();
    assert!(!holds(&written, &wrapped) && !holds(&written, b"account_key"));
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    place.fails_saying(&words, "there is a file already");
    assert_eq!(fs::read(&backup).unwrap(), written);
    place.fails_saying(&["backup", place.path("no/folder/x").to_str().unwrap()], "cannot write");
}

#[tokio::test]
async fn only_a_backup_is_restored_and_only_while_no_site_runs_and_what_was_there_is_kept() {
    let place = on_sqlite();
    let state = place.state().await;
    let id = NOW.new_id();
    keep(&state, ANNA, id, "old").await;
    let backup = place.path("backup.db");
    place.succeeds(&["backup", backup.to_str().unwrap()]);
    keep(&state, ANNA, id, "new").await;
    let restore = ["restore", backup.to_str().unwrap()];
    place.fails_saying(&restore, "stop it first");
    assert_eq!(note(&state, id).await, "new");
    state.close().await;

    let (no_file, text, cut) = (place.path("none"), place.path("text"), place.path("cut"));
    fs::write(&text, "a shopping list").unwrap();
    let whole = fs::read(&backup).unwrap();
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let keys = place.path("keys.db");
    for (file, said) in [(&no_file, "is no backup"), (&text, "is no backup"), (&keys, "is no backup")] {
        place.fails_saying(&["restore", file.to_str().unwrap()], said);
    }
    assert!(!place.run(&["restore", cut.to_str().unwrap()]).status.success(), "half a backup");
    until_it_succeeds(&place, &restore).await;
    let restored = place.state().await;
    assert_eq!(note(&restored, id).await, "old");
    restored.close().await;

    let names =
        fs::read_dir(place.folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let kept: Vec<String> = names.filter(|name| name.contains(".before-restore-")).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    let before = Place { database_url: format!("sqlite:{}", place.path(&kept[0]).display()), ..place };
    let state = before.state().await;
    assert_eq!(note(&state, id).await, "new");
}

#[tokio::test]
async fn a_damaged_database_can_be_restored_over() {
    let place = on_sqlite();
    let state = place.state().await;
    keep(&state, ANNA, Uuid::nil(), "kept").await;
    let backup = place.path("backup.db");
    place.succeeds(&["backup", backup.to_str().unwrap()]);
    state.close().await;
    fs::write(place.path("sciaticalm.db"), vec![7; 8_192]).unwrap();
    until_it_succeeds(&place, &["restore", backup.to_str().unwrap()]).await;
    let restored = place.state().await;
    assert_eq!(note(&restored, Uuid::nil()).await, "kept");
}

#[tokio::test]
async fn postgres_is_backed_up_by_its_own_programs() {
    let Some(place) = on_postgres("own_programs").await else { return };
    let path = place.path("x");
    let path = path.to_str().unwrap();
    place.fails_saying(&["backup", path], "pg_dump");
    place.fails_saying(&["restore", path], "pg_restore");
    place.fails_saying(&["keys", "backup", path], "pg_dump");
}
