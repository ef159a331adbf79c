//! The site in a test: the real router over a real database, with verbs for what people do.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test file uses its part")]

pub mod desk;
pub mod device;
pub mod dice;
pub mod engines;
pub mod letters;
pub mod log;
pub mod patients;
pub mod person;
pub mod pictures;
pub mod s3;
pub mod serving;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use app::{
    AppState,
    clock::Clock,
    db::Db,
    media::workshop::Workshop,
    site::Settings,
    vault::{Vault, master::MasterKeys, store::KeyStore},
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
    response::Response,
};
use http_body_util::BodyExt;
use letters::Letter;
use object_store::ObjectStore;
use server::{
    assets::Assets,
    limits::Limits,
    router,
    start::{self, Services},
};
use tempfile::TempDir;
use tower::ServiceExt;

/// 22 November 2026, 12:00 UTC.
pub const NOW: Clock = Clock::Fixed(1_795_348_800_000);

/// A vault with its key store and its master key in `folder`.
pub async fn vault(folder: &Path) -> Vault {
    let store = KeyStore::open(&format!("sqlite:{}", folder.join("keys.db").display())).await.unwrap();
    let vault = Vault::new(store, MasterKeys::in_file(folder.join("master.key")).unwrap(), NOW);
    vault.prepare().await.unwrap();
    vault
}

/// Pictures below `folder`, made by children of the real program.
pub fn workshop(folder: &Path) -> Arc<Workshop> {
    Arc::new(made_in(folder))
}

/// Pictures in a bucket, made below `folder`.
pub fn workshop_with(folder: &Path, bucket: Arc<dyn ObjectStore>) -> Arc<Workshop> {
    Arc::new(made_in(folder).with_bucket(bucket))
}

fn made_in(folder: &Path) -> Workshop {
    Workshop::new(folder.join("media"), env!("CARGO_BIN_EXE_sciaticalm").into())
}

pub struct TestApp {
    pub state: AppState,
    router: Router,
    folder: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// What a person sees: the text without markup.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut inside = false;
        for letter in self.body.chars() {
            match letter {
                '<' => inside = true,
                '>' => inside = false,
                letter if !inside => text.push(letter),
                _ => {}
            }
        }
        text.replace("&amp;", "&").replace("&quot;", "\"")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl TestApp {
    /// With the starting content, on SQLite.
    pub async fn new() -> Self {
        let app = Self::empty().await;
        start::load_starting_content(&app.state).await.unwrap();
        app
    }

    pub async fn empty() -> Self {
        Self::empty_with(Limits::default()).await
    }

    /// Behind one proxy, so that each person has an address of their own, and with a clock that can be put on.
    pub async fn with_people() -> Self {
        let limits = Limits { trusted_proxies: 1, ..Limits::default() };
        let millis = Arc::new(AtomicU64::new(NOW.millis()));
        Self::empty_at(Clock::Set(millis), limits).await
    }

    /// At the time that it is, for what runs beside the real program.
    pub async fn today() -> Self {
        Self::empty_at(Clock::System, Limits { trusted_proxies: 1, ..Limits::default() }).await
    }

    /// Lets so many milliseconds pass.
    pub fn pass(&self, millis: i64) {
        let Clock::Set(now) = &self.state.clock else { panic!("the clock stands still") };
        now.fetch_add(u64::try_from(millis).unwrap(), Ordering::Relaxed);
    }

    pub async fn empty_with(limits: Limits) -> Self {
        Self::empty_at(NOW, limits).await
    }

    async fn empty_at(clock: Clock, limits: Limits) -> Self {
        // Every test may be the first in its process.
        let _ = any_spawner::Executor::init_tokio();
        let folder = TempDir::new().unwrap();
        let db = Db::open(&format!("sqlite:{}", folder.path().join("test.db").display())).await.unwrap();
        let vault = vault(folder.path()).await;
        let services =
            Services { db, vault, mail: letters::mailer(folder.path()), media: workshop(folder.path()), clock };
        let state = start::state(services, Settings::default(), app::site::AssetUrls::default()).unwrap();
        let router = router::router(state.clone(), Assets::default(), limits);
        Self { state, router, folder }
    }

    /// Serves what was changed in `state`.
    pub fn serve_again(&mut self) {
        let limits = Limits { trusted_proxies: 1, ..Limits::default() };
        self.router = router::router(self.state.clone(), Assets::default(), limits);
    }

    /// The e-mails sent so far, oldest first.
    pub async fn letters(&self) -> Vec<Letter> {
        self.state.mail.flush().await;
        letters::letters(self.folder.path())
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn get_with(&self, path: &str, name: &str, value: &str) -> Answer {
        self.send(Request::get(path).header(name, value).body(Body::empty()).unwrap()).await
    }

    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.post_raw(path, "application/x-www-form-urlencoded", body.join("&").into_bytes()).await
    }

    pub async fn post_raw(&self, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        self.send(Request::post(path).header(header::CONTENT_TYPE, content_type).body(Body::from(body)).unwrap()).await
    }

    /// Where the site of this test keeps its files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The answer, its body not read yet.
    pub async fn send_raw(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.send_raw(request).await.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }
}
