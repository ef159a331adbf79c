//! Articles from files: what a file says is read, checked and rendered.

use uuid::Uuid;

use super::{
    MOST_LETTERS, Source,
    file::{ArticleFile, FrontMatter},
    markdown::{self, Rendered},
};
use crate::{day::Day, site::Settings, triage::RuleSet};

/// An article that is ready to be saved.
#[derive(Clone, Debug, PartialEq)]
pub struct FromFile {
    pub slug: String,
    /// Where readers find it.
    pub place: Place,
    /// With nothing left out that a file may leave out.
    pub file: ArticleFile,
    /// Nothing where the Markdown could not be rendered, of a text that readers do not see.
    pub rendered: Option<Rendered>,
    /// The pictures that it names, with their lines in the file.
    pub pictures: Vec<(usize, Uuid)>,
}

/// Where readers find what a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At its address.
    Published,
    /// Nowhere any more.
    Archived,
    /// Nowhere yet: editors work on it.
    Draft,
}

/// Reads one file. Its name without `.md` is the article's address; one in the folder `drafts/` is a draft, and its
/// approval and days count for nothing.
///
/// # Errors
/// Every problem, with the file's name and line.
pub fn read(name: &str, text: &str, rules: &RuleSet, settings: &Settings) -> Result<FromFile, Vec<String>> {
    let at = |line: usize, message: &str| vec![format!("{name}, line {line}: {message}")];
    let (folder, file_name) = name.rsplit_once('/').unwrap_or(("", name));
    let slug = file_name.strip_suffix(".md").unwrap_or(file_name);
    if !is_slug(slug) {
        return Err(at(1, "the file's name must be lower-case words joined by hyphens, with .md"));
    }
    let mut file = ArticleFile::read(text).map_err(|unread| at(unread.line, &unread.message))?;
    let place = place(&mut file.front, folder == "drafts");
    complete(&mut file.front, settings);
    check(slug, place, &file).map_err(|message| at(2, &message))?;
    let first_line = text.lines().count() - file.markdown.lines().count();
    let may_be_unsound = place == Place::Draft || (place == Place::Archived && file.front.approval.is_none());
    let rendered = match markdown::render(&file.markdown, rules) {
        Ok(rendered) => Some(rendered),
        // Kept all the same, as the desk keeps it, and never sent to review.
        Err(_) if may_be_unsound => None,
        Err(problems) => {
            let say = |problem: &markdown::Problem| {
                format!("{name}, line {}: {}", problem.line + first_line, problem.message)
            };
            return Err(problems.iter().map(say).collect());
        }
    };
    let named = rendered.iter().flat_map(|rendered| &rendered.pictures);
    let pictures = named.map(|(line, id)| (line + first_line, *id)).collect();
    Ok(FromFile { slug: slug.to_owned(), place, file, rendered, pictures })
}

fn place(front: &mut FrontMatter, is_draft: bool) -> Place {
    if is_draft {
        (front.published, front.reviewed, front.review_due, front.approval) = (None, None, None, None);
        Place::Draft
    } else if front.archived {
        Place::Archived
    } else {
        Place::Published
    }
}

/// Says what the file left out, so that the same is said in the same words.
fn complete(front: &mut FrontMatter, settings: &Settings) {
    front.author.get_or_insert_with(|| settings.default_author().to_owned());
    let months = front.reviewed.zip(front.review_due).map_or(12, |(reviewed, due)| months(reviewed, due));
    front.review_months.get_or_insert(months);
    front.formerly.sort_unstable();
    front.formerly.dedup();
}

/// Whole months of 30 days from one day to another, at least 1.
fn months(from: Day, to: Day) -> u8 {
    u8::try_from((to.epoch_days() - from.epoch_days()) / 30).unwrap_or(u8::MAX).max(1)
}

fn check(slug: &str, place: Place, file: &ArticleFile) -> Result<(), String> {
    let front = &file.front;
    if front.title.trim().is_empty() || front.summary.trim().is_empty() {
        return Err("title and summary must not be empty".to_owned());
    }
    if let Some(tag) = front.tags.iter().find(|tag| !is_slug(tag)) {
        return Err(format!("the tag {tag:?} must be lower-case words joined by hyphens"));
    }
    if !front.sources.iter().all(is_web_address) {
        return Err("a source's url must begin with https://".to_owned());
    }
    if let Some(old) = front.formerly.iter().find(|old| !is_slug(old) || *old == slug) {
        return Err(format!("formerly: {old:?} must be another address, in lower-case words joined by hyphens"));
    }
    if front.review_months == Some(0) {
        return Err("review_months must be 1 or more".to_owned());
    }
    // PostgreSQL has no text with one.
    if texts(file).any(|text| text.contains('\0')) {
        return Err("it is no text: it holds a NUL character".to_owned());
    }
    if file.markdown.chars().count() > MOST_LETTERS {
        return Err(format!("the text must have {MOST_LETTERS} letters or fewer: make two articles of it"));
    }
    match (place, front.published, front.reviewed, front.review_due) {
        (Place::Draft, ..) if front.archived => {
            return Err("a draft cannot be archived: move the file to articles/".to_owned());
        }
        (Place::Draft, ..) | (Place::Archived, None, None, None) => {}
        (_, Some(_), Some(reviewed), Some(due)) if reviewed < due => {}
        (_, Some(_), Some(_), Some(_)) => return Err("review_due must be after reviewed".to_owned()),
        _ => return Err("it needs the days published, reviewed and review_due".to_owned()),
    }
    let unsigned = |name: &str, registration: &str| name.trim().is_empty() || registration.trim().is_empty();
    if front.approval.as_ref().is_some_and(|approval| unsigned(&approval.name, &approval.registration)) {
        return Err("an approval needs name and registration".to_owned());
    }
    Ok(())
}

fn texts(file: &ArticleFile) -> impl Iterator<Item = &String> {
    let front = &file.front;
    let approval = front
        .approval
        .iter()
        .flat_map(|approval| [&approval.name, &approval.registration].into_iter().chain(&approval.override_reason));
    [&front.title, &front.summary, &front.conflicts, &file.markdown].into_iter().chain(&front.author).chain(approval)
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

    fn read_it(name: &str, text: &str) -> Result<FromFile, Vec<String>> {
        read(name, text, &content::rules().unwrap(), &Settings::default())
    }

    const GOOD: &str = "+++\ntitle = \"Rest\"\nsummary = \"On rest.\"\npublished = \"2025-10-18\"\nreviewed = \"2026-11-03\"\n\
                        review_due = \"2027-11-03\"\ntags = [\"back-pain\"]\n+++\n\n## Rest\n\nRest a little.\n";

    #[test]
    fn what_we_ship_is_sound() {
        let files = content::folder("articles");
        assert!(files.len() >= 8, "{}", files.len());
        for file in files {
            let read = read_it(&file.name, &file.text).unwrap_or_else(|problems| panic!("{}", problems.join("\n")));
            let html = read.rendered.unwrap().html;
            assert!(html.contains("care--emergency"), "{}: no emergency card", file.name);
            assert!(html.contains("href=\"/seek-help\""), "{}: no way to the checker", file.name);
        }
    }

    #[test]
    fn a_good_file_is_read() {
        let rest = read_it("rest.md", GOOD).unwrap();
        assert_eq!((rest.slug.as_str(), rest.place), ("rest", Place::Published));
        assert_eq!(
            (rest.file.front.author.as_deref(), rest.file.front.review_months),
            (Some("Sciaticalm Medical Team"), Some(12))
        );
        assert_eq!(rest.rendered.unwrap().contents.len(), 1);
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
            ("../rest/.md", GOOD.to_owned(), "../rest/.md, line 1:"),
            ("articles/rest.md", GOOD.replace("## Rest", "## Rest\0"), "articles/rest.md, line 2: it is no text"),
            ("rest.md", GOOD.replace("On rest", "On\\u0000 rest"), "it is no text"),
            ("rest.md", GOOD.replace("published = \"2025-10-18\"\n", ""), "it needs the days published"),
            (
                "rest.md",
                GOOD.replace("tags", "formerly = [\"rest\"]\ntags"),
                "formerly: \"rest\" must be another address",
            ),
            ("rest.md", GOOD.replace("tags", "review_months = 0\ntags"), "review_months must be 1 or more"),
            ("rest.md", GOOD.replace("tags", "review_months = 300\ntags"), "rest.md, line 7:"),
            (
                "rest.md",
                GOOD.replace("]\n+++", "]\n[approval]\nname = \"A\"\nregistration = \" \"\non = \"2026-01-01\"\n+++"),
                "an approval needs name and registration",
            ),
            (
                "rest.md",
                format!("{GOOD}{}", "A line of an article that never ends.\n".repeat(20_000)),
                "200000 letters or fewer",
            ),
            ("drafts/rest.md", GOOD.replace("tags", "archived = true\ntags"), "a draft cannot be archived"),
        ] {
            let problems = read_it(name, &text).expect_err(said).join("\n");
            assert!(problems.contains(said), "{said} is not in {problems}");
        }
    }

    #[test]
    fn a_draft_may_be_unsound_and_brings_no_approval() {
        let unsound = GOOD.replace("Rest a little.", "::: danger\nx\n:::");
        assert!(read_it("articles/rest.md", &unsound).is_err());
        let approved =
            unsound.replace("]\n+++", "]\n[approval]\nname = \"A\"\nregistration = \"1\"\non = \"2026-01-01\"\n+++");
        let rest = read_it("drafts/rest.md", &approved).unwrap();
        assert_eq!((rest.place, rest.rendered, rest.file.front.approval), (Place::Draft, None, None));
        let archived = approved.replace("tags", "archived = true\ntags");
        assert!(read_it("rest.md", &archived).is_err(), "approved, it could be published again");
    }

    #[test]
    fn the_same_said_in_other_words_is_the_same() {
        let rest = read_it("rest.md", GOOD).unwrap();
        for other in [rest.file.write(), GOOD.replace("\n", "\r\n")] {
            assert_eq!(read_it("articles/rest.md", &other).unwrap(), rest, "{other}");
        }
        assert_ne!(read_it("drafts/rest.md", GOOD).unwrap(), rest);
        assert_ne!(read_it("rest.md", &format!("{GOOD}\n")).unwrap(), rest);
    }
}
