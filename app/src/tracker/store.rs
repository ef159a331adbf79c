//! What a patient logged and asked us to keep: sealed under the account's key before it reaches the database.

use uuid::Uuid;

use crate::{
    AppState, Error, Result,
    account::consent::Consented,
    db::{Db, Tx},
    on,
};

/// How many entries an account may keep: ten years of days, some of them corrected.
pub const MOST_ENTRIES: i64 = 5_000;

/// An entry, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Made by the client, in the order of time.
    pub id: Uuid,
    /// What sort of thing it is.
    pub kind: String,
    /// Milliseconds since 1970, UTC.
    pub saved_at: i64,
    /// As it was saved.
    pub plain: Vec<u8>,
}

#[derive(Debug, sqlx::FromRow)]
struct SealedEntry {
    id: Uuid,
    kind: String,
    sealed: Vec<u8>,
    saved_at: i64,
}

/// Saves an entry of somebody who agreed to it under its id, in place of what the account had there: the same entry sent twice
/// is one. `kind` says what sort of thing it is, and must say nothing about anybody's health: it is not sealed. Of a consent
/// that is withdrawn at the same moment, either nothing is saved, or what is saved is erased with the rest.
///
/// # Errors
/// As [`Vault::seal`](crate::vault::Vault::seal); when the database fails; [`Error::Forbidden`] where the consent was withdrawn meanwhile, [`Error::Conflict`] where the account
/// has [`MOST_ENTRIES`] already.
pub async fn keep_entry(state: &AppState, consented: &Consented, id: Uuid, kind: &str, plain: &[u8]) -> Result<()> {
    let consented = consented.clone();
    let account = consented.account();
    let entry = seal(state, account, id, kind, plain).await?;
    state
        .db
        .write(move |mut tx| {
            Box::pin(async move {
                consented.hold(&mut tx).await?;
                if count(&mut tx, account).await? >= MOST_ENTRIES {
                    return Err(Error::Conflict);
                }
                insert(&mut tx, account, &entry).await
            })
        })
        .await
}

async fn seal(state: &AppState, account: Uuid, id: Uuid, kind: &str, plain: &[u8]) -> Result<SealedEntry> {
    let sealed = state.vault.seal(account, id, kind, plain).await?;
    Ok(SealedEntry { id, kind: kind.to_owned(), sealed, saved_at: state.clock.millis_i64() })
}

async fn insert(tx: &mut Tx<'_>, account: Uuid, entry: &SealedEntry) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "insert into health_entry (account_id, id, kind, sealed, saved_at) values ($1, $2, $3, $4, $5)
         on conflict (account_id, id) do update
         set kind = excluded.kind, sealed = excluded.sealed, saved_at = excluded.saved_at",
    )
    .bind(account)
    .bind(entry.id)
    .bind(&entry.kind)
    .bind(&entry.sealed)
    .bind(entry.saved_at)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

async fn count(tx: &mut Tx<'_>, account: Uuid) -> Result<i64> {
    Ok(on!(tx tx, connection => sqlx::query_scalar("select count(*) from health_entry where account_id = $1")
        .bind(account)
        .fetch_one(connection)
        .await)?)
}

/// The account's entries of one kind, the oldest first.
///
/// # Errors
/// As [`Vault::open`](crate::vault::Vault::open), where there is anything to open; and when the database fails.
pub async fn entries(state: &AppState, account: Uuid, kind: &str) -> Result<Vec<Entry>> {
    let sealed: Vec<SealedEntry> = on!(db &state.db, pool => sqlx::query_as(
        "select id, kind, sealed, saved_at from health_entry where account_id = $1 and kind = $2 order by id",
    )
    .bind(account)
    .bind(kind)
    .fetch_all(pool)
    .await)?;
    open(state, account, sealed).await
}

/// So many of the account's entries, of whatever kind, by id: those after this one.
///
/// # Errors
/// As [`entries`].
pub async fn entries_after(state: &AppState, account: Uuid, after: Uuid, limit: u32) -> Result<Vec<Entry>> {
    let sealed: Vec<SealedEntry> = on!(db &state.db, pool => sqlx::query_as(
        "select id, kind, sealed, saved_at from health_entry where account_id = $1 and id > $2 order by id limit $3",
    )
    .bind(account)
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await)?;
    open(state, account, sealed).await
}

/// The account's entry of this id; nothing where it has none, whoever else has.
///
/// # Errors
/// As [`entries`].
pub async fn entry(state: &AppState, account: Uuid, id: Uuid) -> Result<Option<Entry>> {
    let sealed: Option<SealedEntry> = on!(db &state.db, pool => sqlx::query_as(
        "select id, kind, sealed, saved_at from health_entry where account_id = $1 and id = $2",
    )
    .bind(account)
    .bind(id)
    .fetch_optional(pool)
    .await)?;
    Ok(open(state, account, sealed.into_iter().collect()).await?.pop())
}

/// Deletes all entries of the account. Backups still hold them, until [`Vault::destroy`](crate::vault::Vault::destroy).
///
/// # Errors
/// When the database fails.
pub async fn erase_entries(db: &Db, account: Uuid) -> Result<()> {
    db.write(move |mut tx| Box::pin(async move { erase_entries_in(&mut tx, account).await })).await
}

/// As [`erase_entries`], in the transaction of what makes it so.
///
/// # Errors
/// When the database fails.
pub async fn erase_entries_in(tx: &mut Tx<'_>, account: Uuid) -> Result<()> {
    on!(tx tx, connection => sqlx::query("delete from health_entry where account_id = $1")
        .bind(account)
        .execute(connection)
        .await
        .map(drop))?;
    Ok(())
}

/// Deletes these entries of the account, all or none.
///
/// # Errors
/// When the database fails.
pub async fn delete_entries(db: &Db, account: Uuid, ids: Vec<Uuid>) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            for id in ids {
                on!(tx &mut tx, connection => sqlx::query("delete from health_entry where account_id = $1 and id = $2")
                    .bind(account)
                    .bind(id)
                    .execute(connection)
                    .await
                    .map(drop))?;
            }
            Ok(())
        })
    })
    .await
}

async fn open(state: &AppState, account: Uuid, sealed: Vec<SealedEntry>) -> Result<Vec<Entry>> {
    if sealed.is_empty() {
        return Ok(Vec::new());
    }
    let key = state.vault.key(account).await?;
    let open = |SealedEntry { id, kind, sealed, saved_at }| {
        let plain = key.open(id, &kind, &sealed)?;
        Ok(Entry { id, kind, saved_at, plain })
    };
    sealed.into_iter().map(open).collect()
}
