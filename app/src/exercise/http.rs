//! Addresses of the exercise library.

use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{pages, store};
use crate::{
    AppState, Error, Result,
    article::import::is_slug,
    routes::{CachePolicy, Routes},
};

pub fn routes() -> Routes {
    Routes::new().page("/exercises", CachePolicy::Revalidate, library).page(
        "/exercises/{id}",
        CachePolicy::Revalidate,
        exercise,
    )
}

async fn library(State(state): State<AppState>) -> Result<Response> {
    Ok(pages::library(store::library(&state.db).await?).respond(&state.site))
}

async fn exercise(State(state): State<AppState>, Path(id): Path<String>) -> Result<Response> {
    if !is_slug(&id) {
        return Err(Error::NotFound);
    }
    let shown = store::shown(&state.db, &id).await?.ok_or(Error::NotFound)?;
    Ok(pages::exercise(&shown, state.clock.today()).respond(&state.site))
}
