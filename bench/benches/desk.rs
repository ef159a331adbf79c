//! How long the desk takes with ten thousand articles of twenty revisions each: the list, its search and filters, an article's
//! page, the editor, and the preview of two thousand words.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::{
    env,
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use app::{AppState, clock::Clock, content, db::Db, on};
use axum::{
    Router,
    body::{self, Body},
    extract::ConnectInfo,
    http::{Request, StatusCode, header},
};
use bench::quantile;
use server::{assets::Assets, limits::Limits, router};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

const ARTICLES: i64 = 10_000;
const REVISIONS: i64 = 20;
/// In one statement.
const STEP: i64 = 500;
const TIMES: usize = 40;
/// Each answer is to be there within this, and the preview within half of it.
const MOST: Duration = Duration::from_millis(100);
const WORDS: usize = 2_000;
const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const HOUR: i64 = 60 * 60 * 1000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        any_spawner::Executor::init_tokio().unwrap();
        // Under `target`, on the disk: where temporary files are, there may be none.
        let folder = TempDir::new_in(concat!(env!("CARGO_MANIFEST_DIR"), "/../target")).unwrap();
        let sqlite = format!("sqlite:{}", folder.path().join("bench.db").display());
        let mut fast = measure("SQLite", folder.path(), &sqlite).await;
        match env::var("SCIATICALM_BENCH_POSTGRES_URL") {
            Ok(url) => fast &= measure("PostgreSQL", TempDir::new_in(folder.path()).unwrap().path(), &url).await,
            Err(_) => println!("PostgreSQL: not measured: `cargo xtask bench` starts one"),
        }
        assert!(fast, "not fast enough: see above");
    });
}

/// Whether every answer was there in time.
async fn measure(engine: &str, folder: &Path, url: &str) -> bool {
    let state = bench::site(folder, url).await;
    hire(&state.db).await;
    println!("{engine}: writing {ARTICLES} articles of {REVISIONS} revisions");
    for from in (0..ARTICLES).step_by(usize::try_from(STEP).unwrap()) {
        write(&state, from).await;
    }
    let router = router::router(state.clone(), Assets::default(), Limits::default());
    let middle = article(ARTICLES / 2);
    let text: String = text().split_inclusive(' ').take(WORDS).collect();
    let typed = format!(
        "base={REVISIONS}&the_title=Rest&the_summary=On+rest.&the_author=Team&review_months=12&the_text={}",
        text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>()
    );
    let mut fast = true;
    for (what, request, most) in [
        ("the list", get("/admin/articles"), MOST),
        ("its last page", get(&format!("/admin/articles?page={}", ARTICLES / 25)), MOST),
        ("by title", get("/admin/articles?sort=title"), MOST),
        ("a word of one title", get("/admin/articles?q=number+4711"), MOST),
        ("a word of none", get("/admin/articles?q=rhinoceros"), MOST),
        ("by status, tag and author", get("/admin/articles?status=draft&tag=sleep&author=Author+3"), MOST),
        ("due for review", get("/admin/articles?due=30"), MOST),
        ("what waits", get("/admin"), MOST),
        ("an article", get(&format!("/admin/articles/{middle}")), MOST),
        ("the editor", get(&format!("/admin/articles/{middle}/edit")), MOST),
        ("the preview", post(&format!("/admin/articles/{middle}/preview"), typed), MOST / 2),
    ] {
        let mut times = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            times.push(ask(&router, &request).await);
        }
        let [half, most_of_them] = [0.5, 0.95].map(|part| quantile(times.clone(), part));
        println!("{engine}: {what}: {half:.1?}, 95 of 100 within {most_of_them:.1?}, and at most {most:?}");
        fast &= most_of_them <= most;
    }
    fast
}

/// Who asks, with a session.
async fn hire(db: &Db) {
    let now = Clock::System.millis_i64();
    let hired = db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(
                "insert into account (id, email, email_key, password_hash, roles, created_at)
                 values ($1, 'editor@example.org', 'editor@example.org', '', 'editor reviewer', $2)",
            )
            .bind(Uuid::from_u128(1))
            .bind(now)
            .execute(connection)
            .await
            .map(drop))?;
            on!(tx &mut tx, connection => sqlx::query(
                "insert into session (token_hash, id, account_id, stage, strong, remember, device, created_at, seen_at,
                                      expires_at, confirmed_at)
                 values ($1, $2, $2, 'full', true, false, '', $3, $3, $4, $3)",
            )
            .bind(Sha256::digest(TOKEN).to_vec())
            .bind(Uuid::from_u128(1))
            .bind(now)
            .bind(now + 10 * HOUR)
            .execute(connection)
            .await
            .map(drop))?;
            Ok(())
        })
    });
    hired.await.unwrap();
}

fn article(n: i64) -> Uuid {
    Uuid::from_u128(u128::try_from(n).unwrap())
}

/// Of the articles that we ship, one after the other: some three thousand words.
fn text() -> String {
    let files = content::folder("articles");
    files.iter().filter_map(|file| file.text.split_once("\n+++\n")).map(|(_, body)| body.to_owned()).collect()
}

/// Articles from this number on: of each kind of status some, by ten authors, with the tags that go with them.
async fn write(state: &AppState, from: i64) {
    let text = text();
    let markdown: String = text.chars().take(2_500).collect();
    let [articles, revisions] = match &state.db {
        Db::Sqlite { .. } => [
            "with recursive row (n) as (select $1 union all select n + 1 from row where n + 1 < $1 + $2)
             insert into article (id, slug, current_revision, created_at, newest_revision, stage, published_on, reviewed_on,
                                  review_due_on, newest_title, newest_summary, newest_author, newest_tags, newest_saved_at)
             select unhex(printf('%032x', n)), 'article-' || n, case n % 5 when 0 then 0 when 1 then 19 else 20 end, n, 20,
                    case n % 5 when 0 then 'draft' when 1 then 'in-review' else 'published' end,
                    '2026-01-01', '2026-01-01', date('2026-06-01', '+' || (n % 700) || ' days'),
                    'Article number ' || n, 'What helps, part ' || n, 'Author ' || (n % 10),
                    case n % 2 when 0 then '[\"sleep\"]' else '[\"work\",\"walking\"]' end, n * 20 + 20
             from row",
            "with recursive row (n) as (select $1 union all select n + 1 from row where n + 1 < $1 + $2),
                  revision (r) as (select 1 union all select r + 1 from revision where r < $3)
             insert into article_revision (article_id, number, title, summary, author, markdown, html, contents, words, sources,
                                           tags, saved_at, saved_by, note, origin)
             select unhex(printf('%032x', n)), r, 'Article number ' || n, 'What helps, part ' || n, 'Author ' || (n % 10), $4,
                    $4, '[]', 400, '[]', case n % 2 when 0 then '[\"sleep\"]' else '[\"work\",\"walking\"]' end,
                    n * 20 + r, null, '', 'desk'
             from row, revision",
        ],
        Db::Postgres(_) => [
            "insert into article (id, slug, current_revision, created_at, newest_revision, stage, published_on, reviewed_on,
                                  review_due_on, newest_title, newest_summary, newest_author, newest_tags, newest_saved_at)
             select lpad(to_hex(n), 32, '0')::uuid, 'article-' || n, case n % 5 when 0 then 0 when 1 then 19 else 20 end, n, 20,
                    case n % 5 when 0 then 'draft' when 1 then 'in-review' else 'published' end,
                    '2026-01-01', '2026-01-01', (date '2026-06-01' + (n % 700)::int)::text,
                    'Article number ' || n, 'What helps, part ' || n, 'Author ' || (n % 10),
                    case n % 2 when 0 then '[\"sleep\"]' else '[\"work\",\"walking\"]' end, n * 20 + 20
             from generate_series($1, $1 + $2 - 1) as n",
            "insert into article_revision (article_id, number, title, summary, author, markdown, html, contents, words, sources,
                                           tags, saved_at, saved_by, note, origin)
             select lpad(to_hex(n), 32, '0')::uuid, r, 'Article number ' || n, 'What helps, part ' || n,
                    'Author ' || (n % 10), $4, $4, '[]', 400, '[]',
                    case n % 2 when 0 then '[\"sleep\"]' else '[\"work\",\"walking\"]' end, n * 20 + r, null, '', 'desk'
             from generate_series($1, $1 + $2 - 1) as n, generate_series(1, $3) as r",
        ],
    };
    let written = state.db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(articles).bind(from).bind(STEP).execute(connection).await.map(drop))?;
            on!(tx &mut tx, connection => sqlx::query(revisions)
                .bind(from)
                .bind(STEP)
                .bind(REVISIONS)
                .bind(&markdown)
                .execute(connection)
                .await
                .map(drop))?;
            Ok(())
        })
    });
    written.await.unwrap();
}

struct Asked {
    path: String,
    /// Posted, where there is one.
    form: Option<String>,
}

fn get(path: &str) -> Asked {
    Asked { path: path.to_owned(), form: None }
}

fn post(path: &str, form: String) -> Asked {
    Asked { path: path.to_owned(), form: Some(form) }
}

/// How long the whole answer takes.
async fn ask(router: &Router, asked: &Asked) -> Duration {
    let request = match &asked.form {
        None => Request::get(&asked.path),
        Some(_) => Request::post(&asked.path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
    };
    let request = request
        .header(header::COOKIE, format!("session={TOKEN}"))
        .extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))))
        .body(asked.form.clone().map_or_else(Body::empty, Body::from))
        .unwrap();
    let begun = Instant::now();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let page = body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let took = begun.elapsed();
    assert_eq!(status, StatusCode::OK, "{}: {}", asked.path, String::from_utf8_lossy(&page));
    took
}
