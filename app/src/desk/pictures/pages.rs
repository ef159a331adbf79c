//! The library's pages at the desk, as plain forms: whatever acts works without script.

use maud::{Markup, html};

use super::SCRIPT;
use crate::{
    clock,
    desk::pages::{encoded, page, who},
    media::{
        ADDRESS, Picture,
        frames::{Format, LARGEST},
        shown,
        store::{Filter, PER_PAGE, Use, Version},
        upload::Typed,
    },
    ui::{
        form::{Field, Problems, press, text_area, tick},
        page::Page,
    },
};

/// All that a picture's page shows.
pub(super) struct Known {
    pub picture: Picture,
    /// The newest first.
    pub versions: Vec<Version>,
    pub uses: Vec<Use>,
    /// How many drafts name it.
    pub drafts: i64,
    /// Whether whoever asks is one.
    pub editor: bool,
    pub admin: bool,
}

impl Known {
    fn is_used(&self) -> bool {
        !self.uses.is_empty() || self.drafts > 0
    }
}

/// What was asked by a form that could not be carried out; and what was done.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub problems: Problems,
    pub typed: Option<Typed>,
    pub done: Option<&'static str>,
}

/// What a page says after a deed, by its name in the address.
pub(super) fn done(name: &str) -> Option<&'static str> {
    Some(match name {
        "added" => "Added. It can be put into articles now.",
        "to-describe" => "The picture is kept. Before articles can show it, it needs what is asked for below.",
        "described" => "Saved. Articles that show it say so now.",
        "replaced" => "Replaced. Articles that show it show the new one now.",
        "archived" => "Archived: it is not offered for articles any more.",
        "unarchived" => "It is back in the library.",
        "deleted" => "Deleted, with its files.",
        _ => return None,
    })
}

/// How wide a picture is in the library's list.
const IN_LIST: &str = "(min-width: 40em) 14rem, 45vw";

/// What a picture is called.
fn name(picture: &Picture) -> &str {
    [&picture.words.title, &picture.words.alt]
        .into_iter()
        .find(|name| !name.is_empty())
        .map_or("A picture without a name", |name| name)
}

pub(super) fn list(editor: bool, filter: &Filter, found: &[Picture], count: u64, done: Option<&str>) -> Page {
    let pages = u32::try_from(count.div_ceil(u64::from(PER_PAGE))).unwrap_or(u32::MAX).max(1);
    let (title, other, words) = if filter.archived {
        ("Archived pictures", "/admin/media", "All pictures")
    } else {
        ("Pictures", "/admin/media?show=archived", "Archived pictures")
    };
    let main = html! {
        h1 { (title) }
        @if let Some(done) = done { p class="notice" role="status" { (done) } }
        div class="actions" {
            @if editor { a class="btn btn--main" href="/admin/media/new" { "Add a picture" } }
            a class="btn" href=(other) { (words) }
        }
        form class="narrow" method="get" action="/admin/media" role="search" {
            div class="field" {
                label for="q" { "Search" }
                input id="q" name="q" type="search" value=(filter.search);
            }
            @if filter.archived { input type="hidden" name="show" value="archived"; }
            div class="actions" { button class="btn" { "Show" } }
        }
        h2 { (count) @if count == 1 { " picture" } @else { " pictures" } }
        @if found.is_empty() {
            p {
                @match (filter.search.is_empty(), filter.archived) {
                    (true, false) => { "There is no picture yet. Add one, and any article can show it." }
                    (true, true) => { "No picture is archived." }
                    (false, _) => { "There is none like that. " a href=(if filter.archived { "/admin/media?show=archived" } else { "/admin/media" }) { "Show all" } }
                }
            }
        }
        ul class="pictures" {
            @for one in found {
                li {
                    a href={ "/admin/media/" (one.id) } {
                        (shown::picture(one, IN_LIST, ""))
                        span { (name(one)) }
                    }
                    @if !one.words.are_enough() { p class="status status--due" { "Not described yet" } }
                }
            }
        }
        @if pages > 1 {
            nav class="pager" aria-label="Pages" {
                @if filter.page > 1 { a rel="prev" href=(address(filter, filter.page - 1)) { "Previous page" } }
                span { "Page " (filter.page) " of " (pages) }
                @if filter.page < pages { a rel="next" href=(address(filter, filter.page + 1)) { "Next page" } }
            }
        }
    };
    page(title, "/admin/media", &main)
}

fn address(filter: &Filter, page: u32) -> String {
    let show = if filter.archived { "&show=archived" } else { "" };
    format!("/admin/media?q={}{show}&page={page}", encoded(&filter.search))
}

/// Pictures to choose from, for the editor's script.
pub(super) fn choices(found: &[Picture], count: u64) -> Markup {
    html! {
        @if found.is_empty() { p { "There is none like that." } }
        ul class="pictures" {
            @for one in found.iter().filter(|one| one.words.are_enough()) {
                li {
                    button type="button" data-mark=(shown::markdown(one.id)) {
                        (shown::picture(one, IN_LIST, ""))
                        span { (name(one)) }
                    }
                }
            }
        }
        @if count > u64::from(PER_PAGE) { p class="hint" { "The newest " (PER_PAGE) " of " (count) ": search for others." } }
    }
}

pub(super) fn new(typed: &Typed, problems: &Problems) -> Page {
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href="/admin/media" { "Pictures" } }
        (problems.summary())
        h1 { "Add a picture" }
        form method="post" action="/admin/media/new" enctype="multipart/form-data" novalidate {
            (words(typed, problems))
            (file(problems))
            div class="actions" { button class="btn btn--main" { "Add the picture" } }
        }
        (how_to_describe())
    };
    page("Add a picture", "/admin/media/new", &main).with_script(SCRIPT)
}

/// The fields that are typed.
fn words(typed: &Typed, problems: &Problems) -> Markup {
    let line = |name, label, hint, value| {
        Field { name, label, hint: Some(hint), kind: "text", value, ..Field::default() }.show(problems)
    };
    html! {
        (text_area("alt", "What does it show?", Some("For people who cannot see it: in one or two sentences, what they would miss."), &typed.alt, problems))
        (tick("decorative", "It is decorative", Some("It tells nothing, and nothing is lost without it: it is not described."), typed.decorative == "yes", problems))
        (line("title", "Name", "To find it here; readers do not see it. Without one it is called as the file is.", &typed.title))
        (line("credit", "Credit", "Whom readers are told it is by, with its licence; empty where nobody need be named.", &typed.credit))
    }
}

/// The file, last: what was typed has arrived when it is too large.
fn file(problems: &Problems) -> Markup {
    let megabytes = LARGEST / 1024 / 1024;
    let hint = format!(
        "JPEG, PNG, WebP, GIF or SVG, up to {megabytes} MB and 40 million pixels. What the camera noted, where it was taken too, is not kept."
    );
    html! {
        div class="drop" data-largest=(LARGEST) {
            (Field { name: "file", label: "Picture", hint: Some(&hint), kind: "file", ..Field::default() }.show(problems))
            p class="drop__state" role="status" {}
        }
    }
}

fn how_to_describe() -> Markup {
    html! {
        details {
            summary { "How to describe a picture" }
            ul {
                li { "Say what matters here, as you would on the phone: \u{201c}A woman on her back, one knee drawn to her chest with both hands\u{201d}." }
                li { "Begin with what it shows; leave out \u{201c}picture of\u{201d}." }
                li { "Words that stand in the picture belong into the description, too." }
                li { "If the text beside it says all of it already, it is decorative." }
            }
        }
    }
}

pub(super) fn picture(known: &Known, asked: &Asked) -> Page {
    let one = &known.picture;
    let path = format!("/admin/media/{}", one.id);
    let typed = asked.typed.clone().unwrap_or_else(|| Typed::of(&one.words, one.version));
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href="/admin/media" { "Pictures" } }
        (asked.problems.summary())
        h1 { (name(one)) }
        @if let Some(done) = asked.done { p class="notice" role="status" { (done) } }
        section id="how_it_is" tabindex="-1" aria-labelledby="how_title" {
            h2 id="how_title" { "How it is" }
            figure class="one" { (shown::picture(one, shown::IN_TEXT, &one.words.alt)) }
            ul class="meta" {
                li { (one.width) " by " (one.height) " pixels" }
                li { "version " (one.version) }
                @if one.archived { li class="status" { "Archived" } }
                @if !one.words.are_enough() { li class="status status--due" { "Not described yet" } }
            }
            @if one.words.are_enough() && !one.archived {
                p { "In an article, on a line by itself: " code { (shown::markdown(one.id)) } }
                p class="hint" { "Words between the brackets replace its description in that article alone: write them only where it shows something else there. A caption goes behind the address, in quotation marks." }
            }
        }
        @if known.editor {
            section aria-labelledby="words_title" {
                h2 id="words_title" { "What is said of it" }
                form method="post" action=(path) novalidate {
                    (words(&typed, &asked.problems))
                    div class="actions" { button class="btn btn--main" { "Save" } }
                }
                (how_to_describe())
            }
        }
        (used(known))
        (versions(known, &path))
        @if known.editor || known.admin { (gone(known, &path)) }
    };
    page(name(one).to_owned(), path, &main)
}

fn used(known: &Known) -> Markup {
    html! {
        section aria-labelledby="used_title" {
            h2 id="used_title" { "Where it is used" }
            (uses(known))
        }
    }
}

fn uses(known: &Known) -> Markup {
    html! {
        @if !known.is_used() { p { "Nowhere." } }
        @if !known.uses.is_empty() {
            ul {
                @for one in &known.uses {
                    li {
                        a href={ "/admin/articles/" (one.article) } { (one.title) }
                        @if !one.read { " (readers do not see it there yet)" }
                    }
                }
            }
        }
        @if known.drafts > 0 {
            p { "And in " (known.drafts) @if known.drafts == 1 { " draft that somebody has not saved yet." } @else { " drafts that are not saved yet." } }
        }
    }
}

fn versions(known: &Known, path: &str) -> Markup {
    html! {
        section aria-labelledby="versions_title" {
            h2 id="versions_title" { "Versions" }
            @if known.editor {
                div class="actions" { a class="btn" href={ (path) "/replace" } { "Replace the picture \u{2026}" } }
            }
            ul class="revisions" {
                @for version in &known.versions {
                    li {
                        p {
                            @if let Some(file) = version.files.iter().filter(|file| file.format != Format::Webp).max_by_key(|file| file.width) {
                                a href={ (ADDRESS) (file.name) } { "Version " (version.number) }
                            } @else { "Version " (version.number) }
                        }
                        ul class="meta" {
                            li { (version.width) " by " (version.height) }
                            li { (clock::in_words(version.added_at)) " (UTC)" }
                            li { (who(version.added_by_email.as_deref())) }
                        }
                        @if known.editor && version.number != known.picture.version {
                            (press(&format!("{path}/versions/{}/restore", version.number), known.picture.version, "Show this version again", false))
                        }
                    }
                }
            }
        }
    }
}

fn gone(known: &Known, path: &str) -> Markup {
    html! {
        section aria-labelledby="gone_title" {
            h2 id="gone_title" { @if known.picture.archived { "Bring back or delete" } @else { "Archive or delete" } }
            @if known.is_used() { p { "It is used: take it out of what is listed above first." } }
            @else {
                div class="actions" {
                    @if known.editor {
                        @if known.picture.archived {
                            form method="post" action={ (path) "/unarchive" } { button class="btn" { "Bring it back" } }
                        } @else {
                            form method="post" action={ (path) "/archive" } { button class="btn" { "Archive it" } }
                        }
                    }
                    @if known.admin { a class="btn" href={ (path) "/delete" } { "Delete it \u{2026}" } }
                }
                @if !known.admin { p class="hint" { "An administrator can delete it." } }
            }
        }
    }
}

pub(super) fn replace(known: &Known, typed: &Typed, problems: &Problems) -> Page {
    let one = &known.picture;
    let title = format!("Replace: {}", name(one));
    let path = format!("/admin/media/{}/replace", one.id);
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href={ "/admin/media/" (one.id) } { (name(one)) } }
        (problems.summary())
        h1 { (title) }
        p class="lead" { "Every article that shows it will show the new one, at once and without a review. The one before is kept, and can be shown again." }
        figure class="one" { (shown::picture(one, shown::IN_TEXT, &one.words.alt)) }
        section aria-labelledby="used_title" {
            h2 id="used_title" { "Where it is used" }
            (uses(known))
        }
        form method="post" action=(path) enctype="multipart/form-data" novalidate {
            input type="hidden" name="version" value=(typed.version);
            p { "Does this still say what the new picture shows?" }
            (words(typed, problems))
            (file(problems))
            div class="actions" {
                button class="btn btn--main" { "Replace it everywhere" }
                a class="btn" href={ "/admin/media/" (one.id) } { "Leave it as it is" }
            }
        }
    };
    page(title, path, &main).with_script(SCRIPT)
}

pub(super) fn delete(known: &Known) -> Page {
    let one = &known.picture;
    let title = format!("Delete: {}", name(one));
    let path = format!("/admin/media/{}/delete", one.id);
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href={ "/admin/media/" (one.id) } { (name(one)) } }
        h1 { (title) }
        figure class="one" { (shown::picture(one, shown::IN_TEXT, &one.words.alt)) }
        @if known.is_used() {
            p { "It is used, and cannot be deleted:" }
            (uses(known))
        } @else {
            p class="lead" { "The picture and all its versions are deleted, with their files, and cannot be had back." }
            form method="post" action=(path) {
                div class="actions" {
                    button class="btn btn--main" { "Delete it for good" }
                    a class="btn" href={ "/admin/media/" (one.id) } { "Leave it as it is" }
                }
            }
        }
    };
    page(title, path, &main)
}
