//! The page of an account: what it is, and where each part of it is.

use axum::{extract::State, response::Response};
use maud::{Markup, html};

use super::{Role, SignedIn};
use crate::{AppState, routes::Routes, ui::page::Page};

pub fn routes() -> Routes {
    Routes::new().page_for("/account", show)
}

/// Where the parts of an account are: name, address, what is there.
const PARTS: [(&str, &str, &str); 14] = [
    ("Diary", "/account/diary", "Your pain, warning signs and notes, day by day."),
    ("Summary", "/account/diary/summary", "One or two pages for your physiotherapist or GP, to print or to share."),
    (
        "Sharing",
        "/account/sharing",
        "Links by which a clinician can read your summary, who opened them, and ending them.",
    ),
    ("Reminders", "/account/reminders", "By email or in your calendar, when you choose."),
    ("Files of your diary", "/account/diary/export", "Your entries for a spreadsheet or a clinic, or to bring back."),
    ("Password", "/account/password", "Change it, and sign out everywhere else."),
    ("Email address", "/account/email", "Where we write to you, and what you sign in with."),
    ("Two-step sign-in", "/account/two-step", "A code from an app on your phone, besides the password."),
    ("Passkeys", "/account/passkeys", "Signing in with your fingerprint, face or screen lock."),
    ("Devices", "/account/devices", "Where you are signed in, and signing out of each."),
    ("Consents", "/account/consents", "What you let us do with your entries, and withdrawing it."),
    ("Export", "/account/export", "All that we have about you, as a file."),
    ("Delete", "/account/delete", "Your account and everything in it, at once."),
    ("What we store", "/privacy/what-we-store", "All that we keep about you, and for how long."),
];

async fn show(visitor: SignedIn, State(state): State<AppState>) -> Response {
    Page::of_account("Your account", "/account", body(&visitor)).respond(&state.site)
}

fn body(visitor: &SignedIn) -> Markup {
    html! {
        h1 { "Your account" }
        p class="lead" { "You are signed in as " strong { (visitor.email.as_str()) } "." }
        @if visitor.roles.are_staff() {
            p { "On the staff: " (visitor.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ")) "." }
        }
        dl class="parts" {
            @for (name, address, what) in PARTS {
                dt { a href=(address) { (name) } }
                dd { (what) }
            }
        }
        @if visitor.roles.are_staff() {
            h2 { "The desk" }
            p {
                a href="/admin" { "The content desk" } ": articles, and what waits for you"
                @if visitor.roles.has(Role::Admin) { "; settings, people and the state of the system" }
            }
        }
    }
}
