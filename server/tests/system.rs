//! The state of the system: who administers the site is told what wants looking at.

mod support;

use axum::http::StatusCode;
use support::{desk::staff, engines::engines};

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
