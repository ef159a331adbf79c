//! The frame of every page, rendered from values: a page waits for nothing and asks nobody.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use hydration_context::SsrSharedContext;
use leptos::prelude::*;
use leptos_integration_utils::new_detached_root;
use maud::{Markup, html};

use super::{Numbers, call::tel};
use crate::site::{Banner, Entry, Site};

/// The entries of the main navigation: name and address.
const NAVIGATION: [(&str, &str); 5] = [
    ("Articles", "/articles"),
    ("Exercises", "/exercises"),
    ("Tracker", "/tracker"),
    ("Get help", "/seek-help"),
    ("Account", "/account"),
];

/// The line for when a page's script or wasm does not load or breaks.
fn script_failed(entry: Entry) -> &'static str {
    match entry {
        Entry::Checker => {
            "A part of this page could not be loaded. The form below still works; or load the page again."
        }
        Entry::Today | Entry::Planning | Entry::Session | Entry::Body => {
            "A part of this page could not be loaded, so nothing can be logged now. Load the page again: what you logged \
             before is still on this device."
        }
        Entry::Progress => {
            "A part of this page could not be loaded, so your charts cannot be drawn now. Load the page again: what you \
             logged is still on this device."
        }
    }
}

/// A page and its body, as one value.
pub struct Page {
    pub title: String,
    /// For search engines and shared links, one sentence.
    pub description: String,
    /// Its address on this site, from the slash on: the current entry of the navigation, and the canonical link.
    pub path: String,
    pub status: StatusCode,
    /// The island that the page carries, if any: without one, the page has no script.
    pub entry: Option<Entry>,
    /// A script of its own that the page loads, by its address.
    pub script: Option<&'static str>,
    /// Style sheets beside `base.css`.
    pub styles: &'static [&'static str],
    /// JSON-LD.
    pub structured_data: Option<serde_json::Value>,
    /// About one person: listed by no search engine, and sent uncompressed, because the length of a compressed page tells
    /// of the secrets in it.
    pub private: bool,
    /// Only the emergency number in the strip at the top; the help line follows the card.
    pub emergency: bool,
    body: Box<dyn FnOnce() -> AnyView + Send>,
}

impl Page {
    pub fn new(
        title: impl Into<String>,
        description: impl Into<String>,
        path: impl Into<String>,
        body: impl FnOnce() -> AnyView + Send + 'static,
    ) -> Self {
        Self {
            title: title.into(),
            description: description.into(),
            path: path.into(),
            status: StatusCode::OK,
            entry: None,
            script: None,
            styles: &[],
            structured_data: None,
            private: false,
            emergency: false,
            body: Box::new(body),
        }
    }

    /// A page about accounts, as HTML that was escaped where it was made.
    pub fn private(title: &'static str, path: &'static str, main: Markup) -> Self {
        let main = main.into_string();
        let mut page = Self::new(title, title, path, move || {
            view! { <main id="main" class="wrap panel prose account" inner_html=main></main> }.into_any()
        });
        page.private = true;
        page
    }

    /// A page for who is signed in: from each of them one can sign out.
    pub fn of_account(title: &'static str, path: &'static str, main: Markup) -> Self {
        let main = html! {
            (main)
            form class="sign-out" method="post" action="/sign-out" { button class="btn" { "Sign out" } }
        };
        Self::private(title, path, main)
    }

    /// A page of the content desk, as HTML that was escaped where it was made. It has a style of its own.
    pub fn of_desk(title: impl Into<String>, path: impl Into<String>, main: Markup) -> Self {
        let (title, main) = (title.into(), main.into_string());
        let mut page = Self::new(title.clone(), title, path, move || {
            view! { <main id="main" class="wrap panel prose account desk" inner_html=main></main> }.into_any()
        });
        page.private = true;
        page.styles = &["desk.css"];
        page
    }

    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    #[must_use]
    pub fn with_script(mut self, address: &'static str) -> Self {
        self.script = Some(address);
        self
    }

    /// Renders the page under an owner of its own, which is gone when this returns.
    pub fn to_html(self, site: &Site) -> String {
        // Leptos marks places for hydration with `<!>`, which is no valid HTML: written out where an island needs it, and
        // left out where nothing will. It cannot stand in a text or an attribute, where `<` is escaped.
        let marker = if self.entry.is_some() { "<!---->" } else { "" };
        let owner = new_detached_root(Some(Arc::new(SsrSharedContext::new_islands())));
        let html = owner.with(|| frame(self, site).to_html());
        owner.cleanup();
        html.replace("<!>", marker)
    }

    fn runs(&self) -> Runs {
        match (self.entry, self.script) {
            (Some(_), _) => Runs::Island,
            (None, Some(_)) => Runs::Script,
            (None, None) => Runs::Nothing,
        }
    }

    /// The page as an answer, with the policy for what it may load.
    pub fn respond(self, site: &Site) -> Response {
        let (status, policy, private) = (self.status, self.runs().policy(), self.private);
        let mut response = (status, Html(self.to_html(site))).into_response();
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        response.extensions_mut().insert(Rendered);
        if private {
            response.extensions_mut().insert(Private);
        }
        response
    }
}

/// Marks an answer whose text is whole: the error pages leave it alone, and it gets an `ETag`.
#[derive(Clone, Copy, Debug)]
pub struct Rendered;

/// Marks an answer about one person.
#[derive(Clone, Copy, Debug)]
pub struct Private;

/// An answer about one person to a script of ours.
pub fn private_json(value: &serde_json::Value) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response();
    response.extensions_mut().insert(Private);
    response
}

/// What a page runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runs {
    Nothing,
    /// A few lines that ask the server.
    Script,
    Island,
}

impl Runs {
    /// What a page may load. Nothing but our own files; script only where there is some, and then no inline script.
    fn policy(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            // `wasm-unsafe-eval` compiles the island's wasm; `connect-src` fetches it; `worker-src` keeps the checker offline.
            Self::Island => {
                "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
                 connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            }
            Self::Script => {
                "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; \
                 form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            }
            Self::Nothing => {
                "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                 frame-ancestors 'none'"
            }
        })
    }
}

fn frame(page: Page, site: &Site) -> AnyView {
    let settings = &site.settings;
    let title = if page.path == "/" { page.title } else { format!("{} – {}", page.title, settings.name) };
    let canonical = format!("{}{}", settings.public_url, page.path);
    let styles = std::iter::once("base.css").chain(page.styles.iter().copied());
    let styles = styles.map(|name| view! { <link rel="stylesheet" href=site.assets.url(name)/> }).collect_view();
    let boot = page.entry.map(|entry| {
        let name = entry.name();
        let script = site.assets.url(&format!("{name}.js"));
        let wasm = site.assets.url(&format!("{name}.wasm"));
        view! {
            <link rel="modulepreload" href=script/>
            <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
            <script type="module" src=site.assets.url(&format!("{name}-boot.js"))></script>
        }
    });
    let structured_data = page.structured_data.map(|json| {
        // `<` would let a text end the element.
        let json = json.to_string().replace('<', "\\u003c");
        view! { <script type="application/ld+json" inner_html=json></script> }
    });
    let indexed = page.status == StatusCode::OK && !page.private;
    view! {
        <!DOCTYPE html>
        <html lang="en-GB">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <title>{title.clone()}</title>
                <meta name="description" content=page.description.clone()/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content="#073a39"/>
                <meta name="format-detection" content="telephone=no"/>
                {indexed.then(|| view! {
                    <link rel="canonical" href=canonical.clone()/>
                    {shared("og:title", title)}
                    {shared("og:description", page.description)}
                    {shared("og:url", canonical)}
                    {shared("og:type", "website".to_owned())}
                })}
                {(!indexed).then(|| view! { <meta name="robots" content="noindex"/> })}
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                {page.entry.map(|_| view! {
                    <link rel="manifest" href="/manifest.webmanifest"/>
                    <link rel="apple-touch-icon" href="/icons/180.png"/>
                })}
                {styles}
                {structured_data}
                {boot}
                {page.script.map(|script| view! { <script type="module" src=script></script> })}
            </head>
            <body>
                <a class="nhsuk-skip-link" href="#main">"Skip to main content"</a>
                {help_strip(site, page.emergency)}
                {header_bar(site, &page.path)}
                {(!page.emergency).then(|| banner(&settings.banner))}
                {page.entry.map(|entry| kept(entry, &settings.numbers))}
                {page.entry.map(|entry| view! { <p class="script-failed wrap" role="alert" hidden=true>{script_failed(entry)}</p> })}
                {(page.body)()}
                {footer(site)}
            </body>
        </html>
    }
    .into_any()
}

/// For a page as the browser kept it: the service worker says on `<html>` which of the two is shown.
fn kept(entry: Entry, numbers: &Numbers) -> impl IntoView + use<> {
    let works = match entry {
        Entry::Checker => "The checker still works on this device.",
        _ => "The tracker still works: what you log is kept on this device.",
    };
    view! {
        <p class="kept kept--recent wrap" role="status" hidden=true>"You seem to be offline. " {works}</p>
        <p class="kept kept--old wrap" role="status" hidden=true>
            "You seem to be offline, and these rules are more than 30 days old: they may have changed. If in doubt, call "
            <a href=tel(&numbers.urgent)>{numbers.urgent.clone()}</a> " or "
            <a href=tel(&numbers.emergency)>{numbers.emergency.clone()}</a> "."
        </p>
    }
}

/// What a shared link shows (Open Graph).
fn shared(property: &'static str, content: String) -> impl IntoView {
    leptos::html::meta().attr("property", property).content(content)
}

fn help_strip(site: &Site, emergency: bool) -> impl IntoView {
    let numbers = &site.settings.numbers;
    let class = if emergency { "help help--emergency" } else { "help" };
    let hours = &site.settings.help_hours;
    let hours = (!hours.is_empty()).then(|| format!(" {hours},"));
    view! {
        <section class=class aria-label="Help by phone">
            <div class="wrap">
                <span class="help__line">
                    "Help line "
                    <a href=tel(&numbers.help_line)>{numbers.help_line.clone()}</a>
                    <span class="wide">{hours} " not for emergencies"</span>
                </span>
                <span>"Emergency " <a href=tel(&numbers.emergency)>{numbers.emergency.clone()}</a></span>
            </div>
        </section>
    }
}

/// What whoever runs the site has to say to everybody. Not where there is an emergency: nothing comes before its advice.
fn banner(banner: &Banner) -> impl IntoView + use<> {
    banner.shown.then(|| {
        let link =
            (!banner.link.is_empty()).then(|| view! { " " <a href=banner.link.clone()>{banner.words.clone()}</a> });
        view! {
            <section class="banner" aria-label="Notice">
                <p class="wrap">{banner.text.clone()} {link}</p>
            </section>
        }
    })
}

fn header_bar(site: &Site, path: &str) -> impl IntoView {
    let links = NAVIGATION
        .into_iter()
        .map(|(name, href)| {
            let below = path.strip_prefix(href).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
            let current = if path == href { Some("page") } else { below.then_some("true") };
            view! { <li><a href=href aria-current=current>{name}</a></li> }
        })
        .collect_view();
    view! {
        <header class="top">
            <div class="wrap">
                <a class="mark" href="/">{mark()} " " {site.settings.name.clone()}</a>
                <nav aria-label="Main"><ul class="nav">{links}</ul></nav>
            </div>
        </header>
    }
}

/// The sign: an S that is a spine.
fn mark() -> impl IntoView {
    view! {
        <svg width="34" height="34" viewBox="0 0 34 34" aria-hidden="true" focusable="false">
            <circle cx="17" cy="17" r="17" fill="currentColor"/>
            <path
                class="mark__spine"
                d="M22.5 8c-5-2.2-10.5-.2-10.5 3.6 0 5.4 10.6 3.6 10.6 9.2 0 4.4-6.400 6.200-11.600 3.400"
                fill="none"
                stroke-width="3.2"
                stroke-linecap="round"
            />
        </svg>
    }
}

/// The sign as a file, for the browser's tab.
pub const FAVICON: &str = concat!(
    r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 34 34"><circle cx="17" cy="17" r="17" fill="#0b5351"/>"##,
    r##"<path d="M22.5 8c-5-2.2-10.500-.2-10.500 3.600 0 5.400 10.600 3.600 10.600 9.200 0 4.400-6.400 6.200-11.600 3.400" "##,
    r##"fill="none" stroke="#fff" stroke-width="3.2" stroke-linecap="round"/></svg>"##
);

fn footer(site: &Site) -> impl IntoView {
    let numbers = &site.settings.numbers;
    let hours = &site.settings.help_hours;
    let hours = (!hours.is_empty()).then(|| view! { <p class="foot__hours">"Help line: " {hours.clone()} "."</p> });
    view! {
        <footer class="foot">
            <div class="wrap">
                <p>"Information, not a diagnosis."</p>
                {hours}
                <ul>
                    <li><a href="/seek-help/about">"About the checker"</a></li>
                    <li><a href="/privacy">"Privacy"</a></li>
                    <li><a href="/accessibility">"Accessibility"</a></li>
                </ul>
                <p class="print-only">
                    "Emergency: " {numbers.emergency.clone()} ". Urgent help: " {numbers.urgent_name.clone()}
                    ". Help line, not for emergencies: " {numbers.help_line.clone()} "."
                </p>
            </div>
        </footer>
    }
}
