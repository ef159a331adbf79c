//! Review by a clinician who has no account: the letter, the page that its link leads to, and who may ask whom.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use app::{
    Error,
    account::{Email, Token},
    audit::{self, Action, Actor, Event},
    desk::{
        Approval, Comment,
        review_link::{ReviewLink, store},
    },
};
use axum::http::StatusCode;
use support::{
    Answer, NOW, TestApp,
    desk::{DAY, TEXT, account, begin, create, is_done, save, staff},
    engines::engines,
    letters::Letter,
    person::Person,
};
use uuid::Uuid;

const DOCTOR: &str = "doctor@hospital.example";
const SIGNED: [(&str, &str); 3] = [("name", "Dr B. Else"), ("registration", "GMC 7654321"), ("read", "yes")];

async fn in_review(editor: &Person<'_>, text: &str) -> String {
    let page = begin(editor, text).await;
    is_done(&editor.post(&format!("{page}/review"), &[("revision", "1")]).await, "sent");
    page
}

async fn ask(who: &Person<'_>, page: &str, email: &str) -> Answer {
    who.post(&format!("{page}/review-links"), &[("revision", "1"), ("link_email", email), ("lasts", "14")]).await
}

/// Where the link of a letter leads, without the site.
fn path(letter: &Letter) -> String {
    let link = letter.link();
    link[link.find("/review/").unwrap()..].to_owned()
}

async fn logged(app: &TestApp, action: Action) -> usize {
    let events = audit::events(&app.state.db, &audit::Filter::default(), 1_000).await.unwrap();
    events.iter().filter(|event| event.action == action.name()).count()
}

#[tokio::test]
async fn somebody_without_an_account_reads_comments_and_approves() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let page = in_review(&ed, TEXT).await;
    assert!(!ed.get(&page).await.body.contains("link_email"), "an editor asks nobody");
    assert_eq!(ask(&ed, &page, DOCTOR).await.status, StatusCode::FORBIDDEN);

    let wrong = rev.post(&format!("{page}/review-links"), &[("revision", "1"), ("link_email", "doctor")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("href=\"#link_email\"") && wrong.body.contains("href=\"#lasts\""), "{}", wrong.body);
    assert!(wrong.body.contains("value=\"doctor\""), "what was typed stays");

    is_done(&ask(&rev, &page, DOCTOR).await, "link-sent");
    let doctor = Person::new(&app);
    let link = path(&app.next_letter_to(DOCTOR, 0).await);
    let listed = rev.get(&page).await;
    assert!(listed.text().contains("doctor@hospital.example: sent on"), "{}", listed.text());
    assert!(!listed.body.contains(link.rsplit('/').next().unwrap()), "the link is for its reader alone");

    let opened = doctor.get(&link).await;
    assert_eq!(opened.status, StatusCode::OK);
    assert!(opened.body.contains("<h2 id=\"sleep\">Sleep</h2>"), "the text as readers would see it");
    assert_eq!(opened.header("referrer-policy"), "no-referrer");
    assert_eq!(opened.header("x-robots-tag"), "noindex, nofollow, noarchive");
    assert!(opened.header("cache-control").contains("no-store"));
    assert!(!opened.body.contains("/sign-out") && !opened.body.contains("@example.org"), "no way in, no addresses");

    let empty = doctor.post(&format!("{link}/comment"), &[("said", "Too <short>.")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.body.contains("href=\"#said_as\"") && empty.body.contains("Too &lt;short&gt;."));
    let said = doctor.post(&format!("{link}/comment"), &[("said_as", "Dr B."), ("said", "Too short.")]).await;
    assert!(said.header("location").ends_with("?done=commented"), "{}", said.text());
    assert!(ed.get(&page).await.text().contains("Dr B. (by a link), on revision 1"));

    let unsigned = doctor.post(&format!("{link}/approve"), &[("name", "Dr B. Else")]).await;
    assert_eq!(unsigned.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unsigned.body.contains("href=\"#registration\"") && unsigned.body.contains("value=\"Dr B. Else\""));
    let approved = doctor.post(&format!("{link}/approve"), &SIGNED).await;
    assert!(approved.text().contains("You approved revision 1"), "{}", approved.text());
    assert_eq!(doctor.get(&link).await.status, StatusCode::NOT_FOUND, "a link approves once");
    assert_eq!(doctor.post(&format!("{link}/approve"), &SIGNED).await.status, StatusCode::NOT_FOUND);

    is_done(&ed.post(&format!("{page}/publish"), &[("revision", "1")]).await, "published");
    let article = app.get("/articles/rest-at-night").await.text();
    assert!(article.contains("It was reviewed by Dr B. Else (GMC 7654321)"), "{article}");
    for (action, times) in [
        (Action::ReviewLinkSent, 1),
        (Action::CommentMade, 1),
        (Action::ArticleApprovedByLink, 1),
        (Action::ArticleApproved, 0),
    ] {
        assert_eq!(logged(&app, action).await, times, "{action:?}");
    }
}

#[tokio::test]
async fn nobody_gets_around_the_second_pair_of_eyes_by_a_link() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let both = staff(&app, "both", "editor admin").await;
    let page = in_review(&both, TEXT).await;
    assert!(!both.get(&page).await.body.contains("link_email"));
    let own = ask(&both, &page, DOCTOR).await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY, "who wrote it asks nobody");
    let to_writer = ask(&rev, &page, "Both@Example.org").await;
    assert_eq!(to_writer.status, StatusCode::UNPROCESSABLE_ENTITY, "nor is who wrote it asked");
    assert!(to_writer.text().contains("can neither approve it nor ask"), "{}", to_writer.text());
    assert_eq!(logged(&app, Action::ReviewLinkSent).await, 0);
    assert!(app.letters().await.iter().all(|letter| !letter.link().contains("/review/")));

    // Of one text, and no other: what is saved afterwards is not approved by it.
    is_done(&ask(&rev, &page, DOCTOR).await, "link-sent");
    let doctor = Person::new(&app);
    let link = path(&app.next_letter_to(DOCTOR, 0).await);
    is_done(&save(&ed, &page, 1, &TEXT.replace("little", "lot")).await, "saved");
    is_done(&ed.post(&format!("{page}/review"), &[("revision", "2")]).await, "sent");
    let late = doctor.get(&link).await;
    assert!(late.text().contains("does not wait for your review any more"), "{}", late.text());
    assert!(!late.body.contains("/approve"));
    let tried = doctor.post(&format!("{link}/approve"), &SIGNED).await;
    assert!(tried.text().contains("does not wait for your review any more"));
    assert_eq!(ed.post(&format!("{page}/publish"), &[("revision", "2")]).await.status, StatusCode::CONFLICT);
    assert_eq!(logged(&app, Action::ArticleApprovedByLink).await, 0);
}

#[tokio::test]
async fn a_link_ends_by_itself_or_when_it_is_taken_back() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let page = in_review(&ed, TEXT).await;
    let doctor = Person::new(&app);
    is_done(&ask(&rev, &page, DOCTOR).await, "link-sent");
    let first = path(&app.next_letter_to(DOCTOR, 0).await);
    is_done(&ask(&rev, &page, DOCTOR).await, "link-sent");
    let second = path(&app.next_letter_to(DOCTOR, 1).await);
    assert_ne!(first, second);

    // The newest stands first.
    let listed = ed.get(&page).await.body;
    let end = listed.split("/review-links/").nth(1).unwrap().split('/').next().unwrap();
    is_done(&ed.post(&format!("{page}/review-links/{end}/end"), &[]).await, "link-ended");
    let works = [doctor.get(&first).await.status, doctor.get(&second).await.status];
    assert!(works.contains(&StatusCode::OK) && works.contains(&StatusCode::NOT_FOUND), "one of them: {works:?}");

    app.pass(15 * DAY);
    for link in [&first, &second] {
        let gone = doctor.get(link).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
        assert!(gone.text().contains("This link does not work"));
    }
    for nonsense in ["/review/x", "/review/0123", &format!("/review/{}", Token::new().unwrap().expose())] {
        assert_eq!(doctor.get(nonsense).await.body, doctor.get(&first).await.body, "it tells nobody which");
    }
    app.pass(91 * DAY);
    store::forget_addresses(&app.state.db, app.state.clock.millis_i64()).await.unwrap();
    assert!(!staff(&app, "ed2", "editor").await.get(&page).await.body.contains(DOCTOR), "no longer than it is needed");
}

#[tokio::test]
async fn what_fails_the_safety_check_is_not_approved_by_a_link() {
    let app = TestApp::with_people().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let page = in_review(&ed, "## Rest\n\nSaddle numbness can wait for a GP appointment.\n").await;
    is_done(&ask(&rev, &page, DOCTOR).await, "link-sent");
    let doctor = Person::new(&app);
    let link = path(&app.next_letter_to(DOCTOR, 0).await);
    let opened = doctor.get(&link).await;
    assert!(opened.text().contains("The safety check") && !opened.body.contains("/approve"), "{}", opened.text());
    let more = [&SIGNED[..], &[("override_check", "yes"), ("reason", "It is fine.")]].concat();
    assert_eq!(doctor.post(&format!("{link}/approve"), &more).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(logged(&app, Action::ArticleApprovedByLink).await, 0);
}

#[tokio::test]
async fn links_are_kept_used_once_and_ended_on_either_engine() {
    for engine in engines("review_links").await {
        let db = &engine.db;
        let article = create(db, "rest", "Rest", 1).await;
        let event = |action| Event::new(&NOW, Actor::Account(account("rev")), action);
        let (to, token) = (Email::read(DOCTOR).unwrap(), Token::new().unwrap());
        let link = ReviewLink {
            id: NOW.new_id(),
            article_id: article,
            revision: 1,
            email: DOCTOR.to_owned(),
            made_by: Some(account("rev")),
            made_at: 1,
            expires_at: 1_000,
            ended_at: None,
        };
        let keep = |link: ReviewLink| store::keep(db, link, &to, token.hash(), event(Action::ReviewLinkSent));
        let early = keep(link.clone()).await;
        assert!(matches!(early, Err(Error::Conflict)), "{}: it is no draft: {early:?}", engine.name);
        app::desk::store::send_to_review(db, article, 1, event(Action::ArticleSentToReview)).await.unwrap();
        let own = keep(ReviewLink { made_by: Some(account("ed")), ..link.clone() }).await;
        assert!(matches!(own, Err(Error::Forbidden)), "{}: {own:?}", engine.name);
        keep(link.clone()).await.unwrap();
        assert_eq!(store::find(db, &token.hash(), 999).await.unwrap(), Some(link.clone()), "{}", engine.name);
        assert_eq!(store::find(db, &token.hash(), 1_000).await.unwrap(), None, "{}: expired", engine.name);
        let comment = Comment {
            id: NOW.new_id(),
            revision: 1,
            said_by: None,
            said_by_email: None,
            said_as: "Dr B.".to_owned(),
            said: "Yes.".to_owned(),
            said_at: 5,
            resolved_at: None,
        };
        store::comment(db, link.id, comment.clone(), event(Action::CommentMade)).await.unwrap();
        let late = Comment { id: NOW.new_id(), said_at: 1_000, ..comment };
        let late = store::comment(db, link.id, late, event(Action::CommentMade)).await;
        assert!(matches!(late, Err(Error::NotFound)), "{}: {late:?}", engine.name);
        let dossier = app::desk::store::dossier(db, article).await.unwrap().unwrap();
        assert_eq!(dossier.comments[0].said_as, "Dr B.", "{}", engine.name);
        assert_eq!(dossier.links, std::slice::from_ref(&link), "{}", engine.name);

        let approval = Approval {
            revision: 1,
            reviewer: None,
            name: "Dr B. Else".to_owned(),
            registration: "GMC 7654321".to_owned(),
            approved_at: 6,
            override_reason: None,
        };
        let approve = || store::approve(db, link.clone(), approval.clone(), event(Action::ArticleApprovedByLink));
        let twice = futures_util::future::join_all([approve(), approve()]).await;
        assert_eq!(twice.iter().filter(|done| done.is_ok()).count(), 1, "{}: {twice:?}", engine.name);
        assert_eq!(store::find(db, &token.hash(), 7).await.unwrap(), None, "{}", engine.name);
        store::end(db, article, link.id, 8, event(Action::ReviewLinkEnded)).await.unwrap();
        let ended = store::links(db, article, 1).await.unwrap()[0].ended_at;
        assert_eq!(ended, Some(6), "{}: when it was used", engine.name);
        let elsewhere = store::end(db, Uuid::nil(), link.id, 8, event(Action::ReviewLinkEnded)).await;
        assert!(matches!(elsewhere, Err(Error::NotFound)), "{}", engine.name);
    }
}
