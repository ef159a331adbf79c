//! The pages of `/admin/files`.

use maud::{Markup, html};

use super::{FOLDERS, PICTURES, import::Report};
use crate::{
    content::Saved,
    desk::page,
    ui::{
        form::{Field, Problems},
        page::Page,
    },
};

/// How many files or problems a page names.
const NAMED: usize = 200;

pub(super) fn files(problems: &Problems) -> Page {
    let file = Field {
        name: "file",
        label: "The archive",
        hint: Some(
            "A ZIP of at most 32 MB, as it is downloaded above. You see what it would change before anything is.",
        ),
        kind: "file",
        ..Field::default()
    };
    let main = html! {
        (problems.summary())
        h1 { "Content as files" }
        p class="lead" { "All articles, exercises, rule sets and pictures in one archive: to keep, to compare, or to bring to another site." }
        h2 { "Download" }
        p { "Of each article there is what readers see, and the newest text where they do not see it yet; of each rule set its newest text, of each picture the version that is shown. Not in it: who wrote what, notes, comments, earlier revisions. Those are in the site\u{2019}s backups." }
        form method="post" action="/admin/files/download" {
            div class="actions" { button class="btn btn--main" id="download" { "Download everything" } }
        }
        h2 { "Bring an archive in" }
        p { strong { "What is published in the archive is shown to readers at once, with the approvals that it tells of." } " Bring in only what you trust. Drafts come in as drafts, and rule sets too: two people publish them here." }
        p { "Nothing is deleted, and nothing is replaced that was written, published or archived at the desk." }
        form method="post" action="/admin/files" enctype="multipart/form-data" novalidate {
            (file.show(problems))
            div class="actions" { button class="btn" { "See what it would change" } }
        }
    };
    page("Content as files", "/admin/files", &main)
}

/// What an archive would change; `is_other` where somebody was shown something else.
pub(super) fn plan(report: &Report, shown: &str, is_other: bool) -> Page {
    let main = html! {
        @if is_other {
            div class="nhsuk-error-summary" role="alert" tabindex="-1" {
                h2 class="nhsuk-error-summary__title" { "Something changed meanwhile" }
                div class="nhsuk-error-summary__body" { p { "Nothing was imported. Look again at what the archive would change now." } }
            }
        }
        h1 { "What the archive would change" }
        @if report.changes() {
            p class="lead" { "Nothing is changed yet." }
            (table(report))
            (names(report))
            div class="actions" {
                form method="post" action="/admin/files/check" {
                    input type="hidden" name="shown" value=(shown);
                    button class="btn btn--main" { "Import it" }
                }
                form method="post" action="/admin/files/discard" { button class="btn" { "Do not import it" } }
            }
        } @else {
            p class="lead" { "Nothing: the site says all that the archive says, or holds to what was done at the desk." }
            (table(report))
            (names(report))
            form method="post" action="/admin/files/discard" { div class="actions" { button class="btn" { "Back" } } }
        }
    };
    page("What the archive would change", "/admin/files/check", &main)
}

pub(super) fn done(report: &Report) -> Page {
    let main = html! {
        h1 { "Imported" }
        p class="lead" role="status" { "All of the archive was brought in." }
        (table(report))
        (names(report))
        p { a href="/admin/files" { "Content as files" } }
    };
    page("Imported", "/admin/files", &main)
}

pub(super) fn refused(problems: &[String]) -> Page {
    let main = html! {
        div class="nhsuk-error-summary" id="errors" role="alert" aria-labelledby="errors_title" tabindex="-1" {
            h2 class="nhsuk-error-summary__title" id="errors_title" { "The archive was not imported" }
            div class="nhsuk-error-summary__body" {
                p { "Nothing was changed. What is wrong with it:" }
                ul {
                    @for problem in problems.iter().take(NAMED) { li { (problem) } }
                    @if problems.len() > NAMED { li { "And " (problems.len() - NAMED) " more." } }
                }
            }
        }
        h1 { "Mend it, then try again" }
        p { "An archive is brought in whole or not at all." }
        p { a href="/admin/files" { "Choose another archive" } }
    };
    page("The archive was not imported", "/admin/files", &main)
}

const BECAME: [(Saved, &str); 4] =
    [(Saved::New, "New"), (Saved::Changed, "Changed"), (Saved::Same, "Same"), (Saved::Kept, "Left")];

fn table(report: &Report) -> Markup {
    html! {
        section class="scrolls" tabindex="0" aria-label="How many" {
            table {
                thead { tr { th scope="col" { "What" } @for (_, words) in BECAME { th scope="col" { (words) } } } }
                tbody {
                    @for folder in FOLDERS {
                        tr {
                            th scope="row" { (kind(folder)) }
                            @for (became, _) in BECAME { td { (report.count(folder, became)) } }
                        }
                    }
                }
            }
        }
    }
}

fn kind(folder: &str) -> &'static str {
    match folder {
        "articles" => "Articles",
        "drafts" => "Drafts of articles",
        "exercises" => "Exercises",
        PICTURES => "Pictures",
        _ => "Rule sets, as drafts",
    }
}

fn names(report: &Report) -> Markup {
    html! {
        @for (became, words) in BECAME.iter().filter(|(became, _)| *became != Saved::Same) {
            @let names: Vec<&String> = report.files.iter().filter(|(_, saved)| saved == became).map(|(name, _)| name).collect();
            @if !names.is_empty() {
                h2 { (words) @if *became == Saved::Kept { " as they are" } " " span class="count" { "(" (names.len()) ")" } }
                @if *became == Saved::Kept { p { "They were written, renamed, published or archived at the desk; or are pictures that something here shows, and that the archive hides or does not describe." } }
                ul {
                    @for name in names.iter().take(NAMED) { li { code { (name) } } }
                    @if names.len() > NAMED { li { "And " (names.len() - NAMED) " more." } }
                }
            }
        }
    }
}
