//! The decision: which rules fire on a set of answers, and how urgent that is.

use serde::{Deserialize, Serialize};

use super::{Answers, NOT_SURE, Question, RuleSet, Told, Truth, Urgency, YES};

/// What the rules say to a set of answers. The outcome is the most urgent rule that fired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    pub urgency: Urgency,
    /// Most urgent first; among equals in the order of the rule set. Never empty.
    pub findings: Vec<Finding>,
}

/// A rule that fired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub rule: String,
    pub urgency: Urgency,
    /// No question that is still open can make it less urgent.
    pub settled: bool,
}

/// A rule that fired, and whether anything that was said had a part in it.
struct Fired {
    finding: Finding,
    touched: bool,
}

fn highest(fired: &[Fired]) -> Option<Urgency> {
    fired.iter().map(|fired| fired.finding.urgency).max()
}

impl Told<'_> {
    /// Decides. Whatever was left out, is not sure or contradicts itself, the outcome is never below what any answers in
    /// their place would demand; an asked question without an answer makes it at least [`Urgency::Soon`].
    pub fn assess(&self) -> Assessment {
        let (mut findings, mut by_default): (Vec<Fired>, Vec<Fired>) = self.fired().partition(|fired| fired.touched);
        let so_far = highest(&findings);
        let left_out = self.unanswered().next().is_some();
        let fail_safe = self.rules.rules.iter().filter(|rule| rule.fail_safe).map(|rule| Fired {
            finding: Finding { rule: rule.id.clone(), urgency: rule.highest(), settled: true },
            touched: true,
        });
        findings.extend(
            fail_safe.filter(|fail_safe| so_far.is_none() || (left_out && so_far < Some(fail_safe.finding.urgency))),
        );
        // What nothing was said about is named only where it decides.
        let so_far = highest(&findings);
        by_default.retain(|fired| Some(fired.finding.urgency) > so_far);
        findings.append(&mut by_default);
        // Without a fail-safe rule (the file's reader refuses such a set) silence must still not reassure.
        let urgency = highest(&findings).unwrap_or(Urgency::Emergency);
        let certain = findings.iter().filter(|fired| fired.finding.settled).map(|fired| fired.finding.urgency).max();
        // What reassures is said only where nothing warns, and what further answers may undo only where it decides.
        let said = |fired: &&Fired| {
            let finding = &fired.finding;
            (finding.settled || Some(finding.urgency) > certain)
                && (finding.urgency > Urgency::SelfCare || urgency == Urgency::SelfCare)
        };
        // Not `sort_by`: two kilobytes of wasm for a handful of findings.
        let findings: Vec<Finding> = Urgency::ALL
            .into_iter()
            .rev()
            .flat_map(|urgency| findings.iter().filter(said).filter(move |fired| fired.finding.urgency == urgency))
            .map(|fired| fired.finding.clone())
            .collect();
        Assessment { urgency, findings }
    }

    /// The rules that fire on what was answered, in the order of the rule set, without regard to what was not.
    pub fn signs(&self) -> Vec<Finding> {
        self.fired().filter(|fired| fired.touched).map(|fired| fired.finding).collect()
    }

    fn fired(&self) -> impl Iterator<Item = Fired> {
        self.rules.rules.iter().filter(|rule| !rule.fail_safe).filter_map(|rule| {
            let (grade, truth) = rule
                .grades
                .iter()
                .map(|grade| (grade, self.truth(&grade.when)))
                .find(|(_, truth)| *truth != Truth::No)?;
            let settled = truth == Truth::Yes || !grade.when.any_question(&|question| self.is_open(question));
            Some(Fired {
                finding: Finding { rule: rule.id.clone(), urgency: grade.urgency, settled },
                touched: grade.when.any_question(&|question| self.is_said(question)),
            })
        })
    }

    /// The signs that made a finding, as said back: "You told us: …".
    pub fn because(&self, finding: &Finding) -> Vec<&Question> {
        let Some(rule) = self.rules.rule(&finding.rule) else { return vec![] };
        let named = |at: u16| {
            let of_this = rule.grades.iter().filter(|grade| grade.urgency == finding.urgency);
            of_this.into_iter().any(|grade| grade.when.any_question(&|question| question == at))
        };
        (0_u16..)
            .zip(&self.rules.questions)
            .filter(|(at, question)| {
                question.is_sign() && matches!(self.answers.get(&question.id), Some(YES | NOT_SURE)) && named(*at)
            })
            .map(|(_, question)| question)
            .collect()
    }
}

impl RuleSet {
    /// [`Told::assess`] on these answers.
    pub fn assess(&self, answers: &Answers) -> Assessment {
        Told::new(self, answers).assess()
    }

    /// [`Told::signs`] on these answers.
    pub fn signs(&self, answers: &Answers) -> Vec<Finding> {
        Told::new(self, answers).signs()
    }
}
