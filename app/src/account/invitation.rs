//! Answering an invitation onto the staff, by the link in its letter: with an account that there is or that is made here, and with a
//! second step. The link shows that it is the invited who answers: a password alone, which a thief may have, accepts nothing.

use axum::{
    Form,
    extract::{Query, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Email, Next, Role, SignedIn, Token, day_of,
    guard::Letter,
    invitations::{self, Invitation, Inviting},
    letters,
    password::{Password, Weak},
    refusals::{Limit, Subject},
    session::{self, SignIn, Visitor},
    sign_in::{begin, told_to_wait},
    sign_up::{FORM_LIMIT, new_password_field},
    store,
};
use crate::{
    AppState, Error, Result,
    audit::{Action, Actor, Event, Factor},
    routes::{CachePolicy, Routes},
    ui::{
        form::{Problems, tick},
        page::Page,
    },
};

const HERE: &str = "/invitation";

pub fn routes() -> Routes {
    Routes::new()
        .page(HERE, CachePolicy::Never, show)
        .form(HERE, FORM_LIMIT, make_account)
        .form_for("/invitation/accept", FORM_LIMIT, accept)
        .form("/invitation/decline", FORM_LIMIT, decline)
}

/// Keeps an invitation and sends its letter, the same whether or not the address has an account. What is one too many for an address
/// is recorded, and not sent.
///
/// # Errors
/// When the database fails, or the system gives no random bytes.
pub(crate) async fn invite(state: &AppState, visitor: &Visitor, email: Email, role: Role) -> Result<()> {
    if !state.guard.may_write(Letter::Invitation, &email) {
        let limit =
            Limit { name: "letters", client: visitor.origin.client, subject: Subject::Account(visitor.account) };
        return limit.record(state).await;
    }
    let (id, token) = (state.clock.new_id(), Token::new()?);
    let event = Event::new(&state.clock, Actor::Account(visitor.account), Action::StaffInvited)
        .seen_from(visitor.origin.client.0);
    let (token_hash, at) = (token.hash(), state.clock.millis_i64());
    let inviting = Inviting { id, token: token_hash, email: email.clone(), role, by: visitor.account, at };
    invitations::invite(&state.db, inviting, event).await?;
    state.mail.send(letters::invitation(&state.site.settings, &email, role, &token));
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    token: String,
    password: Password,
    old_enough: Option<String>,
}

/// The link, and what it is of.
struct Known {
    token: Token,
    invitation: Invitation,
}

async fn known(state: &AppState, token: &str) -> Result<Option<Known>> {
    let Some(token) = Token::read(token) else { return Ok(None) };
    let invitation = invitations::of_link(&state.db, &token.hash(), state.clock.millis_i64()).await?;
    Ok(invitation.map(|invitation| Known { token, invitation }))
}

async fn show(State(state): State<AppState>, parts: Parts, Query(link): Query<Fields>) -> Result<Response> {
    let Some(known) = known(&state, &link.token).await? else { return Ok(too_old().respond(&state.site)) };
    page(&state, &parts, &known).await
}

/// What comes next for whoever follows the link.
async fn page(state: &AppState, parts: &Parts, known: &Known) -> Result<Response> {
    let email = &known.invitation.email;
    let Some(account) = store::account_of(&state.db, email).await? else {
        return Ok(account_form(known, &Problems::default()).respond(&state.site));
    };
    let visitor = Visitor::of_request(parts, state).await?;
    let theirs =
        visitor.as_ref().is_some_and(|visitor| visitor.account == account.id && visitor.stage == session::Stage::Full);
    let next = match (theirs, account.second_steps.any()) {
        (false, _) => sign_in_first(known, visitor.as_ref()),
        (true, false) => second_step_first(known),
        (true, true) => answers(known),
    };
    Ok(Page::private("Your invitation", HERE, next).respond(&state.site))
}

/// Makes an account for an invited address that has none.
async fn make_account(State(state): State<AppState>, parts: Parts, Form(fields): Form<Fields>) -> Result<Response> {
    let Some(known) = known(&state, &fields.token).await? else { return Ok(too_old().respond(&state.site)) };
    let email = &known.invitation.email;
    if store::account_of(&state.db, email).await?.is_some() {
        return page(&state, &parts, &known).await;
    }
    let mut problems = Problems::default();
    if let Err(Weak(message)) = fields.password.check(email.as_str(), &state.site.settings.name) {
        problems.add("password", message);
    }
    if fields.old_enough.is_none() {
        problems.add("old_enough", "You can have an account from the age of 16. Confirm that you are 16 or over");
    }
    if !problems.is_empty() {
        return Ok(account_form(&known, &problems).with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site));
    }
    let again = |message| account_form(&known, &Problems::one("password", message));
    let origin = session::origin(&parts, &state, email).await?;
    let limit = Limit { name: "forms", client: origin.client, subject: Subject::Nobody };
    if let Err(error) = limit.watch(&state, state.guard.admit(origin, &state.clock)).await {
        return told_to_wait(error, again, &state);
    }
    let password = match state.guard.hasher.hash(&fields.password).await {
        Err(error) => return told_to_wait(error, again, &state),
        Ok(password) => password,
    };
    let (id, now) = (state.clock.new_id(), state.clock.millis_i64());
    // First: an account without a key counts as deleted.
    state.vault.make_key(id).await?;
    let event = Event::new(&state.clock, Actor::Account(id), Action::SignedUp).seen_from(origin.client.0);
    match invitations::create_account(&state.db, id, email.clone(), password, now, event).await {
        Err(Error::Conflict) => return page(&state, &parts, &known).await,
        made => made?,
    }
    let account = store::account(&state.db, id).await?.ok_or(Error::NotFound)?;
    let sign_in = SignIn { by: Factor::Link, strong: false, remember: false };
    begin(&state, &parts, &account, sign_in, Action::SignedIn, &next(&known.token)).await
}

fn next(token: &Token) -> Next {
    Next::from(format!("{HERE}?token={}", token.expose()))
}

async fn accept(visitor: SignedIn, State(state): State<AppState>, Form(fields): Form<Fields>) -> Result<Response> {
    let Some(Known { token, invitation }) = known(&state, &fields.token).await? else {
        return Ok(too_old().respond(&state.site));
    };
    let event = Event::new(&state.clock, Actor::Account(visitor.account), Action::InvitationAccepted)
        .seen_from(visitor.origin.client.0);
    let (now, granted) = (state.clock.millis_i64(), invitations::granted(&event));
    match invitations::accept(&state.db, visitor.account, token.hash(), now, event, granted).await {
        Ok(()) => {}
        Err(Error::NotFound) => return Ok(too_old().respond(&state.site)),
        // Without a second step: the page says so.
        Err(Error::Conflict) => return Ok(Redirect::to(next(&token).path()).into_response()),
        Err(error) => return Err(error),
    }
    let main = html! {
        h1 { "Welcome" }
        p class="lead" { "You are on the staff: " (invitation.role.name()) ", who " (invitation.role.what_it_lets()) }
        p { "You were signed out. Sign in again, with your second step, to begin." }
        div class="actions" { a class="btn btn--main" href="/sign-in?next=/admin" { "Sign in" } }
    };
    Ok(Page::private("Welcome", "/invitation/accept", main).respond(&state.site))
}

/// By whoever has the link.
async fn decline(State(state): State<AppState>, parts: Parts, Form(fields): Form<Fields>) -> Result<Response> {
    let Some(known) = known(&state, &fields.token).await? else { return Ok(too_old().respond(&state.site)) };
    let event =
        Event::new(&state.clock, Actor::Nobody, Action::InvitationDeclined).seen_from(session::client(&parts).0);
    match invitations::end(&state.db, known.invitation.id, event).await {
        Ok(()) | Err(Error::NotFound) => {}
        Err(error) => return Err(error),
    }
    let main = html! {
        h1 { "Declined" }
        p class="lead" { "The invitation is deleted, and your address with it." }
        div class="actions" { a class="btn" href="/" { "Go to the start page" } }
    };
    Ok(Page::private("Declined", "/invitation/decline", main).respond(&state.site))
}

/// What everybody who follows the link reads first.
fn invited(known: &Known) -> Markup {
    let invitation = &known.invitation;
    html! {
        h1 { "Your invitation" }
        p class="lead" {
            strong { (invitation.email.as_str()) } " is invited onto the staff of this site: " (invitation.role.name()) ", who "
            (invitation.role.what_it_lets())
        }
        p { "It is good until " (day_of(invitation.expires_at)) "." }
    }
}

fn token_field(known: &Known) -> Markup {
    html! { input type="hidden" name="token" value=(known.token.expose()); }
}

fn decline_form(known: &Known) -> Markup {
    html! {
        form method="post" action="/invitation/decline" {
            (token_field(known))
            div class="actions" { button class="btn" { "Decline" } }
        }
    }
}

fn account_form(known: &Known, problems: &Problems) -> Page {
    let main = html! {
        (problems.summary())
        (invited(known))
        h2 { "First, create your account" }
        p { "After that you set up a second step, and then you can accept." }
        form method="post" action=(HERE) novalidate {
            (token_field(known))
            input type="hidden" name="username" autocomplete="username" value=(known.invitation.email.as_str());
            (new_password_field(problems))
            (tick("old_enough", "I am 16 or over", None, false, problems))
            p { "We write to you about your account, and about nothing else. " a href="/privacy" { "What we keep about you" } "." }
            div class="actions" { button class="btn btn--main" { "Create an account" } }
        }
        (decline_form(known))
    };
    Page::private("Your invitation", HERE, main)
}

fn sign_in_first(known: &Known, visitor: Option<&Visitor>) -> Markup {
    html! {
        (invited(known))
        @if let Some(visitor) = visitor {
            p { "You are signed in as " strong { (visitor.email.as_str()) } ". Sign in with the invited address to accept." }
        } @else {
            p { "Sign in with this address to accept." }
        }
        div class="actions" { a class="btn btn--main" href=(next(&known.token).after("/sign-in")) { "Sign in" } }
        (decline_form(known))
    }
}

fn second_step_first(known: &Known) -> Markup {
    html! {
        (invited(known))
        h2 { "First, set up a second step" }
        p { "The staff sign in with more than a password. Set up one of these, and then follow the link in our letter again." }
        ul {
            li { a href="/account/two-step" { "An authenticator app" } }
            li { a href="/account/passkeys" { "A passkey" } }
        }
        (decline_form(known))
    }
}

fn answers(known: &Known) -> Markup {
    html! {
        (invited(known))
        p { "When you accept, you are signed out everywhere, and have the role when you sign in again." }
        form method="post" action="/invitation/accept" {
            (token_field(known))
            div class="actions" { button class="btn btn--main" { "Accept" } }
        }
        (decline_form(known))
    }
}

fn too_old() -> Page {
    let main = html! {
        h1 { "This invitation does not hold any more" }
        p class="lead" { "It was answered or withdrawn, or is more than 7 days old. Ask whoever invited you for another." }
        div class="actions" { a class="btn" href="/" { "Go to the start page" } }
    };
    Page::private("This invitation does not hold any more", HERE, main).with_status(StatusCode::GONE)
}
