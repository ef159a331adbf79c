//! Deleting an account: at once, and in every backup too, because its key goes first.

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Account, Fresh, SignedIn,
    consent::Kind,
    letters, session,
    sign_up::FORM_LIMIT,
    staff::{self, Refused},
    store,
};
use crate::{
    AppState, Error, Result,
    audit::{self, Action, Actor, Event},
    clock::Clock,
    db::{Db, Tx},
    on,
    routes::{CachePolicy, Routes},
    ui::{
        form::{Problems, tick},
        page::Page,
    },
    vault::Vault,
};

pub fn routes() -> Routes {
    Routes::new().page_for("/account/delete", show).form_for("/account/delete", FORM_LIMIT, submit).page(
        "/account/deleted",
        CachePolicy::Revalidate,
        deleted,
    )
}

/// Every row of an account, in the order in which they may go; `sign_up` has its address alone.
const OF_AN_ACCOUNT: [&str; 33] = [
    "delete from session where account_id = $1",
    "delete from known_device where account_id = $1",
    "delete from mail_token where account_id = $1",
    "delete from totp where account_id = $1",
    "delete from recovery_code where account_id = $1",
    "delete from passkey where account_id = $1",
    "delete from consent where account_id = $1",
    "delete from health_entry where account_id = $1",
    // Before its links: whoever is about to send one waits for this row, and finds it gone.
    "delete from reminder where account_id = $1",
    "delete from reminder_link where account_id = $1",
    "delete from reminder_calendar where account_id = $1",
    "delete from share_access where link_id in (select id from share_link where account_id = $1)",
    "delete from share_link where account_id = $1",
    "delete from sign_up where email_key = (select email_key from account where id = $1)",
    "delete from invitation where email_key = (select email_key from account where id = $1)",
    "delete from invitation where invited_by = $1",
    "delete from article_draft where account_id = $1",
    "delete from content_upload where account_id = $1",
    // What somebody wrote and approved on the staff stays, as nobody's; an approval's name was published.
    "update article set newest_saved_by = null where newest_saved_by = $1",
    "update article_revision set saved_by = null where saved_by = $1",
    "update article_approval set reviewer = null where reviewer = $1",
    "update article_comment set said_by = null where said_by = $1",
    "update article_comment set resolved_by = null where resolved_by = $1",
    "update review_link set made_by = null where made_by = $1",
    "update exercise_revision set saved_by = null where saved_by = $1",
    "update exercise_approval set reviewer = null where reviewer = $1",
    "update exercise_comment set said_by = null where said_by = $1",
    "update exercise_comment set resolved_by = null where resolved_by = $1",
    "update rule_set_revision set saved_by = null where saved_by = $1",
    "update rule_set set asked_by = null where asked_by = $1",
    "update rule_set_publication set published_by = null where published_by = $1",
    "update site_settings set saved_by = null where saved_by = $1",
    "update media_version set added_by = null where added_by = $1",
];

/// Destroys the account's key, and then deletes its rows: whatever stops the process in between, nothing is left that
/// anybody could read, and [`finish`] does the rest.
async fn delete(state: &AppState, account: Uuid, event: Event) -> Result<()> {
    state.vault.destroy(account).await?;
    state.recent.erase(account);
    delete_rows(&state.db, account, event).await?;
    empty_log(&state.db).await;
    Ok(())
}

/// SQLite's log still has the pages as they were, with the e-mail address.
async fn empty_log(db: &Db) {
    if let Err(error) = db.empty_log().await {
        tracing::error!(%error, "a deleted e-mail address may still be in the database's log, until the next is deleted");
    }
}

async fn delete_rows(db: &Db, account: Uuid, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            delete_rows_in(&mut tx, account).await?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

async fn delete_rows_in(tx: &mut Tx<'_>, account: Uuid) -> Result<()> {
    for statement in OF_AN_ACCOUNT.into_iter().chain(["delete from account where id = $1"]) {
        on!(tx &mut *tx, connection => sqlx::query(statement).bind(account).execute(connection).await.map(drop))?;
    }
    Ok(())
}

/// Finishes what was interrupted: deletes every account whose key was destroyed. Returns how many there were.
///
/// # Errors
/// When the database or the key store fails.
pub async fn finish(db: &Db, vault: &Vault, clock: &Clock) -> Result<usize> {
    delete_those(db, vault, clock, Actor::Nobody, |key| key == Key::Destroyed).await
}

/// Deletes every account that has no key, as after an older database was restored: its owner has deleted it since. Ends all
/// sessions, links, calendars and reminders by e-mail, which may be long ended. Gives the consents to keep entries other ids,
/// by which each device learns that what it sent since is not here. Returns how many accounts there were.
///
/// # Errors
/// As [`finish`]; and where there are accounts, and the key store knows none of them: then nothing is deleted.
pub async fn forget_keyless(db: &Db, vault: &Vault, clock: &Clock) -> Result<usize> {
    let deleted = delete_those(db, vault, clock, Actor::CommandLine, |key| key != Key::There).await?;
    let clock = clock.clone();
    db.write(move |mut tx| {
        Box::pin(async move {
            for statement in [
                "delete from session",
                "delete from known_device",
                "delete from sign_up",
                "delete from mail_token",
                "delete from invitation",
                "delete from reminder_calendar",
                "update reminder set due_at = null",
            ] {
                on!(tx &mut tx, connection => sqlx::query(statement).execute(connection).await.map(drop))?;
            }
            renew_consents(&mut tx, &clock).await
        })
    })
    .await?;
    Ok(deleted)
}

/// The numbers of the entries alone do not tell: they may have overtaken what a device knows.
async fn renew_consents(tx: &mut Tx<'_>, clock: &Clock) -> Result<()> {
    let consents: Vec<(Uuid, Uuid)> = on!(tx tx, connection => sqlx::query_as(
        "select account_id, id from consent where kind = $1 and withdrawn_at is null order by account_id, id",
    )
    .bind(Kind::Entries.name())
    .fetch_all(connection)
    .await)?;
    for (account, id) in consents {
        on!(tx tx, connection => sqlx::query("update consent set id = $3 where account_id = $1 and id = $2")
            .bind(account)
            .bind(id)
            .bind(clock.new_id())
            .execute(connection)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// How it stands with an account's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    There,
    Destroyed,
    Never,
}

async fn delete_those(db: &Db, vault: &Vault, clock: &Clock, actor: Actor, which: fn(Key) -> bool) -> Result<usize> {
    let accounts: Vec<Uuid> =
        on!(db db, pool => sqlx::query_scalar("select id from account order by id").fetch_all(pool).await)?;
    let mut keys = vec![];
    for account in accounts {
        keys.push((account, key_of(vault, account).await?));
    }
    // Not one: then it is the keys that were lost, and not the accounts.
    if which(Key::Never) && !keys.is_empty() && keys.iter().all(|(_, key)| *key == Key::Never) {
        return Err(Error::internal("the key store knows none of these accounts: put your copy of it back first"));
    }
    let gone: Vec<Uuid> = keys.into_iter().filter(|(_, key)| which(*key)).map(|(account, _)| account).collect();
    for account in &gone {
        let event = Event::new(clock, actor, Action::AccountDeleted).about(*account);
        delete_rows(db, *account, event).await?;
    }
    if !gone.is_empty() {
        empty_log(db).await;
    }
    Ok(gone.len())
}

async fn key_of(vault: &Vault, account: Uuid) -> Result<Key> {
    Ok(match vault.store().key(account).await? {
        Some(key) if key.is_destroyed() => Key::Destroyed,
        Some(_) => Key::There,
        None => Key::Never,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    everything: Option<String>,
}

async fn show(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Result<Response> {
    let account = store::account(&state.db, visitor.account).await?.ok_or(Error::NotFound)?;
    let refused = staff::may_leave(&state.db, &account).await.err();
    Ok(form(&account, refused.as_ref(), &Problems::default()).respond(&state.site))
}

async fn submit(
    visitor: Fresh<SignedIn>,
    State(state): State<AppState>,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let account = store::account(&state.db, visitor.account).await?.ok_or(Error::NotFound)?;
    let again = |message: &str| {
        let page = form(&account, None, &Problems::one("everything", message));
        Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site))
    };
    if fields.everything.is_none() {
        return again("Tick \u{201c}Delete everything\u{201d} if you want your account deleted");
    }
    let event =
        |action| Event::new(&state.clock, Actor::Account(account.id), action).seen_from(visitor.origin.client.0);
    match staff::step_down(&state.db, &account, event(Action::RoleRevoked)).await {
        Err(Refused::Failed(error)) => return Err(error),
        Err(_) => return again(LAST_ADMIN),
        Ok(()) => {}
    }
    delete(&state, account.id, event(Action::AccountDeleted)).await?;
    state.mail.send(letters::account_deleted(&state.site.settings, &account.email));
    let mut response = Redirect::to("/account/deleted").into_response();
    session::forget_all(&state.site.settings, response.headers_mut())?;
    Ok(response)
}

const LAST_ADMIN: &str = "You are the last administrator. Make somebody else one first: without any, nobody could grant \
                          roles on this site";

fn form(account: &Account, refused: Option<&Refused>, problems: &Problems) -> Page {
    let main = html! {
        (problems.summary())
        h1 { "Delete your account" }
        p class="lead" { "Your account " strong { (account.email.as_str()) } " is deleted at once, and cannot be brought back." }
        h2 { "What is deleted" }
        ul {
            li { "your address, password, passkeys and authenticator app" }
            li { "your diary and every other health entry on this server; in backups, too, nobody can read them any more" }
            li { "the links by which you share a summary: none of them opens any more" }
            li { "what you agreed to, and where you are signed in" }
            li { "your reminders, and the address of your calendar" }
        }
        h2 { "What stays" }
        ul {
            li { "what the tracker keeps in the browsers of your devices, until it is opened there with a connection: then it erases your account\u{2019}s entries. What you logged without an account stays" }
            li { "in the log of what was done, that an account with your account's number was made, used and deleted. It holds no address, no name and nothing about health" }
            li { "in backups that whoever runs this site made before, your email address, until those backups are replaced" }
        }
        p { "If you want to keep a copy, " a href="/account/export" { "export your data" } " first." }
        @if refused.is_some() { p class="notice" { (LAST_ADMIN) "." } }
        form method="post" action="/account/delete" novalidate {
            (tick("everything", "Delete everything", None, false, problems))
            div class="actions" {
                button class="btn btn--main" { "Delete my account" }
                a class="btn" href="/account" { "Keep my account" }
            }
        }
    };
    Page::of_account("Delete your account", "/account/delete", main)
}

async fn deleted(State(state): State<AppState>) -> Response {
    Page::private("Your account is deleted", "/account/deleted", gone()).respond(&state.site)
}

fn gone() -> Markup {
    html! {
        h1 { "Your account is deleted" }
        p class="lead" { "Everything in it is gone from this server. We have written to your address that it was done." }
        h2 { "What is still on your device" }
        p {
            "If you used the tracker, a copy of your entries is still in your browser. It is erased when you next open "
            a href="/tracker" { "the tracker" } " there with a connection, on each of your devices. What you logged without an account "
            "stays; \u{201c}Erase this device\u{201d} on the tracker\u{2019}s page erases that too."
        }
        p { "If you exported your data, the file is where you saved it." }
        p { "You can read, check a worry and keep a tracker on this device without an account." }
        div class="actions" { a class="btn btn--main" href="/" { "Go to the start page" } }
    }
}
