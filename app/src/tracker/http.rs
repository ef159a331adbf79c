//! The tracker's addresses. Its pages are the same for everybody: whose days they show is known to the device alone.

use axum::{extract::State, response::Response};

use super::{pages, share, summary, sync, week};
use crate::{
    AppState, Result,
    exercise::store,
    routes::{CachePolicy, Routes},
};

pub fn routes() -> Routes {
    Routes::new()
        .page("/tracker", CachePolicy::Revalidate, today)
        .page("/tracker/plan", CachePolicy::Revalidate, planning)
        .page("/tracker/progress", CachePolicy::Revalidate, progress)
        .page("/tracker/session", CachePolicy::Revalidate, session)
        .page("/tracker/body", CachePolicy::Revalidate, body)
        .page("/tracker/sheet", CachePolicy::Revalidate, week)
        .and(summary::http::routes())
        .and(share::routes())
        .and(sync::http::routes())
}

async fn today(State(state): State<AppState>) -> Result<Response> {
    Ok(pages::today(&state.site, store::known(&state.db).await?).respond(&state.site))
}

async fn planning(State(state): State<AppState>) -> Result<Response> {
    Ok(pages::planning(&state.site, store::known(&state.db).await?).respond(&state.site))
}

async fn body(State(state): State<AppState>) -> Response {
    pages::body(&state.site).respond(&state.site)
}

async fn session(State(state): State<AppState>) -> Result<Response> {
    Ok(pages::session(&state.site, store::known(&state.db).await?).respond(&state.site))
}

async fn week(State(state): State<AppState>) -> Result<Response> {
    Ok(week::page(&state.site, store::library(&state.db).await?).respond(&state.site))
}

async fn progress(State(state): State<AppState>) -> Result<Response> {
    Ok(pages::progress(&state.site, store::known(&state.db).await?).respond(&state.site))
}
