//! Times of publication: as the clocks of the site's country show them.

use std::sync::LazyLock;

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{TimeZone, TimeZoneDatabase},
};

use crate::day::Day;

/// The zone, for people.
pub const PLACE: &str = "London time";

/// From the zones in the program, so that every machine knows the same.
static ZONE: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZoneDatabase::bundled().get("Europe/London").unwrap_or(TimeZone::UTC));

/// Reads "2026-11-22T08:30", as a browser sends it, or with a space, as people write it: milliseconds since 1970, UTC. A time
/// that the clocks jump over is as much later as they jump.
pub fn read(text: &str) -> Option<i64> {
    let local: DateTime = text.trim().replace(' ', "T").parse().ok()?;
    Some(local.to_zoned(ZONE.clone()).ok()?.timestamp().as_millisecond())
}

/// "22 November 2026, 08:30".
pub fn in_words(millis: i64) -> String {
    let Ok(instant) = Timestamp::from_millisecond(millis) else { return String::new() };
    let local = ZONE.to_datetime(instant);
    let number = |number: i8| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(local.year()).unwrap_or_default();
    let day = Day::new(year, number(local.month()), number(local.day())).unwrap_or_default();
    format!("{}, {:02}:{:02}", day.long(), local.hour(), local.minute())
}

/// As [`in_words`], without the day where it is today's: "08:30".
pub fn lately(millis: i64, now: i64) -> String {
    let (then, today) = (in_words(millis), in_words(now));
    match (then.split_once(", "), today.split_once(", ")) {
        (Some((day, time)), Some((today, _))) if day == today => time.to_owned(),
        _ => then,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_the_clocks_of_the_place() {
        for (typed, said, utc) in [
            ("2026-11-22T08:30", "22 November 2026, 08:30", "2026-11-22T08:30:00Z"),
            ("2026-07-01 08:30", "1 July 2026, 08:30", "2026-07-01T07:30:00Z"),
            ("2027-03-28T01:30", "28 March 2027, 02:30", "2027-03-28T01:30:00Z"),
        ] {
            let millis = read(typed).unwrap();
            assert_eq!(in_words(millis), said);
            assert_eq!(millis, utc.parse::<Timestamp>().unwrap().as_millisecond(), "{typed}");
        }
        let (then, now) = (read("2026-07-01 23:30").unwrap(), read("2026-07-02 00:10").unwrap());
        assert_eq!((lately(then, then).as_str(), lately(then, now).as_str()), ("23:30", "1 July 2026, 23:30"));
        for wrong in ["", "soon", "22/11/2026 08:30", "2026-11-22T25:00"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
