//! All content as files: written so that git can compare them, and read back without a difference.
//!
//! A set of files has `articles/SLUG.md`, what readers see and what is archived; `drafts/SLUG.md`, the newest text of an
//! article where readers do not see it yet; `exercises/ID.toml` with `ID.svg`; `rules/VERSION-HASH/` with the `rules.toml`
//! and `vignettes.toml` of each rule set on the desk; and `media/ID.toml` with the files of each picture. `docs/ARCHITECTURE.md`, "Content as files", says what is in them and why.

pub mod archive;
pub mod export;
mod http;
pub mod import;
mod pages;
mod store;

pub use crate::media::file::FOLDER as PICTURES;
pub use http::routes;
pub use store::remove_expired;

use crate::media::{frames::LARGEST, workshop::format_of};

/// The folders, in the order in which they are imported: a draft comes after the article that it is a draft of.
pub const FOLDERS: [&str; 5] = ["articles", "drafts", "exercises", "rules", PICTURES];

/// In the folder of an export: that it is one, and whether it is whole.
pub const MARK: &str = "sciaticalm-export.toml";
/// What it says of a whole one.
pub const WHOLE: &str = "# Made by `sciaticalm export`, and to be read by `sciaticalm import`.\ncomplete = true\n";
/// What it says until then.
pub const BEGUN: &str = "# `sciaticalm export` was interrupted: do it again.\ncomplete = false\n";

/// How many bytes a file of text may have.
pub const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// How many bytes the files of pictures have at most that are downloaded: so that what is downloaded can be uploaded, and
/// is in memory once as it is and once packed.
pub const MOST_OF_PICTURES: u64 = 24 * 1024 * 1024;

/// What an import reads at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub files: usize,
    /// Of all files together, unpacked, but for those that stay on the disk until they are read.
    pub bytes: u64,
}

/// Of an archive that comes over the web.
pub const OF_AN_UPLOAD: Limits = Limits { files: 5_000, bytes: 64 * 1024 * 1024 };
/// On the command line.
pub const OF_A_FOLDER: Limits = Limits { files: 200_000, bytes: 1024 * 1024 * 1024 };

impl Limits {
    /// What is left once a file of so many bytes is read.
    ///
    /// # Errors
    /// One sentence where it is one file or one byte too many.
    pub fn take(&mut self, bytes: u64) -> Result<(), String> {
        self.files = self.files.checked_sub(1).ok_or("with this one, there are too many files")?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or("with this one, the files are too large together")?;
        Ok(())
    }
}

/// The text of a file, or one sentence that says why it has none.
///
/// # Errors
/// Where it is no UTF-8, with the line.
pub fn text(name: &str, bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| {
        let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = sound.iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("{name}, line {line}: it is not UTF-8 text")
    })
}

/// The sentence about a file that is too large.
pub fn too_large(name: &str) -> String {
    format!("{name}: it is larger than {} MB", most_bytes(name) / 1024 / 1024)
}

/// How many bytes the file of this name may have.
pub fn most_bytes(name: &str) -> u64 {
    if is_of_a_picture(name) { LARGEST } else { MOST_BYTES }
}

/// Whether the name is that of one of a picture's files, and so not of text.
pub fn is_of_a_picture(name: &str) -> bool {
    matches!(name.split_once('/'), Some((PICTURES, file)) if format_of(file).is_some())
}
