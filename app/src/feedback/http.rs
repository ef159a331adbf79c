//! The addresses of feedback: to give it, and for the staff to read it.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{MOST_LETTERS, Stage, pages, store};
use crate::{
    AppState, Error, Result,
    account::{
        Editor, Role, Staff,
        refusals::{Limit, Subject},
        session,
    },
    article::import::is_slug,
    audit::Action,
    desk::event,
    routes::{CachePolicy, Routes},
    ui::form::Problems,
};

/// A yes or no, in bytes.
const ANSWER_LIMIT: usize = 1024;
/// Many times the longest remark: one that is too long must come back to be shortened.
const REMARK_LIMIT: usize = 64 * 1024;

pub fn routes() -> Routes {
    Routes::new()
        .form("/articles/{slug}/useful", ANSWER_LIMIT, answer)
        .page("/articles/{slug}/thanks", CachePolicy::Revalidate, thanks)
        .form("/articles/{slug}/thanks", REMARK_LIMIT, remark)
        .page_for("/admin/feedback", list)
        .page_for("/admin/feedback/{article}", of_article)
        .form_for("/admin/feedback/{article}/{remark}", ANSWER_LIMIT, put)
        .page_for("/admin/feedback/{article}/{remark}/delete", ask_to_delete)
        .form_for("/admin/feedback/{article}/{remark}/delete", 0, delete)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Useful {
    Yes,
    No,
}

#[derive(Debug, Deserialize)]
struct Answer {
    useful: Useful,
}

/// Holds whoever sends many forms up.
async fn admit(state: &AppState, parts: &Parts) -> Result<()> {
    let client = session::client(parts);
    let limit = Limit { name: "feedback", client, subject: Subject::Nobody };
    limit.watch(state, state.guard.may_say(client, &state.clock)).await
}

async fn answer(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    parts: Parts,
    Form(answer): Form<Answer>,
) -> Result<Redirect> {
    if !is_slug(&slug) {
        return Err(Error::NotFound);
    }
    admit(&state, &parts).await?;
    let useful = answer.useful == Useful::Yes;
    // To what readers see now: so nobody can count for a revision of their own making.
    if !store::count(&state.db, &slug, state.clock.today(), useful).await? {
        return Err(Error::NotFound);
    }
    Ok(Redirect::to(&format!("/articles/{slug}/thanks?useful={}", if useful { "yes" } else { "no" })))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    useful: Option<Useful>,
    said: String,
}

/// The article's title, where readers see it.
async fn title(state: &AppState, slug: &str) -> Result<String> {
    if !is_slug(slug) {
        return Err(Error::NotFound);
    }
    let shown = state.articles.article(&state.db, slug, &state.site.settings.numbers).await?.ok_or(Error::NotFound)?;
    Ok(shown.article.title.clone())
}

async fn thanks(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let title = title(&state, &slug).await?;
    Ok(match asked.useful {
        Some(useful) => pages::thanks(&slug, &title, useful, "", &Problems::default()),
        None => pages::said(&slug, &title),
    }
    .respond(&state.site))
}

async fn remark(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response> {
    let title = title(&state, &slug).await?;
    let useful = asked.useful.unwrap_or(Useful::No);
    let again = |message: &str, status: StatusCode| {
        pages::thanks(&slug, &title, useful, &asked.said, &Problems::one("said", message))
            .with_status(status)
            .respond(&state.site)
    };
    if let Err(refused) = admit(&state, &parts).await {
        let Error::TooMany { seconds } = refused else { return Err(refused) };
        let message = format!("There were too many messages. Wait {seconds} seconds, then send it again");
        let mut response = again(&message, StatusCode::TOO_MANY_REQUESTS);
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        return Ok(response);
    }
    // A browser ends lines as Windows does; nothing else that is no letter is anybody's words.
    let plain = asked.said.replace("\r\n", "\n");
    let said: String = plain.trim().chars().filter(|letter| !letter.is_control() || *letter == '\n').collect();
    let letters = said.chars().count();
    if letters == 0 {
        return Ok(again("Write what could be better, or go back to the article", StatusCode::UNPROCESSABLE_ENTITY));
    }
    if letters > MOST_LETTERS {
        let message = format!("It must have {MOST_LETTERS} letters or fewer; now it has {letters}");
        return Ok(again(&message, StatusCode::UNPROCESSABLE_ENTITY));
    }
    let (id, today) = (state.clock.new_id(), state.clock.today());
    if !store::keep(&state.db, id, &slug, today, useful == Useful::Yes, &said).await? {
        let message = "We got more messages about this page today than we can read. Try again tomorrow";
        return Ok(again(message, StatusCode::TOO_MANY_REQUESTS));
    }
    Ok(Redirect::to(&format!("/articles/{slug}/thanks")).into_response())
}

async fn list(_staff: Staff, State(state): State<AppState>) -> Result<Response> {
    Ok(pages::list(&store::heard(&state.db).await?).respond(&state.site))
}

async fn of_article(staff: Staff, State(state): State<AppState>, Path(article): Path<Uuid>) -> Result<Response> {
    let heard = store::heard_of(&state.db, article).await?.ok_or(Error::NotFound)?;
    let revisions = store::by_revision(&state.db, article).await?;
    let remarks = store::remarks(&state.db, article).await?;
    let edits = staff.roles.has(Role::Editor);
    Ok(pages::of_article(&heard, &revisions, &remarks, edits).respond(&state.site))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Put {
    stage: String,
}

async fn put(
    editor: Editor,
    State(state): State<AppState>,
    Path((article, remark)): Path<(Uuid, Uuid)>,
    Form(form): Form<Put>,
) -> Result<Redirect> {
    let stage = Stage::named(&form.stage).ok_or(Error::BadRequest("The form has a stage that there is none of."))?;
    store::put(&state.db, article, remark, stage, event(&editor, &state, Action::RemarkHandled)).await?;
    Ok(Redirect::to(&format!("/admin/feedback/{article}")))
}

async fn ask_to_delete(
    _editor: Editor,
    State(state): State<AppState>,
    Path((article, remark)): Path<(Uuid, Uuid)>,
) -> Result<Response> {
    let remarks = store::remarks(&state.db, article).await?;
    let remark = remarks.iter().find(|found| found.id == remark).ok_or(Error::NotFound)?;
    Ok(pages::ask_to_delete(article, remark).respond(&state.site))
}

async fn delete(
    editor: Editor,
    State(state): State<AppState>,
    Path((article, remark)): Path<(Uuid, Uuid)>,
) -> Result<Redirect> {
    store::delete(&state.db, article, remark, event(&editor, &state, Action::RemarkDeleted)).await?;
    Ok(Redirect::to(&format!("/admin/feedback/{article}")))
}
