//! The addresses of exercises on the desk, and the pages that are only read.

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::{
    Dossier, Status, Text,
    list::{self, Filter, Sort, Waiting},
    pages::{self, Asked, Known},
    review, store, writing,
};
use crate::{
    AppState, Error, Result,
    account::{Role, Staff, session::Visitor},
    article::import::is_slug,
    desk,
    routes::Routes,
    tracker::starter::Starter,
    ui::form::Problems,
};

/// An exercise with its drawing, as a browser encodes it.
const TEXT_LIMIT: usize = 512 * 1024;
const FORM_LIMIT: usize = 64 * 1024;

pub(in crate::desk) fn routes() -> Routes {
    Routes::new()
        .page_for("/admin/exercises", listed)
        .page_for("/admin/exercises/new", writing::new)
        .form_for("/admin/exercises/new", TEXT_LIMIT, writing::begin)
        .page_for("/admin/exercises/{id}", show)
        .page_for("/admin/exercises/{id}/edit", writing::edit)
        .form_for("/admin/exercises/{id}/edit", TEXT_LIMIT, writing::save)
        .page_for("/admin/exercises/{id}/compare", compared)
        .page_for("/admin/exercises/{id}/revisions/{number}", revision)
        .form_for("/admin/exercises/{id}/revisions/{number}/restore", FORM_LIMIT, writing::restore)
        .form_for("/admin/exercises/{id}/review", FORM_LIMIT, review::send)
        .form_for("/admin/exercises/{id}/approve", FORM_LIMIT, review::approve)
        .form_for("/admin/exercises/{id}/publish", FORM_LIMIT, review::publish)
        .form_for("/admin/exercises/{id}/withdraw", FORM_LIMIT, review::withdraw)
        .form_for("/admin/exercises/{id}/archive", FORM_LIMIT, review::archive)
        .form_for("/admin/exercises/{id}/unarchive", FORM_LIMIT, review::unarchive)
        .form_for("/admin/exercises/{id}/comments", FORM_LIMIT, review::comment)
        .form_for("/admin/exercises/{id}/comments/{comment}/resolve", FORM_LIMIT, review::resolve)
}

/// The exercise at this address, with all that the desk knows of it.
pub(super) async fn dossier(state: &AppState, slug: &str) -> Result<Dossier> {
    if !is_slug(slug) {
        return Err(Error::NotFound);
    }
    store::dossier(&state.db, slug).await?.ok_or(Error::NotFound)
}

pub(super) async fn text(state: &AppState, slug: &str, number: i64) -> Result<Text> {
    store::text(&state.db, slug, number).await?.ok_or(Error::NotFound)
}

/// Whether somebody writes exercises.
pub(super) fn writes(visitor: &Visitor) -> bool {
    visitor.roles.has(Role::Editor) || visitor.roles.has(Role::Reviewer)
}

/// What waits for whoever asks, for the desk's first page.
pub(in crate::desk) async fn waiting(state: &AppState, visitor: &Visitor) -> Result<Vec<Waiting>> {
    let all = list::all(&state.db, state.clock.today()).await?;
    let mut waiting = Vec::new();
    for (wanted, title, status) in [
        (writes(visitor), "Your drafts of exercises", Status::Draft),
        (visitor.roles.has(Role::Reviewer), "Exercises to review", Status::InReview),
        (writes(visitor), "Approved exercises, to be published", Status::Approved),
        (true, "Exercises whose review is overdue", Status::Expired),
        (true, "Exercises whose review is due", Status::Due),
    ] {
        let mut found = Filter { status: Some(status), ..Filter::default() }.of(all.clone());
        if status == Status::Draft {
            found.retain(|one| one.saved_by == Some(visitor.account));
        }
        if wanted && !found.is_empty() {
            waiting.push(Waiting { title, status, found });
        }
    }
    Ok(waiting)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: String,
    status: String,
    sort: String,
}

async fn listed(staff: Staff, State(state): State<AppState>, Query(query): Query<ListQuery>) -> Result<Response> {
    let filter = Filter {
        status: Status::named(&query.status),
        search: query.q,
        sort: Sort::named(&query.sort).unwrap_or_default(),
    };
    let found = filter.of(list::all(&state.db, state.clock.today()).await?);
    Ok(pages::list(writes(&staff), &filter, &found).respond(&state.site))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ShowQuery {
    /// The name of what was just done.
    done: String,
}

async fn show(
    staff: Staff,
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Query(query): Query<ShowQuery>,
) -> Result<Response> {
    let asked = Asked { done: pages::done(&query.done), ..Asked::default() };
    page_of(&state, &staff, &slug, &asked, StatusCode::OK).await
}

/// The page about an exercise, perhaps with what was wrong with a form on it.
pub(super) async fn page_of(
    state: &AppState,
    visitor: &Visitor,
    slug: &str,
    asked: &Asked<'_>,
    status: StatusCode,
) -> Result<Response> {
    let dossier = dossier(state, slug).await?;
    let signature = match store::last_signature(&state.db, visitor.account).await? {
        Some(signature) => Some(signature),
        None => desk::store::last_signature(&state.db, visitor.account).await?,
    };
    let has = |plan: &&Starter| plan.items.iter().any(|(exercise, _)| exercise == slug);
    let plans = state.site.starters.iter().filter(has);
    let known = Known {
        dossier: &dossier,
        signature: signature.unwrap_or_default(),
        plans: plans.map(|plan| plan.name.as_str()).collect(),
        today: state.clock.today(),
        writer: writes(visitor),
        reviewer: visitor.roles.has(Role::Reviewer),
        own: dossier.is_own(visitor.account),
    };
    Ok(pages::exercise(&known, asked).with_status(status).respond(&state.site))
}

/// For a form that came too late: how the exercise stands now.
pub(super) async fn went_on(state: &AppState, visitor: &Visitor, slug: &str) -> Result<Response> {
    let problem = "The exercise went on meanwhile, so this was not done: look at how it stands now";
    let asked = Asked { problems: Problems::one("how_it_stands", problem), ..Asked::default() };
    page_of(state, visitor, slug, &asked, StatusCode::CONFLICT).await
}

async fn revision(
    staff: Staff,
    State(state): State<AppState>,
    Path((slug, number)): Path<(String, i64)>,
) -> Result<Response> {
    let (dossier, text) = (dossier(&state, &slug).await?, text(&state, &slug, number).await?);
    let page = pages::revision(&dossier, number, &text, state.clock.today(), writes(&staff));
    Ok(page.respond(&state.site))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Two {
    from: i64,
    to: i64,
}

async fn compared(
    _staff: Staff,
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Query(two): Query<Two>,
) -> Result<Response> {
    let dossier = dossier(&state, &slug).await?;
    let (from, to) = (text(&state, &slug, two.from).await?, text(&state, &slug, two.to).await?);
    Ok(pages::comparison(&dossier, (two.from, &from), (two.to, &to)).respond(&state.site))
}
