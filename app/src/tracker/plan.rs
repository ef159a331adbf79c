//! The plan: which exercises a patient does, how much of each, and on which days of the week. Pure.
//!
//! An exercise is one field of what stands, `plan:<exercise>`, so that two devices can each choose one, and its dose is one
//! text in it, so that two edits never mix into a dose that nobody chose.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    entry::{Entry, Field, Stamp, Value, Write},
    log::{DayLog, Writes},
};
use crate::day::Day;
#[cfg(feature = "ssr")]
use crate::exercise::{Exercise, Side};

const PREFIX: &str = "plan:";

pub const MOST_SETS: u8 = 5;
pub const MOST_REPS: u8 = 30;
/// In seconds.
pub const LONGEST_HOLD: u8 = 120;

/// Days of the week. Monday is the lowest bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days(u8);

impl Days {
    pub const NONE: Self = Self(0);
    pub const DAILY: Self = Self(0b111_1111);
    /// As they are written and named in a form, Monday first.
    pub const NAMES: [&'static str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// As [`Days::NAMES`] has it; nothing for any other word.
    pub fn named(name: &str) -> Option<Self> {
        Some(Self(1 << Self::NAMES.iter().position(|known| *known == name)?))
    }

    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The day of the week of this date.
    pub fn of(day: Day) -> Self {
        // 1 January 1970 was a Thursday.
        Self(1 << (day.epoch_days() + 3).rem_euclid(7))
    }

    /// As read in a sentence: "Mon, Wed, Fri"; "Every day".
    pub fn words(self) -> String {
        if self == Self::DAILY {
            return "Every day".to_owned();
        }
        let mut words = String::new();
        for (at, name) in Self::NAMES.iter().enumerate() {
            if self.include(Self(1 << at)) {
                words.push_str(if words.is_empty() { "" } else { ", " });
                words.push_str(&name[..1].to_ascii_uppercase());
                words.push_str(&name[1..]);
            }
        }
        words
    }

    pub fn include(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::DAILY {
            return f.write_str("daily");
        }
        let mut comma = "";
        for (at, name) in Self::NAMES.iter().enumerate() {
            if self.include(Self(1 << at)) {
                f.write_str(comma)?;
                f.write_str(name)?;
                comma = ",";
            }
        }
        Ok(())
    }
}

/// Which side an exercise is done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sides {
    /// It has none.
    None,
    /// First with one, then with the other: that is one set.
    Each,
    Left,
    Right,
}

impl Sides {
    pub const OF_ONE_WITH_SIDES: [Self; 3] = [Self::Each, Self::Left, Self::Right];

    /// As it is written and named in a form.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Each => "each",
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    fn named(word: &str) -> Option<Self> {
        [Self::None, Self::Each, Self::Left, Self::Right].into_iter().find(|sides| sides.word() == word)
    }
}

/// How much of an exercise, and when. Written `2x10 hold 5 left mon,wed,fri`; only the sets and the days must be there.
/// With neither reps nor hold it is done as its own page says: walking, which is counted in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dose {
    /// 1 to [`MOST_SETS`] on each of the days.
    pub sets: u8,
    /// In each set, 1 to [`MOST_REPS`]; 0 where it is only held.
    pub reps: u8,
    /// How long it is held, each time: 0 to [`LONGEST_HOLD`] seconds.
    pub hold: u8,
    pub sides: Sides,
    /// One at least.
    pub days: Days,
}

impl Dose {
    /// Once a day, as the exercise's own page says: how a choice is read that says no more, or nothing that we know.
    pub const AS_ITS_PAGE_SAYS: Self = Self { sets: 1, reps: 0, hold: 0, sides: Sides::None, days: Days::DAILY };

    pub fn is_in_range(&self) -> bool {
        (1..=MOST_SETS).contains(&self.sets)
            && self.reps <= MOST_REPS
            && self.hold <= LONGEST_HOLD
            && self.days != Days::NONE
    }

    /// Reads what [`Dose`]'s `Display` writes, with the words that it does not know, which a newer version of the page may
    /// have written. Nothing where sets or days are missing, or anything is twice there or out of its range.
    pub fn read(text: &str) -> Option<(Self, String)> {
        let mut dose = Self { sets: 0, days: Days::NONE, ..Self::AS_ITS_PAGE_SAYS };
        let mut unknown = String::new();
        let mut words = text.split(' ').filter(|word| !word.is_empty());
        let (sets, reps) = words.next().map(|first| first.split_once('x').unwrap_or((first, "")))?;
        dose.sets = number(sets)?;
        if !reps.is_empty() {
            dose.reps = number(reps).filter(|reps| *reps > 0)?;
        }
        while let Some(word) = words.next() {
            if word == "hold" {
                dose.hold = number(words.next()?)?;
            } else if let Some(sides) = Sides::named(word) {
                dose.sides = sides;
            } else if let Some(days) = days(word) {
                dose.days = days;
            } else {
                unknown.push(' ');
                unknown.push_str(word);
            }
        }
        dose.is_in_range().then_some((dose, unknown))
    }

    /// Of a form's fields `sets`, `reps`, `hold`, `sides` and a `day` for each day; what was left empty is as it was
    /// before. Nothing where anything is out of its range or no day is left.
    pub fn of_form(fields: &[(String, String)], before: Self) -> Option<Self> {
        let said = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.trim());
        let amount = |name: &str, before: u8| match said(name) {
            None | Some("") => Some(before),
            Some(text) => number(text),
        };
        let ticked = fields.iter().filter(|(field, _)| field == "day").filter_map(|(_, day)| Days::named(day));
        let dose = Self {
            sets: amount("sets", before.sets)?,
            reps: amount("reps", before.reps)?,
            hold: amount("hold", before.hold)?,
            sides: said("sides").and_then(Sides::named).unwrap_or(before.sides),
            days: ticked.fold(Days::NONE, Days::and),
        };
        // What is counted or held stays so: none at all would say "as its page says".
        let vanished = before.reps.max(before.hold) > 0 && dose.reps.max(dose.hold) == 0;
        (dose.is_in_range() && !vanished).then_some(dose)
    }

    /// In anything.
    #[cfg(feature = "ssr")]
    fn is_less_than(&self, other: &Self) -> bool {
        self.sets < other.sets || self.reps < other.reps || self.hold < other.hold
    }

    /// The amount in words: "Each side · 10 times, hold 5 seconds · 2 sets"; empty where its page says it.
    pub fn words(&self) -> String {
        let mut words = String::new();
        if self.reps == 0 && self.hold == 0 {
            return words;
        }
        words.push_str(match self.sides {
            Sides::None => "",
            Sides::Each => "Each side · ",
            Sides::Left => "Left side · ",
            Sides::Right => "Right side · ",
        });
        match (self.reps, self.hold) {
            (0, hold) => words.push_str(&format!("Hold {hold} seconds")),
            (reps, 0) => words.push_str(&times(reps)),
            (reps, hold) => words.push_str(&format!("{}, hold {hold} seconds", times(reps))),
        }
        if self.sets > 1 {
            words.push_str(&format!(" · {} sets", self.sets));
        }
        words
    }
}

fn times(reps: u8) -> String {
    if reps == 1 { "Once".to_owned() } else { format!("{reps} times") }
}

impl fmt::Display for Dose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.sets)?;
        if self.reps > 0 {
            write!(f, "x{}", self.reps)?;
        }
        if self.hold > 0 {
            write!(f, " hold {}", self.hold)?;
        }
        if self.sides != Sides::None {
            write!(f, " {}", self.sides.word())?;
        }
        write!(f, " {}", self.days)
    }
}

fn number(text: &str) -> Option<u8> {
    text.parse().ok()
}

fn days(word: &str) -> Option<Days> {
    if word == "daily" {
        return Some(Days::DAILY);
    }
    word.split(',').try_fold(Days::NONE, |days, name| Some(days.and(Days::named(name)?)))
}

/// How much of an exercise to begin with, and how much it may grow to.
///
/// Its ladder: reps first (by 2), then the hold (by 5 seconds; by 1 below 5), then sets (by 1), each up to the starting dose
/// and then in the same order up to the most. Down is the reverse: sets, hold, reps, to the starting dose, and then on to one
/// set of half the starting hold and reps. The steps are ours, for a clinician to set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    /// clinical.md, section 4.
    pub start: Dose,
    /// Sets, reps and hold; its days and sides say nothing.
    pub most: Dose,
}

impl Ladder {
    /// As an exercise's page says; what is out of range stays so, for [`Ladder::is_sound`] to tell.
    #[cfg(feature = "ssr")]
    pub fn of(exercise: &Exercise) -> Self {
        let seconds = |hold: Option<u16>| hold.map(|hold| u8::try_from(hold).unwrap_or(u8::MAX));
        let start = Dose {
            sets: exercise.sets,
            reps: exercise.reps.unwrap_or(0),
            hold: seconds(exercise.hold_seconds).unwrap_or(0),
            sides: match exercise.side {
                Side::Each => Sides::Each,
                Side::None => Sides::None,
            },
            days: Days::DAILY,
        };
        let up_to = exercise.up_to;
        let most = Dose {
            sets: up_to.sets.unwrap_or(start.sets),
            reps: up_to.reps.unwrap_or(start.reps),
            hold: seconds(up_to.hold_seconds).unwrap_or(start.hold),
            ..start
        };
        Self { start, most }
    }

    /// Whether both ends are in range, and the most is no less than the start.
    #[cfg(feature = "ssr")]
    pub fn is_sound(&self) -> bool {
        self.start.is_in_range() && self.most.is_in_range() && !self.most.is_less_than(&self.start)
    }

    /// Whether a dose is no more than the most, and of the same kind: counted, held, with sides, or as its page says.
    #[cfg(feature = "ssr")]
    pub fn has(&self, dose: Dose) -> bool {
        let without = |sides| sides == Sides::None;
        !self.most.is_less_than(&dose)
            && (dose.reps > 0) == (self.start.reps > 0)
            && (dose.hold > 0) == (self.start.hold > 0)
            && without(dose.sides) == without(self.start.sides)
    }

    /// The next step up; none at the top, and none for what is done as its page says.
    pub fn harder(&self, dose: Dose) -> Option<Dose> {
        if dose.reps == 0 && dose.hold == 0 {
            return None;
        }
        [self.start, self.most].into_iter().find_map(|to| {
            let mut next = dose;
            if dose.reps < to.reps {
                next.reps = to.reps.min(dose.reps + 2);
            } else if dose.hold < to.hold {
                next.hold = to.hold.min(dose.hold + if dose.hold < 5 { 1 } else { 5 });
            } else if dose.sets < to.sets {
                next.sets = dose.sets + 1;
            }
            (next != dose).then_some(next)
        })
    }

    /// The next step down; none at the bottom.
    pub fn easier(&self, dose: Dose) -> Option<Dose> {
        let half = |amount: u8| amount.div_ceil(2);
        let least = Dose { sets: 1, reps: half(self.start.reps), hold: half(self.start.hold), ..dose };
        [self.start, least].into_iter().find_map(|to| {
            let mut next = dose;
            if dose.sets > to.sets.max(1) {
                next.sets = dose.sets - 1;
            } else if dose.hold > to.hold {
                next.hold = to.hold.max(dose.hold - if dose.hold <= 5 { 1 } else { 5 });
            } else if dose.reps > to.reps {
                next.reps = to.reps.max(dose.reps.saturating_sub(2));
            }
            (next != dose && (next.reps > 0 || next.hold > 0)).then_some(next)
        })
    }
}

/// One exercise of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The exercise's id.
    pub exercise: String,
    pub dose: Dose,
    /// What a newer version of the page wrote beside the dose; it stays with it.
    unknown: String,
}

/// The exercises that a patient chose, in the order of their ids: what stands from day to day, read with the names of its
/// fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub items: Vec<Item>,
}

impl Plan {
    /// As it stands now.
    pub fn of(standing: &Entry) -> Self {
        Self { items: standing.fields().iter().filter_map(|field| item(field, field.value())).collect() }
    }

    /// As it stood at the end of a day: by then the patient had planned what was done on it, or left it out. The day ends
    /// where the patient is now: `east` minutes ahead of UTC, or behind if negative. Stamps are of UTC and remember no
    /// place, so whoever has travelled since sees a change made near midnight on the day beside.
    pub fn on(standing: &Entry, day: Day, east: i32) -> Self {
        const MINUTE: i64 = 60_000;
        let end = day.plus(1).epoch_days() * 24 * 60 * MINUTE - i64::from(east) * MINUTE;
        let then = |field: &Field| {
            let by_then = |write: &&Write| write.stamp.millis < end;
            let last = field.writes().iter().rev().find(by_then)?;
            item(field, &last.value)
        };
        Self { items: standing.fields().iter().filter_map(then).collect() }
    }

    /// Each day on which it was changed, the earliest first, with the plan at the end of that day, as [`Plan::on`] has it.
    pub fn history(standing: &Entry, east: i32) -> Vec<(Day, Self)> {
        const MINUTES_OF_DAY: i64 = 24 * 60;
        let mut days: Vec<Day> = vec![];
        let planned = standing.fields().iter().filter(|field| field.name.starts_with(PREFIX));
        for write in planned.flat_map(|field| field.writes()) {
            let minutes = write.stamp.millis.div_euclid(60_000).saturating_add(east.into());
            let Ok(day) = Day::from_epoch_days(minutes.div_euclid(MINUTES_OF_DAY)) else { continue };
            if let Err(at) = days.binary_search(&day) {
                days.insert(at, day);
            }
        }
        days.into_iter().map(|day| (day, Self::on(standing, day, east))).collect()
    }

    pub fn item(&self, exercise: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.exercise == exercise)
    }

    /// What is to be done on the weekday of this date.
    pub fn due(&self, day: Day) -> impl Iterator<Item = &Item> {
        let weekday = Days::of(day);
        self.items.iter().filter(move |item| item.dose.days.include(weekday))
    }

    /// What makes this plan of the one that there is. An exercise that stays as it is is not written again.
    pub fn choose(&self, items: &[(String, Dose)]) -> Writes {
        let changed = items.iter().filter(|(exercise, dose)| self.item(exercise).is_none_or(|item| item.dose != *dose));
        let mut writes: Writes = changed.map(|(exercise, dose)| self.with(exercise, *dose)).collect();
        let kept = |item: &&Item| !items.iter().any(|(exercise, _)| *exercise == item.exercise);
        writes.extend(self.items.iter().filter(kept).map(|item| (field_of(&item.exercise), Value::No)));
        writes
    }

    /// What sets the dose of one exercise.
    pub fn with(&self, exercise: &str, dose: Dose) -> (String, Value) {
        let unknown = self.item(exercise).map_or("", |item| item.unknown.as_str());
        (field_of(exercise), Value::Text(format!("{dose}{unknown}")))
    }
}

/// When an exercise was last chosen, changed or taken out; nothing where none ever was.
pub fn changed_at(standing: &Entry) -> Option<Stamp> {
    let planned = standing.fields().iter().filter(|field| field.name.starts_with(PREFIX));
    planned.map(Field::stamp).max()
}

/// The field of what stands that an exercise is planned in.
pub fn field_of(exercise: &str) -> String {
    format!("{PREFIX}{exercise}")
}

/// A text that cannot be read is still a choice, and no dose is made up for it: it reads as its page says, and is kept as it
/// is until the patient sets another.
fn item(field: &Field, value: &Value) -> Option<Item> {
    let exercise = field.name.strip_prefix(PREFIX)?.to_owned();
    let (dose, unknown) = match value {
        Value::Text(text) => Dose::read(text).unwrap_or((Dose::AS_ITS_PAGE_SAYS, String::new())),
        Value::Yes => (Dose::AS_ITS_PAGE_SAYS, String::new()),
        _ => return None,
    };
    Some(Item { exercise, dose, unknown })
}

/// How many of a day's planned sets were done. What was done beyond the plan counts in neither, so that one exercise done
/// twice never hides another left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adherence {
    pub done: u16,
    pub planned: u16,
}

impl Adherence {
    /// Of one day, by the plan of that day.
    pub fn of(plan: &Plan, log: &DayLog) -> Self {
        let mut sum = Self::default();
        for item in plan.due(log.day) {
            let sets = item.dose.sets;
            sum.planned += u16::from(sets);
            sum.done += (1..=sets).map(|set| u16::from(log.is_done(&item.exercise, set))).sum::<u16>();
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::tracker::{entry::About, log::Change};

    const HOUR: i64 = 3_600_000;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn dose(text: &str) -> Dose {
        Dose::read(text).unwrap_or_else(|| panic!("{text}")).0
    }

    /// The first of 2026-11-22, a Sunday, in UTC.
    fn sunday() -> i64 {
        day("2026-11-22").epoch_days() * 24 * HOUR
    }

    fn standing(writes: &[(i64, &str, Value)]) -> Entry {
        let mut entry = Entry::new(Uuid::nil(), About::Standing);
        for (millis, name, value) in writes {
            entry.write(name, Write { stamp: Stamp { millis: *millis, count: 0, writer: 1 }, value: value.clone() });
        }
        entry
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn a_dose_is_written_as_people_say_it() {
        let written = "2x10 hold 5 left mon,wed,fri";
        let read = dose(written);
        assert_eq!((read.sets, read.reps, read.hold, read.sides), (2, 10, 5, Sides::Left));
        assert!(read.days.include(Days::of(day("2026-11-23"))) && !read.days.include(Days::of(day("2026-11-24"))));
        assert_eq!(read.to_string(), written);
        assert_eq!(dose("1 daily"), Dose::AS_ITS_PAGE_SAYS);
        assert_eq!(dose("1 daily").words(), "");
        assert_eq!(read.words(), "Left side · 10 times, hold 5 seconds · 2 sets");
        assert_eq!(dose("3 hold 20 each daily").words(), "Each side · Hold 20 seconds · 3 sets");
        assert_eq!(dose("1x1 daily").words(), "Once");
    }

    #[test]
    fn what_is_no_dose_is_refused() {
        let none = [
            "",
            "daily",
            "0x10 daily",
            "6 daily",
            "2x31 daily",
            "2x0 daily",
            "2 hold 121 daily",
            "2x10",
            "2 hold daily",
        ];
        for bad in none.into_iter().chain(["300x1 daily", "x daily", "2x10 hold -5 mon"]) {
            assert_eq!(Dose::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn words_of_a_newer_version_stay_with_the_dose_when_it_is_changed_here() {
        let entry = standing(&[(1, "plan:bridge", text("2x10 slowly daily weight:3"))]);
        let plan = Plan::of(&entry);
        assert_eq!(plan.item("bridge").unwrap().dose, dose("2x10 daily"));
        assert_eq!(plan.with("bridge", dose("2x8 mon")), ("plan:bridge".to_owned(), text("2x8 mon slowly weight:3")));
    }

    #[test]
    fn a_dose_that_cannot_be_read_is_done_as_its_page_says_and_left_as_it_is() {
        for value in [text("whenever"), text("9x10 daily"), Value::Yes] {
            let plan = Plan::of(&standing(&[(1, "plan:bridge", value)]));
            assert_eq!(plan.item("bridge").unwrap().dose, Dose::AS_ITS_PAGE_SAYS);
            assert_eq!(plan.choose(&[("bridge".to_owned(), Dose::AS_ITS_PAGE_SAYS)]), []);
        }
    }

    #[test]
    fn choosing_writes_what_changes_and_nothing_else() {
        let plan = Plan::of(&standing(&[
            (1, "plan:bridge", text("2x8 daily")),
            (1, "plan:walking", text("1 daily")),
            (1, "plan:bird-dog", Value::No),
            (1, "profile:hip", Value::Yes),
        ]));
        assert_eq!(plan.items.len(), 2);
        let chosen = [("walking".to_owned(), dose("1 daily")), ("knee-rolls".to_owned(), dose("1x8 each daily"))];
        assert_eq!(
            plan.choose(&chosen),
            [("plan:knee-rolls".to_owned(), text("1x8 each daily")), ("plan:bridge".to_owned(), Value::No)]
        );
    }

    #[test]
    fn a_past_day_shows_what_was_planned_by_its_end() {
        let entry = standing(&[
            (sunday() + 9 * HOUR, "plan:bridge", text("1x8 daily")),
            (sunday() + 33 * HOUR, "plan:bridge", text("2x8 daily")),
            (sunday() + 57 * HOUR, "plan:bridge", Value::No),
        ]);
        let on = |day: &str| Plan::on(&entry, day.parse().unwrap(), 0).items.first().map(|item| item.dose.sets);
        assert_eq!(on("2026-11-21"), None, "not chosen yet");
        assert_eq!((on("2026-11-22"), on("2026-11-23")), (Some(1), Some(2)));
        assert_eq!(on("2026-11-24"), None, "taken out on the day itself");
        assert_eq!(Plan::of(&entry), Plan::default());
    }

    #[test]
    fn a_day_ends_at_the_patients_midnight() {
        let at = |millis: i64, east: i32| {
            let entry = standing(&[(millis, "plan:bridge", text("1x8 daily"))]);
            !Plan::on(&entry, day("2026-11-22"), east).items.is_empty()
        };
        let midnight = sunday() + 24 * HOUR;
        assert!(at(midnight - 1, 0) && !at(midnight, 0));
        assert!(
            at(midnight - HOUR - 1, 60) && !at(midnight - HOUR, 60),
            "an hour ahead, midnight comes an hour sooner"
        );
        assert!(at(midnight + 8 * HOUR - 1, -480) && !at(midnight + 8 * HOUR, -480));
    }

    #[test]
    fn an_exercise_is_due_on_its_days() {
        let plan =
            Plan::of(&standing(&[(1, "plan:bridge", text("2x8 mon,thu")), (1, "plan:walking", text("1 daily"))]));
        let due = |date: &str| plan.due(day(date)).map(|item| item.exercise.as_str()).collect::<Vec<_>>();
        assert_eq!(due("2026-11-22"), ["walking"]);
        assert_eq!(due("2026-11-23"), ["bridge", "walking"]);
    }

    #[test]
    fn adherence_counts_planned_sets_and_no_others() {
        let plan = Plan::of(&standing(&[
            (1, "plan:bridge", text("2x8 sun")),
            (1, "plan:walking", text("1 daily")),
            (1, "plan:bird-dog", text("3x6 each mon")),
        ]));
        let mut log = DayLog::empty(day("2026-11-22"));
        assert_eq!(Adherence::of(&plan, &log), Adherence { done: 0, planned: 3 });
        for (exercise, set) in [("bridge", 1), ("bridge", 3), ("bird-dog", 1), ("knee-rolls", 1)] {
            let change = Change::Set { exercise: exercise.to_owned(), set, done: true };
            log.write(&change.writes(&log, "1"), Stamp { millis: 1, count: 0, writer: 1 });
        }
        assert_eq!(Adherence::of(&plan, &log), Adherence { done: 1, planned: 3 });
        assert_eq!(Adherence::of(&Plan::default(), &log), Adherence::default());
    }

    fn ladder(start: &str, most: &str) -> Ladder {
        Ladder { start: dose(start), most: dose(most) }
    }

    fn climb(from: &str, step: impl Fn(Dose) -> Option<Dose>) -> Vec<String> {
        std::iter::successors(step(dose(from)), |dose| step(*dose)).map(|dose| dose.to_string()).collect()
    }

    #[test]
    fn up_is_reps_then_hold_then_sets_and_down_is_the_reverse() {
        let ankle = ladder("1x10 hold 5 each daily", "3x12 hold 10 daily");
        assert_eq!(
            climb("1x10 hold 5 left mon", |dose| ankle.harder(dose)),
            ["1x12 hold 5 left mon", "1x12 hold 10 left mon", "2x12 hold 10 left mon", "3x12 hold 10 left mon"]
        );
        assert_eq!(
            climb("3x12 hold 10 left mon", |dose| ankle.easier(dose)),
            [
                "2x12 hold 10 left mon",
                "1x12 hold 10 left mon",
                "1x12 hold 5 left mon",
                "1x10 hold 5 left mon",
                "1x10 hold 4 left mon",
                "1x10 hold 3 left mon",
                "1x8 hold 3 left mon",
                "1x6 hold 3 left mon",
                "1x5 hold 3 left mon"
            ]
        );
        let bridge = ladder("2x8 daily", "2x12 daily");
        assert_eq!(
            climb("1x4 daily", |dose| bridge.harder(dose)),
            ["1x6 daily", "1x8 daily", "2x8 daily", "2x10 daily", "2x12 daily"]
        );
        assert_eq!(
            climb("2x10 daily", |dose| bridge.easier(dose)),
            ["2x8 daily", "1x8 daily", "1x6 daily", "1x4 daily"]
        );
        let plank = ladder("1 hold 10 each daily", "1 hold 20 daily");
        assert_eq!(
            climb("1 hold 10 each daily", |dose| plank.harder(dose)),
            ["1 hold 15 each daily", "1 hold 20 each daily"]
        );
        assert_eq!(climb("1 hold 10 each daily", |dose| plank.easier(dose)), ["1 hold 5 each daily"]);
    }

    #[test]
    fn walking_is_at_ones_own_pace() {
        let walking = ladder("1 daily", "1 daily");
        assert_eq!((walking.harder(dose("1 daily")), walking.easier(dose("1 daily"))), (None, None));
    }

    #[test]
    fn a_form_says_the_dose() {
        let before = dose("2x10 hold 5 each daily");
        let form = |fields: &[(&str, &str)]| {
            let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Dose::of_form(&fields, before).map(|dose| dose.to_string())
        };
        let said =
            form(&[("sets", "3"), ("reps", " 12 "), ("hold", ""), ("sides", "left"), ("day", "mon"), ("day", "sun")]);
        assert_eq!(said.as_deref(), Some("3x12 hold 5 left mon,sun"));
        assert_eq!(form(&[("day", "tue")]).as_deref(), Some("2x10 hold 5 each tue"));
        for bad in [("sets", "6"), ("sets", "0"), ("reps", "31"), ("reps", "ten"), ("hold", "121")] {
            assert_eq!(form(&[bad, ("day", "mon")]), None, "{bad:?}");
        }
        assert_eq!(form(&[("sets", "3")]), None, "no day");
        assert_eq!(form(&[("reps", "0"), ("hold", "0"), ("day", "mon")]), None, "nothing is left of it");
    }

    fn any_dose() -> impl Strategy<Value = Dose> {
        let sides = prop::sample::select(vec![Sides::None, Sides::Each, Sides::Left, Sides::Right]);
        (1..=MOST_SETS, 0..=MOST_REPS, 0..=LONGEST_HOLD, sides, 1..=0b111_1111_u8)
            .prop_map(|(sets, reps, hold, sides, days)| Dose { sets, reps, hold, sides, days: Days(days) })
    }

    proptest! {
        #[test]
        fn a_dose_reads_as_it_was_written(dose in any_dose()) {
            prop_assert_eq!(Dose::read(&dose.to_string()), Some((dose, String::new())));
        }

        #[test]
        fn no_text_breaks_the_reading(text in ".*") {
            if let Some((dose, _)) = Dose::read(&text) {
                prop_assert!(dose.is_in_range());
            }
        }

        #[test]
        fn a_step_up_is_within_the_most_and_a_step_down_leaves_something(
            start in any_dose(), most in any_dose(), dose in any_dose()
        ) {
            let most = Dose {
                sets: most.sets.max(start.sets),
                reps: most.reps.max(start.reps),
                hold: most.hold.max(start.hold),
                ..most
            };
            let ladder = Ladder { start, most };
            let work = |dose: Dose| (dose.sets, dose.reps, dose.hold);
            if let Some(up) = ladder.harder(dose) {
                prop_assert!(up.is_in_range() && up.sets >= dose.sets && up.reps >= dose.reps && up.hold >= dose.hold);
                prop_assert!(up.sets <= most.sets.max(dose.sets) && up.reps <= most.reps.max(dose.reps) && up.hold <= most.hold.max(dose.hold));
                prop_assert!(work(up) != work(dose) && up.days == dose.days && up.sides == dose.sides);
            }
            if let Some(down) = ladder.easier(dose) {
                prop_assert!(down.is_in_range() && down.sets <= dose.sets && down.reps <= dose.reps && down.hold <= dose.hold);
                prop_assert!(work(down) != work(dose) && down.reps.max(down.hold) > 0);
                prop_assert!(down.days == dose.days && down.sides == dose.sides);
            }
        }
    }

    #[test]
    fn the_history_has_the_plan_of_each_day_that_changed_it_where_the_patient_is() {
        let mut standing = Entry::new(Uuid::nil(), About::Standing);
        let mut write = |hours: i64, exercise: &str, value: Value| {
            let stamp = Stamp { millis: hours * HOUR, count: 0, writer: 1 };
            standing.write(&field_of(exercise), Write { stamp, value });
        };
        write(10, "bridge", Value::Text("2x8 daily".to_owned()));
        write(11, "walking", Value::Yes);
        write(47, "walking", Value::No);
        let told = |east| {
            let history = Plan::history(&standing, east).into_iter();
            history.map(|(day, plan)| (day.to_string(), plan.items.len())).collect::<Vec<_>>()
        };
        assert_eq!(told(0), [("1970-01-01".to_owned(), 2), ("1970-01-02".to_owned(), 1)]);
        assert_eq!(told(120), [("1970-01-01".to_owned(), 2), ("1970-01-03".to_owned(), 1)], "after midnight there");
        assert_eq!(Plan::history(&Entry::new(Uuid::nil(), About::Standing), 0), []);
    }
}
