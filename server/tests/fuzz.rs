//! Chance against the checker: whatever is sent, it neither breaks, nor answers a program with a page, nor logs an answer.
//!
//! `SCIATICALM_SOAK` says how many requests, `SCIATICALM_SOAK_SEED` which.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::env;

use app::triage::{Kind, RuleSet};
use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, header},
};
use serde_json::{Value, json};
use support::{Answer, TestApp, dice::Dice, log};

const REQUESTS: usize = 1_000;
const SEED: u64 = 2026;

/// Somebody's answer, which belongs neither in a log nor in what a program is told of its error.
const SECRET: &str = "kanarienvogel7";
/// The same in the place of a name; spelled as no name of ours is, for such a name may be sent back.
const SECRET_NAME: &str = "kanarien vogel7";
const SECRETS: [&str; 2] = [SECRET, SECRET_NAME];

#[tokio::test]
async fn whatever_is_sent_nothing_breaks_and_no_answer_is_logged() {
    log::listen();
    let app = TestApp::empty().await;
    let seed = number("SCIATICALM_SOAK_SEED").unwrap_or(SEED);
    let requests = number("SCIATICALM_SOAK").map_or(REQUESTS, |requests| usize::try_from(requests).unwrap());
    let mut fuzzer = Fuzzer { dice: Dice::new(seed), rules: &app.state.site.rules };
    let mut understood = 0;
    for n in 0..requests {
        let request = fuzzer.request();
        let posted = request.method() == Method::POST;
        let sent = format!("request {n} of seed {seed}: {} {}", request.method(), request.uri());
        let of_api = request.uri().path().starts_with("/api");
        let _ = log::take();
        let answer = app.send(request).await;
        check(&answer, of_api, &sent);
        check_log(&log::take(), &sent);
        understood += usize::from(posted && answer.status.is_success());
    }
    assert!(understood > requests / 20, "{understood} of {requests} were understood: chance sends nothing but noise");
}

fn number(variable: &str) -> Option<u64> {
    Some(env::var(variable).ok()?.parse().unwrap_or_else(|_| panic!("{variable} is not a number")))
}

fn check(answer: &Answer, of_api: bool, sent: &str) {
    assert!(!answer.status.is_server_error(), "{sent}: {}", answer.status);
    // To HEAD there is none, and a compressed one is the same as another.
    let said = (!answer.body.is_empty() && answer.header("content-encoding").is_empty()).then_some(&answer.body);
    if of_api && answer.status.is_client_error() {
        assert_eq!(answer.header("content-type"), "application/problem+json", "{sent}");
        if let Some(said) = said {
            let problem: Value = serde_json::from_str(said).unwrap_or_else(|error| panic!("{sent}: {error}"));
            assert_eq!(problem["status"], answer.status.as_u16(), "{sent}");
            assert!(SECRETS.iter().all(|secret| !said.contains(secret)), "{sent}: an answer was sent back: {said}");
        }
    }
}

fn check_log(log: &str, sent: &str) {
    assert!(log.contains("request") && log.contains("status="), "{sent} is not in the log: {log:?}");
    assert!(!log.contains("panicked"), "{sent}: {log}");
    for secret in SECRETS {
        assert!(!log.to_lowercase().contains(secret), "{sent}: an answer is in the log: {log}");
    }
}

struct Fuzzer<'a> {
    dice: Dice,
    rules: &'a RuleSet,
}

impl Fuzzer<'_> {
    fn request(&mut self) -> Request<Body> {
        let path = self.path();
        let posts = ["/seek-help", "/api/v1/assess"].contains(&path.as_str());
        let method = match self.dice.below(10) {
            0 => self.dice.pick(&["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "CONNECT", "BREW"]),
            1..8 if posts => "POST",
            _ => "GET",
        };
        let as_json = self.dice.below(10) < if path.starts_with("/api") { 9 } else { 1 };
        let body = if as_json { self.json() } else { self.form() };
        let body = if self.dice.once_in(3) { self.damaged(body) } else { body };
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = Request::builder().method(method).uri(path).body(Body::from(body)).unwrap();
        let right = if as_json { "application/json" } else { "application/x-www-form-urlencoded" };
        let content_type = if self.dice.once_in(12) { self.wrong_content_type() } else { right };
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.add_headers(&mut request);
        request
    }

    fn path(&mut self) -> String {
        let path = match self.dice.below(12) {
            0..4 => "/seek-help",
            4..8 => "/api/v1/assess",
            _ => self.dice.pick(&[
                "/seek-help/about",
                "/api/v1/rules",
                "/api/v1/openapi.json",
                "/api",
                "/api/v1/assess/",
                "/api/v1/assess/kanarienvogel7",
                "/api/kanarienvogel7",
                "/seek-help/kanarienvogel7",
                "/seek-help/%ff",
                "/seek-help/..%2f",
            ]),
        };
        if self.dice.once_in(8) { format!("{path}?saddle={SECRET}&{}", self.dice.below(10)) } else { path.to_owned() }
    }

    fn wrong_content_type(&mut self) -> &'static str {
        self.dice.pick(&[
            "",
            "text/plain",
            "multipart/form-data; boundary=x",
            "application/json; charset=kanarienvogel7",
            "/",
        ])
    }

    fn add_headers(&mut self, request: &mut Request<Body>) {
        const SOME: [(&str, &[u8]); 12] = [
            ("accept", b"text/html"),
            ("accept-encoding", b"br, gzip"),
            ("accept-language", b"\xff\xfe"),
            ("cookie", b"answers=kanarienvogel7"),
            ("if-none-match", b"W/\"kanarienvogel7\""),
            ("origin", b"https://kanarienvogel7.example"),
            ("origin", b"http://localhost:3000"),
            ("referer", b"http://localhost:3000/seek-help?saddle=kanarienvogel7"),
            ("sec-fetch-site", b"cross-site"),
            ("transfer-encoding", b"chunked"),
            ("x-forwarded-for", b"kanarienvogel7, 203.0.113.7"),
            ("content-length", b"99999999999999999999"),
        ];
        while self.dice.once_in(3) {
            let (name, value) = self.dice.pick(&SOME);
            request.headers_mut().append(name, HeaderValue::from_bytes(value).unwrap());
        }
    }

    /// A question and an answer that it takes.
    fn answer(&mut self) -> (String, String) {
        let question = &self.rules.questions[self.dice.below(self.rules.questions.len())];
        let value = match &question.kind {
            Kind::YesNo => self.dice.pick(&["yes", "no", "no", "no", "not_sure"]).to_owned(),
            Kind::OneOf(choices) => choices[self.dice.below(choices.len())].id.clone(),
            Kind::Number { max, .. } => self.dice.below(usize::from(*max)).to_string(),
        };
        (question.id.clone(), value)
    }

    /// Different answers, most of them sound.
    fn answers(&mut self) -> Vec<(String, String)> {
        let most = self.dice.pick(&[1, 5, 40, 400]);
        let mut answers: Vec<(String, String)> = Vec::new();
        for _ in 0..self.dice.below(most) {
            let (question, value) = self.answer();
            if answers.iter().all(|(known, _)| *known != question) {
                answers.push((question, value));
            }
        }
        answers
    }

    fn form(&mut self) -> Vec<u8> {
        let mut fields = self.answers();
        let screen = &self.rules.screens[self.dice.below(self.rules.screens.len())];
        fields.push(("screen".to_owned(), screen.id.clone()));
        if self.dice.once_in(2) {
            fields.push((
                "go".to_owned(),
                self.dice
                    .pick(&[
                        "next",
                        "back",
                        "on",
                        "result",
                        "warning",
                        "review",
                        "sheet",
                        "clear",
                        "change:legs",
                        "change:",
                    ])
                    .to_owned(),
            ));
        }
        if self.dice.once_in(4) {
            fields.push(("none".to_owned(), "yes".to_owned()));
        }
        if self.dice.once_in(2) {
            let strange = self.dice.pick(&[
                ("saddle", SECRET),
                ("saddle", "%ff%fe"),
                ("saddle", ""),
                ("", ""),
                ("screen", SECRET),
                ("screen", "legs"),
                ("go", SECRET),
                ("none", SECRET),
                ("unsure", "yes"),
                ("each", "yes"),
                ("warned", "yes"),
                ("rules", SECRET),
                ("age", SECRET),
                ("age", "-1"),
                ("kanarien+vogel7", "yes"),
                ("answers[saddle]", SECRET),
                ("__proto__", SECRET),
            ]);
            fields.insert(self.dice.below(fields.len()), (strange.0.to_owned(), strange.1.to_owned()));
        }
        if self.dice.once_in(10) {
            let again = fields[self.dice.below(fields.len())].clone();
            fields.push(again);
        }
        if self.dice.once_in(20) {
            fields.push(("saddle".to_owned(), SECRET.repeat(self.dice.below(5_000))));
        }
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        fields.join("&").into_bytes()
    }

    fn json(&mut self) -> Vec<u8> {
        let mut answers: serde_json::Map<String, Value> =
            self.answers().into_iter().map(|(question, value)| (question, value.into())).collect();
        while self.dice.once_in(3) {
            let (question, _) = self.answer();
            let name =
                self.dice.pick(&[question.as_str(), question.as_str(), SECRET_NAME, "", "\u{0}", "answers"]).to_owned();
            answers.insert(name, self.strange_value());
        }
        let mut body = json!({ "answers": answers });
        if self.dice.once_in(10) {
            let name = self.dice.pick(&["answers", SECRET_NAME, "version"]);
            body[name] = self.strange_value();
        }
        let text = if self.dice.once_in(20) { self.strange_value().to_string() } else { body.to_string() };
        // What a map cannot hold: a field twice.
        let text =
            if self.dice.once_in(10) { text.replacen('{', &format!("{{\"answers\":\"{SECRET}\","), 1) } else { text };
        text.into_bytes()
    }

    fn strange_value(&mut self) -> Value {
        match self.dice.below(12) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(self.dice.below(1_000)),
            3 => json!(-1),
            4 => json!(1e308),
            5 => json!(38.0),
            6 => json!([SECRET]),
            7 => json!({ SECRET_NAME: SECRET }),
            8 => json!(SECRET.repeat(self.dice.below(2_000))),
            9 => (0..self.dice.below(200)).fold(json!(SECRET), |inner, _| json!([inner])),
            10 => (0..self.dice.below(100)).fold(json!(SECRET), |inner, _| json!({ "answers": inner })),
            _ => json!(SECRET),
        }
    }

    /// Bytes flipped, cut off, doubled or put in.
    fn damaged(&mut self, mut body: Vec<u8>) -> Vec<u8> {
        for _ in 0..=self.dice.below(3) {
            let at = self.dice.below(body.len() + 1);
            match self.dice.below(5) {
                0 => body.truncate(at),
                1 => body.extend_from_within(at..),
                2 => drop(body.splice(at..at, SECRET_NAME.bytes())),
                3 => drop(body.splice(at..at, [0xff, 0x00, b'%', b'"'])),
                _ => {
                    if let Some(byte) = body.get_mut(at) {
                        *byte ^= 1 << self.dice.below(8);
                    }
                }
            }
        }
        body
    }
}
