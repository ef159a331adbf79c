//! `/admin/files`: what an administrator downloads and brings in.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use app::{
    article::store::article,
    audit,
    files::{archive, export::Exported},
    media::{self, Words, frames::Format, store::NewVersion, workshop::Kept},
    on,
};
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use http_body_util::BodyExt;
use server::start;
use support::{
    Answer, TestApp,
    desk::{hidden, staff},
    engines::engines,
    person::Person,
    pictures::{DRAWING, added, jpeg, photograph},
};

const REST: &str = "+++\ntitle = \"Rest\"\nsummary = \"S.\"\npublished = \"2025-10-18\"\nreviewed = \"2026-01-01\"\n\
                    review_due = \"2027-01-01\"\ntags = []\n+++\n\nRest a little.\n";

fn file(name: &str, text: &str) -> Exported {
    Exported { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

async fn send(person: &Person<'_>, archive: &[u8]) -> Answer {
    let head = "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"content.zip\"\r\n\r\n";
    let body = [head.as_bytes(), archive, b"\r\n--edge--\r\n"].concat();
    let request = person
        .request(Method::POST, "/admin/files")
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
    person.send(request.body(Body::from(body)).unwrap()).await
}

async fn download(person: &Person<'_>) -> Vec<u8> {
    let answer = person.app.send_raw(person.form("/admin/files/download", &[])).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/zip");
    answer.into_body().collect().await.unwrap().to_bytes().to_vec()
}

/// The actions of the audit log, newest first.
async fn log(app: &TestApp) -> Vec<String> {
    audit::events(&app.state.db, &audit::Filter::default(), 5)
        .await
        .unwrap()
        .into_iter()
        .map(|event| event.action)
        .collect()
}

#[tokio::test]
async fn what_one_site_gives_another_takes_once_it_was_shown() {
    for (from, to) in engines("files_given").await.into_iter().zip(engines("files_taken").await) {
        let name = from.name;
        start::load_starting_content(&from.state().await).await.unwrap();
        let (from, to) = (from.into_app().await, to.into_app().await);
        let words = Words { title: "leg".to_owned(), alt: "A leg".to_owned(), ..Words::default() };
        let photo = added(&from.state.db, &from.state.media, words.clone(), &photograph(700, 500)).await;
        added(&from.state.db, &from.state.media, words, DRAWING.as_bytes()).await;
        let (giver, taker) = (staff(&from, "ann", "admin").await, staff(&to, "bob", "admin").await);
        let archive = download(&giver).await;
        assert_eq!(log(&from).await[0], "content-exported", "{name}");

        let sent = send(&taker, &archive).await;
        assert_eq!(sent.header("location"), "/admin/files/check", "{name}: {}", sent.text());
        let plan = taker.get("/admin/files/check").await;
        assert!(plan.text().contains("Nothing is changed yet"), "{name}: {}", plan.text());
        assert!(plan.body.contains("articles/what-is-sciatica.md"), "{name}");
        assert!(article(&to.state.db, "what-is-sciatica").await.unwrap().is_none(), "{name}: only shown");
        let other = taker.post("/admin/files/check", &[("shown", "something else")]).await;
        assert_eq!(other.status, StatusCode::CONFLICT, "{name}");
        let done = taker.post("/admin/files/check", &[("shown", hidden(&plan.body, "shown"))]).await;
        assert!(done.text().contains("All of the archive was brought in"), "{name}: {}", done.text());
        assert!(article(&to.state.db, "what-is-sciatica").await.unwrap().is_some(), "{name}");
        let picture = media::store::picture(&to.state.db, photo).await.unwrap().unwrap();
        for file in picture.files {
            assert_eq!(taker.get(&format!("/media/{}", file.name)).await.status, StatusCode::OK, "{name}");
        }
        assert_eq!(log(&to).await[0], "content-imported", "{name}");
        assert_eq!(download(&taker).await, archive, "{name}");
        let waits: i64 = on!(db &to.state.db, pool => sqlx::query_scalar("select count(*) from content_upload").fetch_one(pool).await).unwrap();
        assert_eq!(waits, 0, "{name}");

        send(&taker, &archive).await;
        let same = taker.get("/admin/files/check").await;
        assert!(same.text().contains("Nothing: the site says all"), "{name}: {}", same.text());
        taker.post("/admin/files/discard", &[]).await;
        assert_eq!(taker.get("/admin/files/check").await.header("location"), "/admin/files", "{name}");
    }
}

#[tokio::test]
async fn what_is_bad_is_told_of_and_nothing_is_changed() {
    let app = TestApp::with_people().await;
    let admin = staff(&app, "ann", "admin").await;
    let bad = archive::pack(&[
        file("articles/good.md", REST),
        file("articles/rest.md", &REST.replace("tags", "labels")),
        file("exercises/bridge.toml", "name = 3\n"),
        file("rules/1.0.0/rules.toml", ""),
    ]);
    let told = send(&admin, &bad.unwrap()).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "articles/rest.md, line 7",
        "exercises/bridge.toml, line 1",
        "vignettes.toml is missing",
        "Nothing was changed",
    ] {
        assert!(told.text().contains(words), "{words}: {}", told.text());
    }
    let slipped = archive::pack(&[file("../articles/rest.md", REST), file("/etc/passwd", "x")]).unwrap();
    let told = send(&admin, &slipped).await;
    assert!(told.text().contains("../articles/rest.md: there is no content of this name"), "{}", told.text());
    let bomb = archive::pack(&[file("articles/a.md", &"a".repeat(5 * 1024 * 1024))]).unwrap();
    assert!(bomb.len() < 100_000, "packed, it is small");
    assert!(send(&admin, &bomb).await.text().contains("larger than 4 MB"));
    let many: Vec<Exported> = (0..5_001).map(|n| file(&format!("articles/a-{n}.md"), "")).collect();
    assert!(send(&admin, &archive::pack(&many).unwrap()).await.text().contains("too many files"));
    let large: Vec<Exported> =
        (0..17).map(|n| file(&format!("articles/a-{n}.md"), &"a".repeat(4 * 1024 * 1024))).collect();
    assert!(send(&admin, &archive::pack(&large).unwrap()).await.text().contains("too large"));
    for nothing in [&b""[..], b"no archive"] {
        assert_eq!(send(&admin, nothing).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert!(article(&app.state.db, "good").await.unwrap().is_none());
    assert_eq!(admin.get("/admin/files/check").await.header("location"), "/admin/files", "nothing waits");
}

#[tokio::test]
async fn what_changed_after_it_was_shown_is_shown_again() {
    let app = TestApp::with_people().await;
    let (ann, bob) = (staff(&app, "ann", "admin").await, staff(&app, "bob", "admin").await);
    let pack = |text: &str| archive::pack(&[file("articles/rest.md", text)]).unwrap();
    send(&ann, &pack(REST)).await;
    let plan = ann.get("/admin/files/check").await;
    assert!(plan.text().contains("New (1)"), "{}", plan.text());
    let other = REST.replace("a little", "a lot");
    send(&bob, &pack(&other)).await;
    let of_bob = bob.get("/admin/files/check").await;
    bob.post("/admin/files/check", &[("shown", hidden(&of_bob.body, "shown"))]).await;
    let late = ann.post("/admin/files/check", &[("shown", hidden(&plan.body, "shown"))]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.text().contains("Something changed meanwhile") && late.text().contains("Changed (1)"),
        "{}",
        late.text()
    );
    assert!(article(&app.state.db, "rest").await.unwrap().unwrap().html.contains("a lot"));
    ann.post("/admin/files/check", &[("shown", hidden(&late.body, "shown"))]).await;
    assert!(article(&app.state.db, "rest").await.unwrap().unwrap().html.contains("a little"));
    // An archive does not wait for ever.
    send(&ann, &pack(&other)).await;
    let plan = ann.get("/admin/files/check").await;
    app.pass(61 * 60 * 1000);
    let (id, now) = (support::desk::account("ann"), app.state.clock.millis_i64());
    let confirmed = app.state.db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query("update session set confirmed_at = $2, seen_at = $2 where account_id = $1")
                .bind(id).bind(now).execute(connection).await.map(drop))?;
            Ok(())
        })
    });
    confirmed.await.unwrap();
    let late = ann.post("/admin/files/check", &[("shown", hidden(&plan.body, "shown"))]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", late.text());
    app::files::remove_expired(&app.state.db, &app.state.clock).await.unwrap();
    let waits: i64 =
        on!(db &app.state.db, pool => sqlx::query_scalar("select count(*) from content_upload").fetch_one(pool).await)
            .unwrap();
    assert_eq!(waits, 0);
}

#[tokio::test]
async fn a_picture_that_was_not_made_by_a_site_is_refused_by_name() {
    let app = TestApp::with_people().await;
    let admin = staff(&app, "ann", "admin").await;
    let words = Words { title: "leg".to_owned(), alt: "A leg".to_owned(), ..Words::default() };
    let id = added(&app.state.db, &app.state.media, words, &photograph(400, 300)).await;
    let picture = media::store::picture(&app.state.db, id).await.unwrap().unwrap();
    let about = media::file::write(&picture);
    let mut files = vec![Exported::from(about), file("articles/rest.md", REST)];
    for one in &picture.files {
        let bytes = app.state.media.place().read(&one.name).await.unwrap().unwrap();
        files.push(Exported { name: format!("media/{}", one.name), bytes });
    }
    let good = send(&admin, &archive::pack(&files).unwrap()).await;
    assert_eq!(good.header("location"), "/admin/files/check", "{}", good.text());
    admin.post("/admin/files/discard", &[]).await;
    files.last_mut().unwrap().bytes = jpeg(400, 300);
    let told = send(&admin, &archive::pack(&files).unwrap()).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    let name = &picture.files.last().unwrap().name;
    assert!(told.text().contains(&format!("media/{name}: its name is not the hash")), "{}", told.text());
    assert!(article(&app.state.db, "rest").await.unwrap().is_none());
    assert_eq!(admin.get("/admin/files/check").await.header("location"), "/admin/files", "nothing waits");
}

#[tokio::test]
async fn a_library_too_large_for_an_archive_is_for_the_command_line() {
    let app = TestApp::with_people().await;
    let admin = staff(&app, "ann", "admin").await;
    let large = media::File { name: "f.webp".to_owned(), format: Format::Webp, width: 9, bytes: 25 * 1024 * 1024 };
    let version = NewVersion { kept: Kept { width: 9, height: 9, files: vec![large] }, by: None, at: 1 };
    let added = audit::Event::new(&app.state.clock, audit::Actor::CommandLine, audit::Action::PictureAdded);
    media::store::add(&app.state.db, app.state.clock.new_id(), Words::default(), version, added).await.unwrap();
    let told = admin.post("/admin/files/download", &[]).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.text().contains("export on the command line, with sciaticalm export"), "{}", told.text());
    assert!(told.body.contains("href=\"#download\"") && told.body.contains("id=\"download\""), "{}", told.body);
    assert_ne!(log(&app).await[0], "content-exported");
}
