//! Which fields the form of each part has, and what the file says in them.

use toml_edit::{Array, InlineTable, Item, Table, TableLike, Value};

use super::{
    catalogue::Catalogue,
    condition::Written,
    condition_form::{Draft, Wrong},
    editing::{NEW, Part, grade_count, set, whole},
    fields::{Answering, Control, Entry, sent, wrong},
    places, words,
};

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
/// Where a question is asked.
pub const PLACE: &str = "place";

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
pub const WEEK: [(&str, &str); 2] = [("week_days", "days"), ("week_least_logged", "least_logged")];

/// The grade that a field is of, from 0, and the key of it in the file.
pub fn grade_field(name: &str) -> Option<(usize, &'static str)> {
    let at = |names: &[&str; 3]| names.iter().position(|known| *known == name);
    GRADES.iter().enumerate().find_map(|(n, names)| Some((n, ["urgency", "when", "act"][at(names)?])))
}

/// The fields, filled in. What was `given` in the form decides how many grades it has.
pub fn of(table: &Table, part: Part, id: &str, known: Option<&Catalogue>, given: &[(String, String)]) -> Vec<Entry> {
    let mut form = Fields { table, entries: vec![], known };
    if id == NEW {
        let hint = match part {
            Part::Question | Part::Condition => "Small letters, digits and underscores. It stays: others name it.",
            _ => "Letters, digits and hyphens. It stays: others name it.",
        };
        form.add("id", "Its id", Some(hint), Control::line(""));
    }
    match part {
        Part::History => form.lines("what", "What changed, for readers", None),
        Part::Condition => {
            let hint = "Rules and questions that name it hold when this does.";
            form.condition("condition", "When it holds", Some(hint), table.get(id));
        }
        Part::Question => form.question(id),
        Part::Rule => form.rule(id, given),
        Part::Watch => form.watch(),
        Part::Vignette => form.vignette(),
    }
    form.entries
}

/// When a named condition holds, in words, or as the file has it.
pub fn condition_words(item: &Item, known: Option<&Catalogue>) -> String {
    let condition = known.and_then(|known| {
        let condition = Written::read(item.as_value()?)?.resolved(known)?;
        Some(words::condition(&known.rules, &condition))
    });
    condition.unwrap_or_else(|| bare(item))
}

/// A value as written, without what stands around it.
fn bare(item: &Item) -> String {
    item.to_string().trim().to_owned()
}

struct Fields<'a> {
    table: &'a Table,
    entries: Vec<Entry>,
    known: Option<&'a Catalogue>,
}

impl Fields<'_> {
    fn add(&mut self, name: &str, label: &str, hint: Option<&'static str>, control: Control) {
        self.entries.push(Entry { name: name.to_owned(), label: label.to_owned(), hint, control });
    }

    fn word(&self, key: &str) -> String {
        self.table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned()
    }

    fn list(&self, key: &str) -> Vec<String> {
        let all = self.table.get(key).and_then(Item::as_array).into_iter().flatten();
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    fn lines(&mut self, name: &str, label: &str, hint: Option<&'static str>) {
        let value = Control::Lines(self.word(name));
        self.add(name, label, hint, value);
    }

    fn condition(&mut self, name: &str, label: &str, hint: Option<&'static str>, item: Option<&Item>) {
        let draft = match (item, self.known) {
            (None, Some(_)) => Some(Draft::empty()),
            (Some(item), Some(known)) => {
                item.as_value().and_then(Written::read).and_then(|written| Draft::of(&written, known))
            }
            (_, None) => None,
        };
        match draft {
            Some(draft) => self.add(name, label, hint, Control::Condition(draft)),
            None => self.add(name, label, Some(AS_WRITTEN), Control::Code(item.map(bare).unwrap_or_default())),
        }
    }

    fn ticks(&mut self, name: &str, label: &str, hint: Option<&'static str>, choices: Vec<(String, String)>) {
        let ticked = self.list(name);
        self.add(name, label, hint, Control::Ticks { ticked, choices });
    }

    fn rules(&self) -> Vec<(String, String)> {
        let rules = self.known.into_iter().flat_map(|known| &known.rules.rules);
        rules.map(|rule| (rule.id.clone(), rule.cause.clone())).collect()
    }

    fn question(&mut self, id: &str) {
        self.lines("text", "The question", None);
        self.lines("hint", "More about it", Some("Leave it empty where none is needed."));
        self.add("said", "As said back to the reader", None, Control::line(self.word("said")));
        if let Some(known) = self.known {
            let chosen = places::place(known, id).unwrap_or_default();
            let hint = "What somebody has to answer first stands on an earlier screen.";
            self.add(PLACE, "Where it is asked", Some(hint), Control::one_of(chosen, places::choices(known, id)));
        }
        let role = Control::one_of(or(self.word("role"), "sign"), ROLES);
        self.add("role", "What its answer may do", None, role);
        let lists = self.known.map(|known| known.choices.clone()).unwrap_or_default();
        let answering = Control::Answering { answering: Answering::of(self.table), lists };
        self.add("answered", "How it is answered", None, answering);
        self.add(
            "unsure",
            "What “not sure” counts as",
            Some("Of a sign alone."),
            Control::one_of(self.word("unsure"), UNSURE),
        );
        let private = self.table.get("private").and_then(Item::as_bool).unwrap_or_default();
        let private = Control::one_of(if private { "yes" } else { "no" }, PRIVATE);
        self.add(
            "private",
            "Does it also offer “Prefer not to say”?",
            Some("That counts as no. Of a sign alone."),
            private,
        );
        let hint = "Without a condition it is always asked. It can depend on earlier screens alone.";
        self.condition("asked_if", "It is asked", Some(hint), self.table.get("asked_if"));
    }

    fn rule(&mut self, id: &str, given: &[(String, String)]) {
        self.lines("cause", "What the signs may mean", Some("Readers see it with the result."));
        let there = grade_count(self.table);
        let wanted = sent(given, GRADE_COUNT).and_then(|count| count.parse().ok()).unwrap_or(there);
        let count = wanted.clamp(there.max(1), GRADES.len().max(there));
        for (n, names) in GRADES.iter().enumerate().take(count) {
            let grade = grade(self.table, n);
            let word = |key: &str| grade.and_then(|grade| grade.get(key)?.as_str()).unwrap_or_default().to_owned();
            let at = if n == 0 { String::new() } else { format!(", otherwise ({})", n + 1) };
            self.add(
                names[0],
                &format!("How urgent it is{at}"),
                None,
                Control::one_of(word("urgency"), URGENCIES.map(|one| (one, one))),
            );
            self.condition(names[1], &format!("When{at}"), None, grade.and_then(|grade| grade.get("when")));
            let hint =
                "{urgent} stands for the number of the urgent line. Leave it empty where nothing is to be added.";
            self.add(names[2], &format!("What to do beside{at}"), Some(hint), Control::Lines(word("act")));
            if count > 1 {
                self.add(GRADE_OUT[n], &format!("Take this grade out{at}"), None, Control::Tick(false));
            }
        }
        self.add(GRADE_COUNT, "Add a grade", None, Control::Count(there.max(1)));
        let terms =
            "By which an article mentions its sign, with commas between. A rule of at least “urgent” needs some.";
        self.add("terms", "Words", Some(terms), Control::Line(self.list("terms").join(", ")));
        let sources = self.known.map(|known| known.sources.clone()).unwrap_or_default();
        self.ticks("sources", "Sources", if id == NEW { Some("At least one.") } else { None }, sources);
    }

    fn watch(&mut self) {
        self.lines("cause", "What it may mean", None);
        let limits = self.table.get("limits").and_then(Item::as_table_like);
        let number = |table: Option<&dyn TableLike>, key: &str| {
            table.and_then(|table| table.get(key)).and_then(Item::as_integer)
        };
        for name in LIMITS.into_iter().chain(MORE_LIMITS) {
            if let Some(limit) = number(limits, name) {
                self.add(name, &label(name), None, Control::line(limit.to_string()));
            }
        }
        let week = limits.and_then(|limits| limits.get("week")).and_then(Item::as_table_like);
        for (name, key) in WEEK {
            if let Some(limit) = number(week, key) {
                self.add(name, &label(name), None, Control::line(limit.to_string()));
            }
        }
    }

    fn vignette(&mut self) {
        self.lines("story", "The story", None);
        let answers = self.table.get("answers").and_then(Item::as_table_like);
        let text = |item: &Item| item.as_str().map(str::to_owned).or_else(|| Some(item.as_integer()?.to_string()));
        let pairs = answers.into_iter().flat_map(TableLike::iter);
        let answers = pairs.filter_map(|(question, item)| Some((question.to_owned(), text(item)?))).collect();
        let hint = "What is not answered here is as usual, or no.";
        self.add("answer", "What they answer", Some(hint), Control::Answers(answers));
        let urgency = Control::one_of(self.word("urgency"), URGENCIES.map(|one| (one, one)));
        self.add("urgency", "What they must be told", None, urgency);
        self.ticks("fires", "Rules that must fire", None, self.rules());
        self.ticks("not", "Rules that come near, and must not", None, self.rules());
    }
}

const AS_WRITTEN: &str =
    "It has no fields here, so it stands as the file has it. The first comment of the file explains that.";
const ROLES: [(&str, &str); 2] = [
    ("sign", "A sign: it can only raise the outcome"),
    ("context", "A context: it chooses between outcomes; unanswered, it counts as what is more urgent"),
];
const UNSURE: [(&str, &str); 2] =
    [("", "As yes"), ("itself", "An answer of its own, which a rule of at least “soon” names")];
const PRIVATE: [(&str, &str); 2] = [("no", "No"), ("yes", "Yes")];

fn or(word: String, otherwise: &str) -> String {
    if word.is_empty() { otherwise.to_owned() } else { word }
}

fn label(name: &str) -> String {
    words::capital(&name.replace('_', " "))
}

fn grade(table: &Table, n: usize) -> Option<&dyn TableLike> {
    match table.get("grade")? {
        Item::Value(Value::Array(grades)) => Some(grades.get(n)?.as_inline_table()?),
        Item::ArrayOfTables(grades) => Some(grades.get(n)?),
        _ => None,
    }
}

/// Whether it is lower-case words joined by underscores.
pub fn is_word(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

/// Writes what a question is: what is usual is left out.
pub fn put_choice(table: &mut Table, name: &str, chosen: &str) -> Result<(), Wrong> {
    let usual = matches!((name, chosen), ("role", "sign") | ("unsure", "") | ("private", "no"));
    let new: Value = if name == "private" { true.into() } else { chosen.into() };
    set(table, name, (!usual).then_some(new))
}

/// Writes how a question is answered.
///
/// # Errors
/// What is wrong, by field.
pub fn put_answering(table: &mut Table, name: &str, answering: &Answering) -> Result<(), Wrong> {
    let (choices, number) = match answering {
        Answering::YesNo => (None, None),
        Answering::List(list) => (Some(list.as_str().into()), None),
        Answering::Own(rows) => (Some(own(rows).map_err(|problem| wrong(format!("{name}-0-id"), problem))?), None),
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

/// The answers of its own, a line each.
fn own(rows: &[(String, String)]) -> Result<Value, String> {
    if rows.len() < 2 {
        return Err("Enter two answers or more".to_owned());
    }
    let mut all = Array::new();
    for (n, (id, text)) in rows.iter().enumerate() {
        if !is_word(id) {
            return Err(format!("Enter an id of small letters, digits and underscores for the answer “{text}”"));
        }
        if text.is_empty() {
            return Err(format!("Enter the words of the answer {id}"));
        }
        if rows[..n].iter().any(|(other, _)| other == id) {
            return Err(format!("Two answers have the id {id}"));
        }
        let mut row = Value::InlineTable(InlineTable::from_iter([("id", id.as_str()), ("text", text.as_str())]));
        row.decor_mut().set_prefix("\n  ");
        all.push_formatted(row);
    }
    all.set_trailing_comma(true);
    all.set_trailing("\n");
    Ok(all.into())
}
