//! The state of the system: who administers the site is told what wants looking at.

mod support;

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use server::bucket;
use support::{desk::staff, engines::engines, s3::options_at, workshop_with};
use tempfile::TempDir;
use tokio::net::TcpListener;

#[tokio::test]
async fn an_administrator_is_told_how_the_system_is() {
    for engine in engines("an_administrator_is_told_how_the_system_is").await {
        let app = engine.into_app().await;
        let admin = staff(&app, "ann", "admin").await;
        let told = admin.get("/admin/system").await;
        assert_eq!(told.status, StatusCode::OK);
        let told = told.text();
        let name = if app.state.db.about().await.unwrap().file.is_some() { "SQLite 3." } else { "PostgreSQL " };
        for said in [name, "answered within ", " free", "all there", "none is late", "started on 22 November 2026"] {
            assert!(told.contains(said), "{said}: {told}");
        }
        // True of every test: nobody signed the rules off, and e-mails stay here.
        for trouble in ["No clinician has signed these rules off", "e-mails reach nobody"] {
            assert!(told.contains(trouble), "{told}");
            assert!(admin.get("/admin").await.text().contains(trouble));
        }
        for role in ["editor", "reviewer"] {
            let other = staff(&app, role, role).await;
            assert_eq!(other.get("/admin/system").await.status, StatusCode::FORBIDDEN);
            assert!(!other.get("/admin").await.text().contains("The system wants looking at"));
        }
    }
}

#[tokio::test]
async fn a_bucket_that_takes_a_question_and_never_answers_keeps_nobody_waiting() {
    let engine = engines("a_silent_bucket").await.remove(0);
    // Connections are made, and nothing more happens.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = options_at(&format!("http://{}", silent.local_addr().unwrap()));
    let local = TempDir::new().unwrap();
    let app = engine.server_with(workshop_with(local.path(), bucket::open(&options).unwrap().unwrap())).await;
    let admin = staff(&app, "ann", "admin").await;
    for path in ["/admin/system", "/admin"] {
        let began = Instant::now();
        let told = admin.get(path).await;
        assert!(began.elapsed() < Duration::from_secs(4), "{path}: {:?}", began.elapsed());
        assert_eq!(told.status, StatusCode::OK);
        let told = told.text();
        assert!(told.contains("PicturesIt does not answer"), "{told}");
        // All else is known.
        assert!(path == "/admin" || (told.contains("SQLite 3.") && told.contains("none is late")), "{told}");
    }
}
