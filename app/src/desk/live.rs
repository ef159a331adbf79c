//! What the editor's script asks for while somebody types: how readers would see the text, and to keep it as a draft. And how
//! a draft is thrown away.

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    drafts::{self, Line, Mark, Subject},
    http::{dossier, text},
    manuscript::Typed,
    pages::{self, editor},
    when::{self, Now},
    writing::{Linkable, changed, judge},
};
use crate::{
    AppState, Error, Result,
    account::{Editor, session::Visitor},
    ui::page::{Rendered, private_json},
};

/// The address of the script.
pub(super) const SCRIPT: &str = "/editor.js";

/// The text as readers would see it, what there is to say about it, and who else is at it.
pub(super) async fn preview(
    editor: Editor,
    State(state): State<AppState>,
    Path(subject): Path<Subject>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let judged = judge(&state, &typed, Linkable::of(&state).await?.addresses).await?;
    Ok(private_json(&json!({
        "beside": editor::beside(&judged).into_string(),
        "others": others(&state, &editor, subject).await?,
    })))
}

/// Keeps what is typed as the person's draft, and says so; or why not.
pub(super) async fn keep(
    editor: Editor,
    State(state): State<AppState>,
    Path(subject): Path<Subject>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    if typed.draft_of != editor.account.to_string() {
        return Err(Error::BadRequest("This page was opened from another account than the one that is signed in now."));
    }
    let line = Line { mark: typed.draft_mark.parse()?, ..typed.line() };
    let now = Now::of(&state);
    let base = match subject.0 {
        Some(id) => {
            let number =
                typed.base.parse().map_err(|_| Error::BadRequest("The form does not say what it was made from."))?;
            let saved = text(&state, id, number).await?.manuscript;
            if typed.note.trim().is_empty() && typed.read().0 == saved {
                drafts::end_now(&state.db, subject, editor.account, line).await?;
                return told(&state, &editor, subject, StatusCode::OK, format!("As in revision {number}")).await;
            }
            number
        }
        None => 0,
    };
    if drafts::keep(&state.db, subject, editor.account, &typed, base, line, now.millis).await? {
        let said = format!("Draft saved {}", when::lately(now.millis, &now));
        return told(&state, &editor, subject, StatusCode::OK, said).await;
    }
    let there = drafts::draft(&state.db, subject, editor.account).await?;
    let at = there.map(|draft| format!(", typed {}", when::lately(draft.typed_at, &now))).unwrap_or_default();
    let said = format!(
        "Not saved as a draft: another window of yours has one{at}. Save here, or go on there: neither replaces the other"
    );
    told(&state, &editor, subject, StatusCode::CONFLICT, said).await
}

/// What became of a draft, and who else is at the article.
async fn told(
    state: &AppState,
    visitor: &Visitor,
    subject: Subject,
    status: StatusCode,
    said: String,
) -> Result<Response> {
    let mut response = private_json(&json!({ "said": said, "others": others(state, visitor, subject).await? }));
    *response.status_mut() = status;
    response.extensions_mut().insert(Rendered);
    Ok(response)
}

async fn others(state: &AppState, visitor: &Visitor, subject: Subject) -> Result<String> {
    let others = drafts::others(&state.db, subject, visitor.account).await?;
    Ok(editor::others(&others, &Now::of(state)).into_string())
}

/// Asks before a draft is thrown away, and shows what would be gone.
pub(super) async fn ask(
    editor: Editor,
    State(state): State<AppState>,
    Path(subject): Path<Subject>,
) -> Result<Response> {
    let dossier = match subject.0 {
        Some(id) => Some(dossier(&state, id).await?),
        None => None,
    };
    let Some(draft) = drafts::draft(&state.db, subject, editor.account).await? else {
        return Ok(Redirect::to(&subject.editor()).into_response());
    };
    let changed = changed(&state, dossier.as_ref(), &draft).await?;
    Ok(pages::draft::ask(dossier.as_ref(), &draft, &changed, &Now::of(&state)).respond(&state.site))
}

/// The draft that is to be thrown away.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Which {
    mark: String,
}

pub(super) async fn discard(
    editor: Editor,
    State(state): State<AppState>,
    Path(subject): Path<Subject>,
    Form(which): Form<Which>,
) -> Result<Response> {
    let mark: Mark = which.mark.parse()?;
    let gone = drafts::discard(&state.db, subject, editor.account, mark).await?;
    // One that went on meanwhile was not shown, and is offered again.
    let done = if gone { "?discarded=yes" } else { "" };
    Ok(Redirect::to(&format!("{}{done}", subject.editor())).into_response())
}
