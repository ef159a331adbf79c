//! The fields of a part's form: what they hold, and what was sent of them.

use toml_edit::{Item, TableLike};

use super::{
    catalogue::Catalogue,
    condition_form::{Draft, Wrong},
    rows::{self, Rows, rows_sent},
};

/// A field, or several that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its own, or what the names of all of them begin with.
    pub name: String,
    pub label: String,
    pub hint: Option<&'static str>,
    pub control: Control,
}

/// How something is entered, with what it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    Line(String),
    Lines(String),
    /// As the file writes it: what cannot be shown otherwise.
    Code(String),
    /// With the value and the words of each choice.
    OneOf {
        chosen: String,
        choices: Vec<(String, String)>,
    },
    Ticks {
        ticked: Vec<String>,
        choices: Vec<(String, String)>,
    },
    Condition(Draft),
    /// What a test case answers to each question that it names.
    Answers(Vec<(String, String)>),
    /// With the names of the lists of answers that questions share.
    Answering {
        answering: Answering,
        lists: Vec<String>,
    },
    Tick(bool),
    /// With the ids and the words of what there is to choose from.
    Rows {
        kind: rows::Kind,
        rows: Rows,
        choices: Vec<(String, String)>,
    },
    /// How many of something there are.
    Count(usize),
}

/// How a question is answered, as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answering {
    YesNo,
    /// With the answers of this list of the file.
    List(String),
    /// The id and the words of each of its own answers.
    Own(Rows),
    Number {
        unit: String,
        min: String,
        max: String,
    },
}

impl Answering {
    /// As the file has it.
    pub fn of(question: &dyn TableLike) -> Self {
        let word =
            |table: &dyn TableLike, key: &str| table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
        let choices = question.get("choices");
        if let Some(list) = choices.and_then(Item::as_str) {
            return Self::List(list.to_owned());
        }
        if let Some(own) = choices.and_then(Item::as_array) {
            return Self::Own(rows::answers_in(own));
        }
        let Some(number) = question.get("number").and_then(Item::as_table_like) else { return Self::YesNo };
        let whole = |key: &str| number.get(key).and_then(Item::as_integer).unwrap_or_default().to_string();
        Self::Number { unit: word(number, "unit"), min: whole("min"), max: whole("max") }
    }

    /// As a field names it.
    pub fn name(&self) -> String {
        match self {
            Self::YesNo => "yes-no".to_owned(),
            Self::List(list) => format!("list:{list}"),
            Self::Own(_) => "own".to_owned(),
            Self::Number { .. } => "number".to_owned(),
        }
    }

    fn sent(name: &str, fields: &[(String, String)]) -> Option<Self> {
        let field = |end: &str| sent(fields, &format!("{name}-{end}")).map(|value| value.trim().to_owned());
        let typed = |end: &str| field(end).unwrap_or_default();
        Some(match sent(fields, name)? {
            "own" => Self::Own(rows_sent(name, fields).unwrap_or_default()),
            "number" => Self::Number { unit: typed("unit"), min: typed("min"), max: typed("max") },
            kind => kind.strip_prefix("list:").map_or(Self::YesNo, |list| Self::List(list.to_owned())),
        })
    }
}

impl Control {
    pub fn line(value: impl Into<String>) -> Self {
        Self::Line(value.into())
    }

    /// A choice among what is its own word.
    pub fn one_of(
        chosen: impl Into<String>,
        choices: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        let choices = choices.into_iter().map(|(value, words)| (value.into(), words.into()));
        Self::OneOf { chosen: chosen.into(), choices: choices.collect() }
    }
}

/// What a field of a form says, where it was sent.
pub fn sent<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

impl Entry {
    /// With what was sent of it; nothing where it was not in the form.
    pub fn sent(&self, fields: &[(String, String)]) -> Option<Control> {
        let one = || sent(fields, &self.name).map(|value| value.replace("\r\n", "\n"));
        Some(match &self.control {
            Control::Line(_) => Control::Line(one()?),
            Control::Lines(_) => Control::Lines(one()?),
            Control::Code(_) => Control::Code(one()?),
            Control::OneOf { choices, .. } => Control::OneOf { chosen: one()?, choices: choices.clone() },
            Control::Count(_) => Control::Count(one()?.parse().ok()?),
            Control::Condition(_) => Control::Condition(Draft::sent(&self.name, fields)?),
            Control::Ticks { ticked: old, choices } => {
                // Of boxes that are not ticked nothing is sent.
                one().or_else(|| sent(fields, &format!("{}-shown", self.name)).map(str::to_owned))?;
                let all = || fields.iter().filter(|(name, _)| *name == self.name).map(|(_, value)| value);
                // Those that were there keep their order, which may mean something to who wrote it.
                let kept = old.iter().filter(|id| all().any(|value| value == *id));
                let new = all().filter(|value| !value.is_empty() && !old.contains(value));
                Control::Ticks { ticked: kept.chain(new).cloned().collect(), choices: choices.clone() }
            }
            Control::Answers(old) => {
                let mut answers = old.clone();
                let prefix = format!("{}-", self.name);
                let mut there = false;
                for (name, value) in fields {
                    let Some(question) = name.strip_prefix(&prefix) else { continue };
                    there = true;
                    let value = value.trim().to_owned();
                    match answers.iter_mut().find(|(known, _)| known == question) {
                        Some((_, answer)) => *answer = value,
                        None if !value.is_empty() => answers.push((question.to_owned(), value)),
                        None => {}
                    }
                }
                answers.retain(|(_, answer)| !answer.is_empty());
                if !there {
                    return None;
                }
                Control::Answers(answers)
            }
            Control::Answering { lists, .. } => {
                Control::Answering { answering: Answering::sent(&self.name, fields)?, lists: lists.clone() }
            }
            Control::Rows { kind, choices, .. } => {
                Control::Rows { kind: *kind, rows: rows_sent(&self.name, fields)?, choices: choices.clone() }
            }
            Control::Tick(_) => Control::Tick(sent(fields, &self.name).is_some()),
        })
    }

    /// What it is, in words.
    pub fn words(&self, known: Option<&Catalogue>) -> String {
        let list = |pairs: &[(String, String)]| {
            pairs.iter().map(|(id, words)| format!("{id}: {words}")).collect::<Vec<_>>().join("; ")
        };
        match &self.control {
            Control::Line(value) | Control::Lines(value) | Control::Code(value) => value.clone(),
            Control::OneOf { chosen, choices } => {
                choices.iter().find(|(value, _)| value == chosen).map_or(chosen, |(_, words)| words).clone()
            }
            Control::Ticks { ticked, .. } => ticked.join(", "),
            Control::Condition(draft) => known.map_or_else(String::new, |known| {
                super::condition_view::said(&self.name, draft, known).unwrap_or_else(|unfinished| unfinished)
            }),
            Control::Answers(pairs) | Control::Answering { answering: Answering::Own(pairs), .. } => list(pairs),
            Control::Answering { answering: Answering::YesNo, .. } => "Yes or no".to_owned(),
            Control::Answering { answering: Answering::List(name), .. } => format!("The answers of the list “{name}”"),
            Control::Answering { answering: Answering::Number { unit, min, max }, .. } => {
                format!("{min} to {max} {unit}")
            }
            Control::Count(number) => number.to_string(),
            Control::Rows { rows, .. } => {
                let words = |(id, text): &(String, String)| format!("{id} {text}").trim().to_owned();
                rows.iter().map(words).collect::<Vec<_>>().join("; ")
            }
            Control::Tick(ticked) => (if *ticked { "Yes" } else { "No" }).to_owned(),
        }
    }
}

/// With what was sent in the place of what the file has.
pub fn filled(entries: Vec<Entry>, fields: &[(String, String)]) -> Vec<Entry> {
    let fill = |entry: Entry| Entry { control: entry.sent(fields).unwrap_or_else(|| entry.control.clone()), ..entry };
    entries.into_iter().map(fill).collect()
}

/// One thing that is wrong.
pub fn wrong(field: impl Into<String>, problem: impl Into<String>) -> Wrong {
    vec![(field.into(), problem.into())]
}
