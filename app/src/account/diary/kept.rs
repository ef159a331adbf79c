//! The entries that are kept: found by day, saved, and why one was not.

use axum::http::StatusCode;
use uuid::Uuid;

use crate::{
    AppState, Error, Result,
    day::Day,
    tracker::{
        entry::{About, Entry, Stamp, Ticker, Value, Write},
        log::{DayLog, Writes},
        store,
    },
};

/// A day of the diary, from all entries about it.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    /// The entry that was begun first: what is written by form goes there.
    pub(super) id: Uuid,
    pub(super) others: Vec<Uuid>,
    pub(super) log: DayLog,
}

/// The latest day first.
pub(super) async fn listed(state: &AppState, account: Uuid) -> Result<Vec<Listed>> {
    between(state, account, Day::FIRST, Day::LAST).await
}

/// One day; nothing where nothing is kept about it.
async fn on(state: &AppState, account: Uuid, day: Day) -> Result<Option<Listed>> {
    Ok(between(state, account, day, day).await?.pop())
}

/// These days, both among them, the latest first.
async fn between(state: &AppState, account: Uuid, from: Day, to: Day) -> Result<Vec<Listed>> {
    let mut days: Vec<Listed> = vec![];
    // By day, and the one that was begun first before the others.
    for kept in store::days(state, account, from, to).await? {
        let About::Day(day) = kept.entry.about else { continue };
        match days.last_mut().filter(|listed| listed.log.day == day) {
            Some(listed) => {
                listed.others.push(kept.entry.id);
                listed.log.take_in(&kept.entry);
            }
            None => days.push(Listed { id: kept.entry.id, others: vec![], log: DayLog::of(day, [&kept.entry]) }),
        }
    }
    days.reverse();
    Ok(days)
}

/// The day that an entry of the account's is about.
pub(super) async fn find(state: &AppState, account: Uuid, id: &str) -> Result<Listed> {
    // What is no id is nobody's.
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    let About::Day(day) = store::entry(state, account, id).await?.ok_or(Error::NotFound)?.entry.about else {
        return Err(Error::NotFound);
    };
    // One that is deleted is about its day still, and not among its entries.
    let there = on(state, account, day).await?.filter(|listed| listed.id == id || listed.others.contains(&id));
    there.ok_or(Error::NotFound)
}

/// Why an entry was not saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotSaved {
    SignedOut,
    HalfSignedIn,
    NotAgreed,
    Full,
    /// Something in the form is wrong.
    Wrong,
    Failed,
}

impl NotSaved {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::SignedOut => "you are signed out",
            Self::HalfSignedIn => "you have not finished signing in",
            Self::NotAgreed => "you have not agreed that entries are kept on this server",
            Self::Full => "your diary is full",
            Self::Wrong => "something else in it has to be mended first",
            Self::Failed => "the server could not store it just now",
        }
    }

    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::SignedOut | Self::HalfSignedIn => StatusCode::UNAUTHORIZED,
            Self::NotAgreed | Self::Full | Self::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Failed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<Error> for NotSaved {
    fn from(error: Error) -> Self {
        match error {
            Error::SignIn { .. } => Self::SignedOut,
            Error::SecondStep => Self::HalfSignedIn,
            Error::Forbidden => Self::NotAgreed,
            Error::Conflict => Self::Full,
            error => {
                tracing::error!(%error, "a diary entry was not saved");
                Self::Failed
            }
        }
    }
}

/// What the server writes, it writes as this one.
const SERVER: u64 = 0;

/// Writes into a day, and says which entry that is; `moved` is the day that it was written for before, which then has
/// nothing left.
pub(super) async fn save(
    state: &AppState,
    account: Uuid,
    day: Day,
    writes: &Writes,
    moved: Option<&Listed>,
) -> Result<Uuid, NotSaved> {
    let there = on(state, account, day).await?;
    let id = there.as_ref().map_or_else(|| state.clock.new_id(), |listed| listed.id);
    let mut entry = Entry::new(id, About::Day(day));
    let stamp = later_than(state, there.as_ref());
    // What is there already is not written again. A tick is: a sign that is ticked again is there again, whatever help was
    // got for it.
    let says = |name: &str| there.as_ref().map(|listed| listed.log.entry().get(name));
    let new = |(name, value): &&(String, Value)| {
        !matches!(value, Value::Number(_) | Value::Text(_)) || says(name) != Some(value)
    };
    for (name, value) in writes.iter().filter(new) {
        entry.write(name, Write { stamp, value: value.clone() });
    }
    let left = moved.filter(|listed| listed.log.day != day).map(|listed| deleted(state, listed));
    let entries: Vec<Entry> =
        std::iter::once(entry).chain(left.unwrap_or_default()).filter(|entry| !entry.is_empty()).collect();
    store::merge(state, account, entries).await?;
    Ok(id)
}

/// Deletes all entries about a day: what remains are marks, so that the account's devices forget them too.
pub(super) async fn delete(state: &AppState, account: Uuid, listed: &Listed) -> Result<()> {
    match store::merge(state, account, deleted(state, listed)).await {
        // Without the consent there is nothing to delete: withdrawing it erased everything.
        Err(Error::Forbidden) => Err(Error::NotFound),
        done => done.map(drop),
    }
}

fn deleted(state: &AppState, listed: &Listed) -> Vec<Entry> {
    let stamp = later_than(state, Some(listed));
    let mark = |id: &Uuid| {
        let mut entry = Entry::new(*id, About::Day(listed.log.day));
        entry.delete(stamp);
        entry
    };
    std::iter::once(&listed.id).chain(&listed.others).map(mark).collect()
}

/// A stamp of now, and later than all that the day says.
fn later_than(state: &AppState, listed: Option<&Listed>) -> Stamp {
    let mut ticker = Ticker::new(SERVER);
    ticker.see(listed.map(|listed| listed.log.entry().latest()).unwrap_or_default());
    ticker.tick(state.clock.millis_i64())
}
