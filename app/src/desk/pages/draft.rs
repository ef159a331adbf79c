//! A draft that was typed and not saved: offered before the editor opens, and shown before it is thrown away.

use maud::{Markup, html};

use super::revision::{Compared, parts};
use crate::{
    desk::{
        Dossier,
        drafts::{Draft, Subject},
        when::{self, Now},
    },
    ui::page::Page,
};

/// What a draft is called.
pub(super) fn title(draft: &Draft) -> &str {
    match draft.typed.title.trim() {
        "" => "An article without a title",
        title => title,
    }
}

fn subject(dossier: Option<&Dossier>) -> Subject {
    Subject(dossier.map(|dossier| dossier.id))
}

/// Which revision the draft was made from, and whether there is a newer one.
pub(super) fn made_from(dossier: Option<&Dossier>, draft: &Draft) -> Markup {
    html! {
        @if let Some(dossier) = dossier {
            " It was made from revision " (draft.base) "."
            @if let Some(newest) = dossier.revisions.iter().find(|line| line.number == dossier.newest && line.number > draft.base) {
                " Since then " (super::who(newest.saved_by_email.as_deref())) " saved revision " (newest.number)
                ": when you save, what only one of you changed is brought together."
            }
        }
    }
}

/// Offers a draft that says more than what was saved.
pub(in crate::desk) fn offer(dossier: Option<&Dossier>, draft: &Draft, changed: &[Compared], now: &Now) -> Page {
    let subject = subject(dossier);
    let main = html! {
        h1 { "You have a draft" }
        p class="lead" { strong { (title(draft)) } ", typed " (when::lately(draft.typed_at, now)) " and not saved yet." }
        p { "Nobody else can read it." (made_from(dossier, draft)) }
        div class="actions" {
            a class="btn btn--main" href={ (subject.editor()) "?draft=open" } { "Go on with your draft" }
            a class="btn" href={ (subject.address()) "/draft/discard" } { "Discard it \u{2026}" }
        }
        (in_it(changed))
    };
    super::page("You have a draft", subject.editor(), &main)
}

/// Asks before a draft is thrown away.
pub(in crate::desk) fn ask(dossier: Option<&Dossier>, draft: &Draft, changed: &[Compared], now: &Now) -> Page {
    let subject = subject(dossier);
    let path = format!("{}/draft/discard", subject.address());
    let main = html! {
        h1 { "Discard this draft?" }
        p class="lead" { strong { (title(draft)) } ", typed " (when::lately(draft.typed_at, now)) "." }
        p { "What you typed since the last save is then gone, and cannot be brought back. " @if dossier.is_some() { "Every revision stays." } }
        form method="post" action=(path) {
            input type="hidden" name="mark" value=(draft.mark);
            div class="actions" {
                button class="btn btn--main" { "Discard the draft" }
                a class="btn" href={ (subject.editor()) "?draft=open" } { "Go on with it" }
            }
        }
        (in_it(changed))
    };
    super::page("Discard this draft?", path, &main)
}

fn in_it(changed: &[Compared]) -> Markup {
    html! {
        @if !changed.is_empty() {
            details open {
                summary { "What is in it" }
                p { "What is " ins { "underlined" } " is new, what is " del { "struck through" } " was taken out." }
                (parts(changed))
            }
        }
    }
}
