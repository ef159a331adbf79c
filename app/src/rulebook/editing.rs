//! Changing a rule set's file, by the parts that forms show. Comments and order stay as they were.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, TomlError, Value, value};

use super::{
    Texts,
    catalogue::{Catalogue, OURS},
    condition_form::{Draft, Wrong},
    fields::{Control, Entry, sent, wrong},
    part_fields::{self, GRADE_OUT, GRADES, WEEK},
    places,
    soundness::Number,
};
use crate::{day::Day, triage::Kind};

/// A part that has a form of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Question,
    Rule,
    /// A condition that rules and questions name.
    Condition,
    /// A rule of the tracker.
    Watch,
    Vignette,
    /// What readers are told of the newest version.
    History,
}

impl Part {
    pub const ALL: [Self; 6] =
        [Self::History, Self::Rule, Self::Condition, Self::Watch, Self::Question, Self::Vignette];

    /// As an address writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Rule => "rule",
            Self::Condition => "condition",
            Self::Watch => "watch",
            Self::Vignette => "case",
            Self::History => "history",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Question => "Question",
            Self::Rule => "Rule",
            Self::Condition => "Named condition",
            Self::Watch => "Tracker rule",
            Self::Vignette => "Test case",
            Self::History => "What readers are told of version",
        }
    }

    /// Whether there can be one more and one fewer: of the others the program knows which there are, or they stand on a page.
    pub fn comes_and_goes(self) -> bool {
        !matches!(self, Self::Watch | Self::History)
    }

    /// Whether this one can go.
    pub fn can_go(self, id: &str) -> bool {
        self.comes_and_goes() && !(self == Self::Question && OURS.contains(&id))
    }

    fn text(self, texts: &Texts) -> &str {
        if self == Self::Vignette { &texts.vignettes } else { &texts.rules }
    }
}

/// Stands in an address for a part that is not there yet.
pub const NEW: &str = "new";
/// The field that takes a part out.
pub const TAKE_OUT: &str = "take_out";

/// A rule set begun from another: of the next version, signed by nobody yet. `published` are the versions that it has to be newer
/// than.
///
/// # Errors
/// Where the text is no TOML.
pub fn begin(from: &Texts, today: Day, published: &[String]) -> Result<Texts, String> {
    let mut document = parse(&from.rules)?;
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

fn parse(text: &str) -> Result<DocumentMut, String> {
    text.parse::<DocumentMut>().map_err(|error| error.to_string())
}

/// The ids of the parts of a kind, with words that tell them apart; nothing where the text cannot be read.
pub fn list(texts: &Texts, part: Part) -> Vec<(String, String)> {
    let Ok(document) = parse(part.text(texts)) else { return vec![] };
    let word = |table: &Table, key: &str| table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
    let tables = |item: Option<&Item>, id: &str, words: &str| {
        let all = item.and_then(Item::as_array_of_tables).into_iter().flatten();
        all.map(|table| (word(table, id), word(table, words))).collect::<Vec<_>>()
    };
    match part {
        Part::Question => {
            let screens = document.get("screen").and_then(Item::as_array_of_tables).into_iter().flatten();
            screens.flat_map(|screen| tables(screen.get("question"), "id", "text")).collect()
        }
        Part::Rule => tables(document.get("rule"), "id", "cause"),
        Part::Watch => tables(document.get("watch"), "id", "cause"),
        Part::Vignette => tables(document.get("vignette"), "id", "story"),
        Part::History => tables(document.get("history"), "version", "what").into_iter().take(1).collect(),
        Part::Condition => {
            let known = Catalogue::of(texts);
            let named = document.get("conditions").and_then(Item::as_table).into_iter().flat_map(Table::iter);
            named.map(|(name, item)| (name.to_owned(), part_fields::condition_words(item, known.as_ref()))).collect()
        }
    }
}

/// The table of a part; of a named condition, that which has them all.
fn find<'a>(document: &'a mut DocumentMut, part: Part, id: &str) -> Option<&'a mut Table> {
    let is = |table: &Table| table.get("id").and_then(Item::as_str) == Some(id);
    let of = |item: &'a mut Item| item.as_array_of_tables_mut().into_iter().flat_map(ArrayOfTables::iter_mut);
    match part {
        Part::Question => of(document.get_mut("screen")?)
            .flat_map(|screen| {
                screen
                    .get_mut("question")
                    .and_then(Item::as_array_of_tables_mut)
                    .into_iter()
                    .flat_map(ArrayOfTables::iter_mut)
            })
            .find(|table| is(table)),
        Part::Rule => of(document.get_mut("rule")?).find(|table| is(table)),
        Part::Watch => of(document.get_mut("watch")?).find(|table| is(table)),
        Part::Vignette => of(document.get_mut("vignette")?).find(|table| is(table)),
        Part::Condition => {
            document.get_mut("conditions")?.as_table_mut().filter(|named| id == NEW || named.contains_key(id))
        }
        Part::History => of(document.get_mut("history")?)
            .next()
            .filter(|table| table.get("version").and_then(Item::as_str) == Some(id)),
    }
}

/// The part as [`find`] does, and an empty one where the id is [`NEW`].
fn find_or_add<'a>(document: &'a mut DocumentMut, part: Part, id: &str) -> Option<&'a mut Table> {
    if id == NEW && part == Part::Condition {
        document.entry("conditions").or_insert_with(toml_edit::table);
    } else if id == NEW && part.comes_and_goes() {
        tables_mut(document, part)?.push(empty(part));
    }
    find(document, part, id)
}

/// Those of a kind; of questions, those of the first screen.
fn tables_mut(document: &mut DocumentMut, part: Part) -> Option<&mut ArrayOfTables> {
    let key = match part {
        Part::Vignette => "vignette",
        Part::Question => {
            return document
                .get_mut("screen")?
                .as_array_of_tables_mut()?
                .iter_mut()
                .next()?
                .get_mut("question")?
                .as_array_of_tables_mut();
        }
        _ => part.name(),
    };
    document.get_mut(key)?.as_array_of_tables_mut()
}

/// With its keys in the order of the others of its kind.
fn empty(part: Part) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table.insert("id", value(NEW));
    match part {
        Part::Vignette => {
            table.insert("story", value(""));
            table.insert("answers", value(InlineTable::new()));
            table.insert("urgency", value(""));
            table.insert("fires", value(Array::new()));
            table.insert("not", value(Array::new()));
        }
        Part::Question => {
            table.insert("text", value(""));
            table.insert("said", value(""));
        }
        _ => {
            table.insert("cause", value(""));
            table.insert("terms", value(Array::new()));
            table.insert("grade", value(Array::new()));
            table.insert("sources", value(Array::new()));
        }
    }
    table
}

/// The text that has the parts of a kind, and what there is to choose from.
fn open(texts: &Texts, part: Part) -> Result<(DocumentMut, Option<Catalogue>), String> {
    let document = parse(part.text(texts))?;
    let known = match part {
        Part::Vignette => Catalogue::of(texts),
        _ => Catalogue::gather(&texts.rules, &document),
    };
    Ok((document, known))
}

/// The form of one part, filled in from the file; nothing where there is no such part. What was `given` in it already decides
/// how many grades it has, and which fields a question's answers have.
pub fn form(texts: &Texts, part: Part, id: &str, given: &[(String, String)]) -> Option<Vec<Entry>> {
    let (mut document, known) = open(texts, part).ok()?;
    let table = find_or_add(&mut document, part, id)?;
    Some(part_fields::of(table, part, id, known.as_ref(), given))
}

/// The texts with a part as a form gives it: what is not among the fields `given` stays.
///
/// # Errors
/// What is wrong, by field.
pub fn apply(texts: &Texts, part: Part, id: &str, given: &[(String, String)]) -> Result<Texts, Wrong> {
    let gone = || wrong("part", "It is not there any more");
    let (mut document, known) = open(texts, part).map_err(|error| wrong("part", error))?;
    let known = known.as_ref();
    if part.can_go(id) && id != NEW && sent(given, TAKE_OUT).is_some() {
        if let Some(refusal) = places::kept_by(texts, part, id) {
            return Err(wrong(TAKE_OUT, refusal));
        }
        places::take_out(&mut document, part, id);
        return Ok(with(texts, part, &document));
    }
    let new_id = sent(given, "id").map(str::trim).filter(|_| id == NEW);
    let taken: Vec<usize> = (0..GRADES.len()).filter(|n| sent(given, GRADE_OUT[*n]).is_some()).collect();
    let is_taken = |entry: &Entry| taken.iter().any(|n| GRADES[*n].contains(&entry.name.as_str()));
    let mut problems = Vec::new();
    if new_id.is_some_and(|new| list(texts, part).iter().any(|(known, _)| known == new)) {
        problems.extend(wrong("id", "There is one of this id already"));
    }
    let table = find_or_add(&mut document, part, id).ok_or_else(gone)?;
    let entries = part_fields::of(table, part, id, known, given);
    let grades_before = grade_count(table);
    let mut place = None;
    for entry in &entries {
        if is_taken(entry) {
            // It is there until all are told apart.
            part_fields::grade_field(&entry.name).and_then(|(n, _)| grade_mut(table, n));
            continue;
        }
        let Some(new) = entry.sent(given) else { continue };
        // What is as it was keeps how it was written.
        if new == entry.control && id != NEW && !is_new_grade(entry, grades_before) {
            continue;
        }
        if entry.name == part_fields::PLACE {
            place = Some((new, entry));
        } else if let Err(found) = put(table, part, new_id.unwrap_or(id), entry, &new, known) {
            problems.extend(found);
        }
    }
    if part == Part::Rule {
        settle_grades(table, &taken, grades_before);
    }
    let is_named = problems.iter().all(|(field, _)| field != "id");
    if let Some((Control::OneOf { chosen, .. }, entry)) = place
        && is_named
        && let Err(problem) = places::move_question(&mut document, new_id.unwrap_or(id), &chosen)
    {
        problems.extend(wrong(&entry.name, problem));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(with(texts, part, &document))
}

/// The texts with this one in the place of that which holds the part.
fn with(texts: &Texts, part: Part, changed: &DocumentMut) -> Texts {
    let changed = changed.to_string();
    match part {
        Part::Vignette => Texts { vignettes: changed, rules: texts.rules.clone() },
        _ => Texts { rules: changed, vignettes: texts.vignettes.clone() },
    }
}

fn put(
    table: &mut Table,
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
        Control::Answers(answers) => return put_answers(table, entry, answers, known),
        Control::Answering { answering, .. } => return part_fields::put_answering(table, name, answering),
        Control::Count(_) | Control::Tick(_) => return Ok(()),
        _ => None,
    };
    if let Some((n, key)) = part_fields::grade_field(name) {
        let grade = grade_mut(table, n).ok_or_else(|| at_field("This grade is not there any more".to_owned()))?;
        return match key {
            "when" => set(grade, key, new_value),
            _ => set(grade, key, (!text.is_empty()).then(|| text.into())),
        };
    }
    if part == Part::Watch && name != "cause" {
        let number = whole(&entry.label, text).map_err(at_field)?;
        let limits = table
            .get_mut("limits")
            .and_then(Item::as_table_like_mut)
            .ok_or_else(|| at_field("It has no limits".to_owned()))?;
        if let Some((_, key)) = WEEK.iter().find(|(known, _)| *known == name) {
            let week = limits.get_mut("week").and_then(Item::as_table_like_mut);
            return set(week.ok_or_else(|| at_field("It has no week".to_owned()))?, key, Some(number));
        }
        return set(limits, name, Some(number));
    }
    match (part, name) {
        (_, "id") => {
            let id = new_id(part, text).map_err(at_field)?;
            if part == Part::Condition { Ok(()) } else { set(table, name, Some(id.into())) }
        }
        // Under a name that was refused it is not written at all.
        (Part::Condition, "condition") => match new_id(part, id) {
            Ok(_) => set(table, id, new_value),
            Err(_) => Ok(()),
        },
        (Part::Question, "role" | "unsure" | "private") => part_fields::put_choice(table, name, text),
        (_, "terms") => {
            let terms: Array = text.split(',').map(str::trim).filter(|term| !term.is_empty()).collect();
            set(table, name, Some(terms.into()))
        }
        (_, "hint") if text.is_empty() => set(table, name, None),
        (Part::Question, "asked_if") => set(table, name, new_value),
        _ if new_value.is_some() => set(table, name, new_value),
        _ if text.is_empty() => Err(at_field(format!("Enter something for “{}”", entry.label))),
        _ => set(table, name, Some(text.into())),
    }
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
    table: &mut Table,
    entry: &Entry,
    answers: &[(String, String)],
    known: Option<&Catalogue>,
) -> Result<(), Wrong> {
    let Control::Answers(old) = &entry.control else { return Ok(()) };
    let mut problems = Vec::new();
    let Some(file) = table.get_mut("answers").and_then(Item::as_table_like_mut) else {
        return Err(wrong(&entry.name, "It has no answers"));
    };
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
                    Kind::Number { min, max, .. } => {
                        format!("{}: enter a whole number from {min} to {max}", question.said)
                    }
                    _ => format!("{}: choose one of its answers", question.said),
                };
                problems.push((field, problem));
                continue;
            }
            Some(question) => match (&question.kind, answer.parse::<i64>()) {
                (Kind::Number { .. }, Ok(number)) => number.into(),
                _ => answer.as_str().into(),
            },
        };
        set(file, question, Some(new))?;
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn new_id(part: Part, given: &str) -> Result<&str, String> {
    if matches!(part, Part::Question | Part::Condition) {
        let is_one = part_fields::is_word(given) && given != NEW;
        return if is_one { Ok(given) } else { Err("Enter an id of small letters, digits and underscores".to_owned()) };
    }
    let is_one = !given.is_empty() && given.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if is_one && given != NEW { Ok(given) } else { Err("Enter an id of letters, digits and hyphens".to_owned()) }
}

pub(super) fn grade_count(table: &Table) -> usize {
    match table.get("grade") {
        Some(Item::Value(Value::Array(grades))) => grades.len(),
        Some(Item::ArrayOfTables(grades)) => grades.len(),
        _ => 0,
    }
}

fn is_new_grade(entry: &Entry, before: usize) -> bool {
    part_fields::grade_field(&entry.name).is_some_and(|(n, _)| n >= before)
}

/// The grade at this place; one more where it is the next.
fn grade_mut(table: &mut Table, n: usize) -> Option<&mut dyn TableLike> {
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
fn settle_grades(table: &mut Table, taken: &[usize], before: usize) {
    let has_more = grade_count(table) > before;
    if let Some(Item::ArrayOfTables(grades)) = table.get_mut("grade") {
        taken
            .iter()
            .rev()
            .filter(|n| **n < grades.len())
            .copied()
            .collect::<Vec<_>>()
            .into_iter()
            .for_each(|n| drop(grades.remove(n)));
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
            std::cmp::Reverse(part_fields::URGENCIES.iter().position(|known| Some(*known) == urgency))
        });
    }
}

/// With the spaces that stood around the old value.
pub(super) fn set(table: &mut dyn TableLike, key: &str, new: Option<Value>) -> Result<(), Wrong> {
    let Some(mut new) = new else {
        table.remove(key);
        return Ok(());
    };
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *new.decor_mut() = old.decor().clone();
    }
    table.insert(key, Item::Value(new));
    Ok(())
}

pub(super) fn whole(label: &str, given: &str) -> Result<Value, String> {
    given.parse::<u16>().map(|number| i64::from(number).into()).map_err(|_| format!("{label}: enter a whole number"))
}

fn written(given: &str) -> Result<Value, String> {
    given
        .parse::<Value>()
        .map_err(|error: TomlError| format!("This is not written as the file needs it: {}", error.message().trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        rulebook::{browser::fields_in, fields, part_page, soundness::built_in},
        triage::{self, Condition, Urgency, vignette},
        ui::form::Problems,
    };

    fn typed(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    const FEVER_FROM_60: [(&str, &str); 9] = [
        ("when_1", "group"),
        ("when_1-join", "all"),
        ("when_1-0", "answers"),
        ("when_1-0-about", "fever"),
        ("when_1-0-is", "yes"),
        ("when_1-1", "number"),
        ("when_1-1-about", "age"),
        ("when_1-1-compared", "least"),
        ("when_1-1-number", "60"),
    ];

    #[test]
    fn a_draft_is_the_next_version_and_otherwise_the_same() {
        let ours = built_in();
        let draft = begin(&ours, "2027-01-31".parse().unwrap(), &["2.4.0".to_owned()]).unwrap();
        let rules = triage::file::read(&draft.rules).unwrap_or_else(|problems| panic!("{problems:?}"));
        assert!(rules.version.starts_with("2.5.0+"), "{}", rules.version);
        assert_eq!((rules.history[0].version.as_str(), rules.history.len()), ("2.5.0", 5));
        // Every comment is still there.
        let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).count();
        assert_eq!(comments(&draft.rules), comments(&ours.rules));
        let before = triage::file::read(&ours.rules).unwrap();
        assert_eq!((rules.questions, rules.rules, rules.watch), (before.questions, before.rules, before.watch));
    }

    #[test]
    fn every_part_has_a_form_and_an_untouched_form_changes_nothing() {
        let ours = built_in();
        let known = Catalogue::of(&ours).unwrap();
        for part in Part::ALL {
            let ids = list(&ours, part);
            assert!(
                ids.len()
                    >= match part {
                        Part::History => 1,
                        Part::Condition => 4,
                        _ => 8,
                    },
                "{part:?}"
            );
            for (id, words) in ids {
                assert!(!words.is_empty(), "{part:?} {id}");
                let entries = form(&ours, part, &id, &[]).unwrap();
                assert!(!entries.is_empty());
                // As a browser sends it back.
                let html = part_page::controls(&entries, Some(&known), "", &Problems::default()).into_string();
                let same = fields_in(&html);
                assert!(!html.contains("class=\"code\""), "{part:?} {id}: all has fields");
                for (filled, entry) in fields::filled(entries.clone(), &same).iter().zip(&entries) {
                    assert!(filled == entry, "{part:?} {id} {}: {:.400}", entry.name, filled.words(Some(&known)));
                }
                assert_eq!(apply(&ours, part, &id, &same).unwrap(), ours, "{part:?} {id}");
            }
        }
    }

    #[test]
    fn forms_change_what_they_show() {
        let ours = built_in();
        let changed = |part, id: &str, pairs: &[(&str, &str)]| {
            let texts = apply(&ours, part, id, &typed(pairs)).unwrap();
            let rules = triage::file::read(&texts.rules).unwrap_or_else(|problems| panic!("{problems:?}"));
            vignette::read(&texts.vignettes, &rules).unwrap();
            (texts, rules)
        };
        let (_, rules) = changed(
            Part::Rule,
            "W01",
            &[&[("urgency_1", "emergency"), ("act_1", "Say so.")], &FEVER_FROM_60[..]].concat(),
        );
        let grade = &rules.rule("W01").unwrap().grades[0];
        assert!(matches!(&grade.when, Condition::All(parts) if parts.len() == 2), "{:?}", grade.when);
        assert_eq!((grade.urgency, grade.act.as_deref()), (Urgency::Emergency, Some("Say so.")));
        let (_, rules) = changed(Part::Question, "fever", &[("text", "Hot?"), ("hint", "")]);
        assert_eq!(
            (rules.question("fever").unwrap().text.as_str(), &rules.question("fever").unwrap().hint),
            ("Hot?", &None)
        );
        let (texts, _) = changed(Part::Watch, "T5", &[("nights", "6"), ("week_days", "8")]);
        assert!(texts.rules.contains("limits = { nights = 6, of_nights = 14, points = 1, days = 28, adherence_percent = 70, week = { days = 8, least_logged = 4 } }"));
        let (texts, _) = changed(
            Part::Vignette,
            "ordinary-lift",
            &[
                ("answer-age", "39"),
                ("answer-worried", ""),
                ("answer-fever", "no"),
                ("not-shown", "yes"),
                ("not", "W01"),
                ("not", "G01"),
            ],
        );
        assert!(
            texts.vignettes.contains("answers = { age = 39, pain_trend = \"steady\" , fever = \"no\" }")
                && texts.vignettes.contains("not = [\"G01\", \"W01\"]")
        );
    }

    #[test]
    fn rules_and_test_cases_come_and_go() {
        let ours = built_in();
        let fields = [
            ("id", "W22"),
            ("cause", "A fever after a journey is looked at."),
            ("urgency_1", "soon"),
            ("act_1", ""),
            ("terms", ""),
            ("sources-shown", "yes"),
            ("sources", "borders"),
        ];
        let rule = typed(&[&fields[..], &FEVER_FROM_60].concat());
        let texts = apply(&ours, Part::Rule, NEW, &rule).unwrap();
        let case = typed(&[
            ("id", "journey"),
            ("story", "A 70-year-old woman with a fever."),
            ("answer-age", "70"),
            ("answer-fever", "yes"),
            ("urgency", "urgent"),
            ("fires", "W22"),
            ("fires", "W01"),
            ("not", "E11"),
        ]);
        let texts = apply(&texts, Part::Vignette, NEW, &case).unwrap();
        let rules = triage::file::read(&texts.rules).unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!(rules.rule("W22").unwrap().grades[0].urgency, Urgency::Soon);
        let people = vignette::read(&texts.vignettes, &rules).unwrap();
        assert_eq!(people.last().unwrap().failures(&rules), Vec::<String>::new());
        // Whatever else there is stays as it was written.
        assert!(texts.rules.contains("\n\n[[rule]]\nid = \"W22\"\n") && texts.rules.len() - ours.rules.len() < 400);

        let out = typed(&[(TAKE_OUT, "yes")]);
        let back = apply(&apply(&texts, Part::Vignette, "journey", &out).unwrap(), Part::Rule, "W22", &out).unwrap();
        assert_eq!(back, ours);

        for id in ["", "new", "a b", "\"]", "ordinary-lift"] {
            let problems = apply(&ours, Part::Vignette, NEW, &typed(&[("id", id)])).expect_err(id);
            assert_eq!(problems[0].0, "id", "{problems:?}");
        }
        assert!(form(&ours, Part::Watch, NEW, &[]).is_none());
        // A rule that test cases name stays, and so does what a rule names.
        for (part, id, said) in [
            (Part::Rule, "W01", "the test case "),
            (Part::Condition, "back_pain", "the rule W15"),
            (Part::Condition, "back_pain", "the question first_pain"),
        ] {
            let problems = apply(&ours, part, id, &out).expect_err(id);
            assert!(problems[0].0 == TAKE_OUT && problems[0].1.contains(said), "{problems:?}");
        }
    }

    #[test]
    fn what_cannot_be_is_said_at_its_field() {
        let ours = built_in();
        for (part, id, field, given, said) in [
            (Part::Vignette, "ordinary-lift", "answer-age", "121", "enter a whole number from 0 to 120"),
            (Part::Vignette, "ordinary-lift", "answer-fever", "maybe", "choose one of its answers"),
            (Part::Vignette, "ordinary-lift", "answer-fevers", "yes", "There is no question"),
            (Part::Rule, "W01", "urgency_1", "now", "choose one of"),
            (Part::Watch, "T5", "nights", "many", "enter a whole number"),
            (Part::Question, "fever", "text", " ", "Enter something"),
        ] {
            let problems = apply(&ours, part, id, &typed(&[(field, given)])).expect_err(given);
            assert!(problems[0].0 == field && problems[0].1.contains(said), "{problems:?}");
        }
        assert!(form(&ours, Part::Rule, "Z99", &[]).is_none());
    }

    fn read(texts: &Texts) -> triage::RuleSet {
        triage::file::read(&texts.rules).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    #[test]
    fn grades_come_and_go() {
        let ours = built_in();
        let fields = [("grades", "2"), ("urgency_1", "urgent"), ("urgency_2", "emergency")];
        let second = FEVER_FROM_60.map(|(name, value)| (name.replace("when_1", "when_2"), value));
        let second: Vec<(&str, &str)> = second.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let more = apply(&ours, Part::Rule, "W01", &typed(&[&fields[..], &second].concat())).unwrap();
        // The most urgent comes first, wherever it was typed.
        let grades: Vec<Urgency> = read(&more).rule("W01").unwrap().grades.iter().map(|grade| grade.urgency).collect();
        assert_eq!(grades, [Urgency::Emergency, Urgency::Urgent]);
        let fewer = apply(&more, Part::Rule, "W01", &typed(&[("grades", "2"), ("out_1", "yes")])).unwrap();
        assert_eq!(read(&fewer).rule("W01").unwrap().grades, read(&ours).rule("W01").unwrap().grades);
        // One that was begun and is not wanted after all.
        let unwanted = typed(&[("grades", "3"), ("urgency_2", ""), ("out_2", "yes"), ("urgency_3", "")]);
        let problems = apply(&ours, Part::Rule, "W01", &unwanted).unwrap_err();
        assert_eq!(problems[0].0, "urgency_3", "{problems:?}");
        let unwanted = typed(&[("grades", "2"), ("urgency_2", ""), ("out_2", "yes")]);
        assert_eq!(apply(&ours, Part::Rule, "W01", &unwanted).unwrap(), ours);
    }

    #[test]
    fn questions_come_move_and_go() {
        let ours = built_in();
        let new = typed(&[
            ("id", "night_sweats"),
            ("text", "Do you sweat at night?"),
            ("hint", ""),
            ("said", "sweats at night"),
            ("place", "other:side_pain"),
            ("role", "sign"),
            ("answered", "yes-no"),
            ("unsure", "itself"),
            ("private", "yes"),
            ("asked_if", "group"),
            ("asked_if-join", "none"),
            ("asked_if-0", "answers"),
            ("asked_if-0-about", "fever"),
            ("asked_if-0-is", "no"),
        ]);
        let texts = apply(&ours, Part::Question, NEW, &new).unwrap();
        let block = "\n[[screen.question]]\nid = \"night_sweats\"\ntext = \"Do you sweat at night?\"\nsaid = \"sweats at night\"\nunsure = \"itself\"\nprivate = true\nasked_if = { not = \"fever=no\" }\n";
        assert!(texts.rules.contains(block), "{}", &texts.rules);
        assert_eq!(texts.rules.replacen(block, "", 1), ours.rules, "whatever else there is stays");
        // It has to be used; until then it can be changed further.
        assert!(triage::file::read(&texts.rules).unwrap_err().iter().all(|problem| problem.contains("night_sweats")));
        let known = Catalogue::of(&texts).unwrap();
        assert_eq!(places::place(&known, "night_sweats").unwrap(), "other:side_pain");
        let kinds = [
            ("answered", "own"),
            ("answered-0-id", "often"),
            ("answered-0-text", "Often"),
            ("answered-1-id", "not_sure"),
            ("answered-1-text", "Not sure"),
            ("answered-2-id", ""),
            ("answered-2-text", ""),
        ];
        let changed = apply(&texts, Part::Question, "night_sweats", &typed(&kinds)).unwrap();
        let Kind::OneOf(choices) =
            &Catalogue::of(&changed).unwrap().rules.question("night_sweats").unwrap().kind.clone()
        else {
            panic!("{}", changed.rules)
        };
        assert_eq!((choices[0].id.as_str(), choices.len()), ("often", 2));
        let number =
            [("answered", "number"), ("answered-unit", "nights"), ("answered-min", "0"), ("answered-max", "7")];
        let changed = apply(&changed, Part::Question, "night_sweats", &typed(&number)).unwrap();
        assert!(
            changed.rules.contains("number = { unit = \"nights\", min = 0, max = 7 }")
                && !changed.rules.contains("Often")
        );
        // To another screen, up, down, and to where it was.
        for place in ["bladder:", "bladder:saddle", "other:unbearable", "other:side_pain"] {
            let moved = apply(&texts, Part::Question, "night_sweats", &typed(&[("place", place)])).unwrap();
            assert_eq!(places::place(&Catalogue::of(&moved).unwrap(), "night_sweats").unwrap(), place);
            assert_eq!(moved.rules.len(), texts.rules.len());
            let back = apply(&moved, Part::Question, "night_sweats", &typed(&[("place", "other:side_pain")])).unwrap();
            assert_eq!(back, texts, "{place}");
        }
        let out = typed(&[(TAKE_OUT, "yes")]);
        assert_eq!(apply(&texts, Part::Question, "night_sweats", &out).unwrap(), ours);
    }

    #[test]
    fn a_question_that_something_needs_stays() {
        let ours = built_in();
        let out = typed(&[(TAKE_OUT, "yes")]);
        let problems = apply(&ours, Part::Question, "fever", &out).unwrap_err();
        assert_eq!(problems[0].0, TAKE_OUT);
        for by in ["the rule E14", "the rule W01", "the tracker's daily list", "the test case "] {
            assert!(problems[0].1.contains(by), "{by}: {problems:?}");
        }
        let problems = apply(&ours, Part::Question, "pain_where", &out).unwrap_err();
        for by in ["the question pain_since", "the condition back_pain", "what test cases usually answer"] {
            assert!(problems[0].1.contains(by), "{by}: {problems:?}");
        }
        // The program's own are not taken out, whatever is sent.
        for id in OURS {
            assert!(read(&ours).question(id).is_some());
            assert_eq!(apply(&ours, Part::Question, id, &out).unwrap(), ours);
        }
        for place in ["nowhere:", "bladder:fever", "bladder", "hurt:fever"] {
            let problems = apply(&ours, Part::Question, "fever", &typed(&[("place", place)])).unwrap_err();
            assert_eq!(problems, [("place".to_owned(), "Choose where it is asked".to_owned())], "{place}");
        }
    }

    #[test]
    fn what_has_no_fields_stays_as_it_is_written() {
        let ours = built_in();
        let odd = Texts { rules: ours.rules.replacen("when = \"chest\"", "when = { any = [] }", 1), ..ours };
        let when =
            form(&odd, Part::Rule, "E11", &[]).unwrap().into_iter().find(|entry| entry.name == "when_1").unwrap();
        assert_eq!(when.control, Control::Code("{ any = [] }".to_owned()));
        let problems = apply(&odd, Part::Rule, "E11", &typed(&[("when_1", "{ all = [")])).unwrap_err();
        assert!(
            problems[0].0 == "when_1" && problems[0].1.contains("not written as the file needs it"),
            "{problems:?}"
        );
        let mended = apply(&odd, Part::Rule, "E11", &typed(&[("when_1", "\"chest\"")])).unwrap();
        assert_eq!(mended.rules, built_in().rules);
    }
}
