//! What the editor's script asks for while somebody types: the preview, and drafts of which nothing is lost.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::time::{Duration, Instant};

use app::{
    content,
    db::Db,
    desk::{
        drafts::{self, Line, Mark, Subject},
        manuscript::Typed,
    },
    on,
};
use axum::http::StatusCode;
use support::{
    Answer, TestApp,
    desk::{TEXT, account, begin, fields, hidden, is_done, save, staff, written},
    dice::Dice,
    engines::engines,
    person::Person,
};
use uuid::Uuid;

/// The editor, open in somebody's browser with the script on.
struct Window<'a> {
    person: &'a Person<'a>,
    /// The address that the editor's own are below.
    article: String,
    base: String,
    text: String,
    note: String,
    mark: Mark,
    from: String,
    of: String,
}

impl<'a> Window<'a> {
    /// Opens the editor, and the draft that is offered.
    async fn open(person: &'a Person<'a>, article: &str) -> Self {
        let editor = if article.ends_with("/new") { article.to_owned() } else { format!("{article}/edit") };
        let mut shown = person.get(&editor).await;
        if shown.body.contains("?draft=open") {
            shown = person.get(&format!("{editor}?draft=open")).await;
        }
        assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
        Self::showing(person, article, &shown)
    }

    fn showing(person: &'a Person<'a>, article: &str, shown: &Answer) -> Self {
        let field = |name| hidden(&shown.body, name).to_owned();
        Self {
            person,
            article: article.to_owned(),
            base: field("base"),
            text: written(&shown.body, "the_text"),
            note: String::new(),
            mark: field("draft_mark").parse().unwrap(),
            from: field("draft_from"),
            of: field("draft_of"),
        }
    }

    async fn send(&self, address: &str) -> Answer {
        let mark = self.mark.to_string();
        let mut form = fields(&self.base, &self.text);
        form.retain(|(name, _)| *name != "the_note");
        form.extend([
            ("the_slug", "rest-at-night"),
            ("the_note", &self.note),
            ("draft_mark", &mark),
            ("draft_from", &self.from),
            ("draft_of", &self.of),
        ]);
        self.person.post(&format!("{}{address}", self.article), &form).await
    }

    /// What the script does every few seconds.
    async fn keep(&mut self) -> Answer {
        self.mark.number += 1;
        self.send("/draft").await
    }

    /// Saves, and goes on with what is shown then.
    async fn save(&mut self) -> Answer {
        let answer = self.send("/edit").await;
        if answer.status != StatusCode::SEE_OTHER {
            *self = Self::showing(self.person, &self.article.clone(), &answer);
        }
        answer
    }
}

fn is_kept(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(answer.body.contains("\"said\":\"Draft saved "), "{}", answer.body);
}

fn id(article: &str) -> Uuid {
    article.rsplit('/').next().unwrap().parse().unwrap()
}

async fn revisions(db: &Db) -> Vec<String> {
    on!(db db, pool => sqlx::query_scalar("select markdown from article_revision order by number").fetch_all(pool).await).unwrap()
}

async fn draft_of(app: &TestApp, article: &str, name: &str) -> Option<String> {
    let draft = drafts::draft(&app.state.db, Subject(Some(id(article))), account(name)).await.unwrap();
    draft.map(|draft| draft.typed.markdown)
}

#[tokio::test]
async fn of_fifty_interleaved_saves_no_keystroke_that_was_acknowledged_is_missing() {
    for engine in engines("drafts_interleaved").await {
        let (name, app) = (engine.name, engine.into_app().await);
        let people = [staff(&app, "ed", "editor").await, staff(&app, "flo", "editor").await];
        let lines: String = (0..20).map(|n| format!("Line {n}.\n\n")).collect();
        let article = begin(&people[0], &lines).await;
        let mut windows = [Window::open(&people[0], &article).await, Window::open(&people[1], &article).await];
        let mut dice = Dice::new(7);
        // Who wrote it, and what the server said that it has.
        let mut acknowledged: Vec<(usize, String)> = vec![];
        let (mut saves, mut clashes, mut typed) = (0, 0, 0);
        while saves < 50 {
            let who = dice.below(2);
            let (person, window) = (&people[who], &mut windows[who]);
            // Some words, each kept as a draft; often in the line in which the other writes.
            for _ in 0..=dice.below(3) {
                typed += 1;
                let word = format!("w{typed}w");
                let line = format!("Line {}", dice.below(4));
                window.text = window.text.replacen(&line, &format!("{line} {word}"), 1);
                if window.text.contains(&word) {
                    is_kept(&window.keep().await);
                    acknowledged.push((who, word));
                }
            }
            match dice.below(5) {
                // The browser is gone.
                0 => *window = Window::open(person, &article).await,
                // The last draft's answer does not arrive, and it is sent again.
                1 => {
                    window.mark.number += 3;
                    window.send("/draft").await;
                }
                _ => {
                    saves += 1;
                    let mut answer = window.save().await;
                    while answer.status == StatusCode::CONFLICT {
                        clashes += 1;
                        is_kept(&window.keep().await);
                        // Both are right: the marks go.
                        let marks = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];
                        let kept = window.text.lines().filter(|line| !marks.iter().any(|mark| line.starts_with(mark)));
                        window.text = kept.map(|line| format!("{line}\n")).collect();
                        answer = window.save().await;
                    }
                    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{name}: {}", answer.text());
                    assert_eq!(draft_of(&app, &article, ["ed", "flo"][who]).await, None, "{name}: it is saved");
                    *window = Window::open(person, &article).await;
                }
            }
            let saved = revisions(&app.state.db).await;
            for who in 0..2 {
                let draft = draft_of(&app, &article, ["ed", "flo"][who]).await.unwrap_or_default();
                for (_, word) in acknowledged.iter().filter(|(by, _)| *by == who) {
                    let there = draft.contains(word) || saved.iter().any(|text| text.contains(word));
                    assert!(there, "{name}: {word} is in no revision and not in the draft");
                }
            }
        }
        for (who, window) in windows.iter_mut().enumerate() {
            while window.save().await.status == StatusCode::CONFLICT {
                let kept = window.text.lines().filter(|line| !line.starts_with(['<', '|', '=', '>']));
                window.text = kept.map(|line| format!("{line}\n")).collect();
            }
            assert_eq!(draft_of(&app, &article, ["ed", "flo"][who]).await, None, "{name}");
        }
        let saved = revisions(&app.state.db).await;
        assert!(acknowledged.len() > 50 && clashes > 5, "{name}: {} words, {clashes} clashes", acknowledged.len());
        for (_, word) in &acknowledged {
            assert!(saved.iter().any(|text| text.contains(word)), "{name}: {word} is in no revision");
        }
    }
}

#[tokio::test]
async fn a_draft_is_offered_gone_on_with_and_ends_with_the_save() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let article = begin(&ed, TEXT).await;
    let mut window = Window::open(&ed, &article).await;
    window.text = format!("{TEXT}\nWalk <on>.\n");
    is_kept(&window.keep().await);
    assert_eq!(revisions(&app.state.db).await.len(), 1, "it is no revision");
    assert!(ed.get("/admin").await.text().contains("You typed and did not save"));
    let offered = ed.get(&format!("{article}/edit")).await;
    assert!(offered.text().contains("You have a draft") && !offered.body.contains("<textarea"), "{}", offered.text());
    assert!(offered.body.contains("Walk &lt;on&gt;."), "what is in it: {}", offered.body);
    let mut later = Window::open(&ed, &article).await;
    assert!(later.text.contains("Walk <on>."));
    later.text.push_str("And on.\n");
    is_kept(&later.keep().await);
    is_done(&later.save().await, "saved");
    assert_eq!(draft_of(&app, &article, "ed").await, None);
    assert!(ed.get(&format!("{article}/edit")).await.body.contains("<textarea"), "nothing is offered");
    assert!(!ed.get("/admin").await.text().contains("You typed and did not save"));

    // What was taken back is nothing to keep.
    let mut window = Window::open(&ed, &article).await;
    let before = window.text.clone();
    window.text.push_str("Not this.\n");
    is_kept(&window.keep().await);
    window.text = before;
    assert!(window.keep().await.body.contains("As in revision 2"));
    assert_eq!(draft_of(&app, &article, "ed").await, None);
}

#[tokio::test]
async fn a_draft_is_thrown_away_only_when_asked_and_as_it_was_shown() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let article = begin(&ed, TEXT).await;
    let mut window = Window::open(&ed, &article).await;
    window.text.push_str("\nMore.\n");
    is_kept(&window.keep().await);
    let asked = ed.get(&format!("{article}/draft/discard")).await;
    assert!(asked.text().contains("Discard this draft?") && asked.body.contains("<ins>"), "{}", asked.text());
    let mark = hidden(&asked.body, "mark").to_owned();
    window.text.push_str("\nAnd more.\n");
    is_kept(&window.keep().await);
    let discard = async |mark: &str| ed.post(&format!("{article}/draft/discard"), &[("mark", mark)]).await;
    assert!(discard(&mark).await.header("location").ends_with("/edit"), "it went on, and is offered again");
    assert!(draft_of(&app, &article, "ed").await.unwrap().contains("And more."));
    let gone = discard(&window.mark.to_string()).await;
    assert!(gone.header("location").ends_with("/edit?discarded=yes"));
    assert!(ed.get(gone.header("location")).await.text().contains("Your draft is discarded."));
    assert_eq!(draft_of(&app, &article, "ed").await, None);
    assert_eq!(discard("nonsense").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn windows_of_one_person_replace_nothing_of_one_another() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let article = begin(&ed, TEXT).await;
    let (mut one, mut two) = (Window::open(&ed, &article).await, Window::open(&ed, &article).await);
    one.text = TEXT.replace("then walk", "then swim");
    is_kept(&one.keep().await);
    two.text = TEXT.replace("as you like", "on your side");
    let refused = two.keep().await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("another window of yours has one, typed 12:00"), "{}", refused.body);
    is_done(&two.save().await, "saved");
    assert!(draft_of(&app, &article, "ed").await.unwrap().contains("then swim"), "the other window's draft stays");
    is_done(&one.save().await, "merged");
    let last = revisions(&app.state.db).await.pop().unwrap();
    assert!(last.contains("then swim") && last.contains("on your side"), "{last}");

    // A page that was made from a draft goes on with it, and then the page before does not.
    let mut one = Window::open(&ed, &article).await;
    one.text.push_str("\nOne.\n");
    is_kept(&one.keep().await);
    let mut two = Window::open(&ed, &article).await;
    two.text.push_str("\nTwo.\n");
    is_kept(&two.keep().await);
    one.text.push_str("\nThree.\n");
    assert_eq!(one.keep().await.status, StatusCode::CONFLICT);
    assert!(draft_of(&app, &article, "ed").await.unwrap().contains("One.\n\nTwo."));

    // A page that comes back with what is wrong is another page, and goes on as well.
    two.text.push_str("<<<<<<< yours\n");
    is_kept(&two.keep().await);
    assert_eq!(two.save().await.status, StatusCode::UNPROCESSABLE_ENTITY);
    two.text = two.text.replace("<<<<<<< yours\n", "Four.\n");
    is_kept(&two.keep().await);
    is_done(&two.save().await, "saved");
    assert_eq!(draft_of(&app, &article, "ed").await, None);
}

#[tokio::test]
async fn others_are_told_of_a_draft_and_do_not_get_at_it() {
    let app = TestApp::with_people().await;
    let (ed, flo) = (staff(&app, "ed", "editor").await, staff(&app, "flo", "editor").await);
    let article = begin(&ed, TEXT).await;
    let (mut of_ed, mut of_flo) = (Window::open(&ed, &article).await, Window::open(&flo, &article).await);
    of_ed.text.push_str("\nA secret.\n");
    is_kept(&of_ed.keep().await);
    let opened = flo.get(&format!("{article}/edit")).await;
    assert!(opened.text().contains("ed@example.org is editing this (last typed 12:00)"), "{}", opened.text());
    of_flo.text.push_str("\nAnother.\n");
    let kept = of_flo.keep().await;
    is_kept(&kept);
    assert!(kept.body.contains("ed@example.org"), "and while they write: {}", kept.body);
    assert!(of_ed.send("/preview").await.body.contains("flo@example.org"));
    for path in ["/edit", "", "/draft/discard", "/edit?draft=open"] {
        assert!(!flo.get(&format!("{article}{path}")).await.body.contains("A secret."), "{path}");
    }
    flo.post(&format!("{article}/draft/discard"), &[("mark", &of_ed.mark.to_string())]).await;
    is_done(&save(&flo, &article, 1, &TEXT.replace("a little", "a lot")).await, "saved");
    assert!(draft_of(&app, &article, "ed").await.unwrap().contains("A secret."));
    app.pass(20 * 60 * 1000);
    let later = flo.get(&format!("{article}/edit?draft=open")).await;
    assert!(later.text().contains("has a draft of this that is not saved (last typed 12:00)"), "{}", later.text());

    // Somebody else signed in, in the same browser.
    of_ed.person = &flo;
    assert_eq!(of_ed.keep().await.status, StatusCode::BAD_REQUEST);
    let nobody = Person::new(&app);
    of_ed.person = &nobody;
    assert_eq!(of_ed.keep().await.status, StatusCode::UNAUTHORIZED);
    let rev = staff(&app, "rev", "reviewer").await;
    assert_eq!(rev.post(&format!("{article}/draft"), &fields("1", TEXT)).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_article_that_is_not_begun_has_a_draft_too() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let mut window = Window::open(&ed, "/admin/articles/new").await;
    window.text = "## Rest\n".to_owned();
    is_kept(&window.keep().await);
    assert!(ed.get("/admin").await.body.contains("<a href=\"/admin/articles/new\">Rest at night</a>"));
    let shown = ed.get("/admin/articles/new?draft=open").await;
    assert!(shown.body.contains("value=\"rest-at-night\""), "its address too: {}", shown.body);
    let window = Window::showing(&ed, "/admin/articles/new", &shown);
    assert!(window.send("/preview").await.body.contains("<h2 id=\\\"rest\\\">Rest</h2>"));
    is_done(&window.send("").await, "saved");
    assert!(drafts::drafts_of(&app.state.db, account("ed")).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_preview_is_what_readers_get_and_runs_nothing() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let text = "## Rest\n\n::: emergency {rules=\"E01\"}\n- it is numb\n:::\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n\
                <script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))\n";
    let article = begin(&ed, text).await;
    for (person, act) in [(&ed, "review"), (&rev, "approve"), (&ed, "publish")] {
        let fields = [("revision", "1"), ("name", "Dr A. Body"), ("registration", "GMC 1234567"), ("read", "yes")];
        assert_eq!(person.post(&format!("{article}/{act}"), &fields).await.status, StatusCode::SEE_OTHER);
    }
    let read = app.get("/articles/rest-at-night").await.body;
    let prose = read.split("<div class=\"prose\">").nth(1).unwrap().split("</div><").next().unwrap().to_owned();
    let answer = Window::open(&ed, &article).await.send("/preview").await;
    let shown: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let beside = shown["beside"].as_str().unwrap();
    assert!(prose.contains("care--emergency") && beside.contains(&prose), "{prose}\n\n{beside}");
    for bad in ["<script", "<img", "href=\"javascript:"] {
        assert!(!beside.contains(bad), "{bad}");
    }
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    let editor = ed.get(&format!("{article}/edit")).await;
    let policy = editor.header("content-security-policy");
    assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    assert!(!read.contains("<script type=\"module\""), "readers load nothing of it");

    let window = Window { text: "::: danger\nx\n:::\n".to_owned(), ..Window::open(&ed, &article).await };
    assert!(window.send("/preview").await.body.contains("It cannot be shown yet."));
    let long = Window { text: "a ".repeat(150_000), ..window };
    assert_eq!(long.send("/preview").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_article_of_two_thousand_words_is_shown_in_fifty_milliseconds() {
    let app = TestApp::new().await;
    let ed = staff(&app, "ed", "editor").await;
    let article = content::folder("articles").into_iter().find(|file| file.name == "what-is-sciatica.md").unwrap();
    let text = article.text.split_once("\n+++\n").unwrap().1;
    let text = text.repeat(2_000_usize.div_ceil(text.split_whitespace().count()));
    let window = Window { text, ..Window::open(&ed, "/admin/articles/new").await };
    let mut took = vec![];
    for _ in 0..20 {
        let begun = Instant::now();
        let answer = window.send("/preview").await;
        took.push(begun.elapsed());
        let shown: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert!(shown["beside"].as_str().unwrap().contains("class=\"care "), "{}", answer.body);
    }
    // The quickest: what other tests do at the same time is not the preview's.
    let quickest = took.into_iter().min().unwrap();
    assert!(quickest < Duration::from_millis(50), "{quickest:?}");
    println!("a preview of 2,000 words took {quickest:?}");
}

#[tokio::test]
async fn only_a_page_that_knows_of_a_draft_replaces_it_on_either_engine() {
    for engine in engines("drafts_keep").await {
        let (name, app) = (engine.name, engine.into_app().await);
        let ed = staff(&app, "ed", "editor").await;
        let article = Subject(Some(id(&begin(&ed, TEXT).await)));
        let (db, ed) = (&app.state.db, account("ed"));
        let [a, b] = [1, 2].map(Uuid::from_u128);
        let line = |page, number, from| Line { mark: Mark { page, number }, from };
        let none = Mark::default();
        for (text, line, kept, there) in [
            ("first", line(a, 1, none), true, "first"),
            ("later", line(a, 3, none), true, "later"),
            ("late", line(a, 2, none), true, "later"),
            ("other", line(b, 1, none), false, "later"),
            ("made from the first", line(b, 1, Mark { page: a, number: 1 }), false, "later"),
            ("made from it", line(b, 1, Mark { page: a, number: 3 }), true, "made from it"),
            ("gone on", line(a, 4, none), false, "made from it"),
        ] {
            let typed = Typed { markdown: text.to_owned(), ..Typed::default() };
            assert_eq!(drafts::keep(db, article, ed, &typed, 1, line, 5).await.unwrap(), kept, "{name}: {text}");
            let draft = drafts::draft(db, article, ed).await.unwrap().unwrap();
            assert_eq!((draft.typed.markdown.as_str(), draft.base), (there, 1), "{name}: {text}");
        }
        let gone = |page, number| drafts::discard(db, article, ed, Mark { page, number });
        assert!(!gone(b, 2).await.unwrap() && gone(b, 1).await.unwrap(), "{name}");
        assert!(drafts::draft(db, article, ed).await.unwrap().is_none(), "{name}");
    }
}
