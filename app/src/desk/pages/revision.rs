//! One revision as readers would see it, and what two of them differ in.

use maud::{Markup, PreEscaped, html};

use super::past::saved;
use crate::{
    desk::{
        Dossier, Revision,
        compare::{Piece, Shown, compare},
        manuscript::{Manuscript, Typed},
    },
    ui::page::Page,
};

pub(in crate::desk) fn page(dossier: &Dossier, revision: &Revision, editor: bool) -> Page {
    let (number, manuscript) = (revision.number, &revision.manuscript);
    let title = format!("Revision {number}: {}", manuscript.title);
    let line = dossier.revisions.iter().find(|line| line.number == number);
    let main = html! {
        (crumbs(dossier))
        h1 { (title) }
        @if let Some(line) = line {
            p class="hint" {
                (saved(line))
                @if !line.note.is_empty() { ": " (line.note) }
            }
        }
        div class="actions" {
            @if number > 1 { a class="btn" href={ "/admin/articles/" (dossier.id) "/compare?from=" (number - 1) "&to=" (number) } { "What it changed" } }
            @if editor && !dossier.archived && number != dossier.newest {
                form method="post" action={ "/admin/articles/" (dossier.id) "/revisions/" (number) "/restore" } {
                    button class="btn" { "Restore it as a new revision" }
                }
            }
        }
        p class="lead" { (manuscript.summary) }
        section class="preview" aria-label="The text" {
            @if revision.html.is_empty() { p { "This text cannot be shown to readers: something in it has to be mended. It stands below as it was written." } }
            @else { div class="prose" { (PreEscaped(&revision.html)) } }
        }
        (about(manuscript))
    };
    super::page(title, format!("/admin/articles/{}/revisions/{number}", dossier.id), &main)
}

/// What belongs to a text beside it.
pub(in crate::desk) fn about(manuscript: &Manuscript) -> Markup {
    html! {
        section aria-labelledby="about_title" {
            h2 id="about_title" { "About it" }
            dl class="parts" {
                @for (name, written) in FIELDS.iter().filter(|(name, _)| !["Title", "Summary", "Text"].contains(name)) {
                    @let written = written(manuscript);
                    dt { (name) }
                    dd { @if written.is_empty() { "None" } @else { @for line in written.lines() { (line) br; } } }
                }
            }
            details { summary { "The text as it was written" } pre tabindex="0" { (manuscript.markdown) } }
        }
    }
}

fn crumbs(dossier: &Dossier) -> Markup {
    html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href={ "/admin/articles/" (dossier.id) } { "About this article" } }
    }
}

/// A part of a manuscript, as text.
type Written = fn(&Manuscript) -> String;

/// What is compared, by name.
const FIELDS: [(&str, Written); 8] = [
    ("Title", |manuscript| manuscript.title.clone()),
    ("Summary", |manuscript| manuscript.summary.clone()),
    ("Author", |manuscript| manuscript.author.clone()),
    ("Tags", |manuscript| manuscript.tags.join(", ")),
    ("Sources", |manuscript| Typed::of(manuscript, 0).sources),
    ("Conflicts of interest", |manuscript| manuscript.conflicts.clone()),
    ("Months until the next review", |manuscript| manuscript.review_months.to_string()),
    ("Text", |manuscript| manuscript.markdown.clone()),
];

/// A part of a manuscript by name, and what two of them differ in.
pub(in crate::desk) type Compared = (&'static str, Vec<Shown>);

/// What two manuscripts differ in, by field; nothing where they are the same.
pub(in crate::desk) fn compared(from: &Manuscript, to: &Manuscript) -> Vec<Compared> {
    let fields = FIELDS.iter().map(|(name, written)| (*name, compare(&written(from), &written(to))));
    fields.filter(|(_, shown)| !shown.is_empty()).collect()
}

pub(in crate::desk) fn comparison(dossier: &Dossier, from: i64, to: i64, fields: &[Compared]) -> Page {
    let main = html! {
        (crumbs(dossier))
        h1 { "Revision " (from) " and revision " (to) }
        p class="lead" { (dossier.title) }
        @if fields.is_empty() { p { "They are the same." } }
        @else { p { "What is " del { "struck through" } " is in revision " (from) " alone, what is " ins { "underlined" } " in revision " (to) " alone." } }
        (parts(fields))
        p { a href={ "/admin/articles/" (dossier.id) "/compare?from=" (to) "&to=" (from) } { "The other way round" } }
    };
    let path = format!("/admin/articles/{}/compare", dossier.id);
    super::page(format!("Revisions {from} and {to}: {}", dossier.title), path, &main)
}

/// What differs, field by field.
pub(in crate::desk) fn parts(fields: &[Compared]) -> Markup {
    html! {
        @for (name, shown) in fields {
            section aria-label=(name) {
                h2 { (name) }
                (differences(shown))
            }
        }
    }
}

/// A comparison, line by line.
pub(crate) fn differences(shown: &[Shown]) -> Markup {
    html! {
        div class="differences" {
            @for shown in shown {
                @match shown {
                    Shown::Skipped(count) => p class="skipped" { (count) @if *count == 1 { " line is" } @else { " lines are" } " the same" },
                    Shown::Line(pieces) => @if !pieces.is_empty() {
                        p {
                            @for piece in pieces {
                                @match piece {
                                    Piece::Same(text) => (text),
                                    Piece::Gone(text) => del { span class="nhsuk-u-visually-hidden" { "[gone: " } (text) span class="nhsuk-u-visually-hidden" { "]" } },
                                    Piece::New(text) => ins { span class="nhsuk-u-visually-hidden" { "[new: " } (text) span class="nhsuk-u-visually-hidden" { "]" } },
                                }
                            }
                        }
                    },
                }
            }
        }
    }
}
