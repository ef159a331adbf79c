//! Where answers are counted and remarks are kept.

use sqlx::FromRow;
use uuid::Uuid;

use super::{KEPT_FOR, MOST_A_DAY, Stage};
use crate::{
    Error, Result,
    audit::{self, Event},
    day::Day,
    db::Db,
    on,
};

/// Counts an answer about what readers see of the article at this address; whether there is one.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &Db, slug: &str, day: Day, useful: bool) -> Result<bool> {
    let slug = slug.to_owned();
    db.write(move |mut tx| {
        Box::pin(async move {
            let counted = on!(tx &mut tx, connection => sqlx::query(
                "insert into article_vote (article_id, revision, day, useful, count)
                 select id, current_revision, $2, $3, 1 from article where slug = $1 and current_revision > 0
                 on conflict (article_id, revision, day, useful) do update set count = article_vote.count + 1",
            )
            .bind(&slug)
            .bind(day.to_string())
            .bind(useful)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            Ok(counted > 0)
        })
    })
    .await
}

/// Keeps a remark about what readers see of the article at this address. Not kept where there is no such article, or where
/// [`MOST_A_DAY`] were kept today.
///
/// # Errors
/// When the database fails.
pub async fn keep(db: &Db, id: Uuid, slug: &str, day: Day, useful: bool, said: &str) -> Result<bool> {
    let (slug, said) = (slug.to_owned(), said.to_owned());
    db.write(move |mut tx| {
        Box::pin(async move {
            let kept = on!(tx &mut tx, connection => sqlx::query(
                "insert into article_remark (id, article_id, revision, day, useful, said)
                 select $1, id, current_revision, $3, $4, $5
                 from article
                 where slug = $2 and current_revision > 0
                   and (select count(*) from article_remark where article_id = article.id and day = $3) < $6",
            )
            .bind(id)
            .bind(&slug)
            .bind(day.to_string())
            .bind(useful)
            .bind(&said)
            .bind(MOST_A_DAY)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            Ok(kept > 0)
        })
    })
    .await
}

/// What readers said of an article, as numbers.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct Heard {
    pub id: Uuid,
    pub slug: String,
    pub title: String,
    pub useful: i64,
    pub not_useful: i64,
    /// Remarks that nobody has read.
    pub new: i64,
    /// Of all remarks.
    pub remarks: i64,
}

const HEARD: &str = "
    select id, slug, newest_title as title,
           (select cast(coalesce(sum(count), 0) as bigint) from article_vote where article_id = article.id and useful) as useful,
           (select cast(coalesce(sum(count), 0) as bigint) from article_vote where article_id = article.id and not useful) as not_useful,
           (select count(*) from article_remark where article_id = article.id and article_remark.stage = 'new') as new,
           (select count(*) from article_remark where article_id = article.id) as remarks
    from article
    where ($1 and (exists (select 1 from article_vote where article_id = article.id)
                   or exists (select 1 from article_remark where article_id = article.id)))
       or id = $2
    order by new desc, not_useful desc, slug
    limit 500";

/// The articles of which readers said something, those with unread remarks first.
///
/// # Errors
/// When the database fails.
pub async fn heard(db: &Db) -> Result<Vec<Heard>> {
    Ok(on!(db db, pool => sqlx::query_as(HEARD).bind(true).bind(Uuid::nil()).fetch_all(pool).await)?)
}

/// The same of one article.
///
/// # Errors
/// When the database fails.
pub async fn heard_of(db: &Db, article: Uuid) -> Result<Option<Heard>> {
    Ok(on!(db db, pool => sqlx::query_as(HEARD).bind(false).bind(article).fetch_optional(pool).await)?)
}

/// Answers to one revision.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct OfRevision {
    pub revision: i64,
    pub useful: i64,
    pub not_useful: i64,
}

/// The answers to an article by revision, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn by_revision(db: &Db, article: Uuid) -> Result<Vec<OfRevision>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select revision,
                cast(sum(case when useful then count else 0 end) as bigint) as useful,
                cast(sum(case when useful then 0 else count end) as bigint) as not_useful
         from article_vote
         where article_id = $1
         group by revision
         order by revision desc",
    )
    .bind(article)
    .fetch_all(pool)
    .await)?)
}

/// What somebody wrote.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct Remark {
    pub id: Uuid,
    pub revision: i64,
    pub day: String,
    pub useful: bool,
    pub said: String,
    pub stage: String,
}

/// The remarks on an article: the unread first, then the newest.
///
/// # Errors
/// When the database fails.
pub async fn remarks(db: &Db, article: Uuid) -> Result<Vec<Remark>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select id, revision, day, useful, said, stage
         from article_remark
         where article_id = $1
         order by case stage when 'new' then 0 when 'seen' then 1 else 2 end, day desc, id desc
         limit 200",
    )
    .bind(article)
    .fetch_all(pool)
    .await)?)
}

/// How many remarks nobody has read.
///
/// # Errors
/// When the database fails.
pub async fn unread(db: &Db) -> Result<i64> {
    Ok(on!(db db, pool => sqlx::query_scalar("select count(*) from article_remark where stage = 'new'")
        .fetch_one(pool)
        .await)?)
}

/// Puts a remark on an article at a stage.
///
/// # Errors
/// [`Error::NotFound`] where it is gone; or when the database fails.
pub async fn put(db: &Db, article: Uuid, remark: Uuid, stage: Stage, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let moved = on!(tx &mut tx, connection => sqlx::query(
                "update article_remark set stage = $3 where article_id = $1 and id = $2",
            )
            .bind(article)
            .bind(remark)
            .bind(stage.name())
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            if moved == 0 {
                return Err(Error::NotFound);
            }
            audit::append(&mut tx, &event.about((remark, stage.name()))).await
        })
    })
    .await
}

/// Deletes a remark for good.
///
/// # Errors
/// [`Error::NotFound`] where it is gone; or when the database fails.
pub async fn delete(db: &Db, article: Uuid, remark: Uuid, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let gone = on!(tx &mut tx, connection => sqlx::query(
                "delete from article_remark where article_id = $1 and id = $2",
            )
            .bind(article)
            .bind(remark)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            if gone == 0 {
                return Err(Error::NotFound);
            }
            audit::append(&mut tx, &event.about(remark)).await
        })
    })
    .await
}

/// Deletes what was written more than [`KEPT_FOR`] days ago. The counts stay.
///
/// # Errors
/// When the database fails.
pub async fn remove_old(db: &Db, today: Day) -> Result<()> {
    let before = today.plus(-KEPT_FOR).to_string();
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query("delete from article_remark where day < $1")
                .bind(&before)
                .execute(connection)
                .await
                .map(drop))?;
            Ok(())
        })
    })
    .await
}
