//! The pages of the desk, as plain forms: whatever acts works without script.

pub(super) mod article;
pub(super) mod draft;
pub(super) mod editor;
pub(super) mod links;
pub(super) mod list;
pub(super) mod past;
pub(super) mod revision;
pub(super) mod several;

pub(super) use list::encoded;
use maud::{Markup, html};
pub(crate) use revision::differences;

use super::safety::Finding;
use crate::{triage::Urgency, ui::page::Page};

/// A page of the desk, with the way back and out.
pub(crate) fn page(title: impl Into<String>, path: impl Into<String>, main: &Markup) -> Page {
    let path = path.into();
    let main = html! {
        (main)
        p { @if path == "/admin" { a href="/account" { "Back to your account" } } @else { a href="/admin" { "Back to the desk" } } }
        form class="sign-out" method="post" action="/sign-out" { button class="btn" { "Sign out" } }
    };
    Page::of_desk(title, path, main)
}

/// Who did something, for the staff.
pub(crate) fn who(email: Option<&str>) -> &str {
    email.unwrap_or("an account that is gone")
}

/// What the safety check found, with the sentences.
pub(super) fn findings(found: &[Finding]) -> Markup {
    html! {
        ul {
            @for finding in found {
                li {
                    @if finding.line > 0 { "Line " (finding.line) ": " }
                    q { (finding.sentence) }
                    " mentions a sign of rule " strong { (finding.rule) } ". It takes a card "
                    code { "::: " (block(finding.urgency)) " {rules=\"" (finding.rule) "\"}" }
                    @if finding.urgency == Urgency::Urgent { " or one that is more urgent" }
                    "."
                }
            }
        }
    }
}

/// The card for an urgency, as the Markdown calls it.
fn block(urgency: Urgency) -> &'static str {
    if urgency == Urgency::Emergency { "emergency" } else { "urgent" }
}
