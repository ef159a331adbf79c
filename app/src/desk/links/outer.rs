//! Links to other sites: when each is asked, what is kept of it, and from when on it counts as failing.
//!
//! A link is asked once in seven days, and once a day while it fails. It counts as failing when it failed on two days: a site may be
//! down for an hour. Where nothing that was asked gives any answer, it is rather this server that has no network, and nothing is said
//! against any of them; so an address that gave no answer is only asked again when there is another to ask beside it. For that,
//! those that answer are spread over the week, by the first time that they do.

use std::{future::Future, time::Duration};

use sqlx::FromRow;
use tokio::time::sleep;
use uuid::Uuid;

use super::found::{Found, Verdict};
use crate::{
    Result,
    clock::Clock,
    db::{Db, Tx},
    on,
};

/// How many links are asked in one go: they take at most half a minute each, and it is to be done before the next.
const AT_ONCE: i64 = 50;
/// What lies between two goes, in milliseconds: of several servers, whichever comes first makes them.
const BETWEEN: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * BETWEEN;
const WEEK: i64 = 7 * DAY;

/// Asks other sites.
pub trait Asks: Sync {
    /// Whether this address leads somewhere.
    fn ask(&self, address: &str) -> impl Future<Output = Found> + Send;
}

/// A link to another site that does not do what readers want of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outer {
    pub address: String,
    pub found: Found,
    /// In milliseconds since 1970; nothing where it does not fail, but is not asked.
    pub since: Option<i64>,
    /// The articles that it is in, with the titles of their newest revisions.
    pub articles: Vec<(Uuid, String)>,
}

/// The last time that other sites were asked.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Round {
    /// In milliseconds since 1970; 0 for never.
    pub asked_at: i64,
    pub asked: i64,
    /// How many of those answered anything; nothing until all were asked.
    pub answered: Option<i64>,
}

impl Round {
    /// Whether it seems that this server has no way to other sites.
    pub fn is_cut_off(&self) -> bool {
        self.asked > 0 && self.answered == Some(0)
    }
}

/// A link that is to be asked.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
struct Link {
    address: String,
    /// Empty before the first time.
    found: String,
    silent: bool,
    failing_since: Option<i64>,
    failing_still: bool,
}

/// What is kept of a link after it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    ask_at: i64,
    found: String,
    silent: bool,
    failing_since: Option<i64>,
    failing_still: bool,
}

impl Link {
    /// `reached` says whether any site answered meanwhile.
    fn after(&self, found: Found, reached: bool, now: i64) -> Kept {
        let fine =
            |ask_at| Kept { ask_at, found: found.name(), silent: false, failing_since: None, failing_still: false };
        match found.verdict() {
            Verdict::Unknown => fine(now + WEEK),
            Verdict::Leads if self.found.is_empty() => fine(now + WEEK + spread(&self.address)),
            Verdict::Leads => fine(now + WEEK),
            Verdict::Fails if !reached => Kept {
                ask_at: now + DAY,
                found: self.found.clone(),
                silent: true,
                failing_since: self.failing_since,
                failing_still: self.failing_still,
            },
            Verdict::Fails => {
                let since = self.failing_since.unwrap_or(now);
                let another_day = since.div_euclid(DAY) < now.div_euclid(DAY);
                Kept {
                    ask_at: now + DAY,
                    found: found.name(),
                    silent: found.is_silence(),
                    failing_since: Some(since),
                    failing_still: self.failing_still || another_day,
                }
            }
        }
    }
}

/// Up to a week, by the address alone.
fn spread(address: &str) -> i64 {
    let sum: i64 = address.bytes().zip(1..).map(|(byte, place)| i64::from(byte) * place).sum();
    sum * BETWEEN % WEEK
}

/// Whether this is an address of the web, on whichever site.
pub fn is_outer(address: &str) -> bool {
    let begins = |with: &str| address.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    begins("https://") || begins("http://")
}

/// Keeps an address that an article leads to, to be asked soon where it is new.
pub(super) async fn add(tx: &mut Tx<'_>, address: &str) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "insert into outer_link (address, ask_at, found, silent, failing_still) values ($1, 0, '', false, false)
         on conflict do nothing",
    )
    .bind(address)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// Forgets the addresses that no article leads to any more.
pub(super) async fn forget(tx: &mut Tx<'_>) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "delete from outer_link
         where not exists (select 1 from article_link where article_link.address = outer_link.address)",
    )
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// Asks the links that are due, one after another with a pause between them, where no server has done so within the hour; how many
/// were asked. What answers is kept at once, and what does not when it is known whether anything does.
///
/// # Errors
/// When the database fails.
pub async fn ask_due(db: &Db, clock: &Clock, asks: &impl Asks, pause: Duration) -> Result<usize> {
    let due = take(db, clock.millis_i64()).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let (mut asked, mut answered, mut silent) = (0, 0, Vec::new());
    for (place, link) in due.into_iter().enumerate() {
        if place > 0 {
            sleep(pause).await;
        }
        let found = asks.ask(&link.address).await;
        asked += i64::from(found != Found::NotAsked);
        answered += i64::from(found != Found::NotAsked && !found.is_silence());
        if found.is_silence() {
            silent.push((link, found));
        } else {
            keep(db, &link, found, true, clock.millis_i64()).await?;
        }
    }
    for (link, found) in silent {
        keep(db, &link, found, answered > 0, clock.millis_i64()).await?;
    }
    finish(db, asked, answered).await?;
    Ok(usize::try_from(asked).unwrap_or_default())
}

/// Takes what is due, and begins a round: in one transaction, so that of several servers one does. Nothing where a round began within
/// the hour, or where only such are due as gave no answer, while others will be.
async fn take(db: &Db, now: i64) -> Result<Vec<Link>> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let due: Vec<Link> = on!(tx &mut tx, connection => sqlx::query_as(
                "select address, found, silent, failing_since, failing_still
                 from outer_link
                 where ask_at <= $1
                 order by silent, ask_at, address
                 limit $2",
            )
            .bind(now)
            .bind(AT_ONCE)
            .fetch_all(connection)
            .await)?;
            let alone = due.iter().all(|link| link.silent);
            if due.is_empty() || (alone && any_answers(&mut tx).await?) || !begin(&mut tx, now).await? {
                return Ok(vec![]);
            }
            for link in &due {
                // For whoever goes on where this one ends in the middle.
                put_off(&mut tx, &link.address, now + DAY).await?;
            }
            Ok(due)
        })
    })
    .await
}

/// Whether there is an address that will be asked, and was not silent the last time.
async fn any_answers(tx: &mut Tx<'_>) -> Result<bool> {
    let one: Option<String> = on!(tx tx, connection => sqlx::query_scalar(
        "select address from outer_link where not silent and found <> $1 limit 1",
    )
    .bind(Found::NotAsked.name())
    .fetch_optional(connection)
    .await)?;
    Ok(one.is_some())
}

/// Whether this server is the one that asks now.
async fn begin(tx: &mut Tx<'_>, now: i64) -> Result<bool> {
    let begun = on!(tx tx, connection => sqlx::query(
        "update outer_link_round set asked_at = $1, asked = 0, answered = null where asked_at <= $2",
    )
    .bind(now)
    .bind(now - BETWEEN)
    .execute(connection)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(begun > 0)
}

async fn put_off(tx: &mut Tx<'_>, address: &str, ask_at: i64) -> Result<()> {
    on!(tx tx, connection => sqlx::query("update outer_link set ask_at = $2 where address = $1")
        .bind(address)
        .bind(ask_at)
        .execute(connection)
        .await
        .map(drop))?;
    Ok(())
}

async fn keep(db: &Db, link: &Link, found: Found, reached: bool, now: i64) -> Result<()> {
    let (address, kept) = (link.address.clone(), link.after(found, reached, now));
    db.write(move |mut tx| {
        Box::pin(async move {
            Ok(on!(tx &mut tx, connection => sqlx::query(
                "update outer_link
                 set ask_at = $2, found = $3, silent = $4, failing_since = $5, failing_still = $6
                 where address = $1",
            )
            .bind(address)
            .bind(kept.ask_at)
            .bind(kept.found)
            .bind(kept.silent)
            .bind(kept.failing_since)
            .bind(kept.failing_still)
            .execute(connection)
            .await
            .map(drop))?)
        })
    })
    .await
}

async fn finish(db: &Db, asked: i64, answered: i64) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            Ok(on!(tx &mut tx, connection => sqlx::query("update outer_link_round set asked = $1, answered = $2")
                .bind(asked)
                .bind(answered)
                .execute(connection)
                .await
                .map(drop))?)
        })
    })
    .await
}

/// When other sites were last asked.
///
/// # Errors
/// When the database fails.
pub async fn last_round(db: &Db) -> Result<Round> {
    Ok(
        on!(db db, pool => sqlx::query_as("select asked_at, asked, answered from outer_link_round").fetch_one(pool).await)?,
    )
}

/// The links of published articles to other sites that fail, the one that fails for longest first, and then those that are not asked.
///
/// # Errors
/// When the database fails.
pub async fn failing(db: &Db) -> Result<Vec<Outer>> {
    let rows: Vec<(Uuid, String, String, String, Option<i64>)> = on!(db db, pool => sqlx::query_as(
        "select id, newest_title, outer_link.address, found, failing_since
         from outer_link
         join article_link on article_link.address = outer_link.address
         join article on id = article_id
         where current_revision > 0 and (failing_still or found = $1)
         order by case when failing_still then 0 else 1 end, failing_since, outer_link.address, newest_title, id",
    )
    .bind(Found::NotAsked.name())
    .fetch_all(pool)
    .await)?;
    let mut outer: Vec<Outer> = Vec::new();
    for (article, title, address, found, since) in rows {
        match (outer.last_mut(), Found::named(&found)) {
            (Some(last), _) if last.address == address => last.articles.push((article, title)),
            (_, Some(found)) => outer.push(Outer { address, found, since, articles: vec![(article, title)] }),
            (_, None) => {}
        }
    }
    Ok(outer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(found: &str) -> Link {
        let address = "https://example.org/a".to_owned();
        Link { address, found: found.to_owned(), silent: false, failing_since: None, failing_still: false }
    }

    /// The link as it is once that was kept.
    fn then(link: &Link, found: Found, reached: bool, now: i64) -> (Link, i64) {
        let Kept { ask_at, found, silent, failing_since, failing_still } = link.after(found, reached, now);
        (Link { address: link.address.clone(), found, silent, failing_since, failing_still }, ask_at)
    }

    #[test]
    fn what_leads_somewhere_is_asked_again_after_a_week_and_the_first_time_after_up_to_two() {
        let (once, again) = then(&link(""), Found::Status(200), true, DAY);
        assert!((DAY + WEEK..DAY + 2 * WEEK).contains(&again), "{again}");
        assert_eq!(then(&once, Found::Status(403), true, DAY).1, DAY + WEEK);
        let days: std::collections::BTreeSet<i64> =
            (0..100).map(|page| spread(&format!("https://example.org/{page}")) / DAY).collect();
        assert_eq!(days.len(), 7, "{days:?}");
    }

    #[test]
    fn what_fails_on_two_days_is_failing_until_it_leads_somewhere() {
        let evening = 10 * DAY - 1;
        let (first, again) = then(&link("200"), Found::Status(404), true, evening - BETWEEN);
        assert_eq!(
            (first.failing_since, first.failing_still, again),
            (Some(evening - BETWEEN), false, evening - BETWEEN + DAY)
        );
        let (same_day, _) = then(&first, Found::NoName, true, evening);
        assert!(!same_day.failing_still, "an hour later");
        let (second, _) = then(&same_day, Found::Status(404), true, evening + 1);
        assert_eq!((second.failing_since, second.failing_still), (Some(evening - BETWEEN), true));
        assert_eq!(then(&second, Found::Status(200), true, 12 * DAY).0, link("200"));
    }

    #[test]
    fn nothing_is_said_against_a_link_while_nothing_answers() {
        let (once, again) = then(&link(""), Found::NoName, false, DAY);
        assert_eq!((once.failing_since, once.silent, once.found.as_str(), again), (None, true, "", 2 * DAY));
        let (twice, _) = then(&once, Found::NoName, false, 3 * DAY);
        assert_eq!((twice.failing_since, twice.failing_still), (None, false));
        let failing = Link { failing_since: Some(1), failing_still: true, ..link("404") };
        let (still, _) = then(&failing, Found::NoConnection, false, 3 * DAY);
        assert_eq!(still, Link { silent: true, ..failing }, "what was known stays");
    }

    #[test]
    fn what_is_not_asked_does_not_fail() {
        let failing = Link { failing_since: Some(1), failing_still: true, ..link("404") };
        assert_eq!(then(&failing, Found::NotAsked, true, DAY), (link("not-asked"), DAY + WEEK));
    }
}
