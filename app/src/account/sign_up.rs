//! Signing up: an address and a password, and a link that shows that the address is theirs.
//!
//! There is no account until the link is followed *and* the password given again: somebody who is sent a link that they did
//! not ask for cannot make an account with a stranger's password. What the form answers is the same, in the same time,
//! whether or not the address has an account; only its owner's mail says more.

use axum::{
    Form,
    extract::{Query, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Account, Email, Roles, SecondSteps, Token,
    guard::Letter,
    letters,
    password::{Password, Weak},
    refusals::{Limit, Subject},
    session::{self, Begun, SignIn},
    sign_in::{EMAIL_WANTED, told_to_wait},
    store,
};
use crate::{
    AppState, Error, Result,
    audit::{Action, Actor, Event, Factor},
    client::ClientAddress,
    routes::{CachePolicy, Routes},
    ui::{
        form::{Field, Problems, tick},
        page::Page,
    },
};

/// How long a link to confirm is good.
const GOOD_FOR: i64 = 24 * 60 * 60 * 1000;
pub(super) const FORM_LIMIT: usize = 16 * 1024;

pub fn routes() -> Routes {
    Routes::new()
        .page("/sign-up", CachePolicy::Revalidate, show)
        .form("/sign-up", FORM_LIMIT, submit)
        .page("/sign-up/sent", CachePolicy::Revalidate, sent)
        .page("/sign-up/confirm", CachePolicy::Never, show_confirm)
        .form("/sign-up/confirm", FORM_LIMIT, confirm)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    email: String,
    password: Password,
    old_enough: Option<String>,
}

async fn show(State(state): State<AppState>) -> Response {
    form(&Fields::default(), &Problems::default()).respond(&state.site)
}

async fn submit(State(state): State<AppState>, parts: Parts, Form(fields): Form<Fields>) -> Result<Response> {
    let (email, problems) = check(&fields, &state);
    let Some(email) = email.filter(|_| problems.is_empty()) else {
        return Ok(form(&fields, &problems).with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site));
    };
    let origin = session::origin(&parts, &state, &email).await?;
    let limit = Limit { name: "forms", client: origin.client, subject: Subject::Nobody };
    if let Err(error) = limit.watch(&state, state.guard.admit(origin, &state.clock)).await {
        return told_to_wait(error, |message| form(&fields, &Problems::one("email", message)), &state);
    }
    // For who has an account too: it takes the same time.
    let password = match state.guard.hasher.hash(&fields.password).await {
        Err(error) => return told_to_wait(error, |message| form(&fields, &Problems::one("email", message)), &state),
        Ok(password) => password,
    };
    // Afterwards: what is written, and to whom, depends on whether there is an account.
    tokio::spawn(async move {
        if let Err(error) = write_to(&state, email, password, origin.client).await {
            tracing::error!(%error, "a sign-up was not carried out");
        }
    });
    Ok(Redirect::to("/sign-up/sent").into_response())
}

fn check(fields: &Fields, state: &AppState) -> (Option<Email>, Problems) {
    let mut problems = Problems::default();
    let email = Email::read(&fields.email).ok();
    if email.is_none() {
        problems.add("email", EMAIL_WANTED);
    }
    if let Err(Weak(message)) = fields.password.check(&fields.email, &state.site.settings.name) {
        problems.add("password", message);
    }
    if fields.old_enough.is_none() {
        problems.add("old_enough", "You can have an account from the age of 16. Confirm that you are 16 or over");
    }
    (email, problems)
}

async fn write_to(
    state: &AppState,
    email: Email,
    password: super::password::Hash,
    client: ClientAddress,
) -> Result<()> {
    if !state.guard.may_write(Letter::SignUp, &email) {
        return Limit { name: "letters", client, subject: Subject::Nobody }.record(state).await;
    }
    let settings = &state.site.settings;
    if store::account_of(&state.db, &email).await?.is_some() {
        state.mail.send(letters::you_have_an_account(settings, &email));
        return Ok(());
    }
    let token = Token::new()?;
    let expires_at = state.clock.millis_i64() + GOOD_FOR;
    store::ask_to_sign_up(&state.db, token.hash(), store::SignUp { email: email.clone(), password, expires_at })
        .await?;
    state.mail.send(letters::confirm_sign_up(settings, &email, &token));
    Ok(())
}

async fn sent(State(state): State<AppState>) -> Response {
    let main = html! {
        h1 { "Check your email" }
        p class="lead" { "We have sent you a message with a link. Follow it within 24 hours to finish." }
        p { "It can take a few minutes. If it does not come, look in your spam folder, or " a href="/sign-up" { "try again" } "." }
        p { "You can read, check a worry and keep a tracker on this device without an account." }
    };
    Page::private("Check your email", "/sign-up/sent", main).respond(&state.site)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Confirm {
    token: String,
    password: Password,
}

async fn show_confirm(State(state): State<AppState>, Query(link): Query<Confirm>) -> Result<Response> {
    let page = match waiting(&state, &link.token).await? {
        Some((token, sign_up)) => confirm_form(&token, &sign_up.email, &Problems::default()),
        None => too_old(),
    };
    Ok(page.respond(&state.site))
}

async fn waiting(state: &AppState, token: &str) -> Result<Option<(Token, store::SignUp)>> {
    let Some(token) = Token::read(token) else { return Ok(None) };
    let sign_up = store::sign_up(&state.db, &token.hash(), state.clock.millis_i64()).await?;
    Ok(sign_up.map(|sign_up| (token, sign_up)))
}

async fn confirm(State(state): State<AppState>, parts: Parts, Form(fields): Form<Confirm>) -> Result<Response> {
    let Some((token, sign_up)) = waiting(&state, &fields.token).await? else {
        return Ok(too_old().respond(&state.site));
    };
    let email = &sign_up.email;
    let origin = session::origin(&parts, &state, email).await?;
    let stored = async { Ok(Some(sign_up.password.clone())) };
    let tried = super::sign_in::try_password(&state, email, &fields.password, stored, origin).await;
    match tried {
        Err(error) => {
            told_to_wait(error, |message| confirm_form(&token, email, &Problems::one("password", message)), &state)
        }
        Ok(false) => {
            let problems = Problems::one("password", "This is not the password that you chose when you signed up");
            Ok(confirm_form(&token, email, &problems)
                .with_status(StatusCode::UNPROCESSABLE_ENTITY)
                .respond(&state.site))
        }
        Ok(true) => begin(&state, &parts, &token, sign_up).await,
    }
}

/// Makes the account, and signs its owner in.
async fn begin(state: &AppState, parts: &Parts, token: &Token, sign_up: store::SignUp) -> Result<Response> {
    let id = state.clock.new_id();
    let now = state.clock.millis_i64();
    // First: an account without a key counts as deleted.
    state.vault.make_key(id).await?;
    let event = Event::new(&state.clock, Actor::Account(id), Action::SignedUp).seen_from(session::client(parts).0);
    match store::create_account(&state.db, id, token.hash(), now, event).await {
        Err(Error::Conflict) => return Ok(Redirect::to("/sign-in").into_response()),
        Err(Error::NotFound) => return Ok(too_old().respond(&state.site)),
        created => created?,
    }
    let account = Account {
        id,
        email: sign_up.email,
        password: sign_up.password,
        roles: Roles::default(),
        created_at: now,
        second_steps: SecondSteps::default(),
    };
    let begun = Begun::new(state, parts, &account, SignIn { by: Factor::Password, strong: false, remember: false })?;
    let before =
        session::read(&parts.headers, &session::session_cookie(&state.site.settings)).map(|token| token.hash());
    store::begin_session(&state.db, &begun, before, None).await?;
    let mut response = Redirect::to("/account").into_response();
    begun.set(response.headers_mut());
    Ok(response)
}

fn form(fields: &Fields, problems: &Problems) -> Page {
    let main = html! {
        (problems.summary())
        h1 { "Create an account" }
        p class="lead" { "An account is for keeping your tracker on more than one device. For everything else you need none." }
        form method="post" action="/sign-up" novalidate {
            (email_field(&fields.email, problems))
            (new_password_field(problems))
            (tick("old_enough", "I am 16 or over", None, fields.old_enough.is_some(), problems))
            p { "We write to you about your account, and about nothing else. " a href="/privacy" { "What we keep about you" } "." }
            div class="actions" { button class="btn btn--main" { "Create an account" } }
        }
        p { "Have you got an account? " a href="/sign-in" { "Sign in" } "." }
    };
    Page::private("Create an account", "/sign-up", main)
}

/// The address of an account.
pub(super) fn email_field(value: &str, problems: &Problems) -> Markup {
    let field = Field {
        name: "email",
        label: "Email address",
        kind: "email",
        autocomplete: Some("username"),
        value,
        ..Field::default()
    };
    field.show(problems)
}

/// A password that is being chosen.
pub(super) fn new_password_field(problems: &Problems) -> Markup {
    let field = Field {
        name: "password",
        label: "Choose a password",
        hint: Some("At least 10 characters. Three or four words that have nothing to do with one another are good."),
        kind: "password",
        autocomplete: Some("new-password"),
        ..Field::default()
    };
    field.show(problems)
}

fn confirm_form(token: &Token, email: &Email, problems: &Problems) -> Page {
    let main = html! {
        (problems.summary())
        h1 { "Finish creating your account" }
        p class="lead" { "Give the password that you chose for " strong { (email.as_str()) } "." }
        form method="post" action="/sign-up/confirm" novalidate {
            input type="hidden" name="token" value=(token.expose());
            // So that a password manager knows whose password it is.
            input type="hidden" name="username" autocomplete="username" value=(email.as_str());
            (super::sign_in::password_field(problems))
            div class="actions" { button class="btn btn--main" { "Finish" } }
        }
        p { "Have you forgotten it already? " a href="/sign-up" { "Start again" } ": nothing was kept but this request." }
        p { "If you did not ask for an account, close this page. Nothing is kept of it tomorrow." }
    };
    Page::private("Finish creating your account", "/sign-up/confirm", main)
}

fn too_old() -> Page {
    let main = html! {
        h1 { "This link has been used or is too old" }
        p class="lead" { "Links work once, and for 24 hours." }
        div class="actions" {
            a class="btn btn--main" href="/sign-in" { "Sign in" }
            a class="btn" href="/sign-up" { "Create an account" }
        }
    };
    Page::private("This link has been used or is too old", "/sign-up/confirm", main).with_status(StatusCode::GONE)
}
