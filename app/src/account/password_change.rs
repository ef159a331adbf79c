//! Changing a password that is known.

use axum::{
    Form,
    extract::State,
    http::{StatusCode, request::Parts},
    response::Response,
};
use maud::html;
use serde::Deserialize;

use super::{
    Fresh, Next, SignedIn, letters,
    password::{Password, Weak},
    session::SignIn,
    sign_in::{begin, told_to_wait},
    sign_up::{FORM_LIMIT, new_password_field},
    store,
};
use crate::{
    AppState, Error, Result,
    audit::{Action, Actor, Event},
    routes::Routes,
    ui::{form::Problems, page::Page},
};

pub fn routes() -> Routes {
    Routes::new().page_for("/account/password", show).form_for("/account/password", FORM_LIMIT, submit)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    password: Password,
}

async fn show(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Response {
    form(visitor.email.as_str(), &Problems::default()).respond(&state.site)
}

async fn submit(
    visitor: Fresh<SignedIn>,
    State(state): State<AppState>,
    parts: Parts,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let email = &visitor.email;
    if let Err(Weak(message)) = fields.password.check(email.as_str(), &state.site.settings.name) {
        let page = form(email.as_str(), &Problems::one("password", message));
        return Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site));
    }
    let password = match state.guard.hasher.hash(&fields.password).await {
        Err(error) => {
            return told_to_wait(error, |message| form(email.as_str(), &Problems::one("password", message)), &state);
        }
        Ok(password) => password,
    };
    let event = Event::new(&state.clock, Actor::Account(visitor.account), Action::PasswordChanged)
        .seen_from(visitor.origin.client.0);
    store::change_password(&state.db, visitor.account, password, event).await?;
    state.mail.send(letters::password_changed(&state.site.settings, email));
    let account = store::account(&state.db, visitor.account).await?.ok_or(Error::NotFound)?;
    // Every session is gone, this one too: it goes on as a new one.
    let sign_in = SignIn { strong: visitor.strong, remember: visitor.remember };
    begin(&state, &parts, &account, sign_in, Action::SignedIn, &Next::default()).await
}

fn form(email: &str, problems: &Problems) -> Page {
    let main = html! {
        (problems.summary())
        h1 { "Change your password" }
        p class="lead" { "Every other device will be signed out." }
        form method="post" action="/account/password" novalidate {
            input type="hidden" name="username" autocomplete="username" value=(email);
            (new_password_field(problems))
            div class="actions" {
                button class="btn btn--main" { "Save the new password" }
                a class="btn" href="/account" { "Back to your account" }
            }
        }
    };
    Page::of_account("Change your password", "/account/password", main)
}
