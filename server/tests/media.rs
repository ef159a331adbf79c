//! Pictures: added at the desk by a plain form, made anew by the real child process, shown in articles; and what is hostile
//! refused or made harmless. On both engines where the store is asked.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

use app::{
    audit,
    media::{
        Words,
        frames::Format,
        store::{self, Filter, NewVersion},
        workshop::{Kept, NotMade, Workshop},
    },
    on,
};
use axum::http::StatusCode;
use image::ImageFormat;
use support::{
    Answer, NOW, TestApp,
    desk::{TEXT, account, begin, is_done, save, staff},
    engines::engines,
    person::Person,
    pictures::{EDGE, add, form, gps, jpeg, photograph, png, png_with, upload},
    serving::{Serving, program},
};
use uuid::Uuid;

/// What a form with this file is told.
async fn refused(person: &Person<'_>, bytes: &[u8]) -> String {
    let answer = upload(person, "/admin/media/new", &[("alt", "A leg")], Some(("x.png", bytes))).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
    assert!(
        answer.body.contains("id=\"file-error\"") && answer.body.contains(">\nA leg</textarea>"),
        "{}",
        answer.body
    );
    answer.text()
}

/// The files in the folder of pictures.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder.join("media")).into_iter().flatten();
    let mut files: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// What readers get, a second later: an article just read is kept for that long.
async fn read(app: &TestApp, slug: &str) -> Answer {
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    app.get(&format!("/articles/{slug}")).await
}

async fn press(person: &Person<'_>, page: &str, act: &str, revision: i64) -> Answer {
    person.post(&format!("{page}/{act}"), &[("revision", &revision.to_string())]).await
}

/// Brings the newest revision to readers.
async fn publish(editor: &Person<'_>, reviewer: &Person<'_>, page: &str, revision: i64) {
    is_done(&press(editor, page, "review", revision).await, "sent");
    let number = revision.to_string();
    let fields = [("revision", number.as_str()), ("name", "Dr A. Body"), ("registration", "GMC 1"), ("read", "yes")];
    is_done(&reviewer.post(&format!("{page}/approve"), &fields).await, "approved");
    is_done(&press(editor, page, "publish", revision).await, "published");
}

#[tokio::test]
async fn a_picture_is_added_and_shown_in_an_article_and_replaced_wherever_it_is() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let id = add(&ed, "A leg & a foot", &photograph(700, 500)).await;
    let page = ed.get(&format!("/admin/media/{id}?done=added")).await;
    assert!(page.text().contains(&format!("![](/media/{id})")) && page.text().contains("Nowhere."), "{}", page.text());

    let article = begin(&ed, &format!("{TEXT}\n![](/media/{id} \"Both of them\")\n")).await;
    publish(&ed, &rev, &article, 1).await;
    let shown = read(&app, "rest-at-night").await.body;
    for part in [
        "<figure><picture><source type=\"image/webp\" srcset=\"/media/",
        "alt=\"A leg &amp; a foot\"",
        "width=\"700\" height=\"500\" loading=\"lazy\"",
        "<figcaption>Both of them</figcaption>",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    let addresses: Vec<&str> =
        shown.split("/media/").skip(1).map(|rest| rest.split([' ', '"']).next().unwrap()).collect();
    assert_eq!(addresses.len(), 7, "{addresses:?}");
    for name in addresses {
        let file = app.get(&format!("/media/{name}")).await;
        assert_eq!(file.status, StatusCode::OK, "{name}");
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert!(file.header("content-security-policy").contains("sandbox"));
        let kind = if name.ends_with("webp") { "image/webp" } else { "image/jpeg" };
        assert_eq!(file.header("content-type"), kind);
    }
    assert_eq!(app.get(&format!("/media/{id}")).await.status, StatusCode::SEE_OTHER);
    let page = ed.get(&format!("/admin/media/{id}")).await;
    assert!(page.text().contains("Rest at night") && !page.text().contains("do not see it there"), "{}", page.text());
    assert!(page.text().contains("take it out of what is listed above first"));

    // Described anew, and replaced: without a revision.
    let fields = [("title", "leg"), ("alt", "Another leg"), ("decorative", ""), ("credit", "Ann")];
    is_done(&ed.post(&format!("/admin/media/{id}"), &fields).await, "described");
    assert!(read(&app, "rest-at-night").await.body.contains("alt=\"Another leg\""));
    let replace = format!("/admin/media/{id}/replace");
    let asked = ed.get(&replace).await.text();
    assert!(asked.contains("Every article that shows it") && asked.contains("Rest at night"), "{asked}");
    let fields = [("version", "1"), ("alt", "A foot"), ("credit", "Bob"), ("title", "foot")];
    is_done(&upload(&ed, &replace, &fields, Some(("y.png", &png(400, 300)))).await, "replaced");
    let shown = read(&app, "rest-at-night").await.body;
    assert!(shown.contains("alt=\"A foot\" width=\"400\" height=\"300\""), "{shown}");
    assert!(shown.contains("<figcaption>Both of them<br>Picture: Bob</figcaption>"), "{shown}");
    // From an older page: not done.
    let late = upload(&ed, &replace, &fields, Some(("y.png", &png(40, 30)))).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    // The one before, again.
    let again = ed.post(&format!("/admin/media/{id}/versions/1/restore"), &[("revision", "2")]).await;
    is_done(&again, "replaced");
    assert!(read(&app, "rest-at-night").await.body.contains("width=\"700\" height=\"500\""));

    let events = audit::events(&app.state.db, &audit::Filter::default(), 100).await.unwrap();
    for (action, times) in [("picture-added", 1), ("picture-described", 1), ("picture-replaced", 2)] {
        assert_eq!(events.iter().filter(|event| event.action == action).count(), times, "{action}");
    }
}

#[tokio::test]
async fn what_is_missing_is_asked_for_and_nothing_is_lost() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let none = upload(&ed, "/admin/media/new", &[("alt", "A leg"), ("credit", "Ann")], Some(("", b""))).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text().contains("Choose a picture") && none.body.contains("value=\"Ann\""), "{}", none.text());

    // A picture without a description is kept, and described without being sent again.
    let bare = upload(&ed, "/admin/media/new", &[("credit", "Ann")], Some(("a leg.png", &png(40, 30)))).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        bare.text().contains("Describe the picture") && bare.text().contains("The picture is kept"),
        "{}",
        bare.text()
    );
    assert!(bare.body.contains("value=\"a leg\"") && bare.body.contains("value=\"Ann\""), "{}", bare.body);
    let form = bare.body.split("method=\"post\" action=\"/admin/media/").nth(1).unwrap();
    let id: Uuid = form.split('"').next().unwrap().parse().unwrap();
    assert!(ed.get("/admin/media").await.text().contains("Not described yet"));
    let page = begin(&ed, &format!("One.\n\n![]({})\n", app::media::ADDRESS.to_owned() + &id.to_string())).await;
    let sent = press(&ed, &page, "review", 1).await;
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(sent.text().contains("Line 3: the picture “a leg” is not described yet"), "{}", sent.text());
    let fields = [("title", "a leg"), ("alt", ""), ("decorative", "yes"), ("credit", "")];
    is_done(&ed.post(&format!("/admin/media/{id}"), &fields).await, "described");
    is_done(&press(&ed, &page, "review", 1).await, "sent");

    // Neither both nor none.
    for (alt, decorative) in [("A leg", "yes"), (" ", "")] {
        let answer = ed
            .post(&format!("/admin/media/{id}"), &[("alt", alt), ("decorative", decorative), ("credit", "Bob")])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("id=\"alt-error\"") && answer.body.contains("value=\"Bob\""), "{}", answer.text());
    }
}

#[tokio::test]
async fn an_article_names_pictures_of_the_library_alone() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let unknown = Uuid::from_u128(7);
    for (picture, said) in [
        (format!("/media/{unknown}"), format!("there is no picture /media/{unknown}")),
        ("https://example.org/x.png".to_owned(), "is no picture of the library".to_owned()),
    ] {
        let fields = support::desk::fields("", "");
        let text = format!("## Rest\n\n![a]({picture})\n");
        let fields: Vec<(&str, &str)> = fields
            .into_iter()
            .map(|(name, value)| {
                (
                    name,
                    if name == "the_text" {
                        text.as_str()
                    } else if name == "press" {
                        "preview"
                    } else {
                        value
                    },
                )
            })
            .collect();
        let preview = ed.post("/admin/articles/new", &fields).await.text();
        assert!(preview.contains("Line 3: ") && preview.contains(&said), "{preview}");
    }
    let page = begin(&ed, &format!("## Rest\n\n![a](/media/{unknown})\n")).await;
    let sent = press(&ed, &page, "review", 1).await;
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(sent.text().contains(&format!("Line 3: there is no picture /media/{unknown}")), "{}", sent.text());
}

#[tokio::test]
async fn nothing_of_what_was_sent_is_kept() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let html = b"<html><script>alert(document.domain)</script></html>";
    let zip = b"PK\x03\x04evil.exe";
    let mut polyglots: Vec<(&str, Vec<u8>)> = Vec::new();
    let mut photo = gps(&photograph(640, 480));
    assert!(holds(&photo, b"GPS-SECRET") && holds(&photo, b"Exif\0\0"), "the photograph says where it was taken");
    photo.extend(html);
    polyglots.push(("a JPEG that is HTML", photo));
    let mut gif = b"GIF89a=1;alert(1)//".to_vec();
    gif.truncate(6);
    let mut whole = Vec::new();
    image::codecs::gif::GifEncoder::new(&mut whole)
        .encode_frame(image::Frame::new(image::RgbaImage::new(64, 64)))
        .unwrap();
    gif.extend(&whole[6..]);
    gif.extend(b"/*GPS-SECRET*/=1;alert(1)//");
    polyglots.push(("a GIF that is a script", gif));
    let mut png = png_with(
        64,
        64,
        &[(b"tEXt", b"Comment\0<script>alert(1)</script>GPS-SECRET"), (b"eXIf", b"MM\0*\0\0\0\x08GPS-SECRET")],
    );
    png.extend(zip);
    polyglots.push(("a PNG that is an archive", png));
    for (name, bytes) in polyglots {
        let before = files(app.folder()).len();
        add(&ed, name, &bytes).await;
        let files = files(app.folder());
        assert!(files.len() > before, "{name}");
        for (file, bytes) in files {
            for part in [&b"GPS-SECRET"[..], b"Exif", b"<script", b"alert(", b"PK\x03\x04", b"eXIf"] {
                assert!(!holds(&bytes, part), "{name}: {file} holds {}", String::from_utf8_lossy(part));
            }
            let format = if file.ends_with("webp") { ImageFormat::WebP } else { ImageFormat::Jpeg };
            assert_eq!(image::guess_format(&bytes).unwrap(), format, "{file}");
        }
    }
    assert!(fs::read_dir(app.folder().join("media/incoming")).unwrap().next().is_none(), "what was sent is gone");
}

#[tokio::test]
async fn a_file_is_what_its_bytes_say_and_turned_as_the_camera_was() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    // A PNG with a name and a type of something else.
    let answer = upload(&ed, "/admin/media/new", &[("alt", "x")], Some(("x.jpg.exe", &png(40, 30)))).await;
    is_done(&answer, "added");
    for (bytes, said) in [
        (&b"<!DOCTYPE html><html><script>alert(1)</script></html>"[..], "document type"),
        (b"<html xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script></html>", "no SVG"),
        (b"#!/bin/sh\nrm -rf /", "no picture"),
        (b"\x7fELF", "no picture"),
        (b"%PDF-1.7", "PDF pictures cannot be read"),
        (b"\0\0\0\x20ftypheic", "HEIC pictures cannot be read"),
    ] {
        assert!(refused(&ed, bytes).await.contains(said), "{said}");
    }
    // 64 by 32, to be turned by a quarter.
    let turned = store::picture(&app.state.db, add(&ed, "turned", &gps(&jpeg(64, 32))).await).await.unwrap().unwrap();
    assert_eq!((turned.width, turned.height), (32, 64));
}

#[tokio::test]
async fn bombs_are_refused_and_the_child_alone_dies_of_them() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    for (bytes, said) in support::pictures::bombs() {
        let told = refused(&ed, &bytes).await;
        assert!(told.contains(said), "{said}: {told}");
    }
    assert!(files(app.folder()).is_empty());
    assert!(fs::read_dir(app.folder().join("media/incoming")).unwrap().next().is_none());
}

#[tokio::test]
async fn an_svg_is_written_anew_and_opened_by_itself_can_do_nothing() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 20 10" onload="alert(1)">
        <script>alert(1)</script><a xlink:href="javascript:alert(1)"><rect id="spine" width="5" height="5" onclick="alert(1)"/></a>
        <image href="https://example.org/track.png"/><foreignObject><p xmlns="http://www.w3.org/1999/xhtml">alert(1)</p></foreignObject>
        <use xlink:href="https://example.org/x.svg#a"/><use xlink:href="#spine"/></svg>"##;
    let id = add(&ed, "A spine", svg.as_bytes()).await;
    let [(name, bytes)] = &files(app.folder())[..] else { panic!("one file") };
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains("<rect id=\"spine\"") && text.contains("<use href=\"#spine\">"), "{text}");
    for gone in ["alert", "script", "example.org", "foreignObject", "onload", "onclick", "javascript"] {
        assert!(!text.contains(gone), "{gone} is in {text}");
    }
    let answer = app.get(&format!("/media/{name}")).await;
    assert_eq!(answer.header("content-type"), "image/svg+xml");
    assert_eq!(
        answer.header("content-security-policy"),
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
    );
    let page = ed.get(&format!("/admin/media/{id}")).await.body;
    assert!(page.contains(&format!("<img src=\"/media/{name}\" alt=\"A spine\" width=\"20\" height=\"10\"")), "{page}");
    let laughs = "<!DOCTYPE svg [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"><text>&b;</text></svg>";
    assert!(refused(&ed, laughs.as_bytes()).await.contains("document type"));
}

#[tokio::test]
async fn what_is_too_large_is_told_so_with_what_was_typed() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    // Larger than a picture may be, and than a form may be.
    for megabytes in [21, 66] {
        let mut bytes = png(40, 30);
        bytes.resize(megabytes * 1024 * 1024, 0);
        let answer = upload(&ed, "/admin/media/new", &[("alt", "A leg")], Some(("x.png", &bytes))).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{megabytes}");
        assert!(
            answer.text().contains("larger than 20 MB") && answer.body.contains(">\nA leg</textarea>"),
            "{}",
            answer.text()
        );
    }
    assert!(files(app.folder()).is_empty());
}

#[tokio::test]
async fn a_child_that_takes_too_long_is_ended() {
    let folder = tempfile::TempDir::new().unwrap();
    let sleeper = folder.path().join("sleeper");
    fs::write(
        &sleeper,
        "#!/bin/sh\necho $$ > \"$(dirname \"$0\")/pid\"\nenv > \"$(dirname \"$0\")/env\"\nexec sleep 600\n",
    )
    .unwrap();
    fs::set_permissions(&sleeper, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let workshop = Workshop::new(folder.path().join("media"), sleeper).with_time_limit(Duration::from_millis(500));
    let mut received = workshop.receive(Uuid::from_u128(1)).await.unwrap_or_else(|error| panic!("{error:?}"));
    received.take(b"x").await.unwrap_or_else(|error| panic!("{error:?}"));
    let Err(NotMade::Refused(why)) = workshop.make(received, Uuid::from_u128(1)).await else { panic!("it was made") };
    assert!(why.contains("takes too long"), "{why}");
    let environment = fs::read_to_string(folder.path().join("env")).unwrap();
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some() && !environment.contains("CARGO"), "{environment}");
    let pid = fs::read_to_string(folder.path().join("pid")).unwrap();
    for _ in 0..100 {
        // Gone, or waiting to be seen off.
        let state = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        if state.is_empty() || state.contains(") Z ") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the child {pid} lives");
}

#[test]
fn the_child_has_little_memory_little_time_and_nothing_to_open() {
    let program = env!("CARGO_BIN_EXE_sciaticalm");
    let mut child = Command::new(program).arg("picture").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let expected = [
        ("Max address space", "536870912"),
        ("Max cpu time", "15"),
        ("Max open files", "3"),
        ("Max file size", "0"),
        ("Max core file size", "0"),
    ];
    let limits = || fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let is_limited = |limits: &str| {
        expected.iter().all(|(name, most)| {
            let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            // The soft one and the hard one.
            line.split_whitespace().take(2).eq([*most, *most])
        })
    };
    for _ in 0..500 {
        if is_limited(&limits()) {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    let limits = limits();
    assert!(is_limited(&limits), "{limits}");
    child.stdin.take().unwrap().write_all(b"no picture").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("refused"), "{output:?}");
}

#[tokio::test]
async fn only_what_is_unused_is_archived_by_an_editor_and_deleted_by_an_administrator() {
    let app = TestApp::with_people().await;
    let (ed, admin) = (staff(&app, "ed", "editor").await, staff(&app, "admin", "admin").await);
    let picture = png(40, 30);
    let (used, unused) = (add(&ed, "used", &picture).await, add(&ed, "unused", &picture).await);
    let page = begin(&ed, &format!("{TEXT}\n![](/media/{used})\n")).await;
    let act =
        async |person: &Person<'_>, id: Uuid, act: &str| person.post(&format!("/admin/media/{id}/{act}"), &[]).await;
    assert_eq!(act(&ed, used, "archive").await.status, StatusCode::CONFLICT);
    assert_eq!(act(&admin, used, "delete").await.status, StatusCode::CONFLICT);
    assert_eq!(act(&ed, unused, "delete").await.status, StatusCode::FORBIDDEN);
    is_done(&act(&ed, unused, "archive").await, "archived");
    assert!(!ed.get("/admin/media").await.body.contains(&unused.to_string()));
    assert!(ed.get("/admin/media?show=archived").await.body.contains(&unused.to_string()));
    is_done(&act(&ed, unused, "unarchive").await, "unarchived");
    // Both have the same files: they stay with the other.
    assert!(admin.get(&format!("/admin/media/{unused}/delete")).await.text().contains("cannot be had back"));
    assert_eq!(act(&admin, unused, "delete").await.header("location"), "/admin/media?done=deleted");
    assert_eq!(files(app.folder()).len(), 2);
    assert_eq!(ed.get(&format!("/admin/media/{unused}")).await.status, StatusCode::NOT_FOUND);
    // Taken out of the article, it goes with its files.
    assert_eq!(save(&ed, &page, 1, TEXT).await.status, StatusCode::SEE_OTHER);
    assert_eq!(act(&admin, used, "delete").await.status, StatusCode::SEE_OTHER);
    assert!(files(app.folder()).is_empty());
    let old = ed.get(&format!("{page}/revisions/1")).await;
    assert!(old.status == StatusCode::OK && !old.body.contains("<img"), "{}", old.body);
    let events = audit::events(&app.state.db, &audit::Filter::default(), 100).await.unwrap();
    assert_eq!(events.iter().filter(|event| event.action == "picture-deleted").count(), 2);
}

fn kept(name: &str) -> Kept {
    let file = app::media::File { name: format!("{name}.webp"), format: Format::Webp, width: 4, bytes: 9 };
    Kept { width: 4, height: 3, files: vec![file] }
}

fn event(action: audit::Action) -> audit::Event {
    audit::Event::new(&NOW, audit::Actor::CommandLine, action)
}

#[tokio::test]
async fn either_engine_keeps_the_library() {
    for engine in engines("either_engine_keeps_the_library").await {
        let name = engine.name;
        let app = engine.into_app().await;
        let ed = staff(&app, "ed", "editor").await;
        let db = &app.state.db;
        let words = |title: &str| Words { title: title.to_owned(), alt: "A_leg".to_owned(), ..Words::default() };
        for n in 1..=30_u128 {
            let version = NewVersion { kept: kept(&format!("f{n}")), by: Some(account("ed")), at: n as i64 };
            let title = if n == 7 { "Seven 100%" } else { "Other" };
            store::add(db, Uuid::from_u128(n), words(title), version, event(audit::Action::PictureAdded))
                .await
                .unwrap();
        }
        let filter = |search: &str, page| Filter { search: search.to_owned(), archived: false, page };
        assert_eq!(store::count(db, &filter("", 1)).await.unwrap(), 30, "{name}");
        let found = |filter: Filter| async move {
            store::find(db, &filter).await.unwrap().iter().map(|one| one.id.as_u128()).collect::<Vec<_>>()
        };
        assert_eq!(found(filter("", 1)).await[..2], [30, 29], "{name}");
        assert_eq!(found(filter("", 2)).await.len(), 6, "{name}");
        assert_eq!(found(filter("SEVEN 100%", 1)).await, [7], "{name}");
        assert_eq!(found(filter("nothing", 1)).await, [] as [u128; 0], "{name}");

        let id = Uuid::from_u128(7);
        let version = |file: &str| NewVersion { kept: kept(file), by: Some(account("ed")), at: 99 };
        let replaced =
            |base| store::replace(db, id, base, words("Eight"), version("g"), event(audit::Action::PictureReplaced));
        replaced(1).await.unwrap();
        assert!(matches!(replaced(1).await, Err(app::Error::Conflict)), "{name}");
        let picture = store::picture(db, id).await.unwrap().unwrap();
        assert_eq!(
            (picture.version, picture.words.title.as_str(), picture.files[0].name.as_str()),
            (2, "Eight", "g.webp")
        );
        let versions = store::versions(db, id).await.unwrap();
        assert_eq!(versions.iter().map(|version| version.number).collect::<Vec<_>>(), [2, 1], "{name}");
        assert_eq!(versions[0].added_by_email.as_deref(), Some("ed@example.org"), "{name}");

        assert!(store::uses(db, id).await.unwrap().is_empty(), "{name}");
        let page = begin(&ed, &format!("{TEXT}\n![x](/media/{id})\n")).await;
        let uses = store::uses(db, id).await.unwrap();
        assert_eq!((uses.len(), uses[0].title.as_str(), uses[0].read), (1, "Rest at night", false), "{name}");
        let archived = || store::archive(db, id, 5, event(audit::Action::PictureArchived));
        assert!(matches!(archived().await, Err(app::Error::Conflict)), "{name}");
        assert!(!store::picture(db, id).await.unwrap().unwrap().archived, "{name}: nothing of it was done");
        save(&ed, &page, 1, TEXT).await;
        archived().await.unwrap();
        assert_eq!(store::count(db, &Filter { archived: true, ..filter("", 1) }).await.unwrap(), 1, "{name}");
        let gone = store::delete(db, id, event(audit::Action::PictureDeleted)).await.unwrap();
        assert_eq!(gone, ["f7.webp", "g.webp"], "{name}");
        assert!(store::picture(db, id).await.unwrap().is_none(), "{name}");
    }
}

#[tokio::test]
async fn several_at_once_are_made_and_none_is_taken_for_another() {
    let app = TestApp::with_people().await;
    let ed = Arc::new(staff(&app, "ed", "editor").await);
    let sizes: Vec<u32> = (1..=6).map(|n| 10 * n).collect();
    let adding = sizes.iter().map(|size| {
        let ed = Arc::clone(&ed);
        async move { (*size, add(&ed, "x", &png(*size, 10)).await) }
    });
    for (size, id) in futures_util::future::join_all(adding).await {
        assert_eq!(store::picture(&app.state.db, id).await.unwrap().unwrap().width, size);
    }
}

/// The program, on the database of the test.
fn program_on(app: &TestApp, folder: &Path) -> Command {
    let mut command = program(folder);
    command.env("SCIATICALM_DATABASE_URL", database(app));
    command
}

fn database(app: &TestApp) -> String {
    format!("sqlite:{}", app.folder().join("test.db").display())
}

async fn forget_everybody(app: &TestApp) {
    for statement in ["update media_version set added_by = null", "delete from session", "delete from account"] {
        let deleting = app.state.db.write(move |mut tx| {
            Box::pin(async move {
                on!(tx &mut tx, connection => sqlx::query(statement).execute(connection).await.map(drop))?;
                Ok(())
            })
        });
        deleting.await.unwrap();
    }
}

#[tokio::test]
async fn a_backup_brings_the_pictures_back() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let id = add(&ed, "A leg", &photograph(700, 500)).await;
    // What no picture names is not in it.
    fs::write(app.folder().join("media").join("0123456789abcdef0123456789abcdef.jpg"), b"old").unwrap();
    // Of accounts a restore asks the keys, which are another test's.
    forget_everybody(&app).await;
    let backup = app.folder().join("away.db");
    let done = program_on(&app, app.folder()).arg("backup").arg(&backup).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    assert!(String::from_utf8_lossy(&done.stdout).contains("away.db.media: keep the two together"), "{done:?}");

    let other = tempfile::TempDir::new().unwrap();
    let mut restore = program_on(&app, other.path());
    let restored = restore.env_remove("SCIATICALM_DATABASE_URL").arg("restore").arg(&backup).output().unwrap();
    assert!(restored.status.success(), "{restored:?}");
    assert!(!String::from_utf8_lossy(&restored.stdout).contains("missing"), "{restored:?}");
    let mut there = files(app.folder());
    there.retain(|(_, bytes)| bytes != b"old");
    assert_eq!(files(other.path()), there);
    let db = app::db::Db::open(&format!("sqlite:{}", other.path().join("sciaticalm.db").display())).await.unwrap();
    assert_eq!(store::picture(&db, id).await.unwrap().unwrap().files.len(), there.len());

    // Without its folder it says what is missing.
    fs::remove_dir_all(app.folder().join("away.db.media")).unwrap();
    let alone = tempfile::TempDir::new().unwrap();
    let mut restore = program_on(&app, alone.path());
    let restored = restore.env_remove("SCIATICALM_DATABASE_URL").arg("restore").arg(&backup).output().unwrap();
    assert!(
        String::from_utf8_lossy(&restored.stdout).contains("6 of the 6 files of pictures are missing"),
        "{restored:?}"
    );
}

/// KB that the server may have.
const BUDGET: u64 = 60 * 1024;
/// KB that so many pictures at once may add to what it has after a first one: a build that is not optimised begins above the
/// budget, and reads its own pages as it needs them.
const FOR_PICTURES: u64 = 40 * 1024;

#[tokio::test]
async fn the_server_stays_within_its_memory_while_bombs_and_photographs_arrive() {
    let app = TestApp::today().await;
    let ed = staff(&app, "ed", "editor").await;
    let token = ed.cookie("session").unwrap();
    let serving = Serving::start_in(app.folder(), |command| {
        command.env("SCIATICALM_DATABASE_URL", database(&app));
    });
    let photo = photograph(4_000, 3_000);
    assert!(photo.len() > 1_000_000, "a photograph has {} bytes", photo.len());
    let mut large = png(40, 30);
    large.resize(19 << 20, 0);
    let mut sent: Vec<(Vec<u8>, &str)> =
        vec![(photo.clone(), "303"), (photo.clone(), "303"), (photo, "303"), (large, "303")];
    for _ in 0..3 {
        sent.extend(support::pictures::bombs().into_iter().map(|(bytes, _)| (bytes, "422")));
    }
    assert!(sent.len() > 24);
    // Once around, so that what is first used then is not counted: the program's own pages, too, are read as they are needed.
    for (bytes, status) in [&sent[0], &sent[4]] {
        assert!(post_picture(&serving.addr, &token, bytes).starts_with(&format!("HTTP/1.1 {status}")));
    }
    // The most it had, from here on.
    serving.forget_most_memory();
    let before = serving.memory("VmRSS:");
    let sending: Vec<_> = sent
        .into_iter()
        .map(|(bytes, status)| {
            let (addr, token) = (serving.addr.clone(), token.clone());
            thread::spawn(move || (post_picture(&addr, &token, &bytes), status))
        })
        .collect();
    let answers: Vec<(String, &str)> = sending.into_iter().map(|one| one.join().unwrap()).collect();
    let most = serving.memory("VmHWM:");
    drop(serving);
    for (answer, status) in answers {
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{status}: {}",
            answer.lines().next().unwrap_or_default()
        );
    }
    assert!(most < before + FOR_PICTURES, "the server had {before} KB, and then {most} KB");
    assert!(cfg!(debug_assertions) || most < BUDGET, "the server had {most} KB");
}

fn post_picture(addr: &str, token: &str, bytes: &[u8]) -> String {
    let body = form(&[("alt", "A leg")], Some(("x.jpg", bytes)));
    let head = format!(
        "POST /admin/media/new HTTP/1.1\r\nhost: x\r\nconnection: close\r\nsec-fetch-site: same-origin\r\ncookie: session={token}\r\n\
         content-type: multipart/form-data; boundary={EDGE}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
