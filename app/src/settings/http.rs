//! The addresses of the settings. Each page is rendered with the settings that it is about, frame and all.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    Saved, pages,
    pages::Editing,
    store::{self, Saving},
    typed::Typed,
};
use crate::{
    AppState, Error, Result,
    account::{Admin, Fresh},
    audit::Action,
    desk::event,
    routes::Routes,
    site::Settings,
    ui::form::Problems,
};

const FORM_LIMIT: usize = 128 * 1024;

pub fn routes() -> Routes {
    Routes::new()
        .page_for("/admin/settings", show)
        .form_for("/admin/settings", FORM_LIMIT, submit)
        .page_for("/admin/settings/{number}", one)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ShowQuery {
    /// The name of what was just done.
    done: String,
    /// The save to fill the form with.
    from: i64,
}

/// What the last save says, and its number: this server may not have taken it over yet.
async fn newest(state: &AppState) -> Result<(i64, Settings)> {
    let number = store::last(&state.db).await?;
    let saved = store::saved(&state.db, number).await?;
    // One that this program cannot read is not what its pages are rendered with.
    let read = saved.and_then(|saved| read(state, &saved).ok());
    Ok((number, read.unwrap_or_else(|| state.site.settings.clone())))
}

fn read(state: &AppState, saved: &Saved) -> Result<Settings, Vec<String>> {
    saved.read(&state.site.settings.public_url)
}

async fn show(_admin: Fresh<Admin>, State(state): State<AppState>, Query(query): Query<ShowQuery>) -> Result<Response> {
    let (base, now) = newest(&state).await?;
    let from = match query.from {
        0 => None,
        from => Some(store::saved(&state.db, from).await?.ok_or(Error::NotFound)?),
    };
    let mut typed = Typed::of(&now, base);
    if let Some(from) = &from {
        let settings = read(&state, from).map_err(|_| Error::NotFound)?;
        typed = Typed { begun_from: from.number, ..Typed::of(&settings, base) };
    }
    let editing = Editing { done: query.done == "saved", ..Editing::new(&typed, &now) };
    page(&state, &editing, StatusCode::OK, &now).await
}

/// The form, with everything around it, rendered with these settings.
async fn page(state: &AppState, editing: &Editing<'_>, status: StatusCode, with: &Settings) -> Result<Response> {
    let lines = store::lines(&state.db).await?;
    let site = state.site.with_settings(with.clone());
    Ok(pages::form(editing, &lines).with_status(status).respond(&site))
}

async fn submit(admin: Fresh<Admin>, State(state): State<AppState>, Form(typed): Form<Typed>) -> Result<Response> {
    let (last, now) = newest(&state).await?;
    if typed.press == "fill" {
        let typed = typed.filled();
        return page(&state, &Editing { filled: true, ..Editing::new(&typed, &now) }, StatusCode::OK, &now).await;
    }
    let (settings, problems) = typed.read(&now);
    let wrong = async |problems| {
        let editing = Editing { problems, ..Editing::new(&typed, &now) };
        page(&state, &editing, StatusCode::UNPROCESSABLE_ENTITY, &now).await
    };
    if !problems.is_empty() {
        return wrong(problems).await;
    }
    if typed.press == "preview" {
        let editing = Editing { preview: Some(&settings), ..Editing::new(&typed, &now) };
        return page(&state, &editing, StatusCode::OK, &settings).await;
    }
    if typed.base != last {
        return saved_meanwhile(&state, &typed, last, &now).await;
    }
    if settings.numbers != now.numbers && typed.numbers_checked.is_empty() {
        let message = "Look up each number that you changed, and say that you did: people in danger will call it";
        return wrong(Problems::one("numbers_checked", message)).await;
    }
    if settings == now && last > 0 {
        return Ok(Redirect::to("/admin/settings?done=saved").into_response());
    }
    let begun_from = (typed.begun_from > 0).then_some(typed.begun_from);
    let action = if begun_from.is_some() { Action::SettingsRestored } else { Action::SettingsSaved };
    let saving = Saving { settings, by: admin.account, at: state.clock.millis_i64(), begun_from };
    match store::save(&state.db, last, now, saving, event(&admin, &state, action)).await {
        Ok(_) => Ok(Redirect::to("/admin/settings?done=saved").into_response()),
        Err(Error::Conflict) => {
            let (last, now) = newest(&state).await?;
            saved_meanwhile(&state, &typed, last, &now).await
        }
        Err(error) => Err(error),
    }
}

/// The form again, with what was typed: once more, and it replaces what somebody else saved.
async fn saved_meanwhile(state: &AppState, typed: &Typed, last: i64, now: &Settings) -> Result<Response> {
    let typed = Typed { base: last, ..typed.clone() };
    let message = "Somebody else saved meanwhile: look at what differs, below, before you save this in its place";
    let (settings, _) = typed.read(now);
    let problems = Problems::one("meanwhile", message);
    let editing = Editing { problems, meanwhile: Some(&settings), ..Editing::new(&typed, now) };
    page(state, &editing, StatusCode::CONFLICT, now).await
}

/// What one save says, and what differs from it now.
async fn one(_admin: Fresh<Admin>, State(state): State<AppState>, Path(number): Path<i64>) -> Result<Response> {
    let saved = store::saved(&state.db, number).await?.ok_or(Error::NotFound)?;
    let before = store::saved(&state.db, number - 1).await?;
    let (last, now) = newest(&state).await?;
    let settings = read(&state, &saved);
    let before = before.and_then(|before| read(&state, &before).ok());
    let lines = store::lines(&state.db).await?;
    let line = lines.iter().find(|line| line.number == number);
    let is_last = last == number;
    let page = pages::one(number, line, settings.as_ref(), before.as_ref(), (!is_last).then_some(&now));
    Ok(page.respond(&state.site.with_settings(now.clone())))
}
