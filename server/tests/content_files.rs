//! Content as files: what the program exports is what it imports, on either database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output},
};

use app::{
    AppState,
    article::{self, Source, markdown::Rendered, store::article},
    audit::{Action, Actor, Event},
    content::{self, ContentFile, Origin, Saved},
    db::Db,
    desk::{Approval, drafts::Line, manuscript::Manuscript, store},
    exercise,
    files::import::{self, Deed, Outcome, Report},
    media::{self, Words},
    on,
    rulebook::{self, Texts},
};
use server::start;
use sha2::{Digest, Sha256};
use support::{
    NOW,
    engines::{Engine, engines},
    pictures::{DRAWING, added, gps, jpeg, photograph, png, png_with},
};
use tempfile::TempDir;
use uuid::Uuid;

const DAY: i64 = 24 * 60 * 60 * 1000;

fn event(action: Action) -> Event {
    Event::new(&NOW, Actor::CommandLine, action)
}

/// Somebody at the desk, on one database.
struct Desk<'a>(&'a Db);

impl Desk<'_> {
    fn revision(&self, manuscript: Manuscript) -> store::NewRevision {
        let rendered = Rendered { html: "<p>As it was.</p>".to_owned(), contents: vec![], words: 3, pictures: vec![] };
        store::NewRevision {
            manuscript,
            rendered: Some(rendered),
            note: "Not for readers".to_owned(),
            by: Uuid::from_u128(1),
            at: NOW.millis_i64(),
            line: Line::default(),
        }
    }

    async fn begin(&self, slug: &str, manuscript: Manuscript) -> Uuid {
        let id = NOW.new_id();
        store::create(self.0, id, slug.to_owned(), self.revision(manuscript), event(Action::ArticleBegun))
            .await
            .unwrap();
        id
    }

    async fn save(&self, id: Uuid, base: i64, manuscript: Manuscript) {
        store::save(self.0, id, base, self.revision(manuscript), event(Action::ArticleSaved)).await.unwrap();
    }

    async fn approve(&self, id: Uuid, revision: i64, override_reason: Option<&str>) {
        store::send_to_review(self.0, id, revision, event(Action::ArticleSentToReview)).await.unwrap();
        let approval = Approval {
            revision,
            reviewer: Some(Uuid::from_u128(2)),
            name: "Dr \"A\" Body".to_owned(),
            registration: "GMC 1234567".to_owned(),
            approved_at: NOW.millis_i64() + 12_345,
            override_reason: override_reason.map(str::to_owned),
        };
        store::approve(self.0, id, approval, event(Action::ArticleApproved)).await.unwrap();
    }

    async fn publish(&self, id: Uuid, revision: i64, override_reason: Option<&str>) {
        self.approve(id, revision, override_reason).await;
        store::publish(self.0, id, revision, NOW.today(), event(Action::ArticlePublished)).await.unwrap();
    }

    async fn published(&self, slug: &str, manuscript: Manuscript) -> Uuid {
        let id = self.begin(slug, manuscript).await;
        self.publish(id, 1, None).await;
        id
    }

    async fn archive(&self, id: Uuid) {
        store::archive(self.0, id, NOW.millis_i64(), event(Action::ArticleArchived)).await.unwrap();
    }

    async fn rename(&self, id: Uuid, slug: &str) {
        store::rename(self.0, id, slug.to_owned(), NOW.millis_i64(), event(Action::ArticleRenamed)).await.unwrap();
    }
}

fn text(markdown: &str) -> Manuscript {
    Manuscript {
        title: "Rest".to_owned(),
        summary: "On rest.".to_owned(),
        author: "Team".to_owned(),
        tags: vec!["sleep".to_owned()],
        markdown: markdown.to_owned(),
        ..Manuscript::default()
    }
}

fn hostile() -> Manuscript {
    Manuscript {
        title: "\"Quoted\" \\ and\ttabbed 👣".to_owned(),
        summary: "One line\n+++\nand \"\"\" another '''\r end \u{7f}".to_owned(),
        author: "Anna O\u{2019}Neill\u{2028}\u{feff}".to_owned(),
        tags: vec!["zest".to_owned(), "back-pain".to_owned(), "zest".to_owned()],
        sources: vec![
            Source { title: String::new(), publisher: None, url: Some("https://example.org/?a=\"b\"".to_owned()) },
            Source { title: "[[sources]]".to_owned(), publisher: Some("\\".to_owned()), url: None },
        ],
        conflicts: "[approval]\nname = \"me\"".to_owned(),
        review_months: 60,
        markdown: "\n+++\n\nSaid \"so\" \\ \t tabbed  \n\r\nof Windows\r\n\n+++\ntitle = \"x\"\n\n👣 no end of line  "
            .to_owned(),
    }
}

/// Articles in every state that the desk knows, beside those that are shipped.
async fn write_all_kinds(engine: &Engine) {
    start::load_starting_content(&engine.state().await).await.unwrap();
    let (db, desk) = (&engine.db, Desk(&engine.db));
    desk.published("published", text("One.\n")).await;
    let overridden = desk.begin("overridden", hostile()).await;
    desk.publish(overridden, 1, Some("A \"quotation\".\nNo advice.")).await;
    let newer = desk.published("newer-draft", text("One.\n")).await;
    desk.save(newer, 1, text("Two.\n")).await;
    let same = desk.published("draft-says-the-same", text("One.\n")).await;
    desk.save(same, 1, text("One.\n")).await;
    desk.begin("draft-only", hostile()).await;
    desk.begin("cannot-be-rendered", text("::: danger\nx\n:::")).await;
    desk.begin("empty", text("")).await;
    let planned = desk.begin("planned", text("One.")).await;
    desk.approve(planned, 1, None).await;
    store::schedule(db, planned, 1, NOW.millis_i64() + DAY, event(Action::ArticleScheduled)).await.unwrap();
    let gone = desk.published("archived", hostile()).await;
    desk.archive(gone).await;
    let gone = desk.published("archived-with-draft", text("One.\n")).await;
    desk.save(gone, 1, text("::: danger\nx\n:::")).await;
    desk.archive(gone).await;
    let gone = desk.begin("archived-draft", text("One.\n")).await;
    desk.archive(gone).await;
    let gone = desk.begin("archived-approved", text("One.\n")).await;
    desk.approve(gone, 1, None).await;
    desk.archive(gone).await;
    let moved = desk.published("z-first", text("One.\n")).await;
    desk.rename(moved, "second").await;
    desk.rename(moved, "a-third").await;
    desk.save(moved, 1, text("Two.\n")).await;
    let moved = desk.begin("draft-was", text("One.\n")).await;
    desk.rename(moved, "draft-is").await;
    let texts = |of: &str| content::text(of).unwrap();
    let shipped = Texts { rules: texts("triage/rules.toml"), vignettes: texts("triage/vignettes.toml") };
    // Two of one version, and one that cannot be read.
    begin_rules(db, "1.0.0", shipped.clone()).await;
    begin_rules(db, "1.0.0", Texts { rules: format!("# \"Mine\"\n{}", shipped.rules), ..shipped }).await;
    begin_rules(db, "", Texts { rules: "version = ".to_owned(), vignettes: String::new() }).await;
}

async fn begin_rules(db: &Db, version: &str, texts: Texts) {
    let saving = rulebook::store::Saving {
        // As the desk reads it from the text.
        version: app::triage::file::read(&texts.rules)
            .map(|rules| rules.version.split('+').next().unwrap().to_owned())
            .unwrap_or_default(),
        texts,
        note: version.to_owned(),
        by: Some(Uuid::from_u128(1)),
        at: NOW.millis_i64(),
    };
    rulebook::store::begin(db, NOW.new_id(), saving, event(Action::RuleSetBegun)).await.unwrap();
}

/// Runs the program on a database.
fn run(engine: &Engine, arguments: &[&str], path: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sciaticalm"))
        .args(arguments)
        .arg(path)
        .env("SCIATICALM_DATA_DIR", engine.folder().join("data"))
        .env("SCIATICALM_DATABASE_URL", &engine.url)
        .output()
        .unwrap()
}

/// What it said, having done what was asked.
fn said(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// What it said, having failed.
fn refused(output: &Output) -> String {
    let said = [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat();
    assert!(!output.status.success(), "{said}");
    said
}

/// Every file below a folder, by its path in it.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(inner, text)| (format!("{name}/{inner}"), text)));
        } else {
            found.insert(name, fs::read_to_string(path).unwrap());
        }
    }
    found
}

#[tokio::test]
async fn what_is_exported_and_imported_is_exported_as_the_same() {
    for (from, to) in engines("exported").await.into_iter().zip(engines("imported").await) {
        let name = from.name;
        write_all_kinds(&from).await;
        let (first, second) = (from.folder().join("first"), to.folder().join("second"));
        let told = said(&run(&from, &["export"], &first));
        let exported = files(&first);
        let count = |folder: &str| exported.keys().filter(|path| path.starts_with(folder)).count();
        let articles = count("articles/");
        assert!(told.contains(&format!("articles: {articles}\ndrafts: 8\nexercises: 20\nrules: 3\n")), "{told}");
        assert_eq!((count("drafts/"), count("exercises/"), count("rules/")), (8, 40, 6), "{name}");
        assert_eq!(exported.len(), articles + 55, "{name}");
        assert!(exported["articles/a-third.md"].contains("formerly = [\"second\", \"z-first\"]"), "{name}");
        assert!(!exported["drafts/a-third.md"].contains("formerly"), "{name}");
        assert!(!exported["drafts/planned.md"].contains("[approval]"), "{name}: no approval of what nobody read");
        assert!(!exported["articles/archived-approved.md"].contains("[approval]"), "{name}");
        assert!(
            exported["articles/overridden.md"].contains("on = \"2026-11-22\"\noverride = \"A \\\"quotation"),
            "{name}"
        );

        let told = said(&run(&to, &["import", "--check"], &first));
        assert!(told.contains("drafts: 8 new,") && told.contains("Nothing was changed"), "{told}");
        assert!(article(&to.db, "published").await.unwrap().is_none(), "{name}");
        let told = said(&run(&to, &["import"], &first));
        for line in
            ["drafts: 8 new, 0 changed, 0 unchanged, 0 left as they are", "rules: 3 new, 0 changed,", "Imported."]
        {
            assert!(told.contains(line), "{told}");
        }
        said(&run(&to, &["export"], &second));
        let again = files(&second);
        for (path, text) in &exported {
            assert_eq!(again.get(path), Some(text), "{name}: {path}");
        }
        assert_eq!(again.len(), exported.len(), "{name}");

        let told = said(&run(&to, &["import"], &first));
        assert_eq!(told.matches(": 0 new, 0 changed,").count(), 5, "{name}: {told}");
        let revisions = revisions(&to.db).await;
        start::load_starting_content(&to.state().await).await.unwrap();
        said(&run(&to, &["export"], &second));
        assert_eq!(files(&second), exported, "{name}: nor does what is shipped change anything");
        assert_eq!(self::revisions(&to.db).await, revisions, "{name}");

        // Into the site that it is from, too.
        let told = said(&run(&from, &["import"], &first));
        assert_eq!(told.matches(": 0 new, 0 changed,").count(), 5, "{name}: {told}");
        said(&run(&from, &["export"], &first));
        assert_eq!(files(&first), exported, "{name}");

        let shown = article(&to.db, "overridden").await.unwrap().unwrap();
        assert_eq!(
            (shown.approved_by.unwrap().name, shown.tags),
            ("Dr \"A\" Body".to_owned(), hostile().tags),
            "{name}"
        );
        assert!(article(&to.db, "draft-only").await.unwrap().is_none(), "{name}");
        assert!(article(&to.db, "archived").await.unwrap().is_none(), "{name}");
        assert_eq!(article::store::redirect(&to.db, "z-first").await.unwrap().as_deref(), Some("a-third"), "{name}");
        assert_eq!(article::store::redirect(&to.db, "draft-was").await.unwrap(), None, "{name}");
        assert!(rulebook::store::last_published(&to.db).await.unwrap().is_none(), "{name}: files publish no rules");
    }
}

async fn revisions(db: &Db) -> i64 {
    on!(db db, pool => sqlx::query_scalar("select count(*) from article_revision").fetch_one(pool).await).unwrap()
}

/// What became of files that somebody gives: how many are new or changed, the same, and left.
async fn give(state: &AppState, giver: Origin, files: &[ContentFile]) -> (usize, usize, usize, Report) {
    let package = import::read(state, files, &Default::default());
    assert_eq!(package.problems, Vec::<String>::new());
    let Outcome { report, is_saved } = import::save(state, package, giver, Deed::Save(None)).await.unwrap();
    assert_eq!(is_saved, report.problems.is_empty());
    let count = |became| report.files.iter().filter(|(_, saved)| *saved == became).count();
    (count(Saved::New) + count(Saved::Changed), count(Saved::Same), count(Saved::Kept), report)
}

fn file(name: &str, text: &str) -> ContentFile {
    ContentFile { name: name.to_owned(), text: text.to_owned() }
}

const REST: &str = "+++\ntitle = \"Rest\"\nsummary = \"S.\"\npublished = \"2025-10-18\"\nreviewed = \"2026-01-01\"\n\
                    review_due = \"2027-01-01\"\ntags = []\n+++\n\nShipped.\n";

#[tokio::test]
async fn what_is_shipped_replaces_nothing_but_what_was_shipped() {
    for engine in engines("origins").await {
        let (state, name) = (engine.state().await, engine.name);
        let give = async |origin, text: &str| {
            let (saved, same, kept, _) = give(&state, origin, &[file("rest.md", text)]).await;
            (saved, same, kept)
        };
        let shown = async || article(&engine.db, "rest").await.unwrap().unwrap().html;
        assert_eq!(give(Origin::Shipped, REST).await, (1, 0, 0), "{name}");
        let newer = REST.replace("Shipped", "Shipped again");
        assert_eq!(give(Origin::Shipped, &newer).await, (1, 0, 0), "{name}: the next program brings the next text");
        assert_eq!(give(Origin::Imported, &newer).await, (0, 1, 0), "{name}");
        assert_eq!(
            give(Origin::Shipped, REST).await,
            (1, 0, 0),
            "{name}: imported as it was, it is still the program's"
        );
        let own = REST.replace("Shipped", "Our own");
        assert_eq!(give(Origin::Imported, &own).await, (1, 0, 0), "{name}");
        assert_eq!(give(Origin::Shipped, &newer).await, (0, 0, 1), "{name}");
        assert!(shown().await.contains("Our own"), "{name}");
    }
}

/// Whose text readers see of an article.
async fn origin(db: &Db, slug: &str) -> String {
    on!(db db, pool => sqlx::query_scalar(
        "select origin from article join article_revision on article_id = id and number = current_revision where slug = $1",
    )
    .bind(slug)
    .fetch_one(pool)
    .await)
    .unwrap()
}

#[tokio::test]
async fn what_the_program_ships_stays_the_programs_on_the_site_that_imports_it() {
    for engine in engines("shipped_by_file").await {
        let (state, name) = (engine.state().await, engine.name);
        let shipped = import::shipped();
        assert_eq!(
            give(&state, Origin::Imported, &shipped).await.0,
            shipped.len() - 20,
            "{name}: drawings are no files of their own"
        );
        let slug = "what-is-sciatica";
        assert_eq!(origin(&engine.db, slug).await, "shipped", "{name}");
        let one = shipped.iter().find(|file| file.name == format!("articles/{slug}.md")).unwrap();
        let own = ContentFile { text: format!("{}\nOurs.\n", one.text), ..one.clone() };
        assert_eq!(give(&state, Origin::Imported, &[own]).await.0, 1, "{name}");
        assert_eq!(origin(&engine.db, slug).await, "imported", "{name}");
        assert_eq!(give(&state, Origin::Imported, std::slice::from_ref(one)).await.0, 1, "{name}");
        assert_eq!(origin(&engine.db, slug).await, "shipped", "{name}: gone back to");
    }
}

#[tokio::test]
async fn an_exercise_that_was_imported_stays() {
    for engine in engines("exercise_origins").await {
        let name = engine.name;
        start::load_starting_content(&engine.state().await).await.unwrap();
        let shipped = exercise::store::exercise(&engine.db, "bridge").await.unwrap().unwrap();
        let save = async |name: &str, giver| {
            let named = exercise::Exercise { name: name.to_owned(), ..shipped.clone() };
            let saved = engine.db.write(move |mut tx| {
                Box::pin(async move { exercise::store::save_file(&mut tx, &named, giver, giver, &NOW).await })
            });
            saved.await.unwrap()
        };
        assert_eq!(save("Newer", Origin::Shipped).await, Saved::Changed, "{name}");
        assert_eq!(save("Newer", Origin::Imported).await, Saved::Same, "{name}");
        assert_eq!(save("Newest", Origin::Shipped).await, Saved::Changed, "{name}");
        assert_eq!(save("Our own", Origin::Imported).await, Saved::Changed, "{name}");
        assert_eq!(save("Newest", Origin::Shipped).await, Saved::Kept, "{name}");
        let there = exercise::store::exercise(&engine.db, "bridge").await.unwrap().unwrap();
        assert_eq!(there.name, "Our own", "{name}");
    }
}

#[tokio::test]
async fn no_file_replaces_what_the_desk_went_on_with() {
    for engine in engines("desk_goes_on").await {
        let (state, db, name) = (engine.state().await, &engine.db, engine.name);
        let desk = Desk(db);
        let give = async |file_name: &str, text: &str| {
            let (saved, same, kept, report) = give(&state, Origin::Imported, &[file(file_name, text)]).await;
            if report.problems.is_empty() { (saved, same, kept, 0) } else { (0, 0, 0, report.problems.len()) }
        };
        let id_of = async |slug: &str| {
            let mut part = article::store::on_file(db, Uuid::nil()).await.unwrap();
            part.retain(|row| row.slug == slug);
            part[0].id
        };
        // A draft of files goes through review, and is read.
        assert_eq!(give("drafts/rest.md", REST).await, (1, 0, 0, 0), "{name}");
        assert_eq!(give("drafts/rest.md", REST).await, (0, 1, 0, 0), "{name}");
        let more = REST.replace("Shipped", "More");
        assert_eq!(give("drafts/rest.md", &more).await, (1, 0, 0, 0), "{name}");
        let rest = id_of("rest").await;
        store::send_to_review(db, rest, 2, event(Action::ArticleSentToReview)).await.unwrap();
        assert_eq!(give("drafts/rest.md", REST).await, (0, 0, 1, 0), "{name}: in review");
        store::withdraw(db, rest, 2, event(Action::ArticleWithdrawn)).await.unwrap();
        desk.publish(rest, 2, None).await;
        assert_eq!(give("drafts/rest.md", REST).await, (0, 0, 1, 0), "{name}: published");
        assert_eq!(give("rest.md", REST).await, (0, 0, 1, 0), "{name}: published");

        // What a file archived, a file brings back; what the desk archived, none does.
        let archived = REST.replace("tags", "archived = true\ntags");
        assert_eq!(give("gone.md", &archived).await, (1, 0, 0, 0), "{name}");
        assert_eq!(give("gone.md", &archived).await, (0, 1, 0, 0), "{name}");
        assert_eq!(give("gone.md", REST).await, (1, 0, 0, 0), "{name}");
        assert!(article(db, "gone").await.unwrap().is_some(), "{name}");
        let gone = id_of("gone").await;
        desk.archive(gone).await;
        assert_eq!(give("gone.md", REST).await, (0, 0, 1, 0), "{name}");
        store::unarchive(db, gone, event(Action::ArticleUnarchived)).await.unwrap();
        assert_eq!(give("gone.md", &archived).await, (0, 0, 1, 0), "{name}");

        // An address that another has or had is told of, and nothing is saved.
        let moved = REST.replace("tags", "formerly = [\"rest\", \"was\"]\ntags");
        assert_eq!(give("moved.md", &moved).await, (0, 0, 0, 1), "{name}");
        assert!(article(db, "moved").await.unwrap().is_none(), "{name}");
        assert_eq!(article::store::redirect(db, "was").await.unwrap(), None, "{name}");
        assert_eq!(give("moved.md", &moved.replace("\"rest\", ", "")).await, (1, 0, 0, 0), "{name}");
        assert_eq!(article::store::redirect(db, "was").await.unwrap().as_deref(), Some("moved"), "{name}");
        assert_eq!(give("was.md", REST).await, (0, 0, 1, 0), "{name}");
        assert_eq!(give("moved.md", &moved.replace("\"rest\", ", "")).await, (0, 1, 0, 0), "{name}");
        let later = moved.replace("\"rest\"", "\"later\"");
        assert_eq!(give("moved.md", &later).await, (1, 0, 0, 0), "{name}: with one redirect more");
        assert_eq!(give("moved.md", REST).await, (0, 1, 0, 0), "{name}: which stays");
    }
}

#[tokio::test]
async fn an_export_replaces_only_an_export_and_says_when_it_is_not_whole() {
    let engine = engines("export_folder").await.remove(0);
    let folder = engine.folder().join("out");
    let nothing = refused(&run(&engine, &["export"], &folder));
    assert!(nothing.contains("this site has no content") && !folder.exists(), "{nothing}");
    start::load_starting_content(&engine.state().await).await.unwrap();

    fs::create_dir_all(folder.join(".git")).unwrap();
    said(&run(&engine, &["export"], &folder));
    let whole = files(&folder);
    let elsewhere = engine.folder().join("elsewhere.md");
    fs::write(&elsewhere, "Not ours.").unwrap();
    fs::write(folder.join("articles/stale.md"), "").unwrap();
    symlink(&elsewhere, folder.join("drafts/link.md")).unwrap();
    fs::write(folder.join("articles/notes.txt"), "Theirs.").unwrap();
    fs::write(folder.join("README.md"), "Theirs.").unwrap();
    said(&run(&engine, &["export"], &folder));
    let mut theirs = files(&folder);
    assert_eq!(theirs.remove("articles/notes.txt").as_deref(), Some("Theirs."));
    assert_eq!(theirs.remove("README.md").as_deref(), Some("Theirs."));
    assert_eq!(theirs, whole);
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "Not ours.");
    assert!(said(&run(&engine, &["import"], &folder)).contains("Imported."), "what is theirs is left alone");

    // A disk that cannot be written in the middle of it.
    fs::remove_dir_all(folder.join("exercises")).unwrap();
    fs::create_dir_all(folder.join("exercises/bridge.toml")).unwrap();
    refused(&run(&engine, &["export"], &folder));
    let told = refused(&run(&engine, &["import"], &folder));
    assert!(told.contains("was interrupted"), "{told}");
    fs::remove_dir(folder.join("exercises/bridge.toml")).unwrap();
    said(&run(&engine, &["export"], &folder));
    said(&run(&engine, &["import"], &folder));

    let foreign = TempDir::new().unwrap();
    fs::write(foreign.path().join("thesis.txt"), "Mine.").unwrap();
    let told = refused(&run(&engine, &["export"], foreign.path()));
    assert!(told.contains("is not empty, and no export"), "{told}");
    assert_eq!(files(foreign.path()).len(), 1);
    let outside = TempDir::new().unwrap();
    fs::remove_dir_all(folder.join("drafts")).unwrap();
    symlink(outside.path(), folder.join("drafts")).unwrap();
    let told = refused(&run(&engine, &["export"], &folder));
    assert!(told.contains("drafts is no folder"), "{told}");
}

#[tokio::test]
async fn an_import_follows_no_links_and_names_what_is_no_content() {
    let engine = engines("import_folder").await.remove(0);
    let folder = TempDir::new().unwrap();
    let (articles, secret) = (folder.path().join("articles"), engine.folder().join("secret.md"));
    fs::create_dir(&articles).unwrap();
    fs::write(&secret, REST).unwrap();
    symlink(&secret, articles.join("link.md")).unwrap();
    fs::write(articles.join("Rest It.md"), REST).unwrap();
    fs::write(articles.join("huge.md"), "x".repeat(5 * 1024 * 1024)).unwrap();
    fs::write(articles.join("long.md"), format!("{REST}{}", "A line that is like the last.\n".repeat(20_000))).unwrap();
    fs::write(articles.join(".hidden.md"), "").unwrap();
    fs::write(articles.join("rest.md"), REST).unwrap();
    symlink(engine.folder(), folder.path().join("exercises")).unwrap();
    let before = revisions(&engine.db).await;
    let told = refused(&run(&engine, &["import"], folder.path()));
    for words in [
        "articles/link.md: it is a link, which is not followed",
        "articles/Rest It.md, line 1: the file's name must be",
        "articles/huge.md: it is larger than 4 MB",
        "articles/long.md, line 2: the text must have 200000 letters or fewer",
        "exercises: it is no folder, or a link to one",
        "nothing was imported: 5 problems",
    ] {
        assert!(told.contains(words), "{words:?} is not in {told}");
    }
    assert_eq!(revisions(&engine.db).await, before, "the good one was not imported either");
    let told = refused(&run(&engine, &["import"], &folder.path().join("nowhere.md")));
    assert!(told.contains("nowhere.md: No such file"), "{told}");
}

/// Every file below a folder to the byte, by its path in it.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(bytes(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, fs::read(path).unwrap());
        }
    }
    found
}

fn words(title: &str, alt: &str) -> Words {
    Words { title: title.to_owned(), alt: alt.to_owned(), decorative: alt.is_empty(), credit: String::new() }
}

/// A library of pictures of every kind; the first is shown in an article.
async fn fill_library(engine: &Engine) -> Vec<Uuid> {
    let (db, workshop) = (&engine.db, support::workshop(&engine.folder().join("data")));
    let seen_through = image::RgbaImage::from_fn(400, 300, |x, y| image::Rgba([x as u8, y as u8, 9, (x % 256) as u8]));
    let mut png = std::io::Cursor::new(Vec::new());
    seen_through.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let credited = Words { credit: "Ann \"A\" <Example>".to_owned(), ..words("leg", "A \"leg\" & a foot") };
    let undescribed = Words { decorative: false, ..words("undescribed", "") };
    let mut ids = vec![];
    for (words, sent) in [
        (credited, photograph(700, 500)),
        (words("drawing", "Two squares"), DRAWING.as_bytes().to_vec()),
        (words("ornament", ""), png.into_inner()),
        // The same files as another's.
        (words("twin", "A leg again"), photograph(700, 500)),
        (undescribed, jpeg(30, 20)),
        (words("gone", "A dot"), png_with(4, 4, &[])),
    ] {
        ids.push(added(db, &workshop, words, &sent).await);
    }
    media::store::archive(db, ids[5], NOW.millis_i64(), event(Action::PictureArchived)).await.unwrap();
    let desk = Desk(db);
    desk.published(
        "with-pictures",
        text(&format!("One.\n\n![](/media/{} \"Both\")\n\n![](/media/{})\n", ids[0], ids[1])),
    )
    .await;
    desk.begin("not-described-yet", text(&format!("![](/media/{})\n", ids[4]))).await;
    ids
}

async fn pictures(db: &Db) -> i64 {
    on!(db db, pool => sqlx::query_scalar("select count(*) from media").fetch_one(pool).await).unwrap()
}

#[tokio::test]
async fn pictures_are_exported_and_imported_to_the_byte() {
    for (from, to) in engines("pictures_out").await.into_iter().zip(engines("pictures_in").await) {
        let name = from.name;
        let ids = fill_library(&from).await;
        let (first, second) = (from.folder().join("first"), to.folder().join("second"));
        assert!(said(&run(&from, &["export"], &first)).contains("media: 6\n"), "{name}");
        let exported = bytes(&first);
        let count =
            |ending: &str| exported.keys().filter(|path| path.starts_with("media/") && path.ends_with(ending)).count();
        // Three widths, two and one and one; one drawing.
        assert_eq!([".toml", ".webp", ".jpg", ".svg"].map(count), [6, 7, 7, 1], "{name}: {:?}", exported.keys());

        let library = to.folder().join("data/media");
        let told = said(&run(&to, &["import", "--check"], &first));
        assert!(told.contains("media: 6 new, 0 changed") && told.contains("Nothing was changed"), "{told}");
        assert_eq!(pictures(&to.db).await, 0, "{name}");
        let kept = fs::read_dir(&library)
            .map_or(0, |entries| entries.filter(|entry| entry.as_ref().unwrap().path().is_file()).count());
        assert_eq!(kept, 0, "{name}: nor is a file kept");
        let told = said(&run(&to, &["import"], &first));
        assert!(told.contains("media: 6 new, 0 changed, 0 unchanged, 0 left as they are"), "{told}");
        said(&run(&to, &["export"], &second));
        let again = bytes(&second);
        for (path, bytes) in &exported {
            assert!(again.get(path) == Some(bytes), "{name}: {path}");
        }
        assert_eq!(again.len(), exported.len(), "{name}");

        // The same again, in place of what was there.
        assert!(
            said(&run(&to, &["import"], &first)).contains("media: 0 new, 0 changed, 6 unchanged, 0 left"),
            "{name}"
        );
        fs::write(second.join("media/notes.txt"), "Theirs.").unwrap();
        fs::write(second.join(format!("media/{}.webp", "0".repeat(32))), "stale").unwrap();
        said(&run(&to, &["export"], &second));
        let mut again = bytes(&second);
        assert_eq!(again.remove("media/notes.txt").as_deref(), Some(&b"Theirs."[..]));
        assert!(again == exported, "{name}");

        // The desk's words stay.
        media::store::describe(&to.db, ids[1], words("drawing", "Ours"), event(Action::PictureDescribed))
            .await
            .unwrap();
        let told = said(&run(&to, &["import"], &first));
        assert!(told.contains("media: 0 new, 0 changed, 5 unchanged, 1 left"), "{told}");
        assert!(
            told.contains(&format!("media/{}.toml: left, because it was added or changed at the desk", ids[1])),
            "{told}"
        );
        assert_eq!(media::store::picture(&to.db, ids[1]).await.unwrap().unwrap().words.alt, "Ours", "{name}");

        // As readers see it.
        symlink(&library, to.folder().join("media")).unwrap();
        let app = to.into_app().await;
        let shown = app.get("/articles/with-pictures").await.body;
        for part in
            ["alt=\"A &quot;leg&quot; &amp; a foot\" width=\"700\"", "<figcaption>Both<br>Picture: Ann", "alt=\"Ours\""]
        {
            assert!(shown.contains(part), "{name}: {part} is not in {shown}");
        }
        let addresses: Vec<&str> =
            shown.split("/media/").skip(1).map(|rest| rest.split([' ', '"']).next().unwrap()).collect();
        assert_eq!(addresses.len(), 8, "{addresses:?}");
        for address in addresses {
            assert_eq!(app.get(&format!("/media/{address}")).await.status, 200, "{name}: {address}");
        }
    }
}

#[tokio::test]
async fn a_picture_that_was_imported_follows_its_file_until_the_desk_changes_it() {
    for (from, to) in engines("follows_out").await.into_iter().zip(engines("follows_in").await) {
        let name = from.name;
        let ids = fill_library(&from).await;
        let (first, second) = (from.folder().join("first"), to.folder().join("second"));
        said(&run(&from, &["export"], &first));
        said(&run(&to, &["import"], &first));
        let of = async |db: &Db, id: Uuid| media::store::picture(db, id).await.unwrap().unwrap();

        // Described anew, replaced, archived and brought back: at the desk of the site that it comes from.
        let (leg, drawing, ornament, twin, undescribed, gone) = (ids[0], ids[1], ids[2], ids[3], ids[4], ids[5]);
        media::store::describe(&from.db, leg, words("leg", "A newer leg"), event(Action::PictureDescribed))
            .await
            .unwrap();
        let workshop = support::workshop(&from.folder().join("data"));
        let mut received = workshop.receive(NOW.new_id()).await.unwrap();
        received.take(&photograph(640, 480)).await.unwrap();
        let kept = workshop.make(received, NOW.new_id()).await.unwrap();
        let version = media::store::NewVersion { kept, by: None, at: NOW.millis_i64() };
        let replaced = words("drawing", "A photograph");
        media::store::replace(&from.db, drawing, 1, replaced, version, event(Action::PictureReplaced)).await.unwrap();
        media::store::archive(&from.db, twin, NOW.millis_i64(), event(Action::PictureArchived)).await.unwrap();
        media::store::unarchive(&from.db, gone, event(Action::PictureUnarchived)).await.unwrap();
        let described = words("undescribed", "A square");
        media::store::describe(&from.db, undescribed, described, event(Action::PictureDescribed)).await.unwrap();
        said(&run(&from, &["export"], &first));

        let before = of(&to.db, drawing).await;
        let told = said(&run(&to, &["import", "--check"], &first));
        assert!(told.contains("media: 0 new, 5 changed, 1 unchanged, 0 left"), "{name}: {told}");
        assert_eq!(of(&to.db, drawing).await, before, "{name}: it was only looked");
        let told = said(&run(&to, &["import"], &first));
        assert!(told.contains("media: 0 new, 5 changed, 1 unchanged, 0 left"), "{name}: {told}");
        said(&run(&to, &["export"], &second));
        assert!(bytes(&first) == bytes(&second), "{name}");
        assert_eq!(of(&to.db, leg).await.version, 1, "{name}: words alone are no version");
        assert_eq!(of(&to.db, drawing).await.version, 2, "{name}");
        let versions = media::store::versions(&to.db, drawing).await.unwrap();
        assert_eq!(versions[1].files, before.files, "{name}: the one before can be restored");
        assert!(said(&run(&to, &["import"], &first)).contains("media: 0 new, 0 changed, 6 unchanged"), "{name}");

        // What an article shows is neither hidden nor left without its description.
        let about = |id: Uuid| first.join(format!("media/{id}.toml"));
        let change = |id: Uuid, from: &str, to: &str| {
            let text = fs::read_to_string(about(id)).unwrap();
            assert!(text.contains(from), "{text}");
            fs::write(about(id), text.replace(from, to)).unwrap();
        };
        change(leg, "\nwidth = 700\n", "\narchived = true\nwidth = 700\n");
        change(drawing, "alt = \"A photograph\"", "alt = \"\"");
        // And the desk's words stay.
        media::store::describe(&to.db, ornament, words("ornament", "Ours"), event(Action::PictureDescribed))
            .await
            .unwrap();
        change(ornament, "title = \"ornament\"", "title = \"theirs\"");
        media::store::unarchive(&to.db, twin, event(Action::PictureUnarchived)).await.unwrap();
        let told = said(&run(&to, &["import"], &first));
        assert!(told.contains("media: 0 new, 0 changed, 2 unchanged, 4 left"), "{name}: {told}");
        assert!(!of(&to.db, leg).await.archived && !of(&to.db, twin).await.archived, "{name}");
        assert_eq!(of(&to.db, drawing).await.words.alt, "A photograph", "{name}");
        assert_eq!(of(&to.db, ornament).await.words.title, "ornament", "{name}");

        // Bad bytes are refused, and change nothing, as where the picture is new.
        let file = of(&from.db, drawing).await.files.pop().unwrap().name;
        fs::write(first.join("media").join(&file), jpeg(640, 480)).unwrap();
        assert!(refused(&run(&to, &["import"], &first)).contains("its name is not the hash"), "{name}");
    }
}

/// The name of a file with these bytes.
fn called(bytes: &[u8], ending: &str) -> String {
    let hash: String = Sha256::digest(bytes)[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hash}.{ending}")
}

#[tokio::test]
async fn a_hostile_picture_is_named_and_nothing_is_imported() {
    for (from, to) in engines("hostile_out").await.into_iter().zip(engines("hostile_in").await) {
        let name = from.name;
        let ids = fill_library(&from).await;
        let folder = from.folder().join("out");
        said(&run(&from, &["export"], &folder));
        let photo = media::store::picture(&from.db, ids[0]).await.unwrap().unwrap();
        let twin = folder.join(format!("media/{}.toml", ids[3]));
        fs::remove_file(twin).unwrap();
        let last = |ending: &str| photo.files.iter().rfind(|file| file.name.ends_with(ending)).unwrap().name.clone();
        let (largest, webp) = (last("jpg"), last("webp"));
        let drawing = media::store::picture(&from.db, ids[1]).await.unwrap().unwrap().files.remove(0).name;
        let (about_photo, about_drawing) =
            (folder.join(format!("media/{}.toml", ids[0])), folder.join(format!("media/{}.toml", ids[1])));
        let kept = bytes(&folder);
        let bytes_of = |file: &str| kept[&format!("media/{file}")].clone();
        let before = revisions(&to.db).await;
        let tried = async |path: &Path, file: &str, evil: Vec<u8>, says: &str| {
            // Under its own name, as somebody does who knows how.
            let evil_name = called(&evil, file.rsplit('.').next().unwrap());
            let (text, old_bytes) = (fs::read_to_string(path).unwrap(), bytes_of(file));
            let changed = text
                .replace(file, &evil_name)
                .replace(&format!("bytes = {} ", old_bytes.len()), &format!("bytes = {} ", evil.len()));
            fs::write(path, &changed).unwrap();
            fs::remove_file(folder.join("media").join(file)).unwrap();
            fs::write(folder.join("media").join(&evil_name), &evil).unwrap();
            for arguments in [&["import", "--check"][..], &["import"]] {
                let told = refused(&run(&to, arguments, &folder));
                assert!(
                    told.contains(&format!("media/{evil_name}: ")) && told.contains(says),
                    "{name}: {says}: {told}"
                );
                assert!(told.contains("nothing was imported: 1 problem"), "{told}");
            }
            assert_eq!((pictures(&to.db).await, revisions(&to.db).await), (0, before), "{name}");
            assert!(!to.folder().join("data/media").join(&evil_name).exists(), "{name}: {says}");
            fs::write(path, text).unwrap();
            fs::remove_file(folder.join("media").join(&evil_name)).unwrap();
            fs::write(folder.join("media").join(file), old_bytes).unwrap();
        };
        const NOT_OURS: &str = "is not as it was exported";
        tried(&about_photo, &largest, gps(&bytes_of(&largest)), NOT_OURS).await;
        tried(&about_photo, &largest, [&bytes_of(&largest)[..], b"<script>"].concat(), NOT_OURS).await;
        tried(&about_photo, &largest, b"<html><script>alert(1)</script></html>".to_vec(), "SVG").await;
        tried(&about_photo, &largest, png(700, 500), NOT_OURS).await;
        tried(&about_photo, &webp, [&bytes_of(&webp)[..], b"more"].concat(), NOT_OURS).await;
        let svg = String::from_utf8(bytes_of(&drawing)).unwrap();
        tried(
            &about_drawing,
            &drawing,
            svg.replace("</svg>", "<script>alert(1)</script></svg>").into_bytes(),
            NOT_OURS,
        )
        .await;
        tried(&about_drawing, &drawing, format!("<!DOCTYPE svg [<!ENTITY a 'b'>]>{svg}").into_bytes(), "").await;

        // What is not what it is said to be.
        let import = || refused(&run(&to, &["import"], &folder));
        let file = folder.join("media").join(&largest);
        fs::write(&file, jpeg(700, 500)).unwrap();
        assert!(import().contains(&format!("media/{largest}: its name is not the hash")), "{name}");
        fs::remove_file(&file).unwrap();
        assert!(import().contains(&format!("its file {largest} is not there")), "{name}");
        symlink(folder.join("elsewhere.jpg"), &file).unwrap();
        fs::write(folder.join("elsewhere.jpg"), bytes_of(&largest)).unwrap();
        assert!(import().contains(&format!("media/{largest}: it is a link")), "{name}");
        fs::remove_file(&file).unwrap();
        fs::write(&file, bytes_of(&largest)).unwrap();
        let text = fs::read_to_string(&about_photo).unwrap();
        fs::write(&about_photo, text.replace("width = 320", "width = 321")).unwrap();
        assert!(import().contains("it is not as"), "{name}");
        fs::write(&about_photo, text).unwrap();
        assert_eq!((pictures(&to.db).await, revisions(&to.db).await), (0, before), "{name}");
        // Without the picture, its article is refused.
        fs::remove_file(&about_drawing).unwrap();
        assert!(import().contains(&format!("there is no picture /media/{}", ids[1])), "{name}");
    }
}
