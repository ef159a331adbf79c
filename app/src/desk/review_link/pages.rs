//! What the article's page says of links, and the pages that a link leads to.

use axum::http::StatusCode;
use maud::{Markup, PreEscaped, html};

use super::{
    LASTS, ReviewLink,
    http::{Invited, Opened, Sent},
};
use crate::{
    clock,
    desk::{
        Comment, Dossier,
        pages::{findings, revision::about},
    },
    ui::{
        form::{Field, Problems, message, text_area, tick},
        page::Page,
    },
};

/// The part of an article's page about links.
pub(in crate::desk) struct Asking<'a> {
    pub dossier: &'a Dossier,
    /// Whether whoever sees the page may send one.
    pub may: bool,
    /// The form as it was sent, where something was wrong with it.
    pub typed: Option<&'a Invited>,
    pub problems: &'a Problems,
    /// Milliseconds since 1970, UTC.
    pub now: i64,
}

pub(in crate::desk) fn section(asking: &Asking<'_>) -> Markup {
    let links = &asking.dossier.links;
    html! {
        @if asking.may || !links.is_empty() {
            section class="box" aria-labelledby="links_title" {
                h3 id="links_title" { "A reviewer without an account" }
                p { "A clinician who has no account here can read, comment on and approve this revision by a link that is sent to them." }
                @if !links.is_empty() {
                    ul class="comments" { @for link in links { li { (one(asking, link)) } } }
                }
                @if asking.may { (form(asking)) }
            }
        }
    }
}

fn one(asking: &Asking<'_>, link: &ReviewLink) -> Markup {
    html! {
        p {
            @if link.email.is_empty() { "A link" } @else { (link.email) }
            ": sent on " (clock::in_words(link.made_at)) " (UTC), "
            @match link.ended_at {
                Some(at) => { "ended on " (clock::in_words(at)) " (UTC)" }
                None if link.is_open(asking.now) => { "works until " (clock::in_words(link.expires_at)) " (UTC)" }
                None => { "expired on " (clock::in_words(link.expires_at)) " (UTC)" }
            }
        }
        @if link.is_open(asking.now) {
            form method="post" action={ "/admin/articles/" (link.article_id) "/review-links/" (link.id) "/end" } {
                button class="btn" { "Take the link back" span class="nhsuk-u-visually-hidden" { ": " (link.email) } }
            }
        }
    }
}

fn form(asking: &Asking<'_>) -> Markup {
    let begun = Invited::default();
    let typed = asking.typed.unwrap_or(&begun);
    let problem = asking.problems.of("lasts");
    let chosen = if asking.typed.is_some() { typed.lasts.clone() } else { LASTS[0].to_string() };
    html! {
        details open[asking.typed.is_some()] {
            summary { "Send a link" }
            form method="post" action={ "/admin/articles/" (asking.dossier.id) "/review-links" } novalidate {
                input type="hidden" name="revision" value=(asking.dossier.newest);
                (Field {
                    name: "link_email",
                    label: "Email address of the clinician",
                    hint: Some("Whoever reads mail there can approve the text. It cannot be somebody who wrote a part of it."),
                    kind: "email",
                    autocomplete: Some("off"),
                    value: &typed.link_email,
                    ..Field::default()
                }.show(asking.problems))
                fieldset id="lasts" tabindex="-1" class={ "question" @if problem.is_some() { " nhsuk-form-group--error" } } {
                    legend { "The link works for" }
                    (message("lasts", problem))
                    @for days in LASTS {
                        label class="option" {
                            input type="radio" name="lasts" value=(days) checked[chosen == days.to_string()];
                            b { (days) " days" }
                        }
                    }
                }
                div class="actions" { button class="btn" { "Send the link" } }
            }
        }
    }
}

/// What somebody who has the link sees.
pub(super) fn page(opened: &Opened, token: &str, sent: &Sent) -> Page {
    let Opened { link, revision, .. } = opened;
    let main = html! {
        (sent.problems.summary())
        h1 { (revision.manuscript.title) }
        @if sent.commented { p class="notice" role="status" { "Your comment is kept. The team sees it on the article’s page." } }
        p class="lead" { "You were asked, as a clinician, to review this text before it is published." }
        p { "The link works until " (clock::in_words(link.expires_at)) " (UTC), for whoever has it: please do not pass it on." }
        @if !opened.waits() {
            p class="notice" role="status" { "This text does not wait for your review any more: it was changed, approved or taken back since the link was sent. You can still read it and comment on it." }
        }
        section aria-labelledby="text_title" {
            h2 id="text_title" { "The text" }
            p class="lead" { (revision.manuscript.summary) }
            div class="preview" { div class="prose" { (PreEscaped(&revision.html)) } }
            (about(&revision.manuscript))
        }
        @if !opened.findings.is_empty() {
            section class="box" id="check" tabindex="-1" aria-labelledby="check_title" {
                h2 id="check_title" { "The safety check" }
                p { "The text mentions signs without the card that belongs to them. It cannot be approved by a link before that is mended." }
                (findings(&opened.findings))
            }
        }
        (comments(opened, token, sent))
        @if opened.waits() && opened.findings.is_empty() { (approval(opened, token, sent)) }
    };
    frame(format!("Review: {}", revision.manuscript.title), &main)
}

fn comments(opened: &Opened, token: &str, sent: &Sent) -> Markup {
    let said: Vec<&Comment> = opened.dossier.comments.iter().filter(|comment| comment.resolved_at.is_none()).collect();
    html! {
        section aria-labelledby="comments_title" {
            h2 id="comments_title" { "Comments" }
            ul class="comments" {
                @for comment in said {
                    li class="box" {
                        p class="said" { (comment.said) }
                        p class="hint" {
                            @if comment.said_as.is_empty() { "The team" } @else { (comment.said_as) }
                            ", on revision " (comment.revision) ", " (clock::in_words(comment.said_at)) " (UTC)"
                        }
                    }
                }
            }
            form method="post" action={ "/review/" (token) "/comment" } novalidate {
                (Field { name: "said_as", label: "Your name, for the team", kind: "text", autocomplete: Some("name"), value: &sent.said.said_as, ..Field::default() }.show(&sent.problems))
                (text_area("said", "Comment", Some("What should be changed, and why."), &sent.said.said, &sent.problems))
                div class="actions" { button class="btn" { "Comment" } }
            }
        }
    }
}

fn approval(opened: &Opened, token: &str, sent: &Sent) -> Markup {
    let (typed, problems) = (&sent.approval, &sent.problems);
    html! {
        section aria-labelledby="approve_title" {
            h2 id="approve_title" { "Approve it" }
            p { "Readers are told your name and registration number. If something has to be changed first, comment instead: the changed text gets a review of its own." }
            form method="post" action={ "/review/" (token) "/approve" } novalidate {
                (typed.signature().fields(problems))
                (tick("read", "I have read this text and approve it", Some("I did not write a part of it."), !typed.read.is_empty(), problems))
                div class="actions" { button class="btn btn--main" { "Approve revision " (opened.link.revision) } }
            }
        }
    }
}

pub(super) fn thanks(opened: &Opened) -> Page {
    let main = html! {
        h1 { "Thank you" }
        p class="lead" { "You approved revision " (opened.link.revision) " of “" (opened.revision.manuscript.title) "”." }
        p { "The team publishes it. The link does not work any more." }
    };
    frame("Thank you", &main)
}

/// The same for a link that never was, one that has expired, one that was used and one that was taken back.
pub(super) fn does_not_work() -> Page {
    let main = html! {
        h1 { "This link does not work" }
        p class="lead" { "There is nothing to review at this address." }
        ul {
            li { "The address may not be whole: such links are long, and mail programs break them. Copy it again from the letter." }
            li { "The link may have expired, been used to approve the text, or been taken back. Whoever asked you can send a new one." }
        }
    };
    frame("This link does not work", &main).with_status(StatusCode::NOT_FOUND)
}

/// The desk's style, without its ways on: who has a link is not signed in.
fn frame(title: impl Into<String>, main: &Markup) -> Page {
    Page::of_desk(title, "/review", main.clone())
}
