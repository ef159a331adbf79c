//! Conditions over answers, in a logic of three values, so that what is not known counts towards help.

use serde::{Deserialize, Serialize};

use super::{Answers, NOT_SURE, Role, RuleSet, YES};

/// Kleene's three values. A rule fires on [`Truth::Perhaps`]: an unanswered or unsure *context* never softens, while an
/// unanswered *sign* is simply not there (the conversation does not let a sign be skipped).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    No,
    Perhaps,
    Yes,
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Perhaps => Self::Perhaps,
            Self::Yes => Self::No,
        }
    }
}

/// When a rule fires or a question is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Condition {
    /// The question has one of these answers.
    Is {
        question: String,
        one_of: Vec<String>,
    },
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    AtLeast(usize, Vec<Condition>),
}

impl Condition {
    /// The questions that this depends on, each as often as it is named.
    pub fn questions(&self) -> Vec<&str> {
        match self {
            Self::Is { question, .. } => vec![question],
            Self::Not(inner) => inner.questions(),
            Self::All(parts) | Self::Any(parts) | Self::AtLeast(_, parts) => {
                parts.iter().flat_map(Self::questions).collect()
            }
        }
    }

    pub fn truth(&self, rules: &RuleSet, answers: &Answers) -> Truth {
        match self {
            Self::Is { question, one_of } => is(rules, answers, question, one_of),
            Self::All(parts) => parts.iter().map(|part| part.truth(rules, answers)).min().unwrap_or(Truth::Yes),
            Self::Any(parts) => parts.iter().map(|part| part.truth(rules, answers)).max().unwrap_or(Truth::No),
            Self::Not(inner) => !inner.truth(rules, answers),
            Self::AtLeast(needed, parts) => {
                let count = |least| parts.iter().filter(|part| part.truth(rules, answers) >= least).count();
                match (count(Truth::Yes) >= *needed, count(Truth::Perhaps) >= *needed) {
                    (true, _) => Truth::Yes,
                    (false, true) => Truth::Perhaps,
                    (false, false) => Truth::No,
                }
            }
        }
    }
}

fn is(rules: &RuleSet, answers: &Answers, question: &str, one_of: &[String]) -> Truth {
    let role = rules.question(question).map(|question| question.role);
    match (answers.get(question), role) {
        (Some(choice), _) if one_of.iter().any(|wanted| wanted == choice) => Truth::Yes,
        (Some(NOT_SURE), Some(Role::Sign)) if one_of.iter().any(|wanted| wanted == YES) => Truth::Yes,
        (None | Some(NOT_SURE), Some(Role::Context)) => Truth::Perhaps,
        _ => Truth::No,
    }
}
