//! The built files: style, script and wasm. In a release they are inside the binary; a debug build reads the folder that
//! `cargo xtask` fills. Either way they are read once, at start.

use std::collections::HashMap;

use anyhow::{Context, Result, anyhow};
use app::{
    Error,
    routes::{CachePolicy, Routes},
    site::{AssetUrls, Entry},
};
use axum::{
    body::Bytes,
    extract::Path,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "../target/site"]
struct Built;

/// Every built file, by its hashed name.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    urls: AssetUrls,
    files: HashMap<String, Asset>,
}

#[derive(Clone, Debug)]
struct Asset {
    content_type: &'static str,
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

impl Assets {
    /// # Errors
    /// When nothing was built, or only a part.
    pub fn load() -> Result<Self> {
        let manifest = Built::get("manifest.json")
            .ok_or_else(|| anyhow!("the site's style and script are not built: run `cargo xtask build`"))?;
        let manifest: HashMap<String, String> = serde_json::from_slice(&manifest.data)
            .context("target/site/manifest.json is broken: run `cargo xtask build`")?;
        let mut assets = Self::default();
        for (name, file) in manifest {
            assets.add(&name, &file)?;
        }
        for entry in Entry::ALL {
            assets.add_boot(entry)?;
        }
        Ok(assets)
    }

    fn add(&mut self, name: &str, file: &str) -> Result<()> {
        let read = |suffix: &str| {
            Built::get(&format!("assets/{file}{suffix}")).map(|file| Bytes::from(file.data.into_owned()))
        };
        let plain = read("").ok_or_else(|| anyhow!("the built file {file} is missing: run `cargo xtask build`"))?;
        let asset = Asset { content_type: content_type(name), plain, brotli: read(".br"), gzip: read(".gz") };
        self.urls.0.insert(name.to_owned(), format!("/assets/{file}"));
        self.files.insert(file.to_owned(), asset);
        Ok(())
    }

    /// The script that a page with an island loads: named by its hash like the built files, so that it can be kept for ever.
    fn add_boot(&mut self, entry: Entry) -> Result<()> {
        let name = entry.name();
        let stem = |file: &str| {
            let url = self.urls.url(file);
            let stem =
                url.strip_prefix("/assets/").and_then(|file| file.rsplit_once('.')).map(|(stem, _)| stem.to_owned());
            stem.filter(|_| self.urls.0.contains_key(file))
                .ok_or_else(|| anyhow!("{file} is not built: run `cargo xtask build`"))
        };
        let (script, wasm) = (stem(&format!("{name}.js"))?, stem(&format!("{name}.wasm"))?);
        let loader = island_loader(&script, &wasm)?;
        let text = match entry {
            Entry::Checker => format!("{MARK_FAILURE}{KEEP_OFFLINE}{loader}\n"),
            _ => format!("{MARK_FAILURE}{KEEP_OFFLINE}{KEEP_TRACKER}{loader}\n"),
        };
        let hash: String = Sha256::digest(&text)[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        let file = format!("{name}-boot.{hash}.js");
        let asset = Asset { content_type: content_type(&file), plain: Bytes::from(text), brotli: None, gzip: None };
        self.urls.0.insert(format!("{name}-boot.js"), format!("/assets/{file}"));
        self.files.insert(file, asset);
        Ok(())
    }

    /// Where each file is, by the name that pages ask for.
    pub fn urls(&self) -> AssetUrls {
        self.urls.clone()
    }

    pub fn routes(self) -> Routes {
        Routes::new().page(
            "/assets/{name}",
            CachePolicy::Forever,
            async move |Path(name): Path<String>, headers: HeaderMap| match self.files.get(&name) {
                Some(asset) => asset.respond(&headers),
                None => Error::NotFound.into_response(),
            },
        )
    }
}

impl Asset {
    fn respond(&self, headers: &HeaderMap) -> Response {
        let accepts = |coding: &str| {
            headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
                value.split(',').map(str::trim).any(|offer| {
                    let (name, weight) = offer.split_once(';').unwrap_or((offer, ""));
                    name.trim().eq_ignore_ascii_case(coding)
                        && !weight.replace(' ', "").trim_end_matches(['0', '.']).ends_with("q=")
                })
            })
        };
        let (bytes, coding) = match (&self.brotli, &self.gzip) {
            (Some(brotli), _) if accepts("br") => (brotli.clone(), Some("br")),
            (_, Some(gzip)) if accepts("gzip") => (gzip.clone(), Some("gzip")),
            _ => (self.plain.clone(), None),
        };
        let mut response =
            ([(header::CONTENT_TYPE, self.content_type), (header::VARY, "accept-encoding")], bytes).into_response();
        if let Some(coding) = coding {
            response.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static(coding));
        }
        response
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

/// In front of Leptos's loader, which has no error path of its own: marks the page when loading or the wasm fails, so that
/// it says so.
const MARK_FAILURE: &str = "\
const fail = () => { document.documentElement.dataset.script = 'failed'; };
addEventListener('unhandledrejection', fail);
addEventListener('error', (event) => { if (event.error instanceof WebAssembly.RuntimeError) fail(); });
";

/// Keeps the checker for when there is no network, once the page has all that it needs. Without a worker, or where it is
/// refused (a private window), nothing is different but that.
const KEEP_OFFLINE: &str = "\
if (navigator.serviceWorker) {
  addEventListener('load', () => navigator.serviceWorker.register('/sw.js').catch(() => {}));
}
";

/// And of a page of the tracker: asks the worker to keep the tracker too, and asks again the one that takes its place.
const KEEP_TRACKER: &str = "\
if (navigator.serviceWorker) {
  const keep = (worker) => worker?.postMessage('tracker');
  navigator.serviceWorker.ready.then(({ active }) => keep(active));
  navigator.serviceWorker.addEventListener('controllerchange', () => keep(navigator.serviceWorker.controller));
}
";

/// Leptos's own island loader, rendered once and served as a file, so that pages need no inline script and no nonce.
fn island_loader(script: &str, wasm: &str) -> Result<String> {
    // Leptos keeps the first names that it is given for the life of the process: so these stand in for every entry's.
    const NAME: &str = "island-entry";
    let options = LeptosOptions::builder().output_name(NAME).site_pkg_dir("assets").build();
    let owner = Owner::new_root(None);
    let html = owner.with(|| view! { <HydrationScripts options islands=true/> }.to_html());
    owner.cleanup();
    let loader = html
        .split_once("<script")
        .and_then(|(_, rest)| rest.split_once('>'))
        .and_then(|(_, rest)| rest.split_once("</script>"))
        .map(|(text, _)| text)
        .filter(|text| text.contains(&format!("\"{NAME}\"")) && text.contains(&format!("\"{NAME}_bg\"")))
        .ok_or_else(|| anyhow!("Leptos's island loader is not as it was"))?;
    Ok(loader
        .replace(&format!("\"{NAME}_bg\""), &format!("{wasm:?}"))
        .replace(&format!("\"{NAME}\""), &format!("{script:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_entry_boots_its_own_files() {
        let checker = island_loader("checker.aa", "checker.bb").unwrap();
        let tracker = island_loader("tracker.cc", "tracker.dd").unwrap();
        assert!(checker.contains("(\"\", \"assets\", \"checker.aa\", \"checker.bb\""), "{checker}");
        assert!(tracker.contains("(\"\", \"assets\", \"tracker.cc\", \"tracker.dd\""), "{tracker}");
    }
}
