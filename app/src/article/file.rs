//! An article as a file: front matter in TOML between `+++` lines, then the Markdown as it is. What is written is read as
//! the same, whatever the texts hold.

use serde::Deserialize;

use super::Source;
use crate::{
    day::Day,
    toml_text::{list, quoted},
};

/// All that a file says of an article but its address, which is the file's name.
#[derive(Clone, Debug, PartialEq)]
pub struct ArticleFile {
    pub front: FrontMatter,
    pub markdown: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontMatter {
    pub title: String,
    pub summary: String,
    pub author: Option<String>,
    /// The days that readers are told; a draft has none.
    pub published: Option<Day>,
    pub reviewed: Option<Day>,
    pub review_due: Option<Day>,
    /// Months from a review to the next.
    pub review_months: Option<u8>,
    pub tags: Vec<String>,
    #[serde(default)]
    pub conflicts: String,
    /// Addresses that the article had before.
    #[serde(default)]
    pub formerly: Vec<String>,
    /// Taken off the site.
    #[serde(default)]
    pub archived: bool,
    pub approval: Option<Approval>,
    #[serde(default)]
    pub sources: Vec<Source>,
}

/// A clinician's approval of what readers see.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    pub name: String,
    /// With the professional's regulator: "GMC 1234567".
    pub registration: String,
    pub on: Day,
    /// Why it was approved although the safety check found something.
    #[serde(rename = "override")]
    pub override_reason: Option<String>,
}

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Counted from 1.
    pub line: usize,
    pub message: String,
}

impl ArticleFile {
    /// Reads a file's text. If its first line ends as Windows ends lines, so do they all.
    ///
    /// # Errors
    /// What is no front matter, with its line.
    pub fn read(text: &str) -> Result<Self, Unread> {
        let unix = if text.starts_with("+++\r\n") { text.replace("\r\n", "\n") } else { text.to_owned() };
        let Some((front, body)) = unix.strip_prefix("+++\n").and_then(|rest| rest.split_once("\n+++\n")) else {
            let message = "the file must begin with front matter between two lines of +++".to_owned();
            return Err(Unread { line: 1, message });
        };
        let front = toml::from_str(front).map_err(|error| {
            let line = error.span().map_or(1, |span| front[..span.start].matches('\n').count() + 1) + 1;
            Unread { line, message: error.message().to_owned() }
        })?;
        Ok(Self { front, markdown: body.to_owned() })
    }

    /// The file's text: the same lines in the same order for the same article, so that two can be compared.
    pub fn write(&self) -> String {
        format!("+++\n{}+++\n{}", self.front.write(), self.markdown)
    }
}

impl FrontMatter {
    fn write(&self) -> String {
        let mut lines = Lines::default();
        lines.text("title", Some(&self.title));
        lines.text("summary", Some(&self.summary));
        lines.text("author", self.author.as_ref());
        lines.day("published", self.published);
        lines.day("reviewed", self.reviewed);
        lines.day("review_due", self.review_due);
        if let Some(months) = self.review_months {
            lines.add("review_months", &months.to_string());
        }
        lines.add("tags", &list(&self.tags));
        lines.text("conflicts", Some(&self.conflicts).filter(|conflicts| !conflicts.is_empty()));
        if !self.formerly.is_empty() {
            lines.add("formerly", &list(&self.formerly));
        }
        if self.archived {
            lines.add("archived", "true");
        }
        if let Some(approval) = &self.approval {
            lines.0 += "\n[approval]\n";
            lines.text("name", Some(&approval.name));
            lines.text("registration", Some(&approval.registration));
            lines.day("on", Some(approval.on));
            lines.text("override", approval.override_reason.as_ref());
        }
        for source in &self.sources {
            lines.0 += "\n[[sources]]\n";
            lines.text("title", Some(&source.title));
            lines.text("publisher", source.publisher.as_ref());
            lines.text("url", source.url.as_ref());
        }
        lines.0
    }
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, key: &str, value: &str) {
        self.0 += &format!("{key} = {value}\n");
    }

    fn text(&mut self, key: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.add(key, &quoted(value));
        }
    }

    fn day(&mut self, key: &str, value: Option<Day>) {
        if let Some(value) = value {
            self.add(key, &quoted(&value.to_string()));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{option, prelude::*};

    use super::*;
    use crate::{content, toml_text::tests::hostile};

    fn day() -> impl Strategy<Value = Day> {
        (-719_162_i64..=2_932_896).prop_map(|days| Day::from_epoch_days(days).unwrap())
    }

    fn approval() -> impl Strategy<Value = Approval> {
        (hostile(), hostile(), day(), option::of(hostile()))
            .prop_map(|(name, registration, on, override_reason)| Approval { name, registration, on, override_reason })
    }

    fn source() -> impl Strategy<Value = Source> {
        (hostile(), option::of(hostile()), option::of(hostile())).prop_map(|(title, publisher, url)| Source {
            title,
            publisher,
            url,
        })
    }

    fn front() -> impl Strategy<Value = FrontMatter> {
        let many = || prop::collection::vec(hostile(), 0..3);
        let texts = (hostile(), hostile(), option::of(hostile()), hostile(), many(), many());
        let days = (option::of(day()), option::of(day()), option::of(day()), option::of(any::<u8>()));
        let rest = (any::<bool>(), option::of(approval()), prop::collection::vec(source(), 0..3));
        (texts, days, rest).prop_map(
            |(
                (title, summary, author, conflicts, tags, formerly),
                (published, reviewed, review_due, review_months),
                (archived, approval, sources),
            )| FrontMatter {
                title,
                summary,
                author,
                published,
                reviewed,
                review_due,
                review_months,
                tags,
                conflicts,
                formerly,
                archived,
                approval,
                sources,
            },
        )
    }

    proptest! {
        #[test]
        fn any_article_comes_back_from_its_file(front in front(), markdown in hostile()) {
            let file = ArticleFile { front, markdown };
            prop_assert_eq!(ArticleFile::read(&file.write()).unwrap(), file);
        }
    }

    #[test]
    fn a_file_is_written_as_those_that_we_ship() {
        for shipped in content::folder("articles") {
            let written = ArticleFile::read(&shipped.text).unwrap().write();
            assert_eq!(written, shipped.text, "{}", shipped.name);
        }
    }

    #[test]
    fn a_file_of_windows_is_one_of_ours() {
        let text = "+++\ntitle = \"Rest\"\nsummary = \"S.\"\ntags = []\n+++\n\nOne.\n\nTwo.\n";
        let file = ArticleFile::read(&text.replace('\n', "\r\n")).unwrap();
        assert_eq!(file, ArticleFile::read(text).unwrap());
        assert_eq!(file.markdown, "\nOne.\n\nTwo.\n");
    }
}
