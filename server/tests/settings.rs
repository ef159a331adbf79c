//! The site's settings: what an administrator saves reaches every page of every server within seconds, nothing typed is lost, and
//! nobody is ever told to call nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{sync::Arc, time::Duration};

use app::{
    Error,
    audit::{self, Action, Actor, Event},
    on,
    settings::{
        Saved,
        store::{self, Saving},
    },
    site::{Expired, Settings},
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
    desk::{account, begin, hidden, staff},
    engines::{Engine, engines},
    person::Person,
};
use tower::ServiceExt;

/// The form as a new site shows it.
fn fields() -> Vec<(&'static str, &'static str)> {
    vec![
        ("base", "0"),
        ("begun_from", "0"),
        ("site_name", "Sciaticalm"),
        ("country", "GB"),
        ("emergency_number", "999"),
        ("urgent_number", "111"),
        ("urgent_name", "NHS 111"),
        ("maternity", "your maternity unit"),
        ("listening", "Samaritans on 116 123"),
        ("help_line", "02380 248725"),
        ("help_hours", ""),
        ("authors", "Sciaticalm Medical Team"),
        (
            "disclaimer",
            "This article is general information. It cannot know your body, and does not replace a doctor, nurse or physiotherapist.",
        ),
        ("banner_text", ""),
        ("banner_link", ""),
        ("banner_words", ""),
        ("zone", "Europe/London"),
        ("expired", "banner"),
    ]
}

/// The form with other values, and more of them.
fn with(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut fields = fields();
    for (name, value) in changes {
        fields.retain(|(there, _)| there != name);
        fields.push((name, value));
    }
    fields
}

async fn send(person: &Person<'_>, changes: &[(&'static str, &'static str)]) -> Answer {
    person.post("/admin/settings", &with(changes)).await
}

async fn save(person: &Person<'_>, changes: &[(&'static str, &'static str)]) {
    let answer = send(person, &[&[("press", "save")], changes].concat()).await;
    assert_eq!(answer.header("location"), "/admin/settings?done=saved", "{} {}", answer.status, answer.text());
}

async fn server(engine: &Engine) -> (Arc<Running>, Router) {
    let running = idle_server(engine).await;
    let looking = Arc::clone(&running);
    tokio::spawn(async move { looking.keep_looking().await });
    let router = Running::router(&running);
    (running, router)
}

/// One that does not look by itself.
async fn idle_server(engine: &Engine) -> Arc<Running> {
    let state = engine.state().await;
    let local = start::built_in().unwrap();
    Running::new(state, local, Assets::default(), Limits::default(), Some(engine.folder().to_owned()))
}

async fn get(router: &Router, path: &str) -> String {
    let answer = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// Both servers show this on a page, within five seconds.
async fn both_show(routers: [&Router; 2], path: &str, text: &str) {
    for _ in 0..50 {
        if get(routers[0], path).await.contains(text) && get(routers[1], path).await.contains(text) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{path} does not show {text}: {}", get(routers[0], path).await);
}

/// Saves settings as an administrator of the account `admin` would.
async fn save_as_admin(engine: &Engine, after: i64, settings: Settings) -> Result<i64, Error> {
    let saving = Saving { settings, by: account("admin"), at: NOW.millis_i64(), begun_from: None };
    let event = Event::new(&NOW, Actor::Account(account("admin")), Action::SettingsSaved);
    store::save(&engine.db, after, Settings::default(), saving, event).await
}

fn elsewhere() -> Settings {
    let mut settings = Settings { name: "Backs".to_owned(), ..Settings::default() };
    settings.numbers.emergency = "112".to_owned();
    settings.numbers.urgent = "116 117".to_owned();
    settings.numbers.urgent_name = "the doctors\u{2019} line".to_owned();
    settings.numbers.help_line = "030 123456".to_owned();
    settings.help_hours = "Weekdays, 9 to 5".to_owned();
    settings.banner.shown = true;
    settings.banner.text = "Closed on <Monday>.".to_owned();
    settings
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_numbers_reaches_every_page_of_every_server() {
    let _ = any_spawner::Executor::init_tokio();
    for engine in engines("settings_reach").await {
        let ((one, first), (_two, second)) = (server(&engine).await, server(&engine).await);
        start::load_starting_content(&one.state()).await.unwrap();
        let article = "/articles/cauda-equina-warning-signs";
        both_show([&first, &second], article, "Call 999 or go to A&amp;E now if:").await;
        let (worker, manifest) = (get(&first, "/sw.js").await, get(&first, "/manifest.webmanifest").await);
        save_as_admin(&engine, 0, elsewhere()).await.unwrap();
        for (path, text) in [
            ("/", "tel:030123456"),
            (article, "Call 112 or go to A&amp;E now if:"),
            (article, "call 112 if you cannot get to A&amp;E"),
            ("/privacy", "<a href=\"tel:030123456\">030 123456</a>"),
            ("/accessibility", "Call 112 in an emergency, or the doctors\u{2019} line."),
            ("/offline", "tel:116117"),
            ("/seek-help/about", "030 123456"),
            ("/tracker/sheet", "Call 112"),
            ("/exercises", "Closed on &lt;Monday&gt;."),
            ("/nowhere", "Backs"),
            ("/sign-in", "Weekdays, 9 to 5"),
        ] {
            both_show([&first, &second], path, text).await;
        }
        for path in
            ["/", article, "/privacy", "/offline", "/seek-help", "/tracker", "/tracker/sheet", "/seek-help/about"]
        {
            let page = get(&first, path).await;
            for old in [">999<", "all 999", "tel:999", ">111<", "all 111", "NHS 111 or", "02380", "Sciaticalm</a>"] {
                assert!(!page.contains(old), "{}: {path} still has {old}: {page}", engine.name);
            }
        }
        assert_ne!(get(&first, "/sw.js").await, worker, "{}: devices fetch what they kept again", engine.name);
        assert_ne!(get(&first, "/manifest.webmanifest").await, manifest, "{}", engine.name);
        // No article was saved again for it.
        start::load_starting_content(&one.state()).await.unwrap();
        let revisions: i64 = on!(db &engine.db, pool => sqlx::query_scalar("select max(number) from article_revision")
            .fetch_one(pool)
            .await)
        .unwrap();
        assert_eq!(revisions, 1, "{}", engine.name);
        let letter = app::mail::Message {
            kind: "test",
            to: "ann@example.org".to_owned(),
            subject: "Test".to_owned(),
            paragraphs: vec![],
            link: None,
            closing: vec![],
            stop: None,
        };
        one.state().mail.send(letter);
        one.state().mail.flush().await;
        let letters = support::letters::letters(engine.folder());
        assert!(letters[0].plain.contains("\nBacks\n"), "{}: letters too: {}", engine.name, letters[0].plain);
        assert!(letters[0].header("From").starts_with("Backs <"), "{}: {}", engine.name, letters[0].header("From"));

        // Who comes too late saves nothing.
        assert!(matches!(save_as_admin(&engine, 0, elsewhere()).await, Err(Error::Conflict)), "{}", engine.name);
        assert!(matches!(save_as_admin(&engine, 1, elsewhere()).await, Err(Error::Conflict)), "{}", engine.name);
        assert_eq!(save_as_admin(&engine, 2, Settings::default()).await.unwrap(), 3, "{}", engine.name);
        both_show([&first, &second], article, "Call 999 or go to A&amp;E now if:").await;
        // What the process was started with is the first of them.
        let kept = store::saved(&engine.db, 1).await.unwrap().unwrap();
        assert_eq!(kept.read(&Settings::default().public_url), Ok(Settings::default()), "{}", engine.name);
        assert!(matches!(audit::verify(&engine.db).await.unwrap(), audit::Verdict::Whole { .. }), "{}", engine.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_the_database_has_what_was_saved_last() {
    let _ = any_spawner::Executor::init_tokio();
    for engine in engines("settings_folder").await {
        let running = idle_server(&engine).await;
        save_as_admin(&engine, 0, elsewhere()).await.unwrap();
        assert!(running.look().await.unwrap(), "{}", engine.name);
        assert!(!running.look().await.unwrap(), "{}: it is taken over once", engine.name);
        // It has not looked yet.
        let started = idle_server(&engine).await;
        assert!(get(&Running::router(&started), "/offline").await.contains("Call 112"), "{}", engine.name);
        // What is newer in the database replaces it; what no site can have does not, and is said.
        save_as_admin(&engine, 2, Settings { name: "Spines".to_owned(), ..elsewhere() }).await.unwrap();
        started.look().await.unwrap();
        assert_eq!(started.state().site.settings.name, "Spines", "{}", engine.name);
        let mut silent = elsewhere();
        silent.numbers.emergency.clear();
        save_as_admin(&engine, 3, silent).await.unwrap();
        started.look().await.unwrap();
        assert_eq!(started.state().site.settings.numbers.emergency, "112", "{}", engine.name);
        let ready = get(&Running::router(&started), "/readyz").await;
        assert!(ready.contains("settings: save 4 was refused"), "{}: {ready}", engine.name);
        assert!(!started.look().await.unwrap(), "{}: it is not tried again and again", engine.name);
        let again = idle_server(&engine).await;
        assert_eq!(again.state().site.settings.name, "Spines", "{}: no copy of it is kept", engine.name);
        save_as_admin(&engine, 4, elsewhere()).await.unwrap();
        started.look().await.unwrap();
        assert!(!get(&Running::router(&started), "/readyz").await.contains("refused"), "{}", engine.name);
    }
}

#[tokio::test]
async fn settings_are_previewed_and_saved_by_a_plain_form() {
    for engine in engines("settings_form").await {
        let name = engine.name;
        let app = engine.into_app().await;
        let admin = staff(&app, "admin", "admin").await;
        let form = admin.get("/admin/settings").await;
        assert_eq!(form.status, StatusCode::OK, "{name}: {}", form.text());
        assert!(
            form.body.contains("value=\"02380 248725\"") && form.text().contains("Nobody saved settings yet"),
            "{name}"
        );

        // The frame is as it would be, and nothing is saved.
        let changes =
            [("help_line", "0800 000 000"), ("site_name", "Backs"), ("banner_shown", "yes"), ("banner_text", "Moved.")];
        let preview = send(&admin, &[&[("press", "preview")], &changes[..]].concat()).await;
        assert_eq!(preview.status, StatusCode::OK, "{name}: {}", preview.text());
        for seen in
            ["href=\"tel:0800000000\"", "Nothing is saved yet", "aria-label=\"Notice\"", "value=\"0800 000 000\""]
        {
            assert!(preview.body.contains(seen), "{name}: {seen} in {}", preview.body);
        }
        assert_eq!(store::last(&app.state.db).await.unwrap(), 0, "{name}");

        // Other numbers want to be looked up.
        let refused = send(&admin, &[&[("press", "save")], &changes[..]].concat()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(
            refused.body.contains("href=\"#numbers_checked\"") && refused.body.contains("value=\"0800 000 000\""),
            "{name}"
        );
        assert!(refused.body.contains("tel:02380248725"), "{name}: the frame is as it is");
        save(&admin, &[&[("numbers_checked", "yes")], &changes[..]].concat()).await;
        let after = admin.get("/admin/settings?done=saved").await;
        assert!(after.text().contains("Saved. Every page") && after.body.contains("href=\"tel:0800000000\""), "{name}");
        assert!(after.text().contains("admin@example.org"), "{name}: by whom");
        let log = audit::events(&app.state.db, &audit::Filter::default(), 1).await.unwrap();
        assert_eq!(
            (log[0].action.as_str(), log[0].target.as_deref()),
            ("settings-saved", Some("settings 2")),
            "{name}"
        );

        // Somebody with an older page is shown what differs, and loses nothing.
        let late = send(&admin, &[("press", "save"), ("disclaimer", "Ask a doctor.")]).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{name}");
        assert!(
            late.text().contains("Somebody else saved meanwhile") && late.text().contains("What differs"),
            "{name}"
        );
        assert!(late.body.contains("Ask a doctor.") && hidden(&late.body, "base") == "2", "{name}: {}", late.text());

        // What was saved before can be looked at, and brought back through the same form.
        let first = admin.get("/admin/settings/1").await.text();
        assert!(first.contains("What changed since") && first.contains("02380 248725"), "{name}: {first}");
        let filled = admin.get("/admin/settings?from=1").await;
        assert!(filled.body.contains("value=\"02380 248725\"") && filled.body.contains("tel:0800000000"), "{name}");
        save(&admin, &[("base", "2"), ("begun_from", "1"), ("numbers_checked", "yes")]).await;
        let log = audit::events(&app.state.db, &audit::Filter::default(), 1).await.unwrap();
        assert_eq!(
            (log[0].action.as_str(), log[0].target.as_deref()),
            ("settings-restored", Some("settings 3")),
            "{name}"
        );
        assert!(admin.get("/admin/settings").await.text().contains("begun from number 1"), "{name}");
        for nothing in ["/admin/settings?from=7", "/admin/settings/7"] {
            assert_eq!(admin.get(nothing).await.status, StatusCode::NOT_FOUND, "{name}: {nothing}");
        }
        // What says the same is not saved again.
        save(&admin, &[("base", "3")]).await;
        assert_eq!(store::last(&app.state.db).await.unwrap(), 3, "{name}");
    }
}

#[tokio::test]
async fn nothing_that_is_wrong_is_saved_and_nothing_typed_is_lost() {
    let app = TestApp::with_people().await;
    let admin = staff(&app, "admin", "admin").await;
    for (field, value) in [
        ("emergency_number", ""),
        ("emergency_number", "999 or 112"),
        ("emergency_number", "02380 248725"),
        ("urgent_number", "call us"),
        ("help_line", "+44 (0)23 8024 8725"),
        ("listening", ""),
        ("authors", ""),
        ("disclaimer", ""),
        ("banner_link", "javascript:alert(1)"),
        ("zone", "Mars/Olympus"),
        ("expired", "never"),
        ("country", "XX"),
    ] {
        for press in ["save", "preview"] {
            let answer =
                send(&admin, &[("press", press), ("help_hours", "Always"), ("numbers_checked", "yes"), (field, value)])
                    .await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value} {press}");
            assert!(answer.body.contains(&format!("href=\"#{field}\"")), "{field}: {}", answer.body);
            assert!(answer.body.contains("value=\"Always\""), "{field}: what was typed stays");
        }
    }
    assert_eq!(store::last(&app.state.db).await.unwrap(), 0);
    // A country fills in its numbers, and saves nothing.
    let filled = send(&admin, &[("press", "fill"), ("country", "NZ"), ("site_name", "Backs")]).await;
    assert!(
        filled.body.contains("value=\"Healthline\"") && filled.body.contains("value=\"Backs\""),
        "{}",
        filled.text()
    );
    assert_eq!(store::last(&app.state.db).await.unwrap(), 0);
}

#[tokio::test]
async fn the_rest_of_the_settings_is_where_it_belongs() {
    let mut app = TestApp::with_people().await;
    start::load_starting_content(&app.state).await.unwrap();
    let admin = staff(&app, "admin", "admin").await;
    save(
        &admin,
        &[
            ("authors", "Sciaticalm Medical Team | Clinicians who see backs daily\nDr Ann Body"),
            ("disclaimer", "Not for your body alone."),
            ("zone", "Pacific/Auckland"),
            ("expired", "unpublish"),
            ("banner_shown", "yes"),
            ("banner_text", "We moved."),
            ("banner_link", "/privacy"),
            ("banner_words", "Read why"),
        ],
    )
    .await;
    let saved: Saved = store::saved(&app.state.db, 2).await.unwrap().unwrap();
    let settings = saved.read(&app.state.site.settings.public_url).unwrap();
    assert_eq!(settings.expired, Expired::Unpublish);
    app.state.site = Arc::new(app.state.site.with_settings(settings));
    app.serve_again();
    let article = app.get("/articles/what-is-sciatica").await;
    let text = article.text();
    assert!(text.contains("By Sciaticalm Medical Team"), "{text}");
    assert!(text.contains("About the author: Sciaticalm Medical Team. Clinicians who see backs daily"), "{text}");
    assert!(text.contains("Not for your body alone."), "{text}");
    assert!(article.body.contains("<a href=\"/privacy\">Read why</a>"), "{}", article.body);
    // Nothing stands before the advice in an emergency.
    let emergency = app.post_form("/seek-help", &[("screen", "sudden"), ("chest", "yes")]).await;
    assert!(emergency.text().contains("Call 999") && !emergency.text().contains("We moved."), "{}", emergency.text());
    let editor = staff(&app, "editor", "editor").await;
    let page = begin(&editor, support::desk::TEXT).await;
    let edit = editor.get(&format!("{page}/edit")).await.text();
    assert!(edit.contains("Dr Ann Body"), "the editor names them: {edit}");
}
