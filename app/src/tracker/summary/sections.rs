//! The sections of a summary, in their order, but for the alerts.

use maud::{Markup, PreEscaped, html};

use super::{Told, Whose, words};
use crate::{
    day::Day,
    tracker::{
        chart::{Drawing, Span, View, drawing},
        log::{DayLog, Measure, Place, Side, Words},
        starter::{ASKED, FOOT_SCORES, NO, NOT_SURE, Profile, YES},
        trend::{self, Kept, Series},
    },
    triage::result::signed_off,
};

/// Of the days on which the feet were tested, so many of the latest are told.
const TESTS: usize = 6;
const MEDICINES: usize = 6;
const NOTES: usize = 4;
/// In letters.
const LONGEST_MEDICINE: usize = 120;
const LONGEST_NOTE: usize = 240;
const WORSE_DAYS: usize = 6;

pub fn who(told: &Told<'_>, whose: Whose<'_>, made: &str) -> Markup {
    html! {
        @match whose {
            Whose::ToFillIn => div class="summary__who" {
                label { "Name" input type="text" autocomplete="off"; }
                label { "Date of birth" input type="text" autocomplete="off"; }
            },
            Whose::Called("") => p { "No name is given with it: whoever shows it to you tells you whose it is." },
            Whose::Called(name) => p { "Name, as the patient typed it: " strong { (name) } },
        }
        p {
            strong { (told.period.words()) } ". Something was logged on " strong { (told.logged()) " of " (told.period.days()) " days" }
            ". Made on " (made) "."
        }
    }
}

pub fn complaint(profile: &Profile) -> Markup {
    let asked = |answer: &str| -> Vec<&str> {
        let answered = ASKED.iter().filter(|(name, _)| profile.answer(name) == answer);
        answered.map(|(name, question)| words::caution(name, question)).collect()
    };
    html! {
        section aria-labelledby="summary-complaint" {
            h2 id="summary-complaint" { "Presenting complaint" }
            @if profile.is_empty() {
                p { "Not given: the questions before the first plan were not answered." }
            } @else {
                p {
                    @match profile.complaint() {
                        Some(complaint) => { strong { (complaint.words()) } ". " },
                        None => "Main complaint not given. ",
                    }
                    @match profile.foot() {
                        Some(score) => {
                            "Weaker foot at the start: " (FOOT_SCORES.get(usize::from(score)).copied().unwrap_or_default()) ". "
                        },
                        None => "Foot score at the start not known. ",
                    }
                    @for (answer, heading) in [(YES, "Yes: "), (NOT_SURE, "Not sure: "), (NO, "No: ")] {
                        @let about = asked(answer);
                        @if !about.is_empty() { (heading) (about.join(", ")) ". " }
                    }
                }
            }
        }
    }
}

const FEET: [fn(Side) -> Measure; 3] = [Measure::Foot, Measure::HeelWalk, Measure::HeelRaise];

/// The foot tests, as a table and drawn.
pub fn feet(told: &Told<'_>) -> Markup {
    let measures: Vec<Measure> = FEET.into_iter().flat_map(|measure| Side::BOTH.map(measure)).collect();
    let tested = |log: &&DayLog| measures.iter().any(|measure| log.measured(*measure).is_some());
    let tests: Vec<&DayLog> = told.logs.iter().filter(tested).collect();
    let shown = telling(told, &tests, &measures);
    html! {
        section aria-labelledby="summary-feet" {
            h2 id="summary-feet" { "Foot and leg strength" }
            @if tests.is_empty() {
                p { "The feet were not tested in this period, so nothing is known about their strength." }
            } @else {
                section class="summary__wide" tabindex="0" aria-label="Foot tests by date" {
                    table {
                        caption { "Foot tests by date" }
                        thead {
                            tr {
                                th rowspan="2" scope="col" { "Date" }
                                th colspan="2" scope="colgroup" { "Foot score, 0 to 5" }
                                th colspan="2" scope="colgroup" { "Heel-walk steps" }
                                th colspan="2" scope="colgroup" { "Heel raises" }
                            }
                            tr { @for _ in FEET { th scope="col" { "Left" } th scope="col" { "Right" } } }
                        }
                        tbody {
                            @for log in &shown {
                                tr {
                                    th scope="row" { (log.day.long()) }
                                    @for measure in &measures { td { (value(log.measured(*measure))) } }
                                }
                            }
                        }
                    }
                }
                p class="summary__small" {
                    @if shown.len() < tests.len() {
                        "The first, the lowest and the latest " (TESTS) " of " (tests.len()) " days of tests. "
                    }
                    "Scores: " (FOOT_SCORES.join("; ")) ". 10 steps and 10 raises are the most that are counted."
                }
                (charts(told, &[Drawing::Foot, Drawing::HeelWalk]))
            }
        }
    }
}

/// The first test, the last few, and the lowest of each measure; the latest first.
fn telling<'a>(told: &Told<'_>, tests: &[&'a DayLog], measures: &[Measure]) -> Vec<&'a DayLog> {
    let (from, to) = (told.period.from, told.period.to);
    let lowest = measures.iter().filter_map(|measure| {
        let series = Series::of(told.logs, *measure);
        let worst = series.worst(from, to)?;
        series.points.iter().rev().find(|(_, value)| *value == worst).map(|(day, _)| *day)
    });
    let lowest: Vec<Day> = lowest.collect();
    let late = tests.len().saturating_sub(TESTS);
    let tells = |(at, log): &(usize, &&DayLog)| *at == 0 || *at >= late || lowest.contains(&log.day);
    tests.iter().enumerate().filter(tells).map(|(_, log)| *log).rev().collect()
}

fn charts(told: &Told<'_>, drawings: &[Drawing]) -> Markup {
    let view = View { logs: told.logs, span: Span::Days(told.period.days()), today: told.period.to, marks: &[] };
    html! {
        div class="summary__charts" {
            // Text that was escaped where it was made.
            @for one in drawings { (PreEscaped(drawing(&view, *one))) }
        }
    }
}

pub fn pain(told: &Told<'_>) -> Markup {
    let (from, to) = (told.period.from, told.period.to);
    html! {
        section aria-labelledby="summary-pain" {
            h2 id="summary-pain" { "Pain" }
            section class="summary__wide" tabindex="0" aria-label="Pain, 0 to 10; usual: the median of 7 days with 4 or more logged" {
                table {
                    caption { "Pain, 0 to 10; usual: the median of 7 days with 4 or more logged" }
                    thead { tr { th scope="col" { "Where" } th scope="col" { "Usual at first" } th scope="col" { "Usual at the end" } th scope="col" { "Change" } th scope="col" { "Worst" } th scope="col" { "Days" } } }
                    tbody {
                        @for place in Place::ALL {
                            @let series = Series::of(told.logs, Measure::Pain(place));
                            @let change = series.usual_difference(from, to);
                            tr {
                                th scope="row" { (place.name()) }
                                td { @match change { Some(change) => { (change.before.1.words()) " (" (change.before.0.short()) ")" }, None => "not known" } }
                                td { @match series.median(to) { Some(now) => (now.words()), None => "not known: too few days" } }
                                td { @match change { Some(change) => (words::change(&change)), None => "not known" } }
                                td { (worst(&series, from, to)) }
                                td { (series.points.len()) }
                            }
                        }
                    }
                }
            }
            (charts(told, &[Drawing::Pain]))
        }
    }
}

/// The worst value, and the last day that had it.
fn worst(series: &Series, from: Day, to: Day) -> String {
    let worst = series.worst(from, to);
    let day = worst.and_then(|worst| series.points.iter().rev().find(|(_, value)| *value == worst));
    day.map_or_else(|| "–".to_owned(), |(day, value)| format!("{value} ({})", day.short()))
}

fn value(value: Option<u16>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.to_string())
}

/// Numbness, nights, trips, sitting and walking: those that were logged.
pub fn others(told: &Told<'_>) -> Markup {
    let (from, to) = (told.period.from, told.period.to);
    let rest = [Measure::Trips, Measure::Woken, Measure::Sitting, Measure::Walking];
    let measures = Side::BOTH.map(Measure::Numbness).into_iter().chain(rest);
    let (logged, not): (Vec<Series>, Vec<Series>) =
        measures.map(|measure| Series::of(told.logs, measure)).partition(|series| !series.points.is_empty());
    html! {
        section aria-labelledby="summary-others" {
            h2 id="summary-others" { "Numbness, nights, walking and sitting" }
            @if !logged.is_empty() {
                section class="summary__wide" tabindex="0" aria-label="Numbness: 0 none to 10 worst" {
                    table {
                        caption { "Numbness: 0 none to 10 worst" }
                        thead { tr { th scope="col" { "What" } th scope="col" { "First" } th scope="col" { "Latest" } th scope="col" { "Worst" } th scope="col" { "Days" } } }
                        tbody {
                            @for series in &logged {
                                tr {
                                    th scope="row" { (words::measure(series.measure)) }
                                    td { (point(series.points.first())) }
                                    td { (point(series.points.last())) }
                                    td { (worst(series, from, to)) }
                                    td { (series.points.len()) }
                                }
                            }
                        }
                    }
                }
            }
            @if !not.is_empty() {
                p class="summary__small" {
                    "Not logged in this period: "
                    (not.iter().map(|series| words::measure(series.measure)).collect::<Vec<_>>().join("; ")) "."
                }
            }
        }
    }
}

fn point(point: Option<&(Day, u16)>) -> String {
    point.map_or_else(|| "–".to_owned(), |(day, value)| format!("{value} ({})", day.short()))
}

/// The patient's own activities (PSFS).
pub fn activities(told: &Told<'_>) -> Markup {
    let (from, to) = (told.period.from, told.period.to);
    let rated: Vec<(String, Series)> = (1_u8..)
        .zip(&told.activities)
        .map(|(number, name)| {
            let measure = Measure::Activity(number);
            let name = if name.trim().is_empty() { words::measure(measure) } else { words::cut(name, 80) };
            (name, Series::of(told.logs, measure))
        })
        .filter(|(_, series)| !series.points.is_empty())
        .collect();
    html! {
        section aria-labelledby="summary-activities" {
            h2 id="summary-activities" { "Activities that matter to the patient (PSFS)" }
            @if rated.is_empty() {
                p { "Not rated in this period." }
            } @else {
                section class="summary__wide" tabindex="0" aria-label="0 cannot do it, 10 as before" {
                    table {
                        caption { "0 cannot do it, 10 as before" }
                        thead { tr { th scope="col" { "Activity" } th scope="col" { "First" } th scope="col" { "Latest" } th scope="col" { "Times rated" } } }
                        tbody {
                            @for (name, series) in &rated {
                                tr {
                                    th scope="row" { (name) }
                                    td { (point(series.points.first())) }
                                    td { (point(series.points.last())) }
                                    td { (series.points.len()) }
                                }
                            }
                        }
                    }
                }
                p {
                    @match trend::activities(told.logs, from, to) {
                        Some(change) => {
                            "Mean of those rated twice or more: " (change.before.1.words()) " to " (change.now.1.words()) ", "
                            strong { (words::change(&change)) } "."
                        },
                        None => "Each was rated once: no change is known.",
                    }
                }
            }
        }
    }
}

/// What was done of the plan, how it went, and the plan as it stands at the end of the period.
pub fn exercises(told: &Told<'_>) -> Markup {
    let (from, to) = (told.period.from, told.period.to);
    let planned = |day: Day| told.planned(day);
    let days = trend::calendar(told.logs, from, to, to, &planned);
    let (done, of) = trend::sets(&days);
    let count = |which: &dyn Fn(Kept) -> bool| days.iter().filter(|day| which(day.kept)).count();
    let active = count(&|kept| matches!(kept, Kept::Done | Kept::Partly));
    let with_plan = count(&|kept| !matches!(kept, Kept::NoPlan | Kept::Rest | Kept::Ahead));
    html! {
        section aria-labelledby="summary-exercises" {
            h2 id="summary-exercises" { "Exercises" }
            p {
                @match (done * 100).checked_div(of) {
                    Some(percent) => {
                        "Adherence: " strong { (done) " of " (of) " planned sets (" (percent) "%)" } ", on " (active) " of "
                        (words::counted(with_plan, "day")) " with exercises planned; "
                        (words::counted(count(&|kept| kept == Kept::Skipped), "day")) " left out with a reason. "
                    },
                    None => "No exercises were planned in this period. ",
                }
                (effort(told)) " " (made_worse(told))
            }
            (plan(told))
        }
    }
}

fn effort(told: &Told<'_>) -> String {
    let efforts: Vec<u16> = told.logs.iter().filter_map(|log| log.measured(Measure::Effort)).collect();
    if efforts.is_empty() {
        return "Effort was not rated.".to_owned();
    }
    let of = |effort: u16| efforts.iter().filter(|rated| **rated == effort).count();
    let [easy, fine, hard, too_hard] = [0, 1, 2, 3].map(of);
    let rated = words::counted(efforts.len(), "day");
    format!("Effort, rated on {rated}: easy {easy}, fine {fine}, hard {hard}, too hard {too_hard}.")
}

fn made_worse(told: &Told<'_>) -> String {
    let answered = told.logs.iter().filter(|log| log.worse().is_some()).count();
    let worse: Vec<Day> = told.logs.iter().filter(|log| log.worse() == Some(true)).map(|log| log.day).collect();
    match (answered, worse.len()) {
        (0, _) => "Whether they made anything worse was not answered.".to_owned(),
        (_, 0) => format!("Made anything worse: no, on all of {} answered.", words::counted(answered, "day")),
        (_, times) => format!(
            "Made something worse on {times} of {} answered: {}.",
            words::counted(answered, "day"),
            words::days(&worse, WORSE_DAYS)
        ),
    }
}

fn plan(told: &Told<'_>) -> Markup {
    let items = told.plans.last().map(|plan| plan.items.as_slice()).unwrap_or_default();
    html! {
        @if items.is_empty() {
            p { "There was no plan at the end of the period." }
        } @else {
            h3 { "Plan at the end of the period" }
            ul class="summary__plan" {
                @for item in items {
                    li {
                        @match told.cards.iter().find(|card| card.id == item.exercise) {
                            Some(card) => { strong { (card.name) } ": " (card.in_words(&item.dose)) },
                            None => { strong { (item.exercise) } ": " (item.dose.words()) " " (item.dose.days.words()) },
                        }
                    }
                }
            }
        }
    }
}

/// What was said about medicines, each text once.
pub fn medicines(told: &Told<'_>) -> Markup {
    let mut said: Vec<(&str, Vec<Day>)> = vec![];
    for log in told.logs.iter().rev() {
        let text = log.said(Words::Medicines).trim();
        match said.iter_mut().find(|(other, _)| *other == text) {
            _ if text.is_empty() => {}
            Some((_, days)) => days.insert(0, log.day),
            None => said.push((text, vec![log.day])),
        }
    }
    html! {
        section aria-labelledby="summary-medicines" {
            h2 id="summary-medicines" { "Medicines, as written" }
            @if said.is_empty() {
                p { "None were written down. That does not mean that none are taken." }
            } @else {
                ul {
                    @for (text, days) in said.iter().take(MEDICINES) {
                        li { (words::cut(text, LONGEST_MEDICINE)) ": " (words::counted(days.len(), "day")) ", last on " (days.last().copied().unwrap_or_default().long()) }
                    }
                }
                @if said.len() > MEDICINES { p class="summary__small" { "And " (said.len() - MEDICINES) " earlier texts." } }
            }
        }
    }
}

pub fn notes(told: &Told<'_>) -> Markup {
    let notes: Vec<&DayLog> = told.logs.iter().filter(|log| !log.said(Words::Note).trim().is_empty()).collect();
    html! {
        section aria-labelledby="summary-notes" {
            h2 id="summary-notes" { "Latest notes" }
            @if notes.is_empty() {
                p { "None." }
            } @else {
                ul {
                    @for log in notes.iter().rev().take(NOTES) {
                        li { strong { (log.day.long()) } ": " (words::cut(log.said(Words::Note), LONGEST_NOTE)) }
                    }
                }
                @if notes.len() > NOTES { p class="summary__small" { "And " (notes.len() - NOTES) " earlier ones." } }
            }
        }
    }
}

/// How far all of this may be relied on.
pub fn how_far(told: &Told<'_>) -> Markup {
    html! {
        p class="summary__small summary__how" {
            strong { "Self-reported, and not a diagnosis." }
            " It is made of what the patient’s devices had sent to this site by then. "
            "Everything here was logged by the patient and measured by nobody else; corrected values are shown as corrected. Alerts are "
            "found by fixed rules in the days of this period alone: what depends on earlier days is not seen. Rules version "
            (told.rules.version) ". " (signed_off(told.rules))
        }
    }
}
