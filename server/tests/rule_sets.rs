//! Rule sets on the desk: nobody publishes a lowered outcome alone, nobody at all what fails its checks, and every server decides
//! by what was published within seconds.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{sync::Arc, time::Duration};

use app::{
    AppState, Error,
    audit::{self, Action, Actor, Event},
    desk::store as article,
    on,
    rulebook::{
        Texts, checking, editing,
        soundness::built_in,
        store::{self, Publishing, Saving},
    },
};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use http_body_util::BodyExt;
use server::{assets::Assets, limits::Limits, start, takeover::Running};
use support::{
    Answer, NOW, TestApp,
    desk::{account, approval, create, draft as written, is_done, staff},
    engines::engines,
    person::Person,
};
use tower::ServiceExt;
use uuid::Uuid;

/// A change that lowers an outcome and that no test case speaks against: a first back pain is "soon" from 53 on, not from 51.
const LOWERED: (&str, &str) = (
    "{ any = [\"age>=51\", \"age<20\"] }, \"@back_pain\", \"first",
    "{ any = [\"age>=53\", \"age<20\"] }, \"@back_pain\", \"first",
);
/// One that a test case speaks against.
const FAILING: (&str, &str) =
    ("{ urgency = \"urgent\", when = \"fever\" }", "{ urgency = \"soon\", when = \"fever\" }");

/// Begins a draft, changes it, and returns its page.
async fn draft(writer: &Person<'_>, (from, to): (&str, &str)) -> String {
    let begun = writer.post("/admin/rules/new", &[]).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text());
    let page = begun.header("location").split('?').next().unwrap().to_owned();
    let rules = writer.get(&format!("{page}/revisions/1/rules.toml")).await.body;
    let cases = writer.get(&format!("{page}/revisions/1/vignettes.toml")).await.body;
    assert!(rules.contains(from), "{from}");
    // Something is another in any case.
    let rules = format!("{}# {}\n", rules.replacen(from, to, 1), page);
    is_done(&edit(writer, &page, 1, &rules, &cases).await, "saved");
    page
}

fn id_of(page: &str) -> Uuid {
    page.rsplit('/').next().unwrap().parse().unwrap()
}

async fn edit(writer: &Person<'_>, page: &str, base: i64, rules: &str, cases: &str) -> Answer {
    let base = base.to_string();
    // As a browser sends lines.
    let (rules, cases) = (rules.replace('\n', "\r\n"), cases.replace('\n', "\r\n"));
    let fields =
        [("base", base.as_str()), ("the_rules", &rules), ("the_cases", &cases), ("the_note", "why"), ("press", "save")];
    writer.post(&format!("{page}/edit"), &fields).await
}

async fn press(person: &Person<'_>, page: &str, act: &str, revision: i64) -> Answer {
    person.post(&format!("{page}/{act}"), &[("revision", &revision.to_string())]).await
}

/// The page once the checks are done.
async fn checked(person: &Person<'_>, page: &str) -> String {
    for _ in 0..600 {
        let text = person.get(page).await.text();
        if text.contains("It passes all") || text.contains("It fails its checks") {
            return text;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the checks did not end: {}", person.get(page).await.text());
}

async fn publish(reviewer: &Person<'_>, page: &str, more: &[(&str, &str)]) -> Answer {
    let against = reviewer.get(page).await.body;
    let against = against.split("name=\"against\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    publish_checked(reviewer, page, against.unwrap_or_default(), more).await
}

async fn publish_checked(reviewer: &Person<'_>, page: &str, against: &str, more: &[(&str, &str)]) -> Answer {
    let fields = [
        ("revision", "2"),
        ("against", against),
        ("name", "Dr A. Body"),
        ("registration", "GMC 1234567"),
        ("read", "yes"),
    ];
    reviewer.post(&format!("{page}/publish"), &[&fields[..], more].concat()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lowered_outcome_is_shown_with_an_example_and_takes_two_people() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let (wrote, asker) = (staff(&app, "wrote", "reviewer").await, staff(&app, "asker", "reviewer").await);
    let page = draft(&wrote, LOWERED).await;
    is_done(&press(&asker, &page, "ask", 2).await, "asked");
    let text = checked(&ed, &page).await;
    assert!(text.contains("It passes all"), "{text}");
    assert!(text.contains("Lowered: soon → ") && text.contains("by rule W15"), "{text}");
    assert!(text.contains("For example somebody who answers no to all but:"), "{text}");
    assert!(text.contains("is 53 or more; before, when "), "in words: {text}");
    let example = ed.get(&format!("{page}/try?example=1")).await.text();
    assert!(example.contains("It is lowered."), "it shows that: {example}");
    let ticks: Vec<String> = (1..=20).map(|n| format!("seen_{n}")).collect();
    let all: Vec<(&str, &str)> = ticks.iter().map(|name| (name.as_str(), "yes")).collect();

    // Not by who wrote it, who asked for it, or who did not look.
    let own = publish(&wrote, &page, &all).await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(own.text().contains("You wrote a part of this, so somebody else has to publish it"), "{}", own.text());
    let asked = publish(&asker, &page, &all).await;
    assert!(asked.text().contains("You asked for it to be published"), "{}", asked.text());
    let unseen = publish(&rev, &page, &[]).await;
    assert!(unseen.text().contains("Look at lowered outcome 1, and tick"), "{}", unseen.text());
    assert!(unseen.body.contains("value=\"Dr A. Body\""), "nothing typed is lost");
    assert_eq!(publish(&ed, &page, &all).await.status, StatusCode::FORBIDDEN);
    // Nor on what other checks had shown, whose outcomes have the same numbers.
    assert_eq!(publish_checked(&rev, &page, "others", &all).await.status, StatusCode::CONFLICT);
    assert_eq!(store::last(&app.state.db).await.unwrap(), 0, "nothing was published");

    is_done(&publish(&rev, &page, &all).await, "published");
    // With what it replaced, to be rolled back to.
    assert_eq!(store::last(&app.state.db).await.unwrap(), 2);
    assert!(rev.get("/admin/rules").await.text().contains("Came with the program"));
    assert!(matches!(audit::verify(&app.state.db).await.unwrap(), audit::Verdict::Whole { .. }));
    // What was published stays as it is.
    let rules = store::published(&app.state.db).await.unwrap().unwrap().texts;
    let late = edit(&ed, &page, 2, &format!("{}\n# more", rules.rules), &rules.vignettes).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", late.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_after_its_checks_is_not_published() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let page = draft(&ed, ("", "")).await;
    is_done(&press(&ed, &page, "ask", 2).await, "asked");
    assert!(checked(&rev, &page).await.contains("None of "));
    // Between the reviewer's look and the press of the button.
    let before = rev.get(&page).await.body;
    let texts = store::texts(&app.state.db, id_of(&page), 2).await.unwrap().unwrap();
    is_done(&edit(&ed, &page, 2, &texts.rules.replacen(LOWERED.0, LOWERED.1, 1), &texts.vignettes).await, "saved");
    let against = before.split("name=\"against\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(publish_checked(&rev, &page, against, &[]).await.status, StatusCode::CONFLICT);
    assert_eq!(store::last(&app.state.db).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_rolled_back_from_takes_two_people_again() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let page = draft(&ed, ("", "")).await;
    is_done(&press(&ed, &page, "ask", 2).await, "asked");
    checked(&rev, &page).await;
    is_done(&publish(&rev, &page, &[("signed_off", "yes")]).await, "published");
    let earlier = store::list(&app.state.db).await.unwrap().into_iter().find(|one| one.version == "2.1.0").unwrap();
    let reason = "Too low".to_owned();
    store::roll_back(&app.state.db, earlier.id, 2, account("rev"), 5, reason, event(Action::RuleSetRolledBack))
        .await
        .unwrap();
    let admin = staff(&app, "boss", "admin").await;
    assert!(admin.get(&page).await.text().contains("It was rolled back from."));
    let forward = admin.post(&format!("{page}/roll-back"), &[("reason", "I like it")]).await;
    assert_eq!(forward.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(forward.text().contains("It is not older than version 2.1.0"), "{}", forward.text());
    assert_eq!(store::last(&app.state.db).await.unwrap(), 3, "nothing else was published");
    // Rolled back to once more, it is still signed on the day of its signature.
    let reason = "Too low".to_owned();
    let rolled = event(Action::RuleSetRolledBack);
    store::roll_back(&app.state.db, id_of(&page), 3, account("rev"), 9 * 86_400_000, reason, rolled).await.unwrap();
    let signed = store::published(&app.state.db).await.unwrap().unwrap().signed_off.unwrap();
    assert_eq!(signed, ("Dr A. Body".to_owned(), "GMC 1234567".to_owned(), app.state.clock.millis_i64()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_a_test_case_is_published_by_nobody() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let page = draft(&ed, FAILING).await;
    is_done(&press(&ed, &page, "ask", 2).await, "asked");
    let text = checked(&ed, &page).await;
    assert!(text.contains("It fails its checks, and nobody can publish it."), "{text}");
    assert!(text.contains("Soon, not Urgent") && text.contains("W01 was urgent and is now soon"), "{text}");
    let refused = publish(&rev, &page, &[("seen_1", "yes"), ("seen_2", "yes")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("It fails its checks, so nobody can publish it"), "{}", refused.text());
    // Nor behind the page's back.
    let forced = publishing(&app.state, id_of(&page), 2, "rev").await;
    let forced = store::publish(&app.state.db, forced, event(Action::RuleSetPublished)).await;
    assert!(matches!(forced, Err(Error::Conflict)), "{forced:?}");
    assert_eq!(store::last(&app.state.db).await.unwrap(), 0);
}

#[tokio::test]
async fn forms_say_what_is_wrong_and_lose_nothing() {
    let app = TestApp::with_people().await;
    let (ed, other) = (staff(&app, "ed", "editor").await, staff(&app, "other", "reviewer").await);
    let page = draft(&ed, LOWERED).await;
    // By a form of its part.
    let form = format!("{page}/parts/rule/W01");
    assert!(ed.get(&form).await.body.contains("name=\"urgency_1\""));
    let when = [("base", "2"), ("when_1", "group"), ("when_1-join", "all"), ("when_1-0", "number")];
    let age = [("when_1-0-about", "age"), ("when_1-0-compared", "least"), ("when_1-0-number", "<old>")];
    let wrong = ed.post(&form, &[&when[..], &age, &[("cause", "Typed <b>.")]].concat()).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("href=\"#when_1-0-number\"") && wrong.body.contains("Typed &lt;b&gt;."),
        "{}",
        wrong.text()
    );
    assert!(wrong.body.contains("value=\"&lt;old&gt;\""), "nothing typed is lost: {}", wrong.text());
    let unknown = [("when_1-0", "answers"), ("when_1-0-about", "nothing_like_it"), ("when_1-0-is", "yes")];
    let unknown = ed.post(&form, &[&when[..3], &unknown].concat()).await;
    assert!(unknown.text().contains("it asks what is not there any more"), "{}", unknown.text());
    // Never so is no rule.
    let never = [("when_1-0-number", "0"), ("when_1-0-compared", "below"), ("when_1-0-about", "age")];
    let never = ed.post(&form, &[&when[..], &never].concat()).await;
    assert!(never.text().contains("no number is less than 0"), "{}", never.text());
    is_done(&other.post(&form, &[("base", "2"), ("cause", "A fever can mean an infection.")]).await, "saved");
    // Too late: theirs is shown, mine is kept.
    let late = ed.post(&form, &[("base", "2"), ("cause", "Mine.")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("Mine.") && late.text().contains("A fever can mean an infection."), "{}", late.text());
    let (rules, cases) = (ed.get(&format!("{page}/revisions/2/rules.toml")).await.body, built_in().vignettes);
    let stale = edit(&ed, &page, 2, &rules.replacen("# The rules", "# My rules", 1), &cases).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text().contains("# My rules") && stale.body.contains("<ins>"), "{}", &stale.text()[..2_000]);
    let broken = edit(&ed, &page, 3, "version = ", &cases).await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(broken.body.contains("href=\"#the_rules\"") && broken.body.contains("version = </textarea>"));
    // It can be kept unfinished, and then says what is wrong.
    let unfinished = [("base", "3"), ("the_rules", "version = "), ("the_cases", ""), ("press", "unfinished")];
    is_done(&ed.post(&format!("{page}/edit"), &unfinished).await, "saved");
    assert!(ed.get(&page).await.text().contains("It cannot be read"));
    assert_eq!(ed.get(&format!("{page}/try")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn test_cases_are_added_and_taken_out_by_forms() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let page = draft(&ed, LOWERED).await;
    let new = format!("{page}/parts/case/new");
    assert!(ed.get(&new).await.text().contains("Add a test case"));
    let fields = |story| {
        [
            ("base", "2"),
            ("id", "journey"),
            ("story", story),
            ("answer-fever", "yes"),
            ("urgency", "urgent"),
            ("fires", "W01"),
            ("not", "E11"),
        ]
    };
    // An answer to what is not asked of such a person is said at its field.
    let never = ed.post(&new, &[&fields("A woman.")[..], &[("answer-saddle_since", "long")]].concat()).await;
    assert!(never.body.contains("href=\"#answer-saddle_since\""), "{}", never.text());
    let wrong = ed.post(&new, &fields("")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("href=\"#story\"") && wrong.body.contains("value=\"journey\""), "{}", wrong.text());
    is_done(&ed.post(&new, &fields("A woman with a fever.")).await, "saved");
    assert!(ed.get(&page).await.text().contains("New: journey must be told urgent. A woman with a fever."));
    let out = ed.post(&format!("{page}/parts/case/journey"), &[("base", "3"), ("take_out", "yes")]).await;
    is_done(&out, "saved");
    assert!(!ed.get(&page).await.text().contains("journey must be told"));
    // What is saved is said in words beside its form.
    let rule = ed.get(&format!("{page}/parts/rule/W15")).await.text();
    assert!(rule.contains("Soon when (“Age” is 53 or more or "), "{rule}");
}

#[tokio::test]
async fn buttons_change_a_form_and_save_nothing() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let page = draft(&ed, LOWERED).await;
    let form = format!("{page}/parts/rule/W01");
    assert!(ed.get(&form).await.body.contains("formaction=\"#when_1-1\""), "it leads to the new row");
    let fields = [
        ("base", "2"),
        ("cause", "Typed <b>."),
        ("when_1", "group"),
        ("when_1-join", "any"),
        ("when_1-0", "choosing"),
        ("when_1-0-about", "age"),
    ];
    let press = async |act| {
        let pressed = ed.post(&form, &[&fields[..], &[("act", act)]].concat()).await;
        assert_eq!(pressed.status, StatusCode::OK, "{act}");
        assert!(pressed.body.contains("Typed &lt;b&gt;.") && !pressed.body.contains("id=\"errors\""), "{act}");
        pressed.body
    };
    assert!(press("add when_1").await.contains("id=\"when_1-1-about\""));
    assert!(press("group when_1").await.contains("id=\"when_1-1-0-about\""));
    assert!(!press("out when_1-0").await.contains("id=\"when_1-0-about\""));
    assert!(press("show when_1-0").await.contains("id=\"when_1-0-number\""));
    assert!(press("grade grades").await.contains("name=\"urgency_1\""));
    // What is asked for of nothing does nothing.
    for act in ["", "out", "out when_9", "out when_1-7", "grade", "burn when_1-0"] {
        assert!(press(act).await.contains("id=\"when_1-0-about\""), "{act}");
    }
    assert!(ed.get(&page).await.text().contains("Revision 2"));
    assert!(!ed.get(&page).await.text().contains("Revision 3"), "nothing was saved");
}

#[tokio::test]
async fn a_question_is_added_used_and_cannot_go_while_it_is_used() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let page = draft(&ed, LOWERED).await;
    let question = [
        ("base", "2"),
        ("id", "night_sweats"),
        ("text", "You sweat at night"),
        ("said", "sweats at night"),
        ("place", "other:side_pain"),
        ("role", "sign"),
        ("answered", "yes-no"),
        ("unsure", ""),
        ("private", "no"),
    ];
    let new = format!("{page}/parts/question/new");
    let unused = ed.post(&new, &question).await;
    assert_eq!(unused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unused.text().contains("question night_sweats: no rule uses it"), "{}", unused.text());
    is_done(&ed.post(&new, &[&question[..], &[("press", "unfinished")]].concat()).await, "saved");
    // A rule's form offers it, though the file is not sound yet.
    let rule = format!("{page}/parts/rule/W01");
    let any = [("base", "3"), ("when_1", "group"), ("when_1-join", "any"), ("when_1-0", "answers")];
    let fever = [("when_1-0-about", "fever"), ("when_1-0-is", "yes"), ("when_1-1", "choosing")];
    let chosen = [("when_1-1-about", "night_sweats"), ("act", "show when_1-1")];
    let shown = ed.post(&rule, &[&any[..], &fever, &chosen].concat()).await.text();
    assert!(shown.contains("When: “high temperature, shivering or very unwell” or “sweats at night”."), "{shown}");
    let answered = [("when_1-1", "answers"), ("when_1-1-about", "night_sweats"), ("when_1-1-is", "yes")];
    is_done(&ed.post(&rule, &[&any[..], &fever[..2], &answered].concat()).await, "saved");
    assert!(ed.get(&page).await.text().contains("night_sweats"), "it is sound, and said in words");
    let out = [("base", "4"), ("take_out", "yes")];
    let kept = ed.post(&format!("{page}/parts/question/night_sweats"), &out).await;
    assert_eq!(kept.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(kept.text().contains("It cannot go while it is named by the rule W01."), "{}", kept.text());
    let ours = ed.get(&format!("{page}/parts/question/saddle")).await;
    assert!(ours.text().contains("This question stays") && !ours.body.contains("name=\"take_out\""));
}

#[tokio::test]
async fn sources_come_by_forms_and_stay_while_a_rule_cites_them() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let page = draft(&ed, LOWERED).await;
    let fields = [
        ("base", "2"),
        ("id", "who"),
        ("title", "Low back pain"),
        ("publisher", "WHO"),
        ("url", "who.int"),
        ("date", "2023"),
    ];
    let wrong = ed.post(&format!("{page}/parts/source/new"), &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("href=\"#url\"") && wrong.body.contains("value=\"who.int\""), "{}", wrong.text());
    let fields = fields.map(|(name, value)| (name, if name == "url" { "https://www.who.int/" } else { value }));
    is_done(&ed.post(&format!("{page}/parts/source/new"), &fields).await, "saved");
    // It is there to be chosen, and then stays.
    let rule = format!("{page}/parts/rule/E14");
    assert!(ed.get(&rule).await.text().contains("Low back pain, WHO"));
    let cited = [("base", "3"), ("sources-shown", "yes"), ("sources", "borders"), ("sources", "who")];
    is_done(&ed.post(&rule, &cited).await, "saved");
    let text = ed.get(&page).await.text();
    assert!(text.contains("New: “Low back pain”, WHO (2023), https://www.who.int/ (who)."), "{text}");
    assert!(text.contains("E14 now also cites “Low back pain”, WHO (2023)"), "{text}");
    let kept = ed.post(&format!("{page}/parts/source/who"), &[("base", "4"), ("take_out", "yes")]).await;
    assert_eq!(kept.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        kept.text().contains("It cannot go while it is named by the rule E14. Change those first"),
        "{}",
        kept.text()
    );
}

#[tokio::test]
async fn screens_come_move_and_go_by_forms() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let page = draft(&ed, LOWERED).await;
    // What a check of the file refuses is refused at its field.
    let early = ed.post(&format!("{page}/parts/screen/bladder_since"), &[("base", "2"), ("place", "first")]).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        early.body.contains("href=\"#place\"") && early.text().contains("that no earlier screen asks"),
        "{}",
        early.text()
    );
    let new = [
        ("base", "2"),
        ("id", "sweat"),
        ("title", "Do you sweat?"),
        ("stage", "Other signs"),
        ("layout", "choices"),
        ("follow_up", "no"),
        ("place", "after:other"),
    ];
    let empty = ed.post(&format!("{page}/parts/screen/new"), &new).await;
    assert!(empty.text().contains("screen sweat: it asks nothing"), "{}", empty.text());
    let unfinished = [&new[..], &[("press", "unfinished")]].concat();
    is_done(&ed.post(&format!("{page}/parts/screen/new"), &unfinished).await, "saved");
    let fever = format!("{page}/parts/question/fever");
    is_done(&ed.post(&fever, &[("base", "3"), ("place", "sweat:")]).await, "saved");
    let text = ed.get(&page).await.text();
    assert!(
        text.contains("New: “Do you sweat?” (sweat).") && text.contains("fever: it moved from the screen"),
        "{text}"
    );
    let screen = format!("{page}/parts/screen/sweat");
    let kept = ed.post(&screen, &[("base", "4"), ("take_out", "yes")]).await;
    assert!(kept.text().contains("It cannot go while it asks fever."), "{}", kept.text());
    // Its only question moves away, and it goes.
    let alone = ed.post(&fever, &[("base", "4"), ("place", "bladder:sex")]).await;
    assert!(alone.text().contains("screen sweat: it asks nothing"), "{}", alone.text());
    is_done(&ed.post(&fever, &[("base", "4"), ("place", "bladder:sex"), ("press", "unfinished")]).await, "saved");
    is_done(&ed.post(&screen, &[("base", "5"), ("take_out", "yes")]).await, "saved");
    // Buttons put the questions of a screen in order, and save nothing.
    let bladder = format!("{page}/parts/screen/bladder");
    let rows = [("base", "6"), ("question-0-id", "saddle"), ("question-1-id", "pee_start")];
    let moved = ed.post(&bladder, &[&rows[..], &[("title", "Typed <b>"), ("act", "up question-1")]].concat()).await;
    assert_eq!(moved.status, StatusCode::OK);
    assert!(
        moved.body.contains("name=\"question-0-id\" type=\"hidden\" value=\"pee_start\"")
            || moved.body.contains("name=\"question-0-id\" value=\"pee_start\""),
        "{}",
        moved.body
    );
    assert!(moved.body.contains("Typed &lt;b&gt;"), "nothing typed is lost");
    let rows = [("base", "6"), ("question-0-id", "pee_start"), ("question-1-id", "saddle")];
    is_done(&ed.post(&bladder, &rows).await, "saved");
    let text = ed.get(&page).await.text();
    assert!(text.contains("bladder: its questions come in another order: pee_start, saddle, pee_leak"), "{text}");
}

#[tokio::test]
async fn lists_are_changed_by_forms() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let page = draft(&ed, LOWERED).await;
    let parts = ed.get(&format!("{page}/parts")).await;
    for part in ["answers/since_3_months", "answers/new", "daily/only", "safety-net/only", "usual/only"] {
        assert!(parts.body.contains(&format!("/parts/{part}\"")), "{part}");
        assert_eq!(ed.get(&format!("{page}/parts/{part}")).await.status, StatusCode::OK, "{part}");
    }
    assert_eq!(ed.get(&format!("{page}/parts/daily/new")).await.status, StatusCode::NOT_FOUND);
    // An answer that something names stays.
    let answers = format!("{page}/parts/answers/since_3_months");
    let fewer = [
        ("base", "2"),
        ("choices-0-id", "recent"),
        ("choices-0-text", "Lately"),
        ("choices-1-id", "not_sure"),
        ("choices-1-text", "Not sure"),
    ];
    let kept = ed.post(&answers, &fewer).await;
    assert_eq!(kept.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        kept.body.contains("href=\"#choices\"")
            && kept.text().contains("The answer long cannot go while it is named by the rule "),
        "{}",
        kept.text()
    );
    assert!(kept.body.contains("value=\"Lately\""), "nothing typed is lost");
    let more = [("choices-2-id", "long"), ("choices-2-text", "For long")];
    is_done(&ed.post(&answers, &[&fewer[..], &more].concat()).await, "saved");
    let daily = [("base", "3"), ("daily-0-id", "fever"), ("daily-1-id", "saddle"), ("daily-2-id", "")];
    is_done(&ed.post(&format!("{page}/parts/daily/only"), &daily).await, "saved");
    let net = [("base", "4"), ("safety_net-0-text", "numb feet"), ("safety_net-1-text", "")];
    is_done(&ed.post(&format!("{page}/parts/safety-net/only"), &net).await, "saved");
    let text = ed.get(&page).await.text();
    for said in [
        "the answer recent: “New, worse",
        "its answers come in another order: Lately; Not sure; For long.",
        "→ fever, saddle.",
        "What to watch for now says “numb feet”.",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // What test cases usually answer has to fit them.
    let usual = ed.post(&format!("{page}/parts/usual/only"), &[("base", "5"), ("answer-pain_where", "")]).await;
    assert_eq!(usual.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        usual.body.contains("href=\"#answer-pain_where\"") && usual.text().contains("pain_where is left open"),
        "{}",
        usual.text()
    );
}

#[tokio::test]
async fn a_draft_can_be_tried_beside_what_is_in_use() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let page =
        draft(&ed, ("{ urgency = \"urgent\", when = \"fever\" }", "{ urgency = \"emergency\", when = \"fever\" }"))
            .await;
    let fields = [
        ("age", "40"),
        ("fever", "yes"),
        ("pain_where", "back"),
        ("pain_since", "under_2w"),
        ("pain_trend", "easing"),
        ("pain_limits", "no"),
        ("worried", "no"),
    ];
    let tried = ed.post(&format!("{page}/try"), &fields).await;
    let text = tried.text();
    assert!(text.contains("This versionan emergencyW01 (an emergency)"), "{text}");
    assert!(text.contains("In use (2.1.0)urgentW01 (urgent)") && text.contains("It is raised."), "{text}");
    let person = ed.get(&format!("{page}/try?case=ordinary-lift")).await.text();
    assert!(person.contains("This versionself-care"), "{person}");
}

// Servers, on both engines.

fn event(action: Action) -> Event {
    Event::new(&NOW, Actor::CommandLine, action)
}

async fn against(state: &AppState) -> String {
    checking::case(state, Texts::default()).await.unwrap().against()
}

async fn publishing(state: &AppState, rule_set: Uuid, revision: i64, by: &str) -> Publishing {
    Publishing {
        rule_set,
        revision,
        after: state.site.in_use.publication,
        against: against(state).await,
        by: account(by),
        name: "Dr A. Body".to_owned(),
        registration: "GMC 1234567".to_owned(),
        signed_off: true,
        at: NOW.millis_i64(),
        replaced: Some((NOW.new_id(), saving(built_in(), "2.1.0", None))),
    }
}

fn saving(texts: Texts, version: &str, by: Option<&str>) -> Saving {
    Saving { texts, version: version.to_owned(), note: String::new(), by: by.map(account), at: NOW.millis_i64() }
}

async fn asked_for(state: &AppState, texts: Texts) -> Uuid {
    let id = NOW.new_id();
    store::begin(&state.db, id, saving(texts.clone(), "2.2.0", Some("ed")), event(Action::RuleSetBegun)).await.unwrap();
    store::ask(&state.db, id, 1, account("ed"), 1, event(Action::RuleSetAskedFor)).await.unwrap();
    let check = check(state, &texts).await;
    assert!(check.passed, "{}", check.report);
    id
}

/// What the checks of these texts found, once they are done.
async fn check(state: &AppState, texts: &Texts) -> store::Check {
    checking::begin(state, texts.clone()).await.unwrap();
    for _ in 0..600 {
        let check = store::check(&state.db, &texts.digest(), &against(state).await).await.unwrap().unwrap();
        if check.finished_at.is_some() {
            return check;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the checks did not end");
}

async fn server(engine: &support::engines::Engine) -> (Arc<Running>, Router) {
    let state = engine.state().await;
    let local = start::built_in().unwrap();
    let running = Running::new(state, local, Assets::default(), Limits::default(), Some(engine.folder().to_owned()));
    let looking = Arc::clone(&running);
    tokio::spawn(async move { looking.keep_looking().await });
    let router = Running::router(&running);
    (running, router)
}

async fn get(router: &Router, path: &str) -> String {
    let answer = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// What a server says to somebody of 52 with a first back pain.
async fn said(router: &Router) -> String {
    let signs: Vec<String> = app::content::rules()
        .unwrap()
        .questions
        .iter()
        .filter(|question| question.is_sign() && question.id != "first_pain")
        .map(|question| format!("\"{}\":\"no\"", question.id))
        .collect();
    let body = format!(
        "{{\"answers\":{{{},\"age\":52,\"first_pain\":\"yes\",\"pain_where\":\"back\",\"pain_since\":\"under_2w\",\"pain_trend\":\"easing\",\"pain_limits\":\"no\",\"worried\":\"no\"}}}}",
        signs.join(",")
    );
    let request =
        Request::post("/api/v1/assess").header("content-type", "application/json").body(Body::from(body)).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let text = String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let said: serde_json::Value = serde_json::from_str(&text).unwrap();
    format!(
        "{} {}",
        said["urgency"].as_str().unwrap_or(&text),
        said["version"].as_str().unwrap_or_default().split('+').next().unwrap()
    )
}

/// Both servers, once they say so; within five seconds.
async fn both_say(routers: [&Router; 2], expected: &str) {
    let mut heard = Vec::new();
    for _ in 0..50 {
        heard = vec![said(routers[0]).await, said(routers[1]).await];
        if heard.iter().all(|one| one == expected) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{heard:?}, not {expected}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_held_to_what_readers_see_and_are_about_to() {
    let _ = any_spawner::Executor::init_tokio();
    for engine in engines("rule_sets_articles").await {
        let (state, db) = (engine.state().await, &engine.db);
        let none = against(&state).await;
        let id = create(db, "feet", "Feet", 1).await;
        let card = "::: urgent {rules=\"W01\"}\n- a high temperature\n:::\n";
        article::save(db, id, 1, written("Feet", card, account("ed"), 2), event(Action::ArticleSaved)).await.unwrap();
        assert_eq!(against(&state).await, none, "{}: nobody reads a draft", engine.name);
        article::send_to_review(db, id, 2, event(Action::ArticleSentToReview)).await.unwrap();
        article::approve(db, id, approval(2, "rev", 3), event(Action::ArticleApproved)).await.unwrap();
        let approved = against(&state).await;
        assert_ne!(approved, none, "{}", engine.name);
        let today = "2026-11-22".parse().unwrap();
        article::publish(db, id, 2, today, event(Action::ArticlePublished)).await.unwrap();
        assert_eq!(against(&state).await, approved, "{}: it is the same text", engine.name);

        let begun = editing::begin(&built_in(), today, &[]).unwrap();
        let raised = FAILING.0.replace("urgent", "emergency");
        let texts = Texts { rules: begun.rules.replacen(FAILING.0, &raised, 1), ..begun };
        let check = check(&state, &texts).await;
        assert!(!check.passed && check.report.contains("article feet: "), "{}: {}", engine.name, check.report);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_takes_over_what_is_published_and_rolled_back() {
    let _ = any_spawner::Executor::init_tokio();
    for engine in engines("rule_sets_takeover").await {
        let ((one, first), (_two, second)) = (server(&engine).await, server(&engine).await);
        both_say([&first, &second], "soon 2.1.0").await;
        let worker = get(&first, "/sw.js").await;
        let begun = editing::begin(&built_in(), "2026-11-23".parse().unwrap(), &[]).unwrap();
        let texts = Texts { rules: begun.rules.replacen(LOWERED.0, LOWERED.1, 1), ..begun };
        let id = asked_for(&one.state(), texts).await;
        let db = &engine.db;
        let publishing = publishing(&one.state(), id, 1, "rev").await;
        // One person does not publish, whoever it is.
        let alone = Publishing { by: account("ed"), ..publishing.clone() };
        let refused = store::publish(db, alone, event(Action::RuleSetPublished)).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{}: {refused:?}", engine.name);
        // Nor what was checked against something else.
        let other = Publishing { against: "other".to_owned(), ..publishing.clone() };
        assert!(matches!(store::publish(db, other, event(Action::RuleSetPublished)).await, Err(Error::Conflict)));
        let late = Publishing { after: 7, ..publishing.clone() };
        assert!(matches!(store::publish(db, late, event(Action::RuleSetPublished)).await, Err(Error::Conflict)));
        assert_eq!(
            store::publish(db, publishing, event(Action::RuleSetPublished)).await.unwrap(),
            2,
            "{}",
            engine.name
        );
        both_say([&first, &second], "self-care 2.2.0").await;
        // All that is made of the rules is made anew.
        assert_ne!(get(&first, "/sw.js").await, worker, "{}: devices take it over too", engine.name);
        assert!(get(&second, "/seek-help").await.contains("2.2.0+"), "{}", engine.name);
        assert!(get(&second, "/seek-help/about").await.contains("GMC 1234567"), "{}: it is signed off", engine.name);

        // A start without the database has it too.
        let (_three, third) = server(&engine).await;
        assert_eq!(said(&third).await, "self-care 2.2.0", "{}", engine.name);

        // Back, in one step.
        let earlier = store::list(db).await.unwrap().into_iter().find(|one| one.version == "2.1.0").unwrap();
        let back = |after| {
            store::roll_back(
                db,
                earlier.id,
                after,
                account("admin"),
                5,
                "Too low".to_owned(),
                event(Action::RuleSetRolledBack),
            )
        };
        assert!(matches!(back(1).await, Err(Error::Conflict)), "{}", engine.name);
        back(2).await.unwrap();
        both_say([&first, &second], "soon 2.1.0").await;
        assert!(matches!(audit::verify(db).await.unwrap(), audit::Verdict::Whole { .. }), "{}", engine.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_that_fails_here_is_refused_and_said() {
    let _ = any_spawner::Executor::init_tokio();
    for engine in engines("rule_sets_refused").await {
        let (running, router) = server(&engine).await;
        let db = &engine.db;
        let begun = editing::begin(&built_in(), "2026-11-23".parse().unwrap(), &[]).unwrap();
        let id = asked_for(&running.state(), begun).await;
        let publishing = publishing(&running.state(), id, 1, "rev").await;
        store::publish(db, publishing, event(Action::RuleSetPublished)).await.unwrap();
        // As if another program had published what this one cannot read.
        let broken = db.write(|mut tx| {
            Box::pin(async move {
                on!(tx &mut tx, connection => sqlx::query("update rule_set_revision set rules = 'version =' where version = '2.2.0'")
                    .execute(connection)
                    .await
                    .map(drop))?;
                Ok(())
            })
        });
        broken.await.unwrap();
        running.look().await.unwrap();
        assert_eq!(said(&router).await, "soon 2.1.0", "{}", engine.name);
        let ready = get(&router, "/readyz").await;
        assert!(
            ready.contains("ready\n") && ready.contains("the published rule set was refused"),
            "{}: {ready}",
            engine.name
        );
        assert!(!running.look().await.unwrap(), "{}: it is not tried again and again", engine.name);
        // A server that starts meanwhile starts all the same.
        let (starting, late) = server(&engine).await;
        assert!(start::prepare_if_there(&starting).await.unwrap());
        assert_eq!(said(&late).await, "soon 2.1.0", "{}", engine.name);
        assert!(get(&late, "/readyz").await.contains("the published rule set was refused"), "{}", engine.name);
    }
}
