//! The content desk: what editors and reviewers do in a browser without script, and how either database keeps it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use app::{
    Error,
    article::{self, store::article},
    audit::{self, Action, Actor, Event},
    content::{self, Origin, Saved},
    day::Day,
    db::Db,
    desk::{
        Comment, Status, due,
        list::{self, Filter, Sort},
        publishing::publish_due,
        store, when,
    },
    files::import::{self, Deed},
    on,
};
use axum::http::StatusCode;
use futures_util::future::join_all;
use server::start;
use support::{
    Answer, NOW, TestApp,
    desk::{DAY, TEXT, account, approval, begin, bring_to_readers, create, draft, fields, is_done, save, staff},
    engines::engines,
    person::Person,
};
use uuid::Uuid;

const HOUR: i64 = 60 * 60 * 1000;

const SADDLE: &str = "## Rest\n\nSaddle numbness can wait for a GP appointment.\n";
const CARD: &str = "\n::: emergency {rules=\"E01\"}\n- it is numb between your legs\n:::\n";

/// Presses a button of the article's page, about a revision.
async fn press(person: &Person<'_>, page: &str, act: &str, revision: i64) -> Answer {
    person.post(&format!("{page}/{act}"), &[("revision", &revision.to_string())]).await
}

async fn approve(reviewer: &Person<'_>, page: &str, revision: i64, more: &[(&str, &str)]) -> Answer {
    let revision = revision.to_string();
    let fields =
        [("revision", revision.as_str()), ("name", "Dr A. Body"), ("registration", "GMC 1234567"), ("read", "yes")];
    reviewer.post(&format!("{page}/approve"), &[&fields[..], more].concat()).await
}

/// Begins an article and brings it to readers.
async fn published(editor: &Person<'_>, reviewer: &Person<'_>) -> String {
    let page = begin(editor, TEXT).await;
    is_done(&press(editor, &page, "review", 1).await, "sent");
    is_done(&approve(reviewer, &page, 1, &[]).await, "approved");
    is_done(&press(editor, &page, "publish", 1).await, "published");
    page
}

/// What readers get at an address, a second later: an article just read is kept for that long.
async fn read(app: &TestApp, slug: &str) -> Answer {
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    app.get(&format!("/articles/{slug}")).await
}

/// How often each action is in the log.
async fn logged(app: &TestApp, action: Action) -> usize {
    let events = audit::events(&app.state.db, &audit::Filter::default(), 1_000).await.unwrap();
    events.iter().filter(|event| event.action == action.name()).count()
}

#[tokio::test]
async fn an_article_is_written_reviewed_approved_and_read() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let preview = [&fields("", TEXT)[..10], &[("press", "preview")]].concat();
    let seen = ed.post("/admin/articles/new", &preview).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(seen.body.contains("<h2 id=\"sleep\">Sleep</h2>") && seen.text().contains("nothing is saved yet"));
    let page = begin(&ed, TEXT).await;
    assert_eq!(app.get("/articles/rest-at-night").await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/articles").await.text().matches("Rest at night").count(), 0);
    assert!(ed.get("/admin").await.text().contains("Rest at night"), "among the drafts");

    is_done(&press(&ed, &page, "review", 1).await, "sent");
    assert!(rev.get("/admin").await.text().contains("To review (1)"));
    assert_eq!(approve(&ed, &page, 1, &[]).await.status, StatusCode::FORBIDDEN, "an editor is no reviewer");
    let said = rev.post(&format!("{page}/comments"), &[("revision", "1"), ("said", "Say how <long>.")]).await;
    is_done(&said, "commented");
    let shown = ed.get(&page).await;
    assert!(shown.body.contains("Say how &lt;long&gt;."), "{}", shown.body);
    let comment = shown.body.split("/comments/").nth(1).unwrap().split('/').next().unwrap();
    is_done(&ed.post(&format!("{page}/comments/{comment}/resolve"), &[]).await, "resolved");
    assert!(ed.get(&page).await.text().contains("Resolved (1)"));

    let unread = rev.post(&format!("{page}/approve"), &[("revision", "1"), ("name", "Dr A. Body")]).await;
    assert_eq!(unread.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unread.body.contains("href=\"#registration\"") && unread.body.contains("href=\"#read\""));
    assert!(unread.body.contains("value=\"Dr A. Body\""), "what was typed stays");
    is_done(&approve(&rev, &page, 1, &[]).await, "approved");
    assert_eq!(app.get("/articles/rest-at-night").await.status, StatusCode::NOT_FOUND, "approved is not published");
    is_done(&press(&rev, &page, "publish", 1).await, "published");
    let article = app.get("/articles/rest-at-night").await;
    assert!(article.text().contains("It was reviewed by Dr A. Body (GMC 1234567)"), "{}", article.text());
    assert!(
        article.text().contains("Last reviewed 22 November 2026")
            && article.text().contains("Next review 22 November 2027")
    );
    assert!(app.get("/articles?tag=sleep").await.text().contains("Rest at night"));

    let more = TEXT.replace("then walk", "then walk to the shop");
    is_done(&save(&ed, &page, 1, &more).await, "saved");
    assert!(!read(&app, "rest-at-night").await.text().contains("to the shop"), "any edit needs approval again");
    assert!(press(&ed, &page, "publish", 2).await.status == StatusCode::CONFLICT);
    press(&ed, &page, "review", 2).await;
    assert!(rev.get(&page).await.body.contains("value=\"GMC 1234567\""), "what they gave last is there already");
    for (action, times) in [
        (Action::ArticleBegun, 1),
        (Action::ArticleSaved, 1),
        (Action::ArticleSentToReview, 2),
        (Action::CommentMade, 1),
        (Action::CommentResolved, 1),
        (Action::ArticleApproved, 1),
        (Action::SafetyCheckOverridden, 0),
        (Action::ArticlePublished, 1),
    ] {
        assert_eq!(logged(&app, action).await, times, "{action:?}");
    }
}

#[tokio::test]
async fn what_says_that_saddle_numbness_can_wait_is_not_approved_without_the_card() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let page = begin(&ed, SADDLE).await;
    assert!(
        ed.get(&page).await.text().contains("Saddle numbness can wait for a GP appointment."),
        "the editor is told"
    );
    press(&ed, &page, "review", 1).await;
    let refused = approve(&rev, &page, 1, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text().contains("Line 3: Saddle numbness can wait for a GP appointment. mentions a sign of rule E01"),
        "{}",
        refused.text()
    );
    let no_reason = approve(&rev, &page, 1, &[("override_check", "yes"), ("reason", " ")]).await;
    assert_eq!(no_reason.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(no_reason.body.contains("href=\"#reason\""), "{}", no_reason.body);
    assert_eq!(logged(&app, Action::ArticleApproved).await, 0);

    let weak = format!("{SADDLE}\n::: soon {{rules=\"E01\"}}\n- it is numb\n:::\n");
    is_done(&save(&ed, &page, 1, &weak).await, "saved");
    let weaker = press(&ed, &page, "review", 2).await;
    assert_eq!(weaker.status, StatusCode::UNPROCESSABLE_ENTITY, "a card that is weaker than its rule cannot be shown");
    is_done(&save(&ed, &page, 2, &format!("{SADDLE}{CARD}")).await, "saved");
    is_done(&press(&ed, &page, "review", 3).await, "sent");
    is_done(&approve(&rev, &page, 3, &[]).await, "approved");
}

#[tokio::test]
async fn a_reviewer_overrides_the_check_with_a_reason_that_is_kept() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let page = begin(&ed, SADDLE).await;
    press(&ed, &page, "review", 1).await;
    is_done(&approve(&rev, &page, 1, &[("override_check", "yes"), ("reason", "A quotation.")]).await, "approved");
    assert!(ed.get(&page).await.text().contains("The safety check was overridden: A quotation."));
    assert_eq!(
        (logged(&app, Action::SafetyCheckOverridden).await, logged(&app, Action::ArticleApproved).await),
        (1, 1)
    );
}

#[tokio::test]
async fn nobody_approves_what_they_wrote_a_part_of() {
    let app = TestApp::with_people().await;
    let (ed, both) = (staff(&app, "ed", "editor").await, staff(&app, "both", "editor reviewer").await);
    let page = begin(&both, TEXT).await;
    is_done(&save(&ed, &page, 1, &format!("{TEXT}\nMore.\n")).await, "saved");
    press(&ed, &page, "review", 2).await;
    let refused = approve(&both, &page, 2, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("You wrote a part of this"), "{}", refused.text());
    let rev = staff(&app, "rev", "reviewer").await;
    is_done(&approve(&rev, &page, 2, &[]).await, "approved");
    press(&ed, &page, "publish", 2).await;
    // What they wrote is published now, and the change is another's.
    is_done(&save(&ed, &page, 2, &format!("{TEXT}\nMore and more.\n")).await, "saved");
    press(&ed, &page, "review", 3).await;
    is_done(&approve(&both, &page, 3, &[]).await, "approved");
}

#[tokio::test]
async fn two_editors_of_one_article_lose_nothing() {
    let app = TestApp::with_people().await;
    let (ed, flo) = (staff(&app, "ed", "editor").await, staff(&app, "flo", "editor").await);
    let page = begin(&ed, TEXT).await;
    is_done(&save(&ed, &page, 1, &TEXT.replace("then walk", "then swim")).await, "saved");
    is_done(&save(&flo, &page, 1, &TEXT.replace("as you like", "on your side")).await, "merged");
    let third = ed.get(&format!("{page}/revisions/3")).await;
    assert!(third.text().contains("then swim") && third.text().contains("on your side"), "{}", third.text());
    let clash = save(&flo, &page, 1, &TEXT.replace("then walk", "then dance")).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    let text = clash.text();
    assert!(text.contains("then dance") && text.contains("then swim") && text.contains("on your side"), "{text}");
    assert!(
        clash.body.contains("name=\"base\" value=\"3\"")
            && text.contains("Revision 3 was saved while you were writing")
    );
    let marks = clash.body.split("<textarea id=\"the_text\"").nth(1).unwrap().split("</textarea>").next().unwrap();
    assert!(marks.contains("&lt;&lt;&lt;&lt;&lt;&lt;&lt; yours"), "{marks}");
    let unchosen = save(&flo, &page, 3, "<<<<<<< yours\na\n=======\nb\n>>>>>>> saved meanwhile\n").await;
    assert_eq!(unchosen.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn of_fifty_interleaved_saves_every_line_that_was_acknowledged_is_in_a_revision() {
    let app = TestApp::with_people().await;
    let (ed, flo) = (staff(&app, "ed", "editor").await, staff(&app, "flo", "editor").await);
    let begun: String = (0..50).map(|n| format!("Line {n}.\n\n")).collect();
    let page = begin(&ed, &begun).await;
    let (mut bases, mut texts) = ([1_i64, 1], [begun.clone(), begun]);
    let mut acknowledged = Vec::new();
    for n in 0..50_usize {
        let who = n % 2;
        let word = format!("written-{n}");
        texts[who] = texts[who].replace(&format!("Line {n}."), &format!("Line {n} {word}."));
        let answer = save([&ed, &flo][who], &page, bases[who], &texts[who]).await;
        if answer.status == StatusCode::SEE_OTHER {
            acknowledged.push(word);
        }
        // Every few saves each looks at what there is.
        if n % 5 == 4 {
            let id = Uuid::parse_str(page.rsplit('/').next().unwrap()).unwrap();
            bases[who] = store::dossier(&app.state.db, id).await.unwrap().unwrap().newest;
            texts[who] = store::revision(&app.state.db, id, bases[who]).await.unwrap().unwrap().manuscript.markdown;
        }
    }
    assert_eq!(acknowledged.len(), 50, "different lines come together");
    let all: Vec<String> =
        on!(db &app.state.db, pool => sqlx::query_scalar("select markdown from article_revision").fetch_all(pool).await).unwrap();
    for word in &acknowledged {
        assert!(all.iter().any(|text| text.contains(&format!("{word}."))), "{word} is in no revision");
    }
    let newest = all.iter().filter(|text| acknowledged.iter().all(|word| text.contains(&format!("{word}.")))).count();
    assert_eq!(newest, 1, "and the newest has them all");
}

#[tokio::test]
async fn revisions_are_compared_and_restored() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let page = begin(&ed, TEXT).await;
    save(&ed, &page, 1, &TEXT.replace("a little", "a lot")).await;
    let compared = ed.get(&format!("{page}/compare?from=1&to=2")).await;
    assert!(
        compared.body.contains("little,") && compared.body.contains("<del>") && compared.body.contains("<ins>"),
        "{}",
        compared.body
    );
    assert!(ed.get(&format!("{page}/compare?from=2&to=2")).await.text().contains("They are the same."));
    assert_eq!(ed.get(&format!("{page}/compare?from=1&to=9")).await.status, StatusCode::NOT_FOUND);
    is_done(&ed.post(&format!("{page}/revisions/1/restore"), &[]).await, "restored");
    assert!(ed.get(&format!("{page}/revisions/3")).await.text().contains("Rest a little"));
    assert!(ed.get(&page).await.text().contains("Revision 1, restored"));
    is_done(&ed.post(&format!("{page}/revisions/1/restore"), &[]).await, "unchanged");
    assert_eq!(logged(&app, Action::ArticleRestored).await, 1);
}

#[tokio::test]
async fn another_address_leads_on_and_an_archived_article_comes_back() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let page = published(&ed, &rev).await;
    let address = |slug| [("address", slug)];
    is_done(&ed.post(&format!("{page}/address"), &address("resting")).await, "renamed");
    let old = read(&app, "rest-at-night").await;
    assert_eq!((old.status, old.header("location")), (StatusCode::PERMANENT_REDIRECT, "/articles/resting"));
    assert_eq!(app.get("/articles/resting").await.status, StatusCode::OK);
    let taken =
        ed.post("/admin/articles/new", &[&fields("", TEXT)[..], &[("the_slug", "rest-at-night")]].concat()).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "the old address is not given away");
    assert!(taken.body.contains("href=\"#the_slug\"") && taken.text().contains("Rest a little, then walk."));
    assert_eq!(ed.post(&format!("{page}/address"), &address("Not so")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    is_done(&ed.post(&format!("{page}/address"), &address("rest-at-night")).await, "renamed");
    assert_eq!(read(&app, "rest-at-night").await.status, StatusCode::OK);
    assert_eq!(app.get("/articles/resting").await.header("location"), "/articles/rest-at-night");

    is_done(&press(&ed, &page, "archive", 1).await, "archived");
    assert_eq!(read(&app, "rest-at-night").await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/articles/resting").await.status, StatusCode::NOT_FOUND, "and leads nowhere");
    assert!(!app.get("/articles").await.text().contains("Rest at night"));
    assert!(!ed.get("/admin/articles").await.text().contains("Rest at night"));
    assert!(ed.get("/admin/articles?status=archived").await.text().contains("Rest at night"));
    assert_eq!(save(&ed, &page, 1, "New.").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    is_done(&press(&ed, &page, "unarchive", 1).await, "unarchived");
    is_done(&press(&ed, &page, "publish", 1).await, "published");
    assert_eq!(read(&app, "rest-at-night").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_planned_is_published_at_its_time_and_once() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let page = begin(&ed, TEXT).await;
    press(&ed, &page, "review", 1).await;
    approve(&rev, &page, 1, &[]).await;
    let plan = async |at: &str| ed.post(&format!("{page}/schedule"), &[("revision", "1"), ("publish_at", at)]).await;
    for wrong in ["", "soon", "2026-11-22T11:59"] {
        let refused = plan(wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(refused.body.contains("href=\"#publish_at\""));
    }
    is_done(&plan("2026-11-22T13:00").await, "scheduled");
    assert!(ed.get("/admin").await.text().contains("Planned (1)"));
    assert_eq!(publish_due(&app.state).await.unwrap(), 0);
    app.pass(HOUR);
    let admin = staff(&app, "ann", "admin").await;
    assert!(admin.get("/admin/system").await.text().contains("none is late"));
    app.pass(HOUR / 10);
    assert!(admin.get("/admin").await.text().contains("What was to be published more than five minutes ago"));
    let published = join_all((0..4).map(|_| publish_due(&app.state))).await;
    assert_eq!(published.into_iter().map(Result::unwrap).sum::<usize>(), 1);
    assert_eq!(logged(&app, Action::ArticlePublished).await, 1);
    assert_eq!(app.get("/articles/rest-at-night").await.status, StatusCode::OK);

    // Called off by an edit.
    save(&ed, &page, 1, &format!("{TEXT}\nMore.\n")).await;
    press(&ed, &page, "review", 2).await;
    approve(&rev, &page, 2, &[]).await;
    let at = when::in_words(app.state.clock.millis_i64() + HOUR, &app.state.site.settings.zone);
    assert_eq!(at, "22 November 2026, 14:06");
    ed.post(&format!("{page}/schedule"), &[("revision", "2"), ("publish_at", "2026-11-22 14:06")]).await;
    save(&ed, &page, 2, &format!("{TEXT}\nMore and more.\n")).await;
    app.pass(2 * HOUR);
    assert_eq!(publish_due(&app.state).await.unwrap(), 0);
}

#[tokio::test]
async fn a_form_that_comes_too_late_does_nothing_and_says_so() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let page = begin(&ed, TEXT).await;
    press(&ed, &page, "review", 1).await;
    is_done(&save(&ed, &page, 1, &format!("{TEXT}\nMore.\n")).await, "saved");
    for answer in [
        approve(&rev, &page, 1, &[]).await,
        press(&ed, &page, "publish", 1).await,
        press(&ed, &page, "withdraw", 2).await,
        press(&ed, &page, "unarchive", 2).await,
    ] {
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.text().contains("The article went on meanwhile"), "{}", answer.text());
    }
    press(&ed, &page, "review", 2).await;
    is_done(&approve(&rev, &page, 2, &[]).await, "approved");
    is_done(&press(&rev, &page, "withdraw", 2).await, "withdrawn");
    assert_eq!(press(&ed, &page, "publish", 2).await.status, StatusCode::CONFLICT, "the approval is gone");
    assert_eq!(logged(&app, Action::ArticleWithdrawn).await, 1);
}

#[tokio::test]
async fn files_do_not_replace_what_the_desk_has() {
    let app = TestApp::with_people().await;
    start::load_starting_content(&app.state).await.unwrap();
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let list = ed.get("/admin/articles?q=cauda&sort=title").await;
    let page = format!(
        "/admin/articles/{}",
        list.body
            .split("href=\"/admin/articles/")
            .find(|part| part.starts_with("0"))
            .unwrap()
            .split('"')
            .next()
            .unwrap()
    );
    let form = ed.get(&format!("{page}/edit")).await;
    assert!(form.body.contains("Cauda equina: the warning signs"), "a file's article is edited like any other");
    let id = Uuid::parse_str(page.rsplit('/').next().unwrap()).unwrap();
    let before = store::revision(&app.state.db, id, 1).await.unwrap().unwrap().manuscript;
    let after = before.markdown.replace("Rare", "Very rare").replace("is rare", "is very rare");
    is_done(&save(&ed, &page, 1, &after).await, "saved");
    let load = async || {
        let package = import::read(&app.state, &import::shipped(), &Default::default());
        import::save(&app.state, package, Origin::Shipped, Deed::Save(None)).await.unwrap().report
    };
    let loaded = load().await;
    let all = content::folder("articles").len();
    assert_eq!((loaded.changes(), loaded.count("articles", Saved::Same)), (false, all));
    press(&ed, &page, "review", 2).await;
    let reviewed =
        approve(&rev, &page, 2, &[("override_check", "yes"), ("reason", "The card says when to call.")]).await;
    is_done(&reviewed, "approved");
    press(&ed, &page, "publish", 2).await;
    is_done(&ed.post(&format!("{page}/address"), &[("address", "cauda-equina")]).await, "renamed");
    load().await;
    let shown = read(&app, "cauda-equina").await;
    assert!(shown.text().contains("is very rare"), "{}", shown.text());
    assert_eq!(app.get("/articles/cauda-equina-warning-signs").await.status, StatusCode::PERMANENT_REDIRECT);
}

/// How long the desk may take over any text, in a build that is not optimised.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

#[tokio::test]
async fn a_text_of_twenty_thousand_lines_is_looked_at_and_saved_in_time() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let lines = 20_000;
    for (name, text) in [
        ("points", "- a\n".repeat(lines)),
        ("quotations", "> a\n".repeat(lines)),
        ("paragraphs", "a\n\n".repeat(lines)),
        ("headings", "## a\n".repeat(lines)),
        ("stars", "*a **b\n".repeat(lines)),
        ("brackets", "[a](b[\n".repeat(lines)),
        ("ticks", "`a``b\n".repeat(lines)),
        ("tables", format!("|a|b|\n|-|-|\n{}", "|c|d|\n".repeat(lines))),
        ("script", "<script>\n".repeat(lines)),
        ("pictures", (0..lines / 5).map(|n| format!("![](/media/{})\n", Uuid::from_u128(n as u128))).collect()),
        ("too long", "a longer line\n".repeat(lines)),
    ] {
        let began = std::time::Instant::now();
        let preview = [&fields("", &text)[..10], &[("press", "preview")]].concat();
        let seen = ed.post("/admin/articles/new", &preview).await;
        let is_long = text.chars().count() > 200_000;
        assert_eq!(seen.status, StatusCode::OK, "{name}");
        assert!(began.elapsed() < PATIENCE, "{name}: looked at in {:?}", began.elapsed());
        assert!(!seen.body.contains("<script>\n"), "{name}");
        let began = std::time::Instant::now();
        let slug = format!("long-{}", name.replace(' ', "-"));
        let saved = ed.post("/admin/articles/new", &[&fields("", &text)[..], &[("the_slug", &slug)]].concat()).await;
        let expected = if is_long { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::SEE_OTHER };
        assert_eq!(saved.status, expected, "{name}");
        assert!(began.elapsed() < PATIENCE, "{name}: saved in {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn hostile_text_is_harmless_and_what_cannot_be_shown_is_kept() {
    let app = TestApp::with_people().await;
    let ed = staff(&app, "ed", "editor").await;
    let hostile = "## <script>alert(1)</script>\n\n<img src=x onerror=alert(1)> [x](javascript:alert(1)) </textarea><script>alert(2)</script>\n";
    let page = begin(&ed, hostile).await;
    for path in
        [page.clone(), format!("{page}/edit"), format!("{page}/revisions/1"), format!("{page}/compare?from=1&to=1")]
    {
        let shown = ed.get(&path).await;
        assert_eq!(shown.status, StatusCode::OK, "{path}");
        // The editor has a script of its own.
        let body = shown.body.replace("<script type=\"module\" src=\"/editor.js\">", "");
        for bad in ["<script", "<img", "href=\"javascript:"] {
            assert!(!body.contains(bad), "{path}: {bad}");
        }
    }
    // Ten thousand blocks that are not closed.
    let long = "::: emergency\n- a\n".repeat(10_000);
    is_done(&save(&ed, &page, 1, &long).await, "saved");
    let refused = press(&ed, &page, "review", 2).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("too many blocks are begun here"), "{}", &refused.text()[..2_000]);
    assert!(ed.get(&format!("{page}/revisions/2")).await.text().contains("cannot be shown to readers"));
    let too_long = save(&ed, &page, 2, &"a ".repeat(150_000)).await;
    assert_eq!(too_long.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(too_long.body.contains("a a a a"), "what was typed stays");
}

#[tokio::test]
async fn what_is_due_says_so_to_readers_and_on_the_desk() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let page = published(&ed, &rev).await;
    assert!(!app.get("/articles/rest-at-night").await.text().contains("should have been reviewed"));
    app.pass(366 * DAY);
    let ed = staff(&app, "later", "editor").await;
    assert!(app.get("/articles/rest-at-night").await.text().contains("should have been reviewed by 22 November 2027"));
    assert!(ed.get("/admin").await.text().contains("Review due (1)"));
    assert!(ed.get("/admin/articles?status=due").await.text().contains("Rest at night"));
    assert!(ed.get("/admin/articles?due=0").await.text().contains("1 article"));
    // Looked at again and found right, it needs no change of its text.
    is_done(&press(&ed, &page, "review", 1).await, "sent");
    assert!(read(&app, "rest-at-night").await.text().contains("should have been reviewed"), "not yet");
    let rev = staff(&app, "rev2", "reviewer").await;
    is_done(&approve(&rev, &page, 2, &[]).await, "approved");
    is_done(&press(&rev, &page, "publish", 2).await, "published");
    let renewed = read(&app, "rest-at-night").await.text();
    assert!(
        renewed.contains("Published 22 November 2026") && renewed.contains("Last reviewed 23 November 2027"),
        "{renewed}"
    );
    assert!(!renewed.contains("should have been reviewed"));
}

#[tokio::test]
async fn what_somebody_did_at_the_desk_is_theirs_to_ask_for_and_stays_when_they_go() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let page = published(&ed, &rev).await;
    rev.post(&format!("{page}/comments"), &[("revision", "1"), ("said", "Good.")]).await;
    let wrote = store::deeds_of(&app.state.db, account("ed")).await.unwrap();
    assert_eq!((wrote.saved.len(), wrote.approved.len(), wrote.said.len()), (1, 0, 0));
    let reviewed = store::deeds_of(&app.state.db, account("rev")).await.unwrap();
    assert_eq!((reviewed.approved[0].1.registration.as_str(), reviewed.said[0].2.as_str()), ("GMC 1234567", "Good."));
    let deleted = rev.post("/account/delete", &[("everything", "yes")]).await;
    assert_eq!(deleted.header("location"), "/account/deleted", "{}", deleted.text());
    let shown = ed.get(&page).await.text();
    assert!(shown.contains("was approved by Dr A. Body (GMC 1234567)"), "readers were told so: {shown}");
    assert!(shown.contains("an account that is gone, on revision 1") && !shown.contains("rev@example.org"), "{shown}");
}

/// Presses the button of the page about several articles, or of the list that leads to it.
async fn several(editor: &Person<'_>, pages: &[&str], more: &[(&str, &str)]) -> Answer {
    let articles: Vec<(&str, &str)> = pages.iter().map(|page| ("article", page.rsplit('/').next().unwrap())).collect();
    editor.post("/admin/articles/several", &[&articles[..], more].concat()).await
}

#[tokio::test]
async fn several_articles_are_tagged_and_archived_at_once() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let one = published(&ed, &rev).await;
    let other = id_page(create(&app.state.db, "walk", "Walk", 1).await);
    let both = [one.as_str(), other.as_str()];
    assert!(ed.get("/admin/articles").await.body.contains("name=\"article\""));
    assert!(!rev.get("/admin/articles").await.body.contains("name=\"article\""), "a reviewer does not change them");

    let none = several(&ed, &[], &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text().contains("Tick the articles in the list first"));
    let asked = several(&ed, &both, &[("back", "/admin/articles?tag=walk"), ("act", "archive")]).await;
    assert_eq!(asked.status, StatusCode::OK, "from the list it is asked first");
    assert!(asked.body.contains("href=\"/admin/articles?tag=walk\"") && asked.text().contains("Rest at night"));
    assert_eq!(logged(&app, Action::ArticleArchived).await, 0);
    let untagged = several(&ed, &both, &[("sure", "yes"), ("act", "add-tag"), ("tag", "Bad backs")]).await;
    assert_eq!(untagged.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        untagged.body.contains("href=\"#tag\"") && untagged.body.contains("value=\"bad backs\""),
        "{}",
        untagged.body
    );
    assert_eq!(untagged.body.matches("name=\"article\"").count(), 2, "what was chosen stays");

    let tagged = several(&ed, &both, &[("sure", "yes"), ("act", "add-tag"), ("tag", "sleep")]).await.text();
    assert!(tagged.contains("It was done with one article.") && tagged.contains("it has the tag already"), "{tagged}");
    let walk = ed.get(&other).await.text();
    assert!(walk.contains("Revision 2") && walk.contains("Tag added: sleep"), "{walk}");
    let away = several(&ed, &both, &[("sure", "yes"), ("act", "remove-tag"), ("tag", "sleep")]).await.text();
    assert!(away.contains("It was done with 2 articles."), "{away}");
    assert!(
        app.get("/articles?tag=sleep").await.text().contains("Rest at night"),
        "readers see it once it is approved"
    );

    let gone = several(&ed, &both, &[("sure", "yes"), ("act", "archive")]).await.text();
    assert!(gone.contains("It was done with 2 articles."), "{gone}");
    assert_eq!(logged(&app, Action::ArticleArchived).await, 2);
    assert_eq!(read(&app, "rest-at-night").await.status, StatusCode::NOT_FOUND);
    let again = several(&ed, &both, &[("sure", "yes"), ("act", "archive")]).await.text();
    assert!(again.contains("Nothing was done.") && again.contains("it is archived"), "{again}");
}

fn id_page(id: Uuid) -> String {
    format!("/admin/articles/{id}")
}

#[tokio::test]
async fn whoever_wrote_an_article_is_told_once_that_its_review_is_due() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    staff(&app, "other", "editor").await;
    published(&ed, &rev).await;
    let write = async || due::write_to_owners(&app.state).await.unwrap();
    assert_eq!(write().await, 0, "it is not due");
    app.pass(366 * DAY);
    assert_eq!(write().await, 1);
    let letter = app.next_letter_to("ed@example.org", 0).await;
    let text = &letter.plain;
    assert!(text.contains("\u{201c}Rest at night\u{201d}: due on 22 November 2027"), "{text}");
    assert!(letter.link().ends_with("/admin"));
    assert_eq!(write().await, 0, "once");
    app.pass(91 * DAY);
    assert_eq!(write().await, 1, "and once more when it is overdue");
    app.next_letter_to("ed@example.org", 1).await;

    // A new review, and then nobody who wrote it is there.
    let page = id_page(
        list::find(&app.state.db, &Filter { page: 1, ..Filter::default() }, Day::default()).await.unwrap()[0].id,
    );
    let (ed, rev) = (staff(&app, "new", "editor").await, staff(&app, "rev2", "reviewer").await);
    is_done(&press(&ed, &page, "review", 1).await, "sent");
    is_done(&approve(&rev, &page, 2, &[]).await, "approved");
    is_done(&press(&ed, &page, "publish", 2).await, "published");
    assert_eq!(write().await, 0);
    let left = app.state.db.write(|mut tx| {
        Box::pin(async move {
            Ok(on!(tx &mut tx, connection => sqlx::query("update article set newest_saved_by = null")
                .execute(connection)
                .await
                .map(drop))?)
        })
    });
    left.await.unwrap();
    app.pass(366 * DAY);
    assert_eq!(write().await, 3, "every editor");
}

// The store, on both engines.

fn event(action: Action) -> Event {
    Event::new(&NOW, Actor::CommandLine, action)
}

async fn found_due(db: &Db, id: Uuid) -> String {
    store::dossier(db, id).await.unwrap().unwrap().review_due.unwrap().to_string()
}

#[tokio::test]
async fn saves_after_the_same_revision_take_turns() {
    for engine in engines("desk_saves").await {
        let id = create(&engine.db, "rest", "Rest", 1).await;
        let saves = (0..10).map(|n| {
            let draft = draft("Rest", &format!("text {n}\n"), account("ed"), n);
            store::save(&engine.db, id, 1, draft, event(Action::ArticleSaved))
        });
        let answers = join_all(saves).await;
        assert_eq!(answers.iter().filter(|answer| matches!(answer, Ok(2))).count(), 1, "{}: {answers:?}", engine.name);
        assert!(answers.iter().all(|answer| matches!(answer, Ok(2) | Err(Error::Conflict))), "{}", engine.name);
        let dossier = store::dossier(&engine.db, id).await.unwrap().unwrap();
        assert_eq!((dossier.newest, dossier.revisions.len()), (2, 2), "{}", engine.name);
        assert!(matches!(audit::verify(&engine.db).await.unwrap(), audit::Verdict::Whole { .. }), "{}", engine.name);
    }
}

#[tokio::test]
async fn only_another_approves_and_only_what_is_in_review() {
    for engine in engines("desk_approval").await {
        let db = &engine.db;
        let id = create(db, "rest", "Rest", 1).await;
        let by = |reviewer| store::approve(db, id, approval(1, reviewer, 2), event(Action::ArticleApproved));
        assert!(matches!(by("rev").await, Err(Error::Conflict)), "{}: it is a draft", engine.name);
        store::send_to_review(db, id, 1, event(Action::ArticleSentToReview)).await.unwrap();
        assert!(matches!(by("ed").await, Err(Error::Forbidden)), "{}: it is theirs", engine.name);
        let dossier = store::dossier(db, id).await.unwrap().unwrap();
        assert_eq!(dossier.status(Day::default()), Status::InReview, "{}: nothing was done", engine.name);
        by("rev").await.unwrap();
        assert!(article(db, "rest").await.unwrap().is_none(), "{}", engine.name);
        store::publish(db, id, 1, "2026-11-22".parse().unwrap(), event(Action::ArticlePublished)).await.unwrap();
        let read = article(db, "rest").await.unwrap().unwrap();
        assert_eq!(read.approved_by.unwrap().registration, "GMC 1", "{}", engine.name);
        assert_eq!(
            (read.published.to_string(), read.reviewed.to_string()),
            ("2026-11-22".to_owned(), "1970-01-01".to_owned())
        );
        assert_eq!(article::store::tags(db).await.unwrap(), ["rest"], "{}", engine.name);
    }
}

#[tokio::test]
async fn what_is_planned_is_taken_by_one_of_several_servers() {
    for engine in engines("desk_planned").await {
        let db = &engine.db;
        let id = create(db, "rest", "Rest", 1).await;
        store::send_to_review(db, id, 1, event(Action::ArticleSentToReview)).await.unwrap();
        store::approve(db, id, approval(1, "rev", 2), event(Action::ArticleApproved)).await.unwrap();
        store::schedule(db, id, 1, 100, event(Action::ArticleScheduled)).await.unwrap();
        assert!(store::due_to_publish(db, 99).await.unwrap().is_empty(), "{}", engine.name);
        let due = store::due_to_publish(db, 100).await.unwrap();
        assert_eq!(due.len(), 1, "{}", engine.name);
        let today = "2026-11-22".parse().unwrap();
        let taken =
            join_all((0..5).map(|_| store::publish_scheduled(db, due[0], today, event(Action::ArticlePublished))))
                .await;
        assert_eq!(taken.into_iter().map(Result::unwrap).filter(|taken| *taken).count(), 1, "{}", engine.name);
        assert!(article(db, "rest").await.unwrap().is_some(), "{}", engine.name);
    }
}

#[tokio::test]
async fn articles_are_found_by_what_one_knows_of_them() {
    for engine in engines("desk_list").await {
        let db = &engine.db;
        let today: Day = "2026-11-22".parse().unwrap();
        let now = today.epoch_days() * DAY;
        let old = create(db, "sleep", "Sleep by Flo", 3).await;
        let new = create(db, "rest_100".replace('_', "-").as_str(), "Rest 100%", 2).await;
        create(db, "walk", "Walk", 1).await;
        bring_to_readers(db, old, now - 400 * DAY).await;
        bring_to_readers(db, new, now).await;
        let found = async |filter: Filter| {
            let filter = Filter { page: 1, ..filter };
            let found: Vec<String> =
                list::find(db, &filter, today).await.unwrap().into_iter().map(|found| found.slug).collect();
            assert_eq!(list::count(db, &filter, today).await.unwrap(), found.len() as u64, "{}", engine.name);
            found.join(" ")
        };
        for (filter, expected) in [
            (Filter::default(), "sleep rest-100 walk"),
            (Filter { sort: Sort::Title, ..Filter::default() }, "rest-100 sleep walk"),
            (Filter { sort: Sort::Author, ..Filter::default() }, "rest-100 walk sleep"),
            (Filter { sort: Sort::Due, ..Filter::default() }, "sleep rest-100 walk"),
            (Filter { status: Some(Status::Draft), ..Filter::default() }, "walk"),
            (Filter { status: Some(Status::Published), ..Filter::default() }, "rest-100"),
            (Filter { status: Some(Status::Due), ..Filter::default() }, "sleep"),
            (Filter { status: Some(Status::Expired), ..Filter::default() }, ""),
            (Filter { tag: "walk".to_owned(), ..Filter::default() }, "walk"),
            (Filter { tag: "wal".to_owned(), ..Filter::default() }, ""),
            (Filter { author: "Flo".to_owned(), ..Filter::default() }, "sleep"),
            (Filter { search: " WALK ".to_owned(), ..Filter::default() }, "walk"),
            (Filter { search: "%".to_owned(), ..Filter::default() }, "sleep rest-100 walk"),
            (Filter { search: "nothing".to_owned(), ..Filter::default() }, ""),
            (Filter { due_before: Some(today), ..Filter::default() }, "sleep"),
            (Filter { saved_by: Some(account("ed")), ..Filter::default() }, "sleep rest-100 walk"),
            (Filter { saved_by: Some(account("rev")), ..Filter::default() }, ""),
        ] {
            assert_eq!(found(filter.clone()).await, expected, "{}: {filter:?}", engine.name);
        }
        let mut standings = list::standings(db, account("ed"), today).await.unwrap();
        standings.sort_by_key(|standing| standing.status.name());
        let standing = |status| list::Standing { status, all: 1, own: 1 };
        assert_eq!(
            standings,
            [Status::Draft, Status::Due, Status::Published].map(standing),
            "{}: how many of each",
            engine.name
        );
        let told = join_all((0..3).map(|_| due::take(db, today))).await.into_iter().flat_map(Result::unwrap);
        let told: Vec<_> = told.map(|due| (due.title, due.due_on, due.owner)).collect();
        let due_on = found_due(db, old).await;
        assert_eq!(told, [("Sleep by Flo".to_owned(), due_on, Some(account("ed")))], "{}: by one of them", engine.name);
        let second = Filter { page: 2, ..Filter::default() };
        assert!(list::find(db, &second, today).await.unwrap().is_empty(), "{}", engine.name);
        assert_eq!(list::authors(db).await.unwrap(), ["Ed", "Flo"], "{}", engine.name);
        let addresses: BTreeSet<String> = store::addresses(db).await.unwrap().into_iter().collect();
        assert_eq!(
            addresses,
            ["sleep", "rest-100"].map(str::to_owned).into(),
            "{}: what readers can follow",
            engine.name
        );
    }
}

#[tokio::test]
async fn what_is_overdue_is_taken_off_the_site_by_one_of_several_servers() {
    for engine in engines("desk_overdue").await {
        let db = &engine.db;
        let (old, new) = (create(db, "rest", "Rest", 1).await, create(db, "walk", "Walk", 1).await);
        bring_to_readers(db, old, DAY).await;
        bring_to_readers(db, new, 900 * DAY).await;
        let before: Day = "1972-01-01".parse().unwrap();
        let take = || store::take_down(db, before, event(Action::ArticleTakenDown));
        let taken = join_all([take(), take(), take()]).await;
        assert_eq!(taken.into_iter().map(Result::unwrap).sum::<usize>(), 1, "{}", engine.name);
        assert!(article(db, "rest").await.unwrap().is_none(), "{}", engine.name);
        assert!(article(db, "walk").await.unwrap().is_some(), "{}", engine.name);
        assert_eq!(article::store::newest(db, Some("rest"), 1).await.unwrap(), [], "{}", engine.name);
        let dossier = store::dossier(db, old).await.unwrap().unwrap();
        assert_eq!(
            (dossier.status("1973-01-01".parse().unwrap()), dossier.current),
            (Status::Expired, 0),
            "{}",
            engine.name
        );
        assert!(matches!(audit::verify(db).await.unwrap(), audit::Verdict::Whole { .. }), "{}", engine.name);
    }
}

#[tokio::test]
async fn comments_addresses_and_archive_are_kept_on_either_engine() {
    for engine in engines("desk_rest").await {
        let db = &engine.db;
        let id = create(db, "rest", "Rest", 1).await;
        bring_to_readers(db, id, DAY).await;
        let comment = Comment {
            id: NOW.new_id(),
            revision: 1,
            said_by: Some(account("rev")),
            said_by_email: None,
            said_as: String::new(),
            said: "Say more.".to_owned(),
            said_at: 5,
            resolved_at: None,
        };
        store::comment(db, id, comment.clone(), event(Action::CommentMade)).await.unwrap();
        let elsewhere = Comment { id: NOW.new_id(), revision: 9, ..comment.clone() };
        assert!(matches!(store::comment(db, id, elsewhere, event(Action::CommentMade)).await, Err(Error::NotFound)));
        assert_eq!(
            store::dossier(db, id)
                .await
                .unwrap()
                .unwrap()
                .comments
                .iter()
                .filter(|comment| comment.resolved_at.is_none())
                .count(),
            1,
            "{}",
            engine.name
        );
        store::resolve(db, id, comment.id, account("ed"), 6, event(Action::CommentResolved)).await.unwrap();
        assert_eq!(
            store::dossier(db, id)
                .await
                .unwrap()
                .unwrap()
                .comments
                .iter()
                .filter(|comment| comment.resolved_at.is_none())
                .count(),
            0,
            "{}",
            engine.name
        );
        let other =
            store::resolve(db, NOW.new_id(), comment.id, account("ed"), 6, event(Action::CommentResolved)).await;
        assert!(matches!(other, Err(Error::NotFound)), "{}: another article's", engine.name);

        let rename = |id: Uuid, slug: &str| store::rename(db, id, slug.to_owned(), 7, event(Action::ArticleRenamed));
        rename(id, "resting").await.unwrap();
        assert_eq!(article::store::redirect(db, "rest").await.unwrap().as_deref(), Some("resting"), "{}", engine.name);
        let other = create(db, "other", "Other", 1).await;
        for taken in ["rest", "resting"] {
            assert!(matches!(rename(other, taken).await, Err(Error::Conflict)), "{}: {taken}", engine.name);
        }
        store::archive(db, id, 8, event(Action::ArticleArchived)).await.unwrap();
        assert!(matches!(store::archive(db, id, 8, event(Action::ArticleArchived)).await, Err(Error::Conflict)));
        assert_eq!(article::store::count(db, None).await.unwrap(), 0, "{}", engine.name);
        assert_eq!(article::store::redirect(db, "rest").await.unwrap(), None, "{}", engine.name);
        store::unarchive(db, id, event(Action::ArticleUnarchived)).await.unwrap();
        assert_eq!(
            store::dossier(db, id).await.unwrap().unwrap().status(Day::default()),
            Status::Approved,
            "{}",
            engine.name
        );
    }
}
