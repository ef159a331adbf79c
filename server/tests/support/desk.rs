//! The content desk in a test: its people, and what they do with its forms.

use app::{
    audit::{Action, Actor, Event},
    day::Day,
    db::Db,
    desk::{Approval, drafts::Line, manuscript::Manuscript, store},
    on,
};
use axum::http::StatusCode;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Answer, NOW, TestApp, person::Person};

/// Milliseconds.
pub const DAY: i64 = 24 * 60 * 60 * 1000;

/// Somebody with these roles, signed in with more than a password.
pub async fn staff<'a>(app: &'a TestApp, name: &str, roles: &'static str) -> Person<'a> {
    let (id, email) = (account(name), format!("{name}@example.org"));
    let token = format!("{:x}", Sha256::digest(name));
    let (hash, now) = (Sha256::digest(&token).to_vec(), app.state.clock.millis_i64());
    let written = app.state.db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(
                "insert into account (id, email, email_key, password_hash, roles, created_at) values ($1, $2, $2, '', $3, $4)",
            )
            .bind(id)
            .bind(email)
            .bind(roles)
            .bind(now)
            .execute(connection)
            .await
            .map(drop))?;
            on!(tx &mut tx, connection => sqlx::query(
                "insert into session (token_hash, id, account_id, stage, strong, remember, device, created_at, seen_at,
                                      expires_at, confirmed_at)
                 values ($1, $2, $2, 'full', true, false, '', $3, $3, $4, $3)",
            )
            .bind(hash)
            .bind(id)
            .bind(now)
            .bind(now + 10 * DAY)
            .execute(connection)
            .await
            .map(drop))?;
            Ok(())
        })
    });
    written.await.unwrap();
    let person = Person::new(app);
    person.set_cookie("session", &token);
    person
}

/// The number of somebody's account.
pub fn account(name: &str) -> Uuid {
    Uuid::from_slice(&Sha256::digest(name)[..16]).unwrap()
}

/// An article of two sections.
pub const TEXT: &str = "## Rest\n\nRest a little, then walk.\n\n## Sleep\n\nSleep as you like.\n";

/// The editor's form for a text after a revision.
pub fn fields<'a>(base: &'a str, text: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("base", base),
        ("the_title", "Rest at night"),
        ("the_summary", "On rest."),
        ("the_author", "Team"),
        ("the_tags", "sleep"),
        ("the_sources", "Back pain | NHS | https://www.nhs.uk/conditions/back-pain/"),
        ("the_conflicts", ""),
        ("review_months", "12"),
        ("the_text", text),
        ("the_note", "first"),
        ("press", "save"),
    ]
}

/// Begins an article, and returns the address of its page.
pub async fn begin(editor: &Person<'_>, text: &str) -> String {
    let answer =
        editor.post("/admin/articles/new", &[&fields("", text)[..], &[("the_slug", "rest-at-night")]].concat()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.header("location").split('?').next().unwrap().to_owned()
}

/// Saves a text after a revision.
pub async fn save(editor: &Person<'_>, page: &str, base: i64, text: &str) -> Answer {
    editor.post(&format!("{page}/edit"), &fields(&base.to_string(), text)).await
}

/// The form was answered with the article's page, which says that this was done.
pub fn is_done(answer: &Answer, done: &str) {
    assert!(
        answer.header("location").ends_with(&format!("?done={done}")),
        "{done}: {} {}",
        answer.status,
        answer.text()
    );
}

/// The value of a hidden field of a page.
pub fn hidden<'a>(body: &'a str, name: &str) -> &'a str {
    let after = body.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name}: {body}")).1;
    after.split('"').next().unwrap()
}

/// What stands in a page's box to write in.
pub fn written(body: &str, name: &str) -> String {
    let after = body.split_once(&format!("<textarea id=\"{name}\"")).unwrap_or_else(|| panic!("no {name}: {body}")).1;
    let (_, text) = after.split_once(">\n").unwrap();
    let text = text.split("</textarea>").next().unwrap();
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// A revision that this account is about to save, tagged by its title's first word.
pub fn draft(title: &str, text: &str, by: Uuid, at: i64) -> store::NewRevision {
    let manuscript = Manuscript {
        title: title.to_owned(),
        summary: "S.".to_owned(),
        author: if title.contains("Flo") { "Flo" } else { "Ed" }.to_owned(),
        tags: vec![title.split(' ').next().unwrap().to_lowercase()],
        markdown: text.to_owned(),
        ..Manuscript::default()
    };
    store::NewRevision { manuscript, rendered: None, note: String::new(), by, at, line: Line::default() }
}

/// Begins an article in the store, as ed.
pub async fn create(db: &Db, slug: &str, title: &str, at: i64) -> Uuid {
    let id = NOW.new_id();
    store::create(
        db,
        id,
        slug.to_owned(),
        draft(title, "one\n", account("ed"), at),
        Event::new(&NOW, Actor::CommandLine, Action::ArticleBegun),
    )
    .await
    .unwrap();
    id
}

fn command_line(action: Action) -> Event {
    Event::new(&NOW, Actor::CommandLine, action)
}

/// A clinician's, of a revision.
pub fn approval(revision: i64, reviewer: &str, at: i64) -> Approval {
    Approval {
        revision,
        reviewer: Some(account(reviewer)),
        name: "Dr A. Body".to_owned(),
        registration: "GMC 1".to_owned(),
        approved_at: at,
        override_reason: None,
    }
}

/// Publishes an article's first revision.
pub async fn bring_to_readers(db: &Db, id: Uuid, at: i64) {
    let today = Day::from_epoch_days(at / DAY).unwrap();
    store::send_to_review(db, id, 1, command_line(Action::ArticleSentToReview)).await.unwrap();
    store::approve(db, id, approval(1, "rev", at), command_line(Action::ArticleApproved)).await.unwrap();
    store::publish(db, id, 1, today, command_line(Action::ArticlePublished)).await.unwrap();
}
