//! Choosing a new password by a link, for who has forgotten theirs, or was invited and has none yet.

use axum::{
    Form,
    extract::{Query, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use maud::html;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Account, Email, Next, Token,
    guard::Letter,
    letters,
    password::{Hash, Password, Weak},
    refusals::{Limit, Subject},
    session::{self, SignIn},
    sign_in::{EMAIL_WANTED, begin, told_to_wait},
    sign_up::{FORM_LIMIT, email_field, new_password_field},
    store::{self, MailToken, Purpose},
};
use crate::{
    AppState, Error, Result,
    audit::{Action, Actor, Event, Factor},
    client::ClientAddress,
    clock::Clock,
    db::Db,
    routes::{CachePolicy, Routes},
    ui::{form::Problems, page::Page},
};

/// How long a link is good that somebody asked for.
const GOOD_FOR: i64 = 60 * 60 * 1000;

pub fn routes() -> Routes {
    Routes::new()
        .page("/reset-password", CachePolicy::Revalidate, show)
        .form("/reset-password", FORM_LIMIT, ask)
        .page("/reset-password/sent", CachePolicy::Revalidate, sent)
        .page("/reset-password/choose", CachePolicy::Never, show_choose)
        .form("/reset-password/choose", FORM_LIMIT, choose)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ask {
    email: String,
}

async fn show(State(state): State<AppState>) -> Response {
    ask_form("", &Problems::default()).respond(&state.site)
}

/// Answers before it looks whether there is an account, so that nobody can tell.
async fn ask(State(state): State<AppState>, parts: Parts, Form(fields): Form<Ask>) -> Result<Response> {
    let Ok(email) = Email::read(&fields.email) else {
        let page = ask_form(&fields.email, &Problems::one("email", EMAIL_WANTED));
        return Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site));
    };
    let origin = session::origin(&parts, &state, &email).await?;
    let limit = Limit { name: "forms", client: origin.client, subject: Subject::Nobody };
    if let Err(error) = limit.watch(&state, state.guard.admit(origin, &state.clock)).await {
        return told_to_wait(error, |message| ask_form(&fields.email, &Problems::one("email", message)), &state);
    }
    tokio::spawn(async move {
        if let Err(error) = write_to(&state, &email, origin.client).await {
            tracing::error!(%error, "a new password was asked for, and no letter sent");
        }
    });
    Ok(Redirect::to("/reset-password/sent").into_response())
}

async fn write_to(state: &AppState, email: &Email, client: ClientAddress) -> Result<()> {
    let Some(account) = store::account_of(&state.db, email).await? else { return Ok(()) };
    if !state.guard.may_write(Letter::Reset, email) {
        return Limit { name: "letters", client, subject: Subject::Account(account.id) }.record(state).await;
    }
    let event =
        Event::new(&state.clock, Actor::Nobody, Action::PasswordResetAsked).about(account.id).seen_from(client.0);
    let token = link(&state.db, &state.clock, account.id, GOOD_FOR, event).await?;
    state.mail.send(letters::reset_password(&state.site.settings, &account.email, &token));
    Ok(())
}

/// A new link by which the account's owner can choose a password, good for so many milliseconds.
///
/// # Errors
/// When the database fails.
pub(super) async fn link(db: &Db, clock: &Clock, account: Uuid, good_for: i64, event: Event) -> Result<Token> {
    let token = Token::new()?;
    let expires_at = clock.millis_i64() + good_for;
    let mail = MailToken { account, purpose: Purpose::Password, email: None, expires_at };
    store::add_mail_token(db, token.hash(), mail, event).await?;
    Ok(token)
}

async fn sent(State(state): State<AppState>) -> Response {
    let main = html! {
        h1 { "Check your email" }
        p class="lead" { "If there is an account with this address, we have sent it a link. Follow it within an hour." }
        p { "It can take a few minutes. If it does not come, look in your spam folder, or " a href="/reset-password" { "try again" } "." }
    };
    Page::private("Check your email", "/reset-password/sent", main).respond(&state.site)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choose {
    token: String,
    password: Password,
}

async fn show_choose(State(state): State<AppState>, Query(link): Query<Choose>) -> Result<Response> {
    let page = match waiting(&state, &link.token).await? {
        Some((token, account)) => choose_form(&token, &account.email, &Problems::default()),
        None => too_old(),
    };
    Ok(page.respond(&state.site))
}

async fn waiting(state: &AppState, token: &str) -> Result<Option<(Token, Account)>> {
    let Some(token) = Token::read(token) else { return Ok(None) };
    let account =
        store::account_of_mail_token(&state.db, &token.hash(), Purpose::Password, state.clock.millis_i64()).await?;
    Ok(account.map(|account| (token, account)))
}

async fn choose(State(state): State<AppState>, parts: Parts, Form(fields): Form<Choose>) -> Result<Response> {
    let Some((token, account)) = waiting(&state, &fields.token).await? else {
        return Ok(too_old().respond(&state.site));
    };
    if let Err(Weak(message)) = fields.password.check(account.email.as_str(), &state.site.settings.name) {
        let page = choose_form(&token, &account.email, &Problems::one("password", message));
        return Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site));
    }
    let password = match hash(&state, &parts, &account, &fields.password).await {
        Err(error) => {
            let again = |message| choose_form(&token, &account.email, &Problems::one("password", message));
            return told_to_wait(error, again, &state);
        }
        Ok(password) => password,
    };
    let event = Event::new(&state.clock, Actor::Account(account.id), Action::PasswordReset)
        .seen_from(session::client(&parts).0);
    match store::reset_password(&state.db, token.hash(), password, state.clock.millis_i64(), event).await {
        Err(Error::NotFound) => return Ok(too_old().respond(&state.site)),
        changed => changed?,
    }
    state.mail.send(letters::password_changed(&state.site.settings, &account.email));
    let account = store::account(&state.db, account.id).await?.ok_or(Error::NotFound)?;
    // Whoever reads the mail has not shown the second step.
    let sign_in = SignIn { by: Factor::Link, strong: false, remember: false };
    begin(&state, &parts, &account, sign_in, Action::SignedIn, &Next::default()).await
}

/// Counted as every form that costs us a hash: until one of them is done, a link can be sent as often as anybody likes.
async fn hash(state: &AppState, parts: &Parts, account: &Account, password: &Password) -> Result<Hash> {
    let origin = session::origin(parts, state, &account.email).await?;
    let limit = Limit { name: "forms", client: origin.client, subject: Subject::Account(account.id) };
    limit.watch(state, state.guard.admit(origin, &state.clock)).await?;
    state.guard.hasher.for_device(origin.known_device).hash(password).await
}

fn ask_form(email: &str, problems: &Problems) -> Page {
    let main = html! {
        (problems.summary())
        h1 { "Choose a new password" }
        p class="lead" { "We send a link to your email address. Until you follow it, your old password stays." }
        form method="post" action="/reset-password" novalidate {
            (email_field(email, problems))
            div class="actions" { button class="btn btn--main" { "Send me a link" } }
        }
        p { a href="/sign-in" { "Back to signing in" } }
    };
    Page::private("Choose a new password", "/reset-password", main)
}

fn choose_form(token: &Token, email: &Email, problems: &Problems) -> Page {
    let main = html! {
        (problems.summary())
        h1 { "Choose a new password" }
        p class="lead" { "For " strong { (email.as_str()) } ". Every device that is signed in will be signed out." }
        form method="post" action="/reset-password/choose" novalidate {
            input type="hidden" name="token" value=(token.expose());
            input type="hidden" name="username" autocomplete="username" value=(email.as_str());
            (new_password_field(problems))
            div class="actions" { button class="btn btn--main" { "Save the new password" } }
        }
    };
    Page::private("Choose a new password", "/reset-password/choose", main)
}

fn too_old() -> Page {
    let main = html! {
        h1 { "This link has been used or is too old" }
        p class="lead" { "Links work once, and for a short time." }
        div class="actions" {
            a class="btn btn--main" href="/reset-password" { "Send me a new link" }
            a class="btn" href="/sign-in" { "Sign in" }
        }
    };
    Page::private("This link has been used or is too old", "/reset-password/choose", main).with_status(StatusCode::GONE)
}
