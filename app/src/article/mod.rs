//! Articles: written in Markdown with front matter, rendered and cleaned when saved, read as plain pages without script.
//! How they are written, reviewed and published is the content desk's: see [`crate::desk`].

#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod file;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
pub mod import;
#[cfg(feature = "ssr")]
pub mod markdown;
#[cfg(feature = "ssr")]
pub mod outline;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
pub mod pictures;
#[cfg(feature = "ssr")]
pub mod shelf;
#[cfg(feature = "ssr")]
pub mod standing;
#[cfg(feature = "ssr")]
pub mod store;

use serde::{Deserialize, Serialize};

use crate::day::Day;

/// How many letters of Markdown an article may have: some fifty pages.
#[cfg(feature = "ssr")]
pub const MOST_LETTERS: usize = 200_000;

/// An article as readers see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Article {
    /// Its address: lower-case words joined by hyphens.
    pub slug: String,
    pub title: String,
    /// One or two sentences, without markup.
    pub summary: String,
    pub author: String,
    /// The day on which readers first saw the article.
    pub published: Day,
    pub reviewed: Day,
    pub review_due: Day,
    /// The clinician who approved what readers see, once one has.
    pub approved_by: Option<Approver>,
    /// The authors' conflicts of interest; empty where none are declared.
    pub conflicts: String,
    pub tags: Vec<String>,
    /// The body, made from Markdown and cleaned: safe to put in a page as it is.
    pub html: String,
    /// Its sections, for the contents list.
    pub contents: Vec<Section>,
    pub words: u32,
    pub sources: Vec<Source>,
}

/// A clinician, as readers are told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approver {
    pub name: String,
    /// With the professional's regulator (GMC, HCPC).
    pub registration: String,
}

/// An article in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ArticleCard {
    pub slug: String,
    pub title: String,
    pub summary: String,
    pub published: Day,
    pub words: u32,
}

/// A section that a contents list leads to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// The heading's `id`.
    pub id: String,
    pub title: String,
}

/// Where an article's facts come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub title: String,
    pub publisher: Option<String>,
    pub url: Option<String>,
}

/// Minutes to read so many words, at 200 words a minute, never 0.
pub fn reading_minutes(words: u32) -> u32 {
    words.div_ceil(200).max(1)
}
