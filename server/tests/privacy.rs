//! What people say and do about their data: consent, diary, export, deletion, as a browser without script does it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    io::{Cursor, Read},
    process::Command,
};

use app::{
    account::{
        Email, Role,
        consent::Kind,
        deletion,
        stored::{NOT_ABOUT_PEOPLE, Place, STORED},
    },
    day::Day,
    db::Db,
    on,
    site::Settings,
    tracker::{
        entry::{About, Entry, Stamp, Value, Write},
        store,
    },
    vault::store::KeyStore,
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use http_body_util::BodyExt;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use support::{
    Answer, TestApp,
    person::{PASSWORD, Person},
};
use uuid::Uuid;

const ANN: &str = "ann@example.org";
const BOB: &str = "bob@example.org";
const MINUTE: i64 = 60 * 1000;
const TODAY: &str = "2026-11-22";

/// Of the words on the page.
fn version(kind: &str) -> String {
    Kind::named(kind).unwrap().text().version.to_string()
}

async fn agree(person: &Person<'_>, kind: &str) {
    let answer =
        person.post("/account/consents", &[("kind", kind), ("version", &version(kind)), ("agree", "yes")]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/account/consents"));
}

/// Somebody who agreed to entries on the server.
async fn diarist<'a>(app: &'a TestApp, email: &str) -> Person<'a> {
    let person = Person::with_account(app, email).await;
    agree(&person, "entries").await;
    person
}

/// Writes a new entry.
async fn write(person: &Person<'_>, day: &str, more: &[(&str, &str)]) -> Answer {
    save(person, "/account/diary", &[&[("day", day)], more].concat()).await
}

/// Sends a form of the diary, a moment after the last.
async fn save(person: &Person<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    person.app.pass(1);
    person.post(path, fields).await
}

/// Where the diary leads: to change an entry, or to delete it.
fn links(page: &Answer) -> Vec<String> {
    let mut links: Vec<String> = page
        .body
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|link| link.starts_with("/account/diary/"))
        .filter(|link| !["/delete", "/export", "/summary"].iter().any(|page| link.ends_with(page)))
        .map(str::to_owned)
        .collect();
    links.dedup();
    links
}

async fn count(app: &TestApp, sql: &'static str) -> i64 {
    on!(db &app.state.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await).unwrap()
}

async fn change(db: &Db, sql: &'static str) {
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(sql).execute(connection).await.map(drop))?;
            Ok(())
        })
    })
    .await
    .unwrap();
}

async fn done(app: &TestApp, action: &str) -> usize {
    let events = app::audit::events(&app.state.db, &app::audit::Filter::default(), 1_000).await.unwrap();
    events.iter().filter(|event| event.action == action).count()
}

#[tokio::test]
async fn each_consent_is_asked_for_by_itself_and_nothing_is_ticked() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let page = ann.get("/account/consents").await;
    assert_eq!(page.text().matches("You have not agreed.").count(), 3);
    assert_eq!(page.body.matches("type=\"checkbox\"").count(), 3);
    assert!(!page.body.contains(" checked"), "{}", page.body);
    let unticked = ann.post("/account/consents", &[("kind", "entries"), ("version", &version("entries"))]).await;
    assert_eq!(unticked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unticked.text().contains("Tick the box if you agree"));
    assert_eq!(count(&app, "select count(*) from consent").await, 0);
    agree(&ann, "reminders").await;
    let page = ann.get("/account/consents").await.text();
    assert!(page.contains("You agreed on 22 November 2026. Version 1 of the words above."), "{page}");
    assert_eq!(page.matches("You have not agreed.").count(), 2, "to nothing else");
    agree(&ann, "reminders").await;
    assert_eq!(count(&app, "select count(*) from consent").await, 1, "twice is once");
    assert_eq!(done(&app, "consent-given").await, 1);
    let made_up = ann.post("/account/consents", &[("kind", "all"), ("version", "1"), ("agree", "yes")]).await;
    assert_eq!(made_up.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn who_has_not_shown_lately_that_it_is_them_neither_gives_nor_withdraws() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    app.pass(31 * MINUTE);
    let give = [("kind", "sharing"), ("version", "1"), ("agree", "yes")];
    for (path, fields) in [("/account/consents", &give[..]), ("/account/consents/entries/withdraw", &[])] {
        let answer = ann.post(path, fields).await;
        assert!(answer.header("location").starts_with("/account/confirm"), "{path}: {}", answer.status);
    }
    assert_eq!(count(&app, "select count(*) from consent where withdrawn_at is null").await, 1);
    for path in ["/account/export", "/account/delete"] {
        assert!(ann.get(path).await.header("location").starts_with("/account/confirm"), "{path}");
        assert!(ann.post(path, &[("everything", "yes")]).await.header("location").starts_with("/account/confirm"));
    }
    ann.confirm(PASSWORD).await;
    assert_eq!(ann.get("/account/export").await.status, StatusCode::OK);
}

#[tokio::test]
async fn withdrawing_says_what_happens_first_and_then_erases_every_entry_here() {
    let app = TestApp::with_people().await;
    let (ann, bob) = (diarist(&app, ANN).await, diarist(&app, BOB).await);
    write(&ann, TODAY, &[("back", "7")]).await;
    write(&bob, TODAY, &[("back", "3")]).await;
    let asked = ann.get("/account/consents/entries/withdraw").await;
    assert!(asked.text().contains("All your entries on this server are erased at once"), "{}", asked.text());
    assert!(asked.text().contains("on your device stay there"));
    assert_eq!(count(&app, "select count(*) from health_entry").await, 2, "asking erases nothing");
    let withdrawn = ann.post("/account/consents/entries/withdraw", &[]).await;
    assert_eq!(withdrawn.header("location"), "/account/consents");
    assert!(ann.get("/account/consents").await.text().contains("You withdrew your consent on 22 November 2026."));
    assert_eq!(count(&app, "select count(*) from health_entry").await, 1, "Bob's stays");
    assert_eq!(count(&app, "select count(*) from consent").await, 2, "that it was given is still known");
    assert_eq!((done(&app, "consent-withdrawn").await, done(&app, "entries-erased").await), (1, 1));
    assert_eq!(write(&ann, TODAY, &[("back", "7")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    ann.post("/account/consents/entries/withdraw", &[]).await;
    assert_eq!(done(&app, "consent-withdrawn").await, 1, "what is withdrawn cannot be withdrawn again");
    agree(&ann, "entries").await;
    assert!(ann.get("/account/diary").await.text().contains("There are none yet"), "nothing comes back");
}

#[tokio::test]
async fn withdrawing_something_else_leaves_the_entries() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    agree(&ann, "sharing").await;
    write(&ann, TODAY, &[("back", "7")]).await;
    ann.post("/account/consents/sharing/withdraw", &[]).await;
    assert!(ann.get("/account/diary").await.text().contains("Back pain 7"));
    assert_eq!(done(&app, "entries-erased").await, 0);
    assert_eq!(ann.get("/account/consents/everything/withdraw").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn new_words_are_asked_about_again_and_nothing_new_is_stored_until_then() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    write(&ann, "2026-11-20", &[("back", "7")]).await;
    // As if the words had been changed since.
    change(&app.state.db, "update consent set version = 0").await;
    assert!(ann.get("/account/consents").await.text().contains("The words have changed."));
    let refused = write(&ann, TODAY, &[("back", "6")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(count(&app, "select count(*) from health_entry").await, 1, "what was there stays");
    // A page that was open since before.
    let old = ann.post("/account/consents", &[("kind", "entries"), ("version", "0"), ("agree", "yes")]).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(old.text().contains("The words have changed since you opened the page"));
    agree(&ann, "entries").await;
    assert_eq!(write(&ann, TODAY, &[("back", "6")]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn without_consent_nothing_is_saved_and_nothing_typed_is_lost() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let page = ann.get("/account/diary").await;
    assert!(page.text().contains("You have not agreed") && page.body.contains("value=\"2026-11-22\""));
    let note = "walked <20> minutes";
    let answer = write(&ann, "2026-11-20", &[("left_leg", "6"), ("no_signs", "yes"), ("note", note)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("so none is saved") && answer.body.contains("href=\"/account/consents\""));
    assert!(answer.body.contains("walked &lt;20&gt; minutes") && answer.body.contains("value=\"2026-11-20\""));
    assert!(answer.body.contains("<option value=\"6\" selected>") && answer.body.contains("value=\"yes\" checked"));
    assert_eq!(count(&app, "select count(*) from health_entry").await, 0);
}

#[tokio::test]
async fn a_day_is_written_corrected_and_deleted() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    let empty = ann.get("/account/diary").await.text();
    assert!(empty.contains("There are none yet. Fill in the form above"), "{empty}");
    let saved = write(&ann, TODAY, &[("back", "4"), ("no_signs", "yes"), ("note", "slept\r\nbadly")]).await;
    assert_eq!(saved.header("location"), "/account/diary?done=saved");
    write(&ann, TODAY, &[("back", "4"), ("no_signs", "yes"), ("note", "slept\r\nbadly")]).await;
    assert_eq!(count(&app, "select count(*) from health_entry").await, 1, "sent twice is saved once");
    write(&ann, "2026-11-20", &[("right_leg", "9")]).await;
    let page = ann.get("/account/diary?done=saved").await;
    let text = page.text();
    assert!(text.contains("Your entry is saved.") && text.contains("You have an entry for today"), "{text}");
    assert!(text.find("Sunday 22 November 2026").unwrap() < text.find("Friday 20 November 2026").unwrap());
    assert!(text.contains("Back pain 4.") && text.contains("No warning signs.") && text.contains("slept\nbadly"));
    let link = links(&page)[0].clone();
    let form = ann.get(&link).await;
    assert!(form.body.contains("<option value=\"4\" selected>"), "{}", form.body);
    save(&ann, &link, &[("day", TODAY), ("back", "2"), ("note", "better")]).await;
    let text = ann.get("/account/diary").await.text();
    assert!(text.contains("Sunday 22 November 2026") && text.contains("Back pain 2."), "{text}");
    assert!(!text.contains("Back pain 4") && !text.contains("slept"), "{text}");
    let archive = file(&mut exported(&ann).await, "diary.json");
    assert!(archive.contains("slept") && archive.contains("better"), "the earlier value is kept: {archive}");
    let asked = ann.get(&format!("{link}/delete")).await.text();
    assert!(asked.contains("Sunday 22 November 2026 is deleted at once"), "{asked}");
    assert_eq!(ann.post(&format!("{link}/delete"), &[]).await.header("location"), "/account/diary?done=deleted");
    let archive = file(&mut exported(&ann).await, "diary.json");
    assert!(!archive.contains("slept") && !archive.contains("better"), "with what it corrected: {archive}");
    assert_eq!(ann.get(&link).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_entry_on_the_wrong_day_moves() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    write(&ann, TODAY, &[("back", "4")]).await;
    let link = links(&ann.get("/account/diary").await)[0].clone();
    save(&ann, &link, &[("day", "2026-11-21"), ("back", "4")]).await;
    let text = ann.get("/account/diary").await.text();
    assert!(text.contains("Saturday 21 November 2026") && !text.contains("Sunday 22 November 2026"), "{text}");
}

#[tokio::test]
async fn what_is_wrong_in_an_entry_is_said_and_nothing_is_saved() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    let long = "x".repeat(2_001);
    for (day, fields, said) in [
        ("2026-11-24", &[("back", "1")][..], "today or an earlier day"),
        ("22/11/2026", &[("back", "1")], "today or an earlier day"),
        (TODAY, &[("back", "11")], "from 0 to 10 for back pain"),
        (TODAY, &[("back", "-1")], "from 0 to 10 for back pain"),
        (TODAY, &[], "The entry is empty"),
        (TODAY, &[("note", &long)], "shorten it to 2,000 letters"),
        (TODAY, &[("sign", "fever"), ("no_signs", "yes")], "Untick one or the other"),
    ] {
        let answer = write(&ann, day, fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{day} {said}");
        let text = answer.text();
        assert!(text.contains("There is a problem") && text.contains(said), "{text}");
    }
    assert_eq!(count(&app, "select count(*) from health_entry").await, 0);
    let just_fits = "é".repeat(2_000);
    assert_eq!(write(&ann, TODAY, &[("note", &just_fits)]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_emergency_sign_is_answered_before_anything_else_saved_or_not() {
    let app = TestApp::with_people().await;
    let (ann, bob) = (diarist(&app, ANN).await, Person::with_account(&app, BOB).await);
    let sign = [("sign", "saddle"), ("note", "since noon")];
    for (person, day, said) in [
        (&ann, TODAY, "Your entry is saved."),
        (&ann, "yesterday", "Your entry is not saved: something else in it"),
        (&bob, TODAY, "Your entry is not saved: you have not agreed"),
    ] {
        let answer = write(person, day, &sign).await;
        assert_eq!(answer.status, StatusCode::OK, "{said}");
        let main = &answer.body[answer.body.find("<main").unwrap()..];
        assert!(main.find("href=\"tel:999\"").unwrap() < main.find("Your entry is").unwrap(), "the call comes first");
        assert!(answer.text().contains(said), "{}", answer.text());
    }
    // What the rules do not know is an emergency.
    let unknown = write(&ann, "2026-11-21", &[("sign", "made_up")]).await;
    assert!(unknown.text().contains("Call 999"), "{}", unknown.text());
    // Nothing typed is lost.
    let back = bob.post("/account/diary", &[&[("again", "yes"), ("day", TODAY)], &sign[..]].concat()).await;
    assert!(back.body.contains("since noon") && back.body.contains("value=\"saddle\" checked"), "{}", back.body);
}

/// What somebody sees who ticked an emergency sign, and whose entry was not saved.
fn assert_help_comes_first(answer: &Answer, said: &str) {
    let main = &answer.body[answer.body.find("<main").unwrap()..];
    let call = main.find("href=\"tel:999\"").unwrap_or_else(|| panic!("{said}: {}", answer.text()));
    assert!(call < main.find("Your entry is not saved").unwrap(), "the call comes first");
    let text = answer.text();
    assert!(text.contains("Call 999 or go to A&E now") && text.contains("You ticked: "), "{text}");
    assert!(text.contains(&format!("Your entry is not saved: {said}. Get help first.")), "{text}");
}

const SIGN: [(&str, &str); 2] = [("sign", "saddle"), ("note", "since noon")];

#[tokio::test]
async fn an_emergency_sign_is_answered_whoever_sends_it_and_whenever() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    write(&ann, TODAY, &[("back", "4")]).await;
    let entry = links(&ann.get("/account/diary").await)[0].clone();
    for (what_is_wrong, said, status, way) in [
        (
            "update session set stage = 'half'",
            "you have not finished signing in",
            StatusCode::UNAUTHORIZED,
            "/sign-in/code",
        ),
        ("update session set expires_at = 0", "you are signed out", StatusCode::UNAUTHORIZED, "/sign-in"),
        ("delete from session", "you are signed out", StatusCode::UNAUTHORIZED, "/sign-in"),
    ] {
        change(&app.state.db, what_is_wrong).await;
        for path in ["/account/diary", &entry, "/account/diary/no-id"] {
            let sent = [&[("day", TODAY)], &SIGN[..]].concat();
            let answer = ann.post(path, &sent).await;
            assert_help_comes_first(&answer, said);
            assert!(answer.body.contains(&format!("href=\"{way}\"")), "how to sign in: {}", answer.body);
            let back = ann.post(path, &[&sent[..], &[("again", "yes")]].concat()).await;
            assert_eq!(back.status, status, "{path}");
            assert!(
                back.body.contains("since noon") && back.body.contains("value=\"saddle\" checked"),
                "{}",
                back.body
            );
            assert!(back.body.contains(&format!("href=\"{way}\"")), "how to sign in: {}", back.body);
        }
    }
    assert_eq!(count(&app, "select count(*) from health_entry").await, 1, "nothing else was saved");
    ann.sign_in(ANN, PASSWORD).await;
    let saved = save(&ann, &entry, &[&[("day", TODAY)], &SIGN[..]].concat()).await;
    assert!(saved.text().contains("Your entry is saved."), "{}", saved.text());
}

#[tokio::test]
async fn an_emergency_sign_is_answered_without_a_consent_or_a_database_and_beside_a_note_that_is_too_long() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    write(&ann, TODAY, &[("back", "4")]).await;
    let entry = links(&ann.get("/account/diary").await)[0].clone();
    let long = "\u{e9}".repeat(20_000);
    let too_long = write(&ann, TODAY, &[("sign", "saddle"), ("note", &long)]).await;
    assert_help_comes_first(&too_long, "something else in it has to be mended first");
    ann.post("/account/consents/entries/withdraw", &[]).await;
    // Its entry went with the consent.
    for path in ["/account/diary", &entry] {
        let sent = [&[("day", TODAY)], &SIGN[..]].concat();
        let withdrawn = ann.post(path, &sent).await;
        assert_help_comes_first(&withdrawn, "you have not agreed that entries are kept on this server");
    }
    app.state.db.clone().close().await;
    for path in ["/account/diary", &entry] {
        let sent = [&[("day", TODAY)], &SIGN[..]].concat();
        let unreachable = ann.post(path, &sent).await;
        assert_help_comes_first(&unreachable, "the server could not store it just now");
        let calm = ann.post(path, &[("day", TODAY), ("left_leg", "6"), ("note", "walked")]).await;
        assert_eq!(calm.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(calm.body.contains("walked") && calm.body.contains("<option value=\"6\" selected>"), "{}", calm.body);
    }
}

#[tokio::test]
async fn what_somebody_wrote_whose_session_has_ended_is_not_lost() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    write(&ann, TODAY, &[("back", "4")]).await;
    let entry = links(&ann.get("/account/diary").await)[0].clone();
    app.pass(13 * 60 * MINUTE);
    let sent = [("day", TODAY), ("left_leg", "6"), ("sign", "fever"), ("note", "walked")];
    for path in ["/account/diary", &entry] {
        let answer = ann.post(path, &sent).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        let text = answer.text();
        assert!(
            text.contains("Your entry is not saved: you are signed out.") && text.contains("sign in (opens"),
            "{text}"
        );
        assert!(text.contains("Do this today"), "and what is urgent is still said: {text}");
        assert!(answer.body.contains("walked") && answer.body.contains("<option value=\"6\" selected>"));
        assert!(answer.body.contains(&format!("action=\"{path}\"")), "to be sent again: {}", answer.body);
    }
    assert_eq!(count(&app, "select count(*) from health_entry").await, 1);
    ann.sign_in(ANN, PASSWORD).await;
    assert_eq!(save(&ann, &entry, &sent).await.status, StatusCode::SEE_OTHER);
    assert!(ann.get("/account/diary").await.text().contains("Left leg pain 6"));
}

#[tokio::test]
async fn what_another_site_makes_a_browser_send_is_refused_and_tells_the_numbers() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    for somebody in [&ann, &Person::new(&app)] {
        let mut request = somebody.form("/account/diary", &[&[("day", TODAY)], &SIGN[..]].concat());
        request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        let refused = somebody.send(request).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let main = &refused.body[refused.body.find("<main").unwrap()..];
        assert!(main.contains("href=\"tel:999\"") && main.contains("href=\"tel:111\""), "{main}");
        assert!(main.contains("href=\"/seek-help\"") && !main.contains("since noon"), "{main}");
    }
    assert_eq!(count(&app, "select count(*) from health_entry").await, 0);
}

#[tokio::test]
async fn a_full_diary_says_what_to_do_and_loses_nothing_typed() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    write(&ann, "2026-11-20", &[("back", "4")]).await;
    // About what no day is, so that they need not be opened.
    change(
        &app.state.db,
        "with recursive number (n) as (select 1 union all select n + 1 from number where n < 4998)
         insert into health_entry (account_id, id, about, revision, sealed, saved_at)
         select id, randomblob(16), 'other', n + 10, x'00', 0 from account, number",
    )
    .await;
    assert_eq!(write(&ann, "2026-11-21", &[("back", "5")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(count(&app, "select count(*) from health_entry").await, store::MOST_ENTRIES);
    let refused = write(&ann, TODAY, &[("left_leg", "6"), ("no_signs", "yes"), ("note", "walked")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = refused.text();
    assert!(text.contains("Your entry is not saved: your diary is full."), "{text}");
    assert!(text.contains("Delete days that you do not need any more in your diary"), "{text}");
    assert!(refused.body.contains("walked") && refused.body.contains("value=\"yes\" checked"), "{}", refused.body);
    assert!(refused.body.contains("<option value=\"6\" selected>"), "{}", refused.body);
    assert_help_comes_first(&write(&ann, TODAY, &SIGN).await, "your diary is full");
    assert_eq!(count(&app, "select count(*) from health_entry").await, store::MOST_ENTRIES);
    let oldest = links(&ann.get("/account/diary").await).pop().unwrap();
    ann.post(&format!("{oldest}/delete"), &[]).await;
    assert_eq!(write(&ann, TODAY, &[("left_leg", "6")]).await.status, StatusCode::SEE_OTHER, "there is room again");
}

#[tokio::test]
async fn an_emergency_is_asked_about_until_help_was_got_or_it_was_a_mistake() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    write(&ann, TODAY, &[("sign", "saddle")]).await;
    let page = ann.get("/account/diary").await;
    assert!(page.text().contains("If you have not got help for it, call now"), "{}", page.text());
    let link = links(&page)[0].clone();
    assert_eq!(save(&ann, &format!("{link}/got-help"), &[]).await.status, StatusCode::SEE_OTHER);
    let page = ann.get("/account/diary").await;
    assert!(!page.text().contains("If you have not got help") && page.text().contains("Warning signs:"));
    // More of it interrupts again.
    let more = save(&ann, &links(&page)[0], &[("day", TODAY), ("sign", "saddle"), ("sign", "pee_start")]).await;
    assert!(more.text().contains("Call 999"), "{}", more.text());
    let page = ann.get("/account/diary").await;
    save(&ann, &links(&page)[0], &[("day", TODAY), ("no_signs", "yes")]).await;
    assert!(!ann.get("/account/diary").await.text().contains("If you have not got help"));
}

#[tokio::test]
async fn a_second_entry_for_a_day_takes_none_of_its_signs_back() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    write(&ann, TODAY, &[("sign", "saddle")]).await;
    let asked = "If you have not got help for it, call now";
    for later in [("back", "5"), ("no_signs", "yes")] {
        write(&ann, TODAY, &[later]).await;
        let text = ann.get("/account/diary").await.text();
        assert!(text.contains(asked) && !text.contains("No warning signs."), "{later:?}: {text}");
    }
    let entry = links(&ann.get("/account/diary").await)[0].clone();
    assert!(ann.get(&entry).await.text().contains(asked), "nor does the form to change it hide it");
    save(&ann, &format!("{entry}/got-help"), &[]).await;
    write(&ann, TODAY, &[("back", "3")]).await;
    let page = ann.get("/account/diary").await;
    assert!(!page.text().contains(asked) && page.text().contains("Warning signs:"), "{}", page.text());
    assert!(write(&ann, TODAY, &SIGN).await.text().contains("Call 999"), "it came back");
    assert!(ann.get("/account/diary").await.text().contains(asked));
    // Where they are shown, they can be taken back.
    let entry = links(&ann.get("/account/diary").await)[0].clone();
    save(&ann, &entry, &[("day", TODAY), ("no_signs", "yes")]).await;
    assert!(ann.get("/account/diary").await.text().contains("No warning signs."));
}

#[tokio::test]
async fn an_urgent_sign_shows_what_to_do_today() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    let saved = write(&ann, TODAY, &[("sign", "fever")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let text = ann.get(saved.header("location")).await.text();
    assert!(text.contains("Do this today") && text.contains("Call 111"), "{text}");
    let bob = Person::with_account(&app, BOB).await;
    let unsaved = write(&bob, TODAY, &[("sign", "fever")]).await.text();
    assert!(unsaved.contains("Do this today") && unsaved.contains("none is saved"), "{unsaved}");
}

#[tokio::test]
async fn nobody_reaches_what_another_wrote() {
    let app = TestApp::with_people().await;
    let (ann, bob) = (diarist(&app, ANN).await, diarist(&app, BOB).await);
    write(&ann, TODAY, &[("back", "7")]).await;
    let link = links(&ann.get("/account/diary").await)[0].clone();
    for path in [link.clone(), format!("{link}/delete"), "/account/diary/no-id".to_owned()] {
        assert_eq!(bob.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(bob.post(&path, &[("day", TODAY), ("back", "1")]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(bob.post(&format!("{link}/got-help"), &[]).await.status, StatusCode::NOT_FOUND);
    assert!(!bob.get("/account/diary").await.text().contains("Back pain 7"));
    assert!(ann.get("/account/diary").await.text().contains("Back pain 7"), "and nothing was changed");
    assert!(Person::new(&app).get(&link).await.header("location").starts_with("/sign-in"));
}

async fn exported(person: &Person<'_>) -> zip::ZipArchive<Cursor<Vec<u8>>> {
    let response = person.app.send_raw(person.form("/account/export", &[])).await;
    assert_eq!(response.status(), StatusCode::OK);
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-disposition"), "attachment; filename=\"my-data-2026-11-22.zip\"");
    assert_eq!(
        (header("cache-control"), header("content-type")),
        ("no-store".to_owned(), "application/zip".to_owned())
    );
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    zip::ZipArchive::new(Cursor::new(bytes.to_vec())).unwrap()
}

fn file(archive: &mut zip::ZipArchive<Cursor<Vec<u8>>>, name: &str) -> String {
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn table(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap();
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    rows.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[tokio::test]
async fn the_export_holds_everything_about_somebody_and_no_secret() {
    let app = TestApp::with_people().await;
    let (ann, bob) = (diarist(&app, ANN).await, diarist(&app, BOB).await);
    write(&bob, TODAY, &[("note", "this is Bob's")]).await;
    write(&ann, "2026-11-20", &[("back", "7"), ("sign", "fever"), ("note", "=HYPERLINK(\"http://x\")")]).await;
    write(&ann, TODAY, &[("back", "3"), ("note", "wrong")]).await;
    app.pass(MINUTE);
    write(&ann, TODAY, &[("back", "2"), ("note", "one, \"quoted\"\nline")]).await;
    assert!(ann.get("/account/export").await.text().contains("Keep the file safe."));
    let mut archive = exported(&ann).await;
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    for name in [
        "README.txt",
        "account.json",
        "consents.json",
        "consents.csv",
        "diary.json",
        "reminders.json",
        "sharing.json",
        "sessions.json",
        "articles.json",
        "rule-sets.json",
        "audit.json",
    ] {
        assert!(names.iter().any(|there| there == name), "{name}: {names:?}");
    }
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(json(&file(&mut archive, "account.json"))["email"], ANN);
    assert_eq!(json(&file(&mut archive, "consents.json"))[0]["given_at"], "2026-11-22T12:00:00Z");
    assert_eq!(table(&file(&mut archive, "consents.csv"))[1][0], "entries");
    let diary = &json(&file(&mut archive, "diary.json"))["entries"];
    assert_eq!(diary.as_array().unwrap().len(), 2);
    assert_eq!(diary[0]["fields"]["sign:fever"][0]["says"], true);
    let back: Vec<&serde_json::Value> =
        diary[1]["fields"]["back"].as_array().unwrap().iter().map(|write| &write["says"]).collect();
    assert_eq!(back, [&json("3"), &json("2")], "with what was corrected");
    let rows = table(&file(&mut archive, "diary.csv"));
    assert_eq!(rows[0][..3], ["day", "changed_at", "back"]);
    assert_eq!((&rows[1][0][..], &rows[1][2][..]), ("2026-11-20", "7"));
    assert_eq!(rows[1].last().unwrap(), "'=HYPERLINK(\"http://x\")", "no formula");
    assert_eq!((rows.len(), &rows[2][2][..], &rows[2].last().unwrap()[..]), (3, "2", "one, \"quoted\"\nline"));
    assert_eq!(json(&file(&mut archive, "sessions.json"))["sessions"].as_array().unwrap().len(), 1);
    let audit = file(&mut archive, "audit.json");
    let audit = json(&audit);
    let actions: Vec<&str> = audit.as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"signed-up") && actions.contains(&"exported"), "{actions:?}");
    for name in names {
        let text = file(&mut archive, &name);
        assert!(!text.contains("Bob's") && !text.contains(BOB) && !text.contains("$argon2"), "{name}");
        assert!(!text.contains(&ann.cookie("session").unwrap()), "{name}");
    }
}

#[tokio::test]
async fn a_long_diary_is_exported_whole() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    let account = account_of(&app).await;
    for n in 0..230_u32 {
        let day: Day = format!("2024-{:02}-{:02}", n / 28 + 1, n % 28 + 1).parse().unwrap();
        // Long enough that the archive is not one piece.
        let note: String = (0..8).map(|_| Uuid::from_u64_pair(u64::from(n), 0).to_string()).collect();
        app.pass(1);
        let mut entry = Entry::new(app.state.clock.new_id(), About::Day(day));
        entry.write("note", Write { stamp: Stamp::default(), value: Value::Text(note) });
        store::merge(&app.state, account, vec![entry]).await.unwrap();
    }
    assert_eq!(table(&file(&mut exported(&ann).await, "diary.csv")).len(), 231);
    let page = ann.get("/account/diary").await;
    assert!(page.text().contains("Earlier entries"));
    let days = |page: &Answer| page.body.matches("<li class=\"box\">").count();
    assert_eq!(days(&page), 60);
    let earlier = page.body.split("/account/diary?before=").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(days(&ann.get(&format!("/account/diary?before={earlier}")).await), 60);
    assert_eq!(days(&ann.get("/account/diary?before=2024-01-03").await), 2);
}

#[tokio::test]
async fn half_an_export_does_not_look_like_a_whole_one() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    write(&ann, TODAY, &[("back", "3")]).await;
    change(&app.state.db, "update health_entry set sealed = zeroblob(300)").await;
    let response = app.send_raw(ann.form("/account/export", &[])).await;
    assert!(response.into_body().collect().await.is_err(), "the answer breaks off");
    // And the turn is given back.
    change(&app.state.db, "delete from health_entry").await;
    assert!(!exported(&ann).await.is_empty());
}

#[tokio::test]
async fn exports_are_one_at_a_time_and_a_few_an_hour() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    let turn = app.state.guard.begin_export(account_of(&app).await).unwrap();
    let second = ann.post("/account/export", &[]).await;
    assert_eq!((second.status, second.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "60"));
    drop(turn);
    let mut statuses = vec![];
    for _ in 0..21 {
        let response = app.send_raw(ann.form("/account/export", &[])).await;
        statuses.push(response.status());
        let _ = response.into_body().collect().await;
    }
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::OK).count(), 19, "{statuses:?}");
    assert_eq!(done(&app, "exported").await, 19, "what was refused was not done");
}

async fn account_of(app: &TestApp) -> Uuid {
    on!(db &app.state.db, pool => sqlx::query_scalar("select id from account limit 1").fetch_one(pool).await).unwrap()
}

/// Everything in a SQLite file, table by table, as text.
async fn tables(app: &TestApp, name: &str) -> Vec<(String, Vec<String>, String)> {
    let options = SqliteConnectOptions::new().filename(app.folder().join(name)).read_only(true);
    let mut file = SqliteConnection::connect_with(&options).await.unwrap();
    let names: Vec<String> =
        sqlx::query_scalar("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
            .fetch_all(&mut file)
            .await
            .unwrap();
    let mut tables = vec![];
    for name in names {
        let columns: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(format!("select name from pragma_table_info('{name}')")))
                .fetch_all(&mut file)
                .await
                .unwrap();
        let cells: Vec<String> = columns.iter().map(|column| format!("coalesce(hex(\"{column}\"), '')")).collect();
        let all = format!("select {} as line from \"{name}\"", cells.join(" || ' ' || "));
        let rows = sqlx::query(AssertSqlSafe(all)).fetch_all(&mut file).await.unwrap();
        let text: Vec<String> = rows.iter().map(|row| row.get::<String, _>("line")).collect();
        tables.push((name, columns, text.join("\n")));
    }
    tables
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The tables where an account's number or address is, in whichever way.
async fn traces(app: &TestApp, id: Uuid, email: &str) -> Vec<String> {
    let marks = [hex(id.as_bytes()), hex(id.to_string().as_bytes()), hex(email.as_bytes())];
    let tables = tables(app, "test.db").await;
    assert!(tables.len() > 15, "all tables were looked into");
    let found = tables.into_iter().filter(|(_, _, text)| marks.iter().any(|mark| text.contains(mark)));
    found.map(|(name, ..)| name).collect()
}

#[tokio::test]
async fn a_deleted_account_is_gone_from_every_table() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    let id = account_of(&app).await;
    let bob = diarist(&app, BOB).await;
    write(&ann, TODAY, &[("back", "7")]).await;
    // Something in every table that has an account.
    ann.post("/account/email", &[("email", "ann@new.example"), ("password", PASSWORD)]).await;
    app.next_letter_to("ann@new.example", 0).await;
    let rows: [&'static str; 21] = [
        "insert into totp (account_id, sealed, last_step) select id, x'00', 0 from account where email = 'ann@example.org'",
        "insert into recovery_code (account_id, code_hash) select id, x'00' from account where email = 'ann@example.org'",
        "insert into passkey (account_id, id, credential_id, name, passkey, created_at) select id, id, x'00', '', '', 0 from account where email = 'ann@example.org'",
        "insert into reminder (account_id, minute, days, zone, revision, changed_at) select id, 0, 1, 'UTC', 0, 0 from account where email = 'ann@example.org'",
        "insert into reminder_calendar (account_id, token_hash, id, made_at) select id, x'00', x'00', 0 from account where email = 'ann@example.org'",
        "insert into reminder_link (token_hash, account_id, expires_at) select x'00', id, 0 from account where email = 'ann@example.org'",
        "insert into sign_up (token_hash, email, email_key, password_hash, expires_at) values (x'00', 'ann@example.org', 'ann@example.org', '', 0)",
        "insert into share_link (id, account_id, token_hash, from_day, to_day, sealed, created_at, expires_at) select id, id, x'00', '', '', x'00', 0, 0 from account where email = 'ann@example.org'",
        "insert into share_access (link_id, network, hour, last_at, times) select id, '', 0, 0, 1 from account where email = 'ann@example.org'",
        "insert into article (id, slug, current_revision, created_at, newest_saved_by) select x'01', 'hers', 1, 0, id from account where email = 'ann@example.org'",
        "insert into article_revision (article_id, number, title, summary, author, markdown, html, contents, words, sources, tags, saved_at, saved_by) select x'01', 1, '', '', '', '', '', '', 0, '', '', 0, id from account where email = 'ann@example.org'",
        "insert into article_approval (article_id, revision, reviewer, name, registration, approved_at) select x'01', 1, id, '', '', 0 from account where email = 'ann@example.org'",
        "insert into article_draft (article_id, account_id, base, typed, page_id, number, typed_at) select x'01', id, 1, '{}', x'03', 1, 0 from account where email = 'ann@example.org'",
        "insert into review_link (id, article_id, revision, token_hash, email, made_by, made_at, expires_at) select x'04', x'01', 1, x'00', '', id, 0, 0 from account where email = 'ann@example.org'",
        "insert into site_settings (number, settings, saved_at, saved_by) select 1, '', 0, id from account where email = 'ann@example.org'",
        "insert into invitation (id, token_hash, email, email_key, role, invited_by, invited_at, expires_at) select x'05', x'05', 'x', 'x', 'editor', id, 0, 0 from account where email = 'ann@example.org'",
        "insert into article_comment (id, article_id, revision, said_by, said, said_at, resolved_at, resolved_by) select x'02', x'01', 1, id, '', 0, 0, id from account where email = 'ann@example.org'",
        "insert into exercise_work (id, slug, newest_revision) values (x'04', 'hers', 1)",
        "insert into exercise_revision (exercise_id, number, body, review_months, saved_at, saved_by) select x'04', 1, '', 12, 0, id from account where email = 'ann@example.org'",
        "insert into exercise_approval (exercise_id, revision, reviewer, name, registration, approved_at) select x'04', 1, id, '', '', 0 from account where email = 'ann@example.org'",
        "insert into exercise_comment (id, exercise_id, revision, said_by, said, said_at, resolved_at, resolved_by) select x'05', x'04', 1, id, '', 0, 0, id from account where email = 'ann@example.org'",
    ];
    for row in rows {
        change(&app.state.db, row).await;
    }
    let before = traces(&app, id, ANN).await;
    assert_eq!(before.len(), 27, "{before:?}");
    let letters = app.letters_to(ANN).await.len();
    let asked = ann.get("/account/delete").await;
    assert!(asked.body.contains("href=\"/account/export\"") && asked.text().contains("What stays"));
    let unticked = ann.post("/account/delete", &[]).await;
    assert_eq!(unticked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(ann.is_signed_in().await, "nothing was done");
    let deleted = ann.post("/account/delete", &[("everything", "yes")]).await;
    assert_eq!(deleted.header("location"), "/account/deleted", "{}", deleted.text());
    assert_eq!(ann.cookie_names(), Vec::<String>::new());
    assert!(ann.get("/account/deleted").await.text().contains("a copy of your entries is still in your browser"));
    assert_eq!(traces(&app, id, ANN).await, ["audit_event"], "the number alone, in the log");
    let log = tables(&app, "test.db").await.into_iter().find(|(name, ..)| name == "audit_event").unwrap();
    assert!(!log.2.contains(&hex(ANN.as_bytes())));
    assert!(app.state.vault.key(id).await.is_err(), "its key is destroyed");
    assert!(app.next_letter_to(ANN, letters).await.subject.contains("was deleted"));
    assert_eq!(Person::new(&app).sign_in(ANN, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bob.get("/account/diary").await.status == StatusCode::OK, "others are still there");
    assert_eq!(
        app::audit::events_of(&app.state.db, id, 0, 100).await.unwrap().last().unwrap().action,
        "account-deleted"
    );
    ann.sign_up(ANN, PASSWORD).await;
    assert!(ann.get("/account/consents").await.text().matches("You have not agreed.").count() == 3, "a new account");
}

#[tokio::test]
async fn a_deletion_that_was_interrupted_leaves_nothing_to_read_and_is_finished() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    write(&ann, TODAY, &[("back", "7")]).await;
    let id = account_of(&app).await;
    let _bob = diarist(&app, BOB).await;
    // As far as it came.
    app.state.vault.destroy(id).await.unwrap();
    assert_ne!(ann.get("/account/diary").await.status, StatusCode::OK);
    let state = &app.state;
    assert_eq!(deletion::finish(&state.db, &state.vault, &state.clock).await.unwrap(), 1);
    assert_eq!(traces(&app, id, ANN).await, ["audit_event"]);
    assert_eq!(count(&app, "select count(*) from account").await, 1, "Bob stays");
    assert_eq!(deletion::finish(&state.db, &state.vault, &state.clock).await.unwrap(), 0);
}

#[tokio::test]
async fn every_account_has_a_key_from_the_first_day() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let state = &app.state;
    assert!(state.vault.key(account_of(&app).await).await.is_ok());
    assert_eq!(deletion::forget_keyless(&state.db, &state.vault, &state.clock).await.unwrap(), 0);
    assert!(!ann.is_signed_in().await, "what is restored signs nobody in");
    assert_eq!(ann.sign_in(ANN, PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    change(&app.state.db, "update account set roles = 'admin'").await;
    assert!(ann.get("/account/delete").await.text().contains("You are the last administrator"));
    let refused = ann.post("/account/delete", &[("everything", "yes")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("Make somebody else one first"));
    assert!(ann.is_signed_in().await && app.state.vault.key(account_of(&app).await).await.is_ok());
    let _bob = Person::with_account(&app, BOB).await;
    change(&app.state.db, "update account set roles = 'admin'").await;
    assert_eq!(ann.post("/account/delete", &[("everything", "yes")]).await.header("location"), "/account/deleted");
    let left = app::account::staff::everybody(&app.state.db).await.unwrap();
    assert_eq!(left.len(), 1);
    assert!(left[0].roles.has(Role::Admin) && left[0].email == Email::read(BOB).unwrap());
}

#[tokio::test]
async fn of_two_administrators_who_go_at_once_one_stays() {
    for _ in 0..5 {
        let app = TestApp::with_people().await;
        let (ann, bob) = (Person::with_account(&app, ANN).await, Person::with_account(&app, BOB).await);
        change(&app.state.db, "update account set roles = 'admin'").await;
        let everything = [("everything", "yes")];
        let (one, two) =
            tokio::join!(ann.post("/account/delete", &everything), bob.post("/account/delete", &everything));
        let statuses = [one.status, two.status];
        assert!(statuses.contains(&StatusCode::SEE_OTHER), "{statuses:?}");
        let left = app::account::staff::everybody(&app.state.db).await.unwrap();
        assert_eq!(left.iter().filter(|staff| staff.roles.has(Role::Admin)).count(), 1, "{statuses:?}");
        assert!(app.state.vault.key(left[0].id).await.is_ok(), "and has a key");
    }
}

#[tokio::test]
async fn the_list_of_what_is_stored_names_every_column_of_every_table_about_people() {
    let app = TestApp::with_people().await;
    let listed = |table: &str, of_keys: bool| {
        STORED.iter().find_map(|item| match item.place {
            Place::Table { name, columns } if name == table && !of_keys => Some(columns),
            Place::KeyStore { name, columns } if name == table && of_keys => Some(columns),
            _ => None,
        })
    };
    for (file, of_keys) in [("test.db", false), ("keys.db", true)] {
        for (table, columns, _) in tables(&app, file).await {
            match listed(&table, of_keys) {
                Some(named) => assert_eq!(named, columns, "{table}"),
                None => assert!(NOT_ABOUT_PEOPLE.contains(&table.as_str()), "{table} is not in the list"),
            }
        }
    }
    let there: Vec<String> = [tables(&app, "test.db").await, tables(&app, "keys.db").await]
        .concat()
        .into_iter()
        .map(|(name, ..)| name)
        .collect();
    for item in STORED {
        if let Place::Table { name, .. } | Place::KeyStore { name, .. } = item.place {
            assert!(there.iter().any(|table| table == name), "{name} is no table");
        }
    }
}

#[tokio::test]
async fn every_cookie_that_is_set_is_in_the_list_with_its_name() {
    let app = TestApp::with_people().await;
    let ann = Person::new(&app);
    let page = ann.get("/privacy/what-we-store").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(ann.cookie_names(), Vec::<String>::new(), "reading sets none");
    ann.sign_up(ANN, PASSWORD).await;
    ann.post("/account/consents", &[("kind", "entries"), ("version", &version("entries")), ("agree", "yes")]).await;
    let cookies = ann.cookie_names();
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    for cookie in &cookies {
        assert!(page.body.contains(&format!("<code>{cookie}</code>")), "{cookie}");
    }
    let https = Settings { public_url: "https://back.example.org".to_owned(), ..Settings::default() };
    let named: Vec<String> = STORED
        .iter()
        .filter_map(|item| match item.place {
            Place::Cookie(name) => Some(name(&https)),
            _ => None,
        })
        .collect();
    assert_eq!(named, ["__Host-session", "__Host-device"]);
    let privacy = ann.get("/privacy").await;
    assert!(privacy.body.contains("href=\"/privacy/what-we-store\"") && privacy.text().contains("two cookies"));
}

#[tokio::test]
async fn the_account_leads_to_each_of_its_parts() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let page = ann.get("/account").await;
    for part in [
        "/account/diary",
        "/account/reminders",
        "/account/consents",
        "/account/export",
        "/account/delete",
        "/privacy/what-we-store",
    ] {
        assert!(page.body.contains(&format!("href=\"{part}\"")), "{part}");
        assert_eq!(ann.get(part).await.status, StatusCode::OK, "{part}");
    }
}

#[tokio::test]
async fn no_other_site_can_make_a_browser_delete_or_withdraw() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    for path in ["/account/delete", "/account/consents/entries/withdraw", "/account/export"] {
        let request = ann
            .request(Method::POST, path)
            .header("sec-fetch-site", "cross-site")
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = ann.send(request.body(Body::from("everything=yes")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(ann.is_signed_in().await);
    assert_eq!(count(&app, "select count(*) from consent where withdrawn_at is null").await, 1);
    let keys = KeyStore::open(&format!("sqlite:{}", app.folder().join("keys.db").display())).await.unwrap();
    assert!(!keys.key(account_of(&app).await).await.unwrap().unwrap().is_destroyed());
}

#[tokio::test]
async fn a_key_store_that_was_lost_is_no_reason_to_delete_everybody() {
    let app = TestApp::with_people().await;
    let _ann = Person::with_account(&app, ANN).await;
    let elsewhere = tempfile::TempDir::new().unwrap();
    let empty = support::vault(elsewhere.path()).await;
    let refused = deletion::forget_keyless(&app.state.db, &empty, &app.state.clock).await;
    assert!(refused.unwrap_err().to_string().contains("put your copy of it back first"));
    assert_eq!(count(&app, "select count(*) from account").await, 1);
}

#[tokio::test]
async fn a_restored_backup_has_no_account_that_was_deleted_since() {
    let app = TestApp::with_people().await;
    let (ann, _bob) = (diarist(&app, ANN).await, diarist(&app, BOB).await);
    let (folder, backup) = (app.folder(), app.folder().join("backup.db"));
    let run = |command: &str, database: &str| {
        let done = Command::new(env!("CARGO_BIN_EXE_sciaticalm"))
            .args([command, backup.to_str().unwrap()])
            .env("SCIATICALM_DATA_DIR", folder)
            .env("SCIATICALM_DATABASE_URL", format!("sqlite:{}", folder.join(database).display()))
            .output()
            .unwrap();
        let said = [done.stdout, done.stderr].concat();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&said));
        String::from_utf8(said).unwrap()
    };
    run("backup", "test.db");
    assert_eq!(ann.post("/account/delete", &[("everything", "yes")]).await.header("location"), "/account/deleted");
    // The site of this test has its database open until the end: the backup goes to another place.
    let said = run("restore", "restored.db");
    assert!(said.contains("deleted again: 1."), "{said}");
    for suffix in ["-wal", "-shm", ".new", ".new-wal", ".new-shm"] {
        assert!(!folder.join(format!("restored.db{suffix}")).exists(), "{suffix}");
    }
    let db = Db::open(&format!("sqlite:{}", folder.join("restored.db").display())).await.unwrap();
    let ask = async |sql: &'static str| -> Vec<String> {
        on!(db &db, pool => sqlx::query_scalar(sql).fetch_all(pool).await).unwrap()
    };
    assert_eq!(ask("select email from account").await, [BOB]);
    assert_eq!(ask("select device from session").await, Vec::<String>::new(), "everybody signs in anew");
    assert_eq!(ask("select action from audit_event where action = 'account-deleted'").await.len(), 1);
}
