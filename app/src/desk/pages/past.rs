//! What was done with something and said about it, as each page of the desk shows it: approvals, comments and revisions.

use maud::{Markup, html};

use super::who;
use crate::{
    clock,
    desk::{Approval, Comment, RevisionLine},
    ui::form::{Problems, text_area},
};

/// Of one article or exercise.
pub(in crate::desk) struct Past<'a> {
    /// Of its page, below which are those of its revisions and comments.
    pub address: &'a str,
    pub newest: i64,
    /// The revision that readers see; 0 while there is none.
    pub current: i64,
    /// Newest first.
    pub revisions: &'a [RevisionLine],
    /// Oldest first.
    pub comments: &'a [Comment],
    pub approvals: &'a [Approval],
}

impl Past<'_> {
    /// Of the newest revision, and of what readers see.
    pub fn approvals(&self) -> Markup {
        let counts = |approval: &&Approval| approval.revision == self.newest || approval.revision == self.current;
        html! {
            @for approval in self.approvals.iter().filter(counts) {
                p {
                    "Revision " (approval.revision) " was approved by " (approval.name) " (" (approval.registration) ") on " (clock::in_words(approval.approved_at)) "."
                    @if let Some(reason) = &approval.override_reason { " The safety check was overridden: " q { (reason) } }
                }
            }
        }
    }

    /// What was said, and a form to say more; `typed` is what could not be taken.
    pub fn comments(&self, typed: &str, problems: &Problems) -> Markup {
        let (closed, open): (Vec<&Comment>, Vec<&Comment>) =
            self.comments.iter().partition(|comment| comment.resolved_at.is_some());
        html! {
            section aria-labelledby="comments_title" {
                h2 id="comments_title" { "Comments" }
                @if open.is_empty() { p { "None is open." } }
                ul class="comments" {
                    @for comment in open {
                        li class="box" {
                            (said(comment))
                            form method="post" action={ (self.address) "/comments/" (comment.id) "/resolve" } {
                                button class="btn" { "Resolve" span class="nhsuk-u-visually-hidden" { " the comment of " (clock::in_words(comment.said_at)) } }
                            }
                        }
                    }
                }
                @if !closed.is_empty() {
                    details {
                        summary { "Resolved (" (closed.len()) ")" }
                        ul class="comments" { @for comment in closed { li class="box" { (said(comment)) } } }
                    }
                }
                form method="post" action={ (self.address) "/comments" } novalidate {
                    input type="hidden" name="revision" value=(self.newest);
                    (text_area("said", &format!("Comment on revision {}", self.newest), None, typed, problems))
                    div class="actions" { button class="btn" { "Comment" } }
                }
            }
        }
    }

    /// Every revision, and a form to compare two.
    pub fn revisions(&self) -> Markup {
        html! {
            section aria-labelledby="revisions_title" {
                h2 id="revisions_title" { "Revisions" }
                ol class="revisions" {
                    @for line in self.revisions {
                        li {
                            a href={ (self.address) "/revisions/" (line.number) } { "Revision " (line.number) }
                            @if line.number == self.current { " " strong { "(on the site)" } }
                            @if self.approvals.iter().any(|approval| approval.revision == line.number) { " (approved)" }
                            p class="hint" { (saved(line)) }
                            @if !line.note.is_empty() { p { (line.note) } }
                        }
                    }
                }
                @if self.revisions.len() > 1 {
                    form class="narrow" method="get" action={ (self.address) "/compare" } {
                        @for (name, label, chosen) in [("from", "Compare revision", 1), ("to", "with revision", 0)] {
                            div class="field" {
                                label for=(name) { (label) }
                                select id=(name) name=(name) {
                                    @for (at, line) in self.revisions.iter().enumerate() { option value=(line.number) selected[at == chosen] { (line.number) } }
                                }
                            }
                        }
                        div class="actions" { button class="btn" { "Compare" } }
                    }
                }
            }
        }
    }
}

fn said(comment: &Comment) -> Markup {
    html! {
        p class="said" { (comment.said) }
        p class="hint" { @if comment.said_as.is_empty() { (who(comment.said_by_email.as_deref())) } @else { (comment.said_as) " (by a link)" } ", on revision " (comment.revision) ", " (clock::in_words(comment.said_at)) " (UTC)" }
    }
}

/// When a revision was saved, and by whom.
pub(in crate::desk) fn saved(line: &RevisionLine) -> Markup {
    html! {
        (clock::in_words(line.saved_at)) " (UTC), "
        @if line.from_file { "from a file" } @else { (who(line.saved_by_email.as_deref())) }
    }
}
