//! The clinician's summary: what was logged in a period, on one or two pages, in the order in which a physiotherapist reads.
//!
//! It is a pure function of the days, of what stands beside them, and of the rules: the same for whoever logged them and for
//! whom they show it to. It says nothing of anybody but by what the patient types, and nothing of days outside the period.
//! What is not known is said to be not known: too few days never read as a good result.

mod alerts;
#[cfg(feature = "ssr")]
pub mod http;
mod sections;
mod words;

use maud::{Markup, html};

use super::{
    Card,
    entry::{Entry, Value},
    log::{ACTIVITIES, DayLog},
    plan::{Adherence, Plan},
    starter::Profile,
};
use crate::{day::Day, triage::RuleSet};

/// Days from one to another, both among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: Day,
    pub to: Day,
}

impl Period {
    /// How many days a summary may be of: with more it would be longer than two pages.
    pub const MOST: i64 = 366;

    /// The last three months, which is what is shown if nobody asks for other days.
    pub fn up_to(today: Day) -> Self {
        Self { from: today.plus(-90), to: today }
    }

    /// # Errors
    /// Which of the two is wrong, and why.
    pub fn read(from: &str, to: &str, today: Day) -> Result<Self, Vec<(&'static str, &'static str)>> {
        let (from, to) = (from.trim().parse::<Day>(), to.trim().parse::<Day>());
        let mut wrong = vec![];
        if from.is_err() {
            wrong.push(("from", "Enter the first day, like 2026-08-22"));
        }
        // A device's day may be one ahead of the server's.
        match to {
            Err(_) => wrong.push(("to", "Enter the last day, like 2026-11-22")),
            Ok(to) if to > today.plus(1) => wrong.push(("to", "Enter a last day that is not in the future")),
            Ok(_) => {}
        }
        let (Ok(from), Ok(to), true) = (from, to, wrong.is_empty()) else { return Err(wrong) };
        if from > to {
            return Err(vec![("from", "Enter a first day that is not after the last")]);
        }
        let period = Self { from, to };
        if period.days() > Self::MOST {
            return Err(vec![("from", "Choose a year or less: so much fits on two pages")]);
        }
        Ok(period)
    }

    pub fn days(self) -> i64 {
        self.to.epoch_days() - self.from.epoch_days() + 1
    }

    pub fn has(self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }

    /// "22 August 2026 to 22 November 2026".
    pub fn words(self) -> String {
        format!("{} to {}", self.from.long(), self.to.long())
    }
}

/// What a summary is made of.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// By day, one of each; those of other days are left out.
    pub logs: &'a [DayLog],
    /// The plan and the safe start.
    pub standing: &'a Entry,
    pub rules: &'a RuleSet,
    /// The exercise library, for names and doses.
    pub cards: &'a [Card],
    pub period: Period,
}

/// How it is shown whose it is.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// Lines to write a name and a date of birth on: what is typed there stays on the page.
    ToFillIn,
    /// What the patient chose to be called by; it may be empty.
    Called(&'a str),
}

/// The summary, without the heading of the page that it is on.
pub fn summary(source: &Source<'_>, whose: Whose<'_>, made: &str) -> Markup {
    let told = Told::of(source);
    if told.logs.is_empty() {
        return nothing_logged(source.period);
    }
    html! {
        div class="summary" {
            (sections::who(&told, whose, made))
            (sections::complaint(&Profile::of(source.standing)))
            (alerts::section(&told))
            (sections::feet(&told))
            (sections::pain(&told))
            (sections::others(&told))
            (sections::activities(&told))
            (sections::exercises(&told))
            (sections::medicines(&told))
            (sections::notes(&told))
            (sections::how_far(&told))
        }
    }
}

fn nothing_logged(period: Period) -> Markup {
    html! {
        div class="summary" {
            p class="lead" { "Nothing was logged from " (period.words()) ", so there is nothing to sum up." }
            p { "That says nothing about how those days were." }
        }
    }
}

/// The source, with what several sections ask of it.
struct Told<'a> {
    /// Those of the period on which anything was logged, by day.
    logs: &'a [DayLog],
    rules: &'a RuleSet,
    cards: &'a [Card],
    period: Period,
    /// The plan of each day of the period.
    plans: Vec<Plan>,
    /// The activities' names, by number from 1; empty where there is none.
    activities: Vec<String>,
}

impl<'a> Told<'a> {
    fn of(source: &Source<'a>) -> Self {
        let Source { logs, standing, rules, cards, period } = *source;
        let start = logs.partition_point(|log| log.day < period.from);
        let end = logs.partition_point(|log| log.day <= period.to);
        let logs = logs.get(start..end).unwrap_or_default();
        let days = (0..period.days()).map(|day| period.from.plus(day));
        Self {
            logs: if logs.iter().any(DayLog::is_logged) { logs } else { &[] },
            rules,
            cards,
            period,
            // The zone of whoever logged is not known here: a change near midnight may count on the day beside.
            plans: days.map(|day| Plan::on(standing, day, 0)).collect(),
            activities: (1..=ACTIVITIES).map(|number| activity(standing, number)).collect(),
        }
    }

    /// On how many days anything was logged.
    fn logged(&self) -> usize {
        self.logs.iter().filter(|log| log.is_logged()).count()
    }

    fn plan(&self, day: Day) -> Option<&Plan> {
        self.plans.get(usize::try_from(day.epoch_days() - self.period.from.epoch_days()).ok()?)
    }

    /// As [`Planned`](super::trend::Planned) has it.
    fn planned(&self, day: Day) -> Option<Vec<(&str, u8)>> {
        let plan = self.plan(day).filter(|plan| !plan.items.is_empty())?;
        Some(plan.due(day).map(|item| (item.exercise.as_str(), item.dose.sets)).collect())
    }

    /// What share of the planned exercises was done, in percent, as the tracker counts it on the device: of the days that
    /// were logged.
    fn adherence(&self, from: Day, to: Day) -> Option<u8> {
        let (mut done, mut planned) = (0_u32, 0_u32);
        for log in self.logs.iter().filter(|log| from <= log.day && log.day <= to) {
            let day = Adherence::of(self.plan(log.day)?, log);
            done += u32::from(day.done);
            planned += u32::from(day.planned);
        }
        u8::try_from((done * 100).checked_div(planned)?).ok()
    }
}

fn activity(standing: &Entry, number: u8) -> String {
    match standing.get(&format!("activity_name_{number}")) {
        Value::Text(name) => name.clone(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
