//! Where the exercise library is kept.

use sqlx::FromRow;

use super::{Exercise, Known, Review, Shown};
use crate::{
    Error, Result,
    article::Approver,
    clock::Clock,
    content::{Origin, Saved},
    db::{Db, Tx},
    on,
};

/// Saves an exercise under its id, in place of what was there; but nothing in place of the desk's, and none that is shipped in
/// place of one that was imported. `giver` is who gives it, and `of` whose it is from then on.
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
    // First, so that the desk cannot begin with it in between.
    on!(tx &mut *tx, connection => sqlx::query("update exercise set saved_at = saved_at where id = $1")
        .bind(&exercise.id)
        .execute(connection)
        .await
        .map(drop))?;
    let there = there(tx, &exercise.id).await?;
    let saved = match &there {
        Some((before, _)) if *before == body => return Ok(Saved::Same),
        _ if is_of_desk(tx, &exercise.id).await? => return Ok(Saved::Kept),
        None => Saved::New,
        Some((_, from)) if from == Origin::Imported.name() && giver == Origin::Shipped => return Ok(Saved::Kept),
        Some(_) => Saved::Changed,
    };
    offer(tx, exercise, &body, of, clock.millis_i64()).await?;
    Ok(saved)
}

/// An exercise as it is kept, and where it is from.
async fn there(tx: &mut Tx<'_>, id: &str) -> Result<Option<(String, String)>> {
    Ok(on!(tx tx, connection => sqlx::query_as("select body, origin from exercise where id = $1")
        .bind(id)
        .fetch_optional(connection)
        .await)?)
}

async fn is_of_desk(tx: &mut Tx<'_>, id: &str) -> Result<bool> {
    let works: i64 = on!(tx tx, connection => sqlx::query_scalar("select count(*) from exercise_work where slug = $1")
        .bind(id)
        .fetch_one(connection)
        .await)?;
    Ok(works > 0)
}

/// Puts an exercise into the library, in place of what was there: `body` is it as JSON.
///
/// # Errors
/// When the database fails.
pub(crate) async fn offer(tx: &mut Tx<'_>, exercise: &Exercise, body: &str, of: Origin, now: i64) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "insert into exercise (id, position, body, saved_at, origin) values ($1, $2, $3, $4, $5)
         on conflict (id) do update
         set position = excluded.position, body = excluded.body, saved_at = excluded.saved_at, origin = excluded.origin",
    )
    .bind(&exercise.id)
    .bind(exercise.position)
    .bind(body)
    .bind(now)
    .bind(of.name())
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
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

#[derive(FromRow)]
struct RetiredRow {
    body: String,
    archived_note: String,
}

/// What readers once saw, and what is not in the library any more: of this id, or all where it is empty.
async fn retired(db: &Db, id: &str) -> Result<Vec<Known>> {
    let rows: Vec<RetiredRow> = on!(db db, pool => sqlx::query_as(
        "select body, archived_note
         from exercise_work
         join exercise_revision on exercise_id = exercise_work.id and number = current_revision
         where ($1 = '' or slug = $1) and not exists (select 1 from exercise where exercise.id = slug)
         order by slug",
    )
    .bind(id)
    .fetch_all(pool)
    .await)?;
    let known = |row: RetiredRow| {
        let exercise = serde_json::from_str(&row.body).map_err(Error::internal)?;
        Ok(Known { exercise, retired: Some(row.archived_note) })
    };
    rows.into_iter().map(known).collect()
}

/// The library, in its order, and then what was taken out of it: plans on devices may still have that.
///
/// # Errors
/// When the database fails.
pub async fn known(db: &Db) -> Result<Vec<Known>> {
    let offered = library(db).await?.into_iter().map(|exercise| Known { exercise, retired: None });
    Ok(offered.chain(retired(db, "").await?).collect())
}

#[derive(FromRow)]
struct ReviewRow {
    name: String,
    registration: String,
    approved_at: i64,
    review_due_on: String,
}

/// An exercise as its page shows it; nothing where readers never saw it.
///
/// # Errors
/// When the database fails.
pub async fn shown(db: &Db, id: &str) -> Result<Option<Shown>> {
    let known = match exercise(db, id).await? {
        Some(exercise) => Some(Known { exercise, retired: None }),
        None => retired(db, id).await?.pop(),
    };
    let Some(known) = known else { return Ok(None) };
    let row: Option<ReviewRow> = on!(db db, pool => sqlx::query_as(
        "select name, registration, approved_at, review_due_on
         from exercise_work
         join exercise_approval on exercise_id = exercise_work.id and revision = current_revision
         where slug = $1",
    )
    .bind(id)
    .fetch_optional(pool)
    .await)?;
    let review = row.map(|row| {
        let by = Approver { name: row.name, registration: row.registration };
        Review::of(by, row.approved_at, row.review_due_on.parse().ok())
    });
    Ok(Some(Shown { known, review }))
}
