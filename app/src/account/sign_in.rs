//! Signing in with a password, and out. What comes after a password is in `second_step`; what stands for one, in `passkey`.

use axum::{
    Form,
    extract::{Query, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Account, Email, HalfSignedIn, Next,
    guard::{Origin, Tried},
    passkey,
    password::{Hash, Password},
    refusals::{Limit, Subject},
    session::{self, Begun, SignIn, Stage},
    sign_up::{FORM_LIMIT, email_field},
    store,
};
use crate::{
    AppState, Error, Result,
    audit::{self, Action, Actor, Event, Factor},
    routes::{CachePolicy, Routes},
    ui::{
        form::{Field, Problems, tick},
        page::Page,
    },
};

pub(super) const EMAIL_WANTED: &str = "Enter an email address, like name@example.com";
/// The same whether the address or the password is wrong.
const NO_MATCH: &str = "This email address and password do not match. Check both and try again";

pub fn routes() -> Routes {
    Routes::new().page("/sign-in", CachePolicy::Never, show).form("/sign-in", FORM_LIMIT, submit).form_for(
        "/sign-out",
        0,
        sign_out,
    )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    email: String,
    password: Password,
    remember: Option<String>,
    next: Next,
}

async fn show(State(state): State<AppState>, Query(fields): Query<Fields>) -> Response {
    let fields = Fields { next: fields.next, ..Fields::default() };
    form(&state, &fields, &Problems::default()).respond(&state.site)
}

async fn submit(State(state): State<AppState>, parts: Parts, Form(fields): Form<Fields>) -> Result<Response> {
    let again = |problems: &Problems| {
        form(&state, &fields, problems).with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site)
    };
    let Ok(email) = Email::read(&fields.email) else { return Ok(again(&Problems::one("email", EMAIL_WANTED))) };
    if !fields.password.is_possible() {
        return Ok(again(&Problems::one("password", "Enter your password")));
    }
    let origin = session::origin(&parts, &state, &email).await?;
    let mut account = None;
    let stored = async {
        account = store::account_of(&state.db, &email).await?;
        Ok(account.as_ref().map(|account| account.password.clone()))
    };
    let tried = try_password(&state, &email, &fields.password, stored, origin).await;
    match (tried, account) {
        (Err(error), _) => {
            told_to_wait(error, |message| form(&state, &fields, &Problems::one("email", message)), &state)
        }
        (Ok(true), Some(account)) => {
            let sign_in = SignIn { by: Factor::Password, strong: false, remember: fields.remember.is_some() };
            begin(&state, &parts, &account, sign_in, Action::SignedIn, &fields.next).await
        }
        (Ok(_), account) => {
            let actor = account.map_or(Actor::Nobody, |account| Actor::Account(account.id));
            let event = Event::new(&state.clock, actor, Action::SignInFailed)
                .about(Factor::Password)
                .seen_from(origin.client.0);
            audit::record(&state.db, event).await?;
            Ok(again(&Problems::one("email", NO_MATCH)))
        }
    }
}

/// Tries a password as often as the account and the client may, with one run of Argon2 whether or not there is one to hold
/// it against. `stored` looks for that one, and is not asked before it is this password's turn: of fifty that come at once,
/// one has the database look something up, and readers are served between them.
///
/// # Errors
/// [`Error::TooMany`] before it is tried; and what `stored` fails with.
pub(super) async fn try_password(
    state: &AppState,
    email: &Email,
    password: &Password,
    stored: impl Future<Output = Result<Option<Hash>>>,
    origin: Origin,
) -> Result<bool> {
    let what = Tried::password(email);
    let limit = |name| Limit { name, client: origin.client, subject: Subject::Address(email) };
    limit("password").watch(state, state.guard.may_try(what, origin, &state.clock)).await?;
    let hasher = state.guard.hasher.for_device(origin.known_device);
    let tried = match limit("forms").watch(state, state.guard.admit(origin, &state.clock)).await {
        Ok(()) => async { hasher.turn().await?.verify(password, stored.await?.as_ref()).await }.await,
        Err(error) => Err(error),
    };
    let right = tried.inspect_err(|_| state.guard.not_tried(what, origin))?;
    if right {
        state.guard.succeeded(what, origin);
    } else {
        state.guard.failed(what, origin, &state.clock);
    }
    Ok(right)
}

/// Begins a session, and leads on: to the second step, where there is one. Where there is none left, `why` is recorded.
///
/// # Errors
/// When the database fails.
pub(super) async fn begin(
    state: &AppState,
    parts: &Parts,
    account: &Account,
    sign_in: SignIn,
    why: Action,
    next: &Next,
) -> Result<Response> {
    let begun = Begun::new(state, parts, account, sign_in)?;
    let before =
        session::read(&parts.headers, &session::session_cookie(&state.site.settings)).map(|token| token.hash());
    let done = begun.session.stage == Stage::Full;
    let event = done.then(|| {
        let event = Event::new(&state.clock, Actor::Account(account.id), why);
        event.about(sign_in.by).seen_from(session::client(parts).0)
    });
    store::begin_session(&state.db, &begun, before, event).await?;
    let to = if done { next.path().to_owned() } else { next.after("/sign-in/code") };
    let mut response = Redirect::to(&to).into_response();
    begun.set(response.headers_mut());
    Ok(response)
}

/// The same form again, with how long to wait, where that is what went wrong.
///
/// # Errors
/// Any other error, as it is.
pub(super) fn told_to_wait(error: Error, form: impl FnOnce(String) -> Page, state: &AppState) -> Result<Response> {
    let Error::TooMany { seconds } = error else { return Err(error) };
    let message = format!("There were too many tries. Wait {}, then try again", how_long(seconds));
    let mut response = form(message).with_status(StatusCode::TOO_MANY_REQUESTS).respond(&state.site);
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    Ok(response)
}

fn how_long(seconds: u64) -> String {
    match (seconds, seconds.div_ceil(60)) {
        (1, _) => "1 second".to_owned(),
        (2..60, _) => format!("{seconds} seconds"),
        (_, 1) => "1 minute".to_owned(),
        (_, minutes) => format!("{minutes} minutes"),
    }
}

async fn sign_out(visitor: HalfSignedIn, State(state): State<AppState>) -> Result<Response> {
    let event = Event::new(&state.clock, Actor::Account(visitor.account), Action::SignedOut)
        .about(visitor.session)
        .seen_from(visitor.origin.client.0);
    store::end_session(&state.db, &visitor.token, event).await?;
    let mut response = Redirect::to("/").into_response();
    session::forget(&state.site.settings, response.headers_mut())?;
    Ok(response)
}

fn form(state: &AppState, fields: &Fields, problems: &Problems) -> Page {
    let main = html! {
        (problems.summary())
        h1 { "Sign in" }
        form method="post" action="/sign-in" novalidate {
            input type="hidden" name="next" value=(fields.next.path());
            (email_field(&fields.email, problems))
            (password_field(problems))
            (tick(
                "remember",
                "Stay signed in on this device",
                Some("For 14 days without a visit. Only on a device that nobody else uses."),
                fields.remember.is_some(),
                problems,
            ))
            div class="actions" { button class="btn btn--main" { "Sign in" } }
        }
        @if state.passkeys.are_possible() { (passkey::sign_in_section(state, &fields.next)) }
        p { a href="/reset-password" { "I have forgotten my password" } }
        p { "You need no account to read, to check a worry or to keep a tracker on this device. " a href="/sign-up" { "Create an account" } "." }
    };
    let page = Page::private("Sign in", "/sign-in", main);
    if state.passkeys.are_possible() { page.with_script(passkey::SCRIPT) } else { page }
}

/// A password that was chosen before.
pub(super) fn password_field(problems: &Problems) -> Markup {
    let field = Field {
        name: "password",
        label: "Password",
        kind: "password",
        autocomplete: Some("current-password"),
        ..Field::default()
    };
    field.show(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_said_in_words() {
        for (seconds, words) in
            [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (61, "2 minutes"), (900, "15 minutes")]
        {
            assert_eq!(how_long(seconds), words);
        }
    }
}
