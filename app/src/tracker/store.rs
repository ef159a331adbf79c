//! What a patient logged and asked us to keep: sealed under the account's key before it reaches the database.

use uuid::Uuid;

use crate::{AppState, Result, db::Db, on};

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

/// Saves an entry of the account under its id, in place of what the account had there: the same entry sent twice is one.
/// `kind` says what sort of thing it is, and must say nothing about anybody's health: it is not sealed.
///
/// # Errors
/// As [`Vault::seal`](crate::vault::Vault::seal); and when the database fails.
pub async fn save_entry(state: &AppState, account: Uuid, id: Uuid, kind: &str, plain: &[u8]) -> Result<()> {
    let sealed = state.vault.seal(account, id, kind, plain).await?;
    let now = i64::try_from(state.clock.millis()).unwrap_or(i64::MAX);
    let kind = kind.to_owned();
    state
        .db
        .write(move |mut tx| {
            Box::pin(async move {
                on!(tx &mut tx, connection => sqlx::query(
                    "insert into health_entry (account_id, id, kind, sealed, saved_at) values ($1, $2, $3, $4, $5)
                     on conflict (account_id, id) do update
                     set kind = excluded.kind, sealed = excluded.sealed, saved_at = excluded.saved_at",
                )
                .bind(account)
                .bind(id)
                .bind(&kind)
                .bind(&sealed)
                .bind(now)
                .execute(connection)
                .await
                .map(drop))?;
                Ok(())
            })
        })
        .await
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
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query("delete from health_entry where account_id = $1")
                .bind(account)
                .execute(connection)
                .await
                .map(drop))?;
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
