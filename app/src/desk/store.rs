//! Where the desk's articles are kept. Each deed is one transaction with its line in the audit log, and names the revision
//! that it is about: if the article went on meanwhile, nothing is done ([`Error::Conflict`]).

use sqlx::FromRow;
use uuid::Uuid;

use super::{
    Approval, Comment, Dossier, Revision, Stage,
    drafts::{self, Subject},
    flow::Kind,
    manuscript::Manuscript,
    review_link,
};
use crate::{
    Error, Result,
    article::{
        markdown::Rendered,
        store::{DAY, Saving, Text, insert_article, insert_revision, replace_tags, show_revision},
    },
    audit::{self, Action, Event},
    content::Origin,
    day::Day,
    db::{Db, Tx},
    on,
};

pub(super) const ARTICLES: Kind = Kind {
    thing: "article",
    of: "article_id",
    revision: "article_revision",
    approval: "article_approval",
    comment: "article_comment",
    from_file: "origin <> 'desk'",
    said_as: "said_as",
    // A planned publication is called off by whatever else is done.
    resets: "publish_at = null,",
    approved: ", override_reason",
};

/// A revision that is about to be saved.
#[derive(Debug)]
pub struct NewRevision {
    pub manuscript: Manuscript,
    /// Nothing where the Markdown could not be rendered: kept all the same, and never sent to review.
    pub rendered: Option<Rendered>,
    pub note: String,
    pub by: Uuid,
    /// Milliseconds since 1970, UTC.
    pub at: i64,
    /// The draft that it was until now, which ends with the save.
    pub line: drafts::Line,
}

impl NewRevision {
    fn text(&self) -> Text<'_> {
        let manuscript = &self.manuscript;
        let rendered = self.rendered.as_ref();
        Text {
            title: &manuscript.title,
            summary: &manuscript.summary,
            author: &manuscript.author,
            tags: &manuscript.tags,
            sources: &manuscript.sources,
            conflicts: &manuscript.conflicts,
            review_months: manuscript.review_months,
            markdown: &manuscript.markdown,
            html: rendered.map_or("", |rendered| &rendered.html),
            contents: rendered.map_or(&[], |rendered| &rendered.contents),
            words: rendered.map_or(0, |rendered| rendered.words),
        }
    }

    fn saving(&self) -> Saving<'_> {
        Saving { at: self.at, by: Some(self.by), note: &self.note, origin: Origin::Desk }
    }
}

/// Begins an article with its first revision.
///
/// # Errors
/// [`Error::Conflict`] where another article has the address or had it; or when the database fails.
pub async fn create(db: &Db, id: Uuid, slug: String, revision: NewRevision, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            if leads_to_another(&mut tx, &slug, id).await? {
                return Err(Error::Conflict);
            }
            insert_article(&mut tx, id, &slug, revision.at).await?;
            insert_revision(&mut tx, id, 1, &revision.text(), &revision.saving()).await?;
            drafts::end(&mut tx, Subject(None), revision.by, revision.line).await?;
            audit::append(&mut tx, &event.about((id, 1))).await
        })
    })
    .await
}

/// Saves a revision after `base`, and returns its number.
///
/// # Errors
/// [`Error::Conflict`] where `base` is not the newest any more or the article is archived; or when the database fails.
pub async fn save(db: &Db, id: Uuid, base: i64, revision: NewRevision, event: Event) -> Result<i64> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let number = base + 1;
            // First, so that whoever saves after the same revision waits here and then finds a newer one.
            let moved = on!(tx &mut tx, connection => sqlx::query(
                "update article set newest_revision = $3, stage = 'draft', publish_at = null
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
            insert_revision(&mut tx, id, number, &revision.text(), &revision.saving()).await?;
            drafts::end(&mut tx, Subject(Some(id)), revision.by, revision.line).await?;
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
pub async fn send_to_review(db: &Db, id: Uuid, revision: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            ARTICLES.advance(&mut tx, id, revision, &[Stage::Draft], Stage::InReview).await?;
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
pub async fn approve(db: &Db, id: Uuid, approval: Approval, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            ARTICLES.approve(&mut tx, id, &approval).await?;
            if let Some(reason) = &approval.override_reason {
                on!(tx &mut tx, connection => sqlx::query(
                    "update article_approval set override_reason = $3 where article_id = $1 and revision = $2",
                )
                .bind(id)
                .bind(approval.revision)
                .bind(reason)
                .execute(connection)
                .await
                .map(drop))?;
                let overridden = Event { action: Action::SafetyCheckOverridden, ..event.clone() };
                audit::append(&mut tx, &overridden.about((id, approval.revision))).await?;
            }
            audit::append(&mut tx, &event.about((id, approval.revision))).await
        })
    })
    .await
}

/// Takes the newest revision back to a draft: out of review, its approval withdrawn, its publication called off.
///
/// # Errors
/// [`Error::Conflict`] where it is neither in review nor approved; or when the database fails.
pub async fn withdraw(db: &Db, id: Uuid, revision: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            ARTICLES.withdraw(&mut tx, id, revision).await?;
            audit::append(&mut tx, &event.about((id, revision))).await
        })
    })
    .await
}

/// Chooses when the approved revision is published, in milliseconds since 1970, UTC.
///
/// # Errors
/// [`Error::Conflict`] where it is not approved any more; or when the database fails.
pub async fn schedule(db: &Db, id: Uuid, revision: i64, at: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            ARTICLES.advance(&mut tx, id, revision, &[Stage::Approved], Stage::Approved).await?;
            on!(tx &mut tx, connection => sqlx::query("update article set publish_at = $2 where id = $1")
                .bind(id)
                .bind(at)
                .execute(connection)
                .await
                .map(drop))?;
            audit::append(&mut tx, &event.about((id, revision))).await
        })
    })
    .await
}

#[derive(FromRow)]
struct ToPublish {
    published_on: String,
    approved_at: i64,
    review_months: i64,
    tags: String,
}

/// Shows the approved revision to readers, as first published `today` if it never was.
///
/// # Errors
/// [`Error::Conflict`] where it is not approved any more; or when the database fails.
pub async fn publish(db: &Db, id: Uuid, revision: i64, today: Day, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            ARTICLES.advance(&mut tx, id, revision, &[Stage::Approved], Stage::Published).await?;
            show(&mut tx, id, revision, today).await?;
            audit::append(&mut tx, &event.about((id, revision))).await
        })
    })
    .await
}

/// As [`publish`], of what was to be published at `at`: `false` where somebody else did so, or it was called off.
///
/// # Errors
/// When the database fails.
pub async fn publish_scheduled(db: &Db, due: Scheduled, today: Day, event: Event) -> Result<bool> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let taken = on!(tx &mut tx, connection => sqlx::query(
                "update article set publish_at = null
                 where id = $1 and newest_revision = $2 and publish_at = $3 and stage = 'approved' and archived_at is null",
            )
            .bind(due.article)
            .bind(due.revision)
            .bind(due.at)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            if taken == 0 {
                return Ok(false);
            }
            show(&mut tx, due.article, due.revision, today).await?;
            audit::append(&mut tx, &event.about((due.article, due.revision))).await?;
            Ok(true)
        })
    })
    .await
}

async fn show(tx: &mut Tx<'_>, id: Uuid, revision: i64, today: Day) -> Result<()> {
    let found: Option<ToPublish> = on!(tx &mut *tx, connection => sqlx::query_as(
        "select published_on, approved_at, review_months, tags
         from article
         join article_revision on article_revision.article_id = article.id and number = $2
         join article_approval on article_approval.article_id = article.id and article_approval.revision = $2
         where article.id = $1",
    )
    .bind(id)
    .bind(revision)
    .fetch_optional(connection)
    .await)?;
    let found = found.ok_or(Error::Conflict)?;
    let published =
        if found.published_on.is_empty() { today } else { found.published_on.parse().map_err(Error::internal)? };
    let reviewed = Day::from_epoch_days(found.approved_at.div_euclid(DAY)).map_err(Error::internal)?;
    let due = reviewed.plus(found.review_months * 365 / 12);
    show_revision(tx, id, revision, [published, reviewed, due]).await?;
    let tags: Vec<String> = serde_json::from_str(&found.tags).map_err(Error::internal)?;
    replace_tags(tx, id, &tags).await
}

/// What is to be published at a time.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Scheduled {
    pub article: Uuid,
    pub revision: i64,
    /// Milliseconds since 1970, UTC.
    pub at: i64,
}

/// What was to be published by now.
///
/// # Errors
/// When the database fails.
pub async fn due_to_publish(db: &Db, now: i64) -> Result<Vec<Scheduled>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select id as article, newest_revision as revision, publish_at as at
         from article
         where publish_at <= $1 and stage = 'approved' and archived_at is null
         order by publish_at",
    )
    .bind(now)
    .fetch_all(pool)
    .await)?)
}

/// Takes what was due for review before this day off the site, and returns how many articles that were. They stay on the desk,
/// overdue, and come back with the publication of a new review.
///
/// # Errors
/// When the database fails.
pub async fn take_down(db: &Db, due_before: Day, event: Event) -> Result<usize> {
    db.write(move |mut tx| {
        Box::pin(async move {
            // Returned by the one of several servers that took them.
            let taken: Vec<Uuid> = on!(tx &mut tx, connection => sqlx::query_scalar(
                "update article set current_revision = 0
                 where current_revision > 0 and review_due_on <> '' and review_due_on < $1
                 returning id",
            )
            .bind(due_before.to_string())
            .fetch_all(connection)
            .await)?;
            for id in &taken {
                replace_tags(&mut tx, *id, &[]).await?;
                audit::append(&mut tx, &event.clone().about(*id)).await?;
            }
            Ok(taken.len())
        })
    })
    .await
}

/// Takes an article off the site. Nothing of it is lost.
///
/// # Errors
/// [`Error::Conflict`] where it is archived already; or when the database fails.
pub async fn archive(db: &Db, id: Uuid, now: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let archived = on!(tx &mut tx, connection => sqlx::query(
                "update article set archived_at = $2, current_revision = 0, publish_at = null
                 where id = $1 and archived_at is null",
            )
            .bind(id)
            .bind(now)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            if archived == 0 {
                return Err(Error::Conflict);
            }
            replace_tags(&mut tx, id, &[]).await?;
            audit::append(&mut tx, &event.about(id)).await
        })
    })
    .await
}

/// Brings an article back to the desk: approved where its newest revision is, else as a draft. Readers see it once it is
/// published again.
///
/// # Errors
/// [`Error::Conflict`] where it is not archived; or when the database fails.
pub async fn unarchive(db: &Db, id: Uuid, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            ARTICLES.unarchive(&mut tx, id).await?;
            audit::append(&mut tx, &event.about(id)).await
        })
    })
    .await
}

async fn leads_to_another(tx: &mut Tx<'_>, slug: &str, id: Uuid) -> Result<bool> {
    let owner: Option<Uuid> = on!(tx tx, connection => sqlx::query_scalar(
        "select article_id from article_redirect where slug = $1",
    )
    .bind(slug)
    .fetch_optional(connection)
    .await)?;
    Ok(owner.is_some_and(|owner| owner != id))
}

/// Gives an article another address, at once; the old one leads to the new.
///
/// # Errors
/// [`Error::Conflict`] where another article has the address or had it; [`Error::NotFound`] where there is no such article;
/// or when the database fails.
pub async fn rename(db: &Db, id: Uuid, slug: String, now: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            if leads_to_another(&mut tx, &slug, id).await? {
                return Err(Error::Conflict);
            }
            let old: Option<String> = on!(tx &mut tx, connection => sqlx::query_scalar("select slug from article where id = $1")
                .bind(id)
                .fetch_optional(connection)
                .await)?;
            let old = old.ok_or(Error::NotFound)?;
            if old == slug {
                return Ok(());
            }
            on!(tx &mut tx, connection => sqlx::query("update article set slug = $2 where id = $1")
                .bind(id)
                .bind(&slug)
                .execute(connection)
                .await
                .map(drop))?;
            // Back to an address that it had: that one must not lead to itself.
            on!(tx &mut tx, connection => sqlx::query("delete from article_redirect where slug = $1")
                .bind(&slug)
                .execute(connection)
                .await
                .map(drop))?;
            on!(tx &mut tx, connection => sqlx::query(
                "insert into article_redirect (slug, article_id, made_at) values ($1, $2, $3)",
            )
            .bind(&old)
            .bind(id)
            .bind(now)
            .execute(connection)
            .await
            .map(drop))?;
            audit::append(&mut tx, &event.about(id)).await
        })
    })
    .await
}

/// Says something on a revision.
///
/// # Errors
/// [`Error::NotFound`] where there is no such revision; or when the database fails.
pub async fn comment(db: &Db, id: Uuid, comment: Comment, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            ARTICLES.comment(&mut tx, id, &comment).await?;
            audit::append(&mut tx, &event.about((id, comment.revision))).await
        })
    })
    .await
}

/// Closes a comment; one that is closed stays as it is.
///
/// # Errors
/// [`Error::NotFound`] where the article has no such comment; or when the database fails.
pub async fn resolve(db: &Db, id: Uuid, comment: Uuid, by: Uuid, now: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let revision = ARTICLES.resolve(&mut tx, id, comment, by, now).await?;
            audit::append(&mut tx, &event.about((id, revision))).await
        })
    })
    .await
}

#[derive(FromRow)]
struct DossierRow {
    id: Uuid,
    slug: String,
    title: String,
    stage: String,
    newest: i64,
    current: i64,
    publish_at: Option<i64>,
    archived_at: Option<i64>,
    published_on: String,
    review_due_on: String,
}

/// All that the desk knows of an article, but for the texts of its revisions.
///
/// # Errors
/// When the database fails.
pub async fn dossier(db: &Db, id: Uuid) -> Result<Option<Dossier>> {
    let row: Option<DossierRow> = on!(db db, pool => sqlx::query_as(
        "select id, slug, newest_title as title, stage, newest_revision as newest, current_revision as current, publish_at, archived_at,
                published_on, review_due_on
         from article
         where id = $1",
    )
    .bind(id)
    .fetch_optional(pool)
    .await)?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Dossier {
        id: row.id,
        slug: row.slug,
        title: row.title,
        stage: Stage::named(&row.stage).ok_or_else(|| Error::internal("an article has a stage that is none"))?,
        newest: row.newest,
        current: row.current,
        publish_at: row.publish_at,
        archived: row.archived_at.is_some(),
        published_on: row.published_on.parse().ok(),
        review_due: row.review_due_on.parse().ok(),
        revisions: ARTICLES.revisions(db, id).await?,
        comments: ARTICLES.comments(db, id).await?,
        links: review_link::store::links(db, id, row.newest).await?,
        approvals: ARTICLES.approvals(db, id).await?,
    }))
}

/// Name and registration number as this reviewer last gave them.
///
/// # Errors
/// When the database fails.
pub async fn last_signature(db: &Db, reviewer: Uuid) -> Result<Option<(String, String)>> {
    ARTICLES.last_signature(db, reviewer).await
}

#[derive(FromRow)]
struct RevisionRow {
    number: i64,
    title: String,
    summary: String,
    author: String,
    tags: String,
    sources: String,
    conflicts: String,
    review_months: i64,
    markdown: String,
    html: String,
}

/// One revision, whole.
///
/// # Errors
/// When the database fails.
pub async fn revision(db: &Db, id: Uuid, number: i64) -> Result<Option<Revision>> {
    let row: Option<RevisionRow> = on!(db db, pool => sqlx::query_as(
        "select number, title, summary, author, tags, sources, conflicts, review_months, markdown, html
         from article_revision
         where article_id = $1 and number = $2",
    )
    .bind(id)
    .bind(number)
    .fetch_optional(pool)
    .await)?;
    row.map(|row| {
        let manuscript = Manuscript {
            title: row.title,
            summary: row.summary,
            author: row.author,
            tags: serde_json::from_str(&row.tags).map_err(Error::internal)?,
            sources: serde_json::from_str(&row.sources).map_err(Error::internal)?,
            conflicts: row.conflicts,
            review_months: u8::try_from(row.review_months).unwrap_or(u8::MAX),
            markdown: row.markdown,
        };
        Ok(Revision { number: row.number, manuscript, html: row.html })
    })
    .transpose()
}

/// What somebody did at the desk, for the export of all that is stored about them. The texts are the site's, and left out.
#[derive(Debug, Default)]
pub struct Deeds {
    /// Article, revision, title, note and time (milliseconds since 1970, UTC) of each revision that they saved.
    pub saved: Vec<(Uuid, i64, String, String, i64)>,
    /// Article and approval.
    pub approved: Vec<(Uuid, Approval)>,
    /// Article, revision, comment and time.
    pub said: Vec<(Uuid, i64, String, i64)>,
}

/// See [`Deeds`].
///
/// # Errors
/// When the database fails.
pub async fn deeds_of(db: &Db, account: Uuid) -> Result<Deeds> {
    let saved = on!(db db, pool => sqlx::query_as(
        "select article_id, number, title, note, saved_at from article_revision where saved_by = $1 order by saved_at",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    let approved: Vec<Approved> = on!(db db, pool => sqlx::query_as(
        "select article_id, revision, reviewer, name, registration, approved_at, override_reason
         from article_approval
         where reviewer = $1
         order by approved_at",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    let said = on!(db db, pool => sqlx::query_as(
        "select article_id, revision, said, said_at from article_comment where said_by = $1 order by said_at",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    Ok(Deeds { saved, approved: approved.into_iter().map(|one| (one.article_id, one.approval)).collect(), said })
}

#[derive(FromRow)]
struct Approved {
    article_id: Uuid,
    #[sqlx(flatten)]
    approval: Approval,
}

/// Every address that an article has or had, and that readers can follow.
///
/// # Errors
/// When the database fails.
pub async fn addresses(db: &Db) -> Result<Vec<String>> {
    Ok(on!(db db, pool => sqlx::query_scalar(
        "select slug from article where current_revision > 0
         union
         select article_redirect.slug
         from article_redirect
         join article on article.id = article_id
         where current_revision > 0",
    )
    .fetch_all(pool)
    .await)?)
}
