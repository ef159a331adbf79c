//! The checker for other programs: the rules and the decision as JSON. What is sent is forgotten with the answer.

use std::{collections::BTreeSet, fmt};

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{ErrorResponse, IntoResponse, Response},
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use utoipa::ToSchema;

use super::{
    Answers, Kind, NO, NOT_SURE, PREFER_NOT, Question, RuleSet, Urgency, YES, conversation, openapi as description,
    published,
};
use crate::{
    AppState, Error, Result,
    problem::FieldError,
    routes::{CachePolicy, Routes},
    site::Site,
    ui::page::Rendered,
};

/// As for the form: every answer at once is under 4 KB.
const BODY_LIMIT: usize = 16 * 1024;

const JSON: &str = "application/json";

/// The name of the request in the API's description.
pub(super) const REQUEST: &str = "AssessRequest";

pub fn routes() -> Routes {
    Routes::new()
        .page("/api/v1/rules", CachePolicy::Revalidate, rules)
        .page("/api/v1/openapi.json", CachePolicy::Revalidate, openapi)
        .form("/api/v1/assess", BODY_LIMIT, assess)
}

/// The questions and the rules
#[utoipa::path(
    get,
    path = "/api/v1/rules",
    tag = "checker",
    responses((status = 200, description = "What is asked, and what decides", body = published::Rules))
)]
pub(super) async fn rules(State(state): State<AppState>) -> Result<Response> {
    unchanging(&published::Rules::from(&state.site.rules))
}

/// This description
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "checker",
    responses((status = 200, description = "The API in OpenAPI 3.1", body = serde_json::Value))
)]
pub(super) async fn openapi(State(state): State<AppState>) -> Result<Response> {
    unchanging(&description::describe(&state.site.rules))
}

/// How soon to seek help
///
/// An answer to a question that is not asked (see `asked_if` in the rules) is not counted. A question that is asked and has
/// no answer makes the outcome at least `soon`.
#[utoipa::path(
    post,
    path = "/api/v1/assess",
    tag = "checker",
    request_body(content = ref("#/components/schemas/AssessRequest")),
    responses((status = 200, description = "What the rules say to the answers", body = Assessment))
)]
pub(super) async fn assess(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ErrorResponse> {
    if !is_json(&headers) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into());
    }
    let answers = read(&state.site.rules, &body?)?;
    Ok(json(&Assessment::of(&state.site, answers))?)
}

/// The same as long as the process runs, so it gets an `ETag`.
fn unchanging<T: Serialize>(value: &T) -> Result<Response> {
    let mut response = json(value)?;
    response.extensions_mut().insert(Rendered);
    Ok(response)
}

fn json<T: Serialize>(value: &T) -> Result<Response> {
    let body = serde_json::to_vec(value).map_err(Error::internal)?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(JSON))], body).into_response())
}

/// What the rules say to a set of answers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Assessment {
    /// The most urgent of the findings.
    urgency: Urgency,
    /// The rules that fired: most urgent first, never empty.
    #[schema(min_items = 1)]
    findings: Vec<Finding>,
    /// The version of the rules that decided.
    version: String,
    /// Whether a clinician has approved that version.
    signed_off: bool,
    /// The warning signs to watch for, whatever the outcome: show them.
    safety_net: Vec<String>,
    /// What this is not: show it.
    disclaimer: String,
}

/// A rule that fired.
#[derive(Debug, Serialize, ToSchema)]
struct Finding {
    rule: String,
    urgency: Urgency,
    /// What the signs may mean.
    cause: String,
}

impl Assessment {
    fn of(site: &Site, mut answers: Answers) -> Self {
        let rules = &site.rules;
        // As the form does: a follow-up to a sign that is not there does not count.
        conversation::forget_what_is_no_longer_asked(rules, &mut answers);
        let assessment = rules.assess(&answers);
        let findings = assessment.findings.into_iter().map(|finding| Finding {
            cause: rules.rule(&finding.rule).map(|rule| rule.cause.clone()).unwrap_or_default(),
            rule: finding.rule,
            urgency: finding.urgency,
        });
        Self {
            urgency: assessment.urgency,
            findings: findings.collect(),
            version: rules.version.clone(),
            signed_off: rules.sign_off.is_some(),
            safety_net: rules.safety_net.clone(),
            disclaimer: disclaimer(site),
        }
    }
}

fn disclaimer(site: &Site) -> String {
    let numbers = &site.settings.numbers;
    let signed_off = if site.rules.sign_off.is_some() { "" } else { " No clinician has signed off its rules yet." };
    format!(
        "This is not a diagnosis, and not from a registered medical device. It knows only what it was told.{signed_off} If \
         you are worried about your health, do not wait for it: call {} on {}, or {} in an emergency.",
        numbers.urgent_name, numbers.urgent, numbers.emergency
    )
}

/// `application/json`, with or without a character set: JSON is UTF-8.
fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case(JSON)
}

/// The answers in a request's body; or every field that is wrong.
fn read(rules: &RuleSet, body: &[u8]) -> Result<Answers> {
    let sent: Sent = serde_json::from_slice(body).map_err(|_| Error::BadRequest("The body is not JSON."))?;
    let mut reader = Reader { rules, answers: Answers::default(), errors: vec![] };
    reader.body(sent);
    if reader.errors.is_empty() { Ok(reader.answers) } else { Err(Error::BadFields(reader.errors)) }
}

struct Reader<'a> {
    rules: &'a RuleSet,
    answers: Answers,
    errors: Vec<FieldError>,
}

impl Reader<'_> {
    fn body(&mut self, sent: Sent) {
        let mut seen = 0;
        let Sent::Object(fields) = sent else {
            return self.wrong("answers", "Send an object with this field.");
        };
        for (name, value) in fields {
            if name == "answers" {
                seen += 1;
                self.all_answers(value);
            } else {
                self.wrong(&named("", &name), "There is no such field.");
            }
        }
        match seen {
            0 => self.wrong("answers", "This field is missing."),
            1 => {}
            _ => self.wrong("answers", "Send this field once."),
        }
    }

    fn all_answers(&mut self, sent: Sent) {
        let Sent::Object(fields) = sent else {
            return self.wrong("answers", "Give an object: each question's id with its answer.");
        };
        let mut seen = BTreeSet::new();
        for (id, value) in fields {
            self.answer(&id, value);
            if !seen.insert(id.clone()) {
                self.wrong(&named("answers.", &id), "Answer a question once.");
            }
        }
    }

    fn answer(&mut self, id: &str, sent: Sent) {
        let field = named("answers.", id);
        let Some(question) = self.rules.question(id) else {
            return self.wrong(&field, "There is no such question.");
        };
        match sent.into_text() {
            Some(value) if self.rules.accepts(id, &value) => self.answers.set(id, &value),
            _ => self.wrong(&field, &question.expected()),
        }
    }

    fn wrong(&mut self, field: &str, detail: &str) {
        self.errors.push(FieldError { field: field.to_owned(), detail: detail.to_owned() });
    }
}

/// A field's name, or `?` where it is not spelled like one of ours: text sent in its place is not sent back.
fn named(place: &str, name: &str) -> String {
    let ours = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let name = if !name.is_empty() && name.len() <= 40 && name.chars().all(ours) { name } else { "?" };
    format!("{place}{name}")
}

impl Question {
    /// The values that are accepted as an answer; none for a number.
    pub(super) fn values(&self) -> Vec<&str> {
        match &self.kind {
            Kind::YesNo => [YES, NO, NOT_SURE, PREFER_NOT].into_iter().filter(|answer| self.accepts(answer)).collect(),
            Kind::OneOf(choices) => choices.iter().map(|choice| choice.id.as_str()).collect(),
            Kind::Number { .. } => vec![],
        }
    }

    fn expected(&self) -> String {
        match &self.kind {
            Kind::Number { min, max, .. } => format!("Give a whole number from {min} to {max}."),
            Kind::YesNo | Kind::OneOf(_) => format!("Give one of: {}.", self.values().join(", ")),
        }
    }
}

/// A JSON value as it was sent: a field given twice is there twice, and of what no field takes only that it was there.
enum Sent {
    Object(Vec<(String, Sent)>),
    Text(String),
    Integer(i64),
    Other,
}

impl Sent {
    fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Integer(number) => Some(number.to_string()),
            Self::Object(_) | Self::Other => None,
        }
    }
}

impl<'de> Deserialize<'de> for Sent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SentVisitor)
    }
}

struct SentVisitor;

impl<'de> Visitor<'de> for SentVisitor {
    type Value = Sent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Sent, E> {
        Ok(Sent::Text(text.to_owned()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Sent, E> {
        Ok(Sent::Integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Sent, E> {
        Ok(i64::try_from(number).map_or(Sent::Other, Sent::Integer))
    }

    /// To JSON, 38.0 is an integer.
    fn visit_f64<E>(self, number: f64) -> Result<Sent, E> {
        let digits = number.to_string();
        Ok(digits.parse().map_or(Sent::Other, Sent::Integer))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Sent, E> {
        Ok(Sent::Other)
    }

    fn visit_unit<E>(self) -> Result<Sent, E> {
        Ok(Sent::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Sent, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Sent::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Sent, A::Error> {
        let mut sent = Vec::new();
        while let Some(field) = fields.next_entry()? {
            sent.push(field);
        }
        Ok(Sent::Object(sent))
    }
}
