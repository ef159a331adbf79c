//! Addresses of the checker. Answers come by POST alone, and are forgotten with the answer: no address, no store, no log.

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::StatusCode,
    response::{Redirect, Response},
};

use super::{
    Urgency, changed,
    conversation::{self, Step},
    feedback::{self, Feedback},
    offline, pages,
};
use crate::{
    AppState, Error, Result,
    routes::{CachePolicy, Routes},
};

/// Every answer at once is under 4 KB.
const FORM_LIMIT: usize = 16 * 1024;

const FEEDBACK_LIMIT: usize = 1024;

pub fn routes() -> Routes {
    Routes::new()
        .page("/seek-help", CachePolicy::Revalidate, start)
        .form("/seek-help", FORM_LIMIT, submit)
        .page("/seek-help/about", CachePolicy::Revalidate, about)
        .form("/seek-help/helped", FEEDBACK_LIMIT, helped)
        .page("/seek-help/thanks", CachePolicy::Revalidate, thanks)
        .page("/offline", CachePolicy::Revalidate, without_network)
}

async fn start(State(state): State<AppState>) -> Response {
    pages::checker(&state.site, conversation::start(&state.site.rules)).respond(&state.site)
}

async fn submit(
    State(state): State<AppState>,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, axum::response::ErrorResponse> {
    let Form(fields) = form?;
    let rules = &state.site.rules;
    let step = match conversation::submit(rules, &fields) {
        Ok(step) => step,
        Err(bad) if changed::is_of_other_questions(&fields, bad) => match changed::emergency(rules, &fields) {
            Some(decided) => decided,
            None => return Ok(changed::start_again(&state.site).respond(&state.site)),
        },
        Err(bad) => return Err(Error::BadRequest(bad.message()).into()),
    };
    let status = match &step {
        Step::Ask { problems, .. } if !problems.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let emergency = matches!(&step, Step::Decided { assessment, .. } if assessment.urgency == Urgency::Emergency);
    let mut page = pages::checker(&state.site, step);
    page.status = status;
    page.emergency = emergency;
    Ok(page.respond(&state.site))
}

async fn about(State(state): State<AppState>) -> Response {
    pages::about(&state.site).respond(&state.site)
}

async fn helped(
    State(state): State<AppState>,
    form: Result<Form<Feedback>, FormRejection>,
) -> Result<Redirect, axum::response::ErrorResponse> {
    let Form(feedback) = form?;
    feedback::count(&state, feedback).await;
    Ok(Redirect::to("/seek-help/thanks"))
}

async fn thanks(State(state): State<AppState>) -> Response {
    feedback::thanks(&state.site).respond(&state.site)
}

async fn without_network(State(state): State<AppState>) -> Response {
    offline::offline(&state.site).respond(&state.site)
}
