//! The links of articles that fail, on the desk.

use maud::{Markup, html};
use uuid::Uuid;

use crate::{
    account::{Role, session::Visitor},
    desk::{
        links::{
            Failing,
            outer::{Outer, Round},
        },
        when::{self, Now},
    },
};

/// How many links of each kind the desk shows.
const MOST: usize = 20;

/// What is known of where articles lead to.
pub(in crate::desk) struct Links {
    pub inner: Vec<Failing>,
    /// Those that fail, and those that are not asked.
    pub outer: Vec<Outer>,
    pub round: Round,
}

impl Links {
    pub fn none_fails(&self) -> bool {
        self.inner.is_empty() && self.failing().next().is_none()
    }

    fn failing(&self) -> impl Iterator<Item = (&Outer, i64)> {
        self.outer.iter().filter_map(|link| Some((link, link.since?)))
    }

    fn not_asked(&self) -> impl Iterator<Item = &Outer> {
        self.outer.iter().filter(|link| link.since.is_none())
    }
}

/// The links that fail; or that none does, and when that was seen.
pub(in crate::desk) fn section(visitor: &Visitor, links: &Links, now: &Now) -> Markup {
    let (inner, outer, not_asked) = (links.inner.len(), links.failing().count(), links.not_asked().count());
    let edit = if visitor.roles.has(Role::Editor) { "/edit" } else { "" };
    let title = |article: Uuid, title: &str| {
        html! { a href={ "/admin/articles/" (article) (edit) } { "\u{201c}" (title) "\u{201d}" } }
    };
    let titles = |link: &Outer| {
        html! {
            ", in "
            @for (n, (article, name)) in link.articles.iter().enumerate() { @if n > 0 { ", " } (title(*article, name)) }
        }
    };
    html! {
        section class="waiting" aria-labelledby="failing_title" {
            @if links.none_fails() {
                h2 id="failing_title" { "Links" }
                p { "No link of an article that readers see is known to fail." }
            } @else {
                h2 id="failing_title" { "Links that fail " span class="count" { "(" (inner + outer) ")" } }
                @if inner > 0 {
                    ul class="found" {
                        @for link in links.inner.iter().take(MOST) {
                            li { p { "This link leads nowhere on this site: " code { (link.path) } ", in " (title(link.article, &link.title)) } }
                        }
                    }
                    (more(inner))
                }
                @if outer > 0 {
                    ul class="found" {
                        @for (link, since) in links.failing().take(MOST) {
                            li {
                                p {
                                    "This link has failed since " (when::day_in_words(since, &now.zone)) " (" (link.found.in_words()) "): "
                                    a href=(link.address) rel="noreferrer" { (link.address) } (titles(link))
                                }
                            }
                        }
                    }
                    (more(outer))
                }
            }
            @if not_asked > 0 {
                details {
                    summary { "Links that are not asked (" (not_asked) ")" }
                    p { "We only ask addresses that everybody can reach: not those of a network of your own, with a password in them, or on a port of their own. Look yourself whether these lead somewhere." }
                    ul class="found" {
                        @for link in links.not_asked().take(MOST) {
                            li { p { code { (link.address) } (titles(link)) } }
                        }
                    }
                    (more(not_asked))
                }
            }
            p class="hint" {
                @if links.round.asked_at == 0 { "Links to other sites have not been asked yet." }
                @else if links.round.is_cut_off() {
                    "Links to other sites were last asked on " (when::in_words(links.round.asked_at, &now.zone)) ", and none answered: this server may have no way to them."
                } @else {
                    "Links to other sites were last asked on " (when::in_words(links.round.asked_at, &now.zone)) ". Each is asked once a week, and once a day while it fails."
                }
            }
        }
    }
}

fn more(count: usize) -> Markup {
    html! { @if count > MOST { p { "And " (count - MOST) " more." } } }
}
