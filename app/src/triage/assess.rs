//! The decision: which rules fire on a set of answers, and how urgent that is.

use serde::{Deserialize, Serialize};

use super::{Answers, NOT_SURE, Question, Role, RuleSet, Truth, Urgency, YES};

/// What the rules say to a set of answers. The outcome is the most urgent rule that fired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    pub urgency: Urgency,
    /// Most urgent first; among equals in the order of the rule set. Never empty.
    pub findings: Vec<Finding>,
    /// The version of the rule set that decided.
    pub version: String,
}

/// A rule that fired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub rule: String,
    pub urgency: Urgency,
    /// No question that is still open can make it less urgent.
    pub settled: bool,
}

impl RuleSet {
    /// Decides on `answers`. Whatever was left out, is not sure or contradicts itself, the outcome is never below what the
    /// answers that *were* given demand; an asked question without an answer makes it at least [`Urgency::Soon`].
    pub fn assess(&self, answers: &Answers) -> Assessment {
        let mut findings = self.signs(answers);
        let so_far = findings.iter().map(|finding| finding.urgency).max();
        let left_out = self.unanswered(answers).next().is_some();
        let fail_safe = self.rules.iter().filter(|rule| rule.fail_safe).map(|rule| Finding {
            rule: rule.id.clone(),
            urgency: rule.highest(),
            settled: true,
        });
        findings.extend(fail_safe.filter(|finding| so_far.is_none() || (left_out && so_far < Some(finding.urgency))));
        // Not `sort_by`: two kilobytes of wasm for a handful of findings.
        let findings: Vec<Finding> = Urgency::ALL
            .into_iter()
            .rev()
            .flat_map(|urgency| findings.iter().filter(move |finding| finding.urgency == urgency).cloned())
            .collect();
        // Without a fail-safe rule (the file's reader refuses such a set) silence must still not reassure.
        let urgency = findings.first().map_or(Urgency::Emergency, |finding| finding.urgency);
        Assessment { urgency, findings, version: self.version.clone() }
    }

    /// The rules that fire on what was answered, in the order of the rule set, without regard to what was not. A rule of
    /// which no question was answered has nothing to fire on.
    pub fn signs(&self, answers: &Answers) -> Vec<Finding> {
        self.rules
            .iter()
            .filter(|rule| !rule.fail_safe)
            .filter_map(|rule| {
                let (grade, truth) = rule
                    .grades
                    .iter()
                    .map(|grade| (grade, grade.when.truth(self, answers)))
                    .find(|(_, truth)| *truth != Truth::No)?;
                let touched = grade.when.questions().iter().any(|question| answers.get(question).is_some());
                touched.then(|| Finding { rule: rule.id.clone(), urgency: grade.urgency, settled: truth == Truth::Yes })
            })
            .collect()
    }

    /// The signs that made a finding, as said back: "You told us: …".
    pub fn because<'a>(&'a self, finding: &Finding, answers: &Answers) -> Vec<&'a Question> {
        let Some(rule) = self.rule(&finding.rule) else { return vec![] };
        let named: Vec<&str> = rule
            .grades
            .iter()
            .filter(|grade| grade.urgency == finding.urgency)
            .flat_map(|grade| grade.when.questions())
            .collect();
        self.questions()
            .filter(|question| question.role == Role::Sign && named.contains(&question.id.as_str()))
            .filter(|question| matches!(answers.get(&question.id), Some(YES | NOT_SURE)))
            .collect()
    }

    /// The questions that are asked, given the answers so far.
    pub fn asked<'a>(&'a self, answers: &'a Answers) -> impl Iterator<Item = &'a Question> {
        self.questions().filter(|question| self.is_asked(question, answers))
    }

    pub fn is_asked(&self, question: &Question, answers: &Answers) -> bool {
        question.asked_if.as_ref().is_none_or(|condition| condition.truth(self, answers) != Truth::No)
    }

    /// The asked questions that have no answer yet.
    pub fn unanswered<'a>(&'a self, answers: &'a Answers) -> impl Iterator<Item = &'a Question> {
        self.asked(answers).filter(|question| answers.get(&question.id).is_none())
    }
}
