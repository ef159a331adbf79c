//! The entries that are kept: found by day, saved, and why one was not.

use axum::http::StatusCode;
use uuid::Uuid;

use super::{DiaryDay, DiaryEntry, KIND, read_entry};
use crate::{
    AppState, Error, Result,
    account::consent::Consented,
    tracker::{
        log::{Change, DayLog, write_record},
        store,
    },
    triage::RuleSet,
};

/// A day of the list: its newest entry, and the ones that it corrects.
pub(super) struct Listed {
    pub(super) newest: DiaryEntry,
    pub(super) earlier: Vec<Uuid>,
}

impl Listed {
    pub(super) fn ids(self) -> Vec<Uuid> {
        [vec![self.newest.id], self.earlier].concat()
    }
}

/// The latest day first.
pub(super) async fn listed(state: &AppState, account: Uuid) -> Result<Vec<Listed>> {
    let mut days: Vec<Listed> = vec![];
    let entries = store::entries(state, account, KIND).await?;
    // The newest of a day comes last.
    let mut entries: Vec<DiaryEntry> = entries.iter().filter_map(read_entry).collect();
    entries.sort_by_key(|entry| (entry.day.log.day, entry.saved_at, entry.id));
    for entry in entries.into_iter().rev() {
        match days.last_mut().filter(|last| last.newest.day.log.day == entry.day.log.day) {
            Some(last) => last.earlier.push(entry.id),
            None => days.push(Listed { newest: entry, earlier: vec![] }),
        }
    }
    Ok(days)
}

/// The day that an entry of the account's is the newest of. An entry that another replaced still leads to its day.
pub(super) async fn find(state: &AppState, account: Uuid, id: &str) -> Result<Listed> {
    // What is no id is nobody's.
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    let mut days = listed(state, account).await?.into_iter();
    days.find(|day| day.newest.id == id || day.earlier.contains(&id)).ok_or(Error::NotFound)
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

/// Saves a day, and says under which id; the same day twice is one entry.
pub(super) async fn save(
    state: &AppState,
    account: Uuid,
    day: &DiaryDay,
    corrected: Option<&DiaryEntry>,
) -> Result<Uuid, NotSaved> {
    let consented = Consented::to_entries(&state.db, account).await?.ok_or(NotSaved::NotAgreed)?;
    let days = listed(state, account).await?;
    let mut day = day.clone();
    let seen = corrected.is_some_and(|before| before.day.log.day == day.log.day);
    if let Some(there) =
        days.iter().map(|listed| &listed.newest).find(|there| there.day.log.day == day.log.day && !seen)
    {
        keep_signs(&mut day.log, &there.day.log, &state.site.rules);
    }
    if let Some(same) = days.iter().find(|listed| listed.newest.day == day) {
        return Ok(same.newest.id);
    }
    // An entry that moves to another day leaves nothing behind on the day that was wrong.
    let moved = corrected.filter(|before| before.day.log.day != day.log.day).map(|before| before.day.log.day);
    let id = state.clock.new_id();
    store::keep_entry(state, &consented, id, KIND, write_record(&day).as_bytes()).await?;
    if let Some(left) = days.into_iter().find(|listed| Some(listed.newest.day.log.day) == moved) {
        store::delete_entries(&state.db, account, left.ids()).await?;
    }
    Ok(id)
}

/// Keeps the signs that a day has: a form that did not show them cannot take them back.
fn keep_signs(log: &mut DayLog, there: &DayLog, rules: &RuleSet) {
    let kept: Vec<&String> = there.signs.iter().filter(|sign| !log.signs.contains(sign)).collect();
    let helped = kept.iter().filter(|sign| there.helped.contains(sign)).map(|sign| (*sign).clone()).collect();
    let again = kept.into_iter().map(|sign| Change::Sign { sign: sign.clone(), there: true }).collect::<Vec<_>>();
    for change in again.iter().chain(&[Change::GotHelp { signs: helped }]) {
        log.apply(change, &rules.version);
    }
}
