//! What happened on the days, for the marks on every chart: changes of the plan, flare-ups, alerts. Pure.

use super::report::Told;
use crate::{
    day::Day,
    tracker::{
        Card,
        chart::{Mark, MarkKind},
        log::{DayLog, Reply},
        plan::Plan,
        watch::Alert,
    },
    triage::Urgency,
};

/// What comes again within so many days is the same flare-up, or the same alert going on.
const SAME: i64 = 7;

/// All of them, in no order.
pub fn marks(told: &Told<'_>, plans: &[(Day, Plan)]) -> Vec<Mark> {
    let mut marks = changes(plans, told.cards);
    flares(told.sheet.days_from(Day::FIRST), &mut marks);
    alerts(told, &mut marks);
    marks
}

/// Days on which something went on, from the first to the last.
struct Run {
    first: Day,
    last: Day,
    days: usize,
}

impl Run {
    fn new(day: Day) -> Self {
        Self { first: day, last: day, days: 1 }
    }

    /// Whether a later day is one of it; if so, it is from now on.
    fn takes(&mut self, day: Day) -> bool {
        let same = day.epoch_days() - self.last.epoch_days() <= SAME;
        if same {
            self.last = day;
            self.days += 1;
        }
        same
    }

    /// Nothing of a single day.
    fn words(&self) -> String {
        if self.days == 1 { String::new() } else { format!(", on {} days to {}", self.days, self.last.without_year()) }
    }
}

/// What each change of the plan did.
fn changes(plans: &[(Day, Plan)], cards: &[Card]) -> Vec<Mark> {
    let empty = Plan::default();
    let before = std::iter::once(&empty).chain(plans.iter().map(|(_, plan)| plan));
    let changes = before.zip(plans).filter_map(|(before, (day, after))| {
        let words = change(before, after, cards);
        (!words.is_empty()).then_some(Mark { day: *day, words, kind: MarkKind::Plan })
    });
    changes.collect()
}

fn change(before: &Plan, after: &Plan, cards: &[Card]) -> String {
    let (mut added, mut changed, mut removed) = (vec![], vec![], vec![]);
    for item in &after.items {
        match before.item(&item.exercise) {
            None => added.push(name(cards, &item.exercise)),
            Some(old) if old.dose != item.dose => changed.push(name(cards, &item.exercise)),
            Some(_) => {}
        }
    }
    let gone = before.items.iter().filter(|item| after.item(&item.exercise).is_none());
    removed.extend(gone.map(|item| name(cards, &item.exercise)));
    let mut words = String::new();
    for (deed, names) in [("added ", added), ("another dose of ", changed), ("took out ", removed)] {
        if !names.is_empty() {
            words.push_str(if words.is_empty() { "" } else { "; " });
            words.push_str(deed);
            words.push_str(&names.join(", "));
        }
    }
    words
}

fn name<'a>(cards: &'a [Card], exercise: &'a str) -> &'a str {
    cards.iter().find(|card| card.id == exercise).map_or(exercise, |card| card.name.as_str())
}

/// Days on which pain kept the patient from an exercise, or exercises made something worse. Nobody logs a flare-up as such.
fn flares(logs: &[DayLog], marks: &mut Vec<Mark>) {
    let mut runs: Vec<(Run, &str)> = vec![];
    for log in logs {
        let Some(why) = flare(log) else { continue };
        if !runs.last_mut().is_some_and(|(run, _)| run.takes(log.day)) {
            runs.push((Run::new(log.day), why));
        }
    }
    marks.extend(runs.into_iter().map(|(run, why)| Mark {
        day: run.first,
        words: format!("{why}{}", run.words()),
        kind: MarkKind::Flare,
    }));
}

fn flare(log: &DayLog) -> Option<&'static str> {
    // As the day's page offers it, or in the patient's own words.
    let of_pain = |reason: &str| reason.starts_with("Too much pain") || reason.to_ascii_lowercase().contains("flare");
    if log.all_skipped().any(|(_, reason)| of_pain(reason)) {
        return Some("too much pain for an exercise");
    }
    (log.worse() == Some(true)).then_some("exercises made something worse")
}

/// One mark for an alert that went on, with the most urgent that it was.
fn alerts(told: &Told<'_>, marks: &mut Vec<Mark>) {
    let mut runs: Vec<(Run, Alert)> = vec![];
    for alert in told.sheet.found(told.rules) {
        if let Some((run, first)) = runs.last_mut()
            && first.rule == alert.rule
            && run.takes(alert.day)
        {
            first.urgency = first.urgency.max(alert.urgency);
            continue;
        }
        runs.push((Run::new(alert.day), alert));
    }
    for (run, alert) in runs {
        let cause = told.rules.watch.iter().find(|rule| rule.id == alert.rule).map_or("", |rule| rule.cause.as_str());
        // The first sentence says what it is.
        let cause = cause.split_once(". ").map_or(cause, |(first, _)| first).trim_end_matches('.');
        let days = told.sheet.days_from(run.first).iter().take_while(|log| log.day <= run.last);
        let replied = days.filter_map(|log| log.reply(&alert.rule)).last().map_or("", answered);
        let words = format!("{cause} ({}{}{replied})", grade(alert.urgency), run.words());
        marks.push(Mark { day: run.first, words, kind: MarkKind::Alert });
    }
}

fn grade(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Emergency => "emergency",
        Urgency::Urgent => "urgent",
        _ => "within days",
    }
}

fn answered(reply: Reply) -> &'static str {
    match reply {
        Reply::GotHelp => "; you got help",
        Reply::Mistake => "; you said it was a mistake",
        Reply::RemindTomorrow => "",
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::report::tests::{DAY, NOW, log, measure, plan, sheet, today, told},
        *,
    };
    use crate::tracker::{
        log::{Change, Measure, Side},
        sheet::Sheet,
    };

    /// Each mark: how many days ago, and what it says.
    fn said(sheet: &Sheet) -> Vec<(i64, String)> {
        let ago = |day: Day| today().epoch_days() - day.epoch_days();
        let mut said: Vec<_> =
            marks(&told(sheet), &sheet.plans()).into_iter().map(|mark| (ago(mark.day), mark.words)).collect();
        said.sort_by_key(|(ago, _)| -ago);
        said
    }

    fn skip(reason: &str) -> Change {
        Change::Skipped { exercise: "bridge".to_owned(), reason: reason.to_owned() }
    }

    #[test]
    fn a_change_of_the_plan_says_what_came_changed_and_went() {
        let mut sheet = sheet();
        plan(&mut sheet, 30, "bridge", 2);
        plan(&mut sheet, 30, "walking", 1);
        plan(&mut sheet, 10, "bridge", 3);
        let bridge = sheet.plan().item("bridge").unwrap().dose;
        sheet.stand(sheet.plan().choose(&[("bridge".to_owned(), bridge)]), NOW - 10 * DAY);
        let expected = [(30, "added bridge, walking"), (10, "another dose of bridge; took out walking")];
        assert_eq!(said(&sheet), expected.map(|(ago, words)| (ago, words.to_owned())));
    }

    #[test]
    fn days_of_too_much_pain_are_one_flare_up() {
        let mut sheet = sheet();
        for (ago, change) in [
            (40, skip("No time")),
            (30, skip("Too much pain: after gardening")),
            (28, skip("Too much pain")),
            (25, Change::Worse(true)),
            (24, Change::Worse(false)),
            (3, skip("Something else: a FLARE-UP")),
        ] {
            log(&mut sheet, ago, &change);
        }
        let expected =
            [(30, "too much pain for an exercise, on 3 days to 28 October"), (3, "too much pain for an exercise")];
        assert_eq!(said(&sheet), expected.map(|(ago, words)| (ago, words.to_owned())));
    }

    #[test]
    fn an_alert_is_marked_once_with_how_urgent_it_was_and_what_was_said_to_it() {
        let mut sheet = sheet();
        measure(&mut sheet, 12, Measure::Foot(Side::Left), 5);
        measure(&mut sheet, 5, Measure::Foot(Side::Left), 4);
        measure(&mut sheet, 2, Measure::Foot(Side::Left), 4);
        log(&mut sheet, 2, &Change::Replied { rule: "T2".to_owned(), reply: Reply::GotHelp });
        let words = "Your foot has become weaker (urgent, on 2 days to 20 November; you got help)";
        assert_eq!(said(&sheet), [(5, words.to_owned())]);
    }

    #[test]
    fn a_sign_of_long_ago_is_marked() {
        let mut sheet = sheet();
        log(&mut sheet, 500, &Change::Sign { sign: "fever".to_owned(), there: true });
        let said = said(&sheet);
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(said[0].0, 500);
    }
}
