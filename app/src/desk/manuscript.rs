//! What an editor writes: all of an article but its address and its dates, as typed and as kept.

use serde::{Deserialize, Serialize};

use super::{
    drafts::{Line, Mark},
    merge,
};
pub use crate::article::MOST_LETTERS;
use crate::{
    article::{
        Source,
        import::{is_slug, is_web_address},
    },
    ui::form::Problems,
};

/// Of any other field.
const MOST_OF_A_FIELD: usize = 1_000;

/// All of a revision that people write.
#[derive(Clone, Debug, PartialEq)]
pub struct Manuscript {
    pub title: String,
    pub summary: String,
    pub author: String,
    pub tags: Vec<String>,
    pub sources: Vec<Source>,
    /// Empty where none are declared.
    pub conflicts: String,
    /// From one review to the next: 1 to 60.
    pub review_months: u8,
    pub markdown: String,
}

impl Default for Manuscript {
    fn default() -> Self {
        Self {
            title: String::new(),
            summary: String::new(),
            author: String::new(),
            tags: vec![],
            sources: vec![],
            conflicts: String::new(),
            review_months: 12,
            markdown: String::new(),
        }
    }
}

/// The editor's form, as it was sent. Each field's name has an underscore, which no heading's id has: the preview of a text
/// stands on the same page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Typed {
    /// The revision that it was made from; empty for a new article.
    #[serde(skip_serializing)]
    pub base: String,
    /// Of a new article alone.
    #[serde(rename = "the_slug")]
    pub slug: String,
    #[serde(rename = "the_title")]
    pub title: String,
    #[serde(rename = "the_summary")]
    pub summary: String,
    #[serde(rename = "the_author")]
    pub author: String,
    /// Words joined by hyphens, with spaces or commas between them.
    #[serde(rename = "the_tags")]
    pub tags: String,
    /// A line each: title | publisher | address.
    #[serde(rename = "the_sources")]
    pub sources: String,
    #[serde(rename = "the_conflicts")]
    pub conflicts: String,
    pub review_months: String,
    #[serde(rename = "the_text")]
    pub markdown: String,
    #[serde(rename = "the_note")]
    pub note: String,
    /// "save" or "preview".
    #[serde(skip_serializing)]
    pub press: String,
    /// See [`Line`].
    #[serde(skip_serializing)]
    pub draft_mark: String,
    #[serde(skip_serializing)]
    pub draft_from: String,
    /// Whose page it was typed into: by now somebody else may be signed in.
    #[serde(skip_serializing)]
    pub draft_of: String,
}

impl Typed {
    pub fn of(manuscript: &Manuscript, base: i64) -> Self {
        let source = |source: &Source| {
            let parts = [Some(&source.title), source.publisher.as_ref(), source.url.as_ref()];
            let last = parts.iter().rposition(Option::is_some).unwrap_or_default();
            let words: Vec<&str> = parts[..=last].iter().map(|part| part.map_or("", String::as_str)).collect();
            words.join(" | ")
        };
        Self {
            base: base.to_string(),
            title: manuscript.title.clone(),
            summary: manuscript.summary.clone(),
            author: manuscript.author.clone(),
            tags: manuscript.tags.join(", "),
            sources: manuscript.sources.iter().map(source).collect::<Vec<_>>().join("\n"),
            conflicts: manuscript.conflicts.clone(),
            review_months: manuscript.review_months.to_string(),
            markdown: manuscript.markdown.clone(),
            ..Self::default()
        }
    }

    /// Whether it is to be looked at, and not kept.
    pub fn is_preview(&self) -> bool {
        self.press == "preview"
    }

    /// Where it stands among the person's drafts; nowhere where the form does not say so.
    pub fn line(&self) -> Line {
        let mark = |text: &str| text.parse::<Mark>().unwrap_or_default();
        Line { mark: mark(&self.draft_mark), from: mark(&self.draft_from) }
    }

    /// What it says, or what is wrong with it, by field.
    pub fn read(&self) -> (Manuscript, Problems) {
        let mut problems = Problems::default();
        let text = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
        let tags: Vec<String> =
            self.tags.split([',', ' ', '\n']).map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
        let manuscript = Manuscript {
            title: text(&self.title),
            summary: text(&self.summary),
            author: text(&self.author),
            tags,
            sources: self.sources.lines().filter(|line| !line.trim().is_empty()).map(source).collect(),
            conflicts: text(&self.conflicts),
            review_months: self.review_months.trim().parse().unwrap_or_default(),
            markdown: self.markdown.replace("\r\n", "\n"),
        };
        for (field, name, written) in [
            ("the_title", "a title", &manuscript.title),
            ("the_summary", "a summary", &manuscript.summary),
            ("the_author", "an author", &manuscript.author),
        ] {
            if written.is_empty() {
                problems.add(field, format!("Enter {name}"));
            }
        }
        for (field, name, written) in [
            ("the_title", "title", &manuscript.title),
            ("the_summary", "summary", &manuscript.summary),
            ("the_author", "author", &manuscript.author),
            ("the_conflicts", "conflicts of interest", &manuscript.conflicts),
        ] {
            if written.chars().count() > MOST_OF_A_FIELD {
                problems.add(field, format!("The {name} must have {MOST_OF_A_FIELD} letters or fewer"));
            }
        }
        if let Some(tag) = manuscript.tags.iter().find(|tag| !is_slug(tag)) {
            problems.add(
                "the_tags",
                format!("Write the tag “{tag}” as lower-case words joined by hyphens, like foot-drop"),
            );
        }
        if let Some(source) = manuscript.sources.iter().find(|source| !is_web_address(source)) {
            problems.add("the_sources", format!("The address of “{}” must begin with https://", source.title));
        }
        if !(1..=60).contains(&manuscript.review_months) {
            problems.add("review_months", "Enter from 1 to 60 months");
        }
        if manuscript.markdown.chars().count() > MOST_LETTERS {
            problems.add(
                "the_text",
                format!("The text must have {MOST_LETTERS} letters or fewer: make two articles of it"),
            );
        }
        if merge::has_marks(&manuscript.markdown) {
            problems.add("the_text", "Choose between the two versions where both were changed, and take the marks out");
        }
        if self.note.chars().count() > MOST_OF_A_FIELD {
            problems.add("the_note", format!("The note must have {MOST_OF_A_FIELD} letters or fewer"));
        }
        (manuscript, problems)
    }
}

/// "title | publisher | address", of which the last two may be missing.
fn source(line: &str) -> Source {
    let mut parts =
        line.splitn(3, '|').map(|part| Some(part.trim()).filter(|part| !part.is_empty()).map(str::to_owned));
    let title = parts.next().flatten().unwrap_or_default();
    Source { title, publisher: parts.next().flatten(), url: parts.next().flatten() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Typed {
        Typed {
            title: " Rest ".to_owned(),
            summary: "On rest.".to_owned(),
            author: "Team".to_owned(),
            tags: "back-pain, sleep".to_owned(),
            sources: "Back pain | NHS | https://www.nhs.uk/\r\n\r\nA book\nCard | | https://example.org/".to_owned(),
            review_months: "12".to_owned(),
            markdown: "## Rest\r\n\r\nA little.\r\n".to_owned(),
            ..Typed::default()
        }
    }

    #[test]
    fn what_was_typed_is_read_and_written_again() {
        let (manuscript, problems) = typed().read();
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!((manuscript.title.as_str(), manuscript.tags.len(), manuscript.sources.len()), ("Rest", 2, 3));
        assert_eq!(manuscript.sources[2].publisher, None);
        assert_eq!(manuscript.markdown, "## Rest\n\nA little.\n");
        assert_eq!(Typed::of(&manuscript, 1).read().0, manuscript);
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        for (field, wrong) in [
            ("the_title", Typed { title: " ".to_owned(), ..typed() }),
            ("the_summary", Typed { summary: "x".repeat(1_001), ..typed() }),
            ("the_tags", Typed { tags: "Back pain".to_owned(), ..typed() }),
            ("the_sources", Typed { sources: "A | B | javascript:alert(1)".to_owned(), ..typed() }),
            ("review_months", Typed { review_months: "0".to_owned(), ..typed() }),
            ("review_months", Typed { review_months: "often".to_owned(), ..typed() }),
            ("the_text", Typed { markdown: "a".repeat(MOST_LETTERS + 1), ..typed() }),
            ("the_text", Typed { markdown: format!("{}\nx", merge::MINE), ..typed() }),
            ("the_note", Typed { note: "n".repeat(1_001), ..typed() }),
        ] {
            let (_, problems) = wrong.read();
            assert!(problems.of(field).is_some(), "{field}: {problems:?}");
        }
    }
}
