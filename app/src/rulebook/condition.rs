//! A condition as a rule set's file writes it: questions and named conditions are ids, so that what was written can be shown in
//! a form and written back.

use toml_edit::{Array, InlineTable, Value};

use super::catalogue::Catalogue;
use crate::triage::{Condition, YES};

/// What the first comment of the file explains, as a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    All(Vec<Written>),
    Any(Vec<Written>),
    Not(Box<Written>),
    AtLeast(usize, Vec<Written>),
    /// One of these answers was given.
    Is {
        question: String,
        one_of: Vec<String>,
    },
    /// The number is this or more.
    Least {
        question: String,
        number: u16,
    },
    Below {
        question: String,
        number: u16,
    },
    /// The condition of this name, written elsewhere in the file.
    Named(String),
}

impl Written {
    /// Nothing where the value is no condition.
    pub fn read(value: &Value) -> Option<Self> {
        if let Value::String(text) = value {
            return Self::read_text(text.value());
        }
        let table = value.as_inline_table()?;
        let parts = |key: &str| table.get(key)?.as_array()?.iter().map(Self::read).collect::<Option<Vec<_>>>();
        let keys: Vec<&str> = table.iter().map(|(key, _)| key).collect();
        match keys.as_slice() {
            ["all"] => Some(Self::All(parts("all")?)),
            ["any"] => Some(Self::Any(parts("any")?)),
            ["not"] => Some(Self::Not(Box::new(Self::read(table.get("not")?)?))),
            ["at_least", "of"] | ["of", "at_least"] => {
                let needed = table.get("at_least")?.as_integer()?;
                Some(Self::AtLeast(usize::try_from(needed).ok()?, parts("of")?))
            }
            _ => None,
        }
    }

    fn read_text(text: &str) -> Option<Self> {
        let id = |text: &str| text.trim().to_owned();
        if let Some(name) = text.strip_prefix('@') {
            return Some(Self::Named(name.to_owned()));
        }
        if let Some((question, least)) = text.split_once(">=") {
            return Some(Self::Least { question: id(question), number: least.trim().parse().ok()? });
        }
        if let Some((question, above)) = text.split_once('<') {
            return Some(Self::Below { question: id(question), number: above.trim().parse().ok()? });
        }
        let (question, answers) = text.split_once('=').unwrap_or((text, YES));
        Some(Self::Is { question: id(question), one_of: answers.split('|').map(str::to_owned).collect() })
    }

    pub fn value(&self) -> Value {
        let list = |parts: &[Self]| Value::Array(parts.iter().map(Self::value).collect::<Array>());
        let table = |pairs: Vec<(&str, Value)>| Value::InlineTable(pairs.into_iter().collect::<InlineTable>());
        match self {
            Self::All(parts) => table(vec![("all", list(parts))]),
            Self::Any(parts) => table(vec![("any", list(parts))]),
            Self::Not(inner) => table(vec![("not", inner.value())]),
            Self::AtLeast(needed, parts) => {
                let needed = i64::try_from(*needed).unwrap_or(i64::MAX);
                table(vec![("at_least", needed.into()), ("of", list(parts))])
            }
            Self::Is { question, one_of } if one_of.as_slice() == [YES] => question.as_str().into(),
            Self::Is { question, one_of } => format!("{question}={}", one_of.join("|")).into(),
            Self::Least { question, number } => format!("{question}>={number}").into(),
            Self::Below { question, number } => format!("{question}<{number}").into(),
            Self::Named(name) => format!("@{name}").into(),
        }
    }

    /// As the checker decides by it; nothing where it names what is not there.
    pub fn resolved(&self, known: &Catalogue) -> Option<Condition> {
        let each = |parts: &[Self]| parts.iter().map(|part| part.resolved(known)).collect::<Option<Vec<_>>>();
        let place = |id: &str| u16::try_from(known.rules.questions.iter().position(|one| one.id == id)?).ok();
        Some(match self {
            Self::All(parts) => Condition::All(each(parts)?),
            Self::Any(parts) => Condition::Any(each(parts)?),
            Self::Not(inner) => Condition::Not(Box::new(inner.resolved(known)?)),
            Self::AtLeast(needed, parts) => Condition::AtLeast(*needed, each(parts)?),
            Self::Is { question, one_of } => Condition::Is { question: place(question)?, one_of: one_of.clone() },
            Self::Least { question, number } => {
                Condition::Within { question: place(question)?, least: *number, most: u16::MAX }
            }
            Self::Below { question, number } => {
                Condition::Within { question: place(question)?, least: 0, most: number.checked_sub(1)? }
            }
            // A name names no other, so this ends.
            Self::Named(name) => {
                let named = known.condition(name).filter(|named| !named.any(&|part| matches!(part, Self::Named(_))))?;
                named.resolved(known)?
            }
        })
    }

    /// Whether this or a part of it is so.
    pub fn any(&self, is: &impl Fn(&Self) -> bool) -> bool {
        is(self)
            || match self {
                Self::All(parts) | Self::Any(parts) | Self::AtLeast(_, parts) => parts.iter().any(|part| part.any(is)),
                Self::Not(inner) => inner.any(is),
                _ => false,
            }
    }

    pub fn asks(&self, id: &str) -> bool {
        self.any(&|part| match part {
            Self::Is { question, .. } | Self::Least { question, .. } | Self::Below { question, .. } => question == id,
            _ => false,
        })
    }

    /// Whether it names this answer to a question.
    pub fn wants(&self, id: &str, answer: &str) -> bool {
        self.any(&|part| matches!(part, Self::Is { question, one_of } if question == id && one_of.iter().any(|one| one == answer)))
    }

    pub fn names(&self, id: &str) -> bool {
        self.any(&|part| matches!(part, Self::Named(name) if name == id))
    }
}
