//! What a form of the diary holds: read as it was sent, and checked.

use crate::{
    Result,
    day::Day,
    tracker::{
        entry::Stamp,
        log::{Change, DayLog, Measure, Place, WORST, Words, Writes, needs_help_now},
    },
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

    pub(super) fn of(log: &DayLog) -> Self {
        let pain = |place: Place| log.pain(place).map(|pain| pain.to_string()).unwrap_or_default();
        Self {
            day: log.day.to_string(),
            pains: Place::ALL.map(pain),
            signs: log.signs().into_iter().map(str::to_owned).collect(),
            no_signs: log.no_signs(),
            note: log.said(Words::Note).to_owned(),
            again: false,
        }
    }

    pub(super) fn on(day: Day) -> Self {
        Self { day: day.to_string(), ..Self::default() }
    }

    /// What this writes into a day that says this much.
    pub(super) fn writes(&self, rules: &RuleSet, before: &DayLog) -> Writes {
        let had = before.signs();
        let ticks = self.signs.iter().filter(|sign| !had.contains(&sign.as_str()));
        let ticks = ticks.map(|sign| Change::Sign { sign: sign.clone(), there: true });
        let gone = had.iter().filter(|sign| !self.signs.iter().any(|ticked| ticked == *sign));
        let gone = gone.map(|sign| Change::Sign { sign: (*sign).to_owned(), there: false });
        let pains = Place::ALL.into_iter().zip(&self.pains).map(|(place, typed)| (place, pain(typed).ok().flatten()));
        let pains = pains.filter(|(place, score)| before.pain(*place) != *score);
        let pains = pains.map(|(place, value)| Change::Measured { measure: Measure::Pain(place), value });
        let none = if self.no_signs { Change::NoSigns { in_view: vec![] } } else { Change::SignsOpen };
        let none = (self.no_signs != before.no_signs()).then_some(none);
        let note = Change::Said { words: Words::Note, text: self.note.clone() };
        let note = (before.said(Words::Note) != self.note.trim()).then_some(note);
        let changes = gone.chain(ticks).chain(pains).chain(none).chain(note);
        changes.flat_map(|change| change.writes(before, &rules.version)).collect()
    }

    /// The log with what is ticked, whatever else is wrong: `before` is what the day had.
    pub(super) fn log(&self, rules: &RuleSet, before: &DayLog) -> DayLog {
        let mut log = before.clone();
        // Only to be looked at: later than all that the day says.
        log.write(&self.writes(rules, before), Stamp { millis: i64::MAX, ..Stamp::default() });
        log
    }

    /// As far as can be told without what the day had.
    pub(super) fn needs_help_now(&self, rules: &RuleSet) -> bool {
        needs_help_now(rules, &self.log(rules, &DayLog::empty(Day::default())))
    }

    /// The day that this is for, or what is wrong with it.
    pub(super) fn check(&self, rules: &RuleSet, today: Day, before: &DayLog) -> Result<Day, Problems> {
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
        if problems.is_empty() && !self.log(rules, before).is_logged() {
            problems.add("back", "The entry is empty: rate a pain, answer the warning signs or write a note");
        }
        day.filter(|_| problems.is_empty()).ok_or(problems)
    }
}

fn pain(typed: &str) -> Result<Option<u16>, ()> {
    match typed {
        "" => Ok(None),
        score => score.parse::<u16>().ok().filter(|score| *score <= WORST).map(Some).ok_or(()),
    }
}
