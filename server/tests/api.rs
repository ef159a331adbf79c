//! The checker for other programs: what it answers, what it refuses, and how often.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{collections::BTreeSet, net::SocketAddr, num::NonZeroU32};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header},
};
use serde_json::{Value, json};
use server::limits::Limits;
use support::{Answer, TestApp, dice::Dice};

const ASSESS: &str = "/api/v1/assess";

async fn assess(app: &TestApp, body: &str) -> Answer {
    app.post_raw(ASSESS, "application/json", body.as_bytes().to_vec()).await
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

/// A problem, after what holds for all of them.
fn problem(answer: &Answer, name: &str) -> Value {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{name}");
    assert_eq!(answer.header("cache-control"), "no-store", "{name}");
    let problem = json(answer);
    assert_eq!(problem["status"], answer.status.as_u16(), "{name}");
    for field in ["type", "title", "detail"] {
        assert!(problem[field].is_string(), "{name}: {problem}");
    }
    problem
}

fn fields(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_saddle_that_is_numb_is_an_emergency() {
    let app = TestApp::empty().await;
    let answer = assess(&app, r#"{"answers": {"saddle": "not_sure"}}"#).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
    assert_eq!(answer.header("content-type"), "application/json");
    let said = json(&answer);
    assert_eq!(said["urgency"], "emergency");
    let rule = app.state.site.rules.rule(said["findings"][0]["rule"].as_str().unwrap()).unwrap();
    assert_eq!(said["findings"][0]["urgency"], "emergency");
    assert_eq!(said["findings"][0]["cause"], rule.cause);
    assert_eq!(said["version"], app.state.site.rules.version);
    assert_eq!(said["signed_off"], false);
    assert_eq!(said["safety_net"].as_array().unwrap().len(), app.state.site.rules.safety_net.len());
    let disclaimer = said["disclaimer"].as_str().unwrap();
    assert!(
        disclaimer.contains("not a diagnosis") && disclaimer.contains("No clinician has signed off"),
        "{disclaimer}"
    );
    // It may be about a small child.
    assert_eq!(json(&assess(&app, r#"{"answers": {}}"#).await)["urgency"], "urgent", "silence does not reassure");
}

#[tokio::test]
async fn the_form_and_the_api_agree() {
    let app = TestApp::empty().await;
    let rules = json(&app.get("/api/v1/rules").await);
    let mut dice = Dice::new(7);
    let mut outcomes = BTreeSet::new();
    for _ in 0..100 {
        let fearful = dice.below(30);
        let answers: Vec<(String, String)> =
            questions(&rules).map(|question| answer(question, fearful, &mut dice)).collect();
        let sent: serde_json::Map<String, Value> =
            answers.iter().map(|(question, value)| (question.clone(), value.as_str().into())).collect();
        let said = json(&assess(&app, &json!({ "answers": sent }).to_string()).await);
        let urgency = serde_json::from_value(said["urgency"].clone()).unwrap();
        let mut form: Vec<(&str, &str)> = answers.iter().map(|(question, value)| (&**question, &**value)).collect();
        form.push(("go", "result"));
        let page = app.post_form("/seek-help", &form).await;
        let heading = app.state.site.settings.numbers.heading(urgency).replace('&', "&amp;");
        assert!(page.body.contains(&format!("<title>{heading}")), "{said}\n{answers:?}");
        assert!(page.text().contains(said["findings"][0]["rule"].as_str().unwrap()), "{said}\n{answers:?}");
        outcomes.insert(urgency);
    }
    assert!(outcomes.len() >= 3, "{outcomes:?}");
}

fn questions(rules: &Value) -> impl Iterator<Item = &Value> {
    rules["screens"].as_array().unwrap().iter().flat_map(|screen| screen["questions"].as_array().unwrap())
}

/// An answer: a sign is there as often as `fearful` out of a hundred.
fn answer(question: &Value, fearful: usize, dice: &mut Dice) -> (String, String) {
    let id = question["id"].as_str().unwrap().to_owned();
    if question["kind"] == "number" {
        return (id, dice.below(100).to_string());
    }
    let values: Vec<&str> =
        question["values"].as_array().unwrap().iter().map(|value| value["value"].as_str().unwrap()).collect();
    let value = if question["role"] == "sign" && dice.below(100) >= fearful { "no" } else { dice.pick(&values) };
    (id, value.to_owned())
}

#[tokio::test]
async fn every_wrong_field_is_named_and_nothing_sent_is_sent_back() {
    let app = TestApp::empty().await;
    for (body, wrong) in [
        (
            r#"{"answers": {"saddle": "kanarienvogel", "moon": "yes", "bowel": "no"}}"#,
            vec!["answers.saddle", "answers.moon"],
        ),
        (
            r#"{"answers": {"saddle": null, "bowel": ["yes"], "sex": {"yes": "yes"}, "fever": true}}"#,
            vec!["answers.saddle", "answers.bowel", "answers.sex", "answers.fever"],
        ),
        (
            r#"{"answers": {"saddle": 4711, "bowel": -1, "sex": 47.11, "fever": 18446744073709551615}}"#,
            vec!["answers.saddle", "answers.bowel", "answers.sex", "answers.fever"],
        ),
        (r#"{"answers": {"saddle": "yes", "saddle": "no"}}"#, vec!["answers.saddle"]),
        (r#"{"answers": {"Kanarienvogel!": "yes", "": "yes"}}"#, vec!["answers.?", "answers.?"]),
        (r#"{"answers": {}, "answers": {}}"#, vec!["answers"]),
        (r#"{"answers": {}, "name": "kanarienvogel"}"#, vec!["name"]),
        (r#"{"answers": [["saddle", "yes"]]}"#, vec!["answers"]),
        (r#"{}"#, vec!["answers"]),
        (r#"["kanarienvogel"]"#, vec!["answers"]),
        ("4711", vec!["answers"]),
    ] {
        let answer = assess(&app, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(fields(&problem(&answer, body)), wrong, "{body}");
        let sent_back = ["anarienvogel", "4711", "47.11"].iter().any(|sent| answer.body.contains(sent));
        assert!(!sent_back, "{body}: {}", answer.body);
    }
    let said = problem(&assess(&app, r#"{"answers": {"saddle": "perhaps"}}"#).await, "perhaps");
    assert_eq!(said["errors"][0]["detail"], "Give one of: yes, no, not_sure.");
}

#[tokio::test]
async fn what_is_no_answer_at_all_gets_a_4xx_that_a_program_can_read() {
    let app = TestApp::empty().await;
    let deep = "[".repeat(5_000);
    for (name, status, content_type, body) in [
        ("empty", 400, "application/json", vec![]),
        ("cut", 400, "application/json", br#"{"answers": {"#.to_vec()),
        ("two values", 400, "application/json", b"{} {}".to_vec()),
        ("invalid UTF-8", 400, "application/json", b"{\"answers\": {\"\xff\": 1}}".to_vec()),
        ("half a letter", 400, "application/json", br#"{"answers": {"saddle": "\ud800"}}"#.to_vec()),
        ("nested too deep", 400, "application/json", deep.into_bytes()),
        ("a form", 415, "application/x-www-form-urlencoded", b"saddle=yes".to_vec()),
        ("nothing said", 415, "", b"{}".to_vec()),
        ("too large", 413, "application/json", vec![b' '; 16 * 1024 + 1]),
    ] {
        let answer = app.post_raw(ASSESS, content_type, body).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        assert!(problem(&answer, name).get("errors").is_none(), "{name}");
    }
    let charset = app.post_raw(ASSESS, "Application/JSON; charset=utf-8", br#"{"answers": {}}"#.to_vec()).await;
    assert_eq!(charset.status, StatusCode::OK);
}

#[tokio::test]
async fn below_the_api_no_error_is_a_page() {
    let app = TestApp::empty().await;
    for path in ["/api", "/api/", "/api/v1", "/api/v2/assess", "/api/v1/assess/", "/api/v1/%ff"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        problem(&answer, path);
    }
    for (method, path, allow) in [
        (Method::GET, ASSESS, "POST"),
        (Method::PUT, ASSESS, "POST"),
        (Method::DELETE, "/api/v1/rules", "GET,HEAD"),
        (Method::OPTIONS, "/api/v1/openapi.json", "GET,HEAD"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let answer = app.send(request).await;
        assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, allow), "{path}");
        problem(&answer, path);
    }
    assert!(app.get("/apiary").await.body.contains("href=\"/seek-help\""), "a reader's address has a page");
}

#[tokio::test]
async fn a_browser_on_another_site_is_refused_and_a_program_is_not() {
    let app = TestApp::empty().await;
    for (name, value, status) in [
        ("sec-fetch-site", "cross-site", 403),
        ("origin", "https://elsewhere.example", 403),
        ("user-agent", "a program", 200),
    ] {
        let request = Request::post(ASSESS).header(header::CONTENT_TYPE, "application/json").header(name, value);
        let answer = app.send(request.body(Body::from(r#"{"answers": {}}"#)).unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {value}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
        if status == 403 {
            problem(&answer, value);
        }
    }
}

#[tokio::test]
async fn the_rules_are_there_to_read_whole() {
    let app = TestApp::empty().await;
    let answer = app.get("/api/v1/rules").await;
    assert_eq!(answer.header("cache-control"), "public, max-age=0, must-revalidate");
    let again = app.get_with("/api/v1/rules", "if-none-match", answer.header("etag")).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    let said = json(&answer);
    let rules = &app.state.site.rules;
    assert_eq!(said["version"], rules.version);
    assert_eq!((&said["signed_off"], said.get("sign_off")), (&json!(false), None));
    for (published, question) in questions(&said).zip(&rules.questions) {
        assert_eq!((&published["id"], &published["text"]), (&json!(question.id), &json!(question.text)));
        let values = published["values"].as_array().unwrap();
        assert!(values.iter().all(|value| question.accepts(value["value"].as_str().unwrap())), "{published}");
        assert_eq!(published.get("asked_if").is_some(), question.asked_if.is_some(), "{published}");
    }
    assert_eq!(questions(&said).count(), rules.questions.len());
    for (published, rule) in said["rules"].as_array().unwrap().iter().zip(&rules.rules) {
        assert_eq!((&published["id"], &published["cause"]), (&json!(rule.id), &json!(rule.cause)));
        assert_eq!(published["grades"].as_array().unwrap().len(), rule.grades.len());
        assert_eq!(published["sources"][0]["title"], rule.sources[0].title);
    }
    assert_eq!(said["rules"].as_array().unwrap().len(), rules.rules.len());
}

#[tokio::test]
async fn the_description_has_every_route_and_every_question() {
    let app = TestApp::empty().await;
    let answer = app.get("/api/v1/openapi.json").await;
    assert_eq!(answer.header("cache-control"), "public, max-age=0, must-revalidate");
    let said = json(&answer);
    assert_eq!(said["openapi"], "3.1.0");
    let routes = server::router::routes(server::assets::Assets::default());
    let mut described = 0;
    for route in routes.table().iter().filter(|route| route.path.starts_with("/api/")) {
        let operation = &said["paths"][route.path][route.method.as_str().to_lowercase()];
        let responses = operation["responses"].as_object().unwrap_or_else(|| panic!("{} is missing", route.path));
        assert!(responses.contains_key("200") && responses.contains_key("429"), "{}", route.path);
        for (status, response) in responses.iter().filter(|(status, _)| status.as_str() != "200") {
            assert!(response["content"].get("application/problem+json").is_some(), "{} {status}", route.path);
        }
        described += 1;
    }
    assert_eq!(said["paths"].as_object().unwrap().len(), described);
    let answers = &said["components"]["schemas"]["AssessRequest"]["properties"]["answers"]["properties"];
    for question in &app.state.site.rules.questions {
        assert_eq!(answers[&question.id]["description"], question.text);
    }
}

#[tokio::test]
async fn one_address_may_not_ask_the_api_too_often_and_may_the_pages() {
    let app = TestApp::empty_with(Limits { per_second: NonZeroU32::MIN, trusted_proxies: 0 }).await;
    let get = |path: &str, address: [u8; 4]| {
        let peer = ConnectInfo(SocketAddr::from((address, 4711)));
        Request::get(path).extension(peer).body(Body::empty()).unwrap()
    };
    let one = [203, 0, 113, 7];
    for _ in 0..3 {
        assert_eq!(app.send(get("/api/v1/rules", one)).await.status, StatusCode::OK);
    }
    let refused = app.send(get("/api/v1/rules", one)).await;
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "1"));
    problem(&refused, "too often");
    assert_eq!(app.send(get("/api/v1/rules", [203, 0, 113, 8])).await.status, StatusCode::OK);
    assert_eq!(app.send(get("/seek-help", one)).await.status, StatusCode::OK);
}
