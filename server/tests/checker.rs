//! The checker without script: one form after another, decided by the server, forgotten at once.

mod support;

use app::on;
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use support::TestApp;

#[tokio::test]
async fn both_feet_dropping_leads_to_999() {
    let app = TestApp::new().await;
    let none: Vec<(&str, &str)> =
        vec![("saddle", "no"), ("pee_start", "no"), ("pee_leak", "no"), ("bowel", "no"), ("sex", "no")];
    let mut legs = none.clone();
    legs.extend([("screen", "legs"), ("both_drop", "yes"), ("go", "next")]);
    let more = app.post_form("/seek-help", &legs).await;
    assert_eq!(more.status, StatusCode::OK);
    assert!(
        more.text().contains("Both feet dropping: when did it begin?"),
        "the follow-up comes before the interruption"
    );
    let mut since = none;
    since.extend([
        ("both_legs", "no"),
        ("both_weak", "no"),
        ("both_drop", "yes"),
        ("one_weak", "no"),
        ("one_numb", "no"),
    ]);
    since.extend([("unsteady", "no"), ("screen", "legs_more"), ("both_drop_since", "recent"), ("go", "next")]);
    let result = app.post_form("/seek-help", &since).await;
    let text = result.text();
    assert!(text.contains("Call 999 or go to A&E now"));
    assert!(text.contains("You told us: both feet dropping"));
    assert!(text.contains("Rule E08"));
    assert!(text.contains("not for emergencies"));
    assert!(text.contains("Not signed off by a clinician yet"));
    assert!(result.body.contains("href=\"tel:999\""));
    assert!(result.body.contains("help--emergency"), "the strip shows the emergency number alone");
    assert_eq!(result.header("cache-control"), "no-store");
    let card = result.body.find("class=\"stop\"").unwrap();
    assert!(card < result.body.find("href=\"/articles/").unwrap_or(usize::MAX));
}

#[tokio::test]
async fn a_list_left_empty_is_asked_again_with_the_error_first() {
    let app = TestApp::new().await;
    let again = app.post_form("/seek-help", &[("screen", "bladder"), ("go", "next")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text().contains("There is a problem"));
    assert!(again.body.contains("href=\"#saddle\""));
    assert!(again.body.contains("<title>Error: "));
}

#[tokio::test]
async fn nothing_ticked_is_lost_on_an_error_or_on_the_way_back() {
    let app = TestApp::new().await;
    let both = app.post_form("/seek-help", &[("screen", "bladder"), ("saddle", "yes"), ("none", "yes")]).await;
    assert_eq!(both.status, StatusCode::UNPROCESSABLE_ENTITY);
    let field = both.body.split("name=\"saddle\"").nth(1).unwrap();
    assert!(field.split('>').next().unwrap().contains("checked"), "the tick is gone");
    let back = app.post_form("/seek-help", &[("screen", "bladder_since"), ("saddle", "yes"), ("go", "back")]).await;
    assert!(back.text().contains("Have you noticed any of these?"));
    let field = back.body.split("name=\"saddle\"").nth(1).unwrap();
    assert!(field.split('>').next().unwrap().contains("checked"), "the tick is gone on the way back");
}

#[tokio::test]
async fn forms_that_no_page_of_ours_sends_get_a_4xx() {
    let app = TestApp::new().await;
    let form = "application/x-www-form-urlencoded";
    for (name, status, body) in [
        ("empty", 400, vec![]),
        ("without a screen", 400, b"saddle=yes".to_vec()),
        ("an unknown screen", 400, b"screen=moon".to_vec()),
        ("an unknown field", 400, b"screen=bladder&moon=yes".to_vec()),
        ("a field twice", 400, b"screen=bladder&saddle=yes&saddle=yes".to_vec()),
        ("an unknown answer", 400, b"screen=bladder&saddle=perhaps".to_vec()),
        ("invalid UTF-8", 400, b"screen=bladder&saddle=%ff%fe".to_vec()),
        ("raw bytes", 400, vec![0xff, 0xfe, 0x00, 0x80]),
        ("ten megabytes", 413, vec![b'a'; 10 * 1024 * 1024]),
    ] {
        let answer = app.post_raw("/seek-help", form, body).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        assert!(answer.body.contains("href=\"/seek-help\""), "{name}: no way on");
    }
    let json = app.post_raw("/seek-help", "application/json", b"{}".to_vec()).await;
    assert_eq!(json.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_form_of_older_questions_keeps_what_still_fits_and_says_so() {
    let app = TestApp::new().await;
    for older in [
        &[("screen", "bladder"), ("moon", "yes"), ("none", "yes")][..],
        &[("screen", "bladder"), ("saddle", "perhaps")],
        &[("screen", "moon"), ("pee_leak", "no")],
    ] {
        let again = app.post_form("/seek-help", &[older, &[("rules", "1.0.0%2B00000000")]].concat()).await;
        let text = again.text();
        assert_eq!((again.status, again.header("cache-control")), (StatusCode::OK, "no-store"), "{older:?}");
        assert!(text.contains("Our questions have changed since you opened this page"), "{older:?}");
        assert!(text.contains("call 111, or 999 in an emergency"), "{older:?}");
        // Whatever "None of these" was said to, it was another list.
        assert!(text.contains(&app.state.site.rules.screens[0].title), "{older:?}");
    }
    assert!(!app.get("/seek-help").await.text().contains("Our questions have changed"));
}

#[tokio::test]
async fn an_emergency_in_a_form_of_older_questions_is_still_one() {
    let app = TestApp::new().await;
    let older = [("rules", "1.0.0%2B00000000"), ("screen", "moon"), ("chest", "yes"), ("moon", "yes")];
    let result = app.post_form("/seek-help", &older).await;
    assert_eq!(result.status, StatusCode::OK);
    assert!(result.text().contains("Call 999 or go to A&E now") && result.body.contains("href=\"tel:999\""));
}

#[tokio::test]
async fn what_another_site_sends_is_refused() {
    let app = TestApp::new().await;
    let post = |name: &str, value: &str| {
        Request::post("/seek-help")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(name, value)
            .body(Body::from("screen=sudden&chest=yes"))
            .unwrap()
    };
    for (name, value, status) in [
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", "https://elsewhere.example", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "same-origin", 200),
        ("origin", "http://localhost:3000", 200),
    ] {
        assert_eq!(app.send(post(name, value)).await.status.as_u16(), status, "{name}: {value}");
    }
}

#[tokio::test]
async fn the_page_about_the_checker_names_every_rule() {
    let app = TestApp::new().await;
    let about = app.get("/seek-help/about").await.text();
    for rule in &app.state.site.rules.rules {
        assert!(about.contains(&rule.id), "{}", rule.id);
    }
    for rule in &app.state.site.rules.watch {
        assert!(about.contains(&format!("{} {}", rule.id, rule.cause)), "{}", rule.id);
        for source in &rule.sources {
            assert!(about.contains(&source.title), "{}: {}", rule.id, source.title);
        }
    }
    assert!(about.contains("falls by 1 or more, or the heel-walk by 3 steps or more"));
    assert!(about.contains("Not signed off by a clinician yet"));
    assert!(about.contains("not a registered medical device"));
}

#[tokio::test]
async fn whether_it_helped_is_counted_and_thanked_for() {
    let app = TestApp::new().await;
    let helped = [("urgency", "self-care"), ("helped", "yes"), ("version", "0.0.1%2Bold")];
    for _ in 0..2 {
        let answer = app.post_form("/seek-help/helped", &helped).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/seek-help/thanks"));
    }
    let counts: Vec<(String, String, String, bool, i64)> = on!(db &app.state.db, pool => sqlx::query_as(
        "select day, urgency, rules_version, helped, count from checker_feedback",
    )
    .fetch_all(pool)
    .await)
    .unwrap();
    let version = app.state.site.rules.version.clone();
    assert_eq!(counts, [("2026-11-22".to_owned(), "self-care".to_owned(), version, true, 2)]);

    let thanks = app.get("/seek-help/thanks").await;
    assert!(thanks.text().contains("Thank you") && !thanks.body.contains("<script"));
    for sign in &app.state.site.rules.safety_net {
        assert!(thanks.text().contains(sign), "{sign}");
    }
}

#[tokio::test]
async fn whether_it_helped_is_thanked_for_without_a_database_too() {
    let app = TestApp::new().await;
    app.state.db.clone().close().await;
    let answer = app.post_form("/seek-help/helped", &[("urgency", "emergency"), ("helped", "no")]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/seek-help/thanks"));
    assert_eq!(app.get("/seek-help/thanks").await.status, StatusCode::OK);
}

#[tokio::test]
async fn feedback_that_no_page_of_ours_sends_gets_a_4xx() {
    let app = TestApp::new().await;
    for fields in [
        &[("urgency", "fatal"), ("helped", "yes")][..],
        &[("urgency", "soon"), ("helped", "perhaps")],
        &[("urgency", "soon")],
        &[],
    ] {
        let answer = app.post_form("/seek-help/helped", fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(answer.body.contains("href=\"/seek-help\""), "{fields:?}: no way on");
    }
}
