//! Where the numbers are kept: one row for each day, thing and subject.

use sqlx::FromRow;
use uuid::Uuid;

use super::{Counted, What};
use crate::{Result, day::Day, db::Db, on};

/// Adds what a server counted, in one transaction. Of articles, `about` is the address; one that is gone meanwhile leads on, and one
/// that leads nowhere is dropped.
///
/// # Errors
/// When the database fails; then nothing is added.
pub async fn add(db: &Db, day: Day, mut counted: Vec<Counted>) -> Result<()> {
    // Always in the same order, so that two servers do not wait for one another in a circle.
    counted.sort_by(|a, b| (a.what.name(), &a.about).cmp(&(b.what.name(), &b.about)));
    db.write(move |mut tx| {
        Box::pin(async move {
            let mut rows: Vec<(&str, String, i64)> = vec![];
            for Counted { what, about, count } in &counted {
                let about = match what {
                    What::CheckerStart | What::CheckerResult => Some(about.clone()),
                    What::ArticleRead => {
                        let id: Option<Uuid> = on!(tx &mut tx, connection => sqlx::query_scalar(
                            "select id from article where slug = $1
                             union
                             select article_id from article_redirect where slug = $1",
                        )
                        .bind(about)
                        .fetch_optional(connection)
                        .await)?;
                        id.map(|id| id.to_string())
                    }
                };
                if let Some(about) = about {
                    rows.push((what.name(), about, i64::try_from(*count).unwrap_or(i64::MAX)));
                }
            }
            rows.sort();
            for (what, about, count) in rows {
                on!(tx &mut tx, connection => sqlx::query(
                    "insert into daily_number (day, what, about, count) values ($1, $2, $3, $4)
                     on conflict (day, what, about) do update set count = daily_number.count + excluded.count",
                )
                .bind(day.to_string())
                .bind(what)
                .bind(&about)
                .bind(count)
                .execute(connection)
                .await
                .map(drop))?;
            }
            Ok(())
        })
    })
    .await
}

/// A number of a day, or of several.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Number {
    /// The day, or what it is about.
    pub of: String,
    pub count: i64,
}

/// How often something happened on each day from the first to the last on which it did; `about` narrows, empty for all.
///
/// # Errors
/// When the database fails.
pub async fn by_day(db: &Db, what: What, about: &str, from: Day) -> Result<Vec<Number>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select day as of, cast(sum(count) as bigint) as count
         from daily_number
         where what = $1 and ($2 = '' or about = $2) and day >= $3
         group by day
         order by day",
    )
    .bind(what.name())
    .bind(about)
    .bind(from.to_string())
    .fetch_all(pool)
    .await)?)
}

/// How often something happened since a day, by what it is about.
///
/// # Errors
/// When the database fails.
pub async fn by_subject(db: &Db, what: What, from: Day) -> Result<Vec<Number>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select about as of, cast(sum(count) as bigint) as count
         from daily_number
         where what = $1 and day >= $2
         group by about
         order by about",
    )
    .bind(what.name())
    .bind(from.to_string())
    .fetch_all(pool)
    .await)?)
}

/// An article and how often it was read.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Read {
    pub id: Uuid,
    pub title: String,
}

/// The articles that readers see or saw, by title.
///
/// # Errors
/// When the database fails.
pub async fn articles(db: &Db) -> Result<Vec<Read>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select id, newest_title as title from article where published_on <> '' order by newest_title, slug limit 2000",
    )
    .fetch_all(pool)
    .await)?)
}

/// How often the checker helped since a day, by urgency.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Helped {
    pub urgency: String,
    pub yes: i64,
    pub no: i64,
}

/// Answers to "Did this help you decide?" since a day.
///
/// # Errors
/// When the database fails.
pub async fn helped(db: &Db, from: Day) -> Result<Vec<Helped>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select urgency,
                cast(sum(case when helped then count else 0 end) as bigint) as yes,
                cast(sum(case when helped then 0 else count end) as bigint) as no
         from checker_feedback
         where day >= $1
         group by urgency",
    )
    .bind(from.to_string())
    .fetch_all(pool)
    .await)?)
}
