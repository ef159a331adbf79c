//! The site: its settings, what it loaded at start, and the state that every handler gets.

use std::{collections::HashMap, sync::Arc};

use crate::{
    account::{Guard, Passkeys, Sessions},
    article::{shelf::Shelf, standing::StandingPage},
    clock::Clock,
    db::Db,
    mail::Mailer,
    media::workshop::Workshop,
    rulebook::InUse,
    tracker::{recent::Recent, saves::Saves, starter::Starter},
    triage::{RuleSet, vignette::Vignette},
    ui::Numbers,
    vault::Vault,
};

/// What every handler gets. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    pub site: Arc<Site>,
    pub db: Db,
    pub vault: Vault,
    pub mail: Mailer,
    pub clock: Clock,
    pub guard: Arc<Guard>,
    pub sessions: Sessions,
    pub articles: Arc<Shelf>,
    pub saves: Saves,
    pub recent: Arc<Recent>,
    pub passkeys: Passkeys,
    pub media: Arc<Workshop>,
}

impl AppState {
    /// Waits for what is being written, and closes the databases, where this is the last copy.
    pub async fn close(self) {
        let Self { db, vault, sessions, saves, .. } = self;
        // They keep the database open.
        drop((sessions, saves));
        db.close().await;
        vault.close().await;
    }
}

/// What the site knows by heart. It does not change: a server that is to decide by another rule set makes another, and a request
/// that began with one ends with it.
#[derive(Debug)]
pub struct Site {
    pub settings: Settings,
    pub assets: AssetUrls,
    pub rules: RuleSet,
    /// The text that these rules were read from, and where it came from.
    pub in_use: InUse,
    /// Empty where they do not fit the rules in use.
    pub vignettes: Vec<Vignette>,
    /// That another rule set was meant to be used and failed its checks, for whoever watches the process.
    pub rules_refused: Option<String>,
    pub standing: Vec<StandingPage>,
    /// The plans that the tracker offers to start from.
    pub starters: Vec<Starter>,
}

/// What whoever runs the site may set.
#[derive(Clone, Debug)]
pub struct Settings {
    pub name: String,
    pub numbers: Numbers,
    /// Signs articles that name no author.
    pub author: String,
    /// Without a slash at the end: the only source of absolute links, and the expected `Origin` of a form.
    pub public_url: String,
}

impl Settings {
    /// Whether readers reach the site over TLS, here or at a proxy.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "Sciaticalm".to_owned(),
            numbers: Numbers::default(),
            author: "Sciaticalm Medical Team".to_owned(),
            public_url: "http://localhost:3000".to_owned(),
        }
    }
}

/// Where the built files are, by the name they have before hashing: `base.css` → `/assets/base.0123456789ab.css`.
#[derive(Clone, Debug, Default)]
pub struct AssetUrls(pub HashMap<String, String>);

impl AssetUrls {
    /// The address of a built file; its plain name, which answers 404, where the build has none.
    pub fn url(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_else(|| format!("/assets/{name}"))
    }
}

/// A script and wasm that hydrate a page's island.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Checker,
    Today,
    Planning,
    Session,
    Body,
    Progress,
}

impl Entry {
    pub const ALL: [Self; 6] = [Self::Checker, Self::Today, Self::Planning, Self::Session, Self::Body, Self::Progress];

    /// The name of its files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Checker => "checker",
            Self::Today => "today",
            Self::Planning => "planning",
            Self::Session => "session",
            Self::Body => "body",
            Self::Progress => "progress",
        }
    }
}
