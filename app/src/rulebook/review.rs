//! From a draft to what servers decide by, and back.

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Origin, checking,
    http::{dossier, found, page_of, texts, went_on},
    pages::{Asked, Found, TypedPublication, seen_name},
    soundness::{self, Number},
    store::{self, Publishing, Saving},
    writing::led_to,
};
use crate::{
    AppState, Error, Result,
    account::{OnCall, Reviewer, Writer, session::Visitor},
    audit::Action,
    desk::event,
    triage,
    ui::form::Problems,
};

const MOST_OF_A_REASON: usize = 2_000;

/// Which revision a button is about.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Which {
    revision: i64,
}

pub(super) async fn check(
    _writer: Writer,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(which): Form<Which>,
) -> Result<Response> {
    let texts = texts(&state, id, which.revision).await?;
    checking::begin(&state, texts).await?;
    Ok(led_to(id, "checking"))
}

pub(super) async fn ask(
    writer: Writer,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(which): Form<Which>,
) -> Result<Response> {
    let texts = texts(&state, id, which.revision).await?;
    let event = event(&writer, &state, Action::RuleSetAskedFor);
    let asked = store::ask(&state.db, id, which.revision, writer.account, state.clock.millis_i64(), event).await;
    if asked.is_ok() {
        checking::begin(&state, texts).await?;
    }
    told(&state, &writer, id, asked, "asked").await
}

pub(super) async fn withdraw(
    writer: Writer,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(which): Form<Which>,
) -> Result<Response> {
    let event = event(&writer, &state, Action::RuleSetWithdrawn);
    let withdrawn = store::withdraw(&state.db, id, which.revision, event).await;
    dossier(&state, id).await?;
    told(&state, &writer, id, withdrawn, "withdrawn").await
}

async fn told(state: &AppState, visitor: &Visitor, id: Uuid, outcome: Result<()>, done: &str) -> Result<Response> {
    match outcome {
        Ok(()) => Ok(led_to(id, done)),
        Err(Error::Conflict) => went_on(state, visitor, id).await,
        Err(error) => Err(error),
    }
}

pub(super) async fn publish(
    reviewer: Reviewer,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let typed = TypedPublication::of(fields);
    let texts = texts(&state, id, typed.revision).await?;
    let mut problems = Problems::default();
    if dossier.is_own(reviewer.account) {
        problems.add("how_it_stands", "You wrote a part of this, so somebody else has to publish it");
    } else if dossier.asked_by == Some(reviewer.account) {
        problems.add("how_it_stands", "You asked for it to be published, so somebody else has to do it");
    }
    let (found, against) = found(&state, &texts).await?;
    match found {
        Found::Done(report) if report.passed() => {
            if problems.is_empty() && typed.against != against {
                // What was ticked are the outcomes of other checks.
                return went_on(&state, &reviewer, id).await;
            }
            for (n, _) in report.comparison.lowered().enumerate() {
                if !typed.seen.contains(&seen_name(n)) {
                    problems
                        .add("lowered", format!("Look at lowered outcome {}, and tick that you have seen it", n + 1));
                }
            }
        }
        Found::Done(_) => problems.add("the_checks", "It fails its checks, so nobody can publish it"),
        Found::Nothing | Found::Stopped | Found::Running { .. } => {
            problems.add("the_checks", "Its checks are not done yet, against what is in use now");
        }
    }
    typed.signature().check(&mut problems);
    if !typed.read {
        problems.add("read", "Confirm that you have read what it changes");
    }
    if !problems.is_empty() {
        let asked = Asked { problems, publication: Some(&typed), ..Asked::default() };
        return page_of(&state, &reviewer, id, &asked, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let publishing = Publishing {
        rule_set: id,
        revision: typed.revision,
        after: state.site.in_use.publication,
        against,
        by: reviewer.account,
        name: typed.name.trim().to_owned(),
        registration: typed.registration.trim().to_owned(),
        signed_off: typed.signed_off,
        at: state.clock.millis_i64(),
        replaced: replaced(&state).await?,
    };
    let event = event(&reviewer, &state, Action::RuleSetPublished);
    let published = store::publish(&state.db, publishing, event).await.map(drop);
    told(&state, &reviewer, id, published, "published").await
}

/// What is in use and was not published at the desk, to be kept there.
async fn replaced(state: &AppState) -> Result<Option<(Uuid, Saving)>> {
    let in_use = &state.site.in_use;
    let last = store::last_published(&state.db).await?;
    if in_use.origin == Origin::Desk || last.is_some_and(|last| last.digest == in_use.texts.digest()) {
        return Ok(None);
    }
    let from = if in_use.origin == Origin::Folder { "From the data folder" } else { "Came with the program" };
    let saving = Saving {
        texts: in_use.texts.clone(),
        version: state.site.rules.version.split('+').next().unwrap_or_default().to_owned(),
        note: from.to_owned(),
        by: None,
        at: state.clock.millis_i64(),
    };
    Ok(Some((state.clock.new_id(), saving)))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TypedRollback {
    reason: String,
}

pub(super) async fn roll_back(
    on_call: OnCall,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(typed): Form<TypedRollback>,
) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let texts = texts(&state, id, dossier.newest).await?;
    let reason = typed.reason.trim();
    let mut problems = Problems::default();
    if reason.is_empty() {
        problems.add("reason", "Say why");
    } else if reason.chars().count() > MOST_OF_A_REASON {
        problems.add("reason", format!("Enter {MOST_OF_A_REASON} letters or fewer"));
    }
    if dossier.publications.is_empty() {
        problems.add("how_it_stands", "It was never published, so there is nothing to roll back to");
    }
    // Else one person would bring back what was rolled back from.
    if let Some(last) = store::last_published(&state.db).await?
        && Number::of(dossier.version()) >= Number::of(&last.version)
    {
        problems.add(
            "how_it_stands",
            format!("It is not older than version {}, which was published last: what it says takes a new version, and two people", last.version),
        );
    }
    if let Err(against) = soundness::read(&texts.rules, &state.site.settings) {
        against.into_iter().for_each(|problem| problems.add("how_it_stands", problem));
    }
    // The newest of program, folder and desk decides: an older one of the desk would change nothing.
    let built_in = triage::file::read(&soundness::built_in().rules).map(|rules| rules.version).unwrap_or_default();
    let folder = (state.site.in_use.origin == Origin::Folder).then_some(state.site.rules.version.as_str());
    for newer in [Some(built_in.as_str()), folder].into_iter().flatten() {
        if Number::of(dossier.version()) < Number::of(newer) {
            problems.add(
                "how_it_stands",
                format!("Servers would not use it: they have version {newer} by themselves, which is newer"),
            );
        }
    }
    if !problems.is_empty() {
        let asked = Asked { problems, reason, ..Asked::default() };
        return page_of(&state, &on_call, id, &asked, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let event = event(&on_call, &state, Action::RuleSetRolledBack);
    let (after, now) = (state.site.in_use.publication, state.clock.millis_i64());
    let rolled = store::roll_back(&state.db, id, after, on_call.account, now, reason.to_owned(), event).await;
    told(&state, &on_call, id, rolled, "rolled-back").await
}
