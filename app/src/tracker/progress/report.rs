//! What the page says of the days: the charts with their sentences and tables, and before them what is too little to say.
//! Pure.

use maud::{Markup, PreEscaped, html};

use super::marks::marks;
use crate::{
    day::Day,
    tracker::{
        Card,
        chart::{self, Mark, Span, View},
        log::{ACTIVITIES, DayLog, Measure},
        plan::Plan,
        sheet::{Sheet, WATCHED},
        shell::Part,
        trend::WINDOW,
        watch::{Measured, TooLittle, too_little},
    },
    triage::RuleSet,
};

/// What a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    pub sheet: &'a Sheet,
    pub rules: &'a RuleSet,
    /// For the exercises' names.
    pub cards: &'a [Card],
}

/// Whether nothing was ever logged.
pub fn is_empty(sheet: &Sheet) -> bool {
    !sheet.days_from(Day::FIRST).iter().any(DayLog::is_logged)
}

/// The first and the last day of a span.
pub fn period(sheet: &Sheet, span: Span) -> (Day, Day) {
    let today = sheet.today().unwrap_or_default();
    (span.first_day(sheet.days_from(Day::FIRST), today), today)
}

/// What is the same whatever the span: for years of days it takes longer than to draw them.
#[derive(Clone, Debug)]
pub struct Seen {
    plans: Vec<(Day, Plan)>,
    marks: Vec<Mark>,
    little: Vec<TooLittle>,
}

impl Seen {
    pub fn of(told: &Told<'_>) -> Self {
        let (plans, today) = (told.sheet.plans(), told.sheet.today().unwrap_or_default());
        let marks = marks(told, &plans);
        let little = too_little(told.rules, told.sheet.days_from(today.plus(1 - WATCHED)), today);
        Self { plans, marks, little }
    }
}

pub fn report(sheet: &Sheet, seen: &Seen, span: Span) -> Markup {
    if is_empty(sheet) {
        return nothing(!sheet.unreadable().is_empty());
    }
    let (from, today) = period(sheet, span);
    let Seen { plans, marks, little } = seen;
    // What is usual on the first day is of the week before it as well.
    let view = View { logs: sheet.days_from(from.plus(1 - WINDOW)), span, today, marks };
    let charts = [
        ("Back and leg pain", chart::pain(&view)),
        ("Foot test", chart::foot(&view)),
        ("Heel walk", chart::heel_walk(&view)),
        ("What matters to you", chart::activities(&view, &activities(sheet, view.logs))),
        ("Exercises", chart::exercises(&view, &|day| planned(plans, day))),
    ];
    // Three months begin one day before it, and nothing fires on the first day that is looked at.
    let first_alert = today.plus(1 - WATCHED);
    html! {
        @if !little.is_empty() { (too_little_to_say(little)) }
        @if from < first_alert.plus(-1) && sheet.days_from(Day::FIRST).first().is_some_and(|log| log.day < first_alert) {
            p class="hint" {
                "Alerts of what you measured are marked for the last " (WATCHED) " days; before that, the warning signs that you ticked."
            }
        }
        div class="grid" {
            @for (name, chart) in charts {
                section class="box" {
                    h2 class="nhsuk-u-visually-hidden" { (name) }
                    (PreEscaped(chart))
                }
            }
        }
    }
}

fn nothing(unreadable: bool) -> Markup {
    let device = if unreadable {
        "Nothing that this page can read is logged on this device."
    } else {
        "Nothing is logged on this device yet."
    };
    html! {
        div class="empty" {
            p {
                (device) " Rate your pain today, and it shows here at once; after 4 days of a week the page can say what is usual."
            }
            p { a class="btn btn--main" href=(Part::Today.path()) { "Log today" } }
        }
    }
}

/// So that a page without alerts is not read as an all-clear.
fn too_little_to_say(little: &[TooLittle]) -> Markup {
    html! {
        section class="notice" aria-labelledby="too-little" {
            h2 id="too-little" { "Too little logged to see every change" }
            p { "No alert here does not mean that all is well." }
            ul { @for one in little { li { (in_words(one)) } } }
            p {
                a href=(Part::Today.path()) { "Log it on Today" }
                ". If you are worried, do not wait for the numbers: "
                a href="/seek-help" { "check whether you need help" }
                "."
            }
        }
    }
}

fn in_words(little: &TooLittle) -> String {
    let TooLittle { of, logged, needed, days } = *little;
    let days = days.unwrap_or_default();
    match of {
        Measured::FirstLegPain => {
            format!("Leg pain: rated on {}; a rise above how it began shows after {needed}.", counted(logged))
        }
        Measured::LegPain => {
            format!("Leg pain: rated on {logged} of the last {days} days; what is usual shows from {needed}.")
        }
        Measured::Nights => {
            format!("Broken nights: noted on {logged} of the last {days} days; {needed} or more can show a pattern.")
        }
        Measured::Foot(side) => format!("The {} foot: not tested in the last {days} days.", side.name()),
    }
}

fn counted(days: u16) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

/// The names of the patient's own activities, by number. One that was rated and has no name is still shown.
fn activities(sheet: &Sheet, logs: &[DayLog]) -> Vec<String> {
    let name = |number: u8| match sheet.activity(number) {
        "" if logs.iter().any(|log| log.measured(Measure::Activity(number)).is_some()) => format!("Activity {number}"),
        name => name.to_owned(),
    };
    (1..=ACTIVITIES).map(name).collect()
}

/// What was planned for a day, of the plan as it was at each of its changes.
fn planned(plans: &[(Day, Plan)], day: Day) -> Option<Vec<(&str, u8)>> {
    let changes = plans.partition_point(|(since, _)| *since <= day);
    let (_, plan) = plans.get(changes.checked_sub(1)?)?;
    let due = || plan.due(day).map(|item| (item.exercise.as_str(), item.dose.sets)).collect();
    (!plan.items.is_empty()).then(due)
}

#[cfg(test)]
pub mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::tracker::{
        log::{Change, Place, Side},
        plan::Dose,
        sheet::Kept,
    };

    pub static RULES: LazyLock<RuleSet> = LazyLock::new(|| crate::content::rules().unwrap());
    /// Noon of that Sunday, in UTC.
    pub const NOW: i64 = 1_795_348_800_000;
    pub const DAY: i64 = 86_400_000;

    pub fn today() -> Day {
        "2026-11-22".parse().unwrap()
    }

    /// A sheet of a device that was read, and has nothing.
    pub fn sheet() -> Sheet {
        let mut sheet = Sheet::new(1);
        sheet.move_on(today(), &RULES);
        sheet.read_back_to(Day::FIRST);
        let (from, to) = sheet.to_read(today());
        sheet.take_in(&Kept { from, to, records: vec![] });
        sheet
    }

    pub fn log(sheet: &mut Sheet, ago: i64, change: &Change) {
        sheet.change(today().plus(-ago), change, "1", NOW - ago * DAY);
    }

    pub fn measure(sheet: &mut Sheet, ago: i64, measure: Measure, value: u16) {
        log(sheet, ago, &Change::Measured { measure, value: Some(value) });
    }

    /// Plans an exercise so many days ago, for every day.
    pub fn plan(sheet: &mut Sheet, ago: i64, exercise: &str, sets: u8) {
        let dose = Dose { sets, ..Dose::AS_ITS_PAGE_SAYS };
        sheet.stand(vec![sheet.plan().with(exercise, dose)], NOW - ago * DAY);
    }

    pub fn told(sheet: &Sheet) -> Told<'_> {
        Told { sheet, rules: &RULES, cards: &[] }
    }

    fn html(sheet: &Sheet, span: Span) -> String {
        report(sheet, &Seen::of(&told(sheet)), span).into_string()
    }

    #[test]
    fn with_nothing_logged_the_page_says_what_to_do_next() {
        let html = html(&sheet(), Span::ThreeMonths);
        assert!(html.contains("Nothing is logged on this device yet."), "{html}");
        assert!(html.contains("href=\"/tracker\"") && !html.contains("<figure"), "{html}");
    }

    #[test]
    fn what_cannot_be_read_is_not_said_to_be_nothing() {
        let mut sheet = sheet();
        sheet.take_in(&Kept { from: Day::FIRST, to: today(), records: vec![vec![0]] });
        assert!(html(&sheet, Span::ThreeMonths).contains("Nothing that this page can read"));
    }

    #[test]
    fn few_days_are_no_all_clear() {
        let mut sheet = sheet();
        measure(&mut sheet, 1, Measure::Pain(Place::LeftLeg), 3);
        let html = html(&sheet, Span::TwoWeeks);
        for said in [
            "No alert here does not mean that all is well.",
            "Leg pain: rated on 1 day; a rise above how it began shows after 7.",
            "Leg pain: rated on 1 of the last 7 days; what is usual shows from 4.",
            "Broken nights: noted on 0 of the last 14 days; 8 or more can show a pattern.",
            "The left foot: not tested in the last 14 days.",
        ] {
            assert!(html.contains(said), "{said}: {html}");
        }
    }

    #[test]
    fn where_enough_is_logged_nothing_is_said_to_be_too_little() {
        let mut sheet = sheet();
        for ago in 0..14 {
            measure(&mut sheet, ago, Measure::Pain(Place::LeftLeg), 3);
            measure(&mut sheet, ago, Measure::Woken, 0);
        }
        Side::BOTH.into_iter().for_each(|side| measure(&mut sheet, 2, Measure::Foot(side), 5));
        let html = html(&sheet, Span::TwoWeeks);
        assert!(!html.contains("Too little logged"), "{html}");
        assert!(html.contains("Your left leg pain is usually 3 now"), "{html}");
    }

    #[test]
    fn the_first_day_of_a_span_is_judged_with_the_week_before_it() {
        let mut sheet = sheet();
        for ago in 0..20 {
            measure(&mut sheet, ago, Measure::Pain(Place::Back), if ago < 10 { 2 } else { 6 });
        }
        let html = html(&sheet, Span::TwoWeeks);
        assert!(html.contains("is usually 2 now; it was 6 two weeks ago."), "{html}");
    }

    #[test]
    fn each_day_is_held_against_the_plan_of_that_day() {
        let mut sheet = sheet();
        measure(&mut sheet, 9, Measure::Pain(Place::Back), 2);
        plan(&mut sheet, 3, "bridge", 2);
        log(&mut sheet, 2, &Change::Set { exercise: "bridge".to_owned(), set: 1, done: true });
        let html = html(&sheet, Span::TwoWeeks);
        assert!(html.contains("did 1 of 6 planned sets"), "no plan before, and today is not over: {html}");
        assert!(html.contains("<li><b>A</b> 19 November. Plan: added bridge</li>"), "{html}");
    }

    #[test]
    fn an_activity_that_was_rated_is_shown_though_it_has_no_name() {
        let mut sheet = sheet();
        measure(&mut sheet, 1, Measure::Activity(2), 4);
        assert!(html(&sheet, Span::TwoWeeks).contains("<b>2</b> Activity 2</li>"));
    }

    #[test]
    fn a_span_of_years_says_which_alerts_it_does_not_mark() {
        let mut sheet = sheet();
        measure(&mut sheet, 400, Measure::Pain(Place::Back), 4);
        assert!(html(&sheet, Span::All).contains("are marked for the last 90 days"));
        assert!(!html(&sheet, Span::TwoWeeks).contains("are marked for"));
        assert!(period(&sheet, Span::All).0 <= today().plus(-400));
    }
}
