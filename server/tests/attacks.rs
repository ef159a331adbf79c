//! What attackers do, and what comes of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{collections::BTreeSet, env, time::Duration};

use app::{db::Tx, on};
use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, header},
};
use support::{
    Answer, TestApp,
    person::{PASSWORD, Person, encoded},
};

const ANN: &str = "ann@example.org";
const WRONG: &str = "another horse battery staple";
const NEW: &str = "purple elephant waltz umbrella";
const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;
const FORM: &str = "application/x-www-form-urlencoded";

/// Whether this cookie is a session of anybody's.
async fn opens_something(app: &TestApp, session: &str) -> bool {
    let thief = Person::new(app);
    thief.set_cookie("session", session);
    thief.is_signed_in().await
}

/// A form with headers of the attacker's choice.
async fn post_with(person: &Person<'_>, path: &str, body: String, headers: &[(&str, &str)]) -> Answer {
    let mut request = person.request(Method::POST, path).header(header::CONTENT_TYPE, FORM);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    person.send(request.body(Body::from(body)).unwrap()).await
}

/// A link that was sent to Ann, by which to choose a password.
async fn reset_token(app: &TestApp) -> String {
    let before = app.letters_to(ANN).await.len();
    Person::new(app).post("/reset-password", &[("email", ANN)]).await;
    app.next_letter_to(ANN, before).await.token().to_owned()
}

#[tokio::test]
async fn a_session_planted_before_signing_in_is_not_the_one_after_it() {
    let app = TestApp::with_people().await;
    Person::with_account(&app, ANN).await;
    let mallory = Person::with_account(&app, "mallory@example.org").await;
    for planted in [mallory.cookie("session").unwrap(), "a".repeat(64), "x".to_owned()] {
        let victim = Person::new(&app);
        victim.set_cookie("session", &planted);
        assert_eq!(victim.sign_in(ANN, PASSWORD).await.status, StatusCode::SEE_OTHER);
        assert_ne!(victim.cookie("session").unwrap(), planted);
        assert!(!opens_something(&app, &planted).await, "{planted}");
    }
}

#[tokio::test]
async fn a_device_planted_before_signing_in_is_not_known_after_it() {
    let app = TestApp::with_people().await;
    let mallory = Person::with_account(&app, "mallory@example.org").await;
    // Made up, and one that is known for Mallory's own account.
    for planted in ["b".repeat(64), mallory.cookie("device").unwrap()] {
        let email = format!("{}@example.org", &planted[..8]);
        let victim = Person::new(&app);
        victim.set_cookie("device", &planted);
        victim.sign_up(&email, PASSWORD).await;
        assert_ne!(victim.cookie("device").unwrap(), planted);
        let thief = Person::new(&app);
        thief.set_cookie("device", &planted);
        let mut tries = Vec::new();
        for _ in 0..7 {
            tries.push(thief.sign_in(&email, WRONG).await.status);
        }
        // On a known device the seventh would be as good as the first.
        assert_eq!(tries[6], StatusCode::TOO_MANY_REQUESTS, "{tries:?}");
        assert_eq!(victim.sign_in(&email, PASSWORD).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn an_old_session_opens_nothing() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let session = || ann.cookie("session").unwrap();
    let mut old = vec![session()];
    ann.confirm(PASSWORD).await;
    old.push(session());
    ann.post("/account/password", &[("current", PASSWORD), ("password", NEW)]).await;
    old.push(session());
    ann.sign_in(ANN, NEW).await;
    old.push(session());
    ann.post("/account/devices/sign-out-everywhere", &[]).await;
    ann.sign_in(ANN, NEW).await;
    old.push(session());
    ann.post("/sign-out", &[]).await;
    ann.sign_in(ANN, NEW).await;
    assert_eq!(old.iter().collect::<BTreeSet<_>>().len(), 5, "each is new");
    for session in &old {
        assert!(!opens_something(&app, session).await, "{old:?}");
    }
    assert!(ann.is_signed_in().await);
    app.pass(HOUR + 1);
    assert!(!opens_something(&app, &session()).await, "expired");
}

#[tokio::test]
async fn a_password_that_is_changed_while_it_is_tried_opens_nothing() {
    let app = TestApp::with_people().await;
    Person::with_account(&app, ANN).await;
    let thief = Person::new(&app);
    let before = app.state.guard.hasher.calls();
    {
        let mut trying = std::pin::pin!(thief.sign_in(ANN, PASSWORD));
        // Until Argon2 runs: by then the old password has been read.
        let argon2_runs = async {
            while app.state.guard.hasher.calls() == before {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            _ = &mut trying => panic!("answered too soon"),
            () = argon2_runs => {}
        }
        let changed = app.state.db.write(|mut tx| {
            Box::pin(async move {
                run(&mut tx, "update account set password_hash = 'another'").await?;
                run(&mut tx, "delete from session").await
            })
        });
        changed.await.unwrap();
        assert_eq!(trying.await.status, StatusCode::UNAUTHORIZED);
    }
    assert!(thief.cookie("session").is_none() && !thief.is_signed_in().await);
}

async fn run(tx: &mut Tx<'_>, statement: &'static str) -> app::Result<()> {
    on!(tx tx, connection => sqlx::query(statement).execute(connection).await.map(drop))?;
    Ok(())
}

#[tokio::test]
async fn a_change_that_began_before_a_reset_does_not_undo_it() {
    let app = TestApp::with_people().await;
    Person::with_account(&app, ANN).await;
    for (path, fields) in [
        ("/account/password", [("current", PASSWORD), ("password", "marble lighthouse cactus violin")]),
        ("/account/email", [("email", "thief@evil.example"), ("password", PASSWORD)]),
    ] {
        set_hash(&app, app.state.guard.hasher.hash(&PASSWORD.to_owned().into()).await.unwrap().as_str()).await;
        let thief = Person::new(&app);
        thief.sign_in(ANN, PASSWORD).await;
        let before = app.state.guard.hasher.calls();
        let mut changing = std::pin::pin!(thief.post(path, &fields));
        // Until Argon2 runs: by then the old password has been read.
        let argon2_runs = async {
            while app.state.guard.hasher.calls() == before {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            _ = &mut changing => panic!("answered too soon"),
            () = argon2_runs => {}
        }
        set_hash(&app, "hers").await;
        changing.await;
        // A letter is written, or not, after the form was answered.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let kept: (String, i64) = on!(db & app.state.db, pool => sqlx::query_as(
            "select password_hash, (select count(*) from mail_token) from account",
        )
        .fetch_one(pool)
        .await)
        .unwrap();
        assert_eq!(kept, ("hers".to_owned(), 0), "{path}");
    }
    assert!(app.letters_to("thief@evil.example").await.is_empty());
}

async fn set_hash(app: &TestApp, hash: &str) {
    let hash = hash.to_owned();
    let set = app.state.db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query("update account set password_hash = $1")
                .bind(hash)
                .execute(connection)
                .await
                .map(drop))?;
            Ok(())
        })
    });
    set.await.unwrap();
}

#[tokio::test]
async fn a_link_to_reset_has_nobody_hash_without_limit() {
    let app = TestApp::with_people().await;
    Person::with_account(&app, ANN).await;
    let token = reset_token(&app).await;
    let thief = Person::new(&app);
    for n in 0..30 {
        thief.post("/reset-password", &[("email", &format!("u{n}@example.org"))]).await;
    }
    let before = app.state.guard.hasher.calls();
    let fields = [("token", token.as_str()), ("password", NEW)];
    let refused = thief.post("/reset-password/choose", &fields).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.text().contains("There were too many tries"), "{}", refused.text());
    assert_eq!(app.state.guard.hasher.calls(), before);
    // The link is none the worse for it.
    assert_eq!(Person::new(&app).post("/reset-password/choose", &fields).await.header("location"), "/account");
}

#[tokio::test]
async fn a_form_that_another_site_sends_is_not_carried_out() {
    let app = TestApp::with_people().await;
    Person::with_account(&app, ANN).await;
    let ours = app.state.site.settings.public_url.clone();
    for site in [None, Some("cross-site"), Some("same-site"), Some("same-origin"), Some("none"), Some("")] {
        for origin in [None, Some(ours.as_str()), Some("https://evil.example"), Some("null"), Some("")] {
            let headers: Vec<_> = [("sec-fetch-site", site), ("origin", origin)]
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect();
            for with_cookie in [true, false] {
                let ann = Person::new(&app);
                ann.sign_in(ANN, PASSWORD).await;
                let sender = Person::new(&app);
                if with_cookie {
                    sender.set_cookie("session", &ann.cookie("session").unwrap());
                }
                let answer = post_with(&sender, "/account/devices/sign-out-everywhere", String::new(), &headers).await;
                let own = match (site, origin) {
                    (Some(site), _) => site == "same-origin" || site == "none",
                    (None, Some(origin)) => origin == ours,
                    (None, None) => !with_cookie,
                };
                let expected = match (own, with_cookie) {
                    (false, _) => StatusCode::FORBIDDEN,
                    (true, true) => StatusCode::SEE_OTHER,
                    (true, false) => StatusCode::UNAUTHORIZED,
                };
                assert_eq!(answer.status, expected, "{headers:?}, cookie: {with_cookie}");
                assert_eq!(ann.is_signed_in().await, !(own && with_cookie), "{headers:?}, cookie: {with_cookie}");
            }
        }
    }
}

#[tokio::test]
async fn another_site_signs_nobody_in_or_up() {
    let app = TestApp::with_people().await;
    Person::with_account(&app, "mallory@example.org").await;
    let body = format!("email=mallory%40example.org&password={}&old_enough=yes", encoded(PASSWORD));
    for headers in [[("sec-fetch-site", "cross-site")], [("origin", "https://evil.example")], [("origin", "null")]] {
        for path in ["/sign-in", "/sign-up", "/reset-password"] {
            let victim = Person::new(&app);
            let answer = post_with(&victim, path, body.clone(), &headers).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
            assert!(victim.cookie("session").is_none());
        }
    }
    assert_eq!(app.letters().await.len(), 1, "the first sign-up's alone");
}

#[tokio::test]
async fn headers_that_come_twice_do_not_help() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let ours = app.state.site.settings.public_url.clone();
    let other = "https://evil.example";
    for headers in [
        [("origin", ours.as_str()), ("origin", other)],
        [("origin", other), ("origin", ours.as_str())],
        [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-origin")],
    ] {
        let answer = post_with(&ann, "/account/devices/sign-out-everywhere", String::new(), &headers).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert!(ann.is_signed_in().await, "{headers:?}");
    }
    // Two sessions, in one header or in two: one may be planted, so neither is believed.
    let mallory = Person::with_account(&app, "mallory@example.org").await;
    let [own, planted] = [&ann, &mallory].map(|person| format!("session={}", person.cookie("session").unwrap()));
    for cookies in [vec![format!("{own}; {planted}")], vec![format!("{planted}; {own}")], vec![own, planted]] {
        let mut request = Person::new(&app).request(Method::GET, "/account");
        for cookie in &cookies {
            request = request.header(header::COOKIE, cookie);
        }
        let answer = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("location"), "/sign-in", "{cookies:?}");
    }
}

#[tokio::test]
async fn a_cookie_that_was_tampered_with_opens_nothing() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let session = ann.cookie("session").unwrap();
    let other = if session.ends_with('0') { "1" } else { "0" };
    for tampered in [
        format!("{}{other}", &session[..63]),
        session[..63].to_owned(),
        session[1..].to_owned(),
        format!("{session}0"),
        session.to_uppercase(),
        session.chars().rev().collect(),
        format!("{session}%00"),
        format!("{session} or 1=1"),
        "' or '1'='1".to_owned(),
        String::new(),
    ] {
        assert!(!opens_something(&app, &tampered).await, "{tampered}");
    }
    let bytes = [b"session=".as_slice(), &[0xff, 0xfe], session.as_bytes()].concat();
    let request = Person::new(&app).request(Method::GET, "/account");
    let request = request.header(header::COOKIE, HeaderValue::from_bytes(&bytes).unwrap());
    assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.header("location"), "/sign-in");
    assert!(ann.is_signed_in().await);
}

#[tokio::test]
async fn a_link_that_was_tampered_with_or_is_for_something_else_changes_no_password() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let token = reset_token(&app).await;
    ann.post("/account/email", &[("email", "ann@new.example"), ("password", PASSWORD)]).await;
    let for_email = app.next_letter_to("ann@new.example", 0).await.token().to_owned();
    Person::new(&app)
        .post("/sign-up", &[("email", "bob@example.org"), ("password", PASSWORD), ("old_enough", "yes")])
        .await;
    let for_sign_up = app.next_letter_to("bob@example.org", 0).await.token().to_owned();
    let other = if token.ends_with('0') { "1" } else { "0" };
    for bad in [
        format!("{}{other}", &token[..63]),
        token[..63].to_owned(),
        token.to_uppercase(),
        format!("{token}0"),
        format!(" {token}"),
        String::new(),
        "' or '1'='1".to_owned(),
        for_email.clone(),
        for_sign_up.clone(),
        ann.cookie("session").unwrap(),
        ann.cookie("device").unwrap(),
    ] {
        let thief = Person::new(&app);
        assert_eq!(
            thief.get(&format!("/reset-password/choose?token={}", encoded(&bad))).await.status,
            StatusCode::GONE
        );
        let answer = thief.post("/reset-password/choose", &[("token", &bad), ("password", NEW)]).await;
        assert_eq!(answer.status, StatusCode::GONE, "{bad}");
        assert!(thief.cookie("session").is_none());
    }
    let thief = Person::new(&app);
    for (path, wrong) in [
        ("/account/email/confirm", &token),
        ("/account/email/confirm", &for_sign_up),
        ("/sign-up/confirm", &token),
        ("/sign-up/confirm", &for_email),
    ] {
        let answer = thief.post(path, &[("token", wrong), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::GONE, "{path}");
    }
    // And the real one is still good, once, and takes the link to a new address with it.
    let good = [("token", token.as_str()), ("password", NEW)];
    assert_eq!(thief.post("/reset-password/choose", &good).await.header("location"), "/account");
    assert_eq!(Person::new(&app).post("/reset-password/choose", &good).await.status, StatusCode::GONE, "reused");
    let late = Person::new(&app).post("/account/email/confirm", &[("token", &for_email)]).await;
    assert_eq!(late.status, StatusCode::GONE);
}

#[tokio::test]
async fn of_two_who_follow_a_link_at_once_one_chooses_the_password() {
    let app = TestApp::with_people().await;
    Person::with_account(&app, ANN).await;
    for _ in 0..4 {
        let token = reset_token(&app).await;
        let people: Vec<Person> = (0..2).map(|_| Person::new(&app)).collect();
        let passwords = [NEW, "marble lighthouse cactus violin"];
        let choose = async |n: usize| {
            people[n].post("/reset-password/choose", &[("token", &token), ("password", passwords[n])]).await
        };
        let (first, second) = tokio::join!(choose(0), choose(1));
        let won: Vec<bool> = [&first, &second].map(|answer| answer.status == StatusCode::SEE_OTHER).to_vec();
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{} {}", first.status, second.status);
        for n in 0..2 {
            let lost = [&first, &second][n].status == StatusCode::GONE;
            assert!(won[n] != lost && people[n].is_signed_in().await == won[n]);
            let answer = Person::new(&app).sign_in(ANN, passwords[n]).await;
            assert_eq!(answer.status == StatusCode::SEE_OTHER, won[n]);
        }
    }
}

/// Addresses that would be two, begin a header, or look like somebody else's.
const BAD_ADDRESSES: [&str; 25] = [
    "ann@example.org\r\nBcc: mallory@evil.example",
    "ann@example.org\nBcc: mallory@evil.example",
    "ann@example.org\rBcc: mallory@evil.example",
    "ann@example.org%0d%0aBcc:mallory@evil.example",
    "ann@example.org%0aBcc:mallory@evil.example",
    "Bcc: mallory@evil.example\r\nann@example.org",
    "ann\r\n@example.org",
    "ann@example.org\0",
    "ann\0@example.org",
    "ann@example.org,mallory@evil.example",
    "ann@example.org;mallory@evil.example",
    "ann@example.org mallory@evil.example",
    "mallory@evil.example,ann@example.org",
    "<ann@example.org>",
    "ann@example.org>",
    "Ann <ann@example.org>",
    "\"ann\r\nBcc: mallory\"@example.org",
    "ann@example.org\u{2028}Bcc: mallory@evil.example",
    "ann@[127.0.0.1]",
    "@mallory.example:ann@example.org",
    // Cyrillic а; full-width a; a zero-width space; a Kelvin sign; a right-to-left mark.
    "\u{430}nn@example.org",
    "\u{ff41}nn@example.org",
    "ann\u{200b}@example.org",
    "ann@example.\u{212a}y",
    "\u{202e}ann@example.org",
];

#[tokio::test]
async fn no_address_is_two_begins_a_header_or_looks_like_anothers() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let sent = app.letters().await.len();
    for bad in BAD_ADDRESSES {
        for path in ["/sign-up", "/sign-in", "/reset-password", "/account/email"] {
            let fields = [("email", bad), ("password", PASSWORD), ("old_enough", "yes")];
            let answer = ann.post(path, &fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {bad:?}");
        }
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(app.letters().await.len(), sent);
}

#[tokio::test]
async fn a_password_of_a_megabyte_costs_nothing() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let token = reset_token(&app).await;
    let (huge, long) = ("x".repeat(1 << 20), "x".repeat(2_000));
    let before = app.state.guard.hasher.calls();
    let begun = tokio::time::Instant::now();
    for path in
        ["/sign-in", "/sign-up", "/sign-up/confirm", "/reset-password/choose", "/account/password", "/account/confirm"]
    {
        let answer =
            ann.post(path, &[("email", ANN), ("token", &token), ("old_enough", "yes"), ("password", &huge)]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    for path in ["/sign-in", "/sign-up", "/reset-password/choose", "/account/password", "/account/email"] {
        let answer =
            ann.post(path, &[("email", ANN), ("token", &token), ("old_enough", "yes"), ("password", &long)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    let answer = ann.post("/account/password", &[("current", &long), ("password", NEW)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(app.state.guard.hasher.calls(), before);
    assert!(ann.is_signed_in().await);
}

#[tokio::test]
async fn sql_and_html_in_any_field_are_text() {
    let app = TestApp::with_people().await;
    Person::with_account(&app, ANN).await;
    let payloads = [
        "'; drop table account; --",
        "' or '1'='1",
        "\" union select password_hash from account --",
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "</textarea><svg onload=alert(1)>",
        "{{7*7}}${7*7}%s%n\u{0}",
        "\u{202e}\u{feff}\u{1f4a9}",
    ];
    let forms: [(&str, &[&str]); 12] = [
        ("/sign-up", &["email", "password", "old_enough"]),
        ("/sign-up/confirm", &["token", "password"]),
        ("/sign-in", &["email", "password", "remember", "next"]),
        ("/reset-password", &["email"]),
        ("/reset-password/choose", &["token", "password"]),
        ("/account/confirm", &["password", "next"]),
        ("/account/password", &["current", "password"]),
        ("/account/email", &["email", "password"]),
        ("/account/email/confirm", &["token"]),
        ("/account/devices/x/sign-out", &["session"]),
        ("/account/reminders", &["at", "day", "zone", "email"]),
        ("/reminders/stop", &["token"]),
    ];
    for payload in payloads {
        for (path, fields) in forms {
            for field in fields {
                // Another person each time: the limits are another test's.
                let ann = Person::new(&app);
                assert_eq!(
                    ann.sign_in(ANN, PASSWORD).await.status,
                    StatusCode::SEE_OTHER,
                    "{path} {field} {payload:?}"
                );
                let values: Vec<(&str, &str)> =
                    fields.iter().map(|name| (*name, if name == field { payload } else { "x" })).collect();
                let sent = ann.post(path, &values).await;
                let query = format!("{path}?{field}={}", encoded(payload));
                for answer in [sent, ann.get(&query).await] {
                    assert!(!answer.status.is_server_error(), "{path} {field} {payload:?}: {}", answer.status);
                    for raw in ["<script>alert", "<img src=x", "<svg onload", "{{7*7}}"] {
                        let quoted = answer.body.contains(raw) && raw.starts_with('<');
                        assert!(!quoted, "{path} {field} {payload:?}: {}", answer.body);
                    }
                    assert!(!answer.header("location").contains("<script"), "{path} {field}");
                }
            }
        }
    }
    // Some of it were wrong passwords, which are forgiven by then.
    app.pass(2 * HOUR);
    assert_eq!(Person::new(&app).sign_in(ANN, PASSWORD).await.status, StatusCode::SEE_OTHER, "all is still there");
}

#[tokio::test]
async fn nobody_is_led_to_another_site() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    for next in [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "\u{0}//evil.example",
        "javascript:alert(1)",
        "evil.example",
        "@evil.example",
        "/account\r\nLocation: https://evil.example",
    ] {
        let fields = [("email", ANN), ("password", PASSWORD), ("next", next)];
        let stranger = Person::new(&app);
        assert_eq!(stranger.post("/sign-in", &fields).await.header("location"), "/account", "{next:?}");
        let confirmed = Person::at(&app, stranger.address.clone());
        confirmed.set_cookie("session", &stranger.cookie("session").unwrap());
        assert_eq!(confirmed.post("/account/confirm", &fields).await.header("location"), "/account", "{next:?}");
        for page in ["/sign-in", "/account/confirm"] {
            let shown = ann.get(&format!("{page}?next={}", encoded(next))).await;
            assert!(shown.body.contains("name=\"next\" value=\"/account\""), "{next:?}: {}", shown.body);
        }
    }
    // Nor by the address that they asked for themselves.
    let answer = Person::new(&app).get("/account/password?next=//evil.example").await;
    assert_eq!(answer.header("location"), "/sign-in?next=/account/password%3Fnext%3D//evil.example");
    let twice = ann.get("/sign-in?next=/account&next=//evil.example").await;
    assert!(!twice.body.contains("evil.example") && !twice.status.is_server_error());
}

/// As many as `cargo xtask soak` says.
fn wrong_passwords() -> usize {
    env::var("SCIATICALM_SOAK_PASSWORDS").map_or(200, |number| number.parse().unwrap())
}

#[tokio::test]
async fn thousands_of_wrong_passwords_are_slowed_and_the_owner_still_gets_in() {
    let app = TestApp::with_people().await;
    let owner = Person::with_account(&app, ANN).await;
    owner.post("/sign-out", &[]).await;
    let (hasher, before) = (&app.state.guard.hasher, app.state.guard.hasher.calls());
    // From everywhere, and without waiting.
    for n in 0..wrong_passwords() {
        let thief = Person::at(&app, format!("198.{}.{}.1", n / 250 % 250, n % 250));
        let answer = thief.sign_in(ANN, &format!("wrong horse battery {n}")).await;
        let slowed = answer.status == StatusCode::TOO_MANY_REQUESTS;
        assert!(slowed || answer.status == StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.status);
        assert_eq!(slowed, !answer.header("retry-after").is_empty());
    }
    assert!(hasher.calls() - before <= 21, "{} were tried", hasher.calls() - before);
    assert!(app.state.guard.remembered() <= 50, "{}", app.state.guard.remembered());
    assert_eq!(owner.sign_in(ANN, PASSWORD).await.status, StatusCode::SEE_OTHER, "on a known device, at once");
    // On a new one, after what the answer says, and never more than a minute.
    let new = Person::new(&app);
    let told = new.sign_in(ANN, PASSWORD).await;
    let seconds: i64 = told.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds) && told.text().contains("There were too many tries"), "{seconds}");
    app.pass(seconds * 1000);
    assert_eq!(new.sign_in(ANN, PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn one_network_waits_longer_and_longer() {
    let app = TestApp::with_people().await;
    Person::with_account(&app, ANN).await;
    let thief = Person::new(&app);
    let mut waits: Vec<i64> = Vec::new();
    while waits.len() < 8 {
        let answer = thief.sign_in(ANN, WRONG).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            waits.push(answer.header("retry-after").parse().unwrap());
            app.pass(waits[waits.len() - 1] * 1000);
        }
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128]);
}

#[tokio::test]
async fn passwords_tried_all_at_once_are_no_more_than_one_after_another() {
    let app = TestApp::with_people().await;
    Person::with_account(&app, ANN).await;
    let before = app.state.guard.hasher.calls();
    let thieves: Vec<Person> = (0..60).map(|_| Person::new(&app)).collect();
    let tries = thieves.iter().map(|thief| thief.sign_in(ANN, WRONG));
    let answers = futures_util::future::join_all(tries).await;
    let tried = answers.iter().filter(|answer| answer.status == StatusCode::UNPROCESSABLE_ENTITY).count();
    assert_eq!((tried, app.state.guard.hasher.calls() - before), (21, 21));
}

#[tokio::test]
async fn one_address_is_limited_whatever_it_says_of_itself_and_its_neighbour_is_not() {
    let app = TestApp::with_people().await;
    let proxy_adds = "203.0.113.7";
    let mut refused = 0;
    for n in 0..60 {
        // What the sender wrote, and to the right of it what our own proxy saw.
        let thief = Person::at(&app, format!("198.51.100.{n}, {proxy_adds}"));
        let answer = thief.sign_in(&format!("u{n}@example.org"), "x").await;
        refused += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!((20..=30).contains(&refused), "{refused}");
    for neighbour in ["203.0.113.8", "203.0.113.7, 203.0.113.9"] {
        let neighbour = Person::at(&app, neighbour.to_owned());
        assert_eq!(neighbour.sign_in(ANN, "x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

/// What can be told from an answer: all but the date, the random cookies and the address that was typed.
fn seen(answer: &Answer, email: &str) -> (StatusCode, Vec<String>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != header::DATE);
    let mut headers: Vec<String> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
    headers.sort();
    (answer.status, headers, answer.body.replace(email, "…"))
}

#[tokio::test]
async fn nobody_can_tell_who_has_an_account() {
    let app = TestApp::with_people().await;
    Person::with_account(&app, ANN).await;
    // As many letters, so that the same length is the same length.
    let (known, unknown) = (ANN, "bob@example.org");
    for (path, argon2) in [("/sign-in", 1), ("/sign-up", 1), ("/reset-password", 0)] {
        let mut answers = Vec::new();
        for email in [known, unknown] {
            let before = app.state.guard.hasher.calls();
            let fields = [("email", email), ("password", WRONG), ("old_enough", "yes")];
            let answer = Person::new(&app).post(path, &fields).await;
            assert_eq!(app.state.guard.hasher.calls() - before, argon2, "{path} {email}");
            answers.push(seen(&answer, email));
        }
        assert_eq!(answers[0], answers[1], "{path}");
    }
    // Nor by being slowed down.
    let mut slowed = Vec::new();
    for email in [known, unknown] {
        let thief = Person::new(&app);
        for _ in 0..7 {
            slowed.push(seen(&thief.sign_in(email, WRONG).await, email));
        }
    }
    assert_eq!(slowed[6].0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(slowed[..7], slowed[7..]);
}
