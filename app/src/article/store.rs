//! Where articles are kept: revisions that are never changed, and which of them readers see.

use sqlx::FromRow;
use uuid::Uuid;

use super::{Article, ArticleCard, import::Draft};
use crate::{
    Error, Result,
    clock::Clock,
    db::{Db, Tx},
    on,
};

/// How many articles a list page shows.
pub const PER_PAGE: u32 = 12;

/// Saves a draft as the article's newest revision, and shows it; `false` when it is what readers see already.
///
/// # Errors
/// When the database fails.
pub async fn save_revision(db: &Db, draft: Draft, clock: &Clock) -> Result<bool> {
    let (new_id, now) = (clock.new_id(), to_i64(clock.millis()));
    db.write(move |mut tx| {
        Box::pin(async move {
            let slug = draft.article.slug.as_str();
            let (id, number) = match current(&mut tx, slug).await? {
                Some(current) if current.digest == draft.digest => return Ok(false),
                Some(current) => (current.id, current.number + 1),
                None => (new_id, 1),
            };
            if number == 1 {
                insert_article(&mut tx, id, slug, now).await?;
            }
            insert_revision(&mut tx, id, number, &draft, now).await?;
            show_revision(&mut tx, id, number).await?;
            replace_tags(&mut tx, id, &draft.article.tags).await?;
            Ok(true)
        })
    })
    .await
}

#[derive(FromRow)]
struct Current {
    id: Uuid,
    number: i64,
    digest: String,
}

async fn current(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Current>> {
    Ok(on!(tx tx, connection => sqlx::query_as(
        "select article.id, article_revision.number, article_revision.digest
         from article
         join article_revision on article_id = article.id and number = current_revision
         where slug = $1",
    )
    .bind(slug)
    .fetch_optional(connection)
    .await)?)
}

async fn insert_article(tx: &mut Tx<'_>, id: Uuid, slug: &str, now: i64) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "insert into article (id, slug, current_revision, created_at) values ($1, $2, 1, $3)",
    )
    .bind(id)
    .bind(slug)
    .bind(now)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

async fn insert_revision(tx: &mut Tx<'_>, id: Uuid, number: i64, draft: &Draft, now: i64) -> Result<()> {
    let article = &draft.article;
    on!(tx tx, connection => sqlx::query(
        "insert into article_revision (
             article_id, number, title, summary, author, published_on, reviewed_on, review_due_on,
             markdown, html, contents, words, sources, tags, digest, saved_at
         ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(id)
    .bind(number)
    .bind(&article.title)
    .bind(&article.summary)
    .bind(&article.author)
    .bind(article.published.to_string())
    .bind(article.reviewed.to_string())
    .bind(article.review_due.to_string())
    .bind(&draft.markdown)
    .bind(&article.html)
    .bind(serde_json::to_string(&article.contents).map_err(Error::internal)?)
    .bind(i64::from(article.words))
    .bind(serde_json::to_string(&article.sources).map_err(Error::internal)?)
    .bind(serde_json::to_string(&article.tags).map_err(Error::internal)?)
    .bind(&draft.digest)
    .bind(now)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

async fn show_revision(tx: &mut Tx<'_>, id: Uuid, number: i64) -> Result<()> {
    on!(tx tx, connection => sqlx::query("update article set current_revision = $2 where id = $1")
        .bind(id)
        .bind(number)
        .execute(connection)
        .await
        .map(drop))?;
    Ok(())
}

async fn replace_tags(tx: &mut Tx<'_>, id: Uuid, tags: &[String]) -> Result<()> {
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
}

/// The article at this address, as readers see it.
///
/// # Errors
/// When the database fails.
pub async fn article(db: &Db, slug: &str) -> Result<Option<Article>> {
    let row: Option<ArticleRow> = on!(db db, pool => sqlx::query_as(
        "select slug, title, summary, author, published_on, reviewed_on, review_due_on, html, contents, words, sources, tags
         from article
         join article_revision on article_id = article.id and number = current_revision
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

/// How many articles there are, with this tag or in all.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &Db, tag: Option<&str>) -> Result<u64> {
    let count: i64 = on!(db db, pool => sqlx::query_scalar(
        "select count(*)
         from article
         where $1 = '' or exists (select 1 from article_tag where tag = $1 and article_tag.article_id = article.id)",
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
        "select other.slug, title, summary, published_on, words
         from article this
         join article_tag mine on mine.article_id = this.id
         join article_tag theirs on theirs.tag = mine.tag and theirs.article_id <> this.id
         join article other on other.id = theirs.article_id
         join article_revision on article_revision.article_id = other.id and number = other.current_revision
         where this.slug = $1
         group by other.slug, title, summary, published_on, words
         order by count(*) desc, published_on desc, other.slug
         limit 3",
    )
    .bind(slug)
    .fetch_all(pool)
    .await)?;
    rows.into_iter().map(ArticleCard::try_from).collect()
}

fn to_i64(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}
