//! When a reminder is due: at a time of day, on some days of the week, as the clocks of a place show them.
//!
//! Where the clocks go forward over the time it is due at the moment of the change; where they go back over it, the first
//! of the two times. The zones are those in the program, so that every machine knows the same ones.

use std::{fmt, sync::LazyLock};

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Weekday, time},
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};

use serde::{Deserialize, Serialize};

use crate::day::Day;

/// A time of day: minutes after midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay(u16);

/// In minutes.
const DAY: u16 = 24 * 60;

impl TimeOfDay {
    /// Of so many minutes after midnight.
    pub fn from_minutes(minutes: i64) -> Option<Self> {
        u16::try_from(minutes).ok().filter(|minutes| *minutes < DAY).map(Self)
    }

    /// Reads "08:30", also as a browser sends it where it knows of seconds.
    pub fn read(text: &str) -> Option<Self> {
        let (hours, minutes) = text.trim().split_once(':')?;
        let minutes = minutes.strip_suffix(":00").unwrap_or(minutes);
        // `parse` would take a sign.
        let digits = |text: &str| text.len() <= 2 && text.bytes().all(|digit| digit.is_ascii_digit());
        if !digits(hours) || !digits(minutes) || minutes.len() < 2 {
            return None;
        }
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours < 24 && minutes < 60).then_some(Self(hours * 60 + minutes))
    }

    pub fn minutes(self) -> i64 {
        self.0.into()
    }

    fn on(self, day: Date) -> DateTime {
        let (hours, minutes) = (self.0 / 60, self.0 % 60);
        // Both fit: a `TimeOfDay` is less than a day.
        day.to_datetime(time(i8::try_from(hours).unwrap_or_default(), i8::try_from(minutes).unwrap_or_default(), 0, 0))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// A day of the week, as a form and a calendar name it.
#[derive(Clone, Copy, Debug)]
pub struct NamedDay {
    pub name: &'static str,
    pub word: &'static str,
    /// As a calendar has it (RFC 5545, 3.3.10).
    pub code: &'static str,
}

/// From Monday to Sunday.
pub const WEEK: [NamedDay; 7] = [
    NamedDay { name: "monday", word: "Monday", code: "MO" },
    NamedDay { name: "tuesday", word: "Tuesday", code: "TU" },
    NamedDay { name: "wednesday", word: "Wednesday", code: "WE" },
    NamedDay { name: "thursday", word: "Thursday", code: "TH" },
    NamedDay { name: "friday", word: "Friday", code: "FR" },
    NamedDay { name: "saturday", word: "Saturday", code: "SA" },
    NamedDay { name: "sunday", word: "Sunday", code: "SU" },
];

/// Days of the week, one at least: a bit for each, from 1 for Monday to 64 for Sunday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days(u8);

impl Days {
    pub const ALL: Self = Self(0b111_1111);

    /// Nothing where there is no day, or more than seven.
    pub fn from_bits(bits: i64) -> Option<Self> {
        u8::try_from(bits).ok().filter(|bits| (1..=Self::ALL.0).contains(bits)).map(Self)
    }

    /// Those of these names that are days; nothing where none is.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let place = |name: &str| WEEK.iter().position(|day| day.name == name);
        let bits = names.into_iter().filter_map(place).fold(0_i64, |bits, place| bits | 1 << place);
        Self::from_bits(bits)
    }

    pub fn bits(self) -> i64 {
        self.0.into()
    }

    pub fn iter(self) -> impl Iterator<Item = NamedDay> {
        WEEK.into_iter().enumerate().filter(move |(place, _)| self.0 & (1 << place) != 0).map(|(_, day)| day)
    }

    fn has(self, day: Weekday) -> bool {
        self.0 & (1 << day.to_monday_zero_offset()) != 0
    }
}

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone of the IANA's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    name: String,
    time_zone: TimeZone,
}

impl Zone {
    /// By its name, "Europe/London" or "UTC"; nothing where there is none of that name.
    pub fn named(name: &str) -> Option<Self> {
        let place = name.contains('/') || name == "UTC";
        let time_zone = ZONES.get(name).ok().filter(|zone| place && !zone.is_unknown())?;
        Some(Self { name: time_zone.iana_name()?.to_owned(), time_zone })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// For people: "London time".
    pub fn place(&self) -> String {
        let city = self.name.rsplit('/').next().unwrap_or_default().replace('_', " ");
        if self.name == "UTC" { city } else { format!("{city} time") }
    }

    pub(crate) fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// The names to choose from: of each place the one in use, by the alphabet, and UTC last.
    pub fn names() -> &'static [String] {
        static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
            let all = ZONES.available().map(|name| name.as_str().to_owned());
            let of_a_place = |name: &String| name.contains('/') && !name.starts_with("Etc/");
            let in_use = |name: &String| Zone::named(name).is_some_and(|zone| zone.time_zone.is_primary());
            let mut names: Vec<String> = all.filter(of_a_place).filter(in_use).collect();
            names.sort();
            names.push("UTC".to_owned());
            names
        });
        &NAMES
    }
}

impl Default for Zone {
    /// London's, and UTC where the program should not know it.
    fn default() -> Self {
        let utc = || Self { name: "UTC".to_owned(), time_zone: TimeZone::UTC };
        Self::named("Europe/London").unwrap_or_else(utc)
    }
}

impl TryFrom<String> for Zone {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::named(&name).ok_or("there is no such time zone")
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name
    }
}

/// When somebody is to be reminded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub at: TimeOfDay,
    pub days: Days,
    pub zone: Zone,
}

impl Schedule {
    /// The first time later than `now` that this is due, both in milliseconds since 1970, UTC. There is always one, until
    /// the year 9999.
    pub fn next_after(&self, now: i64) -> Option<i64> {
        // Today's may be past: then a week from now at the latest.
        let instants = self.days_from(now, 7)?.filter_map(|day| self.instant(day));
        instants.map(Timestamp::as_millisecond).find(|instant| *instant > now)
    }

    /// A time as the clocks there show it: "Monday 30 November 2026 at 08:00".
    pub fn in_words(&self, millis: i64) -> String {
        let Ok(instant) = Timestamp::from_millisecond(millis) else { return String::new() };
        let local = self.zone.time_zone.to_datetime(instant);
        let number = |number: i8| u8::try_from(number).unwrap_or_default();
        let year = u16::try_from(local.year()).unwrap_or_default();
        let day = Day::new(year, number(local.month()), number(local.day())).unwrap_or_default();
        format!("{} {} at {:02}:{:02}", day.weekday(), day.long(), local.hour(), local.minute())
    }

    /// The first day from `now` on that has the time, which the days on which the clocks go forward may not have: a
    /// calendar counts from there.
    pub(super) fn begins(&self, now: i64) -> Option<DateTime> {
        let has_it = |local: &DateTime| {
            let offset = self.zone.time_zone.to_ambiguous_timestamp(*local).offset();
            !matches!(offset, AmbiguousOffset::Gap { .. })
        };
        self.days_from(now, 14)?.map(|day| self.at.on(day)).find(has_it)
    }

    /// The chosen days among so many after the one that it is there at `now`, and that day itself.
    fn days_from(&self, now: i64, most: i32) -> Option<impl Iterator<Item = Date>> {
        let today = self.zone.time_zone.to_datetime(Timestamp::from_millisecond(now).ok()?).date();
        let days = (0..=most).filter_map(move |later| today.checked_add(later.days()).ok());
        Some(days.filter(|day| self.days.has(day.weekday())))
    }

    fn instant(&self, day: Date) -> Option<Timestamp> {
        let (local, zone) = (self.at.on(day), &self.zone.time_zone);
        match zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local).ok(),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(local).ok(),
            // By the clocks of afterwards it would be shortly before the change.
            AmbiguousOffset::Gap { after, .. } => {
                zone.following(after.to_timestamp(local).ok()?).next().map(|change| change.timestamp())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(at: &str, days: &[&str], zone: &str) -> Schedule {
        Schedule {
            at: TimeOfDay::read(at).unwrap(),
            days: if days.is_empty() { Days::ALL } else { Days::named(days.iter().copied()).unwrap() },
            zone: Zone::named(zone).unwrap(),
        }
    }

    fn millis(utc: &str) -> i64 {
        utc.parse::<Timestamp>().unwrap().as_millisecond()
    }

    /// The times after `now` at which it is due, one after another.
    fn due(schedule: &Schedule, now: &str, many: usize) -> Vec<String> {
        let mut now = millis(now);
        let next = |now: &mut i64| {
            *now = schedule.next_after(*now).unwrap();
            Timestamp::from_millisecond(*now).unwrap().to_string()
        };
        (0..many).map(|_| next(&mut now)).collect()
    }

    #[test]
    fn a_time_of_day_is_read_as_browsers_and_people_write_it() {
        for (text, shown) in [("08:30", "08:30"), (" 8:05 ", "08:05"), ("23:59", "23:59"), ("00:00:00", "00:00")] {
            assert_eq!(TimeOfDay::read(text).unwrap().to_string(), shown);
        }
        for text in ["", "8", "24:00", "12:60", "8:5", "+8:30", "-1:30", "008:30", "08:30:15", "8.30", "noon", "08:+1"]
        {
            assert_eq!(TimeOfDay::read(text), None, "{text}");
        }
        assert_eq!(TimeOfDay::from_minutes(TimeOfDay::read("23:59").unwrap().minutes()), TimeOfDay::read("23:59"));
        assert_eq!((TimeOfDay::from_minutes(1_440), TimeOfDay::from_minutes(-1)), (None, None));
    }

    #[test]
    fn days_are_kept_as_bits_and_there_is_one_at_least() {
        let days = Days::named(["sunday", "monday", "someday"]).unwrap();
        assert_eq!((days.bits(), Days::from_bits(65)), (65, Some(days)));
        assert_eq!(days.iter().map(|day| day.code).collect::<Vec<_>>(), ["MO", "SU"]);
        assert_eq!((Days::named(["someday"]), Days::from_bits(0), Days::from_bits(128)), (None, None, None));
    }

    #[test]
    fn a_zone_is_one_of_the_list_whatever_its_capitals() {
        assert_eq!(Zone::named("europe/london").unwrap().name(), "Europe/London");
        for name in ["", "London", "GMT+1", "Europe/Nowhere", "Etc/Unknown", "../../etc/passwd", "Factory", "EST5EDT"] {
            assert_eq!(Zone::named(name), None, "{name}");
        }
        let names = Zone::names();
        for name in ["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "UTC"] {
            assert!(names.iter().any(|there| there == name), "{name}");
        }
        assert!(names.iter().all(|name| Zone::named(name).is_some_and(|zone| zone.name() == name)));
        assert!(!names.iter().any(|name| name == "Asia/Calcutta"), "each place once");
    }

    #[test]
    fn the_local_time_stays_when_the_clocks_change_in_london() {
        let every_day = schedule("08:00", &[], "Europe/London");
        assert_eq!(
            due(&every_day, "2027-03-26T12:00:00Z", 3),
            ["2027-03-27T08:00:00Z", "2027-03-28T07:00:00Z", "2027-03-29T07:00:00Z"]
        );
        assert_eq!(
            due(&every_day, "2027-10-29T12:00:00Z", 3),
            ["2027-10-30T07:00:00Z", "2027-10-31T08:00:00Z", "2027-11-01T08:00:00Z"]
        );
    }

    #[test]
    fn the_local_time_stays_when_the_clocks_change_in_new_york() {
        let every_day = schedule("08:00", &[], "America/New_York");
        assert_eq!(
            due(&every_day, "2027-03-12T18:00:00Z", 3),
            ["2027-03-13T13:00:00Z", "2027-03-14T12:00:00Z", "2027-03-15T12:00:00Z"]
        );
        assert_eq!(
            due(&every_day, "2027-11-05T18:00:00Z", 3),
            ["2027-11-06T12:00:00Z", "2027-11-07T13:00:00Z", "2027-11-08T13:00:00Z"]
        );
    }

    #[test]
    fn a_time_that_the_clocks_leave_out_is_due_when_they_go_forward() {
        for (at, zone, now, expected) in [
            ("01:00", "Europe/London", "2027-03-27T12:00:00Z", ["2027-03-28T01:00:00Z", "2027-03-29T00:00:00Z"]),
            ("01:30", "Europe/London", "2027-03-27T12:00:00Z", ["2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"]),
            ("02:30", "America/New_York", "2027-03-13T12:00:00Z", ["2027-03-14T07:00:00Z", "2027-03-15T06:30:00Z"]),
        ] {
            assert_eq!(due(&schedule(at, &[], zone), now, 2), expected, "{at} {zone}");
        }
    }

    #[test]
    fn a_time_that_comes_twice_is_due_once_the_first_time() {
        for (at, zone, now, expected) in [
            ("01:30", "Europe/London", "2027-10-30T12:00:00Z", ["2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"]),
            ("01:30", "America/New_York", "2027-11-06T12:00:00Z", ["2027-11-07T05:30:00Z", "2027-11-08T06:30:00Z"]),
        ] {
            assert_eq!(due(&schedule(at, &[], zone), now, 2), expected, "{at} {zone}");
        }
        // Between the two.
        let london = schedule("01:30", &[], "Europe/London");
        assert_eq!(due(&london, "2027-10-31T01:00:00Z", 1), ["2027-11-01T01:30:00Z"]);
    }

    #[test]
    fn it_is_due_on_the_chosen_days_of_the_week_there() {
        let some = schedule("19:15", &["monday", "thursday"], "Europe/London");
        // 1 January 2027 is a Friday.
        assert_eq!(
            due(&some, "2027-01-01T00:00:00Z", 3),
            ["2027-01-04T19:15:00Z", "2027-01-07T19:15:00Z", "2027-01-11T19:15:00Z"]
        );
        let one = schedule("19:15", &["friday"], "Europe/London");
        assert_eq!(
            due(&one, "2027-01-01T19:14:59.999Z", 2),
            ["2027-01-01T19:15:00Z", "2027-01-08T19:15:00Z"],
            "today's, until then"
        );
        assert_eq!(due(&one, "2027-01-01T19:15:00Z", 1), ["2027-01-08T19:15:00Z"], "and not twice");
    }

    #[test]
    fn the_day_of_the_week_is_the_one_beside_the_date_line() {
        // UTC+14: Monday there is Sunday in London.
        let first = schedule("07:00", &["monday"], "Pacific/Kiritimati");
        assert_eq!(due(&first, "2027-01-01T00:00:00Z", 1), ["2027-01-03T17:00:00Z"]);
        // UTC-11: Monday there is Tuesday in London.
        let last = schedule("20:00", &["monday"], "Pacific/Pago_Pago");
        assert_eq!(due(&last, "2027-01-01T00:00:00Z", 1), ["2027-01-05T07:00:00Z"]);
        // Samoa had no 30 December 2011, a Friday.
        let leapt = schedule("07:00", &["friday"], "Pacific/Apia");
        assert_eq!(due(&leapt, "2011-12-28T00:00:00Z", 2), ["2011-12-30T10:00:00Z", "2012-01-05T17:00:00Z"]);
    }

    #[test]
    fn a_time_is_told_as_the_clocks_there_show_it() {
        let told = schedule("08:00", &[], "America/New_York").in_words(millis("2027-03-14T12:00:00Z"));
        assert_eq!(told, "Sunday 14 March 2027 at 08:00");
    }

    #[test]
    fn no_zone_and_no_minute_leaves_anybody_without_a_next_time() {
        for name in Zone::names() {
            for (at, day) in [("00:00", "sunday"), ("01:30", "friday"), ("02:30", "sunday"), ("23:59", "saturday")] {
                let weekly = schedule(at, &[day], name);
                let mut now = millis("2026-11-28T12:00:00Z");
                for _ in 0..60 {
                    let next = weekly.next_after(now).unwrap_or_else(|| panic!("{name} {at} {now}"));
                    let days = (next - now) / 86_400_000;
                    assert!(next > now && days <= 8, "{name} {at}: {now} {next}");
                    now = next;
                }
                assert!(weekly.begins(now).is_some(), "{name} {at}");
            }
        }
    }
}
