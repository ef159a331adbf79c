//! The rule set's file: TOML in, a checked [`RuleSet`] out.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{
    Choice, Condition, Grade, Layout, NO, NOT_SURE, Question, Role, Rule, RuleSet, Screen, SignOff, Source, Urgency,
    YES,
};

/// Reads a rule set and checks it: every id known and used once, every emergency question always asked.
///
/// # Errors
/// Every problem found, one sentence each, naming the rule, question or line.
pub fn read(text: &str) -> Result<RuleSet, Vec<String>> {
    let file: File = toml::from_str(text).map_err(|error| vec![error.to_string().trim_end().to_owned()])?;
    let named = file.conditions;
    let mut problems = Vec::new();
    let mut resolve = |condition: &Written, place: &str| {
        condition.resolve(&named).unwrap_or_else(|problem| {
            problems.push(format!("{place}: {problem}"));
            Condition::All(vec![])
        })
    };
    let screens = file
        .screen
        .into_iter()
        .map(|screen| Screen {
            questions: screen
                .question
                .into_iter()
                .map(|question| Question {
                    asked_if: question
                        .asked_if
                        .map(|condition| resolve(&condition, &format!("question {}", question.id))),
                    id: question.id,
                    text: question.text,
                    hint: question.hint,
                    said: question.said,
                    role: question.role,
                    choices: question.choices,
                })
                .collect(),
            id: screen.id,
            stage: screen.stage,
            title: screen.title,
            hint: screen.hint,
            layout: screen.layout,
            follow_up: screen.follow_up,
        })
        .collect();
    let rules = file
        .rule
        .into_iter()
        .map(|rule| Rule {
            grades: rule
                .grade
                .into_iter()
                .map(|grade| Grade { urgency: grade.urgency, when: resolve(&grade.when, &format!("rule {}", rule.id)) })
                .collect(),
            id: rule.id,
            cause: rule.cause,
            sources: rule.sources,
            fail_safe: rule.fail_safe,
        })
        .collect();
    let set = RuleSet {
        version: format!("{}+{}", file.version, &hex(&Sha256::digest(text))[..8]),
        sign_off: file.sign_off,
        screens,
        rules,
        daily: file.daily,
        safety_net: file.safety_net,
    };
    problems.extend(check(&set));
    if problems.is_empty() { Ok(set) } else { Err(problems) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    sign_off: Option<SignOff>,
    daily: Vec<String>,
    safety_net: Vec<String>,
    #[serde(default)]
    conditions: BTreeMap<String, Written>,
    screen: Vec<ScreenFile>,
    rule: Vec<RuleFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScreenFile {
    id: String,
    stage: String,
    title: String,
    hint: Option<String>,
    layout: Layout,
    #[serde(default)]
    follow_up: bool,
    question: Vec<QuestionFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    id: String,
    text: String,
    hint: Option<String>,
    said: String,
    role: Role,
    #[serde(default)]
    choices: Vec<Choice>,
    asked_if: Option<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    id: String,
    cause: String,
    grade: Vec<GradeFile>,
    sources: Vec<Source>,
    #[serde(default)]
    fail_safe: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GradeFile {
    urgency: Urgency,
    when: Written,
}

/// A condition as written in the file; the file's first comment explains it.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    All { all: Vec<Written> },
    Any { any: Vec<Written> },
    Not { not: Box<Written> },
    AtLeast { at_least: usize, of: Vec<Written> },
}

impl Written {
    fn resolve(&self, named: &BTreeMap<String, Self>) -> Result<Condition, String> {
        let each = |parts: &[Self]| parts.iter().map(|part| part.resolve(named)).collect::<Result<Vec<_>, _>>();
        Ok(match self {
            Self::All { all } => Condition::All(each(all)?),
            Self::Any { any } => Condition::Any(each(any)?),
            Self::Not { not } => Condition::Not(Box::new(not.resolve(named)?)),
            Self::AtLeast { at_least, of } => Condition::AtLeast(*at_least, each(of)?),
            Self::Text(text) => match (text.strip_prefix('@'), text.split_once('=')) {
                (Some(name), _) => {
                    let condition = named.get(name).ok_or_else(|| format!("there is no condition {name:?}"))?;
                    // A name does not see other names, so that it cannot lead back to itself.
                    condition.resolve(&BTreeMap::new())?
                }
                (None, Some((question, choices))) => Condition::Is {
                    question: question.to_owned(),
                    one_of: choices.split('|').map(str::to_owned).collect(),
                },
                (None, None) => Condition::Is { question: text.clone(), one_of: vec![YES.to_owned()] },
            },
        })
    }
}

fn check(set: &RuleSet) -> Vec<String> {
    let mut problems = Vec::new();
    problems.extend(twice("question", set.questions().map(|question| question.id.as_str())));
    problems.extend(twice("screen", set.screens.iter().map(|screen| screen.id.as_str())));
    problems.extend(twice("rule", set.rules.iter().map(|rule| rule.id.as_str())));
    for rule in &set.rules {
        problems.extend(check_rule(set, rule));
    }
    for (at, screen) in set.screens.iter().enumerate() {
        for question in &screen.questions {
            problems.extend(check_question(set, at, screen, question));
        }
    }
    for daily in &set.daily {
        if set.question(daily).is_none_or(|question| question.role != Role::Sign) {
            problems.push(format!("daily: {daily:?} is not a question about a sign"));
        }
    }
    for urgency in Urgency::ALL {
        if !set.rules.iter().flat_map(|rule| &rule.grades).any(|grade| grade.urgency == urgency) {
            problems.push(format!("no rule leads to {urgency:?}"));
        }
    }
    if !set.rules.iter().any(|rule| rule.fail_safe && rule.highest() >= Urgency::Soon) {
        problems.push("there is no fail-safe rule of at least \"soon\"".to_owned());
    }
    problems
}

fn twice<'a>(kind: &str, ids: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    ids.filter(|id| !seen.insert(*id)).map(|id| format!("{kind} {id}: there are two of this id")).collect()
}

fn check_condition(set: &RuleSet, condition: &Condition) -> Vec<String> {
    match condition {
        Condition::Is { question, one_of } => match set.question(question) {
            None => vec![format!("there is no question {question:?}")],
            Some(known) => one_of
                .iter()
                .filter(|choice| !known.accepts(choice))
                .map(|choice| format!("question {question} has no answer {choice:?}"))
                .collect(),
        },
        Condition::Not(inner) => check_condition(set, inner),
        Condition::All(parts) | Condition::Any(parts) | Condition::AtLeast(_, parts) => {
            parts.iter().flat_map(|part| check_condition(set, part)).collect()
        }
    }
}

fn check_rule(set: &RuleSet, rule: &Rule) -> Vec<String> {
    let mut problems: Vec<String> = rule.grades.iter().flat_map(|grade| check_condition(set, &grade.when)).collect();
    if rule.grades.is_empty() {
        problems.push("has no grade, so it can never fire".to_owned());
    }
    if !rule.grades.is_sorted_by(|earlier, later| earlier.urgency > later.urgency) {
        problems.push("its grades must go from the most urgent to the least".to_owned());
    }
    if rule.sources.is_empty() {
        problems.push("names no source".to_owned());
    }
    problems.into_iter().map(|problem| format!("rule {}: {problem}", rule.id)).collect()
}

fn check_question(set: &RuleSet, at: usize, screen: &Screen, question: &Question) -> Vec<String> {
    let mut problems = Vec::new();
    let used = |condition: &Condition| condition.questions().contains(&question.id.as_str());
    let in_rule = set.rules.iter().flat_map(|rule| &rule.grades).any(|grade| used(&grade.when));
    let in_question = set.questions().filter_map(|other| other.asked_if.as_ref()).any(used);
    if !in_rule && !in_question {
        problems.push("no rule uses it".to_owned());
    }
    if screen.layout == Layout::Ticks && (!question.choices.is_empty() || question.asked_if.is_some()) {
        problems.push("a list to tick has no choices, and all of it is asked".to_owned());
    }
    if question.role == Role::Sign && screen.layout != Layout::Ticks {
        problems.push("a sign belongs on a list to tick, where it cannot be skipped".to_owned());
    }
    if question.id == NO || question.id == YES || question.id == NOT_SURE {
        problems.push("an id must not be an answer".to_owned());
    }
    if let Some(condition) = &question.asked_if {
        problems.extend(check_condition(set, condition));
        let before: BTreeSet<&str> =
            set.screens[..at].iter().flat_map(|screen| &screen.questions).map(|earlier| earlier.id.as_str()).collect();
        for needed in condition.questions().into_iter().filter(|needed| !before.contains(needed)) {
            problems.push(format!("it is asked because of {needed:?}, which no earlier screen asks"));
        }
    }
    problems.into_iter().map(|problem| format!("question {}: {problem}", question.id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = include_str!("../../../content/triage/rules.toml");

    #[test]
    fn the_rules_we_ship_are_sound() {
        let set = read(RULES).unwrap_or_else(|problems| panic!("{}", problems.join("\n")));
        let rules: Vec<&str> = set.rules.iter().map(|rule| rule.id.as_str()).collect();
        let mut expected: Vec<String> = (1..=19).map(|n| format!("E{n:02}")).collect();
        expected.extend(["F01", "F02", "F03", "F04", "F05", "W01", "G01", "G02", "G03", "S01"].map(str::to_owned));
        assert_eq!(rules, expected);
    }

    #[test]
    fn a_broken_file_names_what_is_broken() {
        for (from, to, said) in [
            ("when = \"chest\"", "when = \"chess\"", "rule E11: there is no question \"chess\""),
            (
                "\"both_drop_since=long\"",
                "\"both_drop_since=ages\"",
                "rule E08: question both_drop_since has no answer",
            ),
            ("not = \"@other_emergency\"", "not = \"@other\"", "rule E06: there is no condition \"other\""),
            ("id = \"E12\"", "id = \"E11\"", "rule E11: there are two of this id"),
            ("id = \"fever\"", "id = \"fevers\"", "rule W01: there is no question \"fever\""),
            ("daily = [\"saddle\"", "daily = [\"pain_where\"", "daily: \"pain_where\" is not"),
            ("fail_safe = true", "fail_safe = false", "there is no fail-safe rule"),
            ("asked_if = \"saddle\"", "asked_if = \"pain_limits\"", "which no earlier screen asks"),
            ("version = \"1.0.0\"", "version = ", "line 1"),
            ("role = \"sign\"", "role = \"sing\"", "sing"),
        ] {
            assert!(RULES.contains(from), "{from}");
            let problems = read(&RULES.replacen(from, to, 1)).expect_err(to).join("\n");
            assert!(problems.contains(said) || (said == "line 1" && problems.contains("line")), "{to}: {problems}");
        }
    }

    #[test]
    fn the_version_tells_two_texts_apart() {
        let one = read(RULES).unwrap().version;
        let other = read(&RULES.replace("Chest pain", "Chest ache")).unwrap().version;
        assert!(one.starts_with("1.0.0+") && other.starts_with("1.0.0+") && one != other, "{one} {other}");
    }
}
