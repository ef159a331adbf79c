//! The addresses of reminders: choosing, the calendar, and stopping the e-mails by a link.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    calendar::Calendar,
    pages::{Choosing, Typed, choosing_page, no_link_page, stop_page, stopped_page},
    store::{self, Switched},
};
use crate::{
    AppState, Error, Result,
    account::{
        SignedIn, Token,
        consent::{self, Kind},
        session,
    },
    audit::{Action, Actor, Event},
    routes::{CachePolicy, Routes},
    ui::{
        form::Problems,
        page::{Page, Private},
    },
};

/// Where e-mails are stopped by a link: the one address that takes a form from other sites, because mail programs press
/// the button for their readers (RFC 8058). What it does rests on the link's token alone.
pub const STOP: &str = "/reminders/stop";
/// What the addresses of calendars begin with. What follows is a secret, and in no log.
pub const CALENDARS: &str = "/calendar/";

const FORM_LIMIT: usize = 16 * 1024;

pub fn routes() -> Routes {
    Routes::new()
        .page_for("/account/reminders", show)
        .form_for("/account/reminders", FORM_LIMIT, submit)
        .form_for("/account/reminders/calendar", 0, make_calendar)
        .form_for("/account/reminders/calendar/remove", 0, remove_calendar)
        .page("/calendar/{name}", CachePolicy::Never, calendar)
        .page(STOP, CachePolicy::Never, ask_to_stop)
        .form(STOP, 0, stop)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shown {
    done: String,
}

async fn show(visitor: SignedIn, State(state): State<AppState>, Query(shown): Query<Shown>) -> Result<Response> {
    let page = page(&state, &visitor, |choosing| choosing.saved = shown.done == "saved").await?;
    Ok(page.respond(&state.site))
}

/// The page as it stands, with what is different this time.
async fn page(state: &AppState, visitor: &SignedIn, differs: impl FnOnce(&mut Choosing<'_>)) -> Result<Page> {
    let reminder = store::reminder(&state.db, visitor.account).await?;
    let mut choosing = Choosing {
        email: visitor.email.as_str(),
        public_url: &state.site.settings.public_url,
        consented: consent::given(&state.db, visitor.account, Kind::Reminders).await?,
        calendar_made_at: store::calendar_made_at(&state.db, visitor.account).await?,
        typed: reminder.as_ref().map(Typed::of).unwrap_or_default(),
        reminder: reminder.as_ref(),
        saved: false,
        made: None,
        problems: Problems::default(),
    };
    differs(&mut choosing);
    Ok(choosing_page(&choosing))
}

async fn refuse(state: &AppState, visitor: &SignedIn, typed: Option<Typed>, problems: Problems) -> Result<Response> {
    let page = page(state, visitor, |choosing| {
        choosing.problems = problems;
        choosing.typed = typed.unwrap_or(choosing.typed.clone());
    });
    Ok(page.await?.with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site))
}

async fn submit(
    visitor: SignedIn,
    State(state): State<AppState>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let typed = Typed::read(fields);
    let consented = consent::given(&state.db, visitor.account, Kind::Reminders).await?;
    let schedule = match typed.check(consented) {
        Err(problems) => return refuse(&state, &visitor, Some(typed), problems).await,
        Ok(schedule) => schedule,
    };
    let now = state.clock.millis_i64();
    let due_at = typed.email.then(|| schedule.next_after(now)).flatten();
    let switched = Switched {
        on: event(&state, &visitor, Action::RemindersOn),
        off: event(&state, &visitor, Action::RemindersOff),
    };
    store::save(&state.db, visitor.account, schedule, due_at, now, switched).await?;
    Ok(Redirect::to("/account/reminders?done=saved").into_response())
}

fn event(state: &AppState, visitor: &SignedIn, action: Action) -> Event {
    Event::new(&state.clock, Actor::Account(visitor.account), action).seen_from(visitor.origin.client.0)
}

/// Shows the address, this once: we keep no more than its hash.
async fn make_calendar(visitor: SignedIn, State(state): State<AppState>) -> Result<Response> {
    if store::reminder(&state.db, visitor.account).await?.is_none() {
        let first = "Save the days and the time first: the calendar has them";
        return refuse(&state, &visitor, None, Problems::one("at", first)).await;
    }
    let token = Token::new()?;
    let (id, now) = (state.clock.new_id(), state.clock.millis_i64());
    let made = event(&state, &visitor, Action::CalendarAddressMade);
    store::make_calendar(&state.db, visitor.account, token.hash(), id, now, made).await?;
    Ok(page(&state, &visitor, |choosing| choosing.made = Some(token)).await?.respond(&state.site))
}

async fn remove_calendar(visitor: SignedIn, State(state): State<AppState>) -> Result<Response> {
    let removed = event(&state, &visitor, Action::CalendarAddressRemoved);
    store::remove_calendar(&state.db, visitor.account, removed).await?;
    Ok(Redirect::to("/account/reminders").into_response())
}

async fn calendar(State(state): State<AppState>, Path(name): Path<String>) -> Result<Response> {
    let token = name.strip_suffix(".ics").and_then(Token::read).ok_or(Error::NotFound)?;
    let (id, reminder) = store::calendar(&state.db, &token.hash()).await?.ok_or(Error::NotFound)?;
    let settings = &state.site.settings;
    let calendar = Calendar {
        site: &settings.name,
        address: &format!("{}/tracker", settings.public_url),
        uid: &id.to_string(),
        schedule: &reminder.schedule,
        revision: reminder.revision,
        changed_at: reminder.changed_at,
    };
    let text = calendar.to_text().ok_or(Error::internal("a reminder's time is in no calendar"))?;
    let mut response = text.into_response();
    let kind = HeaderValue::from_static("text/calendar; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.extensions_mut().insert(Private);
    Ok(response)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StopLink {
    token: String,
}

/// A page with a button: programs that look into mail follow links, and press nothing.
async fn ask_to_stop(State(state): State<AppState>, Query(link): Query<StopLink>) -> Result<Response> {
    let token = Token::read(&link.token);
    let page = match token {
        Some(token) if account_of(&state, &token).await?.is_some() => stop_page(&token),
        _ => no_link_page(),
    };
    Ok(page.respond(&state.site))
}

/// From the page's button, or from a mail program: which then must not be led on (RFC 8058, 3.1).
async fn stop(State(state): State<AppState>, parts: Parts, Query(link): Query<StopLink>) -> Result<Response> {
    let account = match Token::read(&link.token) {
        Some(token) => account_of(&state, &token).await?,
        None => None,
    };
    let Some(account) = account else { return Ok(no_link_page().respond(&state.site)) };
    let event = Event::new(&state.clock, Actor::Nobody, Action::RemindersOff)
        .about(account)
        .seen_from(session::client(&parts).0);
    store::end_emails(&state.db, account, event).await?;
    Ok(stopped_page().respond(&state.site))
}

async fn account_of(state: &AppState, token: &Token) -> Result<Option<uuid::Uuid>> {
    store::account_of_link(&state.db, &token.hash(), state.clock.millis_i64()).await
}
