//! Changing a rule set's file, by the parts that forms show. Comments and order stay as they were.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, TomlError, Value, value};

use super::{Texts, soundness::Number};
use crate::day::Day;

/// A part that has a form of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Question,
    Rule,
    /// A rule of the tracker.
    Watch,
    Vignette,
    /// What readers are told of the newest version.
    History,
}

impl Part {
    pub const ALL: [Self; 5] = [Self::History, Self::Question, Self::Rule, Self::Watch, Self::Vignette];

    /// As an address writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Rule => "rule",
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
            Self::Watch => "Tracker rule",
            Self::Vignette => "Test case",
            Self::History => "What readers are told of version",
        }
    }

    /// Whether there can be one more and one fewer: of the others the program knows which there are, or they stand on a page.
    pub fn comes_and_goes(self) -> bool {
        matches!(self, Self::Rule | Self::Vignette)
    }

    fn text(self, texts: &Texts) -> &str {
        if self == Self::Vignette { &texts.vignettes } else { &texts.rules }
    }
}

/// A field of a part's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: &'static str,
    pub label: String,
    pub hint: Option<&'static str>,
    pub value: String,
    /// Whether it is several lines long.
    pub long: bool,
    /// What can be chosen, where it is a choice.
    pub choices: &'static [&'static str],
}

/// Stands in an address for a part that is not there yet.
pub const NEW: &str = "new";
/// The field that takes a part out.
pub const TAKE_OUT: &str = "take_out";

const URGENCIES: [&str; 5] = ["self-care", "routine", "soon", "urgent", "emergency"];
/// The fields of each grade: how urgent, when, and what to do. More grades than urgencies there cannot be.
const GRADES: [[&str; 3]; 5] = [
    ["urgency_1", "when_1", "act_1"],
    ["urgency_2", "when_2", "act_2"],
    ["urgency_3", "when_3", "act_3"],
    ["urgency_4", "when_4", "act_4"],
    ["urgency_5", "when_5", "act_5"],
];
const LIMITS: [&str; 18] = [
    "foot_points",
    "heel_walk_steps",
    "days",
    "fast_foot_points",
    "fast_days",
    "pain",
    "numbness",
    "calm_pain",
    "least_logged",
    "points",
    "percent",
    "running_days",
    "first_days",
    "nights",
    "of_nights",
    "adherence_percent",
    "pain_points",
    "trips",
];
const MORE_LIMITS: [&str; 1] = ["foot_at_most"];
/// Of the week that a middle value is taken of: the field, and its name in the file.
const WEEK: [(&str, &str); 2] = [("week_days", "days"), ("week_least_logged", "least_logged")];

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
    let of = |table: &Table| {
        let word = |key: &str| table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
        (
            word("id"),
            if part == Part::Question {
                word("text")
            } else if part == Part::Vignette {
                word("story")
            } else {
                word("cause")
            },
        )
    };
    let tables = |item: Option<&Item>| {
        item.and_then(Item::as_array_of_tables).into_iter().flatten().cloned().collect::<Vec<_>>()
    };
    match part {
        Part::Question => tables(document.get("screen"))
            .iter()
            .flat_map(|screen| tables(screen.get("question")))
            .map(|table| of(&table))
            .collect(),
        Part::Rule => tables(document.get("rule")).iter().map(of).collect(),
        Part::Watch => tables(document.get("watch")).iter().map(of).collect(),
        Part::Vignette => tables(document.get("vignette")).iter().map(of).collect(),
        Part::History => {
            let word = |table: &Table, key: &str| table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
            let newest = tables(document.get("history")).into_iter().take(1);
            newest.map(|table| (word(&table, "version"), word(&table, "what"))).collect()
        }
    }
}

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
        Part::History => of(document.get_mut("history")?)
            .next()
            .filter(|table| table.get("version").and_then(Item::as_str) == Some(id)),
    }
}

/// The part as [`find`] does, and an empty one where the id is [`NEW`].
fn find_or_add<'a>(document: &'a mut DocumentMut, part: Part, id: &str) -> Option<&'a mut Table> {
    if id == NEW && part.comes_and_goes() {
        tables_mut(document, part)?.push(empty(part));
    }
    find(document, part, id)
}

fn tables_mut(document: &mut DocumentMut, part: Part) -> Option<&mut ArrayOfTables> {
    let key = if part == Part::Vignette { "vignette" } else { part.name() };
    document.get_mut(key)?.as_array_of_tables_mut()
}

/// With its keys in the order of the others of its kind.
fn empty(part: Part) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table.insert("id", value(NEW));
    if part == Part::Vignette {
        table.insert("story", value(""));
        table.insert("answers", value(InlineTable::new()));
        table.insert("urgency", value(URGENCIES[0]));
        table.insert("fires", value(Array::new()));
        table.insert("not", value(Array::new()));
    } else {
        table.insert("cause", value(""));
        table.insert("terms", value(Array::new()));
        let grade = InlineTable::from_iter([("urgency", URGENCIES[0])]);
        table.insert("grade", value(Array::from_iter([grade])));
        table.insert("sources", value(Array::new()));
    }
    table
}

/// The form of one part, filled in; nothing where there is no such part.
pub fn form(texts: &Texts, part: Part, id: &str) -> Option<Vec<Entry>> {
    let mut document = parse(part.text(texts)).ok()?;
    let table = find_or_add(&mut document, part, id)?;
    let mut entries = Vec::new();
    let mut entry = |name: &'static str, label: &str, hint, value: String, long, choices| {
        entries.push(Entry { name, label: label.to_owned(), hint, value, long, choices });
    };
    let word = |key: &str| table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
    if id == NEW {
        let hint = "Letters, digits and hyphens. It stays: others name it.";
        entry("id", "Its id", Some(hint), String::new(), false, &[]);
    }
    match part {
        Part::History => entry("what", "What changed, for readers", None, word("what"), true, &[]),
        Part::Question => {
            entry("text", "The question", None, word("text"), true, &[]);
            entry("hint", "More about it", Some("Leave it empty where none is needed."), word("hint"), true, &[]);
            entry("said", "As said back to the reader", None, word("said"), false, &[]);
        }
        Part::Rule => {
            entry(
                "cause",
                "What the signs may mean",
                Some("Readers see it with the result."),
                word("cause"),
                true,
                &[],
            );
            for (n, (names, grade)) in GRADES.iter().zip(grades(table)).enumerate() {
                let at = if n == 0 { String::new() } else { format!(", otherwise ({})", n + 1) };
                entry(names[0], &format!("How urgent it is{at}"), None, grade[0].clone(), false, &URGENCIES);
                entry(names[1], &format!("When{at}"), Some(WHEN), grade[1].clone(), true, &[]);
                entry(
                    names[2],
                    &format!("What to do beside{at}"),
                    Some(
                        "{urgent} stands for the number of the urgent line. Leave it empty where nothing is to be added.",
                    ),
                    grade[2].clone(),
                    true,
                    &[],
                );
            }
            let terms = "By which an article mentions its sign, with commas between. A rule of at least \u{201c}urgent\u{201d} needs some.";
            entry("terms", "Words", Some(terms), ids(table.get("terms")), false, &[]);
            let sources = "Their names in the file, with commas between.";
            entry("sources", "Sources", Some(sources), ids(table.get("sources")), false, &[]);
        }
        Part::Watch => {
            entry("cause", "What it may mean", None, word("cause"), true, &[]);
            let limits = table.get("limits").and_then(Item::as_table_like);
            let number = |table: Option<&dyn TableLike>, key: &str| {
                table.and_then(|table| table.get(key)).and_then(Item::as_integer)
            };
            for name in LIMITS.into_iter().chain(MORE_LIMITS) {
                if let Some(limit) = number(limits, name) {
                    entry(name, &label(name), None, limit.to_string(), false, &[]);
                }
            }
            let week = limits.and_then(|limits| limits.get("week")).and_then(Item::as_table_like);
            for (name, key) in WEEK {
                if let Some(limit) = number(week, key) {
                    entry(name, &label(name), None, limit.to_string(), false, &[]);
                }
            }
        }
        Part::Vignette => {
            entry("story", "The story", None, word("story"), true, &[]);
            let answers = table.get("answers").map(bare).unwrap_or_default();
            entry(
                "answers",
                "What they answer",
                Some("As the file has it: { age = 38, fever = \"yes\" }. What is not named is usual, or no."),
                answers,
                true,
                &[],
            );
            entry("urgency", "What they must be told", None, word("urgency"), false, &URGENCIES);
            entry(
                "fires",
                "Rules that must fire",
                Some("Their ids, with commas between."),
                ids(table.get("fires")),
                false,
                &[],
            );
            entry(
                "not",
                "Rules that come near, and must not",
                Some("Their ids, with commas between."),
                ids(table.get("not")),
                false,
                &[],
            );
        }
    }
    Some(entries)
}

const WHEN: &str =
    "As the file has it: \"fever\", or { all = [\"fever\", \"age>=60\"] }. The first comment of the file explains it.";

fn label(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A value as written, without what stands around it.
fn bare(item: &Item) -> String {
    item.to_string().trim().to_owned()
}

fn ids(item: Option<&Item>) -> String {
    let ids = item.and_then(Item::as_array).into_iter().flatten().filter_map(Value::as_str);
    ids.collect::<Vec<_>>().join(", ")
}

/// Urgency, condition and advice of each grade.
fn grades(table: &Table) -> Vec<[String; 3]> {
    let of = |grade: &dyn TableLike| {
        let word = |key: &str| grade.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
        [word("urgency"), grade.get("when").map(bare).unwrap_or_default(), word("act")]
    };
    match table.get("grade") {
        Some(Item::Value(Value::Array(grades))) => {
            grades.iter().filter_map(Value::as_inline_table).map(|grade| of(grade)).collect()
        }
        Some(Item::ArrayOfTables(grades)) => grades.iter().map(|grade| of(grade)).collect(),
        _ => vec![],
    }
}

/// The texts with a part as a form gives it: what is not among `typed` stays.
///
/// # Errors
/// What is wrong, by field.
pub fn apply(
    texts: &Texts,
    part: Part,
    id: &str,
    typed: &[(String, String)],
) -> Result<Texts, Vec<(&'static str, String)>> {
    let gone = || vec![("part", "It is not there any more".to_owned())];
    let entries = form(texts, part, id).ok_or_else(gone)?;
    let mut document = parse(part.text(texts)).map_err(|error| vec![("part", error)])?;
    if part.comes_and_goes() && typed.iter().any(|(name, _)| name == TAKE_OUT) {
        let all = tables_mut(&mut document, part).ok_or_else(gone)?;
        all.retain(|table| table.get("id").and_then(Item::as_str) != Some(id));
        return Ok(with(texts, part, &document));
    }
    let table = find_or_add(&mut document, part, id).ok_or_else(gone)?;
    let mut problems = Vec::new();
    for entry in &entries {
        let Some((_, given)) = typed.iter().find(|(name, _)| name == entry.name) else { continue };
        let given = given.replace("\r\n", "\n");
        // What is as it was keeps how it was written.
        if given == entry.value && id != NEW {
            continue;
        }
        if let Err(problem) = put(table, part, entry, given.trim()) {
            problems.push((entry.name, problem));
        }
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

fn put(table: &mut Table, part: Part, entry: &Entry, given: &str) -> Result<(), String> {
    let name = entry.name;
    if !entry.choices.is_empty() && !entry.choices.contains(&given) {
        return Err(format!("{}: choose one of {}", entry.label, entry.choices.join(", ")));
    }
    if let Some((n, field)) =
        GRADES.iter().enumerate().find_map(|(n, names)| Some((n, names.iter().position(|known| *known == name)?)))
    {
        let key = ["urgency", "when", "act"][field];
        let new = if key == "when" { written(given)? } else { given.into() };
        let grade = grade_mut(table, n).ok_or("This grade is not there any more")?;
        return set(grade, key, (key != "act" || !given.is_empty()).then_some(new));
    }
    if let Some((_, key)) = WEEK.iter().find(|(known, _)| *known == name) {
        let limits = table.get_mut("limits").and_then(Item::as_table_like_mut);
        let week = limits.and_then(|limits| limits.get_mut("week")).and_then(Item::as_table_like_mut);
        return set(week.ok_or("It has no week")?, key, Some(whole(&entry.label, given)?));
    }
    match (part, name) {
        (Part::Watch, name) if name != "cause" => {
            let limits = table.get_mut("limits").and_then(Item::as_table_like_mut);
            set(limits.ok_or("It has no limits")?, name, Some(whole(&entry.label, given)?))
        }
        (Part::Vignette, "answers") => set(table, name, Some(written(given)?)),
        (_, "id") => set(table, name, Some(new_id(given)?.into())),
        (_, "fires" | "not" | "terms" | "sources") => {
            let ids: Array = given.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
            set(table, name, Some(ids.into()))
        }
        (_, "hint") if given.is_empty() => set(table, name, None),
        _ if given.is_empty() => Err(format!("Enter something for “{}”", entry.label)),
        _ => set(table, name, Some(given.into())),
    }
}

fn new_id(given: &str) -> Result<&str, String> {
    let is_one = !given.is_empty() && given.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if is_one && given != NEW { Ok(given) } else { Err("Enter an id of letters, digits and hyphens".to_owned()) }
}

fn grade_mut(table: &mut Table, n: usize) -> Option<&mut dyn TableLike> {
    match table.get_mut("grade")? {
        Item::Value(Value::Array(grades)) => Some(grades.get_mut(n)?.as_inline_table_mut()?),
        Item::ArrayOfTables(grades) => Some(grades.get_mut(n)?),
        _ => None,
    }
}

/// With the spaces that stood around the old value.
fn set(table: &mut dyn TableLike, key: &str, new: Option<Value>) -> Result<(), String> {
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

fn whole(label: &str, given: &str) -> Result<Value, String> {
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
        rulebook::soundness::built_in,
        triage::{self, Urgency, vignette},
    };

    fn typed(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

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
        for part in Part::ALL {
            let ids = list(&ours, part);
            assert!(ids.len() >= if part == Part::History { 1 } else { 8 }, "{part:?}");
            for (id, words) in ids {
                assert!(!words.is_empty(), "{part:?} {id}");
                let entries = form(&ours, part, &id).unwrap();
                assert!(!entries.is_empty());
                let same: Vec<(String, String)> =
                    entries.into_iter().map(|entry| (entry.name.to_owned(), entry.value)).collect();
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
            &[("urgency_1", "emergency"), ("when_1", "{ all = [\"fever\", \"age>=60\"] }"), ("act_1", "Say so.")],
        );
        let grade = &rules.rule("W01").unwrap().grades[0];
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
            &[("answers", "{ age = 39, pain_trend = \"steady\" }"), ("not", "G01, W01")],
        );
        assert!(
            texts.vignettes.contains("answers = { age = 39, pain_trend = \"steady\" }")
                && texts.vignettes.contains("not = [\"G01\", \"W01\"]")
        );
    }

    #[test]
    fn rules_and_test_cases_come_and_go() {
        let ours = built_in();
        let rule = typed(&[
            ("id", "W22"),
            ("cause", "A fever after a journey is looked at."),
            ("urgency_1", "soon"),
            ("when_1", "{ all = [\"fever\", \"age>=60\"] }"),
            ("act_1", ""),
            ("terms", ""),
            ("sources", "borders"),
        ]);
        let texts = apply(&ours, Part::Rule, NEW, &rule).unwrap();
        let case = typed(&[
            ("id", "journey"),
            ("story", "A 70-year-old woman with a fever."),
            ("answers", "{ age = 70, fever = \"yes\" }"),
            ("urgency", "urgent"),
            ("fires", "W22, W01"),
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
        let back = apply(&apply(&texts, Part::Rule, "W22", &out).unwrap(), Part::Vignette, "journey", &out).unwrap();
        assert_eq!(back, ours);

        for id in ["", "new", "a b", "\"]"] {
            let problems = apply(&ours, Part::Vignette, NEW, &typed(&[("id", id)])).expect_err(id);
            assert_eq!(problems[0].0, "id", "{problems:?}");
        }
        assert!(form(&ours, Part::Question, NEW).is_none());
    }

    #[test]
    fn what_cannot_be_is_said_at_its_field() {
        let ours = built_in();
        for (part, id, field, given, said) in [
            (Part::Rule, "W01", "when_1", "{ all = [", "not written as the file needs it"),
            (Part::Rule, "W01", "urgency_1", "now", "choose one of"),
            (Part::Watch, "T5", "nights", "many", "enter a whole number"),
            (Part::Question, "fever", "text", " ", "Enter something"),
        ] {
            let problems = apply(&ours, part, id, &typed(&[(field, given)])).expect_err(given);
            assert!(problems[0].0 == field && problems[0].1.contains(said), "{problems:?}");
        }
        assert!(form(&ours, Part::Rule, "Z99").is_none());
    }
}
