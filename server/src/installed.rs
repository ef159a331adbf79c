//! What lets a phone put the tracker on its home screen: the manifest, and the sign as pictures.

use app::{
    AppState, Error,
    routes::{CachePolicy, Routes},
    site::Site,
};
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// Drawn from the sign (`app::ui::page::FAVICON`) by Chromium, as large as their names say: phones want pixels. The one that
/// may be cut to any shape has its ground to the edge, and the sign within the middle four fifths.
const ICONS: [(&str, &[u8]); 4] = [
    ("180.png", include_bytes!("icons/180.png")),
    ("192.png", include_bytes!("icons/192.png")),
    ("512.png", include_bytes!("icons/512.png")),
    ("512-maskable.png", include_bytes!("icons/512-maskable.png")),
];

pub fn routes() -> Routes {
    Routes::new().page("/manifest.webmanifest", CachePolicy::Revalidate, manifest).page(
        "/icons/{name}",
        CachePolicy::Revalidate,
        async |Path(name): Path<String>| icon(&name),
    )
}

async fn manifest(State(state): State<AppState>) -> Response {
    ([(header::CONTENT_TYPE, "application/manifest+json")], manifest_of(&state.site)).into_response()
}

fn manifest_of(site: &Site) -> String {
    json!({
        "id": "/tracker",
        "name": format!("{} tracker", site.settings.name),
        "short_name": site.settings.name,
        "description": "Your exercises and symptoms day by day, and a warning when what you log is a red flag.",
        "lang": "en-GB",
        "start_url": "/tracker",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#073a39",
        "icons": [
            { "src": "/icons/192.png", "sizes": "192x192", "type": "image/png" },
            { "src": "/icons/512.png", "sizes": "512x512", "type": "image/png" },
            { "src": "/icons/512-maskable.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable" },
        ],
        "shortcuts": [{ "name": "Check if you need help", "url": "/seek-help" }],
    })
    .to_string()
}

fn icon(name: &str) -> Response {
    match ICONS.into_iter().find(|(icon, _)| *icon == name) {
        Some((_, picture)) => ([(header::CONTENT_TYPE, "image/png")], picture).into_response(),
        None => Error::NotFound.into_response(),
    }
}
