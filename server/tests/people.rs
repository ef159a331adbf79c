//! Inviting somebody onto the staff: nobody learns who has an account, and nobody but the invited, with a second step, gets the role.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use app::{
    account::{Role, invitations::GOOD_FOR, staff as people},
    audit::{self, Filter},
    on,
};
use axum::http::StatusCode;
use support::{
    Answer, TestApp,
    desk::{account, hidden, staff},
    engines::engines,
    letters::Letter,
    person::{PASSWORD, Person},
};

const ANN: &str = "ann@example.org";

async fn invite(admin: &Person<'_>, email: &str, role: &str) -> Answer {
    admin.post("/admin/people", &[("email", email), ("role", role)]).await
}

/// The newest letter to somebody.
async fn letter(app: &TestApp, email: &str) -> Letter {
    app.state.mail.flush().await;
    app.letters_to(email).await.pop().unwrap_or_else(|| panic!("no letter to {email}"))
}

async fn change(app: &TestApp, statement: &'static str) {
    let changed = app.state.db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(statement).execute(connection).await.map(drop))?;
            Ok(())
        })
    });
    changed.await.unwrap();
}

/// As if everybody had an authenticator app.
async fn all_have_a_second_step(app: &TestApp) {
    change(app, "insert into totp (account_id, sealed, confirmed_at, last_step) select id, token_hash, 0, 0 from (select account.id, token_hash from account join session on session.account_id = account.id) had where true on conflict do nothing").await;
}

async fn roles(app: &TestApp, email: &str) -> Vec<Role> {
    let staff = people::everybody(&app.state.db).await.unwrap();
    staff
        .iter()
        .find(|account| account.email.as_str() == email)
        .map(|account| account.roles.iter().collect())
        .unwrap_or_default()
}

async fn last_actions(app: &TestApp, limit: u32) -> Vec<String> {
    let events = audit::events(&app.state.db, &Filter::default(), limit).await.unwrap();
    events.into_iter().rev().map(|event| event.action).collect()
}

#[tokio::test]
async fn somebody_without_an_account_is_invited_and_comes() {
    for engine in engines("people_new").await {
        let name = engine.name;
        let app = engine.into_app().await;
        let admin = staff(&app, "admin", "admin").await;
        assert_eq!(invite(&admin, ANN, "editor").await.header("location"), "/admin/people?done=invited", "{name}");
        let page = admin.get("/admin/people?done=invited").await.text();
        assert!(
            page.contains(ANN) && page.contains("good until 29 November 2026") && page.contains("on its way"),
            "{name}: {page}"
        );
        let letter = letter(&app, ANN).await;
        assert!(
            letter.subject.contains("You are invited onto the staff") && letter.plain.contains("as editor"),
            "{name}: {}",
            letter.plain
        );

        let ann = Person::new(&app);
        let landed = ann.get(letter.link()).await;
        assert!(landed.text().contains("First, create your account"), "{name}: {}", landed.text());
        let fields = [("token", letter.token()), ("password", PASSWORD)];
        let young = ann.post("/invitation", &fields).await;
        assert_eq!(young.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        let made = ann.post("/invitation", &[&fields[..], &[("old_enough", "yes")]].concat()).await;
        assert_eq!(made.header("location"), letter.link(), "{name}: {}", made.text());
        assert!(app.state.vault.key(people_id(&app, ANN).await).await.is_ok(), "{name}: it has a key");

        // Not without a second step.
        assert!(ann.get(letter.link()).await.text().contains("First, set up a second step"), "{name}");
        let early = ann.post("/invitation/accept", &[("token", letter.token())]).await;
        assert_eq!(early.header("location"), letter.link(), "{name}");
        assert_eq!(roles(&app, ANN).await, [], "{name}");
        all_have_a_second_step(&app).await;
        // What the session was begun with is not enough any more.
        change(&app, "update session set strong = true").await;
        assert!(
            ann.get(letter.link()).await.text().contains("When you accept, you are signed out everywhere"),
            "{name}"
        );
        let accepted = ann.post("/invitation/accept", &[("token", letter.token())]).await;
        assert!(accepted.text().contains("You are on the staff"), "{name}: {}", accepted.text());
        assert!(!ann.is_signed_in().await, "{name}: with the role, they sign in again");
        assert_eq!(roles(&app, ANN).await, [Role::Editor], "{name}");
        assert_eq!(last_actions(&app, 2).await, ["invitation-accepted", "role-granted"], "{name}");
        let log = audit::events(&app.state.db, &Filter::default(), 1).await.unwrap();
        assert_eq!(log[0].actor, account("admin").to_string(), "{name}: by who invited");
        assert!(matches!(audit::verify(&app.state.db).await.unwrap(), audit::Verdict::Whole { .. }), "{name}");

        // Once.
        assert_eq!(ann.get(letter.link()).await.status, StatusCode::GONE, "{name}");
        let page = admin.get("/admin/people").await.text();
        assert!(
            page.contains("None waits for an answer") && page.contains("Last here on 22 November 2026"),
            "{name}: {page}"
        );
        let again = invite(&admin, ANN, "editor").await;
        assert!(again.text().contains("They have this role already"), "{name}: {}", again.text());
    }
}

async fn people_id(app: &TestApp, email: &'static str) -> uuid::Uuid {
    on!(db &app.state.db, pool => sqlx::query_scalar("select id from account where email = $1").bind(email).fetch_one(pool).await)
        .unwrap()
}

#[tokio::test]
async fn an_invitation_does_not_tell_who_has_an_account() {
    let app = TestApp::with_people().await;
    let admin = staff(&app, "admin", "admin").await;
    let _ann = Person::with_account(&app, ANN).await;
    let mut told = vec![];
    for email in [ANN, "bob@example.org"] {
        let answer = invite(&admin, email, "reviewer").await;
        let page = admin.get("/admin/people").await.text();
        let (letter, who) = (letter(&app, email).await, |text: &str| text.replace(email, "EMAIL"));
        let words = letter.plain.replace(letter.token(), "TOKEN");
        told.push((
            answer.status,
            answer.header("location").to_owned(),
            who(&words),
            who(page.split("Invitations").nth(1).unwrap()),
        ));
        let id = hidden(&admin.get("/admin/people").await.body, "invitation").to_owned();
        admin.post("/admin/people/withdraw", &[("invitation", &id)]).await;
    }
    assert_eq!(told[0], told[1]);
    for (fields, wrong) in
        [([("email", "ann@"), ("role", "editor")], "email"), ([("email", ANN), ("role", "king")], "role")]
    {
        let answer = admin.post("/admin/people", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(&format!("href=\"#{wrong}\"")) && answer.body.contains(fields[0].1));
    }
}

#[tokio::test]
async fn only_the_invited_accept_and_only_while_it_holds() {
    for engine in engines("people_holds").await {
        let name = engine.name;
        let app = engine.into_app().await;
        let (admin, other) = (staff(&app, "admin", "admin").await, staff(&app, "other", "admin").await);
        let ann = Person::with_account(&app, ANN).await;
        let bob = Person::with_account(&app, "bob@example.org").await;
        all_have_a_second_step(&app).await;
        change(&app, "update session set strong = true").await;
        let accept = async |person: &Person<'_>, letter: &Letter| {
            person.post("/invitation/accept", &[("token", letter.token())]).await
        };

        // Somebody else, with the link.
        invite(&admin, ANN, "editor").await;
        let first = letter(&app, ANN).await;
        assert!(bob.get(first.link()).await.text().contains("Sign in with the invited address"), "{name}");
        assert_eq!(accept(&bob, &first).await.status, StatusCode::GONE, "{name}");
        assert!(Person::new(&app).get(first.link()).await.text().contains("Sign in with this address"), "{name}");

        // Asked again, the older link is worth nothing.
        invite(&admin, ANN, "editor").await;
        let second = letter(&app, ANN).await;
        assert_eq!(accept(&ann, &first).await.status, StatusCode::GONE, "{name}");

        // Withdrawn.
        let id = hidden(&admin.get("/admin/people").await.body, "invitation").to_owned();
        let withdrawn = admin.post("/admin/people/withdraw", &[("invitation", &id)]).await;
        assert_eq!(withdrawn.header("location"), "/admin/people?done=withdrawn", "{name}");
        assert_eq!(accept(&ann, &second).await.status, StatusCode::GONE, "{name}");
        assert_eq!(last_actions(&app, 1).await, ["invitation-withdrawn"], "{name}");

        // Declined.
        invite(&admin, ANN, "editor").await;
        let third = letter(&app, ANN).await;
        let declined = ann.post("/invitation/decline", &[("token", third.token())]).await;
        assert!(declined.text().contains("The invitation is deleted"), "{name}");
        assert_eq!(accept(&ann, &third).await.status, StatusCode::GONE, "{name}");

        // Who invited is no administrator any more.
        invite(&other, ANN, "admin").await;
        let fourth = letter(&app, ANN).await;
        admin.post("/admin/people/revoke", &[("email", "other@example.org"), ("role", "admin")]).await;
        assert_eq!(accept(&ann, &fourth).await.status, StatusCode::GONE, "{name}");
        assert_eq!(roles(&app, ANN).await, [], "{name}");

        // Too old; and then removed.
        change(&app, "delete from invitation").await;
        invite(&admin, ANN, "editor").await;
        let fifth = letter(&app, ANN).await;
        change(&app, "update invitation set expires_at = invited_at").await;
        assert_eq!(accept(&ann, &fifth).await.status, StatusCode::GONE, "{name}");
        assert!(admin.get("/admin/people").await.text().contains("None waits for an answer"), "{name}");
        app::account::remove_expired(&app.state.db, &app.state.clock).await.unwrap();
        let left: i64 =
            on!(db &app.state.db, pool => sqlx::query_scalar("select count(*) from invitation").fetch_one(pool).await)
                .unwrap();
        assert_eq!(left, 0, "{name}");
        assert!(GOOD_FOR > 0 && ann.is_signed_in().await, "{name}: nothing of it touched their account");
    }
}
