//! The one router: the features' routes, and what every request passes through.

use std::sync::Arc;

use app::{
    AppState, account, admin, article, desk, exercise, feedback, files, media, numbers,
    routes::{CachePolicy, Routes},
    rulebook, settings, tracker, triage,
    ui::page::FAVICON,
};
use axum::{
    Router,
    http::{StatusCode, header},
    middleware::{from_fn, from_fn_with_state},
};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, timeout::TimeoutLayer};

use crate::{
    assets::Assets,
    error_pages, health, installed,
    limits::{self, Limiter, Limits},
    middleware, worker,
};

/// Every route of the site.
pub fn routes(assets: Assets) -> Routes {
    Routes::new()
        .and(article::http::routes())
        .and(article::standing::routes())
        .and(exercise::http::routes())
        .and(triage::http::routes())
        .and(triage::api::routes())
        .and(tracker::http::routes())
        .and(tracker::reminders::routes())
        .and(account::routes())
        .and(admin::routes())
        .and(desk::routes())
        .and(rulebook::routes())
        .and(settings::routes())
        .and(files::routes())
        .and(feedback::routes())
        .and(numbers::routes())
        .and(media::routes())
        .and(assets.routes())
        .and(worker::routes())
        .and(installed::routes())
        .and(health::routes())
        .page("/favicon.svg", CachePolicy::Revalidate, async || ([(header::CONTENT_TYPE, "image/svg+xml")], FAVICON))
        .page("/robots.txt", CachePolicy::Revalidate, async || "User-agent: *\nAllow: /\n")
}

/// The site as a service.
pub fn router(state: AppState, assets: Assets, limits: Limits) -> Router {
    router_within(state, assets, Limiter::new(limits))
}

/// As [`router`], with limits that have counted before. A request passes the layers from the last to the first.
pub fn router_within(state: AppState, assets: Assets, limiter: Arc<Limiter>) -> Router {
    let site = &state.site;
    routes(assets)
        .into_router(|router, time_limit| {
            router
                .layer(CatchPanicLayer::custom(middleware::panicked))
                .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, time_limit))
        })
        .fallback(async || StatusCode::NOT_FOUND)
        .method_not_allowed_fallback(async || StatusCode::METHOD_NOT_ALLOWED)
        .layer(from_fn_with_state(Arc::clone(site), middleware::refuse_cross_site))
        .layer(from_fn_with_state(limiter, limits::limit))
        .layer(from_fn_with_state(Arc::clone(site), error_pages::give_errors_a_body))
        .layer(from_fn(middleware::answer_not_modified))
        .layer(CompressionLayer::new().compress_when(middleware::NotPrivate))
        .layer(from_fn_with_state(Arc::clone(site), middleware::secure))
        .layer(from_fn(middleware::log_request))
        .with_state(state)
}
