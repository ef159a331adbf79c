//! Where the exercise library is kept.

use super::Exercise;
use crate::{Error, Result, clock::Clock, db::Db, on};

/// Saves an exercise under its id, in place of what was there.
///
/// # Errors
/// When the database fails.
pub async fn save(db: &Db, exercise: Exercise, clock: &Clock) -> Result<()> {
    let body = serde_json::to_string(&exercise).map_err(Error::internal)?;
    let now = i64::try_from(clock.millis()).unwrap_or(i64::MAX);
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(
                "insert into exercise (id, position, body, saved_at) values ($1, $2, $3, $4)
                 on conflict (id) do update
                 set position = excluded.position, body = excluded.body, saved_at = excluded.saved_at",
            )
            .bind(&exercise.id)
            .bind(exercise.position)
            .bind(&body)
            .bind(now)
            .execute(connection)
            .await
            .map(drop))?;
            Ok(())
        })
    })
    .await
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
