//! What must hold of the rules we ship, whatever is answered.

use std::{collections::BTreeSet, env, sync::LazyLock};

use proptest::{prelude::*, sample::Index, strategy::ValueTree, test_runner::RngSeed};

use super::{
    Answers, NO, NOT_SURE, PREFER_NOT, Question, RuleSet, Told, Urgency, YES,
    conversation::{self, EACH, GO, NONE, Place, SCREEN, Step},
    laws::{self, Law, with},
};
use crate::content;

static RULES: LazyLock<RuleSet> = LazyLock::new(|| content::rules().expect("sound rules"));

/// How many random answer sets each property is tried on: the same sample each time here, and another long one in each
/// `cargo xtask soak`.
fn cases() -> ProptestConfig {
    match env::var("SCIATICALM_SOAK_ANSWERS").ok().and_then(|count| count.parse().ok()) {
        Some(cases) => ProptestConfig { cases, ..ProptestConfig::default() },
        None => ProptestConfig { cases: 250, rng_seed: RngSeed::Fixed(2026), ..ProptestConfig::default() },
    }
}

fn signs() -> impl Iterator<Item = &'static Question> {
    RULES.questions.iter().filter(|question| question.is_sign())
}

/// Answers to every question; signs are there with a chance that differs from one set to the next, so that sets with one
/// sign are as usual as sets with many.
fn whole_answers() -> impl Strategy<Value = Answers> {
    let count = RULES.questions.len();
    (0..60_u32, prop::collection::vec((0..100_u32, any::<Index>()), count)).prop_map(|(chance, draws)| {
        let mut answers = Answers::default();
        for (question, (draw, index)) in RULES.questions.iter().zip(&draws) {
            let choices = laws::choices(&RULES, question);
            let choice = if question.is_sign() && *draw >= chance { NO } else { &choices[index.index(choices.len())] };
            answers.set(&question.id, choice);
        }
        answers
    })
}

/// Answers with holes.
fn some_answers() -> impl Strategy<Value = Answers> {
    (whole_answers(), 0..100_u32, prop::collection::vec(0..100_u32, RULES.questions.len())).prop_map(
        |(mut answers, chance, draws)| {
            for (question, draw) in RULES.questions.iter().zip(draws) {
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

fn hold(law: Law, answers: &Answers) -> Result<(), TestCaseError> {
    law(&RULES, answers).map_err(TestCaseError::fail)
}

fn asked_only(answers: &Answers) -> Answers {
    laws::asked_only(&RULES, answers)
}

fn converse(answers: &Answers) -> (Step, Vec<String>) {
    laws::converse(&RULES, answers).unwrap()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn one_more_warning_sign_never_lowers_the_outcome(answers in some_answers()) {
        hold(laws::more_signs_never_lower, &answers)?;
    }

    #[test]
    fn not_sure_about_a_sign_is_never_below_its_yes(answers in some_answers()) {
        hold(laws::unsure_of_a_sign_is_no_less, &answers)?;
    }

    #[test]
    fn a_question_left_out_never_lowers_the_outcome(answers in some_answers()) {
        hold(laws::left_out_never_lowers, &answers)?;
    }

    #[test]
    fn not_sure_about_a_context_is_never_below_a_definite_answer(answers in some_answers()) {
        hold(laws::unsure_of_a_context_is_no_less, &answers)?;
    }

    #[test]
    fn the_order_of_answers_is_irrelevant(answers in some_answers()) {
        hold(laws::order_is_irrelevant, &answers)?;
    }

    #[test]
    fn the_outcome_is_the_most_urgent_finding(answers in some_answers()) {
        hold(laws::outcome_is_the_most_urgent, &answers)?;
    }

    #[test]
    fn self_care_is_said_only_when_every_question_was_answered(answers in some_answers()) {
        hold(laws::self_care_needs_every_answer, &answers)?;
    }

    #[test]
    fn a_child_is_never_told_to_wait_at_home(answers in some_answers()) {
        hold(laws::children_are_seen, &answers)?;
    }

    #[test]
    fn the_conversation_decides_as_the_whole_answers_do(answers in whole_answers()) {
        hold(laws::conversation_decides_as_the_whole, &answers)?;
    }

    #[test]
    fn every_screen_comes_once_and_a_warning_at_most_once(answers in whole_answers()) {
        hold(laws::screens_come_once, &answers)?;
    }
}

#[test]
fn every_rule_and_every_outcome_can_be_reached() {
    // That each grade can fire at all is checked when the file is read; this sees it happen.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = whole_answers();
    let mut wanted: BTreeSet<&str> = RULES.rules.iter().map(|rule| rule.id.as_str()).collect();
    let mut outcomes: BTreeSet<Urgency> = Urgency::ALL.into();
    for _ in 0..60_000 {
        let answers = asked_only(&strategy.new_tree(&mut runner).unwrap().current());
        let assessment = RULES.assess(&answers);
        outcomes.remove(&assessment.urgency);
        wanted.retain(|rule| assessment.findings.iter().all(|finding| finding.rule != *rule));
        if wanted.is_empty() && outcomes.is_empty() {
            return;
        }
    }
    panic!("never reached: {wanted:?} {outcomes:?}");
}

/// The answers of somebody with nothing but these; all the rest is answered no, or as for ordinary back pain.
fn ordinary(more: &[(&str, &str)]) -> Answers {
    let mut answers: Answers = signs()
        .map(|question| (question.id.as_str(), NO))
        .chain([
            ("age", "38"),
            ("pain_where", "back"),
            ("pain_since", "under_2w"),
            ("pain_trend", "easing"),
            ("pain_limits", NO),
            ("worried", NO),
            ("numb_kind", "steady"),
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
        (&[("pain_where", "elsewhere")], Soon, "pain that no rule knows"),
        (&[("pain_where", "elsewhere"), ("worried", YES)], Soon, "no less for being worried"),
        (&[("pain_where", "elsewhere"), ("pain_since", "over_3m")], Soon, "no less for lasting"),
        (&[("pain_where", "elsewhere"), ("pain_since", NOT_SURE)], Soon, "no less for not knowing"),
        (&[("worried", YES)], Routine, "back pain and worried"),
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
            &[("both_legs", YES), ("both_legs_since", "recent"), ("both_legs_pattern", "feet"), ("pain_where", "none")],
            Soon,
            "E06 both feet, slowly",
        ),
        (
            &[("both_legs", YES), ("both_legs_since", "recent"), ("both_legs_pattern", "walking"), ("leg_cold", YES)],
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
            &[("accident", YES), ("accident_when", "later"), ("accident_checked", NO), ("fall_hip", NO)],
            Urgent,
            "E10 later",
        ),
        (&[("chest", YES)], Emergency, "E11"),
        (&[("collapse", YES)], Emergency, "E12 collapse"),
        (&[("tearing", YES)], Emergency, "E12 tearing"),
        (&[("sudden_pain", YES), ("age", "60"), ("sudden_strain", NO)], Emergency, "E12 at 60"),
        (&[("sudden_pain", YES), ("age", "60"), ("sudden_strain", YES)], SelfCare, "E12 after a lift"),
        (&[("sudden_pain", YES), ("age", "59")], SelfCare, "E12 under 60"),
        (&[("sudden_pain", YES), ("aneurysm", YES), ("sudden_strain", NO)], Emergency, "E12 with an aneurysm"),
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
        (&[("one_numb", YES), ("numb_kind", "steady")], SelfCare, "F09 mild and steady"),
        (&[("one_numb", YES), ("numb_kind", "worse")], Urgent, "F09 spreading"),
        (&[("weight_loss", NOT_SURE)], Soon, "W04 not sure"),
        (&[("self_harm", YES), ("self_harm_now", NO)], Urgent, "W19 would not act"),
        (&[("self_harm", YES), ("self_harm_now", NOT_SURE)], Emergency, "W19 might act"),
        (&[("age", "15")], Soon, "W14 under 16"),
        (&[("age", "4")], Urgent, "W14 under 5"),
        (&[("pain_where", "elsewhere")], Soon, "G03 fits nothing"),
        (&[("pain_where", "none")], Soon, "G03 no pain, nothing else"),
        (
            &[("pain_where", "elsewhere"), ("diabetes", YES), ("new_back_pain", YES), ("new_pain_how", "milder")],
            Soon,
            "W21 does not take the place of G03",
        ),
    ];
    for (more, expected, name) in cases {
        let answers = ordinary(more);
        let unanswered: Vec<&str> =
            Told::new(&RULES, &answers).unanswered().map(|question| question.id.as_str()).collect();
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
    // And the result is the eighth.
    assert!(screens.len() <= 7, "{screens:?}");
    assert_eq!(end.urgency(), Some(Urgency::SelfCare));
}

#[test]
fn a_sign_of_the_first_screen_interrupts_once_nothing_can_soften_it() {
    let (_, screens) = converse(&ordinary(&[("saddle", YES), ("saddle_since", "recent")]));
    assert_eq!(screens, ["bladder", "bladder_since"]);
}

#[test]
fn where_the_pain_is_comes_first_when_an_emergency_hangs_on_it() {
    let feet = [("both_legs", YES), ("both_legs_since", "recent"), ("both_legs_pattern", "feet")];
    let (end, screens) = converse(&ordinary(&[&feet[..], &[("pain_where", "none")]].concat()));
    assert_eq!(screens[..4], ["bladder", "legs", "legs_more", "you"]);
    assert_eq!(end.urgency(), Some(Urgency::Soon));
    let (end, screens) = converse(&ordinary(&[&feet[..], &[("pain_where", "back")]].concat()));
    assert_eq!((screens.len(), end.urgency()), (4, Some(Urgency::Emergency)));
}

#[test]
fn an_interruption_names_what_was_answered_and_nothing_else() {
    let (end, _) = converse(&ordinary(&[("saddle", YES), ("saddle_since", "recent")]));
    let Place::Result(assessment) = end.place else { panic!("it did not end") };
    let rules: Vec<&str> = assessment.findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["E01"]);
}

#[test]
fn something_urgent_interrupts_once_after_its_follow_ups() {
    let weak =
        [("one_weak", YES), ("weak_since", "new"), ("weak_change", "no"), ("weak_cause", "other"), ("fever", NO)];
    let (end, screens) = converse(&ordinary(&[&weak[..], &[("lump", YES)]].concat()));
    assert_eq!(screens[..5], ["bladder", "legs", "legs_more", "(warning)", "nerves"]);
    assert_eq!(screens.iter().filter(|screen| *screen == "(warning)").count(), 1);
    assert_eq!(end.urgency(), Some(Urgency::Urgent));
}

fn submit(fields: &[(&str, &str)]) -> Result<Step, conversation::BadForm> {
    let fields: Vec<(String, String)> = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    conversation::submit(&RULES, &fields)
}

/// The screen asked, whether one by one, and how many problems it has.
fn asked(step: &Step) -> (&str, bool, usize) {
    match &step.place {
        Place::Ask { screen, one_by_one, problems } => (screen, *one_by_one, problems.len()),
        other => panic!("not asked: {other:?}"),
    }
}

#[test]
fn a_forged_form_is_refused_or_asked_again() {
    use conversation::BadForm::{FieldTwice, NoScreen, UnknownAnswer, UnknownField};
    assert_eq!(submit(&[]), Err(NoScreen));
    assert_eq!(submit(&[(SCREEN, "nowhere")]), Err(NoScreen));
    assert_eq!(submit(&[(SCREEN, "bladder"), ("saddles", "yes")]), Err(UnknownField));
    assert_eq!(submit(&[(SCREEN, "bladder"), ("saddle", "maybe")]), Err(UnknownAnswer));
    assert_eq!(submit(&[(SCREEN, "bladder"), ("age", "-3")]), Err(UnknownAnswer));
    assert_eq!(submit(&[(SCREEN, "bladder"), (GO, "away")]), Err(UnknownAnswer));
    assert_eq!(submit(&[(GO, "change:nowhere")]), Err(UnknownAnswer));
    assert_eq!(submit(&[(SCREEN, "bladder"), ("saddle", "yes"), ("saddle", "no")]), Err(FieldTwice));
    assert_eq!(submit(&[(SCREEN, "bladder"), (SCREEN, "legs")]), Err(FieldTwice));
    // Skipping to the end leads back to the beginning.
    for skipped in [&[(SCREEN, "course"), ("pain_since", "under_2w")][..], &[(GO, "result")], &[(GO, "sheet")]] {
        let step = submit(skipped).unwrap();
        assert_eq!(asked(&step).0, if skipped.len() > 1 { "course" } else { "bladder" }, "{skipped:?}");
    }
    // A list is not left without an answer, nor with two.
    for fields in [&[(SCREEN, "bladder")][..], &[(SCREEN, "bladder"), ("saddle", "yes"), (NONE, "yes")]] {
        assert_eq!(asked(&submit(fields).unwrap()), ("bladder", false, 1));
    }
}

#[test]
fn not_sure_of_a_list_asks_it_one_by_one_and_keeps_the_ticks() {
    let step = submit(&[(SCREEN, "bladder"), ("pee_leak", "yes"), (conversation::UNSURE, "yes")]).unwrap();
    assert_eq!(asked(&step), ("bladder", true, 0));
    assert_eq!(step.answers.get("pee_leak"), Some(YES));
    // One by one, each wants an answer of its own.
    let open = submit(&[(SCREEN, "bladder"), (EACH, "yes"), ("pee_leak", "no"), ("sex", "prefer_not")]).unwrap();
    assert_eq!(asked(&open), ("bladder", true, 3));
    assert_eq!(urgency(&with(&ordinary(&[]), "sex", PREFER_NOT)), Urgency::SelfCare);
    assert_eq!(urgency(&with(&ordinary(&[]), "sex", NOT_SURE)), Urgency::Emergency);
}

#[test]
fn a_number_that_is_none_is_asked_again_with_what_was_typed() {
    let filled = |age: &str| submit(&[(SCREEN, "you"), (NONE, "yes"), ("pain_where", "back"), ("age", age)]).unwrap();
    for age in ["forty", "-3", "121", "3.5", "9999999", "<b>"] {
        let step = filled(age);
        let Place::Ask { screen, problems, .. } = &step.place else { panic!("{age}") };
        assert_eq!((screen.as_str(), problems.len(), problems[0].typed.as_str()), ("you", 1, age));
        assert_eq!(step.answers.get("cancer"), Some(NO), "the rest is kept");
    }
    for (age, answer) in [(" 45 ", "45"), ("045", "45"), ("0", "0"), ("00", "0")] {
        assert_eq!(filled(age).answers.get("age"), Some(answer), "{age:?}");
    }
    assert_eq!(asked(&filled("")), ("you", false, 1));
}

#[test]
fn a_form_made_with_other_rules_keeps_what_still_fits_and_is_asked_the_rest() {
    let stale = [(conversation::RULES, "1.0.0+00000000"), (SCREEN, "moved"), ("gone", "yes"), ("saddle", "yes")];
    let step = submit(&[&stale[..], &[(NONE, "yes")]].concat()).unwrap();
    assert_eq!(asked(&step).0, "bladder_since");
    // "None of these" was said to another list.
    assert_eq!(step.notice, Some(conversation::Notice::RulesChanged));
    assert_eq!((step.answers.get("saddle"), step.answers.get("pee_leak")), (Some(YES), None));
    let cleared = submit(&[&stale[..], &[(GO, "clear")]].concat()).unwrap();
    assert!(cleared.answers.is_empty());
}

#[test]
fn every_page_can_be_come_back_to() {
    let (end, _) = converse(&ordinary(&[("saddle", YES), ("saddle_since", "recent")]));
    let again = |go: &str| conversation::visit(&RULES, go, end.answers.clone(), end.warned).unwrap();
    for go in ["result", "review", "sheet", "change:bladder"] {
        let step = again(go);
        assert_eq!(step.way_here(), go);
        assert_eq!(step.answers, end.answers);
    }
    assert!(again("clear").answers.is_empty());
}
