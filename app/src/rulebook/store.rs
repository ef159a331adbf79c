//! Where rule sets are kept. Each deed is one transaction with its line in the audit log, and names the revision that it is
//! about: if the rule set went on meanwhile, nothing is done ([`Error::Conflict`]). Nothing is ever deleted.

use sqlx::FromRow;
use uuid::Uuid;

use super::{Dossier, Listed, Publication, Published, RevisionLine, Stage, Texts};
use crate::{
    Error, Result,
    audit::{self, Event},
    content::Saved,
    db::{Db, Tx},
    on,
};

/// Texts that are about to be saved.
#[derive(Clone, Debug)]
pub struct Saving {
    pub texts: Texts,
    /// As the text says; empty where it cannot be read.
    pub version: String,
    pub note: String,
    /// None for the program's.
    pub by: Option<Uuid>,
    /// Milliseconds since 1970, UTC.
    pub at: i64,
}

/// Begins a draft.
///
/// # Errors
/// When the database fails.
pub async fn begin(db: &Db, id: Uuid, saving: Saving, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            insert_rule_set(&mut tx, id, Stage::Draft, &saving).await?;
            audit::append(&mut tx, &event.about((id, 1))).await
        })
    })
    .await
}

/// Keeps what files say as a draft, unless the newest revision of a rule set says the same.
///
/// # Errors
/// When the database fails.
pub(crate) async fn save_file(tx: &mut Tx<'_>, id: Uuid, saving: &Saving) -> Result<Saved> {
    let there: i64 = on!(tx &mut *tx, connection => sqlx::query_scalar(
        "select count(*)
         from rule_set
         join rule_set_revision on rule_set_revision.rule_set_id = rule_set.id and number = newest_revision
         where digest = $1",
    )
    .bind(saving.texts.digest())
    .fetch_one(connection)
    .await)?;
    if there > 0 {
        return Ok(Saved::Same);
    }
    insert_rule_set(tx, id, Stage::Draft, saving).await?;
    Ok(Saved::New)
}

/// The version and the texts of each rule set's newest revision; what two say is there once.
///
/// # Errors
/// When the database fails.
pub async fn on_file(db: &Db) -> Result<Vec<(String, Texts)>> {
    let rows: Vec<(String, String, String)> = on!(db db, pool => sqlx::query_as(
        "select distinct version, rules, vignettes
         from rule_set
         join rule_set_revision on rule_set_revision.rule_set_id = rule_set.id and number = newest_revision
         order by version, rules, vignettes",
    )
    .fetch_all(pool)
    .await)?;
    Ok(rows.into_iter().map(|(version, rules, vignettes)| (version, Texts { rules, vignettes })).collect())
}

async fn insert_rule_set(tx: &mut Tx<'_>, id: Uuid, stage: Stage, saving: &Saving) -> Result<()> {
    on!(tx &mut *tx, connection => sqlx::query(
        "insert into rule_set (id, stage, newest_revision, begun_at) values ($1, $2, 1, $3)",
    )
    .bind(id)
    .bind(stage.name())
    .bind(saving.at)
    .execute(connection)
    .await
    .map(drop))?;
    insert_revision(tx, id, 1, saving).await
}

async fn insert_revision(tx: &mut Tx<'_>, id: Uuid, number: i64, saving: &Saving) -> Result<()> {
    let digest = saving.texts.digest();
    on!(tx tx, connection => sqlx::query(
        "insert into rule_set_revision (rule_set_id, number, rules, vignettes, digest, version, saved_at, saved_by, note)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(number)
    .bind(&saving.texts.rules)
    .bind(&saving.texts.vignettes)
    .bind(&digest)
    .bind(&saving.version)
    .bind(saving.at)
    .bind(saving.by)
    .bind(&saving.note)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// Saves a revision after `base`, which makes it a draft again, and returns its number.
///
/// # Errors
/// [`Error::Conflict`] where `base` is not the newest any more, or it was published; or when the database fails.
pub async fn save(db: &Db, id: Uuid, base: i64, saving: Saving, event: Event) -> Result<i64> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let number = base + 1;
            // First, so that whoever saves after the same revision waits here and then finds a newer one.
            let moved = on!(tx &mut tx, connection => sqlx::query(
                "update rule_set set newest_revision = $3, stage = 'draft', asked_by = null, asked_at = null
                 where id = $1 and newest_revision = $2 and stage <> 'published'",
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
            insert_revision(&mut tx, id, number, &saving).await?;
            audit::append(&mut tx, &event.about((id, number))).await?;
            Ok(number)
        })
    })
    .await
}

/// Asks for the newest revision to be published.
///
/// # Errors
/// [`Error::Conflict`] where it is no draft any more; or when the database fails.
pub async fn ask(db: &Db, id: Uuid, revision: i64, by: Uuid, at: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let moved = on!(tx &mut tx, connection => sqlx::query(
                "update rule_set set stage = 'in-review', asked_by = $3, asked_at = $4
                 where id = $1 and newest_revision = $2 and stage = 'draft'",
            )
            .bind(id)
            .bind(revision)
            .bind(by)
            .bind(at)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            done(moved)?;
            audit::append(&mut tx, &event.about((id, revision))).await
        })
    })
    .await
}

/// Takes it back to a draft.
///
/// # Errors
/// [`Error::Conflict`] where it is not in review; or when the database fails.
pub async fn withdraw(db: &Db, id: Uuid, revision: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let moved = on!(tx &mut tx, connection => sqlx::query(
                "update rule_set set stage = 'draft', asked_by = null, asked_at = null
                 where id = $1 and newest_revision = $2 and stage = 'in-review'",
            )
            .bind(id)
            .bind(revision)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            done(moved)?;
            audit::append(&mut tx, &event.about((id, revision))).await
        })
    })
    .await
}

fn done(moved: u64) -> Result<()> {
    if moved == 0 { Err(Error::Conflict) } else { Ok(()) }
}

/// A publication that is about to be.
#[derive(Clone, Debug)]
pub struct Publishing {
    pub rule_set: Uuid,
    pub revision: i64,
    /// The last publication that whoever publishes knows of: another one since then is another thing to compare with.
    pub after: i64,
    /// What the checks have to have been made against.
    pub against: String,
    pub by: Uuid,
    pub name: String,
    pub registration: String,
    pub signed_off: bool,
    /// Milliseconds since 1970, UTC.
    pub at: i64,
    /// What is in use and was not published at the desk: kept first, so that it can be rolled back to.
    pub replaced: Option<(Uuid, Saving)>,
}

/// Publishes exactly this revision, whose checks passed, and which somebody else asked for.
///
/// # Errors
/// [`Error::Conflict`] where it is not in review any more, its checks did not pass or are of other texts, or something else was
/// published meanwhile; [`Error::Forbidden`] where the publisher wrote a part of it, or asked for it; or when the database fails.
pub async fn publish(db: &Db, publishing: Publishing, event: Event) -> Result<i64> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let Publishing { rule_set, revision, .. } = publishing;
            let moved = on!(tx &mut tx, connection => sqlx::query(
                "update rule_set set stage = 'published'
                 where id = $1 and newest_revision = $2 and stage = 'in-review' and asked_by is not null",
            )
            .bind(rule_set)
            .bind(revision)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            done(moved)?;
            let own: i64 = on!(tx &mut tx, connection => sqlx::query_scalar(
                "select (select count(*) from rule_set where id = $1 and asked_by = $2)
                      + (select count(*) from rule_set_revision where rule_set_id = $1 and saved_by = $2)",
            )
            .bind(rule_set)
            .bind(publishing.by)
            .fetch_one(connection)
            .await)?;
            if own > 0 {
                return Err(Error::Forbidden);
            }
            let passed: i64 = on!(tx &mut tx, connection => sqlx::query_scalar(
                "select count(*)
                 from rule_set_check
                 join rule_set_revision on rule_set_revision.digest = rule_set_check.digest
                 where rule_set_id = $1 and number = $2 and against = $3 and finished_at is not null and passed",
            )
            .bind(rule_set)
            .bind(revision)
            .bind(&publishing.against)
            .fetch_one(connection)
            .await)?;
            let mut last = last_publication(&mut tx).await?;
            if passed == 0 || last != publishing.after {
                return Err(Error::Conflict);
            }
            if let Some((id, saving)) = &publishing.replaced {
                insert_rule_set(&mut tx, *id, Stage::Published, saving).await?;
                last += 1;
                insert_publication(&mut tx, last, (*id, 1), publishing.at, None, ["", ""], false, None).await?;
            }
            let (at, by) = (publishing.at, Some(publishing.by));
            let who = [publishing.name.as_str(), publishing.registration.as_str()];
            insert_publication(&mut tx, last + 1, (rule_set, revision), at, by, who, publishing.signed_off, None)
                .await?;
            audit::append(&mut tx, &event.about((rule_set, revision))).await?;
            Ok(last + 1)
        })
    })
    .await
}

async fn last_publication(tx: &mut Tx<'_>) -> Result<i64> {
    Ok(on!(tx tx, connection => sqlx::query_scalar("select coalesce(max(number), 0) from rule_set_publication")
        .fetch_one(connection)
        .await)?)
}

#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
async fn insert_publication(
    tx: &mut Tx<'_>,
    number: i64,
    (rule_set, revision): (Uuid, i64),
    at: i64,
    by: Option<Uuid>,
    [name, registration]: [&str; 2],
    signed_off: bool,
    rollback_reason: Option<&str>,
) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "insert into rule_set_publication
             (number, rule_set_id, revision, published_at, published_by, name, registration, signed_off, rollback_reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(number)
    .bind(rule_set)
    .bind(revision)
    .bind(at)
    .bind(by)
    .bind(name)
    .bind(registration)
    .bind(signed_off)
    .bind(rollback_reason)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// Has servers decide by an earlier publication again. What its reviewer signed stays signed.
///
/// # Errors
/// [`Error::Conflict`] where something was published after `after`, or this rule set never was; or when the database fails.
pub async fn roll_back(
    db: &Db,
    rule_set: Uuid,
    after: i64,
    by: Uuid,
    at: i64,
    reason: String,
    event: Event,
) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let last = last_publication(&mut tx).await?;
            let earlier: Option<(i64, bool, String, String)> = on!(tx &mut tx, connection => sqlx::query_as(
                "select revision, signed_off, name, registration
                 from rule_set_publication
                 where rule_set_id = $1
                 order by number desc
                 limit 1",
            )
            .bind(rule_set)
            .fetch_optional(connection)
            .await)?;
            let Some((revision, signed_off, name, registration)) = earlier.filter(|_| last == after) else {
                return Err(Error::Conflict);
            };
            let who = [name.as_str(), registration.as_str()];
            insert_publication(&mut tx, last + 1, (rule_set, revision), at, Some(by), who, signed_off, Some(&reason))
                .await?;
            audit::append(&mut tx, &event.about((rule_set, revision))).await
        })
    })
    .await
}

/// The number of the last publication; 0 where there is none.
///
/// # Errors
/// When the database fails.
pub async fn last(db: &Db) -> Result<i64> {
    Ok(on!(db db, pool => sqlx::query_scalar("select coalesce(max(number), 0) from rule_set_publication")
        .fetch_one(pool)
        .await)?)
}

#[derive(FromRow)]
struct PublishedRow {
    number: i64,
    rules: String,
    vignettes: String,
    name: String,
    registration: String,
    signed_off: bool,
    signed_at: i64,
}

/// What servers are to decide by; nothing where nothing was ever published at the desk.
///
/// # Errors
/// When the database fails.
pub async fn published(db: &Db) -> Result<Option<Published>> {
    let row: Option<PublishedRow> = on!(db db, pool => sqlx::query_as(
        // Signed when it was first published, and not when somebody rolled back to it.
        "select rule_set_publication.number, rules, vignettes, name, registration, signed_off,
                (select published_at from rule_set_publication as first
                 where first.rule_set_id = rule_set_publication.rule_set_id
                 order by first.number
                 limit 1) as signed_at
         from rule_set_publication
         join rule_set_revision on rule_set_revision.rule_set_id = rule_set_publication.rule_set_id
                               and rule_set_revision.number = revision
         order by rule_set_publication.number desc
         limit 1",
    )
    .fetch_optional(pool)
    .await)?;
    Ok(row.map(|row| Published {
        number: row.number,
        texts: Texts { rules: row.rules, vignettes: row.vignettes },
        signed_off: row.signed_off.then_some((row.name, row.registration, row.signed_at)),
    }))
}

/// The versions that were ever published.
///
/// # Errors
/// When the database fails.
pub async fn published_versions(db: &Db) -> Result<Vec<String>> {
    Ok(on!(db db, pool => sqlx::query_scalar(
        "select distinct version
         from rule_set_publication
         join rule_set_revision on rule_set_revision.rule_set_id = rule_set_publication.rule_set_id
                               and rule_set_revision.number = revision
         order by version",
    )
    .fetch_all(pool)
    .await)?)
}

/// The rule set that servers were last told to decide by.
#[derive(Clone, Debug, FromRow)]
pub struct Last {
    pub rule_set_id: Uuid,
    pub version: String,
    pub digest: String,
}

/// The rule set that servers were last told to decide by; nothing where nothing was ever published at the desk.
///
/// # Errors
/// When the database fails.
pub async fn last_published(db: &Db) -> Result<Option<Last>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select rule_set_publication.rule_set_id, version, digest
         from rule_set_publication
         join rule_set_revision on rule_set_revision.rule_set_id = rule_set_publication.rule_set_id
                               and rule_set_revision.number = revision
         order by rule_set_publication.number desc
         limit 1",
    )
    .fetch_optional(pool)
    .await)?)
}

/// Every rule set, the last saved first.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &Db) -> Result<Vec<Listed>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select rule_set.id, stage, version, saved_at, note, email as saved_by_email,
                (select max(number) from rule_set_publication where rule_set_id = rule_set.id) as publication
         from rule_set
         join rule_set_revision on rule_set_revision.rule_set_id = rule_set.id
                               and rule_set_revision.number = newest_revision
         left join account on account.id = saved_by
         order by saved_at desc, rule_set.id desc
         limit 200",
    )
    .fetch_all(pool)
    .await)?)
}

#[derive(FromRow)]
struct DossierRow {
    stage: String,
    newest_revision: i64,
    asked_by: Option<Uuid>,
    email: Option<String>,
}

/// All that is known of a rule set, but for its texts.
///
/// # Errors
/// When the database fails.
pub async fn dossier(db: &Db, id: Uuid) -> Result<Option<Dossier>> {
    let row: Option<DossierRow> = on!(db db, pool => sqlx::query_as(
        "select stage, newest_revision, asked_by, email
         from rule_set
         left join account on account.id = asked_by
         where rule_set.id = $1",
    )
    .bind(id)
    .fetch_optional(pool)
    .await)?;
    let Some(row) = row else { return Ok(None) };
    let revisions: Vec<RevisionLine> = on!(db db, pool => sqlx::query_as(
        "select number, version, digest, saved_at, saved_by, email as saved_by_email, note
         from rule_set_revision
         left join account on account.id = saved_by
         where rule_set_id = $1
         order by number desc",
    )
    .bind(id)
    .fetch_all(pool)
    .await)?;
    let publications: Vec<Publication> = on!(db db, pool => sqlx::query_as(
        "select number, published_at, email as published_by_email, name, registration, rollback_reason
         from rule_set_publication
         left join account on account.id = published_by
         where rule_set_id = $1
         order by number desc",
    )
    .bind(id)
    .fetch_all(pool)
    .await)?;
    let stage = Stage::named(&row.stage).ok_or_else(|| Error::internal(format!("no stage {:?}", row.stage)))?;
    Ok(Some(Dossier {
        id,
        stage,
        newest: row.newest_revision,
        asked_by: row.asked_by,
        asked_by_email: row.email,
        revisions,
        publications,
    }))
}

/// The texts of one revision.
///
/// # Errors
/// When the database fails.
pub async fn texts(db: &Db, id: Uuid, number: i64) -> Result<Option<Texts>> {
    let row: Option<(String, String)> = on!(db db, pool => sqlx::query_as(
        "select rules, vignettes from rule_set_revision where rule_set_id = $1 and number = $2",
    )
    .bind(id)
    .bind(number)
    .fetch_optional(pool)
    .await)?;
    Ok(row.map(|(rules, vignettes)| Texts { rules, vignettes }))
}

/// What readers see, or are about to: the id and the revision of each article that is published, and of each that is approved. Those
/// that are not are held to the rules when they are.
///
/// # Errors
/// When the database fails.
pub async fn articles(db: &Db) -> Result<Vec<(Uuid, i64)>> {
    // From the articles' own rows: those of revisions hold whole texts.
    Ok(on!(db db, pool => sqlx::query_as(
        "select id, current_revision as number from article where current_revision > 0
         union
         select id, newest_revision from article where stage = 'approved'
         order by id, number",
    )
    .fetch_all(pool)
    .await)?)
}

/// The address and the Markdown of a revision of an article; nothing where that is gone.
///
/// # Errors
/// When the database fails.
pub async fn article(db: &Db, id: Uuid, revision: i64) -> Result<Option<(String, String)>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select slug, markdown from article join article_revision on article_id = article.id where article_id = $1 and number = $2",
    )
    .bind(id)
    .bind(revision)
    .fetch_optional(pool)
    .await)?)
}

/// How far a check is.
#[derive(Clone, Debug, FromRow)]
pub struct Check {
    /// Milliseconds since 1970, UTC; so are the times below.
    pub begun_at: i64,
    pub seen_at: i64,
    pub done: i64,
    pub total: i64,
    pub finished_at: Option<i64>,
    pub passed: bool,
    /// As JSON; empty while it runs.
    pub report: String,
}

/// The check of these texts, if there is one.
///
/// # Errors
/// When the database fails.
pub async fn check(db: &Db, digest: &str, against: &str) -> Result<Option<Check>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select begun_at, seen_at, done, total, finished_at, passed, report
         from rule_set_check
         where digest = $1 and against = $2",
    )
    .bind(digest)
    .bind(against)
    .fetch_optional(pool)
    .await)?)
}

/// Begins a check, unless it is done or one is under way that was heard of since `alive_since`: `false` then.
///
/// # Errors
/// When the database fails.
pub async fn begin_check(db: &Db, digest: &str, against: &str, total: i64, now: i64, alive_since: i64) -> Result<bool> {
    let (digest, against) = (digest.to_owned(), against.to_owned());
    db.write(move |mut tx| {
        Box::pin(async move {
            let begun = on!(tx &mut tx, connection => sqlx::query(
                "insert into rule_set_check (digest, against, begun_at, seen_at, total) values ($1, $2, $3, $3, $4)
                 on conflict (digest, against) do update set begun_at = $3, seen_at = $3, done = 0, total = $4
                 where rule_set_check.finished_at is null and rule_set_check.seen_at < $5",
            )
            .bind(&digest)
            .bind(&against)
            .bind(now)
            .bind(total)
            .bind(alive_since)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            Ok(begun > 0)
        })
    })
    .await
}

/// Notes how far a check is.
///
/// # Errors
/// When the database fails.
pub async fn note_progress(db: &Db, digest: &str, against: &str, done: i64, now: i64) -> Result<()> {
    let (digest, against) = (digest.to_owned(), against.to_owned());
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(
                "update rule_set_check set done = $3, seen_at = $4 where digest = $1 and against = $2 and finished_at is null",
            )
            .bind(&digest)
            .bind(&against)
            .bind(done)
            .bind(now)
            .execute(connection)
            .await
            .map(drop))?;
            Ok(())
        })
    })
    .await
}

/// Keeps what a check found, for good.
///
/// # Errors
/// When the database fails.
pub async fn finish_check(db: &Db, digest: &str, against: &str, passed: bool, report: String, now: i64) -> Result<()> {
    let (digest, against) = (digest.to_owned(), against.to_owned());
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(
                "update rule_set_check set done = total, seen_at = $3, finished_at = $3, passed = $4, report = $5
                 where digest = $1 and against = $2 and finished_at is null",
            )
            .bind(&digest)
            .bind(&against)
            .bind(now)
            .bind(passed)
            .bind(&report)
            .execute(connection)
            .await
            .map(drop))?;
            Ok(())
        })
    })
    .await
}

/// The name and registration number that an account last gave when it published.
///
/// # Errors
/// When the database fails.
pub async fn last_signature(db: &Db, account: Uuid) -> Result<Option<(String, String)>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select name, registration
         from rule_set_publication
         where published_by = $1 and rollback_reason is null
         order by number desc
         limit 1",
    )
    .bind(account)
    .fetch_optional(pool)
    .await)?)
}

/// What somebody did with rule sets, for the export of all that is stored about them: rule set, revision, note and time of each
/// save; and rule set, name, registration, reason and time of each publication.
#[derive(Debug, Default)]
pub struct Deeds {
    pub saved: Vec<(Uuid, i64, String, i64)>,
    pub asked: Vec<(Uuid, i64)>,
    pub published: Vec<(Uuid, String, String, Option<String>, i64)>,
}

/// See [`Deeds`].
///
/// # Errors
/// When the database fails.
pub async fn deeds_of(db: &Db, account: Uuid) -> Result<Deeds> {
    let saved = on!(db db, pool => sqlx::query_as(
        "select rule_set_id, number, note, saved_at from rule_set_revision where saved_by = $1 order by saved_at",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    let asked = on!(db db, pool => sqlx::query_as(
        "select id, asked_at from rule_set where asked_by = $1 and asked_at is not null order by asked_at",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    let published = on!(db db, pool => sqlx::query_as(
        "select rule_set_id, name, registration, rollback_reason, published_at
         from rule_set_publication
         where published_by = $1
         order by number",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    Ok(Deeds { saved, asked, published })
}
