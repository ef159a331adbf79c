//! What a patient logged and asked us to keep: sealed under the account's key before it reaches the database.

use uuid::Uuid;

use super::{
    entry::{About, Entry, from_record, to_record},
    saves::Save,
};
use crate::{
    AppState, Error, Result,
    day::Day,
    db::{Db, Tx},
    on,
    vault::AccountKey,
};

/// How many entries an account may keep: ten years of days, some of them begun on two devices. Of the marks of deleted
/// ones, as many again.
pub const MOST_ENTRIES: i64 = 5_000;

/// How large an entry may become, in bytes: a day of many words that is corrected again and again. Whatever asks for some
/// entries opens them all at once.
pub const MOST_BYTES: usize = 512 * 1024;

/// What a deleted entry is about.
pub(super) const DELETED: &str = "deleted";

/// An entry, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub entry: Entry,
    /// Counts the writings of the account: later ones have greater numbers.
    pub revision: i64,
    /// Milliseconds since 1970, UTC.
    pub saved_at: i64,
}

/// An entry, as the database has it.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Sealed {
    pub(super) id: Uuid,
    pub(super) about: String,
    pub(super) revision: i64,
    pub(super) sealed: Vec<u8>,
    pub(super) saved_at: i64,
}

impl Sealed {
    /// The entry in it; an error where it is not what this program, or an earlier one, wrote.
    pub(super) fn open(&self, key: &AccountKey) -> Result<Kept> {
        let plain = key.open(self.id, &self.about, &self.sealed)?;
        let entry: Entry = from_record(&plain).map_err(|why| Error::internal(format!("entry {}: {why:?}", self.id)))?;
        Ok(Kept { entry, revision: self.revision, saved_at: self.saved_at })
    }

    /// # Errors
    /// [`Error::Conflict`] where it is larger than an entry may be; and when the system has no randomness.
    pub(super) fn seal(kept: &Kept, key: &AccountKey) -> Result<Self> {
        let Kept { entry, revision, saved_at } = kept;
        let about = if entry.is_deleted() { DELETED.to_owned() } else { entry.about.to_string() };
        let record = to_record(entry);
        if record.len() > MOST_BYTES {
            return Err(Error::Conflict);
        }
        let sealed = key.seal(entry.id, &about, &record)?;
        Ok(Self { id: entry.id, about, revision: *revision, sealed, saved_at: *saved_at })
    }
}

/// What a save came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The id of the consent under which it was saved.
    pub consent: Uuid,
    /// The number of the account's last writing before, and after.
    pub before: i64,
    pub last: i64,
    /// What the account then has of each entry, in their order.
    pub kept: Vec<Kept>,
    /// How many bytes of the database these take.
    pub size: usize,
}

impl Merged {
    /// Of an account that wrote nothing.
    pub fn nothing(consent: Uuid, last: i64) -> Self {
        Self { consent, before: last, last, kept: vec![], size: 0 }
    }
}

/// Merges these into what the account has, all or none, and answers with what it then has. What adds nothing is not written
/// again. For somebody who agreed to it: of a consent that is withdrawn at the same moment, either nothing is saved, or what
/// is saved is erased with the rest.
///
/// # Errors
/// [`Error::Forbidden`] where there is no consent, [`Error::Conflict`] where the account would have more than
/// [`MOST_ENTRIES`], or more in one entry than it may have, or has an entry of the same id about something else; as
/// [`Vault::key`](crate::vault::Vault::key); and when the database fails.
pub async fn merge(state: &AppState, account: Uuid, entries: Vec<Entry>) -> Result<Merged> {
    let key = state.vault.key_to_write(account).await?;
    state.saves.ask(Save { account, key, entries, now: state.clock.millis_i64() }).await?
}

/// So many of the account's entries, as they were written last: those after this revision.
///
/// # Errors
/// As [`Vault::key`](crate::vault::Vault::key), where there is anything to open; and when the database fails.
pub async fn entries_after(state: &AppState, account: Uuid, revision: i64, limit: u32) -> Result<Vec<Kept>> {
    let sealed: Vec<Sealed> = on!(db &state.db, pool => sqlx::query_as(
        "select id, about, revision, sealed, saved_at from health_entry
         where account_id = $1 and revision > $2 order by revision limit $3",
    )
    .bind(account)
    .bind(revision)
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await)?;
    open(state, account, &sealed).await
}

/// As [`entries_after`], of which no more are read than have so many bytes together, but always the first; and whether there
/// are more.
///
/// # Errors
/// As [`entries_after`].
pub async fn page_after(
    state: &AppState,
    account: Uuid,
    revision: i64,
    limit: u32,
    bytes: usize,
) -> Result<(Vec<Kept>, bool)> {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    let sizes: Vec<i64> = on!(db &state.db, pool => sqlx::query_scalar(
        "select cast(length(sealed) as bigint) from health_entry
         where account_id = $1 and revision > $2 order by revision limit $3",
    )
    .bind(account)
    .bind(revision)
    .bind(i64::from(limit) + 1)
    .fetch_all(pool)
    .await)?;
    let sums = sizes.iter().scan(0_i64, |sum, size| {
        *sum = sum.saturating_add(*size);
        Some(*sum)
    });
    let fit = u32::try_from(sums.take_while(|sum| *sum <= bytes).count()).unwrap_or(limit).clamp(1, limit);
    let more = usize::try_from(fit).is_ok_and(|fit| fit < sizes.len());
    Ok((entries_after(state, account, revision, fit).await?, more))
}

/// The number of the account's last writing; 0 before the first.
///
/// # Errors
/// When the database fails.
pub async fn last_revision(state: &AppState, account: Uuid) -> Result<i64> {
    Ok(on!(db &state.db, pool => sqlx::query_scalar(
        "select coalesce(max(revision), 0) from health_entry where account_id = $1",
    )
    .bind(account)
    .fetch_one(pool)
    .await)?)
}

/// All of the account's entries about these days, both among them.
///
/// # Errors
/// As [`entries_after`].
pub async fn days(state: &AppState, account: Uuid, from: Day, to: Day) -> Result<Vec<Kept>> {
    let (from, to) = (About::Day(from).to_string(), About::Day(to).to_string());
    let sealed: Vec<Sealed> = on!(db &state.db, pool => sqlx::query_as(
        "select id, about, revision, sealed, saved_at from health_entry
         where account_id = $1 and about between $2 and $3 order by about, id",
    )
    .bind(account)
    .bind(from)
    .bind(to)
    .fetch_all(pool)
    .await)?;
    open(state, account, &sealed).await
}

/// The first and the last day that the account has an entry about; nothing where it has none.
///
/// # Errors
/// When the database fails.
pub async fn span(state: &AppState, account: Uuid) -> Result<Option<(Day, Day)>> {
    let (from, to) = (About::Day(Day::FIRST).to_string(), About::Day(Day::LAST).to_string());
    let (first, last): (Option<String>, Option<String>) = on!(db &state.db, pool => sqlx::query_as(
        "select min(about), max(about) from health_entry where account_id = $1 and about between $2 and $3",
    )
    .bind(account)
    .bind(from)
    .bind(to)
    .fetch_one(pool)
    .await)?;
    let day = |about: Option<String>| about.and_then(|about| about.parse().ok());
    Ok(day(first).zip(day(last)))
}

/// What stands from day to day, all of the account's entries of it merged; of no id.
///
/// # Errors
/// As [`entries_after`].
pub async fn standing(state: &AppState, account: Uuid) -> Result<Entry> {
    let sealed: Vec<Sealed> = on!(db &state.db, pool => sqlx::query_as(
        "select id, about, revision, sealed, saved_at from health_entry where account_id = $1 and about = $2 order by id",
    )
    .bind(account)
    .bind(About::Standing.to_string())
    .fetch_all(pool)
    .await)?;
    let mut standing = Entry::new(Uuid::nil(), About::Standing);
    open(state, account, &sealed).await?.iter().for_each(|kept| standing.merge(&kept.entry));
    Ok(standing)
}

/// The account's entry of this id; nothing where it has none, whoever else has.
///
/// # Errors
/// As [`entries_after`].
pub async fn entry(state: &AppState, account: Uuid, id: Uuid) -> Result<Option<Kept>> {
    let sealed: Option<Sealed> = on!(db &state.db, pool => sqlx::query_as(
        "select id, about, revision, sealed, saved_at from health_entry where account_id = $1 and id = $2",
    )
    .bind(account)
    .bind(id)
    .fetch_optional(pool)
    .await)?;
    Ok(open(state, account, sealed.as_slice()).await?.pop())
}

/// Erases all entries of the account. Backups still hold them, until [`Vault::destroy`](crate::vault::Vault::destroy).
///
/// # Errors
/// When the database fails.
pub async fn erase_entries(db: &Db, account: Uuid) -> Result<()> {
    db.write(move |mut tx| Box::pin(async move { erase_entries_in(&mut tx, account).await })).await
}

/// As [`erase_entries`], in the transaction of what makes it so.
///
/// # Errors
/// When the database fails.
pub async fn erase_entries_in(tx: &mut Tx<'_>, account: Uuid) -> Result<()> {
    on!(tx tx, connection => sqlx::query("delete from health_entry where account_id = $1")
        .bind(account)
        .execute(connection)
        .await
        .map(drop))?;
    Ok(())
}

async fn open(state: &AppState, account: Uuid, sealed: &[Sealed]) -> Result<Vec<Kept>> {
    if sealed.is_empty() {
        return Ok(vec![]);
    }
    let key = state.vault.key(account).await?;
    sealed.iter().map(|sealed| sealed.open(&key)).collect()
}
