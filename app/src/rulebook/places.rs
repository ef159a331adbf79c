//! Questions, rules, named conditions and test cases go and move, unless something holds them where they are.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

use super::{Texts, catalogue::Catalogue, condition::Written, editing::Part};
use crate::triage::Screen;

/// As a field has it: the screen, and the question before it there.
pub fn place(known: &Catalogue, id: &str) -> Option<String> {
    known.by_screen().find_map(|(screen, questions)| {
        let at = questions.iter().position(|question| question.id == id)?;
        let before = at.checked_sub(1).and_then(|before| questions.get(before)).map_or("", |before| &before.id);
        Some(format!("{}:{before}", screen.id))
    })
}

/// Every place for a question, with its words.
pub fn choices(known: &Catalogue, id: &str) -> Vec<(String, String)> {
    let named = |screen: &Screen| format!("{} ({})", screen.title, screen.id);
    let on = known.by_screen().flat_map(|(screen, questions)| {
        let first = (format!("{}:", screen.id), format!("{}: first", named(screen)));
        let after = questions.iter().filter(|question| question.id != id).map(move |question| {
            (format!("{}:{}", screen.id, question.id), format!("{}: after {}", named(screen), question.id))
        });
        std::iter::once(first).chain(after)
    });
    on.collect()
}

fn id_of(table: &Table) -> &str {
    table.get("id").and_then(Item::as_str).unwrap_or_default()
}

/// Each screen's questions.
fn questions(document: &mut DocumentMut) -> impl Iterator<Item = (String, &mut ArrayOfTables)> {
    let screens = document.get_mut("screen").and_then(Item::as_array_of_tables_mut);
    screens.into_iter().flat_map(ArrayOfTables::iter_mut).filter_map(|screen| {
        let id = id_of(screen).to_owned();
        Some((id, screen.get_mut("question")?.as_array_of_tables_mut()?))
    })
}

/// Puts a question where a field says.
///
/// # Errors
/// Where there is no such place.
pub fn move_question(document: &mut DocumentMut, id: &str, place: &str) -> Result<(), String> {
    let (screen, before) = place.split_once(':').ok_or("Choose where it is asked")?;
    let is_there =
        |all: &ArrayOfTables| before.is_empty() || (before != id && all.iter().any(|one| id_of(one) == before));
    if !questions(document).any(|(known, all)| known == screen && is_there(all)) {
        return Err("Choose where it is asked".to_owned());
    }
    let mut moved = None;
    for (from, all) in questions(document) {
        let Some(at) = all.iter().position(|one| id_of(one) == id) else { continue };
        if all.len() == 1 && from != screen {
            return Err(alone(&from));
        }
        moved = Some(all.remove(at));
        break;
    }
    let mut moved = moved.ok_or("It is not there any more")?;
    // Written after what it follows, and not where it was.
    moved.set_position(None);
    if let Some((_, all)) = questions(document).find(|(known, _)| known == screen) {
        let at = all.iter().position(|one| id_of(one) == before).map_or(0, |at| at + 1);
        all.insert(at, moved);
    }
    Ok(())
}

fn alone(screen: &str) -> String {
    format!("It is the only question of its screen ({screen}), and a screen asks something: move another there first")
}

/// Takes a part out of the file.
pub fn take_out(document: &mut DocumentMut, part: Part, id: &str) {
    let leave = |all: &mut ArrayOfTables| all.retain(|table| id_of(table) != id);
    match part {
        Part::Question => questions(document).for_each(|(_, all)| leave(all)),
        Part::Condition => {
            if let Some(named) = document.get_mut("conditions").and_then(Item::as_table_mut) {
                named.remove(id);
            }
        }
        _ => {
            let key = if part == Part::Vignette { "vignette" } else { part.name() };
            document.get_mut(key).and_then(Item::as_array_of_tables_mut).into_iter().for_each(leave);
        }
    }
}

/// Why a part cannot go: what names it.
pub fn kept_by(texts: &Texts, part: Part, id: &str) -> Option<String> {
    let by = match part {
        Part::Question | Part::Condition => naming(texts, part, id),
        Part::Rule => cases_naming(texts, id),
        _ => vec![],
    };
    if !by.is_empty() {
        return Some(format!("It cannot go while it is named by {}. Change those first", by.join(", ")));
    }
    if part != Part::Question {
        return None;
    }
    let known = Catalogue::of(texts)?;
    let (screen, _) = known.by_screen().find(|(_, questions)| matches!(questions, [only] if only.id == id))?;
    Some(alone(&screen.id))
}

fn cases(texts: &Texts) -> Option<DocumentMut> {
    texts.vignettes.parse().ok()
}

fn cases_naming(texts: &Texts, rule: &str) -> Vec<String> {
    let Some(cases) = cases(texts) else { return vec![] };
    let cases = cases.get("vignette").and_then(Item::as_array_of_tables).into_iter().flatten();
    let names = |case: &&Table| {
        let lists = ["fires", "not"].into_iter().filter_map(|key| case.get(key)?.as_array());
        lists.flatten().any(|one| one.as_str() == Some(rule))
    };
    cases.filter(names).map(|case| format!("the test case {}", id_of(case))).collect()
}

/// What names a question, or a condition that has a name.
fn naming(texts: &Texts, part: Part, id: &str) -> Vec<String> {
    let Ok(document) = texts.rules.parse::<DocumentMut>() else { return vec![] };
    let is_named = |item: Option<&Item>| item.is_some_and(|item| mentions(item, part, id));
    let mut by = Vec::new();
    let tables = |item: Option<&Item>| {
        item.and_then(Item::as_array_of_tables).into_iter().flatten().cloned().collect::<Vec<_>>()
    };
    for rule in tables(document.get("rule")) {
        if is_named(rule.get("grade")) {
            by.push(format!("the rule {}", id_of(&rule)));
        }
    }
    for question in tables(document.get("screen")).iter().flat_map(|screen| tables(screen.get("question"))) {
        if is_named(question.get("asked_if")) {
            by.push(format!("the question {}", id_of(&question)));
        }
    }
    if part == Part::Condition {
        return by;
    }
    for (name, item) in document.get("conditions").and_then(Item::as_table).into_iter().flat_map(Table::iter) {
        if is_named(Some(item)) {
            by.push(format!("the condition {name}"));
        }
    }
    if document
        .get("daily")
        .and_then(Item::as_array)
        .is_some_and(|daily| daily.iter().any(|one| one.as_str() == Some(id)))
    {
        by.push("the tracker's daily list".to_owned());
    }
    let Some(cases) = cases(texts) else { return by };
    if cases.get("usual").and_then(Item::as_table_like).is_some_and(|usual| usual.contains_key(id)) {
        by.push("what test cases usually answer".to_owned());
    }
    for case in cases.get("vignette").and_then(Item::as_array_of_tables).into_iter().flatten() {
        if case.get("answers").and_then(Item::as_table_like).is_some_and(|answers| answers.contains_key(id)) {
            by.push(format!("the test case {}", id_of(case)));
        }
    }
    by
}

/// Whether conditions in it name this; what cannot be read as one does where the word occurs.
fn mentions(item: &Item, part: Part, id: &str) -> bool {
    let written = |item: &Item| item.as_value().and_then(Written::read);
    if let Some(condition) = written(item) {
        return if part == Part::Question { condition.asks(id) } else { condition.names(id) };
    }
    let grades: Option<Vec<Written>> = match item {
        Item::ArrayOfTables(grades) => grades.iter().map(|grade| written(grade.get("when")?)).collect(),
        _ => item.as_array().and_then(|grades| {
            grades.iter().map(|grade| Written::read(grade.as_inline_table()?.get("when")?)).collect()
        }),
    };
    match grades {
        Some(grades) => grades.iter().any(|when| if part == Part::Question { when.asks(id) } else { when.names(id) }),
        None => {
            item.to_string().split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == id)
        }
    }
}
