//! Links of published articles that fail: which are noted, when other sites are asked, and what editors are told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use app::{
    article::{Source, markdown::Rendered},
    audit::{Action, Actor, Event},
    clock::Clock,
    db::Db,
    desk::{
        links::{
            self, Failing,
            found::Found,
            outer::{self, Asks, Round},
        },
        store,
    },
};
use futures_util::future::join_all;
use support::{
    NOW, TestApp,
    desk::{DAY, account, bring_to_readers, draft, staff},
    engines::engines,
};
use uuid::Uuid;

const HOUR: u64 = 60 * 60 * 1000;

/// Other sites: what each address gives. What is not among them gives 200.
#[derive(Default)]
struct Sites {
    give: Mutex<BTreeMap<&'static str, Found>>,
    /// Which were asked since this was last looked at.
    asked: Mutex<Vec<String>>,
    cut_off: Mutex<bool>,
}

impl Sites {
    fn give(&self, address: &'static str, found: Found) {
        self.give.lock().unwrap().insert(address, found);
    }

    fn asked(&self) -> Vec<String> {
        let mut asked = mem::take(&mut *self.asked.lock().unwrap());
        asked.sort();
        asked
    }
}

impl Asks for Sites {
    async fn ask(&self, address: &str) -> Found {
        self.asked.lock().unwrap().push(address.to_owned());
        tokio::task::yield_now().await;
        if *self.cut_off.lock().unwrap() {
            return Found::NoName;
        }
        self.give.lock().unwrap().get(address).copied().unwrap_or(Found::Status(200))
    }
}

/// A clock that can be put on.
struct Time(Arc<AtomicU64>);

impl Time {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(NOW.millis())))
    }

    fn pass(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }

    fn clock(&self) -> Clock {
        Clock::Set(Arc::clone(&self.0))
    }

    async fn ask(&self, db: &Db, sites: &Sites) -> usize {
        outer::ask_due(db, &self.clock(), sites, Duration::ZERO).await.unwrap()
    }

    /// Asks each hour for so many hours.
    async fn ask_for(&self, hours: u64, db: &Db, sites: &Sites) {
        for _ in 0..hours {
            self.pass(HOUR);
            self.ask(db, sites).await;
        }
    }
}

fn event(action: Action) -> Event {
    Event::new(&NOW, Actor::CommandLine, action)
}

/// Publishes an article that leads to these, and has its links noted.
async fn publish(db: &Db, slug: &str, title: &str, links: &[&str], sources: &[&str]) -> Uuid {
    let id = NOW.new_id();
    let mut text = draft(title, "one\n", account("ed"), 1);
    let links: Vec<String> = links.iter().map(|link| format!("<a href=\"{link}\">x</a>")).collect();
    let html = format!("<p>{}</p>", links.join(" "));
    text.rendered = Some(Rendered { html, contents: vec![], words: 2, pictures: vec![] });
    let source = |url: &&str| Source { title: "S".to_owned(), publisher: None, url: Some((*url).to_owned()) };
    text.manuscript.sources = sources.iter().map(source).collect();
    store::create(db, id, slug.to_owned(), text, event(Action::ArticleBegun)).await.unwrap();
    assert_eq!(links::note(db).await.unwrap(), 0, "nobody reads it");
    bring_to_readers(db, id, DAY).await;
    assert_eq!(links::note(db).await.unwrap(), 1);
    id
}

#[tokio::test]
async fn links_that_lead_nowhere_are_found_on_either_engine() {
    for engine in engines("links_within").await {
        let db = &engine.db;
        let id = publish(db, "rest", "Rest", &["/articles/gone#rest", "/seek-help"], &["https://a.example/"]).await;
        let there = ["/seek-help".to_owned()].into();
        let failing = async || links::failing(db, &there).await.unwrap();
        assert_eq!(links::note(db).await.unwrap(), 0, "{}: once", engine.name);
        let path = "/articles/gone".to_owned();
        assert_eq!(failing().await, [Failing { article: id, title: "Rest".to_owned(), path }], "{}", engine.name);
        store::archive(db, id, 8, event(Action::ArticleArchived)).await.unwrap();
        assert_eq!(failing().await, [], "{}: nobody follows them", engine.name);
        assert_eq!(links::note(db).await.unwrap(), 1, "{}", engine.name);
    }
}

#[tokio::test]
async fn other_sites_are_asked_each_week_and_daily_while_they_fail() {
    for engine in engines("links_asked").await {
        let (db, time, sites) = (&engine.db, Time::new(), Sites::default());
        let text = ["https://a.example/?a=1&amp;b=2#part", "/seek-help", "tel:999"];
        publish(db, "rest", "Rest", &text, &["https://b.example/", "https://a.example/?a=1&b=2"]).await;
        sites.give("https://b.example/", Found::Status(404));
        assert_eq!(time.ask(db, &sites).await, 2, "{}", engine.name);
        assert_eq!(sites.asked(), ["https://a.example/?a=1&b=2", "https://b.example/"], "{}", engine.name);
        let first = i64::try_from(NOW.millis()).unwrap();
        assert_eq!(
            outer::last_round(db).await.unwrap(),
            Round { asked_at: first, asked: 2, answered: Some(2) },
            "{}",
            engine.name
        );
        assert_eq!(outer::failing(db).await.unwrap(), [], "{}: once is not enough", engine.name);

        time.ask_for(23, db, &sites).await;
        assert_eq!(sites.asked(), [""; 0], "{}: not twice a day", engine.name);
        time.ask_for(1, db, &sites).await;
        assert_eq!(sites.asked(), ["https://b.example/"], "{}", engine.name);
        let failing = outer::failing(db).await.unwrap();
        let told: Vec<_> = failing.iter().map(|link| (link.articles[0].1.as_str(), link.found, link.since)).collect();
        assert_eq!(told, [("Rest", Found::Status(404), Some(first))], "{}", engine.name);

        // Six days more: the one that fails each day, the other not yet.
        time.ask_for(6 * 24 - 1, db, &sites).await;
        assert_eq!(sites.asked(), ["https://b.example/"; 5], "{}", engine.name);
        time.ask_for(7 * 24, db, &sites).await;
        let asked = sites.asked();
        assert_eq!(
            asked.iter().filter(|asked| asked.starts_with("https://a")).count(),
            1,
            "{}: {asked:?}",
            engine.name
        );

        sites.give("https://b.example/", Found::Status(403));
        time.ask_for(24, db, &sites).await;
        assert_eq!(outer::failing(db).await.unwrap(), [], "{}: it answers", engine.name);
        sites.asked();
        time.ask_for(7 * 24 - 25, db, &sites).await;
        assert!(!sites.asked().contains(&"https://b.example/".to_owned()), "{}: weekly again", engine.name);
    }
}

#[tokio::test]
async fn a_server_without_a_network_says_nothing_against_any_link() {
    for engine in engines("links_cut_off").await {
        let (db, time, sites) = (&engine.db, Time::new(), Sites::default());
        publish(db, "rest", "Rest", &["https://a.example/", "https://b.example/"], &[]).await;
        *sites.cut_off.lock().unwrap() = true;
        time.ask(db, &sites).await;
        time.ask_for(10 * 24, db, &sites).await;
        assert_eq!(outer::failing(db).await.unwrap(), [], "{}", engine.name);
        assert!(outer::last_round(db).await.unwrap().is_cut_off(), "{}", engine.name);
        sites.asked();

        // One that is gone is found to be, once another answers beside it.
        *sites.cut_off.lock().unwrap() = false;
        sites.give("https://a.example/", Found::NoName);
        let others = ["https://c.example/1", "https://c.example/2", "https://c.example/3", "https://c.example/4"];
        publish(db, "walk", "Walk", &others, &[]).await;
        time.ask_for(14 * 24, db, &sites).await;
        let failing = outer::failing(db).await.unwrap();
        let told: Vec<_> = failing.iter().map(|link| (link.address.as_str(), link.found)).collect();
        assert_eq!(told, [("https://a.example/", Found::NoName)], "{}", engine.name);
        let asked = sites.asked();
        let of = |address: &str| asked.iter().filter(|asked| *asked == address).count();
        assert!(of("https://a.example/") <= 14 && of("https://c.example/1") <= 2, "{}: {asked:?}", engine.name);

        // Known as failing, it stays so while nothing answers, and nothing else becomes so.
        *sites.cut_off.lock().unwrap() = true;
        time.ask_for(10 * 24, db, &sites).await;
        assert_eq!(outer::failing(db).await.unwrap(), failing, "{}", engine.name);
    }
}

#[tokio::test]
async fn of_several_servers_one_asks_and_a_round_has_an_end() {
    for engine in engines("links_servers").await {
        let (db, time, sites) = (&engine.db, Time::new(), Sites::default());
        let links: Vec<String> = (0..70).map(|page| format!("https://a.example/{page}")).collect();
        publish(db, "rest", "Rest", &links.iter().map(String::as_str).collect::<Vec<_>>(), &[]).await;
        let mut asked = join_all((0..3).map(|_| time.ask(db, &sites))).await;
        asked.sort_unstable();
        assert_eq!(asked, [0, 0, 50], "{}", engine.name);
        assert_eq!(time.ask(db, &sites).await, 0, "{}: within the hour", engine.name);
        time.pass(HOUR);
        assert_eq!(time.ask(db, &sites).await, 20, "{}", engine.name);
        let once: BTreeSet<String> = links.into_iter().collect();
        let asked = sites.asked();
        assert_eq!((asked.len(), asked.into_iter().collect()), (70, once), "{}", engine.name);
    }
}

#[tokio::test]
async fn what_no_article_leads_to_any_more_is_not_asked() {
    for engine in engines("links_forgotten").await {
        let (db, time, sites) = (&engine.db, Time::new(), Sites::default());
        let both = "https://both.example/";
        let rest = publish(db, "rest", "Rest", &["https://a.example/", both], &[]).await;
        publish(db, "walk", "Walk", &[], &[both]).await;
        store::archive(db, rest, 8, event(Action::ArticleArchived)).await.unwrap();
        assert_eq!(links::note(db).await.unwrap(), 1, "{}", engine.name);
        time.ask(db, &sites).await;
        assert_eq!(sites.asked(), [both], "{}", engine.name);
    }
}

#[tokio::test]
async fn the_desk_tells_editors_which_links_fail() {
    let app = TestApp::with_people().await;
    let (db, time, sites) = (&app.state.db, Time::new(), Sites::default());
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let admin = staff(&app, "ann", "admin").await;
    let told = ed.get("/admin").await.text();
    assert!(told.contains("No link of an article that readers see is known to fail."), "{told}");
    assert!(told.contains("Links to other sites have not been asked yet."), "{told}");
    assert!(admin.get("/admin/system").await.text().contains("Links to other sitesnot asked yet"));

    let (gone, inside) = ("https://gone.example/a?b=<c>", "http://10.0.0.1:8080/");
    sites.give(gone, Found::Status(404));
    sites.give(inside, Found::NotAsked);
    let text = ["/articles/gone", "https://gone.example/a?b=&lt;c&gt;", "https://fine.example/"];
    let id = publish(db, "rest", "Rest & walk", &text, &[inside]).await;
    publish(db, "sleep", "Sleep", &[], &[gone]).await;
    assert_eq!(time.ask(db, &sites).await, 2, "what is not asked does not count");
    let told = ed.get("/admin").await.text();
    assert!(told.contains("Links that fail (1)") && !told.contains("gone.example"), "{told}");
    time.ask_for(24, db, &sites).await;

    let page = ed.get("/admin").await;
    let told = page.text();
    assert!(told.contains("Links that fail (2)"), "{told}");
    assert!(told.contains("This link leads nowhere on this site: /articles/gone, in “Rest & walk”"), "{told}");
    assert!(
        told.contains("This link has failed since 22 November 2026 (404 not found): https://gone.example/a?b=&lt;c&gt;, in “Rest & walk”, “Sleep”"),
        "{told}"
    );
    assert!(
        told.contains("Links that are not asked (1)") && told.contains("http://10.0.0.1:8080/, in “Rest"),
        "{told}"
    );
    assert!(told.contains("Links to other sites were last asked on 23 November 2026, 12:00."), "{told}");
    assert!(page.body.contains(&format!("href=\"/admin/articles/{id}/edit\"")), "{}", page.body);
    let for_reviewer = rev.get("/admin").await.body;
    assert!(for_reviewer.contains(&format!("in <a href=\"/admin/articles/{id}\"")), "{for_reviewer}");
    let system = admin.get("/admin/system").await.text();
    assert!(system.contains("last asked on 23 November 2026, 12:00: 1 of 1 answered"), "{system}");

    *sites.cut_off.lock().unwrap() = true;
    time.pass(20 * 24 * HOUR);
    time.ask(db, &sites).await;
    let told = ed.get("/admin").await.text();
    assert!(told.contains("and none answered: this server may have no way to them."), "{told}");
    assert!(
        told.contains("This link has failed since 22 November 2026 (404 not found)"),
        "what was known stays: {told}"
    );
    assert!(admin.get("/admin/system").await.text().contains("set SCIATICALM_CHECK_LINKS to false"));
}
