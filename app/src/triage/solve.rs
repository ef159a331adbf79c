//! Whether any answers make conditions hold: for checking a rule set before it decides about anybody.
//!
//! Each question has the answers that it may still have; what is wanted of it narrows them, and a choice between conditions
//! is tried one by one.

use std::cell::Cell;

use super::{Condition, Kind, NO, NOT_SURE, RuleSet, Truth, YES};

/// The search was given up: a condition with many alternatives that contradict one another has more ways than can be tried, and
/// whoever writes one at the desk must not keep the site busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooIntricate;

/// How many ways are tried for one grade of a rule: less than a second of work, and ten times what any that we ship needs.
const MOST_TRIED: u32 = 2_000;

/// Whether answers exist, to questions that are asked, with which `condition` holds and none of `earlier` does.
///
/// # Errors
/// [`TooIntricate`], when that was not found out.
pub fn can_hold(rules: &RuleSet, condition: &Condition, earlier: &[&Condition]) -> Result<bool, TooIntricate> {
    let mut wanted = vec![(condition, true)];
    wanted.extend(earlier.iter().map(|condition| (*condition, false)));
    Search::new(rules, true).is_possible(wanted)
}

/// The signs in `condition` that it needs in a case in which they are not asked; those too of which it was not found out.
pub fn skipped(rules: &RuleSet, condition: &Condition) -> Vec<String> {
    (0_u16..)
        .zip(&rules.questions)
        .filter(|(at, question)| question.is_sign() && condition.any_question(&|other| other == *at))
        .filter_map(|(at, question)| Some((at, question, question.asked_if.as_ref()?)))
        .filter(|(at, _, asked_if)| {
            let there = Condition::Is { question: *at, one_of: vec![YES.to_owned()] };
            let without = absent(condition, *at);
            let wanted = vec![(condition, true), (&there, true), (*asked_if, false), (&without, false)];
            Search::new(rules, false).is_possible(wanted) != Ok(false)
        })
        .map(|(_, question, _)| question.id.clone())
        .collect()
}

/// The condition where this sign is not there.
fn absent(condition: &Condition, sign: u16) -> Condition {
    let each = |parts: &[Condition]| parts.iter().map(|part| absent(part, sign)).collect();
    match condition {
        Condition::Is { question, .. } if *question == sign => Condition::Any(vec![]),
        Condition::Is { .. } | Condition::Within { .. } => condition.clone(),
        Condition::All(parts) => Condition::All(each(parts)),
        Condition::Any(parts) => Condition::Any(each(parts)),
        Condition::Not(inner) => Condition::Not(Box::new(absent(inner, sign))),
        Condition::AtLeast(needed, parts) => Condition::AtLeast(*needed, each(parts)),
    }
}

/// The answers that each question may still have: a bit for each that it takes.
type Possible = Vec<u128>;

/// A number question takes at most one more than this, so that its answers have a bit each.
pub const MOST_NUMBERS: u16 = 127;

struct Search<'a> {
    rules: &'a RuleSet,
    /// What each question can be answered.
    answers: Vec<Vec<String>>,
    /// Only questions that are asked may have an answer other than no.
    asked: bool,
    /// How many more ways may be tried.
    left: Cell<u32>,
}

impl<'a> Search<'a> {
    fn new(rules: &'a RuleSet, asked: bool) -> Self {
        let each = rules.questions.iter().map(|question| match &question.kind {
            Kind::YesNo => [NO, YES, NOT_SURE].map(str::to_owned).to_vec(),
            Kind::OneOf(choices) => choices.iter().map(|choice| choice.id.clone()).collect(),
            Kind::Number { min, max, .. } => (*min..=*max).map(|number| number.to_string()).collect(),
        });
        Self { rules, answers: each.collect(), asked, left: Cell::new(MOST_TRIED) }
    }

    /// Whether all of `wanted` can be as wanted.
    fn is_possible<'c>(&self, wanted: Vec<(&'c Condition, bool)>) -> Result<bool, TooIntricate>
    where
        'a: 'c,
    {
        let all = self.answers.iter().map(|answers| (0..answers.len()).fold(0, |bits, at| bits | 1 << at));
        let found = self.solve(wanted, all.collect());
        if found || self.left.get() > 0 { Ok(found) } else { Err(TooIntricate) }
    }

    /// Those of a question's answers that fit what is asked of it.
    fn fitting(&self, condition: &Condition, question: usize) -> u128 {
        let fit = self.answers[question].iter().enumerate().filter(|(_, answer)| fits(condition, answer));
        fit.fold(0, |bits, (at, _)| bits | 1 << at)
    }

    fn solve<'c>(&self, mut wanted: Vec<(&'c Condition, bool)>, mut possible: Possible) -> bool
    where
        'a: 'c,
    {
        self.left.set(self.left.get().saturating_sub(1));
        if self.left.get() == 0 {
            return false;
        }
        // What leaves no choice comes first, and narrows the answers before any choice is made.
        let mut choices = Vec::new();
        while let Some((condition, want)) = wanted.pop() {
            match (condition, want) {
                (Condition::Not(inner), want) => wanted.push((&**inner, !want)),
                (Condition::All(parts), true) | (Condition::Any(parts), false) => {
                    wanted.extend(parts.iter().map(|part| (part, want)));
                }
                (Condition::Is { question, .. } | Condition::Within { question, .. }, want) => {
                    let at = usize::from(*question);
                    let fitting = self.fitting(condition, at);
                    possible[at] &= if want { fitting } else { !fitting };
                    if possible[at] == 0 {
                        return false;
                    }
                    let asked_if = self.rules.questions[at].asked_if.as_ref().filter(|_| self.asked && want);
                    wanted.extend(asked_if.map(|condition| (condition, true)));
                }
                (Condition::All(_) | Condition::Any(_) | Condition::AtLeast(..), _) => choices.push((condition, want)),
            }
        }
        choices.retain(|(condition, want)| self.truth(condition, &possible) != Truth::from(*want));
        if choices.iter().any(|(condition, want)| self.truth(condition, &possible) == Truth::from(!*want)) {
            return false;
        }
        let Some((condition, want)) = choices.pop() else { return true };
        let attempt = |tried: Vec<(&'c Condition, bool)>| {
            let all = choices.iter().copied().chain(tried).collect();
            self.solve(all, possible.clone())
        };
        match condition {
            // At least n hold, or so many do not that n cannot: every run of neighbours is tried, which is enough for lists
            // whose parts are independent.
            Condition::AtLeast(needed, parts) => {
                let deciding = if want { *needed } else { (parts.len() + 1).saturating_sub(*needed) };
                (0..parts.len()).any(|from| {
                    attempt((0..deciding).map(|step| (&parts[(from + step) % parts.len()], want)).collect())
                })
            }
            Condition::All(parts) | Condition::Any(parts) => parts.iter().any(|part| attempt(vec![(part, want)])),
            Condition::Is { .. } | Condition::Within { .. } | Condition::Not(_) => true,
        }
    }

    /// What the answers that are still possible say: yes or no where all of them do.
    fn truth(&self, condition: &Condition, possible: &Possible) -> Truth {
        match condition {
            Condition::Is { question, .. } | Condition::Within { question, .. } => {
                let answers = possible[usize::from(*question)];
                match answers & self.fitting(condition, usize::from(*question)) {
                    0 => Truth::No,
                    all if all == answers => Truth::Yes,
                    _ => Truth::Perhaps,
                }
            }
            Condition::All(parts) => parts.iter().map(|part| self.truth(part, possible)).min().unwrap_or(Truth::Yes),
            Condition::Any(parts) => parts.iter().map(|part| self.truth(part, possible)).max().unwrap_or(Truth::No),
            Condition::Not(inner) => !self.truth(inner, possible),
            Condition::AtLeast(needed, parts) => {
                let count = |least| parts.iter().filter(|part| self.truth(part, possible) >= least).count();
                match (count(Truth::Yes) >= *needed, count(Truth::Perhaps) >= *needed) {
                    (true, _) => Truth::Yes,
                    (false, true) => Truth::Perhaps,
                    (false, false) => Truth::No,
                }
            }
        }
    }
}

fn fits(condition: &Condition, answer: &str) -> bool {
    match condition {
        Condition::Is { one_of, .. } => one_of.iter().any(|wanted| wanted == answer),
        Condition::Within { least, most, .. } => {
            answer.parse().is_ok_and(|number: u16| (*least..=*most).contains(&number))
        }
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) | Condition::AtLeast(..) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content;

    #[test]
    fn what_we_ship_is_found_out_soon() {
        let set = content::rules().unwrap();
        for rule in &set.rules {
            for (at, grade) in rule.grades.iter().enumerate() {
                let mut wanted = vec![(&grade.when, true)];
                wanted.extend(rule.grades[..at].iter().map(|earlier| (&earlier.when, false)));
                let search = Search::new(&set, true);
                assert_eq!(search.is_possible(wanted), Ok(true), "{}", rule.id);
                let tried = MOST_TRIED - search.left.get();
                assert!(tried < MOST_TRIED / 10, "{}, {:?}: {tried}", rule.id, grade.urgency);
            }
        }
    }
}
