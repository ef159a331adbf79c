//! The forms of every part, tried on the rules that came with the program.

use crate::rulebook::{
    Texts,
    catalogue::{Catalogue, OURS},
    editing::{TAKE_OUT, apply, begin, form},
    fields::{self, Control},
    part_page,
    parts::{NEW, Part, list},
    places,
    soundness::built_in,
    tests::browser::fields_in,
};
use crate::{
    triage::{self, Condition, Kind, Urgency, vignette},
    ui::form::Problems,
};

pub fn typed(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

const FEVER_FROM_60: [(&str, &str); 9] = [
    ("when_1", "group"),
    ("when_1-join", "all"),
    ("when_1-0", "answers"),
    ("when_1-0-about", "fever"),
    ("when_1-0-is", "yes"),
    ("when_1-1", "number"),
    ("when_1-1-about", "age"),
    ("when_1-1-compared", "least"),
    ("when_1-1-number", "60"),
];

#[test]
fn a_draft_is_the_next_version_and_otherwise_the_same() {
    let ours = built_in();
    let draft = begin(&ours, "2027-01-31".parse().unwrap(), &["2.4.0".to_owned()]).unwrap();
    let rules = triage::file::read(&draft.rules).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert!(rules.version.starts_with("2.5.0+"), "{}", rules.version);
    assert_eq!((rules.history[0].version.as_str(), rules.history.len()), ("2.5.0", 5));
    // Every comment is still there.
    let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).count();
    assert_eq!(comments(&draft.rules), comments(&ours.rules));
    let before = triage::file::read(&ours.rules).unwrap();
    assert_eq!((rules.questions, rules.rules, rules.watch), (before.questions, before.rules, before.watch));
}

#[test]
fn every_part_has_a_form_and_an_untouched_form_changes_nothing() {
    let ours = built_in();
    let known = Catalogue::of(&ours).unwrap();
    for part in Part::ALL {
        let ids = list(&ours, part);
        assert!(
            ids.len()
                >= match part {
                    Part::History | Part::Daily | Part::SafetyNet | Part::Usual => 1,
                    Part::Condition => 4,
                    Part::Choices => 1,
                    _ => 8,
                },
            "{part:?}"
        );
        for (id, words) in ids {
            assert!(!words.is_empty(), "{part:?} {id}");
            let entries = form(&ours, part, &id, &[]).unwrap();
            assert!(!entries.is_empty());
            // As a browser sends it back.
            let html = part_page::controls(&entries, Some(&known), "", &Problems::default()).into_string();
            let same = fields_in(&html);
            assert!(!html.contains("class=\"code\""), "{part:?} {id}: all has fields");
            for (filled, entry) in fields::filled(entries.clone(), &same).iter().zip(&entries) {
                assert!(filled == entry, "{part:?} {id} {}: {:.400}", entry.name, filled.words(Some(&known)));
            }
            assert_eq!(apply(&ours, part, &id, &same).unwrap(), ours, "{part:?} {id}");
        }
    }
}

#[test]
fn forms_change_what_they_show() {
    let ours = built_in();
    let changed = |part, id: &str, pairs: &[(&str, &str)]| {
        let texts = apply(&ours, part, id, &typed(pairs)).unwrap();
        let rules = triage::file::read(&texts.rules).unwrap_or_else(|problems| panic!("{problems:?}"));
        vignette::read(&texts.vignettes, &rules).unwrap();
        (texts, rules)
    };
    let (_, rules) =
        changed(Part::Rule, "W01", &[&[("urgency_1", "emergency"), ("act_1", "Say so.")], &FEVER_FROM_60[..]].concat());
    let grade = &rules.rule("W01").unwrap().grades[0];
    assert!(matches!(&grade.when, Condition::All(parts) if parts.len() == 2), "{:?}", grade.when);
    assert_eq!((grade.urgency, grade.act.as_deref()), (Urgency::Emergency, Some("Say so.")));
    let (_, rules) = changed(Part::Question, "fever", &[("text", "Hot?"), ("hint", "")]);
    assert_eq!(
        (rules.question("fever").unwrap().text.as_str(), &rules.question("fever").unwrap().hint),
        ("Hot?", &None)
    );
    let (texts, _) = changed(Part::Watch, "T5", &[("nights", "6"), ("week_days", "8")]);
    assert!(texts.rules.contains("limits = { nights = 6, of_nights = 14, points = 1, days = 28, adherence_percent = 70, week = { days = 8, least_logged = 4 } }"));
    let grade = [("urgency_1", "urgent"), ("act_1", "Show it."), ("answered_days", "7"), ("note", "")];
    let (_, rules) = changed(Part::Watch, "T5", &grade);
    let watch = rules.watch.iter().find(|watch| watch.id == "T5").unwrap();
    assert_eq!((watch.grades[0].urgency, watch.grades[0].act.as_str()), (Urgency::Urgent, "Show it."));
    assert_eq!((watch.answered_days, &watch.note), (7, &None));
    let (_, rules) = changed(Part::Rule, "G01", &[("note", "As agreed."), ("fail_safe", "yes")]);
    let rule = rules.rule("G01").unwrap();
    assert_eq!((rule.note.as_deref(), rule.fail_safe), (Some("As agreed."), true));
    let (texts, _) = changed(Part::Vignette, "ordinary-lift", &[("ordinary", "no")]);
    assert_eq!(texts.vignettes, ours.vignettes.replacen("ordinary = true\n", "", 1));
    let (texts, _) = changed(
        Part::Vignette,
        "ordinary-lift",
        &[
            ("answer-age", "39"),
            ("answer-worried", ""),
            ("answer-fever", "no"),
            ("not-shown", "yes"),
            ("not", "W01"),
            ("not", "G01"),
        ],
    );
    assert!(
        texts.vignettes.contains("answers = { age = 39, pain_trend = \"steady\" , fever = \"no\" }")
            && texts.vignettes.contains("not = [\"G01\", \"W01\"]")
    );
}

#[test]
fn rules_and_test_cases_come_and_go() {
    let ours = built_in();
    let fields = [
        ("id", "W22"),
        ("cause", "A fever after a journey is looked at."),
        ("urgency_1", "soon"),
        ("act_1", ""),
        ("terms", ""),
        ("sources-shown", "yes"),
        ("sources", "borders"),
    ];
    let rule = typed(&[&fields[..], &FEVER_FROM_60].concat());
    let texts = apply(&ours, Part::Rule, NEW, &rule).unwrap();
    let case = typed(&[
        ("id", "journey"),
        ("story", "A 70-year-old woman with a fever."),
        ("answer-age", "70"),
        ("answer-fever", "yes"),
        ("urgency", "urgent"),
        ("fires", "W22"),
        ("fires", "W01"),
        ("not", "E11"),
    ]);
    let texts = apply(&texts, Part::Vignette, NEW, &case).unwrap();
    let rules = triage::file::read(&texts.rules).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(rules.rule("W22").unwrap().grades[0].urgency, Urgency::Soon);
    let people = vignette::read(&texts.vignettes, &rules).unwrap();
    assert_eq!(people.last().unwrap().failures(&rules), Vec::<String>::new());
    // Whatever else there is stays as it was written.
    assert!(texts.rules.contains("\n\n[[rule]]\nid = \"W22\"\n") && texts.rules.len() - ours.rules.len() < 400);

    let out = typed(&[(TAKE_OUT, "yes")]);
    let back = apply(&apply(&texts, Part::Vignette, "journey", &out).unwrap(), Part::Rule, "W22", &out).unwrap();
    assert_eq!(back, ours);

    for id in ["", "new", "a b", "\"]", "ordinary-lift"] {
        let problems = apply(&ours, Part::Vignette, NEW, &typed(&[("id", id)])).expect_err(id);
        assert_eq!(problems[0].0, "id", "{problems:?}");
    }
    assert!(form(&ours, Part::Watch, NEW, &[]).is_none());
    // A rule that test cases name stays, and so does what a rule names.
    for (part, id, said) in [
        (Part::Rule, "W01", "the test case "),
        (Part::Condition, "back_pain", "the rule W15"),
        (Part::Condition, "back_pain", "the question first_pain"),
    ] {
        let problems = apply(&ours, part, id, &out).expect_err(id);
        assert!(problems[0].0 == TAKE_OUT && problems[0].1.contains(said), "{problems:?}");
    }
}

#[test]
fn comments_stay_where_they_were() {
    let ours = built_in();
    let condition = form(&ours, Part::Condition, "other_emergency", &[]).unwrap();
    let known = Catalogue::of(&ours).unwrap();
    let html = part_page::controls(&condition, Some(&known), "", &Problems::default()).into_string();
    let mut fields = fields_in(&html);
    fields.iter_mut().filter(|(name, _)| name == "condition-join").for_each(|(_, join)| *join = "all".to_owned());
    let changed = apply(&ours, Part::Condition, "other_emergency", &fields).unwrap();
    assert!(changed.rules.contains("both legs.\nother_emergency = { all = ["), "its comment");
    // What heads several rules is handed on when the first of them goes.
    let mut texts = ours.clone();
    texts.vignettes = texts.vignettes.replace("\"F01\"", "\"F02\"");
    let out = apply(&texts, Part::Rule, "F01", &typed(&[(TAKE_OUT, "yes")])).unwrap();
    assert!(out.rules.contains("in foot and leg\n\n[[rule]]\nid = \"F02\""), "its heading");
}

#[test]
fn the_version_and_its_day_are_changed_by_a_form() {
    let draft = begin(&built_in(), "2027-01-31".parse().unwrap(), &[]).unwrap();
    let fields = typed(&[("what", "All is new."), ("version", "3.0.0"), ("on", "2027-02-01")]);
    let changed = apply(&draft, Part::History, "2.2.0", &fields).unwrap();
    let rules = read(&changed);
    assert!(rules.version.starts_with("3.0.0+"), "{}", rules.version);
    assert_eq!(rules.history[0].on.to_string(), "2027-02-01");
    for (field, given) in [("version", "3"), ("on", "tomorrow"), ("on", "2027-02-30")] {
        let problems = apply(&draft, Part::History, "2.2.0", &typed(&[(field, given)])).expect_err(given);
        assert_eq!(problems[0].0, field, "{problems:?}");
    }
}

#[test]
fn what_cannot_be_is_said_at_its_field() {
    let ours = built_in();
    for (part, id, field, given, said) in [
        (Part::Vignette, "ordinary-lift", "answer-age", "121", "enter a whole number from 0 to 120"),
        (Part::Vignette, "ordinary-lift", "answer-fever", "maybe", "choose one of its answers"),
        (Part::Vignette, "ordinary-lift", "answer-fevers", "yes", "There is no question"),
        (Part::Rule, "W01", "urgency_1", "now", "choose one of"),
        (Part::Watch, "T5", "nights", "many", "enter a whole number"),
        (Part::Watch, "T5", "answered_days", "-1", "enter a whole number"),
        (Part::Watch, "T5", "act_1", "", "Enter something"),
        (Part::Question, "fever", "text", " ", "Enter something"),
    ] {
        let problems = apply(&ours, part, id, &typed(&[(field, given)])).expect_err(given);
        assert!(problems[0].0 == field && problems[0].1.contains(said), "{problems:?}");
    }
    assert!(form(&ours, Part::Rule, "Z99", &[]).is_none());
}

pub fn read(texts: &Texts) -> triage::RuleSet {
    triage::file::read(&texts.rules).unwrap_or_else(|problems| panic!("{problems:?}"))
}

#[test]
fn grades_come_and_go() {
    let ours = built_in();
    let fields = [("grades", "2"), ("urgency_1", "urgent"), ("urgency_2", "emergency")];
    let second = FEVER_FROM_60.map(|(name, value)| (name.replace("when_1", "when_2"), value));
    let second: Vec<(&str, &str)> = second.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let more = apply(&ours, Part::Rule, "W01", &typed(&[&fields[..], &second].concat())).unwrap();
    // The most urgent comes first, wherever it was typed.
    let grades: Vec<Urgency> = read(&more).rule("W01").unwrap().grades.iter().map(|grade| grade.urgency).collect();
    assert_eq!(grades, [Urgency::Emergency, Urgency::Urgent]);
    let fewer = apply(&more, Part::Rule, "W01", &typed(&[("grades", "2"), ("out_1", "yes")])).unwrap();
    assert_eq!(read(&fewer).rule("W01").unwrap().grades, read(&ours).rule("W01").unwrap().grades);
    // One that was begun and is not wanted after all.
    let unwanted = typed(&[("grades", "3"), ("urgency_2", ""), ("out_2", "yes"), ("urgency_3", "")]);
    let problems = apply(&ours, Part::Rule, "W01", &unwanted).unwrap_err();
    assert_eq!(problems[0].0, "urgency_3", "{problems:?}");
    let unwanted = typed(&[("grades", "2"), ("urgency_2", ""), ("out_2", "yes")]);
    assert_eq!(apply(&ours, Part::Rule, "W01", &unwanted).unwrap(), ours);
}

#[test]
fn questions_come_move_and_go() {
    let ours = built_in();
    let new = typed(&[
        ("id", "night_sweats"),
        ("text", "Do you sweat at night?"),
        ("hint", ""),
        ("said", "sweats at night"),
        ("place", "other:side_pain"),
        ("role", "sign"),
        ("answered", "yes-no"),
        ("unsure", "itself"),
        ("private", "yes"),
        ("asked_if", "group"),
        ("asked_if-join", "none"),
        ("asked_if-0", "answers"),
        ("asked_if-0-about", "fever"),
        ("asked_if-0-is", "no"),
    ]);
    let texts = apply(&ours, Part::Question, NEW, &new).unwrap();
    let block = "\n[[screen.question]]\nid = \"night_sweats\"\ntext = \"Do you sweat at night?\"\nsaid = \"sweats at night\"\nunsure = \"itself\"\nprivate = true\nasked_if = { not = \"fever=no\" }\n";
    assert!(texts.rules.contains(block), "{}", &texts.rules);
    assert_eq!(texts.rules.replacen(block, "", 1), ours.rules, "whatever else there is stays");
    // It has to be used; until then it can be changed further.
    assert!(triage::file::read(&texts.rules).unwrap_err().iter().all(|problem| problem.contains("night_sweats")));
    let known = Catalogue::of(&texts).unwrap();
    assert_eq!(places::place(&known, Part::Question, "night_sweats").unwrap(), "other:side_pain");
    let kinds = [
        ("answered", "own"),
        ("answered-0-id", "often"),
        ("answered-0-text", "Often"),
        ("answered-1-id", "not_sure"),
        ("answered-1-text", "Not sure"),
        ("answered-2-id", ""),
        ("answered-2-text", ""),
    ];
    let changed = apply(&texts, Part::Question, "night_sweats", &typed(&kinds)).unwrap();
    let Kind::OneOf(choices) = &Catalogue::of(&changed).unwrap().rules.question("night_sweats").unwrap().kind.clone()
    else {
        panic!("{}", changed.rules)
    };
    assert_eq!((choices[0].id.as_str(), choices.len()), ("often", 2));
    let number = [("answered", "number"), ("answered-unit", "nights"), ("answered-min", "0"), ("answered-max", "7")];
    let changed = apply(&changed, Part::Question, "night_sweats", &typed(&number)).unwrap();
    assert!(
        changed.rules.contains("number = { unit = \"nights\", min = 0, max = 7 }") && !changed.rules.contains("Often")
    );
    // To another screen, up, down, and to where it was.
    for place in ["bladder:", "bladder:saddle", "other:unbearable", "other:side_pain"] {
        let moved = apply(&texts, Part::Question, "night_sweats", &typed(&[("place", place)])).unwrap();
        assert_eq!(places::place(&Catalogue::of(&moved).unwrap(), Part::Question, "night_sweats").unwrap(), place);
        assert_eq!(moved.rules.len(), texts.rules.len());
        let back = apply(&moved, Part::Question, "night_sweats", &typed(&[("place", "other:side_pain")])).unwrap();
        assert_eq!(back, texts, "{place}");
    }
    let out = typed(&[(TAKE_OUT, "yes")]);
    assert_eq!(apply(&texts, Part::Question, "night_sweats", &out).unwrap(), ours);
}

#[test]
fn a_question_that_something_needs_stays() {
    let ours = built_in();
    let out = typed(&[(TAKE_OUT, "yes")]);
    let problems = apply(&ours, Part::Question, "fever", &out).unwrap_err();
    assert_eq!(problems[0].0, TAKE_OUT);
    for by in ["the rule E14", "the rule W01", "the tracker's daily list", "the test case "] {
        assert!(problems[0].1.contains(by), "{by}: {problems:?}");
    }
    let problems = apply(&ours, Part::Question, "pain_where", &out).unwrap_err();
    for by in ["the question pain_since", "the condition back_pain", "what test cases usually answer"] {
        assert!(problems[0].1.contains(by), "{by}: {problems:?}");
    }
    // The program's own are not taken out, whatever is sent.
    for id in OURS {
        assert!(read(&ours).question(id).is_some());
        assert_eq!(apply(&ours, Part::Question, id, &out).unwrap(), ours);
    }
    for place in ["nowhere:", "bladder:fever", "bladder", "hurt:fever"] {
        let problems = apply(&ours, Part::Question, "fever", &typed(&[("place", place)])).unwrap_err();
        assert_eq!(problems, [("place".to_owned(), "Choose where it is asked".to_owned())], "{place}");
    }
}

#[test]
fn what_has_no_fields_stays_as_it_is_written() {
    let ours = built_in();
    let odd = Texts { rules: ours.rules.replacen("when = \"chest\"", "when = { any = [] }", 1), ..ours };
    let when = form(&odd, Part::Rule, "E11", &[]).unwrap().into_iter().find(|entry| entry.name == "when_1").unwrap();
    assert_eq!(when.control, Control::Code("{ any = [] }".to_owned()));
    let problems = apply(&odd, Part::Rule, "E11", &typed(&[("when_1", "{ all = [")])).unwrap_err();
    assert!(problems[0].0 == "when_1" && problems[0].1.contains("not written as the file needs it"), "{problems:?}");
    let mended = apply(&odd, Part::Rule, "E11", &typed(&[("when_1", "\"chest\"")])).unwrap();
    assert_eq!(mended.rules, built_in().rules);
}
