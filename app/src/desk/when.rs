//! Times at the desk: as the clocks of the site's own place show them.

use jiff::{Timestamp, civil::DateTime};

use crate::{AppState, day::Day, tracker::reminders::when::Zone};

/// The time, and whose clocks it is told by.
#[derive(Clone, Debug)]
pub struct Now {
    /// Since 1970, UTC.
    pub millis: i64,
    pub zone: Zone,
}

impl Now {
    pub fn of(state: &AppState) -> Self {
        Self { millis: state.clock.millis_i64(), zone: state.site.settings.zone.clone() }
    }
}

/// Reads "2026-11-22T08:30", as a browser sends it, or with a space, as people write it: milliseconds since 1970, UTC. A time
/// that the clocks jump over is as much later as they jump.
pub fn read(text: &str, zone: &Zone) -> Option<i64> {
    let local: DateTime = text.trim().replace(' ', "T").parse().ok()?;
    Some(local.to_zoned(zone.time_zone().clone()).ok()?.timestamp().as_millisecond())
}

/// "22 November 2026, 08:30".
pub fn in_words(millis: i64, zone: &Zone) -> String {
    let Ok(instant) = Timestamp::from_millisecond(millis) else { return String::new() };
    let local = zone.time_zone().to_datetime(instant);
    let number = |number: i8| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(local.year()).unwrap_or_default();
    let day = Day::new(year, number(local.month()), number(local.day())).unwrap_or_default();
    format!("{}, {:02}:{:02}", day.long(), local.hour(), local.minute())
}

/// "22 November 2026".
pub fn day_in_words(millis: i64, zone: &Zone) -> String {
    in_words(millis, zone).split(',').next().unwrap_or_default().to_owned()
}

/// As [`in_words`], without the day where it is today's: "08:30".
pub fn lately(millis: i64, now: &Now) -> String {
    let (then, today) = (in_words(millis, &now.zone), in_words(now.millis, &now.zone));
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
        for (place, typed, said, utc) in [
            ("Europe/London", "2026-11-22T08:30", "22 November 2026, 08:30", "2026-11-22T08:30:00Z"),
            ("Europe/London", "2026-07-01 08:30", "1 July 2026, 08:30", "2026-07-01T07:30:00Z"),
            ("Europe/London", "2027-03-28T01:30", "28 March 2027, 02:30", "2027-03-28T01:30:00Z"),
            ("Pacific/Auckland", "2026-11-22T08:30", "22 November 2026, 08:30", "2026-11-21T19:30:00Z"),
        ] {
            let zone = Zone::named(place).unwrap();
            let millis = read(typed, &zone).unwrap();
            assert_eq!(in_words(millis, &zone), said);
            assert_eq!(day_in_words(millis, &zone), said.split_once(", ").unwrap().0);
            assert_eq!(millis, utc.parse::<Timestamp>().unwrap().as_millisecond(), "{typed}");
        }
        let zone = Zone::named("Europe/London").unwrap();
        let [then, later] = ["2026-07-01 23:30", "2026-07-02 00:10"].map(|typed| read(typed, &zone).unwrap());
        let now = |millis| Now { millis, zone: zone.clone() };
        assert_eq!(
            (lately(then, &now(then)).as_str(), lately(then, &now(later)).as_str()),
            ("23:30", "1 July 2026, 23:30")
        );
        for wrong in ["", "soon", "22/11/2026 08:30", "2026-11-22T25:00"] {
            assert_eq!(read(wrong, &zone), None, "{wrong}");
        }
    }
}
