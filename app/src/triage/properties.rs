//! What must hold of the rules we ship, whatever is answered.

use std::{collections::BTreeSet, sync::LazyLock};

use proptest::{prelude::*, sample::Index, strategy::ValueTree};

use super::{
    Answers, NO, NOT_SURE, Question, Role, RuleSet, Urgency, YES,
    conversation::{self, GO, NEXT, NONE, SCREEN, Step},
};
use crate::content;

static RULES: LazyLock<RuleSet> = LazyLock::new(|| content::rules().expect("sound rules"));

fn choices(question: &Question) -> Vec<&str> {
    if question.choices.is_empty() {
        vec![YES, NO, NOT_SURE]
    } else {
        question.choices.iter().map(|choice| choice.id.as_str()).collect()
    }
}

/// Answers to every question; signs are there with a chance that differs from one set to the next, so that sets with one
/// sign are as usual as sets with many.
fn whole_answers() -> impl Strategy<Value = Answers> {
    let count = RULES.questions().count();
    (0..60_u32, prop::collection::vec((0..100_u32, any::<Index>()), count)).prop_map(|(chance, draws)| {
        RULES
            .questions()
            .zip(&draws)
            .map(|(question, (draw, index))| {
                let choices = choices(question);
                let choice = match question.role {
                    Role::Sign if draw >= &chance => NO,
                    _ => choices[index.index(choices.len())],
                };
                (question.id.as_str(), choice)
            })
            .collect()
    })
}

/// Answers with holes.
fn some_answers() -> impl Strategy<Value = Answers> {
    (whole_answers(), 0..100_u32, prop::collection::vec(0..100_u32, RULES.questions().count())).prop_map(
        |(mut answers, chance, draws)| {
            for (question, draw) in RULES.questions().zip(draws) {
                if draw < chance {
                    answers.remove(&question.id);
                }
            }
            answers
        },
    )
}

fn urgency(answers: &Answers) -> Urgency {
    RULES.assess(answers).urgency
}

fn with(answers: &Answers, question: &str, choice: &str) -> Answers {
    let mut answers = answers.clone();
    answers.set(question, choice);
    answers
}

fn without(answers: &Answers, question: &str) -> Answers {
    let mut answers = answers.clone();
    answers.remove(question);
    answers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn one_more_warning_sign_never_lowers_the_outcome(answers in some_answers()) {
        let before = urgency(&answers);
        for sign in RULES.questions().filter(|question| question.role == Role::Sign) {
            // From no, from unanswered and from not sure alike.
            let after = urgency(&with(&answers, &sign.id, YES));
            prop_assert!(after >= before, "{} lowered {before:?} to {after:?}", sign.id);
        }
    }

    #[test]
    fn not_sure_about_a_sign_is_never_below_its_yes(answers in some_answers()) {
        for sign in RULES.questions().filter(|question| question.role == Role::Sign) {
            let yes = urgency(&with(&answers, &sign.id, YES));
            let not_sure = urgency(&with(&answers, &sign.id, NOT_SURE));
            prop_assert!(not_sure >= yes, "{}: {not_sure:?} < {yes:?}", sign.id);
        }
    }

    #[test]
    fn a_question_left_out_never_lowers_the_outcome(answers in some_answers()) {
        for question in RULES.questions() {
            let left_out = urgency(&without(&answers, &question.id));
            for choice in choices(question) {
                if question.role == Role::Sign && choice != NO {
                    continue;
                }
                let answered = urgency(&with(&answers, &question.id, choice));
                prop_assert!(left_out >= answered, "{}={choice}: {left_out:?} < {answered:?}", question.id);
            }
        }
    }

    #[test]
    fn not_sure_about_a_context_is_never_below_a_definite_answer(answers in some_answers()) {
        for context in RULES.questions().filter(|question| question.role == Role::Context && question.accepts(NOT_SURE)) {
            let not_sure = urgency(&with(&answers, &context.id, NOT_SURE));
            for choice in choices(context) {
                let definite = urgency(&with(&answers, &context.id, choice));
                prop_assert!(not_sure >= definite, "{}={choice}: {not_sure:?} < {definite:?}", context.id);
            }
        }
    }

    #[test]
    fn the_order_of_answers_is_irrelevant(answers in some_answers(), order in any::<prop::sample::Index>()) {
        let mut pairs: Vec<(&str, &str)> = answers.iter().collect();
        if !pairs.is_empty() {
            let at = order.index(pairs.len());
            pairs.rotate_left(at);
        }
        let rotated: Answers = pairs.iter().copied().collect();
        let reversed: Answers = pairs.iter().rev().copied().collect();
        prop_assert_eq!(RULES.assess(&rotated), RULES.assess(&answers));
        prop_assert_eq!(RULES.assess(&reversed), RULES.assess(&answers));
    }

    #[test]
    fn the_outcome_is_the_most_urgent_finding(answers in some_answers()) {
        let assessment = RULES.assess(&answers);
        prop_assert_eq!(Some(assessment.urgency), assessment.findings.iter().map(|finding| finding.urgency).max());
    }

    #[test]
    fn self_care_is_said_only_when_every_question_was_answered(answers in some_answers()) {
        if urgency(&answers) == Urgency::SelfCare {
            prop_assert_eq!(RULES.unanswered(&answers).count(), 0);
        }
    }

    #[test]
    fn the_conversation_decides_as_the_whole_answers_do(answers in whole_answers()) {
        let (decided, screens) = converse(&answers);
        let Step::Decided { assessment, answers: told } = decided else { panic!("it did not end") };
        prop_assert_eq!(RULES.assess(&told), assessment.clone());
        // An emergency interrupts before the rest is asked; what is asked later cannot take it back.
        let whole = urgency(&asked_only(&answers));
        prop_assert_eq!(assessment.urgency, whole, "{}", screens.join(" "));
    }

    #[test]
    fn every_screen_offers_only_what_it_asks(answers in whole_answers()) {
        let (_, screens) = converse(&answers);
        let unique: BTreeSet<&String> = screens.iter().collect();
        prop_assert_eq!(unique.len(), screens.len(), "a screen came twice: {}", screens.join(" "));
    }
}

/// What of these answers the conversation would come to ask.
fn asked_only(answers: &Answers) -> Answers {
    let mut kept = answers.clone();
    loop {
        let asked: BTreeSet<String> = RULES.asked(&kept).map(|question| question.id.clone()).collect();
        let before = kept.iter().count();
        kept.retain(|question| asked.contains(question));
        if kept.iter().count() == before {
            return kept;
        }
    }
}

/// Answers every screen by its form, as a browser sends it; gives the end and the screens on the way.
fn converse(answers: &Answers) -> (Step, Vec<String>) {
    let mut step = conversation::start(&RULES);
    let mut screens = Vec::new();
    while let Step::Ask { screen, answers: so_far, problems } = &step {
        assert!(problems.is_empty(), "{problems:?}");
        assert!(screens.len() < 40, "no end: {screens:?}");
        screens.push(screen.clone());
        let screen = RULES.screen(screen).unwrap();
        let mut fields = vec![(SCREEN.to_owned(), screen.id.clone()), (GO.to_owned(), NEXT.to_owned())];
        fields.extend(conversation::carried(screen, so_far).map(|(name, value)| (name.to_owned(), value.to_owned())));
        let own: Vec<(String, String)> = conversation::shown(&RULES, screen, so_far)
            .filter_map(|question| Some((question.id.clone(), answers.get(&question.id)?.to_owned())))
            .filter(|(_, choice)| screen.layout == super::Layout::Choices || choice != NO)
            .collect();
        if own.is_empty() {
            fields.push((NONE.to_owned(), YES.to_owned()));
        }
        fields.extend(own);
        step = conversation::submit(&RULES, &fields).unwrap();
    }
    (step, screens)
}

#[test]
fn every_rule_every_grade_and_every_outcome_can_be_reached() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = whole_answers();
    let mut wanted: BTreeSet<(&str, Urgency)> =
        RULES.rules.iter().flat_map(|rule| rule.grades.iter().map(|grade| (rule.id.as_str(), grade.urgency))).collect();
    let mut outcomes: BTreeSet<Urgency> = Urgency::ALL.into();
    for _ in 0..60_000 {
        let answers = strategy.new_tree(&mut runner).unwrap().current();
        let assessment = RULES.assess(&answers);
        outcomes.remove(&assessment.urgency);
        for finding in &assessment.findings {
            wanted.retain(|(rule, urgency)| *rule != finding.rule || *urgency != finding.urgency);
        }
        if wanted.is_empty() && outcomes.is_empty() {
            return;
        }
    }
    panic!("never reached: {wanted:?} {outcomes:?}");
}

/// The answers of somebody with nothing but these; all the rest is answered no, or as for ordinary back pain.
fn ordinary(more: &[(&str, &str)]) -> Answers {
    let mut answers: Answers = RULES
        .questions()
        .filter(|question| question.role == Role::Sign)
        .map(|question| (question.id.as_str(), NO))
        .chain([
            ("pain_where", "back"),
            ("pain_since", "under_2w"),
            ("pain_trend", "easing"),
            ("pain_limits", NO),
            ("worried", NO),
        ])
        .collect();
    for (question, choice) in more {
        assert!(RULES.accepts(question, choice), "{question}={choice}");
        answers.set(question, choice);
    }
    asked_only(&answers)
}

/// One line for each sentence of the clinical document that the first rules follow.
#[test]
fn the_clinical_document_is_followed() {
    use Urgency::{Emergency, Routine, SelfCare, Soon, Urgent};
    type Case<'a> = (&'a [(&'a str, &'a str)], Urgency, &'a str);
    let cases: &[Case<'_>] = &[
        (&[], SelfCare, "two weeks of easing back pain"),
        (&[("saddle", YES), ("saddle_since", "recent")], Emergency, "E01 new"),
        (&[("saddle", YES), ("saddle_since", NOT_SURE)], Emergency, "E01 not sure since when"),
        (&[("saddle", NOT_SURE), ("saddle_since", "recent")], Emergency, "E01 not sure"),
        (&[("saddle", YES), ("saddle_since", "long")], Urgent, "E01 the same for over 3 months"),
        (&[("pee_start", YES), ("pee_start_since", "long"), ("pee_start_checked", NO)], Urgent, "E02 long, unchecked"),
        (&[("pee_start", YES), ("pee_start_since", "long"), ("pee_start_checked", YES)], Soon, "E02 long, other cause"),
        (&[("pee_leak", YES), ("pee_leak_since", "recent")], Emergency, "E03 new"),
        (&[("bowel", YES), ("bowel_since", "recent")], Emergency, "E04 new"),
        (&[("sex", YES), ("sex_since", "recent")], Emergency, "E05 new"),
        (&[("both_legs", YES), ("both_legs_since", "recent"), ("both_legs_pattern", "neither")], Emergency, "E06 new"),
        (
            &[("both_legs", YES), ("both_legs_since", "recent"), ("both_legs_pattern", "walking")],
            Urgent,
            "E06 on walking",
        ),
        (
            &[("both_legs", YES), ("both_legs_since", "recent"), ("both_legs_pattern", "feet")],
            Soon,
            "E06 both feet, slowly",
        ),
        (
            &[("both_legs", YES), ("both_legs_since", "recent"), ("both_legs_pattern", "walking"), ("band", YES)],
            Emergency,
            "E06 on walking, with another emergency answer",
        ),
        (
            &[
                ("both_legs", YES),
                ("both_legs_since", "long"),
                ("both_legs_pattern", "neither"),
                ("both_legs_checked", NO),
            ],
            Urgent,
            "E06 long",
        ),
        (&[("both_weak", YES), ("both_weak_since", "recent")], Emergency, "E07 within 4 weeks"),
        (&[("both_weak", YES), ("both_weak_since", "slow")], Urgent, "E07 slower"),
        (
            &[("both_weak", YES), ("both_weak_since", "slow"), ("saddle", YES), ("saddle_since", "long")],
            Emergency,
            "E07 slower, with E01",
        ),
        (&[("both_drop", YES), ("both_drop_since", "recent")], Emergency, "E08"),
        (&[("both_drop", YES), ("both_drop_since", "long")], Urgent, "E08 never below urgent"),
        (&[("face", YES)], Emergency, "E09 a"),
        (&[("one_side", YES), ("one_side_cause", NO)], Emergency, "E09 b"),
        (&[("one_side", YES), ("one_side_cause", YES)], Urgent, "E09 b after pressure"),
        (&[("one_side", YES), ("one_side_cause", YES), ("face", YES)], Emergency, "E09 a and b after pressure"),
        (&[("accident", YES), ("accident_when", "recent")], Emergency, "E10 within 6 weeks"),
        (
            &[("accident", YES), ("accident_when", "later"), ("accident_checked", NO), ("accident_hip", NO)],
            Urgent,
            "E10 later",
        ),
        (&[("chest", YES)], Emergency, "E11"),
        (&[("collapse", YES)], Emergency, "E12 collapse"),
        (&[("tearing", YES)], Emergency, "E12 tearing"),
        (&[("sudden_pain", YES), ("sudden_risk", YES), ("sudden_strain", NO)], Emergency, "E12 at 60"),
        (&[("sudden_pain", YES), ("sudden_risk", YES), ("sudden_strain", YES)], SelfCare, "E12 after a lift"),
        (&[("sudden_pain", YES), ("sudden_risk", NO), ("sudden_strain", NO)], SelfCare, "E12 under 60"),
        (
            &[("sudden_pain", YES), ("sudden_risk", NOT_SURE), ("sudden_strain", NO)],
            Emergency,
            "E12 not sure of the risk",
        ),
        (&[("cancer", YES), ("one_numb", YES)], Emergency, "E13"),
        (&[("cancer", YES), ("band", YES)], Emergency, "E13 band-like pain"),
        (&[("fever", YES), ("one_numb", YES)], Emergency, "E14 fever and a numb leg"),
        (
            &[("fever", YES), ("infection_risk", YES), ("new_back_pain", YES)],
            Emergency,
            "E14 fever, risk, new back pain",
        ),
        (&[("fever", YES), ("infection_risk", YES), ("new_back_pain", NO)], Urgent, "W01 without new back pain"),
        (&[("sepsis", YES)], Emergency, "E14 sepsis"),
        (&[("calf", YES)], Emergency, "E15"),
        (&[("leg_cold", YES)], Emergency, "E16"),
        (&[("knee_hip", YES)], Emergency, "E17"),
        (&[("overdose", YES), ("overdose_kind", "days")], Emergency, "E18"),
        (&[("overdose", YES), ("overdose_kind", "once")], Urgent, "E18 once by mistake"),
        (&[("meningitis", YES)], Emergency, "E19"),
        (&[("one_weak", YES), ("weak_since", "new"), ("weak_change", "no"), ("weak_cause", "other")], Urgent, "F01"),
        (
            &[
                ("one_weak", YES),
                ("weak_since", "new"),
                ("weak_change", "daily"),
                ("weak_cause", "other"),
                ("weak_speed", "fast"),
            ],
            Emergency,
            "F02 over hours",
        ),
        (
            &[
                ("one_weak", YES),
                ("weak_since", "new"),
                ("weak_change", "daily"),
                ("weak_cause", "other"),
                ("weak_speed", "slow"),
            ],
            Urgent,
            "F02 day by day",
        ),
        (
            &[
                ("one_weak", YES),
                ("weak_since", "long"),
                ("weak_change", "no"),
                ("weak_cause", "pressure"),
                ("weak_checked", YES),
            ],
            Soon,
            "F03 over 6 weeks and no worse",
        ),
        (
            &[
                ("one_weak", YES),
                ("weak_since", "long"),
                ("weak_change", "no"),
                ("weak_cause", "other"),
                ("weak_checked", YES),
            ],
            Routine,
            "F04",
        ),
        (
            &[
                ("one_weak", YES),
                ("weak_since", "long"),
                ("weak_change", "no"),
                ("weak_cause", "other"),
                ("weak_checked", NO),
            ],
            Soon,
            "F05 never checked",
        ),
        (
            &[
                ("one_weak", YES),
                ("weak_since", "long"),
                ("weak_change", "recent"),
                ("weak_cause", "other"),
                ("weak_checked", YES),
            ],
            Urgent,
            "F05 worse in the last 2 weeks",
        ),
        (&[("fever", YES)], Urgent, "W01"),
        (&[("pain_trend", "worse")], Soon, "G01 worse over a week"),
        (&[("pain_since", "4_to_6w"), ("pain_trend", "steady")], Soon, "G01 no better after 4 weeks"),
        (&[("pain_since", "2_to_4w"), ("pain_limits", YES)], Soon, "G01 stops daily life after 2 weeks"),
        (&[("pain_since", "under_2w"), ("pain_limits", YES)], SelfCare, "stops daily life, under 2 weeks"),
        (&[("pain_since", "6w_to_3m"), ("pain_trend", "easing")], Routine, "G02 over 6 weeks and easing"),
        (&[("pain_since", "over_3m"), ("pain_trend", "steady")], Routine, "G02 over 3 months and steady"),
        (&[("worried", YES)], Routine, "G02 worried"),
        (&[("pain_where", "elsewhere")], Soon, "G03 fits nothing"),
        (&[("pain_where", "none")], Soon, "G03 no pain, nothing else"),
    ];
    for (more, expected, name) in cases {
        let answers = ordinary(more);
        let unanswered: Vec<&str> = RULES.unanswered(&answers).map(|question| question.id.as_str()).collect();
        assert!(unanswered.is_empty(), "{name}: {unanswered:?} unanswered");
        let assessment = RULES.assess(&answers);
        assert_eq!(assessment.urgency, *expected, "{name}: {:?}", assessment.findings);
    }
}

#[test]
fn nothing_answered_does_not_reassure() {
    assert!(urgency(&Answers::default()) >= Urgency::Soon);
}

#[test]
fn ordinary_back_pain_is_through_in_eight_screens() {
    let (end, screens) = converse(&ordinary(&[]));
    assert!(screens.len() <= 8, "{screens:?}");
    assert!(matches!(end, Step::Decided { assessment, .. } if assessment.urgency == Urgency::SelfCare));
}

#[test]
fn a_sign_of_the_first_screen_interrupts_once_nothing_can_soften_it() {
    let (_, screens) = converse(&ordinary(&[("saddle", YES), ("saddle_since", "recent")]));
    assert_eq!(screens, ["bladder", "bladder_since"]);
}

#[test]
fn an_interruption_names_what_was_answered_and_nothing_else() {
    let (end, _) = converse(&ordinary(&[("saddle", YES), ("saddle_since", "recent")]));
    let Step::Decided { assessment, .. } = end else { panic!("it did not end") };
    let rules: Vec<&str> = assessment.findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["E01"]);
}

#[test]
fn a_forged_form_is_refused_or_asked_again() {
    let submit = |fields: &[(&str, &str)]| {
        let fields: Vec<(String, String)> = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        conversation::submit(&RULES, &fields)
    };
    use conversation::BadForm::{FieldTwice, NoScreen, UnknownAnswer, UnknownField};
    assert_eq!(submit(&[]), Err(NoScreen));
    assert_eq!(submit(&[(SCREEN, "nowhere")]), Err(NoScreen));
    assert_eq!(submit(&[(SCREEN, "bladder"), ("saddles", "yes")]), Err(UnknownField));
    assert_eq!(submit(&[(SCREEN, "bladder"), ("saddle", "maybe")]), Err(UnknownAnswer));
    assert_eq!(submit(&[(SCREEN, "bladder"), (GO, "away")]), Err(UnknownAnswer));
    assert_eq!(submit(&[(SCREEN, "bladder"), ("saddle", "yes"), ("saddle", "no")]), Err(FieldTwice));
    assert_eq!(submit(&[(SCREEN, "bladder"), (SCREEN, "legs")]), Err(FieldTwice));
    // Skipping to the end leads back to the beginning.
    let skipped = submit(&[(SCREEN, "pain"), ("pain_where", "back")]).unwrap();
    assert!(matches!(skipped, Step::Ask { ref screen, .. } if screen == "bladder"), "{skipped:?}");
    // A list is not left without an answer, nor with two.
    for fields in [&[(SCREEN, "bladder")][..], &[(SCREEN, "bladder"), ("saddle", "yes"), (NONE, "yes")]] {
        let again = submit(fields).unwrap();
        assert!(
            matches!(&again, Step::Ask { screen, problems, .. } if screen == "bladder" && problems.len() == 1),
            "{again:?}"
        );
    }
}
