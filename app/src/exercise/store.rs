//! Where the exercise library is kept.

use super::Exercise;
use crate::{
    Error, Result,
    clock::Clock,
    content::{Origin, Saved},
    db::{Db, Tx},
    on,
};

/// Saves an exercise under its id, in place of what was there; but none that is shipped in place of one that was imported.
/// `giver` is who gives it, and `of` whose it is from then on.
///
/// # Errors
/// When the database fails.
pub async fn save_file(
    tx: &mut Tx<'_>,
    exercise: &Exercise,
    giver: Origin,
    of: Origin,
    clock: &Clock,
) -> Result<Saved> {
    let body = serde_json::to_string(exercise).map_err(Error::internal)?;
    let there = there(tx, &exercise.id).await?;
    let saved = match &there {
        None => Saved::New,
        Some((before, _)) if *before == body => return Ok(Saved::Same),
        Some((_, from)) if from == Origin::Imported.name() && giver == Origin::Shipped => return Ok(Saved::Kept),
        Some(_) => Saved::Changed,
    };
    on!(tx tx, connection => sqlx::query(
        "insert into exercise (id, position, body, saved_at, origin) values ($1, $2, $3, $4, $5)
         on conflict (id) do update
         set position = excluded.position, body = excluded.body, saved_at = excluded.saved_at, origin = excluded.origin",
    )
    .bind(&exercise.id)
    .bind(exercise.position)
    .bind(&body)
    .bind(clock.millis_i64())
    .bind(of.name())
    .execute(connection)
    .await
    .map(drop))?;
    Ok(saved)
}

/// An exercise as it is kept, and where it is from.
async fn there(tx: &mut Tx<'_>, id: &str) -> Result<Option<(String, String)>> {
    Ok(on!(tx tx, connection => sqlx::query_as("select body, origin from exercise where id = $1")
        .bind(id)
        .fetch_optional(connection)
        .await)?)
}

/// The whole library, in its order.
///
/// # Errors
/// When the database fails.
pub async fn library(db: &Db) -> Result<Vec<Exercise>> {
    let bodies: Vec<String> = on!(db db, pool => sqlx::query_scalar("select body from exercise order by position, id")
        .fetch_all(pool)
        .await)?;
    bodies.iter().map(|body| serde_json::from_str(body).map_err(Error::internal)).collect()
}

/// # Errors
/// When the database fails.
pub async fn exercise(db: &Db, id: &str) -> Result<Option<Exercise>> {
    let body: Option<String> = on!(db db, pool => sqlx::query_scalar("select body from exercise where id = $1")
        .bind(id)
        .fetch_optional(pool)
        .await)?;
    body.map(|body| serde_json::from_str(&body).map_err(Error::internal)).transpose()
}
