//! The days as a table for a spreadsheet: a row a day, as it is after corrections. Pure.
//!
//! UTF-8 with a mark in front by which spreadsheets know it, every cell in quotes, lines that end in CR LF (RFC 4180). No cell
//! is a formula (OWASP, "CSV injection"): see [`defused`].

use crate::{
    day::Day,
    tracker::{
        log::{DayLog, Measure, Words, ticked},
        sheet::Sheet,
    },
    triage::RuleSet,
};

/// Columns after the measures.
const REST: [&str; 8] = [
    "warning_signs",
    "no_warning_signs",
    "help_was_got",
    "exercise_sets_done",
    "exercises_left_out",
    "made_worse",
    "medicines",
    "note",
];

/// Of every day on which anything was logged.
pub fn table(sheet: &Sheet, rules: &RuleSet) -> String {
    let mut table = String::from('\u{feff}');
    let measures = Measure::all().map(|measure| match measure {
        Measure::Activity(number) if !sheet.activity(number).is_empty() => {
            format!("{}: {}", measure.field(), sheet.activity(number))
        }
        _ => measure.field(),
    });
    let columns = std::iter::once("day".to_owned()).chain(measures).chain(REST.map(str::to_owned));
    row(&mut table, columns);
    for log in sheet.days_from(Day::FIRST).iter().filter(|log| log.is_logged()) {
        let measures =
            Measure::all().map(|measure| log.measured(measure).map(|value| value.to_string()).unwrap_or_default());
        row(&mut table, std::iter::once(log.day.to_string()).chain(measures).chain(rest(log, rules)));
    }
    table
}

fn rest(log: &DayLog, rules: &RuleSet) -> [String; 8] {
    let signs = log.signs();
    let known = ticked(rules, log).map(|sign| sign.said.clone());
    let unknown = signs.iter().filter(|sign| rules.question(sign).is_none()).map(|sign| (*sign).to_owned());
    let helped = (!signs.is_empty()).then(|| signs.iter().all(|sign| log.helped(sign)));
    [
        joined(known.chain(unknown)),
        yes_no(log.no_signs().then_some(true)),
        yes_no(helped),
        joined(log.sets().map(|(exercise, set)| format!("{exercise} {set}"))),
        joined(log.all_skipped().map(|(exercise, reason)| format!("{exercise} ({reason})"))),
        yes_no(log.worse()),
        log.said(Words::Medicines).to_owned(),
        log.said(Words::Note).to_owned(),
    ]
}

fn yes_no(said: Option<bool>) -> String {
    said.map_or("", |yes| if yes { "yes" } else { "no" }).to_owned()
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("; ")
}

fn row(table: &mut String, cells: impl Iterator<Item = String>) {
    let mut before = "\"";
    for cell in cells {
        table.push_str(before);
        defused(table, &cell);
        before = "\",\"";
    }
    table.push_str("\"\r\n");
}

/// A cell that no spreadsheet runs, its quotes doubled. Where one cuts at semicolons, tabs or line ends, as it does in many
/// countries, what comes after one of them is a cell too, and is no formula either.
fn defused(table: &mut String, cell: &str) {
    let mut begins = true;
    for (at, letter) in cell.char_indices() {
        // The last four are the same in full width, which some spreadsheets read alike.
        let formula = matches!(letter, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
        let cuts = matches!(letter, ';' | '\t' | '\r' | '\n' | '|');
        // As the first of all, those that cut would go to the next cell's beginning.
        if begins && formula || at == 0 && cuts {
            table.push('\'');
        }
        begins = cuts || begins && (letter.is_whitespace() || matches!(letter, '"' | '\''));
        if letter == '"' {
            table.push('"');
        }
        table.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::report::tests::{RULES, log, measure, sheet},
        *,
    };
    use crate::tracker::log::{Change, Place};

    /// As a program reads it.
    fn cells(table: &str) -> Vec<Vec<String>> {
        let table = table.strip_prefix('\u{feff}').expect("the mark of UTF-8");
        let mut rows = ::csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_bytes());
        rows.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    fn cell(rows: &[Vec<String>], row: usize, column: &str) -> String {
        let at = rows[0].iter().position(|name| name == column).unwrap();
        rows[row][at].clone()
    }

    #[test]
    fn each_day_is_a_row_with_what_was_logged_on_it() {
        let mut sheet = sheet();
        measure(&mut sheet, 1, Measure::Pain(Place::Back), 4);
        measure(&mut sheet, 1, Measure::Pain(Place::Back), 6);
        log(&mut sheet, 0, &Change::Set { exercise: "bridge".to_owned(), set: 2, done: true });
        log(&mut sheet, 0, &Change::Skipped { exercise: "walking".to_owned(), reason: "No time".to_owned() });
        let note = Change::Said { words: Words::Note, text: "Slept \"well\",\nat last – ganz gut".to_owned() };
        log(&mut sheet, 0, &note);
        let rows = cells(&table(&sheet, &RULES));
        assert_eq!(rows.len(), 3);
        assert_eq!((&*cell(&rows, 1, "day"), &*cell(&rows, 1, "back")), ("2026-11-21", "6"));
        assert_eq!(cell(&rows, 2, "back"), "", "not logged is not 0");
        assert_eq!(cell(&rows, 2, "exercise_sets_done"), "bridge 2");
        assert_eq!(cell(&rows, 2, "exercises_left_out"), "walking (No time)");
        assert_eq!(cell(&rows, 2, "note"), "Slept \"well\",\nat last – ganz gut");
    }

    #[test]
    fn no_cell_is_a_formula_however_a_spreadsheet_cuts() {
        for formula in ["=1+1", "+1", "-1", "@sum", "\t=1", " =1", "\"=1", "a;=1", "a\n-1", "＝1", ";", "'=1"] {
            let mut cell = String::new();
            defused(&mut cell, formula);
            let cuts: Vec<&str> =
                cell.split([';', '\t', '\n', '|']).map(|part| part.trim_matches([' ', '"'])).collect();
            let is_formula = |part: &&str| {
                part.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '＝']) && !part.starts_with('\'')
            };
            assert!(!cuts.iter().any(is_formula), "{formula:?}: {cell:?}");
        }
    }

    proptest! {
        #[test]
        fn a_cell_reads_as_it_was_written_but_for_what_defuses_it(text in "\\PC{0,30}") {
            let mut line = String::from('\u{feff}');
            row(&mut line, [text.clone(), "end".to_owned()].into_iter());
            let rows = cells(&line);
            prop_assert_eq!(rows[0].len(), 2);
            let without = |text: &str| text.replace('\'', "");
            prop_assert_eq!(without(&rows[0][0]), without(&text));
            prop_assert!(!rows[0][0].starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
        }
    }
}
