//! The conversation: which screen comes next, and what a submitted screen says. Pure: the server runs it on a posted
//! form, the browser on the same form's fields.

use serde::{Deserialize, Serialize};

use super::{
    Answers, Assessment, Grade, Kind, Layout, NO, NOT_SURE, PREFER_NOT, Question, RuleSet, Screen, Told, Urgency, YES,
};

/// The field that names the screen a form was filled in on.
pub const SCREEN: &str = "screen";
/// The field of the button pressed.
pub const GO: &str = "go";
/// The field of "None of these".
pub const NONE: &str = "none";
/// The field of "I am not sure about some of these".
pub const UNSURE: &str = "unsure";
/// The field that says that a list was asked one by one.
pub const EACH: &str = "each";
/// The field that says that the urgent warning was seen.
pub const WARNED: &str = "warned";
/// The field with the version of the rules that a form was made with.
pub const RULES: &str = "rules";
/// All fields that are not answers.
pub const FIELDS: [&str; 7] = [SCREEN, GO, NONE, UNSURE, EACH, WARNED, RULES];

/// What a button asks for; `change:` stands before a screen.
pub const NEXT: &str = "next";
pub const BACK: &str = "back";
/// On, after the urgent warning.
pub const ON: &str = "on";
pub const RESULT: &str = "result";
pub const WARNING: &str = "warning";
pub const REVIEW: &str = "review";
pub const SHEET: &str = "sheet";
pub const CLEAR: &str = "clear";
pub const CHANGE: &str = "change:";

/// Where the conversation is, and what was said in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub place: Place,
    pub answers: Answers,
    /// The urgent warning was seen, and does not come again.
    pub warned: bool,
    pub notice: Option<Notice>,
}

/// A page of the conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Place {
    /// A screen to answer.
    Ask { screen: String, one_by_one: bool, problems: Vec<Problem> },
    /// Something urgent was found, and there is more to ask.
    Warning(Assessment),
    /// Enough is known.
    Result(Assessment),
    /// Every answer, to check and change.
    Review,
    /// The page to show at A&E or to the GP.
    Sheet(Assessment),
}

/// Something to say above a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// The page was loaded again, and the answers are gone.
    LoadedAgain,
    Cleared,
    /// The form was made with other rules.
    RulesChanged,
}

/// Why a screen cannot be left yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The question to go to; the list's first for a whole list.
    pub question: String,
    pub message: String,
    /// What was typed and cannot be used.
    pub typed: String,
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

impl Step {
    fn at(place: Place, answers: Answers, warned: bool) -> Self {
        Self { place, answers, warned, notice: None }
    }

    fn asking(rules: &RuleSet, screen: &Screen, answers: Answers, warned: bool) -> Self {
        let unsure = |question: &Question| matches!(answers.get(&question.id), Some(NOT_SURE | PREFER_NOT));
        let one_by_one = list(rules, screen).any(unsure);
        Self::at(Place::Ask { screen: screen.id.clone(), one_by_one, problems: vec![] }, answers, warned)
    }

    /// What a button asks for that leads here again.
    pub fn way_here(&self) -> String {
        match &self.place {
            Place::Ask { screen, .. } => format!("{CHANGE}{screen}"),
            Place::Warning(_) => WARNING.to_owned(),
            Place::Result(_) => RESULT.to_owned(),
            Place::Review => REVIEW.to_owned(),
            Place::Sheet(_) => SHEET.to_owned(),
        }
    }

    /// How urgent it is, where the page says so.
    pub fn urgency(&self) -> Option<Urgency> {
        match &self.place {
            Place::Warning(assessment) | Place::Result(assessment) => Some(assessment.urgency),
            Place::Ask { .. } | Place::Review | Place::Sheet(_) => None,
        }
    }
}

/// The first screen, with nothing answered.
pub fn start(rules: &RuleSet) -> Step {
    next(rules, Answers::default(), false)
}

/// The step after a form with these fields was submitted.
///
/// Fields of other screens are the answers so far, carried along; they are validated like any input, and a forged or
/// shortened form leads to the first screen that is not answered. A form made with other rules keeps the answers that
/// these rules know too, and is asked the rest again.
///
/// # Errors
/// [`BadForm`] for what no page of ours sends.
pub fn submit(rules: &RuleSet, fields: &[(String, String)]) -> Result<Step, BadForm> {
    let form = Form::read(rules, fields)?;
    let Form { go, warned, mut answers, .. } = form;
    if form.stale && go != CLEAR {
        return Ok(Step { notice: Some(Notice::RulesChanged), ..next(rules, answers, warned) });
    }
    if go != NEXT && go != BACK {
        return visit(rules, go, answers, warned).ok_or(BadForm::UnknownAnswer);
    }
    let screen = form.screen.ok_or(BadForm::NoScreen)?;
    if go == BACK {
        return Ok(Step::asking(rules, previous(rules, &answers, screen), answers, warned));
    }
    let ask_each = form.unsure && !form.each;
    let mut problems = form.unusable;
    if screen.layout == Layout::Ticks && !form.each && !ask_each {
        problems.extend(settle_ticks(rules, screen, form.none, &mut answers));
    }
    if !ask_each {
        problems.extend(missing(rules, screen, &answers, &problems));
        // As they come on the page; not sorted, which is two kilobytes of wasm.
        let of = |question: &Question| {
            let id = question.id.clone();
            problems.iter().filter(move |problem| problem.question == id).cloned()
        };
        problems = rules.on(screen).iter().flat_map(of).collect();
    }
    if problems.is_empty() && !ask_each {
        Ok(next(rules, answers, warned))
    } else {
        let place = Place::Ask { screen: screen.id.clone(), one_by_one: form.each || ask_each, problems };
        Ok(Step::at(place, answers, warned))
    }
}

/// Where a button of a page leads that is not a screen to answer; `None` if there is no such way.
pub fn visit(rules: &RuleSet, go: &str, answers: Answers, warned: bool) -> Option<Step> {
    Some(match go {
        ON => next(rules, answers, true),
        RESULT => next(rules, answers, warned),
        WARNING => next(rules, answers, false),
        REVIEW => Step::at(Place::Review, answers, warned),
        SHEET => {
            let step = next(rules, answers, warned);
            match step.place {
                Place::Result(assessment) | Place::Warning(assessment) => {
                    Step { place: Place::Sheet(assessment), ..step }
                }
                _ => step,
            }
        }
        CLEAR => Step { notice: Some(Notice::Cleared), ..start(rules) },
        other => Step::asking(rules, rules.screen(other.strip_prefix(CHANGE)?)?, answers, warned),
    })
}

/// What comes after these answers: an emergency that nothing can soften interrupts, something urgent does so once;
/// otherwise the first open screen.
fn next(rules: &RuleSet, mut answers: Answers, warned: bool) -> Step {
    forget_what_is_no_longer_asked(rules, &mut answers);
    let told = Told::new(rules, &answers);
    let assessment = told.assess();
    let mut open =
        rules.screens.iter().filter(|screen| screen.questions.clone().any(|question| told.is_open(question)));
    let found = |urgency: Urgency, settled: bool| {
        assessment.findings.iter().any(|finding| finding.urgency == urgency && (finding.settled || !settled))
    };
    let first = open.clone().next();
    let ask = if found(Urgency::Emergency, true) {
        None
    } else if found(Urgency::Emergency, false) {
        // Only what could still soften it: its follow-ups, and where the pain is, or the age.
        let pending = assessment.findings.iter().filter(|finding| finding.urgency == Urgency::Emergency);
        let grades: Vec<&Grade> = pending
            .filter_map(|finding| {
                rules.rule(&finding.rule)?.grades.iter().find(|grade| grade.urgency == finding.urgency)
            })
            .collect();
        let softens = |at: u16| {
            let context = rules.questions.get(usize::from(at)).is_some_and(|question| !question.is_sign());
            context && told.is_open(at) && grades.iter().any(|grade| grade.when.any_question(&|named| named == at))
        };
        open.find(|screen| screen.follow_up || screen.questions.clone().any(softens))
    } else {
        first
    };
    let Some(screen) = ask else { return Step::at(Place::Result(assessment), answers, warned) };
    let may_be_emergency = found(Urgency::Emergency, false);
    if !screen.follow_up && !may_be_emergency && !warned && found(Urgency::Urgent, true) {
        return Step::at(Place::Warning(assessment), answers, warned);
    }
    Step::asking(rules, screen, answers, warned)
}

/// A follow-up answered before its tick was taken back must not linger; nor what was asked because of it.
pub fn forget_what_is_no_longer_asked(rules: &RuleSet, answers: &mut Answers) {
    loop {
        let before = answers.len();
        let asked: Vec<String> = Told::new(rules, answers).asked().map(|question| question.id.clone()).collect();
        answers.retain(|question| asked.iter().any(|id| id == question));
        if answers.len() == before {
            return;
        }
    }
}

/// The last screen before `screen` that has something to ask; `screen` itself if there is none.
fn previous<'a>(rules: &'a RuleSet, answers: &Answers, screen: &'a Screen) -> &'a Screen {
    let told = Told::new(rules, answers);
    rules
        .screens
        .iter()
        .take_while(|earlier| earlier.id != screen.id)
        .filter(|earlier| rules.on(earlier).iter().any(|question| told.is_asked(question)))
        .last()
        .unwrap_or(screen)
}

/// How far along `screen` is: its number, and how many screens there are on the way as far as is known.
pub fn progress(rules: &RuleSet, answers: &Answers, screen: &str) -> (usize, usize) {
    let told = Told::new(rules, answers);
    // What may come to be asked is not counted before it is known to be.
    let certain = |question: &Question| {
        question.asked_if.as_ref().is_none_or(|condition| told.truth(condition) == super::Truth::Yes)
    };
    let mut way = rules.screens.iter().filter(|way| way.id == screen || rules.on(way).iter().any(certain));
    let at = way.by_ref().take_while(|way| way.id != screen).count() + 1;
    (at, at + way.count())
}

/// The questions of a screen's list to tick.
pub fn list<'a>(rules: &'a RuleSet, screen: &Screen) -> impl Iterator<Item = &'a Question> + use<'a> {
    let ticks = screen.layout == Layout::Ticks;
    rules.on(screen).iter().filter(move |question| ticks && question.kind == Kind::YesNo)
}

/// The questions of a screen that are asked now.
pub fn shown<'a>(rules: &'a RuleSet, screen: &Screen, answers: &Answers) -> Vec<&'a Question> {
    let told = Told::new(rules, answers);
    rules.on(screen).iter().filter(|question| told.is_asked(question)).collect()
}

/// A list with nothing ticked is not an answer: "None of these" has to be said.
fn settle_ticks(rules: &RuleSet, screen: &Screen, none: bool, answers: &mut Answers) -> Option<Problem> {
    let asked = shown(rules, screen, answers);
    let asked: Vec<&Question> = list(rules, screen).filter(|question| asked.contains(question)).collect();
    let first = asked.first()?;
    let ticked = asked.iter().any(|question| answers.get(&question.id).is_some_and(|answer| answer != NO));
    let problem =
        |message: &str| Some(Problem { question: first.id.clone(), message: message.to_owned(), typed: String::new() });
    match (ticked, none) {
        (false, false) => problem("Tick what you have, or “None of these”"),
        (true, true) => problem("Tick either what you have, or “None of these”, not both"),
        _ => {
            for question in asked {
                if !answers.has(&question.id) {
                    answers.set(&question.id, NO);
                }
            }
            None
        }
    }
}

/// The questions of a screen that were left open, but for those with a problem already.
fn missing(rules: &RuleSet, screen: &Screen, answers: &Answers, known: &[Problem]) -> Vec<Problem> {
    let in_list = |question: &Question| {
        list(rules, screen).any(|own| own.id == question.id)
            && known.iter().any(|problem| list(rules, screen).any(|own| own.id == problem.question))
    };
    shown(rules, screen, answers)
        .into_iter()
        .filter(|question| !answers.has(&question.id))
        .filter(|question| !in_list(question) && known.iter().all(|problem| problem.question != question.id))
        .map(|question| Problem {
            question: question.id.clone(),
            message: match question.kind {
                Kind::Number { .. } => format!("Enter a number: {}", question.text),
                _ => format!("Choose an answer: {}", question.text),
            },
            typed: String::new(),
        })
        .collect()
}

/// The fields of a form, sorted out.
#[derive(Default)]
struct Form<'a> {
    screen: Option<&'a Screen>,
    go: &'a str,
    none: bool,
    unsure: bool,
    each: bool,
    warned: bool,
    /// Made with other rules than these.
    stale: bool,
    answers: Answers,
    /// Numbers that are none.
    unusable: Vec<Problem>,
}

impl<'a> Form<'a> {
    fn read(rules: &'a RuleSet, fields: &'a [(String, String)]) -> Result<Self, BadForm> {
        let field = |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let flag = |wanted: &str| match field(wanted) {
            None => Ok(false),
            Some(YES) => Ok(true),
            Some(_) => Err(BadForm::UnknownAnswer),
        };
        let stale = field(RULES).is_some_and(|version| version != rules.version);
        let mut form = Self {
            go: field(GO).unwrap_or(NEXT),
            none: flag(NONE)?,
            unsure: flag(UNSURE)?,
            each: flag(EACH)?,
            warned: flag(WARNED)?,
            stale,
            ..Self::default()
        };
        if let Some(screen) = field(SCREEN) {
            form.screen = rules.screen(screen);
            if form.screen.is_none() && !stale {
                return Err(BadForm::NoScreen);
            }
        }
        for (at, (name, value)) in fields.iter().enumerate() {
            if fields[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(BadForm::FieldTwice);
            }
            if !FIELDS.contains(&name.as_str()) {
                form.answer(rules, name, value).or_else(|bad| if stale { Ok(()) } else { Err(bad) })?;
            }
        }
        Ok(form)
    }

    fn answer(&mut self, rules: &RuleSet, name: &str, value: &str) -> Result<(), BadForm> {
        let question = rules.question(name).ok_or(BadForm::UnknownField)?;
        let number = matches!(question.kind, Kind::Number { .. });
        // "045" and " 45 " are 45.
        let plain = if number { value.trim().trim_start_matches('0') } else { value };
        let plain = if number && plain.is_empty() && value.contains('0') { "0" } else { plain };
        let own = self.screen.is_some_and(|screen| rules.on(screen).iter().any(|own| own.id == name));
        if question.accepts(plain) {
            self.answers.set(name, plain);
        } else if let Kind::Number { unit, min, max } = &question.kind
            && own
        {
            if !plain.is_empty() {
                self.unusable.push(Problem {
                    question: name.to_owned(),
                    message: format!("Enter {} in whole {unit}, from {min} to {max}", question.said.to_lowercase()),
                    typed: value.to_owned(),
                });
            }
        } else {
            return Err(BadForm::UnknownAnswer);
        }
        Ok(())
    }
}

/// The answers that a screen's form carries along unseen: all but the screen's own.
pub fn carried<'a>(
    rules: &'a RuleSet,
    screen: &'a Screen,
    answers: &'a Answers,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    answers.iter().filter(|(question, _)| !rules.on(screen).iter().any(|own| own.id == *question))
}
