//! Answers by chance: what people might say, near to where rules change their minds. The same each time for the same seed, so
//! that a check that is run again finds the same.

use crate::triage::{Answers, NO, Question, RuleSet, laws, vignette::Vignette};

/// SplitMix64: good enough to choose answers by, and nothing secret hangs on it.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or_default()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }
}

/// A question, with the answers that are tried.
#[derive(Clone, Debug)]
struct Asked {
    id: String,
    is_sign: bool,
    choices: Vec<String>,
}

/// What random answers are made of.
#[derive(Debug)]
pub struct Sampler {
    questions: Vec<Asked>,
    /// Those by which the rule sets differ: changed more often than others.
    touched: Vec<usize>,
    people: Vec<Answers>,
}

impl Sampler {
    /// For all questions of these rule sets, with more of `touched`, and of what these people said.
    pub fn new(sets: &[&RuleSet], touched: impl Fn(&str) -> bool, people: &[Vignette]) -> Self {
        let mut questions: Vec<Asked> = Vec::new();
        for set in sets {
            for question in &set.questions {
                add(&mut questions, set, question);
            }
        }
        let touched = (0..questions.len()).filter(|at| touched(&questions[*at].id)).collect();
        Self { questions, touched, people: people.iter().map(|person| person.answers.clone()).collect() }
    }

    /// Answers to every question. In turns: signs with a chance that differs from one to the next; few signs; and somebody of
    /// the vignettes who says some things otherwise.
    pub fn whole(&self, dice: &mut Dice) -> Answers {
        let near = dice.below(3);
        let chance = if near == 0 { dice.below(60) } else { 0 };
        let mut answers = self.plain(dice, chance);
        if near == 1
            && let Some(person) = dice.one(&self.people)
        {
            person.iter().for_each(|(question, answer)| answers.set(question, answer));
        }
        if near > 0 {
            for _ in 0..dice.below(4) {
                self.change(dice, &mut answers);
            }
        }
        answers
    }

    /// Answers with holes.
    pub fn some(&self, dice: &mut Dice) -> Answers {
        let mut answers = self.whole(dice);
        let chance = dice.below(100);
        for question in &self.questions {
            if dice.below(100) < chance {
                answers.remove(&question.id);
            }
        }
        answers
    }

    /// Every context by chance, and signs with this chance in a hundred.
    fn plain(&self, dice: &mut Dice, chance: usize) -> Answers {
        let mut answers = Answers::default();
        for question in &self.questions {
            let there = !question.is_sign || dice.below(100) < chance;
            let choice = if there { dice.one(&question.choices).map_or(NO, String::as_str) } else { NO };
            answers.set(&question.id, choice);
        }
        answers
    }

    fn change(&self, dice: &mut Dice, answers: &mut Answers) {
        let of_touched = dice.below(2) == 0;
        let at = dice.one(&self.touched).copied().filter(|_| of_touched);
        let at = at.unwrap_or_else(|| dice.below(self.questions.len()));
        if let Some(question) = self.questions.get(at)
            && let Some(choice) = dice.one(&question.choices)
        {
            answers.set(&question.id, choice);
        }
    }
}

fn add(questions: &mut Vec<Asked>, set: &RuleSet, question: &Question) {
    let choices = laws::choices(set, question);
    let is_sign = question.is_sign();
    match questions.iter_mut().find(|known| known.id == question.id) {
        Some(known) => {
            known.is_sign &= is_sign;
            for choice in choices {
                if !known.choices.contains(&choice) {
                    known.choices.push(choice);
                }
            }
        }
        None => questions.push(Asked { id: question.id.clone(), is_sign, choices }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content;

    #[test]
    fn the_same_seed_gives_the_same_answers_which_the_rules_take() {
        let rules = content::rules().unwrap();
        let sampler = Sampler::new(&[&rules], |id| id == "saddle", &content::vignettes(&rules).unwrap());
        let draw = || {
            let mut dice = Dice::new(7);
            (0..300).map(|_| sampler.whole(&mut dice)).collect::<Vec<_>>()
        };
        let drawn = draw();
        assert_eq!(drawn, draw());
        for answers in &drawn {
            assert_eq!(answers.len(), rules.questions.len());
            assert!(answers.iter().all(|(question, answer)| rules.accepts(question, answer)), "{answers:?}");
        }
        let few = drawn.iter().filter(|answers| {
            let signs = rules.questions.iter().filter(|question| question.is_sign());
            signs.filter(|sign| answers.get(&sign.id) != Some(NO)).count() < 8
        });
        assert!((120..280).contains(&few.count()), "both few signs and many are tried");
    }
}
