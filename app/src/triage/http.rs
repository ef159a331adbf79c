//! Addresses of the checker. Answers come by POST alone, and are forgotten with the answer: no address, no store, no log.

use axum::{
    Form,
    extract::{Request, State, rejection::FormRejection},
    http::StatusCode,
    response::{Redirect, Response},
};

use super::{
    Urgency,
    conversation::{self, Place, Step},
    feedback::{self, Feedback},
    offline, pages,
};
use crate::{
    AppState, Error, Result, numbers,
    routes::{CachePolicy, Routes},
};

/// Every answer at once is under 6 KB.
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

/// The same page for everybody, until the rules change: it holds no time.
async fn start(State(state): State<AppState>, request: Request) -> Response {
    if numbers::is_read(&request) {
        state.tally.start();
    }
    pages::checker(&state.site, conversation::start(&state.site.rules), String::new()).respond(&state.site)
}

async fn submit(
    State(state): State<AppState>,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, axum::response::ErrorResponse> {
    let Form(fields) = form?;
    let step = conversation::submit(&state.site.rules, &fields).map_err(|bad| Error::BadRequest(bad.message()))?;
    let status = match &step {
        Step { place: Place::Ask { problems, .. }, .. } if !problems.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    if let Step { place: Place::Result(assessment), .. } = &step {
        state.tally.result(assessment.urgency);
    }
    let emergency = step.urgency() == Some(Urgency::Emergency);
    let mut page = pages::checker(&state.site, step, state.clock.now_in_words());
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
