//! Two-step sign-in: setting an authenticator app up, its recovery codes, and removing it. It is asked for in
//! `second_step`.

use axum::{
    Form,
    extract::State,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

use super::{
    Account, Fresh, SignedIn, letters, second_steps,
    second_steps::{FirstCode, Step, StoredTotp},
    session::{Begun, SignIn},
    sign_up::FORM_LIMIT,
    store,
    totp::{self, App, KIND, RECOVERY_CODES, RecoveryCode},
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

const HERE: &str = "/account/two-step";
const APP: &str = "/account/two-step/app";
/// Why somebody on the staff keeps at least one.
pub(super) const ONE_MUST_STAY: &str = "Your role needs a second step, and this is your last one. Add another first";

pub fn routes() -> Routes {
    Routes::new()
        .page_for(HERE, show)
        .form_for(HERE, 0, begin)
        .page_for(APP, show_app)
        .form_for(APP, FORM_LIMIT, turn_on)
        .form_for("/account/two-step/recovery-codes", 0, make_recovery_codes)
        .form_for("/account/two-step/remove", 0, remove)
}

async fn show(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Result<Response> {
    Ok(overview(&visitor, &state, &Problems::default()).await?.respond(&state.site))
}

/// The account behind a proof.
pub(super) async fn account_of(visitor: &SignedIn, state: &AppState) -> Result<Account> {
    store::account(&state.db, visitor.account).await?.ok_or(Error::NotFound)
}

/// What an event about one's own account begins with.
pub(super) fn event(visitor: &SignedIn, state: &AppState, action: Action) -> Event {
    Event::new(&state.clock, Actor::Account(visitor.account), action).seen_from(visitor.origin.client.0)
}

async fn begin(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Result<Response> {
    let secret = App::new_secret()?;
    let sealed = state.vault.seal(visitor.account, visitor.account, KIND, &secret).await?;
    match second_steps::begin_totp(&state.db, visitor.account, sealed).await {
        Ok(()) => Ok(Redirect::to(APP).into_response()),
        Err(Error::Conflict) => Ok(Redirect::to(HERE).into_response()),
        Err(error) => Err(error),
    }
}

async fn show_app(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Result<Response> {
    match app_to_confirm(&visitor, &state).await? {
        Some((app, _)) => Ok(app_page(&app, &Problems::default())?.respond(&state.site)),
        None => Ok(Redirect::to(HERE).into_response()),
    }
}

/// The app that is being set up, if one is.
async fn app_to_confirm(visitor: &SignedIn, state: &AppState) -> Result<Option<(App, StoredTotp)>> {
    let Some(stored) = second_steps::totp(&state.db, visitor.account).await? else { return Ok(None) };
    if stored.confirmed_at.is_some() {
        return Ok(None);
    }
    let secret = state.vault.open(visitor.account, visitor.account, KIND, &stored.sealed).await?;
    Ok(Some((App::with_secret(secret.to_vec(), &state.site.settings, &visitor.email)?, stored)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    code: String,
}

async fn turn_on(
    visitor: Fresh<SignedIn>,
    State(state): State<AppState>,
    parts: Parts,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let Some((app, stored)) = app_to_confirm(&visitor, &state).await? else {
        return Ok(Redirect::to(HERE).into_response());
    };
    let step = totp::digits(&fields.code).and_then(|code| app.step_of(&code, state.clock.millis()));
    let Some(step) = step else {
        let problems =
            Problems::one("code", "This is not the code that the app shows now. Check the clock of your phone");
        return Ok(app_page(&app, &problems)?.with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site));
    };
    let first = FirstCode { sealed: stored.sealed, step, at: state.clock.millis_i64() };
    let codes = new_codes()?;
    let events = [Action::SecondStepOn, Action::RecoveryCodesMade].map(|action| event(&visitor, &state, action));
    match second_steps::turn_on_totp(&state.db, visitor.account, first, hashes(&codes), events).await {
        Err(Error::Conflict) => return Ok(Redirect::to(HERE).into_response()),
        done => done?,
    }
    state.mail.send(letters::second_step_on(&state.site.settings, &visitor.email));
    // Every session is gone, this one too: it goes on as a new one, which has shown a code.
    let begun = strong_session(&visitor, &state, &parts, Factor::Code).await?;
    let mut response = codes_page("Two-step sign-in is on", &codes).respond(&state.site);
    begun.set(response.headers_mut());
    Ok(response)
}

/// Begins a session in place of the visitor's, which showed a second step just now.
pub(super) async fn strong_session(visitor: &SignedIn, state: &AppState, parts: &Parts, by: Factor) -> Result<Begun> {
    let account = account_of(visitor, state).await?;
    let begun = Begun::new(state, parts, &account, SignIn { by, strong: true, remember: visitor.remember })?;
    store::begin_session(&state.db, &begun, Some(visitor.token.clone()), None).await?;
    Ok(begun)
}

async fn make_recovery_codes(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Result<Response> {
    let codes = new_codes()?;
    let made = event(&visitor, &state, Action::RecoveryCodesMade);
    let kept = visitor.token.clone();
    match second_steps::make_recovery_codes(&state.db, visitor.account, hashes(&codes), kept, made).await {
        Err(Error::NotFound) => return Ok(Redirect::to(HERE).into_response()),
        done => done?,
    }
    state.mail.send(letters::recovery_codes_made(&state.site.settings, &visitor.email));
    Ok(codes_page("Your new recovery codes", &codes).respond(&state.site))
}

fn new_codes() -> Result<Vec<RecoveryCode>> {
    (0..RECOVERY_CODES).map(|_| RecoveryCode::new()).collect()
}

fn hashes(codes: &[RecoveryCode]) -> Vec<Vec<u8>> {
    codes.iter().map(RecoveryCode::hash).collect()
}

async fn remove(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Result<Response> {
    let off = event(&visitor, &state, Action::SecondStepOff);
    match second_steps::remove(&state.db, visitor.account, Step::App, visitor.token.clone(), off).await {
        Ok(()) => {
            state.mail.send(letters::second_step_off(&state.site.settings, &visitor.email));
            Ok(Redirect::to(HERE).into_response())
        }
        Err(Error::NotFound) => Ok(Redirect::to(HERE).into_response()),
        Err(Error::Conflict) => {
            let page = overview(&visitor, &state, &Problems::one("remove", ONE_MUST_STAY)).await?;
            Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site))
        }
        Err(error) => Err(error),
    }
}

async fn overview(visitor: &SignedIn, state: &AppState, problems: &Problems) -> Result<Page> {
    let account = account_of(visitor, state).await?;
    let left = second_steps::recovery_codes(&state.db, visitor.account).await?;
    let main = html! {
        (problems.summary())
        h1 { "Two-step sign-in" }
        @if account.second_steps.totp { (is_on(left)) } @else { (is_off(&account)) }
        p { a href="/account" { "Back to your account" } }
    };
    Ok(Page::of_account("Two-step sign-in", HERE, main))
}

fn is_on(left: i64) -> Markup {
    html! {
        p class="lead" { "On. After your password, we ask for a code from your authenticator app." }
        h2 { "Recovery codes" }
        p {
            "They sign you in if you lose your phone. "
            @match left {
                0 => "None is left.",
                1 => "One is left.",
                left => { (left) " are left." }
            }
        }
        form method="post" action="/account/two-step/recovery-codes" {
            p { "New ones replace the old ones, which then no longer work. Every other device will be signed out." }
            button class="btn" { "Make new recovery codes" }
        }
        h2 { "Remove the app" }
        form method="post" action="/account/two-step/remove" {
            p {
                "Your password alone then signs you in, and every other device will be signed out. For a new phone, remove \
                 the app here and set it up again."
            }
            button class="btn" id="remove" { "Remove the authenticator app" }
        }
    }
}

fn is_off(account: &Account) -> Markup {
    html! {
        @if account.roles.are_staff() && !account.second_steps.any() {
            p class="lead" { "Your role needs a second step before you can go on: an authenticator app, or a passkey." }
        } @else {
            p class="lead" { "Off. Your password alone signs you in." }
        }
        p {
            "With two-step sign-in we also ask for a code from an authenticator app on your phone. Whoever learns your \
             password then still cannot get in."
        }
        form method="post" action=(HERE) {
            button class="btn btn--main" { "Set up an authenticator app" }
        }
        p { "Or " a href="/account/passkeys" { "add a passkey" } ", which signs you in without a password." }
    }
}

fn app_page(app: &App, problems: &Problems) -> Result<Page> {
    let field = Field {
        name: "code",
        label: "Code from the app",
        hint: Some("Six digits. They change every half minute."),
        kind: "text",
        autocomplete: Some("one-time-code"),
        inputmode: Some("numeric"),
        ..Field::default()
    };
    let main = html! {
        (problems.summary())
        h1 { "Set up an authenticator app" }
        ol {
            li { "Install an authenticator app on your phone, if you have none. Many password managers are one." }
            li { "In the app, add an account and scan this picture." }
            li { "Enter the code that the app then shows." }
        }
        div class="qr" { (PreEscaped(app.picture()?)) }
        p { "You cannot scan it? Type this key into the app, as one that is based on time:" }
        p { code { (app.secret_in_groups()) } }
        form method="post" action=(APP) novalidate {
            (field.show(problems))
            p { "Every other device will be signed out." }
            div class="actions" {
                button class="btn btn--main" { "Turn on two-step sign-in" }
                a class="btn" href=(HERE) { "Not now" }
            }
        }
    };
    Ok(Page::of_account("Set up an authenticator app", APP, main))
}

/// The one answer to a form that is a page and no address: what is on it is shown once, and kept nowhere.
fn codes_page(title: &'static str, codes: &[RecoveryCode]) -> Page {
    let main = html! {
        h1 { (title) }
        p class="lead" { "Print these recovery codes or write them down, and keep them where nobody else finds them." }
        p { "Each one signs you in once, in place of a code from the app, if you lose your phone. We cannot show them again." }
        p { "Every other device was signed out." }
        ul class="codes" { @for code in codes { li { code { (code.in_groups()) } } } }
        div class="actions" { a class="btn btn--main" href=(HERE) { "I have kept them" } }
    };
    Page::of_account(title, HERE, main)
}
