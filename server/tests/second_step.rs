//! The second step of a sign-in and passkeys, as far as they need no authenticator: what the browser's own does is tested
//! in a browser.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use app::{
    AppState,
    account::{Email, Role, staff},
    audit::{self, Action, Actor, Event},
    routes::Who,
};
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use serde_json::{Value, json};
use server::{assets::Assets, router};
use support::{
    Answer, TestApp,
    person::{PASSWORD, Person},
};
use totp_rs::{Builder, Secret, Totp};

const ANN: &str = "ann@example.org";
const MINUTE: i64 = 60 * 1000;
const HALF_MINUTE: i64 = 30 * 1000;

/// An authenticator app on somebody's phone.
struct Phone(Totp);

impl Phone {
    /// As somebody types the key in from the page.
    fn from_page(page: &Answer) -> Self {
        let key = page.body.split("<code>").nth(1).unwrap().split("</code>").next().unwrap().replace(' ', "");
        Self(Builder::new().with_secret(Secret::try_from_base32(key).unwrap()).with_account_name("a").build().unwrap())
    }

    fn code(&self, app: &TestApp) -> String {
        self.0.generate(app.state.clock.millis() / 1000).to_string()
    }
}

/// Sets an app up, and gives it with the recovery codes.
async fn set_up(person: &Person<'_>) -> (Phone, Vec<String>) {
    assert_eq!(person.post("/account/two-step", &[]).await.header("location"), "/account/two-step/app");
    let phone = Phone::from_page(&person.get("/account/two-step/app").await);
    let on = person.post("/account/two-step/app", &[("code", &phone.code(person.app))]).await;
    assert_eq!(on.status, StatusCode::OK, "{}", on.text());
    (phone, codes_on(&on))
}

fn codes_on(page: &Answer) -> Vec<String> {
    page.body.split("<code>").skip(1).map(|rest| rest.split("</code>").next().unwrap().to_owned()).collect()
}

/// Whether an event of the kind is in the log.
async fn is_logged(app: &TestApp, action: Action) -> bool {
    let events = audit::events(&app.state.db, &audit::Filter::default(), 100).await.unwrap();
    events.iter().any(|event| format!("{event:?}").contains(action.name()))
}

#[tokio::test]
async fn an_app_is_set_up_and_then_asked_for_at_every_sign_in() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let elsewhere = Person::new(&app);
    elsewhere.sign_in(ANN, PASSWORD).await;
    assert!(ann.get("/account/two-step").await.text().contains("Off. Your password alone signs you in."));
    ann.post("/account/two-step", &[]).await;
    let page = ann.get("/account/two-step/app").await;
    assert!(page.body.contains("<svg role=\"img\"") && !page.body.contains(" style=") && !page.body.contains("data:"));
    assert!(page.body.contains("autocomplete=\"one-time-code\"") && page.body.contains("inputmode=\"numeric\""));
    let wrong = ann.post("/account/two-step/app", &[("code", "12345")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("There is a problem"), "{}", wrong.text());
    assert!(elsewhere.is_signed_in().await, "nothing is on yet");
    let phone = Phone::from_page(&page);
    let before = ann.cookie("session");
    let on = ann.post("/account/two-step/app", &[("code", &phone.code(&app))]).await;
    assert_eq!((on.status, codes_on(&on).len()), (StatusCode::OK, 10), "{}", on.text());
    assert_eq!(on.header("cache-control"), "no-store");
    assert_ne!(ann.cookie("session"), before, "a new session");
    assert!(ann.is_signed_in().await && !elsewhere.is_signed_in().await);
    assert!(app.next_letter_to(ANN, 1).await.subject.contains("Two-step sign-in is on"));
    assert!(is_logged(&app, Action::SecondStepOn).await && is_logged(&app, Action::RecoveryCodesMade).await);

    ann.post("/sign-out", &[]).await;
    app.pass(MINUTE);
    let half = ann.post("/sign-in", &[("email", ANN), ("password", PASSWORD), ("next", "/account/devices")]).await;
    assert_eq!(half.header("location"), "/sign-in/code?next=/account/devices");
    assert!(ann.get(half.header("location")).await.body.contains("value=\"/account/devices\""));
    let before = ann.cookie("session");
    let code = phone.code(&app);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let done = ann.post("/sign-in/code", &[("code", &spaced), ("next", "/account/devices")]).await;
    assert_eq!(done.header("location"), "/account/devices", "{}", done.text());
    assert_ne!(ann.cookie("session"), before, "a new session");
    assert!(ann.is_signed_in().await);
    assert_eq!(ann.get("/sign-in/code").await.header("location"), "/account", "nothing is left to show");
}

#[tokio::test]
async fn a_code_is_taken_once_and_within_a_step_of_now() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let (phone, _) = set_up(&ann).await;
    let other = Person::new(&app);
    other.sign_in(ANN, PASSWORD).await;
    let used = phone.code(&app);
    let again = other.post("/sign-in/code", &[("code", &used)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "it was used to set the app up");
    assert!(again.text().contains("wrong or was used already"), "{}", again.text());
    app.pass(HALF_MINUTE);
    let code = phone.code(&app);
    app.pass(HALF_MINUTE);
    assert_eq!(other.post("/sign-in/code", &[("code", &code)]).await.status, StatusCode::SEE_OTHER, "a step late");
    let third = Person::new(&app);
    third.sign_in(ANN, PASSWORD).await;
    assert_eq!(
        third.post("/sign-in/code", &[("code", &code)]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "replayed"
    );
    let late = phone.code(&app);
    app.pass(2 * HALF_MINUTE);
    assert_eq!(
        third.post("/sign-in/code", &[("code", &late)]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "too late"
    );
    assert!(!third.is_signed_in().await && is_logged(&app, Action::SignInFailed).await);
}

#[tokio::test]
async fn of_two_that_send_one_code_at_once_one_gets_in() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let (phone, codes) = set_up(&ann).await;
    app.pass(MINUTE);
    for code in [phone.code(&app), codes[0].clone()] {
        let (one, two) = (Person::new(&app), Person::new(&app));
        one.sign_in(ANN, PASSWORD).await;
        two.sign_in(ANN, PASSWORD).await;
        let fields = [("code", code.as_str())];
        let (first, second) = tokio::join!(one.post("/sign-in/code", &fields), two.post("/sign-in/code", &fields));
        let statuses = [first.status, second.status];
        assert!(statuses.contains(&StatusCode::SEE_OTHER), "{statuses:?}");
        assert!(statuses.contains(&StatusCode::UNPROCESSABLE_ENTITY), "{statuses:?}");
    }
}

#[tokio::test]
async fn a_recovery_code_works_once_and_its_owner_is_told() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let (_, codes) = set_up(&ann).await;
    let lost = Person::new(&app);
    lost.sign_in(ANN, PASSWORD).await;
    let typed = codes[3].to_uppercase().replace('-', " ");
    assert_eq!(lost.post("/sign-in/code", &[("code", &typed)]).await.header("location"), "/account");
    let letter = app.next_letter_to(ANN, 2).await;
    assert!(letter.plain.contains("9 are left"), "{}", letter.plain);
    assert!(is_logged(&app, Action::RecoveryCodeUsed).await);
    let thief = Person::new(&app);
    thief.sign_in(ANN, PASSWORD).await;
    assert_eq!(thief.post("/sign-in/code", &[("code", &codes[3])]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // New ones, and the old ones are worth nothing.
    let made = lost.post("/account/two-step/recovery-codes", &[]).await;
    let new = codes_on(&made);
    assert_eq!(new.len(), 10, "{}", made.text());
    assert!(new.iter().all(|code| !codes.contains(code)));
    assert!(lost.get("/account/two-step").await.text().contains("10 are left"));
    assert!(thief.get("/sign-in/code").await.header("location").starts_with("/sign-in?"), "every other device is out");
    thief.sign_in(ANN, PASSWORD).await;
    assert_eq!(thief.post("/sign-in/code", &[("code", &codes[4])]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(thief.post("/sign-in/code", &[("code", &new[0])]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn half_signed_in_one_reaches_the_second_step_and_nothing_else() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    set_up(&ann).await;
    let half = Person::new(&app);
    half.sign_in(ANN, PASSWORD).await;
    let mut tried = 0;
    let routes = router::routes(Assets::default());
    for route in routes.table() {
        if matches!(route.who, Who::Anyone | Who::HalfSignedIn) {
            continue;
        }
        let path = route.path.replace(['{', '}'], "");
        let answer = if route.method == Method::POST { half.post(&path, &[]).await } else { half.get(&path).await };
        // What is heard is answered where it is, so that nothing typed is lost.
        let turned_away =
            if route.heard { (StatusCode::UNAUTHORIZED, "") } else { (StatusCode::SEE_OTHER, "/sign-in/code") };
        assert_eq!((answer.status, answer.header("location")), turned_away, "{path}");
        tried += 1;
    }
    assert!(tried > 15, "{tried}");
    let open: Vec<&str> =
        routes.table().iter().filter(|route| route.who == Who::HalfSignedIn).map(|route| route.path).collect();
    assert_eq!(open, ["/sign-out", "/sign-in/code", "/sign-in/code"]);
    assert!(ann.is_signed_in().await);
}

#[tokio::test]
async fn whoever_has_the_password_cannot_guess_at_codes() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let (phone, codes) = set_up(&ann).await;
    let thief = Person::new(&app);
    let mut wrong = 0;
    let limited = loop {
        // A right password forgives nothing.
        thief.sign_in(ANN, PASSWORD).await;
        let answer = thief.post("/sign-in/code", &[("code", "000000")]).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        wrong += 1;
        assert!(wrong < 10, "not limited");
    };
    assert!(!limited.header("retry-after").is_empty() && limited.text().contains("too many tries"));
    assert_eq!(thief.post("/sign-in/code", &[("code", &codes[0])]).await.status, StatusCode::TOO_MANY_REQUESTS);
    // Ann's own device is not held up.
    app.pass(MINUTE);
    ann.post("/sign-out", &[]).await;
    ann.sign_in(ANN, PASSWORD).await;
    assert_eq!(ann.post("/sign-in/code", &[("code", &phone.code(&app))]).await.header("location"), "/account");
}

#[tokio::test]
async fn the_app_is_removed_only_by_who_showed_lately_that_it_is_them() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let (_, codes) = set_up(&ann).await;
    app.pass(31 * MINUTE);
    for path in ["/account/two-step/remove", "/account/two-step/recovery-codes", "/account/two-step"] {
        let stale = ann.post(path, &[]).await;
        assert!(stale.header("location").starts_with("/account/confirm"), "{path}");
    }
    ann.confirm(PASSWORD).await;
    assert_eq!(ann.post("/account/two-step/remove", &[]).await.header("location"), "/account/two-step");
    assert!(ann.get("/account/two-step").await.text().contains("Off."));
    assert!(app.next_letter_to(ANN, 2).await.subject.contains("was removed"));
    assert!(is_logged(&app, Action::SecondStepOff).await);
    let other = Person::new(&app);
    assert_eq!(other.sign_in(ANN, PASSWORD).await.header("location"), "/account", "the password is enough again");
    // And no old code comes back with a new app.
    set_up(&ann).await;
    let thief = Person::new(&app);
    thief.sign_in(ANN, PASSWORD).await;
    assert_eq!(thief.post("/sign-in/code", &[("code", &codes[0])]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// Makes somebody an administrator who has a password and nothing else.
async fn new_admin<'a>(app: &'a TestApp, email: &str) -> Person<'a> {
    let AppState { db, vault, clock, .. } = &app.state;
    let token = staff::create_admin(db, vault, clock, &Email::read(email).unwrap()).await.unwrap();
    let person = Person::new(app);
    let chosen = person.post("/reset-password/choose", &[("token", token.expose()), ("password", PASSWORD)]).await;
    assert_eq!(chosen.header("location"), "/account", "{}", chosen.text());
    person
}

#[tokio::test]
async fn a_role_is_for_nobody_without_a_second_step() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let event = || Event::new(&app.state.clock, Actor::CommandLine, Action::RoleGranted);
    let email = Email::read(ANN).unwrap();
    let grant = || staff::grant(&app.state.db, &email, Role::Editor, event());
    assert!(matches!(grant().await, Err(staff::Refused::NoSecondStep)));
    assert!(!ann.get("/account").await.text().contains("On the staff"));
    assert!(!is_logged(&app, Action::RoleGranted).await);
    set_up(&ann).await;
    grant().await.unwrap();
    assert!(!ann.is_signed_in().await && is_logged(&app, Action::RoleGranted).await);
}

#[tokio::test]
async fn an_administrator_signs_somebody_out_everywhere_and_does_not_learn_who_has_an_account() {
    let app = TestApp::with_people().await;
    let admin = new_admin(&app, "admin@example.org").await;
    set_up(&admin).await;
    let ann = Person::with_account(&app, ANN).await;
    let told = admin.post("/admin/people/sign-out", &[("account", ANN)]).await;
    assert_eq!(told.status, StatusCode::OK);
    assert!(!ann.is_signed_in().await && admin.is_signed_in().await);
    assert!(is_logged(&app, Action::SignedOutEverywhere).await);
    let nobody = admin.post("/admin/people/sign-out", &[("account", "bob@example.org")]).await;
    assert_eq!(nobody.text().replace("bob@example.org", ANN), told.text());
    let wrong = admin.post("/admin/people/sign-out", &[("account", "bob")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_done_to_the_staff_is_done_from_somewhere() {
    let app = TestApp::with_people().await;
    let admin = new_admin(&app, "admin@example.org").await;
    set_up(&admin).await;
    set_up(&new_admin(&app, ANN).await).await;
    for (path, role, action) in
        [("/admin/people", "editor", Action::StaffInvited), ("/admin/people/revoke", "admin", Action::RoleRevoked)]
    {
        admin.post(path, &[("email", ANN), ("role", role)]).await;
        let events = audit::events(&app.state.db, &audit::Filter::default(), 1).await.unwrap();
        assert_eq!(events[0].action, action.name());
        let (third, _) = admin.address.rsplit_once('.').unwrap();
        assert_eq!(events[0].origin, Some(format!("{third}.0/24")));
    }
}

/// Else who knows the password alone would be in, until its owner chose another.
#[tokio::test]
async fn whose_second_step_was_reset_gets_in_by_the_new_link_alone() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    set_up(&ann).await;
    let thief = Person::new(&app);
    thief.post("/reset-password", &[("email", ANN)]).await;
    let older = app.next_letter_to(ANN, 2).await.token().to_owned();
    let AppState { db, clock, .. } = &app.state;
    let token = staff::reset(db, clock, &Email::read(ANN).unwrap()).await.unwrap();
    assert!(!ann.is_signed_in().await);
    assert_eq!(thief.sign_in(ANN, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = "purple elephant waltz umbrella";
    let late = thief.post("/reset-password/choose", &[("token", &older), ("password", new)]).await;
    assert_eq!(late.status, StatusCode::GONE);
    let chosen = ann.post("/reset-password/choose", &[("token", token.expose()), ("password", new)]).await;
    assert_eq!(chosen.header("location"), "/account", "{}", chosen.text());
    assert!(ann.is_signed_in().await);
}

#[tokio::test]
async fn what_somebody_showed_to_sign_in_is_recorded() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let (phone, codes) = set_up(&ann).await;
    let newest = async || {
        let event = audit::events(&app.state.db, &audit::Filter::default(), 1).await.unwrap().remove(0);
        (event.action, event.target.unwrap_or_default())
    };
    let of = |action: Action, factor: &str| (action.name().to_owned(), factor.to_owned());
    let phone_two = Person::new(&app);
    phone_two.sign_in(ANN, "another horse battery staple").await;
    assert_eq!(newest().await, of(Action::SignInFailed, "password"));
    phone_two.sign_in(ANN, PASSWORD).await;
    for (code, factor) in [("123456", "code"), ("no code", "code"), ("0000-0000-0000-0000-0000-0000", "recovery-code")]
    {
        phone_two.post("/sign-in/code", &[("code", code)]).await;
        assert_eq!(newest().await, of(Action::SignInFailed, factor), "{code}");
    }
    app.pass(MINUTE);
    phone_two.post("/sign-in/code", &[("code", &phone.code(&app))]).await;
    assert_eq!(newest().await, of(Action::SignedIn, "code"));
    phone_two.sign_in(ANN, PASSWORD).await;
    phone_two.post("/sign-in/code", &[("code", &codes[0])]).await;
    assert_eq!(newest().await, of(Action::SignedIn, "recovery-code"));
    phone_two.post("/account/confirm", &[("password", "another horse battery staple")]).await;
    assert_eq!(newest().await, of(Action::SignInFailed, "password"));
    phone_two.confirm(PASSWORD).await;
    assert_eq!(newest().await, of(Action::IdentityConfirmed, "password"));
    let (_, begun) = post_json(&phone_two, "/sign-in/passkey/begin", "").await;
    post_json(&phone_two, "/sign-in/passkey/finish", &made_up(&begun["ceremony"])).await;
    assert_eq!(newest().await, of(Action::SignInFailed, "passkey"));
    // Who has no second step, and follows a link.
    let bob = Person::with_account(&app, "bob@example.org").await;
    bob.post("/sign-out", &[]).await;
    bob.sign_in("bob@example.org", PASSWORD).await;
    assert_eq!(newest().await, of(Action::SignedIn, "password"));
    bob.post("/reset-password", &[("email", "bob@example.org")]).await;
    let letter = app.next_letter_to("bob@example.org", 1).await;
    let fields = [("token", letter.token()), ("password", "purple elephant waltz umbrella")];
    bob.post("/reset-password/choose", &fields).await;
    assert_eq!(newest().await, of(Action::SignedIn, "link"));
}

#[tokio::test]
async fn a_new_password_by_letter_leaves_the_second_step_before_them() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let (_, codes) = set_up(&ann).await;
    let thief = Person::new(&app);
    thief.post("/reset-password", &[("email", ANN)]).await;
    let letter = app.next_letter_to(ANN, 2).await;
    let new = [("token", letter.token()), ("password", "purple elephant waltz umbrella")];
    assert_eq!(thief.post("/reset-password/choose", &new).await.header("location"), "/sign-in/code");
    for path in ["/account", "/account/diary", "/account/two-step", "/account/export"] {
        assert_eq!(thief.get(path).await.header("location"), "/sign-in/code", "{path}");
    }
    assert!(!ann.is_signed_in().await, "everybody else is out");
    assert_eq!(thief.post("/sign-in/code", &[("code", &codes[0])]).await.header("location"), "/account");
}

#[tokio::test]
async fn staff_are_asked_to_set_up_a_second_step_and_cannot_remove_the_last() {
    let app = TestApp::with_people().await;
    let admin = new_admin(&app, "admin@example.org").await;
    assert!(admin.get("/account/two-step").await.text().contains("Your role needs a second step"));
    assert!(admin.get("/account/passkeys").await.text().contains("Your role needs a passkey"));
    set_up(&admin).await;
    let refused = admin.post("/account/two-step/remove", &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("this is your last one"), "{}", refused.text());
    assert!(admin.get("/account/two-step").await.text().contains("On."), "nothing was removed");
}

#[tokio::test]
async fn a_staff_session_from_before_the_second_step_is_only_half_a_session() {
    let app = TestApp::with_people().await;
    let admin = new_admin(&app, "admin@example.org").await;
    assert!(admin.is_signed_in().await);
    let id = account_id(&app, "admin@example.org").await;
    add_passkey(&app, id, 1).await;
    for path in ["/account", "/account/passkeys", "/account/two-step"] {
        assert_eq!(admin.get(path).await.header("location"), "/sign-in/code", "{path}");
    }
    let page = admin.get("/sign-in/code").await;
    assert!(page.body.contains("data-passkey=\"/sign-in/passkey\"") && !page.body.contains("name=\"code\""));
    assert_eq!(admin.post("/sign-in/code", &[("code", "123456")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A patient's passkey makes the password no less worth.
    let ann = Person::with_account(&app, ANN).await;
    add_passkey(&app, account_id(&app, ANN).await, 2).await;
    assert!(ann.is_signed_in().await);
    let email = Email::read(ANN).unwrap();
    let event = Event::new(&app.state.clock, Actor::CommandLine, Action::RoleGranted);
    staff::grant(&app.state.db, &email, Role::Editor, event).await.unwrap();
    assert_eq!(ann.sign_in(ANN, PASSWORD).await.header("location"), "/sign-in/code");
}

#[tokio::test]
async fn whatever_changes_how_one_signs_in_signs_every_other_device_out() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    add_passkey(&app, account_id(&app, ANN).await, 1).await;
    let (_, mut codes) = set_up(&ann).await;
    let passkey = format!("/account/passkeys/{}/remove", uuid::Uuid::from_u128(1));
    for (path, told) in [
        (passkey.as_str(), "A passkey was removed"),
        ("/account/two-step/recovery-codes", "New recovery codes"),
        ("/account/two-step/remove", "The authenticator app was removed"),
    ] {
        let elsewhere = Person::new(&app);
        elsewhere.sign_in(ANN, PASSWORD).await;
        assert_eq!(elsewhere.post("/sign-in/code", &[("code", &codes[0])]).await.header("location"), "/account");
        let answer = ann.post(path, &[]).await;
        assert!(answer.status.is_success() || answer.status.is_redirection(), "{path}: {}", answer.text());
        assert!(!elsewhere.is_signed_in().await, "{path}");
        assert!(ann.is_signed_in().await, "{path}: this device stays");
        codes = codes_on(&answer);
        let letters = app.letters_to(ANN).await;
        let letter = letters.iter().find(|letter| letter.subject.contains(told)).unwrap();
        assert!(letter.plain.contains("Every other device was signed out."), "{}", letter.plain);
        if codes.is_empty() {
            codes = codes_on(&ann.post("/account/two-step/recovery-codes", &[]).await);
        }
    }
}

async fn account_id(app: &TestApp, email: &str) -> uuid::Uuid {
    let app::db::Db::Sqlite { readers, .. } = &app.state.db else { unreachable!() };
    sqlx::query_scalar("select id from account where email_key = $1").bind(email).fetch_one(readers).await.unwrap()
}

/// A passkey that nobody has: as if its device were elsewhere.
async fn add_passkey(app: &TestApp, account: uuid::Uuid, n: u128) {
    app.state
        .db
        .write(move |mut tx| {
            Box::pin(async move {
                app::on!(tx &mut tx, connection => sqlx::query(
                    "insert into passkey (account_id, id, credential_id, name, passkey, created_at, used_at)
                     values ($1, $2, $3, 'Firefox on Linux', '{}', 0, null)",
                )
                .bind(account)
                .bind(uuid::Uuid::from_u128(n))
                .bind(uuid::Uuid::from_u128(n).as_bytes().to_vec())
                .execute(connection)
                .await
                .map(drop))?;
                Ok(())
            })
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_passkey_is_removed_by_its_owner_alone_and_staff_keep_their_last() {
    let app = TestApp::with_people().await;
    let (ann, bob) = (Person::with_account(&app, ANN).await, Person::with_account(&app, "bob@example.org").await);
    add_passkey(&app, account_id(&app, ANN).await, 1).await;
    let path = format!("/account/passkeys/{}/remove", uuid::Uuid::from_u128(1));
    assert_eq!(bob.post(&path, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bob.post("/account/passkeys/1/remove", &[]).await.status, StatusCode::NOT_FOUND);
    assert!(ann.get("/account/passkeys").await.text().contains("Made with Firefox on Linux"));
    assert_eq!(ann.post(&path, &[]).await.header("location"), "/account/passkeys");
    assert!(ann.get("/account/passkeys").await.text().contains("You have none yet."));
    assert!(is_logged(&app, Action::PasskeyRemoved).await);
    assert!(app.next_letter_to(ANN, 1).await.subject.contains("A passkey was removed"));

    let admin = new_admin(&app, "admin@example.org").await;
    let (phone, _) = set_up(&admin).await;
    add_passkey(&app, account_id(&app, "admin@example.org").await, 2).await;
    assert_eq!(admin.post("/account/two-step/remove", &[]).await.status, StatusCode::SEE_OTHER, "a passkey is left");
    let last = format!("/account/passkeys/{}/remove", uuid::Uuid::from_u128(2));
    let refused = admin.post(&last, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("this is your last one"), "{}", refused.text());
    drop(phone);
}

/// What the script sends.
async fn post_json(person: &Person<'_>, path: &str, body: &str) -> (Answer, Value) {
    let request = person
        .request(Method::POST, path)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/json");
    let answer = person.send(request.body(Body::from(body.to_owned())).unwrap()).await;
    let json = serde_json::from_str(&answer.body).unwrap_or_default();
    (answer, json)
}

#[tokio::test]
async fn a_passkey_is_asked_for_in_the_strictest_way() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let (answer, begun) = post_json(&ann, "/account/passkeys/add/begin", "").await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
    let options = &begun["publicKey"];
    assert_eq!(options["rp"]["id"], "localhost");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["attestation"], "none");
    assert!(options["challenge"].as_str().unwrap().len() >= 43, "{options}");
    let stranger = Person::new(&app);
    let (_, first) = post_json(&stranger, "/sign-in/passkey/begin", "").await;
    let (_, second) = post_json(&stranger, "/sign-in/passkey/begin", "").await;
    assert_eq!(first["publicKey"]["userVerification"], "required");
    assert_eq!(first["publicKey"]["allowCredentials"], json!([]), "says nothing of who has a passkey");
    assert_ne!(first["publicKey"]["challenge"], second["publicKey"]["challenge"]);
    assert_ne!(first["ceremony"], second["ceremony"]);
}

/// An answer of the right shape that no authenticator made.
fn made_up(ceremony: &Value) -> String {
    let response = json!({ "clientDataJSON": "e30", "authenticatorData": "AAAA", "signature": "AAAA", "userHandle": "AAAAAAAAAAAAAAAAAAAAAQ", "attestationObject": "AAAA" });
    let credential = json!({ "id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response });
    json!({ "ceremony": ceremony, "credential": credential, "next": "/account" }).to_string()
}

#[tokio::test]
async fn what_no_authenticator_signed_is_refused_and_says_nothing_of_accounts() {
    let app = TestApp::with_people().await;
    let stranger = Person::new(&app);
    let (_, begun) = post_json(&stranger, "/sign-in/passkey/begin", "").await;
    let unknown = post_json(&stranger, "/sign-in/passkey/finish", &made_up(&begun["ceremony"])).await.0;
    let twice = post_json(&stranger, "/sign-in/passkey/finish", &made_up(&begun["ceremony"])).await.0;
    let none = post_json(&stranger, "/sign-in/passkey/finish", &made_up(&json!("x"))).await.0;
    let ann = Person::with_account(&app, ANN).await;
    let (_, adding) = post_json(&ann, "/account/passkeys/add/begin", "").await;
    let another = post_json(&stranger, "/sign-in/passkey/finish", &made_up(&adding["ceremony"])).await.0;
    let garbage = post_json(&stranger, "/sign-in/passkey/finish", "{\"ceremony\":").await.0;
    for answer in [&unknown, &twice, &none, &another, &garbage] {
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.body, unknown.body);
        assert!(answer.header("set-cookie").is_empty());
    }
    assert!(unknown.body.contains("was not accepted") && !stranger.is_signed_in().await);
    assert!(is_logged(&app, Action::SignInFailed).await);
}

#[tokio::test]
async fn a_passkey_is_added_only_with_an_answer_to_ones_own_challenge() {
    let app = TestApp::with_people().await;
    let (ann, bob) = (Person::with_account(&app, ANN).await, Person::with_account(&app, "bob@example.org").await);
    let (_, begun) = post_json(&ann, "/account/passkeys/add/begin", "").await;
    for (person, ceremony) in [(&bob, &begun["ceremony"]), (&ann, &begun["ceremony"]), (&ann, &json!(""))] {
        let (answer, problem) = post_json(person, "/account/passkeys/add/finish", &made_up(ceremony)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(problem["detail"].as_str().unwrap().contains("was not added"), "{problem}");
    }
    assert!(ann.get("/account/passkeys").await.text().contains("You have none yet."));
    let stranger = Person::new(&app);
    assert_eq!(post_json(&stranger, "/account/passkeys/add/begin", "").await.0.status, StatusCode::UNAUTHORIZED);
    app.pass(31 * MINUTE);
    let stale = post_json(&ann, "/account/passkeys/add/begin", "").await.0;
    assert!(stale.header("location").starts_with("/account/confirm"));
    // So many and no more.
    ann.confirm(PASSWORD).await;
    let id = account_id(&app, ANN).await;
    for n in 0..20 {
        add_passkey(&app, id, 100 + n).await;
    }
    let (full, problem) = post_json(&ann, "/account/passkeys/add/begin", "").await;
    assert_eq!(full.status, StatusCode::BAD_REQUEST, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("You have 20 passkeys"));
}

#[tokio::test]
async fn challenges_are_handed_out_so_many_a_minute() {
    let app = TestApp::with_people().await;
    let greedy = Person::new(&app);
    let mut begun = 0;
    let limited = loop {
        let (answer, _) = post_json(&greedy, "/sign-in/passkey/begin", "").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
        begun += 1;
        assert!(begun < 100, "not limited");
    };
    assert!(!limited.header("retry-after").is_empty());
    assert_eq!(limited.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn only_pages_with_a_passkey_run_script_and_nothing_but_ours() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    for (path, runs) in
        [("/sign-in", true), ("/account/passkeys", true), ("/account/two-step", false), ("/account/confirm", false)]
    {
        let page = ann.get(path).await;
        let policy = page.header("content-security-policy");
        assert_eq!(page.body.contains("<script type=\"module\" src=\"/passkey.js\">"), runs, "{path}");
        assert_eq!(policy.contains("script-src 'self'; connect-src 'self';"), runs, "{path}: {policy}");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(page.header("permissions-policy").contains("publickey-credentials-get=(self)"));
        assert!(!runs || page.text().contains("A passkey needs JavaScript"), "{path}");
    }
    let script = ann.get("/passkey.js").await;
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
}

#[tokio::test]
async fn at_an_address_that_is_a_number_the_pages_say_that_there_are_no_passkeys() {
    let mut app = TestApp::with_people().await;
    let settings = app::site::Settings { public_url: "http://127.0.0.1:3000".to_owned(), ..Default::default() };
    app.state.passkeys = app::account::Passkeys::new(&settings);
    app.serve_again();
    let ann = Person::with_account(&app, ANN).await;
    let page = ann.get("/account/passkeys").await;
    assert!(page.text().contains("Passkeys do not work here") && !page.body.contains("<script"));
    assert!(!ann.get("/sign-in").await.body.contains("passkey"));
    assert_eq!(post_json(&ann, "/account/passkeys/add/begin", "").await.0.status, StatusCode::NOT_FOUND);
    assert_eq!(post_json(&ann, "/sign-in/passkey/begin", "").await.0.status, StatusCode::NOT_FOUND);
}
