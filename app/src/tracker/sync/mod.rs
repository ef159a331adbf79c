//! Sync: what a device and the server tell one another about an account's entries. Pure, and the same on both.
//!
//! The device sends what it wrote and the server has yet to be told, and up to where it knows the account's writings; the
//! server merges that, all or none, and answers with what was written since. Whatever is lost on the way is sent or asked
//! for again, and makes no difference: entries merge ([`super::entry`]).

pub mod accounts;
#[cfg(feature = "hydrate")]
pub mod contact;
#[cfg(feature = "ssr")]
pub mod http;
pub mod outbox;
pub mod sending;
pub mod view;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entry::Entry;
use crate::{day::Day, triage::Urgency};

pub const PATH: &str = "/tracker/sync";
/// What both bodies are: a record ([`super::entry::to_record`]) of our own types.
pub const MEDIA_TYPE: &str = "application/octet-stream";
/// How large what is sent may be, in bytes.
pub const MOST_BYTES: usize = 256 * 1024;
/// How many entries are sent, or answered, at once.
pub const MOST_ENTRIES: usize = 250;
/// Of how many accounts a device may have entries.
pub const MOST_ACCOUNTS: usize = 16;

/// Up to where a device knows an account's writings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The consent under which they are kept: withdrawing it erases them, and the next one begins anew. Nil before the first
    /// answer.
    pub consent: Uuid,
    pub revision: i64,
}

/// What a device sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The account that the device takes this for, and of which the entries are; none where it has yet to be told.
    pub whose: Option<Uuid>,
    /// The accounts of which the device has any entries.
    pub on_device: Vec<Uuid>,
    pub known: Known,
    /// The patient's date, by the device.
    pub today: Day,
    /// Minutes ahead of UTC.
    pub east: i32,
    /// Of each entry that has any, the writings that the server has yet to be told.
    pub entries: Vec<Entry>,
}

/// What the server answers: with 200; with 401 where nobody is signed in to the account that it was sent for, 403 where the account's owner did not agree that
/// entries are kept here, 410 where the account that it was sent for was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The server's clock, in milliseconds since 1970, UTC.
    pub time: i64,
    /// Those accounts of the device that were deleted.
    pub gone: Vec<Uuid>,
    /// Whoever is signed in.
    pub account: Option<Account>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub id: Uuid,
    /// That their owner agreed to have entries kept on the server.
    pub agreed: bool,
    /// Nothing where they did not agree, or the device took it for another account's: then nothing was taken in either.
    pub shared: Option<Shared>,
}

/// What was shared with the account that the device takes it for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// How many entries were taken in: all that were sent. They are on the server's disk.
    pub took: u32,
    /// The server does not have what the device knew of it: all that the device has is to be sent again.
    pub anew: bool,
    pub known: Known,
    /// What was written up to there since what the device knew, and by whom ever.
    pub entries: Vec<Entry>,
    /// There is more of it, for the next time.
    pub more: bool,
    /// The version of the server's rules …
    pub rules: String,
    /// … and what they say to the account's days.
    pub alerts: Vec<Told>,
}

/// An open alert of the server's: for a device whose rules are others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// "T1" to "T8".
    pub rule: String,
    pub day: Day,
    pub urgency: Urgency,
    /// What it may mean.
    pub cause: String,
    /// What to do beside what the urgency says.
    pub act: Option<String>,
}

/// What the patient decides about what is on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// What is here without an account becomes the account's.
    Add,
    /// It does not; asked again where something is logged later.
    KeepApart,
    /// What an account left here stays here.
    Keep(Uuid),
    Erase(Uuid),
    /// Everything on this device; and whoever is signed in is signed out.
    EraseAll,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracker::entry::{from_record, to_record};

    #[test]
    fn what_is_sent_and_answered_is_read_as_it_was_written() {
        let sent = Sent {
            whose: Some(Uuid::from_u128(7)),
            on_device: vec![Uuid::from_u128(7)],
            known: Known { consent: Uuid::from_u128(8), revision: 3 },
            today: "2026-11-22".parse().unwrap(),
            east: -300,
            entries: vec![],
        };
        assert_eq!(from_record::<Sent>(&to_record(&sent)), Ok(sent));
        let told = Told {
            rule: "T2".to_owned(),
            day: "2026-11-22".parse().unwrap(),
            urgency: Urgency::Emergency,
            cause: "weaker".to_owned(),
            act: None,
        };
        let shared = Shared {
            took: 1,
            anew: false,
            known: Known::default(),
            entries: vec![],
            more: true,
            rules: "1".to_owned(),
            alerts: vec![told],
        };
        let account = Account { id: Uuid::from_u128(7), agreed: true, shared: Some(shared) };
        let answer = Answer { time: 5, gone: vec![], account: Some(account) };
        assert_eq!(from_record::<Answer>(&to_record(&answer)), Ok(answer));
    }

    #[test]
    fn a_page_in_place_of_an_answer_is_none() {
        assert!(from_record::<Answer>(b"<!DOCTYPE html>").is_err());
    }
}
