//! Signing in: it takes as long where there is an account as where there is none, and readers do not feel fifty at once.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::{
    fs,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use app::{AppState, account::password::Password, on};
use axum::{
    Router,
    body::{self, Body},
    extract::ConnectInfo,
    http::{Request, StatusCode, header},
};
use bench::quantile;
use futures_util::future::join_all;
use server::{assets::Assets, limits::Limits, router, start};
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

/// Pairs of sign-ins: one with an account, one without.
const PAIRS: usize = 200;
/// By how much the medians may differ, in hundredths.
const DIFFERENCE: f64 = 5.0;
const AT_ONCE: usize = 50;
/// How often so many do.
const TIMES: usize = 10;
/// How long nobody does in between.
const BETWEEN: Duration = Duration::from_secs(2);
/// When an article is read: as often as a busy site is, and so seldom that reading alone fills no processor.
const EVERY: Duration = Duration::from_millis(4);
/// How many times as long an article may take meanwhile, at the 99th percentile.
const MOST: u32 = 2;
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
        let database = format!("sqlite:{}", folder.path().join("bench.db").display());
        let state = bench::site(folder.path(), &database).await;
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

    async fn read(&self) {
        let request = Request::get(ARTICLE).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert!(!body::to_bytes(response.into_body(), usize::MAX).await.unwrap().is_empty());
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

/// Fifty sign in at once, again and again; between, for as long, nobody does.
async fn load(site: &Site) {
    let (mut idle, mut loaded, mut took) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TIMES {
        idle.extend(read_while(site, tokio::time::sleep(BETWEEN)).await);
        let begun = Instant::now();
        loaded.extend(read_while(site, sign_in_at_once(site)).await);
        took.push(begun.elapsed());
    }
    println!("{AT_ONCE} sign-ins at once took {:?} (median of {TIMES}); {}", quantile(took, 0.5), memory());
    for part in [0.5, 0.9, 0.99, 0.999] {
        let [idle, loaded] = [&idle, &loaded].map(|times| quantile(times.clone(), part));
        let ratio = loaded.as_secs_f64() / idle.as_secs_f64();
        println!("an article, quantile {part}: {idle:?} idle, {loaded:?} meanwhile: {ratio:.2} times as long");
    }
    println!("it was read {} times idle, {} times meanwhile", idle.len(), loaded.len());
    let [idle, loaded] = [idle, loaded].map(|times| quantile(times, 0.99));
    assert!(loaded <= MOST * idle, "readers feel who signs in: {idle:?} became {loaded:?}");
}

async fn sign_in_at_once(site: &Site) {
    let signing_in = (PAIRS..PAIRS + AT_ONCE).map(|n| {
        let site = site.clone();
        tokio::spawn(async move { site.sign_in(&format!("known{n}@example.org")).await })
    });
    assert!(join_all(signing_in).await.iter().all(Result::is_ok));
}

/// Asks for the article at its times, however long the answers take, until something else is done. Returns how long after
/// its time each was answered: one that had to wait before it was even begun counts as what a reader feels. The times are
/// kept by a thread that does nothing else, so that a busy runtime does not put them off.
async fn read_while(site: &Site, until: impl Future<Output = ()>) -> Vec<Duration> {
    let done = Arc::new(AtomicBool::new(false));
    let (runtime, site, stop) = (tokio::runtime::Handle::current(), site.clone(), Arc::clone(&done));
    let asking = thread::spawn(move || {
        let mut asked = Vec::new();
        let mut due = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            due += EVERY;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let site = site.clone();
            asked.push(runtime.spawn(async move {
                site.read().await;
                due.elapsed()
            }));
        }
        asked
    });
    until.await;
    done.store(true, Ordering::Relaxed);
    let asked = tokio::task::spawn_blocking(|| asking.join().unwrap()).await.unwrap();
    join_all(asked).await.into_iter().map(Result::unwrap).collect()
}

/// The most memory that the process had at once, where the system says so.
fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map_or("not known", str::trim);
    format!("most memory so far: {most}")
}
