//! Review: asking for it, commenting, approving, and publishing what is approved.

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Approval, Comment, Stage,
    drafts::Line,
    http::{article_page, dossier, event, findings, text, went_on},
    pages::article::{Asked, TypedApproval},
    store, when,
    writing::{led_to, new_revision, render},
};
use crate::{
    AppState, Error, Result,
    account::{Editor, Reviewer, Staff, session::Visitor},
    audit::Action,
    ui::form::Problems,
};

/// How many letters a comment or a reason may have.
const MOST_LETTERS: usize = 4_000;

/// The revision that a form is about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Which {
    pub revision: i64,
}

/// To the article's page, where the deed was done; else to how the article stands.
pub(super) async fn told(
    state: &AppState,
    visitor: &Visitor,
    id: Uuid,
    did: Result<()>,
    done: &str,
) -> Result<Response> {
    match did {
        Ok(()) => Ok(led_to(id, done)),
        Err(Error::Conflict) => went_on(state, visitor, id).await,
        Err(error) => Err(error),
    }
}

/// The article's page with what is wrong with a form on it.
pub(super) async fn refused(state: &AppState, visitor: &Visitor, id: Uuid, asked: &Asked<'_>) -> Result<Response> {
    article_page(state, visitor, &dossier(state, id).await?, asked, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Adds what keeps a text from being rendered.
async fn add_broken(
    state: &AppState,
    revision: &super::Revision,
    field: &'static str,
    problems: &mut Problems,
) -> Result<()> {
    for problem in render(state, &revision.manuscript).await?.err().into_iter().flatten() {
        problems.add(field, format!("Line {}: {}", problem.line, problem.message));
    }
    Ok(())
}

pub(super) async fn send(
    editor: Editor,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(which): Form<Which>,
) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let revision = text(&state, id, which.revision).await?;
    let mut problems = Problems::default();
    add_broken(&state, &revision, "how_it_stands", &mut problems).await?;
    if !problems.is_empty() {
        return refused(&state, &editor, id, &Asked { problems, ..Asked::default() }).await;
    }
    let mut number = which.revision;
    if dossier.stage == Stage::Published {
        // An approval is of one revision, and the one that readers see has its own: the new review is of a copy.
        let copy =
            new_revision(&state, &editor, revision.manuscript, "Unchanged, for a new review", Line::default()).await?;
        let saved = store::save(&state.db, id, number, copy, event(&editor, &state, Action::ArticleSaved)).await;
        match saved {
            Ok(copied) => number = copied,
            Err(error) => return told(&state, &editor, id, Err(error), "sent").await,
        }
    }
    let event = event(&editor, &state, Action::ArticleSentToReview);
    told(&state, &editor, id, store::send_to_review(&state.db, id, number, event).await, "sent").await
}

pub(super) async fn approve(
    reviewer: Reviewer,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(typed): Form<TypedApproval>,
) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let revision = text(&state, id, typed.revision).await?;
    let found = findings(&state, &revision);
    let mut problems = Problems::default();
    if dossier.is_own(reviewer.account) {
        problems.add("how_it_stands", "You wrote a part of this, so somebody else has to approve it");
    }
    add_broken(&state, &revision, "how_it_stands", &mut problems).await?;
    typed.signature().check(&mut problems);
    if typed.read.is_empty() {
        problems.add("read", "Confirm that you have read this revision and approve it");
    }
    if !found.is_empty() && typed.override_check.is_empty() {
        problems.add(
            "override_check",
            "The safety check found something: it needs the cards that it names, or your decision",
        );
    }
    if !found.is_empty() && !typed.override_check.is_empty() && typed.reason.trim().is_empty() {
        problems.add("reason", "Say why it is safe without these cards");
    }
    if typed.reason.chars().count() > MOST_LETTERS {
        problems.add("reason", format!("Enter {MOST_LETTERS} letters or fewer"));
    }
    if !problems.is_empty() {
        return refused(&state, &reviewer, id, &Asked { problems, approval: Some(&typed), ..Asked::default() }).await;
    }
    let approval = Approval {
        revision: typed.revision,
        reviewer: Some(reviewer.account),
        name: typed.name.trim().to_owned(),
        registration: typed.registration.trim().to_owned(),
        approved_at: state.clock.millis_i64(),
        override_reason: (!found.is_empty()).then(|| typed.reason.trim().to_owned()),
    };
    let event = event(&reviewer, &state, Action::ArticleApproved);
    told(&state, &reviewer, id, store::approve(&state.db, id, approval, event).await, "approved").await
}

pub(super) async fn publish(
    staff: Staff,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(which): Form<Which>,
) -> Result<Response> {
    dossier(&state, id).await?;
    let event = event(&staff, &state, Action::ArticlePublished);
    let published = store::publish(&state.db, id, which.revision, state.clock.today(), event).await;
    told(&state, &staff, id, published, "published").await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Time {
    revision: i64,
    publish_at: String,
}

pub(super) async fn schedule(
    staff: Staff,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(time): Form<Time>,
) -> Result<Response> {
    dossier(&state, id).await?;
    let problem = match when::read(&time.publish_at, &state.site.settings.zone) {
        None => "Enter a day and a time, like 2026-11-22 08:30",
        Some(at) if at <= state.clock.millis_i64() => "Enter a time that is still to come",
        Some(at) => {
            let event = event(&staff, &state, Action::ArticleScheduled);
            let planned = store::schedule(&state.db, id, time.revision, at, event).await;
            return told(&state, &staff, id, planned, "scheduled").await;
        }
    };
    let problems = Problems::one("publish_at", problem);
    refused(&state, &staff, id, &Asked { problems, publish_at: &time.publish_at, ..Asked::default() }).await
}

pub(super) async fn withdraw(
    staff: Staff,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(which): Form<Which>,
) -> Result<Response> {
    dossier(&state, id).await?;
    let event = event(&staff, &state, Action::ArticleWithdrawn);
    told(&state, &staff, id, store::withdraw(&state.db, id, which.revision, event).await, "withdrawn").await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    pub revision: i64,
    pub said: String,
}

/// What somebody says, or why it is no comment.
pub(super) fn read_said(written: &str) -> Result<String, String> {
    let said = written.replace("\r\n", "\n").trim().to_owned();
    match said.chars().count() {
        0 => Err("Enter a comment".to_owned()),
        letters if letters > MOST_LETTERS => Err(format!("Enter {MOST_LETTERS} letters or fewer")),
        _ => Ok(said),
    }
}

/// What was typed as a comment on a revision.
///
/// # Errors
/// Why it is none.
pub(super) fn read_comment(state: &AppState, by: &Visitor, revision: i64, said: &str) -> Result<Comment, String> {
    Ok(Comment {
        id: state.clock.new_id(),
        revision,
        said_by: Some(by.account),
        said_by_email: None,
        said_as: String::new(),
        said: read_said(said)?,
        said_at: state.clock.millis_i64(),
        resolved_at: None,
    })
}

pub(super) async fn comment(
    staff: Staff,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(typed): Form<Said>,
) -> Result<Response> {
    dossier(&state, id).await?;
    let problem = match read_comment(&state, &staff, typed.revision, &typed.said) {
        Ok(comment) => {
            let event = event(&staff, &state, Action::CommentMade);
            return told(&state, &staff, id, store::comment(&state.db, id, comment, event).await, "commented").await;
        }
        Err(problem) => problem,
    };
    let asked = Asked { problems: Problems::one("said", problem), said: &typed.said, ..Asked::default() };
    refused(&state, &staff, id, &asked).await
}

pub(super) async fn resolve(
    staff: Staff,
    State(state): State<AppState>,
    Path((id, comment)): Path<(Uuid, Uuid)>,
) -> Result<Response> {
    let event = event(&staff, &state, Action::CommentResolved);
    let resolved = store::resolve(&state.db, id, comment, staff.account, state.clock.millis_i64(), event).await;
    told(&state, &staff, id, resolved, "resolved").await
}
