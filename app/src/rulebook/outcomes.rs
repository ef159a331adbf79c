//! What a rule set says otherwise than the one in use, found by answers: every change of outcome, with an example.

use serde::{Deserialize, Serialize};

use super::samples::{Dice, Sampler};
use crate::triage::{Answers, Assessment, Finding, NO, RuleSet, Urgency, laws, vignette::Vignette};

/// What came of comparing two rule sets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// How many answer sets were tried.
    pub tried: u32,
    /// Lowered outcomes first, from the most urgent; then raised ones; of equals the most frequent first.
    pub changes: Vec<Change>,
}

impl Comparison {
    /// The lowered outcomes, each of which whoever publishes has to have seen.
    pub fn lowered(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.is_lowered())
    }
}

/// Answer sets that get another outcome, by the rule that decides it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub from: Urgency,
    pub to: Urgency,
    /// Of a lowered outcome the rule that said more before; of a raised one the rule that says more now.
    pub rule: String,
    /// How many of those that were tried.
    pub times: u32,
    /// The shortest found: question and answer, without what is answered no.
    pub example: Vec<(String, String)>,
    /// The rules that fired on it before, and that fire now.
    pub before: Vec<(String, Urgency)>,
    pub after: Vec<(String, Urgency)>,
}

impl Change {
    pub fn is_lowered(&self) -> bool {
        self.to < self.from
    }
}

/// Two rule sets that are being compared, one answer set after another.
#[derive(Debug)]
pub struct Comparing<'a> {
    old: &'a RuleSet,
    new: &'a RuleSet,
    sampler: Sampler,
    dice: Dice,
    found: Comparison,
}

impl<'a> Comparing<'a> {
    /// `people` are tried as they are and with other answers.
    pub fn new(old: &'a RuleSet, new: &'a RuleSet, people: &[Vignette]) -> Self {
        let touched = touched(old, new);
        let sampler = Sampler::new(&[old, new], |id| touched.iter().any(|known| known == id), people);
        let mut comparing = Self { old, new, sampler, dice: Dice::new(2026), found: Comparison::default() };
        for person in people {
            comparing.compare(&person.answers);
        }
        comparing
    }

    /// Tries one more answer set.
    pub fn step(&mut self) {
        let answers = self.sampler.whole(&mut self.dice);
        self.compare(&answers);
    }

    pub fn finish(self) -> Comparison {
        let mut found = self.found;
        let lower = |change: &Change| (!change.is_lowered(), std::cmp::Reverse(change.from), change.to);
        found.changes.sort_by(|one, other| {
            lower(one).cmp(&lower(other)).then(other.times.cmp(&one.times)).then(one.rule.cmp(&other.rule))
        });
        found
    }

    fn compare(&mut self, answers: &Answers) {
        self.found.tried += 1;
        let (old, new) = (asked(self.old, answers), asked(self.new, answers));
        let (before, after) = (self.old.assess(&old), self.new.assess(&new));
        if before.urgency == after.urgency {
            return;
        }
        let rule = deciding(&before, &after);
        let example = short(answers, &old, &new);
        let (from, to) = (before.urgency, after.urgency);
        let known =
            self.found.changes.iter_mut().find(|known| (known.from, known.to, &known.rule) == (from, to, &rule));
        match known {
            Some(known) => {
                known.times += 1;
                if example.len() < known.example.len() {
                    (known.example, known.before, known.after) = (example, fired(&before), fired(&after));
                }
            }
            None => self.found.changes.push(Change {
                from,
                to,
                rule,
                times: 1,
                example,
                before: fired(&before),
                after: fired(&after),
            }),
        }
    }
}

/// What of these answers a rule set takes and comes to ask.
fn asked(rules: &RuleSet, answers: &Answers) -> Answers {
    let known: Answers = answers.iter().filter(|(question, answer)| rules.accepts(question, answer)).collect();
    laws::asked_only(rules, &known)
}

fn fired(assessment: &Assessment) -> Vec<(String, Urgency)> {
    assessment.findings.iter().map(|finding| (finding.rule.clone(), finding.urgency)).collect()
}

/// The rule whose word made the difference.
fn deciding(before: &Assessment, after: &Assessment) -> String {
    let (more, less) = if after.urgency < before.urgency { (before, after) } else { (after, before) };
    let is_new = |finding: &&Finding| {
        let same = less.findings.iter().find(|other| other.rule == finding.rule);
        same.is_none_or(|other| other.urgency < finding.urgency)
    };
    let most = more.findings.iter().filter(|finding| finding.urgency == more.urgency);
    most.clone().find(is_new).or(most.clone().next()).map(|finding| finding.rule.clone()).unwrap_or_default()
}

/// Of all answers those that either rule set asks for, without what is answered no.
fn short(answers: &Answers, old: &Answers, new: &Answers) -> Vec<(String, String)> {
    let said = answers.iter().filter(|(question, answer)| *answer != NO && (old.has(question) || new.has(question)));
    said.map(|(question, answer)| (question.to_owned(), answer.to_owned())).collect()
}

/// The questions of what differs: their own change, or a rule's in whose condition they are.
fn touched(old: &RuleSet, new: &RuleSet) -> Vec<String> {
    let mut found = Vec::new();
    for (one, other) in [(old, new), (new, old)] {
        for (at, question) in (0_u16..).zip(&one.questions) {
            let same = other
                .question(&question.id)
                .is_some_and(|known| known.kind == question.kind && known.role == question.role);
            let named = one.rules.iter().any(|rule| {
                let theirs = other.rule(&rule.id);
                rule.grades.iter().enumerate().any(|(n, grade)| {
                    let is_same = theirs.and_then(|theirs| theirs.grades.get(n)).is_some_and(|theirs| {
                        theirs.urgency == grade.urgency && same_condition(one, &grade.when, other, &theirs.when)
                    });
                    !is_same && grade.when.any_question(&|place| place == at)
                })
            });
            if (!same || named) && !found.contains(&question.id) {
                found.push(question.id.clone());
            }
        }
    }
    found
}

/// Whether two conditions of two rule sets are the same: questions by their ids, because their places may differ.
pub fn same_condition(
    one: &RuleSet,
    condition: &crate::triage::Condition,
    other: &RuleSet,
    theirs: &crate::triage::Condition,
) -> bool {
    use crate::triage::Condition::{All, Any, AtLeast, Is, Not, Within};
    let id = |rules: &RuleSet, at: u16| rules.questions.get(usize::from(at)).map(|question| question.id.clone());
    let each = |parts: &[_], theirs: &[_]| {
        parts.len() == theirs.len()
            && parts.iter().zip(theirs).all(|(part, theirs)| same_condition(one, part, other, theirs))
    };
    match (condition, theirs) {
        (Is { question, one_of }, Is { question: theirs, one_of: answers }) => {
            id(one, *question) == id(other, *theirs) && one_of == answers
        }
        (Within { question, least, most }, Within { question: theirs, least: low, most: high }) => {
            id(one, *question) == id(other, *theirs) && (least, most) == (low, high)
        }
        (All(parts), All(theirs)) | (Any(parts), Any(theirs)) => each(parts, theirs),
        (AtLeast(needed, parts), AtLeast(least, theirs)) => needed == least && each(parts, theirs),
        (Not(inner), Not(theirs)) => same_condition(one, inner, other, theirs),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{content, rulebook::soundness::built_in, triage};

    fn changed(from: &str, to: &str) -> RuleSet {
        let text = built_in().rules;
        assert!(text.contains(from), "{from}");
        triage::file::read(&text.replacen(from, to, 1)).unwrap()
    }

    fn compared(new: &RuleSet, tries: u32) -> Comparison {
        let old = content::rules().unwrap();
        let people = content::vignettes(&old).unwrap();
        let mut comparing = Comparing::new(&old, new, &people);
        (0..tries).for_each(|_| comparing.step());
        comparing.finish()
    }

    #[test]
    fn the_same_rules_say_the_same() {
        let found = compared(&content::rules().unwrap(), 300);
        assert_eq!(found.changes, []);
        assert!(found.tried > 300);
    }

    #[test]
    fn a_lowered_outcome_is_found_with_an_example_that_shows_it() {
        let new = changed(
            "{ all = [\"pain_limits\", { not = \"pain_since=under_2w\" }] },",
            "{ all = [\"pain_limits\", { not = \"pain_since=under_2w|2_to_4w\" }] },",
        );
        let found = compared(&new, 2_000);
        let first = found.changes.first().expect("a change");
        assert!(first.is_lowered(), "{first:?}");
        assert_eq!((first.from, first.rule.as_str()), (Urgency::Soon, "G01"));
        assert!(found.lowered().count() >= 1 && found.lowered().all(|change| change.from > change.to));
        // The example is one.
        let old = content::rules().unwrap();
        let mut answers: Answers = old
            .questions
            .iter()
            .filter(|question| question.accepts(NO))
            .map(|question| (question.id.as_str(), NO))
            .collect();
        first.example.iter().for_each(|(question, answer)| answers.set(question, answer));
        assert_eq!(old.assess(&asked(&old, &answers)).urgency, first.from, "{first:?}");
        assert_eq!(new.assess(&asked(&new, &answers)).urgency, first.to, "{first:?}");
    }

    #[test]
    fn what_is_raised_comes_after_what_is_lowered() {
        let new =
            changed("{ urgency = \"urgent\", when = \"fever\" }", "{ urgency = \"emergency\", when = \"fever\" }");
        let found = compared(&new, 500);
        assert!(!found.changes.is_empty() && found.lowered().next().is_none(), "{found:?}");
        assert_eq!((found.changes[0].to, found.changes[0].rule.as_str()), (Urgency::Emergency, "W01"));
    }
}
