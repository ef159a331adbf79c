//! The second step of a sign-in: a code from an authenticator app, a recovery code, or a passkey.

use axum::{
    Form,
    extract::{Query, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use maud::html;
use serde::Deserialize;

use super::{
    Account, HalfSignedIn, Next,
    guard::Tried,
    letters, passkey,
    refusals::{Limit, Subject},
    second_steps,
    session::{SignIn, Stage},
    sign_in::{begin, told_to_wait},
    sign_up::FORM_LIMIT,
    store,
    totp::{self, App, KIND, RecoveryCode},
};
use crate::{
    AppState, Error, Result,
    audit::{self, Action, Actor, Event, Factor},
    routes::Routes,
    ui::{
        form::{Field, Problems},
        page::Page,
    },
};

const HERE: &str = "/sign-in/code";
/// The same for a wrong code and for one that was used.
const WRONG: &str = "This code is wrong or was used already. Wait until the app shows the next one, then try again";

pub fn routes() -> Routes {
    Routes::new().page_for(HERE, show).form_for(HERE, FORM_LIMIT, submit)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    code: String,
    next: Next,
}

async fn show(visitor: HalfSignedIn, State(state): State<AppState>, Query(fields): Query<Fields>) -> Result<Response> {
    if visitor.stage == Stage::Full {
        return Ok(Redirect::to(fields.next.path()).into_response());
    }
    let account = store::account(&state.db, visitor.account).await?.ok_or(Error::NotFound)?;
    Ok(form(&account, &state, &fields.next, &Problems::default()).respond(&state.site))
}

async fn submit(
    visitor: HalfSignedIn,
    State(state): State<AppState>,
    parts: Parts,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    if visitor.stage == Stage::Full {
        return Ok(Redirect::to(fields.next.path()).into_response());
    }
    let account = store::account(&state.db, visitor.account).await?.ok_or(Error::NotFound)?;
    let again = |message: &str| form(&account, &state, &fields.next, &Problems::one("code", message));
    let code = Code::read(&fields.code);
    match try_code(&visitor, &state, &account, code.as_ref()).await {
        Err(error) => told_to_wait(error, |message| again(&message), &state),
        Ok(true) => {
            let sign_in = SignIn { by: Code::factor(code.as_ref()), strong: true, remember: visitor.remember };
            begin(&state, &parts, &account, sign_in, Action::SignedIn, &fields.next).await
        }
        Ok(false) => {
            let failed = Event::new(&state.clock, Actor::Account(account.id), Action::SignInFailed)
                .about(Code::factor(code.as_ref()))
                .seen_from(visitor.origin.client.0);
            audit::record(&state.db, failed).await?;
            Ok(again(WRONG).with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site))
        }
    }
}

/// A code as it was typed.
enum Code {
    OfApp(String),
    Recovery(RecoveryCode),
}

impl Code {
    /// `None` where it can be neither.
    fn read(typed: &str) -> Option<Self> {
        totp::digits(typed).map(Self::OfApp).or_else(|| RecoveryCode::read(typed).map(Self::Recovery))
    }

    /// What it is a try at; what is no code at all counts as the app's.
    fn factor(code: Option<&Self>) -> Factor {
        if let Some(Self::Recovery(_)) = code { Factor::RecoveryCode } else { Factor::Code }
    }
}

/// Tries a code as often as the account and the client may.
async fn try_code(visitor: &HalfSignedIn, state: &AppState, account: &Account, code: Option<&Code>) -> Result<bool> {
    let what = Tried::code(&account.email);
    let limit = |name| Limit { name, client: visitor.origin.client, subject: Subject::Account(account.id) };
    limit("code").watch(state, state.guard.may_try(what, visitor.origin, &state.clock)).await?;
    let admitted = limit("forms").watch(state, state.guard.admit(visitor.origin, &state.clock)).await;
    admitted.inspect_err(|_| state.guard.not_tried(what, visitor.origin))?;
    let right = takes_code(visitor, state, account, code).await?;
    if right {
        state.guard.succeeded(what, visitor.origin);
    } else {
        state.guard.failed(what, visitor.origin, &state.clock);
    }
    Ok(right)
}

async fn takes_code(visitor: &HalfSignedIn, state: &AppState, account: &Account, code: Option<&Code>) -> Result<bool> {
    match code {
        Some(_) if !account.second_steps.totp => Ok(false),
        Some(Code::OfApp(code)) => takes_code_of_app(state, account, code).await,
        Some(Code::Recovery(code)) => takes_recovery_code(visitor, state, account, code).await,
        None => Ok(false),
    }
}

async fn takes_code_of_app(state: &AppState, account: &Account, code: &str) -> Result<bool> {
    let Some(stored) = second_steps::totp(&state.db, account.id).await? else { return Ok(false) };
    let secret = state.vault.open(account.id, account.id, KIND, &stored.sealed).await?;
    let app = App::with_secret(secret.to_vec(), &state.site.settings, &account.email)?;
    match app.step_of(code, state.clock.millis()) {
        Some(step) => second_steps::take_step(&state.db, account.id, step).await,
        None => Ok(false),
    }
}

async fn takes_recovery_code(
    visitor: &HalfSignedIn,
    state: &AppState,
    account: &Account,
    code: &RecoveryCode,
) -> Result<bool> {
    let used = Event::new(&state.clock, Actor::Account(account.id), Action::RecoveryCodeUsed)
        .seen_from(visitor.origin.client.0);
    let left = second_steps::take_recovery_code(&state.db, account.id, code.hash(), used).await?;
    if let Some(left) = left {
        state.mail.send(letters::recovery_code_used(&state.site.settings, &account.email, left));
    }
    Ok(left.is_some())
}

fn form(account: &Account, state: &AppState, next: &Next, problems: &Problems) -> Page {
    let field = Field {
        name: "code",
        label: "Code",
        hint: Some("The six digits that your authenticator app shows now, or one of your recovery codes."),
        kind: "text",
        autocomplete: Some("one-time-code"),
        ..Field::default()
    };
    let main = html! {
        (problems.summary())
        h1 { "The second step" }
        @if account.second_steps.totp {
            form method="post" action=(HERE) novalidate {
                input type="hidden" name="next" value=(next.path());
                (field.show(problems))
                div class="actions" { button class="btn btn--main" { "Sign in" } }
            }
        } @else {
            p class="lead" { "Your account needs your passkey as well as your password." }
        }
        @if account.second_steps.passkey { (passkey::sign_in_section(state, next)) }
        p {
            "You have lost what you need here? Call " (state.site.settings.numbers.help_line)
            ": whoever runs this site can help."
        }
        form method="post" action="/sign-out" { button class="btn" { "Stop and sign out" } }
    };
    let page = Page::private("The second step", HERE, main);
    if account.second_steps.passkey { page.with_script(passkey::SCRIPT) } else { page }
}
