//! The site: its settings, what it loaded at start, and the state that every handler gets.

use std::{collections::HashMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    account::{Guard, Passkeys, Sessions},
    article::{shelf::Shelf, standing::StandingPage},
    clock::Clock,
    db::Db,
    mail::Mailer,
    media::workshop::Workshop,
    numbers::Tally,
    rulebook::InUse,
    tracker::{recent::Recent, reminders::when::Zone, saves::Saves, starter::Starter},
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
    pub tally: Arc<Tally>,
    pub saves: Saves,
    pub recent: Arc<Recent>,
    pub passkeys: Passkeys,
    pub media: Arc<Workshop>,
    /// Milliseconds since 1970, UTC.
    pub started_at: i64,
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

/// What the site knows by heart. It does not change: a server that is to decide by another rule set, or has other settings, makes
/// another, and a request that began with one ends with it.
#[derive(Clone, Debug)]
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
    /// As much for settings.
    pub settings_refused: Option<String>,
    pub standing: Vec<StandingPage>,
    /// The plans that the tracker offers to start from.
    pub starters: Vec<Starter>,
}

impl Site {
    /// The same site with other settings, to render a page with. What was made of the settings beforehand stays as it is.
    #[must_use]
    pub fn with_settings(&self, settings: Settings) -> Self {
        Self { settings, ..self.clone() }
    }
}

/// What whoever runs the site may set: see [`crate::settings`]. What is checked there holds for every value that a site has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub name: String,
    pub numbers: Numbers,
    /// Whose numbers they are: the code of a country (ISO 3166), or empty for one that the program has no numbers of.
    pub country: String,
    /// When somebody answers the help line: "Monday to Friday, 9 to 5". Empty where that is not said.
    pub help_hours: String,
    /// Whom articles may name, one at least; the first signs articles that name nobody.
    pub authors: Vec<Author>,
    /// What stands under every article, before who reviewed it.
    pub disclaimer: String,
    pub banner: Banner,
    /// By whose clocks the desk tells times.
    pub zone: Zone,
    pub expired: Expired,
    /// Without a slash at the end: the only source of absolute links, and the expected `Origin` of a form. It is no setting of the
    /// desk: whoever could change it could send every link elsewhere.
    #[serde(skip)]
    pub public_url: String,
}

/// Somebody whom an article may name as its author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub name: String,
    /// One line for readers; may be empty.
    pub about: String,
}

/// A line on every page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Banner {
    pub shown: bool,
    /// Plain text.
    pub text: String,
    /// Where it leads, and in which words; both empty where it leads nowhere.
    pub link: String,
    pub words: String,
}

/// What becomes of an article whose review is overdue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expired {
    /// Readers are told that it is out of date.
    #[default]
    Banner,
    /// Readers do not see it any more.
    Unpublish,
}

impl Settings {
    /// Signs articles that name no author.
    pub fn default_author(&self) -> &str {
        self.authors.first().map_or(&self.name, |author| &author.name)
    }

    /// What there is to say about an author, if anything.
    pub fn about_author(&self, name: &str) -> Option<&str> {
        let author = self.authors.iter().find(|author| author.name == name)?;
        Some(author.about.as_str()).filter(|about| !about.is_empty())
    }

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
            country: "GB".to_owned(),
            help_hours: String::new(),
            authors: vec![Author { name: "Sciaticalm Medical Team".to_owned(), about: String::new() }],
            disclaimer: "This article is general information. It cannot know your body, and does not replace a doctor, nurse or \
                         physiotherapist."
                .to_owned(),
            banner: Banner::default(),
            zone: Zone::default(),
            expired: Expired::default(),
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
