//! Where an archive waits while an administrator looks at what it would change.

use uuid::Uuid;

use crate::{Result, clock::Clock, db::Db, on};

/// How long it waits, in milliseconds.
const HOUR: i64 = 60 * 60 * 1000;

/// Keeps an archive in place of what the account sent before.
///
/// # Errors
/// When the database fails.
pub async fn keep(db: &Db, account: Uuid, archive: Vec<u8>, now: i64) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(
                "insert into content_upload (account_id, archive, sent_at) values ($1, $2, $3)
                 on conflict (account_id) do update set archive = excluded.archive, sent_at = excluded.sent_at",
            )
            .bind(account)
            .bind(&archive)
            .bind(now)
            .execute(connection)
            .await
            .map(drop))?;
            Ok(())
        })
    })
    .await
}

/// What an account sent, if it still waits.
///
/// # Errors
/// When the database fails.
pub async fn kept(db: &Db, account: Uuid, now: i64) -> Result<Option<Vec<u8>>> {
    Ok(
        on!(db db, pool => sqlx::query_scalar("select archive from content_upload where account_id = $1 and sent_at > $2")
        .bind(account)
        .bind(now - HOUR)
        .fetch_optional(pool)
        .await)?,
    )
}

/// Removes what an account sent.
///
/// # Errors
/// When the database fails.
pub async fn remove(db: &Db, account: Uuid) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query("delete from content_upload where account_id = $1")
                .bind(account)
                .execute(connection)
                .await
                .map(drop))?;
            Ok(())
        })
    })
    .await
}

/// Removes what waited for too long.
///
/// # Errors
/// When the database fails.
pub async fn remove_expired(db: &Db, clock: &Clock) -> Result<()> {
    let before = clock.millis_i64() - HOUR;
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query("delete from content_upload where sent_at <= $1")
                .bind(before)
                .execute(connection)
                .await
                .map(drop))?;
            Ok(())
        })
    })
    .await
}
