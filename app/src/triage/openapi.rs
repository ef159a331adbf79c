//! The API's description in OpenAPI 3.1, from the types that answer and from the questions that are asked.

use utoipa::{
    OpenApi as _,
    openapi::{
        Content, Header, ObjectBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder, Schema,
        path::Operation,
        schema::{AdditionalProperties, Type},
    },
};

use super::{Kind, Question, RuleSet, api};
use crate::problem::{self, Problem};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Seek-help checker",
        version = "1.0.0",
        description = "How soon to seek help for back pain, sciatica or foot drop, decided from answers by open rules. Not a \
                       diagnosis, and not a registered medical device. Nothing that is sent is kept.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(api::rules, api::assess, api::openapi),
    components(schemas(Problem))
)]
struct Api;

/// What can go wrong with any request, and what it means.
const ALWAYS: [(&str, &str); 3] = [
    ("429", "Too many requests from this address"),
    ("500", "Something went wrong on our side"),
    ("503", "It took too long"),
];

/// What can go wrong with a body.
const WITH_A_BODY: [(&str, &str); 5] = [
    ("400", "The body is not JSON"),
    ("403", "A page of another site made a browser send this"),
    ("413", "The body is larger than 16 KB"),
    ("415", "The body is not said to be JSON"),
    ("422", "A question is unknown, or a value is not one of its values; `errors` names each"),
];

pub fn describe(rules: &RuleSet) -> OpenApi {
    let mut api = Api::openapi();
    if let Some(components) = &mut api.components {
        components.schemas.insert(api::REQUEST.to_owned(), request(rules));
    }
    for item in api.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            require_body(operation);
            add_errors(operation);
        }
    }
    api
}

/// A body that is described is never left out.
fn require_body(operation: &mut Operation) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.required = Some(Required::True);
    }
}

fn add_errors(operation: &mut Operation) {
    let with_a_body = if operation.request_body.is_some() { &WITH_A_BODY[..] } else { &[] };
    for (status, description) in ALWAYS.iter().chain(with_a_body) {
        operation.responses.responses.insert((*status).to_owned(), RefOr::T(error(status, description)));
    }
}

fn error(status: &str, description: &str) -> Response {
    let body = Content::new(Some(Ref::from_schema_name("Problem")));
    let response = ResponseBuilder::new().description(description).content(problem::MEDIA_TYPE, body);
    if status != "429" {
        return response.build();
    }
    let seconds = Header::builder()
        .schema(Some(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1))))
        .description(Some("Seconds to wait"));
    response.header("Retry-After", seconds.build()).build()
}

/// What `POST /api/v1/assess` takes: each question with its values, and nothing else.
fn request(rules: &RuleSet) -> RefOr<Schema> {
    let answers = rules.questions.iter().fold(
        ObjectBuilder::new()
            .description(Some("The answers by question id. One left out can never lower the outcome."))
            .additional_properties(Some(AdditionalProperties::FreeForm(false))),
        |answers, question| answers.property(question.id.clone(), answer(question)),
    );
    ObjectBuilder::new()
        .description(Some("What was answered."))
        .property("answers", answers)
        .required("answers")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .into()
}

fn answer(question: &Question) -> ObjectBuilder {
    let answer = ObjectBuilder::new().description(Some(question.text.clone()));
    match &question.kind {
        Kind::Number { min, max, .. } => answer.schema_type(Type::Integer).minimum(Some(*min)).maximum(Some(*max)),
        Kind::YesNo | Kind::OneOf(_) => answer.schema_type(Type::String).enum_values(Some(question.values())),
    }
}
