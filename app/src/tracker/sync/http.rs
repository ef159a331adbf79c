//! Where devices sync: one address, which takes in what a device has and answers with what it lacks.

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
    routes::Routes,
    tracker::{
        entry::{About, Entry, from_record, to_record},
        log::DayLog,
        sheet::WATCHED,
        store,
        watch::{self, Alert},
    },
    ui::page::{Private, Rendered},
};

/// How much is answered at once, in bytes; one entry at the least.
const MOST_ANSWERED: i64 = 1024 * 1024;
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
        (Some(sent), Some(account)) => answer_owner(&state, account, &sent).await,
        (Some(sent), None) => answer(&state, &sent, None).await,
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

async fn answer_owner(state: &AppState, account: Uuid, sent: &Sent) -> Result<Response> {
    // Its rows are about to go: the device is told that the account is gone.
    if state.vault.is_destroyed(account).await? {
        return answer(state, sent, None).await;
    }
    let consented = Consented::to_entries(&state.db, account).await?;
    let id = account;
    let found = match consented {
        // Whatever else is wrong: what one account's device sends is never put into another's.
        Some(consented) if sent.whose == Some(account) => share(state, &consented, sent).await.map(Some),
        Some(_) => Ok(None),
        None => return answer(state, sent, Some(Account { id, agreed: false, shared: None })).await,
    };
    match found {
        Ok(shared) => answer(state, sent, Some(Account { id, agreed: true, shared })).await,
        // Withdrawn meanwhile.
        Err(Error::Forbidden) => answer(state, sent, Some(Account { id, agreed: false, shared: None })).await,
        // The account's key was destroyed, and its rows are about to go.
        Err(Error::NotFound) => answer(state, sent, None).await,
        Err(Error::Conflict) => Ok(refuse(StatusCode::CONFLICT, "There is no room for more entries.")),
        Err(error) => Err(error),
    }
}

/// Takes in what was sent, and finds what is to be answered.
async fn share(state: &AppState, consented: &Consented, sent: &Sent) -> Result<Shared> {
    let account = consented.account();
    store::merge(state, consented, sent.entries.clone()).await?;
    // After another consent, or a restored backup, the numbers begin anew, and what was sent before is not here.
    let last = store::last_revision(state, account).await?;
    let anew = sent.known.consent != consented.id() || sent.known.revision > last;
    let after = if anew { 0 } else { sent.known.revision };
    let (entries, revision, more) = since(state, account, after).await?;
    Ok(Shared {
        took: u32::try_from(sent.entries.len()).unwrap_or(u32::MAX),
        anew,
        known: Known { consent: consented.id(), revision },
        entries,
        more,
        rules: state.site.rules.version.clone(),
        alerts: alerts(state, account, sent).await?,
    })
}

/// What was written after this revision, up to which one that is, and whether there is more.
async fn since(state: &AppState, account: Uuid, after: i64) -> Result<(Vec<Entry>, i64, bool)> {
    let limit = u32::try_from(MOST_ENTRIES).unwrap_or(u32::MAX);
    let (page, more) = store::page_after(state, account, after, limit, MOST_ANSWERED).await?;
    let revision = page.last().map_or(after, |kept| kept.revision);
    Ok((page.into_iter().map(|kept| kept.entry).collect(), revision, more))
}

/// What the server's rules say to the account's days, of what still waits for an answer.
async fn alerts(state: &AppState, account: Uuid, sent: &Sent) -> Result<Vec<Told>> {
    let (rules, numbers) = (&state.site.rules, &state.site.settings.numbers);
    // No place is further from UTC than a day; a device's date can be anything.
    let utc = state.clock.today();
    let today = sent.today.clamp(utc.plus(-1), utc.plus(1));
    let kept = store::days(state, account, today.plus(1 - WATCHED), utc.plus(AHEAD)).await?;
    let standing = store::standing(state, account).await?;
    let mut logs: Vec<DayLog> = vec![];
    for entry in kept.iter().map(|kept| &kept.entry) {
        let About::Day(day) = entry.about else { continue };
        match logs.last_mut().filter(|log| log.day == day) {
            Some(log) => log.take_in(entry),
            None => logs.push(DayLog::of(day, [entry])),
        }
    }
    let found = watch::watch_planned(rules, &logs, &standing, sent.east, today);
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
    Ok(watch::open(rules, &found, &logs, today).into_iter().map(told).collect())
}

async fn answer(state: &AppState, sent: &Sent, account: Option<Account>) -> Result<Response> {
    let mut gone = vec![];
    for id in sent.on_device.iter().chain(&sent.whose) {
        if !gone.contains(id) && state.vault.is_destroyed(*id).await? {
            gone.push(*id);
        }
    }
    let status = match &account {
        _ if sent.whose.is_some_and(|whose| gone.contains(&whose)) => StatusCode::GONE,
        // A device that asks for nobody is told that it is nobody.
        None if sent.whose.is_none() => StatusCode::OK,
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
