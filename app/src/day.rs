//! A calendar day, without time or zone: what a patient means by "today", and what an article is published on.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A day of the Gregorian calendar, years 1 to 9999, written `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// The first day that counting starts from.
impl Default for Day {
    fn default() -> Self {
        Self { year: 1970, month: 1, day: 1 }
    }
}

/// What is wrong with a text that should be a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADay;

impl fmt::Display for NotADay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a day: write it as YYYY-MM-DD, for example 2025-10-18")
    }
}

impl std::error::Error for NotADay {}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl Day {
    pub const FIRST: Self = Self { year: 1, month: 1, day: 1 };
    pub const LAST: Self = Self { year: 9999, month: 12, day: 31 };

    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, NotADay> {
        let valid =
            (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        if valid { Ok(Self { year, month, day }) } else { Err(NotADay) }
    }

    /// The day that begins `days` days after 1 January 1970 (negative: before).
    ///
    /// # Errors
    /// [`NotADay`] outside the years 1 to 9999.
    pub fn from_epoch_days(days: i64) -> Result<Self, NotADay> {
        // Howard Hinnant, "chrono-compatible low-level date algorithms": civil_from_days.
        let shifted = days.checked_add(719_468).ok_or(NotADay)?;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self::new(
            u16::try_from(year).map_err(|_| NotADay)?,
            u8::try_from(month).map_err(|_| NotADay)?,
            u8::try_from(day).map_err(|_| NotADay)?,
        )
    }

    /// Days since 1 January 1970.
    pub fn epoch_days(self) -> i64 {
        // The same source: days_from_civil.
        let (year, month, day) = (i64::from(self.year), i64::from(self.month), i64::from(self.day));
        let year = year - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = (month + 9) % 12;
        let of_year = (153 * month_from_march + 2) / 5 + day - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
        era * 146_097 + of_era - 719_468
    }

    /// This day moved by `days`; stays at the first or last day of the calendar's range.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        Self::from_epoch_days(self.epoch_days().saturating_add(days)).unwrap_or(self)
    }

    /// Of the month, 1 to 31.
    pub fn day_of_month(self) -> u8 {
        self.day
    }

    /// "Monday" to "Sunday".
    pub fn weekday(self) -> &'static str {
        // 1 January 1970 was a Thursday.
        WEEKDAYS[usize::try_from((self.epoch_days() + 3).rem_euclid(7)).unwrap_or(0)]
    }

    /// As read in a sentence: "18 October 2025".
    pub fn long(self) -> String {
        format!("{} {}", self.without_year(), self.year)
    }

    /// "18 October".
    pub fn without_year(self) -> String {
        format!("{} {}", self.day, MONTHS[usize::from(self.month) - 1])
    }

    /// Where there is little room: "18 Oct".
    pub fn short(self) -> String {
        format!("{} {}", self.day, self.short_month())
    }

    /// Where there is little room, of days that are years apart: "Oct 2025".
    pub fn short_with_year(self) -> String {
        format!("{} {}", self.short_month(), self.year)
    }

    fn short_month(self) -> &'static str {
        MONTHS[usize::from(self.month) - 1].split_at(3).0
    }
}

fn days_in(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        let shape = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shape {
            return Err(NotADay);
        }
        Self::new(
            text[..4].parse().map_err(|_| NotADay)?,
            text[5..7].parse().map_err(|_| NotADay)?,
            text[8..].parse().map_err(|_| NotADay)?,
        )
    }
}

impl TryFrom<String> for Day {
    type Error = NotADay;

    fn try_from(text: String) -> Result<Self, NotADay> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_as_people_write_it() {
        let day: Day = "2025-10-18".parse().unwrap();
        assert_eq!(day.long(), "18 October 2025");
        assert_eq!(day.short(), "18 Oct");
        assert_eq!(day.short_with_year(), "Oct 2025");
        assert_eq!(day.weekday(), "Saturday");
        assert_eq!(day.to_string(), "2025-10-18");
    }

    #[test]
    fn what_is_not_a_day_is_refused() {
        for text in ["2025-02-29", "2025-13-01", "2025-00-10", "18/10/2025", "2025-1-18", "", "２０２５-10-18"] {
            assert_eq!(text.parse::<Day>(), Err(NotADay), "{text}");
        }
        assert!("2024-02-29".parse::<Day>().is_ok());
    }

    proptest::proptest! {
        #[test]
        fn every_day_survives_counting(days in -719_162_i64..=2_932_896) {
            let day = Day::from_epoch_days(days).unwrap();
            proptest::prop_assert_eq!(day.epoch_days(), days);
            proptest::prop_assert_eq!(day.to_string().parse::<Day>().unwrap(), day);
            proptest::prop_assert_eq!(day.plus(1).plus(-1).plus(0) == day, days < 2_932_896);
        }
    }
}
