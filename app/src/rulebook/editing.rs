//! Changing a rule set's file, by the parts that forms show. Comments and order stay as they were.

use toml_edit::{ArrayOfTables, Item, Table, value};

use super::{
    Texts,
    condition_form::Wrong,
    fields::{Control, Entry, sent, wrong},
    grades::{self, GRADE_OUT, GRADES},
    naming, part_fields,
    parts::{self, NEW, Part},
    places, putting,
    soundness::Number,
};
use crate::day::Day;

/// The field that takes a part out.
pub const TAKE_OUT: &str = "take_out";

/// A rule set begun from another: of the next version, signed by nobody yet. `published` are the versions that it has to be newer
/// than.
///
/// # Errors
/// Where the text is no TOML.
pub fn begin(from: &Texts, today: Day, published: &[String]) -> Result<Texts, String> {
    let mut document = parts::parse(&from.rules)?;
    let version = document.get("version").and_then(Item::as_str).unwrap_or_default();
    let newest = published.iter().map(String::as_str).chain([version]).filter_map(Number::of).max();
    let next = newest.unwrap_or(Number([1, 0, 0])).next().to_string();
    document["version"] = value(&next);
    document.remove("sign_off");
    if let Some(history) = document.get_mut("history").and_then(Item::as_array_of_tables_mut) {
        prepend(history, &next, today);
    }
    Ok(Texts { rules: document.to_string(), vignettes: from.vignettes.clone() })
}

/// Puts the new version before the others, where readers of the file look for it.
fn prepend(history: &mut ArrayOfTables, version: &str, today: Day) {
    let mut newest = Table::new();
    newest.insert("version", value(version));
    newest.insert("on", value(today.to_string()));
    newest.insert("what", value("Changed at the desk."));
    let mut all = ArrayOfTables::new();
    let first = history.iter().next().cloned();
    if let Some(first) = first {
        *newest.decor_mut() = first.decor().clone();
        newest.set_position(first.position());
    }
    all.push(newest);
    for old in history.iter() {
        all.push(old.clone());
    }
    *history = all;
}

/// The form of one part, filled in from the file; nothing where there is no such part. What was `given` in it already decides
/// how many grades it has, and which fields a question's answers have.
pub fn form(texts: &Texts, part: Part, id: &str, given: &[(String, String)]) -> Option<Vec<Entry>> {
    let (mut document, known) = parts::open(texts, part).ok()?;
    let table = parts::find_or_add(&mut document, part, id)?;
    Some(part_fields::of(table, part, id, known.as_ref(), given))
}

/// The texts with a part as a form gives it: what is not among the fields `given` stays.
///
/// # Errors
/// What is wrong, by field.
pub fn apply(texts: &Texts, part: Part, id: &str, given: &[(String, String)]) -> Result<Texts, Wrong> {
    let gone = || wrong("part", "It is not there any more");
    let (mut document, known) = parts::open(texts, part).map_err(|error| wrong("part", error))?;
    let known = known.as_ref();
    if part.can_go(id) && id != NEW && sent(given, TAKE_OUT).is_some() {
        if let Some(refusal) = naming::kept_by(texts, part, id) {
            return Err(wrong(TAKE_OUT, refusal));
        }
        places::take_out(&mut document, part, id);
        return Ok(part.changed(texts, &document));
    }
    let new_id = sent(given, "id").map(str::trim).filter(|_| id == NEW);
    let taken: Vec<usize> = (0..GRADES.len()).filter(|n| sent(given, GRADE_OUT[*n]).is_some()).collect();
    let is_taken = |entry: &Entry| taken.iter().any(|n| GRADES[*n].contains(&entry.name.as_str()));
    let mut problems = Vec::new();
    if new_id.is_some_and(|new| parts::list(texts, part).iter().any(|(known, _)| known == new)) {
        problems.extend(wrong("id", "There is one of this id already"));
    }
    let table = parts::find_or_add(&mut document, part, id).ok_or_else(gone)?;
    let entries = part_fields::of(table, part, id, known, given);
    let grades_before = grades::grade_count(table);
    let mut place = None;
    for entry in &entries {
        if is_taken(entry) {
            // It is there until all are told apart.
            grades::grade_field(&entry.name).and_then(|(n, _)| grades::grade_mut(table, n));
            continue;
        }
        let Some(new) = entry.sent(given) else { continue };
        // What is as it was keeps how it was written.
        if new == entry.control && id != NEW && !grades::is_new_grade(entry, grades_before) {
            continue;
        }
        problems.extend(gone_answers(texts, part, id, entry, &new));
        if entry.name == part_fields::PLACE {
            place = Some((new, entry));
        } else if let Err(found) = putting::put(table, part, new_id.unwrap_or(id), entry, &new, known) {
            problems.extend(found);
        }
    }
    if part == Part::Rule {
        grades::settle_grades(table, &taken, grades_before);
    }
    if part == Part::History {
        let version = table.get("version").and_then(Item::as_value).cloned();
        if document.get("version").and_then(Item::as_str) == Some(id) {
            putting::set(document.as_table_mut(), "version", version)?;
        }
    }
    let is_named = problems.iter().all(|(field, _)| field != "id");
    if let Some((Control::OneOf { chosen, .. }, entry)) = place
        && is_named
        && let Err(problem) = places::move_to(&mut document, part, new_id.unwrap_or(id), &chosen)
    {
        problems.extend(wrong(&entry.name, problem));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(part.changed(texts, &document))
}

/// Why answers that are not in a list any more have to stay in it.
fn gone_answers(texts: &Texts, part: Part, id: &str, entry: &Entry, new: &Control) -> Wrong {
    let (Part::Choices, Control::Rows { rows: old, .. }, Control::Rows { rows: new, .. }) = (part, &entry.control, new)
    else {
        return vec![];
    };
    let gone = old.iter().filter(|(answer, _)| new.iter().all(|(kept, _)| kept != answer));
    let refused = gone.filter_map(|(answer, _)| naming::answer_kept_by(texts, id, answer));
    refused.map(|refusal| (entry.name.clone(), refusal)).collect()
}
