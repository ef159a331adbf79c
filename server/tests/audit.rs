//! The audit log, on both engines: whatever is done to it shows.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use app::{
    Error,
    audit::{self, Action, Actor, Broken, Event, Filter, Place, Recorded, Verdict},
    db::Db,
    on,
};
use axum::http::StatusCode;
use futures_util::future::join_all;
use server::config::{MediaOptions, StoreOptions};
use support::{
    NOW, TestApp,
    desk::{account, staff},
    engines::engines,
    person::{PASSWORD, Person},
};
use uuid::Uuid;

const PATIENT: Uuid = Uuid::from_u128(1);
const ADMIN: Uuid = Uuid::from_u128(2);

fn signed_in() -> Event {
    Event::new(&NOW, Actor::Account(PATIENT), Action::SignedIn).seen_from("203.0.113.77".parse().ok())
}

async fn record(db: &Db, count: usize) {
    for _ in 0..count {
        audit::record(db, signed_in()).await.unwrap();
    }
}

/// What somebody with a database tool does.
async fn tamper(db: &Db, statements: &'static str) {
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::raw_sql(statements).execute(connection).await.map(drop))?;
            Ok(())
        })
    })
    .await
    .unwrap();
}

async fn events(db: &Db) -> Vec<Recorded> {
    audit::events(db, &Filter::default(), 1_000).await.unwrap()
}

async fn length(db: &Db) -> i64 {
    match audit::verify(db).await.unwrap() {
        Verdict::Whole { number, .. } => number,
        Verdict::Broken(broken) => panic!("{broken:?}"),
    }
}

#[tokio::test]
async fn an_event_is_read_as_it_was_recorded() {
    for engine in engines("audit_read").await {
        audit::record(&engine.db, signed_in()).await.unwrap();
        let granted = Event::new(&NOW, Actor::CommandLine, Action::RoleGranted).about((PATIENT, "editor"));
        audit::record(&engine.db, granted).await.unwrap();
        let [newer, older]: [Recorded; 2] = events(&engine.db).await.try_into().unwrap();
        assert_eq!((older.number, older.at), (1, 1_795_348_800_000), "{}", engine.name);
        assert_eq!((older.actor.as_str(), older.action.as_str()), (PATIENT.to_string().as_str(), "signed-in"));
        assert_eq!((older.target.as_deref(), older.origin.as_deref()), (None, Some("203.0.113.0/24")));
        assert_eq!((newer.actor.as_str(), newer.action.as_str()), ("command-line", "role-granted"));
        assert_eq!((newer.target, newer.origin), (Some(format!("{PATIENT} editor")), None));
        assert_eq!(newer.previous, older.hash, "{}", engine.name);
    }
}

#[tokio::test]
async fn an_account_gets_what_it_did_and_what_was_done_to_it() {
    for engine in engines("audit_of").await {
        let db = &engine.db;
        let by_admin = |action| Event::new(&NOW, Actor::Account(ADMIN), action);
        for event in [
            signed_in(),
            by_admin(Action::SignedIn),
            by_admin(Action::RoleGranted).about((PATIENT, "editor")),
            by_admin(Action::SessionRevoked).about(PATIENT),
            by_admin(Action::RoleGranted).about((ADMIN, "reviewer")),
            by_admin(Action::LimitReached).about("overall"),
        ] {
            audit::record(db, event).await.unwrap();
        }
        let numbers = |rows: Vec<Recorded>| rows.iter().map(|row| row.number).collect::<Vec<_>>();
        assert_eq!(numbers(audit::events_of(db, PATIENT, 0, 100).await.unwrap()), [1, 3, 4], "{}", engine.name);
        assert_eq!(numbers(audit::events_of(db, PATIENT, 1, 1).await.unwrap()), [3], "{}", engine.name);
        let before_5 =
            Filter { before: Some(Place { at: i64::try_from(NOW.millis()).unwrap(), number: 5 }), ..Filter::default() };
        assert_eq!(numbers(audit::events(db, &Filter::default(), 2).await.unwrap()), [6, 5], "{}", engine.name);
        assert_eq!(numbers(audit::events(db, &before_5, 2).await.unwrap()), [4, 3], "{}", engine.name);
    }
}

/// An address of the log with this filter leads to these events, in this order.
async fn shows(admin: &Person<'_>, query: &str, expected: &[&str]) {
    let page = admin.get(&format!("/admin/audit?{query}")).await;
    assert_eq!(page.status, StatusCode::OK, "{query}: {}", page.text());
    let rows = page.body.split("<tr>").skip(2);
    let actions: Vec<&str> = rows.map(|row| row.split("<td>").nth(3).unwrap().split("</td>").next().unwrap()).collect();
    assert_eq!(actions, expected, "{query}");
}

#[tokio::test]
async fn the_log_is_found_by_what_was_done_by_whom_about_what_and_when() {
    const DAY: u64 = 24 * 60 * 60 * 1000;
    for engine in engines("audit_filters").await {
        let app = engine.into_app().await;
        let admin = staff(&app, "admin", "admin").await;
        let (by, article) = (account("admin"), Uuid::from_u128(77));
        let at = |days: u64, actor, action| Event { at: NOW.millis() - days * DAY, ..Event::new(&NOW, actor, action) };
        for event in [
            at(3, Actor::Account(PATIENT), Action::SignedIn),
            at(2, Actor::Account(by), Action::ArticleSaved).about((article, 1)),
            at(2, Actor::Nobody, Action::SignInFailed).about("password"),
            at(1, Actor::Account(by), Action::RoleGranted).about((PATIENT, "editor")),
            at(1, Actor::CommandLine, Action::KeysRotated),
            at(0, Actor::Account(by), Action::ArticlePublished).about((article, 1)),
            at(0, Actor::Account(by), Action::SettingsSaved).about(("settings", 2)),
        ] {
            audit::record(&app.state.db, event).await.unwrap();
        }
        shows(
            &admin,
            "",
            &[
                "settings-saved",
                "article-published",
                "keys-rotated",
                "role-granted",
                "sign-in-failed",
                "article-saved",
                "signed-in",
            ],
        )
        .await;
        shows(&admin, "action=article-saved", &["article-saved"]).await;
        shows(&admin, "about=article", &["article-published", "article-saved"]).await;
        shows(&admin, "about=site", &["settings-saved", "keys-rotated"]).await;
        shows(&admin, "about=exercise", &[]).await;
        shows(&admin, "about=article&action=signed-in", &[]).await;
        shows(&admin, &format!("who={by}"), &["settings-saved", "article-published", "role-granted", "article-saved"])
            .await;
        shows(&admin, "who=nobody", &["sign-in-failed"]).await;
        shows(&admin, &format!("who={by}&about=staff"), &["role-granted"]).await;
        shows(&admin, &format!("number={article}"), &["article-published", "article-saved"]).await;
        shows(&admin, &format!("number={PATIENT}"), &["role-granted"]).await;
        shows(&admin, "from=2026-11-20&to=2026-11-20", &["sign-in-failed", "article-saved"]).await;
        shows(&admin, "to=2026-11-19", &["signed-in"]).await;
        shows(&admin, &format!("from=2026-11-21&about=article&who={by}&number={article}"), &["article-published"])
            .await;
        let page = admin.get("/admin/audit").await;
        assert!(page.text().contains("admin@example.org"), "staff by their address");
        for (query, field) in
            [("number=7", "number"), ("from=yesterday", "from"), ("from=2026-11-21&to=2026-11-20", "to")]
        {
            let wrong = admin.get(&format!("/admin/audit?{query}")).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
            assert!(wrong.body.contains(&format!("href=\"#{field}\"")), "{query}: {}", wrong.body);
        }
    }
}

#[tokio::test]
async fn a_filter_is_kept_from_page_to_page_and_no_event_is_left_out() {
    for engine in engines("audit_pages").await {
        let app = engine.into_app().await;
        let admin = staff(&app, "admin", "admin").await;
        // Many at one time, and others between them.
        for n in 0..130 {
            let action = if n % 2 == 0 { Action::ArticleSaved } else { Action::SignedIn };
            let event = Event::new(&NOW, Actor::Account(PATIENT), action).about((Uuid::from_u128(n), 1));
            audit::record(&app.state.db, event).await.unwrap();
        }
        let (mut next, mut seen) = (Some("/admin/audit?about=article".to_owned()), vec![]);
        while let Some(address) = next {
            let page = admin.get(&address).await;
            seen.extend(
                page.body
                    .split("<tr>")
                    .skip(2)
                    .map(|row| row.split("<td>").nth(1).unwrap().split('<').next().unwrap().to_owned()),
            );
            next = page
                .body
                .split("rel=\"next\" href=\"")
                .nth(1)
                .map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&"));
        }
        let expected: Vec<String> = (0..130).rev().filter(|n| n % 2 == 0).map(|n| (n + 1).to_string()).collect();
        assert_eq!(seen, expected);
    }
}

/// The events of a kind, the oldest first.
async fn recorded(db: &Db, action: Action) -> Vec<Recorded> {
    let mut events = events(db).await;
    events.retain(|event| event.action == action.name());
    events.reverse();
    events
}

const ANN: &str = "ann@example.org";

#[tokio::test]
async fn a_limit_is_recorded_when_it_is_reached_and_then_ever_more_rarely() {
    let app = TestApp::with_people().await;
    let db = &app.state.db;
    Person::with_account(&app, ANN).await;
    let signed_up = recorded(db, Action::SignedUp).await[0].actor.clone();
    let thief = Person::at(&app, "203.0.113.77");
    let mut counts = Vec::new();
    for _ in 0..3 {
        for _ in 0..9 {
            thief.sign_in(ANN, "another horse battery staple").await;
        }
        counts.push(recorded(db, Action::LimitReached).await.len());
        app.pass(60 * 1000);
    }
    assert_eq!(counts, [1, 2, 2], "at once, after a minute, and not before two more");
    let first = &recorded(db, Action::LimitReached).await[0];
    assert_eq!((first.actor.as_str(), first.target.as_deref()), (signed_up.as_str(), Some("password")));
    assert_eq!(first.origin.as_deref(), Some("203.0.113.0/24"));
    // Who has no account is limited and recorded alike, and no address is anywhere.
    let stranger = Person::new(&app);
    for _ in 0..9 {
        stranger.sign_in("nobody@example.org", "another horse battery staple").await;
    }
    assert_eq!(recorded(db, Action::LimitReached).await[2].actor, "nobody");
    for event in events(db).await {
        assert!(!format!("{event:?}").contains("example.org"), "{event:?}");
    }
}

#[tokio::test]
async fn every_limit_that_people_reach_is_recorded_by_its_name() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    for _ in 0..6 {
        Person::new(&app).post("/reset-password", &[("email", ANN)]).await;
    }
    let turn = app.state.guard.begin_export(Uuid::from_u128(1)).unwrap();
    for _ in 0..21 {
        ann.post("/account/export", &[]).await;
    }
    drop(turn);
    let greedy = Person::new(&app);
    for n in 0..40 {
        greedy.post("/reset-password", &[("email", &format!("u{n}@example.org"))]).await;
    }
    // The letters are written, or not, after the form was answered.
    let mut limits = Vec::new();
    for _ in 0..500 {
        limits = recorded(&app.state.db, Action::LimitReached).await;
        if limits.len() == 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let mut names: Vec<_> = limits.iter().filter_map(|event| event.target.as_deref()).collect();
    names.sort_unstable();
    assert_eq!(names, ["exports", "forms", "letters"]);
}

#[tokio::test]
async fn who_asks_for_what_is_not_for_their_role_is_refused_and_recorded() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    for _ in 0..5 {
        assert_eq!(ann.get("/admin/audit").await.status, StatusCode::FORBIDDEN);
    }
    let [refused]: [Recorded; 1] = recorded(&app.state.db, Action::AccessRefused).await.try_into().unwrap();
    assert_eq!(refused.actor, recorded(&app.state.db, Action::SignedUp).await[0].actor);
    assert_eq!(refused.target.as_deref(), Some("admin"), "the role that it takes");
    assert!(refused.origin.is_some());
    app.pass(60 * 1000);
    ann.post("/admin/people", &[("email", ANN), ("role", "admin")]).await;
    assert_eq!(recorded(&app.state.db, Action::AccessRefused).await.len(), 2);
    // Who is not signed in at all is led to the sign-in, and is nobody to record.
    Person::new(&app).get("/admin/audit").await;
    assert_eq!(recorded(&app.state.db, Action::AccessRefused).await.len(), 2);
}

#[tokio::test]
async fn showing_again_who_one_is_is_recorded_as_that_and_not_as_a_sign_in() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    ann.confirm(PASSWORD).await;
    let [confirmed]: [Recorded; 1] = recorded(&app.state.db, Action::IdentityConfirmed).await.try_into().unwrap();
    assert_eq!(confirmed.actor, recorded(&app.state.db, Action::SignedUp).await[0].actor);
    assert!(recorded(&app.state.db, Action::SignedIn).await.is_empty());
}

#[tokio::test]
async fn a_rotation_of_the_keys_is_recorded() {
    let folder = tempfile::TempDir::new().unwrap();
    let data_dir = folder.path().to_owned();
    let options = StoreOptions {
        data_dir,
        database_url: None,
        keys_url: None,
        master_key: None,
        master_key_old: None,
        media: MediaOptions::default(),
    };
    server::keys::rotate(&options).await.unwrap();
    let db = server::start::open_database(&options).await.unwrap();
    let [rotated]: [Recorded; 1] = recorded(&db, Action::KeysRotated).await.try_into().unwrap();
    assert_eq!((rotated.actor.as_str(), rotated.origin), ("command-line", None));
}

#[tokio::test]
async fn an_untouched_log_is_whole() {
    for engine in engines("audit_whole").await {
        assert_eq!(length(&engine.db).await, 0, "{}", engine.name);
        record(&engine.db, 5).await;
        let hash = events(&engine.db).await[0].hash.clone();
        assert_eq!(audit::hash_at(&engine.db, 5).await.unwrap().as_ref(), Some(&hash), "{}", engine.name);
        assert_eq!(audit::verify(&engine.db).await.unwrap(), Verdict::Whole { number: 5, hash }, "{}", engine.name);
    }
}

/// Longer than what is read at once.
#[tokio::test]
async fn a_long_log_is_followed_to_its_end() {
    for engine in engines("audit_long").await {
        let db = &engine.db;
        db.write(|mut tx| {
            Box::pin(async move {
                for _ in 0..2_500 {
                    audit::append(&mut tx, &signed_in()).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
        assert_eq!(length(db).await, 2_500, "{}", engine.name);
        tamper(db, "update audit_event set origin = null where number = 2000").await;
        assert!(matches!(audit::verify(db).await.unwrap(), Verdict::Broken(Broken { number: 2_000, .. })));
    }
}

#[tokio::test]
async fn whatever_is_done_to_the_log_shows() {
    for (test, statements, number) in [
        ("at", "update audit_event set at = at + 1 where number = 3", 3),
        ("actor", "update audit_event set actor = 'nobody' where number = 3", 3),
        ("action", "update audit_event set action = 'signed-out' where number = 3", 3),
        ("target", "update audit_event set target = '' where number = 3", 3),
        ("origin", "update audit_event set origin = null where number = 3", 3),
        ("previous", "update audit_event set previous = hash where number = 3", 3),
        ("hash", "update audit_event set hash = previous where number = 3", 3),
        ("number", "update audit_event set number = 0 where number = 3", 0),
        ("first", "delete from audit_event where number = 1", 1),
        ("middle", "delete from audit_event where number = 3", 3),
        (
            "closed_gap",
            "delete from audit_event where number = 3; update audit_event set number = 3 where number = 4;
             update audit_event set number = 4 where number = 5; update audit_head set number = 4",
            3,
        ),
        (
            "reordered",
            "update audit_event set number = 30 where number = 3; update audit_event set number = 3 where number = 4;
             update audit_event set number = 4 where number = 30",
            3,
        ),
        ("tail", "delete from audit_event where number >= 4", 4),
        ("everything", "delete from audit_event", 1),
        ("head_back", "update audit_head set number = 4", 4),
        ("head_on", "update audit_head set number = 6", 6),
        ("head_hash", "update audit_head set hash = 'x'", 5),
        ("head_gone", "delete from audit_head", 6),
        (
            "added",
            "insert into audit_event (number, at, actor, action, previous, hash)
             select 6, at, actor, action, hash, hash from audit_event where number = 5",
            6,
        ),
    ] {
        for engine in engines(&format!("audit_tampered_{test}")).await {
            record(&engine.db, 5).await;
            tamper(&engine.db, statements).await;
            match audit::verify(&engine.db).await.unwrap() {
                Verdict::Broken(broken) => assert_eq!(broken.number, number, "{}, {test}: {broken:?}", engine.name),
                Verdict::Whole { .. } => panic!("{}, {test}: it does not show", engine.name),
            }
        }
    }
}

#[tokio::test]
async fn a_log_without_its_head_takes_no_event_and_a_taken_number_is_no_fault_of_the_caller() {
    for (test, statements) in
        [("no_head", "delete from audit_head"), ("number_taken", "update audit_head set number = 1")]
    {
        for engine in engines(&format!("audit_{test}")).await {
            record(&engine.db, 2).await;
            tamper(&engine.db, statements).await;
            let refused = audit::record(&engine.db, signed_in()).await;
            assert!(matches!(refused, Err(Error::Internal(_))), "{}, {test}: {refused:?}", engine.name);
        }
    }
}

#[tokio::test]
async fn two_hundred_events_at_once_make_one_chain() {
    for engine in engines("audit_at_once").await {
        let recorded = join_all((0..200).map(|_| audit::record(&engine.db, signed_in()))).await;
        assert!(recorded.iter().all(Result::is_ok), "{}", engine.name);
        assert_eq!(length(&engine.db).await, 200, "{}", engine.name);
    }
}

#[tokio::test]
async fn a_log_that_is_being_written_is_whole() {
    for engine in engines("audit_meanwhile").await {
        let db = engine.db.clone();
        let writing = tokio::spawn(async move { record(&db, 300).await });
        while !writing.is_finished() {
            length(&engine.db).await;
        }
        writing.await.unwrap();
        assert_eq!(length(&engine.db).await, 300, "{}", engine.name);
    }
}

#[tokio::test]
async fn what_is_undone_leaves_no_event() {
    for engine in engines("audit_undone").await {
        record(&engine.db, 1).await;
        let attempts = (0..20).map(|attempt| {
            engine.db.write(move |mut tx| {
                Box::pin(async move {
                    audit::append(&mut tx, &signed_in()).await?;
                    if attempt % 2 == 0 { Err(Error::Conflict) } else { Ok(()) }
                })
            })
        });
        let done = join_all(attempts).await.iter().filter(|attempt| attempt.is_ok()).count();
        assert_eq!((done, length(&engine.db).await), (10, 11), "{}", engine.name);
    }
}
