//! Passkeys: a key pair on somebody's own device, used with their fingerprint, face or screen lock. One stands for the
//! password and the second step alike. The few lines of script that they need are in `passkey.js`.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use uuid::Uuid;
use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey, PublicKeyCredential, RegisterPublicKeyCredential};

pub use super::ceremonies::Passkeys;
use super::{
    Account, Fresh, Next, SignedIn,
    ceremonies::Ceremony,
    guard::Origin,
    letters,
    refusals::{Limit, Subject},
    second_steps,
    second_steps::{Step, StoredPasskey},
    session::{self, SignIn, Stage, Visitor},
    sign_in::begin,
    store,
    two_step::{ONE_MUST_STAY, account_of, event, strong_session},
};
use crate::{
    AppState, Error, Result,
    audit::{self, Action, Actor, Event, Factor},
    day::Day,
    routes::Routes,
    ui::{
        form::Problems,
        page::{Page, private_json},
    },
};

const HERE: &str = "/account/passkeys";
/// The address of the script.
pub const SCRIPT: &str = "/passkey.js";
/// How many one account may have.
const MOST: i64 = 20;
/// Bytes of an authenticator's answer: a few hundred, and some have a certificate with them.
const ANSWER_LIMIT: usize = 32 * 1024;
/// The same whatever was wrong: it says nothing of who has an account or a passkey.
const REFUSED: Error = Error::BadRequest("This passkey was not accepted. Try again, or sign in with your password.");
const NOT_ADDED: Error = Error::BadRequest("This passkey was not added. Load the page again, and try once more.");

pub fn routes() -> Routes {
    Routes::new()
        .script(SCRIPT, include_str!("passkey.js"))
        .form("/sign-in/passkey/begin", 0, begin_sign_in)
        .form("/sign-in/passkey/finish", ANSWER_LIMIT, finish_sign_in)
        .page_for(HERE, show)
        .form_for("/account/passkeys/add/begin", 0, begin_adding)
        .form_for("/account/passkeys/add/finish", ANSWER_LIMIT, finish_adding)
        .form_for("/account/passkeys/{passkey}/remove", 0, remove)
}

/// Whether what is at this path is asked for by the script, which reads problems and no pages.
pub fn is_for_script(path: &str) -> bool {
    path.starts_with("/sign-in/passkey/") || path.starts_with("/account/passkeys/add/")
}

fn read<T: DeserializeOwned>(body: &Bytes, otherwise: Error) -> Result<T> {
    serde_json::from_slice(body).map_err(|_| otherwise)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: webauthn_rs::prelude::WebauthnError) -> Error {
    Error::internal(error.to_string())
}

async fn begin_sign_in(State(state): State<AppState>, parts: Parts) -> Result<Response> {
    let webauthn = state.passkeys.webauthn()?;
    // Nobody said yet who they are, so no device is known.
    let origin = Origin { client: session::client(&parts), known_device: false };
    let limit = Limit { name: "forms", client: origin.client, subject: Subject::Nobody };
    limit.watch(&state, state.guard.admit(origin, &state.clock)).await?;
    let (options, ceremony) = webauthn.start_discoverable_authentication().map_err(failed)?;
    let token = state.passkeys.open(Ceremony::SigningIn(ceremony), &state.clock)?;
    Ok(private_json(&json!({ "ceremony": token.expose(), "publicKey": options.public_key })))
}

#[derive(Deserialize)]
struct SignInAnswer {
    ceremony: String,
    credential: PublicKeyCredential,
    #[serde(default)]
    next: Next,
    #[serde(default)]
    remember: bool,
}

async fn finish_sign_in(State(state): State<AppState>, parts: Parts, body: Bytes) -> Result<Response> {
    let sent: SignInAnswer = read(&body, REFUSED)?;
    // A challenge is good for one answer, right or wrong. Without one nothing is looked up and nothing recorded: handing
    // them out is limited, and so is this.
    let Some(Ceremony::SigningIn(ceremony)) = state.passkeys.take(&sent.ceremony, &state.clock) else {
        return Err(REFUSED);
    };
    let stored = second_steps::passkey_of(&state.db, sent.credential.get_credential_id()).await?;
    let owner = stored.as_ref().map(|stored| stored.account_id);
    let Some(account) = who_signed(&state, &sent.credential, ceremony, stored).await? else {
        let actor = owner.map_or(Actor::Nobody, Actor::Account);
        let event = Event::new(&state.clock, actor, Action::SignInFailed)
            .about(Factor::Passkey)
            .seen_from(session::client(&parts).0);
        audit::record(&state.db, event).await?;
        return Err(REFUSED);
    };
    let visitor = Visitor::of_request(&parts, &state).await?;
    if visitor.as_ref().is_some_and(|visitor| visitor.account != account.id) {
        // They would go on in another account than the page before them says.
        return Err(Error::BadRequest("This passkey is for another account. Use another one, or sign out first."));
    }
    let signed_in = visitor.as_ref().is_some_and(|visitor| visitor.stage == Stage::Full);
    let why = if signed_in { Action::IdentityConfirmed } else { Action::SignedIn };
    let remember = visitor.map_or(sent.remember, |visitor| visitor.remember);
    let sign_in = SignIn { by: Factor::Passkey, strong: true, remember };
    let response = begin(&state, &parts, &account, sign_in, why, &sent.next).await?;
    Ok(with_cookies_of(response.headers(), &sent.next))
}

/// The account whose passkey signed the challenge that it was sent.
async fn who_signed(
    state: &AppState,
    credential: &PublicKeyCredential,
    ceremony: DiscoverableAuthentication,
    stored: Option<StoredPasskey>,
) -> Result<Option<Account>> {
    let webauthn = state.passkeys.webauthn()?;
    let Some(stored) = stored else { return Ok(None) };
    let mut passkey: Passkey = serde_json::from_str(&stored.passkey).map_err(Error::internal)?;
    let owner = webauthn.identify_discoverable_authentication(credential).ok().map(|(owner, _)| owner);
    if owner != Some(stored.account_id) {
        return Ok(None);
    }
    // Refuses a counter that did not go on: two have the key.
    let Ok(shown) = webauthn.finish_discoverable_authentication_v2(credential, ceremony, &passkey) else {
        return Ok(None);
    };
    passkey.update_credential(&shown);
    let updated = serde_json::to_string(&passkey).map_err(Error::internal)?;
    let account = stored.account_id;
    if !second_steps::use_passkey(&state.db, stored, updated, state.clock.millis_i64()).await? {
        return Ok(None);
    }
    store::account(&state.db, account).await
}

/// What the script is told in place of a redirect, which it could not see.
fn with_cookies_of(headers: &HeaderMap, next: &Next) -> Response {
    let mut response = private_json(&json!({ "next": next.path() }));
    for cookie in headers.get_all(header::SET_COOKIE) {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    response
}

async fn begin_adding(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Result<Response> {
    let webauthn = state.passkeys.webauthn()?;
    let origin = Origin { known_device: false, ..visitor.origin };
    let limit = Limit { name: "forms", client: origin.client, subject: Subject::Account(visitor.account) };
    limit.watch(&state, state.guard.admit(origin, &state.clock)).await?;
    let there = second_steps::passkeys(&state.db, visitor.account).await?;
    if is_full(&there) {
        return Err(Error::BadRequest("You have 20 passkeys. Remove one that you no longer use first."));
    }
    let known = there.iter().filter_map(|stored| serde_json::from_str::<Passkey>(&stored.passkey).ok());
    let known = known.map(|passkey| passkey.cred_id().clone()).collect();
    let email = visitor.email.as_str();
    let (options, ceremony) =
        webauthn.start_passkey_registration(visitor.account, email, email, Some(known)).map_err(failed)?;
    let token = state.passkeys.open(Ceremony::Adding { account: visitor.account, state: ceremony }, &state.clock)?;
    let mut options = serde_json::to_value(options.public_key).map_err(Error::internal)?;
    // So that it can be used without typing an address: the device itself knows whose it is.
    options["authenticatorSelection"]["residentKey"] = "required".into();
    options["authenticatorSelection"]["requireResidentKey"] = true.into();
    Ok(private_json(&json!({ "ceremony": token.expose(), "publicKey": options })))
}

fn is_full(passkeys: &[StoredPasskey]) -> bool {
    i64::try_from(passkeys.len()).is_ok_and(|there| there >= MOST)
}

#[derive(Deserialize)]
struct AddingAnswer {
    ceremony: String,
    credential: RegisterPublicKeyCredential,
}

async fn finish_adding(
    visitor: Fresh<SignedIn>,
    State(state): State<AppState>,
    parts: Parts,
    body: Bytes,
) -> Result<Response> {
    let sent: AddingAnswer = read(&body, NOT_ADDED)?;
    let Some(Ceremony::Adding { account, state: ceremony }) = state.passkeys.take(&sent.ceremony, &state.clock) else {
        return Err(NOT_ADDED);
    };
    let made = state.passkeys.webauthn()?.finish_passkey_registration(&sent.credential, &ceremony);
    let (true, Ok(passkey)) = (account == visitor.account, made) else { return Err(NOT_ADDED) };
    let new = StoredPasskey {
        account_id: account,
        id: state.clock.new_id(),
        name: session::device_name(&parts.headers),
        passkey: serde_json::to_string(&passkey).map_err(Error::internal)?,
        created_at: state.clock.millis_i64(),
        used_at: None,
    };
    let added = event(&visitor, &state, Action::PasskeyAdded).about(new.id);
    let (credential, kept) = (passkey.cred_id().to_vec(), visitor.token.clone());
    match second_steps::add_passkey(&state.db, new, credential, MOST, kept, added).await {
        Err(Error::Conflict) => return Err(NOT_ADDED),
        done => done?,
    }
    state.mail.send(letters::passkey_added(&state.site.settings, &visitor.email));
    // They have just shown it: their session is worth more, and so has a new token.
    let begun = strong_session(&visitor, &state, &parts, Factor::Passkey).await?;
    let mut response = private_json(&json!({ "next": HERE }));
    begun.set(response.headers_mut());
    Ok(response)
}

async fn remove(visitor: Fresh<SignedIn>, State(state): State<AppState>, passkey: Path<String>) -> Result<Response> {
    // What is no id is nobody's.
    let passkey: Uuid = passkey.parse().map_err(|_| Error::NotFound)?;
    let removed = event(&visitor, &state, Action::PasskeyRemoved).about(passkey);
    let step = Step::Passkey(passkey);
    match second_steps::remove(&state.db, visitor.account, step, visitor.token.clone(), removed).await {
        Ok(()) => {
            state.mail.send(letters::passkey_removed(&state.site.settings, &visitor.email));
            Ok(Redirect::to(HERE).into_response())
        }
        Err(Error::Conflict) => {
            let page = page(&visitor, &state, &Problems::one("passkeys", ONE_MUST_STAY)).await?;
            Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site))
        }
        Err(error) => Err(error),
    }
}

async fn show(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Result<Response> {
    Ok(page(&visitor, &state, &Problems::default()).await?.respond(&state.site))
}

async fn page(visitor: &SignedIn, state: &AppState, problems: &Problems) -> Result<Page> {
    let account = account_of(visitor, state).await?;
    let passkeys = second_steps::passkeys(&state.db, visitor.account).await?;
    let main = html! {
        (problems.summary())
        h1 { "Passkeys" }
        p class="lead" {
            "A passkey signs you in with your fingerprint, face or screen lock, without a password. It cannot be guessed, \
             and no false page can take it from you."
        }
        p { "When you add or remove one, every other device is signed out." }
        @if account.roles.are_staff() && !account.second_steps.any() {
            p { "Your role needs a passkey or " a href="/account/two-step" { "an authenticator app" } " before you can go on." }
        }
        @if passkeys.is_empty() {
            p { "You have none yet." }
        } @else {
            ul class="devices" id="passkeys" tabindex="-1" {
                @for passkey in &passkeys { li class="box" { (one(passkey)) } }
            }
        }
        @if !state.passkeys.are_possible() {
            (impossible())
        } @else if !is_full(&passkeys) {
            (button("/account/passkeys/add", None, "Add a passkey on this device"))
        }
        p { a href="/account" { "Back to your account" } }
    };
    let page = Page::of_account("Passkeys", HERE, main);
    Ok(if state.passkeys.are_possible() { page.with_script(SCRIPT) } else { page })
}

fn one(passkey: &StoredPasskey) -> Markup {
    let added = day(passkey.created_at);
    html! {
        h2 { "Made with " (passkey.name) }
        p {
            "Added on " (added)
            @match passkey.used_at {
                Some(used) => { ", last used on " (day(used)) "." }
                None => ", not used yet.",
            }
        }
        form method="post" action={ "/account/passkeys/" (passkey.id) "/remove" } {
            button class="btn" {
                "Remove" span class="nhsuk-u-visually-hidden" { " the passkey made with " (passkey.name) " on " (added) }
            }
        }
    }
}

/// For a site to which whoever runs it gave no name.
fn impossible() -> Markup {
    html! { p { "Passkeys do not work here: they need a site that has a name, and this one has only a number." } }
}

/// For pages on which somebody shows who they are; such a page loads [`SCRIPT`].
pub fn sign_in_section(state: &AppState, next: &Next) -> Markup {
    html! {
        h2 { "Use a passkey" }
        @if state.passkeys.are_possible() {
            (button("/sign-in/passkey", Some(next), "Sign in with a passkey"))
        } @else {
            (impossible())
        }
    }
}

/// Hidden until the script is there to do something.
fn button(path: &str, next: Option<&Next>, label: &str) -> Markup {
    html! {
        div class="passkey" data-passkey=(path) data-next=[next.map(Next::path)] {
            button type="button" class="btn" hidden { (label) }
            p class="passkey__plain" { "A passkey needs JavaScript, which is off in this browser or did not load." }
            div role="status" {}
        }
    }
}

/// The day of a time, in UTC.
fn day(millis: i64) -> String {
    Day::from_epoch_days(millis.div_euclid(24 * 60 * 60 * 1000)).map(|day| day.long()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_small() {
        assert!(include_str!("passkey.js").len() <= 3 * 1024);
    }

    #[test]
    fn only_what_the_script_asks_for_is_answered_for_programs() {
        assert!(is_for_script("/sign-in/passkey/begin") && is_for_script("/account/passkeys/add/finish"));
        assert!(!is_for_script("/account/passkeys") && !is_for_script("/sign-in"));
    }
}
