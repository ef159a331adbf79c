//! Changing a password that is known: it is asked for on the same form, however lately its owner signed in.

use axum::{
    Form,
    extract::State,
    http::{StatusCode, request::Parts},
    response::Response,
};
use maud::html;
use serde::Deserialize;

use super::{
    Email, Next, SignedIn,
    confirm::{NOT_YOURS, is_their_password},
    letters,
    password::{Password, Weak},
    session::SignIn,
    sign_in::{begin, told_to_wait},
    sign_up::{FORM_LIMIT, new_password_field},
    store,
};
use crate::{
    AppState, Error, Result,
    audit::{Action, Actor, Event, Factor},
    routes::Routes,
    ui::{
        form::{Field, Problems},
        page::Page,
    },
};

pub fn routes() -> Routes {
    Routes::new().page_for("/account/password", show).form_for("/account/password", FORM_LIMIT, submit)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    current: Password,
    password: Password,
}

async fn show(visitor: SignedIn, State(state): State<AppState>) -> Response {
    form(visitor.email.as_str(), &Problems::default()).respond(&state.site)
}

async fn submit(
    visitor: SignedIn,
    State(state): State<AppState>,
    parts: Parts,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let email = &visitor.email;
    let again = |problems: &Problems| form(email.as_str(), problems).with_status(StatusCode::UNPROCESSABLE_ENTITY);
    let problems = check(&fields, email, &state);
    if !problems.is_empty() {
        return Ok(again(&problems).respond(&state.site));
    }
    let before = store::account(&state.db, visitor.account).await?.ok_or(Error::NotFound)?;
    match is_their_password(&state, &visitor, &before, &fields.current).await {
        Err(error) => return told_to_wait(error, |message| again(&Problems::one("current", message)), &state),
        Ok(false) => return Ok(again(&Problems::one("current", NOT_YOURS)).respond(&state.site)),
        Ok(true) => {}
    }
    let password = match state.guard.hasher.for_device(visitor.origin.known_device).hash(&fields.password).await {
        Err(error) => return told_to_wait(error, |message| again(&Problems::one("password", message)), &state),
        Ok(password) => password,
    };
    let event = Event::new(&state.clock, Actor::Account(visitor.account), Action::PasswordChanged)
        .seen_from(visitor.origin.client.0);
    store::change_password(&state.db, visitor.account, before.password, password, event).await?;
    state.mail.send(letters::password_changed(&state.site.settings, email));
    let account = store::account(&state.db, visitor.account).await?.ok_or(Error::NotFound)?;
    // Every session is gone, this one too: it goes on as a new one.
    let sign_in = SignIn { by: Factor::Password, strong: visitor.strong, remember: visitor.remember };
    begin(&state, &parts, &account, sign_in, Action::SignedIn, &Next::default()).await
}

/// What shows before the password is tried, which costs its owner a try.
fn check(fields: &Fields, email: &Email, state: &AppState) -> Problems {
    let mut problems = Problems::default();
    if !fields.current.is_possible() {
        problems.add("current", "Enter your current password");
    }
    if let Err(Weak(message)) = fields.password.check(email.as_str(), &state.site.settings.name) {
        problems.add("password", message);
    }
    problems
}

fn form(email: &str, problems: &Problems) -> Page {
    let current = Field {
        name: "current",
        label: "Current password",
        kind: "password",
        autocomplete: Some("current-password"),
        ..Field::default()
    };
    let main = html! {
        (problems.summary())
        h1 { "Change your password" }
        p class="lead" { "Every other device will be signed out." }
        form method="post" action="/account/password" novalidate {
            input type="hidden" name="username" autocomplete="username" value=(email);
            (current.show(problems))
            (new_password_field(problems))
            div class="actions" {
                button class="btn btn--main" { "Save the new password" }
                a class="btn" href="/account" { "Back to your account" }
            }
        }
        p { a href="/reset-password" { "I have forgotten my password" } }
    };
    Page::of_account("Change your password", "/account/password", main)
}
