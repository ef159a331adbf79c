//! Where the accounts' wrapped keys are kept: a database of its own.

use std::{collections::HashMap, fs::OpenOptions, os::unix::fs::OpenOptionsExt, str::FromStr};

use sqlx::{QueryBuilder, sqlite::SqliteConnectOptions};
use uuid::Uuid;

use super::key::SEALED_KEY;
use crate::{
    Result,
    db::{self, Db, push_list},
    on,
    together::Together,
};

/// What stands in place of a key that was destroyed: as long as one, so that it overwrites it where it is.
const DESTROYED: [u8; SEALED_KEY] = [0; SEALED_KEY];

/// The wrapped keys of the accounts.
#[derive(Clone, Debug)]
pub struct KeyStore {
    db: Db,
    keys: Together<Uuid, Option<WrappedKey>>,
}

/// How many keys are read at once.
const READ_TOGETHER: usize = 256;

/// An account's key, as it is kept.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct WrappedKey {
    pub account_id: Uuid,
    /// The id of the master key that wraps it.
    pub master: String,
    pub wrapped: Vec<u8>,
}

impl WrappedKey {
    /// Whether there was a key, and is none any more.
    pub fn is_destroyed(&self) -> bool {
        self.wrapped == DESTROYED
    }
}

impl KeyStore {
    /// Opens the key store at `url` (`sqlite:path` or `postgres://…`), and makes a SQLite file that is not there, for its
    /// owner alone. PostgreSQL need not be there yet: see [`KeyStore::migrate`].
    ///
    /// # Errors
    /// As [`Db::open_keys`].
    pub async fn open(url: &str) -> Result<Self, sqlx::Error> {
        if !db::is_postgres(url) {
            let options = SqliteConnectOptions::from_str(url)?;
            // Where this fails the file is there, or SQLite says better why it cannot be.
            let _ = OpenOptions::new().write(true).create_new(true).mode(0o600).open(options.get_filename());
        }
        let db = Db::open_keys(url).await?;
        let of = db.clone();
        let keys = Together::new(READ_TOGETHER, move |accounts| {
            let db = of.clone();
            Box::pin(async move { keys_of(&db, &accounts).await })
        });
        Ok(Self { db, keys })
    }

    /// Brings PostgreSQL's tables to this version of the program.
    ///
    /// # Errors
    /// As [`Db::migrate`].
    pub async fn migrate(&self) -> Result<()> {
        Ok(self.db.migrate_keys().await?)
    }

    /// See [`Db::empty_log`].
    ///
    /// # Errors
    /// As there.
    pub async fn empty_log(&self) -> Result<()> {
        self.db.empty_log().await
    }

    /// The id of the master key that wraps new keys; nothing before the first.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn current_master(&self) -> Result<Option<String>> {
        Ok(on!(db &self.db, pool => sqlx::query_scalar("select current_master from key_store where one = 1")
            .fetch_optional(pool)
            .await)?)
    }

    /// Names the first master key, unless another process has.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn name_first_master(&self, master: &str) -> Result<()> {
        let master = master.to_owned();
        self.db
            .write(move |mut tx| {
                Box::pin(async move {
                    on!(tx &mut tx, connection => sqlx::query(
                        "insert into key_store (one, current_master, backup_path) values (1, $1, '')
                         on conflict (one) do nothing",
                    )
                    .bind(&master)
                    .execute(connection)
                    .await
                    .map(drop))?;
                    Ok(())
                })
            })
            .await
    }

    /// From now on new keys are wrapped by this master key alone.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn set_current_master(&self, master: &str) -> Result<()> {
        let master = master.to_owned();
        self.db
            .write(move |mut tx| {
                Box::pin(async move {
                    on!(tx &mut tx, connection => sqlx::query("update key_store set current_master = $1 where one = 1")
                        .bind(&master)
                        .execute(connection)
                        .await
                        .map(drop))?;
                    Ok(())
                })
            })
            .await
    }

    /// The account's key, or that it was destroyed; nothing where it never had one.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn key(&self, account: Uuid) -> Result<Option<WrappedKey>> {
        self.keys.ask(account).await
    }

    /// Keeps an account's first key. It is not kept if the account has one already or had one, or if its master key is not
    /// the current one any more: read what is there now.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn add(&self, key: WrappedKey, now: i64) -> Result<()> {
        self.db
            .write(move |mut tx| {
                Box::pin(async move {
                    // A rotation waits for this row, or has changed it.
                    let is_current = on!(tx &mut tx, connection => sqlx::query(
                        "update key_store set current_master = $1 where one = 1 and current_master = $1",
                    )
                    .bind(&key.master)
                    .execute(connection)
                    .await
                    .map(|done| done.rows_affected() == 1))?;
                    if !is_current {
                        return Ok(());
                    }
                    on!(tx &mut tx, connection => sqlx::query(
                        "insert into account_key (account_id, master, wrapped, created_at) values ($1, $2, $3, $4)
                         on conflict (account_id) do nothing",
                    )
                    .bind(key.account_id)
                    .bind(&key.master)
                    .bind(&key.wrapped)
                    .bind(now)
                    .execute(connection)
                    .await
                    .map(drop))?;
                    Ok(())
                })
            })
            .await
    }

    /// Overwrites the account's key, and notes that it may never have another.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn destroy(&self, account: Uuid, now: i64) -> Result<()> {
        self.db
            .write(move |mut tx| {
                Box::pin(async move {
                    on!(tx &mut tx, connection => sqlx::query(
                        "insert into account_key (account_id, master, wrapped, created_at) values ($1, '', $2, $3)
                         on conflict (account_id) do update
                         set wrapped = excluded.wrapped",
                    )
                    .bind(account)
                    .bind(DESTROYED.as_slice())
                    .bind(now)
                    .execute(connection)
                    .await
                    .map(drop))?;
                    Ok(())
                })
            })
            .await
    }

    /// The master keys that something is wrapped by.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn masters_in_use(&self) -> Result<Vec<String>> {
        Ok(on!(db &self.db, pool => sqlx::query_scalar(
            "select distinct master from account_key where wrapped <> $1
             union
             select current_master from key_store",
        )
        .bind(DESTROYED.as_slice())
        .fetch_all(pool)
        .await)?)
    }

    /// Up to `limit` keys that another master key than `master` wraps.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn keys_not_under(&self, master: &str, limit: i64) -> Result<Vec<WrappedKey>> {
        Ok(on!(db &self.db, pool => sqlx::query_as(
            "select account_id, master, wrapped from account_key
             where master <> $1 and wrapped <> $2
             order by account_id limit $3",
        )
        .bind(master)
        .bind(DESTROYED.as_slice())
        .bind(limit)
        .fetch_all(pool)
        .await)?)
    }

    /// Puts keys in place of the same keys wrapped otherwise. One that was destroyed meanwhile stays so.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn rewrap(&self, keys: Vec<(WrappedKey, WrappedKey)>) -> Result<()> {
        self.db
            .write(move |mut tx| {
                Box::pin(async move {
                    for (old, new) in keys {
                        on!(tx &mut tx, connection => sqlx::query(
                            "update account_key set master = $1, wrapped = $2 where account_id = $3 and wrapped = $4",
                        )
                        .bind(&new.master)
                        .bind(&new.wrapped)
                        .bind(old.account_id)
                        .bind(&old.wrapped)
                        .execute(connection)
                        .await
                        .map(drop))?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Where the one backup was written last; nothing where it never was.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn backup_path(&self) -> Result<Option<String>> {
        let path: Option<String> = on!(db &self.db, pool => sqlx::query_scalar("select backup_path from key_store where one = 1")
                .fetch_optional(pool)
                .await)?;
        Ok(path.filter(|path| !path.is_empty()))
    }

    /// Notes where the one backup is about to be written.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn set_backup_path(&self, path: &str) -> Result<()> {
        let path = path.to_owned();
        self.db
            .write(move |mut tx| {
                Box::pin(async move {
                    on!(tx &mut tx, connection => sqlx::query("update key_store set backup_path = $1 where one = 1")
                        .bind(&path)
                        .execute(connection)
                        .await
                        .map(drop))?;
                    Ok(())
                })
            })
            .await
    }

    /// See [`Db::close`].
    pub async fn close(self) {
        self.db.close().await;
    }
}

/// Of each of these accounts, its key.
async fn keys_of(db: &Db, accounts: &[Uuid]) -> Result<Vec<Option<WrappedKey>>> {
    let rows: Vec<WrappedKey> = on!(db db, pool => {
        let mut query = QueryBuilder::new("select account_id, master, wrapped from account_key where account_id in ");
        push_list(&mut query, accounts);
        query.build_query_as().fetch_all(pool).await
    })?;
    let found: HashMap<Uuid, WrappedKey> = rows.into_iter().map(|key| (key.account_id, key)).collect();
    Ok(accounts.iter().map(|account| found.get(account).cloned()).collect())
}
