//! The page about one article: how it stands, what can be done next, what was said, and its revisions.

use maud::{Markup, html};
use serde::Deserialize;

use super::{findings, past::Past};
use crate::{
    day::Day,
    desk::{
        Dossier, Signature, Stage,
        review_link::{self, Asking, Invited},
        safety::Finding,
        when,
    },
    tracker::reminders::when::Zone,
    ui::{
        form::{self, Field, Problems, text_area, tick},
        page::Page,
    },
};

/// What there is to know about an article for whoever asks.
pub(in crate::desk) struct Known<'a> {
    pub dossier: &'a Dossier,
    /// Name and registration number as they last gave them; empty if they never did.
    pub signature: (String, String),
    /// Of the newest revision.
    pub findings: &'a [Finding],
    pub today: Day,
    /// Of the site.
    pub zone: &'a Zone,
    /// Whether whoever asks is one.
    pub reviewer: bool,
    pub editor: bool,
    /// Whether they wrote a part of what readers do not see yet.
    pub own: bool,
    /// Whether they may ask somebody without an account to review it.
    pub may_invite: bool,
    /// Milliseconds since 1970, UTC.
    pub now: i64,
}

/// What was asked by a form that could not be carried out, to be shown again; and what was done.
#[derive(Debug, Default)]
pub(in crate::desk) struct Asked<'a> {
    pub problems: Problems,
    pub done: Option<&'static str>,
    pub approval: Option<&'a TypedApproval>,
    pub publish_at: &'a str,
    pub said: &'a str,
    pub address: Option<&'a str>,
    pub invited: Option<&'a Invited>,
}

/// The form of an approval, as it was sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::desk) struct TypedApproval {
    pub revision: i64,
    pub name: String,
    pub registration: String,
    pub override_check: String,
    pub reason: String,
    pub read: String,
}

impl TypedApproval {
    pub fn signature(&self) -> Signature<'_> {
        Signature { name: &self.name, registration: &self.registration }
    }
}

/// What a page says after a deed, by its name in the address.
pub(in crate::desk) fn done(name: &str) -> Option<&'static str> {
    Some(match name {
        "saved" => "Saved as a new revision.",
        "merged" => {
            "Saved. Somebody else had saved meanwhile: what both changed was brought together. Compare the last revisions to see it."
        }
        "unchanged" => "Nothing was changed, so there is no new revision.",
        "restored" => "Restored, as a new revision.",
        "renamed" => "The address is changed. The old one leads to the new.",
        "archived" => "Archived: readers do not see it any more.",
        "unarchived" => "It is back on the desk. Readers see it once it is published.",
        "sent" => "Sent to review.",
        "approved" => "Approved. It can be published now.",
        "published" => "Published.",
        "scheduled" => "The time is set.",
        "withdrawn" => "Withdrawn: it is a draft again.",
        "commented" => "Your comment is kept.",
        "resolved" => "The comment is resolved.",
        "link-sent" => "The letter with the link is on its way.",
        "link-ended" => "The link does not work any more.",
        _ => return None,
    })
}

pub(in crate::desk) fn page(known: &Known<'_>, asked: &Asked<'_>) -> Page {
    let dossier = known.dossier;
    let path = format!("/admin/articles/{}", dossier.id);
    let past = Past {
        address: &path,
        newest: dossier.newest,
        current: dossier.current,
        revisions: &dossier.revisions,
        comments: &dossier.comments,
        approvals: &dossier.approvals,
    };
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href="/admin/articles" { "Articles" } }
        (asked.problems.summary())
        h1 { (dossier.title) }
        @if let Some(done) = asked.done { p class="notice" role="status" { (done) } }
        (standing(known, &past))
        (next(known, asked))
        (past.comments(asked.said, &asked.problems))
        (past.revisions())
        @if known.editor { (address_and_archive(dossier, asked)) }
    };
    super::page(dossier.title.clone(), path, &main)
}

fn standing(known: &Known<'_>, past: &Past<'_>) -> Markup {
    let dossier = known.dossier;
    let status = dossier.status(known.today);
    html! {
        section id="how_it_stands" tabindex="-1" aria-labelledby="standing_title" {
            h2 id="standing_title" { "How it stands" }
            ul class="meta" {
                li class={ "status status--" (status.name()) } { (status.words()) }
                li { "revision " (dossier.newest) }
                @if let Some(at) = dossier.publish_at { li { "to be published on " (when::in_words(at, known.zone)) " (" (known.zone.place()) ")" } }
            }
            @match dossier.current {
                0 => p { "Readers do not see it." },
                current => p {
                    "Readers see revision " (current) " at " a href={ "/articles/" (dossier.slug) } { "/articles/" (dossier.slug) }
                    @if let Some(published) = dossier.published_on { ", first published on " (published.long()) }
                    @if let Some(due) = dossier.review_due { ". Its review is due on " (due.long()) }
                    "."
                },
            }
            (past.approvals())
            div class="actions" {
                @if known.editor && !dossier.archived { a class="btn btn--main" href={ "/admin/articles/" (dossier.id) "/edit" } { "Edit" } }
                a class="btn" href={ "/admin/articles/" (dossier.id) "/revisions/" (dossier.newest) } { "Read revision " (dossier.newest) }
                @if dossier.current > 0 && dossier.current != dossier.newest {
                    a class="btn" href={ "/admin/articles/" (dossier.id) "/compare?from=" (dossier.current) "&to=" (dossier.newest) } { "Compare with what readers see" }
                }
            }
        }
    }
}

/// A form of one button, about the newest revision.
fn press(dossier: &Dossier, act: &str, words: &str, main: bool) -> Markup {
    form::press(&format!("/admin/articles/{}/{act}", dossier.id), dossier.newest, words, main)
}

fn next(known: &Known<'_>, asked: &Asked<'_>) -> Markup {
    let dossier = known.dossier;
    html! {
        section aria-labelledby="next_title" {
            h2 id="next_title" { "What is next" }
            @match (dossier.archived, dossier.stage) {
                (true, _) => p { "It is archived. An editor can bring it back, at the end of this page." },
                (_, Stage::Draft) => {
                    @if known.editor {
                        p { "When it is ready, send it to review: a clinician reads and approves it before it is published." }
                        (press(dossier, "review", "Send to review", true))
                    } @else { p { "An editor is writing it." } }
                    (check(known))
                },
                (_, Stage::InReview) => (reviewing(known, asked)),
                (_, Stage::Approved) => (publishing(known, asked)),
                (_, Stage::Published) => {
                    @if dossier.current == 0 { p { "It was taken off the site because its review is overdue. It comes back once it is approved and published again." } }
                    @if known.editor {
                        p { "Edit it to change something. When its review is due and nothing is to be changed, send it as it is: the days of its review move on once it is approved and published." }
                        (press(dossier, "review", "Send it to review as it is", false))
                    } @else { p { "Nothing: it is what readers see." } }
                },
            }
        }
    }
}

/// What the safety check found, if anything.
fn check(known: &Known<'_>) -> Markup {
    html! {
        @if !known.findings.is_empty() {
            section class="box" aria-labelledby="check_title" {
                h3 id="check_title" { "The safety check" }
                p { "The text mentions signs without the card that belongs to them. It is not approved so, unless a reviewer decides otherwise." }
                (findings(known.findings))
            }
        }
    }
}

fn reviewing(known: &Known<'_>, asked: &Asked<'_>) -> Markup {
    let (dossier, problems) = (known.dossier, &asked.problems);
    let (name, registration) = known.signature.clone();
    let begun = TypedApproval { name, registration, ..TypedApproval::default() };
    let typed = asked.approval.unwrap_or(&begun);
    html! {
        (check(known))
        @if known.reviewer && known.own {
            p { "You wrote a part of this, so somebody else has to approve it." }
        } @else if known.reviewer {
            p { a href={ "/admin/articles/" (dossier.id) "/revisions/" (dossier.newest) } { "Read revision " (dossier.newest) } " before you approve it. Readers are told your name and registration number." }
            form method="post" action={ "/admin/articles/" (dossier.id) "/approve" } novalidate {
                input type="hidden" name="revision" value=(dossier.newest);
                (typed.signature().fields(problems))
                @if !known.findings.is_empty() {
                    (tick("override_check", "It is safe without these cards", Some("This is recorded with your reason."), !typed.override_check.is_empty(), problems))
                    (text_area("reason", "Why it is safe without them", None, &typed.reason, problems))
                }
                (tick("read", &format!("I have read revision {} and approve it", dossier.newest), None, !typed.read.is_empty(), problems))
                div class="actions" { button class="btn btn--main" { "Approve revision " (dossier.newest) } }
            }
        } @else {
            p { "It waits for a reviewer." }
        }
        (review_link::section(&Asking { dossier, may: known.may_invite, typed: asked.invited, problems, now: known.now }))
        p { "Taken back, it is a draft again, and can be sent once more." }
        (press(dossier, "withdraw", "Take it out of review", false))
    }
}

fn publishing(known: &Known<'_>, asked: &Asked<'_>) -> Markup {
    let dossier = known.dossier;
    let hint = format!("In {}, like 2026-11-22 08:30.", known.zone.place());
    let at = Field {
        name: "publish_at",
        label: "Day and time",
        hint: Some(&hint),
        kind: "datetime-local",
        value: asked.publish_at,
        ..Field::default()
    };
    html! {
        p { "Revision " (dossier.newest) " is approved." }
        (press(dossier, "publish", "Publish it now", true))
        form method="post" action={ "/admin/articles/" (dossier.id) "/schedule" } novalidate {
            h3 { @if dossier.publish_at.is_some() { "Or at another time" } @else { "Or at a time" } }
            input type="hidden" name="revision" value=(dossier.newest);
            (at.show(&asked.problems))
            div class="actions" { button class="btn" { "Publish it then" } }
        }
        p { "Withdrawn, it is a draft again, and has to be approved once more." }
        (press(dossier, "withdraw", "Withdraw the approval", false))
    }
}

fn address_and_archive(dossier: &Dossier, asked: &Asked<'_>) -> Markup {
    let address = Field {
        name: "address",
        label: "What stands behind /articles/",
        hint: Some("It changes at once. Whoever follows the old address is led to the new one."),
        kind: "text",
        value: asked.address.unwrap_or(&dossier.slug),
        ..Field::default()
    };
    html! {
        section aria-labelledby="address_title" {
            h2 id="address_title" { "Address" }
            form method="post" action={ "/admin/articles/" (dossier.id) "/address" } novalidate {
                (address.show(&asked.problems))
                div class="actions" { button class="btn" { "Change the address" } }
            }
        }
        section aria-labelledby="archive_title" {
            h2 id="archive_title" { "Archive" }
            @if dossier.archived {
                p { "It comes back to the desk, and is published from there." }
                (press(dossier, "unarchive", "Bring it back", false))
            } @else {
                p { "Readers do not see it any more. Nothing is deleted, and it can be brought back." }
                (press(dossier, "archive", "Archive it", false))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_is_said() {
        for name in [
            "saved",
            "merged",
            "unchanged",
            "restored",
            "renamed",
            "archived",
            "unarchived",
            "sent",
            "approved",
            "published",
            "scheduled",
            "withdrawn",
            "commented",
            "resolved",
            "link-sent",
            "link-ended",
        ] {
            assert!(done(name).is_some(), "{name}");
        }
        assert_eq!(done("<script>"), None);
    }
}
