//! What the child that decodes pictures answers: one line of JSON, and then the files that it names, one after the other.

use serde::{Deserialize, Serialize};

/// Bytes that a picture may have as it is sent.
pub const LARGEST: u64 = 20 * 1024 * 1024;
/// Bytes that the line may have.
pub const LONGEST_LINE: u64 = 64 * 1024;

/// The line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    Picture(Made),
    /// What is wrong with what was sent, as a sentence without its full stop.
    Refused(String),
}

/// A picture, made anew: nothing of the bytes that were sent is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// In pixels, of the largest file.
    pub width: u32,
    pub height: u32,
    /// In the order in which they follow the line.
    pub files: Vec<File>,
}

/// One file of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub format: Format,
    /// In pixels.
    pub width: u32,
    pub bytes: u64,
}

/// The formats that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Webp,
    Jpeg,
    Svg,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Webp, Self::Jpeg, Self::Svg];

    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Jpeg => "jpg",
            Self::Svg => "svg",
        }
    }

    /// As HTTP names it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
            Self::Svg => "image/svg+xml",
        }
    }
}
