//! Triage: from answers about symptoms to how urgently to seek help.
//!
//! The rules are data: a [`RuleSet`] of screens with questions, and rules with conditions over their answers, read from
//! `content/triage/rules.toml`. [`RuleSet::assess`] decides; [`conversation`] asks. The same code runs in the browser,
//! behind the plain form, and on what a patient logs in the tracker.
//!
//! Not a diagnosis, and every doubt is resolved towards help: see [`Truth`].

#[cfg(feature = "ssr")]
pub mod api;
mod assess;
mod condition;
pub mod conversation;
#[cfg(feature = "ssr")]
pub mod file;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "checker")]
pub mod island;
#[cfg(feature = "ssr")]
mod openapi;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(test)]
mod properties;
#[cfg(feature = "ssr")]
mod published;
#[cfg(any(feature = "checker", feature = "tracker"))]
pub mod result;

pub use assess::{Assessment, Finding};
pub use condition::{Condition, Truth};
use serde::{Deserialize, Serialize};

/// How soon to seek help; later is more urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// Usually looked after at home.
    SelfCare,
    /// A routine appointment.
    Routine,
    /// A GP or physiotherapist in the next few days.
    Soon,
    /// An urgent GP appointment, or the urgent line (111).
    Urgent,
    /// An ambulance or A&E, now.
    Emergency,
}

impl Urgency {
    pub const ALL: [Self; 5] = [Self::SelfCare, Self::Routine, Self::Soon, Self::Urgent, Self::Emergency];
}

/// Everything the checker asks and decides by, as published: one value, one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleSet {
    /// Semantic version and, after a `+`, the first 8 hex digits of the SHA-256 of the file it came from.
    pub version: String,
    /// Who checked the rules, once somebody has.
    pub sign_off: Option<SignOff>,
    /// In the order in which they are asked.
    pub screens: Vec<Screen>,
    pub rules: Vec<Rule>,
    /// The signs of the tracker's daily list, by question.
    pub daily: Vec<String>,
    /// The warning signs that every result shows, in plain words: what to watch for.
    pub safety_net: Vec<String>,
}

/// A clinician's approval of one version of the rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignOff {
    pub name: String,
    /// With the professional's regulator (GMC, HCPC).
    pub registration: String,
    pub on: crate::day::Day,
}

/// Questions asked together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Screen {
    pub id: String,
    /// What part of the conversation this is: "Emergency signs".
    pub stage: String,
    /// The heading, a question where it can be.
    pub title: String,
    pub hint: Option<String>,
    pub layout: Layout,
    /// Asks more about what was ticked on the screen before, and may soften it: shown before an emergency interrupts.
    pub follow_up: bool,
    pub questions: Vec<Question>,
}

/// How a screen is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// One list to tick, with "None of these": its questions are answered yes or no.
    Ticks,
    /// Each question with its choices.
    Choices,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Lower-case words joined by underscores; the field's name in the form.
    pub id: String,
    pub text: String,
    pub hint: Option<String>,
    /// As said back to the reader in a result: "numb or odd feeling between the legs".
    pub said: String,
    pub role: Role,
    /// Empty for a question answered yes, no or not sure.
    pub choices: Vec<Choice>,
    /// Asked when this may be true; always, if absent.
    pub asked_if: Option<Condition>,
}

/// What an answer may do to the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A warning sign: can only raise the outcome. "Not sure" counts as yes.
    Sign,
    /// Chooses between outcomes (duration, what a professional found). Unanswered or "not sure": whatever is more urgent.
    Context,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    pub id: String,
    pub text: String,
    /// As said back in a result, when the question's own words do not say it.
    pub said: Option<String>,
}

/// One reason to seek help (or not to), with where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// As in the clinical document: "E01".
    pub id: String,
    /// What the signs may mean, as one or two plain sentences: the first lines of an emergency.
    pub cause: String,
    /// Most urgent first; the first whose condition may be true is the rule's outcome.
    pub grades: Vec<Grade>,
    pub sources: Vec<Source>,
    /// Fires when nothing else does, or when a question was left out.
    pub fail_safe: bool,
}

impl Rule {
    /// The most urgent outcome that the rule can have.
    pub fn highest(&self) -> Urgency {
        self.grades.iter().map(|grade| grade.urgency).max().unwrap_or(Urgency::SelfCare)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grade {
    pub urgency: Urgency,
    pub when: Condition,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    pub title: String,
    pub publisher: Option<String>,
    pub url: Option<String>,
}

pub const YES: &str = "yes";
pub const NO: &str = "no";
pub const NOT_SURE: &str = "not_sure";

/// What was answered: the choice, by question. Holds only what the rule set knows (see [`RuleSet::accepts`]).
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

    pub fn set(&mut self, question: &str, choice: &str) {
        match self.place(question) {
            Ok(at) => choice.clone_into(&mut self.0[at].1),
            Err(at) => self.0.insert(at, (question.to_owned(), choice.to_owned())),
        }
    }

    pub fn remove(&mut self, question: &str) {
        self.retain(|known| known != question);
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(question, choice)| (question.as_str(), choice.as_str()))
    }

    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|(question, _)| keep(question));
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Answers {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let mut answers = Self::default();
        for (question, choice) in pairs {
            answers.set(question, choice);
        }
        answers
    }
}

impl Question {
    /// Whether `choice` is one of the answers to this question.
    pub fn accepts(&self, choice: &str) -> bool {
        if self.choices.is_empty() {
            [YES, NO, NOT_SURE].contains(&choice)
        } else {
            self.choices.iter().any(|known| known.id == choice)
        }
    }
}

impl RuleSet {
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.screens.iter().flat_map(|screen| &screen.questions)
    }

    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions().find(|question| question.id == id)
    }

    pub fn screen(&self, id: &str) -> Option<&Screen> {
        self.screens.iter().find(|screen| screen.id == id)
    }

    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Whether the rule set has this question, with this answer to it.
    pub fn accepts(&self, question: &str, choice: &str) -> bool {
        self.question(question).is_some_and(|question| question.accepts(choice))
    }
}
