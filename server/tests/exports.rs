//! The diary as files: what a hundred made-up patients take away, and what somebody brings back by form.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{collections::BTreeSet, fs, path::Path};

use app::{
    content,
    exercise::{self, Exercise},
    tracker::{
        entry::Entry,
        export::{Diary, csv as table, fhir, json},
    },
    triage::RuleSet,
};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use serde_json::Value;
use support::{Answer, NOW, TestApp, patients, person::Person};
use uuid::Uuid;

const PATIENTS: u64 = 100;
const ANN: &str = "ann@example.org";
const BOB: &str = "bob@example.org";
const TODAY: &str = "2026-11-22";
const MINUTE: i64 = 60 * 1000;

fn rules() -> RuleSet {
    content::rules().unwrap()
}

fn library() -> Vec<Exercise> {
    let files = content::folder("exercises");
    let files = files.iter().filter(|file| file.name.ends_with(".toml"));
    files.map(|file| exercise::import::read(&file.name, &file.text, Some("<svg></svg>")).unwrap()).collect()
}

fn bundle(entries: &[Entry], patient: u64, rules: &RuleSet, library: &[Exercise]) -> String {
    let teller = fhir::Teller {
        patient: fhir::opaque_id(Uuid::from_u64_pair(patient, 0)),
        site: "https://sciaticalm.example.org",
        name: "Sciaticalm",
        rules,
        library,
        now: NOW.millis_i64(),
    };
    fhir::write(&Diary::of(entries), teller)
}

/// Where `cargo xtask test` looks for what the validators of R4 are to read.
const BUNDLES: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/fhir");

#[test]
fn the_bundles_of_a_hundred_patients_hold_together_and_wait_for_the_validators() {
    let (rules, library) = (rules(), library());
    let _ = fs::remove_dir_all(BUNDLES);
    fs::create_dir_all(BUNDLES).unwrap();
    let mut kinds = BTreeSet::new();
    for patient in 0..PATIENTS {
        let text = bundle(&patients::entries(patient, &rules.daily), patient, &rules, &library);
        let bundle: Value = serde_json::from_str(&text).unwrap();
        let entries = bundle["entry"].as_array().unwrap();
        let there: BTreeSet<&str> = entries.iter().map(|entry| entry["fullUrl"].as_str().unwrap()).collect();
        assert_eq!(there.len(), entries.len(), "each is there once");
        holds(&bundle, &there);
        kinds.extend(entries.iter().map(|entry| entry["resource"]["resourceType"].as_str().unwrap().to_owned()));
        fs::write(Path::new(BUNDLES).join(format!("{patient:03}.json")), text).unwrap();
    }
    let expected =
        ["CarePlan", "CodeSystem", "Observation", "Patient", "Provenance", "Questionnaire", "QuestionnaireResponse"];
    assert_eq!(kinds.iter().collect::<Vec<_>>(), expected);
}

/// No value of FHIR is null or empty, and every reference leads to something in the bundle.
fn holds(value: &Value, there: &BTreeSet<&str>) {
    match value {
        Value::Null => panic!("null"),
        Value::String(text) => assert!(!text.trim().is_empty()),
        Value::Array(items) => {
            assert!(!items.is_empty());
            items.iter().for_each(|item| holds(item, there));
        }
        Value::Object(object) => {
            assert!(!object.is_empty());
            if let Some(reference) = object.get("reference").and_then(Value::as_str) {
                assert!(there.contains(reference), "{reference}");
            }
            object.values().for_each(|item| holds(item, there));
        }
        Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn what_a_hundred_patients_take_away_comes_back_the_same() {
    let rules = rules();
    for patient in 0..PATIENTS {
        let entries = patients::entries(patient, &rules.daily);
        let text = json::write(entries.iter().map(|entry| (entry, Some(7))));
        assert_eq!(json::read(&text, NOW.millis_i64()).as_ref(), Ok(&entries), "patient {patient}");
        serde_json::from_str::<Value>(&text).unwrap();
    }
}

#[test]
fn no_cell_of_a_hundred_patients_is_a_formula_wherever_a_spreadsheet_cuts() {
    let rules = rules();
    for patient in 0..PATIENTS {
        let diary = Diary::of(&patients::entries(patient, &rules.daily));
        let text = table::write(&diary, &rules);
        let plain = text.strip_prefix('\u{feff}').unwrap();
        let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(plain.as_bytes());
        let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), diary.days.len() + 1, "a row a day");
        let cells = rows.iter().flat_map(|row| row.iter().map(str::to_owned).collect::<Vec<_>>());
        let elsewhere = plain.split([';', '\t', '\n', '\r']).map(|cell| cell.trim_matches(['"', ' ']).to_owned());
        for cell in cells.chain(elsewhere) {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "patient {patient}: {cell:?}");
        }
    }
}

/// Somebody who agreed to entries on the server.
async fn diarist<'a>(app: &'a TestApp, email: &str) -> Person<'a> {
    let person = Person::with_account(app, email).await;
    let agreed = person.post("/account/consents", &[("kind", "entries"), ("version", "2"), ("agree", "yes")]).await;
    assert_eq!(agreed.status, StatusCode::SEE_OTHER);
    person
}

async fn write(person: &Person<'_>, day: &str, more: &[(&str, &str)]) {
    person.app.pass(1);
    let saved = person.post("/account/diary", &[&[("day", day)], more].concat()).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
}

async fn file(person: &Person<'_>, ends: &str) -> Answer {
    let answer = person.post(&format!("/account/diary/export.{ends}"), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer
}

/// As a browser sends a form with a file in it.
fn form_with(person: &Person<'_>, file: &[u8]) -> Request<Body> {
    let mut body = b"--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"diary.json\"\r\n\
                     content-type: application/json\r\n\r\n"
        .to_vec();
    body.extend(file);
    body.extend(b"\r\n--edge--\r\n");
    let request = person.request(Method::POST, "/account/diary/import").header("sec-fetch-site", "same-origin");
    request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge").body(Body::from(body)).unwrap()
}

async fn bring_back(person: &Person<'_>, file: &str) -> Answer {
    person.app.pass(1);
    person.send(form_with(person, file.as_bytes())).await
}

#[tokio::test]
async fn somebody_downloads_their_diary_in_three_forms() {
    let app = TestApp::with_people().await;
    let (ann, bob) = (diarist(&app, ANN).await, diarist(&app, BOB).await);
    write(&bob, TODAY, &[("note", "this is Bob's")]).await;
    write(&ann, "2026-11-20", &[("back", "7"), ("note", "=1+1")]).await;
    write(&ann, TODAY, &[("left_leg", "3")]).await;
    let page = ann.get("/account/diary/export").await.text();
    assert!(page.contains("Download the table (CSV)") && page.contains("Keep a file safe."), "{page}");
    for (ends, media, said) in [
        ("csv", "text/csv; charset=utf-8", "\"'=1+1\""),
        ("json", "application/json", "\"says\": \"=1+1\""),
        ("fhir.json", "application/fhir+json", "\"valueString\":\"=1+1\""),
    ] {
        let answer = file(&ann, ends).await;
        assert_eq!(answer.header("content-type"), media);
        assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"diary-2026-11-22.{ends}\""));
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.body.contains(said), "{}", answer.body);
        assert!(!answer.body.contains("Bob's") && !answer.body.contains(ANN), "{ends}");
    }
    let events = app::audit::events(&app.state.db, &app::audit::Filter::default(), 1_000).await.unwrap();
    let mut exported: Vec<&str> =
        events.iter().filter(|event| event.action == "exported").filter_map(|event| event.target.as_deref()).collect();
    exported.sort_unstable();
    assert_eq!(exported, ["diary.csv", "diary.fhir.json", "diary.json"]);
    app.pass(40 * MINUTE);
    let later = ann.post("/account/diary/export.json", &[]).await;
    assert_eq!(
        later.header("location"),
        "/account/confirm?next=/account/diary",
        "who has not shown lately who they are"
    );
}

#[tokio::test]
async fn somebody_brings_their_diary_to_another_account_and_twice_is_once() {
    let app = TestApp::with_people().await;
    let (ann, bob) = (diarist(&app, ANN).await, diarist(&app, BOB).await);
    write(&ann, "2026-11-20", &[("back", "7"), ("note", "before")]).await;
    write(&ann, "2026-11-20", &[("back", "6")]).await;
    write(&bob, TODAY, &[("back", "1")]).await;
    let taken = file(&ann, "json").await.body;
    for _ in 0..2 {
        assert_eq!(bring_back(&bob, &taken).await.header("location"), "/account/diary?done=imported");
    }
    let diary = bob.get("/account/diary?done=imported").await.text();
    assert!(diary.contains("What the file holds is in your diary now."), "{diary}");
    assert!(diary.contains("Back pain 6.") && diary.contains("Back pain 1.") && diary.contains("before"), "{diary}");
    let entries = |text: &str| json::read(text, app.state.clock.millis_i64()).unwrap();
    let (anns, bobs) = (entries(&taken), entries(&file(&bob, "json").await.body));
    assert_eq!(bobs.len(), 2);
    assert!(anns.iter().all(|entry| bobs.contains(entry)), "with what was corrected");
}

#[tokio::test]
async fn an_old_file_brings_nothing_back_that_was_changed_or_deleted_since() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    write(&ann, "2026-11-20", &[("note", "to be deleted")]).await;
    let link = ann.get("/account/diary").await.body;
    let link =
        link.split("href=\"").find(|rest| rest.contains("/delete\"")).unwrap().split('"').next().unwrap().to_owned();
    write(&ann, TODAY, &[("back", "7")]).await;
    let old = file(&ann, "json").await.body;
    app.pass(1);
    ann.post(&link, &[]).await;
    write(&ann, TODAY, &[("back", "2")]).await;
    assert_eq!(bring_back(&ann, &old).await.status, StatusCode::SEE_OTHER);
    let diary = ann.get("/account/diary").await.text();
    assert!(diary.contains("Back pain 2.") && !diary.contains("to be deleted"), "{diary}");
}

#[tokio::test]
async fn a_file_that_is_none_says_what_is_wrong_and_changes_nothing() {
    let app = TestApp::with_people().await;
    let ann = diarist(&app, ANN).await;
    write(&ann, TODAY, &[("back", "7")]).await;
    let good = file(&ann, "json").await.body;
    let before = ann.get("/account/diary").await.text();
    let fhir = file(&ann, "fhir.json").await.body;
    let second = good.replacen(
        "{\"id\"",
        "{\"id\": \"0193f0a0-0000-7000-8000-000000000001\", \"about\": \"2026-01-01\", \"fields\": {}},\n{\"id\"",
        1,
    );
    let broken = second.replace("\"says\": 7", "\"says\": 7.5");
    for (text, said) in [
        ("", "Choose a file whose name ends in .json"),
        ("PK\u{3}\u{4}…", "This is an archive (ZIP). Unpack it, and choose diary.json from it"),
        ("not json", "nothing was changed. What is wrong: line 1, column 1: an object, in braces, should be here"),
        (&fhir, "this is the file for a clinic\u{2019}s records (FHIR)"),
        (&good[..good.len() / 2], "What is wrong: line 5"),
        (&broken, "What is wrong: line 6, column"),
        (&broken, "in entry 2: a whole number should be here"),
    ] {
        let answer = bring_back(&ann, text).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains(said), "{said}: {}", answer.text());
        assert!(answer.body.contains("href=\"#file\""), "the summary leads to the field");
    }
    assert_eq!(ann.get("/account/diary").await.text(), before);
    let large = ann.send(form_with(&ann, &vec![b' '; 17 * 1024 * 1024])).await;
    assert!(large.text().contains("The file is larger than 16 MB"), "{} {}", large.status, large.text());
    let no_file = ann.post("/account/diary/import", &[]).await;
    assert!(no_file.text().contains("Choose a file"), "{}", no_file.text());
}

#[tokio::test]
async fn nothing_is_brought_back_for_who_is_signed_out_or_has_not_agreed() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let text = json::write([]);
    let answer = bring_back(&ann, &text).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("You have not agreed"), "{}", answer.text());
    assert_eq!(bring_back(&Person::new(&app), &text).await.status, StatusCode::UNAUTHORIZED);
}
