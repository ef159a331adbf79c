//! What an account's owner agrees to: one thing at a time, in words that have a version, and to be taken back at any time.
//!
//! A consent is a row that is added, and once marked as withdrawn; never changed otherwise. It counts for the words that it
//! was given to: when they change in what they allow, their version is raised, and everybody is asked anew.

use std::collections::HashMap;

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::{Fresh, SignedIn, day_of, sign_up::FORM_LIMIT};
use crate::{
    AppState, Error, Result,
    audit::{self, Action, Actor, Event},
    db::{Db, Tx, push_list},
    on,
    routes::Routes,
    tracker,
    ui::{form::Problems, page::Page},
};

/// What can be agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Health entries on this server.
    Entries,
    /// Reminders by e-mail.
    Reminders,
    /// Showing entries to a clinician.
    Sharing,
}

/// The words that somebody agrees to.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Raised when the words allow something else than before: then everybody is asked anew.
    pub version: i64,
    pub title: &'static str,
    /// What the box says that is ticked.
    pub agree: &'static str,
    pub what: &'static str,
    pub why: &'static str,
    pub how_long: &'static str,
    pub how_to_withdraw: &'static str,
    /// What happens then.
    pub on_withdrawal: &'static str,
}

const HOW_TO_WITHDRAW: &str = "On this page, at any time, without giving a reason.";

impl Kind {
    pub const ALL: [Self; 3] = [Self::Entries, Self::Reminders, Self::Sharing];

    /// As the database, the addresses and the audit log have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entries => "entries",
            Self::Reminders => "reminders",
            Self::Sharing => "sharing",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub fn text(self) -> Text {
        match self {
            Self::Entries => Text {
                version: 2,
                title: "Keep my health entries on this server",
                agree: "I agree that my health entries are kept on this server",
                what: "What you write in your diary here and log in the tracker while you are signed in: pain scores, \
                       warning signs, foot tests, exercises, medicines and notes, each with its day, and your plan. It is \
                       encrypted under a key of your account before it is stored.",
                why: "So that you find your entries on every device on which you sign in, and so that the server looks for \
                      warning signs in them too. Nobody else is shown them.",
                how_long: "Until you delete them, withdraw this consent or delete your account. If you withdrew it before, what \
                           your devices still have of the account\u{2019}s days is sent here again.",
                how_to_withdraw: HOW_TO_WITHDRAW,
                on_withdrawal: "All your entries on this server are erased at once, and cannot be brought back. Entries \
                                that your browser keeps on your device stay there, and are sent here again if you agree \
                                again. Nothing new is stored here until then.",
            },
            Self::Reminders => Text {
                version: 1,
                title: "Send me reminders by email",
                agree: "I agree to reminders by email",
                what: "An email to the address of your account that reminds you to do your exercises or to write in your \
                       diary. It says nothing about your health, but who reads your mail sees that you have an account here.",
                why: "So that you do not have to think of it.",
                how_long: "Until you withdraw this consent or delete your account.",
                how_to_withdraw: HOW_TO_WITHDRAW,
                on_withdrawal: "No more reminders are sent, from now on. We still write to you about your account itself: \
                                a new password, for example.",
            },
            Self::Sharing => Text {
                version: 2,
                title: "Share my entries with a clinician",
                agree: "I agree that a summary of my entries is shown to whoever has a link that I make",
                what: "A summary of your health entries on this server, of the days that you choose, and your plan. It is shown to \
                       whoever has a link that you made, without an account, until the link expires or you end it. When it was \
                       opened, and from which network, is kept for you to see. Nothing is shown before you make a link.",
                why: "So that whoever treats you sees how you have been.",
                how_long: "Until you withdraw this consent, or the one to keep your entries here, or delete your account.",
                how_to_withdraw: HOW_TO_WITHDRAW,
                on_withdrawal: "Every link that you made ends at once, and stays ended if you agree again: nobody but you is \
                                shown your entries any more. What a clinician has already read or noted in your records \
                                there stays with them. Your entries themselves stay here.",
            },
        }
    }
}

/// A consent as the database has it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Consent {
    pub kind: String,
    pub version: i64,
    /// Milliseconds since 1970, UTC.
    pub given_at: i64,
    pub withdrawn_at: Option<i64>,
}

/// Whether the account agreed to this, in the words that hold now.
///
/// # Errors
/// When the database fails.
pub async fn given(db: &Db, account: Uuid, kind: Kind) -> Result<bool> {
    Ok(holding(db, account, kind).await?.is_some())
}

/// The id of the consent that holds, if one does: the first, where two forms gave it at once.
async fn holding(db: &Db, account: Uuid, kind: Kind) -> Result<Option<Uuid>> {
    Ok(on!(db db, pool => sqlx::query_scalar(
        "select id from consent
         where account_id = $1 and kind = $2 and version = $3 and withdrawn_at is null
         order by id limit 1",
    )
    .bind(account)
    .bind(kind.name())
    .bind(kind.text().version)
    .fetch_optional(pool)
    .await)?)
}

/// That an account's owner agreed to have their entries kept here: what saves one asks for this.
#[derive(Clone, Debug)]
pub struct Consented {
    id: Uuid,
    account: Uuid,
}

impl Consented {
    /// Nothing where they did not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn to_entries(db: &Db, account: Uuid) -> Result<Option<Self>> {
        let holding = holding(db, account, Kind::Entries).await?;
        Ok(holding.map(|id| Self { id, account }))
    }

    /// Another one each time that it is given.
    pub fn id(&self) -> Uuid {
        self.id
    }

    pub fn account(&self) -> Uuid {
        self.account
    }

    /// Makes sure that it still holds, and lets nobody withdraw it before the transaction ends.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where it was withdrawn meanwhile.
    pub(crate) async fn hold(&self, tx: &mut Tx<'_>) -> Result<()> {
        let held = hold_to_entries(tx, &[self.account]).await?;
        if held.is_empty() { Err(Error::Forbidden) } else { Ok(()) }
    }
}

/// Of those of these accounts whose owner agreed to have their entries kept here, the consent: nobody withdraws it before
/// the transaction ends.
///
/// # Errors
/// When the database fails.
pub(crate) async fn hold_to_entries(tx: &mut Tx<'_>, accounts: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    let rows: Vec<(Uuid, Uuid)> = on!(tx tx, connection => {
        // An update, so that it takes the rows' locks on either engine.
        let mut query = QueryBuilder::new("update consent set withdrawn_at = null where withdrawn_at is null and kind = ");
        query.push_bind(Kind::Entries.name()).push(" and version = ").push_bind(Kind::Entries.text().version);
        query.push(" and account_id in ");
        push_list(&mut query, accounts);
        query.push(" returning account_id, id").build_query_as().fetch_all(connection).await
    })?;
    let mut held = HashMap::with_capacity(rows.len());
    for (account, id) in rows {
        // The first, where two forms gave it at once: as everywhere.
        held.entry(account).and_modify(|first: &mut Uuid| *first = id.min(*first)).or_insert(id);
    }
    Ok(held)
}

/// Every consent of an account, the oldest first, withdrawn ones too.
///
/// # Errors
/// When the database fails.
pub async fn consents(db: &Db, account: Uuid) -> Result<Vec<Consent>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select kind, version, given_at, withdrawn_at from consent where account_id = $1 order by given_at, id",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?)
}

/// Adds a consent. One that was given to earlier words stays as it is.
async fn give(state: &AppState, account: Uuid, kind: Kind, event: Event) -> Result<()> {
    let (id, now) = (state.clock.new_id(), state.clock.millis_i64());
    state
        .db
        .write(move |mut tx| {
            Box::pin(async move {
                on!(tx &mut tx, connection => sqlx::query(
                    "insert into consent (account_id, id, kind, version, given_at) values ($1, $2, $3, $4, $5)",
                )
                .bind(account)
                .bind(id)
                .bind(kind.name())
                .bind(kind.text().version)
                .bind(now)
                .execute(connection)
                .await
                .map(drop))?;
                audit::append(&mut tx, &event).await
            })
        })
        .await
}

/// Withdraws a consent, to whichever words it was given, with what follows from it: `events` tell of both.
async fn withdraw(db: &Db, account: Uuid, kind: Kind, now: i64, events: Vec<Event>) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let withdrawn = on!(tx &mut tx, connection => sqlx::query(
                "update consent set withdrawn_at = $1 where account_id = $2 and kind = $3 and withdrawn_at is null",
            )
            .bind(now)
            .bind(account)
            .bind(kind.name())
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            if withdrawn == 0 {
                return Ok(());
            }
            if kind == Kind::Entries {
                tracker::store::erase_entries_in(&mut tx, account).await?;
            }
            if kind == Kind::Reminders {
                tracker::reminders::store::end_emails_in(&mut tx, account).await?;
            }
            if matches!(kind, Kind::Entries | Kind::Sharing) {
                tracker::share::store::revoke_all_in(&mut tx, account, now).await?;
            }
            for event in &events {
                audit::append(&mut tx, event).await?;
            }
            Ok(())
        })
    })
    .await
}

pub fn routes() -> Routes {
    Routes::new()
        .page_for("/account/consents", show)
        .form_for("/account/consents", FORM_LIMIT, submit)
        .page_for("/account/consents/{kind}/withdraw", ask_to_withdraw)
        .form_for("/account/consents/{kind}/withdraw", FORM_LIMIT, submit_withdrawal)
}

async fn show(visitor: SignedIn, State(state): State<AppState>) -> Result<Response> {
    page(&state, visitor.account, None, &Problems::default()).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    kind: String,
    /// Of the words that were on the page.
    version: i64,
    agree: Option<String>,
}

async fn submit(
    visitor: Fresh<SignedIn>,
    State(state): State<AppState>,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let kind = Kind::named(&fields.kind).ok_or(Error::BadRequest("This is no consent that we ask for."))?;
    let wrong = if fields.version != kind.text().version {
        Some("The words have changed since you opened the page. Read them again before you agree")
    } else if fields.agree.is_none() {
        Some("Tick the box if you agree. If you do not, you need do nothing")
    } else {
        None
    };
    if let Some(wrong) = wrong {
        return page(&state, visitor.account, Some(kind), &Problems::one(kind.name(), wrong)).await;
    }
    if !given(&state.db, visitor.account, kind).await? {
        let event = Event::new(&state.clock, Actor::Account(visitor.account), Action::ConsentGiven)
            .about(kind.name())
            .seen_from(visitor.origin.client.0);
        give(&state, visitor.account, kind, event).await?;
    }
    Ok(Redirect::to("/account/consents").into_response())
}

async fn ask_to_withdraw(visitor: SignedIn, State(state): State<AppState>, kind: Path<String>) -> Result<Response> {
    let kind = Kind::named(&kind).ok_or(Error::NotFound)?;
    let since = consents(&state.db, visitor.account).await?.into_iter().rev().find(|consent| consent.is_open(kind));
    if since.is_none() {
        return Ok(Redirect::to("/account/consents").into_response());
    }
    Ok(Page::of_account("Withdraw a consent", "/account/consents", withdrawal(kind)).respond(&state.site))
}

async fn submit_withdrawal(
    visitor: Fresh<SignedIn>,
    State(state): State<AppState>,
    kind: Path<String>,
) -> Result<Response> {
    let kind = Kind::named(&kind).ok_or(Error::NotFound)?;
    let event =
        |action| Event::new(&state.clock, Actor::Account(visitor.account), action).seen_from(visitor.origin.client.0);
    let mut events = vec![event(Action::ConsentWithdrawn).about(kind.name())];
    if kind == Kind::Entries {
        events.push(event(Action::EntriesErased));
    }
    if kind == Kind::Reminders {
        events.push(event(Action::RemindersOff));
    }
    withdraw(&state.db, visitor.account, kind, state.clock.millis_i64(), events).await?;
    if kind == Kind::Entries {
        state.recent.erase(visitor.account);
    }
    Ok(Redirect::to("/account/consents").into_response())
}

impl Consent {
    fn is_open(&self, kind: Kind) -> bool {
        self.kind == kind.name() && self.withdrawn_at.is_none()
    }
}

async fn page(state: &AppState, account: Uuid, wrong: Option<Kind>, problems: &Problems) -> Result<Response> {
    let all = consents(&state.db, account).await?;
    let main = html! {
        (problems.summary())
        h1 { "Your consents" }
        p class="lead" { "What you let us do beside running your account. Each is separate, and none is needed to have an account." }
        @for kind in Kind::ALL { (section(kind, &all, (wrong == Some(kind)).then_some(problems))) }
        p { a href="/privacy/what-we-store" { "All that we store about you" } }
        p { a href="/account" { "Back to your account" } }
    };
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(Page::of_account("Your consents", "/account/consents", main).with_status(status).respond(&state.site))
}

fn section(kind: Kind, all: &[Consent], problems: Option<&Problems>) -> Markup {
    let text = kind.text();
    let open = all.iter().rev().find(|consent| consent.is_open(kind));
    let holds = open.is_some_and(|consent| consent.version == text.version);
    let withdrawn = all.iter().rev().find(|consent| consent.kind == kind.name()).and_then(|last| last.withdrawn_at);
    html! {
        section class="box" aria-labelledby={ (kind.name()) "-title" } {
            h2 id={ (kind.name()) "-title" } { (text.title) }
            dl class="parts" {
                dt { "What" } dd { (text.what) }
                dt { "Why" } dd { (text.why) }
                dt { "How long" } dd { (text.how_long) }
                dt { "How to withdraw" } dd { (text.how_to_withdraw) " " (text.on_withdrawal) }
            }
            @match open {
                Some(consent) if holds => p { strong { "You agreed on " (day_of(consent.given_at)) "." } " Version " (consent.version) " of the words above." },
                Some(consent) => p {
                    strong { "The words have changed." } " You agreed on " (day_of(consent.given_at)) " to version " (consent.version)
                    ". They are version " (text.version) " now, and nothing new is done until you agree again."
                },
                None => p {
                    strong { "You have not agreed." }
                    @if let Some(withdrawn) = withdrawn { " You withdrew your consent on " (day_of(withdrawn)) "." }
                },
            }
            @if !holds { (agree(kind, problems)) }
            @if open.is_some() {
                p { a class="btn" href={ "/account/consents/" (kind.name()) "/withdraw" } { "Withdraw: " (text.title) } }
            }
        }
    }
}

/// The box is never ticked beforehand, not even where the form comes back.
fn agree(kind: Kind, problems: Option<&Problems>) -> Markup {
    let text = kind.text();
    let none = Problems::default();
    html! {
        form method="post" action="/account/consents" novalidate {
            input type="hidden" name="kind" value=(kind.name());
            input type="hidden" name="version" value=(text.version);
            (crate::ui::form::tick_as(kind.name(), "agree", text.agree, None, false, problems.unwrap_or(&none)))
            div class="actions" { button class="btn btn--main" { "Agree" span class="nhsuk-u-visually-hidden" { ": " (text.title) } } }
        }
    }
}

fn withdrawal(kind: Kind) -> Markup {
    let text = kind.text();
    html! {
        h1 { "Withdraw your consent" }
        p class="lead" { (text.title) "." }
        h2 { "What happens then" }
        p { (text.on_withdrawal) }
        @if kind == Kind::Entries {
            p { "If you want to keep a copy of them, " a href="/account/export" { "export your data" } " first." }
        }
        form method="post" action={ "/account/consents/" (kind.name()) "/withdraw" } {
            div class="actions" {
                button class="btn btn--main" {
                    @if kind == Kind::Entries { "Withdraw, and erase my entries here" } @else { "Withdraw my consent" }
                }
                a class="btn" href="/account/consents" { "Keep it" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name_and_says_what_withdrawing_does() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(kind));
            assert!(kind.text().version > 0 && kind.text().on_withdrawal.ends_with('.'));
        }
        assert_eq!(Kind::named("everything"), None);
    }
}
