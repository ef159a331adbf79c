//! Changing the address of an account: its password is asked for, the new address confirms, the old one is told.

use axum::{
    Form,
    extract::{Query, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use maud::html;
use serde::Deserialize;

use super::{
    Account, Email, SignedIn, Token,
    confirm::{NOT_YOURS, is_their_password},
    guard::Letter,
    letters,
    password::Password,
    refusals::{Limit, Subject},
    session,
    sign_in::{EMAIL_WANTED, password_field, told_to_wait},
    sign_up::{FORM_LIMIT, email_field},
    store::{self, MailToken, Purpose},
};
use crate::{
    AppState, Error, Result,
    audit::{Action, Actor, Event},
    routes::{CachePolicy, Routes},
    ui::{form::Problems, page::Page},
};

/// How long a link to confirm is good.
const GOOD_FOR: i64 = 24 * 60 * 60 * 1000;

pub fn routes() -> Routes {
    Routes::new()
        .page_for("/account/email", show)
        .form_for("/account/email", FORM_LIMIT, submit)
        .page_for("/account/email/sent", sent)
        .page("/account/email/confirm", CachePolicy::Never, show_confirm)
        .form("/account/email/confirm", FORM_LIMIT, confirm)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    email: String,
    password: Password,
}

async fn show(visitor: SignedIn, State(state): State<AppState>) -> Response {
    form(visitor.email.as_str(), "", &Problems::default()).respond(&state.site)
}

async fn submit(visitor: SignedIn, State(state): State<AppState>, Form(fields): Form<Fields>) -> Result<Response> {
    let again = |problems: &Problems| {
        form(visitor.email.as_str(), &fields.email, problems).with_status(StatusCode::UNPROCESSABLE_ENTITY)
    };
    let (email, problems) = check(&fields);
    let Some(email) = email.filter(|_| problems.is_empty()) else { return Ok(again(&problems).respond(&state.site)) };
    let account = store::account(&state.db, visitor.account).await?.ok_or(Error::NotFound)?;
    match is_their_password(&state, &visitor, &account, &fields.password).await {
        Err(error) => return told_to_wait(error, |message| again(&Problems::one("email", message)), &state),
        Ok(false) => return Ok(again(&Problems::one("password", NOT_YOURS)).respond(&state.site)),
        Ok(true) => {}
    }
    tokio::spawn(async move {
        if let Err(error) = write_to(&state, &visitor, &account, email).await {
            tracing::error!(%error, "a change of address was asked for, and no letter sent");
        }
    });
    Ok(Redirect::to("/account/email/sent").into_response())
}

/// What shows before the password is tried, which costs its owner a try.
fn check(fields: &Fields) -> (Option<Email>, Problems) {
    let mut problems = Problems::default();
    let email = Email::read(&fields.email).ok();
    if email.is_none() {
        problems.add("email", EMAIL_WANTED);
    }
    if !fields.password.is_possible() {
        problems.add("password", "Enter your password");
    }
    (email, problems)
}

/// `account` is the visitor's, as it was when its password was tried.
async fn write_to(state: &AppState, visitor: &SignedIn, account: &Account, email: Email) -> Result<()> {
    let settings = &state.site.settings;
    if !state.guard.may_write(Letter::NewAddress, &email) {
        let limit = Limit { name: "letters", client: visitor.origin.client, subject: Subject::Account(account.id) };
        return limit.record(state).await;
    }
    // To change no more than capitals is to change it, too.
    let owner = store::account_of(&state.db, &email).await?;
    if owner.is_some_and(|owner| owner.id != account.id) {
        state.mail.send(letters::address_is_taken(settings, &email));
        return Ok(());
    }
    let token = Token::new()?;
    let expires_at = state.clock.millis_i64() + GOOD_FOR;
    let mail = MailToken { account: account.id, purpose: Purpose::Email, email: Some(email.clone()), expires_at };
    let event = Event::new(&state.clock, Actor::Account(account.id), Action::EmailChangeAsked)
        .seen_from(visitor.origin.client.0);
    store::ask_to_change_email(&state.db, token.hash(), mail, account.password.clone(), event).await?;
    state.mail.send(letters::confirm_email(settings, &email, &token));
    state.mail.send(letters::email_change_asked(settings, &account.email));
    Ok(())
}

async fn sent(_visitor: SignedIn, State(state): State<AppState>) -> Response {
    let main = html! {
        h1 { "Check your email" }
        p class="lead" { "We have written to the new address. Follow the link there within 24 hours. Until then, the old one stays." }
        p { "It can take a few minutes. If it does not come, look in your spam folder, or " a href="/account/email" { "try again" } "." }
        p { a href="/account" { "Back to your account" } }
    };
    Page::of_account("Check your email", "/account/email/sent", main).respond(&state.site)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Confirm {
    token: String,
}

/// A page with a button: programs that look into mail follow links, and press nothing.
async fn show_confirm(State(state): State<AppState>, Query(link): Query<Confirm>) -> Result<Response> {
    let page = match waiting(&state, &link.token).await? {
        Some((token, _)) => confirm_form(&token),
        None => too_old(),
    };
    Ok(page.respond(&state.site))
}

async fn waiting(state: &AppState, token: &str) -> Result<Option<(Token, Account)>> {
    let Some(token) = Token::read(token) else { return Ok(None) };
    let account =
        store::account_of_mail_token(&state.db, &token.hash(), Purpose::Email, state.clock.millis_i64()).await?;
    Ok(account.map(|account| (token, account)))
}

async fn confirm(State(state): State<AppState>, parts: Parts, Form(fields): Form<Confirm>) -> Result<Response> {
    let Some((token, account)) = waiting(&state, &fields.token).await? else {
        return Ok(too_old().respond(&state.site));
    };
    let event =
        Event::new(&state.clock, Actor::Account(account.id), Action::EmailChanged).seen_from(session::client(&parts).0);
    // The link may be followed on another device than the one that is signed in: then no session is kept.
    let kept = session::read(&parts.headers, &session::session_cookie(&state.site.settings)).map(|token| token.hash());
    match store::change_email(&state.db, token.hash(), state.clock.millis_i64(), kept, event).await {
        // Gone meanwhile, or somebody else has the address by now: in either case the link does nothing.
        Err(Error::NotFound | Error::Conflict) => return Ok(too_old().respond(&state.site)),
        changed => changed?,
    };
    state.mail.send(letters::email_changed(&state.site.settings, &account.email));
    Ok(Redirect::to("/account").into_response())
}

fn form(current: &str, email: &str, problems: &Problems) -> Page {
    let main = html! {
        (problems.summary())
        h1 { "Change your email address" }
        p class="lead" { "It is now " strong { (current) } ". We write to both addresses about the change." }
        form method="post" action="/account/email" novalidate {
            (email_field(email, problems))
            (password_field(problems))
            div class="actions" {
                button class="btn btn--main" { "Send a link to the new address" }
                a class="btn" href="/account" { "Back to your account" }
            }
        }
    };
    Page::of_account("Change your email address", "/account/email", main)
}

fn confirm_form(token: &Token) -> Page {
    let main = html! {
        h1 { "Confirm your email address" }
        p class="lead" { "From now on you sign in with the new address, and we write to it. Every other device will be signed out." }
        form method="post" action="/account/email/confirm" {
            input type="hidden" name="token" value=(token.expose());
            div class="actions" { button class="btn btn--main" { "Confirm the new address" } }
        }
    };
    Page::private("Confirm your email address", "/account/email/confirm", main)
}

fn too_old() -> Page {
    let main = html! {
        h1 { "This link has been used or is too old" }
        p class="lead" { "Links work once, and for 24 hours. Your email address was not changed by it now." }
        div class="actions" { a class="btn btn--main" href="/account/email" { "Send a new link" } }
    };
    Page::private("This link has been used or is too old", "/account/email/confirm", main).with_status(StatusCode::GONE)
}
