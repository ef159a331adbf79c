//! `sciaticalm backup` and `restore`: the database as a file, and beside it a folder with the pictures that it names. The key
//! store is never in it, and never put back with it.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use app::{
    account::deletion,
    clock::Clock,
    db::{self, Db},
    media::{place::Place, workshop},
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{config::StoreOptions, start};

/// How long a database of our own may take to close, and how often to look.
const CLOSING: Duration = Duration::from_millis(20);
const CLOSING_TRIES: usize = 250;

/// What to do where there is a file already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhereThere {
    Refuse,
    Replace,
}

/// `sciaticalm backup`: a whole and consistent copy, made while the site runs.
///
/// # Errors
/// When there is a file already, or the copy cannot be made; then there is none.
pub async fn backup(options: &StoreOptions, path: &Path) -> Result<()> {
    let (engine, url) = start::database_url(options)?;
    let workshop = start::workshop(options)?;
    if engine == "postgres" {
        let pictures = match &options.media.media_url {
            Some(bucket) => format!("in the bucket {bucket}: copy what is in it"),
            None => "in the folder media of the data folder: copy it".to_owned(),
        };
        bail!(
            "this site's database is in PostgreSQL: back it up with pg_dump, and keep the key store out of that backup. \
             The pictures are {pictures} afterwards"
        );
    }
    copy(&url, path, WhereThere::Refuse).await?;
    println!("The database is in {}. The keys are not: see sciaticalm keys backup.", path.display());
    let pictures = with_suffix(path, PICTURES);
    let copied = copy_pictures(path, workshop.place(), &Place::Folder(pictures.clone())).await?;
    if copied.named > 0 {
        println!("Its pictures are in {}: keep the two together.", pictures.display());
    }
    copied.tell();
    Ok(())
}

/// Copies the SQLite database at `url` to `path`, whole or not at all, for its owner alone, and onto the disk.
///
/// # Errors
/// When it cannot be read or written, or there is a file at `path` that is not to be replaced.
pub async fn copy(url: &str, path: &Path, where_there: WhereThere) -> Result<()> {
    let refused = || anyhow!("there is a file already: {}", path.display());
    if where_there == WhereThere::Refuse && fs::exists(path).unwrap_or(true) {
        return Err(refused());
    }
    let unwritable = || format!("cannot write {}", path.display());
    let new = with_suffix(path, ".new");
    create_empty(&new).with_context(unwritable)?;
    let copied = copy_into(url, &new).await.and_then(|()| {
        File::open(&new)?.sync_all()?;
        match where_there {
            WhereThere::Replace => fs::rename(&new, path).with_context(unwritable)?,
            WhereThere::Refuse => fs::hard_link(&new, path).map_err(|_| refused())?,
        }
        sync_folder_of(path).with_context(unwritable)
    });
    // Gone already if it was renamed.
    let _ = fs::remove_file(&new);
    copied
}

async fn copy_into(url: &str, new: &Path) -> Result<()> {
    let source = SqliteConnectOptions::from_str(url)?.read_only(true).busy_timeout(db::PATIENCE);
    let mut source = SqliteConnection::connect_with(&source).await.context("cannot open the database")?;
    let target = new.to_str().context("the path is not UTF-8")?;
    sqlx::query("vacuum into $1").bind(target).execute(&mut source).await.context("cannot copy the database")?;
    source.close().await.context("cannot close the database")
}

/// `sciaticalm restore`: the backup takes the database's place. The key store stays as it is, so that an account that was
/// deleted since cannot be read; what else the backup holds of it is deleted before anybody sees it.
///
/// # Errors
/// When a site has the database open, or the file is no backup; then nothing is changed.
pub async fn restore(options: &StoreOptions, path: &Path) -> Result<()> {
    let (engine, url) = start::database_url(options)?;
    if engine == "postgres" {
        bail!(
            "this site's database is in PostgreSQL: restore it with pg_restore or psql, and leave the key store as it is"
        );
    }
    check_is_backup(path).await?;
    // Their names say what is in them, so that what is there already is as good.
    let copied =
        copy_pictures(path, &Place::Folder(with_suffix(path, PICTURES)), start::workshop(options)?.place()).await?;
    let database = SqliteConnectOptions::from_str(&url)?.get_filename().to_owned();
    let unwritable = || format!("cannot write {}", database.display());
    let new = with_suffix(&database, ".new");
    let mut file = create_empty(&new).with_context(unwritable)?;
    io::copy(&mut File::open(path)?, &mut file).and_then(|_| file.sync_all()).with_context(unwritable)?;
    let put_in_place = async {
        let held = hold(&database).await?;
        let deleted = forget_deleted_accounts(options, &new).await?;
        let kept = set_aside(&database).with_context(unwritable)?;
        fs::rename(&new, &database).with_context(unwritable)?;
        drop(held);
        anyhow::Ok((kept, deleted))
    };
    let (kept, deleted) = put_in_place.await.inspect_err(|_| {
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(with_suffix(&new, suffix));
        }
    })?;
    sync_folder_of(&database).with_context(unwritable)?;
    println!("Restored {}. The keys are as they were.", path.display());
    println!("Accounts in it that were deleted since, and are deleted again: {deleted}.");
    println!("Everybody signs in anew, and turns reminders on anew.");
    copied.tell();
    if let Some(kept) = kept {
        println!("What was there is kept in {}.", kept.display());
    }
    Ok(())
}

/// What the folder of pictures beside a backup ends in.
const PICTURES: &str = ".media";

/// What came of copying pictures.
struct Copied {
    /// Files that the database names.
    named: usize,
    /// Of those, the ones that are in neither place.
    missing: usize,
}

impl Copied {
    fn tell(&self) {
        if self.missing > 0 {
            println!("{} of the {} files of pictures are missing: they are not shown.", self.missing, self.named);
        }
    }
}

/// Copies the files of pictures that the database at `path` names from one place to another, where they are not yet.
async fn copy_pictures(path: &Path, from: &Place, to: &Place) -> Result<Copied> {
    let names = picture_names(path).await.context("cannot read which pictures there are")?;
    let mut missing = 0;
    let failed = |error| start::plainly(error).context("cannot copy the pictures");
    for name in &names {
        if to.has(name).await.map_err(failed)? {
            continue;
        }
        match from.open(name).await.map_err(failed)? {
            Some(contents) => to.put(name, contents).await.map_err(failed)?,
            None => missing += 1,
        }
    }
    Ok(Copied { named: names.len(), missing })
}

/// The files that the pictures of a backup have; none where it is older than the library.
async fn picture_names(path: &Path) -> Result<BTreeSet<String>> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
    let mut backup = SqliteConnection::connect_with(&options).await?;
    let there: bool = sqlx::query_scalar("select count(*) = 1 from sqlite_master where name = 'media_version'")
        .fetch_one(&mut backup)
        .await?;
    let lists: Vec<String> = if there {
        sqlx::query_scalar("select files from media_version").fetch_all(&mut backup).await?
    } else {
        vec![]
    };
    backup.close().await?;
    let mut names = BTreeSet::new();
    for list in lists {
        let files: Vec<app::media::File> = serde_json::from_str(&list)?;
        // A name that is none of ours could lead out of the folder.
        names.extend(files.into_iter().map(|file| file.name).filter(|name| workshop::format_of(name).is_some()));
    }
    Ok(names)
}

/// Deletes from the copy the accounts that today's key store has no key for, with all sessions and links.
async fn forget_deleted_accounts(options: &StoreOptions, new: &Path) -> Result<usize> {
    let vault = start::open_vault(options, Clock::System).await?;
    vault.prepare().await.map_err(start::plainly)?;
    let db = Db::open(&format!("sqlite:{}", new.display())).await.context("cannot open the copy of the backup")?;
    let deleted = deletion::forget_keyless(&db, &vault, &Clock::System).await.map_err(start::plainly);
    db.close().await;
    vault.close().await;
    // Its connections are closed a moment later; until then it has a log beside it, which must not be left behind.
    let mut alone = hold(new).await;
    for _ in 0..CLOSING_TRIES {
        if alone.is_ok() {
            break;
        }
        tokio::time::sleep(CLOSING).await;
        alone = hold(new).await;
    }
    alone?;
    deleted
}

/// Whether it is a whole database of this program, or of one before it.
async fn check_is_backup(path: &Path) -> Result<()> {
    let no_backup = || format!("{} is no backup of this program", path.display());
    // Nothing is written beside it.
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
    let mut backup = SqliteConnection::connect_with(&options).await.with_context(no_backup)?;
    let sound: String =
        sqlx::query_scalar("pragma integrity_check(1)").fetch_one(&mut backup).await.with_context(no_backup)?;
    if sound != "ok" {
        bail!("{} is damaged: {sound}", path.display());
    }
    let of_the_site: bool = sqlx::query_scalar(
        "select count(*) = 2 from sqlite_master where type = 'table' and name in ('_sqlx_migrations', 'article')",
    )
    .fetch_one(&mut backup)
    .await
    .with_context(no_backup)?;
    if !of_the_site {
        bail!(no_backup());
    }
    let newest: i64 = sqlx::query_scalar("select coalesce(max(version), 0) from _sqlx_migrations")
        .fetch_one(&mut backup)
        .await
        .with_context(no_backup)?;
    if newest > db::newest_tables() {
        bail!("{} was made by a newer version of this program", path.display());
    }
    backup.close().await.with_context(no_backup)
}

/// Takes the database for itself, with its log brought into it, until this is dropped; nothing where there is no database,
/// or none that SQLite can open: that is what one restores for.
async fn hold(database: &Path) -> Result<Option<SqliteConnection>> {
    let options = SqliteConnectOptions::new().filename(database);
    let Ok(mut connection) = SqliteConnection::connect_with(&options).await else { return Ok(None) };
    let in_use = || anyhow!("the site is running: stop it first");
    // Every process that has the database open keeps a log, which can only be given up when there is no other.
    let mode: Result<String, _> = sqlx::query_scalar("pragma journal_mode = delete").fetch_one(&mut connection).await;
    match mode {
        Ok(mode) if mode == "delete" => {}
        Err(sqlx::Error::Database(error)) if !is_busy(&*error) => return Ok(None),
        _ => return Err(in_use()),
    }
    match sqlx::query("begin exclusive").execute(&mut connection).await {
        Err(sqlx::Error::Database(error)) if is_busy(&*error) => Err(in_use()),
        // A damaged one.
        Err(_) => Ok(None),
        Ok(_) => Ok(Some(connection)),
    }
}

/// `SQLITE_BUSY`, in any of its kinds.
fn is_busy(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.code().and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == 5)
}

/// Renames the database and what SQLite keeps beside it, so that it can be opened under its new name.
fn set_aside(database: &Path) -> io::Result<Option<PathBuf>> {
    if !fs::exists(database)? {
        return Ok(None);
    }
    let at = Clock::System.millis();
    let seconds = at / 1_000 % 86_400;
    let time = format!("{:02}{:02}{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let kept = with_suffix(database, &format!(".before-restore-{}-{time}", Clock::Fixed(at).today()));
    for suffix in ["-wal", "-shm", ""] {
        let from = with_suffix(database, suffix);
        if fs::exists(&from)? {
            fs::rename(from, with_suffix(&kept, suffix))?;
        }
    }
    Ok(Some(kept))
}

/// For its owner alone.
fn create_empty(path: &Path) -> io::Result<File> {
    // What was left when the process was killed may be anybody's.
    let _ = fs::remove_file(path);
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(path);
    path.push(suffix);
    path.into()
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
