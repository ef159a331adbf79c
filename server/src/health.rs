//! For whoever watches the process: is it there, and can it do its work?

use app::{
    AppState, Error, Result,
    routes::{CachePolicy, Routes},
};
use axum::extract::State;

pub fn routes() -> Routes {
    Routes::new().page("/healthz", CachePolicy::Never, async || "ok\n").page("/readyz", CachePolicy::Never, ready)
}

async fn ready(State(state): State<AppState>) -> Result<String> {
    let patience = std::time::Duration::from_secs(3);
    match tokio::time::timeout(patience, state.db.ping()).await {
        Ok(answer) => answer.map(|()| told(state.site.rules_refused.as_deref())),
        Err(_) => Err(Error::Unavailable("no answer within 3 seconds".into())),
    }
}

/// The site can do its work on other rules than those that were meant, and whoever watches has to know.
fn told(rules_refused: Option<&str>) -> String {
    let more = rules_refused.map(|refused| format!("rules: {refused}\n")).unwrap_or_default();
    format!("ready\n{more}")
}
