//! The decision on the rules we ship: under 20 µs, so that a phone a hundred times slower still answers at once.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;

use app::{
    content,
    triage::{Answers, Kind, NO, NOT_SURE, RuleSet, YES},
};
use criterion::{Criterion, criterion_group, criterion_main};

/// Every question answered: signs as given, and of contexts the first answer.
fn answered(rules: &RuleSet, sign: &str) -> Answers {
    let mut answers = Answers::default();
    for question in &rules.questions {
        let answer = match &question.kind {
            Kind::YesNo if question.is_sign() => sign.to_owned(),
            Kind::YesNo => NO.to_owned(),
            Kind::OneOf(choices) => choices[0].id.clone(),
            Kind::Number { .. } => "44".to_owned(),
        };
        answers.set(&question.id, &answer);
    }
    answers
}

fn assess(criterion: &mut Criterion) {
    let rules = content::rules().unwrap();
    for (name, sign) in [("no signs", NO), ("every sign", YES), ("not sure of any", NOT_SURE)] {
        let answers = answered(&rules, sign);
        criterion.bench_function(&format!("assess, {name}"), |bencher| {
            bencher.iter(|| black_box(&rules).assess(black_box(&answers)));
        });
    }
}

criterion_group!(benches, assess);
criterion_main!(benches);
