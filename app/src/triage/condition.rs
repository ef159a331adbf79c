//! Conditions over answers, in a logic of three values, so that what is not known counts towards help.

use serde::{Deserialize, Serialize};

use super::{Answers, NO, NOT_SURE, PREFER_NOT, Question, Role, RuleSet, YES};

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

impl From<bool> for Truth {
    fn from(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }
}

/// When a rule fires or a question is asked. A question is named by its place in the rule set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Condition {
    /// The question has one of these answers.
    Is {
        question: u16,
        one_of: Vec<String>,
    },
    /// The number answered is within these bounds, both included.
    Within {
        question: u16,
        least: u16,
        most: u16,
    },
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    AtLeast(usize, Vec<Condition>),
}

impl Condition {
    /// Whether `test` holds for any question that this depends on.
    pub fn any_question(&self, test: &impl Fn(u16) -> bool) -> bool {
        match self {
            Self::Is { question, .. } | Self::Within { question, .. } => test(*question),
            Self::Not(inner) => inner.any_question(test),
            Self::All(parts) | Self::Any(parts) | Self::AtLeast(_, parts) => {
                parts.iter().any(|part| part.any_question(test))
            }
        }
    }
}

/// What is known of each question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known<'a> {
    /// A sign that was not asked after: not there.
    Absent,
    /// A context that was not answered, or is not sure.
    Open,
    Said(&'a str),
}

/// A rule set's questions beside the answers to them: looked up once, for every condition.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    pub rules: &'a RuleSet,
    pub answers: &'a Answers,
    known: Vec<Known<'a>>,
    /// Whether there is an answer at all.
    answered: Vec<bool>,
}

impl<'a> Told<'a> {
    pub fn new(rules: &'a RuleSet, answers: &'a Answers) -> Self {
        let mut known: Vec<Known<'a>> = rules.questions.iter().map(|question| unknown(question.role)).collect();
        let mut answered = vec![false; known.len()];
        // Both are in the order of the ids: side by side, each is gone through once.
        let mut places = rules.by_id.iter().map(|place| usize::from(*place)).peekable();
        for (id, answer) in answers.iter() {
            let id_at = |place: &usize| rules.questions.get(*place).map_or("", |question| question.id.as_str());
            while places.next_if(|place| id_at(place) < id).is_some() {}
            if let Some(place) = places.next_if(|place| id_at(place) == id) {
                known[place] = said(rules.questions[place].role, answer);
                answered[place] = true;
            }
        }
        Self { rules, answers, known, answered }
    }

    pub fn truth(&self, condition: &Condition) -> Truth {
        match condition {
            Condition::Is { question, one_of } => match self.known(*question) {
                Known::Absent => Truth::No,
                Known::Open => Truth::Perhaps,
                Known::Said(answer) => one_of.iter().any(|wanted| wanted == answer).into(),
            },
            Condition::Within { question, least, most } => match self.known(*question) {
                Known::Absent => Truth::No,
                Known::Open => Truth::Perhaps,
                Known::Said(answer) => {
                    answer.parse().map_or(Truth::Perhaps, |number: u16| (*least..=*most).contains(&number).into())
                }
            },
            Condition::All(parts) => parts.iter().map(|part| self.truth(part)).min().unwrap_or(Truth::Yes),
            Condition::Any(parts) => parts.iter().map(|part| self.truth(part)).max().unwrap_or(Truth::No),
            Condition::Not(inner) => !self.truth(inner),
            Condition::AtLeast(needed, parts) => {
                let count = |least| parts.iter().filter(|part| self.truth(part) >= least).count();
                match (count(Truth::Yes) >= *needed, count(Truth::Perhaps) >= *needed) {
                    (true, _) => Truth::Yes,
                    (false, true) => Truth::Perhaps,
                    (false, false) => Truth::No,
                }
            }
        }
    }

    fn known(&self, question: u16) -> Known<'a> {
        self.known.get(usize::from(question)).copied().unwrap_or(Known::Open)
    }

    /// Whether the question at this place was answered.
    pub fn is_answered(&self, question: u16) -> bool {
        self.answered.get(usize::from(question)).is_some_and(|answered| *answered)
    }

    /// Whether the question at this place has an answer that says something: not the no to a sign.
    pub fn is_said(&self, question: u16) -> bool {
        matches!(self.known(question), Known::Said(answer) if answer != NO)
    }

    pub fn is_asked(&self, question: &Question) -> bool {
        question.asked_if.as_ref().is_none_or(|condition| self.truth(condition) != Truth::No)
    }

    /// Whether the question at this place is asked, and has no answer yet.
    pub fn is_open(&self, question: u16) -> bool {
        let asked = self.rules.questions.get(usize::from(question)).is_some_and(|question| self.is_asked(question));
        asked && !self.is_answered(question)
    }

    /// The questions that are asked, given the answers so far.
    pub fn asked(&self) -> impl Iterator<Item = &'a Question> {
        self.rules.questions.iter().filter(|question| self.is_asked(question))
    }

    /// The asked questions that have no answer yet.
    pub fn unanswered(&self) -> impl Iterator<Item = &'a Question> {
        (0..).zip(&self.rules.questions).filter(|(at, _)| self.is_open(*at)).map(|(_, question)| question)
    }
}

fn unknown(role: Role) -> Known<'static> {
    match role {
        Role::Sign { .. } => Known::Absent,
        Role::Context => Known::Open,
    }
}

fn said(role: Role, answer: &str) -> Known<'_> {
    match (role, answer) {
        (Role::Sign { unsure_is_yes: true }, NOT_SURE) => Known::Said(YES),
        (_, PREFER_NOT) => Known::Said(NO),
        (Role::Context, NOT_SURE) => Known::Open,
        (_, answer) => Known::Said(answer),
    }
}
