//! Where the site's settings are kept.

use sqlx::FromRow;
use uuid::Uuid;

use super::Saved;
use crate::{
    Error, Result,
    audit::{self, Event},
    db::{Db, Tx},
    on,
    site::Settings,
};

/// How many saves a page lists.
pub const LISTED: i64 = 50;

/// The number of the last save; 0 where there is none.
///
/// # Errors
/// When the database fails.
pub async fn last(db: &Db) -> Result<i64> {
    let last: Option<i64> =
        on!(db db, pool => sqlx::query_scalar("select max(number) from site_settings").fetch_one(pool).await)?;
    Ok(last.unwrap_or_default())
}

/// One save; nothing where there is none of this number.
///
/// # Errors
/// When the database fails.
pub async fn saved(db: &Db, number: i64) -> Result<Option<Saved>> {
    let row: Option<(i64, String)> = on!(db db, pool => sqlx::query_as(
        "select number, settings from site_settings where number = $1",
    )
    .bind(number)
    .fetch_optional(pool)
    .await)?;
    Ok(row.map(|(number, settings)| Saved { number, settings }))
}

/// A save in the list.
#[derive(Clone, Debug, FromRow)]
pub struct Line {
    pub number: i64,
    /// Milliseconds since 1970, UTC.
    pub saved_at: i64,
    /// None for what the process was started with, and where the account is gone.
    pub email: Option<String>,
    pub begun_from: Option<i64>,
}

/// The last saves, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn lines(db: &Db) -> Result<Vec<Line>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select number, saved_at, email, begun_from
         from site_settings
         left join account on account.id = saved_by
         order by number desc
         limit $1",
    )
    .bind(LISTED)
    .fetch_all(pool)
    .await)?)
}

/// Settings that are about to be saved.
#[derive(Clone, Debug)]
pub struct Saving {
    pub settings: Settings,
    pub by: Uuid,
    /// Milliseconds since 1970, UTC.
    pub at: i64,
    /// The earlier save that they were begun from.
    pub begun_from: Option<i64>,
}

/// Saves settings after the save of number `after`; after none (0), `before` is kept as the first: what the process was started
/// with. Returns the number of this one.
///
/// # Errors
/// [`Error::Conflict`] where somebody saved meanwhile: then nothing is.
pub async fn save(db: &Db, after: i64, before: Settings, saving: Saving, event: Event) -> Result<i64> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let last: Option<i64> = on!(tx &mut tx, connection => sqlx::query_scalar("select max(number) from site_settings")
                .fetch_one(connection)
                .await)?;
            if last.unwrap_or_default() != after {
                return Err(Error::Conflict);
            }
            let mut number = after + 1;
            if after == 0 {
                insert(&mut tx, number, &before, saving.at, None, None).await?;
                number += 1;
            }
            // Of two at once, the second finds the number taken.
            insert(&mut tx, number, &saving.settings, saving.at, Some(saving.by), saving.begun_from).await?;
            audit::append(&mut tx, &event.about(("settings", number))).await?;
            Ok(number)
        })
    })
    .await
}

async fn insert(
    tx: &mut Tx<'_>,
    number: i64,
    settings: &Settings,
    at: i64,
    by: Option<Uuid>,
    begun_from: Option<i64>,
) -> Result<()> {
    let text = serde_json::to_string(settings).map_err(Error::internal)?;
    on!(tx tx, connection => sqlx::query(
        "insert into site_settings (number, settings, saved_at, saved_by, begun_from) values ($1, $2, $3, $4, $5)",
    )
    .bind(number)
    .bind(text)
    .bind(at)
    .bind(by)
    .bind(begun_from)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}
