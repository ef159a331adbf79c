//! Pictures in a bucket: shared by several servers, moved by files and backups, and missed while it does not answer. The bucket is a
//! real S3 on loopback that checks signatures.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::Output,
    time::{Duration, Instant, SystemTime},
};

use app::{
    AppState, Error,
    clock::Clock,
    db::Db,
    files::{archive, export::Exported},
    media::{
        self, Words,
        place::{Contents, Place},
        store,
        sweep::{Sweep, UNNAMED, YOUNG},
    },
    on,
};
use axum::http::StatusCode;
use server::bucket;
use support::{
    TestApp,
    desk::{TEXT, begin, is_done, staff},
    engines::{Engine, engines},
    log,
    pictures::{DRAWING, add, added, jpeg, photograph, png, upload},
    s3::{S3, SECRET, options_at},
    serving::{Serving, program},
    workshop_with,
};
use tempfile::TempDir;
use uuid::Uuid;

/// The files of a folder, by name; those in folders below it are not among them.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file());
    files.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())).collect()
}

/// A server whose pictures are in the bucket.
async fn server(engine: &Engine, s3: &S3) -> (TestApp, TempDir) {
    let local = TempDir::new().unwrap();
    (engine.server_with(workshop_with(local.path(), s3.bucket())).await, local)
}

async fn names(db: &Db, id: Uuid) -> Vec<String> {
    store::picture(db, id).await.unwrap().unwrap().files.into_iter().map(|file| file.name).collect()
}

#[tokio::test]
async fn what_is_added_at_one_server_is_served_by_another_until_it_is_forgotten() {
    for engine in engines("bucket_is_shared").await {
        let s3 = S3::start().await;
        let ((one, local), (two, _other)) = (server(&engine, &s3).await, server(&engine, &s3).await);
        let (ed, admin) = (staff(&one, "ed", "editor").await, staff(&two, "admin", "admin").await);
        let id = add(&ed, "A leg", &photograph(700, 500)).await;
        let first = names(&engine.db, id).await;
        let there = files(&s3.files());
        assert_eq!(there.len(), 6, "{}", engine.name);
        assert!(files(&local.path().join("media")).is_empty(), "a finished file is on this machine");
        assert!(fs::read_dir(local.path().join("media/incoming")).unwrap().next().is_none());
        for name in &first {
            let answer = two.get(&format!("/media/{name}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{name}");
            assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
            assert_eq!(answer.header("content-type"), if name.ends_with("webp") { "image/webp" } else { "image/jpeg" });
            assert_eq!(answer.header("content-length"), there[name].len().to_string());
            assert_eq!(answer.body, String::from_utf8_lossy(&there[name]), "{name}");
        }
        assert_eq!(two.get(&format!("/media/{}.jpg", "0".repeat(32))).await.status, StatusCode::NOT_FOUND);

        let fields = [("version", "1"), ("alt", "A foot")];
        let replaced =
            upload(&ed, &format!("/admin/media/{id}/replace"), &fields, Some(("y.png", &png(400, 300)))).await;
        is_done(&replaced, "replaced");
        let second = names(&engine.db, id).await;
        // The version before may be restored.
        for name in first.iter().chain(&second) {
            assert_eq!(two.get(&format!("/media/{name}")).await.status, StatusCode::OK, "{name}");
        }
        let deleted = admin.post(&format!("/admin/media/{id}/delete"), &[]).await;
        assert_eq!(deleted.header("location"), "/admin/media?done=deleted");
        for name in first.iter().chain(&second) {
            assert_eq!(one.get(&format!("/media/{name}")).await.status, StatusCode::NOT_FOUND, "{name}");
        }
        assert!(files(&s3.files()).is_empty(), "{}", engine.name);
    }
}

#[tokio::test]
async fn while_the_bucket_does_not_answer_pages_are_there_and_nothing_typed_is_lost() {
    log::listen();
    let engine = engines("bucket_is_away").await.remove(0);
    let s3 = S3::start().await;
    let (app, local) = server(&engine, &s3).await;
    let ed = staff(&app, "ed", "editor").await;
    let id = add(&ed, "A leg", &jpeg(64, 32)).await;
    let name = names(&engine.db, id).await.remove(0);
    begin(&ed, &format!("{TEXT}\n![](/media/{id})\n")).await;
    let (admin, archive) = (staff(&app, "ann", "admin").await, archive_of(&app.state, id).await);
    log::take();
    let stopped = s3.stop().await;

    let began = Instant::now();
    let answer = app.get(&format!("/media/{name}")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    let page = ed.get(&format!("/admin/media/{id}")).await;
    assert!(page.status == StatusCode::OK && page.text().contains("Rest at night"), "{}", page.text());
    let fields = [("alt", "Another leg"), ("credit", "Ann")];
    let kept_not = upload(&ed, "/admin/media/new", &fields, Some(("x.png", &png(40, 30)))).await;
    assert_eq!(kept_not.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(kept_not.text().contains("The picture was not kept"), "{}", kept_not.text());
    assert!(
        kept_not.body.contains("id=\"file-error\"") && kept_not.body.contains("value=\"Ann\""),
        "{}",
        kept_not.body
    );
    assert!(kept_not.body.contains(">\nAnother leg</textarea>"), "{}", kept_not.body);
    let replace = [("version", "1"), ("alt", "A foot")];
    let path = format!("/admin/media/{id}/replace");
    let replaced_not = upload(&ed, &path, &replace, Some(("x.png", &png(40, 30)))).await;
    assert_eq!(replaced_not.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(replaced_not.text().contains("The picture was not kept"), "{}", replaced_not.text());
    let imported_not = upload(&admin, "/admin/files", &[], Some(("x.zip", &archive))).await;
    assert_eq!(imported_not.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(imported_not.text().contains("Nothing was imported: the place where"), "{}", imported_not.text());
    assert_eq!(admin.get("/admin/files/check").await.header("location"), "/admin/files", "nothing waits");
    assert!(fs::read_dir(local.path().join("media/incoming")).unwrap().next().is_none());
    assert_eq!(store::count(&engine.db, &store::Filter { page: 1, ..Default::default() }).await.unwrap(), 1);
    let log = log::take();
    assert!(log.contains("the pictures’ bucket: ") && !log.contains(SECRET), "{log}");

    let s3 = stopped.start().await;
    assert_eq!(app.get(&format!("/media/{name}")).await.status, StatusCode::OK);
    is_done(&upload(&ed, "/admin/media/new", &fields, Some(("x.png", &png(40, 30)))).await, "added");
    is_done(&upload(&ed, &path, &replace, Some(("x.png", &png(40, 30)))).await, "replaced");
    let imported = upload(&admin, "/admin/files", &[], Some(("x.zip", &archive))).await;
    assert_eq!(imported.header("location"), "/admin/files/check", "{}", imported.text());
    assert!(files(&s3.files()).len() > 2);
}

/// A picture as it is exported.
async fn archive_of(state: &AppState, id: Uuid) -> Vec<u8> {
    let picture = store::picture(&state.db, id).await.unwrap().unwrap();
    let mut exported = vec![Exported::from(media::file::write(&picture))];
    for file in picture.files {
        let bytes = state.media.place().read(&file.name).await.unwrap().unwrap();
        exported.push(Exported { name: format!("media/{}", file.name), bytes });
    }
    archive::pack(&exported).unwrap()
}

#[tokio::test]
async fn a_bucket_that_never_answers_is_not_waited_for_longer_than_a_page_may_take() {
    // It takes connections, and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let options = options_at(&format!("http://{}", silent.local_addr().unwrap()));
    let place = Place::Bucket(bucket::open(&options).unwrap().unwrap());
    let began = Instant::now();
    let name = format!("{}.jpg", "0".repeat(32));
    let (opened, asked) = tokio::join!(place.open(&name), place.ask());
    assert!(matches!(opened, Err(Error::Unavailable(_))) && matches!(asked, Err(Error::Unavailable(_))));
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_wrong_secret_and_a_bucket_that_is_not_there_are_refused() {
    let s3 = S3::start().await;
    let name = format!("{}.jpg", "0".repeat(32));
    s3_place(&s3).ask().await.unwrap();
    let mut wrong = s3.options();
    wrong.media_secret = Some("another-secret".to_owned().into());
    let place = Place::Bucket(bucket::open(&wrong).unwrap().unwrap());
    for (asked, said) in [
        (place.ask().await, "it answers SignatureDoesNotMatch"),
        (place.has(&name).await.map(drop), "it refuses this key and secret"),
        (place.open(&name).await.map(drop), "it answers SignatureDoesNotMatch"),
        (put(&place, &name, b"x").await, "it answers SignatureDoesNotMatch"),
        (put(&place, &name, &vec![7; 6 << 20]).await, "it answers SignatureDoesNotMatch"),
        (place.older_than(0).await.map(drop), "it answers SignatureDoesNotMatch"),
    ] {
        let error = asked.unwrap_err().to_string();
        assert!(error.contains(said) && !error.contains("another-secret"), "{error}");
    }
    assert!(files(&s3.files()).is_empty());
    let mut elsewhere = s3.options();
    elsewhere.media_url = Some("s3://elsewhere".to_owned());
    let error = Place::Bucket(bucket::open(&elsewhere).unwrap().unwrap()).ask().await.unwrap_err();
    assert!(matches!(error, Error::Internal(_)) && error.to_string().contains("it answers NoSuchBucket"), "{error}");
}

fn s3_place(s3: &S3) -> Place {
    Place::Bucket(s3.bucket())
}

async fn put(place: &Place, name: &str, bytes: &[u8]) -> app::Result<()> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    place.put(name, Contents::of(file.path()).await.unwrap()).await
}

#[tokio::test]
async fn a_place_is_the_same_in_a_folder_and_in_a_bucket() {
    let (s3, folder) = (S3::start().await, TempDir::new().unwrap());
    let name = |digit: &str| format!("{}.jpg", digit.repeat(32));
    // More than is sent at once.
    let large: Vec<u8> = (0..12_345_678_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for place in [s3_place(&s3), Place::Folder(folder.path().join("pictures"))] {
        place.ask().await.unwrap();
        assert!(place.older_than(i64::MAX).await.unwrap().is_empty());
        assert!(!place.has(&name("1")).await.unwrap() && place.read(&name("1")).await.unwrap().is_none());
        place.delete(&name("1")).await.unwrap();
        for (digit, bytes) in [("1", &b"small"[..]), ("2", &large), ("1", b"again")] {
            put(&place, &name(digit), bytes).await.unwrap();
            assert!(place.has(&name(digit)).await.unwrap());
            assert_eq!(place.open(&name(digit)).await.unwrap().unwrap().length, bytes.len() as u64);
            assert!(place.read(&name(digit)).await.unwrap().unwrap() == bytes, "{digit}");
        }
        put(&place, "notes.txt", b"Theirs.").await.unwrap();
        let mut found = place.older_than(i64::MAX).await.unwrap();
        found.sort();
        assert_eq!(found, [name("1"), name("2")]);
        assert!(place.is_older(&name("1"), i64::MAX).await.unwrap());
        assert!(!place.is_older(&name("1"), 0).await.unwrap() && !place.is_older(&name("3"), i64::MAX).await.unwrap());
        place.delete(&name("2")).await.unwrap();
        assert!(!place.has(&name("2")).await.unwrap());
    }
    // The same names and bytes, so that the one can be copied into the other.
    assert!(files(&s3.files()) == files(&folder.path().join("pictures")));
}

/// The program on the database of an engine, with its pictures in the bucket if there is one.
fn run(engine: &Engine, s3: Option<&S3>, arguments: &[&str], path: &Path) -> Output {
    let mut command = program(&engine.folder().join("data"));
    command.env("SCIATICALM_DATABASE_URL", &engine.url);
    command.envs(s3.map(S3::variables).into_iter().flatten());
    command.args(arguments).arg(path).output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Every file below a folder to the byte, by its path in it.
fn all_bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = files(folder);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            found.extend(all_bytes(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        }
    }
    found
}

fn words(title: &str) -> Words {
    Words { title: title.to_owned(), alt: "A leg".to_owned(), ..Words::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_moves_from_a_folder_into_a_bucket_by_an_export_or_a_copy() {
    for (from, to) in engines("bucket_from").await.into_iter().zip(engines("bucket_to").await) {
        let (s3, name) = (S3::start().await, from.name);
        let local = support::workshop(&from.folder().join("data"));
        let mut ids = vec![];
        for (title, sent) in [("leg", photograph(700, 500)), ("drawing", DRAWING.as_bytes().to_vec())] {
            ids.push(added(&from.db, &local, words(title), &sent).await);
        }
        let (first, second) = (from.folder().join("first"), from.folder().join("second"));
        assert!(said(&run(&from, None, &["export"], &first)).contains("media: 2\n"), "{name}");
        assert!(said(&run(&to, Some(&s3), &["import", "--check"], &first)).contains("media: 2 new"), "{name}");
        assert!(files(&s3.files()).is_empty(), "{name}: nothing is kept of a check");
        assert!(said(&run(&to, Some(&s3), &["import"], &first)).contains("media: 2 new"), "{name}");
        assert!(files(&to.folder().join("data/media")).is_empty(), "{name}");
        said(&run(&to, Some(&s3), &["export"], &second));
        assert!(all_bytes(&first) == all_bytes(&second), "{name}");

        // Without its files, an export says what is missing; with a copy of the folder it is whole again.
        fs::remove_dir_all(s3.files()).unwrap();
        let third = from.folder().join("third");
        let failed = run(&to, Some(&s3), &["export"], &third);
        assert!(
            !failed.status.success() && String::from_utf8_lossy(&failed.stderr).contains("lacks its file"),
            "{failed:?}"
        );
        fs::create_dir_all(s3.files()).unwrap();
        for (file, bytes) in files(&from.folder().join("data/media")) {
            fs::write(s3.files().join(file), bytes).unwrap();
        }
        said(&run(&to, Some(&s3), &["export"], &third));
        assert!(all_bytes(&first) == all_bytes(&third), "{name}");
        let (server, _local) = server(&to, &s3).await;
        for file in names(&to.db, ids[0]).await {
            assert_eq!(server.get(&format!("/media/{file}")).await.status, StatusCode::OK, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_has_the_pictures_of_the_bucket_or_says_where_they_are() {
    for engine in engines("bucket_backup").await {
        let s3 = S3::start().await;
        let (server, _local) = server(&engine, &s3).await;
        let id = added(&engine.db, &server.state.media, words("leg"), &photograph(700, 500)).await;
        let there = files(&s3.files());
        let away = engine.folder().join("away.db");
        let done = run(&engine, Some(&s3), &["backup"], &away);
        if engine.name == "PostgreSQL" {
            let why = String::from_utf8_lossy(&done.stderr).into_owned();
            assert!(!done.status.success() && why.contains("in the bucket s3://pictures/of/a-site/: copy"), "{why}");
            continue;
        }
        assert!(said(&done).contains("away.db.media: keep the two together"), "{done:?}");
        assert!(files(&engine.folder().join("away.db.media")) == there);
        // Into another bucket.
        let (other, data) = (S3::start().await, TempDir::new().unwrap());
        let restore = |s3: &S3| program(data.path()).envs(s3.variables()).arg("restore").arg(&away).output().unwrap();
        assert!(!said(&restore(&other)).contains("missing"));
        assert!(files(&other.files()) == there && files(&data.path().join("media")).is_empty());
        let db = Db::open(&format!("sqlite:{}", data.path().join("sciaticalm.db").display())).await.unwrap();
        assert_eq!(names(&db, id).await.len(), there.len());

        // A bucket that is away is no reason to go without the database.
        let (gone, later) = (s3.variables(), engine.folder().join("later.db"));
        s3.stop().await;
        let mut command = program(&engine.folder().join("data"));
        let done =
            command.env("SCIATICALM_DATABASE_URL", &engine.url).envs(gone).arg("backup").arg(&later).output().unwrap();
        let why = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success() && why.contains("cannot copy the pictures") && !why.contains(SECRET), "{why}");
        assert!(later.exists() && String::from_utf8_lossy(&done.stdout).contains("The database is in"), "{done:?}");
    }
}

/// Says of files that they were put in place so long ago, in milliseconds.
fn age(folder: &Path, names: &[&String], millis: i64) {
    let at =
        SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(Clock::System.millis_i64() - millis).unwrap());
    for name in names {
        fs::File::options().write(true).open(folder.join(name)).unwrap().set_modified(at).unwrap();
    }
}

#[tokio::test]
async fn files_that_no_picture_has_are_deleted_once_they_are_old_and_nothing_else_is() {
    let mut places = vec![];
    for in_bucket in [false, true] {
        for engine in engines(&format!("sweep_{in_bucket}")).await {
            places.push((in_bucket, engine));
        }
    }
    for (in_bucket, engine) in places {
        let place = format!("{}, in a bucket: {in_bucket}", engine.name);
        let (s3, local) = (S3::start().await, TempDir::new().unwrap());
        let media = if in_bucket { workshop_with(local.path(), s3.bucket()) } else { support::workshop(local.path()) };
        let folder = if in_bucket { s3.files() } else { local.path().join("media") };
        let app = engine.server_with(media).await;
        let mut state = app.state.clone();
        let ed = staff(&app, "ed", "editor").await;
        let at = |hours: i64| Clock::Fixed(Clock::System.millis() + u64::try_from(hours * 60 * 60 * 1000).unwrap());
        let lost =
            [("1", "webp"), ("2", "jpg"), ("3", "svg")].map(|(digit, end)| format!("{}.{end}", digit.repeat(32)));
        let young = format!("{}.jpg", "4".repeat(32));
        let look = async |sweep: &mut Sweep, state: &AppState| sweep.look(state).await.unwrap();

        // A library without a picture is rather another site's.
        fs::create_dir_all(folder.join("incoming")).unwrap();
        for name in &lost {
            fs::write(folder.join(name), name).unwrap();
        }
        age(&folder, &lost.each_ref(), 2 * YOUNG);
        let mut sweep = Sweep::default();
        for hours in [0, 13, 26] {
            state.clock = at(hours);
            assert_eq!(look(&mut sweep, &state).await, 0, "{place}");
        }
        assert_eq!(files(&folder).len(), 3, "{place}");

        // Two versions, the old one of which is shown nowhere, and a picture that is archived.
        let id = add(&ed, "A leg", &photograph(700, 500)).await;
        let fields = [("version", "1"), ("alt", "A foot")];
        is_done(
            &upload(&ed, &format!("/admin/media/{id}/replace"), &fields, Some(("y", &png(400, 300)))).await,
            "replaced",
        );
        let archived = add(&ed, "Gone", &jpeg(30, 20)).await;
        is_done(&ed.post(&format!("/admin/media/{archived}/archive"), &[]).await, "archived");
        let mut named = files(&folder);
        named.retain(|name, _| !lost.contains(name));
        assert!(named.len() > 8, "{place}");
        fs::write(folder.join(&young), "young").unwrap();
        // What is arriving, and what is somebody else's.
        fs::write(folder.join("incoming").join(&lost[0]), "arrives").unwrap();
        fs::write(folder.join("notes.txt"), "Theirs.").unwrap();
        age(&folder, &named.keys().collect::<Vec<_>>(), 2 * YOUNG);
        age(&folder, &[&"notes.txt".to_owned(), &format!("incoming/{}", lost[0])], 2 * YOUNG);

        state.clock = at(0);
        assert_eq!(look(&mut sweep, &state).await, 0, "{place}: it may be a wrong database, for half a day");
        state.clock = at(UNNAMED / 3_600_000 - 1);
        assert_eq!(look(&mut sweep, &state).await, 0, "{place}");
        // One of them arrives again, and is not named yet.
        fs::write(folder.join(&lost[1]), "again").unwrap();
        state.clock = at(UNNAMED / 3_600_000);
        assert_eq!(look(&mut sweep, &state).await, 2, "{place}");
        let left = files(&folder);
        for name in named.keys().chain([&young, &lost[1], &"notes.txt".to_owned()]) {
            assert!(left.contains_key(name), "{place}: {name}");
        }
        assert!(!left.contains_key(&lost[0]) && !left.contains_key(&lost[2]), "{place}: {:?}", left.keys());
        assert!(folder.join("incoming").join(&lost[0]).exists(), "{place}");
        assert_eq!(app.get(&format!("/media/{}", named.keys().next().unwrap())).await.status, StatusCode::OK);

        // In the end they are all old.
        for hours in [30, 30 + 12] {
            state.clock = at(hours);
            look(&mut sweep, &state).await;
        }
        let left = files(&folder);
        assert!(!left.contains_key(&young) && !left.contains_key(&lost[1]), "{place}");
        assert_eq!(left.len(), named.len() + 1, "{place}");
    }
}

#[tokio::test]
async fn what_is_named_again_before_it_is_deleted_stays() {
    let engine = engines("sweep_named_again").await.remove(0);
    let local = TempDir::new().unwrap();
    let app = engine.server_with(support::workshop(local.path())).await;
    let (mut state, folder) = (app.state.clone(), local.path().join("media"));
    let ed = staff(&app, "ed", "editor").await;
    let (id, _other) = (add(&ed, "A leg", &photograph(700, 500)).await, add(&ed, "Other", &png(4, 4)).await);
    let files_of = names(&engine.db, id).await;
    age(&folder, &files(&folder).keys().collect::<Vec<_>>(), 2 * YOUNG);
    let rename = async |from: &'static str, to: &'static str| {
        let renamed = engine.db.write(move |mut tx| {
            Box::pin(async move {
                on!(tx &mut tx, connection => sqlx::query("update media_version set files = replace(files, $1, $2) where media_id = $3")
                    .bind(from).bind(to).bind(id).execute(connection).await.map(drop))?;
                Ok(())
            })
        });
        renamed.await.unwrap();
    };
    let mut sweep = Sweep::default();
    let began = Clock::System.millis();
    // As if an older database were restored, and the newer one again before half a day is over.
    rename("jpg", "xxx").await;
    let (mut seen, mut hours) = (0, 0);
    for until in [11, 24] {
        while hours < until {
            state.clock = Clock::Fixed(began + hours * 60 * 60 * 1000);
            seen += sweep.look(&state).await.unwrap();
            hours += 1;
        }
        rename("xxx", "jpg").await;
    }
    assert_eq!(seen, 0);
    for name in files_of {
        assert!(folder.join(name).exists());
    }
}

/// The whole answer, read so many bytes at a time.
fn read(addr: &str, path: &str, at_once: usize) -> Vec<u8> {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
    let (mut answer, mut piece) = (Vec::new(), vec![0; at_once]);
    loop {
        match stream.read(&mut piece).unwrap() {
            0 => return answer,
            read => answer.extend_from_slice(&piece[..read]),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_starts_without_its_bucket_and_not_with_one_that_refuses() {
    let s3 = S3::start().await;
    let fails = |set: &[(&str, &str)], said: &str| {
        let folder = TempDir::new().unwrap();
        let mut command = program(folder.path());
        command.envs(s3.variables()).envs(set.iter().copied());
        let output = command.arg("serve").output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let lines: Vec<&str> = told.lines().filter(|line| line.starts_with("sciaticalm: ")).collect();
        assert!(!output.status.success() && lines.len() == 1 && lines[0].contains(said), "{said}: {told}");
        assert!(!told.contains(SECRET) && !told.contains("wrong-secret"), "{told}");
    };
    fails(&[("SCIATICALM_MEDIA_SECRET", "wrong-secret")], "(SCIATICALM_MEDIA_URL): it answers SignatureDoesNotMatch");
    fails(&[("SCIATICALM_MEDIA_URL", "s3://elsewhere")], "(SCIATICALM_MEDIA_URL): it answers NoSuchBucket");
    fails(&[("SCIATICALM_MEDIA_URL", "/srv/pictures")], "must be s3://BUCKET");
    fails(&[("SCIATICALM_MEDIA_ENDPOINT", "localhost:9000")], "SCIATICALM_MEDIA_ENDPOINT must be https://HOST");

    let variables = s3.variables();
    let stopped = s3.stop().await;
    let serving = Serving::start_with(|command| {
        command.envs(variables);
    });
    assert!(serving.log().contains("pictures are not shown, and none can be added"), "{}", serving.log());
    assert!(!serving.log().contains(SECRET), "{}", serving.log());
    for (path, status) in [("/", "200"), ("/seek-help", "200"), ("/articles", "200"), ("/readyz", "200")] {
        assert!(serving.status(path).contains(status), "{path}");
    }
    let name = format!("/media/{}.jpg", "0".repeat(32));
    assert!(serving.status(&name).contains("503"));
    let s3 = stopped.start().await;
    fs::create_dir_all(s3.files()).unwrap();
    assert!(serving.status(&name).contains("404"));
    fs::write(s3.files().join(name.rsplit('/').next().unwrap()), "there").unwrap();
    assert!(serving.status(&name).contains("200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_spoken_to_over_tls_where_its_certificate_is_trusted_and_not_elsewhere() {
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let s3 = S3::start_with_tls(&certificate).await;
    let name = format!("{}.jpg", "0".repeat(32));
    fs::create_dir_all(s3.files()).unwrap();
    fs::write(s3.files().join(&name), "there").unwrap();
    let trusted = TempDir::new().unwrap();
    let pem = trusted.path().join("trusted.pem");
    fs::write(&pem, certificate.cert.pem()).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let stranger = trusted.path().join("stranger.pem");
    fs::write(&stranger, other.cert.pem()).unwrap();
    for (certificates, status, is_trusted) in [(pem, "200", true), (stranger, "503", false)] {
        let serving = Serving::start_with(|command| {
            let endpoint = format!("https://localhost:{}", s3.addr.port());
            command.envs(s3.variables()).env("SCIATICALM_MEDIA_ENDPOINT", endpoint).env("SSL_CERT_FILE", certificates);
        });
        assert!(serving.status(&format!("/media/{name}")).contains(status), "{}", serving.log());
        assert_eq!(serving.log().contains("invalid peer certificate"), !is_trusted, "{}", serving.log());
    }
}

/// KB that readers of a large file may add to what a server has.
const FOR_READERS: u64 = 20 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn the_server_stays_within_its_memory_while_a_large_file_is_read() {
    let s3 = S3::start().await;
    let name = format!("{}.jpg", "0".repeat(32));
    let large: Vec<u8> = (0..30_u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    fs::create_dir_all(s3.files()).unwrap();
    fs::write(s3.files().join(&name), &large).unwrap();
    let serving = Serving::start_with(|command| {
        command.envs(s3.variables());
    });
    let path = format!("/media/{name}");
    // Once around, so that what is first used then is not counted.
    assert!(read(&serving.addr, &path, 1 << 20).ends_with(&large));
    serving.forget_most_memory();
    let before = serving.memory("VmRSS:");
    let reading = (0..6).map(|_| {
        let (addr, path, large) = (serving.addr.clone(), path.clone(), large.clone());
        tokio::task::spawn_blocking(move || assert!(read(&addr, &path, 64 * 1024).ends_with(&large)))
    });
    for one in reading.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    let most = serving.memory("VmHWM:");
    assert!(most < before + FOR_READERS, "the server had {before} KB, and then {most} KB");
}
