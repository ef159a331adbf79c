//! What a patient calls the activities that they follow: texts of what stands from day to day, beside the scores of
//! [`Measure::Activity`](super::log::Measure::Activity) in the days. Pure.

use super::{
    entry::{Entry, Field, Value, Write},
    log::ACTIVITIES,
};
use crate::day::Day;

/// How long a name may be, in letters.
pub const LONGEST_NAME: usize = 80;

/// The field of what stands that the activity of this number, from 1, is named in.
pub fn field_of(number: u8) -> String {
    format!("activity_name_{number}")
}

/// What names an activity; an empty name takes it back.
pub fn named(number: u8, name: &str) -> (String, Value) {
    let name = name.trim();
    let value = if name.is_empty() { Value::Nothing } else { Value::Text(name.chars().take(LONGEST_NAME).collect()) };
    (field_of(number), value)
}

/// What an activity is called now; empty if it has no name.
pub fn name(standing: &Entry, number: u8) -> &str {
    text(standing.get(&field_of(number)))
}

/// The activities that have a name, with their numbers.
pub fn names(standing: &Entry) -> impl Iterator<Item = (u8, &str)> {
    (1..=ACTIVITIES).map(|number| (number, name(standing, number))).filter(|(_, name)| !name.is_empty())
}

/// What an activity was called at the end of a day, in UTC; where it had no name yet, the first that it got. So a score
/// keeps the name that it was given to, whatever the number was used for since.
pub fn name_on(standing: &Entry, number: u8, day: Day) -> &str {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let end = day.plus(1).epoch_days() * DAY;
    let writes = standing.field(&field_of(number)).map_or(&[][..], Field::writes);
    let named = |write: &&Write| !text(&write.value).is_empty();
    let by_then = writes.iter().rev().filter(|write| write.stamp.millis < end).find(named);
    by_then.or_else(|| writes.iter().find(named)).map_or("", |write| text(&write.value))
}

fn text(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::tracker::entry::{About, Stamp};

    /// Each name at noon of its day.
    fn standing(names: &[(&str, &str)]) -> Entry {
        let mut standing = Entry::new(Uuid::nil(), About::Standing);
        for (day, name) in names {
            let millis = day.parse::<Day>().unwrap().epoch_days() * 86_400_000 + 43_200_000;
            let (field, value) = named(1, name);
            standing.write(&field, Write { stamp: Stamp { millis, count: 0, writer: 1 }, value });
        }
        standing
    }

    #[test]
    fn an_activity_has_the_name_that_it_was_given_last() {
        assert_eq!(field_of(3), "activity_name_3");
        assert_eq!(name(&standing(&[]), 1), "");
        let renamed = standing(&[("2026-11-01", " Stairs "), ("2026-11-20", "Stairs with shopping")]);
        assert_eq!(names(&renamed).collect::<Vec<_>>(), [(1, "Stairs with shopping")]);
        assert_eq!(name(&standing(&[("2026-11-01", "Stairs"), ("2026-11-02", " ")]), 1), "", "taken back");
    }

    #[test]
    fn a_score_keeps_the_name_that_the_activity_had_on_its_day() {
        let renamed = standing(&[("2026-11-10", "Stairs"), ("2026-11-20", "Gardening")]);
        let on = |day: &str| name_on(&renamed, 1, day.parse().unwrap());
        assert_eq!((on("2026-11-10"), on("2026-11-19"), on("2026-11-20")), ("Stairs", "Stairs", "Gardening"));
        assert_eq!(on("2026-11-01"), "Stairs", "scored for a day before it had a name");
        assert_eq!(name_on(&renamed, 2, Day::default()), "");
    }
}
