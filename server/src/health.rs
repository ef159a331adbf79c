//! For whoever watches the process: is it there, and can it do its work?

use app::{
    AppState, Error, Result,
    routes::{CachePolicy, Routes},
    site::Site,
};
use axum::extract::State;

pub fn routes() -> Routes {
    Routes::new().page("/healthz", CachePolicy::Never, async || "ok\n").page("/readyz", CachePolicy::Never, ready)
}

async fn ready(State(state): State<AppState>) -> Result<String> {
    let patience = std::time::Duration::from_secs(3);
    match tokio::time::timeout(patience, state.db.ping()).await {
        Ok(answer) => answer.map(|()| told(&state.site)),
        Err(_) => Err(Error::Unavailable("no answer within 3 seconds".into())),
    }
}

/// The site can do its work on other rules and settings than those that were meant, and whoever watches has to know.
fn told(site: &Site) -> String {
    let rules = site.rules_refused.as_ref().map(|refused| format!("rules: {refused}\n"));
    let settings = site.settings_refused.as_ref().map(|refused| format!("settings: {refused}\n"));
    format!("ready\n{}{}", rules.unwrap_or_default(), settings.unwrap_or_default())
}
