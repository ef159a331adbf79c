//! What readers say of an article, and how many they are.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use app::{
    audit,
    day::Day,
    feedback::store as feedback,
    numbers::{self, Counted, What, store},
    on,
    triage::Urgency,
};
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use server::start;
use support::{TestApp, desk::staff, engines::engines, person::Person};
use uuid::Uuid;

const SLUG: &str = "back-pain-and-foot-drop";
const ARTICLE: &str = "/articles/back-pain-and-foot-drop";
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0";

async fn id_of(app: &TestApp) -> Uuid {
    on!(db &app.state.db, pool => sqlx::query_scalar("select id from article where slug = $1").bind(SLUG).fetch_one(pool).await)
        .unwrap()
}

#[tokio::test]
async fn a_reader_says_what_could_be_better_and_an_editor_reads_it() {
    for engine in engines("feedback_given").await {
        let name = engine.name;
        start::load_starting_content(&engine.state().await).await.unwrap();
        let app = engine.into_app().await;
        let (reader, ed) = (Person::new(&app), staff(&app, "ed", "editor").await);
        let page = reader.get(ARTICLE).await;
        assert!(page.text().contains("Was this page useful?"), "{name}");
        assert!(page.header("cache-control").contains("public"), "{name}");

        let answered = reader.post(&format!("{ARTICLE}/useful"), &[("useful", "no")]).await;
        assert_eq!(answered.header("location"), format!("{ARTICLE}/thanks?useful=no"), "{name}");
        reader.post(&format!("{ARTICLE}/useful"), &[("useful", "yes")]).await;
        reader.post(&format!("{ARTICLE}/useful"), &[("useful", "yes")]).await;
        let thanks = reader.get(answered.header("location")).await;
        assert!(thanks.text().contains("Please do not write personal details"), "{name}: {}", thanks.text());
        let said = reader
            .post(
                &format!("{ARTICLE}/thanks"),
                &[("useful", "no"), ("said", "Too long.\r\n<b>Say</b> it\u{7} shorter.")],
            )
            .await;
        assert_eq!(said.header("location"), format!("{ARTICLE}/thanks"), "{name}: {}", said.text());
        assert!(reader.get(&format!("{ARTICLE}/thanks")).await.text().contains("Our editors will read"), "{name}");
        assert!(reader.cookie_names().is_empty(), "{name}: nobody is known again");

        assert!(ed.get("/admin").await.text().contains("Readers wrote (1)"), "{name}");
        let list = ed.get("/admin/feedback").await;
        assert!(list.text().contains("Back Pain and Foot Drop: When to Seek Help211"), "{name}: {}", list.text());
        let desk = format!("/admin/feedback/{}", id_of(&app).await);
        let shown = ed.get(&desk).await;
        assert!(shown.body.contains("Too long.\n&lt;b&gt;Say&lt;/b&gt; it shorter."), "{name}: {}", shown.body);
        assert!(shown.text().contains("2 found it useful, 1 did not."), "{name}");
        let remark = feedback::remarks(&app.state.db, id_of(&app).await).await.unwrap().remove(0);
        assert_eq!((remark.revision, remark.useful, remark.day.as_str()), (1, false, "2026-11-22"), "{name}");
        ed.post(&format!("{desk}/{}", remark.id), &[("stage", "seen")]).await;
        assert_eq!(feedback::unread(&app.state.db).await.unwrap(), 0, "{name}");
        assert!(ed.get(&format!("{desk}/{}/delete", remark.id)).await.text().contains("gone for good"), "{name}");
        assert_eq!(ed.post(&format!("{desk}/{}/delete", remark.id), &[]).await.header("location"), desk, "{name}");
        assert_eq!(ed.post(&format!("{desk}/{}/delete", remark.id), &[]).await.status, StatusCode::NOT_FOUND, "{name}");
        assert!(feedback::remarks(&app.state.db, id_of(&app).await).await.unwrap().is_empty(), "{name}");
        let log = audit::events(&app.state.db, &audit::Filter::default(), 2).await.unwrap();
        assert_eq!(
            log.iter().map(|event| event.action.as_str()).collect::<Vec<_>>(),
            ["remark-deleted", "remark-handled"]
        );
        assert!(ed.get(&desk).await.text().contains("2 found it useful, 1 did not."), "{name}: counts stay");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_refused_and_nothing_typed_is_lost() {
    let app = TestApp::with_people().await;
    start::load_starting_content(&app.state).await.unwrap();
    let reader = Person::new(&app);
    let address = format!("{ARTICLE}/thanks");
    for (said, problem) in
        [(" \n", "Write what could be better"), (&"é".repeat(1_001), "1000 letters or fewer; now it has 1001")]
    {
        let answer = reader.post(&address, &[("useful", "yes"), ("said", said)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains(problem), "{}", answer.text());
        assert!(said.trim().is_empty() || answer.body.contains(said), "what was typed is still there");
    }
    assert_eq!(reader.post("/articles/no-such-page/useful", &[("useful", "yes")]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        reader.post(&format!("{ARTICLE}/useful"), &[("useful", "maybe")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let foreign = Person::new(&app);
    let request = foreign
        .request(Method::POST, &format!("{ARTICLE}/useful"))
        .header("sec-fetch-site", "cross-site")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(foreign.send(request.body(Body::from("useful=yes")).unwrap()).await.status, StatusCode::FORBIDDEN);
    let votes: i64 =
        on!(db &app.state.db, pool => sqlx::query_scalar("select count(*) from article_vote").fetch_one(pool).await)
            .unwrap();
    assert_eq!(votes, 0);

    let many = Person::new(&app);
    let mut last = StatusCode::OK;
    for _ in 0..31 {
        last = many.post(&format!("{ARTICLE}/useful"), &[("useful", "yes")]).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let held = many.post(&address, &[("useful", "yes"), ("said", "Good to know")]).await;
    assert_eq!(held.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(held.body.contains("Good to know") && !held.header("retry-after").is_empty());
    assert_eq!(Person::new(&app).post(&address, &[("said", "Another")]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn remarks_go_after_two_years_and_no_day_brings_more_than_can_be_read() {
    for engine in engines("feedback_kept").await {
        let (state, name) = (engine.state().await, engine.name);
        start::load_starting_content(&state).await.unwrap();
        let today: Day = "2026-11-22".parse().unwrap();
        let keep =
            async |day: Day| feedback::keep(&engine.db, state.clock.new_id(), SLUG, day, true, "x").await.unwrap();
        assert!(keep(today.plus(-731)).await && keep(today.plus(-730)).await, "{name}");
        for _ in 0..200 {
            assert!(keep(today).await, "{name}");
        }
        assert!(!keep(today).await, "{name}");
        assert!(!feedback::keep(&engine.db, Uuid::nil(), "no-such-page", today, true, "x").await.unwrap(), "{name}");
        feedback::remove_old(&engine.db, today).await.unwrap();
        assert_eq!(feedback::unread(&engine.db).await.unwrap(), 201, "{name}");
    }
}

#[tokio::test]
async fn what_several_servers_count_adds_up() {
    for engine in engines("numbers_added").await {
        let (state, name) = (engine.state().await, engine.name);
        start::load_starting_content(&state).await.unwrap();
        let today = state.clock.today();
        let count = |what, about: &str, count| Counted { what, about: about.to_owned(), count };
        let adding = (0..20).map(|_| {
            let counted = vec![
                count(What::ArticleRead, SLUG, 2),
                count(What::ArticleRead, "no-such-page", 9),
                count(What::CheckerStart, "", 1),
                count(What::CheckerResult, "urgent", 3),
            ];
            store::add(&engine.db, today, counted)
        });
        assert!(futures_util::future::join_all(adding).await.iter().all(Result::is_ok), "{name}");
        let of = |numbers: Vec<store::Number>| numbers.into_iter().map(|number| number.count).collect::<Vec<_>>();
        let by_day = async |what| of(store::by_day(&engine.db, what, "", today).await.unwrap());
        assert_eq!(by_day(What::ArticleRead).await, [40], "{name}");
        assert_eq!(by_day(What::CheckerStart).await, [20], "{name}");
        assert_eq!(of(store::by_subject(&engine.db, What::CheckerResult, today).await.unwrap()), [60], "{name}");
        assert!(store::by_day(&engine.db, What::ArticleRead, "", today.plus(1)).await.unwrap().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn readings_are_counted_and_few_are_not_told() {
    for engine in engines("numbers_shown").await {
        let name = engine.name;
        start::load_starting_content(&engine.state().await).await.unwrap();
        let app = engine.into_app().await;
        let reader = Person::new(&app);
        let read = async |method: Method, path: &str, more: &[(&str, &str)]| {
            let mut request = reader.request(method, path);
            for (name, value) in more {
                request = request.header(*name, *value);
            }
            reader.send(request.body(Body::empty()).unwrap()).await
        };
        let browser = ("user-agent", BROWSER);
        let first = read(Method::GET, ARTICLE, &[browser]).await;
        for _ in 0..5 {
            let tag = first.header("etag");
            assert_eq!(
                read(Method::GET, ARTICLE, &[browser, ("if-none-match", tag)]).await.status,
                StatusCode::NOT_MODIFIED
            );
        }
        read(Method::HEAD, ARTICLE, &[browser]).await;
        read(Method::GET, ARTICLE, &[("user-agent", "Googlebot/2.1")]).await;
        read(Method::GET, "/seek-help", &[browser]).await;
        numbers::flush(&app.state).await.unwrap();
        numbers::flush(&app.state).await.unwrap();
        let today = app.state.clock.today();
        let reads = store::by_day(&app.state.db, What::ArticleRead, "", today).await.unwrap();
        assert_eq!(reads.iter().map(|number| number.count).collect::<Vec<_>>(), [6], "{name}");

        let ed = staff(&app, "ed", "editor").await;
        let page = ed.get("/admin/numbers").await;
        assert!(page.text().contains("6 reads from 24 October 2026 to 22 November 2026."), "{name}: {}", page.text());
        assert!(page.text().contains("fewer than 5 starts"), "{name}");
        let one = ed.get(&format!("/admin/numbers?days=365&article={}", id_of(&app).await)).await;
        assert!(one.text().contains("Reads of “Back Pain and Foot Drop"), "{name}: {}", one.text());
        assert_eq!(
            staff(&app, "ann", "admin").await.get("/admin/numbers").await.status,
            StatusCode::FORBIDDEN,
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_added_is_counted_on() {
    let app = TestApp::new().await;
    app.state.tally.start();
    app.state.tally.result(Urgency::Soon);
    app.get_with(ARTICLE, "user-agent", BROWSER).await;
    let broken = |sql: &'static str| {
        app.state.db.write(move |mut tx| {
            Box::pin(async move {
                on!(tx &mut tx, connection => sqlx::query(sql).execute(connection).await.map(drop))?;
                Ok(())
            })
        })
    };
    broken("alter table daily_number rename to elsewhere").await.unwrap();
    assert!(numbers::flush(&app.state).await.is_err());
    broken("alter table elsewhere rename to daily_number").await.unwrap();
    app.get_with(ARTICLE, "user-agent", BROWSER).await;
    numbers::flush(&app.state).await.unwrap();
    let today = app.state.clock.today();
    let count = async |what| store::by_day(&app.state.db, what, "", today).await.unwrap()[0].count;
    assert_eq!(
        (count(What::ArticleRead).await, count(What::CheckerStart).await, count(What::CheckerResult).await),
        (2, 1, 1)
    );
}
