//! What was done, as the audit log has it, for administrators to read: all of it, or by what was done, by whom, about what, and when.

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    AppState, Result,
    account::{Admin, staff},
    audit::{self, Action, Filter, Kind, Place},
    clock,
    day::Day,
    desk::page,
    routes::Routes,
    ui::form::{Field, Problems, choose},
};

/// Events on one page.
const PER_PAGE: u32 = 50;

const DAY: i64 = 24 * 60 * 60 * 1000;

pub fn routes() -> Routes {
    Routes::new().page_for("/admin/audit", show)
}

/// What the log is asked for, as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    /// A kind of things.
    about: String,
    action: String,
    /// An account's number, "command-line" or "nobody".
    who: String,
    /// The number of an account, an article …
    number: String,
    from: String,
    to: String,
    /// Where the page before ended.
    before: String,
}

impl Typed {
    fn read(&self) -> (Filter, Problems) {
        let mut problems = Problems::default();
        let id = |text: &str| text.trim().parse::<Uuid>().ok();
        let actor = match self.who.trim() {
            "" => None,
            who @ ("command-line" | "nobody") => Some(who.to_owned()),
            who => Some(id(who).map_or_else(|| who.to_owned(), |id| id.to_string())),
        };
        let target = id(&self.number).map(|id| id.to_string());
        if target.is_none() && !self.number.trim().is_empty() {
            problems.add("number", "Enter a number as the log shows it, like 018f4e7a-2b1c-7d3e-9f00-1234567890ab");
        }
        let mut day = |field, text: &str| {
            let day = text.trim().parse::<Day>().ok();
            if day.is_none() && !text.trim().is_empty() {
                problems.add(field, "Enter a day, like 2026-11-22");
            }
            day.map(|day| day.epoch_days() * DAY)
        };
        let (from, to) = (day("from", &self.from), day("to", &self.to).map(|to| to + DAY));
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            problems.add("to", "The last day is before the first");
        }
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == self.about);
        let chosen = |action: &&Action| {
            (self.action.is_empty() || action.name() == self.action)
                && kind.is_none_or(|kind| Kind::of(action.name()) == kind)
        };
        let narrowed = kind.is_some() || !self.action.is_empty();
        let actions = narrowed.then(|| Action::ALL.iter().filter(chosen).map(|action| action.name()).collect());
        (Filter { actions, actor, target, from, to, before: self.before.parse().ok() }, problems)
    }

    /// The page's address with this filter, and perhaps another part.
    fn address(&self, changed: &str, value: &str) -> String {
        let parts = [
            ("about", &self.about),
            ("action", &self.action),
            ("who", &self.who),
            ("number", &self.number),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
        let kept = parts.into_iter().filter(|(name, value)| *name != changed && !value.is_empty() && plain(value));
        let kept = kept.map(|(name, value)| format!("{name}={value}"));
        let all: Vec<String> = kept.chain([format!("{changed}={value}")]).collect();
        format!("/admin/audit?{}", all.join("&"))
    }
}

async fn show(_admin: Admin, State(state): State<AppState>, Query(typed): Query<Typed>) -> Result<Response> {
    let (filter, problems) = typed.read();
    let events = if problems.is_empty() { audit::events(&state.db, &filter, PER_PAGE).await? } else { vec![] };
    let staff = staff::everybody(&state.db).await?;
    let staff: Vec<(String, String)> =
        staff.iter().map(|account| (account.id.to_string(), account.email.as_str().to_owned())).collect();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let main = body(&typed, &problems, &events, &staff);
    Ok(page("What was done", "/admin/audit", &main).with_status(status).respond(&state.site))
}

fn body(typed: &Typed, problems: &Problems, events: &[audit::Recorded], staff: &[(String, String)]) -> Markup {
    let full = u32::try_from(events.len()).is_ok_and(|count| count == PER_PAGE);
    let more = events.last().filter(|_| full).map(|last| Place { at: last.at, number: last.number }.to_string());
    let known =
        |id: &str| staff.iter().find(|(known, _)| known == id).map_or(id.to_owned(), |(_, email)| email.clone());
    html! {
        (problems.summary())
        h1 { "What was done" }
        p class="lead" { "The newest first, in UTC. Nothing in it is about anybody\u{2019}s health." }
        (narrow(typed, problems, staff))
        @if events.is_empty() && problems.is_empty() { p role="status" { "Nothing like that was done." } }
        @if !events.is_empty() {
            section class="scrolls" tabindex="0" aria-label="Audit log" {
                table {
                    thead { tr { th scope="col" { "Number" } th scope="col" { "When" } th scope="col" { "What" } th scope="col" { "Who" } th scope="col" { "About" } th scope="col" { "From" } } }
                    tbody {
                        @for event in events {
                            tr {
                                td { (event.number) }
                                td { (clock::in_words(event.at)) }
                                td { (event.action) }
                                td { a href=(typed.address("who", &event.actor)) { (known(&event.actor)) } }
                                td { (about(typed, event.target.as_deref().unwrap_or_default(), &known)) }
                                td { (event.origin.as_deref().unwrap_or_default()) }
                            }
                        }
                    }
                }
            }
        }
        @if let Some(before) = more { p { a rel="next" href=(typed.address("before", &before)) { "Earlier" } } }
        p { "To see that nothing was changed or removed: " code { "sciaticalm audit verify" } ", on the machine that the site runs on." }
    }
}

/// What an event is about: a number leads to all that is about it.
fn about(typed: &Typed, target: &str, known: &impl Fn(&str) -> String) -> Markup {
    let (id, rest) = target.split_at_checked(36).unwrap_or((target, ""));
    html! {
        @if id.parse::<Uuid>().is_ok() { a href=(typed.address("number", id)) { (known(id)) } (rest) } @else { (target) }
    }
}

fn narrow(typed: &Typed, problems: &Problems, staff: &[(String, String)]) -> Markup {
    let any = || [("", "Any".to_owned())].into_iter();
    let kinds = any().chain(Kind::ALL.into_iter().map(|kind| (kind.name(), kind.words().to_owned())));
    let actions = any().chain(Action::ALL.iter().map(|action| (action.name(), action.name().replace('-', " "))));
    let others = [("command-line", "the command line".to_owned()), ("nobody", "nobody who is signed in".to_owned())];
    let is_other = !typed.who.is_empty()
        && !staff.iter().any(|(id, _)| *id == typed.who)
        && !others.iter().any(|(name, _)| *name == typed.who);
    let who = any()
        .chain(staff.iter().map(|(id, email)| (id.as_str(), email.clone())))
        .chain(others)
        .chain(is_other.then(|| (typed.who.as_str(), format!("account {}", typed.who))));
    let day = |name, label, value| Field { name, label, kind: "date", value, ..Field::default() }.show(problems);
    html! {
        form class="narrow" method="get" action="/admin/audit" role="search" {
            (choose("about", "About", None, &typed.about, kinds, problems))
            (choose("action", "What", None, &typed.action, actions, problems))
            (choose("who", "Who", None, &typed.who, who, problems))
            (Field {
                name: "number",
                label: "About the number",
                kind: "text",
                autocomplete: Some("off"),
                value: &typed.number,
                ..Field::default()
            }.show(problems))
            (day("from", "From the day", &typed.from))
            (day("to", "To the day", &typed.to))
            div class="actions" { button class="btn" { "Show" } a href="/admin/audit" { "Show all" } }
        }
    }
}
