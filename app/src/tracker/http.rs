//! The tracker's address. The page is the same for everybody: what is logged never leaves the device.

use axum::{extract::State, response::Response};

use super::pages;
use crate::{
    AppState, Result,
    exercise::store,
    routes::{CachePolicy, Routes},
};

pub fn routes() -> Routes {
    Routes::new().page("/tracker", CachePolicy::Revalidate, tracker)
}

async fn tracker(State(state): State<AppState>) -> Result<Response> {
    Ok(pages::tracker(&state.site, store::library(&state.db).await?).respond(&state.site))
}
