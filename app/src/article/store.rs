//! Where articles are kept: revisions that are never changed, and which of them readers see.

use sqlx::FromRow;
use uuid::Uuid;

use super::{
    Approver, Article, ArticleCard, Section, Source, export,
    file::Approval,
    import::{FromFile, Place},
};
use crate::{
    Error, Result,
    clock::Clock,
    content::{Origin, Saved},
    day::Day,
    db::{Db, Tx},
    on,
};

/// How many articles a list page shows.
pub const PER_PAGE: u32 = 12;

/// Saves what a file says as the article's newest revision, unless the article says so already, or is somebody else's by now:
/// the desk's, or, for a file that is shipped, that of whoever imported another. With it come the old addresses that are another
/// article's, and do not lead here.
///
/// `giver` is who gives the file, and `of` whose text it is from then on.
///
/// # Errors
/// When the database fails.
pub async fn save_file(
    tx: &mut Tx<'_>,
    file: &FromFile,
    giver: Origin,
    of: Origin,
    clock: &Clock,
) -> Result<(Saved, Vec<String>)> {
    let now = clock.millis_i64();
    let Some(there) = standing(tx, &file.slug).await? else {
        if leads_on(tx, &file.slug).await? {
            return Ok((Saved::Kept, vec![]));
        }
        let id = clock.new_id();
        insert_article(tx, id, &file.slug, now).await?;
        insert_file(tx, id, 1, file, of, now).await?;
        let (_, taken) = lead_here(tx, id, &file.file.front.formerly, now).await?;
        return Ok((Saved::New, taken));
    };
    let (same, other) = match says(tx, there.id, file).await? {
        Some(same) => (same, Saved::Changed),
        None if file.place == Place::Draft => (false, Saved::New),
        None => (false, Saved::Changed),
    };
    if there.of_desk || (there.imported && giver == Origin::Shipped) {
        return Ok((if same { Saved::Same } else { Saved::Kept }, vec![]));
    }
    if !same {
        insert_file(tx, there.id, there.newest + 1, file, of, now).await?;
    }
    let (led, taken) = lead_here(tx, there.id, &file.file.front.formerly, now).await?;
    Ok((if same && !led { Saved::Same } else { other }, taken))
}

/// How an article stands that a file is about.
#[derive(FromRow)]
struct Standing {
    id: Uuid,
    newest: i64,
    /// Whether somebody wrote a part of it at the desk, or went on there with what a file left.
    of_desk: bool,
    /// Whether what readers see, or the newest, was imported.
    imported: bool,
}

async fn standing(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Standing>> {
    // First, so that whoever works on it at the desk waits until this is done.
    on!(tx &mut *tx, connection => sqlx::query("update article set slug = slug where slug = $1")
        .bind(slug)
        .execute(connection)
        .await
        .map(drop))?;
    Ok(on!(tx tx, connection => sqlx::query_as(
        "select article.id, newest_revision as newest,
                filed_as <> case when archived_at is not null then 'archived' else stage end or exists (
                    select 1 from article_revision written where written.article_id = article.id and origin = 'desk'
                ) as of_desk,
                exists (
                    select 1 from article_revision given
                    where given.article_id = article.id and origin = 'imported' and number in (current_revision, newest_revision)
                ) as imported
         from article
         where slug = $1",
    )
    .bind(slug)
    .fetch_optional(connection)
    .await)?)
}

/// Whether an article says what the file says, in the same HTML: an export of it would be the same file. Nothing where it has
/// nothing where the file puts it: no draft, say.
async fn says(tx: &mut Tx<'_>, id: Uuid, file: &FromFile) -> Result<Option<bool>> {
    let rows: Vec<OnFile> = on!(tx tx, connection => sqlx::query_as(ON_FILE)
        .bind(id)
        .bind(Uuid::nil())
        .bind(1_i64)
        .fetch_all(connection)
        .await)?;
    let is_there = |row: &OnFile| match file.place {
        Place::Published => row.number == row.current,
        Place::Archived => row.archived,
        Place::Draft => row.is_draft(),
    };
    let Some(row) = rows.into_iter().find(is_there) else { return Ok(None) };
    // Former addresses lead here until somebody takes them away, whatever later files say.
    let mut said = file.file.clone();
    said.front.formerly.clear();
    let same_html = row.html == file.rendered.as_ref().map_or("", |rendered| &rendered.html);
    Ok(Some(same_html && export::file(row, vec![])? == said))
}

async fn insert_file(tx: &mut Tx<'_>, id: Uuid, number: i64, file: &FromFile, origin: Origin, now: i64) -> Result<()> {
    let saving = Saving { at: now, by: None, note: "", origin };
    insert_revision(tx, id, number, &Text::of_file(file), &saving).await?;
    match file.place {
        Place::Draft => put_as_draft(tx, id, number).await,
        Place::Published | Place::Archived => put_for_readers(tx, id, number, file, now).await,
    }
}

/// Leaves a revision to the desk; readers go on seeing what they saw.
async fn put_as_draft(tx: &mut Tx<'_>, id: Uuid, number: i64) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "update article
         set newest_revision = $2, stage = 'draft', publish_at = null, archived_at = null, filed_as = 'draft'
         where id = $1",
    )
    .bind(id)
    .bind(number)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// Shows a revision to readers, or takes the article off the site with it, as the file says.
async fn put_for_readers(tx: &mut Tx<'_>, id: Uuid, number: i64, file: &FromFile, now: i64) -> Result<()> {
    let front = &file.file.front;
    let archived = file.place == Place::Archived;
    // Of what is archived, the stage says whether it may be published again as it is.
    let stage = if archived && front.approval.is_none() { "draft" } else { "published" };
    let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    on!(tx &mut *tx, connection => sqlx::query(
        "update article
         set newest_revision = $2, current_revision = $3, stage = $4, publish_at = null, archived_at = $5,
             published_on = $6, reviewed_on = $7, review_due_on = $8, filed_as = $9
         where id = $1",
    )
    .bind(id)
    .bind(number)
    .bind(if archived { 0 } else { number })
    .bind(stage)
    .bind(archived.then_some(now))
    .bind(day(front.published))
    .bind(day(front.reviewed))
    .bind(day(front.review_due))
    .bind(if archived { "archived" } else { "published" })
    .execute(connection)
    .await
    .map(drop))?;
    replace_tags(tx, id, if archived { &[] } else { &front.tags }).await?;
    match &front.approval {
        Some(approval) => insert_approval(tx, id, number, approval).await,
        None => Ok(()),
    }
}

/// Of a clinician who has no account here.
async fn insert_approval(tx: &mut Tx<'_>, id: Uuid, number: i64, approval: &Approval) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "insert into article_approval (article_id, revision, name, registration, approved_at, override_reason)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(number)
    .bind(&approval.name)
    .bind(&approval.registration)
    .bind(approval.on.epoch_days() * DAY)
    .bind(approval.override_reason.as_deref())
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// A day in milliseconds.
pub(crate) const DAY: i64 = 24 * 60 * 60 * 1000;

/// Makes old addresses lead to an article: whether any did not yet, and those that are another's.
async fn lead_here(tx: &mut Tx<'_>, id: Uuid, formerly: &[String], now: i64) -> Result<(bool, Vec<String>)> {
    let (mut led, mut taken) = (false, vec![]);
    for old in formerly {
        match owner_of(tx, old).await? {
            Some(owner) if owner == id => {}
            Some(_) => taken.push(old.clone()),
            None => {
                insert_redirect(tx, old, id, now).await?;
                led = true;
            }
        }
    }
    Ok((led, taken))
}

/// The article that has or had an address.
async fn owner_of(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Uuid>> {
    Ok(on!(tx tx, connection => sqlx::query_scalar(
        "select id from article where slug = $1
         union
         select article_id from article_redirect where slug = $1",
    )
    .bind(slug)
    .fetch_optional(connection)
    .await)?)
}

async fn insert_redirect(tx: &mut Tx<'_>, slug: &str, id: Uuid, now: i64) -> Result<()> {
    on!(tx tx, connection => sqlx::query("insert into article_redirect (slug, article_id, made_at) values ($1, $2, $3)")
        .bind(slug)
        .bind(id)
        .bind(now)
        .execute(connection)
        .await
        .map(drop))?;
    Ok(())
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
}

impl<'a> Text<'a> {
    fn of_file(file: &'a FromFile) -> Self {
        let (front, rendered) = (&file.file.front, file.rendered.as_ref());
        Self {
            title: &front.title,
            summary: &front.summary,
            author: front.author.as_deref().unwrap_or_default(),
            tags: &front.tags,
            sources: &front.sources,
            conflicts: &front.conflicts,
            review_months: front.review_months.unwrap_or(12),
            markdown: &file.file.markdown,
            html: rendered.map_or("", |rendered| &rendered.html),
            contents: rendered.map_or(&[], |rendered| &rendered.contents),
            words: rendered.map_or(0, |rendered| rendered.words),
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
    pub origin: Origin,
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
             article_id, number, title, summary, author, markdown, html, contents, words, sources, tags, saved_at, saved_by,
             note, origin, review_months, conflicts
         ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
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
    .bind(saving.at)
    .bind(saving.by)
    .bind(saving.note)
    .bind(saving.origin.name())
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

/// What files say of an article: the revision that readers see, the newest, or both.
#[derive(Debug, FromRow)]
pub struct OnFile {
    pub id: Uuid,
    pub slug: String,
    pub current: i64,
    pub archived: bool,
    /// Empty before the article is published; so are the days below.
    pub published_on: String,
    pub reviewed_on: String,
    pub review_due_on: String,
    pub number: i64,
    pub title: String,
    pub summary: String,
    pub author: String,
    pub tags: String,
    pub sources: String,
    pub conflicts: String,
    pub review_months: i64,
    pub markdown: String,
    /// Empty where the Markdown could not be rendered.
    pub html: String,
    /// The approval of this revision, if readers saw it.
    pub approver: Option<String>,
    pub registration: Option<String>,
    pub approved_at: Option<i64>,
    pub override_reason: Option<String>,
}

const ON_FILE: &str = "
    select article.id, slug, current_revision as current, archived_at is not null as archived, published_on, reviewed_on,
           review_due_on, number, title, summary, author, tags, sources, conflicts, review_months, markdown, html,
           name as approver, registration, approved_at, override_reason
    from (select id, slug, current_revision, newest_revision, stage, archived_at, published_on, reviewed_on, review_due_on
          from article where id >= $1 and id <> $2 order by id limit $3) article
    join article_revision on article_revision.article_id = article.id and number in (current_revision, newest_revision)
    left join article_approval on article_approval.article_id = article.id and revision = number
         and (number = current_revision or (archived_at is not null and stage = 'published'))
    order by article.id, number";

/// The next 25 articles after one, by id: so none is left out that is given another address meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn on_file(db: &Db, after: Uuid) -> Result<Vec<OnFile>> {
    Ok(on!(db db, pool => sqlx::query_as(ON_FILE).bind(after).bind(after).bind(25_i64).fetch_all(pool).await)?)
}

/// The addresses that an article had before.
///
/// # Errors
/// When the database fails.
pub async fn old_addresses(db: &Db, id: Uuid) -> Result<Vec<String>> {
    Ok(on!(db db, pool => sqlx::query_scalar("select slug from article_redirect where article_id = $1")
        .bind(id)
        .fetch_all(pool)
        .await)?)
}
