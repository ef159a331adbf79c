//! Where articles are kept: revisions that are never changed, and which of them readers see.

use sqlx::FromRow;
use uuid::Uuid;

use super::{Approver, Article, ArticleCard, Section, Source, import::Draft};
use crate::{
    Error, Result,
    clock::Clock,
    day::Day,
    db::{Db, Tx},
    on,
};

/// How many articles a list page shows.
pub const PER_PAGE: u32 = 12;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is a new revision, which readers see.
    New,
    /// It is what was saved of it before.
    Same,
    /// Somebody wrote, renamed or archived the article at the desk: a file does not replace that.
    Kept,
}

/// Saves a file's draft as the article's newest revision, and shows it, unless the article is the desk's by now.
///
/// # Errors
/// When the database fails.
pub async fn save_revision(db: &Db, draft: Draft, clock: &Clock) -> Result<Saved> {
    let (new_id, now) = (clock.new_id(), to_i64(clock.millis()));
    db.write(move |mut tx| {
        Box::pin(async move {
            let slug = draft.article.slug.as_str();
            let (id, number) = match newest_of(&mut tx, slug).await? {
                Some(newest) if newest.of_desk => return Ok(Saved::Kept),
                Some(newest) if newest.digest == draft.digest => return Ok(Saved::Same),
                Some(newest) => (newest.id, newest.number + 1),
                None if leads_on(&mut tx, slug).await? => return Ok(Saved::Kept),
                None => (new_id, 1),
            };
            if number == 1 {
                insert_article(&mut tx, id, slug, now).await?;
            }
            insert_revision(
                &mut tx,
                id,
                number,
                &Text::of_file(&draft),
                &Saving { at: now, by: None, note: "", from_file: true },
            )
            .await?;
            let article = &draft.article;
            show_revision(&mut tx, id, number, [article.published, article.reviewed, article.review_due]).await?;
            replace_tags(&mut tx, id, &draft.article.tags).await?;
            Ok(Saved::New)
        })
    })
    .await
}

#[derive(FromRow)]
struct Newest {
    id: Uuid,
    number: i64,
    digest: String,
    /// Whether somebody wrote or archived it at the desk.
    of_desk: bool,
}

async fn newest_of(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Newest>> {
    Ok(on!(tx tx, connection => sqlx::query_as(
        "select article.id, number, digest,
                archived_at is not null or exists (
                    select 1 from article_revision written where written.article_id = article.id and not written.from_file
                ) as of_desk
         from article
         join article_revision on article_id = article.id and number = newest_revision
         where slug = $1",
    )
    .bind(slug)
    .fetch_optional(connection)
    .await)?)
}

/// Whether an article had this address before.
async fn leads_on(tx: &mut Tx<'_>, slug: &str) -> Result<bool> {
    let found: Option<String> = on!(tx tx, connection => sqlx::query_scalar(
        "select slug from article_redirect where slug = $1",
    )
    .bind(slug)
    .fetch_optional(connection)
    .await)?;
    Ok(found.is_some())
}

/// Adds an article of which readers see nothing yet, without its first revision.
pub(crate) async fn insert_article(tx: &mut Tx<'_>, id: Uuid, slug: &str, now: i64) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "insert into article (id, slug, current_revision, newest_revision, stage, created_at)
         values ($1, $2, 0, 1, 'draft', $3)",
    )
    .bind(id)
    .bind(slug)
    .bind(now)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// All that a revision says, and what was made of it.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    pub title: &'a str,
    pub summary: &'a str,
    pub author: &'a str,
    pub tags: &'a [String],
    pub sources: &'a [Source],
    pub conflicts: &'a str,
    pub review_months: u8,
    pub markdown: &'a str,
    /// Empty where the Markdown could not be rendered.
    pub html: &'a str,
    pub contents: &'a [Section],
    pub words: u32,
    pub digest: &'a str,
}

impl<'a> Text<'a> {
    fn of_file(draft: &'a Draft) -> Self {
        let article = &draft.article;
        Self {
            title: &article.title,
            summary: &article.summary,
            author: &article.author,
            tags: &article.tags,
            sources: &article.sources,
            conflicts: &article.conflicts,
            review_months: draft.review_months,
            markdown: &draft.markdown,
            html: &article.html,
            contents: &article.contents,
            words: article.words,
            digest: &draft.digest,
        }
    }
}

/// Who saves a revision, when and why.
#[derive(Debug)]
pub(crate) struct Saving<'a> {
    /// Milliseconds since 1970, UTC.
    pub at: i64,
    pub by: Option<Uuid>,
    pub note: &'a str,
    pub from_file: bool,
}

/// Adds the newest revision, and what the desk lists of it; readers see it only once it is shown.
pub(crate) async fn insert_revision(
    tx: &mut Tx<'_>,
    id: Uuid,
    number: i64,
    text: &Text<'_>,
    saving: &Saving<'_>,
) -> Result<()> {
    let tags = serde_json::to_string(text.tags).map_err(Error::internal)?;
    on!(tx tx, connection => sqlx::query(
        "insert into article_revision (
             article_id, number, title, summary, author, markdown, html, contents, words, sources, tags, digest, saved_at,
             saved_by, note, from_file, review_months, conflicts
         ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    )
    .bind(id)
    .bind(number)
    .bind(text.title)
    .bind(text.summary)
    .bind(text.author)
    .bind(text.markdown)
    .bind(text.html)
    .bind(serde_json::to_string(text.contents).map_err(Error::internal)?)
    .bind(i64::from(text.words))
    .bind(serde_json::to_string(text.sources).map_err(Error::internal)?)
    .bind(&tags)
    .bind(text.digest)
    .bind(saving.at)
    .bind(saving.by)
    .bind(saving.note)
    .bind(saving.from_file)
    .bind(i64::from(text.review_months))
    .bind(text.conflicts)
    .execute(connection)
    .await
    .map(drop))?;
    on!(tx tx, connection => sqlx::query(
        "update article
         set newest_title = $2, newest_summary = $3, newest_author = $4, newest_tags = $5, newest_saved_at = $6,
             newest_saved_by = $7
         where id = $1",
    )
    .bind(id)
    .bind(text.title)
    .bind(text.summary)
    .bind(text.author)
    .bind(&tags)
    .bind(saving.at)
    .bind(saving.by)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// Shows a revision to readers, as published, reviewed and due on these days.
pub(crate) async fn show_revision(
    tx: &mut Tx<'_>,
    id: Uuid,
    number: i64,
    [published, reviewed, due]: [Day; 3],
) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "update article
         set current_revision = $2, newest_revision = $2, stage = 'published', publish_at = null,
             published_on = $3, reviewed_on = $4, review_due_on = $5
         where id = $1",
    )
    .bind(id)
    .bind(number)
    .bind(published.to_string())
    .bind(reviewed.to_string())
    .bind(due.to_string())
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// The tags by which readers find the article.
pub(crate) async fn replace_tags(tx: &mut Tx<'_>, id: Uuid, tags: &[String]) -> Result<()> {
    on!(tx tx, connection => sqlx::query("delete from article_tag where article_id = $1")
        .bind(id)
        .execute(connection)
        .await
        .map(drop))?;
    for tag in tags {
        on!(tx tx, connection => sqlx::query(
            "insert into article_tag (tag, article_id) values ($1, $2) on conflict (tag, article_id) do nothing",
        )
        .bind(tag)
        .bind(id)
        .execute(connection)
        .await
        .map(drop))?;
    }
    Ok(())
}

#[derive(FromRow)]
struct ArticleRow {
    slug: String,
    title: String,
    summary: String,
    author: String,
    published_on: String,
    reviewed_on: String,
    review_due_on: String,
    html: String,
    contents: String,
    words: i64,
    sources: String,
    tags: String,
    conflicts: String,
    approver: Option<String>,
    registration: Option<String>,
}

/// The article at this address, as readers see it.
///
/// # Errors
/// When the database fails.
pub async fn article(db: &Db, slug: &str) -> Result<Option<Article>> {
    let row: Option<ArticleRow> = on!(db db, pool => sqlx::query_as(
        "select slug, title, summary, author, published_on, reviewed_on, review_due_on, html, contents, words, sources, tags,
                conflicts, name as approver, registration
         from article
         join article_revision on article_revision.article_id = article.id and number = current_revision
         left join article_approval on article_approval.article_id = article.id and revision = current_revision
         where slug = $1",
    )
    .bind(slug)
    .fetch_optional(pool)
    .await)?;
    row.map(|row| {
        Ok(Article {
            slug: row.slug,
            title: row.title,
            summary: row.summary,
            author: row.author,
            published: row.published_on.parse().map_err(Error::internal)?,
            reviewed: row.reviewed_on.parse().map_err(Error::internal)?,
            review_due: row.review_due_on.parse().map_err(Error::internal)?,
            html: row.html,
            contents: serde_json::from_str(&row.contents).map_err(Error::internal)?,
            words: u32::try_from(row.words).unwrap_or_default(),
            sources: serde_json::from_str(&row.sources).map_err(Error::internal)?,
            tags: serde_json::from_str(&row.tags).map_err(Error::internal)?,
            conflicts: row.conflicts,
            approved_by: row.approver.zip(row.registration).map(|(name, registration)| Approver { name, registration }),
        })
    })
    .transpose()
}

#[derive(FromRow)]
struct CardRow {
    slug: String,
    title: String,
    summary: String,
    published_on: String,
    words: i64,
}

impl TryFrom<CardRow> for ArticleCard {
    type Error = Error;

    fn try_from(row: CardRow) -> Result<Self> {
        Ok(Self {
            slug: row.slug,
            title: row.title,
            summary: row.summary,
            published: row.published_on.parse().map_err(Error::internal)?,
            words: u32::try_from(row.words).unwrap_or_default(),
        })
    }
}

/// One page of articles, newest first; `page` counts from 1, `tag` narrows.
///
/// # Errors
/// When the database fails.
pub async fn newest(db: &Db, tag: Option<&str>, page: u32) -> Result<Vec<ArticleCard>> {
    let rows: Vec<CardRow> = on!(db db, pool => sqlx::query_as(
        "select slug, title, summary, published_on, words
         from article
         join article_revision on article_id = article.id and number = current_revision
         where $1 = '' or exists (select 1 from article_tag where tag = $1 and article_tag.article_id = article.id)
         order by published_on desc, slug
         limit $2 offset $3",
    )
    .bind(tag.unwrap_or_default())
    .bind(i64::from(PER_PAGE))
    .bind(i64::from(page.saturating_sub(1)) * i64::from(PER_PAGE))
    .fetch_all(pool)
    .await)?;
    rows.into_iter().map(ArticleCard::try_from).collect()
}

/// How many articles readers can see, with this tag or in all.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &Db, tag: Option<&str>) -> Result<u64> {
    let count: i64 = on!(db db, pool => sqlx::query_scalar(
        "select count(*)
         from article
         where current_revision > 0
           and ($1 = '' or exists (select 1 from article_tag where tag = $1 and article_tag.article_id = article.id))",
    )
    .bind(tag.unwrap_or_default())
    .fetch_one(pool)
    .await)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Every tag in use, by name.
///
/// # Errors
/// When the database fails.
pub async fn tags(db: &Db) -> Result<Vec<String>> {
    Ok(
        on!(db db, pool => sqlx::query_scalar("select distinct tag from article_tag order by tag").fetch_all(pool).await)?,
    )
}

/// The three articles that share most tags with the one at `slug`, newest first among equals.
///
/// # Errors
/// When the database fails.
pub async fn related(db: &Db, slug: &str) -> Result<Vec<ArticleCard>> {
    let rows: Vec<CardRow> = on!(db db, pool => sqlx::query_as(
        "select other.slug, title, summary, other.published_on, words
         from article this
         join article_tag mine on mine.article_id = this.id
         join article_tag theirs on theirs.tag = mine.tag and theirs.article_id <> this.id
         join article other on other.id = theirs.article_id
         join article_revision on article_revision.article_id = other.id and number = other.current_revision
         where this.slug = $1
         group by other.slug, title, summary, other.published_on, words
         order by count(*) desc, other.published_on desc, other.slug
         limit 3",
    )
    .bind(slug)
    .fetch_all(pool)
    .await)?;
    rows.into_iter().map(ArticleCard::try_from).collect()
}

/// Where an address that an article had before leads to now; nothing where there is no such article to read.
///
/// # Errors
/// When the database fails.
pub async fn redirect(db: &Db, slug: &str) -> Result<Option<String>> {
    Ok(on!(db db, pool => sqlx::query_scalar(
        "select article.slug
         from article_redirect
         join article on article.id = article_redirect.article_id
         where article_redirect.slug = $1 and current_revision > 0",
    )
    .bind(slug)
    .fetch_optional(pool)
    .await)?)
}

fn to_i64(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}
