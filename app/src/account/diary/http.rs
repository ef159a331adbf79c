//! The diary's addresses: to read it, to write into it, to correct and to delete.

use std::time::Duration;

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    kept::{self, Listed, NotSaved, find, listed, save},
    pages::{Shown, address, card, deletion_page, diary_page, emergency, entry_page, not_saved, urgent_card},
    typed::{Fields, Typed},
};
use crate::{
    AppState, Error, Result,
    account::{Heard, SignedIn, consent::Consented},
    routes::Routes,
    tracker::log::{Change, DayLog, judge, needs_help_now},
    ui::form::Problems,
};

/// Many times the longest note: one that is too long must be told of beside its signs, and not refused with them.
const FORM_LIMIT: usize = 256 * 1024;
/// How long an emergency's page waits for the entry that it corrects, and then for its own to be saved.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn routes() -> Routes {
    Routes::new()
        .page_for("/account/diary", show)
        .form_for("/account/diary", FORM_LIMIT, submit)
        .page_for("/account/diary/{entry}", show_entry)
        .form_for("/account/diary/{entry}", FORM_LIMIT, correct)
        .page_for("/account/diary/{entry}/delete", ask_to_delete)
        .form_for("/account/diary/{entry}/delete", 0, delete)
        .form_for("/account/diary/{entry}/got-help", 0, got_help)
}

async fn show(visitor: SignedIn, State(state): State<AppState>, Query(shown): Query<Shown>) -> Result<Response> {
    let consented = Consented::to_entries(&state.db, visitor.account).await?.is_some();
    let days = listed(&state, visitor.account).await?;
    let today = state.clock.today();
    Ok(diary_page(&state.site, &days, today, consented, &shown).respond(&state.site))
}

async fn submit(visitor: Heard<SignedIn>, State(state): State<AppState>, Form(fields): Form<Fields>) -> Response {
    let visitor = visitor.proof().map_err(NotSaved::from);
    take(&state, visitor, &Typed::read(fields), Corrects::Nothing).await
}

async fn show_entry(visitor: SignedIn, State(state): State<AppState>, id: Path<String>) -> Result<Response> {
    let found = find(&state, visitor.account, &id).await?;
    let card = card(&state.site, &found);
    Ok(entry_page(&state.site, true, Some(found.id), &Typed::of(&found.log), &Problems::default(), &card)
        .respond(&state.site))
}

async fn correct(
    visitor: Heard<SignedIn>,
    State(state): State<AppState>,
    id: Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let typed = Typed::read(fields);
    let unseen = Corrects::Unseen(id.parse().ok());
    let visitor = match visitor.proof() {
        Ok(visitor) => visitor,
        Err(error) => return Ok(take(&state, Err(error.into()), &typed, unseen).await),
    };
    let finding = tokio::time::timeout(PATIENCE, find(&state, visitor.account, &id));
    Ok(match finding.await.unwrap_or_else(|late| Err(Error::Unavailable(Box::new(late)))) {
        Ok(found) => take(&state, Ok(visitor), &typed, Corrects::Day(Box::new(found))).await,
        // That an entry is gone must not hide an emergency.
        Err(Error::NotFound) if typed.needs_help_now(&state.site.rules) => {
            take(&state, Ok(visitor), &typed, Corrects::Nothing).await
        }
        Err(Error::NotFound) => return Err(Error::NotFound),
        Err(error) => take(&state, Err(error.into()), &typed, unseen).await,
    })
}

/// What stands in the diary already of what somebody wrote.
enum Corrects {
    Nothing,
    Day(Box<Listed>),
    /// An entry that could not be looked at.
    Unseen(Option<Uuid>),
}

impl Corrects {
    fn id(&self) -> Option<Uuid> {
        match self {
            Self::Nothing => None,
            Self::Day(listed) => Some(listed.id),
            Self::Unseen(id) => *id,
        }
    }

    fn day(&self) -> Option<&Listed> {
        if let Self::Day(listed) = self { Some(listed) } else { None }
    }
}

/// Takes what somebody wrote: judges it, whoever it is, and then saves it.
async fn take(state: &AppState, visitor: Result<SignedIn, NotSaved>, typed: &Typed, corrects: Corrects) -> Response {
    let (site, rules) = (&*state.site, &state.site.rules);
    let shown = |why: Option<NotSaved>, problems: &Problems, card: &Markup| {
        let above = html! { @if let Some(why) = why { (not_saved(why)) } (card) };
        let status = why.map_or(StatusCode::OK, NotSaved::status);
        let signed_in = !matches!(why, Some(NotSaved::SignedOut | NotSaved::HalfSignedIn));
        entry_page(site, signed_in, corrects.id(), typed, problems, &above).with_status(status).respond(site)
    };
    if typed.again {
        return shown(visitor.err(), &Problems::default(), &html! {});
    }
    let today = state.clock.today();
    let empty = DayLog::empty(typed.day.trim().parse().unwrap_or(today));
    let before = corrects.day().map_or(&empty, |listed| &listed.log);
    let log = typed.log(rules, before);
    let checked = typed.check(rules, today, before);
    let saving = async {
        match (visitor, &checked) {
            (Err(why), _) => Err(why),
            (Ok(_), Err(_)) => Err(NotSaved::Wrong),
            (Ok(visitor), Ok(day)) => {
                // What moves to another day is all written there.
                let moves = before.day != *day;
                let writes = typed.writes(rules, if moves { &empty } else { before });
                save(state, visitor.account, *day, &writes, corrects.day()).await
            }
        }
    };
    if needs_help_now(rules, &log) {
        let saved = tokio::time::timeout(PATIENCE, saving).await.unwrap_or(Err(NotSaved::Failed));
        return emergency(site, corrects.id(), typed, &log, &saved).respond(site);
    }
    match saving.await {
        Ok(saved) if judge(rules, &log).urgency.is_some() => Redirect::to(&address(Some(saved))).into_response(),
        Ok(_) => Redirect::to("/account/diary?done=saved").into_response(),
        Err(why) => shown(Some(why), &checked.err().unwrap_or_default(), &urgent_card(site, &log)),
    }
}

async fn ask_to_delete(visitor: SignedIn, State(state): State<AppState>, id: Path<String>) -> Result<Response> {
    let found = find(&state, visitor.account, &id).await?;
    Ok(deletion_page(&found).respond(&state.site))
}

async fn delete(visitor: SignedIn, State(state): State<AppState>, id: Path<String>) -> Result<Response> {
    let found = find(&state, visitor.account, &id).await?;
    kept::delete(&state, visitor.account, &found).await?;
    Ok(Redirect::to("/account/diary?done=deleted").into_response())
}

/// Help was got for the signs of a day: they no longer interrupt.
async fn got_help(visitor: SignedIn, State(state): State<AppState>, id: Path<String>) -> Result<Response> {
    let Listed { id, log, .. } = find(&state, visitor.account, &id).await?;
    let signs = log.signs().into_iter().map(str::to_owned).collect();
    let writes = Change::GotHelp { signs }.writes(&log, &state.site.rules.version);
    Ok(match save(&state, visitor.account, log.day, &writes, None).await {
        Ok(_) => Redirect::to("/account/diary?done=saved").into_response(),
        Err(why) => entry_page(&state.site, true, Some(id), &Typed::of(&log), &Problems::default(), &not_saved(why))
            .with_status(why.status())
            .respond(&state.site),
    })
}
