//! For whoever watches the process: is it there, and can it do its work?

use app::{
    AppState, Error, Result,
    routes::{CachePolicy, Routes},
};
use axum::extract::State;

pub fn routes() -> Routes {
    Routes::new().page("/healthz", CachePolicy::Never, async || "ok\n").page("/readyz", CachePolicy::Never, ready)
}

async fn ready(State(state): State<AppState>) -> Result<&'static str> {
    let patience = std::time::Duration::from_secs(3);
    match tokio::time::timeout(patience, state.db.ping()).await {
        Ok(answer) => answer.map(|()| "ready\n"),
        Err(_) => Err(Error::Unavailable("no answer within 3 seconds".into())),
    }
}
