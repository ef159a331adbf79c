//! The rule set as other programs see it: a shape that stays while the types behind it change. Its comments are the
//! descriptions in the API's document.

use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use super::{RuleSet, Urgency};

/// Everything the checker asks and decides by.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rules {
    /// Semantic version and, after a `+`, the first 8 hex digits of the SHA-256 of the file with the rules.
    version: String,
    /// Whether a clinician has approved this version.
    signed_off: bool,
    /// Who approved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    sign_off: Option<SignOff>,
    /// In the order in which they are asked.
    screens: Vec<Screen>,
    rules: Vec<Rule>,
    /// The warning signs to watch for, whatever the outcome.
    safety_net: Vec<String>,
}

/// A clinician's approval of one version of the rules.
#[derive(Debug, Serialize, ToSchema)]
struct SignOff {
    name: String,
    /// With the professional's regulator.
    registration: String,
    /// `YYYY-MM-DD`.
    #[schema(format = Date)]
    on: String,
}

/// Questions asked together.
#[derive(Debug, Serialize, ToSchema)]
struct Screen {
    id: String,
    /// What part of the conversation this is.
    stage: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// Asks more about what was answered before, and may soften it: ask it before an emergency interrupts.
    follow_up: bool,
    questions: Vec<Question>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Question {
    /// The name of its answer in a request.
    id: String,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    role: Role,
    kind: Kind,
    /// The values that are accepted as an answer; none where it is a number.
    values: Vec<Value>,
    /// What number is accepted as an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<Number>,
    /// Asked when this may be true; always, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked_if: Option<Condition>,
}

/// How a question is answered: yes, no or not sure; one of its own choices; or a whole number.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    YesNo,
    Choice,
    Number,
}

/// What an answer may do to the outcome. A `sign` can only raise it. A `context` chooses between outcomes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Role {
    Sign,
    Context,
}

/// A whole number of the unit, both bounds included.
#[derive(Debug, Serialize, ToSchema)]
struct Number {
    unit: String,
    min: u16,
    max: u16,
}

/// A value and what it means.
#[derive(Debug, Serialize, ToSchema)]
struct Value {
    value: String,
    text: String,
}

/// One reason to seek help (or not to), with where it comes from.
#[derive(Debug, Serialize, ToSchema)]
struct Rule {
    id: String,
    /// What the signs may mean.
    cause: String,
    /// Most urgent first: the first whose condition may be true is the rule's outcome.
    grades: Vec<Grade>,
    /// Fires when no other rule does, or when a question was left out.
    fail_safe: bool,
    sources: Vec<Source>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Grade {
    urgency: Urgency,
    when: Condition,
    /// What to do beside what the urgency says.
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Source {
    title: String,
    publisher: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// The year, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
}

/// A condition over answers. A sign that was not answered is not there, and one that is not sure counts as yes; a context
/// that was not answered or is not sure counts as whatever is more urgent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(no_recursion)]
enum Condition {
    /// The question has one of these answers.
    Is {
        question: String,
        one_of: Vec<String>,
    },
    /// The number answered is within these bounds, both included.
    Within {
        number: String,
        least: u16,
        most: u16,
    },
    All {
        all: Vec<Condition>,
    },
    Any {
        any: Vec<Condition>,
    },
    Not {
        not: Box<Condition>,
    },
    AtLeast {
        at_least: usize,
        of: Vec<Condition>,
    },
}

impl From<&RuleSet> for Rules {
    fn from(set: &RuleSet) -> Self {
        Self {
            version: set.version.clone(),
            signed_off: set.sign_off.is_some(),
            sign_off: set.sign_off.as_ref().map(|by| SignOff {
                name: by.name.clone(),
                registration: by.registration.clone(),
                on: by.on.to_string(),
            }),
            screens: set.screens.iter().map(|screen| Screen::of(set, screen)).collect(),
            rules: set.rules.iter().map(|rule| Rule::of(set, rule)).collect(),
            safety_net: set.safety_net.clone(),
        }
    }
}

impl Screen {
    fn of(set: &RuleSet, screen: &super::Screen) -> Self {
        Self {
            id: screen.id.clone(),
            stage: screen.stage.clone(),
            title: screen.title.clone(),
            hint: screen.hint.clone(),
            follow_up: screen.follow_up,
            questions: set.on(screen).iter().map(|question| Question::of(set, question)).collect(),
        }
    }
}

impl Question {
    fn of(set: &RuleSet, question: &super::Question) -> Self {
        let (kind, number) = match &question.kind {
            super::Kind::YesNo => (Kind::YesNo, None),
            super::Kind::OneOf(_) => (Kind::Choice, None),
            super::Kind::Number { unit, min, max } => {
                (Kind::Number, Some(Number { unit: unit.clone(), min: *min, max: *max }))
            }
        };
        let value = |value: &str| Value { value: value.to_owned(), text: question.words(value).to_owned() };
        Self {
            id: question.id.clone(),
            text: question.text.clone(),
            hint: question.hint.clone(),
            role: if question.is_sign() { Role::Sign } else { Role::Context },
            kind,
            values: question.values().into_iter().map(value).collect(),
            number,
            asked_if: question.asked_if.as_ref().map(|condition| Condition::of(set, condition)),
        }
    }
}

impl Rule {
    fn of(set: &RuleSet, rule: &super::Rule) -> Self {
        let grades = rule.grades.iter().map(|grade| Grade {
            urgency: grade.urgency,
            when: Condition::of(set, &grade.when),
            act: grade.act.clone(),
        });
        let sources = rule.sources.iter().map(|source| Source {
            title: source.title.clone(),
            publisher: source.publisher.clone(),
            url: source.url.clone(),
            date: source.date.clone(),
        });
        Self {
            id: rule.id.clone(),
            cause: rule.cause.clone(),
            grades: grades.collect(),
            fail_safe: rule.fail_safe,
            sources: sources.collect(),
        }
    }
}

impl Condition {
    fn of(set: &RuleSet, condition: &super::Condition) -> Self {
        let each = |parts: &[super::Condition]| parts.iter().map(|part| Self::of(set, part)).collect();
        let id = |at: u16| set.questions.get(usize::from(at)).map(|question| question.id.clone()).unwrap_or_default();
        match condition {
            super::Condition::Is { question, one_of } => Self::Is { question: id(*question), one_of: one_of.clone() },
            super::Condition::Within { question, least, most } => {
                Self::Within { number: id(*question), least: *least, most: *most }
            }
            super::Condition::All(parts) => Self::All { all: each(parts) },
            super::Condition::Any(parts) => Self::Any { any: each(parts) },
            super::Condition::Not(inner) => Self::Not { not: Box::new(Self::of(set, inner)) },
            super::Condition::AtLeast(needed, parts) => Self::AtLeast { at_least: *needed, of: each(parts) },
        }
    }
}

/// A schema for a type that is one word of several.
fn words<T: Serialize>(all: &[T], description: &str) -> RefOr<Schema> {
    let words = all.iter().filter_map(|word| serde_json::to_value(word).ok());
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).description(Some(description));
    schema.into()
}

impl PartialSchema for Urgency {
    fn schema() -> RefOr<Schema> {
        words(
            &Self::ALL,
            "How soon to seek help. `self-care`: usually looked after at home; `routine`: a routine appointment; `soon`: \
             a GP or physiotherapist in the next few days; `urgent`: an urgent GP appointment or the urgent line; \
             `emergency`: an ambulance or A&E, now.",
        )
    }
}

impl ToSchema for Urgency {}
