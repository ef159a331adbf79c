//! Review: asking for it, commenting, approving, publishing what is approved, and taking an exercise out of the library.

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Approval, Stage,
    http::{dossier, page_of, text, went_on},
    pages::{Asked, TypedApproval},
    store::{self, NewRevision},
    writing::led_to,
};
use crate::{
    AppState, Error, Result,
    account::{Reviewer, Staff, Writer, session::Visitor},
    audit::Action,
    desk::{
        event,
        review::{Said, Which, read_comment},
    },
    exercise::import,
    ui::form::Problems,
};

/// How many letters patients are told of why an exercise is gone.
const MOST_OF_A_NOTE: usize = 500;

/// To the exercise's page, where the deed was done; else to how the exercise stands.
async fn told(state: &AppState, visitor: &Visitor, slug: &str, did: Result<()>, done: &str) -> Result<Response> {
    match did {
        Ok(()) => Ok(led_to(slug, done)),
        Err(Error::Conflict) => went_on(state, visitor, slug).await,
        Err(error) => Err(error),
    }
}

async fn refused(state: &AppState, visitor: &Visitor, slug: &str, asked: &Asked<'_>) -> Result<Response> {
    page_of(state, visitor, slug, asked, StatusCode::UNPROCESSABLE_ENTITY).await
}

pub(super) async fn send(
    writer: Writer,
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Form(which): Form<Which>,
) -> Result<Response> {
    let dossier = dossier(&state, &slug).await?;
    let mut number = which.revision;
    if dossier.stage == Stage::Published {
        // An approval is of one revision, and the one that readers see has its own: the new review is of a copy.
        let copy = NewRevision {
            text: text(&state, &slug, number).await?,
            note: "Unchanged, for a review".to_owned(),
            by: Some(writer.account),
            at: state.clock.millis_i64(),
        };
        let event = event(&writer, &state, Action::ExerciseSaved);
        match store::save(&state.db, state.clock.new_id(), number, copy, event).await {
            Ok(copied) => number = copied,
            Err(error) => return told(&state, &writer, &slug, Err(error), "sent").await,
        }
    }
    let event = event(&writer, &state, Action::ExerciseSentToReview);
    let sent = store::send_to_review(&state.db, slug.clone(), number, event).await;
    told(&state, &writer, &slug, sent, "sent").await
}

pub(super) async fn approve(
    reviewer: Reviewer,
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Form(typed): Form<TypedApproval>,
) -> Result<Response> {
    let dossier = dossier(&state, &slug).await?;
    let mut problems = Problems::default();
    if dossier.is_own(reviewer.account) {
        problems.add("how_it_stands", "You wrote a part of this, so somebody else has to approve it");
    }
    // It was sound when it was saved, perhaps by an earlier program.
    if let Some(problem) = import::problem(&text(&state, &slug, typed.revision).await?.exercise) {
        problems.add("how_it_stands", format!("It has to be mended first: {problem}"));
    }
    typed.signature().check(&mut problems);
    if typed.read.is_empty() {
        problems.add("read", "Confirm that you have read this revision and approve it");
    }
    if !problems.is_empty() {
        return refused(&state, &reviewer, &slug, &Asked { problems, approval: Some(&typed), ..Asked::default() })
            .await;
    }
    let approval = Approval {
        revision: typed.revision,
        reviewer: Some(reviewer.account),
        name: typed.name.trim().to_owned(),
        registration: typed.registration.trim().to_owned(),
        approved_at: state.clock.millis_i64(),
        override_reason: None,
    };
    let event = event(&reviewer, &state, Action::ExerciseApproved);
    let approved = store::approve(&state.db, slug.clone(), approval, event).await;
    told(&state, &reviewer, &slug, approved, "approved").await
}

pub(super) async fn publish(
    staff: Staff,
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Form(which): Form<Which>,
) -> Result<Response> {
    dossier(&state, &slug).await?;
    let event = event(&staff, &state, Action::ExercisePublished);
    let published = store::publish(&state.db, slug.clone(), which.revision, state.clock.millis_i64(), event).await;
    told(&state, &staff, &slug, published, "published").await
}

pub(super) async fn withdraw(
    staff: Staff,
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Form(which): Form<Which>,
) -> Result<Response> {
    dossier(&state, &slug).await?;
    let event = event(&staff, &state, Action::ExerciseWithdrawn);
    let withdrawn = store::withdraw(&state.db, slug.clone(), which.revision, event).await;
    told(&state, &staff, &slug, withdrawn, "withdrawn").await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Why {
    told: String,
}

pub(super) async fn archive(
    writer: Writer,
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Form(typed): Form<Why>,
) -> Result<Response> {
    dossier(&state, &slug).await?;
    let note = typed.told.split_whitespace().collect::<Vec<_>>().join(" ");
    let problem = match note.chars().count() {
        0 => "Say what whoever has it in their plan is told",
        1..=MOST_OF_A_NOTE => {
            let (event, now) = (event(&writer, &state, Action::ExerciseArchived), state.clock.millis_i64());
            let archived = store::archive(&state.db, slug.clone(), state.clock.new_id(), note, now, event).await;
            return told(&state, &writer, &slug, archived, "archived").await;
        }
        _ => "Enter 500 letters or fewer",
    };
    let asked = Asked { problems: Problems::one("told", problem), told: Some(&typed.told), ..Asked::default() };
    refused(&state, &writer, &slug, &asked).await
}

pub(super) async fn unarchive(
    writer: Writer,
    State(state): State<AppState>,
    Path(slug): Path<String>,
) -> Result<Response> {
    dossier(&state, &slug).await?;
    let event = event(&writer, &state, Action::ExerciseUnarchived);
    let back = store::unarchive(&state.db, slug.clone(), event).await;
    told(&state, &writer, &slug, back, "unarchived").await
}

pub(super) async fn comment(
    staff: Staff,
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Form(typed): Form<Said>,
) -> Result<Response> {
    dossier(&state, &slug).await?;
    match read_comment(&state, &staff, typed.revision, &typed.said) {
        Ok(comment) => {
            let event = event(&staff, &state, Action::CommentMade);
            let made = store::comment(&state.db, slug.clone(), state.clock.new_id(), comment, event).await;
            told(&state, &staff, &slug, made, "commented").await
        }
        Err(problem) => {
            let asked = Asked { problems: Problems::one("said", problem), said: &typed.said, ..Asked::default() };
            refused(&state, &staff, &slug, &asked).await
        }
    }
}

pub(super) async fn resolve(
    staff: Staff,
    State(state): State<AppState>,
    Path((slug, comment)): Path<(String, Uuid)>,
) -> Result<Response> {
    let (event, now) = (event(&staff, &state, Action::CommentResolved), state.clock.millis_i64());
    let resolved = store::resolve(&state.db, slug.clone(), comment, staff.account, now, event).await;
    told(&state, &staff, &slug, resolved, "resolved").await
}
