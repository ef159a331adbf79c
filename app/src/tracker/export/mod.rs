//! What a patient takes away of their entries: a table for a spreadsheet, a text that can be brought back, and a bundle for
//! a clinic's records (FHIR).
//!
//! Pure: from entries to text. The table and the text know neither the server nor a crate of it, so that a device can make
//! and read them too. The server's addresses for them are `account/diary/export.rs`.

pub mod csv;
#[cfg(feature = "ssr")]
pub mod fhir;
pub mod json;
mod reader;

use uuid::Uuid;

use super::{
    entry::{About, Entry},
    log::DayLog,
};

/// Entries, read together: one log a day, and what stands.
#[derive(Clone, Debug)]
pub struct Diary {
    /// All that stands from day to day, whichever device wrote it; of no id.
    pub standing: Entry,
    /// The earliest first.
    pub days: Vec<DayLog>,
}

impl Diary {
    /// What is deleted is left out.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut diary = Self { standing: Entry::new(Uuid::nil(), About::Standing), days: vec![] };
        entries.into_iter().filter(|entry| !entry.is_deleted()).for_each(|entry| diary.take_in(entry));
        diary
    }

    fn take_in(&mut self, entry: &Entry) {
        let About::Day(day) = entry.about else { return self.standing.merge(entry) };
        match self.days.binary_search_by(|log| log.day.cmp(&day)) {
            Ok(at) => self.days[at].take_in(entry),
            Err(at) => self.days.insert(at, DayLog::of(day, [entry])),
        }
    }
}

/// "2026-11-22T12:00:00Z" (RFC 3339), of milliseconds since 1970; nothing outside the years 1 to 9999.
pub fn utc(millis: i64) -> Option<String> {
    const DAY: i64 = 24 * 60 * 60;
    let seconds = millis.div_euclid(1000);
    let day = crate::day::Day::from_epoch_days(seconds.div_euclid(DAY)).ok()?;
    let of_day = seconds.rem_euclid(DAY);
    Some(format!("{day}T{:02}:{:02}:{:02}Z", of_day / 3600, of_day / 60 % 60, of_day % 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracker::{
        entry::{Stamp, Value, Write},
        log::{Measure, Place},
    };

    fn entry(id: u128, day: &str, back: i32) -> Entry {
        let mut entry = Entry::new(Uuid::from_u128(id), About::Day(day.parse().unwrap()));
        let stamp = Stamp { millis: i64::from(back), count: 0, writer: 1 };
        entry.write("back", Write { stamp, value: Value::Number(back) });
        entry
    }

    #[test]
    fn entries_about_one_day_are_one_day_and_deleted_ones_are_none() {
        let mut gone = entry(3, "2026-11-22", 5);
        gone.delete(Stamp { millis: 9, count: 0, writer: 1 });
        let entries = [entry(1, "2026-11-22", 4), entry(2, "2026-11-20", 2), entry(4, "2026-11-22", 6), gone];
        let days: Vec<(String, Option<u16>)> = Diary::of(&entries)
            .days
            .iter()
            .map(|log| (log.day.to_string(), log.measured(Measure::Pain(Place::Back))))
            .collect();
        assert_eq!(days, [("2026-11-20".to_owned(), Some(2)), ("2026-11-22".to_owned(), Some(6))]);
    }

    #[test]
    fn a_time_is_written_as_programs_read_it() {
        assert_eq!(utc(1_795_348_800_000).unwrap(), "2026-11-22T12:00:00Z");
        assert_eq!(utc(0).unwrap(), "1970-01-01T00:00:00Z");
        assert_eq!(utc(86_399_999).unwrap(), "1970-01-01T23:59:59Z");
        assert_eq!(utc(i64::MAX), None);
    }
}
