//! Triage: from answers about symptoms to how urgently to seek help.
//!
//! The rules are data: a [`RuleSet`] of screens with questions, and rules with conditions over their answers, read from
//! `content/triage/rules.toml`. [`RuleSet::assess`] decides; [`conversation`] asks. The same code runs in the browser,
//! behind the plain form, and on what a patient logs in the tracker.
//!
//! Not a diagnosis, and every doubt is resolved towards help: see [`Truth`].

mod answers;
#[cfg(feature = "ssr")]
pub mod api;
mod assess;
mod condition;
pub mod conversation;
#[cfg(feature = "checker")]
pub mod feedback;
#[cfg(feature = "ssr")]
pub mod file;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "checker")]
pub mod island;
#[cfg(feature = "ssr")]
pub mod laws;
#[cfg(feature = "ssr")]
pub mod offline;
#[cfg(feature = "ssr")]
mod openapi;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(test)]
mod properties;
#[cfg(feature = "ssr")]
mod published;
#[cfg(any(feature = "checker", feature = "tracking"))]
pub mod result;
#[cfg(feature = "checker")]
mod review;
#[cfg(feature = "checker")]
mod screens;
#[cfg(feature = "checker")]
mod sheet;
#[cfg(feature = "ssr")]
mod solve;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod terms;
#[cfg(feature = "ssr")]
pub mod vignette;
pub mod watch;
#[cfg(feature = "ssr")]
mod watch_file;

use std::ops::Range;

pub use answers::{Answers, NO, NOT_SURE, PREFER_NOT, YES};
pub use assess::{Assessment, Finding};
pub use condition::{Condition, Told, Truth};
use serde::{Deserialize, Serialize};
use watch::Watch;

use crate::day::Day;

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
    /// Every screen's, one after the other: conditions name a question by its place here.
    pub questions: Vec<Question>,
    /// The places of the questions, in the order of their ids.
    pub by_id: Vec<u16>,
    pub rules: Vec<Rule>,
    /// The signs of the tracker's daily list, by question.
    pub daily: Vec<String>,
    /// The warning signs that every result shows, in plain words: what to watch for.
    pub safety_net: Vec<String>,
    /// What the tracker watches for, T1 to T8. Not handed to the checker, which has no use for it; the tracker's page hands
    /// it on by itself.
    #[serde(skip)]
    pub watch: Vec<Watch>,
    /// Newest first. The server's alone.
    #[serde(skip)]
    pub history: Vec<Change>,
}

/// A clinician's approval of one version of the rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignOff {
    /// What was signed: a later version has to be signed again.
    pub version: String,
    pub name: String,
    /// With the professional's regulator (GMC, HCPC).
    pub registration: String,
    pub on: Day,
}

/// What one version of the rules brought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub version: String,
    pub on: Day,
    pub what: String,
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
    /// What the list to tick is headed with, where the title does not say it.
    pub list: Option<String>,
    /// Asks more about what was answered before, and may soften it: shown before a warning interrupts.
    pub follow_up: bool,
    /// Its questions, by their places in the rule set.
    pub questions: Range<u16>,
}

/// How a screen is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Its yes-or-no questions are one list to tick, with "None of these"; others come before the list.
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
    /// As said back to the reader: a sign as "numb or odd feeling between the legs", a context as a label.
    pub said: String,
    pub role: Role,
    pub kind: Kind,
    /// Also offers "Prefer not to say", which counts as no.
    pub private: bool,
    /// Asked when this may be true; always, if absent.
    pub asked_if: Option<Condition>,
}

/// What an answer may do to the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// A warning sign: can only raise the outcome. "Not sure" counts as yes or, where it must not, as an answer of its own.
    Sign { unsure_is_yes: bool },
    /// Chooses between outcomes (duration, what a professional found). Unanswered or "not sure": whatever is more urgent.
    Context,
}

/// What answers a question takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Kind {
    /// Yes, no or not sure.
    YesNo,
    OneOf(Vec<Choice>),
    /// A whole number of the unit, from `min` to `max`.
    Number {
        unit: String,
        min: u16,
        max: u16,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub id: String,
    pub text: String,
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
    /// For clinicians: where it departs from its sources, and why. The server's alone.
    #[serde(skip)]
    pub note: Option<String>,
    /// The words by which an article mentions its sign: see `terms.rs`. Of each rule that can be urgent there are some. The
    /// server's alone.
    #[serde(skip)]
    pub terms: Vec<String>,
}

impl Rule {
    /// The most urgent outcome that the rule can have.
    pub fn highest(&self) -> Urgency {
        self.grades.iter().map(|grade| grade.urgency).max().unwrap_or(Urgency::SelfCare)
    }

    /// What to do beside what the outcome says, with places for the site's numbers: `{urgent}`.
    pub fn act(&self, urgency: Urgency) -> Option<&str> {
        self.grades.iter().find(|grade| grade.urgency == urgency)?.act.as_deref()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grade {
    pub urgency: Urgency,
    pub when: Condition,
    pub act: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub title: String,
    pub publisher: String,
    /// Where we are certain of it.
    pub url: Option<String>,
    /// The year of what we read, where it has one.
    pub date: Option<String>,
}

impl Question {
    /// Whether `answer` is one of the answers to this question.
    pub fn accepts(&self, answer: &str) -> bool {
        match &self.kind {
            Kind::YesNo => [YES, NO, NOT_SURE].contains(&answer) || (self.private && answer == PREFER_NOT),
            Kind::OneOf(choices) => choices.iter().any(|known| known.id == answer),
            // No sign, no leading zeros: one text for each number.
            Kind::Number { min, max, .. } => answer
                .parse::<u16>()
                .is_ok_and(|number| (*min..=*max).contains(&number) && answer == number.to_string()),
        }
    }

    pub fn is_sign(&self) -> bool {
        matches!(self.role, Role::Sign { .. })
    }

    /// The words of one of its answers.
    pub fn words<'a>(&'a self, answer: &'a str) -> &'a str {
        match &self.kind {
            Kind::OneOf(choices) => {
                choices.iter().find(|choice| choice.id == answer).map_or(answer, |choice| &choice.text)
            }
            Kind::Number { .. } => answer,
            Kind::YesNo => match answer {
                YES => "Yes",
                NO => "No",
                PREFER_NOT => "Prefer not to say",
                _ => "Not sure",
            },
        }
    }
}

impl RuleSet {
    /// A screen's questions.
    pub fn on(&self, screen: &Screen) -> &[Question] {
        self.questions.get(usize::from(screen.questions.start)..usize::from(screen.questions.end)).unwrap_or_default()
    }

    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }

    pub fn screen(&self, id: &str) -> Option<&Screen> {
        self.screens.iter().find(|screen| screen.id == id)
    }

    /// The screen that asks a question.
    pub fn screen_of(&self, question: &str) -> Option<&Screen> {
        self.screens.iter().find(|screen| self.on(screen).iter().any(|own| own.id == question))
    }

    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Whether the rule set has this question, with this answer to it.
    pub fn accepts(&self, question: &str, answer: &str) -> bool {
        self.question(question).is_some_and(|question| question.accepts(answer))
    }
}
