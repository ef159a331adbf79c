//! `/admin/files`: an administrator downloads all content, or brings an archive in, having seen what it would change.

use axum::{
    Form,
    extract::{
        Multipart, State,
        multipart::{MultipartError, MultipartRejection},
    },
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{
    MOST_OF_PICTURES, OF_AN_UPLOAD, archive,
    export::{self, Exported},
    import::{self, Deed, Outcome, Package, Report},
    pages, store,
};
use crate::{
    AppState, Error, Result,
    account::{Admin, Fresh},
    audit::{self, Action},
    content::Origin,
    desk::event,
    routes::Routes,
    ui::form::Problems,
};

/// Of a packed archive, in bytes.
const UPLOAD_LIMIT: usize = 32 * 1024 * 1024;
const FORM_LIMIT: usize = 1024;

pub fn routes() -> Routes {
    Routes::new()
        .page_for("/admin/files", show)
        .upload_for("/admin/files", UPLOAD_LIMIT, upload)
        .form_for("/admin/files/download", 0, download)
        .page_for("/admin/files/check", check)
        .form_for("/admin/files/check", FORM_LIMIT, save)
        .form_for("/admin/files/discard", 0, discard)
}

async fn show(_admin: Fresh<Admin>, State(state): State<AppState>) -> Response {
    pages::files(&Problems::default()).respond(&state.site)
}

async fn download(admin: Fresh<Admin>, State(state): State<AppState>) -> Result<Response> {
    if export::bytes_of_pictures(&state.db).await? > MOST_OF_PICTURES {
        let page =
            pages::files(&Problems::one("download", TOO_MANY_PICTURES)).with_status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(page.respond(&state.site));
    }
    let mut files: Vec<Exported> = vec![];
    export::each(&state.db, state.media.place(), |file| {
        files.push(file);
        Ok::<_, Error>(())
    })
    .await?;
    // The same content is the same archive.
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let packed = tokio::task::spawn_blocking(move || archive::pack(&files)).await.map_err(Error::internal)??;
    // In advance: whoever breaks the download off has seen what came until then.
    audit::record(&state.db, event(&admin, &state, Action::ContentExported)).await?;
    let name = format!("attachment; filename=\"content-{}.zip\"", state.clock.today());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Error::internal)?),
    ];
    Ok((headers, packed).into_response())
}

const TOO_MANY_PICTURES: &str =
    "The pictures are larger than 24 MB together: export on the command line, with sciaticalm export";

const AWAY: &str = "Nothing was imported: the place where pictures are kept does not answer. Choose the archive again in a few minutes";

/// Keeps the archive, and leads to what it would change.
async fn upload(
    admin: Fresh<Admin>,
    State(state): State<AppState>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response> {
    let again =
        |why: &str, status| Ok(pages::files(&Problems::one("file", why)).with_status(status).respond(&state.site));
    let bytes = match sent(form).await {
        Ok(bytes) => bytes,
        Err(why) => return again(why, StatusCode::UNPROCESSABLE_ENTITY),
    };
    match unpacked(&state, bytes.clone()).await? {
        Ok(mut package) => {
            if package.problems.is_empty() {
                // Here, where there is time: what is looked at and saved afterwards has its files in place.
                match package.check_pictures(&state, true).await {
                    Err(Error::Unavailable(cause)) => {
                        tracing::error!(%cause, "the pictures of an archive were not kept");
                        return again(AWAY, StatusCode::SERVICE_UNAVAILABLE);
                    }
                    checked => checked?,
                }
            }
            if !package.problems.is_empty() {
                return Ok(refused(&state, &package.problems));
            }
        }
        Err(problems) => return Ok(refused(&state, &problems)),
    }
    store::keep(&state.db, admin.account, bytes, state.clock.millis_i64()).await?;
    Ok(Redirect::to("/admin/files/check").into_response())
}

/// The page about an archive that is not taken.
fn refused(state: &AppState, problems: &[String]) -> Response {
    pages::refused(problems).with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site)
}

/// The file that was sent, or what is wrong with it.
async fn sent(form: Result<Multipart, MultipartRejection>) -> Result<Vec<u8>, &'static str> {
    const NONE: &str = "Choose an archive whose name ends in .zip";
    let told = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            "The archive is larger than 32 MB: bring it in on the command line, with sciaticalm import"
        }
        _ => "The archive did not arrive whole. Try again",
    };
    let mut form = form.map_err(|_| NONE)?;
    while let Some(field) = form.next_field().await.map_err(told)? {
        if field.name() == Some("file") {
            let bytes = field.bytes().await.map_err(told)?;
            return if bytes.is_empty() { Err(NONE) } else { Ok(bytes.into()) };
        }
    }
    Err(NONE)
}

/// What an archive says: its articles are checked and rendered, on a thread of their own.
async fn unpacked(state: &AppState, bytes: Vec<u8>) -> Result<Result<Package, Vec<String>>> {
    let state = state.clone();
    let read = move || {
        let (files, pictures) = archive::unpack(&bytes, OF_AN_UPLOAD)?;
        Ok(import::read(&state, &files, &pictures))
    };
    tokio::task::spawn_blocking(read).await.map_err(Error::internal)
}

async fn check(admin: Fresh<Admin>, State(state): State<AppState>) -> Result<Response> {
    let Some(bytes) = store::kept(&state.db, admin.account, state.clock.millis_i64()).await? else {
        return Ok(Redirect::to("/admin/files").into_response());
    };
    look(&state, bytes, false).await
}

/// What the archive would change, and the button that does it.
async fn look(state: &AppState, bytes: Vec<u8>, is_other: bool) -> Result<Response> {
    let package = match unpacked(state, bytes.clone()).await? {
        Ok(package) if package.problems.is_empty() => package,
        Ok(package) => return Ok(refused(state, &package.problems)),
        Err(problems) => return Ok(refused(state, &problems)),
    };
    let Outcome { report, .. } = import::save(state, package, Origin::Imported, Deed::Look).await?;
    if !report.problems.is_empty() {
        return Ok(refused(state, &report.problems));
    }
    let status = if is_other { StatusCode::CONFLICT } else { StatusCode::OK };
    Ok(pages::plan(&report, &seal(&bytes, &report), is_other).with_status(status).respond(&state.site))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shown {
    shown: String,
}

/// Stands for an archive and what it would change.
fn seal(bytes: &[u8], report: &Report) -> String {
    format!("{:x}", Sha256::new().chain_update(bytes).chain_update(format!("{report:?}")).finalize())
}

async fn save(admin: Fresh<Admin>, State(state): State<AppState>, Form(form): Form<Shown>) -> Result<Response> {
    let Some(bytes) = store::kept(&state.db, admin.account, state.clock.millis_i64()).await? else {
        let gone =
            Problems::one("file", "The archive waited for more than an hour, or was imported already. Choose it again");
        return Ok(pages::files(&gone).with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site));
    };
    let package = match unpacked(&state, bytes.clone()).await? {
        Ok(package) if package.problems.is_empty() => package,
        // The rules changed meanwhile, say.
        Ok(package) => return Ok(refused(&state, &package.problems)),
        Err(problems) => return Ok(refused(&state, &problems)),
    };
    let Outcome { report, .. } = import::save(&state, package.clone(), Origin::Imported, Deed::Look).await?;
    if seal(&bytes, &report) != form.shown {
        return look(&state, bytes, true).await;
    }
    let deed = Deed::SaveAsShown(report, event(&admin, &state, Action::ContentImported));
    let Outcome { report, is_saved } = import::save(&state, package.by(admin.account), Origin::Imported, deed).await?;
    if !is_saved {
        return look(&state, bytes, true).await;
    }
    store::remove(&state.db, admin.account).await?;
    Ok(pages::done(&report).respond(&state.site))
}

async fn discard(admin: Fresh<Admin>, State(state): State<AppState>) -> Result<Response> {
    store::remove(&state.db, admin.account).await?;
    Ok(Redirect::to("/admin/files").into_response())
}
