//! The one place that gives a failed request its body: a page for a reader (what happened, what it means, a way on), and
//! for a program what it can act on.

use std::sync::Arc;

use app::{
    account::passkey,
    error::{BadFields, Reason},
    problem::Problem,
    routes::CachePolicy,
    site::Site,
    ui::{
        call::tel,
        page::{Page, Rendered},
    },
};
use axum::{
    extract::{Request, State},
    http::{HeaderName, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use leptos::prelude::*;

/// Headers of an error that say what to do about it.
const KEPT: [HeaderName; 2] = [header::ALLOW, header::RETRY_AFTER];

/// Whether a program asks, which reads problems and no pages.
pub fn is_for_programs(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// Gives every error that has no body of its own one.
pub async fn give_errors_a_body(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let program = is_for_programs(path) || passkey::is_for_script(path);
    let plain = ["/healthz", "/readyz"].contains(&request.uri().path());
    let response = next.run(request).await;
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if plain || !failed || response.extensions().get::<Rendered>().is_some() {
        return response;
    }
    let reason = response.extensions().get::<Reason>().map(|reason| reason.0);
    let mut told = if program {
        let fields = response.extensions().get::<BadFields>().map(|fields| fields.0.clone());
        let detail = reason.unwrap_or_else(|| detail(response.status()));
        Problem::new(response.status(), detail, fields.unwrap_or_default()).into_response()
    } else {
        error_page(response.status(), reason, &site).respond(&site)
    };
    let headers = told.headers_mut();
    headers.insert(header::CACHE_CONTROL, CachePolicy::Never.header());
    for name in KEPT {
        if let Some(value) = response.headers().get(&name) {
            headers.insert(name, value.clone());
        }
    }
    told
}

/// What a program is told where the request itself gives no reason.
fn detail(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "There is nothing at this address: see /api/v1/openapi.json.",
        StatusCode::UNAUTHORIZED => "This needs somebody who is signed in.",
        StatusCode::FORBIDDEN => "A page of another site made a browser send this, so it was not carried out.",
        StatusCode::METHOD_NOT_ALLOWED => "This address does not take this method: see the header Allow.",
        StatusCode::PAYLOAD_TOO_LARGE => "The body is larger than this address takes.",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "Send application/json.",
        StatusCode::UNPROCESSABLE_ENTITY => "Some fields are not what this address takes: see errors.",
        StatusCode::TOO_MANY_REQUESTS => "Too many requests: wait as many seconds as the header Retry-After says.",
        status if status.is_client_error() => "The request is not one that this address understands.",
        _ => "Something went wrong on our side. It has been noted. Try again in a few minutes.",
    }
}

fn error_page(status: StatusCode, reason: Option<&'static str>, site: &Site) -> Page {
    let (title, what, todo) = words(status);
    let numbers = site.settings.numbers.clone();
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
        StatusCode::UNAUTHORIZED => (
            "You are signed out",
            "Nothing was changed: this needs somebody who is signed in, and your session has ended.",
            "Sign in at the top of the page, under Account, and try again.",
        ),
        StatusCode::FORBIDDEN => (
            "Not allowed",
            "This request was not carried out: it came from another site, or this page is not for your account.",
            "Open the page here, and try again from there.",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "Too many tries",
            "There were too many requests in a short time, so this one was not carried out.",
            "Wait a minute, then try again.",
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
