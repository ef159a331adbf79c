//! Reminders: what people choose, when the e-mails come and how they stop, and the calendar.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    io::{Cursor, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use app::{
    AppState,
    account::{Token, deletion},
    audit::{Action, Actor, Event},
    clock::Clock,
    on,
    tracker::reminders::{
        self, STOP, send_due,
        store::{self, Switched},
        when::{Days, Schedule, TimeOfDay, Zone},
    },
};
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use futures_util::future::join_all;
use http_body_util::BodyExt;
use support::{
    Answer, NOW, TestApp,
    engines::engines,
    letters::{Letter, letters},
    log,
    person::{PASSWORD, Person},
};
use uuid::Uuid;

const ANN: &str = "ann@example.org";
const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

async fn agree(person: &Person<'_>) {
    let answer = person.post("/account/consents", &[("kind", "reminders"), ("version", "1"), ("agree", "yes")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

/// Every day at this time in London.
async fn choose(person: &Person<'_>, at: &str, email: bool) -> Answer {
    let mut fields = vec![("at", at), ("zone", "Europe/London")];
    fields
        .extend(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].map(|day| ("day", day)));
    fields.extend(email.then_some(("email", "yes")));
    person.post("/account/reminders", &fields).await
}

/// Somebody who agreed to e-mails and gets them every day at this time.
async fn reminded<'a>(app: &'a TestApp, email: &str, at: &str) -> Person<'a> {
    let person = Person::with_account(app, email).await;
    agree(&person).await;
    let chosen = choose(&person, at, true).await;
    assert_eq!(chosen.header("location"), "/account/reminders?done=saved", "{}", chosen.text());
    person
}

/// The reminders that somebody was sent.
async fn reminders_to(app: &TestApp, email: &str) -> Vec<Letter> {
    app.letters_to(email).await.into_iter().filter(|letter| letter.subject.contains("reminder")).collect()
}

async fn done(app: &TestApp) -> Vec<String> {
    let events = app::audit::events(&app.state.db, &app::audit::Filter::default(), 1_000).await.unwrap();
    let ours = |action: &str| action.starts_with("reminders-") || action.starts_with("calendar-");
    events.into_iter().rev().map(|event| event.action).filter(|action| ours(action)).collect()
}

/// Where the one-click link of a letter leads, from the path on.
fn stop_link(letter: &Letter) -> String {
    let url = letter.header("List-Unsubscribe").trim_matches(['<', '>']).to_owned();
    url.strip_prefix("http://localhost:3000").unwrap_or_else(|| panic!("{url}")).to_owned()
}

/// What a mail program sends when its reader presses its own button.
async fn press(app: &TestApp, link: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Person::new(app).request(Method::POST, link);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    app.send(request.body(Body::from("List-Unsubscribe=One-Click")).unwrap()).await
}

#[tokio::test]
async fn what_somebody_chose_is_kept_and_shown() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let page = ann.get("/account/reminders").await;
    assert!(page.body.contains("<option value=\"Europe/London\" selected>"), "the zone of most");
    assert!(page.text().contains("You get no reminders by email.") && page.text().contains("need your consent"));
    agree(&ann).await;
    let fields = [("email", "yes"), ("at", "7:05"), ("day", "monday"), ("day", "friday"), ("zone", "America/New_York")];
    assert_eq!(ann.post("/account/reminders", &fields).await.status, StatusCode::SEE_OTHER);
    let page = ann.get("/account/reminders?done=saved").await;
    let text = page.text();
    assert!(text.contains("Your reminders are saved."), "{text}");
    assert!(text.contains("comes on Monday 23 November 2026 at 07:05 (America/New_York)"), "{text}");
    assert!(
        page.body.contains("value=\"07:05\"") && page.body.contains("<option value=\"America/New_York\" selected>")
    );
    assert_eq!(page.body.matches("name=\"day\"").count(), 7);
    for (day, ticked) in [("monday", true), ("tuesday", false), ("friday", true)] {
        assert_eq!(page.body.contains(&format!("value=\"{day}\" checked")), ticked, "{day}");
    }
    assert_eq!(done(&app).await, ["reminders-on"]);
    ann.post("/account/reminders", &fields[1..]).await;
    assert!(ann.get("/account/reminders").await.text().contains("You get no reminders by email."));
    assert_eq!(done(&app).await, ["reminders-on", "reminders-off"]);
}

#[tokio::test]
async fn what_is_wrong_is_said_all_at_once_and_nothing_typed_is_lost() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let fields = [("at", "25:10"), ("zone", "Europe/Nowhere"), ("email", "yes")];
    let answer = ann.post("/account/reminders", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = answer.text();
    for said in ["There is a problem", "Tick one day", "Enter a time", "Choose a time zone", "Agree to reminders"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(answer.body.contains("value=\"25:10\"") && answer.body.contains("value=\"Europe/Nowhere\" selected"));
    let days_alone = ann.post("/account/reminders", &[("at", ""), ("day", "monday"), ("zone", "Asia/Tokyo")]).await;
    assert!(days_alone.body.contains("value=\"monday\" checked"), "{}", days_alone.body);
    assert!(days_alone.body.contains("<option value=\"Asia/Tokyo\" selected>"));
    let no_calendar = ann.post("/account/reminders/calendar", &[]).await;
    assert_eq!(no_calendar.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(no_calendar.text().contains("Save the days and the time first"));
    assert_eq!(done(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_email_comes_at_the_chosen_time_once_a_day_and_says_nothing_about_health() {
    let app = TestApp::with_people().await;
    // It is noon in London.
    reminded(&app, ANN, "12:30").await;
    app.pass(30 * MINUTE - 1);
    assert_eq!(send_due(&app.state).await.unwrap(), 0, "not yet");
    app.pass(1);
    assert_eq!(send_due(&app.state).await.unwrap(), 1);
    assert_eq!(send_due(&app.state).await.unwrap(), 0, "once");
    let letter = reminders_to(&app, ANN).await.remove(0);
    assert_eq!(letter.subject, "Your reminder from Sciaticalm");
    assert_eq!(letter.link(), "/tracker");
    assert_eq!(letter.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert!(letter.plain.contains(&stop_link(&letter)) && letter.html.contains(&stop_link(&letter)));
    let said = format!("{} {} {}", letter.subject, letter.plain, letter.html).to_lowercase();
    for word in ["pain", "exercise", "diary", "health", "leg", "foot", "symptom", "sciatica "] {
        assert!(!said.contains(word), "{word}");
    }
    app.pass(DAY);
    assert_eq!(send_due(&app.state).await.unwrap(), 1, "and tomorrow");
    assert_eq!(reminders_to(&app, ANN).await.len(), 2);
}

#[tokio::test]
async fn a_reminder_that_was_missed_by_more_than_an_hour_is_left_out() {
    let app = TestApp::with_people().await;
    reminded(&app, ANN, "12:30").await;
    app.pass(90 * MINUTE);
    assert_eq!(send_due(&app.state).await.unwrap(), 1, "an hour is not too late");
    app.pass(DAY + 1);
    assert_eq!(send_due(&app.state).await.unwrap(), 0, "it was down for a day, and it is half past one");
    app.pass(DAY - HOUR);
    assert_eq!(send_due(&app.state).await.unwrap(), 1, "the next comes at its time");
    assert_eq!(reminders_to(&app, ANN).await.len(), 2);
}

#[tokio::test]
async fn no_email_comes_without_the_consent_or_to_an_older_one() {
    let app = TestApp::with_people().await;
    let ann = reminded(&app, ANN, "12:30").await;
    assert_eq!(ann.post("/account/consents/reminders/withdraw", &[]).await.status, StatusCode::SEE_OTHER);
    app.pass(30 * MINUTE);
    assert_eq!(send_due(&app.state).await.unwrap(), 0);
    assert!(ann.get("/account/reminders").await.text().contains("You get no reminders by email."));
    assert_eq!(choose(&ann, "12:31", true).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    agree(&ann).await;
    app.pass(MINUTE);
    assert_eq!(send_due(&app.state).await.unwrap(), 0, "to agree again turns none on");
    choose(&ann, "12:32", true).await;
    // As if the words had been changed since.
    change(&app.state, "update consent set version = 0").await;
    app.pass(MINUTE);
    assert_eq!(send_due(&app.state).await.unwrap(), 0);
    assert!(ann.get("/account/reminders").await.text().contains("need your consent"));
    assert_eq!(reminders_to(&app, ANN).await.len(), 0);
    assert_eq!(done(&app).await, ["reminders-on", "reminders-off", "reminders-on"]);
}

#[tokio::test]
async fn a_mail_programs_button_stops_the_emails_from_wherever_it_is_pressed() {
    let foreign = [("sec-fetch-site", "cross-site"), ("origin", "https://mail.example")];
    for headers in [&[][..], &foreign, &[("origin", "null")]] {
        let app = TestApp::with_people().await;
        let ann = reminded(&app, ANN, "12:30").await;
        app.pass(30 * MINUTE);
        send_due(&app.state).await.unwrap();
        let link = stop_link(&reminders_to(&app, ANN).await[0]);
        for _ in 0..2 {
            let looked = Person::new(&app).get(&link).await;
            assert!(looked.status == StatusCode::OK && looked.text().contains("Stop these emails"));
        }
        assert!(ann.get("/account/reminders").await.text().contains("The next email comes"), "looking changes nothing");
        for _ in 0..2 {
            // Twice is as good as once, and none is led on.
            let stopped = press(&app, &link, headers).await;
            assert_eq!(stopped.status, StatusCode::OK, "{headers:?}");
            assert!(stopped.text().contains("No more reminder emails will come"));
        }
        app.pass(DAY);
        assert_eq!(send_due(&app.state).await.unwrap(), 0);
        ann.sign_in(ANN, PASSWORD).await;
        assert!(ann.get("/account/reminders").await.text().contains("You get no reminders by email."));
        assert_eq!(done(&app).await, ["reminders-on", "reminders-off"]);
        // Her consent stands: she can turn them on again, and stop them by an old letter.
        choose(&ann, "12:45", true).await;
        assert_eq!(press(&app, &link, headers).await.status, StatusCode::OK);
        assert!(ann.get("/account/reminders").await.text().contains("You get no reminders by email."));
        assert_eq!(ann.get(&link).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_link_stops_the_emails_of_its_account_alone_and_for_60_days() {
    let app = TestApp::with_people().await;
    let (ann, bob) = (reminded(&app, ANN, "12:30").await, reminded(&app, "bob@example.org", "12:30").await);
    app.pass(30 * MINUTE);
    assert_eq!(send_due(&app.state).await.unwrap(), 2);
    let link = stop_link(&reminders_to(&app, ANN).await[0]);
    let other = if link.ends_with('0') { "1" } else { "0" };
    let tampered = format!("{}{other}", &link[..link.len() - 1]);
    for bad in [tampered.as_str(), STOP, "/reminders/stop?token=none", "/reminders/stop?token=%27%20or%201=1"] {
        assert_eq!(press(&app, bad, &[]).await.status, StatusCode::GONE, "{bad}");
        assert_eq!(Person::new(&app).get(bad).await.status, StatusCode::GONE, "{bad}");
    }
    app.pass(60 * DAY - 1);
    assert_eq!(Person::new(&app).get(&link).await.status, StatusCode::OK);
    app.pass(1);
    assert_eq!(press(&app, &link, &[]).await.status, StatusCode::GONE, "too old");
    app::account::remove_expired(&app.state.db, &app.state.clock).await.unwrap();
    assert_eq!(count(&app, "select count(*) from reminder_link").await, 0);
    for person in [&ann, &bob] {
        person.sign_in(if person.address == ann.address { ANN } else { "bob@example.org" }, PASSWORD).await;
        assert!(person.get("/account/reminders").await.text().contains("The next email comes"));
    }
}

#[tokio::test]
async fn a_browser_with_its_cookies_is_held_to_the_same_as_with_any_form() {
    let app = TestApp::with_people().await;
    let ann = reminded(&app, ANN, "12:30").await;
    app.pass(30 * MINUTE);
    send_due(&app.state).await.unwrap();
    let link = stop_link(&reminders_to(&app, ANN).await[0]);
    let mut request = ann.form(&link, &[]);
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(ann.send(request).await.status, StatusCode::FORBIDDEN);
    assert!(ann.get("/account/reminders").await.text().contains("The next email comes"));
    // And no other address has the exception.
    for path in ["/account/reminders", "/account/reminders/calendar", "/reminders/stop/", "/sign-in", "/reset-password"]
    {
        let answer = press(&app, path, &[("sec-fetch-site", "cross-site")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(ann.post(&link, &[]).await.status, StatusCode::OK, "from our own page");
}

/// The address that the page shows, from the path on.
fn shown_address(page: &Answer) -> String {
    let address = page.body.split("<code>http://localhost:3000").nth(1).unwrap_or_else(|| panic!("{}", page.body));
    address.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_calendar_has_a_secret_address_that_is_shown_once_and_can_be_taken_back() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    choose(&ann, "08:00", false).await;
    let page = ann.post("/account/reminders/calendar", &[]).await;
    let address = shown_address(&page);
    assert!(page.body.contains(&format!("href=\"webcal://localhost:3000{address}\"")), "{}", page.body);
    assert!(!ann.get("/account/reminders").await.body.contains(&address), "this once");
    let calendar = Person::new(&app).get(&address).await;
    assert_eq!((calendar.status, calendar.header("content-type")), (StatusCode::OK, "text/calendar; charset=utf-8"));
    assert_eq!(calendar.header("cache-control"), "no-store");
    for line in ["DTSTART;TZID=Europe/London:20261122T080000", "SEQUENCE:0", "URL:http://localhost:3000/tracker"] {
        assert!(calendar.body.contains(&format!("{line}\r\n")), "{line}: {}", calendar.body);
    }
    assert!(!calendar.body.contains(ANN) && !calendar.body.contains(&address));
    let uid = |calendar: &Answer| calendar.body.lines().find(|line| line.starts_with("UID:")).unwrap().to_owned();
    app.pass(DAY);
    ann.sign_in(ANN, PASSWORD).await;
    choose(&ann, "08:30", false).await;
    let changed = Person::new(&app).get(&address).await;
    assert!(
        changed.body.contains("20261123T083000\r\n") && changed.body.contains("SEQUENCE:1\r\n"),
        "{}",
        changed.body
    );
    assert_eq!(uid(&calendar), uid(&changed));
    let next = shown_address(&ann.post("/account/reminders/calendar", &[]).await);
    assert_ne!(address, next);
    assert_eq!(Person::new(&app).get(&address).await.status, StatusCode::NOT_FOUND, "the old one is nothing any more");
    assert_eq!(uid(&Person::new(&app).get(&next).await), uid(&changed), "it is the same event");
    assert_eq!(ann.post("/account/reminders/calendar/remove", &[]).await.header("location"), "/account/reminders");
    assert_eq!(Person::new(&app).get(&next).await.status, StatusCode::NOT_FOUND);
    ann.post("/account/reminders/calendar/remove", &[]).await;
    assert_eq!(
        done(&app).await,
        ["calendar-address-made", "calendar-address-made", "calendar-address-removed"],
        "each once"
    );
    for wrong in ["/calendar/x.ics", "/calendar/.ics", &next.to_uppercase(), next.strip_suffix(".ics").unwrap()] {
        assert_eq!(Person::new(&app).get(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[tokio::test]
async fn no_log_line_and_no_table_has_the_address_of_a_calendar_or_a_link() {
    log::listen();
    let app = TestApp::with_people().await;
    let ann = reminded(&app, ANN, "12:30").await;
    let address = shown_address(&ann.post("/account/reminders/calendar", &[]).await);
    let reader = Person::new(&app);
    reader.get(&address).await;
    reader.get(&address.replace(".ics", ".txt")).await;
    app.pass(30 * MINUTE);
    send_due(&app.state).await.unwrap();
    let link = stop_link(&reminders_to(&app, ANN).await[0]);
    reader.get(&link).await;
    press(&app, &link, &[]).await;
    let log = log::take();
    assert!(log.contains("/calendar/\u{2026}") && log.contains("/reminders/stop"), "it is logged at all: {log}");
    let token = address.strip_prefix("/calendar/").unwrap().strip_suffix(".ics").unwrap();
    for secret in [token, link.split_once("token=").unwrap().1, ANN] {
        assert_eq!(log.lines().find(|line| line.contains(secret)), None, "{secret}");
    }
    let file = std::fs::read(app.folder().join("test.db-wal")).unwrap();
    for secret in [token, link.split_once("token=").unwrap().1] {
        assert!(!file.windows(secret.len()).any(|there| there == secret.as_bytes()), "in the database");
    }
}

#[tokio::test]
async fn reminders_are_in_the_export_and_go_with_the_account_and_with_a_restored_database() {
    let app = TestApp::with_people().await;
    let ann = reminded(&app, ANN, "12:30").await;
    let address = shown_address(&ann.post("/account/reminders/calendar", &[]).await);
    app.pass(30 * MINUTE);
    send_due(&app.state).await.unwrap();
    ann.confirm(PASSWORD).await;
    let response = app.send_raw(ann.form("/account/export", &[])).await;
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes.to_vec())).unwrap();
    let mut text = String::new();
    archive.by_name("reminders.json").unwrap().read_to_string(&mut text).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&json["reminder"]["time"], &json["reminder"]["time_zone"]), (&"12:30".into(), &"Europe/London".into()));
    assert_eq!(
        (&json["reminder"]["next_email_at"], &json["calendar_made_at"]),
        (&"2026-11-23T12:30:00Z".into(), &"2026-11-22T12:00:00Z".into())
    );
    assert_eq!(json["links_expire_at"].as_array().unwrap().len(), 1);
    // As after a restore: what was stopped since must not begin again.
    let (db, vault, clock) = (&app.state.db, &app.state.vault, &app.state.clock);
    deletion::forget_keyless(db, vault, clock).await.unwrap();
    assert_eq!(Person::new(&app).get(&address).await.status, StatusCode::NOT_FOUND);
    app.pass(DAY);
    assert_eq!(send_due(&app.state).await.unwrap(), 0);
    ann.sign_in(ANN, PASSWORD).await;
    choose(&ann, "12:45", true).await;
    assert_eq!(ann.post("/account/delete", &[("everything", "yes")]).await.header("location"), "/account/deleted");
    app.pass(DAY);
    assert_eq!(send_due(&app.state).await.unwrap(), 0);
    assert_eq!(count(&app, "select count(*) from reminder").await, 0);
}

async fn count(app: &TestApp, sql: &'static str) -> i64 {
    on!(db &app.state.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await).unwrap()
}

async fn change(state: &AppState, sql: &'static str) {
    let changed = state.db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(sql).execute(connection).await.map(drop))?;
            Ok(())
        })
    });
    changed.await.unwrap();
}

/// Accounts as no form makes them, who agreed to reminders and get them at half past twelve.
async fn people(state: &AppState, many: u128) -> Vec<Uuid> {
    let people: Vec<Uuid> = (1..=many).map(Uuid::from_u128).collect();
    let london = Schedule {
        at: TimeOfDay::read("12:30").unwrap(),
        days: Days::ALL,
        zone: Zone::named("Europe/London").unwrap(),
    };
    for id in people.clone() {
        let written = state.db.write(move |mut tx| {
            Box::pin(async move {
                on!(tx &mut tx, connection => sqlx::query(
                    "insert into account (id, email, email_key, password_hash, roles, created_at)
                     values ($1, $2, $2, '', '', 0)",
                )
                .bind(id)
                .bind(format!("{}@example.org", id.as_u128()))
                .execute(connection)
                .await
                .map(drop))?;
                on!(tx &mut tx, connection => sqlx::query(
                    "insert into consent (account_id, id, kind, version, given_at) values ($1, $1, 'reminders', 1, 0)",
                )
                .bind(id)
                .execute(connection)
                .await
                .map(drop))?;
                Ok(())
            })
        });
        written.await.unwrap();
        let due_at = london.next_after(NOW.millis_i64());
        store::save(&state.db, id, london.clone(), due_at, NOW.millis_i64(), switched(id)).await.unwrap();
    }
    people
}

fn switched(account: Uuid) -> Switched {
    let event = |action| Event::new(&NOW, Actor::Account(account), action);
    Switched { on: event(Action::RemindersOn), off: event(Action::RemindersOff) }
}

#[tokio::test]
async fn two_processes_send_each_reminder_once() {
    for engine in engines("reminders_once").await {
        let millis = Arc::new(AtomicU64::new(NOW.millis()));
        let mut state = engine.state().await;
        state.clock = Clock::Set(Arc::clone(&millis));
        people(&state, 40).await;
        millis.fetch_add(u64::try_from(31 * MINUTE).unwrap(), Ordering::Relaxed);
        let both = join_all([send_due(&state), send_due(&state)]).await;
        let sent: usize = both.into_iter().map(Result::unwrap).sum();
        state.mail.flush().await;
        let letters = letters(engine.folder());
        assert_eq!((sent, letters.len()), (40, 40), "{}", engine.name);
        let mut to: Vec<String> = letters.into_iter().map(|letter| letter.to).collect();
        to.sort();
        to.dedup();
        assert_eq!(to.len(), 40, "{}: each to somebody else", engine.name);
    }
}

#[tokio::test]
async fn what_was_stopped_or_changed_a_moment_before_is_not_sent() {
    for engine in engines("reminders_claim").await {
        let state = engine.state().await;
        let [ann, ben, cem] = people(&state, 3).await.try_into().unwrap();
        let later = NOW.millis_i64() + HOUR;
        let due = store::due(&state.db, later, 10).await.unwrap();
        assert_eq!(due.iter().map(|due| due.account).collect::<Vec<_>>(), [ann, ben, cem], "{}", engine.name);
        assert_eq!(store::due(&state.db, later, 2).await.unwrap().len(), 2);
        assert!(store::due(&state.db, NOW.millis_i64(), 10).await.unwrap().is_empty(), "{}: not yet", engine.name);
        store::end_emails(&state.db, ann, switched(ann).off).await.unwrap();
        let reminder = store::reminder(&state.db, ben).await.unwrap().unwrap();
        store::save(&state.db, ben, reminder.schedule, reminder.due_at, 0, switched(ben)).await.unwrap();
        let mut claimed = vec![];
        for due in due.iter().chain(&due) {
            let link = store::Link { token: Token::new().unwrap().hash(), expires_at: later };
            claimed.push(store::claim(&state.db, due, Some(later + DAY), Some(link)).await.unwrap());
        }
        assert_eq!(claimed, [false, false, true, false, false, false], "{}", engine.name);
        let reminder = store::reminder(&state.db, cem).await.unwrap().unwrap();
        assert_eq!((reminder.due_at, reminder.revision), (Some(later + DAY), 0));
        let links = [store::links_expire_at(&state.db, ann).await, store::links_expire_at(&state.db, cem).await];
        assert_eq!(links.map(|links| links.unwrap().len()), [0, 1], "{}", engine.name);
    }
}

#[tokio::test]
async fn a_calendar_has_one_address_on_either_engine() {
    for engine in engines("reminders_calendar").await {
        let state = engine.state().await;
        let [ann] = people(&state, 1).await.try_into().unwrap();
        let event = || Event::new(&NOW, Actor::Account(ann), Action::CalendarAddressMade);
        let tokens = [Token::new().unwrap(), Token::new().unwrap()];
        for (n, token) in tokens.iter().enumerate() {
            let id = Uuid::from_u128(100 + n as u128);
            store::make_calendar(&state.db, ann, token.hash(), id, n as i64, event()).await.unwrap();
        }
        assert_eq!(store::calendar(&state.db, &tokens[0].hash()).await.unwrap(), None, "{}", engine.name);
        let (id, reminder) = store::calendar(&state.db, &tokens[1].hash()).await.unwrap().unwrap();
        assert_eq!((id, reminder.schedule.at.to_string()), (Uuid::from_u128(100), "12:30".to_owned()));
        assert_eq!(store::calendar_made_at(&state.db, ann).await.unwrap(), Some(1), "{}", engine.name);
        store::remove_calendar(&state.db, ann, event()).await.unwrap();
        assert_eq!(store::calendar(&state.db, &tokens[1].hash()).await.unwrap(), None, "{}", engine.name);
    }
}

#[tokio::test]
async fn a_reminder_that_this_program_cannot_read_holds_up_no_other() {
    let app = TestApp::with_people().await;
    reminded(&app, ANN, "12:30").await;
    reminded(&app, "bob@example.org", "12:31").await;
    change(&app.state, "update reminder set zone = 'Europe/Gone' where due_at < (select max(due_at) from reminder)")
        .await;
    app.pass(31 * MINUTE);
    assert_eq!(send_due(&app.state).await.unwrap(), 1);
    assert_eq!(reminders_to(&app, "bob@example.org").await.len(), 1);
    assert_eq!(reminders::send_due(&app.state).await.unwrap(), 0);
}
