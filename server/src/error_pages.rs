//! The one place that turns a failed request into a page: what happened, what it means, a way on.

use app::{
    AppState,
    error::Reason,
    ui::{
        call::tel,
        page::{Page, Rendered},
    },
};
use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};
use leptos::prelude::*;

/// Gives every error that has no page of its own one.
pub async fn give_errors_a_page(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let plain = ["/healthz", "/readyz"].contains(&request.uri().path());
    let response = next.run(request).await;
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if plain || !failed || response.extensions().get::<Rendered>().is_some() {
        return response;
    }
    let reason = response.extensions().get::<Reason>().map(|reason| reason.0);
    let mut page = error_page(response.status(), reason, &state).respond(&state.site);
    let headers = page.headers_mut();
    headers.insert(header::CACHE_CONTROL, app::routes::CachePolicy::Never.header());
    if let Some(allow) = response.headers().get(header::ALLOW) {
        headers.insert(header::ALLOW, allow.clone());
    }
    page
}

fn error_page(status: StatusCode, reason: Option<&'static str>, state: &AppState) -> Page {
    let (title, what, todo) = words(status);
    let numbers = state.site.settings.numbers.clone();
    let mut page = Page::new(title, what, "/error", move || {
        view! {
            <main id="main" class="wrap error-page">
                <h1>{title}</h1>
                <p>{what}</p>
                {reason.map(|reason| view! { <p>{reason}</p> })}
                <p>{todo}</p>
                <p>
                    "If you are worried about your health, do not wait for this site: call " {numbers.urgent_name} " on "
                    <a href=tel(&numbers.urgent)>{numbers.urgent.clone()}</a> ", or "
                    <a href=tel(&numbers.emergency)>{numbers.emergency.clone()}</a> " in an emergency."
                </p>
                <div class="actions">
                    <a class="btn btn--main" href="/seek-help">"Check if you need help"</a>
                    <a class="btn" href="/articles">"All articles"</a>
                    <a class="btn" href="/">"Home"</a>
                </div>
            </main>
        }
        .into_any()
    });
    page.status = status;
    page
}

/// Title, what happened, what to do.
fn words(status: StatusCode) -> (&'static str, &'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => (
            "Page not found",
            "There is no page at this address.",
            "If you typed the address, check it. If you followed a link, it may be out of date.",
        ),
        StatusCode::FORBIDDEN => (
            "Not allowed",
            "This request came from another site, so we did not carry it out.",
            "Open the page here, and try again from there.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("Page not found", "This address cannot be used in this way.", "Start from one of the pages below.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("Too much was sent", "The request was larger than any of our forms.", "Go back, and send less.")
        }
        StatusCode::SERVICE_UNAVAILABLE => (
            "This page cannot be shown just now",
            "A part of the site does not answer. The seek-help checker works without it.",
            "Try again in a few minutes.",
        ),
        status if status.is_client_error() => (
            "We did not understand that",
            "The request was not one that our pages make.",
            "Start again from one of the pages below.",
        ),
        _ => (
            "Sorry, there is a problem with this page",
            "Something went wrong on our side. It has been noted.",
            "Try again in a few minutes.",
        ),
    }
}
