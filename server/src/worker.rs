//! The service worker, which keeps the checker on the device: its script, with the list of one build's files put in.

use std::sync::OnceLock;

use app::{
    AppState,
    routes::{CachePolicy, Routes},
    site::Site,
    triage::{conversation, offline, pages},
};
use axum::{body::Bytes, extract::State, http::header};
use sha2::{Digest, Sha256};

const SCRIPT: &str = include_str!("worker.js");

/// What the checker's page loads, by the names before hashing.
const BUILD: [&str; 4] = ["base.css", "checker-boot.js", "checker.js", "checker.wasm"];

pub fn routes() -> Routes {
    let made = OnceLock::new();
    Routes::new().page("/sw.js", CachePolicy::Revalidate, async move |State(state): State<AppState>| {
        let script = made.get_or_init(|| Bytes::from(script(&state.site))).clone();
        // The worker's own policy: it loads nothing but our files, and runs nothing but itself.
        let policy = "default-src 'none'; connect-src 'self'";
        ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, policy)], script)
    })
}

/// The browser installs the worker anew when a byte of it differs: so the version stands for all that it keeps.
fn script(site: &Site) -> String {
    let build = BUILD.map(|name| site.assets.url(name));
    let pages = [pages::checker(site, conversation::start(&site.rules), String::new()), offline::offline(site)];
    let mut digest = Sha256::new();
    let mut add = |part: &str| {
        digest.update(part);
        digest.update([0]);
    };
    build.iter().for_each(|url| add(url));
    pages.into_iter().for_each(|page| add(&page.to_html(site)));
    let hash: String = digest.finalize()[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    let build: Vec<String> = build.iter().map(|url| format!("{url:?}")).collect();
    SCRIPT
        .replace("{version}", &format!("{} {hash}", site.rules.version.replace(['\'', '\\', '\n'], "")))
        .replace("{page}", "/seek-help")
        .replace("{offline}", "/offline")
        .replace("{build}", &format!("[{}]", build.join(", ")))
}
