//! What a form of the diary holds: read as it was sent, and checked.

use super::DiaryDay;
use crate::{
    Result,
    day::Day,
    tracker::log::{Change, DayLog, Pain, Place, needs_help_now},
    triage::RuleSet,
    ui::form::Problems,
};

/// Letters of a note, at most.
const LONGEST_NOTE: usize = 2_000;
/// Signs that a form may tick: many times as many as the list has.
const MOST_SIGNS: usize = 100;

/// What a form holds, as it was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    pub(super) day: String,
    pub(super) pains: [String; 3],
    pub(super) signs: Vec<String>,
    pub(super) no_signs: bool,
    pub(super) note: String,
    /// "Back to what I wrote": show the form again, and do nothing else.
    pub(super) again: bool,
}

pub(super) type Fields = Vec<(String, String)>;

impl Typed {
    pub(super) fn read(fields: Fields) -> Self {
        let mut typed = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "day" => typed.day = value,
                "sign" if typed.signs.len() < MOST_SIGNS => typed.signs.push(value),
                "no_signs" => typed.no_signs = true,
                // As browsers send it, a line's end is two letters.
                "note" => typed.note = value.replace("\r\n", "\n"),
                "again" => typed.again = true,
                name => {
                    if let Some(at) = Place::ALL.iter().position(|place| place.field() == name) {
                        typed.pains[at] = value;
                    }
                }
            }
        }
        typed
    }

    pub(super) fn of(day: &DiaryDay) -> Self {
        let pain = |place: Place| day.log.pain(place).map(|pain| pain.score().to_string()).unwrap_or_default();
        Self {
            day: day.log.day.to_string(),
            pains: Place::ALL.map(pain),
            signs: day.log.signs.clone(),
            no_signs: day.log.no_signs,
            note: day.note.clone(),
            again: false,
        }
    }

    pub(super) fn on(day: Day) -> Self {
        Self { day: day.to_string(), ..Self::default() }
    }

    /// The log with what is ticked, whatever else is wrong: `before` is what the day had.
    pub(super) fn log(&self, rules: &RuleSet, day: Day, before: Option<&DayLog>) -> DayLog {
        let mut log = before.cloned().unwrap_or_default();
        log.day = day;
        let gone: Vec<String> = log.signs.iter().filter(|sign| !self.signs.contains(sign)).cloned().collect();
        let ticks = self.signs.iter().map(|sign| Change::Sign { sign: sign.clone(), there: true });
        let unticked = gone.into_iter().map(|sign| Change::Sign { sign, there: false });
        let pains = Place::ALL.into_iter().zip(&self.pains);
        let pains = pains.map(|(place, typed)| Change::Pain { place, pain: pain(typed).ok().flatten() });
        let none = if self.no_signs { Change::NoSigns { in_view: vec![] } } else { Change::SignsOpen };
        for change in unticked.chain(ticks).chain(pains).chain([none]) {
            log.apply(&change, &rules.version);
        }
        log
    }

    /// As far as can be told without what the day had.
    pub(super) fn needs_help_now(&self, rules: &RuleSet) -> bool {
        needs_help_now(rules, &self.log(rules, Day::default(), None))
    }

    /// What is to be saved, or what is wrong with it.
    pub(super) fn check(&self, rules: &RuleSet, today: Day, before: Option<&DayLog>) -> Result<DiaryDay, Problems> {
        let mut problems = Problems::default();
        // A day ahead: it is tomorrow already where somebody may be.
        let day = self.day.trim().parse::<Day>().ok().filter(|day| *day <= today.plus(1));
        if day.is_none() {
            problems.add("day", "Enter the day of this entry: today or an earlier day, like 2026-11-22");
        }
        for (place, typed) in Place::ALL.into_iter().zip(&self.pains) {
            if pain(typed).is_err() {
                problems
                    .add(place.field(), format!("Choose a number from 0 to 10 for {}", place.name().to_lowercase()));
            }
        }
        if self.no_signs && !self.signs.is_empty() {
            problems
                .add("signs", "You ticked warning signs and \u{201c}None of these\u{201d}. Untick one or the other");
        }
        if self.note.chars().count() > LONGEST_NOTE {
            problems.add("note", "The note is too long: shorten it to 2,000 letters");
        }
        let log = self.log(rules, day.unwrap_or_default(), before);
        if problems.is_empty() && !log.is_logged() && self.note.trim().is_empty() {
            problems.add("back", "The entry is empty: rate a pain, answer the warning signs or write a note");
        }
        if problems.is_empty() { Ok(DiaryDay { log, note: self.note.trim().to_owned() }) } else { Err(problems) }
    }
}

fn pain(typed: &str) -> Result<Option<Pain>, ()> {
    match typed {
        "" => Ok(None),
        score => score.parse::<u8>().ok().and_then(|score| Pain::try_from(score).ok()).map(Some).ok_or(()),
    }
}
