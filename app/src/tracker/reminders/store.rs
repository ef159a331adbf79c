//! Reminders in the database.

use uuid::Uuid;

use super::when::{Days, Schedule, TimeOfDay, Zone};
use crate::{
    Result,
    account::{TokenHash, consent::Kind},
    audit::{self, Event},
    db::{Db, Tx},
    on,
};

/// When somebody is reminded, as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    pub schedule: Schedule,
    /// When the next e-mail goes, in milliseconds since 1970, UTC; nothing where none does.
    pub due_at: Option<i64>,
    /// Counts the changes, from 0.
    pub revision: i64,
    pub changed_at: i64,
}

#[derive(Clone, Debug, sqlx::FromRow)]
struct Row {
    minute: i64,
    days: i64,
    zone: String,
    due_at: Option<i64>,
    revision: i64,
    changed_at: i64,
}

impl Row {
    fn reminder(self) -> Option<Reminder> {
        let Self { due_at, revision, changed_at, .. } = self;
        let schedule = schedule(self.minute, self.days, &self.zone)?;
        Some(Reminder { schedule, due_at, revision, changed_at })
    }
}

fn schedule(minute: i64, days: i64, zone: &str) -> Option<Schedule> {
    Some(Schedule { at: TimeOfDay::from_minutes(minute)?, days: Days::from_bits(days)?, zone: Zone::named(zone)? })
}

/// What the account chose; nothing where it never did, or where this program cannot read it: then it is chosen anew.
///
/// # Errors
/// When the database fails.
pub async fn reminder(db: &Db, account: Uuid) -> Result<Option<Reminder>> {
    let row: Option<Row> = on!(db db, pool => sqlx::query_as(
        "select minute, days, zone, due_at, revision, changed_at from reminder where account_id = $1",
    )
    .bind(account)
    .fetch_optional(pool)
    .await)?;
    Ok(row.and_then(Row::reminder))
}

/// What the audit log says of a change.
#[derive(Clone, Debug)]
pub struct Switched {
    pub on: Event,
    pub off: Event,
}

/// Keeps what the account chose, and when the next e-mail goes, if one does.
///
/// # Errors
/// When the database fails.
pub async fn save(
    db: &Db,
    account: Uuid,
    schedule: Schedule,
    due_at: Option<i64>,
    now: i64,
    switched: Switched,
) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let before: Option<Option<i64>> = on!(tx &mut tx, connection => sqlx::query_scalar(
                "select due_at from reminder where account_id = $1",
            )
            .bind(account)
            .fetch_optional(connection)
            .await)?;
            on!(tx &mut tx, connection => sqlx::query(
                "insert into reminder (account_id, minute, days, zone, due_at, revision, changed_at)
                 values ($1, $2, $3, $4, $5, 0, $6)
                 on conflict (account_id) do update
                 set minute = excluded.minute, days = excluded.days, zone = excluded.zone, due_at = excluded.due_at,
                     revision = reminder.revision + 1, changed_at = excluded.changed_at",
            )
            .bind(account)
            .bind(schedule.at.minutes())
            .bind(schedule.days.bits())
            .bind(schedule.zone.name())
            .bind(due_at)
            .bind(now)
            .execute(connection)
            .await
            .map(drop))?;
            match (before.flatten().is_some(), due_at.is_some()) {
                (false, true) => audit::append(&mut tx, &switched.on).await,
                (true, false) => audit::append(&mut tx, &switched.off).await,
                _ => Ok(()),
            }
        })
    })
    .await
}

/// Ends the account's e-mails; whether there were any.
///
/// # Errors
/// When the database fails.
pub(crate) async fn end_emails_in(tx: &mut Tx<'_>, account: Uuid) -> Result<bool> {
    let ended = on!(tx tx, connection => sqlx::query(
        "update reminder set due_at = null where account_id = $1 and due_at is not null",
    )
    .bind(account)
    .execute(connection)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(ended > 0)
}

/// An e-mail whose time has come.
#[derive(Clone, Debug)]
pub struct Due {
    pub account: Uuid,
    pub email: String,
    pub due_at: i64,
    /// Nothing where this program cannot read it.
    pub schedule: Option<Schedule>,
    revision: i64,
}

#[derive(sqlx::FromRow)]
struct DueRow {
    account_id: Uuid,
    email: String,
    due_at: i64,
    minute: i64,
    days: i64,
    zone: String,
    revision: i64,
}

/// The first `most` e-mails whose time has come, of those who agreed to them and still do. An account has an address once
/// it was confirmed, and no other.
///
/// # Errors
/// When the database fails.
pub async fn due(db: &Db, now: i64, most: u32) -> Result<Vec<Due>> {
    let rows: Vec<DueRow> = on!(db db, pool => sqlx::query_as(
        "select reminder.account_id, account.email, reminder.due_at, reminder.minute, reminder.days, reminder.zone,
                reminder.revision
         from reminder
         join account on account.id = reminder.account_id
         where reminder.due_at <= $1
           and exists (
               select 1 from consent
               where consent.account_id = reminder.account_id and consent.kind = $2 and consent.version = $3
                 and consent.withdrawn_at is null
           )
         order by reminder.due_at, reminder.account_id
         limit $4",
    )
    .bind(now)
    .bind(Kind::Reminders.name())
    .bind(Kind::Reminders.text().version)
    .bind(i64::from(most))
    .fetch_all(pool)
    .await)?;
    let due = |row: DueRow| Due {
        account: row.account_id,
        email: row.email,
        due_at: row.due_at,
        schedule: schedule(row.minute, row.days, &row.zone),
        revision: row.revision,
    };
    Ok(rows.into_iter().map(due).collect())
}

/// A link by which e-mails are stopped, and until when it does so.
#[derive(Clone, Debug)]
pub struct Link {
    pub token: TokenHash,
    pub expires_at: i64,
}

/// Takes an e-mail that is due, puts its next time in its place, and keeps the link that goes with it. Whether it was still
/// there to be taken: of several who try, one is told so, and nobody where it was stopped or changed meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn claim(db: &Db, due: &Due, next: Option<i64>, link: Option<Link>) -> Result<bool> {
    let (account, due_at, revision) = (due.account, due.due_at, due.revision);
    db.write(move |mut tx| {
        Box::pin(async move {
            let claimed = on!(tx &mut tx, connection => sqlx::query(
                "update reminder set due_at = $1 where account_id = $2 and due_at = $3 and revision = $4",
            )
            .bind(next)
            .bind(account)
            .bind(due_at)
            .bind(revision)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            let Some(link) = link.filter(|_| claimed > 0) else { return Ok(claimed > 0) };
            on!(tx &mut tx, connection => sqlx::query(
                "insert into reminder_link (token_hash, account_id, expires_at) values ($1, $2, $3)",
            )
            .bind(link.token.as_bytes())
            .bind(account)
            .bind(link.expires_at)
            .execute(connection)
            .await
            .map(drop))?;
            Ok(true)
        })
    })
    .await
}

/// Whose e-mails this link stops; nothing where it is none, or too old.
///
/// # Errors
/// When the database fails.
pub async fn account_of_link(db: &Db, token: &TokenHash, now: i64) -> Result<Option<Uuid>> {
    Ok(on!(db db, pool => sqlx::query_scalar(
        "select account_id from reminder_link where token_hash = $1 and expires_at > $2",
    )
    .bind(token.as_bytes())
    .bind(now)
    .fetch_optional(pool)
    .await)?)
}

/// Ends the account's e-mails; the event is kept where there were any.
///
/// # Errors
/// When the database fails.
pub async fn end_emails(db: &Db, account: Uuid, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            if end_emails_in(&mut tx, account).await? {
                audit::append(&mut tx, &event).await?;
            }
            Ok(())
        })
    })
    .await
}

/// When each link that the account was sent ends.
///
/// # Errors
/// When the database fails.
pub async fn links_expire_at(db: &Db, account: Uuid) -> Result<Vec<i64>> {
    Ok(on!(db db, pool => sqlx::query_scalar(
        "select expires_at from reminder_link where account_id = $1 order by expires_at",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?)
}

/// Removes links that are too old.
///
/// # Errors
/// When the database fails.
pub async fn remove_expired(db: &Db, now: i64) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query("delete from reminder_link where expires_at <= $1")
                .bind(now)
                .execute(connection)
                .await
                .map(drop))?;
            Ok(())
        })
    })
    .await
}

/// When the account's calendar got its address; nothing where it has none.
///
/// # Errors
/// When the database fails.
pub async fn calendar_made_at(db: &Db, account: Uuid) -> Result<Option<i64>> {
    Ok(on!(db db, pool => sqlx::query_scalar("select made_at from reminder_calendar where account_id = $1")
        .bind(account)
        .fetch_optional(pool)
        .await)?)
}

/// Gives the account's calendar this address, and takes the one before away. `id` is the event's, where it is the first.
///
/// # Errors
/// When the database fails.
pub async fn make_calendar(db: &Db, account: Uuid, token: TokenHash, id: Uuid, now: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(
                "insert into reminder_calendar (account_id, token_hash, id, made_at) values ($1, $2, $3, $4)
                 on conflict (account_id) do update
                 set token_hash = excluded.token_hash, made_at = excluded.made_at",
            )
            .bind(account)
            .bind(token.as_bytes())
            .bind(id)
            .bind(now)
            .execute(connection)
            .await
            .map(drop))?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

/// Takes the account's calendar away; the event is kept where there was one.
///
/// # Errors
/// When the database fails.
pub async fn remove_calendar(db: &Db, account: Uuid, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let removed = on!(tx &mut tx, connection => sqlx::query(
                "delete from reminder_calendar where account_id = $1",
            )
            .bind(account)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            if removed > 0 { audit::append(&mut tx, &event).await } else { Ok(()) }
        })
    })
    .await
}

/// The calendar at an address: its event's id, and what the account chose.
///
/// # Errors
/// When the database fails.
pub async fn calendar(db: &Db, token: &TokenHash) -> Result<Option<(Uuid, Reminder)>> {
    let found: Option<(Uuid, Uuid)> = on!(db db, pool => sqlx::query_as(
        "select account_id, id from reminder_calendar where token_hash = $1",
    )
    .bind(token.as_bytes())
    .fetch_optional(pool)
    .await)?;
    let Some((account, id)) = found else { return Ok(None) };
    Ok(reminder(db, account).await?.map(|reminder| (id, reminder)))
}
