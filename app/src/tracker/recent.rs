//! The days of whoever saves just now, opened: a patient who logs their day saves some ten times within minutes, and each
//! time the rules look at all of the last days. What is stored stays sealed; this is memory, and gone soon.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use uuid::Uuid;

use super::{
    entry::{About, DELETED, Entry},
    log::DayLog,
    store::{self, Merged},
    watch::Glance,
};
use crate::{AppState, Result, day::Day};

/// Of how many accounts at once: some 200 KB each.
const MOST: usize = 128;
/// How long they are kept after the last save.
const FOR: Duration = Duration::from_secs(10 * 60);

/// By account.
#[derive(Debug, Default)]
pub struct Recent(Mutex<HashMap<Uuid, (Instant, Days)>>);

/// What an account has written up to where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Point {
    /// The consent under which it is kept: with another one the numbers begin anew.
    consent: Uuid,
    pub revision: i64,
}

/// The days of an account, and what stands from day to day, as they were at one point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Days {
    at: Point,
    /// The first and the last that are here.
    span: (Day, Day),
    /// Those that say something, the earliest first.
    pub logs: Vec<DayLog>,
    /// A glance at each of them.
    pub glances: Vec<Glance>,
    pub standing: Entry,
}

impl Days {
    /// Reads them. `at` was asked before: what was written meanwhile may be among them, and then they are good for now
    /// alone.
    ///
    /// # Errors
    /// As [`store::days`].
    async fn read(state: &AppState, account: Uuid, at: Point, span: (Day, Day)) -> Result<Self> {
        let kept = store::days(state, account, span.0, span.1).await?;
        let standing = store::standing(state, account).await?;
        let mut days = Self { at, span, logs: vec![], glances: vec![], standing };
        for kept in &kept {
            days.take_in(&kept.entry);
        }
        Ok(days)
    }

    fn take_in(&mut self, entry: &Entry) {
        match entry.about {
            About::Standing => self.standing.merge(entry),
            About::Day(day) if self.span.0 <= day && day <= self.span.1 => {
                let at = self.logs.partition_point(|log| log.day < day);
                if self.logs.get(at).is_none_or(|log| log.day != day) {
                    self.logs.insert(at, DayLog::empty(day));
                    self.glances.insert(at, Glance::of(&DayLog::empty(day)));
                }
                if let (Some(log), Some(glance)) = (self.logs.get_mut(at), self.glances.get_mut(at)) {
                    log.take_in(entry);
                    *glance = Glance::of(log);
                }
            }
            About::Day(_) => {}
        }
    }
}

impl Recent {
    /// The account's days after what it wrote just now: from memory where it has them, and read where it does not.
    ///
    /// # Errors
    /// As [`store::days`].
    pub async fn days(&self, state: &AppState, account: Uuid, wrote: &Merged, span: (Day, Day)) -> Result<Days> {
        let at = |revision| Point { consent: wrote.consent, revision };
        // Taken out: another save of the same account meanwhile reads them, and neither waits.
        let known = self.kept().remove(&account).map(|(_, days)| days);
        // What a deletion leaves out is still in what was made of it before.
        let deletes = wrote.kept.iter().any(|kept| kept.entry.field(DELETED).is_some());
        match known.filter(|days| days.at == at(wrote.before) && days.span == span && !deletes) {
            Some(mut days) => {
                days.at = at(wrote.last);
                wrote.kept.iter().for_each(|kept| days.take_in(&kept.entry));
                Ok(days)
            }
            None => Days::read(state, account, at(wrote.last), span).await,
        }
    }

    /// For the account's next save.
    pub fn keep(&self, account: Uuid, days: Days) {
        let mut kept = self.kept();
        if kept.len() >= MOST {
            kept.retain(|_, (used, _)| used.elapsed() < FOR);
        }
        if kept.len() < MOST {
            kept.insert(account, (Instant::now(), days));
        }
    }

    /// Drops an account's: they are erased from the database. Another server that has them opened drops them with time.
    pub fn erase(&self, account: Uuid) {
        self.kept().remove(&account);
    }

    /// Drops those of whom nothing came for a while.
    pub fn forget(&self) {
        self.kept().retain(|_, (used, _)| used.elapsed() < FOR);
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Uuid, (Instant, Days)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
