//! The diary: a day's pain, warning signs and a note by plain form, for whoever cannot or does not want to run script.
//!
//! Signs are judged before anything is checked or saved, by the tracker's own rules: no wrong date, missing consent or full
//! disk stands between an emergency and its advice.

mod http;
mod kept;
mod pages;
mod typed;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use http::routes;

use crate::tracker::{
    log::{DayLog, read_record},
    store,
};

/// What an entry is called where it is stored.
pub const KIND: &str = "day";

/// What is stored of a day: what the tracker would, and a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiaryDay {
    pub log: DayLog,
    pub note: String,
}

/// A saved entry, opened.
#[derive(Clone, Debug)]
pub struct DiaryEntry {
    pub id: Uuid,
    /// Milliseconds since 1970, UTC.
    pub saved_at: i64,
    pub day: DiaryDay,
}

/// An entry as it was stored; nothing where it is none of the diary's, or a newer program's.
pub fn read_entry(entry: &store::Entry) -> Option<DiaryEntry> {
    let text = std::str::from_utf8(&entry.plain).ok().filter(|_| entry.kind == KIND)?;
    Some(DiaryEntry { id: entry.id, saved_at: entry.saved_at, day: read_record(text).ok()? })
}
