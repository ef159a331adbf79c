//! Two editors' changes to one text, brought together: by lines for the Markdown, whole for each other field.

use similar::TextMerge;

use super::manuscript::Manuscript;

/// What came of bringing two together. Nothing of either is lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    pub manuscript: Manuscript,
    /// Where both changed the same: in these fields of the form, by name. In the Markdown both stand between marks; of any other field
    /// mine is kept.
    pub conflicts: Vec<&'static str>,
}

/// The lines that stand around what both changed in the Markdown.
pub const MINE: &str = "<<<<<<< yours";
pub const THEIRS: &str = ">>>>>>> saved meanwhile";

/// Whether a text still has the marks of a conflict.
pub fn has_marks(markdown: &str) -> bool {
    markdown.lines().any(|line| line.starts_with(MINE) || line.starts_with(THEIRS))
}

/// Brings together what was made of `base`: mine, and what somebody else saved meanwhile.
pub fn merge(base: &Manuscript, mine: Manuscript, theirs: &Manuscript) -> Merged {
    let mut conflicts = Vec::new();
    let (markdown, clash) = lines(&base.markdown, &mine.markdown, &theirs.markdown);
    let mut field = |name: &'static str, base: &str, mine: String, theirs: &str| {
        let (kept, clash) = whole(base, mine, theirs);
        if clash {
            conflicts.push(name);
        }
        kept
    };
    let manuscript = Manuscript {
        title: field("the_title", &base.title, mine.title, &theirs.title),
        summary: field("the_summary", &base.summary, mine.summary, &theirs.summary),
        author: field("the_author", &base.author, mine.author, &theirs.author),
        conflicts: field("the_conflicts", &base.conflicts, mine.conflicts, &theirs.conflicts),
        tags: if mine.tags == base.tags { theirs.tags.clone() } else { mine.tags.clone() },
        sources: if mine.sources == base.sources { theirs.sources.clone() } else { mine.sources.clone() },
        review_months: if mine.review_months == base.review_months { theirs.review_months } else { mine.review_months },
        markdown,
    };
    for (name, clash) in [
        ("the_tags", both_changed(&base.tags, &mine.tags, &theirs.tags)),
        ("the_sources", both_changed(&base.sources, &mine.sources, &theirs.sources)),
        ("review_months", both_changed(&base.review_months, &mine.review_months, &theirs.review_months)),
        ("the_text", clash),
    ] {
        if clash {
            conflicts.push(name);
        }
    }
    Merged { manuscript, conflicts }
}

fn both_changed<T: PartialEq>(base: &T, mine: &T, theirs: &T) -> bool {
    mine != base && theirs != base && mine != theirs
}

fn whole(base: &str, mine: String, theirs: &str) -> (String, bool) {
    if mine == base { (theirs.to_owned(), false) } else { (mine.clone(), both_changed(&base, &mine.as_str(), &theirs)) }
}

/// By lines; where both changed the same ones, both stand between marks.
fn lines(base: &str, mine: &str, theirs: &str) -> (String, bool) {
    // Of a last line that does not end, the mark behind it would become a part.
    let ended =
        |text: &str| if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    let (base, mine, theirs) = (ended(base), ended(mine), ended(theirs));
    let mut merge = TextMerge::from_lines(base.as_str(), mine.as_str(), theirs.as_str());
    merge.labels("before", MINE.trim_start_matches("<<<<<<< "), THEIRS.trim_start_matches(">>>>>>> "));
    (merge.to_string(), merge.is_conflicted())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(markdown: &str) -> Manuscript {
        Manuscript { markdown: markdown.to_owned(), ..Manuscript::default() }
    }

    #[test]
    fn changes_in_different_places_come_together() {
        let merged =
            merge(&text("one\n\ntwo\n\nthree\n"), text("ONE\n\ntwo\n\nthree\n"), &text("one\n\ntwo\n\nTHREE\n"));
        assert_eq!(merged, Merged { manuscript: text("ONE\n\ntwo\n\nTHREE\n"), conflicts: vec![] });
    }

    #[test]
    fn where_both_changed_the_same_both_are_there() {
        let merged = merge(&text("one\ntwo\n"), text("one\nmine\n"), &text("one\ntheirs\n"));
        assert_eq!(merged.conflicts, ["the_text"]);
        assert_eq!(merged.manuscript.markdown, format!("one\n{MINE}\nmine\n=======\ntheirs\n{THEIRS}\n"));
        assert!(has_marks(&merged.manuscript.markdown) && !has_marks("one\n"));
    }

    #[test]
    fn each_field_is_taken_from_who_changed_it() {
        let base = Manuscript { title: "T".to_owned(), author: "A".to_owned(), ..text("") };
        let mine = Manuscript { title: "Mine".to_owned(), review_months: 6, ..base.clone() };
        let theirs = Manuscript { author: "Theirs".to_owned(), tags: vec!["new".to_owned()], ..base.clone() };
        let merged = merge(&base, mine.clone(), &theirs);
        assert_eq!(merged.conflicts, Vec::<&str>::new());
        assert_eq!((merged.manuscript.title.as_str(), merged.manuscript.author.as_str()), ("Mine", "Theirs"));
        assert_eq!((merged.manuscript.review_months, merged.manuscript.tags.len()), (6, 1));
        let clash = merge(&base, mine, &Manuscript { title: "Theirs".to_owned(), ..base.clone() });
        assert_eq!((clash.conflicts, clash.manuscript.title.as_str()), (vec!["the_title"], "Mine"));
    }

    proptest! {
        #[test]
        fn no_word_that_either_wrote_is_lost(mine in "[ab]{1,3}(\n[abc]{0,3}){0,6}", theirs in "[ab]{1,3}(\n[abc]{0,3}){0,6}") {
            let merged = merge(&text("a\n\nb\n"), text(&mine), &text(&theirs)).manuscript.markdown;
            let lines: Vec<&str> = merged.lines().collect();
            for new in mine.lines().chain(theirs.lines()).filter(|line| !["a", "", "b"].contains(line)) {
                prop_assert!(lines.contains(&new), "{new:?} of {mine:?} and {theirs:?} is not in {merged:?}");
            }
        }
    }
}
