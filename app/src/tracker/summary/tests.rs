use uuid::Uuid;

use super::*;
use crate::{
    content,
    tracker::{
        entry::{About, Stamp, Write},
        log::{Change, Measure, Place, Reply, Side, Words},
        starter_file,
    },
};

const FOOT: Measure = Measure::Foot(Side::Left);
const LEG: Measure = Measure::Pain(Place::LeftLeg);

fn today() -> Day {
    "2026-11-22".parse().unwrap()
}

fn measured(measure: Measure, value: u16) -> Change {
    Change::Measured { measure, value: Some(value) }
}

fn said(words: Words, text: &str) -> Change {
    Change::Said { words, text: text.to_owned() }
}

fn sign(sign: &str) -> Change {
    Change::Sign { sign: sign.to_owned(), there: true }
}

/// What was logged so many days ago.
fn log(ago: i64, changes: &[Change]) -> DayLog {
    let day = today().plus(-ago);
    let mut log = DayLog::empty(day);
    for (millis, change) in (day.epoch_days() * 86_400_000..).zip(changes) {
        log.write(&change.writes(&log, "1"), Stamp { millis, count: 0, writer: 1 });
    }
    log
}

fn standing(fields: &[(&str, &str)]) -> Entry {
    let mut entry = Entry::new(Uuid::nil(), About::Standing);
    for (name, text) in fields {
        entry.write(name, Write { stamp: Stamp::default(), value: Value::Text((*text).to_owned()) });
    }
    entry
}

/// The text of the summary of these days, in any order, with whatever stands.
fn summed_up_with(logs: &[DayLog], standing: &Entry, period: Period, whose: Whose<'_>) -> String {
    let rules = content::rules().unwrap();
    let (cards, _) = starter_file::shipped().unwrap();
    let mut logs = logs.to_vec();
    logs.sort_by_key(|log| log.day);
    let source = Source { logs: &logs, standing, rules: &rules, cards: &cards, period };
    summary(&source, whose, "22 November 2026, 12:00 (UTC)").into_string()
}

fn text(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" .", ".").replace(" ,", ",")
}

fn summed_up(logs: &[DayLog]) -> String {
    text(&summed_up_with(logs, &standing(&[]), Period::up_to(today()), Whose::Called("")))
}

#[test]
fn the_alerts_come_first_with_their_dates_and_values() {
    let said = summed_up(&[
        log(40, &[measured(FOOT, 5)]),
        log(33, &[measured(FOOT, 5)]),
        log(32, &[measured(FOOT, 3)]),
        log(10, &[sign("saddle"), Change::GotHelp { signs: vec!["saddle".to_owned()] }]),
        log(3, &[sign("fever")]),
    ]);
    let at = |words: &str| said.find(words).unwrap_or_else(|| panic!("{words}: {said}"));
    assert!(
        at("Alerts and warning signs") < at("Foot and leg strength") && at("Presenting complaint") < at("Alerts and")
    );
    assert!(at("Foot and leg strength") < at("Usual at first") && at("Usual at first") < at("Exercises"));
    assert!(said.contains("Emergency 12 Nov said for 1 of 1 day"), "{said}");
    assert!(said.contains("Urgent 19 Nov said for 0 of 1 day"), "{said}");
    assert!(said.contains("Foot weaker than before (T2) Emergency"), "{said}");
    assert!(said.contains("Foot score, left 5 (13 Oct) to 3 (21 Oct)") || said.contains("to 3 (21 Oct)"), "{said}");
}

#[test]
fn an_emergency_weeks_ago_is_told_though_later_days_were_calm() {
    let mut logs = vec![log(85, &[measured(FOOT, 5)]), log(84, &[measured(FOOT, 2)])];
    logs.extend(
        (0..60).map(|ago| log(ago, &[measured(FOOT, 5), measured(LEG, 1), Change::NoSigns { in_view: vec![] }])),
    );
    let said = summed_up(&logs);
    assert!(said.contains("Foot weaker than before (T2) Emergency"), "{said}");
    assert!(said.contains("5 (29 Aug) to 2 (30 Aug)"), "{said}");
    assert!(said.contains("30 August 2026 2"), "the lowest test has its row: {said}");
}

#[test]
fn what_the_patient_answered_to_an_alert_stands_beside_it() {
    let reply = Change::Replied { rule: "T2".to_owned(), reply: Reply::GotHelp };
    let said = summed_up(&[log(5, &[measured(FOOT, 5)]), log(4, &[measured(FOOT, 4), reply])]);
    assert!(said.contains("“I have got help”"), "{said}");
}

#[test]
fn too_few_days_never_read_as_a_good_result() {
    let said = summed_up(&[log(2, &[measured(LEG, 0), measured(FOOT, 5)])]);
    for told in [
        "No warning sign was ticked.",
        "That nothing was found does not show that nothing was there.",
        "answered on 0 of 91 days",
        "Too little was logged to judge at the end of the period",
        "not known: too few days",
        "That does not mean that none are taken.",
        "Something was logged on 1 of 91 days",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    for calm in ["all is well", "no problem", "normal", "improved", "better"] {
        assert!(!said.to_lowercase().contains(calm), "{calm}: {said}");
    }
}

#[test]
fn a_period_without_entries_says_so_and_nothing_more() {
    for logs in [vec![], vec![log(200, &[measured(LEG, 3)])], vec![DayLog::empty(today())]] {
        let said = summed_up(&logs);
        assert!(
            said.contains("Nothing was logged") && said.contains("That says nothing about how those days were."),
            "{said}"
        );
        assert!(!said.contains("No warning sign"), "{said}");
    }
}

#[test]
fn days_outside_the_period_are_neither_told_nor_judged_by() {
    let logs = [
        log(100, &[measured(FOOT, 5), said(Words::Note, "before the period")]),
        log(50, &[measured(FOOT, 3)]),
        log(1, &[said(Words::Note, "after the period"), measured(FOOT, 1)]),
    ];
    let period = Period { from: today().plus(-60), to: today().plus(-30) };
    let said = text(&summed_up_with(&logs, &standing(&[]), period, Whose::Called("")));
    assert!(!said.contains("before the period") && !said.contains("after the period"), "{said}");
    assert!(said.contains("No alert was found") && said.contains("what depends on earlier days is not seen"), "{said}");
}

#[test]
fn it_names_nobody_but_by_what_was_typed() {
    let logs = [log(1, &[measured(LEG, 3)])];
    let summed = |whose| summed_up_with(&logs, &standing(&[]), Period::up_to(today()), whose);
    assert!(text(&summed(Whose::Called(""))).contains("No name is given"));
    assert!(summed(Whose::Called("A <b>&")).contains("A &lt;b&gt;&amp;"));
    let to_fill_in = summed(Whose::ToFillIn);
    assert_eq!(to_fill_in.matches("<input type=\"text\" autocomplete=\"off\">").count(), 2);
    assert!(!to_fill_in.contains("name=") && !to_fill_in.contains("<form"), "nothing of it is sent: {to_fill_in}");
}

#[test]
fn complaint_plan_and_exercises_are_told() {
    let stands = standing(&[
        ("profile:what", "leg"),
        ("profile:foot", "3"),
        ("profile:hip", "yes"),
        ("profile:bones", "not_sure"),
        ("profile:knees", "no"),
        ("plan:bridge", "2x10 hold 5 daily"),
        ("activity_name_1", "Tying my <shoes>"),
    ]);
    let set = |set| Change::Set { exercise: "bridge".to_owned(), set, done: true };
    let html = summed_up_with(
        &[
            log(16, &[measured(Measure::Activity(1), 3)]),
            log(2, &[set(1), set(2), measured(Measure::Effort, 2), Change::Worse(true)]),
            log(1, &[set(1), measured(Measure::Effort, 1), Change::Worse(false), measured(Measure::Activity(1), 6)]),
        ],
        &stands,
        Period { from: today().plus(-20), to: today() },
        Whose::Called(""),
    );
    let said = text(&html);
    for told in [
        "Pain down a leg.",
        "Weaker foot at the start: 3: it lifts fully while I sit.",
        "Yes: hip replaced.",
        "Not sure: thin bones (osteoporosis).",
        "No: bad knees.",
        "3 of 40 planned sets (7%)",
        "Effort, rated on 2 days: easy 0, fine 1, hard 1, too hard 0.",
        "Made something worse on 1 of 2 days answered: 20 Nov.",
        "10 times, hold 5 seconds · 2 sets · Every day",
        "3 to 6, 3 better: large",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    assert!(html.contains("Tying my &lt;shoes&gt;"), "{html}");
}

#[test]
fn medicines_and_notes_are_cut_and_counted() {
    let long = "very ".repeat(200);
    let logs: Vec<DayLog> = (0..10)
        .map(|ago| log(ago, &[said(Words::Medicines, "Paracetamol"), said(Words::Note, &format!("note {ago} {long}"))]))
        .collect();
    let said = summed_up(&logs);
    assert!(said.contains("Paracetamol: 10 days, last on 22 November 2026"), "{said}");
    assert!(said.contains("note 0 very") && said.contains("note 3 very") && !said.contains("note 4 very"), "{said}");
    assert!(said.contains("And 6 earlier ones.") && said.contains('…'), "{said}");
}

#[test]
fn it_says_by_which_rules_and_that_it_is_no_diagnosis() {
    let said = summed_up(&[log(1, &[measured(LEG, 3)])]);
    let version = content::rules().unwrap().version;
    assert!(said.contains("Self-reported, and not a diagnosis."), "{said}");
    assert!(said.contains(&format!("Rules version {version}. Not signed off by a clinician yet.")), "{said}");
}

#[test]
fn a_period_that_is_none_says_what_to_mend() {
    let read = |from: &str, to: &str| Period::read(from, to, today());
    assert_eq!(read("2026-08-24", " 2026-11-22 "), Ok(Period::up_to(today())));
    assert!(read("2025-11-22", "2026-11-22").is_ok() && read("2026-11-22", "2026-11-23").is_ok());
    for (from, to, field) in [
        ("", "2026-11-22", "from"),
        ("2026-11-01", "22/11/2026", "to"),
        ("2026-11-22", "2026-11-24", "to"),
        ("2026-11-22", "2026-11-21", "from"),
        ("2025-11-21", "2026-11-22", "from"),
    ] {
        assert_eq!(read(from, to).unwrap_err().first().unwrap().0, field, "{from} {to}");
    }
    assert_eq!(read("x", "y").unwrap_err().len(), 2);
}

#[test]
fn every_way_that_days_can_be_gives_a_summary() {
    // Wild values, signs that nobody knows, and a year of them.
    let logs: Vec<DayLog> = (0..366)
        .map(|ago| {
            let wild = u16::try_from(ago * 7 % 11).unwrap();
            let mut changes: Vec<Change> =
                Measure::all().map(|measure| measured(measure, wild.min(measure.most()))).collect();
            changes.push(sign(if ago % 3 == 0 { "made_up" } else { "both_drop" }));
            log(ago, &changes)
        })
        .collect();
    let period = Period { from: today().plus(-365), to: today() };
    let html = summed_up_with(&logs, &standing(&[("plan:gone", "nonsense")]), period, Whose::Called("Ann"));
    assert!(html.contains("A sign of another version of the list, which counts as an emergency"));
    assert!(html.len() < 60_000, "{} bytes", html.len());
}

/// A year of everything that can be logged, with much in it.
fn full_year() -> (Vec<DayLog>, Entry) {
    let exercises =
        ["bridge", "walking", "heel-raises", "sitting-ankle-lifts", "knee-rolls", "pelvic-tilt", "bird-dog"];
    let more = ["calf-stretch", "cat-and-camel", "knee-to-chest", "side-plank", "seated-nerve-slider"];
    let mut fields: Vec<(String, &str)> =
        exercises.iter().chain(&more).map(|id| (format!("plan:{id}"), "2x10 hold 5 mon,wed,fri,sat")).collect();
    fields.extend((1..=5).map(|number| {
        (
            format!("activity_name_{number}"),
            "Standing at the sink while I wash up after a family dinner for eight of us",
        )
    }));
    let profile =
        [("profile:what", "leg"), ("profile:foot", "3"), ("profile:hip", "yes"), ("profile:bones", "not_sure")];
    fields.extend(profile.map(|(name, answer)| (name.to_owned(), answer)));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let note = "Walked to the shop and back by the river, then rested for an hour. ".repeat(8);
    let day = |ago: i64| {
        let wild = |by: i64, most: i64| u16::try_from((ago * by + ago * ago % 5) % (most + 1)).unwrap();
        let mut changes: Vec<Change> = Place::ALL.map(|place| measured(Measure::Pain(place), wild(7, 10))).to_vec();
        let daily = [Measure::Woken, Measure::Trips, Measure::Sitting, Measure::Walking, Measure::Effort];
        changes.extend(daily.map(|measure| measured(measure, wild(3, 3))));
        changes.extend(Side::BOTH.map(|side| measured(Measure::Numbness(side), wild(5, 10))));
        if ago % 7 == 0 {
            for side in Side::BOTH {
                let tests = [(Measure::Foot(side), 5), (Measure::HeelWalk(side), 10), (Measure::HeelRaise(side), 10)];
                changes.extend(tests.map(|(measure, most)| measured(measure, wild(11, most))));
            }
        }
        if ago % 14 == 0 {
            changes.extend((1..=5).map(|number| measured(Measure::Activity(number), wild(3, 10))));
        }
        for (n, daily) in
            (0..).zip(["saddle", "pee_start", "pee_leak", "bowel", "both_legs", "both_weak", "face", "fever"])
        {
            if ago % 31 == n {
                changes.push(sign(daily));
            }
        }
        changes.push(said(Words::Note, &note));
        changes.push(said(Words::Medicines, &format!("Paracetamol 1 g four times, naproxen {ago} mg twice. {note}")));
        changes.push(Change::Worse(ago % 9 == 0));
        changes.extend(exercises.map(|exercise| Change::Set {
            exercise: exercise.to_owned(),
            set: 1,
            done: ago % 3 > 0,
        }));
        log(ago, &changes)
    };
    ((0..366).map(day).collect(), standing(&fields))
}

#[test]
fn a_full_year_is_summed_up_and_stays_small() {
    let (logs, stands) = full_year();
    let period = Period { from: today().plus(-365), to: today() };
    let html = summed_up_with(&logs, &stands, period, Whose::Called("Alex Example"));
    for heading in ["Alerts and warning signs", "Pain", "Exercises", "Latest notes"] {
        assert!(html.contains(heading), "{heading}");
    }
    assert!(html.len() < 80_000, "{} bytes", html.len());
}

/// `SUMMARY_PAGE=/tmp/summary.html cargo nextest run -p app --run-ignored only sample_summary`, to be printed by a browser;
/// `SUMMARY_STYLES` names stylesheets, parted by commas, as the page's addresses of them.
#[test]
#[ignore = "writes a page to look at"]
fn sample_summary() {
    let path = std::env::var("SUMMARY_PAGE").unwrap();
    let (logs, stands) = full_year();
    let period = Period { from: today().plus(-365), to: today() };
    let mut html = "<!doctype html><html lang=en-GB><meta charset=utf-8><title>Summary</title>".to_owned();
    for sheet in std::env::var("SUMMARY_STYLES").unwrap_or_default().split(',') {
        html.push_str(&format!("<link rel=stylesheet href=\"{sheet}\">"));
    }
    html.push_str("<main class=\"wrap panel prose account\"><h1>Summary for a clinician</h1>");
    html.push_str(&summed_up_with(&logs, &stands, period, Whose::ToFillIn));
    html.push_str("</main></html>");
    std::fs::write(path, html).unwrap();
}
