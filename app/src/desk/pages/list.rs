//! The desk itself, and the list of articles.

use maud::{Markup, html};

use super::{
    links::{self, Links},
    page,
};
use crate::{
    account::{Role, session::Visitor},
    admin::system::{self, Fact},
    clock,
    desk::{
        Status,
        drafts::{Draft, Subject},
        exercises,
        list::{Filter, Found, Sort},
        when::{self, Now},
    },
    ui::page::Page,
};

/// How many of those that wait the desk names.
pub(in crate::desk) const NAMED: usize = 5;

/// Articles that wait for something.
pub(in crate::desk) struct Waiting {
    pub title: &'static str,
    pub filter: Filter,
    /// The first page of them.
    pub found: Vec<Found>,
    pub count: u64,
}

/// What the desk shows whoever asks.
pub(in crate::desk) struct Home<'a> {
    pub unsaved: &'a [(Subject, Draft)],
    pub waiting: &'a [Waiting],
    pub exercises: &'a [exercises::Waiting],
    pub links: &'a Links,
    /// How many readers wrote something that nobody has seen.
    pub unread: i64,
    /// How the system is, for who administers it.
    pub system: Option<&'a [Fact]>,
    pub now: &'a Now,
}

impl Home<'_> {
    fn nothing_waits(&self) -> bool {
        let waits = |waiting: &Waiting| waiting.filter.status.is_some() && !waiting.found.is_empty();
        self.unread == 0
            && self.unsaved.is_empty()
            && self.exercises.is_empty()
            && self.links.none_fails()
            && !self.waiting.iter().any(waits)
    }
}

/// The desk: what waits for whoever asks.
pub(in crate::desk) fn home(visitor: &Visitor, home: &Home<'_>) -> Page {
    let Home { unsaved, waiting, exercises, links, unread, system, now } = *home;
    let main = html! {
        h1 { "The desk" }
        p class="lead" { "What waits for you, and what changed." }
        @if visitor.roles.has(Role::Editor) {
            div class="actions" { a class="btn btn--main" href="/admin/articles/new" { "Write an article" } }
        }
        (places(visitor))
        @if unread > 0 {
            section class="waiting" aria-labelledby="unread_title" {
                h2 id="unread_title" { "Readers wrote " span class="count" { "(" (unread) ")" } }
                p { a href="/admin/feedback" { "Read what they wrote" } }
            }
        }
        @if !unsaved.is_empty() {
            section class="waiting" aria-labelledby="unsaved_title" {
                h2 id="unsaved_title" { "You typed and did not save" }
                ul class="found" {
                    @for (subject, draft) in unsaved {
                        li {
                            a href=(subject.editor()) { (super::draft::title(draft)) }
                            ul class="meta" { li { "typed " (when::lately(draft.typed_at, now)) } }
                        }
                    }
                }
            }
        }
        @if let Some(facts) = system.filter(|facts| facts.iter().any(|fact| fact.trouble.is_some())) {
            section class="waiting" aria-labelledby="system_title" {
                h2 id="system_title" { "The system wants looking at" }
                (system::troubles_list(facts))
            }
        }
        @if home.nothing_waits() { p { "Nothing waits for you." } }
        (exercises::waiting_list(exercises))
        @for (n, waiting) in waiting.iter().enumerate().filter(|(_, waiting)| !waiting.found.is_empty()) {
            section class="waiting" aria-labelledby={ "waiting_" (n) } {
                h2 id={ "waiting_" (n) } { (waiting.title) " " span class="count" { "(" (waiting.count) ")" } }
                (cards(waiting.found.iter().take(NAMED), false))
                @if waiting.count > NAMED as u64 {
                    p { a href=(address(&waiting.filter, None, 1)) { "All " (waiting.count) span class="nhsuk-u-visually-hidden" { ": " (waiting.title) } } }
                }
            }
        }
        (links::section(visitor, links, now))
    };
    page("The desk", "/admin", &main)
}

/// All places of the desk: what is written, what readers do, and for who administers the site the rest.
fn places(visitor: &Visitor) -> Markup {
    let on_content = visitor.roles.has(Role::Editor) || visitor.roles.has(Role::Reviewer);
    let content = [
        ("/admin/articles", "Articles"),
        ("/admin/exercises", "Exercises"),
        ("/admin/media", "Pictures"),
        ("/admin/rules", "Rule sets"),
    ];
    let readers = [("/admin/feedback", "What readers say", true), ("/admin/numbers", "Numbers", on_content)];
    let readers = readers.into_iter().filter(|(.., may)| *may).map(|(to, name, _)| (to, name));
    let administration = [
        ("/admin/settings", "Settings"),
        ("/admin/people", "People"),
        ("/admin/files", "Content as files"),
        ("/admin/audit", "What was done"),
        ("/admin/system", "State of the system"),
    ];
    html! {
        nav class="places" aria-label="The desk" {
            (group("Content", content))
            (group("Readers", readers))
            @if visitor.roles.has(Role::Admin) { (group("Administration", administration)) }
        }
    }
}

fn group(title: &str, places: impl IntoIterator<Item = (&'static str, &'static str)>) -> Markup {
    html! {
        section {
            h2 { (title) }
            ul { @for (to, name) in places { li { a href=(to) { (name) } } } }
        }
    }
}

/// Articles one below the other, with a box to tick each or without.
fn cards<'a>(found: impl Iterator<Item = &'a Found>, boxes: bool) -> Markup {
    html! {
        ul class="found" {
            @for article in found {
                li {
                    @if boxes {
                        label class="choose" {
                            input type="checkbox" name="article" value=(article.id);
                            span class="nhsuk-u-visually-hidden" { "Choose " (article.title) }
                        }
                    }
                    a href={ "/admin/articles/" (article.id) } { (article.title) }
                    ul class="meta" {
                        li class={ "status status--" (article.status.name()) } { (article.status.words()) }
                        @if article.is_read && !matches!(article.status, Status::Published | Status::Due | Status::Expired) {
                            li { "an earlier revision is on the site" }
                        }
                        @if article.open_comments > 0 {
                            li { (article.open_comments) @if article.open_comments == 1 { " open comment" } @else { " open comments" } }
                        }
                        li { (article.author) }
                        li { "changed " (clock::in_words(article.saved_at)) }
                        @if let Some(due) = article.review_due.filter(|_| article.is_read) { li { "review due " (due.long()) } }
                    }
                }
            }
        }
    }
}

/// What the list shows.
pub(in crate::desk) struct Listed {
    pub filter: Filter,
    pub found: Vec<Found>,
    pub count: u64,
    pub pages: u32,
    pub tags: Vec<String>,
    pub authors: Vec<String>,
    /// Days until the review is due, as asked for.
    pub due_in: Option<u8>,
}

const DUE_IN: [(u8, &str); 4] = [(0, "Now"), (30, "Within 30 days"), (60, "Within 60 days"), (90, "Within 90 days")];

pub(in crate::desk) fn list(visitor: &Visitor, listed: &Listed) -> Page {
    let Listed { filter, found, count, pages, .. } = listed;
    let main = html! {
        h1 { "Articles" }
        @if visitor.roles.has(Role::Editor) {
            div class="actions" { a class="btn btn--main" href="/admin/articles/new" { "Write an article" } }
        }
        (narrow(listed))
        h2 { (count) @if *count == 1 { " article" } @else { " articles" } }
        @if found.is_empty() { p { "No article is like that. " a href="/admin/articles" { "Show all" } } }
        @if visitor.roles.has(Role::Editor) && !found.is_empty() {
            form method="post" action="/admin/articles/several" {
                input type="hidden" name="back" value=(address(filter, listed.due_in, filter.page));
                (cards(found.iter(), true))
                div class="actions" { button class="btn" { "Tag or archive the ticked" } }
            }
        } @else { (cards(found.iter(), false)) }
        @if *pages > 1 {
            nav class="pager" aria-label="Pages" {
                @if filter.page > 1 { a rel="prev" href=(address(filter, listed.due_in, filter.page - 1)) { "Previous page" } }
                span { "Page " (filter.page) " of " (pages) }
                @if filter.page < *pages { a rel="next" href=(address(filter, listed.due_in, filter.page + 1)) { "Next page" } }
            }
        }
    };
    page("Articles", "/admin/articles", &main)
}

fn narrow(listed: &Listed) -> Markup {
    let filter = &listed.filter;
    html! {
        form class="narrow" method="get" action="/admin/articles" role="search" {
            div class="field" {
                label for="q" { "Search" }
                input id="q" name="q" type="search" value=(filter.search);
            }
            (select("status", "Status", "Any but archived", filter.status.map_or("", Status::name),
                Status::ALL.iter().map(|status| (status.name(), status.words()))))
            (select("tag", "Tag", "Any", &filter.tag, listed.tags.iter().map(|tag| (tag.as_str(), tag.as_str()))))
            (select("author", "Author", "Any", &filter.author, listed.authors.iter().map(|author| (author.as_str(), author.as_str()))))
            @let due_in = listed.due_in.map(|days| days.to_string()).unwrap_or_default();
            @let choices = DUE_IN.map(|(days, words)| (days.to_string(), words));
            (select("due", "Review due", "Any time", &due_in, choices.iter().map(|(days, words)| (days.as_str(), *words))))
            (select("sort", "Order", "", filter.sort.name(), Sort::ALL.iter().map(|sort| (sort.name(), sort.words()))))
            @if filter.saved_by.is_some() { input type="hidden" name="by" value="me"; }
            div class="actions" { button class="btn" { "Show" } a href="/admin/articles" { "Show all" } }
        }
    }
}

/// A list to choose from; `any` is the choice of none.
pub(in crate::desk) fn select<'a>(
    name: &str,
    label: &str,
    any: &str,
    chosen: &str,
    choices: impl Iterator<Item = (&'a str, &'a str)>,
) -> Markup {
    html! {
        div class="field" {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                @if !any.is_empty() { option value="" { (any) } }
                @for (value, words) in choices { option value=(value) selected[value == chosen] { (words) } }
            }
        }
    }
}

/// The list's address with this filter, on this page.
fn address(filter: &Filter, due_in: Option<u8>, page: u32) -> String {
    let due = due_in.map(|days| days.to_string()).unwrap_or_default();
    let parts = [
        ("q", filter.search.as_str()),
        ("status", filter.status.map_or("", Status::name)),
        ("tag", &filter.tag),
        ("author", &filter.author),
        ("due", &due),
        ("by", if filter.saved_by.is_some() { "me" } else { "" }),
        ("sort", if filter.sort == Sort::default() { "" } else { filter.sort.name() }),
        ("page", &page.to_string()),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    format!("/admin/articles?{}", parts.join("&"))
}

/// Percent-encoded for a query.
pub(in crate::desk) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
