//! Signing in: it takes as long where there is an account as where there is none, and readers do not feel fifty at once.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use app::{
    AppState,
    account::password::Password,
    clock::Clock,
    db::Db,
    mail::{Letterhead, Mailer},
    on,
    site::{AssetUrls, Settings},
    vault::{Vault, master::MasterKeys, store::KeyStore},
};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode, header},
};
use futures_util::future::join_all;
use server::{
    assets::Assets,
    limits::Limits,
    router,
    start::{self, Services},
};
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

/// Pairs of sign-ins: one with an account, one without.
const PAIRS: usize = 200;
/// By how much the medians may differ, in hundredths.
const DIFFERENCE: f64 = 5.0;
const AT_ONCE: usize = 50;
const READS: usize = 2_000;
/// What nobody feels: below it, the machine's own noise is most of a figure.
const UNFELT: Duration = Duration::from_millis(1);
const ARTICLE: &str = "/articles/back-pain-and-foot-drop";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        any_spawner::Executor::init_tokio().unwrap();
        let folder = TempDir::new().unwrap();
        let site = Site::new(&folder).await;
        sign_in(&site).await;
        load(&site).await;
    });
}

#[derive(Clone)]
struct Site {
    router: Router,
}

impl Site {
    async fn new(folder: &TempDir) -> Self {
        let path = |name: &str| folder.path().join(name);
        let (clock, settings) = (Clock::System, Settings::default());
        let db = Db::open(&format!("sqlite:{}", path("bench.db").display())).await.unwrap();
        let keys = KeyStore::open(&format!("sqlite:{}", path("keys.db").display())).await.unwrap();
        let vault = Vault::new(keys, MasterKeys::in_file(path("master.key")).unwrap(), clock.clone());
        let mail = Mailer::folder(path("mail"), Letterhead::new(None, &settings, clock.clone()).unwrap());
        let state = start::state(Services { db, vault, mail, clock }, settings, AssetUrls::default()).unwrap();
        start::load_starting_content(&state).await.unwrap();
        add_accounts(&state).await;
        // So that each sign-in comes from a network of its own, as the limits ask.
        let limits = Limits { trusted_proxies: 1, ..Limits::default() };
        Self { router: router::router(state, Assets::default(), limits) }
    }

    async fn send(&self, request: Request<Body>) -> StatusCode {
        self.router.clone().oneshot(request).await.unwrap().status()
    }

    /// With a wrong password. Returns how long the answer took.
    async fn sign_in(&self, email: &str) -> Duration {
        static SENT: AtomicU32 = AtomicU32::new(0);
        let n = SENT.fetch_add(1, Ordering::Relaxed);
        let body = format!("email={}&password=another+horse+battery+staple", email.replace('@', "%40"));
        let request = Request::post("/sign-in")
            .header("x-forwarded-for", format!("10.{}.{}.1", n / 250, n % 250))
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))))
            .body(Body::from(body))
            .unwrap();
        let begun = Instant::now();
        assert_eq!(self.send(request).await, StatusCode::UNPROCESSABLE_ENTITY);
        begun.elapsed()
    }

    async fn read(&self) -> Duration {
        let begun = Instant::now();
        assert_eq!(self.send(Request::get(ARTICLE).body(Body::empty()).unwrap()).await, StatusCode::OK);
        begun.elapsed()
    }
}

/// Accounts with the same password: hashed once.
async fn add_accounts(state: &AppState) {
    let password = Password::from("correct horse battery staple".to_owned());
    let hash = state.guard.hasher.hash(&password).await.unwrap().as_str().to_owned();
    let added = state.db.write(move |mut tx| {
        Box::pin(async move {
            for n in 0..PAIRS + AT_ONCE {
                on!(tx &mut tx, connection => sqlx::query(
                    "insert into account (id, email, email_key, password_hash, roles, created_at)
                     values ($1, $2, $2, $3, '', 0)",
                )
                .bind(Uuid::from_u128(n as u128))
                .bind(format!("known{n}@example.org"))
                .bind(&hash)
                .execute(connection)
                .await
                .map(drop))?;
            }
            Ok(())
        })
    });
    added.await.unwrap();
}

/// The two in turn, and each first as often, so that nothing that the machine does meanwhile is one's alone.
async fn sign_in(site: &Site) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for n in 0..PAIRS {
        let (with, without) = (format!("known{n}@example.org"), format!("nobody{n}@example.org"));
        if n % 2 == 0 {
            known.push(site.sign_in(&with).await);
            unknown.push(site.sign_in(&without).await);
        } else {
            unknown.push(site.sign_in(&without).await);
            known.push(site.sign_in(&with).await);
        }
    }
    let [known, unknown] = [known, unknown].map(|times| quantile(times, 0.5));
    println!("sign-in, with an account:    {known:?} (median of {PAIRS})");
    println!("sign-in, without an account: {unknown:?} (median of {PAIRS})");
    let difference = (known.as_secs_f64() / unknown.as_secs_f64() - 1.0).abs() * 100.0;
    println!("they differ by {difference:.2} %");
    assert!(difference <= DIFFERENCE, "who has an account shows by the time: {difference:.2} %");
}

async fn load(site: &Site) {
    let mut idle = Vec::new();
    for _ in 0..READS {
        idle.push(site.read().await);
    }
    let done = Arc::new(AtomicBool::new(false));
    let reading = {
        let (site, done) = (site.clone(), Arc::clone(&done));
        tokio::spawn(async move {
            let mut times = Vec::new();
            while !done.load(Ordering::Relaxed) {
                times.push(site.read().await);
            }
            times
        })
    };
    let begun = Instant::now();
    let signing_in = (PAIRS..PAIRS + AT_ONCE).map(|n| {
        let site = site.clone();
        tokio::spawn(async move { site.sign_in(&format!("known{n}@example.org")).await })
    });
    assert!(join_all(signing_in).await.iter().all(Result::is_ok));
    let took = begun.elapsed();
    done.store(true, Ordering::Relaxed);
    let loaded = reading.await.unwrap();
    println!("{AT_ONCE} sign-ins at once took {took:?}; meanwhile an article was read {} times", loaded.len());
    let [idle, loaded] = [idle, loaded].map(|times| quantile(times, 0.99));
    println!("an article, 99th percentile: {idle:?} idle, {loaded:?} meanwhile");
    assert!(loaded <= 2 * idle.max(UNFELT), "readers feel who signs in: {idle:?} became {loaded:?}");
}

fn quantile(mut times: Vec<Duration>, part: f64) -> Duration {
    times.sort();
    times[((times.len() - 1) as f64 * part).round() as usize]
}
