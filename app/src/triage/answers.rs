//! What was answered.

use serde::{Deserialize, Serialize};

pub const YES: &str = "yes";
pub const NO: &str = "no";
pub const NOT_SURE: &str = "not_sure";
pub const PREFER_NOT: &str = "prefer_not";

/// The answer, by question. Holds only what the rule set knows (see [`RuleSet::accepts`](super::RuleSet::accepts)).
///
/// A sorted list, not a map: a map's code is two kilobytes of the wasm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers(Vec<(String, String)>);

impl Answers {
    fn place(&self, question: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(question))
    }

    pub fn get(&self, question: &str) -> Option<&str> {
        self.place(question).ok().map(|at| self.0[at].1.as_str())
    }

    pub fn has(&self, question: &str) -> bool {
        self.place(question).is_ok()
    }

    pub fn set(&mut self, question: &str, answer: &str) {
        match self.place(question) {
            Ok(at) => answer.clone_into(&mut self.0[at].1),
            Err(at) => self.0.insert(at, (question.to_owned(), answer.to_owned())),
        }
    }

    pub fn remove(&mut self, question: &str) {
        self.retain(|known| known != question);
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(question, answer)| (question.as_str(), answer.as_str()))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|(question, _)| keep(question));
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Answers {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let mut answers = Self::default();
        for (question, answer) in pairs {
            answers.set(question, answer);
        }
        answers
    }
}
