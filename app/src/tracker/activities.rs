//! The patient's own activities (the patient-specific functional scale, Stratford and others 1995): what they are called,
//! when each was rated, and what changed. Pure.
//!
//! A name is a field of what stands from day to day, `activity_name_1` to `activity_name_5`; a rating is
//! [`Measure::Activity`] of a day, by the same number. A renamed activity is the same one, its name corrected. One that is
//! removed keeps its ratings; when another takes its number, what was rated before is not the new one's.

use super::{
    entry::{Entry, Field, Stamp, Value, Write},
    log::{ACTIVITIES, Change, DayLog, Measure, Writes},
    trend::{self, Difference},
};
use crate::day::Day;

/// How many activities make the scale.
pub const FEWEST: usize = 3;
/// How often to rate them, in days.
pub const EVERY: i64 = 14;
/// How long a name may be, in letters.
pub const LONGEST: usize = 100;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// From 1 to [`ACTIVITIES`].
    pub number: u8,
    pub name: String,
    /// Since when this number is this activity's.
    since: Stamp,
}

/// The field of a name.
pub fn field(number: u8) -> String {
    ["activity_name_", &number.to_string()].concat()
}

fn is_name(value: &Value) -> bool {
    matches!(value, Value::Text(text) if !text.is_empty())
}

impl Activity {
    /// The activity of this number, if there is one.
    pub fn of(standing: &Entry, number: u8) -> Option<Self> {
        let field = standing.field(&field(number))?;
        let Value::Text(name) = field.value() else { return None };
        let names = field.writes().iter().rev().take_while(|write| is_name(&write.value));
        Some(Self { number, name: name.clone(), since: names.last()?.stamp })
    }

    /// All that there are, by number.
    pub fn all(standing: &Entry) -> Vec<Self> {
        (1..=ACTIVITIES).filter_map(|number| Self::of(standing, number)).collect()
    }

    /// How it was rated on a day: from 0, cannot do it, to 10, as before.
    pub fn rated(&self, log: &DayLog) -> Option<u16> {
        let measure = Measure::Activity(self.number);
        log.measured(measure).filter(|_| log.written(measure) >= self.since)
    }
}

/// What an activity is called now; empty if it has no name.
pub fn name(standing: &Entry, number: u8) -> &str {
    text(standing.get(&field(number)))
}

/// What an activity was called at the end of a day, in UTC; where it had no name yet, the first that it got. So a score
/// keeps the name that it was given to, whatever the number was used for since.
pub fn name_on(standing: &Entry, number: u8, day: Day) -> &str {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let end = day.plus(1).epoch_days() * DAY;
    let writes = standing.field(&field(number)).map_or(&[][..], Field::writes);
    let named = |write: &&Write| is_name(&write.value);
    let by_then = writes.iter().rev().filter(|write| write.stamp.millis < end).find(named);
    by_then.or_else(|| writes.iter().find(named)).map_or("", |write| text(&write.value))
}

fn text(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        _ => "",
    }
}

/// Names a new activity: its number is one that no other ever had, or else the one that was given up first. None where all
/// are in use, or there is no name.
pub fn add(standing: &Entry, name: &str) -> Option<Writes> {
    let free = (1..=ACTIVITIES).filter(|number| Activity::of(standing, *number).is_none());
    let given_up = |number: &u8| standing.field(&field(*number)).map(Field::stamp).unwrap_or_default();
    let number = free.min_by_key(given_up)?;
    rename(number, name)
}

/// Corrects a name. None where it is empty.
pub fn rename(number: u8, name: &str) -> Option<Writes> {
    let name: String = name.trim().chars().take(LONGEST).collect();
    (!name.is_empty()).then(|| vec![(field(number), Value::Text(name))])
}

pub fn remove(number: u8) -> Writes {
    vec![(field(number), Value::Nothing)]
}

/// The days without what was rated of activities that these have taken the place of, and of those that are no more.
pub fn own(activities: &[Activity], logs: &[DayLog]) -> Vec<DayLog> {
    let keep = |log: &DayLog| {
        let mut own = DayLog::empty(log.day);
        for activity in activities {
            let value = activity.rated(log);
            let change = Change::Measured { measure: Measure::Activity(activity.number), value };
            own.write(&change.writes(log, ""), Stamp::default());
        }
        own
    };
    logs.iter().map(keep).collect()
}

/// The last day on which any of them was rated.
pub fn last_rated(activities: &[Activity], logs: &[DayLog]) -> Option<Day> {
    let rated = logs.iter().filter(|log| activities.iter().any(|activity| activity.rated(log).is_some()));
    rated.map(|log| log.day).max()
}

/// What changed from the first to the last rating of these days.
pub fn changed(activities: &[Activity], logs: &[DayLog], from: Day, to: Day) -> Option<Difference> {
    trend::activities(&own(activities, logs), from, to)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::tracker::{
        entry::{About, Write},
        trend::{Size, Tenths, Toward},
    };

    fn day(at: i64) -> Day {
        "2026-09-01".parse::<Day>().unwrap().plus(at)
    }

    fn at(millis: i64) -> Stamp {
        Stamp { millis, count: 0, writer: 1 }
    }

    struct Scale {
        standing: Entry,
        logs: Vec<DayLog>,
        now: i64,
    }

    impl Scale {
        fn new(names: &[&str]) -> Self {
            let mut scale = Self { standing: Entry::new(Uuid::nil(), About::Standing), logs: vec![], now: 0 };
            names.iter().for_each(|name| assert!(scale.add(name)));
            scale
        }

        fn stand(&mut self, writes: Writes) {
            self.now += 1;
            for (name, value) in writes {
                self.standing.write(&name, Write { stamp: at(self.now), value });
            }
        }

        fn add(&mut self, name: &str) -> bool {
            add(&self.standing, name).map(|writes| self.stand(writes)).is_some()
        }

        fn rate(&mut self, on: i64, number: u8, value: u16) {
            self.now += 1;
            let mut log = DayLog::of(day(on), self.logs.iter().map(DayLog::entry));
            let change = Change::Measured { measure: Measure::Activity(number), value: Some(value) };
            let writes = change.writes(&log, "1.0.0");
            log.write(&writes, at(self.now));
            self.logs.retain(|other| other.day != log.day);
            self.logs.push(log);
        }

        fn all(&self) -> Vec<Activity> {
            Activity::all(&self.standing)
        }

        fn names(&self) -> Vec<(u8, String)> {
            self.all().into_iter().map(|activity| (activity.number, activity.name)).collect()
        }
    }

    #[test]
    fn up_to_five_are_named_in_the_patients_own_words() {
        let mut scale = Scale::new(&[" Putting on socks ", "Driving", "c", "d", "e"]);
        assert_eq!(scale.names()[..2], [(1, "Putting on socks".to_owned()), (2, "Driving".to_owned())]);
        assert!(!scale.add("f"), "five at the most");
        assert!(!Scale::new(&[]).add("  "), "no name");
        assert_eq!(scale.standing.get("activity_name_5"), &Value::Text("e".to_owned()));
        let mut long = Scale::new(&[]);
        assert!(long.add(&"ü".repeat(1000)));
        assert_eq!(long.all()[0].name.chars().count(), LONGEST);
    }

    #[test]
    fn a_renamed_activity_keeps_its_ratings() {
        let mut scale = Scale::new(&["Soks"]);
        scale.rate(0, 1, 4);
        scale.stand(rename(1, "Socks").unwrap());
        assert_eq!(scale.all()[0].name, "Socks");
        assert_eq!(scale.all()[0].rated(&scale.logs[0]), Some(4));
    }

    #[test]
    fn a_removed_activity_keeps_its_history_and_lends_it_to_no_other() {
        let mut scale = Scale::new(&["Socks", "Driving", "c", "d", "e"]);
        scale.rate(0, 1, 4);
        scale.stand(remove(1));
        assert_eq!(scale.logs[0].measured(Measure::Activity(1)), Some(4), "still there");
        assert_eq!(last_rated(&scale.all(), &scale.logs), None);
        assert!(scale.add("Gardening"), "the number is free");
        assert_eq!(scale.all()[0].rated(&scale.logs[0]), None, "it is not gardening that was rated");
        scale.rate(14, 1, 9);
        assert_eq!(changed(&scale.all(), &scale.logs, day(0), day(20)), None, "rated once");
        scale.rate(0, 1, 7);
        assert_eq!(scale.all()[0].rated(&scale.logs[1]), Some(7), "said of the day later on");
    }

    #[test]
    fn a_new_activity_takes_a_number_that_none_had() {
        let mut scale = Scale::new(&["a", "b"]);
        scale.stand(remove(1));
        assert!(scale.add("c"));
        assert_eq!(scale.names(), [(2, "b".to_owned()), (3, "c".to_owned())]);
    }

    #[test]
    fn what_changed_is_the_mean_of_all_and_graded() {
        let mut scale = Scale::new(&["a", "b", "c"]);
        for (on, values) in [(0, [3, 4, 5]), (14, [5, 6, 7])] {
            (1..).zip(values).for_each(|(number, value)| scale.rate(on, number, value));
        }
        let changed = changed(&scale.all(), &scale.logs, day(0), day(20)).unwrap();
        assert_eq!((changed.toward, changed.size), (Toward::Better, Size::Small));
        assert_eq!((changed.before, changed.now), ((day(0), Tenths(40)), (day(14), Tenths(60))));
        assert_eq!(last_rated(&scale.all(), &scale.logs), Some(day(14)));
    }

    /// One activity, named at noon of each of these days.
    fn named(names: &[(&str, &str)]) -> Entry {
        let mut standing = Entry::new(Uuid::nil(), About::Standing);
        for (day, name) in names {
            let millis = day.parse::<Day>().unwrap().epoch_days() * 86_400_000 + 43_200_000;
            let writes = rename(1, name).unwrap_or_else(|| remove(1));
            writes.into_iter().for_each(|(field, value)| standing.write(&field, Write { stamp: at(millis), value }));
        }
        standing
    }

    #[test]
    fn an_activity_has_the_name_that_it_was_given_last() {
        assert_eq!(name(&named(&[]), 1), "");
        assert_eq!(
            name(&named(&[("2026-11-01", " Stairs "), ("2026-11-20", "Stairs with shopping")]), 1),
            "Stairs with shopping"
        );
        assert_eq!(name(&named(&[("2026-11-01", "Stairs"), ("2026-11-02", " ")]), 1), "", "taken back");
    }

    #[test]
    fn a_score_keeps_the_name_that_the_activity_had_on_its_day() {
        let renamed = named(&[("2026-11-10", "Stairs"), ("2026-11-20", "Gardening")]);
        let on = |day: &str| name_on(&renamed, 1, day.parse().unwrap());
        assert_eq!((on("2026-11-10"), on("2026-11-19"), on("2026-11-20")), ("Stairs", "Stairs", "Gardening"));
        assert_eq!(on("2026-11-01"), "Stairs", "scored for a day before it had a name");
        assert_eq!(name_on(&renamed, 2, Day::default()), "");
    }
}
