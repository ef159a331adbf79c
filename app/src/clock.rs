//! Time, passed in: handlers and stores ask this, so that a test can say what time it is.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use uuid::{
    Uuid,
    timestamp::{Timestamp, context::NoContext},
};

use crate::day::Day;

/// Milliseconds since 1970 as a date and time in UTC: "22 November 2026, 21:40".
pub fn in_words(millis: i64) -> String {
    let (day, minutes) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000) / 60_000);
    let day = Day::from_epoch_days(day).unwrap_or_else(|_| Day::default());
    format!("{}, {:02}:{:02}", day.long(), minutes / 60, minutes % 60)
}

/// Where the time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    /// Always this many milliseconds after 1 January 1970, UTC.
    Fixed(u64),
    /// What a test sets, in milliseconds as well.
    Set(Arc<AtomicU64>),
}

impl Clock {
    /// Milliseconds since 1 January 1970, UTC.
    pub fn millis(&self) -> u64 {
        match self {
            Self::Fixed(millis) => *millis,
            Self::Set(millis) => millis.load(Ordering::Relaxed),
            Self::System => {
                #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
                let now = SystemTime::now();
                now.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
            }
        }
    }

    /// As [`millis`](Self::millis), as the database has it.
    pub fn millis_i64(&self) -> i64 {
        i64::try_from(self.millis()).unwrap_or(i64::MAX)
    }

    /// Today in UTC: for what the site says of itself. A patient's "today" comes from the patient's device.
    pub fn today(&self) -> Day {
        let days = i64::try_from(self.millis() / 86_400_000).unwrap_or_default();
        Day::from_epoch_days(days).unwrap_or_else(|_| Day::default())
    }

    /// The date and time for a page that is printed: "22 November 2026, 21:40 (UTC)".
    pub fn now_in_words(&self) -> String {
        format!("{} (UTC)", in_words(self.millis_i64()))
    }

    /// A new id, ordered by time.
    pub fn new_id(&self) -> Uuid {
        let millis = self.millis();
        let nanos = u32::try_from(millis % 1_000 * 1_000_000).unwrap_or_default();
        Uuid::new_v7(Timestamp::from_unix(NoContext, millis / 1_000, nanos))
    }
}
