//! What readers get: pages, errors with a way on, headers, and nothing they did not ask for.

mod support;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use support::TestApp;

const ARTICLE: &str = "/articles/back-pain-and-foot-drop";

#[tokio::test]
async fn the_foot_drop_article_has_everything_around_it() {
    let page = TestApp::new().await.get(ARTICLE).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    for seen in [
        "Back Pain and Foot Drop: When to Seek Help",
        "Published 18 October 2025",
        "Last reviewed 3 November 2026",
        "Next review 3 November 2027",
        "minutes to read",
        "By Sciaticalm Medical Team",
        "On this page",
        "Call 999 or go to A&E now if:",
        "Information, not medical advice",
        "Share this article",
        "Related articles",
        "02380 248725",
        "Where this comes from",
    ] {
        assert!(text.contains(seen), "{seen:?} is not on the page");
    }
    for tag in ["back-pain", "pain-relief", "health", "wellness", "sciaticalm"] {
        assert!(page.body.contains(&format!("href=\"/articles?tag={tag}\"")), "{tag}");
    }
}

#[tokio::test]
async fn an_article_has_no_script_and_a_policy_that_says_so() {
    let page = TestApp::new().await.get(ARTICLE).await;
    let scripts: Vec<&str> = page.body.match_indices("<script").map(|(at, _)| &page.body[at..at + 40]).collect();
    assert_eq!(scripts.len(), 1, "{scripts:?}");
    assert!(scripts[0].starts_with("<script type=\"application/ld+json\""));
    assert!(!page.header("content-security-policy").contains("script-src"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(!page.body.contains("<!>") && !page.body.contains("<!--"));
    assert!(!page.body.contains(" style="), "an inline style");
}

#[tokio::test]
async fn structured_data_is_sound_json() {
    let page = TestApp::new().await.get(ARTICLE).await;
    let json = page.body.split("application/ld+json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(data["@type"], "MedicalWebPage");
    assert_eq!(data["datePublished"], "2025-10-18");
    assert_eq!(data["lastReviewed"], "2026-11-03");
    assert!(data.get("reviewedBy").is_none(), "no clinician has reviewed it");
}

#[tokio::test]
async fn the_list_is_newest_first_and_narrows_by_tag() {
    let app = TestApp::new().await;
    let all = app.get("/articles").await;
    let dates: Vec<usize> =
        ["24 September 2026", "18 October 2025"].iter().map(|date| all.text().find(date).unwrap()).collect();
    assert!(dates.is_sorted());
    let narrowed = app.get("/articles?tag=foot-drop").await;
    assert_eq!(narrowed.status, StatusCode::OK);
    assert!(narrowed.text().contains("Articles about foot drop"));
    assert!(narrowed.body.matches("class=\"box\"").count() < all.body.matches("class=\"box\"").count());
}

#[tokio::test]
async fn bad_requests_get_a_clear_4xx_with_a_way_on() {
    let app = TestApp::new().await;
    let slug = format!("/articles/{}", "a".repeat(10 * 1024));
    for (path, status) in [
        ("/articles?tag=no-such-tag", 404),
        ("/articles?page=0", 404),
        ("/articles?page=9999999", 404),
        ("/articles?page=99999999999999999999", 400),
        ("/articles?page=two", 400),
        ("/articles?page=1&page=2", 400),
        ("/articles?tag=%ff", 404),
        ("/articles/%ff%fe", 400),
        ("/articles/no-such-article", 404),
        ("/articles/No%20Such", 404),
        (slug.as_str(), 404),
        ("/exercises/no-such-exercise", 404),
        ("/exercises/..%2f..%2fetc%2fpasswd", 404),
        ("/assets/no-such-file.js", 404),
        ("/nowhere", 404),
    ] {
        let answer = app.get(path).await;
        let short: String = path.chars().take(60).collect();
        assert_eq!(answer.status.as_u16(), status, "{short}");
        assert!(answer.body.contains("href=\"/seek-help\""), "{short}: no way on");
        assert!(answer.text().contains("Help line 02380 248725"), "{short}: no help line");
        assert_eq!(answer.header("cache-control"), "no-store", "{short}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_refused_with_a_page() {
    let app = TestApp::new().await;
    let answer = app.post_form("/articles", &[]).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.header("allow").contains("GET"));
    assert!(answer.body.contains("href=\"/seek-help\""));
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::new().await;
    for path in ["/", ARTICLE, "/seek-help", "/nowhere", "/healthz", "/favicon.svg"] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
    }
    let checker = app.get("/seek-help").await;
    assert!(checker.header("content-security-policy").contains("script-src 'self' 'wasm-unsafe-eval'"));
}

#[tokio::test]
async fn a_page_that_did_not_change_is_not_sent_again() {
    let app = TestApp::new().await;
    let first = app.get(ARTICLE).await;
    assert_eq!(first.header("cache-control"), "public, max-age=0, must-revalidate");
    let tag = first.header("etag").to_owned();
    let again = app.get_with(ARTICLE, "if-none-match", &tag).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let other = app.get_with(ARTICLE, "if-none-match", "W/\"other\"").await;
    assert_eq!(other.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_are_compressed_for_who_can_read_it() {
    let app = TestApp::new().await;
    assert_eq!(app.get_with(ARTICLE, "accept-encoding", "br, gzip").await.header("content-encoding"), "br");
    assert_eq!(app.get_with(ARTICLE, "accept-encoding", "gzip").await.header("content-encoding"), "gzip");
    assert_eq!(app.get(ARTICLE).await.header("content-encoding"), "");
}

#[tokio::test]
async fn an_empty_site_says_what_to_do_next() {
    let app = TestApp::empty().await;
    assert!(app.get("/articles").await.text().contains("There are no articles yet."));
    assert!(app.get("/exercises").await.text().contains("There are no exercises here yet."));
    assert_eq!(app.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_process_and_the_database_are_watched_apart() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/healthz").await.body, "ok\n");
    assert_eq!(app.get("/readyz").await.body, "ready\n");
    app.state.db.clone().close().await;
    assert_eq!(app.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(app.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn without_its_database_the_site_apologises_and_the_checker_works() {
    let app = TestApp::new().await;
    app.state.db.clone().close().await;
    let article = app.get(ARTICLE).await;
    assert_eq!(article.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        article.text().contains("The seek-help checker works without it") && article.body.contains("href=\"tel:999\"")
    );
    assert!(!article.text().to_lowercase().contains("pool"), "a cause was sent");
    for path in ["/seek-help", "/seek-help/about", "/offline", "/sw.js"] {
        assert_eq!(app.get(path).await.status, StatusCode::OK, "{path}");
    }
    let result = app.post_form("/seek-help", &[("screen", "sudden"), ("chest", "yes")]).await;
    assert!(result.text().contains("Call 999 or go to A&E now"));
}

#[tokio::test]
async fn the_worker_keeps_what_the_checker_and_the_tracker_need_and_may_load_nothing_else() {
    let app = TestApp::new().await;
    let worker = app.get("/sw.js").await;
    assert_eq!(worker.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(worker.header("cache-control"), "public, max-age=0, must-revalidate");
    assert_eq!(worker.header("content-security-policy"), "default-src 'none'; connect-src 'self'");
    let checker = app.get("/seek-help").await;
    for (path, entry) in [
        ("/seek-help", "checker"),
        ("/tracker", "today"),
        ("/tracker/plan", "planning"),
        ("/tracker/session", "session"),
        ("/tracker/body", "body"),
        ("/tracker/progress", "progress"),
    ] {
        let page = app.get(path).await;
        assert!(worker.body.contains(&format!("{path:?}: [")), "{path} is not kept");
        let files = ["base.css".to_owned(), format!("{entry}-boot.js"), format!("{entry}.js"), format!("{entry}.wasm")];
        for name in files {
            let url = app.state.site.assets.url(&name);
            assert!(worker.body.contains(&format!("\"{url}\"")), "{url} is not kept");
            assert!(page.body.contains(&url), "{url} is not on the page, so no kept page would be of this build");
        }
    }
    assert!(worker.body.contains(&app.state.site.rules.version));
    for gap in ["'{", "{checker}", "{tracker}"] {
        assert!(!worker.body.contains(gap), "{gap} was not filled in");
    }
    assert!(checker.body.contains("<html "), "the worker marks the page there");
    assert!(checker.header("content-security-policy").contains("worker-src 'self'"));
}

#[tokio::test]
async fn the_tracker_can_be_put_on_a_home_screen() {
    let app = TestApp::new().await;
    assert!(app.get("/tracker").await.body.contains("<link rel=\"manifest\" href=\"/manifest.webmanifest\""));
    let manifest = app.get("/manifest.webmanifest").await;
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    let manifest: serde_json::Value = serde_json::from_str(&manifest.body).unwrap();
    assert_eq!(manifest["start_url"], "/tracker");
    for icon in manifest["icons"].as_array().unwrap() {
        let picture = app.get(icon["src"].as_str().unwrap()).await;
        assert_eq!((picture.status, picture.header("content-type")), (StatusCode::OK, "image/png"), "{icon}");
    }
    assert_eq!(app.get("/icons/7.png").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_offline_page_says_whom_to_call_and_what_to_watch_for() {
    let app = TestApp::new().await;
    let page = app.get("/offline").await;
    for number in ["999", "111", "02380248725"] {
        assert!(page.body.contains(&format!("href=\"tel:{number}\"")), "{number}");
    }
    for sign in &app.state.site.rules.safety_net {
        assert!(page.text().contains(sign), "{sign}");
    }
    assert!(page.body.contains("href=\"/seek-help\"") && !page.body.contains("<script"));
}

#[tokio::test]
async fn every_route_answers_as_its_table_says() {
    let app = TestApp::new().await;
    let routes = server::router::routes(server::assets::Assets::default());
    assert!(routes.table().len() > 10);
    for route in routes.table().iter().filter(|route| !route.path.contains('{')) {
        let request = Request::builder().method(route.method.clone()).uri(route.path).body(Body::empty()).unwrap();
        let answer = app.send(request).await;
        assert!(!answer.status.is_server_error(), "{} {}", route.method, route.path);
        if answer.status.is_success() {
            assert_eq!(
                answer.headers.get("cache-control"),
                Some(&route.cache.header()),
                "{} {}",
                route.method,
                route.path
            );
        }
    }
}
