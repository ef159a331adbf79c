//! Both engines, for tests of what must be the same on either.

use std::{path::Path, sync::Arc};

use app::{
    AppState,
    db::Db,
    media::workshop::Workshop,
    site::{AssetUrls, Settings},
};
use server::{
    assets::Assets,
    limits::Limits,
    router,
    start::{self, Services},
};
use tempfile::TempDir;

use super::TestApp;

/// A database of the test's own, and what keeps it.
pub struct Engine {
    pub name: &'static str,
    pub url: String,
    pub db: Db,
    folder: TempDir,
}

impl Engine {
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The site on this database, with people.
    pub async fn into_app(self) -> TestApp {
        let (state, limits) = (self.state().await, Limits { trusted_proxies: 1, ..Limits::default() });
        let router = router::router(state.clone(), Assets::default(), limits);
        TestApp { state, router, folder: self.folder }
    }

    /// One of several servers on this database, with pictures of its own or a share in others'.
    pub async fn server_with(&self, media: Arc<Workshop>) -> TestApp {
        let (state, limits) = (self.state().await, Limits { trusted_proxies: 1, ..Limits::default() });
        let state = AppState { media, ..state };
        let router = router::router(state.clone(), Assets::default(), limits);
        TestApp { state, router, folder: TempDir::new().unwrap() }
    }

    /// The site on this database.
    pub async fn state(&self) -> AppState {
        let folder = self.folder();
        let (vault, mail) = (super::vault(folder).await, super::letters::mailer(folder));
        let services = Services { db: self.db.clone(), vault, mail, media: super::workshop(folder), clock: super::NOW };
        start::state(services, Settings::default(), AssetUrls::default()).unwrap()
    }
}

/// SQLite and, where `SCIATICALM_TEST_POSTGRES_URL` names a server (as `cargo xtask test` sees to), PostgreSQL: a new
/// database on each. No two tests may have the same name.
pub async fn engines(test: &str) -> Vec<Engine> {
    let folder = || TempDir::new().unwrap();
    let sqlite = folder();
    let url = format!("sqlite:{}", sqlite.path().join("test.db").display());
    let mut engines = vec![Engine { name: "SQLite", db: Db::open(&url).await.unwrap(), url, folder: sqlite }];
    match std::env::var("SCIATICALM_TEST_POSTGRES_URL") {
        Ok(server) => {
            let url = postgres(&server, test).await;
            engines.push(Engine { name: "PostgreSQL", db: Db::open(&url).await.unwrap(), url, folder: folder() });
        }
        Err(_) => assert!(std::env::var_os("CI").is_none(), "PostgreSQL is not there: run `cargo xtask test`"),
    }
    engines
}

/// A new, empty database on the server.
async fn postgres(server: &str, test: &str) -> String {
    let Db::Postgres(admin) = Db::Postgres(sqlx::PgPool::connect(server).await.unwrap()) else { unreachable!() };
    let name = format!("test_{test}");
    for statement in [format!("drop database if exists {name}"), format!("create database {name}")] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&admin).await.unwrap();
    }
    admin.close().await;
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}
