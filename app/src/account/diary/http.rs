//! The diary's addresses: to read it, to write into it, to correct and to delete.

use std::time::Duration;

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};

use super::{
    DiaryEntry,
    kept::{NotSaved, find, listed, save},
    pages::{Shown, address, deletion_page, diary_page, emergency, entry_page, no_consent, urgent_card},
    typed::{Fields, Typed},
};
use crate::{
    AppState, Error, Result,
    account::{SignedIn, consent::Consented},
    routes::Routes,
    tracker::{
        log::{Change, judge, needs_help_now},
        store,
    },
    ui::form::Problems,
};

/// A note of so many letters, each percent-encoded, and the rest of the form.
const FORM_LIMIT: usize = 48 * 1024;
/// How long an emergency's page waits for its entry to be saved.
const PATIENCE: Duration = Duration::from_secs(2);

pub fn routes() -> Routes {
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

async fn submit(visitor: SignedIn, State(state): State<AppState>, Form(fields): Form<Fields>) -> Result<Response> {
    take(&state, &visitor, Typed::read(fields), None).await
}

async fn show_entry(visitor: SignedIn, State(state): State<AppState>, id: Path<String>) -> Result<Response> {
    let found = find(&state, visitor.account, &id).await?.newest;
    let card = urgent_card(&state.site, &found.day.log);
    Ok(entry_page(&state.site, Some(found.id), &Typed::of(&found.day), &Problems::default(), &card)
        .respond(&state.site))
}

async fn correct(
    visitor: SignedIn,
    State(state): State<AppState>,
    id: Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let typed = Typed::read(fields);
    let found = find(&state, visitor.account, &id).await;
    // That an entry is gone must not hide an emergency.
    let log = typed.log(&state.site.rules, Day::default(), found.as_ref().ok().map(|found| &found.newest.day.log));
    match found {
        Err(error) if !needs_help_now(&state.site.rules, &log) => Err(error),
        found => take(&state, &visitor, typed, found.ok().map(|found| found.newest)).await,
    }
}

/// Takes what somebody wrote: judges it, and then saves it in place of what it corrects.
async fn take(state: &AppState, visitor: &SignedIn, typed: Typed, corrected: Option<DiaryEntry>) -> Result<Response> {
    let (site, rules) = (&*state.site, &state.site.rules);
    let entry = corrected.as_ref().map(|entry| entry.id);
    if typed.again {
        return Ok(entry_page(site, entry, &typed, &Problems::default(), &html! {}).respond(site));
    }
    let today = state.clock.today();
    let before = corrected.as_ref().map(|entry| &entry.day.log);
    let log = typed.log(rules, typed.day.trim().parse().unwrap_or(today), before);
    let checked = typed.check(rules, today, before);
    if needs_help_now(rules, &log) {
        let saving = async {
            match &checked {
                Ok(day) => save(state, visitor.account, day, corrected.as_ref()).await,
                Err(_) => Err(NotSaved::Wrong),
            }
        };
        let saved = tokio::time::timeout(PATIENCE, saving).await.unwrap_or(Err(NotSaved::Failed));
        return Ok(emergency(site, &typed, &log, &saved).respond(site));
    }
    let card = urgent_card(site, &log);
    let again = |problems: &Problems, status, above: Markup| {
        entry_page(site, entry, &typed, problems, &html! { (above) (card) }).with_status(status).respond(site)
    };
    let day = match checked {
        Err(problems) => return Ok(again(&problems, StatusCode::UNPROCESSABLE_ENTITY, html! {})),
        Ok(day) => day,
    };
    Ok(match save(state, visitor.account, &day, corrected.as_ref()).await {
        Ok(saved) if judge(rules, &log).urgency.is_some() => Redirect::to(&address(Some(saved))).into_response(),
        Ok(_) => Redirect::to("/account/diary?done=saved").into_response(),
        Err(NotSaved::NotAgreed) => again(&Problems::default(), StatusCode::UNPROCESSABLE_ENTITY, no_consent()),
        Err(NotSaved::Failed) => again(&not_saved(NotSaved::Failed), StatusCode::SERVICE_UNAVAILABLE, html! {}),
        Err(why) => again(&not_saved(why), StatusCode::UNPROCESSABLE_ENTITY, html! {}),
    })
}

fn not_saved(why: NotSaved) -> Problems {
    Problems::one("day", format!("Your entry is not saved: {}", why.words()))
}

async fn ask_to_delete(visitor: SignedIn, State(state): State<AppState>, id: Path<String>) -> Result<Response> {
    let found = find(&state, visitor.account, &id).await?;
    Ok(deletion_page(&found).respond(&state.site))
}

async fn delete(visitor: SignedIn, State(state): State<AppState>, id: Path<String>) -> Result<Response> {
    let found = find(&state, visitor.account, &id).await?;
    store::delete_entries(&state.db, visitor.account, found.ids()).await?;
    Ok(Redirect::to("/account/diary?done=deleted").into_response())
}

/// Help was got for the signs of a day: they no longer interrupt.
async fn got_help(visitor: SignedIn, State(state): State<AppState>, id: Path<String>) -> Result<Response> {
    let found = find(&state, visitor.account, &id).await?.newest;
    let mut day = found.day.clone();
    day.log.apply(&Change::GotHelp { signs: day.log.signs.clone() }, &state.site.rules.version);
    let page = match save(&state, visitor.account, &day, Some(&found)).await {
        Ok(_) => return Ok(Redirect::to("/account/diary?done=saved").into_response()),
        Err(NotSaved::NotAgreed) => {
            entry_page(&state.site, Some(found.id), &Typed::of(&day), &Problems::default(), &no_consent())
        }
        Err(why) => entry_page(&state.site, Some(found.id), &Typed::of(&day), &not_saved(why), &html! {}),
    };
    Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site))
}
