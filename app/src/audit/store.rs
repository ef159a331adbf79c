//! Where the audit log is kept: `audit_event`, and `audit_head` with the last event's number and hash.

use std::{fmt, num::ParseIntError, str::FromStr};

use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::{
    Event,
    chain::{BEGINNING, Broken, Followed, Recorded},
};
use crate::{
    Error, Result,
    db::{Db, Tx},
    on,
};

/// How many rows are held at once while the chain is followed.
const PAGE: i64 = 1_000;

/// Records an event in the transaction of what it records, so that the two are kept together or not at all.
///
/// Make it the last thing that the transaction does: on PostgreSQL it holds a lock from here to the commit, and who takes
/// others after it may wait in a circle.
///
/// # Errors
/// When the database fails, or the log has no head.
pub async fn append(tx: &mut Tx<'_>, event: &Event) -> Result<()> {
    let before = take_head(tx).await?;
    let mut row = Recorded {
        number: before.number,
        at: i64::try_from(event.at).map_err(Error::internal)?,
        actor: event.actor.to_string(),
        action: event.action.name().to_owned(),
        target: event.target.map(|target| target.to_string()),
        origin: event.origin.map(|network| network.to_string()),
        previous: before.hash,
        hash: String::new(),
    };
    row.hash = row.sealed();
    insert(tx, &row).await?;
    move_head(tx, &row.hash).await
}

/// Records an event that has no other write to go with.
///
/// # Errors
/// As [`append`].
pub async fn record(db: &Db, event: Event) -> Result<()> {
    db.write(move |mut tx| Box::pin(async move { append(&mut tx, &event).await })).await
}

#[derive(FromRow)]
struct Head {
    number: i64,
    hash: String,
}

/// Counts the head on and returns the new number with the hash so far. An update, so that it takes the lock on either
/// engine: whoever comes next waits here, and sees what this transaction leaves.
async fn take_head(tx: &mut Tx<'_>) -> Result<Head> {
    let head: Option<Head> = on!(tx tx, connection => sqlx::query_as(
        "update audit_head set number = number + 1 where id = 1 returning number, hash",
    )
    .fetch_optional(connection)
    .await)?;
    head.ok_or_else(|| Error::internal("the audit log has no head"))
}

async fn insert(tx: &mut Tx<'_>, row: &Recorded) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "insert into audit_event (number, at, actor, action, target, origin, previous, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(row.number)
    .bind(row.at)
    .bind(&row.actor)
    .bind(&row.action)
    .bind(row.target.as_deref())
    .bind(row.origin.as_deref())
    .bind(&row.previous)
    .bind(&row.hash)
    .execute(connection)
    .await
    .map(drop))
    // A number that is there already is tampering, and nothing that the caller could answer for.
    .map_err(|error| Error::internal(format!("cannot write the audit log: {error}")))
}

async fn move_head(tx: &mut Tx<'_>, hash: &str) -> Result<()> {
    on!(tx tx, connection => sqlx::query("update audit_head set hash = $1 where id = 1")
        .bind(hash)
        .execute(connection)
        .await
        .map(drop))?;
    Ok(())
}

/// Whether the log is as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// From the first event to this one, which is also how many there are.
    Whole {
        number: i64,
        hash: String,
    },
    Broken(Broken),
}

/// Follows the chain from its beginning, while others may go on writing.
///
/// Whoever can write to the database can also make the whole chain anew: only a number and hash that were noted elsewhere
/// show that ([`hash_at`]).
///
/// # Errors
/// When the database fails; a broken chain is a [`Verdict`].
pub async fn verify(db: &Db) -> Result<Verdict> {
    let head_before = head(db).await?;
    let mut followed = Followed::nothing();
    // From below every number, so that a row before the first is seen.
    let mut last = i64::MIN;
    loop {
        let rows = after(db, last).await?;
        let Some(end) = rows.last() else { break };
        last = end.number;
        for row in &rows {
            if let Err(broken) = followed.step(row) {
                return Ok(Verdict::Broken(broken));
            }
            if let Some(broken) = head_before.as_ref().and_then(|head| head.contradicts(&followed)) {
                return Ok(Verdict::Broken(broken));
            }
        }
    }
    Ok(match end_contradicted(head_before, head(db).await?, &followed) {
        Some(broken) => Verdict::Broken(broken),
        None => Verdict::Whole { number: followed.number, hash: followed.hash },
    })
}

impl Head {
    fn contradicts(&self, followed: &Followed) -> Option<Broken> {
        (self.number == followed.number && self.hash != followed.hash)
            .then_some(Broken { number: self.number, what: "is not the one that was written last" })
    }
}

/// What the heads, read before and after the rows, say against the end of the chain. Of what was written in between, rows
/// may be seen or not.
fn end_contradicted(before: Option<Head>, after: Option<Head>, followed: &Followed) -> Option<Broken> {
    let next = followed.number + 1;
    let (Some(before), Some(after)) = (before, after) else {
        return Some(Broken { number: next, what: "cannot be ruled out: the log has lost its head" });
    };
    if before.number > followed.number {
        return Some(Broken { number: next, what: "is missing" });
    }
    if after.number < followed.number {
        return Some(Broken { number: after.number + 1, what: "was not written by this program" });
    }
    after.contradicts(followed)
}

async fn head(db: &Db) -> Result<Option<Head>> {
    Ok(
        on!(db db, pool => sqlx::query_as("select number, hash from audit_head where id = 1").fetch_optional(pool).await)?,
    )
}

async fn after(db: &Db, number: i64) -> Result<Vec<Recorded>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select number, at, actor, action, target, origin, previous, hash
         from audit_event
         where number > $1
         order by number
         limit $2",
    )
    .bind(number)
    .bind(PAGE)
    .fetch_all(pool)
    .await)?)
}

/// The hash of one event, to hold against one that was noted; none where there is no such event.
///
/// # Errors
/// When the database fails.
pub async fn hash_at(db: &Db, number: i64) -> Result<Option<String>> {
    if number == 0 {
        return Ok(Some(BEGINNING.to_owned()));
    }
    Ok(on!(db db, pool => sqlx::query_scalar("select hash from audit_event where number = $1")
        .bind(number)
        .fetch_optional(pool)
        .await)?)
}

/// Where a page of the log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Milliseconds since 1970, UTC.
    pub at: i64,
    pub number: i64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at, self.number)
    }
}

impl FromStr for Place {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (at, number) = text.split_once('.').unwrap_or((text, ""));
        Ok(Self { at: at.parse()?, number: number.parse()? })
    }
}

macro_rules! columns_from {
    ($before:literal) => {
        concat!($before, "select number, at, actor, action, target, origin, previous, hash from (")
    };
}

/// Which events are asked for; all of them where it says nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// One of these.
    pub actions: Option<Vec<&'static str>>,
    pub actor: Option<String>,
    /// The number that they are about.
    pub target: Option<String>,
    /// From this time on, and before that one: milliseconds since 1970, UTC.
    pub from: Option<i64>,
    pub to: Option<i64>,
    /// Those that come after this on the way back.
    pub before: Option<Place>,
}

/// A page of the log, newest first: the last events that are so.
///
/// Each way of asking is read from an index that ends in the time and the number (migration 17), so that only what is shown is
/// read. Several actions are asked for one by one for that.
///
/// # Errors
/// When the database fails.
pub async fn events(db: &Db, filter: &Filter, limit: u32) -> Result<Vec<Recorded>> {
    if filter.actions.as_ref().is_some_and(Vec::is_empty) {
        return Ok(vec![]);
    }
    Ok(on!(db db, pool => {
        let mut query = QueryBuilder::new("");
        match filter.actions.as_deref() {
            None => push_events(&mut query, None, filter, limit),
            Some(actions) => {
                for (at, action) in actions.iter().enumerate() {
                    query.push(if at == 0 { columns_from!("") } else { columns_from!(" union all ") });
                    push_events(&mut query, Some(action), filter, limit);
                    query.push(format!(") part_{at}"));
                }
                query.push(" order by at desc, number desc limit ").push_bind(i64::from(limit));
            }
        }
        query.build_query_as().fetch_all(pool).await
    })?)
}

/// Adds one select, in the order of the log's way back.
fn push_events<'t, D>(query: &mut QueryBuilder<D>, action: Option<&'t &'static str>, filter: &'t Filter, limit: u32)
where
    D: sqlx::Database,
    &'t str: sqlx::Encode<'t, D> + sqlx::Type<D>,
    i64: sqlx::Encode<'t, D> + sqlx::Type<D>,
{
    query.push("select number, at, actor, action, target, origin, previous, hash from audit_event where true");
    for (condition, text) in [
        (" and action = ", action.copied()),
        (" and actor = ", filter.actor.as_deref()),
        (" and substr(target, 1, 36) = ", filter.target.as_deref()),
    ] {
        if let Some(text) = text {
            query.push(condition).push_bind(text);
        }
    }
    for (condition, at) in [(" and at >= ", filter.from), (" and at < ", filter.to)] {
        if let Some(at) = at {
            query.push(condition).push_bind(at);
        }
    }
    if let Some(Place { at, number }) = filter.before {
        query.push(" and (at, number) < (").push_bind(at).push(", ").push_bind(number).push(")");
    }
    query.push(" order by at desc, number desc limit ").push_bind(i64::from(limit));
}

/// What an account did and what was done to it, oldest first: the events after this number (0: from the first).
///
/// # Errors
/// When the database fails.
pub async fn events_of(db: &Db, account: Uuid, after: i64, limit: u32) -> Result<Vec<Recorded>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select number, at, actor, action, target, origin, previous, hash
         from audit_event
         where (actor = $1 or substr(target, 1, 36) = $1) and number > $2
         order by number
         limit $3",
    )
    .bind(account.to_string())
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await)?)
}
