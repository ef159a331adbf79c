//! The conversation: which screen comes next, and what a submitted screen says. Pure: the server runs it on a posted
//! form, the browser on the same form's fields.

use serde::{Deserialize, Serialize};

use super::{Answers, Assessment, Layout, NO, Question, RuleSet, Screen, Urgency, YES};

/// The field that names the screen a form was filled in on.
pub const SCREEN: &str = "screen";
/// The field of the button pressed: on, back to the screen before, or to change what the named screen says.
pub const GO: &str = "go";
pub const NEXT: &str = "next";
pub const BACK: &str = "back";
pub const CHANGE: &str = "change";
/// The field of "None of these".
pub const NONE: &str = "none";

/// Where the conversation is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// A screen to answer.
    Ask { screen: String, answers: Answers, problems: Vec<Problem> },
    /// Enough is known.
    Decided { answers: Answers, assessment: Assessment },
}

/// Why a screen cannot be left yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The question to go to; the screen's first for a whole list.
    pub question: String,
    pub message: String,
}

/// A form that our own pages cannot have sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadForm {
    UnknownField,
    UnknownAnswer,
    FieldTwice,
    NoScreen,
}

impl BadForm {
    pub fn message(self) -> &'static str {
        match self {
            Self::UnknownField => "The form has a field that the checker does not know.",
            Self::UnknownAnswer => "The form has an answer that the checker does not offer.",
            Self::FieldTwice => "The form has the same field twice.",
            Self::NoScreen => "The form does not say which questions it answers.",
        }
    }
}

/// The first screen, with nothing answered.
pub fn start(rules: &RuleSet) -> Step {
    next(rules, Answers::default())
}

/// The step after a form with these fields was submitted.
///
/// Fields of other screens are the answers so far, carried along; they are validated like any input, and a forged or
/// shortened form leads to the first screen that is not answered.
///
/// # Errors
/// [`BadForm`] for what no page of ours sends.
pub fn submit(rules: &RuleSet, fields: &[(String, String)]) -> Result<Step, BadForm> {
    let form = Form::read(rules, fields)?;
    let show = match form.go {
        Go::Next => None,
        Go::Back => Some(previous(rules, &form.answers, form.screen)),
        Go::Change => Some(form.screen.id.as_str()),
    };
    if let Some(screen) = show {
        return Ok(Step::Ask { screen: screen.to_owned(), answers: form.answers, problems: vec![] });
    }
    let mut answers = form.answers;
    let problems = match form.screen.layout {
        Layout::Ticks => settle_ticks(form.screen, form.none, &mut answers),
        Layout::Choices => missing_choices(rules, form.screen, &answers),
    };
    if problems.is_empty() {
        Ok(next(rules, answers))
    } else {
        Ok(Step::Ask { screen: form.screen.id.clone(), answers, problems })
    }
}

/// What comes after these answers: an emergency that nothing can soften interrupts; otherwise the first open screen.
fn next(rules: &RuleSet, mut answers: Answers) -> Step {
    forget_what_is_no_longer_asked(rules, &mut answers);
    let assessment = rules.assess(&answers);
    let open = rules.screens.iter().find(|screen| {
        screen
            .questions
            .iter()
            .any(|question| rules.is_asked(question, &answers) && answers.get(&question.id).is_none())
    });
    let emergency = assessment.findings.iter().filter(|finding| finding.urgency == Urgency::Emergency);
    let settled = emergency.clone().any(|finding| finding.settled);
    let pending = emergency.count() > 0;
    match open {
        Some(screen) if !settled && (!pending || screen.follow_up) => {
            Step::Ask { screen: screen.id.clone(), answers, problems: vec![] }
        }
        _ => Step::Decided { answers, assessment },
    }
}

/// A follow-up answered before its tick was taken back must not linger.
fn forget_what_is_no_longer_asked(rules: &RuleSet, answers: &mut Answers) {
    let asked: Vec<String> = rules.asked(answers).map(|question| question.id.clone()).collect();
    answers.retain(|question| asked.iter().any(|id| id == question));
}

/// The last screen before `screen` that has something to ask; `screen` itself if there is none.
fn previous<'a>(rules: &'a RuleSet, answers: &Answers, screen: &'a Screen) -> &'a str {
    rules
        .screens
        .iter()
        .take_while(|earlier| earlier.id != screen.id)
        .filter(|earlier| earlier.questions.iter().any(|question| rules.is_asked(question, answers)))
        .last()
        .map_or(&screen.id, |earlier| &earlier.id)
}

/// How far along `screen` is: its number, and how many screens there are on the way as far as is known.
pub fn progress(rules: &RuleSet, answers: &Answers, screen: &str) -> (usize, usize) {
    let way: Vec<&str> = rules
        .screens
        .iter()
        .filter(|way| way.id == screen || way.questions.iter().any(|question| rules.is_asked(question, answers)))
        .map(|way| way.id.as_str())
        .collect();
    let at = way.iter().position(|id| *id == screen).unwrap_or(0);
    (at + 1, way.len())
}

/// A list with nothing ticked is not an answer: "None of these" has to be said.
fn settle_ticks(screen: &Screen, none: bool, answers: &mut Answers) -> Vec<Problem> {
    let ticked = screen.questions.iter().any(|question| answers.get(&question.id).is_some_and(|choice| choice != NO));
    let problem = |message: &str| {
        let question = screen.questions.first().map(|question| question.id.clone()).unwrap_or_default();
        vec![Problem { question, message: message.to_owned() }]
    };
    match (ticked, none) {
        (false, false) => problem("Tick what you have, or “None of these”"),
        (true, true) => problem("Tick either what you have, or “None of these”, not both"),
        _ => {
            for question in &screen.questions {
                if answers.get(&question.id).is_none() {
                    answers.set(&question.id, NO);
                }
            }
            vec![]
        }
    }
}

fn missing_choices(rules: &RuleSet, screen: &Screen, answers: &Answers) -> Vec<Problem> {
    screen
        .questions
        .iter()
        .filter(|question| rules.is_asked(question, answers) && answers.get(&question.id).is_none())
        .map(|question| Problem {
            question: question.id.clone(),
            message: format!("Choose an answer: {}", question.text),
        })
        .collect()
}

enum Go {
    Next,
    Back,
    Change,
}

/// The fields of a form, sorted out.
struct Form<'a> {
    screen: &'a Screen,
    go: Go,
    none: bool,
    answers: Answers,
}

impl<'a> Form<'a> {
    fn read(rules: &'a RuleSet, fields: &[(String, String)]) -> Result<Self, BadForm> {
        let mut screen = None;
        let mut go = None;
        let mut none = None;
        let mut answers = Answers::default();
        for (name, value) in fields {
            let earlier = match name.as_str() {
                SCREEN => screen.replace(value.as_str()).map(str::len),
                GO => go.replace(value.as_str()).map(str::len),
                NONE => none.replace(value.as_str()).map(str::len),
                question => {
                    let question = rules.question(question).ok_or(BadForm::UnknownField)?;
                    if !question.accepts(value) {
                        return Err(BadForm::UnknownAnswer);
                    }
                    let earlier = answers.get(&question.id).map(str::len);
                    answers.set(&question.id, value);
                    earlier
                }
            };
            if earlier.is_some() {
                return Err(BadForm::FieldTwice);
            }
        }
        let screen = rules.screen(screen.ok_or(BadForm::NoScreen)?).ok_or(BadForm::NoScreen)?;
        let go = match go {
            None | Some(NEXT) => Go::Next,
            Some(BACK) => Go::Back,
            Some(CHANGE) => Go::Change,
            Some(_) => return Err(BadForm::UnknownAnswer),
        };
        let none = match none {
            None => false,
            Some(YES) => true,
            Some(_) => return Err(BadForm::UnknownAnswer),
        };
        Ok(Self { screen, go, none, answers })
    }
}

/// The answers that a screen's form carries along unseen: all but the screen's own.
pub fn carried<'a>(screen: &'a Screen, answers: &'a Answers) -> impl Iterator<Item = (&'a str, &'a str)> {
    answers.iter().filter(|(question, _)| !screen.questions.iter().any(|own| own.id == *question))
}

/// The questions of a screen that are asked now.
pub fn shown<'a>(rules: &'a RuleSet, screen: &'a Screen, answers: &'a Answers) -> impl Iterator<Item = &'a Question> {
    screen.questions.iter().filter(|question| rules.is_asked(question, answers))
}
