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
///
/// # Errors
/// When the database fails.
pub async fn save(db: &Db, exercise: Exercise, origin: Origin, clock: &Clock) -> Result<Saved> {
    let body = serde_json::to_string(&exercise).map_err(Error::internal)?;
    let now = i64::try_from(clock.millis()).unwrap_or(i64::MAX);
    db.write(move |mut tx| {
        Box::pin(async move {
            let there = there(&mut tx, &exercise.id).await?;
            let (is_same, of_operator) =
                there.map_or((false, false), |(before, from)| (before == body, from == Origin::Imported.name()));
            if of_operator && origin == Origin::Shipped {
                return Ok(Saved::Kept);
            }
            if is_same && (of_operator || origin == Origin::Shipped) {
                return Ok(Saved::Same);
            }
            on!(tx &mut tx, connection => sqlx::query(
                "insert into exercise (id, position, body, saved_at, origin) values ($1, $2, $3, $4, $5)
                 on conflict (id) do update
                 set position = excluded.position, body = excluded.body, saved_at = excluded.saved_at,
                     origin = excluded.origin",
            )
            .bind(&exercise.id)
            .bind(exercise.position)
            .bind(&body)
            .bind(now)
            .bind(origin.name())
            .execute(connection)
            .await
            .map(drop))?;
            Ok(if is_same { Saved::Same } else { Saved::New })
        })
    })
    .await
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
