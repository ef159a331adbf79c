//! The database: SQLite inside the process, or PostgreSQL beside it. SQL is written once, in the dialect both share.
//!
//! Reads go through [`on!`](crate::on). Writes go through [`Db::write`], the only way to write: on SQLite one writer
//! connection takes the jobs in turn, each in a savepoint, and commits together what waited together; an answer is given
//! after the commit. On PostgreSQL a job is an ordinary transaction.

use std::{panic::AssertUnwindSafe, path::PathBuf, str::FromStr, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use sqlx::{
    Connection, PgConnection, PgPool, QueryBuilder, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migrator},
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};

use crate::{Error, Result};

/// Adds `(…, …)` with these values to a query.
pub(crate) fn push_list<'t, DB, T>(query: &mut QueryBuilder<DB>, values: impl IntoIterator<Item = T>)
where
    DB: sqlx::Database,
    T: 't + sqlx::Encode<'t, DB> + sqlx::Type<DB>,
{
    let mut list = query.push("(").separated(", ");
    for value in values {
        list.push_bind(value);
    }
    query.push(")");
}

/// An open database. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Db {
    Sqlite { readers: SqlitePool, writer: mpsc::Sender<Job> },
    Postgres(PgPool),
}

/// What a database is.
#[derive(Clone, Debug)]
pub struct About {
    /// Its name and version.
    pub engine: String,
    pub bytes: Option<i64>,
    /// SQLite's.
    pub file: Option<PathBuf>,
}

/// The connection of a write job, with its transaction open.
#[derive(Debug)]
pub enum Tx<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// Runs one expression against whichever engine is open: `on!(db, pool => query.fetch_all(pool))` with a [`Db`](crate::db::Db)
/// to read, `on!(tx, connection => …)` with a [`Tx`](crate::db::Tx) to write. The expression is compiled once for each engine.
#[macro_export]
macro_rules! on {
    (tx $tx:expr, $connection:ident => $body:expr) => {
        match $tx {
            $crate::db::Tx::Sqlite(connection) => {
                let $connection = &mut **connection;
                $body
            }
            $crate::db::Tx::Postgres(connection) => {
                let $connection = &mut **connection;
                $body
            }
        }
    };
    (db $db:expr, $pool:ident => $body:expr) => {
        match $db {
            $crate::db::Db::Sqlite { readers: $pool, .. } => $body,
            $crate::db::Db::Postgres($pool) => $body,
        }
    };
}

/// The tables of one database, for either engine.
#[derive(Debug)]
struct Tables {
    sqlite: Migrator,
    postgres: Migrator,
}

/// Everything but the keys.
static SITE: Tables =
    Tables { sqlite: sqlx::migrate!("../migrations/sqlite"), postgres: sqlx::migrate!("../migrations/postgres") };
/// The key store: a database of its own, so that no backup of the site holds a key.
static KEYS: Tables = Tables {
    sqlite: sqlx::migrate!("../migrations/keys/sqlite"),
    postgres: sqlx::migrate!("../migrations/keys/postgres"),
};

/// The number of the newest tables of the site that this program knows.
pub fn newest_tables() -> i64 {
    SITE.sqlite.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// How long to wait for the database to take a connection.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How many read connections SQLite has; PostgreSQL twice as many in all.
const READERS: u32 = 8;
/// How many jobs may wait for the writer before a caller has to.
const QUEUE: usize = 1_024;
/// How many jobs share a commit at most, so that the first of them is not kept waiting.
const BATCH: usize = 256;

/// Whether the address is one of PostgreSQL, which may come and go without us.
pub fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres:") || url.starts_with("postgresql:")
}

/// Whether the database was not there to answer: one may wait for it. A wrong password is none of these.
pub fn is_unreachable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
        // Connections lost, too many of them, starting up or shutting down.
        sqlx::Error::Database(database) => {
            database.code().is_some_and(|code| ["08", "53", "57P"].iter().any(|class| code.starts_with(class)))
        }
        sqlx::Error::Migrate(migration) => match &**migration {
            MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => is_unreachable(cause),
            _ => false,
        },
        _ => false,
    }
}

impl Db {
    /// Opens `url` (`sqlite:path` or `postgres://…`), creating a SQLite file that is not there, and brings its tables to
    /// this version of the program.
    ///
    /// # Errors
    /// The engine's own, when it cannot be reached or opened within [`PATIENCE`], or was made by a newer program.
    pub async fn open(url: &str) -> Result<Self, sqlx::Error> {
        if is_postgres(url) {
            let db = Self::expect_postgres(url)?;
            db.migrate().await?;
            return Ok(db);
        }
        Self::open_sqlite(SqliteConnectOptions::from_str(url)?, &SITE).await
    }

    /// Opens a key store: SQLite as [`Db::open`] does; PostgreSQL as [`Db::expect_postgres`] does, with
    /// [`Db::migrate_keys`] before use.
    ///
    /// # Errors
    /// As [`Db::open`], but PostgreSQL need not be there.
    pub async fn open_keys(url: &str) -> Result<Self, sqlx::Error> {
        if is_postgres(url) {
            return Self::expect_postgres(url);
        }
        Self::open_sqlite(SqliteConnectOptions::from_str(url)?, &KEYS).await
    }

    async fn open_sqlite(options: SqliteConnectOptions, tables: &Tables) -> Result<Self, sqlx::Error> {
        let options = options
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged entry survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            // What is deleted is overwritten: keys, and e-mail addresses, which are not sealed. Not "fast", which leaves what
            // was on pages that became free.
            .pragma("secure_delete", "on")
            .busy_timeout(PATIENCE);
        // The pages that many write to at once stay in memory, 16 MiB of them, and are brought from the log into the file
        // after 32 MiB: each page once, and not each time that it was written.
        let busy = options.clone().pragma("cache_size", "-16384").pragma("wal_autocheckpoint", "8000");
        let mut writer = SqliteConnection::connect_with(&busy).await?;
        tables.sqlite.run(&mut writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(PATIENCE)
            // A file of our own does not hang up, and to ask each time doubles what a read waits for.
            .test_before_acquire(false)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        let (jobs, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(write_in_turn(writer, waiting));
        Ok(Self::Sqlite { readers, writer: jobs })
    }

    /// A PostgreSQL database that need not be there yet: what asks it fails until it is. [`Db::migrate`] before use.
    ///
    /// # Errors
    /// When the address is none.
    pub fn expect_postgres(url: &str) -> Result<Self, sqlx::Error> {
        let pool = PgPoolOptions::new().max_connections(2 * READERS).acquire_timeout(PATIENCE).connect_lazy(url)?;
        Ok(Self::Postgres(pool))
    }

    /// Brings PostgreSQL's tables to this version of the program; SQLite's are, once it is open.
    ///
    /// # Errors
    /// The engine's own, when it cannot be reached within [`PATIENCE`], or was made by a newer program.
    pub async fn migrate(&self) -> Result<(), sqlx::Error> {
        self.migrate_to(&SITE).await
    }

    /// As [`Db::migrate`], for a key store.
    ///
    /// # Errors
    /// As [`Db::migrate`].
    pub async fn migrate_keys(&self) -> Result<(), sqlx::Error> {
        self.migrate_to(&KEYS).await
    }

    async fn migrate_to(&self, tables: &Tables) -> Result<(), sqlx::Error> {
        let Self::Postgres(pool) = self else { return Ok(()) };
        let mut connection = pool.acquire().await?;
        let migrated = tables.postgres.run(&mut *connection).await;
        if migrated.is_err() {
            // It may hold the migrations' lock, which the next attempt would wait for.
            let _ = connection.close().await;
        }
        Ok(migrated?)
    }

    /// Brings SQLite's log into its file and empties it, so that what was overwritten is in neither. PostgreSQL keeps its
    /// log in its own way.
    ///
    /// # Errors
    /// When somebody reads or writes for longer than [`PATIENCE`]; then the log stays as it is.
    pub async fn empty_log(&self) -> Result<()> {
        let Self::Sqlite { readers, .. } = self else { return Ok(()) };
        // Not the writer, which is inside a transaction whenever it runs a job.
        let options = readers.connect_options().as_ref().clone().read_only(false);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let emptied = timeout(PATIENCE, async {
            // SQLite waits for readers and the writer, and not for others that do this.
            while sqlx::query_scalar::<_, i64>("pragma wal_checkpoint(truncate)").fetch_one(&mut connection).await? != 0
            {
                sleep(Duration::from_millis(20)).await;
            }
            Ok::<_, Error>(())
        });
        emptied.await.map_err(|_| Error::internal("the database is busy: its log could not be emptied"))??;
        Ok(connection.close().await?)
    }

    /// Whether the database answers, and has tables.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not answer.
    pub async fn ping(&self) -> Result<()> {
        on!(db self, pool => sqlx::query_scalar::<_, String>("select id from exercise limit 1").fetch_optional(pool).await.map(drop))
            .map_err(Error::from)
    }

    /// What it is and how large. A distributed engine may not tell its size.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not answer.
    pub async fn about(&self) -> Result<About> {
        Ok(match self {
            Self::Sqlite { readers, .. } => {
                let (version, file, bytes) = sqlx::query_as::<_, (String, String, i64)>(
                    "select sqlite_version(), (select file from pragma_database_list where name = 'main'), \
                     (select page_count from pragma_page_count) * (select page_size from pragma_page_size)",
                )
                .fetch_one(readers)
                .await?;
                About { engine: format!("SQLite {version}"), bytes: Some(bytes), file: Some(file.into()) }
            }
            Self::Postgres(pool) => {
                let version: String = sqlx::query_scalar("select version()").fetch_one(pool).await?;
                let bytes = sqlx::query_scalar("select pg_database_size(current_database())").fetch_one(pool).await;
                // "PostgreSQL 15.8 (Debian …) on x86_64…", or what another engine calls itself.
                let engine = version.split([',', '(']).next().unwrap_or_default();
                let engine = engine.split(" on ").next().unwrap_or_default().trim().to_owned();
                About { engine, bytes: bytes.ok(), file: None }
            }
        })
    }

    /// Runs `job` in a transaction of its own, and answers once it is committed.
    ///
    /// # Errors
    /// The job's, and then nothing of it is kept; [`Error::Internal`] when the commit fails.
    pub async fn write<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(Tx<'t>) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        match self {
            Self::Sqlite { .. } => self.write_sqlite(|connection| job(Tx::Sqlite(connection))).await,
            Self::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                let answer = job(Tx::Postgres(&mut tx)).await?;
                tx.commit().await?;
                Ok(answer)
            }
        }
    }

    async fn write_sqlite<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut SqliteConnection) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let Self::Sqlite { writer, .. } = self else {
            return Err(Error::internal("not a SQLite database"));
        };
        let (answer, answered) = oneshot::channel();
        let run: Job = Job(Box::new(move |connection| {
            async move {
                let done = in_savepoint(connection, job).await;
                Box::new(move |committed: Result<()>| {
                    // Nobody may be waiting any more: the request was given up.
                    let _ = answer.send(done.and_then(|value| committed.map(|()| value)));
                }) as Answer
            }
            .boxed()
        }));
        writer.send(run).await.map_err(|_| Error::internal("the writer has stopped"))?;
        answered.await.map_err(|_| Error::internal("the write was not done: see the log just before"))?
    }

    /// Waits for what is being written, and closes.
    pub async fn close(self) {
        match self {
            Self::Sqlite { readers, writer } => {
                drop(writer);
                readers.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// Tells the caller, once it is known whether the commit held.
type Answer = Box<dyn FnOnce(Result<()>) + Send>;

/// A queued write: runs in its savepoint, and leaves what to tell the caller.
pub struct Job(Box<Run>);

type Run = dyn for<'t> FnOnce(&'t mut SqliteConnection) -> BoxFuture<'t, Answer> + Send;

async fn in_savepoint<T, F>(connection: &mut SqliteConnection, job: F) -> Result<T>
where
    F: for<'t> FnOnce(&'t mut SqliteConnection) -> BoxFuture<'t, Result<T>>,
{
    sqlx::query("savepoint job").execute(&mut *connection).await?;
    // A job that panics must not take the writer with it.
    let done = AssertUnwindSafe(job(connection)).catch_unwind().await;
    let done = done.unwrap_or_else(|_| Err(Error::internal("the write panicked")));
    let end = if done.is_ok() { "release job" } else { "rollback to job; release job" };
    sqlx::raw_sql(end).execute(&mut *connection).await?;
    done
}

/// The writer: takes what waits, commits it together, and answers.
async fn write_in_turn(mut connection: SqliteConnection, mut waiting: mpsc::Receiver<Job>) {
    while let Some(first) = waiting.recv().await {
        if let Err(error) = sqlx::query("begin immediate").execute(&mut connection).await {
            // Dropping the job tells its caller.
            tracing::error!(%error, "a write could not begin");
            continue;
        }
        let mut answers = vec![(first.0)(&mut connection).await];
        while answers.len() < BATCH
            && let Ok(job) = waiting.try_recv()
        {
            answers.push((job.0)(&mut connection).await);
        }
        let committed = sqlx::query("commit").execute(&mut connection).await;
        if let Err(error) = &committed {
            tracing::error!(%error, "a commit failed; {} writes are lost and were answered so", answers.len());
            let _ = sqlx::query("rollback").execute(&mut connection).await;
        }
        for answer in answers {
            answer(committed.as_ref().map(|_| ()).map_err(|error| Error::internal(error.to_string())));
        }
    }
    let _ = connection.close().await;
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Job")
    }
}
