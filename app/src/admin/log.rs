//! What was done, as the audit log has it, for administrators to read.

use axum::{
    extract::{Query, State},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;

use crate::{AppState, Result, account::Admin, audit, clock, routes::Routes, ui::page::Page};

/// Events on one page.
const PER_PAGE: u32 = 50;

pub fn routes() -> Routes {
    Routes::new().page_for("/admin/audit", show)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Before {
    before: Option<i64>,
}

async fn show(_admin: Admin, State(state): State<AppState>, Query(query): Query<Before>) -> Result<Response> {
    let events = audit::events(&state.db, query.before, PER_PAGE).await?;
    Ok(Page::of_account("What was done", "/admin/audit", body(&events)).respond(&state.site))
}

fn body(events: &[audit::Recorded]) -> Markup {
    let more = events.last().filter(|last| last.number > 1).map(|last| last.number);
    html! {
        h1 { "What was done" }
        p class="lead" { "The newest first, in UTC. Nothing in it is about anybody\u{2019}s health." }
        @if events.is_empty() { p { "Nothing yet." } }
        section class="scrolls" tabindex="0" aria-label="Audit log" {
            table {
                thead { tr { th scope="col" { "Number" } th scope="col" { "When" } th scope="col" { "What" } th scope="col" { "Who" } th scope="col" { "About" } th scope="col" { "From" } } }
                tbody {
                    @for event in events {
                        tr {
                            td { (event.number) }
                            td { (clock::in_words(event.at)) }
                            td { (event.action) }
                            td { (event.actor) }
                            td { (event.target.as_deref().unwrap_or_default()) }
                            td { (event.origin.as_deref().unwrap_or_default()) }
                        }
                    }
                }
            }
        }
        @if let Some(before) = more { p { a href={ "/admin/audit?before=" (before) } { "Earlier" } } }
        p { "To see that nothing was changed or removed: " code { "sciaticalm audit verify" } ", on the machine that the site runs on." }
        p { a href="/account" { "Back to your account" } }
    }
}
