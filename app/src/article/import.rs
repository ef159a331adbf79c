//! Article files: front matter in TOML between `+++` lines, then Markdown.

use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Article, Source,
    markdown::{self, Problem},
    pictures,
    store::{self, Saved},
};
use crate::{AppState, Result, content::ContentFile, day::Day, site::Settings, triage::RuleSet};

/// An article that is ready to be saved.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub article: Article,
    pub markdown: String,
    /// Months from a review to the next.
    pub review_months: u8,
    /// Of the file and of what its cards say: the same digest makes no new revision.
    pub digest: String,
    /// The pictures that it names, with their lines in the file.
    pub pictures: Vec<(usize, Uuid)>,
}

/// What came of a folder of files.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub saved: usize,
    pub unchanged: usize,
    /// Left as they are, because somebody wrote, renamed or archived them at the desk.
    pub kept: usize,
    /// One sentence for each bad file, with its name and line.
    pub problems: Vec<String>,
}

/// Saves each file as an article. A bad file is told of, and stops nothing else.
///
/// # Errors
/// When the database fails.
pub async fn import(state: &AppState, files: &[ContentFile]) -> Result<Imported> {
    let mut imported = Imported::default();
    for file in files {
        match read(&file.name, &file.text, &state.site.rules, &state.site.settings) {
            Err(problems) => imported.problems.extend(problems),
            Ok(draft) => {
                let missing = pictures::missing(&state.db, &draft.pictures).await?;
                if !missing.is_empty() {
                    imported.problems.extend(missing.iter().map(|problem| in_file(&file.name, problem)));
                    continue;
                }
                match store::save_revision(&state.db, draft, &state.clock).await? {
                    Saved::New => imported.saved += 1,
                    Saved::Same => imported.unchanged += 1,
                    Saved::Kept => imported.kept += 1,
                }
            }
        }
    }
    Ok(imported)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: String,
    summary: String,
    author: Option<String>,
    published: Day,
    reviewed: Day,
    review_due: Day,
    tags: Vec<String>,
    #[serde(default)]
    sources: Vec<Source>,
}

/// Reads one file; its name without `.md` is the article's address.
///
/// # Errors
/// Every problem, with the file's name and line.
pub fn read(name: &str, text: &str, rules: &RuleSet, settings: &Settings) -> Result<Draft, Vec<String>> {
    let at = |line: usize, message: &str| vec![format!("{name}, line {line}: {message}")];
    let slug = name.strip_suffix(".md").unwrap_or(name);
    if !is_slug(slug) {
        return Err(at(1, "the file's name must be lower-case words joined by hyphens, with .md"));
    }
    let text = text.replace("\r\n", "\n");
    let Some((front, body)) = text.strip_prefix("+++\n").and_then(|rest| rest.split_once("\n+++\n")) else {
        return Err(at(1, "the file must begin with front matter between two lines of +++"));
    };
    let matter: FrontMatter = toml::from_str(front).map_err(|error| {
        let line = error.span().map_or(1, |span| front[..span.start].matches('\n').count() + 1) + 1;
        at(line, error.message())
    })?;
    check(&matter).map_err(|message| at(2, &message))?;
    let first_line = front.lines().count() + 2;
    let rendered = markdown::render(body, rules, &settings.numbers).map_err(|problems| {
        let lower = problems.into_iter().map(|problem| Problem { line: problem.line + first_line, ..problem });
        lower.map(|problem| in_file(name, &problem)).collect::<Vec<_>>()
    })?;
    let pictures = rendered.pictures.iter().map(|(line, id)| (line + first_line, *id)).collect();
    let digest = Sha256::new().chain_update(&text).chain_update(&rendered.html).finalize();
    let article = Article {
        slug: slug.to_owned(),
        title: matter.title,
        summary: matter.summary,
        author: matter.author.unwrap_or_else(|| settings.author.clone()),
        approved_by: None,
        conflicts: String::new(),
        published: matter.published,
        reviewed: matter.reviewed,
        review_due: matter.review_due,
        tags: matter.tags,
        html: rendered.html,
        contents: rendered.contents,
        words: rendered.words,
        sources: matter.sources,
    };
    let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let review_months = months(article.reviewed, article.review_due);
    Ok(Draft { article, markdown: body.to_owned(), review_months, digest, pictures })
}

fn in_file(name: &str, problem: &Problem) -> String {
    format!("{name}, line {}: {}", problem.line, problem.message)
}

/// Whole months of 30 days from one day to another, at least 1.
fn months(from: Day, to: Day) -> u8 {
    u8::try_from((to.epoch_days() - from.epoch_days()) / 30).unwrap_or(u8::MAX).max(1)
}

fn check(matter: &FrontMatter) -> Result<(), String> {
    if matter.title.trim().is_empty() || matter.summary.trim().is_empty() {
        return Err("title and summary must not be empty".to_owned());
    }
    if let Some(tag) = matter.tags.iter().find(|tag| !is_slug(tag)) {
        return Err(format!("the tag {tag:?} must be lower-case words joined by hyphens"));
    }
    if !matter.sources.iter().all(is_web_address) {
        return Err("a source's url must begin with https://".to_owned());
    }
    if matter.review_due <= matter.reviewed {
        return Err("review_due must be after reviewed".to_owned());
    }
    Ok(())
}

/// Whether what a source leads to, if anything, is a page of the web.
pub fn is_web_address(source: &Source) -> bool {
    source.url.as_ref().is_none_or(|url| url.starts_with("https://") || url.starts_with("http://"))
}

/// Lower-case words joined by hyphens, at most 100 bytes.
pub fn is_slug(text: &str) -> bool {
    text.len() <= 100
        && text
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content;

    fn read_it(name: &str, text: &str) -> Result<Draft, Vec<String>> {
        read(name, text, &content::rules().unwrap(), &Settings::default())
    }

    const GOOD: &str = "+++\ntitle = \"Rest\"\nsummary = \"On rest.\"\npublished = \"2025-10-18\"\nreviewed = \"2026-11-03\"\n\
                        review_due = \"2027-11-03\"\ntags = [\"back-pain\"]\n+++\n\n## Rest\n\nRest a little.\n";

    #[test]
    fn what_we_ship_is_sound() {
        let files = content::folder("articles");
        assert!(files.len() >= 8, "{}", files.len());
        for file in files {
            let draft = read_it(&file.name, &file.text).unwrap_or_else(|problems| panic!("{}", problems.join("\n")));
            assert!(draft.article.html.contains("care--emergency"), "{}: no emergency card", file.name);
            assert!(draft.article.html.contains("href=\"/seek-help\""), "{}: no way to the checker", file.name);
        }
    }

    #[test]
    fn a_good_file_is_read() {
        let draft = read_it("rest.md", GOOD).unwrap();
        assert_eq!((draft.article.slug.as_str(), draft.article.author.as_str()), ("rest", "Sciaticalm Medical Team"));
        assert_eq!(draft.article.contents.len(), 1);
    }

    #[test]
    fn a_bad_file_names_its_line() {
        for (name, text, said) in [
            ("rest.md", GOOD.replace("title = \"Rest\"", "title = Rest"), "rest.md, line 2:"),
            ("rest.md", GOOD.replace("2026-11-03", "3 November"), "rest.md, line 5:"),
            ("rest.md", GOOD.replace("tags =", "labels ="), "rest.md, line 7:"),
            ("rest.md", GOOD.replace("## Rest", "# Rest"), "rest.md, line 10:"),
            ("rest.md", GOOD.replace("+++\n\n", "\n"), "rest.md, line 1:"),
            ("rest.md", GOOD.replace("back-pain", "Back pain"), "the tag \"Back pain\""),
            ("Rest it.md", GOOD.to_owned(), "Rest it.md, line 1:"),
        ] {
            let problems = read_it(name, &text).expect_err(said).join("\n");
            assert!(problems.contains(said), "{said} is not in {problems}");
        }
    }
}
