//! What forms offer to choose from: the questions with their answers, the named conditions, the rules and the sources of a rule
//! set's file, which may not be sound yet.

use toml_edit::{DocumentMut, Item, Table};

use super::{Texts, condition::Written, parts};
use crate::{
    tracker::log::{BOTH_LEGS, SADDLE},
    triage::{self, Kind, NO, NOT_SURE, PREFER_NOT, Question, Role, RuleSet, Screen, YES},
};

/// The program goes by these questions itself: the picture of the body ticks them.
pub const OURS: [&str; 2] = [SADDLE, BOTH_LEGS];

/// See the module. Nothing is decided by its rules.
#[derive(Clone, Debug)]
pub struct Catalogue {
    pub rules: RuleSet,
    /// By name; only those that can be read.
    pub conditions: Vec<(String, Written)>,
    /// The name of each source, with its words.
    pub sources: Vec<(String, String)>,
    /// The lists of choices that questions share.
    pub choices: Vec<String>,
}

impl Catalogue {
    /// Nothing where the file has not got the form of a rule set.
    pub fn of(texts: &Texts) -> Option<Self> {
        Self::gather(&texts.rules, &texts.rules.parse().ok()?)
    }

    /// As [`Catalogue::of`], of a text that was read already.
    pub fn gather(text: &str, document: &DocumentMut) -> Option<Self> {
        let rules = triage::file::outline(text)?;
        let named = |key: &str| document.get(key).and_then(Item::as_table).into_iter().flat_map(Table::iter);
        let conditions =
            named("conditions").filter_map(|(name, item)| Some((name.to_owned(), Written::read(item.as_value()?)?)));
        let sources = named("sources").map(|(name, item)| (name.to_owned(), parts::source_words(item)));
        Some(Self {
            conditions: conditions.collect(),
            sources: sources.collect(),
            choices: named("choices").map(|(name, _)| name.to_owned()).collect(),
            rules,
        })
    }

    pub fn condition(&self, name: &str) -> Option<&Written> {
        self.conditions.iter().find(|(known, _)| known == name).map(|(_, condition)| condition)
    }

    /// Each screen that asks something, with its questions.
    pub fn by_screen(&self) -> impl Iterator<Item = (&Screen, &[Question])> {
        let screens = self.rules.screens.iter().map(|screen| (screen, self.rules.on(screen)));
        screens.filter(|(_, questions)| !questions.is_empty())
    }
}

/// The answers to a question that a condition can tell apart, with their words; none where a number is answered.
pub fn telling_answers(question: &Question) -> Vec<(String, String)> {
    match (&question.kind, question.role) {
        (Kind::Number { .. }, _) => vec![],
        // To be unsure of a context is to leave it open, which is no answer.
        (Kind::OneOf(choices), role) => {
            let telling = choices.iter().filter(|choice| role != Role::Context || choice.id != NOT_SURE);
            telling.map(|choice| (choice.id.clone(), choice.text.clone())).collect()
        }
        (Kind::YesNo, Role::Sign { unsure_is_yes: false }) => worded(question, &[YES, NOT_SURE, NO]),
        (Kind::YesNo, _) => worded(question, &[YES, NO]),
    }
}

/// Every answer that somebody can give, with its words; none where a number is answered.
pub fn all_answers(question: &Question) -> Vec<(String, String)> {
    match &question.kind {
        Kind::Number { .. } => vec![],
        Kind::OneOf(choices) => choices.iter().map(|choice| (choice.id.clone(), choice.text.clone())).collect(),
        Kind::YesNo => {
            let mut all = worded(question, &[NO, YES, NOT_SURE, PREFER_NOT]);
            all.retain(|(answer, _)| question.accepts(answer));
            all
        }
    }
}

fn worded(question: &Question, answers: &[&str]) -> Vec<(String, String)> {
    answers.iter().map(|answer| ((*answer).to_owned(), question.words(answer).to_owned())).collect()
}
