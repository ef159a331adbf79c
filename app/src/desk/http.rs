//! The desk's addresses, and the pages that are only read.

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Dossier, Revision, Status, drafts, exercises, links,
    list::{self, Filter, Sort},
    live,
    pages::{self, article::Asked, list::Listed},
    pictures, review, safety, several, store,
    when::Now,
    writing,
};
use crate::{
    AppState, Error, Result,
    account::{Role, Staff, session::Visitor},
    admin::system,
    article::{self, markdown::with_numbers, outline::Outline},
    audit::{Action, Actor, Event},
    feedback,
    routes::Routes,
    ui::form::Problems,
};

/// An article's text, as a browser encodes it.
const TEXT_LIMIT: usize = 2 * 1024 * 1024;
const FORM_LIMIT: usize = 64 * 1024;

/// The routes of articles.
pub(super) fn routes() -> Routes {
    Routes::new()
        .page_for("/admin", home)
        .page_for("/admin/articles", listed)
        .form_for("/admin/articles/several", FORM_LIMIT, several::several)
        .page_for("/admin/articles/new", writing::new)
        .form_for("/admin/articles/new", TEXT_LIMIT, writing::begin)
        .page_for("/admin/articles/{id}", show)
        .page_for("/admin/articles/{id}/edit", writing::edit)
        .form_for("/admin/articles/{id}/edit", TEXT_LIMIT, writing::save)
        .form_for("/admin/articles/{id}/preview", TEXT_LIMIT, live::preview)
        .form_for("/admin/articles/{id}/draft", TEXT_LIMIT, live::keep)
        .page_for("/admin/articles/{id}/draft/discard", live::ask)
        .form_for("/admin/articles/{id}/draft/discard", FORM_LIMIT, live::discard)
        .script(live::SCRIPT, include_str!("editor.js"))
        .form_for("/admin/articles/{id}/address", FORM_LIMIT, writing::rename)
        .form_for("/admin/articles/{id}/archive", FORM_LIMIT, writing::archive)
        .form_for("/admin/articles/{id}/unarchive", FORM_LIMIT, writing::unarchive)
        .page_for("/admin/articles/{id}/compare", compared)
        .page_for("/admin/articles/{id}/revisions/{number}", revision)
        .form_for("/admin/articles/{id}/revisions/{number}/restore", FORM_LIMIT, writing::restore)
        .form_for("/admin/articles/{id}/review", FORM_LIMIT, review::send)
        .form_for("/admin/articles/{id}/approve", FORM_LIMIT, review::approve)
        .form_for("/admin/articles/{id}/publish", FORM_LIMIT, review::publish)
        .form_for("/admin/articles/{id}/schedule", FORM_LIMIT, review::schedule)
        .form_for("/admin/articles/{id}/withdraw", FORM_LIMIT, review::withdraw)
        .form_for("/admin/articles/{id}/comments", FORM_LIMIT, review::comment)
        .form_for("/admin/articles/{id}/comments/{comment}/resolve", FORM_LIMIT, review::resolve)
        .and(exercises::routes())
        .and(pictures::routes())
}

/// What an event of the desk begins with.
pub(crate) fn event(visitor: &Visitor, state: &AppState, action: Action) -> Event {
    Event::new(&state.clock, Actor::Account(visitor.account), action).seen_from(visitor.origin.client.0)
}

/// The article of this id, with all that the desk knows of it.
pub(super) async fn dossier(state: &AppState, id: Uuid) -> Result<Dossier> {
    store::dossier(&state.db, id).await?.ok_or(Error::NotFound)
}

pub(super) async fn text(state: &AppState, id: Uuid, number: i64) -> Result<Revision> {
    store::revision(&state.db, id, number).await?.ok_or(Error::NotFound)
}

/// A rendered text as readers see it: with the pictures and the numbers to call as they are now.
///
/// # Errors
/// When the database fails.
pub(super) async fn as_read(state: &AppState, html: String) -> Result<String> {
    let html = article::pictures::put_in(&state.db, html).await?;
    Ok(with_numbers(&html, &state.site.settings.numbers))
}

/// What a revision mentions without the card that belongs to it.
pub(super) fn findings(state: &AppState, revision: &Revision) -> Vec<safety::Finding> {
    let manuscript = &revision.manuscript;
    safety::check(&manuscript.title, &manuscript.summary, &Outline::of(&manuscript.markdown), &state.site.rules)
}

async fn home(staff: Staff, State(state): State<AppState>) -> Result<Response> {
    let today = state.clock.today();
    let of = |status: Status| Filter { status: Some(status), page: 1, ..Filter::default() };
    let unsaved = drafts::drafts_of(&state.db, staff.account).await?;
    let standings = list::standings(&state.db, staff.account, today).await?;
    let mine = Filter { saved_by: Some(staff.account), ..of(Status::Draft) };
    let (edits, reviews) = (staff.roles.has(Role::Editor), staff.roles.has(Role::Reviewer));
    let mut waiting = Vec::new();
    for (wanted, title, filter) in [
        (edits, "Your drafts", mine),
        (reviews, "To review", of(Status::InReview)),
        (edits || reviews, "Approved, to be published", of(Status::Approved)),
        (edits || reviews, "Planned", of(Status::Scheduled)),
        (true, "Review overdue", of(Status::Expired)),
        (true, "Review due", of(Status::Due)),
        (true, "Last changed", Filter { page: 1, ..Filter::default() }),
    ] {
        let count = standings
            .iter()
            .filter(|standing| {
                filter.status.map_or(standing.status != Status::Archived, |status| status == standing.status)
            })
            .map(|standing| if filter.saved_by.is_some() { standing.own } else { standing.all })
            .sum();
        if wanted && count > 0 {
            let found = list::find(&state.db, &filter, today).await?;
            waiting.push(pages::list::Waiting { title, filter, found, count });
        }
    }
    let there = writing::Linkable::of(&state).await?.addresses.pages;
    let facts = if staff.roles.has(Role::Admin) { Some(system::facts(&state).await) } else { None };
    let home = pages::list::Home {
        unsaved: &unsaved,
        waiting: &waiting,
        exercises: &exercises::waiting(&state, &staff).await?,
        links: &pages::links::Links {
            inner: links::failing(&state.db, &there).await?,
            outer: links::outer::failing(&state.db).await?,
            round: links::outer::last_round(&state.db).await?,
        },
        unread: feedback::store::unread(&state.db).await?,
        system: facts.as_deref(),
        now: &Now::of(&state),
    };
    Ok(pages::list::home(&staff, &home).respond(&state.site))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: String,
    status: String,
    tag: String,
    author: String,
    due: String,
    by: String,
    sort: String,
    page: Option<u32>,
}

async fn listed(staff: Staff, State(state): State<AppState>, Query(query): Query<ListQuery>) -> Result<Response> {
    let today = state.clock.today();
    let due_in = query.due.parse::<u8>().ok();
    let filter = Filter {
        status: Status::named(&query.status),
        tag: if article::import::is_slug(&query.tag) { query.tag } else { String::new() },
        author: query.author,
        search: query.q,
        due_before: due_in.map(|days| today.plus(i64::from(days) + 1)),
        saved_by: (query.by == "me").then_some(staff.account),
        sort: Sort::named(&query.sort).unwrap_or_default(),
        page: query.page.unwrap_or(1).max(1),
    };
    let count = list::count(&state.db, &filter, today).await?;
    let listed = Listed {
        found: list::find(&state.db, &filter, today).await?,
        count,
        pages: u32::try_from(count.div_ceil(u64::from(list::PER_PAGE))).unwrap_or(u32::MAX).max(1),
        tags: article::store::tags(&state.db).await?,
        authors: list::authors(&state.db).await?,
        filter,
        due_in,
    };
    Ok(pages::list::list(&staff, &listed).respond(&state.site))
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
    Path(id): Path<Uuid>,
    Query(query): Query<ShowQuery>,
) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let asked = Asked { done: pages::article::done(&query.done), ..Asked::default() };
    article_page(&state, &staff, &dossier, &asked, StatusCode::OK).await
}

/// The page of an article, perhaps with what was wrong with a form on it.
pub(super) async fn article_page(
    state: &AppState,
    visitor: &Visitor,
    dossier: &Dossier,
    asked: &Asked<'_>,
    status: StatusCode,
) -> Result<Response> {
    let newest = text(state, dossier.id, dossier.newest).await?;
    let known = pages::article::Known {
        dossier,
        signature: store::last_signature(&state.db, visitor.account).await?.unwrap_or_default(),
        findings: &findings(state, &newest),
        today: state.clock.today(),
        zone: &state.site.settings.zone,
        reviewer: visitor.roles.has(Role::Reviewer),
        editor: visitor.roles.has(Role::Editor),
        own: dossier.is_own(visitor.account),
        may_invite: (visitor.roles.has(Role::Reviewer) || visitor.roles.has(Role::Admin))
            && !dossier.is_own(visitor.account),
        now: state.clock.millis_i64(),
    };
    Ok(pages::article::page(&known, asked).with_status(status).respond(&state.site))
}

/// For a form that came too late: how the article stands now.
pub(super) async fn went_on(state: &AppState, visitor: &Visitor, id: Uuid) -> Result<Response> {
    let problem = "The article went on meanwhile, so this was not done: look at how it stands now";
    let asked = Asked { problems: Problems::one("how_it_stands", problem), ..Asked::default() };
    article_page(state, visitor, &dossier(state, id).await?, &asked, StatusCode::CONFLICT).await
}

async fn revision(
    staff: Staff,
    State(state): State<AppState>,
    Path((id, number)): Path<(Uuid, i64)>,
) -> Result<Response> {
    let (dossier, mut revision) = (dossier(&state, id).await?, text(&state, id, number).await?);
    revision.html = as_read(&state, revision.html).await?;
    Ok(pages::revision::page(&dossier, &revision, staff.roles.has(Role::Editor)).respond(&state.site))
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
    Path(id): Path<Uuid>,
    Query(two): Query<Two>,
) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let (from, to) = (text(&state, id, two.from).await?, text(&state, id, two.to).await?);
    let fields = pages::revision::compared(&from.manuscript, &to.manuscript);
    Ok(pages::revision::comparison(&dossier, from.number, to.number, &fields).respond(&state.site))
}
