//! The rulebook: rule sets on the desk. Editors and clinicians write a new version of the triage rules there, see in words what
//! it changes, try it, and have it checked; a clinician who wrote nothing of it publishes it, and running servers decide by it
//! within seconds. Whoever is on call can roll back in one step.
//!
//! A rule set that fails a check is never published, by anybody; what is published is exactly the text that passed.

mod asked;
mod asked_fields;
mod catalogue;
pub mod checking;
mod cited;
mod condition;
mod condition_form;
mod condition_view;
pub mod difference;
pub mod editing;
mod fields;
pub mod files;
pub mod gates;
mod grades;
mod http;
mod naming;
pub mod outcomes;
mod pages;
mod part_fields;
mod part_page;
mod parts;
mod places;
mod putting;
mod review;
mod rows;
pub mod samples;
pub mod soundness;
pub mod store;
#[cfg(test)]
mod tests;
pub mod words;
mod writing;

pub use http::routes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::FromRow;
use uuid::Uuid;

/// A rule set and the people that it is tested with, as TOML.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    pub rules: String,
    pub vignettes: String,
}

impl Texts {
    /// The SHA-256 of both, in hex.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        for text in [&self.rules, &self.vignettes] {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
        }
        format!("{:x}", digest.finalize())
    }
}

/// Where a rule set that decides comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It came with the program.
    Program,
    /// Whoever runs the site put it into the data folder.
    Folder,
    /// It was published at the desk.
    Desk,
}

/// The text of what the site decides by.
#[derive(Clone, Debug)]
pub struct InUse {
    pub origin: Origin,
    pub texts: Texts,
    /// The last publication that this server has seen, whether it decides by it or not; 0 where there was none.
    pub publication: i64,
}

/// How far a rule set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Draft,
    /// Somebody asked for it to be published.
    InReview,
    /// It was published, and may have been replaced since.
    Published,
}

impl Stage {
    /// As the database writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in-review",
            Self::Published => "published",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Draft, Self::InReview, Self::Published].into_iter().find(|stage| stage.name() == name)
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::InReview => "In review",
            Self::Published => "Published",
        }
    }
}

/// All that the desk knows of a rule set, but for its texts.
#[derive(Clone, Debug)]
pub struct Dossier {
    pub id: Uuid,
    pub stage: Stage,
    pub newest: i64,
    pub asked_by: Option<Uuid>,
    /// While the account is there.
    pub asked_by_email: Option<String>,
    /// Newest first.
    pub revisions: Vec<RevisionLine>,
    /// Newest first.
    pub publications: Vec<Publication>,
}

impl Dossier {
    /// Whether this account wrote a part of it: then it does not publish it.
    pub fn is_own(&self, account: Uuid) -> bool {
        self.revisions.iter().any(|revision| revision.saved_by == Some(account))
    }

    /// "2.2.0", as its newest text says.
    pub fn version(&self) -> &str {
        self.revisions.first().map_or("", |newest| &newest.version)
    }
}

/// A revision in a list.
#[derive(Clone, Debug, FromRow)]
pub struct RevisionLine {
    pub number: i64,
    pub version: String,
    pub digest: String,
    /// Milliseconds since 1970, UTC; so are the times below.
    pub saved_at: i64,
    pub saved_by: Option<Uuid>,
    /// While the account is there.
    pub saved_by_email: Option<String>,
    pub note: String,
}

/// That a rule set was published, or rolled back to.
#[derive(Clone, Debug, FromRow)]
pub struct Publication {
    pub number: i64,
    pub published_at: i64,
    pub published_by_email: Option<String>,
    /// Of the reviewer; both are empty for what came with the program, and for who rolled back.
    pub name: String,
    pub registration: String,
    pub rollback_reason: Option<String>,
}

/// A rule set in the desk's list.
#[derive(Clone, Debug, FromRow)]
pub struct Listed {
    pub id: Uuid,
    pub stage: String,
    pub version: String,
    pub saved_at: i64,
    pub note: String,
    pub saved_by_email: Option<String>,
    /// The last time that servers were told to decide by it; none if they never were.
    pub publication: Option<i64>,
}

/// What servers are to decide by.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Published {
    /// Of the publication.
    pub number: i64,
    pub texts: Texts,
    /// Name and registration of the reviewer who signed off the whole of it, and when.
    pub signed_off: Option<(String, String, i64)>,
}
