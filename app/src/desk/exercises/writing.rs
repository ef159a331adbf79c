//! Writing: beginning an exercise, changing it, and restoring what it was.

use axum::{
    extract::{Multipart, Path, State, multipart::MultipartRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    Dossier, Text,
    form::Typed,
    http::{dossier, text, went_on},
    list, pages,
    pages::Editing,
    path,
    store::{self, NewRevision},
};
use crate::{
    AppState, Error, Result,
    account::{Writer, session::Visitor},
    article::import::is_slug,
    audit::Action,
    desk::event,
    ui::form::Problems,
};

/// A form with a file in it, as it came.
type Sent = Result<Multipart, MultipartRejection>;

/// To the exercise's page, which says what was done.
pub(super) fn led_to(slug: &str, done: &str) -> Response {
    Redirect::to(&format!("{}?done={done}", path(slug))).into_response()
}

fn editor(
    state: &AppState,
    dossier: Option<&Dossier>,
    typed: &Typed,
    problems: Problems,
    meanwhile: Option<(i64, &Text, &Text)>,
    status: StatusCode,
) -> Response {
    let slug = dossier.map_or_else(|| typed.said("the_slug").trim(), |dossier| &dossier.slug);
    let preview = typed.is_preview().then(|| {
        let (mut text, problems) = typed.read(slug);
        if problems.of("figure").is_some() {
            // Nothing that was not looked through gets into a page.
            text.exercise.figure.clear();
        }
        text
    });
    let editing = Editing { dossier, typed, problems, meanwhile, preview, today: state.clock.today() };
    pages::editor(&editing).with_status(status).respond(&state.site)
}

pub(super) async fn new(_writer: Writer, State(state): State<AppState>) -> Result<Response> {
    let all = list::all(&state.db, state.clock.today()).await?;
    let last = all.iter().map(|one| one.exercise.position).max().unwrap_or_default();
    let begun = Typed::empty(last + 10);
    Ok(editor(&state, None, &begun, Problems::default(), None, StatusCode::OK))
}

pub(super) async fn begin(writer: Writer, State(state): State<AppState>, form: Sent) -> Result<Response> {
    let typed = Typed::sent(form).await?;
    let slug = typed.said("the_slug").trim().to_owned();
    let is_address = is_slug(&slug) && slug != "new";
    let (exercise, mut problems) = typed.read(if is_address { &slug } else { "without-an-address" });
    if !is_address {
        problems.add("the_slug", "Enter an address of lower-case words joined by hyphens, like bridge-with-one-leg");
    }
    if typed.is_preview() {
        return Ok(editor(&state, None, &typed, Problems::default(), None, StatusCode::OK));
    }
    if !problems.is_empty() {
        return Ok(editor(&state, None, &typed, problems, None, StatusCode::UNPROCESSABLE_ENTITY));
    }
    let first = revision(&state, &writer, exercise, &typed);
    let event = event(&writer, &state, Action::ExerciseBegun);
    match store::create(&state.db, state.clock.new_id(), first, event).await {
        Ok(()) => Ok(led_to(&slug, "saved")),
        Err(Error::Conflict) => {
            let problems = Problems::one("the_slug", "Another exercise has this address: choose another");
            Ok(editor(&state, None, &typed, problems, None, StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(error) => Err(error),
    }
}

fn revision(state: &AppState, visitor: &Visitor, text: Text, typed: &Typed) -> NewRevision {
    let note = typed.said("the_note").trim().to_owned();
    NewRevision { text, note, by: Some(visitor.account), at: state.clock.millis_i64() }
}

pub(super) async fn edit(_writer: Writer, State(state): State<AppState>, Path(slug): Path<String>) -> Result<Response> {
    let dossier = dossier(&state, &slug).await?;
    let newest = text(&state, &slug, dossier.newest).await?;
    let typed = Typed::of(&newest, dossier.newest);
    Ok(editor(&state, Some(&dossier), &typed, Problems::default(), None, StatusCode::OK))
}

pub(super) async fn save(
    writer: Writer,
    State(state): State<AppState>,
    Path(slug): Path<String>,
    form: Sent,
) -> Result<Response> {
    let dossier = dossier(&state, &slug).await?;
    let typed = Typed::sent(form).await?;
    let (new, mut problems) = typed.read(&slug);
    if dossier.archived {
        problems.add("the_name", "This exercise is archived: bring it back before you change it");
    }
    if typed.is_preview() {
        return Ok(editor(&state, Some(&dossier), &typed, Problems::default(), None, StatusCode::OK));
    }
    if !problems.is_empty() {
        return Ok(editor(&state, Some(&dossier), &typed, problems, None, StatusCode::UNPROCESSABLE_ENTITY));
    }
    let base = typed.base().unwrap_or(dossier.newest);
    let newest = text(&state, &slug, dossier.newest).await?;
    // Of a file it may be in another order than the form has it.
    if newest == new || Typed::of(&newest, base).read(&slug).0 == new {
        return Ok(led_to(&slug, "unchanged"));
    }
    let event = event(&writer, &state, Action::ExerciseSaved);
    let next = revision(&state, &writer, new.clone(), &typed);
    match store::save(&state.db, state.clock.new_id(), base, next, event).await {
        Ok(_) => Ok(led_to(&slug, "saved")),
        Err(Error::Conflict) => {
            let dossier = self::dossier(&state, &slug).await?;
            let newest = text(&state, &slug, dossier.newest).await?;
            let problem = "Somebody else saved meanwhile, so yours was not saved: bring both together, and save again";
            let (problems, typed) = (Problems::one("the_name", problem), typed.after(dossier.newest));
            let meanwhile = Some((dossier.newest, &new, &newest));
            Ok(editor(&state, Some(&dossier), &typed, problems, meanwhile, StatusCode::CONFLICT))
        }
        Err(error) => Err(error),
    }
}

pub(super) async fn restore(
    writer: Writer,
    State(state): State<AppState>,
    Path((slug, number)): Path<(String, i64)>,
) -> Result<Response> {
    let dossier = dossier(&state, &slug).await?;
    let old = text(&state, &slug, number).await?;
    if text(&state, &slug, dossier.newest).await? == old {
        return Ok(led_to(&slug, "unchanged"));
    }
    let again = NewRevision {
        text: old,
        note: format!("Revision {number}, restored"),
        by: Some(writer.account),
        at: state.clock.millis_i64(),
    };
    let event = event(&writer, &state, Action::ExerciseRestored);
    match store::save(&state.db, state.clock.new_id(), dossier.newest, again, event).await {
        Ok(_) => Ok(led_to(&slug, "restored")),
        Err(Error::Conflict) => went_on(&state, &writer, &slug).await,
        Err(error) => Err(error),
    }
}
