//! What every request passes through.

use std::{any::Any, sync::Arc};

use app::{
    account::session,
    site::{Settings, Site},
    tracker::reminders,
    ui::page::{Private, Rendered},
};
use axum::{
    body::{Body, Bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, Full};
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};

/// One line a request: no query, no address of the reader, no body.
pub async fn log_request(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let path = path_to_log(&request);
    let response = next.run(request).await;
    let millis = began.elapsed().as_secs_f64() * 1_000.0;
    tracing::info!(%method, path, status = response.status().as_u16(), millis = format_args!("{millis:.1}"), "request");
    response
}

/// At most 120 letters of the path. An address that somebody made up from the checker's may hold an answer; a calendar's, a
/// shared link's and a review link's, and whatever looks like their token in an address that was mistyped, is a secret.
fn path_to_log(request: &Request) -> String {
    let path = request.uri().path();
    if path.starts_with(reminders::CALENDARS) {
        return format!("{}…", reminders::CALENDARS);
    }
    let made_up = request.extensions().get::<MatchedPath>().is_none();
    let (of_answers, of_secrets) = (["/seek-help/", "/api/"], ["/shared/", "/review/"]);
    let hidden = of_answers.into_iter().filter(|_| made_up).chain(of_secrets).find(|place| path.starts_with(place));
    match hidden {
        Some(place) => format!("{place}…"),
        None => without_tokens(path).chars().take(120).collect(),
    }
}

/// From how many letters and digits on a word may be a token: no name of ours is so long, and an id has dashes.
const TOKEN: usize = 20;

/// The path, with a mark in the place of each word that may be a token, or a part of one.
fn without_tokens(path: &str) -> String {
    let is_token = |word: &str| word.len() >= TOKEN && word.bytes().any(|letter| letter.is_ascii_digit());
    let words = path.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric());
    words
        .map(|word| {
            let end = word.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric()).len();
            let (word, rest) = word.split_at(end);
            format!("{}{rest}", if is_token(word) { "…" } else { word })
        })
        .collect()
}

/// A handler that panics answers 500 like any other fault of ours; the panic's text stays in the log.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
pub fn panicked(panic: Box<dyn Any + Send>) -> Response<Full<Bytes>> {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or("without a message"), "a handler panicked");
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// Headers that every answer carries. What a page may load is set with the page.
pub async fn secure(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    const ALWAYS: [(HeaderName, HeaderValue); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static(
                "camera=(), geolocation=(), microphone=(), payment=(), publickey-credentials-create=(self), \
                 publickey-credentials-get=(self), usb=()",
            ),
        ),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ];
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let referrer = headers.remove(header::REFERRER_POLICY);
    headers.extend(ALWAYS);
    // A page whose address is a secret allows less.
    if let Some(policy) = referrer {
        headers.insert(header::REFERRER_POLICY, policy);
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        );
    }
    if site.settings.public_url.starts_with("https://") {
        headers
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
    response
}

/// Refuses what another site makes a browser send: by `Sec-Fetch-Site`, else by `Origin`. Reading is free to all; no GET
/// changes anything. Where a session's cookie comes with neither, it is refused too: every browser that we know sends one.
pub async fn refuse_cross_site(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    if reads || is_one_click(&request) || is_own(request.headers(), &site.settings) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

/// The button of a mail program that ends the reminders (RFC 8058): pressed from wherever the mail is read, and without any
/// cookie. With one it is a browser's, and held to the same as any form. No other site gains by it: what is done rests on the
/// token in the address, and on nothing that a browser brings.
fn is_one_click(request: &Request) -> bool {
    request.method() == Method::POST
        && request.uri().path() == reminders::STOP
        && !request.headers().contains_key(header::COOKIE)
}

fn is_own(headers: &HeaderMap, settings: &Settings) -> bool {
    // Every one of them, if there are several: no browser sends two, and a proxy may look at another than we do.
    let mut sites = headers.get_all("sec-fetch-site").iter().peekable();
    if sites.peek().is_some() {
        return sites.all(|site| site == "same-origin" || site == "none");
    }
    let mut origins = headers.get_all(header::ORIGIN).iter().peekable();
    if origins.peek().is_some() {
        return origins.all(|origin| origin == &settings.public_url);
    }
    // A program that is no browser sends neither.
    session::read(headers, &session::session_cookie(settings)).is_none()
}

/// What is compressed: not what is about one person, because the length of a compressed page tells of the secrets in it.
#[derive(Clone, Copy, Debug)]
pub struct NotPrivate;

impl Predicate for NotPrivate {
    fn should_compress<B: axum::body::HttpBody>(&self, response: &Response<B>) -> bool {
        response.extensions().get::<Private>().is_none() && DefaultPredicate::new().should_compress(response)
    }
}

/// Gives pages an `ETag`, and answers 304 to who has the page already.
pub async fn answer_not_modified(request: Request, next: Next) -> Response {
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    let marks = response.extensions();
    if !reads
        || response.status() != StatusCode::OK
        || marks.get::<Rendered>().is_none()
        || marks.get::<Private>().is_some()
    {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let digest: String = Sha256::digest(&bytes)[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    // Weak: the same page compressed is the same page.
    let Ok(tag) = HeaderValue::from_str(&format!("W/\"{digest}\"")) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    let same = known.is_some_and(|known| known == tag);
    parts.headers.insert(header::ETAG, tag);
    if same {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.remove(header::CONTENT_TYPE);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}
