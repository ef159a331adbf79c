//! Where an account is signed in, and signing it out: of one device, or of all.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Fresh, SignedIn,
    session::{self, Session},
    store,
};
use crate::{
    AppState, Error, Result,
    audit::{Action, Actor, Event},
    clock::in_words,
    routes::Routes,
    ui::page::Page,
};

pub fn routes() -> Routes {
    Routes::new()
        .page_for("/account/devices", show)
        .form_for("/account/devices/{session}/sign-out", 0, sign_out)
        .form_for("/account/devices/sign-out-everywhere", 0, sign_out_everywhere)
}

async fn show(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Result<Response> {
    let sessions = store::sessions(&state.db, visitor.account).await?;
    Ok(Page::of_account("Your devices", "/account/devices", body(&visitor, &sessions)).respond(&state.site))
}

async fn sign_out(visitor: Fresh<SignedIn>, State(state): State<AppState>, session: Path<String>) -> Result<Response> {
    // What is no id is nobody's.
    let session: Uuid = session.parse().map_err(|_| Error::NotFound)?;
    let event = Event::new(&state.clock, Actor::Account(visitor.account), Action::SessionRevoked)
        .about(session)
        .seen_from(visitor.origin.client.0);
    store::end_session_of(&state.db, visitor.account, session, event).await?;
    Ok(Redirect::to("/account/devices").into_response())
}

async fn sign_out_everywhere(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Result<Response> {
    let event = Event::new(&state.clock, Actor::Account(visitor.account), Action::SignedOutEverywhere)
        .seen_from(visitor.origin.client.0);
    store::end_sessions(&state.db, visitor.account, event).await?;
    let mut response = Redirect::to("/sign-in").into_response();
    session::forget(&state.site.settings, response.headers_mut())?;
    Ok(response)
}

fn body(visitor: &SignedIn, sessions: &[Session]) -> Markup {
    let (this, others): (Vec<&Session>, Vec<&Session>) =
        sessions.iter().partition(|session| session.id == visitor.session);
    html! {
        h1 { "Your devices" }
        p class="lead" { "Where you are signed in. If you do not know one of them, sign it out and change your password." }
        ul class="devices" {
            // This device first: it is the one that its owner looks for.
            @for session in this.iter().chain(&others) {
                li class="box" {
                    h2 { (session.device) @if session.id == visitor.session { " (this device)" } }
                    p {
                        "Signed in on " (in_words(session.created_at)) ", last seen on " (in_words(session.seen_at)) " (UTC)."
                        @if session.stage == session::Stage::Half { " The second step was not done." }
                    }
                    @if session.id != visitor.session {
                        form method="post" action={ "/account/devices/" (session.id) "/sign-out" } {
                            button class="btn" { "Sign out" span class="nhsuk-u-visually-hidden" { " of " (session.device) } }
                        }
                    }
                }
            }
        }
        form method="post" action="/account/devices/sign-out-everywhere" {
            p { "Signs out this device too, and forgets every device that it knew." }
            button class="btn" { "Sign out everywhere" }
        }
        p { a href="/account" { "Back to your account" } }
    }
}
