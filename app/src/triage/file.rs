//! The rule set's file: TOML in, a checked [`RuleSet`] out.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::{
    Change, Choice, Condition, Grade, Kind, Layout, NO, NOT_SURE, Question, Role, Rule, RuleSet, Screen, SignOff,
    Source, Urgency, YES, solve, terms::Term, watch_file::WatchFile,
};

/// Reads a rule set and checks it: every id known and used once, every rule able to fire, no emergency question skipped.
///
/// # Errors
/// Every problem found, one sentence each, naming the line and the rule or question.
pub fn read(text: &str) -> Result<RuleSet, Vec<String>> {
    let (set, mut problems) = gather(text)?;
    if problems.is_empty() {
        problems = check(&set, text);
    }
    if problems.is_empty() { Ok(set) } else { Err(problems) }
}

/// What a file asks and names, though it may not be sound yet: for the forms that mend it. Nothing may be decided by it: a
/// condition that cannot be read is none. Nothing where the file has not got the form of one.
pub fn outline(text: &str) -> Option<RuleSet> {
    gather(text).ok().map(|(set, _)| set)
}

/// The rule set, unchecked, with what could not be read of it.
fn gather(text: &str) -> Result<(RuleSet, Vec<String>), Vec<String>> {
    let file: File = toml::from_str(text).map_err(|error| vec![error.to_string().trim_end().to_owned()])?;
    let mut reader = Reader { text, names: file.conditions, ids: BTreeMap::new(), problems: vec![] };
    for question in file.screen.iter().flat_map(|screen| &screen.question) {
        let next = u16::try_from(reader.ids.len()).unwrap_or(u16::MAX);
        if reader.ids.insert(question.id.get_ref().clone(), next).is_some() {
            reader.problem("question", &question.id, "there are two of this id");
        }
    }
    if !reader.problems.is_empty() {
        // With two of an id, places would not match.
        return Err(reader.problems);
    }
    let mut questions = Vec::new();
    let mut screens = Vec::new();
    for screen in file.screen {
        let start = u16::try_from(questions.len()).unwrap_or(u16::MAX);
        for question in screen.question {
            questions.push(reader.question(question, &file.choices));
        }
        let end = u16::try_from(questions.len()).unwrap_or(u16::MAX);
        screens.push(Screen {
            id: screen.id,
            stage: screen.stage,
            title: screen.title,
            hint: screen.hint,
            layout: screen.layout,
            list: screen.list,
            follow_up: screen.follow_up,
            questions: start..end,
        });
    }
    let rules = file.rule.into_iter().map(|rule| reader.rule(rule, &file.sources)).collect();
    let watch = reader.watch(file.watch, &file.sources);
    let set = RuleSet {
        version: format!("{}+{}", file.version, &hex(&Sha256::digest(text))[..8]),
        sign_off: file.sign_off,
        screens,
        questions,
        by_id: reader.ids.values().copied().collect(),
        rules,
        daily: file.daily,
        safety_net: file.safety_net,
        watch,
        history: file.history,
    };
    Ok((set, reader.problems))
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
    history: Vec<Change>,
    #[serde(default)]
    choices: BTreeMap<String, Vec<Choice>>,
    #[serde(default)]
    conditions: BTreeMap<String, Written>,
    sources: BTreeMap<String, Source>,
    screen: Vec<ScreenFile>,
    rule: Vec<RuleFile>,
    watch: Vec<WatchFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScreenFile {
    id: String,
    stage: String,
    title: String,
    hint: Option<String>,
    layout: Layout,
    list: Option<String>,
    #[serde(default)]
    follow_up: bool,
    /// None where its author has moved them all away, which [`check`] refuses.
    #[serde(default)]
    question: Vec<QuestionFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    id: Spanned<String>,
    text: String,
    hint: Option<String>,
    said: String,
    #[serde(default)]
    role: RoleFile,
    unsure: Option<Unsure>,
    choices: Option<Choices>,
    number: Option<Number>,
    #[serde(default)]
    private: bool,
    asked_if: Option<Written>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RoleFile {
    #[default]
    Sign,
    Context,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Unsure {
    Itself,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Choices {
    Named(String),
    Here(Vec<Choice>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Number {
    unit: String,
    min: u16,
    max: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    id: Spanned<String>,
    cause: String,
    note: Option<String>,
    #[serde(default)]
    terms: Vec<String>,
    grade: Vec<GradeFile>,
    sources: Vec<String>,
    #[serde(default)]
    fail_safe: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GradeFile {
    urgency: Urgency,
    when: Written,
    act: Option<String>,
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

/// Turns what is written into types, and collects what is wrong with it.
pub(super) struct Reader<'a> {
    text: &'a str,
    names: BTreeMap<String, Written>,
    /// Where each question will be.
    ids: BTreeMap<String, u16>,
    problems: Vec<String>,
}

impl Reader<'_> {
    pub(super) fn problem(&mut self, kind: &str, id: &Spanned<String>, problem: &str) {
        let line = line_at(self.text, id.span().start);
        self.problems.push(format!("line {line}, {kind} {}: {problem}", id.get_ref()));
    }

    /// About no one line.
    pub(super) fn whole(&mut self, problem: &str) {
        self.problems.push(problem.to_owned());
    }

    fn condition(&mut self, written: &Written, kind: &str, id: &Spanned<String>) -> Condition {
        self.resolve(written, true).unwrap_or_else(|problem| {
            self.problem(kind, id, &problem);
            Condition::All(vec![])
        })
    }

    /// A name does not see other names, so that it cannot lead back to itself.
    fn resolve(&self, written: &Written, names: bool) -> Result<Condition, String> {
        let each =
            |parts: &[Written]| parts.iter().map(|part| self.resolve(part, names)).collect::<Result<Vec<_>, _>>();
        let place =
            |id: &str| self.ids.get(id.trim()).copied().ok_or_else(|| format!("there is no question {:?}", id.trim()));
        let number = |text: &str| text.trim().parse::<u16>().map_err(|_| format!("{:?} is not a number", text.trim()));
        Ok(match written {
            Written::All { all } => Condition::All(each(all)?),
            Written::Any { any } => Condition::Any(each(any)?),
            Written::Not { not } => Condition::Not(Box::new(self.resolve(not, names)?)),
            Written::AtLeast { at_least, of } => Condition::AtLeast(*at_least, each(of)?),
            Written::Text(text) => {
                if let Some(name) = text.strip_prefix('@') {
                    let named = self.names.get(name).filter(|_| names);
                    self.resolve(named.ok_or_else(|| format!("there is no condition {name:?}"))?, false)?
                } else if let Some((question, least)) = text.split_once(">=") {
                    Condition::Within { question: place(question)?, least: number(least)?, most: u16::MAX }
                } else if let Some((question, above)) = text.split_once('<') {
                    let most = number(above)?.checked_sub(1).ok_or("no number is below 0")?;
                    Condition::Within { question: place(question)?, least: 0, most }
                } else if let Some((question, answers)) = text.split_once('=') {
                    let one_of = answers.split('|').map(str::to_owned).collect();
                    Condition::Is { question: place(question)?, one_of }
                } else {
                    Condition::Is { question: place(text)?, one_of: vec![YES.to_owned()] }
                }
            }
        })
    }

    fn question(&mut self, question: QuestionFile, named: &BTreeMap<String, Vec<Choice>>) -> Question {
        let id = &question.id;
        let kind = match (question.choices, question.number) {
            (None, None) => Kind::YesNo,
            (Some(Choices::Here(choices)), None) => Kind::OneOf(choices),
            (Some(Choices::Named(name)), None) => match named.get(&name) {
                Some(choices) => Kind::OneOf(choices.clone()),
                None => {
                    self.problem("question", id, &format!("there are no choices {name:?}"));
                    Kind::YesNo
                }
            },
            (None, Some(Number { unit, min, max })) => Kind::Number { unit, min, max },
            (Some(_), Some(_)) => {
                self.problem("question", id, "it has choices and a number: only one can be answered");
                Kind::YesNo
            }
        };
        let role = match (question.role, question.unsure) {
            (RoleFile::Sign, unsure) => Role::Sign { unsure_is_yes: unsure.is_none() },
            (RoleFile::Context, None) => Role::Context,
            (RoleFile::Context, Some(_)) => {
                self.problem("question", id, "only a sign can say what \"not sure\" counts as");
                Role::Context
            }
        };
        let asked_if = question.asked_if.map(|condition| self.condition(&condition, "question", id));
        Question {
            id: question.id.into_inner(),
            text: question.text,
            hint: question.hint,
            said: question.said,
            role,
            kind,
            private: question.private,
            asked_if,
        }
    }

    /// The sources of these names.
    pub(super) fn sources(
        &mut self,
        id: &Spanned<String>,
        names: &[String],
        named: &BTreeMap<String, Source>,
    ) -> Vec<Source> {
        let mut sources = Vec::new();
        for name in names {
            match named.get(name) {
                Some(source) => sources.push(source.clone()),
                None => self.problem("rule", id, &format!("there is no source {name:?}")),
            }
        }
        sources
    }

    fn rule(&mut self, rule: RuleFile, named: &BTreeMap<String, Source>) -> Rule {
        let sources = self.sources(&rule.id, &rule.sources, named);
        let grades = rule.grade.iter().map(|grade| Grade {
            urgency: grade.urgency,
            when: self.condition(&grade.when, "rule", &rule.id),
            act: grade.act.clone(),
        });
        let grades = grades.collect();
        Rule {
            id: rule.id.into_inner(),
            cause: rule.cause,
            note: rule.note,
            terms: rule.terms,
            grades,
            sources,
            fail_safe: rule.fail_safe,
        }
    }
}

/// The line of a place in the text, from 1.
fn line_at(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}

/// What is wrong with the whole.
fn check(set: &RuleSet, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut say = |kind: &str, id: &str, found: Vec<String>| {
        let line = text.find(&format!("id = {id:?}")).map_or(1, |at| line_at(text, at));
        problems.extend(found.into_iter().map(|problem| format!("line {line}, {kind} {id}: {problem}")));
    };
    for (kind, ids) in [
        ("screen", set.screens.iter().map(|screen| &screen.id).collect::<Vec<_>>()),
        ("rule", set.rules.iter().map(|rule| &rule.id).collect()),
    ] {
        let mut seen = BTreeSet::new();
        for id in ids.into_iter().filter(|id| !seen.insert(*id)) {
            say(kind, id, vec!["there are two of this id".to_owned()]);
        }
    }
    for screen in &set.screens {
        if set.on(screen).is_empty() {
            say("screen", &screen.id, vec!["it asks nothing: put a question there, or take the screen out".to_owned()]);
        }
        for (at, question) in (screen.questions.start..).zip(set.on(screen)) {
            say("question", &question.id, check_question(set, screen, at, question));
        }
    }
    for rule in &set.rules {
        say("rule", &rule.id, check_rule(set, rule));
    }
    // The rest is about no one line.
    let mut whole = |problem: String| problems.push(problem);
    for daily in &set.daily {
        if set.question(daily).is_none_or(|question| !question.is_sign()) {
            whole(format!("daily: {daily:?} is not a question about a sign"));
        }
    }
    for urgency in Urgency::ALL {
        if !set.rules.iter().flat_map(|rule| &rule.grades).any(|grade| grade.urgency == urgency) {
            whole(format!("no rule leads to {urgency:?}"));
        }
    }
    if !set.rules.iter().any(|rule| rule.fail_safe && rule.highest() >= Urgency::Soon) {
        whole("there is no fail-safe rule of at least \"soon\"".to_owned());
    }
    if let Some(by) = &set.sign_off
        && (!set.version.starts_with(&format!("{}+", by.version))
            || set.history.first().is_some_and(|newest| by.on < newest.on))
    {
        whole("[sign_off] is of another version, or of a day before this one".to_owned());
    }
    if set.history.first().is_none_or(|newest| !set.version.starts_with(&format!("{}+", newest.version))) {
        whole("the first [[history]] is not about this version".to_owned());
    }
    problems
}

fn check_condition(set: &RuleSet, condition: &Condition) -> Vec<String> {
    match condition {
        Condition::Is { question, one_of } => {
            let known = &set.questions[usize::from(*question)];
            one_of
                .iter()
                .filter(|answer| !known.accepts(answer))
                .map(|answer| format!("question {} has no answer {answer:?}", known.id))
                .collect()
        }
        Condition::Within { question, .. } => {
            let known = &set.questions[usize::from(*question)];
            let number = matches!(known.kind, Kind::Number { .. });
            if number { vec![] } else { vec![format!("question {} is not answered with a number", known.id)] }
        }
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
    if rule.terms.is_empty() && rule.highest() >= Urgency::Urgent {
        problems.push("has no terms, so that no article can be held to it".to_owned());
    }
    problems.extend(rule.terms.iter().filter_map(|term| Term::read(term).err()));
    if !problems.is_empty() {
        return problems;
    }
    for (at, grade) in rule.grades.iter().enumerate() {
        let earlier: Vec<&Condition> = rule.grades[..at].iter().map(|grade| &grade.when).collect();
        match solve::can_hold(set, &grade.when, &earlier) {
            Ok(true) => {}
            Ok(false) => problems.push(format!("no answers make it {:?}: it can never fire so", grade.urgency)),
            Err(solve::TooIntricate) => {
                problems.push(format!(
                    "whether it can be {:?} is too intricate to find out: say it simpler",
                    grade.urgency
                ));
                return problems;
            }
        }
        if grade.urgency == Urgency::Emergency {
            problems.extend(
                solve::skipped(set, &grade.when)
                    .into_iter()
                    .map(|id| format!("question {id} can be skipped, although an emergency hangs on it")),
            );
        }
    }
    problems
}

fn check_question(set: &RuleSet, screen: &Screen, at: u16, question: &Question) -> Vec<String> {
    let mut problems = Vec::new();
    let uses = |condition: &Condition| condition.any_question(&|other| other == at);
    let in_rule = set.rules.iter().flat_map(|rule| &rule.grades).any(|grade| uses(&grade.when));
    let in_question = set.questions.iter().filter_map(|other| other.asked_if.as_ref()).any(uses);
    if !in_rule && !in_question {
        problems.push("no rule uses it".to_owned());
    }
    if question.is_sign() && question.kind != Kind::YesNo {
        problems.push("a sign is answered yes, no or not sure".to_owned());
    }
    if screen.layout == Layout::Ticks && question.kind == Kind::YesNo && !question.is_sign() {
        problems.push("only signs are ticked on a list, because \"None of these\" answers them".to_owned());
    }
    if matches!(question.kind, Kind::Number { min, max, .. } if max < min || max - min > solve::MOST_NUMBERS) {
        problems.push(format!("a number goes from its min to at most {} more", solve::MOST_NUMBERS));
    }
    if question.private && !question.is_sign() {
        problems.push("only a sign can be kept private".to_owned());
    }
    if question.role == (Role::Sign { unsure_is_yes: false }) && !unsure_is_named(set, at) {
        problems.push("no rule of at least \"soon\" names its answer not_sure".to_owned());
    }
    if [NO, YES, NOT_SURE].contains(&question.id.as_str()) || RESERVED.contains(&question.id.as_str()) {
        problems.push("an id must not be an answer, or a field of the form".to_owned());
    }
    if let Some(condition) = &question.asked_if {
        problems.extend(check_condition(set, condition));
        if condition.any_question(&|other| other >= screen.questions.start) {
            problems.push("it is asked because of a question that no earlier screen asks".to_owned());
        }
    }
    problems
}

/// The form's own fields.
const RESERVED: [&str; 7] = super::conversation::FIELDS;

fn unsure_is_named(set: &RuleSet, at: u16) -> bool {
    fn names(condition: &Condition, at: u16) -> bool {
        match condition {
            Condition::Is { question, one_of } => *question == at && one_of.iter().any(|answer| answer == NOT_SURE),
            Condition::Within { .. } => false,
            Condition::Not(inner) => names(inner, at),
            Condition::All(parts) | Condition::Any(parts) | Condition::AtLeast(_, parts) => {
                parts.iter().any(|part| names(part, at))
            }
        }
    }
    let grades = set.rules.iter().flat_map(|rule| &rule.grades);
    grades.into_iter().any(|grade| grade.urgency >= Urgency::Soon && names(&grade.when, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = include_str!("../../../content/triage/rules.toml");

    #[test]
    fn the_rules_we_ship_are_sound() {
        let set = read(RULES).unwrap_or_else(|problems| panic!("{}", problems.join("\n")));
        let rules: Vec<&str> = set.rules.iter().map(|rule| rule.id.as_str()).collect();
        let mut expected: Vec<String> = Vec::new();
        for (letter, count) in [("E", 19), ("F", 9), ("W", 21), ("G", 3), ("S", 1)] {
            expected.extend((1..=count).map(|n| format!("{letter}{n:02}")));
        }
        assert_eq!(rules, expected);
        let watch: Vec<&str> = set.watch.iter().map(|rule| rule.id.as_str()).collect();
        assert_eq!(watch, ["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8"]);
    }

    #[test]
    fn a_broken_file_names_what_is_broken() {
        for (from, to, said) in [
            ("when = \"chest\"", "when = \"chess\"", ", rule E11: there is no question \"chess\""),
            (
                "\"both_drop_since=long\"",
                "\"both_drop_since=ages\"",
                ", rule E08: question both_drop_since has no answer",
            ),
            ("not = \"@other_emergency\"", "not = \"@other\"", ", rule E06: there is no condition \"other\""),
            ("id = \"E12\"", "id = \"E11\"", ", rule E11: there are two of this id"),
            ("id = \"fever\"", "id = \"chest\"", ", question chest: there are two of this id"),
            ("id = \"fever\"", "id = \"fevers\"", ", rule W01: there is no question \"fever\""),
            ("sources = [\"borders\"]", "sources = [\"border\"]", ", rule E14: there is no source \"border\""),
            ("choices = \"since_3_months\"", "choices = \"since\"", ", question saddle_since: there are no choices"),
            ("when = \"unsteady\"", "when = \"unsteady>=3\"", ", rule F08: question unsteady is not answered with"),
            ("\"age>=60\", \"tummy\"", "\"age>=old\", \"tummy\"", ", rule W08: \"old\" is not a number"),
            (
                "when = { all = [\"swollen\", \"chest\"] }",
                "when = { all = [\"swollen\", { not = \"swollen\" }] }",
                ", rule W10: no answers make it Emergency",
            ),
            // Asked only of people with diabetes, but the rule needs it of people with a risk of infection.
            (
                "asked_if = { any = [\"infection_risk\", ",
                "asked_if = { any = [",
                ", rule E14: question new_back_pain can be skipped",
            ),
            ("when = \"lump=not_sure\"", "when = \"lump\"", "question lump: no rule of at least \"soon\" names"),
            (
                "[[screen]]\nid = \"bladder\"",
                "[[screen]]\nid = \"empty\"\nstage = \"\"\ntitle = \"\"\nlayout = \"ticks\"\n\n[[screen]]\nid = \"bladder\"",
                ", screen empty: it asks nothing",
            ),
            ("daily = [\"saddle\"", "daily = [\"pain_where\"", "daily: \"pain_where\" is not"),
            ("fail_safe = true", "fail_safe = false", "there is no fail-safe rule"),
            ("asked_if = \"saddle\"", "asked_if = \"pain_limits\"", "that no earlier screen asks"),
            ("version = \"2.1.0\"\n\n", "version = \"2.2.0\"\n\n", "the first [[history]] is not about this version"),
            ("id = \"T3\"", "id = \"T2\"", "there are T1, T2, T2, T4, T5, T6, T7, T8, and missing are T3"),
            ("id = \"T8\"", "id = \"T9\"", "there are T1, T2, T3, T4, T5, T6, T7, T9, and missing are T8"),
            (
                "foot_points = 1, heel_walk_steps",
                "foot_points = 3, heel_walk_steps",
                ", rule T2: foot_points is 3, and has",
            ),
            (
                "foot_points = 1, heel_walk_steps",
                "foot_point = 1, heel_walk_steps",
                ", rule T2: its limits: unknown field",
            ),
            ("foot_points = 1, heel_walk_steps = 3, ", "heel_walk_steps = 3, ", ", rule T2: its limits: missing field"),
            (
                "week = { days = 7, least_logged = 4 }",
                "week = { days = 7, least_logged = 8 }",
                ", rule T4: week.least_logged",
            ),
            (
                "sources = [\"our_limits\", \"ostelo\"]",
                "sources = [\"ours\"]",
                ", rule T4: there is no source \"ours\"",
            ),
            (
                "{ urgency = \"emergency\", act = \"Say that your other",
                "{ urgency = \"urgent\", act = \"Say that your other",
                ", rule T3: it may be [Urgent] only where each is at least [Emergency]",
            ),
            ("limits = { trips = 2,", "limits = { steps = 1, trips = 2,", ", rule T8: its limits: unknown field"),
            (
                "terms = [\"chest pain\"",
                "terms = [\"Chest pain\"",
                ", rule E11: the term \"Chest pain\": write \"Chest\"",
            ),
            ("terms = [\"compartment syndrome\", ", "# [", ", rule E15: has no terms"),
            ("version = \"2.1.0\"", "version = ", "line "),
            ("unsure = \"itself\"\n\n", "unsure = \"maybe\"\n\n", "maybe"),
        ] {
            assert!(RULES.contains(from), "{from}");
            let problems = read(&RULES.replacen(from, to, 1)).expect_err(to).join("\n");
            assert!(problems.contains(said), "{to}: {problems}");
        }
    }

    #[test]
    fn what_is_too_intricate_is_refused_and_not_searched_for_long() {
        // Seven pigeons in six holes: each has one, and no two the same.
        let signs: Vec<String> = read(RULES)
            .unwrap()
            .questions
            .into_iter()
            .filter(|question| question.is_sign() && question.asked_if.is_none())
            .map(|question| format!("{:?}", question.id))
            .collect();
        let (pigeons, holes) = (7, 6);
        let sits = |pigeon: usize, hole: usize| signs[pigeon * holes + hole].as_str();
        let mut parts: Vec<String> = (0..pigeons)
            .map(|pigeon| (0..holes).map(|hole| sits(pigeon, hole)).collect::<Vec<_>>().join(", "))
            .map(|any| format!("{{ any = [{any}] }}"))
            .collect();
        for hole in 0..holes {
            for (one, other) in (0..pigeons).flat_map(|one| (0..one).map(move |other| (one, other))) {
                parts.push(format!("{{ not = {{ all = [{}, {}] }} }}", sits(one, hole), sits(other, hole)));
            }
        }
        let when = format!("when = {{ all = [{}] }}", parts.join(", "));
        let problems = read(&RULES.replacen("when = \"chest\"", &when, 1)).expect_err("it cannot be").join("\n");
        assert!(
            problems.contains(", rule E11: whether it can be Emergency is too intricate to find out"),
            "{problems}"
        );
    }

    #[test]
    fn a_sign_off_is_of_this_version_or_none() {
        let signed = |version: &str, on: &str| {
            let block = format!(
                "[sign_off]\nversion = {version:?}\nname = \"A. Body\"\nregistration = \"GMC 1\"\non = {on:?}\n\n[choices]"
            );
            read(&RULES.replacen("[choices]\n", &format!("{block}\n"), 1))
        };
        assert_eq!(signed("2.1.0", "2027-01-31").unwrap().sign_off.unwrap().name, "A. Body");
        for (version, on) in [("1.0.0", "2027-01-31"), ("2.1.0", "2026-11-21"), ("", "2027-01-31")] {
            let problems = signed(version, on).expect_err(version).join("\n");
            assert!(problems.contains("[sign_off] is of another version"), "{version} {on}: {problems}");
        }
    }

    #[test]
    fn the_version_tells_two_texts_apart() {
        let one = read(RULES).unwrap().version;
        let other = read(&RULES.replace("Chest pain", "Chest ache")).unwrap().version;
        assert!(one.starts_with("2.1.0+") && other.starts_with("2.1.0+") && one != other, "{one} {other}");
    }
}
