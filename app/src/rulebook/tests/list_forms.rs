//! The forms of sources, screens and lists, tried on the rules that came with the program.

use super::forms::{read, typed};
use crate::rulebook::{
    Texts,
    catalogue::Catalogue,
    editing::{TAKE_OUT, apply, form},
    parts::{NEW, ONLY, Part},
    rows,
    soundness::built_in,
};
use crate::triage;

#[test]
fn sources_come_and_go_and_stay_while_they_are_cited() {
    let ours = built_in();
    let new = [("id", "who"), ("title", "Back pain"), ("publisher", "WHO"), ("url", ""), ("date", "2023")];
    let texts = apply(&ours, Part::Source, NEW, &typed(&new)).unwrap();
    let line = "who = { title = \"Back pain\", publisher = \"WHO\", date = \"2023\" }\n";
    assert_eq!(texts.rules.replacen(line, "", 1), ours.rules, "whatever else there is stays");
    // An address is added where the others have it, and the rest of the file stays.
    let address = typed(&[("url", "https://www.who.int/back")]);
    let with = apply(&texts, Part::Source, "who", &address).unwrap();
    let line = line.replace("date", "url = \"https://www.who.int/back\", date");
    assert_eq!(with.rules.replacen(&line, "", 1), ours.rules);
    let out = typed(&[(TAKE_OUT, "yes")]);
    assert_eq!(apply(&texts, Part::Source, "who", &out).unwrap(), ours);
    // Cited by a rule and by one of the tracker's.
    let cited = ["borders", "who"].map(|source| ("sources", source));
    let cited = typed(&[&[("sources-shown", "yes")][..], &cited].concat());
    let texts = apply(&texts, Part::Rule, "E14", &cited).unwrap();
    assert_eq!(read(&texts).rule("E14").unwrap().sources[1].publisher, "WHO");
    let texts = apply(&texts, Part::Watch, "T7", &cited).unwrap();
    let problems = apply(&texts, Part::Source, "who", &out).unwrap_err();
    let refusal = "It cannot go while it is named by the rule E14, the tracker's rule T7. Change those first";
    assert_eq!(problems, [(TAKE_OUT.to_owned(), refusal.to_owned())]);
    for (field, given) in [
        ("title", " "),
        ("publisher", ""),
        ("url", "www.who.int"),
        ("url", "https://who int"),
        ("id", "W H O"),
        ("id", "ng59"),
    ] {
        let fields: Vec<_> =
            new.into_iter().map(|(name, value)| (name, if name == field { given } else { value })).collect();
        let problems = apply(&ours, Part::Source, NEW, &typed(&fields)).expect_err(given);
        assert_eq!(problems[0].0, field, "{problems:?}");
    }
}

/// The questions of each screen, by their ids.
fn order(texts: &Texts) -> Vec<(String, Vec<String>)> {
    let rules = Catalogue::of(texts).unwrap().rules;
    let asked = |screen| rules.on(screen).iter().map(|question| question.id.clone()).collect();
    rules.screens.iter().map(|screen| (screen.id.clone(), asked(screen))).collect()
}

#[test]
fn screens_come_move_and_go() {
    let ours = built_in();
    let new = [
        ("id", "sweat"),
        ("title", "Do you sweat?"),
        ("stage", "Other signs"),
        ("hint", ""),
        ("layout", "choices"),
        ("list", ""),
        ("follow_up", "no"),
        ("place", "after:legs"),
    ];
    let texts = apply(&ours, Part::Screen, NEW, &typed(&new)).unwrap();
    let block =
        "\n[[screen]]\nid = \"sweat\"\nstage = \"Other signs\"\ntitle = \"Do you sweat?\"\nlayout = \"choices\"\n";
    assert_eq!(texts.rules.replacen(block, "", 1), ours.rules, "whatever else there is stays");
    let at = order(&texts).iter().position(|(id, _)| id == "sweat").unwrap();
    assert_eq!(order(&texts)[at - 1].0, "legs");
    // It has to ask something; until then a question can be moved there, and it can go.
    let problems = triage::file::read(&texts.rules).unwrap_err();
    assert!(matches!(&problems[..], [one] if one.contains("screen sweat: it asks nothing")), "{problems:?}");
    let out = typed(&[(TAKE_OUT, "yes")]);
    assert_eq!(apply(&texts, Part::Screen, "sweat", &out).unwrap(), ours);
    let asks = apply(&texts, Part::Question, "fever", &typed(&[("place", "sweat:")])).unwrap();
    assert_eq!(order(&asks)[at].1, ["fever"]);
    read(&asks);
    let problems = apply(&asks, Part::Screen, "sweat", &out).unwrap_err();
    let refusal = "It cannot go while it asks fever. Move those to another screen first, or take them out";
    assert_eq!(problems, [(TAKE_OUT.to_owned(), refusal.to_owned())]);
    // Away with all of it, and back.
    let before = order(&asks);
    for place in ["first", "after:bladder", "after:legs"] {
        let moved = apply(&asks, Part::Screen, "sweat", &typed(&[("place", place)])).unwrap();
        let moved_ids: Vec<String> = order(&moved).into_iter().map(|(id, _)| id).collect();
        assert_eq!(
            moved_ids.iter().position(|id| id == "sweat").unwrap(),
            ["first", "after:bladder"].iter().position(|one| *one == place).unwrap_or(at)
        );
        assert_eq!(order(&moved).iter().find(|(id, _)| id == "sweat").unwrap().1, ["fever"]);
        let back = apply(&moved, Part::Screen, "sweat", &typed(&[("place", "after:legs")])).unwrap();
        assert_eq!((order(&back), &back), (before.clone(), &asks), "{place}");
    }
    for place in ["", "after:sweat", "after:nothing", "legs"] {
        let problems = apply(&asks, Part::Screen, "sweat", &typed(&[("place", place)])).unwrap_err();
        assert_eq!(problems, [("place".to_owned(), "Choose where it comes".to_owned())], "{place}");
    }
    for (field, given) in
        [("id", "legs"), ("id", "My screen"), ("title", ""), ("stage", " "), ("layout", "grid"), ("place", "")]
    {
        let fields = new.map(|(name, value)| (name, if name == field { given } else { value }));
        let problems = apply(&ours, Part::Screen, NEW, &typed(&fields)).expect_err(given);
        assert_eq!(problems[0].0, field, "{problems:?}");
    }
}

#[test]
fn the_questions_of_a_screen_are_put_in_order() {
    let ours = built_in();
    let rows = |ids: &[&str]| {
        let row = |(n, id): (usize, &&str)| (format!("question-{n}-id"), (*id).to_owned());
        ids.iter().enumerate().map(row).collect::<Vec<_>>()
    };
    let ids = ["sex", "pee_start", "saddle", "pee_leak", "bowel"];
    let texts = apply(&ours, Part::Screen, "bladder", &rows(&ids)).unwrap();
    assert_eq!(order(&texts)[0].1, ids);
    assert_eq!(order(&texts)[1..], order(&ours)[1..]);
    assert_eq!(read(&texts).question("sex"), read(&ours).question("sex"), "with all that it has");
    let back =
        apply(&texts, Part::Screen, "bladder", &rows(&["saddle", "pee_start", "pee_leak", "bowel", "sex"])).unwrap();
    assert_eq!(back, ours);
    // Nothing is lost or doubled by what nobody offers.
    let texts = apply(&ours, Part::Screen, "bladder", &rows(&["sex", "sex", "fever"])).unwrap();
    assert_eq!(order(&texts)[0].1, ["sex", "saddle", "pee_start", "pee_leak", "bowel"]);
    // What depends on an earlier screen stays behind it: the check of the file refuses the rest.
    let texts = apply(&ours, Part::Screen, "bladder_since", &typed(&[("place", "first")])).unwrap();
    let problems = triage::file::read(&texts.rules).unwrap_err();
    assert!(problems.iter().all(|problem| problem.ends_with("that no earlier screen asks")), "{problems:?}");
    // What heads several screens stays before the others of them.
    let first = typed(&[("place", "after:legs")]);
    let texts = apply(&ours, Part::Screen, "bladder", &first).unwrap();
    assert!(texts.rules.contains("signs of an emergency\n\n[[screen]]\nid = \"bladder_since\""), "{}", texts.rules);
    assert_eq!(apply(&texts, Part::Screen, "bladder", &typed(&[("place", "first")])).unwrap(), ours);
}

#[test]
fn lists_of_answers_come_change_and_go() {
    let ours = built_in();
    let rows = |answers: &[(&str, &str)]| {
        let row = |(n, (id, text)): (usize, &(&str, &str))| {
            [(format!("choices-{n}-id"), (*id).to_owned()), (format!("choices-{n}-text"), (*text).to_owned())]
        };
        answers.iter().enumerate().flat_map(row).collect::<Vec<_>>()
    };
    let [recent, long, unsure] = [("recent", "Lately"), ("long", "For long"), ("not_sure", "Not sure")];
    let texts =
        apply(&ours, Part::Choices, "since_3_months", &rows(&[recent, ("longer", "For years"), long, unsure])).unwrap();
    let block =
        "since_3_months = [\n  { id = \"recent\", text = \"Lately\" },\n  { id = \"longer\", text = \"For years\" },\n";
    assert!(texts.rules.contains(block), "{}", texts.rules);
    assert!(read(&texts).question("sex_since").unwrap().accepts("longer"));
    // What nothing names goes, and what something names does not.
    let back = apply(&texts, Part::Choices, "since_3_months", &rows(&[recent, ("", ""), long, unsure])).unwrap();
    assert!(!read(&back).question("sex_since").unwrap().accepts("longer"));
    let problems =
        apply(&ours, Part::Choices, "since_3_months", &rows(&[recent, ("lengthy", "Long"), unsure])).unwrap_err();
    assert_eq!(problems[0].0, "choices");
    for by in
        ["The answer long cannot go while it is named by the rule E01, ", "the question sex_checked", "the test case "]
    {
        assert!(problems[0].1.contains(by), "{by}: {problems:?}");
    }
    for (answers, field) in [
        (&[recent, ("long", ""), unsure][..], "choices-1-text"),
        (&[recent, ("", "Long"), long, unsure], "choices-1-id"),
        (&[recent, long, unsure, ("recent", "Just now")], "choices-3-id"),
        (&[recent, long, unsure, ("so so", "Just now")], "choices-3-id"),
    ] {
        let problems = apply(&ours, Part::Choices, "since_3_months", &rows(answers)).unwrap_err();
        assert_eq!(problems[0].0, field, "{problems:?}");
    }
    // One of its own.
    let own = [typed(&[("id", "how_often")]), rows(&[("often", "Often"), ("never", "Never")])].concat();
    let texts = apply(&ours, Part::Choices, NEW, &own).unwrap();
    let block = "how_often = [\n  { id = \"often\", text = \"Often\" },\n  { id = \"never\", text = \"Never\" },\n]\n";
    assert_eq!(texts.rules.replacen(block, "", 1), ours.rules, "whatever else there is stays");
    let out = typed(&[(TAKE_OUT, "yes")]);
    assert_eq!(apply(&texts, Part::Choices, "how_often", &out).unwrap(), ours);
    let problems = apply(&ours, Part::Choices, "since_3_months", &out).unwrap_err();
    assert!(problems[0].1.starts_with("It cannot go while it is named by the question saddle_since, "), "{problems:?}");
}

#[test]
fn what_there_is_once_is_changed_by_forms() {
    let ours = built_in();
    let daily =
        typed(&[("daily-0-id", "fever"), ("daily-1-id", "saddle"), ("daily-2-id", "chest"), ("daily-3-id", "")]);
    let texts = apply(&ours, Part::Daily, ONLY, &daily).unwrap();
    assert_eq!(read(&texts).daily, ["fever", "saddle", "chest"]);
    assert!(
        texts
            .rules
            .contains("\n\n# The tracker's daily list.\ndaily = [\"fever\", \"saddle\", \"chest\"]\n\nsafety_net")
    );
    let net = typed(&[
        ("safety_net-0-text", "numb\r\nfeet "),
        ("safety_net-1-text", " "),
        ("safety_net-2-text", "weak legs"),
    ]);
    let texts = apply(&ours, Part::SafetyNet, ONLY, &net).unwrap();
    assert!(
        texts.rules.contains("\nsafety_net = [\n  \"numb feet\",\n  \"weak legs\",\n]\n\n[[history]]"),
        "{}",
        texts.rules
    );
    let usual = typed(&[("answer-age", "50"), ("answer-worried", "yes"), ("answer-fever", "yes")]);
    let texts = apply(&ours, Part::Usual, ONLY, &usual).unwrap();
    let block = "[usual]\nage = 50\npain_where = \"back\"\npain_since = \"under_2w\"\npain_trend = \"easing\"\npain_limits = \"no\"\nworried = \"yes\"\nfever = \"yes\"\n\n# ---";
    assert!(texts.vignettes.contains(block), "{:.900}", texts.vignettes);
    for (part, field, given, at) in [
        (Part::Daily, "daily-0-id", "", "daily"),
        (Part::Daily, "daily-0-id", "age", "daily"),
        (Part::SafetyNet, "safety_net-0-text", " ", "safety_net"),
        (Part::Usual, "answer-age", "old", "answer-age"),
    ] {
        let problems = apply(&ours, part, ONLY, &typed(&[(field, given)])).expect_err(given);
        assert_eq!(problems[0].0, at, "{problems:?}");
    }
    let twice =
        apply(&ours, Part::Daily, ONLY, &typed(&[("daily-0-id", "fever"), ("daily-1-id", "fever")])).unwrap_err();
    assert_eq!(twice, [("daily".to_owned(), "fever is there twice".to_owned())]);
    for id in ["other", NEW] {
        assert!(form(&ours, Part::Daily, id, &[]).is_none() && form(&ours, Part::Usual, id, &[]).is_none(), "{id}");
    }
}

#[test]
fn buttons_move_rows_and_take_them_out() {
    let rows = |ids: &[&str]| ids.iter().map(|id| ((*id).to_owned(), String::new())).collect::<rows::Rows>();
    for (act, at, leads_to, becomes) in [
        ("up", "daily-2", Some("daily-1"), &["a", "c", "b"][..]),
        ("down", "daily-0", Some("daily-1"), &["b", "a", "c"]),
        ("out", "daily-1", Some("daily"), &["a", "c"]),
        ("add", "daily", Some("daily"), &["a", "b", "c"]),
        ("up", "daily-0", None, &["a", "b", "c"]),
        ("down", "daily-2", None, &["a", "b", "c"]),
        ("out", "daily-3", None, &["a", "b", "c"]),
        ("out", "daily2-1", None, &["a", "b", "c"]),
        ("burn", "daily-1", None, &["a", "b", "c"]),
    ] {
        let mut there = rows(&["a", "b", "c"]);
        assert_eq!(rows::press(&mut there, "daily", act, at).as_deref(), leads_to, "{act} {at}");
        assert_eq!(there, rows(becomes), "{act} {at}");
    }
}
