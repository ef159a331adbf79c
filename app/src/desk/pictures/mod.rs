//! The library of pictures at the desk: adding, describing, replacing, archiving and deleting them.

mod pages;

use axum::{
    Form,
    extract::{Multipart, Path, Query, State, multipart::MultipartRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use pages::{Asked, Known};

use super::event;
use crate::{
    AppState, Error, Result,
    account::{Admin, Editor, Role, Staff, session::Visitor},
    audit::Action,
    media::{
        Picture,
        store::{self, Filter, NewVersion},
        upload::{self, FORM_LIMIT, Sent, Typed},
        workshop::{Kept, NotMade},
    },
    routes::Routes,
    ui::{form::Problems, page::private_json},
};

const WORDS_LIMIT: usize = 64 * 1024;

/// The address of the script.
const SCRIPT: &str = "/pictures.js";

/// Every route of the library.
pub(super) fn routes() -> Routes {
    Routes::new()
        .page_for("/admin/media", list)
        .page_for("/admin/media/new", new)
        .upload_for("/admin/media/new", FORM_LIMIT, add)
        .page_for("/admin/media/pick", pick)
        .page_for("/admin/media/{id}", show)
        .form_for("/admin/media/{id}", WORDS_LIMIT, describe)
        .page_for("/admin/media/{id}/replace", ask_to_replace)
        .upload_for("/admin/media/{id}/replace", FORM_LIMIT, replace)
        .form_for("/admin/media/{id}/versions/{number}/restore", WORDS_LIMIT, restore)
        .form_for("/admin/media/{id}/archive", WORDS_LIMIT, archive)
        .form_for("/admin/media/{id}/unarchive", WORDS_LIMIT, unarchive)
        .page_for("/admin/media/{id}/delete", ask_to_delete)
        .form_for("/admin/media/{id}/delete", WORDS_LIMIT, delete)
        .script(SCRIPT, include_str!("pictures.js"))
}

async fn picture(state: &AppState, id: Uuid) -> Result<Picture> {
    store::picture(&state.db, id).await?.ok_or(Error::NotFound)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: String,
    /// "archived"
    show: String,
    page: Option<u32>,
    done: String,
}

impl ListQuery {
    fn filter(self) -> Filter {
        Filter { search: self.q, archived: self.show == "archived", page: self.page.unwrap_or(1).max(1) }
    }
}

async fn list(staff: Staff, State(state): State<AppState>, Query(query): Query<ListQuery>) -> Result<Response> {
    let done = pages::done(&query.done);
    let filter = query.filter();
    let count = store::count(&state.db, &filter).await?;
    let found = store::find(&state.db, &filter).await?;
    Ok(pages::list(staff.roles.has(Role::Editor), &filter, &found, count, done).respond(&state.site))
}

/// For the editor's script: pictures to choose from.
async fn pick(_editor: Editor, State(state): State<AppState>, Query(query): Query<ListQuery>) -> Result<Response> {
    let filter = Filter { archived: false, page: 1, ..query.filter() };
    let found = store::find(&state.db, &filter).await?;
    let count = store::count(&state.db, &filter).await?;
    Ok(private_json(&json!({ "found": pages::choices(&found, count).into_string() })))
}

async fn new(_editor: Editor, State(state): State<AppState>) -> Response {
    pages::new(&Typed::default(), &Problems::default()).respond(&state.site)
}

async fn add(
    editor: Editor,
    State(state): State<AppState>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response> {
    let id = state.clock.new_id();
    let sent = upload::read(form, &state.media, id).await?;
    let (words, mut problems) = sent.typed.read();
    let typed = sent.typed.clone();
    let kept = match made(&state, sent, id).await? {
        Ok(kept) => kept,
        Err((status, why)) => {
            problems.add("file", why);
            return Ok(pages::new(&typed, &problems).with_status(status).respond(&state.site));
        }
    };
    let version = NewVersion { kept, by: Some(editor.account), at: state.clock.millis_i64() };
    store::add(&state.db, id, words, version, event(&editor, &state, Action::PictureAdded)).await?;
    if problems.is_empty() {
        return Ok(led_to(id, "added"));
    }
    // The picture is good and kept: only its words are asked for again.
    let asked = Asked { problems, typed: Some(typed), done: pages::done("to-describe") };
    picture_page(&state, &editor, id, &asked, StatusCode::UNPROCESSABLE_ENTITY).await
}

const AWAY: &str =
    "The picture was not kept: the place where pictures are kept does not answer. Choose it again in a few minutes";

/// The picture of what was sent; or what is wrong with it.
async fn made(state: &AppState, sent: Sent, id: Uuid) -> Result<Result<Kept, (StatusCode, String)>> {
    let unprocessable = |why: String| Ok(Err((StatusCode::UNPROCESSABLE_ENTITY, why)));
    match (sent.wrong, sent.file) {
        (Some(wrong), _) => Ok(Err(wrong)),
        (None, None) => unprocessable("Choose a picture".to_owned()),
        (None, Some(file)) => match state.media.make(file, id).await {
            Ok(kept) => Ok(Ok(kept)),
            Err(NotMade::Refused(why)) => unprocessable(why),
            Err(NotMade::Failed(Error::Unavailable(cause))) => {
                tracing::error!(%cause, "a picture was not kept");
                Ok(Err((StatusCode::SERVICE_UNAVAILABLE, AWAY.to_owned())))
            }
            Err(NotMade::Failed(error)) => Err(error),
        },
    }
}

fn led_to(id: Uuid, done: &str) -> Response {
    Redirect::to(&format!("/admin/media/{id}?done={done}")).into_response()
}

async fn known(state: &AppState, visitor: &Visitor, id: Uuid) -> Result<Known> {
    Ok(Known {
        picture: picture(state, id).await?,
        versions: store::versions(&state.db, id).await?,
        uses: store::uses(&state.db, id).await?,
        drafts: store::drafts(&state.db, id).await?,
        editor: visitor.roles.has(Role::Editor),
        admin: visitor.roles.has(Role::Admin),
    })
}

async fn picture_page(
    state: &AppState,
    visitor: &Visitor,
    id: Uuid,
    asked: &Asked,
    status: StatusCode,
) -> Result<Response> {
    let known = known(state, visitor, id).await?;
    Ok(pages::picture(&known, asked).with_status(status).respond(&state.site))
}

/// For a form that came too late: how the picture is now.
async fn went_on(state: &AppState, visitor: &Visitor, id: Uuid) -> Result<Response> {
    let problem = "The picture was changed or is used meanwhile, so this was not done: look at how it is now";
    let asked = Asked { problems: Problems::one("how_it_is", problem), ..Asked::default() };
    picture_page(state, visitor, id, &asked, StatusCode::CONFLICT).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ShowQuery {
    done: String,
}

async fn show(
    staff: Staff,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Query(query): Query<ShowQuery>,
) -> Result<Response> {
    let asked = Asked { done: pages::done(&query.done), ..Asked::default() };
    picture_page(&state, &staff, id, &asked, StatusCode::OK).await
}

async fn describe(
    editor: Editor,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let (words, problems) = typed.read();
    if !problems.is_empty() {
        let asked = Asked { problems, typed: Some(typed), done: None };
        return picture_page(&state, &editor, id, &asked, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    store::describe(&state.db, id, words, event(&editor, &state, Action::PictureDescribed)).await?;
    Ok(led_to(id, "described"))
}

async fn ask_to_replace(editor: Editor, State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Response> {
    let known = known(&state, &editor, id).await?;
    let typed = Typed::of(&known.picture.words, known.picture.version);
    Ok(pages::replace(&known, &typed, &Problems::default()).respond(&state.site))
}

async fn replace(
    editor: Editor,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response> {
    let known = known(&state, &editor, id).await?;
    let sending = state.clock.new_id();
    let sent = upload::read(form, &state.media, sending).await?;
    let (words, mut problems) = sent.typed.read();
    let typed = sent.typed.clone();
    let again = |problems: &Problems, status| {
        Ok(pages::replace(&known, &typed, problems).with_status(status).respond(&state.site))
    };
    if let Some((status, why)) = sent.wrong {
        problems.add("file", why);
        return again(&problems, status);
    }
    if !problems.is_empty() {
        problems.add("file", "Choose the picture again: it was not looked at");
        return again(&problems, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let kept = match made(&state, sent, sending).await? {
        Ok(kept) => kept,
        Err((status, why)) => return again(&Problems::one("file", why), status),
    };
    let version = NewVersion { kept, by: Some(editor.account), at: state.clock.millis_i64() };
    let event = event(&editor, &state, Action::PictureReplaced);
    match store::replace(&state.db, id, typed.version, words, version, event).await {
        Ok(()) => Ok(led_to(id, "replaced")),
        Err(Error::Conflict) => went_on(&state, &editor, id).await,
        Err(error) => Err(error),
    }
}

/// The version that a form was made from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Which {
    revision: i64,
}

async fn restore(
    editor: Editor,
    State(state): State<AppState>,
    Path((id, number)): Path<(Uuid, i64)>,
    Form(which): Form<Which>,
) -> Result<Response> {
    let known = known(&state, &editor, id).await?;
    let old = known.versions.into_iter().find(|version| version.number == number).ok_or(Error::NotFound)?;
    let kept = Kept { width: old.width, height: old.height, files: old.files };
    let version = NewVersion { kept, by: Some(editor.account), at: state.clock.millis_i64() };
    let event = event(&editor, &state, Action::PictureReplaced);
    match store::replace(&state.db, id, which.revision, known.picture.words, version, event).await {
        Ok(()) => Ok(led_to(id, "replaced")),
        Err(Error::Conflict) => went_on(&state, &editor, id).await,
        Err(error) => Err(error),
    }
}

async fn archive(editor: Editor, State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Response> {
    picture(&state, id).await?;
    let event = event(&editor, &state, Action::PictureArchived);
    match store::archive(&state.db, id, state.clock.millis_i64(), event).await {
        Ok(()) => Ok(led_to(id, "archived")),
        Err(Error::Conflict) => went_on(&state, &editor, id).await,
        Err(error) => Err(error),
    }
}

async fn unarchive(editor: Editor, State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Response> {
    picture(&state, id).await?;
    match store::unarchive(&state.db, id, event(&editor, &state, Action::PictureUnarchived)).await {
        Ok(()) => Ok(led_to(id, "unarchived")),
        Err(Error::Conflict) => went_on(&state, &editor, id).await,
        Err(error) => Err(error),
    }
}

async fn ask_to_delete(admin: Admin, State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Response> {
    let known = known(&state, &admin, id).await?;
    Ok(pages::delete(&known).respond(&state.site))
}

async fn delete(admin: Admin, State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Response> {
    picture(&state, id).await?;
    match store::delete(&state.db, id, event(&admin, &state, Action::PictureDeleted)).await {
        Ok(files) => {
            state.media.forget(&files).await;
            Ok(Redirect::to("/admin/media?done=deleted").into_response())
        }
        Err(Error::Conflict) => went_on(&state, &admin, id).await,
        Err(error) => Err(error),
    }
}
