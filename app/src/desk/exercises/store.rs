//! Where the desk's exercises are kept. Each deed is one transaction with its line in the audit log, and names the revision
//! that it is about: if the exercise went on meanwhile, nothing is done ([`Error::Conflict`]).

use sqlx::FromRow;
use uuid::Uuid;

use super::{Approval, Comment, Dossier, REVIEW_MONTHS, Stage, Text};
use crate::{
    Error, Result,
    audit::{self, Event},
    content::Origin,
    day::Day,
    db::{Db, Tx},
    desk::{RevisionLine, flow::Kind},
    exercise::{self, Exercise},
    on,
};

const EXERCISES: Kind = Kind {
    thing: "exercise_work",
    of: "exercise_id",
    revision: "exercise_revision",
    approval: "exercise_approval",
    comment: "exercise_comment",
    from_file: "from_file",
    said_as: "''",
    resets: "",
    approved: "",
};

/// A revision that is about to be saved.
#[derive(Clone, Debug)]
pub struct NewRevision {
    pub text: Text,
    pub note: String,
    /// None for what a file said.
    pub by: Option<Uuid>,
    /// Milliseconds since 1970, UTC.
    pub at: i64,
}

/// Begins an exercise with its first revision.
///
/// # Errors
/// [`Error::Conflict`] where another has the address; or when the database fails.
pub async fn create(db: &Db, id: Uuid, revision: NewRevision, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            if file_of(&mut tx, &revision.text.exercise.id).await?.is_some() {
                return Err(Error::Conflict);
            }
            insert_work(&mut tx, id, &revision.text.exercise.id, Stage::Draft, 0).await?;
            insert_revision(&mut tx, id, 1, &revision).await?;
            audit::append(&mut tx, &event.about((id, 1))).await
        })
    })
    .await
}

#[derive(FromRow)]
struct FileRow {
    body: String,
    saved_at: i64,
}

/// What is in the library under this address.
async fn file_of(tx: &mut Tx<'_>, slug: &str) -> Result<Option<FileRow>> {
    Ok(on!(tx tx, connection => sqlx::query_as("select body, saved_at from exercise where id = $1")
        .bind(slug)
        .fetch_optional(connection)
        .await)?)
}

async fn insert_work(tx: &mut Tx<'_>, id: Uuid, slug: &str, stage: Stage, current: i64) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "insert into exercise_work (id, slug, stage, newest_revision, current_revision) values ($1, $2, $3, 1, $4)",
    )
    .bind(id)
    .bind(slug)
    .bind(stage.name())
    .bind(current)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

async fn insert_revision(tx: &mut Tx<'_>, id: Uuid, number: i64, revision: &NewRevision) -> Result<()> {
    let body = serde_json::to_string(&revision.text.exercise).map_err(Error::internal)?;
    on!(tx tx, connection => sqlx::query(
        "insert into exercise_revision (exercise_id, number, body, review_months, saved_at, saved_by, note, from_file)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(number)
    .bind(&body)
    .bind(i64::from(revision.text.review_months))
    .bind(revision.at)
    .bind(revision.by)
    .bind(&revision.note)
    .bind(revision.by.is_none())
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// The number of an exercise. One that is a file's until now becomes the desk's, under `new`, with the file's text as its first
/// revision.
async fn adopt(tx: &mut Tx<'_>, slug: &str, new: Uuid) -> Result<Uuid> {
    // First, so that a start of the site, which brings the files, waits.
    on!(tx &mut *tx, connection => sqlx::query("update exercise set saved_at = saved_at where id = $1")
        .bind(slug)
        .execute(connection)
        .await
        .map(drop))?;
    if let Some(id) = find(tx, slug).await? {
        return Ok(id);
    }
    let file = file_of(tx, slug).await?.ok_or(Error::NotFound)?;
    let exercise = serde_json::from_str(&file.body).map_err(Error::internal)?;
    let text = Text { exercise, review_months: REVIEW_MONTHS };
    insert_work(tx, new, slug, Stage::Published, 1).await?;
    insert_revision(tx, new, 1, &NewRevision { text, note: String::new(), by: None, at: file.saved_at }).await?;
    Ok(new)
}

async fn find(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Uuid>> {
    Ok(on!(tx tx, connection => sqlx::query_scalar("select id from exercise_work where slug = $1")
        .bind(slug)
        .fetch_optional(connection)
        .await)?)
}

async fn known(tx: &mut Tx<'_>, slug: &str) -> Result<Uuid> {
    find(tx, slug).await?.ok_or(Error::Conflict)
}

/// Saves a revision after `base`, which makes it a draft again, and returns its number. `new` is for [`adopt`].
///
/// # Errors
/// [`Error::Conflict`] where `base` is not the newest any more or the exercise is archived; [`Error::NotFound`] where there is
/// none; or when the database fails.
pub async fn save(db: &Db, new: Uuid, base: i64, revision: NewRevision, event: Event) -> Result<i64> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let id = adopt(&mut tx, &revision.text.exercise.id, new).await?;
            let number = base + 1;
            // First, so that whoever saves after the same revision waits here and then finds a newer one.
            let moved = on!(tx &mut tx, connection => sqlx::query(
                "update exercise_work set newest_revision = $3, stage = 'draft'
                 where id = $1 and newest_revision = $2 and archived_at is null",
            )
            .bind(id)
            .bind(base)
            .bind(number)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            if moved == 0 {
                return Err(Error::Conflict);
            }
            insert_revision(&mut tx, id, number, &revision).await?;
            audit::append(&mut tx, &event.about((id, number))).await?;
            Ok(number)
        })
    })
    .await
}

/// Asks for a review of the newest revision.
///
/// # Errors
/// [`Error::Conflict`] where it is no draft any more; or when the database fails.
pub async fn send_to_review(db: &Db, slug: String, revision: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let id = known(&mut tx, &slug).await?;
            EXERCISES.advance(&mut tx, id, revision, &[Stage::Draft], Stage::InReview).await?;
            audit::append(&mut tx, &event.about((id, revision))).await
        })
    })
    .await
}

/// Approves exactly this revision, which is in review.
///
/// # Errors
/// [`Error::Conflict`] where it is not in review any more; [`Error::Forbidden`] where the reviewer wrote a part of what
/// readers do not see yet; or when the database fails.
pub async fn approve(db: &Db, slug: String, approval: Approval, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let id = known(&mut tx, &slug).await?;
            EXERCISES.approve(&mut tx, id, &approval).await?;
            audit::append(&mut tx, &event.about((id, approval.revision))).await
        })
    })
    .await
}

/// Takes the newest revision back to a draft: out of review, or its approval withdrawn.
///
/// # Errors
/// [`Error::Conflict`] where it is neither in review nor approved; or when the database fails.
pub async fn withdraw(db: &Db, slug: String, revision: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let id = known(&mut tx, &slug).await?;
            EXERCISES.withdraw(&mut tx, id, revision).await?;
            audit::append(&mut tx, &event.about((id, revision))).await
        })
    })
    .await
}

#[derive(FromRow)]
struct ToPublish {
    body: String,
    review_months: i64,
    approved_at: i64,
}

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Puts the approved revision into the library, at `now`.
///
/// # Errors
/// [`Error::Conflict`] where it is not approved any more; or when the database fails.
pub async fn publish(db: &Db, slug: String, revision: i64, now: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let id = known(&mut tx, &slug).await?;
            EXERCISES.advance(&mut tx, id, revision, &[Stage::Approved], Stage::Published).await?;
            let found: Option<ToPublish> = on!(tx &mut tx, connection => sqlx::query_as(
                "select body, review_months, approved_at
                 from exercise_revision
                 join exercise_approval on exercise_approval.exercise_id = exercise_revision.exercise_id and revision = number
                 where exercise_revision.exercise_id = $1 and number = $2",
            )
            .bind(id)
            .bind(revision)
            .fetch_optional(connection)
            .await)?;
            let found = found.ok_or(Error::Conflict)?;
            let reviewed = Day::from_epoch_days(found.approved_at.div_euclid(DAY)).map_err(Error::internal)?;
            on!(tx &mut tx, connection => sqlx::query(
                "update exercise_work set current_revision = $2, review_due_on = $3, archived_note = '' where id = $1",
            )
            .bind(id)
            .bind(revision)
            .bind(reviewed.plus(found.review_months * 365 / 12).to_string())
            .execute(connection)
            .await
            .map(drop))?;
            let exercise: Exercise = serde_json::from_str(&found.body).map_err(Error::internal)?;
            exercise::store::offer(&mut tx, &exercise, &found.body, Origin::Desk, now).await?;
            audit::append(&mut tx, &event.about((id, revision))).await
        })
    })
    .await
}

/// Takes an exercise out of the library, with what whoever has it in their plan is told. `new` is for [`adopt`].
///
/// # Errors
/// [`Error::Conflict`] where it is archived already; [`Error::NotFound`] where there is none; or when the database fails.
pub async fn archive(db: &Db, slug: String, new: Uuid, note: String, now: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let id = adopt(&mut tx, &slug, new).await?;
            let archived = on!(tx &mut tx, connection => sqlx::query(
                "update exercise_work set archived_at = $2, archived_note = $3 where id = $1 and archived_at is null",
            )
            .bind(id)
            .bind(now)
            .bind(&note)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            if archived == 0 {
                return Err(Error::Conflict);
            }
            on!(tx &mut tx, connection => sqlx::query("delete from exercise where id = $1")
                .bind(&slug)
                .execute(connection)
                .await
                .map(drop))?;
            audit::append(&mut tx, &event.about(id)).await
        })
    })
    .await
}

/// Brings an exercise back to the desk. It is in the library again once it is published again.
///
/// # Errors
/// [`Error::Conflict`] where it is not archived; or when the database fails.
pub async fn unarchive(db: &Db, slug: String, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let id = known(&mut tx, &slug).await?;
            EXERCISES.unarchive(&mut tx, id).await?;
            audit::append(&mut tx, &event.about(id)).await
        })
    })
    .await
}

/// Says something on a revision. `new` is for [`adopt`].
///
/// # Errors
/// [`Error::NotFound`] where there is no such revision; or when the database fails.
pub async fn comment(db: &Db, slug: String, new: Uuid, comment: Comment, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let id = adopt(&mut tx, &slug, new).await?;
            EXERCISES.comment(&mut tx, id, &comment).await?;
            audit::append(&mut tx, &event.about((id, comment.revision))).await
        })
    })
    .await
}

/// Closes a comment; one that is closed stays as it is.
///
/// # Errors
/// [`Error::NotFound`] where the exercise has no such comment; or when the database fails.
pub async fn resolve(db: &Db, slug: String, comment: Uuid, by: Uuid, now: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let id = find(&mut tx, &slug).await?.ok_or(Error::NotFound)?;
            let revision = EXERCISES.resolve(&mut tx, id, comment, by, now).await?;
            audit::append(&mut tx, &event.about((id, revision))).await
        })
    })
    .await
}

#[derive(FromRow)]
struct WorkRow {
    id: Uuid,
    stage: String,
    newest_revision: i64,
    current_revision: i64,
    archived_at: Option<i64>,
    archived_note: String,
    review_due_on: String,
}

/// All that the desk knows of an exercise, but for the texts of its revisions.
///
/// # Errors
/// When the database fails.
pub async fn dossier(db: &Db, slug: &str) -> Result<Option<Dossier>> {
    let row: Option<WorkRow> = on!(db db, pool => sqlx::query_as(
        "select id, stage, newest_revision, current_revision, archived_at, archived_note, review_due_on
         from exercise_work
         where slug = $1",
    )
    .bind(slug)
    .fetch_optional(pool)
    .await)?;
    let offered: Option<i64> = on!(db db, pool => sqlx::query_scalar("select saved_at from exercise where id = $1")
        .bind(slug)
        .fetch_optional(pool)
        .await)?;
    let Some(row) = row else {
        let Some((saved_at, text)) = offered.zip(text(db, slug, 1).await?) else { return Ok(None) };
        return Ok(Some(of_file(text.exercise, saved_at)));
    };
    let newest = text(db, slug, row.newest_revision).await?.ok_or(Error::NotFound)?;
    Ok(Some(Dossier {
        slug: slug.to_owned(),
        name: newest.exercise.name,
        stage: read_stage(&row.stage)?,
        newest: row.newest_revision,
        current: row.current_revision,
        offered: offered.is_some(),
        archived: row.archived_at.is_some(),
        archived_note: row.archived_note,
        review_due: row.review_due_on.parse().ok(),
        revisions: EXERCISES.revisions(db, row.id).await?,
        comments: EXERCISES.comments(db, row.id).await?,
        approvals: EXERCISES.approvals(db, row.id).await?,
    }))
}

pub(super) fn read_stage(name: &str) -> Result<Stage> {
    Stage::named(name).ok_or_else(|| Error::internal("an exercise has a stage that is none"))
}

/// Of an exercise that nobody changed at the desk.
fn of_file(exercise: Exercise, saved_at: i64) -> Dossier {
    let line = RevisionLine {
        number: 1,
        saved_at,
        saved_by: None,
        saved_by_email: None,
        note: String::new(),
        from_file: true,
    };
    Dossier {
        slug: exercise.id,
        name: exercise.name,
        stage: Stage::Published,
        newest: 1,
        current: 1,
        offered: true,
        archived: false,
        archived_note: String::new(),
        review_due: None,
        revisions: vec![line],
        comments: vec![],
        approvals: vec![],
    }
}

/// What one revision says; the first of what nobody changed at the desk is its file's.
///
/// # Errors
/// When the database fails.
pub async fn text(db: &Db, slug: &str, number: i64) -> Result<Option<Text>> {
    let row: Option<(String, i64)> = on!(db db, pool => sqlx::query_as(
        "select body, review_months
         from exercise_revision
         join exercise_work on exercise_work.id = exercise_id
         where slug = $1 and number = $2
         union all
         select body, $3
         from exercise
         where id = $1 and $2 = 1 and not exists (select 1 from exercise_work where slug = $1)",
    )
    .bind(slug)
    .bind(number)
    .bind(i64::from(REVIEW_MONTHS))
    .fetch_optional(pool)
    .await)?;
    row.map(|(body, months)| {
        let exercise = serde_json::from_str(&body).map_err(Error::internal)?;
        Ok(Text { exercise, review_months: u8::try_from(months).unwrap_or(REVIEW_MONTHS) })
    })
    .transpose()
}

/// Name and registration number as this reviewer last gave them for an exercise.
///
/// # Errors
/// When the database fails.
pub async fn last_signature(db: &Db, reviewer: Uuid) -> Result<Option<(String, String)>> {
    EXERCISES.last_signature(db, reviewer).await
}

#[derive(FromRow)]
pub(super) struct ListedRow {
    pub body: String,
    pub stage: String,
    pub archived: bool,
    pub review_due_on: String,
    pub saved_at: i64,
    pub saved_by: Option<Uuid>,
    pub open_comments: i64,
    pub offered: bool,
}

/// The newest revision of every exercise.
///
/// # Errors
/// When the database fails.
pub(super) async fn list(db: &Db) -> Result<Vec<ListedRow>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select body, stage, archived_at is not null as archived, review_due_on, saved_at, saved_by,
                (select count(*) from exercise_comment
                 where exercise_comment.exercise_id = exercise_work.id and resolved_at is null) as open_comments,
                exists (select 1 from exercise where exercise.id = slug) as offered
         from exercise_work
         join exercise_revision on exercise_revision.exercise_id = exercise_work.id and number = newest_revision
         union all
         select body, 'published', false, '', saved_at, null, 0, true
         from exercise
         where not exists (select 1 from exercise_work where slug = exercise.id)",
    )
    .fetch_all(pool)
    .await)?)
}

/// What somebody did with exercises, for the export of all that is stored about them. The texts are the site's, and left out.
#[derive(Debug, Default)]
pub struct Deeds {
    /// Exercise, revision, note and time (milliseconds since 1970, UTC) of each revision that they saved.
    pub saved: Vec<(String, i64, String, i64)>,
    /// Exercise, revision, name, registration and time.
    pub approved: Vec<(String, i64, String, String, i64)>,
    /// Exercise, revision, comment and time.
    pub said: Vec<(String, i64, String, i64)>,
}

/// See [`Deeds`].
///
/// # Errors
/// When the database fails.
pub async fn deeds_of(db: &Db, account: Uuid) -> Result<Deeds> {
    let saved = on!(db db, pool => sqlx::query_as(
        "select slug, number, note, saved_at
         from exercise_revision
         join exercise_work on exercise_work.id = exercise_id
         where saved_by = $1
         order by saved_at",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    let approved = on!(db db, pool => sqlx::query_as(
        "select slug, revision, name, registration, approved_at
         from exercise_approval
         join exercise_work on exercise_work.id = exercise_id
         where reviewer = $1
         order by approved_at",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    let said = on!(db db, pool => sqlx::query_as(
        "select slug, revision, said, said_at
         from exercise_comment
         join exercise_work on exercise_work.id = exercise_id
         where said_by = $1
         order by said_at",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    Ok(Deeds { saved, approved, said })
}
