//! "Confirm that it is you": asked before what a thief with an unlocked phone would do first.

use axum::{
    Form,
    extract::{Query, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use maud::html;
use serde::Deserialize;

use super::{
    Account, Next, SignedIn, passkey,
    password::Password,
    session::{SignIn, Visitor},
    sign_in::{begin, password_field, told_to_wait, try_password},
    sign_up::FORM_LIMIT,
    store,
};
use crate::{
    AppState, Error, Result,
    audit::{self, Action, Actor, Event, Factor},
    routes::Routes,
    ui::{form::Problems, page::Page},
};

/// The same on every form that asks for it.
pub(super) const NOT_YOURS: &str = "This is not your password";

pub fn routes() -> Routes {
    Routes::new().page_for("/account/confirm", show).form_for("/account/confirm", FORM_LIMIT, submit)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    password: Password,
    next: Next,
}

async fn show(visitor: SignedIn, State(state): State<AppState>, Query(fields): Query<Fields>) -> Result<Response> {
    let account = store::account(&state.db, visitor.account).await?.ok_or(Error::NotFound)?;
    Ok(form(&state, &account, &fields.next, &Problems::default()).respond(&state.site))
}

async fn submit(
    visitor: SignedIn,
    State(state): State<AppState>,
    parts: Parts,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let account = store::account(&state.db, visitor.account).await?.ok_or(Error::NotFound)?;
    let again = |problems: &Problems| form(&state, &account, &fields.next, problems);
    match is_their_password(&state, &visitor, &account, &fields.password).await {
        Err(error) => told_to_wait(error, |message| again(&Problems::one("password", message)), &state),
        Ok(false) => {
            let problems = Problems::one("password", NOT_YOURS);
            Ok(again(&problems).with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site))
        }
        // A new session, with the second step that the old one had shown.
        Ok(true) => {
            let sign_in = SignIn { by: Factor::Password, strong: visitor.strong, remember: visitor.remember };
            begin(&state, &parts, &account, sign_in, Action::IdentityConfirmed, &fields.next).await
        }
    }
}

/// Tries the password of somebody who is signed in, as often as they may. A wrong one is recorded.
///
/// # Errors
/// [`Error::TooMany`] before it is tried; and when the database fails.
pub(super) async fn is_their_password(
    state: &AppState,
    visitor: &Visitor,
    account: &Account,
    password: &Password,
) -> Result<bool> {
    let stored = async { Ok(Some(account.password.clone())) };
    let right = try_password(state, &account.email, password, stored, visitor.origin).await?;
    if !right {
        let event = Event::new(&state.clock, Actor::Account(account.id), Action::SignInFailed)
            .about(Factor::Password)
            .seen_from(visitor.origin.client.0);
        audit::record(&state.db, event).await?;
    }
    Ok(right)
}

fn form(state: &AppState, account: &Account, next: &Next, problems: &Problems) -> Page {
    let main = html! {
        (problems.summary())
        h1 { "Confirm that it is you" }
        p class="lead" { "What comes next changes your account or shows what is in it." }
        form method="post" action="/account/confirm" novalidate {
            input type="hidden" name="next" value=(next.path());
            input type="hidden" name="username" autocomplete="username" value=(account.email.as_str());
            (password_field(problems))
            div class="actions" {
                button class="btn btn--main" { "Go on" }
                a class="btn" href="/account" { "Back to your account" }
            }
        }
        @if account.second_steps.passkey { (passkey::sign_in_section(state, next)) }
    };
    let page = Page::of_account("Confirm that it is you", "/account/confirm", main);
    if account.second_steps.passkey { page.with_script(passkey::SCRIPT) } else { page }
}
