//! The list of articles: which ones, in which order, and how many.
//!
//! It is read from the articles' own rows, which hold what it shows of the newest revision: see `insert_revision`.

use sqlx::FromRow;
use uuid::Uuid;

use super::Status;
use crate::{Error, Result, day::Day, db::Db, on};

/// How many articles a page of the list shows.
pub const PER_PAGE: u32 = 25;

/// Which articles to list, and how.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Nothing: all but the archived.
    pub status: Option<Status>,
    /// These two are empty for any.
    pub tag: String,
    pub author: String,
    /// Words in the title, summary or address; empty for any.
    pub search: String,
    /// Whose review is due before this day.
    pub due_before: Option<Day>,
    /// Whose newest revision this account saved.
    pub saved_by: Option<Uuid>,
    pub sort: Sort,
    /// From 1.
    pub page: u32,
}

impl Filter {
    /// For `like`: what the search would mean there by itself is taken for any letter.
    fn pattern(&self) -> String {
        let words = self.search.trim().to_lowercase().replace(['%', '\\'], "_");
        if words.is_empty() { words } else { format!("%{words}%") }
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The last saved first.
    #[default]
    Changed,
    Title,
    Author,
    /// The first due first.
    Due,
}

impl Sort {
    pub const ALL: [Self; 4] = [Self::Changed, Self::Title, Self::Author, Self::Due];

    /// As an address and the store write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Title => "title",
            Self::Author => "author",
            Self::Due => "due",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Changed => "Last changed first",
            Self::Title => "By title",
            Self::Author => "By author",
            Self::Due => "First due first",
        }
    }
}

/// An article in the desk's list.
#[derive(Clone, Debug)]
pub struct Found {
    pub id: Uuid,
    pub slug: String,
    pub title: String,
    pub author: String,
    pub status: Status,
    pub saved_at: i64,
    pub review_due: Option<Day>,
    pub open_comments: u32,
    /// Whether readers see a revision of it.
    pub is_read: bool,
}

/// How an article stands, as [`super::Dossier::status`] says: $1 is the day before which a review is overdue, $2 today.
macro_rules! status {
    () => {
        "case
             when archived_at is not null then 'archived'
             when stage = 'approved' and publish_at is not null then 'scheduled'
             when stage <> 'published' then stage
             when review_due_on < $1 then 'expired'
             when review_due_on < $2 then 'due'
             else 'published'
         end"
    };
}

/// The articles that a filter leaves, of which $1 to $8 are bound by [`bind!`].
macro_rules! chosen {
    () => {
        concat!(
            "from (
                 select id, slug, newest_title as title, newest_summary as summary, newest_author as author,
                        newest_tags as tags, newest_saved_at as saved_at, newest_saved_by as saved_by, review_due_on,
                        current_revision, ",
            status!(),
            " as status
                 from article
             ) article
             where (case when $3 = '' then status <> 'archived' else status = $3 end)
               and ($4 = '' or tags like '%\"' || $4 || '\"%')
               and ($5 = '' or author = $5)
               and ($6 = '' or lower(title) like $6 or lower(summary) like $6 or slug like $6)
               and ($7 = '' or (current_revision > 0 and review_due_on < $7))
               and ($8 is null or saved_by = $8)"
        )
    };
}

macro_rules! bind {
    ($query:expr, $filter:expr, $today:expr) => {
        $query
            .bind(Status::expired_before($today).to_string())
            .bind($today.to_string())
            .bind($filter.status.map(Status::name).unwrap_or_default())
            .bind(&$filter.tag)
            .bind(&$filter.author)
            .bind($filter.pattern())
            .bind($filter.due_before.map(|day| day.to_string()).unwrap_or_default())
            .bind($filter.saved_by)
    };
}

#[derive(FromRow)]
struct FoundRow {
    id: Uuid,
    slug: String,
    title: String,
    author: String,
    status: String,
    saved_at: i64,
    review_due_on: String,
    open_comments: i64,
    current_revision: i64,
}

impl FoundRow {
    fn into_found(self) -> Result<Found> {
        Ok(Found {
            id: self.id,
            slug: self.slug,
            title: self.title,
            author: self.author,
            status: read_status(&self.status)?,
            saved_at: self.saved_at,
            review_due: self.review_due_on.parse().ok(),
            open_comments: u32::try_from(self.open_comments).unwrap_or(u32::MAX),
            is_read: self.current_revision > 0,
        })
    }
}

fn read_status(name: &str) -> Result<Status> {
    Status::named(name).ok_or_else(|| Error::internal("an article has a status that is none"))
}

/// The articles that a filter leaves, one page of them.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &Db, filter: &Filter, today: Day) -> Result<Vec<Found>> {
    // Comments are counted outside, for the page alone.
    let rows: Vec<FoundRow> = on!(db db, pool => bind!(sqlx::query_as(concat!(
        "select id, slug, title, author, status, saved_at, review_due_on, current_revision,
                (select count(*) from article_comment where article_id = found.id and resolved_at is null) as open_comments
         from (
             select id, slug, title, author, status, saved_at, review_due_on, current_revision,
                    case
                        when $9 = 'title' then lower(title)
                        when $9 = 'author' then lower(author)
                        when $9 = 'due' then case when review_due_on = '' then '9999' else review_due_on end
                    end as place ",
        chosen!(),
        "    order by place, saved_at desc, slug
             limit $10 offset $11
         ) found
         order by place, saved_at desc, slug",
    )), filter, today)
    .bind(filter.sort.name())
    .bind(i64::from(PER_PAGE))
    .bind(i64::from(filter.page.saturating_sub(1)) * i64::from(PER_PAGE))
    .fetch_all(pool)
    .await)?;
    rows.into_iter().map(FoundRow::into_found).collect()
}

/// How many articles a filter leaves, on all pages.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &Db, filter: &Filter, today: Day) -> Result<u64> {
    let count: i64 = on!(db db, pool => bind!(sqlx::query_scalar(concat!("select count(*) ", chosen!())), filter, today)
        .fetch_one(pool)
        .await)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// How many articles stand like this, and of how many of them the newest revision was saved by whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub status: Status,
    pub all: u64,
    pub own: u64,
}

/// How many articles there are of each status; of which there are none, there is no row.
///
/// # Errors
/// When the database fails.
pub async fn standings(db: &Db, account: Uuid, today: Day) -> Result<Vec<Standing>> {
    let rows: Vec<(String, i64, i64)> = on!(db db, pool => sqlx::query_as(concat!(
        "select status, count(*), count(case when saved_by = $3 then 1 end) from (select newest_saved_by as saved_by, ",
        status!(),
        " as status from article) article group by status",
    ))
    .bind(Status::expired_before(today).to_string())
    .bind(today.to_string())
    .bind(account)
    .fetch_all(pool)
    .await)?;
    rows.into_iter()
        .map(|(status, all, own)| {
            let [all, own] = [all, own].map(|count| u64::try_from(count).unwrap_or_default());
            Ok(Standing { status: read_status(&status)?, all, own })
        })
        .collect()
}

/// The authors of the newest revisions, by name.
///
/// # Errors
/// When the database fails.
pub async fn authors(db: &Db) -> Result<Vec<String>> {
    Ok(
        on!(db db, pool => sqlx::query_scalar("select distinct newest_author from article order by newest_author").fetch_all(pool).await)?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read_as_they_are_written() {
        for sort in Sort::ALL {
            assert_eq!(Sort::named(sort.name()), Some(sort));
        }
    }
}
