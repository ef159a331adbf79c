//! What a new site starts with, from `content/`: inside the binary in a release, read from the folder in a debug build.

use rust_embed::RustEmbed;

use crate::triage::{
    self, RuleSet,
    vignette::{self, Vignette},
};

#[derive(RustEmbed)]
#[folder = "../content"]
struct Content;

/// A file of content.
#[derive(Clone, Debug)]
pub struct ContentFile {
    /// With the folders that say what the file is, where there are any: `what-is-sciatica.md`, `drafts/what-is-sciatica.md`.
    pub name: String,
    pub text: String,
}

/// Where an article's text or an exercise is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file of the program: brought up to date by the next one.
    Shipped,
    /// A file of whoever runs the site: replaced by another file of theirs alone.
    Imported,
    /// Written at the desk: replaced by no file.
    Desk,
}

impl Origin {
    /// As the database has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Imported => "imported",
            Self::Desk => "desk",
        }
    }
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// The site has what it had not.
    New,
    /// The site says now what the file says, and said something else.
    Changed,
    /// It said so before.
    Same,
    /// It is somebody else's by now: the desk's, or that of whoever imported another file.
    Kept,
}

/// The files of one folder of the starting content, by name; a file that is not text is left out.
pub fn folder(folder: &str) -> Vec<ContentFile> {
    let mut files: Vec<ContentFile> = Content::iter()
        .filter_map(|path| {
            let name = path.strip_prefix(folder)?.strip_prefix('/')?.to_owned();
            Some(ContentFile { text: text(&path)?, name })
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

/// One file's text.
pub fn text(path: &str) -> Option<String> {
    String::from_utf8(Content::get(path)?.data.into_owned()).ok()
}

/// The rule set in the binary.
///
/// # Errors
/// What is wrong with it; a test keeps it right.
pub fn rules() -> Result<RuleSet, Vec<String>> {
    let text = text("triage/rules.toml").ok_or_else(|| vec!["content/triage/rules.toml is missing".to_owned()])?;
    let in_file = |problem: String| format!("triage/rules.toml, {problem}");
    triage::file::read(&text).map_err(|problems| problems.into_iter().map(in_file).collect())
}

/// The vignettes that the rules are tested with.
///
/// # Errors
/// What is wrong with them; a test keeps them right.
pub fn vignettes(rules: &RuleSet) -> Result<Vec<Vignette>, Vec<String>> {
    let text =
        text("triage/vignettes.toml").ok_or_else(|| vec!["content/triage/vignettes.toml is missing".to_owned()])?;
    vignette::read(&text, rules)
}
