//! The address of a picture's files.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use futures_util::TryStreamExt;
use uuid::Uuid;

use super::{ADDRESS, place::Contents, shown::last, store, workshop::format_of};
use crate::{
    AppState, Error, Result,
    routes::{CachePolicy, Routes},
};

pub fn routes() -> Routes {
    Routes::new().page("/media/{name}", CachePolicy::Forever, file)
}

/// For who opens a file by itself: an SVG may have a style, and nothing else. `nosniff` comes with every answer.
const POLICY: [(HeaderName, HeaderValue); 1] = [(
    header::CONTENT_SECURITY_POLICY,
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"),
)];

/// One file, which never changes; or, for a picture's id, the way to the file that everybody can read.
async fn file(State(state): State<AppState>, Path(name): Path<String>) -> Result<Response> {
    if let Ok(id) = name.parse::<Uuid>() {
        let picture = store::picture(&state.db, id).await?.ok_or(Error::NotFound)?;
        let file = last(&picture).ok_or(Error::NotFound)?;
        return Ok(Redirect::to(&format!("{ADDRESS}{}", file.name)).into_response());
    }
    let format = format_of(&name).ok_or(Error::NotFound)?;
    let Contents { length, pieces } = state.media.place().open(&name).await?.ok_or(Error::NotFound)?;
    let described = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
    ];
    // Its beginning is on its way: the answer cannot say so any more.
    let pieces = pieces.inspect_err(|error| tracing::error!(%error, "a picture\u{2019}s file broke off"));
    Ok((POLICY, described, Body::from_stream(pieces)).into_response())
}
