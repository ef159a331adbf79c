//! The question under an article, the page after it, and what the staff read.

use leptos::prelude::*;
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    MOST_LETTERS, Stage,
    http::Useful,
    store::{Heard, OfRevision, Remark},
};
use crate::{
    day::Day,
    desk::page,
    ui::{
        form::{Problems, text_area},
        page::Page,
    },
};

/// The question, as a plain form.
pub(crate) fn question(slug: &str) -> impl IntoView + use<> {
    view! {
        <section class="useful" aria-labelledby="was-it-useful">
            <h2 id="was-it-useful">"Was this page useful?"</h2>
            <form class="actions" method="post" action=format!("/articles/{slug}/useful")>
                <button class="btn" name="useful" value="yes">"Yes"</button>
                <button class="btn" name="useful" value="no">"No"</button>
            </form>
        </section>
    }
}

/// After an answer: thanks, and room for a few words.
pub(super) fn thanks(slug: &str, title: &str, useful: Useful, said: &str, problems: &Problems) -> Page {
    let label = if useful == Useful::Yes { "What helped, and what could be better?" } else { "What could be better?" };
    let hint = format!("At most {MOST_LETTERS} letters. You need not write anything.");
    let main = html! {
        (problems.summary())
        h1 { "Thank you" }
        p class="lead" { "Your answer is counted. It helps us make " a href={ "/articles/" (slug) } { (title) } " better." }
        form method="post" action={ "/articles/" (slug) "/thanks" } novalidate {
            input type="hidden" name="useful" value=(if useful == Useful::Yes { "yes" } else { "no" });
            p class="notice" { "Please do not write personal details, or about your own health. Nobody answers what is written here: if you are worried, " a href="/seek-help" { "check whether to seek help now" } "." }
            (text_area("said", label, Some(&hint), said, problems))
            p class="hint" { "We keep what you write with the day and the page, for two years at most, and nothing about you: no address, no cookie." }
            div class="actions" {
                button class="btn btn--main" { "Send" }
                a class="btn" href={ "/articles/" (slug) } { "Back to the article" }
            }
        }
    };
    plain(slug, &main)
}

pub(super) fn said(slug: &str, title: &str) -> Page {
    let main = html! {
        h1 { "Thank you" }
        p class="lead" { "Our editors will read what you wrote about " a href={ "/articles/" (slug) } { (title) } "." }
        p { "Nobody can answer you: we do not know who you are. If you are worried, " a href="/seek-help" { "check whether to seek help now" } "." }
        div class="actions" {
            a class="btn btn--main" href={ "/articles/" (slug) } { "Back to the article" }
            a class="btn" href="/articles" { "All articles" }
        }
    };
    plain(slug, &main)
}

fn plain(slug: &str, main: &Markup) -> Page {
    let main = main.0.clone();
    Page::new("Thank you", "Your answer about an article.", format!("/articles/{slug}/thanks"), move || {
        view! { <main id="main" class="wrap panel prose" inner_html=main></main> }.into_any()
    })
}

/// The articles of which readers said something.
pub(super) fn list(heard: &[Heard]) -> Page {
    let main = html! {
        h1 { "What readers say" }
        p class="lead" { "Answers to \u{201c}Was this page useful?\u{201d}, and what they wrote." }
        @if heard.is_empty() { p { "Nobody has said anything yet." } } @else {
            section class="scrolls" tabindex="0" aria-label="Articles" {
                table {
                    thead { tr { th scope="col" { "Article" } th scope="col" { "Useful" } th scope="col" { "Not useful" } th scope="col" { "Unread" } th scope="col" { "Written" } } }
                    tbody {
                        @for article in heard {
                            tr {
                                th scope="row" { a href={ "/admin/feedback/" (article.id) } { (article.title) } }
                                td { (article.useful) } td { (article.not_useful) } td { (article.new) } td { (article.remarks) }
                            }
                        }
                    }
                }
            }
        }
        p { a href="/admin/numbers" { "How many read" } }
    };
    page("What readers say", "/admin/feedback", &main)
}

/// What readers said of one article.
pub(super) fn of_article(heard: &Heard, revisions: &[OfRevision], remarks: &[Remark], edits: bool) -> Page {
    let path = format!("/admin/feedback/{}", heard.id);
    let main = html! {
        h1 { "What readers say of \u{201c}" (heard.title) "\u{201d}" }
        p class="lead" { (heard.useful) " found it useful, " (heard.not_useful) " did not." }
        @if !revisions.is_empty() {
            h2 { "By revision" }
            section class="scrolls" tabindex="0" aria-label="Answers by revision" {
                table {
                    thead { tr { th scope="col" { "Revision" } th scope="col" { "Useful" } th scope="col" { "Not useful" } } }
                    tbody { @for of in revisions { tr { th scope="row" { (of.revision) } td { (of.useful) } td { (of.not_useful) } } } }
                }
            }
        }
        h2 { "What they wrote " span class="count" { "(" (heard.remarks) ")" } }
        @if remarks.is_empty() { p { "Nothing yet." } }
        @if (remarks.len() as i64) < heard.remarks { p { "The first " (remarks.len()) " are shown." } }
        ul class="comments" {
            @for (n, remark) in remarks.iter().enumerate() {
                li class="box" {
                    p class="said" { (remark.said) }
                    ul class="meta" {
                        li { (words(&remark.stage)) }
                        li { @if remark.useful { "found it useful" } @else { "did not find it useful" } }
                        li { "revision " (remark.revision) }
                        li { (long(&remark.day)) }
                    }
                    @if edits {
                        form class="actions" method="post" action={ (path) "/" (remark.id) } {
                            @for stage in Stage::ALL.iter().filter(|stage| stage.name() != remark.stage) {
                                button class="btn" name="stage" value=(stage.name()) { (press(*stage)) (which(n)) }
                            }
                            a class="btn" href={ (path) "/" (remark.id) "/delete" } { "Delete" (which(n)) }
                        }
                    }
                }
            }
        }
        p { "What is written is deleted after two years; the counts stay." }
        p { a href={ "/admin/articles/" (heard.id) } { "The article at the desk" } " · " a href="/admin/feedback" { "All articles" } }
    };
    page(format!("What readers say of “{}”", heard.title), path, &main)
}

pub(super) fn ask_to_delete(article: Uuid, remark: &Remark) -> Page {
    let path = format!("/admin/feedback/{article}");
    let main = html! {
        h1 { "Delete what a reader wrote?" }
        p class="lead" { "It is gone for good. That somebody answered stays counted." }
        blockquote { p class="said" { (remark.said) } }
        form class="actions" method="post" action={ (path) "/" (remark.id) "/delete" } {
            button class="btn btn--main" { "Delete it" }
            a class="btn" href=(path) { "Keep it" }
        }
    };
    page("Delete what a reader wrote?", format!("{path}/{}/delete", remark.id), &main)
}

/// Tells buttons of the same words apart, for who does not see where they are.
fn which(n: usize) -> Markup {
    html! { span class="nhsuk-u-visually-hidden" { ": number " (n + 1) } }
}

fn words(stage: &str) -> &'static str {
    match Stage::named(stage) {
        Some(Stage::Seen) => "seen",
        Some(Stage::Done) => "done",
        _ => "new",
    }
}

fn press(stage: Stage) -> &'static str {
    match stage {
        Stage::New => "Mark as new",
        Stage::Seen => "Mark as seen",
        Stage::Done => "Mark as done",
    }
}

fn long(day: &str) -> String {
    day.parse::<Day>().map(Day::long).unwrap_or_else(|_| day.to_owned())
}
