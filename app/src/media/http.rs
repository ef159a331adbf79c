//! The address of a picture's files.

use axum::{
    extract::{Path, State},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use uuid::Uuid;

use super::{ADDRESS, shown::last, store, workshop::format_of};
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
    let bytes = state.media.read(&name).await.map_err(Error::internal)?.ok_or(Error::NotFound)?;
    Ok((POLICY, [(header::CONTENT_TYPE, format.media_type())], bytes).into_response())
}
