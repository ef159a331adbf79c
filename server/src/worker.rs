//! The service worker, which keeps the checker and the tracker on the device: its script, with the lists of one build's
//! files put in.

use std::sync::OnceLock;

use app::{
    AppState,
    routes::{CachePolicy, Routes},
    site::{Entry, Site},
    tracker,
    triage::{conversation, offline, pages},
};
use axum::{body::Bytes, extract::State, http::header};
use sha2::{Digest, Sha256};

const SCRIPT: &str = include_str!("worker.js");

/// A page with an island, and what it loads, by the names before hashing.
fn loads(entry: Entry) -> Vec<String> {
    let name = entry.name();
    let mut files = vec!["base.css".to_owned()];
    if entry != Entry::Checker {
        files.push("tracker.css".to_owned());
    }
    files.extend([format!("{name}-boot.js"), format!("{name}.js"), format!("{name}.wasm")]);
    files
}

pub fn routes() -> Routes {
    let made = OnceLock::new();
    Routes::new().page("/sw.js", CachePolicy::Revalidate, async move |State(state): State<AppState>| {
        let script = made.get_or_init(|| Bytes::from(script(&state.site))).clone();
        // The worker's own policy: it loads nothing but our files, and runs nothing but itself.
        let policy = "default-src 'none'; connect-src 'self'";
        ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, policy)], script)
    })
}

/// The browser installs the worker anew when a byte of it differs: so the version stands for all that it keeps, but for
/// the exercises in the tracker's pages, which come in with the next visit.
fn script(site: &Site) -> String {
    let checker = pages_of(site, &[("/seek-help", Entry::Checker)]);
    let tracker = pages_of(site, &tracker::pages::PARTS.map(|(part, entry)| (part.path(), entry)));
    let pages = [pages::checker(site, conversation::start(&site.rules), String::new()), offline::offline(site)];
    let mut digest = Sha256::new();
    let mut add = |part: &str| {
        digest.update(part);
        digest.update([0]);
    };
    add(&checker);
    add(&tracker);
    pages.into_iter().for_each(|page| add(&page.to_html(site)));
    let hash: String = digest.finalize()[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    SCRIPT
        .replace("{version}", &format!("{} {hash}", site.rules.version.replace(['\'', '\\', '\n'], "")))
        .replace("{checker}", &checker)
        .replace("{tracker}", &tracker)
}

/// As the script has them: `{"/seek-help": ["/assets/base.0123456789ab.css", …]}`.
fn pages_of(site: &Site, pages: &[(&str, Entry)]) -> String {
    let one = |(path, entry): &(&str, Entry)| {
        let files: Vec<String> = loads(*entry).iter().map(|name| format!("{:?}", site.assets.url(name))).collect();
        format!("{path:?}: [{}]", files.join(", "))
    };
    format!("{{ {} }}", pages.iter().map(one).collect::<Vec<_>>().join(", "))
}
