//! The grades of a rule in its form and in the file: they come and go, the most urgent first.

use toml_edit::{InlineTable, Item, Table, TableLike, Value};

use super::fields::Entry;

pub const URGENCIES: [&str; 5] = ["self-care", "routine", "soon", "urgent", "emergency"];
/// The fields of each grade: how urgent, when, and what to do. More grades than urgencies there cannot be.
pub const GRADES: [[&str; 3]; 5] = [
    ["urgency_1", "when_1", "act_1"],
    ["urgency_2", "when_2", "act_2"],
    ["urgency_3", "when_3", "act_3"],
    ["urgency_4", "when_4", "act_4"],
    ["urgency_5", "when_5", "act_5"],
];
/// The fields that take a grade out.
pub const GRADE_OUT: [&str; 5] = ["out_1", "out_2", "out_3", "out_4", "out_5"];
/// How many grades the form has.
pub const GRADE_COUNT: &str = "grades";

/// The grade that a field is of, from 0, and the key of it in the file.
pub fn grade_field(name: &str) -> Option<(usize, &'static str)> {
    let at = |names: &[&str; 3]| names.iter().position(|known| *known == name);
    GRADES.iter().enumerate().find_map(|(n, names)| Some((n, ["urgency", "when", "act"][at(names)?])))
}

pub fn grade_count(table: &dyn TableLike) -> usize {
    match table.get("grade") {
        Some(Item::Value(Value::Array(grades))) => grades.len(),
        Some(Item::ArrayOfTables(grades)) => grades.len(),
        _ => 0,
    }
}

pub fn grade(table: &dyn TableLike, n: usize) -> Option<&dyn TableLike> {
    match table.get("grade")? {
        Item::Value(Value::Array(grades)) => Some(grades.get(n)?.as_inline_table()?),
        Item::ArrayOfTables(grades) => Some(grades.get(n)?),
        _ => None,
    }
}

/// Whether it is a field of a grade that the file does not have yet.
pub fn is_new_grade(entry: &Entry, before: usize) -> bool {
    grade_field(&entry.name).is_some_and(|(n, _)| n >= before)
}

/// The grade at this place; one more where it is the next.
pub fn grade_mut(table: &mut dyn TableLike, n: usize) -> Option<&mut dyn TableLike> {
    match table.get_mut("grade")? {
        Item::Value(Value::Array(grades)) => {
            if n >= grades.len() {
                grades.push(InlineTable::new());
            }
            Some(grades.get_mut(n.min(grades.len() - 1))?.as_inline_table_mut()?)
        }
        Item::ArrayOfTables(grades) => {
            if n >= grades.len() {
                grades.push(Table::new());
            }
            Some(grades.get_mut(n.min(grades.len() - 1))?)
        }
        _ => None,
    }
}

/// Without those that were taken out, and with new ones where their urgency puts them.
pub fn settle_grades(table: &mut dyn TableLike, taken: &[usize], before: usize) {
    let has_more = grade_count(table) > before;
    if let Some(Item::ArrayOfTables(grades)) = table.get_mut("grade") {
        for n in taken.iter().rev() {
            if *n < grades.len() {
                grades.remove(*n);
            }
        }
    }
    let Some(Item::Value(Value::Array(grades))) = table.get_mut("grade") else { return };
    for n in taken.iter().rev() {
        if *n < grades.len() {
            grades.remove(*n);
        }
    }
    if has_more {
        grades.sort_by_key(|grade| {
            let urgency = grade.as_inline_table().and_then(|grade| grade.get("urgency")?.as_str());
            std::cmp::Reverse(URGENCIES.iter().position(|known| Some(*known) == urgency))
        });
    }
}
