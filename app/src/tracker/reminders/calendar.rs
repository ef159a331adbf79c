//! A reminder as a calendar that programs subscribe to (iCalendar, RFC 5545).
//!
//! The event recurs at the local time, and the zone's rules are written beside it: programs that do not know the zone, or
//! know older rules, are right too. Nothing in it says anything about health.

use jiff::{
    SignedDuration, Timestamp,
    civil::DateTime,
    tz::{Offset, TimeZone},
};

use super::when::Schedule;

/// What a calendar is made of.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    /// The site's name, which is all that the event says.
    pub site: &'a str,
    /// Where the event leads.
    pub address: &'a str,
    /// The same for as long as the account has a calendar.
    pub uid: &'a str,
    pub schedule: &'a Schedule,
    /// Raised at each change.
    pub revision: i64,
    /// Milliseconds since 1970, UTC.
    pub changed_at: i64,
}

/// How far ahead the zone's changes are looked at, in years: by then each date has been on each day of the week, so that a
/// rule that fits them all is the zone's.
const YEARS: usize = 28;
/// How far back: more than a year, so that the last change in either direction is among them.
const LATELY: SignedDuration = SignedDuration::from_hours(400 * 24);
/// The same as [`YEARS`].
const AHEAD: SignedDuration = SignedDuration::from_hours(28 * 365 * 24);
const SECOND: SignedDuration = SignedDuration::from_secs(1);

impl Calendar<'_> {
    /// The file; nothing where the time is none that a calendar can have.
    pub fn to_text(self) -> Option<String> {
        let begins = self.schedule.begins(self.changed_at)?;
        let mut lines = Lines::default();
        lines.add("BEGIN:VCALENDAR");
        lines.add("VERSION:2.0");
        lines.add("PRODID:-//Sciaticalm//Reminders//EN");
        lines.add("CALSCALE:GREGORIAN");
        // The newer name of it, and the one that programs know.
        lines.add(&format!("NAME:{}", escaped(self.site)));
        lines.add(&format!("X-WR-CALNAME:{}", escaped(self.site)));
        lines.add("REFRESH-INTERVAL;VALUE=DURATION:PT12H");
        lines.add("X-PUBLISHED-TTL:PT12H");
        write_zone(&mut lines, self.schedule.zone.name(), self.schedule.zone.time_zone(), begins)?;
        self.write_event(&mut lines, begins)?;
        lines.add("END:VCALENDAR");
        Some(lines.0)
    }

    fn write_event(&self, lines: &mut Lines, begins: DateTime) -> Option<()> {
        let changed = Timestamp::from_millisecond(self.changed_at).ok()?;
        let days: Vec<&str> = self.schedule.days.iter().map(|day| day.code).collect();
        lines.add("BEGIN:VEVENT");
        lines.add(&format!("UID:{}", self.uid));
        lines.add(&format!("DTSTAMP:{}Z", written(Offset::UTC.to_datetime(changed))));
        lines.add(&format!("SEQUENCE:{}", self.revision));
        lines.add(&format!("DTSTART;TZID={}:{}", self.schedule.zone.name(), written(begins)));
        lines.add("DURATION:PT10M");
        lines.add(&format!("RRULE:FREQ=WEEKLY;BYDAY={}", days.join(",")));
        lines.add(&format!("SUMMARY:{}", escaped(self.site)));
        // Not every program shows the address.
        lines.add(&format!("DESCRIPTION:{}", escaped(self.address)));
        lines.add(&format!("URL:{}", self.address));
        lines.add("CLASS:PRIVATE");
        lines.add("TRANSP:TRANSPARENT");
        lines.add("BEGIN:VALARM");
        lines.add("ACTION:DISPLAY");
        lines.add(&format!("DESCRIPTION:{}", escaped(self.site)));
        lines.add("TRIGGER:PT0S");
        lines.add("END:VALARM");
        lines.add("END:VEVENT");
        Some(())
    }
}

/// Lines as the standard has them: ended by CR LF, and folded where they are longer than 75 bytes.
#[derive(Default)]
struct Lines(String);

const LONGEST_LINE: usize = 75;

impl Lines {
    fn add(&mut self, line: &str) {
        let mut length = 0;
        for letter in line.chars() {
            if length + letter.len_utf8() > LONGEST_LINE {
                self.0.push_str("\r\n ");
                length = 1;
            }
            self.0.push(letter);
            length += letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// A text as a value (RFC 5545, 3.3.11).
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// "20270328T010000"
fn written(time: DateTime) -> String {
    let (date, time) = (time.date(), time.time());
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// "+0100"
fn written_offset(offset: Offset) -> String {
    let (sign, seconds) = (if offset.seconds() < 0 { '-' } else { '+' }, offset.seconds().unsigned_abs());
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let seconds = if seconds == 0 { String::new() } else { format!("{seconds:02}") };
    format!("{sign}{hours:02}{minutes:02}{seconds}")
}

/// A change of a zone's clocks.
#[derive(Clone, Debug)]
struct Change {
    /// As the clocks showed it until then.
    local: DateTime,
    from: Offset,
    to: Offset,
    name: String,
}

impl Change {
    fn is_forward(&self) -> bool {
        self.to > self.from
    }
}

/// Writes what the clocks do from a little before `begins` on.
fn write_zone(lines: &mut Lines, name: &str, zone: &TimeZone, begins: DateTime) -> Option<()> {
    let begins = zone.to_ambiguous_timestamp(begins).compatible().ok()?;
    let (before, changes) = changes(zone, begins);
    lines.add("BEGIN:VTIMEZONE");
    lines.add(&format!("TZID:{name}"));
    let (forward, back): (Vec<&Change>, Vec<&Change>) = changes.iter().partition(|change| change.is_forward());
    match (yearly(&forward), yearly(&back)) {
        (Some(forwards), Some(backs)) => {
            write_rule(lines, forward[0], &forwards);
            write_rule(lines, back[0], &backs);
        }
        // No rule, as where the clocks follow the moon: each change by itself.
        _ => {
            let info = zone.to_offset_info(before);
            let always = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
            let (offset, name) = (info.offset(), info.abbreviation().to_owned());
            write_rule(lines, &Change { local: always, from: offset, to: offset, name }, "");
            changes.iter().for_each(|change| write_rule(lines, change, ""));
        }
    }
    lines.add("END:VTIMEZONE");
    Some(())
}

/// The last changes in both directions before `begins`, and those of the years after it, in their order; and a moment
/// before all of them.
fn changes(zone: &TimeZone, begins: Timestamp) -> (Timestamp, Vec<Change>) {
    let since = begins.checked_sub(LATELY).unwrap_or(Timestamp::MIN);
    let ends = begins.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    let change = |at: Timestamp, name: &str| {
        let before = at.checked_sub(SECOND).unwrap_or(at);
        let (from, to) = (zone.to_offset(before), zone.to_offset(at));
        // Some change the name alone.
        (from != to).then(|| Change { local: from.to_datetime(at), from, to, name: name.to_owned() })
    };
    // One at that very moment is not ahead.
    let preceding = zone.preceding(begins.checked_add(SECOND).unwrap_or(begins));
    let lately = preceding.take_while(|it| it.timestamp() > since);
    let mut changes: Vec<(Timestamp, Change)> =
        lately.filter_map(|it| Some((it.timestamp(), change(it.timestamp(), it.abbreviation())?))).collect();
    changes.truncate(2);
    changes.reverse();
    let earliest = changes.first().map_or(begins, |(at, _)| *at);
    let mut changes: Vec<Change> = changes.into_iter().map(|(_, change)| change).collect();
    let following = zone.following(begins).take_while(|it| it.timestamp() < ends);
    changes.extend(following.filter_map(|it| change(it.timestamp(), it.abbreviation())));
    (earliest.checked_sub(SECOND).unwrap_or(earliest), changes)
}

/// The rule by which these come once in each year, if there is one.
fn yearly(changes: &[&Change]) -> Option<String> {
    let first = changes.first()?;
    let (date, time) = (first.local.date(), first.local.time());
    let same = |change: &&&Change| {
        let local = change.local;
        (local.date().month(), local.date().weekday(), local.time()) == (date.month(), date.weekday(), time)
            && (change.from, change.to, &change.name) == (first.from, first.to, &first.name)
    };
    let each_year = changes.windows(2).all(|two| two[1].local.year() == two[0].local.year() + 1);
    if !each_year || changes.len() < YEARS || !changes.iter().all(|change| same(&change)) {
        return None;
    }
    // Which of its weekday in the month, from the beginning or the end.
    let nth = |change: &&Change| (change.local.day() - 1) / 7 + 1;
    let is_last = |change: &&Change| change.local.day() + 7 > change.local.date().days_in_month();
    let place = if changes.iter().all(is_last) {
        "-1".to_owned()
    } else {
        let place = nth(changes.first()?);
        changes.iter().all(|change| nth(change) == place).then(|| place.to_string())?
    };
    let day = super::when::WEEK[usize::try_from(date.weekday().to_monday_zero_offset()).ok()?].code;
    Some(format!("FREQ=YEARLY;BYMONTH={};BYDAY={place}{day}", date.month()))
}

/// What the clocks show after a change: summer's time where they went forward.
fn write_rule(lines: &mut Lines, change: &Change, rule: &str) {
    let kind = if change.is_forward() { "DAYLIGHT" } else { "STANDARD" };
    lines.add(&format!("BEGIN:{kind}"));
    lines.add(&format!("DTSTART:{}", written(change.local)));
    lines.add(&format!("TZOFFSETFROM:{}", written_offset(change.from)));
    lines.add(&format!("TZOFFSETTO:{}", written_offset(change.to)));
    lines.add(&format!("TZNAME:{}", escaped(&change.name)));
    if !rule.is_empty() {
        lines.add(&format!("RRULE:{rule}"));
    }
    lines.add(&format!("END:{kind}"));
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;
    use crate::tracker::reminders::when::{Days, TimeOfDay, Zone};

    /// 22 November 2026, 12:00 UTC, a Sunday.
    const NOW: i64 = 1_795_348_800_000;

    fn schedule(at: &str, days: &[&str], zone: &str) -> Schedule {
        Schedule {
            at: TimeOfDay::read(at).unwrap(),
            days: if days.is_empty() { Days::ALL } else { Days::named(days.iter().copied()).unwrap() },
            zone: Zone::named(zone).unwrap(),
        }
    }

    fn text(schedule: &Schedule, site: &str) -> String {
        let calendar = Calendar {
            site,
            address: "https://back.example.org/tracker",
            uid: "0198f3c0-0000-7000-8000-000000000000",
            schedule,
            revision: 2,
            changed_at: NOW,
        };
        calendar.to_text().unwrap()
    }

    /// The lines as they are meant, without folds.
    fn lines(text: &str) -> Vec<String> {
        text.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
    }

    /// The lines from the first that is this to its end.
    fn part<'a>(lines: &'a [String], kind: &str) -> &'a [String] {
        let place = |line: String| lines.iter().position(|there| *there == line).unwrap();
        &lines[place(format!("BEGIN:{kind}"))..=place(format!("END:{kind}"))]
    }

    #[test]
    fn calendars_are_the_ones_that_another_program_has_read() {
        // By `cargo xtask test`: see xtask/src/test/calendars.py.
        for (name, at, days, zone) in [
            ("london", "08:00", &[][..], "Europe/London"),
            ("new-york", "07:30", &["monday", "thursday", "sunday"], "America/New_York"),
            ("dublin", "21:45", &["sunday"], "Europe/Dublin"),
            ("lord-howe", "06:00", &[], "Australia/Lord_Howe"),
            ("gaza", "12:00", &["sunday", "monday"], "Asia/Gaza"),
            ("kiritimati", "23:30", &["saturday"], "Pacific/Kiritimati"),
        ] {
            let path =
                Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/tracker/reminders/calendars/{name}.ics"));
            let now = text(&schedule(at, days, zone), "Sciaticalm");
            assert_eq!(now, fs::read_to_string(path).unwrap(), "{name}");
        }
    }

    #[test]
    fn the_event_recurs_at_the_local_time_and_says_nothing_but_the_sites_name() {
        let lines = lines(&text(&schedule("08:00", &["monday", "friday"], "Europe/London"), "Sciaticalm"));
        let event = part(&lines, "VEVENT");
        for line in [
            "UID:0198f3c0-0000-7000-8000-000000000000",
            "DTSTAMP:20261122T120000Z",
            "SEQUENCE:2",
            // The first Monday from then on.
            "DTSTART;TZID=Europe/London:20261123T080000",
            "RRULE:FREQ=WEEKLY;BYDAY=MO,FR",
            "SUMMARY:Sciaticalm",
            "URL:https://back.example.org/tracker",
            "TRIGGER:PT0S",
        ] {
            assert!(event.iter().any(|there| there == line), "{line}: {event:?}");
        }
        let all = lines.join("\n").to_lowercase();
        for word in ["pain", "sciatica\n", "exercise", "diary", "health", "back "] {
            assert!(!all.contains(word), "{word}");
        }
    }

    #[test]
    fn the_zone_has_both_of_its_rules() {
        let zone = |name: &str| lines(&text(&schedule("08:00", &[], name), "Sciaticalm"));
        let london = zone("Europe/London");
        let rules = |lines: &[String]| [part(lines, "DAYLIGHT").join(" "), part(lines, "STANDARD").join(" ")];
        assert_eq!(
            rules(&london),
            [
                "BEGIN:DAYLIGHT DTSTART:20260329T010000 TZOFFSETFROM:+0000 TZOFFSETTO:+0100 TZNAME:BST \
                 RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU END:DAYLIGHT",
                "BEGIN:STANDARD DTSTART:20261025T020000 TZOFFSETFROM:+0100 TZOFFSETTO:+0000 TZNAME:GMT \
                 RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU END:STANDARD"
            ]
        );
        let new_york = rules(&zone("America/New_York"));
        assert!(new_york[0].contains("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"), "{new_york:?}");
        assert!(new_york[1].contains("RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"), "{new_york:?}");
        let kolkata = zone("Asia/Kolkata");
        assert!(part(&kolkata, "STANDARD").join(" ").contains("TZOFFSETTO:+0530"), "{kolkata:?}");
        assert!(!kolkata.iter().any(|line| line == "BEGIN:DAYLIGHT"));
    }

    #[test]
    fn a_day_without_the_time_is_not_the_first() {
        let mut sunday = schedule("01:30", &["sunday"], "Europe/London");
        // 27 March 2027: the clocks go forward at one o'clock that night.
        let at = |schedule: &Schedule| schedule.begins(1_806_148_800_000).unwrap().to_string();
        assert_eq!(at(&sunday), "2027-04-04T01:30:00");
        sunday.at = TimeOfDay::read("02:00").unwrap();
        assert_eq!(at(&sunday), "2027-03-28T02:00:00");
    }

    #[test]
    fn every_line_is_short_and_no_name_breaks_one() {
        let name = "Rücken; \"Ischias\", Fuß\\Bein\r\nBEGIN:VEVENT ".repeat(4);
        for zone in Zone::names() {
            let text = text(&schedule("08:00", &[], zone), &name);
            assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
            assert!(text.ends_with("END:VCALENDAR\r\n") && text.split("\r\n").all(|line| line.len() <= 75), "{zone}");
            let lines = lines(&text);
            let summary = lines.iter().find(|line| line.starts_with("SUMMARY:")).unwrap();
            assert!(summary.contains("Rücken\\; \"Ischias\"\\, Fuß\\\\Bein\\nBEGIN:VEVENT"), "{summary}");
            assert_eq!(lines.iter().filter(|line| *line == "BEGIN:VEVENT").count(), 1);
            let kinds: BTreeSet<&str> = lines.iter().filter_map(|line| line.split([':', ';']).next()).collect();
            assert!(kinds.contains("TZOFFSETTO"), "{zone}");
        }
    }
}
