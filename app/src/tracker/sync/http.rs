//! Where devices sync: one address, which takes in what a device has and answers with what it lacks.

use std::cmp::Reverse;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use uuid::Uuid;

use super::{Account, Answer, Known, MEDIA_TYPE, MOST_ACCOUNTS, MOST_BYTES, MOST_ENTRIES, PATH, Sent, Shared, Told};
use crate::{
    AppState, Error, Result,
    account::{Heard, SignedIn, consent::Consented},
    day::Day,
    routes::Routes,
    tracker::{
        entry::{Entry, from_record, to_record},
        sheet::WATCHED,
        store::{self, Kept, Merged},
        watch::{self, Alert},
    },
    ui::page::{Private, Rendered},
};

/// How much is answered at once, in bytes; one entry at the least.
const MOST_ANSWERED: usize = 1024 * 1024;
/// How many days after today the rules look: a device's clock or zone can be another, and a day of the year 9999 is none.
const AHEAD: i64 = 7;

pub fn routes() -> Routes {
    Routes::new().form_for(PATH, MOST_BYTES, sync)
}

/// Whoever is signed out is heard too: a device of an account that was deleted is to learn that.
async fn sync(
    visitor: Heard<SignedIn>,
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    let visitor = match visitor.proof() {
        Ok(visitor) => Some(visitor.account),
        Err(Error::SignIn { .. } | Error::SecondStep) => None,
        Err(error) => return Err(error),
    };
    let is_record = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == MEDIA_TYPE);
    match (read(&body).filter(|_| is_record), visitor) {
        (Some(sent), Some(account)) => answer_owner(&state, account, sent).await,
        (Some(sent), None) => answer(&state, Asked::of(&sent), None).await,
        (None, Some(_)) => Ok(refuse(StatusCode::UNPROCESSABLE_ENTITY, "This is not what our pages send.")),
        (None, None) => Ok(refuse(StatusCode::UNAUTHORIZED, "Nobody is signed in.")),
    }
}

/// What was sent, if it is what a device of ours would send.
fn read(body: &[u8]) -> Option<Sent> {
    let sent: Sent = from_record(body).ok()?;
    let bounded = sent.on_device.len() <= MOST_ACCOUNTS && sent.entries.len() <= MOST_ENTRIES;
    let somebodys = sent.whose.is_some() || sent.entries.is_empty();
    (bounded && somebodys && sent.entries.iter().all(|entry| entry.check().is_ok())).then_some(sent)
}

async fn answer_owner(state: &AppState, account: Uuid, sent: Sent) -> Result<Response> {
    let asked = Asked::of(&sent);
    let agreed = |agreed, shared| Some(Account { id: account, agreed, shared });
    match share(state, account, sent).await {
        Ok(shared) => answer(state, asked, agreed(true, shared)).await,
        // Not given, or withdrawn.
        Err(Error::Forbidden) => answer(state, asked, agreed(false, None)).await,
        // The account's key was destroyed, and its rows are about to go: the device is told that the account is gone.
        Err(Error::NotFound) => answer(state, asked, None).await,
        Err(Error::Conflict) => Ok(refuse(StatusCode::CONFLICT, "There is no room for more entries.")),
        Err(error) => Err(error),
    }
}

/// Takes in what was sent, and finds what is to be answered; nothing where it is for another account: whatever else is
/// wrong, what one account's device sends is never put into another's.
async fn share(state: &AppState, account: Uuid, sent: Sent) -> Result<Option<Shared>> {
    let Sent { whose, known, today, east, entries, .. } = sent;
    let took = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let wrote = if whose == Some(account) && !entries.is_empty() {
        store::merge(state, account, entries).await?
    } else {
        if state.vault.is_destroyed(account).await? {
            return Err(Error::NotFound);
        }
        let consented = Consented::to_entries(&state.db, account).await?.ok_or(Error::Forbidden)?;
        if whose != Some(account) {
            return Ok(None);
        }
        Merged::nothing(consented.id(), store::last_revision(state, account).await?)
    };
    let alerts = alerts(state, account, &wrote, today, east).await?;
    // After another consent, or a restored backup, the numbers begin anew, and what was sent before is not here.
    let anew = known.consent != wrote.consent || known.revision > wrote.last;
    let consent = wrote.consent;
    let (entries, revision, more) = since(state, account, wrote, if anew { 0 } else { known.revision }).await?;
    let (known, rules) = (Known { consent, revision }, state.site.rules.version.clone());
    Ok(Some(Shared { took, anew, known, entries, more, rules, alerts }))
}

/// What was written after this revision, up to which one that is, and whether there is more.
async fn since(state: &AppState, account: Uuid, wrote: Merged, after: i64) -> Result<(Vec<Entry>, i64, bool)> {
    if after == wrote.before && wrote.size <= MOST_ANSWERED {
        // Nobody else wrote: these are all.
        let mut new: Vec<Kept> = wrote.kept.into_iter().filter(|kept| kept.revision > after).collect();
        // What was written twice is there as it is now.
        new.sort_by_key(|kept| (kept.entry.id, Reverse(kept.revision)));
        new.dedup_by_key(|kept| kept.entry.id);
        new.sort_by_key(|kept| kept.revision);
        return Ok((new.into_iter().map(|kept| kept.entry).collect(), wrote.last, false));
    }
    let limit = u32::try_from(MOST_ENTRIES).unwrap_or(u32::MAX);
    let (page, more) = store::page_after(state, account, after, limit, MOST_ANSWERED).await?;
    let revision = page.last().map_or(after, |kept| kept.revision);
    Ok((page.into_iter().map(|kept| kept.entry).collect(), revision, more))
}

/// What the server's rules say to the account's days, of what still waits for an answer.
async fn alerts(state: &AppState, account: Uuid, wrote: &Merged, today: Day, east: i32) -> Result<Vec<Told>> {
    let (rules, numbers) = (&state.site.rules, &state.site.settings.numbers);
    // No place is further from UTC than a day; a device's date can be anything.
    let utc = state.clock.today();
    let today = today.clamp(utc.plus(-1), utc.plus(1));
    let days = state.recent.days(state, account, wrote, (today.plus(1 - WATCHED), utc.plus(AHEAD))).await?;
    let found = watch::watch_planned(rules, &days.logs, &days.standing, east, today);
    let told = |alert: &Alert| {
        let rule = rules.watch.iter().find(|rule| rule.id == alert.rule);
        let act = rule.and_then(|rule| rule.act(alert.urgency));
        Told {
            rule: alert.rule.clone(),
            day: alert.day,
            urgency: alert.urgency,
            cause: rule.map(|rule| rule.cause.clone()).unwrap_or_default(),
            act: act.map(|act| numbers.fill(act)),
        }
    };
    let open = watch::open(rules, &found, &days.logs, today).into_iter().map(told).collect();
    state.recent.keep(account, days);
    Ok(open)
}

/// Whom an answer is for, by the device.
struct Asked {
    whose: Option<Uuid>,
    on_device: Vec<Uuid>,
}

impl Asked {
    fn of(sent: &Sent) -> Self {
        Self { whose: sent.whose, on_device: sent.on_device.clone() }
    }
}

async fn answer(state: &AppState, asked: Asked, account: Option<Account>) -> Result<Response> {
    let mut gone = vec![];
    for id in asked.on_device.into_iter().chain(asked.whose) {
        // Whoever is signed in is not.
        let is_here = account.as_ref().is_some_and(|account| account.id == id);
        if !is_here && !gone.contains(&id) && state.vault.is_destroyed(id).await? {
            gone.push(id);
        }
    }
    let status = match &account {
        _ if asked.whose.is_some_and(|whose| gone.contains(&whose)) => StatusCode::GONE,
        // A device that asks for nobody is told that it is nobody.
        None if asked.whose.is_none() => StatusCode::OK,
        None => StatusCode::UNAUTHORIZED,
        Some(account) if !account.agreed => StatusCode::FORBIDDEN,
        Some(_) => StatusCode::OK,
    };
    let answer = Answer { time: state.clock.millis_i64(), gone, account };
    Ok(whole((status, [(header::CONTENT_TYPE, MEDIA_TYPE)], to_record(&answer)).into_response()))
}

fn refuse(status: StatusCode, words: &'static str) -> Response {
    whole((status, words).into_response())
}

/// About one person, and without a page in its place where it is an error.
fn whole(mut response: Response) -> Response {
    response.extensions_mut().insert(Private);
    response.extensions_mut().insert(Rendered);
    response
}
