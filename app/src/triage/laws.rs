//! What must hold of any rule set, whatever is answered. The tests try it on random answers, and so do the checks of a rule set
//! that was written on the desk: nothing that fails one of these decides about anybody.

use std::collections::BTreeSet;

use super::{
    Answers, Condition, Kind, Layout, NO, NOT_SURE, PREFER_NOT, Question, Role, RuleSet, Told, Urgency, YES,
    conversation::{self, EACH, GO, NEXT, NONE, ON, Place, SCREEN, Step, WARNED},
};

/// A law: what is wrong with what a rule set makes of these answers.
pub type Law = fn(&RuleSet, &Answers) -> Result<(), String>;

/// For answers with holes.
pub const OF_SOME_ANSWERS: [(&str, Law); 8] = [
    ("One more warning sign never lowers the outcome.", more_signs_never_lower),
    ("Not being sure of a sign is never less than its yes.", unsure_of_a_sign_is_no_less),
    ("A question left out never lowers the outcome.", left_out_never_lowers),
    ("Not being sure of anything else is never less than a definite answer.", unsure_of_a_context_is_no_less),
    ("The order of the answers is irrelevant.", order_is_irrelevant),
    ("The outcome is the most urgent rule that fired.", outcome_is_the_most_urgent),
    ("Self-care is said only when every question was answered.", self_care_needs_every_answer),
    ("A child is never told to wait at home.", children_are_seen),
];

/// For answers to every question.
pub const OF_WHOLE_ANSWERS: [(&str, Law); 2] = [
    ("The conversation decides as the whole answers do.", conversation_decides_as_the_whole),
    ("Every screen comes once, and a warning at most once.", screens_come_once),
];

/// The answers to a question that can be given; of numbers those at which something changes, and a few others.
pub fn choices(rules: &RuleSet, question: &Question) -> Vec<String> {
    match &question.kind {
        Kind::YesNo => [YES, NO, NOT_SURE, PREFER_NOT]
            .into_iter()
            .filter(|answer| question.accepts(answer))
            .map(str::to_owned)
            .collect(),
        Kind::OneOf(choices) => choices.iter().map(|choice| choice.id.clone()).collect(),
        Kind::Number { min, max, .. } => {
            let mut numbers: BTreeSet<u16> = [*min, 4, 40, 85, *max].into();
            for condition in conditions(rules) {
                bounds(condition, rules, &question.id, &mut numbers);
            }
            numbers
                .into_iter()
                .filter(|number| (*min..=*max).contains(number))
                .map(|number| number.to_string())
                .collect()
        }
    }
}

/// Every condition of a rule set.
pub fn conditions(rules: &RuleSet) -> impl Iterator<Item = &Condition> {
    let asked = rules.questions.iter().filter_map(|question| question.asked_if.as_ref());
    asked.chain(rules.rules.iter().flat_map(|rule| &rule.grades).map(|grade| &grade.when))
}

/// The numbers on both sides of each limit.
fn bounds(condition: &Condition, rules: &RuleSet, number: &str, found: &mut BTreeSet<u16>) {
    match condition {
        Condition::Within { question, least, most } => {
            if rules.questions.get(usize::from(*question)).is_some_and(|question| question.id == number) {
                found.extend([least.saturating_sub(1), *least, *most, most.saturating_add(1)]);
            }
        }
        Condition::Is { .. } => {}
        Condition::Not(inner) => bounds(inner, rules, number, found),
        Condition::All(parts) | Condition::Any(parts) | Condition::AtLeast(_, parts) => {
            parts.iter().for_each(|part| bounds(part, rules, number, found));
        }
    }
}

fn signs(rules: &RuleSet) -> impl Iterator<Item = &Question> {
    rules.questions.iter().filter(|question| question.is_sign())
}

fn urgency(rules: &RuleSet, answers: &Answers) -> Urgency {
    rules.assess(answers).urgency
}

pub fn with(answers: &Answers, question: &str, choice: &str) -> Answers {
    let mut answers = answers.clone();
    answers.set(question, choice);
    answers
}

fn without(answers: &Answers, question: &str) -> Answers {
    let mut answers = answers.clone();
    answers.remove(question);
    answers
}

fn never(less: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if less { Err(what()) } else { Ok(()) }
}

pub(super) fn more_signs_never_lower(rules: &RuleSet, answers: &Answers) -> Result<(), String> {
    for sign in signs(rules) {
        // From no: "not sure" is more than yes in some, and less in others. That leaving out is no less than no, the
        // law after next says.
        if matches!(answers.get(&sign.id), Some(YES | NOT_SURE)) {
            continue;
        }
        // What the fail-safe says because something was left out, it takes back once nothing is.
        let before = urgency(rules, &with(answers, &sign.id, NO));
        for there in [YES, NOT_SURE] {
            let more = rules.assess(&with(answers, &sign.id, there));
            // Somebody without pain whose only trouble is a known weak foot fits F04, and so the fail-safe no more.
            if before == Urgency::Soon && more.findings.iter().all(|finding| finding.rule == "F04") {
                continue;
            }
            let after = more.urgency;
            never(after < before, || format!("{}={there} lowered {before:?} to {after:?}", sign.id))?;
        }
    }
    Ok(())
}

pub(super) fn unsure_of_a_sign_is_no_less(rules: &RuleSet, answers: &Answers) -> Result<(), String> {
    for sign in signs(rules).filter(|sign| sign.role == (Role::Sign { unsure_is_yes: true })) {
        let yes = urgency(rules, &with(answers, &sign.id, YES));
        let not_sure = urgency(rules, &with(answers, &sign.id, NOT_SURE));
        never(not_sure < yes, || format!("{}: {not_sure:?} < {yes:?}", sign.id))?;
    }
    Ok(())
}

pub(super) fn left_out_never_lowers(rules: &RuleSet, answers: &Answers) -> Result<(), String> {
    for question in &rules.questions {
        let left_out = urgency(rules, &without(answers, &question.id));
        for choice in choices(rules, question) {
            if question.is_sign() && choice != NO {
                continue;
            }
            let answered = urgency(rules, &with(answers, &question.id, &choice));
            never(left_out < answered, || format!("{}={choice}: {left_out:?} < {answered:?}", question.id))?;
        }
    }
    Ok(())
}

pub(super) fn unsure_of_a_context_is_no_less(rules: &RuleSet, answers: &Answers) -> Result<(), String> {
    let contexts = rules.questions.iter().filter(|question| !question.is_sign() && question.accepts(NOT_SURE));
    for context in contexts {
        let not_sure = urgency(rules, &with(answers, &context.id, NOT_SURE));
        for choice in choices(rules, context) {
            let definite = urgency(rules, &with(answers, &context.id, &choice));
            never(not_sure < definite, || format!("{}={choice}: {not_sure:?} < {definite:?}", context.id))?;
        }
    }
    Ok(())
}

pub(super) fn order_is_irrelevant(rules: &RuleSet, answers: &Answers) -> Result<(), String> {
    let mut pairs: Vec<(&str, &str)> = answers.iter().collect();
    let expected = rules.assess(answers);
    for _ in 0..2 {
        pairs.reverse();
        let half = pairs.len() / 2;
        pairs.rotate_left(half);
        let moved: Answers = pairs.iter().copied().collect();
        never(rules.assess(&moved) != expected, || {
            "another order of the same answers gives another result".to_owned()
        })?;
    }
    Ok(())
}

pub(super) fn outcome_is_the_most_urgent(rules: &RuleSet, answers: &Answers) -> Result<(), String> {
    let assessment = rules.assess(answers);
    let most = assessment.findings.iter().map(|finding| finding.urgency).max();
    never(most != Some(assessment.urgency), || format!("{:?}, and the findings say {most:?}", assessment.urgency))
}

pub(super) fn self_care_needs_every_answer(rules: &RuleSet, answers: &Answers) -> Result<(), String> {
    let open = || Told::new(rules, answers).unanswered().next().map(|question| question.id.clone());
    if urgency(rules, answers) != Urgency::SelfCare {
        return Ok(());
    }
    open().map_or(Ok(()), |question| Err(format!("self-care, and {question} was left out")))
}

/// The question about the age, where there is one.
const AGE: &str = "age";

pub(super) fn children_are_seen(rules: &RuleSet, answers: &Answers) -> Result<(), String> {
    for age in 0..16_u16 {
        let age = age.to_string();
        if rules.accepts(AGE, &age) {
            let said = urgency(rules, &with(answers, AGE, &age));
            never(said < Urgency::Soon, || format!("at the age of {age}: {said:?}"))?;
        }
    }
    Ok(())
}

pub(super) fn conversation_decides_as_the_whole(rules: &RuleSet, answers: &Answers) -> Result<(), String> {
    let (end, screens) = converse(rules, answers)?;
    let Place::Result(assessment) = &end.place else { return Err("the conversation did not end".to_owned()) };
    never(rules.assess(&end.answers) != *assessment, || "the result is not that of its answers".to_owned())?;
    // An emergency interrupts before the rest is asked; what is asked later cannot take it back.
    let (said, whole) = (assessment.urgency, urgency(rules, &asked_only(rules, answers)));
    never(said != whole, || format!("{said:?}, and whole {whole:?}: {}", screens.join(" ")))
}

pub(super) fn screens_come_once(rules: &RuleSet, answers: &Answers) -> Result<(), String> {
    let (_, screens) = converse(rules, answers)?;
    let unique: BTreeSet<&String> = screens.iter().collect();
    never(unique.len() != screens.len(), || format!("a screen came twice: {}", screens.join(" ")))
}

/// What of these answers the conversation would come to ask.
pub fn asked_only(rules: &RuleSet, answers: &Answers) -> Answers {
    let mut kept = answers.clone();
    loop {
        let asked: BTreeSet<&str> = Told::new(rules, &kept).asked().map(|question| question.id.as_str()).collect();
        let before = kept.len();
        let mut fewer = kept.clone();
        fewer.retain(|question| asked.contains(question));
        kept = fewer;
        if kept.len() == before {
            return kept;
        }
    }
}

/// Answers every screen by its form, as a browser sends it; gives the end and the screens on the way.
///
/// # Errors
/// Where the conversation goes wrong.
pub fn converse(rules: &RuleSet, answers: &Answers) -> Result<(Step, Vec<String>), String> {
    let mut step = conversation::start(rules);
    let mut screens: Vec<String> = Vec::new();
    loop {
        if screens.len() > 2 * rules.screens.len() + 2 {
            return Err(format!("no end: {}", screens.join(" ")));
        }
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut field = |name: &str, value: &str| fields.push((name.to_owned(), value.to_owned()));
        match &step.place {
            Place::Result(_) => return Ok((step, screens)),
            Place::Warning(assessment) => {
                never(assessment.urgency != Urgency::Urgent, || format!("a warning of {:?}", assessment.urgency))?;
                screens.push("(warning)".to_owned());
                field(GO, ON);
                step.answers.iter().for_each(|(question, answer)| field(question, answer));
            }
            Place::Ask { screen, problems, .. } => {
                if let Some(problem) = problems.first() {
                    return Err(format!("screen {screen}: {}", problem.message));
                }
                screens.push(screen.clone());
                let screen = rules.screen(screen).ok_or("an unknown screen")?;
                answer_screen(rules, screen, &step, answers, &mut field);
            }
            Place::Review | Place::Sheet(_) => return Err("nobody asked for this page".to_owned()),
        }
        step = conversation::submit(rules, &fields).map_err(|bad| format!("{bad:?}"))?;
    }
}

fn answer_screen(
    rules: &RuleSet,
    screen: &super::Screen,
    step: &Step,
    answers: &Answers,
    field: &mut impl FnMut(&str, &str),
) {
    field(SCREEN, &screen.id);
    field(GO, NEXT);
    if step.warned {
        field(WARNED, YES);
    }
    conversation::carried(rules, screen, &step.answers).for_each(|(name, value)| field(name, value));
    let shown = conversation::shown(rules, screen, &step.answers);
    let own: Vec<(&Question, &str)> =
        shown.iter().filter_map(|question| Some((*question, answers.get(&question.id)?))).collect();
    let unsure = own.iter().any(|(question, answer)| question.is_sign() && ![YES, NO].contains(answer));
    if screen.layout == Layout::Choices || unsure {
        if screen.layout == Layout::Ticks {
            field(EACH, YES);
        }
        own.iter().for_each(|(question, answer)| field(&question.id, answer));
    } else {
        own.iter().filter(|(_, answer)| *answer != NO).for_each(|(question, answer)| field(&question.id, answer));
        if own.iter().all(|(question, answer)| !question.is_sign() || *answer == NO) {
            field(NONE, YES);
        }
    }
}
