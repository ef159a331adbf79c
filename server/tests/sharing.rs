//! The clinician's summary and the links that show it: as a browser without script has them, and as either database keeps them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use app::{
    account::{Token, consent::Kind, deletion},
    audit::{Action, Actor, Event, Network},
    day::Day,
    on,
    tracker::{
        share::{self, Link, MOST_OPEN, State},
        summary::Period,
    },
};
use axum::http::StatusCode;
use support::{
    Answer, TestApp,
    engines::engines,
    log,
    person::{PASSWORD, Person},
};
use uuid::Uuid;

const ANN: &str = "ann@example.org";
const BOB: &str = "bob@example.org";
const TODAY: &str = "2026-11-22";
const DAY: i64 = 24 * 60 * 60 * 1000;
const PERIOD: [(&str, &str); 2] = [("from", "2026-11-01"), ("to", TODAY)];

async fn agree(person: &Person<'_>, kind: Kind) {
    let version = kind.text().version.to_string();
    let fields = [("kind", kind.name()), ("version", &version), ("agree", "yes")];
    assert_eq!(person.post("/account/consents", &fields).await.status, StatusCode::SEE_OTHER);
}

/// Somebody with both consents and a few days in the diary.
async fn patient<'a>(app: &'a TestApp, email: &str) -> Person<'a> {
    let person = Person::with_account(app, email).await;
    agree(&person, Kind::Entries).await;
    agree(&person, Kind::Sharing).await;
    for (day, more) in [
        ("2026-10-20", ("note", "long before the period")),
        ("2026-11-20", ("note", "walked to the shop")),
        (TODAY, ("sign", "fever")),
    ] {
        app.pass(1);
        let saved = person.post("/account/diary", &[("day", day), ("left_leg", "6"), more]).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    }
    person
}

/// Makes a link, and returns where it leads.
async fn make(person: &Person<'_>, more: &[(&str, &str)]) -> String {
    let made = person.post("/account/sharing", &[&PERIOD[..], &[("lasts", "7")], more].concat()).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    address_in(&made)
}

fn address_in(made: &Answer) -> String {
    let text = made.text();
    let (_, rest) = text.split_once("http://localhost:3000/shared/").unwrap_or_else(|| panic!("{text}"));
    format!("/shared/{}", &rest[..64])
}

/// The address at which the first link of the list is ended.
fn end_of(list: &Answer) -> String {
    let (_, rest) = list.body.split_once("action=\"/account/sharing/").unwrap_or_else(|| panic!("{}", list.body));
    format!("/account/sharing/{}", rest.split('"').next().unwrap())
}

async fn assert_does_not_work(app: &TestApp, address: &str) -> String {
    let answer = Person::new(app).get(address).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text());
    assert!(answer.text().contains("This link does not work") && !answer.text().contains("walked to the shop"));
    answer.body
}

async fn done(app: &TestApp, action: &str) -> usize {
    let events = app::audit::events(&app.state.db, &app::audit::Filter::default(), 1_000).await.unwrap();
    events.iter().filter(|event| event.action == action).count()
}

#[tokio::test]
async fn the_summary_shows_the_days_that_were_asked_for() {
    let app = TestApp::with_people().await;
    let ann = patient(&app, ANN).await;
    let page = ann.get("/account/diary/summary").await;
    let text = page.text();
    assert!(text.contains("24 August 2026 to 22 November 2026") && text.contains("3 of 91 days"), "{text}");
    assert!(text.contains("Alerts and warning signs") && text.contains("High temperature"), "{text}");
    assert!(text.contains("long before the period") && text.contains("walked to the shop"), "{text}");
    assert!(page.body.contains("data-print") && page.body.contains("src=\"/print.js\""), "{}", page.body);
    let some = ann.get("/account/diary/summary?from=2026-11-01&to=2026-11-22").await.text();
    assert!(some.contains("2 of 22 days") && !some.contains("long before the period"), "{some}");
    let wrong = ann.get("/account/diary/summary?from=2026-11-22&to=%3Cb%3E").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text().contains("There is a problem") && wrong.body.contains("value=\"&lt;b&gt;\""),
        "{}",
        wrong.body
    );
    assert_eq!(ann.get("/print.js").await.header("content-type"), "text/javascript; charset=utf-8");
}

#[tokio::test]
async fn without_entries_the_summary_says_what_to_do() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let text = ann.get("/account/diary/summary").await.text();
    assert!(
        text.contains("Nothing on this server was logged") && text.contains("agree if you want a summary"),
        "{text}"
    );
    agree(&ann, Kind::Entries).await;
    let text = ann.get("/account/diary/summary").await.text();
    assert!(text.contains("Choose other days above, or write in your diary"), "{text}");
    assert!(!text.contains("No warning sign"), "{text}");
}

#[tokio::test]
async fn a_link_opens_without_an_account_and_shows_its_days_alone() {
    let app = TestApp::with_people().await;
    let ann = patient(&app, ANN).await;
    let address = make(&ann, &[("name", "Ann <b>")]).await;
    let clinician = Person::new(&app);
    let page = clinician.get(&address).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let text = page.text();
    assert!(text.contains("walked to the shop") && text.contains("High temperature"), "{text}");
    assert!(!text.contains("long before the period") && !text.contains(ANN), "{text}");
    assert!(page.body.contains("Ann &lt;b&gt;") && text.contains("It works until 29 November 2026"), "{text}");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(page.header("x-robots-tag").contains("noindex") && page.body.contains("content=\"noindex\""));
    assert!(!page.body.contains("<script") && !page.header("content-security-policy").contains("script-src"));
    assert!(!page.body.contains(address.strip_prefix("/shared/").unwrap()), "the token is nowhere in the page");
    assert_eq!(clinician.cookie_names(), Vec::<String>::new());
    // What is written later into the period shows, too.
    app.pass(1);
    ann.post("/account/diary", &[("day", "2026-11-21"), ("note", "slept well")]).await;
    assert!(clinician.get(&address).await.text().contains("slept well"));
}

#[tokio::test]
async fn the_patient_sees_each_link_and_who_opened_it() {
    let app = TestApp::with_people().await;
    let ann = patient(&app, ANN).await;
    assert!(ann.get("/account/sharing").await.text().contains("You have made none."));
    let address = make(&ann, &[]).await;
    let list = ann.get("/account/sharing").await.text();
    assert!(list.contains("1 November 2026 to 22 November 2026") && list.contains("Never opened."), "{list}");
    assert!(list.contains("Works until 29 November 2026, 12:00 (UTC)."), "{list}");
    let clinic = Person::at(&app, "203.0.113.77");
    clinic.get(&address).await;
    clinic.get(&address).await;
    Person::at(&app, "2001:db8:1:2::3").get(&address).await;
    let page = ann.get("/account/sharing").await;
    let list = page.text();
    assert!(list.contains("Opened 3 times:"), "{list}");
    assert!(list.contains("from the network 203.0.113.0/24: 2 times in that hour"), "{list}");
    assert!(list.contains("from the network 2001:db8:1::/48") && !list.contains("203.0.113.77"), "{list}");
    assert!(!page.body.contains(address.strip_prefix("/shared/").unwrap()), "the link is shown once");
    assert_eq!((done(&app, "share-link-made").await, done(&app, "share-link-opened").await), (1, 1));
    assert!(ann.get("/account").await.body.contains("href=\"/account/sharing\""));
}

#[tokio::test]
async fn a_link_is_ended_at_once_and_by_nobody_else() {
    let app = TestApp::with_people().await;
    let (ann, bob) = (patient(&app, ANN).await, patient(&app, BOB).await);
    let address = make(&ann, &[]).await;
    let end = end_of(&ann.get("/account/sharing").await);
    assert_eq!(bob.post(&end, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bob.post("/account/sharing/no-id/end", &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(Person::new(&app).post(&end, &[]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(Person::new(&app).get(&address).await.status, StatusCode::OK, "it still works");
    assert!(!bob.get("/account/sharing").await.text().contains("Opened"), "nor does Bob see it");
    // Hours later, without the password again: ending is never made hard.
    app.pass(40 * 60 * 1000);
    assert_eq!(ann.post(&end, &[]).await.header("location"), "/account/sharing");
    assert_does_not_work(&app, &address).await;
    assert_eq!(ann.post(&end, &[]).await.status, StatusCode::SEE_OTHER, "twice is once");
    assert_eq!(done(&app, "share-link-ended").await, 1);
    ann.confirm(PASSWORD).await;
    assert!(ann.get("/account/sharing").await.text().contains("Ended on 22 November 2026"));
}

#[tokio::test]
async fn a_link_that_expired_was_ended_or_never_was_is_answered_alike() {
    let app = TestApp::with_people().await;
    let ann = patient(&app, ANN).await;
    let expiring = make(&ann, &[]).await;
    let never = assert_does_not_work(&app, &format!("/shared/{}", "0".repeat(64))).await;
    for made_up in [
        "/shared/x",
        "/shared/%c3%a9%00",
        &expiring[..40],
        &format!("{expiring}0"),
        &expiring.to_uppercase().replace("/SHARED/", "/shared/"),
    ] {
        assert_eq!(assert_does_not_work(&app, made_up).await, never, "{made_up}");
    }
    app.pass(7 * DAY - 1000);
    assert_eq!(Person::new(&app).get(&expiring).await.status, StatusCode::OK, "to its last second");
    app.pass(1000);
    assert_eq!(assert_does_not_work(&app, &expiring).await, never);
    ann.sign_in(ANN, PASSWORD).await;
    assert!(ann.get("/account/sharing").await.text().contains("Expired on 29 November 2026"));
}

#[tokio::test]
async fn a_consent_that_is_withdrawn_ends_every_link_for_good() {
    for kind in [Kind::Sharing, Kind::Entries] {
        let app = TestApp::with_people().await;
        let ann = patient(&app, ANN).await;
        let address = make(&ann, &[]).await;
        ann.post(&format!("/account/consents/{}/withdraw", kind.name()), &[]).await;
        let never = assert_does_not_work(&app, &address).await;
        let list = ann.get("/account/sharing").await;
        assert!(list.text().contains("you have to agree first to") && list.text().contains(kind.text().title));
        assert!(list.text().contains("Ended on") && !list.body.contains("name=\"lasts\""), "{}", list.text());
        let refused = ann.post("/account/sharing", &[&PERIOD[..], &[("lasts", "7")]].concat()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        agree(&ann, kind).await;
        assert_eq!(assert_does_not_work(&app, &address).await, never, "it does not come back");
    }
}

#[tokio::test]
async fn deleting_the_account_ends_every_link() {
    let app = TestApp::with_people().await;
    let (ann, bob) = (patient(&app, ANN).await, patient(&app, BOB).await);
    let (anns, bobs) = (make(&ann, &[]).await, make(&bob, &[]).await);
    Person::new(&app).get(&anns).await;
    Person::new(&app).get(&bobs).await;
    assert_eq!(ann.post("/account/delete", &[("everything", "yes")]).await.header("location"), "/account/deleted");
    assert_does_not_work(&app, &anns).await;
    assert_eq!(Person::new(&app).get(&bobs).await.status, StatusCode::OK);
    for (of, left) in [
        ("select count(*) from share_link", 1),
        ("select count(*) from share_access where link_id not in (select id from share_link)", 0),
    ] {
        let found: i64 = on!(db &app.state.db, pool => sqlx::query_scalar(of).fetch_one(pool).await).unwrap();
        assert_eq!(found, left, "{of}");
    }
    let state = &app.state;
    assert_eq!(deletion::finish(&state.db, &state.vault, &state.clock).await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_wrong_with_a_new_link_is_said_and_what_was_typed_stays() {
    let app = TestApp::with_people().await;
    let ann = patient(&app, ANN).await;
    let long = "x".repeat(81);
    for (from, to, lasts, name, said) in [
        ("", TODAY, "7", "", "Enter the first day"),
        ("2026-11-01", "2027-11-01", "7", "", "not in the future"),
        ("2024-11-01", TODAY, "7", "", "Choose a year or less"),
        ("2026-11-01", TODAY, "365", "", "Choose for how long the link works"),
        ("2026-11-01", TODAY, "7", &long, "Shorten the name to 80 letters"),
    ] {
        let fields = [("from", from), ("to", to), ("lasts", lasts), ("name", name)];
        let answer = ann.post("/account/sharing", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(answer.text().contains("There is a problem") && answer.text().contains(said), "{}", answer.text());
        assert!(answer.body.contains(&format!("value=\"{TODAY}\"")) || to != TODAY);
    }
    for _ in 0..MOST_OPEN {
        make(&ann, &[]).await;
    }
    let full = ann.post("/account/sharing", &[&PERIOD[..], &[("lasts", "7")]].concat()).await;
    assert_eq!(full.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(full.text().contains("End one that you do not need first"), "{}", full.text());
    ann.post(&end_of(&ann.get("/account/sharing").await), &[]).await;
    make(&ann, &[]).await;
}

#[tokio::test]
async fn no_token_is_in_the_log_or_in_the_database() {
    log::listen();
    let app = TestApp::with_people().await;
    let ann = patient(&app, ANN).await;
    let _ = log::take();
    let address = make(&ann, &[("name", "kanarienvogel")]).await;
    let token = address.strip_prefix("/shared/").unwrap().to_owned();
    let half = &token[..32];
    for path in [
        address.clone(),
        format!("{address}/"),
        format!("{address}."),
        format!("/share/{token}"),
        format!("/{token}"),
        format!("/shared/{half}"),
        format!("/shared//{token}"),
        format!("/Shared/{token}?x={token}"),
        format!("/sign-in?next=/shared/{token}"),
        format!("/articles/{token},"),
    ] {
        Person::new(&app).get(&path).await;
    }
    ann.get("/account/sharing").await;
    let logged = log::take();
    assert!(logged.contains("/shared/…") && logged.contains("status=200"), "{logged}");
    assert!(!logged.contains(&token[..20]) && !logged.contains(&token[32..52]), "{logged}");
    assert!(!logged.contains("kanarienvogel"), "{logged}");
    app.state.db.clone().close().await;
    for file in ["test.db", "test.db-wal"] {
        let Ok(bytes) = std::fs::read(app.folder().join(file)) else { continue };
        let bytes = String::from_utf8_lossy(&bytes);
        assert!(!bytes.contains(&token) && !bytes.contains("kanarienvogel"), "{file}");
    }
}

#[tokio::test]
async fn who_tries_many_links_has_to_wait_and_nobody_else() {
    let app = TestApp::with_people().await;
    let ann = patient(&app, ANN).await;
    let address = make(&ann, &[]).await;
    let guesser = Person::new(&app);
    let mut last = guesser.get(&format!("/shared/{}", "0".repeat(64))).await;
    for n in 0..40 {
        last = guesser.get(&format!("/shared/{n:064x}")).await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!last.header("retry-after").is_empty());
    assert_eq!(guesser.get(&address).await.status, StatusCode::TOO_MANY_REQUESTS, "right or wrong");
    assert_eq!(Person::new(&app).get(&address).await.status, StatusCode::OK);
    assert_eq!(done(&app, "limit-reached").await, 1);
}

#[tokio::test]
async fn a_link_is_made_by_who_showed_lately_that_it_is_them() {
    let app = TestApp::with_people().await;
    let ann = patient(&app, ANN).await;
    app.pass(31 * 60 * 1000);
    let answer = ann.post("/account/sharing", &[&PERIOD[..], &[("lasts", "7")]].concat()).await;
    assert!(answer.header("location").starts_with("/account/confirm"), "{}", answer.status);
    assert_eq!(done(&app, "share-link-made").await, 0);
}

fn period() -> Period {
    let day = |text: &str| text.parse::<Day>().unwrap();
    Period { from: day("2026-11-01"), to: day(TODAY) }
}

/// The consents, and the link, of an account that is written as no form does.
#[tokio::test]
async fn links_are_kept_alike_on_either_database() {
    for engine in engines("share_links").await {
        let state = engine.state().await;
        let (ann, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for account in [ann, bob] {
            state.vault.make_key(account).await.unwrap();
            let email = account.to_string();
            let written = state.db.write(move |mut tx| {
                Box::pin(async move {
                    on!(tx &mut tx, connection => sqlx::query(
                        "insert into account (id, email, email_key, password_hash, roles, created_at) values ($1, $2, $2, '', '', 0)",
                    )
                    .bind(account)
                    .bind(&email)
                    .execute(connection)
                    .await
                    .map(drop))?;
                    for (n, kind) in (1..).zip(Kind::ALL) {
                        on!(tx &mut tx, connection => sqlx::query(
                            "insert into consent (account_id, id, kind, version, given_at) values ($1, $2, $3, $4, 0)",
                        )
                        .bind(account)
                        .bind(Uuid::from_u128(n))
                        .bind(kind.name())
                        .bind(kind.text().version)
                        .execute(connection)
                        .await
                        .map(drop))?;
                    }
                    Ok(())
                })
            });
            written.await.unwrap();
        }
        let now = state.clock.millis_i64();
        let event = |action| Event::new(&state.clock, Actor::Account(ann), action);
        let link = Link {
            id: Uuid::from_u128(7),
            period: period(),
            name: "Ann".to_owned(),
            created_at: now,
            expires_at: now + DAY,
            revoked_at: None,
        };
        let token = Token::new().unwrap();
        let consented = app::account::consent::Consented::to_entries(&state.db, ann).await.unwrap().unwrap();
        share::store::keep(&state, consented, &link, &token.hash(), event(Action::LinkMade)).await.unwrap();
        assert_eq!(share::store::links(&state, ann).await.unwrap(), std::slice::from_ref(&link), "{}", engine.name);
        assert!(share::store::links(&state, bob).await.unwrap().is_empty());
        let find = async |at: i64| share::store::find(&state, &token.hash(), at).await.unwrap();
        assert_eq!(find(now).await, Some((ann, link.clone())), "{}", engine.name);
        assert_eq!(find(now + DAY).await, None, "expired");
        assert_eq!(share::store::find(&state, &Token::new().unwrap().hash(), now).await.unwrap(), None);
        let network = Network::of("203.0.113.77".parse().unwrap());
        for at in [now, now + 1, now + 2 * 60 * 60 * 1000] {
            let first = event(Action::LinkOpened);
            assert!(share::store::note_access(&state.db, link.id, network, at, first).await.unwrap());
        }
        let opened = share::store::accesses(&state.db, ann).await.unwrap();
        assert_eq!(opened.iter().map(|access| access.times).collect::<Vec<_>>(), [1, 2], "{}", engine.name);
        assert_eq!(opened[0].network, "203.0.113.0/24");
        let revoke =
            async |account| share::store::revoke(&state.db, account, link.id, now + 5, event(Action::LinkEnded)).await;
        assert!(matches!(revoke(bob).await, Err(app::Error::NotFound)), "{}", engine.name);
        revoke(ann).await.unwrap();
        revoke(ann).await.unwrap();
        assert_eq!(share::store::links(&state, ann).await.unwrap()[0].state(now), State::Revoked);
        assert_eq!(find(now).await, None, "{}", engine.name);
        let first = event(Action::LinkOpened);
        assert!(!share::store::note_access(&state.db, link.id, network, now, first).await.unwrap(), "ended meanwhile");
        share::store::remove_expired(&state.db, now + DAY + share::LISTED_FOR - 1).await.unwrap();
        assert_eq!(share::store::links(&state, ann).await.unwrap().len(), 1, "{}", engine.name);
        share::store::remove_expired(&state.db, now + DAY + share::LISTED_FOR).await.unwrap();
        assert!(share::store::links(&state, ann).await.unwrap().is_empty(), "{}", engine.name);
        assert!(share::store::accesses(&state.db, ann).await.unwrap().is_empty(), "{}", engine.name);
    }
}
