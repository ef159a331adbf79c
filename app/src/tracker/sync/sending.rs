//! How it stands between a device and the server: what waits, why it was not sent, and when to try again. Pure.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Account, Answer, Known, Shared, Told, accounts::Away};
use crate::tracker::{
    copy::Copy,
    entry::{About, Entry, Stamp, from_record},
};

/// What a device remembers of the server, beside an account's entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    pub known: Known,
    /// What the server had heard when it last answered: whatever has a later stamp, it had not.
    pub heard: Stamp,
    /// The version of the server's rules …
    pub rules: String,
    /// … and what they said.
    pub alerts: Vec<Told>,
    /// The latest of what is here without an account and was answered to be kept apart.
    pub apart: Stamp,
}

/// What is on the device without an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Without {
    pub days: u32,
    /// What stands from day to day: a plan.
    pub standing: bool,
    /// The latest stamp in any of it.
    pub latest: Stamp,
}

impl Without {
    /// From all records there, those of a day one after another. What cannot be read stays where it is, whatever is answered.
    pub fn of(records: &[Vec<u8>]) -> Self {
        let mut without = Self::default();
        let mut last = None;
        for Copy { entry, .. } in records.iter().filter_map(|record| from_record(record).ok()) {
            without.latest = without.latest.max(entry.latest());
            match entry.about {
                About::Standing => without.standing = true,
                About::Day(day) => without.days += u32::from(last.replace(day) != Some(day)),
            }
        }
        without
    }

    /// "the 3 days", "the plan".
    pub fn words(self) -> String {
        match self.days {
            0 => "the plan".to_owned(),
            1 => "the 1 day".to_owned(),
            days => format!("the {days} days"),
        }
    }
}

/// What the device's clock is behind the server's, in milliseconds, after an answer to a question sent at `began`, which was
/// here at `ended`, by the device's clock.
pub fn behind(answer: &Answer, began: i64, ended: i64) -> i64 {
    answer.time.saturating_sub(began.midpoint(ended))
}

impl Memory {
    /// What was answered after these were sent.
    pub fn hear(&mut self, answer: &Answer, shared: &Shared, sent: &[Entry]) {
        self.known = shared.known;
        // A clock may have run ahead of the server's when it stamped what the server knows.
        let known = sent.iter().chain(&shared.entries).map(Entry::latest);
        let now = Stamp { millis: answer.time, ..Stamp::default() };
        self.heard = known.fold(self.heard.max(now), Stamp::max);
        self.rules.clone_from(&shared.rules);
        self.alerts.clone_from(&shared.alerts);
    }
}

/// Why something was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There was no answer.
    Offline,
    SignedOut,
    NotAgreed,
    Full,
    /// The server does not understand it, or this page not the server: one of them is older.
    Refused,
    /// The server could not do it just now.
    Failed,
    /// The device could not read or write its own.
    Device,
}

impl Why {
    /// Of an answer that is none of ours.
    pub fn of(status: u16) -> Self {
        match status {
            401 => Self::SignedOut,
            409 => Self::Full,
            400..500 if status != 408 && status != 429 => Self::Refused,
            _ => Self::Failed,
        }
    }

    pub fn cause(self) -> &'static str {
        match self {
            Self::Offline => "no connection",
            Self::SignedOut => "you are signed out",
            Self::NotAgreed => "you have not agreed to it",
            Self::Full => "your account is full",
            Self::Refused => "this page is out of date",
            Self::Failed => "the server has a problem",
            Self::Device => "this device did not answer",
        }
    }

    /// What to do about it, and where.
    pub fn way_out(self) -> (&'static str, Option<(&'static str, &'static str)>) {
        match self {
            Self::Offline => ("It is sent as soon as there is a connection. You can log on.", None),
            Self::SignedOut => {
                ("What you log is kept on this device. To send it,", Some(("sign in", "/sign-in?next=/tracker")))
            }
            Self::NotAgreed => (
                "What you log is kept on this device alone. To keep it on the server too,",
                Some(("see your consents", "/account/consents")),
            ),
            Self::Full => (
                "What you log is kept on this device. To make room, delete days that you no longer need:",
                Some(("your diary", "/account/diary")),
            ),
            Self::Refused => ("What you log is kept on this device. Load this page again to get the newest.", None),
            Self::Failed => ("What you log is kept on this device, and sent later by itself.", None),
            Self::Device => ("It is tried again by itself. If that does not help, load this page again.", None),
        }
    }
}

/// How it stands between a page and whoever's entries it shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Whose they are; none: no account's.
    pub whose: Option<Uuid>,
    /// It is waited for word who is signed in.
    pub opening: bool,
    /// Nothing was answered since the page was opened or come back to: whoever's entries it shows may have signed out.
    pub unheard: bool,
    pub sending: Sending,
    pub memory: Memory,
    /// What is on this device without an account, where an account's entries are shown.
    pub without: Without,
    /// An account's entries are here, where none are shown.
    pub away: Option<Away>,
    /// Nothing was erased, because it could not be signed out first.
    pub not_erased: bool,
    /// An account that left entries here, and how many of them were never sent.
    pub left: Option<(Uuid, usize)>,
    /// The browser may clear what is kept here.
    pub may_be_cleared: bool,
}

impl Contact {
    /// Of a page that shows somebody else's from now on.
    #[must_use]
    pub fn of(whose: Option<Uuid>, before: &Self) -> Self {
        // A contact may be under way, or have said already why nothing is sent.
        let sending = Sending { waiting: 0, ..before.sending };
        let Self { opening, unheard, may_be_cleared, .. } = *before;
        Self { whose, opening, unheard, may_be_cleared, sending, ..Self::default() }
    }

    /// Whether to ask what is to become of what is here without an account.
    pub fn asks_to_add(&self) -> bool {
        self.whose.is_some() && self.without.latest > self.memory.apart
    }

    /// Where the entries are: "Waiting to be sent (3)". `logged` is whether there is anything on the day.
    pub fn words(&self, logged: bool) -> String {
        let why = self.sending.why.filter(|why| *why != Why::Offline);
        match (self.whose, self.sending.waiting, why) {
            (None, ..) if logged => "Saved on this device".to_owned(),
            (None, ..) => "Stays on this device".to_owned(),
            // Withdrawing it erased what was there.
            (_, _, Some(Why::NotAgreed)) => format!("Not sent: {}", Why::NotAgreed.cause()),
            (_, 0, _) if logged => "Saved on this device and on the server".to_owned(),
            (_, 0, _) => "Nothing waits to be sent".to_owned(),
            (_, _, Some(why)) => format!("Not sent: {}", why.cause()),
            (_, waiting, None) => format!("Waiting to be sent ({waiting})"),
        }
    }

    /// Whether what waits is not sent by itself.
    pub fn is_stuck(&self) -> bool {
        self.trouble().is_some_and(|why| why != Why::Offline)
    }

    /// Why something is not on the server, where that is for the patient to know.
    pub fn trouble(&self) -> Option<Why> {
        let why = self.sending.why.filter(|_| self.whose.is_some())?;
        (why == Why::NotAgreed || self.sending.waiting > 0).then_some(why)
    }
}

/// How it stands with the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sending {
    /// How many entries wait.
    pub waiting: usize,
    /// Why the last contact came to nothing.
    pub why: Option<Why>,
    busy: bool,
    again: bool,
    failures: u32,
    /// Counts what was planned: the last counts.
    due: u32,
}

/// How long after a failure to try again, in milliseconds; the last for all that come after.
const BACK_OFF: [i32; 5] = [5_000, 15_000, 60_000, 5 * 60_000, 15 * 60_000];

impl Sending {
    /// Claims the contact; one that is asked for meanwhile comes after it.
    pub fn begin(&mut self) -> bool {
        self.again = self.busy;
        !std::mem::replace(&mut self.busy, true)
    }

    /// Another contact is planned, in place of those before; its number.
    pub fn is_due(&mut self) -> u32 {
        self.due = self.due.wrapping_add(1);
        self.due
    }

    /// How many contacts in a row came to nothing for now.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    pub fn due(&self) -> u32 {
        self.due
    }

    /// The contact is over. Returns after how many milliseconds the next is due; none, where nothing is left to say.
    pub fn end(&mut self, why: Option<Why>) -> Option<i32> {
        self.busy = false;
        self.why = why;
        let again = std::mem::take(&mut self.again);
        match why {
            None => {
                self.failures = 0;
                again.then_some(0)
            }
            // Nothing changes by trying: what the patient does about it leads through another page. But somebody may have
            // come back to this one since it was asked.
            Some(Why::SignedOut | Why::NotAgreed | Why::Refused | Why::Full) => again.then_some(0),
            Some(_) => {
                let at = usize::try_from(self.failures).unwrap_or_default().min(BACK_OFF.len() - 1);
                self.failures += 1;
                Some(BACK_OFF[at])
            }
        }
    }
}

/// What to make of an answer.
pub fn outcome(answer: &Answer, whose: Option<Uuid>, sent: usize) -> Result<Option<&Shared>, Why> {
    match (&answer.account, whose) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Why::SignedOut),
        (Some(Account { agreed: false, id, .. }), Some(whose)) if *id == whose => Err(Why::NotAgreed),
        (Some(Account { shared: Some(shared), id, .. }), Some(whose)) if *id == whose => {
            let all = usize::try_from(shared.took).is_ok_and(|took| took == sent);
            if all { Ok(Some(shared)) } else { Err(Why::Refused) }
        }
        // Somebody else's, or nobody's yet: there is nothing in it for these entries.
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_that_is_asked_for_during_another_comes_after_it() {
        let mut sending = Sending::default();
        assert!(sending.begin());
        assert!(!sending.begin());
        assert_eq!(sending.end(None), Some(0));
        assert!(sending.begin());
        assert_eq!(sending.end(None), None);
    }

    #[test]
    fn failures_are_tried_again_ever_more_rarely_until_one_succeeds() {
        let mut sending = Sending::default();
        let mut fail = |why| {
            sending.begin();
            sending.end(Some(why))
        };
        let waits: Vec<_> = (0..7).map(|_| fail(Why::Offline).unwrap()).collect();
        assert!(waits.is_sorted() && waits[0] == 5_000 && waits[6] == 15 * 60_000, "{waits:?}");
        assert_eq!(fail(Why::SignedOut), None);
        sending.begin();
        assert_eq!(sending.end(None), None);
        sending.begin();
        assert_eq!(sending.end(Some(Why::Failed)), Some(5_000));
    }

    #[test]
    fn only_an_answer_to_all_that_was_sent_for_the_same_account_acknowledges_it() {
        let (anna, ben) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let shared = Shared {
            took: 2,
            anew: false,
            known: Known::default(),
            entries: vec![],
            more: false,
            rules: String::new(),
            alerts: vec![],
        };
        let of = |id, agreed, shared| Answer { time: 0, gone: vec![], account: Some(Account { id, agreed, shared }) };
        let hers = of(anna, true, Some(shared.clone()));
        assert_eq!(outcome(&hers, Some(anna), 2), Ok(Some(&shared)));
        assert_eq!(outcome(&hers, Some(anna), 3), Err(Why::Refused));
        assert_eq!(outcome(&hers, Some(ben), 2), Ok(None));
        assert_eq!(outcome(&of(anna, false, None), Some(anna), 0), Err(Why::NotAgreed));
        let nobody = Answer { time: 0, gone: vec![], account: None };
        assert_eq!(outcome(&nobody, Some(anna), 0), Err(Why::SignedOut));
        assert_eq!(outcome(&nobody, None, 0), Ok(None));
    }

    #[test]
    fn the_clock_is_corrected_by_the_middle_of_the_way() {
        let answer = Answer { time: 10_000, gone: vec![], account: None };
        assert_eq!(behind(&answer, 1_000, 3_000), 8_000);
    }

    #[test]
    fn what_was_sent_and_answered_is_known_to_the_server_however_far_ahead_its_stamps_are() {
        let mut memory = Memory::default();
        let shared = Shared {
            took: 0,
            anew: false,
            known: Known::default(),
            entries: vec![],
            more: false,
            rules: "2".to_owned(),
            alerts: vec![],
        };
        let answer = Answer { time: 10_000, gone: vec![], account: None };
        memory.hear(&answer, &shared, &[]);
        assert_eq!((memory.heard.millis, memory.rules.as_str()), (10_000, "2"));
        let mut entry = Entry::new(Uuid::nil(), About::Standing);
        entry.delete(Stamp { millis: 90_000, count: 3, writer: 1 });
        memory.hear(&answer, &shared, &[entry]);
        memory.hear(&answer, &shared, &[]);
        assert_eq!(memory.heard, Stamp { millis: 90_000, count: 3, writer: 1 });
    }

    #[test]
    fn where_the_entries_are_is_said_plainly() {
        let with = |whose: Option<u128>, waiting, why| Contact {
            whose: whose.map(Uuid::from_u128),
            sending: Sending { waiting, why, ..Sending::default() },
            ..Contact::default()
        };
        for (contact, words) in [
            (with(None, 0, None), "Saved on this device"),
            (with(Some(1), 0, None), "Saved on this device and on the server"),
            (with(Some(1), 0, Some(Why::Offline)), "Saved on this device and on the server"),
            (with(Some(1), 3, None), "Waiting to be sent (3)"),
            (with(Some(1), 3, Some(Why::Offline)), "Waiting to be sent (3)"),
            (with(Some(1), 3, Some(Why::SignedOut)), "Not sent: you are signed out"),
            (with(Some(1), 0, Some(Why::NotAgreed)), "Not sent: you have not agreed to it"),
        ] {
            assert_eq!(contact.words(true), words);
        }
        assert_eq!(with(None, 0, Some(Why::Offline)).trouble(), None);
        assert_eq!(with(Some(1), 0, Some(Why::Offline)).trouble(), None);
        assert_eq!(with(Some(1), 1, Some(Why::Offline)).trouble(), Some(Why::Offline));
    }

    #[test]
    fn what_is_kept_apart_is_asked_about_again_where_there_is_something_later() {
        let later = |millis| Without { days: 2, latest: Stamp { millis, ..Stamp::default() }, ..Without::default() };
        let mut contact = Contact { without: later(5), ..Contact::default() };
        assert!(!contact.asks_to_add(), "nobody is signed in");
        contact.whose = Some(Uuid::from_u128(1));
        assert!(contact.asks_to_add());
        contact.memory.apart = later(5).latest;
        assert!(!contact.asks_to_add());
        contact.without = later(6);
        assert!(contact.asks_to_add());
        contact.without = Without::default();
        assert!(!contact.asks_to_add());
    }

    #[test]
    fn a_plan_without_an_account_is_asked_about_too() {
        let id = |n: u128| Uuid::from_u128((0x0193_f0a0_0000_7000_8000 << 48) | n);
        let record = |n, about, millis| {
            let mut copy = Copy::new(Entry::new(id(n), about));
            let stamp = Stamp { millis, ..Stamp::default() };
            copy.write(&vec![("back".to_owned(), crate::tracker::entry::Value::Yes)], stamp);
            crate::tracker::entry::to_record(&copy)
        };
        let day = |text: &str| About::Day(text.parse().unwrap());
        let plan = Without::of(&[record(1, About::Standing, 7)]);
        assert_eq!((plan.days, plan.standing, plan.latest.millis), (0, true, 7));
        assert_eq!(plan.words(), "the plan");
        let two = [
            record(1, day("2026-11-21"), 9),
            record(2, day("2026-11-22"), 2),
            record(3, day("2026-11-22"), 3),
            vec![9],
        ];
        let two = Without::of(&two);
        assert_eq!((two.days, two.standing, two.latest.millis, two.words().as_str()), (2, false, 9, "the 2 days"));
    }

    #[test]
    fn what_the_first_contact_said_stays_once_the_page_knows_whose_days_it_shows() {
        let mut before = Contact::default();
        before.sending.begin();
        before.sending.end(Some(Why::NotAgreed));
        let contact = Contact::of(Some(Uuid::from_u128(1)), &before);
        assert_eq!(contact.words(true), "Not sent: you have not agreed to it");
    }

    #[test]
    fn every_reason_says_what_to_do() {
        let all = [Why::Offline, Why::SignedOut, Why::NotAgreed, Why::Full, Why::Refused, Why::Failed, Why::Device];
        assert!(all.into_iter().all(|why| !why.cause().is_empty() && why.way_out().0.len() > 20));
        let of =
            [(401, Why::SignedOut), (403, Why::Refused), (409, Why::Full), (413, Why::Refused), (422, Why::Refused)];
        assert!(of.into_iter().all(|(status, why)| Why::of(status) == why));
        assert!([429, 500, 502, 503, 408].into_iter().all(|status| Why::of(status) == Why::Failed));
    }
}
