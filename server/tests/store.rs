//! The store, on both engines: every test runs on SQLite and, where `SCIATICALM_TEST_POSTGRES_URL` names a server (as
//! `cargo xtask test` sees to), on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{sync::Arc, time::Duration};

use app::{
    Error,
    account::{
        Email, Role,
        staff::{self, Refused},
    },
    article::{self, import::FromFile, shelf::Shelf, store},
    audit::{Action, Actor, Event},
    content::{ContentFile, Origin, Saved},
    day::Day,
    db::Db,
    exercise,
    files::import::{self, Deed},
    on,
    site::Settings,
    triage::{self, Urgency},
};
use futures_util::future::join_all;
use server::start;
use support::{NOW, engines::engines};
use tempfile::TempDir;

fn file(slug: &str, title: &str, published: &str, tags: &[&str]) -> FromFile {
    let text = format!(
        "+++\ntitle = \"{title}\"\nsummary = \"S.\"\npublished = \"{published}\"\nreviewed = \"2026-01-01\"\n\
         review_due = \"2027-01-01\"\ntags = {tags:?}\n[[sources]]\ntitle = \"T\"\n+++\n\n## One\n\nText.\n"
    );
    let rules = app::content::rules().unwrap();
    article::import::read(&format!("{slug}.md"), &text, &rules, &Settings::default()).unwrap()
}

async fn save(db: &Db, file: FromFile) -> Saved {
    let origin = Origin::Imported;
    let saved =
        db.write(move |mut tx| Box::pin(async move { store::save_file(&mut tx, &file, origin, origin, &NOW).await }));
    saved.await.unwrap().0
}

#[tokio::test]
async fn of_administrators_who_revoke_each_other_at_once_one_stays() {
    for engine in engines("last_admin").await {
        let (db, vault) = (&engine.db, support::vault(engine.folder()).await);
        for round in 0..5 {
            let emails = [0, 1, 2].map(|n| Email::read(&format!("admin{round}-{n}@example.org")).unwrap());
            for email in &emails {
                staff::create_admin(db, &vault, &NOW, email).await.unwrap();
            }
            let everybody = staff::everybody(db).await.unwrap();
            let revoked = everybody.iter().map(|account| {
                let event = Event::new(&NOW, Actor::CommandLine, Action::RoleRevoked);
                staff::revoke(db, &account.email, Role::Admin, event)
            });
            let refused = join_all(revoked).await.into_iter().filter_map(Result::err).collect::<Vec<_>>();
            assert!(matches!(refused[..], [Refused::LastAdmin]), "{}: {refused:?}", engine.name);
            assert_eq!(staff::everybody(db).await.unwrap().len(), 1, "{}", engine.name);
        }
    }
}

#[tokio::test]
async fn an_article_is_read_as_it_was_saved() {
    for engine in engines("article_read").await {
        let rest = file("rest", "Rest", "2025-10-18", &["back-pain", "health"]);
        assert_eq!(save(&engine.db, rest.clone()).await, Saved::New, "{}", engine.name);
        let shown = store::article(&engine.db, "rest").await.unwrap().unwrap();
        let (front, rendered) = (rest.file.front.clone(), rest.rendered.clone().unwrap());
        assert_eq!(
            (shown.title, shown.tags, shown.sources),
            (front.title, front.tags, front.sources),
            "{}",
            engine.name
        );
        assert_eq!((Some(shown.published), Some(shown.reviewed)), (front.published, front.reviewed), "{}", engine.name);
        assert_eq!((shown.html, shown.words), (rendered.html, rendered.words), "{}", engine.name);
        assert_eq!(store::article(&engine.db, "other").await.unwrap(), None, "{}", engine.name);
        assert_eq!(save(&engine.db, rest).await, Saved::Same, "{}", engine.name);
    }
}

#[tokio::test]
async fn a_revision_replaces_what_is_shown_and_keeps_what_was() {
    for engine in engines("revisions").await {
        save(&engine.db, file("rest", "Rest", "2025-10-18", &["back-pain"])).await;
        save(&engine.db, file("rest", "Rest well", "2025-10-18", &["sleep"])).await;
        assert_eq!(store::article(&engine.db, "rest").await.unwrap().unwrap().title, "Rest well", "{}", engine.name);
        assert_eq!(store::tags(&engine.db).await.unwrap(), ["sleep"], "{}", engine.name);
        let titles: Vec<String> = on!(db &engine.db, pool =>
            sqlx::query_scalar("select title from article_revision order by number").fetch_all(pool).await)
        .unwrap();
        assert_eq!(titles, ["Rest", "Rest well"], "{}", engine.name);
    }
}

#[tokio::test]
async fn what_was_just_read_is_kept_for_a_second_and_no_longer() {
    for engine in engines("shelf").await {
        let shelf = Shelf::default();
        let title = async || {
            shelf
                .article(&engine.db, "rest", &Settings::default().numbers)
                .await
                .unwrap()
                .map(|shown| shown.article.title.clone())
        };
        assert_eq!(title().await, None, "{}: what is not there is not kept", engine.name);
        save(&engine.db, file("rest", "Rest", "2025-10-18", &[])).await;
        assert_eq!(title().await.as_deref(), Some("Rest"), "{}", engine.name);
        let mut kept = false;
        // On a machine that is full a second can pass between two lines.
        for _ in 0..20 {
            let [one, other] = [
                shelf.article(&engine.db, "rest", &Settings::default().numbers).await,
                shelf.article(&engine.db, "rest", &Settings::default().numbers).await,
            ];
            kept |= Arc::ptr_eq(&one.unwrap().unwrap(), &other.unwrap().unwrap());
        }
        assert!(kept, "{}", engine.name);
        save(&engine.db, file("rest", "Rest well", "2025-10-18", &[])).await;
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        assert_eq!(title().await.as_deref(), Some("Rest well"), "{}", engine.name);
    }
}

#[tokio::test]
async fn lists_are_newest_first_by_tag_and_in_pages() {
    for engine in engines("lists").await {
        for n in 1..=15 {
            let tags: &[&str] = if n % 2 == 0 { &["even", "all"] } else { &["all"] };
            let file = file(&format!("a-{n}"), &format!("A {n}"), &format!("2025-01-{n:02}"), tags);
            save(&engine.db, file).await;
        }
        let first: Vec<String> =
            store::newest(&engine.db, None, 1).await.unwrap().into_iter().map(|card| card.slug).collect();
        assert_eq!((first.len(), first[0].as_str(), first[11].as_str()), (12, "a-15", "a-4"), "{}", engine.name);
        let second = store::newest(&engine.db, None, 2).await.unwrap();
        assert_eq!(second.len(), 3, "{}", engine.name);
        assert_eq!(store::newest(&engine.db, None, u32::MAX).await.unwrap(), [], "{}", engine.name);
        assert_eq!(store::newest(&engine.db, Some("even"), 1).await.unwrap().len(), 7, "{}", engine.name);
        assert_eq!(store::count(&engine.db, None).await.unwrap(), 15, "{}", engine.name);
        assert_eq!(store::count(&engine.db, Some("even")).await.unwrap(), 7, "{}", engine.name);
        assert_eq!(store::tags(&engine.db).await.unwrap(), ["all", "even"], "{}", engine.name);
        let related: Vec<String> =
            store::related(&engine.db, "a-2").await.unwrap().into_iter().map(|card| card.slug).collect();
        assert_eq!(related, ["a-14", "a-12", "a-10"], "{}: most tags in common first", engine.name);
    }
}

#[tokio::test]
async fn an_exercise_is_read_as_it_was_saved() {
    for engine in engines("exercises").await {
        let state = engine.state().await;
        start::load_starting_content(&state).await.unwrap();
        let library = exercise::store::library(&engine.db).await.unwrap();
        assert_eq!(library.len(), 20, "{}", engine.name);
        assert!(library.is_sorted_by_key(|exercise| exercise.position), "{}", engine.name);
        let mut bridge = exercise::store::exercise(&engine.db, "bridge").await.unwrap().unwrap();
        bridge.sets = 9;
        let saving = bridge.clone();
        let saved = engine.db.write(move |mut tx| {
            Box::pin(async move {
                exercise::store::save_file(&mut tx, &saving, Origin::Imported, Origin::Imported, &NOW).await
            })
        });
        assert_eq!(saved.await.unwrap(), Saved::Changed, "{}", engine.name);
        assert_eq!(exercise::store::exercise(&engine.db, "bridge").await.unwrap(), Some(bridge), "{}", engine.name);
        assert_eq!(exercise::store::exercise(&engine.db, "other").await.unwrap(), None, "{}", engine.name);
    }
}

#[tokio::test]
async fn feedback_is_counted_by_day_result_and_rules() {
    for engine in engines("feedback").await {
        let (first, second): (Day, Day) = ("2026-11-22".parse().unwrap(), "2026-11-23".parse().unwrap());
        for (day, urgency, version, helped) in [
            (first, Urgency::Soon, "1.0.0+aa", true),
            (first, Urgency::Soon, "1.0.0+aa", true),
            (first, Urgency::Soon, "1.0.0+aa", false),
            (first, Urgency::Soon, "1.0.1+bb", true),
            (first, Urgency::Urgent, "1.0.0+aa", true),
            (second, Urgency::Soon, "1.0.0+aa", true),
        ] {
            triage::store::count_feedback(&engine.db, day, urgency, version, helped).await.unwrap();
        }
        let counts: Vec<i64> = on!(db &engine.db, pool => sqlx::query_scalar(
            "select count from checker_feedback order by day, urgency, rules_version, helped desc",
        )
        .fetch_all(pool)
        .await)
        .unwrap();
        assert_eq!(counts, [2, 1, 1, 1, 1], "{}", engine.name);
    }
}

#[tokio::test]
async fn feedback_of_many_at_once_is_all_counted() {
    for engine in engines("feedback_at_once").await {
        let day: Day = "2026-11-22".parse().unwrap();
        let writes = (0..100).map(|_| triage::store::count_feedback(&engine.db, day, Urgency::Soon, "1.0.0+aa", true));
        assert!(join_all(writes).await.iter().all(Result::is_ok), "{}", engine.name);
        let count: i64 =
            on!(db &engine.db, pool => sqlx::query_scalar("select count from checker_feedback").fetch_one(pool).await)
                .unwrap();
        assert_eq!(count, 100, "{}", engine.name);
    }
}

#[tokio::test]
async fn a_bad_file_of_the_programs_stops_no_start() {
    for engine in engines("bad_files").await {
        let state = engine.state().await;
        let mut files = app::content::folder("articles");
        let all = files.len();
        files.insert(0, ContentFile { name: "bad.md".to_owned(), text: "+++\ntitle = 1\n+++\n".to_owned() });
        let load = async || {
            let package = import::read(&state, &files, &Default::default());
            assert!(matches!(&package.problems[..], [problem] if problem.starts_with("bad.md, line 2")));
            import::save(&state, package, Origin::Shipped, Deed::Save(None)).await.unwrap().report
        };
        assert_eq!(load().await.count("articles", Saved::New), all, "{}", engine.name);
        assert_eq!(load().await.count("articles", Saved::Same), all, "{}", engine.name);
    }
}

/// One row more in a table of the test's own, or a failure after it.
async fn count_up(db: &Db, id: i64, fail: bool) -> Result<(), Error> {
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query("insert into probe (id) values ($1)").bind(id).execute(connection).await.map(drop))?;
            if fail { Err(Error::Conflict) } else { Ok(()) }
        })
    })
    .await
}

async fn make_probe(db: &Db) {
    db.write(|mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query("create table probe (id bigint primary key)").execute(connection).await.map(drop))?;
            Ok(())
        })
    })
    .await
    .unwrap();
}

async fn probes(db: &Db) -> i64 {
    on!(db db, pool => sqlx::query_scalar("select count(*) from probe").fetch_one(pool).await).unwrap()
}

#[tokio::test]
async fn a_failing_write_leaves_nothing_and_harms_no_other() {
    for engine in engines("failing_write").await {
        make_probe(&engine.db).await;
        let writes = (0..200).map(|id| count_up(&engine.db, id, id % 3 == 0));
        let answers = join_all(writes).await;
        let good = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(good, 133, "{}", engine.name);
        assert_eq!(probes(&engine.db).await, 133, "{}", engine.name);
        let twice = count_up(&engine.db, 1, false).await;
        assert!(matches!(twice, Err(Error::Conflict)), "{}: {twice:?}", engine.name);
    }
}

#[tokio::test]
async fn a_panicking_write_does_not_take_the_writer_with_it() {
    for engine in engines("panicking_write").await {
        make_probe(&engine.db).await;
        let db = engine.db.clone();
        let panicked =
            tokio::spawn(
                async move { db.write(|_| Box::pin(async { if true { panic!("a bug") } else { Ok(()) } })).await },
            );
        let panicked = panicked.await;
        assert!(!matches!(panicked, Ok(Ok(()))), "{}", engine.name);
        count_up(&engine.db, 1, false).await.unwrap();
        assert_eq!(probes(&engine.db).await, 1, "{}", engine.name);
    }
}

#[tokio::test]
async fn a_write_whose_caller_went_away_is_done_or_not_but_never_half() {
    for engine in engines("given_up").await {
        make_probe(&engine.db).await;
        for id in 0..50 {
            let _ = tokio::time::timeout(std::time::Duration::from_micros(50), count_up(&engine.db, id, false)).await;
        }
        count_up(&engine.db, 1_000, false).await.unwrap();
        assert!((1..=51).contains(&probes(&engine.db).await), "{}", engine.name);
    }
}

#[tokio::test]
async fn opening_twice_migrates_once() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    Db::open(&url).await.unwrap().close().await;
    let again = Db::open(&url).await.unwrap();
    again.ping().await.unwrap();
}
