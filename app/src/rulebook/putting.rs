//! What was sent of a field, put into the file.

use toml_edit::{Array, InlineTable, Item, TableLike, TomlError, Value};

use super::{
    catalogue::Catalogue,
    condition_form::{Draft, Wrong},
    fields::{Answering, Control, Entry, wrong},
    grades,
    part_fields::{self, SOURCE, WEEK},
    parts::{NEW, Part},
    places,
    rows::{self, Kind, Rows, is_word},
    soundness::Number,
};
use crate::{day::Day, triage};

/// What may be empty: it is then left out.
const OPTIONAL: [&str; 5] = ["hint", "list", "note", "url", "date"];

/// Puts what was sent of a field into its part; of what has a name, into the table that has them all.
///
/// # Errors
/// What is wrong, by field.
pub fn put(
    table: &mut dyn TableLike,
    part: Part,
    id: &str,
    entry: &Entry,
    new: &Control,
    known: Option<&Catalogue>,
) -> Result<(), Wrong> {
    let name = entry.name.as_str();
    let at_field = |problem: String| wrong(name, problem);
    let text = match new {
        Control::Line(text) | Control::Lines(text) | Control::Code(text) => text.trim(),
        Control::OneOf { chosen, choices } => {
            if choices.iter().all(|(value, _)| value != chosen) {
                return Err(at_field(format!("{}: choose one of them", entry.label)));
            }
            chosen
        }
        _ => "",
    };
    // What is put, and perhaps what is to be left out.
    let new_value = match new {
        Control::Condition(draft) => condition(draft, entry, part, known)?,
        Control::Code(_) => Some(written(text).map_err(at_field)?),
        Control::Ticks { ticked, .. } => Some(ticked.iter().map(String::as_str).collect::<Array>().into()),
        Control::Answers(answers) if part == Part::Usual => return put_answers(table, entry, answers, known),
        Control::Answers(answers) => {
            let file = table.get_mut("answers").and_then(Item::as_table_like_mut);
            let file = file.ok_or_else(|| at_field("It has no answers".to_owned()))?;
            return put_answers(file, entry, answers, known);
        }
        Control::Answering { answering, .. } => return put_answering(table, name, answering),
        Control::Rows { kind: Kind::Ordered, rows, .. } => return put_in_order(table, name, rows),
        Control::Rows { kind: Kind::Chosen, rows, choices } => Some(rows::chosen(name, rows, choices)?),
        Control::Rows { kind: Kind::Lines, rows, .. } => Some(rows::lines(name, rows)?),
        Control::Rows { kind: Kind::Answers, rows, .. } => Some(rows::answers(name, rows)?),
        Control::Count(_) | Control::Tick(_) => return Ok(()),
        _ => None,
    };
    let is_empty = || at_field(format!("Enter something for “{}”", entry.label));
    if let Some((n, key)) = grades::grade_field(name) {
        let grade =
            grades::grade_mut(table, n).ok_or_else(|| at_field("This grade is not there any more".to_owned()))?;
        return match key {
            "when" => set(grade, key, new_value),
            // What the tracker asks for is said nowhere else.
            "act" if text.is_empty() && part == Part::Watch => Err(is_empty()),
            _ => set(grade, key, (!text.is_empty()).then(|| text.into())),
        };
    }
    if part == Part::Watch && part_fields::is_limit(name) {
        return put_limit(table, entry, text);
    }
    let is_named = part.names().is_some();
    match (part, name) {
        (_, "id") => {
            let id = new_id(part, text).map_err(at_field)?;
            if is_named { Ok(()) } else { set(table, name, Some(id.into())) }
        }
        // Under a name that was refused it is not written at all.
        _ if is_named && !table.contains_key(id) && new_id(part, id).is_err() => Ok(()),
        (Part::Condition | Part::Choices, _) => set(table, id, new_value),
        (Part::Source, _) => put_source(table, id, entry, text),
        (_, "role" | "unsure" | "private" | "follow_up" | "fail_safe" | "ordinary") => put_choice(table, name, text),
        (_, "terms") => {
            let terms: Array = text.split(',').map(str::trim).filter(|term| !term.is_empty()).collect();
            set(table, name, Some(terms.into()))
        }
        (_, "answered_days") => set(table, name, Some(whole(&entry.label, text).map_err(at_field)?)),
        (Part::History, "version") if Number::of(text).is_none() => {
            Err(at_field("Enter a version of three numbers, like 2.2.0".to_owned()))
        }
        (Part::History, "on") if text.parse::<Day>().is_err() => {
            Err(at_field("Enter a day, like 2027-01-31".to_owned()))
        }
        _ if text.is_empty() && OPTIONAL.contains(&name) => set(table, name, None),
        (Part::Question, "asked_if") => set(table, name, new_value),
        _ if new_value.is_some() => set(table, name, new_value),
        _ if text.is_empty() => Err(is_empty()),
        _ => set(table, name, Some(text.into())),
    }
}

fn put_in_order(table: &mut dyn TableLike, name: &str, rows: &Rows) -> Result<(), Wrong> {
    let all = table.get_mut(name).and_then(Item::as_array_of_tables_mut);
    let all = all.ok_or_else(|| wrong(name, "There is nothing to put in order"))?;
    places::put_in_order(all, &rows.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>());
    Ok(())
}

fn put_limit(table: &mut dyn TableLike, entry: &Entry, text: &str) -> Result<(), Wrong> {
    let name = entry.name.as_str();
    let number = whole(&entry.label, text).map_err(|problem| wrong(name, problem))?;
    let limits = table.get_mut("limits").and_then(Item::as_table_like_mut);
    let limits = limits.ok_or_else(|| wrong(name, "It has no limits"))?;
    if let Some((_, key)) = WEEK.iter().find(|(known, _)| *known == name) {
        let week = limits.get_mut("week").and_then(Item::as_table_like_mut);
        return set(week.ok_or_else(|| wrong(name, "It has no week"))?, key, Some(number));
    }
    set(limits, name, Some(number))
}

/// In the order of the others, and on one line.
fn put_source(sources: &mut dyn TableLike, id: &str, entry: &Entry, text: &str) -> Result<(), Wrong> {
    let name = entry.name.as_str();
    if text.is_empty() && !OPTIONAL.contains(&name) {
        return Err(wrong(name, format!("Enter something for “{}”", entry.label)));
    }
    let is_address = |text: &str| text.starts_with("https://") && !text.contains(char::is_whitespace);
    if name == "url" && !text.is_empty() && !is_address(text) {
        return Err(wrong(name, "Enter an address that begins with https://"));
    }
    let old = sources.get(id).and_then(Item::as_table_like);
    let mut source = InlineTable::new();
    for key in SOURCE {
        let kept = || old.and_then(|old| old.get(key)?.as_str()).unwrap_or_default();
        let word = if key == name { text } else { kept() };
        if !word.is_empty() {
            source.insert(key, word.into());
        }
    }
    set(sources, id, Some(source.into()))
}

/// None where a question is always asked.
fn condition(draft: &Draft, entry: &Entry, part: Part, known: Option<&Catalogue>) -> Result<Option<Value>, Wrong> {
    let known = known.ok_or_else(|| wrong(&entry.name, "The file cannot be read: mend its text first"))?;
    match draft.written(&entry.name, known)? {
        Some(written) => Ok(Some(written.value())),
        None if part == Part::Question => Ok(None),
        None => Err(wrong(&entry.name, format!("{}: add a condition", entry.label))),
    }
}

fn put_answers(
    file: &mut dyn TableLike,
    entry: &Entry,
    answers: &[(String, String)],
    known: Option<&Catalogue>,
) -> Result<(), Wrong> {
    let Control::Answers(old) = &entry.control else { return Ok(()) };
    let mut problems = Vec::new();
    for (question, _) in old.iter().filter(|(question, _)| answers.iter().all(|(id, _)| id != question)) {
        file.remove(question);
    }
    for (question, answer) in answers.iter().filter(|answer| !old.contains(answer)) {
        let field = format!("{}-{question}", entry.name);
        let new: Value = match known.and_then(|known| known.rules.question(question)) {
            None => {
                problems.push((field, format!("There is no question {question}")));
                continue;
            }
            Some(question) if !question.accepts(answer) => {
                let problem = match question.kind {
                    triage::Kind::Number { min, max, .. } => {
                        format!("{}: enter a whole number from {min} to {max}", question.said)
                    }
                    _ => format!("{}: choose one of its answers", question.said),
                };
                problems.push((field, problem));
                continue;
            }
            Some(question) => match (&question.kind, answer.parse::<i64>()) {
                (triage::Kind::Number { .. }, Ok(number)) => number.into(),
                _ => answer.as_str().into(),
            },
        };
        set(file, question, Some(new))?;
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn new_id(part: Part, given: &str) -> Result<&str, String> {
    if part.has_words_for_ids() {
        let is_one = is_word(given) && given != NEW;
        return if is_one { Ok(given) } else { Err("Enter an id of small letters, digits and underscores".to_owned()) };
    }
    let is_one = !given.is_empty() && given.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if is_one && given != NEW { Ok(given) } else { Err("Enter an id of letters, digits and hyphens".to_owned()) }
}

/// With the spaces that stood around the old value, and the comment before it.
pub fn set(table: &mut dyn TableLike, key: &str, new: Option<Value>) -> Result<(), Wrong> {
    let Some(mut new) = new else {
        table.remove(key);
        return Ok(());
    };
    match table.get_mut(key) {
        Some(old) => {
            if let Some(old) = old.as_value() {
                *new.decor_mut() = old.decor().clone();
            }
            *old = Item::Value(new);
        }
        None => {
            table.insert(key, Item::Value(new));
        }
    }
    Ok(())
}

fn whole(label: &str, given: &str) -> Result<Value, String> {
    given.parse::<u16>().map(|number| i64::from(number).into()).map_err(|_| format!("{label}: enter a whole number"))
}

fn written(given: &str) -> Result<Value, String> {
    given
        .parse::<Value>()
        .map_err(|error: TomlError| format!("This is not written as the file needs it: {}", error.message().trim()))
}

/// Writes what was chosen: what is usual is left out.
fn put_choice(table: &mut dyn TableLike, name: &str, chosen: &str) -> Result<(), Wrong> {
    let usual = matches!((name, chosen), ("role", "sign") | ("unsure", "") | (_, "no"));
    let new: Value = if chosen == "yes" { true.into() } else { chosen.into() };
    set(table, name, (!usual).then_some(new))
}

/// Writes how a question is answered.
fn put_answering(table: &mut dyn TableLike, name: &str, answering: &Answering) -> Result<(), Wrong> {
    let (choices, number) = match answering {
        Answering::YesNo => (None, None),
        Answering::List(list) => (Some(list.as_str().into()), None),
        Answering::Own(rows) => (Some(rows::answers(name, rows)?), None),
        Answering::Number { unit, min, max } => {
            if unit.is_empty() {
                return Err(wrong(format!("{name}-unit"), "Enter the unit of the number"));
            }
            let [min, max] = [("min", "The least", min), ("max", "The most", max)].map(|(end, label, given)| {
                whole(label, given).map_err(|problem| wrong(format!("{name}-{end}"), problem))
            });
            let number = InlineTable::from_iter([("unit", unit.as_str().into()), ("min", min?), ("max", max?)]);
            (None, Some(Value::InlineTable(number)))
        }
    };
    set(table, "choices", choices)?;
    set(table, "number", number)
}
