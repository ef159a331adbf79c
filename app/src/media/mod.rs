//! The library of pictures: uploaded at the desk, made anew by a child process, kept as files in a folder or a
//! bucket, and shown in articles by their ids.
//!
//! Nothing of what was sent is kept or served: a picture is what the child made of it. Its files are named by what is in
//! them, so that they never change and may be kept by browsers for good. An article's HTML holds `<img src="/media/ID">`, and
//! what is shown today stands there only once it is read ([`shown::put_in`]): so a picture that is replaced or described anew
//! is so wherever it is.

pub mod file;
pub mod frames;
mod http;
pub mod place;
pub mod shown;
pub mod store;
pub mod sweep;
pub mod upload;
pub mod workshop;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use frames::Format;
pub use http::routes;

/// A picture as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub id: Uuid,
    pub words: Words,
    pub version: i64,
    /// In pixels, of the largest file.
    pub width: u32,
    pub height: u32,
    /// At least one.
    pub files: Vec<File>,
    pub archived: bool,
}

/// What is said of a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// What the staff call it.
    pub title: String,
    /// What it shows; empty for what is decorative, and until somebody has described it.
    pub alt: String,
    pub decorative: bool,
    /// Whom it is by; may be empty.
    pub credit: String,
}

impl Words {
    /// Whether who cannot see the picture is told enough for it to be shown.
    pub fn are_enough(&self) -> bool {
        self.decorative || !self.alt.is_empty()
    }
}

/// One file of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its hash, with what it is: "0123….webp".
    pub name: String,
    pub format: Format,
    /// In pixels.
    pub width: u32,
    pub bytes: u64,
}

/// Where a picture is, in articles and on the site.
pub const ADDRESS: &str = "/media/";

/// The picture that an address in an article names.
pub fn named_by(address: &str) -> Option<Uuid> {
    let id = address.strip_prefix(ADDRESS)?;
    // As we write it, so that it is found again.
    Uuid::parse_str(id).ok().filter(|parsed| parsed.to_string() == id)
}
