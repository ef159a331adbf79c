//! The days as a table for a spreadsheet: one row a day, as it is after corrections.
//!
//! UTF-8 with a mark in front by which spreadsheets know it, every cell in quotes, lines that end in CR LF (RFC 4180). No
//! cell is a formula (OWASP, "CSV injection"): see [`defused`]. Written by hand and not by a crate, so that the device,
//! where each crate costs kilobytes, writes the same.

use super::{Diary, utc};
use crate::{
    tracker::{
        activities,
        entry::Entry,
        log::{DayLog, Measure, Words, ticked},
    },
    triage::RuleSet,
};

/// Columns after the measures.
const REST: [&str; 9] = [
    "warning_signs",
    "no_warning_signs",
    "help_was_got",
    "exercise_sets_done",
    "exercises_left_out",
    "made_worse",
    "weaker_since",
    "medicines",
    "note",
];

/// The whole table.
pub fn write(diary: &Diary, rules: &RuleSet) -> String {
    let mut table = begin(&columns(&diary.standing));
    diary.days.iter().for_each(|log| table.push_str(&day(log, rules)));
    table
}

/// The first row of a table, with the mark in front.
pub fn begin<T: AsRef<str>>(columns: &[T]) -> String {
    format!("\u{feff}{}", row(columns))
}

/// What the columns of the days are called: as the fields of an entry, and an activity with its name.
pub fn columns(standing: &Entry) -> Vec<String> {
    let mut columns = vec!["day".to_owned(), "changed_at".to_owned()];
    columns.extend(Measure::all().map(|measure| match measure {
        Measure::Activity(number) => match activities::name(standing, number) {
            "" => measure.field(),
            name => format!("{}: {name}", measure.field()),
        },
        _ => measure.field(),
    }));
    columns.extend(REST.map(str::to_owned));
    columns
}

/// One day's row.
pub fn day(log: &DayLog, rules: &RuleSet) -> String {
    let yes_no = |said: Option<bool>| said.map_or("", |yes| if yes { "yes" } else { "no" }).to_owned();
    let mut cells = vec![log.day.to_string(), utc(log.entry().latest().millis).unwrap_or_default()];
    cells
        .extend(Measure::all().map(|measure| log.measured(measure).map(|value| value.to_string()).unwrap_or_default()));
    cells.extend([
        signs(log, rules),
        yes_no(log.no_signs().then_some(true)),
        yes_no((!log.signs().is_empty()).then(|| log.signs().into_iter().all(|sign| log.helped(sign)))),
        sets(log),
        left_out(log),
        yes_no(log.worse()),
        log.weaker_since().map_or("", |onset| onset.value()).to_owned(),
        log.said(Words::Medicines).to_owned(),
        log.said(Words::Note).to_owned(),
    ]);
    row(&cells)
}

/// Said back; a sign that these rules do not know, by its id.
fn signs(log: &DayLog, rules: &RuleSet) -> String {
    let known = ticked(rules, log).map(|sign| sign.said.as_str());
    let unknown = log.signs().into_iter().filter(|sign| rules.question(sign).is_none());
    joined(known.chain(unknown).map(str::to_owned))
}

/// "bridge 1; bridge 2; walking 1"
fn sets(log: &DayLog) -> String {
    joined(log.sets().map(|(exercise, set)| format!("{exercise} {set}")))
}

fn left_out(log: &DayLog) -> String {
    joined(log.all_skipped().map(|(exercise, reason)| format!("{exercise} ({reason})")))
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.fold(String::new(), |mut all, part| {
        all.push_str(if all.is_empty() { "" } else { "; " });
        all.push_str(&part);
        all
    })
}

/// One row of a table, every cell defused and in quotes.
pub fn row<T: AsRef<str>>(cells: &[T]) -> String {
    let mut row = String::new();
    for cell in cells {
        row.push_str(if row.is_empty() { "\"" } else { ",\"" });
        row.push_str(&defused(cell.as_ref()).replace('"', "\"\""));
        row.push('"');
    }
    row.push_str("\r\n");
    row
}

/// A cell that no spreadsheet runs. Where one cuts at semicolons, tabs or line ends, as it does in many countries, what
/// comes after one of them is a cell too, and is no formula either.
pub fn defused(cell: &str) -> String {
    let mut safe = String::with_capacity(cell.len() + 1);
    let mut begins = true;
    for letter in cell.chars() {
        // The last four are the same in full width, which some spreadsheets read alike.
        let formula = matches!(letter, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
        // As the first of all, these would go to the next cell's beginning.
        let control = safe.is_empty() && matches!(letter, '\t' | '\r' | '\n');
        if begins && formula || control {
            safe.push('\'');
        }
        let cuts = matches!(letter, ';' | '\t' | '\r' | '\n' | '|');
        begins = cuts || begins && (letter.is_whitespace() || matches!(letter, '"' | '\''));
        safe.push(letter);
    }
    safe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tracker::{
        entry::{About, Stamp, Write},
        log::{Change, Place, Side},
    };

    fn written(changes: &[Change]) -> String {
        let mut log = DayLog::empty("2026-11-22".parse().unwrap());
        let stamp = Stamp { millis: 1_795_348_800_000, count: 0, writer: 1 };
        changes.iter().for_each(|change| log.write(&change.writes(&log.clone(), "1"), stamp));
        let mut standing = Entry::new(uuid::Uuid::nil(), About::Standing);
        let named = activities::rename(2, "Stairs, \"both\" ways").unwrap();
        named.into_iter().for_each(|(field, value)| standing.write(&field, Write { stamp, value }));
        write(&Diary { standing, days: vec![log] }, &crate::content::rules().unwrap())
    }

    /// As a program reads it.
    fn cells(table: &str) -> Vec<Vec<String>> {
        let table = table.strip_prefix('\u{feff}').expect("the mark of UTF-8");
        let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_bytes());
        rows.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    fn cell(table: &str, column: &str) -> String {
        let rows = cells(table);
        let at = rows[0].iter().position(|name| name == column).unwrap_or_else(|| panic!("{column}: {:?}", rows[0]));
        rows[1][at].clone()
    }

    #[test]
    fn a_day_is_one_row_with_all_that_was_logged() {
        let text = |text: &str| Change::Said { words: Words::Note, text: text.to_owned() };
        let number = |measure, value| Change::Measured { measure, value: Some(value) };
        let table = written(&[
            number(Measure::Pain(Place::LeftLeg), 4),
            number(Measure::Foot(Side::Right), 5),
            number(Measure::Activity(2), 7),
            Change::Sign { sign: "fever".to_owned(), there: true },
            Change::Sign { sign: "of another version".to_owned(), there: true },
            Change::Set { exercise: "bridge".to_owned(), set: 2, done: true },
            Change::Skipped { exercise: "walking".to_owned(), reason: "too sore".to_owned() },
            Change::Worse(false),
            text("rain, \"cats\"\nand dogs"),
        ]);
        let rows = cells(&table);
        assert_eq!((rows.len(), rows[0].len(), rows[1].len()), (2, 32, 32));
        for (column, expected) in [
            ("day", "2026-11-22"),
            ("changed_at", "2026-11-22T12:00:00Z"),
            ("left_leg", "4"),
            ("right_leg", ""),
            ("foot_right", "5"),
            ("activity_2: Stairs, \"both\" ways", "7"),
            ("activity_1", ""),
            ("no_warning_signs", ""),
            ("help_was_got", "no"),
            ("exercise_sets_done", "bridge 2"),
            ("exercises_left_out", "walking (too sore)"),
            ("made_worse", "no"),
            ("note", "rain, \"cats\"\nand dogs"),
        ] {
            assert_eq!(cell(&table, column), expected, "{column}");
        }
        assert!(cell(&table, "warning_signs").ends_with("; of another version"), "{table}");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@sum(a1)", "\t=1", "\r=1", "\n=1", "＝1+1"] {
            assert!(defused(formula).starts_with('\''), "{formula:?}: {}", defused(formula));
        }
        assert_eq!(defused("4 = bad"), "4 = bad");
        assert_eq!(defused(""), "");
        assert_eq!(defused("one; =1+1"), "one; '=1+1", "where semicolons part the cells");
        assert_eq!(defused(" =1"), " '=1");
    }

    proptest! {
        #[test]
        fn whatever_was_written_is_no_formula_wherever_a_spreadsheet_cuts(note in "[=+@;\\-\t\r\n\" a|,']{0,12}") {
            let table = row(&[note]);
            for cell in table.split([';', '\t', '\r', '\n', '|']) {
                let cell = cell.trim_matches(['"', ' ']);
                prop_assert!(!cell.starts_with(['=', '+', '-', '@']), "{:?} of {:?}", cell, table);
            }
        }
    }
}
