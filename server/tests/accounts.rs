//! What people do with accounts, by forms and e-mails, as a browser without script does it.

mod support;

use axum::http::StatusCode;
use support::{
    TestApp, log,
    person::{PASSWORD, Person},
};

const ANN: &str = "ann@example.org";
const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

#[tokio::test]
async fn somebody_signs_up_confirms_signs_out_and_signs_in() {
    let app = TestApp::with_people().await;
    let ann = Person::new(&app);
    assert_eq!(ann.get("/account").await.header("location"), "/sign-in");
    ann.sign_up(ANN, PASSWORD).await;
    assert!(ann.get("/account").await.text().contains("You are signed in as ann@example.org."));
    let out = ann.post("/sign-out", &[]).await;
    assert_eq!((out.status, out.header("location")), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(out.header("clear-site-data"), "\"cache\"", "nobody sees what was here by going back");
    assert!(!ann.is_signed_in().await);
    let wrong = ann.sign_in(ANN, "another horse battery staple").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("do not match") && wrong.body.contains("value=\"ann@example.org\""));
    assert!(!wrong.body.contains("another horse"), "a password is not sent back");
    assert_eq!(ann.sign_in("ANN@Example.org", PASSWORD).await.header("location"), "/account");
    assert!(ann.is_signed_in().await);
}

#[tokio::test]
async fn a_form_that_is_wrong_says_so_and_keeps_what_was_typed() {
    let app = TestApp::with_people().await;
    let answer = Person::new(&app).post("/sign-up", &[("email", "ann@"), ("password", "short")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = answer.text();
    assert!(text.contains("There is a problem") && text.contains("Enter an email address"), "{text}");
    assert!(text.contains("at least 10 characters"), "everything that is wrong, at once: {text}");
    assert!(text.contains("16 or over") && answer.body.contains("value=\"ann@\""), "{text}");
    assert!(app.letters().await.is_empty());
}

#[tokio::test]
async fn a_link_that_somebody_else_asked_for_makes_no_account_with_their_password() {
    let app = TestApp::with_people().await;
    let (mallory, ann) = (Person::new(&app), Person::new(&app));
    let fields = [("email", ANN), ("password", "mallory knows this one well"), ("old_enough", "yes")];
    mallory.post("/sign-up", &fields).await;
    let letter = app.next_letter_to(ANN, 0).await;
    // Ann follows the link, and does not know the password.
    assert!(ann.get(letter.link()).await.text().contains("Finish creating your account"));
    let tried = ann.post("/sign-up/confirm", &[("token", letter.token()), ("password", PASSWORD)]).await;
    assert_eq!(tried.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Her own sign-up forgets Mallory's.
    ann.sign_up(ANN, PASSWORD).await;
    let late = [("token", letter.token()), ("password", "mallory knows this one well")];
    assert_eq!(mallory.post("/sign-up/confirm", &late).await.status, StatusCode::GONE);
    assert!(!mallory.is_signed_in().await);
}

#[tokio::test]
async fn following_a_link_changes_nothing_and_using_it_twice_neither() {
    let app = TestApp::with_people().await;
    let ann = Person::new(&app);
    ann.post("/sign-up", &[("email", ANN), ("password", PASSWORD), ("old_enough", "yes")]).await;
    let letter = app.next_letter_to(ANN, 0).await;
    for _ in 0..3 {
        assert_eq!(ann.get(letter.link()).await.status, StatusCode::OK);
    }
    assert_eq!(ann.sign_in(ANN, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY, "no account yet");
    let confirm = [("token", letter.token()), ("password", PASSWORD)];
    assert_eq!(ann.post("/sign-up/confirm", &confirm).await.header("location"), "/account");
    assert_eq!(ann.post("/sign-up/confirm", &confirm).await.status, StatusCode::GONE);
    assert_eq!(ann.get(letter.link()).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_link_is_good_for_a_day_and_a_reset_for_an_hour() {
    let app = TestApp::with_people().await;
    let bob = Person::new(&app);
    bob.post("/sign-up", &[("email", "bob@example.org"), ("password", PASSWORD), ("old_enough", "yes")]).await;
    let sign_up = app.next_letter_to("bob@example.org", 0).await;
    app.pass(DAY);
    assert_eq!(bob.get(sign_up.link()).await.status, StatusCode::GONE);
    let ann = Person::with_account(&app, ANN).await;
    ann.post("/reset-password", &[("email", ANN)]).await;
    let reset = app.next_letter_to(ANN, 1).await;
    app.pass(HOUR - 1);
    assert_eq!(ann.get(reset.link()).await.status, StatusCode::OK);
    app.pass(1);
    assert_eq!(ann.get(reset.link()).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_forgotten_password_is_chosen_anew_and_everybody_else_is_out() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let elsewhere = Person::new(&app);
    elsewhere.sign_in(ANN, PASSWORD).await;
    let forgetful = Person::new(&app);
    assert_eq!(forgetful.post("/reset-password", &[("email", ANN)]).await.header("location"), "/reset-password/sent");
    let letter = app.next_letter_to(ANN, 1).await;
    let weak = forgetful.post("/reset-password/choose", &[("token", letter.token()), ("password", "short")]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = "purple elephant waltz umbrella";
    let chosen = forgetful.post("/reset-password/choose", &[("token", letter.token()), ("password", new)]).await;
    assert_eq!(chosen.header("location"), "/account", "{}", chosen.text());
    assert!(forgetful.is_signed_in().await && !elsewhere.is_signed_in().await && !ann.is_signed_in().await);
    assert_eq!(Person::new(&app).sign_in(ANN, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(Person::new(&app).sign_in(ANN, new).await.status, StatusCode::SEE_OTHER);
    assert!(app.next_letter_to(ANN, 2).await.subject.contains("was changed"));
    let again = forgetful.post("/reset-password/choose", &[("token", letter.token()), ("password", new)]).await;
    assert_eq!(again.status, StatusCode::GONE);
}

#[tokio::test]
async fn what_matters_is_asked_for_again_after_ten_minutes() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    assert_eq!(ann.get("/account/two-step").await.status, StatusCode::OK);
    app.pass(10 * MINUTE + 1);
    assert_eq!(ann.get("/account/two-step").await.header("location"), "/account/confirm?next=/account/two-step");
    let before = ann.cookie("session");
    let wrong = ann.post("/account/confirm", &[("password", "another horse battery staple")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let next = ann.post("/account/confirm", &[("password", PASSWORD), ("next", "/account/two-step")]).await;
    assert_eq!(next.header("location"), "/account/two-step");
    assert_ne!(ann.cookie("session"), before, "a new session");
    assert_eq!(ann.get("/account/two-step").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_password_is_changed_and_this_device_alone_stays() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let elsewhere = Person::new(&app);
    elsewhere.sign_in(ANN, PASSWORD).await;
    let fields = [("current", PASSWORD), ("password", "purple elephant waltz umbrella")];
    let answer = ann.post("/account/password", &fields).await;
    assert_eq!(answer.header("location"), "/account", "{}", answer.text());
    assert!(ann.is_signed_in().await && !elsewhere.is_signed_in().await);
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_the_one_before_and_nobody_else() {
    let app = TestApp::with_people().await;
    // Whoever picks up her phone a minute after she signed in.
    let ann = Person::with_account(&app, ANN).await;
    let new = "purple elephant waltz umbrella";
    let before = app.state.guard.hasher.calls();
    for (current, password, problems) in [
        ("", new, &["Enter your current password"][..]),
        ("", "short", &["Enter your current password", "at least 10 characters"]),
        (PASSWORD, "short", &["at least 10 characters"]),
    ] {
        let answer = ann.post("/account/password", &[("current", current), ("password", password)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(problems.iter().all(|problem| answer.text().contains(problem)), "{}", answer.text());
    }
    assert_eq!(app.state.guard.hasher.calls(), before, "none of them was tried");
    let wrong = ann.post("/account/password", &[("current", new), ("password", new)]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("This is not your password"), "{}", wrong.text());
    assert!(!wrong.body.contains(new));
    assert_eq!(Person::new(&app).sign_in(ANN, new).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut last = wrong;
    for _ in 0..12 {
        last = ann.post("/account/password", &[("current", new), ("password", new)]).await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.text().contains("There were too many tries"), "{}", last.text());
    // However long ago it was that she signed in: the form itself asks.
    app.pass(45 * MINUTE);
    let changed = ann.post("/account/password", &[("current", PASSWORD), ("password", new)]).await;
    assert_eq!(changed.header("location"), "/account", "{}", changed.text());
    assert_eq!(Person::new(&app).sign_in(ANN, new).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_address_is_changed_by_who_knows_the_password_and_nobody_else() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let sent = app.letters().await.len();
    for (password, problem) in
        [("", "Enter your password"), ("another horse battery staple", "This is not your password")]
    {
        let answer = ann.post("/account/email", &[("email", "ann@new.example"), ("password", password)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{password}");
        assert!(answer.text().contains(problem), "{}", answer.text());
        assert!(answer.body.contains("value=\"ann@new.example\""), "what was typed is kept");
    }
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(app.letters().await.len(), sent);
    app.pass(45 * MINUTE);
    let asked = ann.post("/account/email", &[("email", "ann@new.example"), ("password", PASSWORD)]).await;
    assert_eq!(asked.header("location"), "/account/email/sent", "{}", asked.text());
    app.next_letter_to("ann@new.example", 0).await;
}

#[tokio::test]
async fn an_address_changes_once_the_new_one_confirms_and_the_old_one_is_told() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    ann.post("/account/email", &[("email", "ann@new.example"), ("password", PASSWORD)]).await;
    let letter = app.next_letter_to("ann@new.example", 0).await;
    assert!(app.next_letter_to(ANN, 1).await.plain.contains("asked to change its email address"));
    assert!(ann.get("/account").await.text().contains("ann@example.org"), "not yet");
    let elsewhere = Person::new(&app);
    elsewhere.sign_in(ANN, PASSWORD).await;
    assert!(ann.get(letter.link()).await.text().contains("Every other device will be signed out."));
    let confirmed = ann.post("/account/email/confirm", &[("token", letter.token())]).await;
    assert_eq!(confirmed.header("location"), "/account");
    assert!(ann.get("/account").await.text().contains("ann@new.example"));
    let told = app.next_letter_to(ANN, 2).await;
    assert!(told.subject.contains("was changed") && told.plain.contains("every other device was signed out"));
    assert!(!elsewhere.is_signed_in().await);
    assert_eq!(Person::new(&app).sign_in(ANN, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(Person::new(&app).sign_in("ann@new.example", PASSWORD).await.status, StatusCode::SEE_OTHER);
    // A link that is followed on a device that is not signed in keeps no session at all.
    ann.post("/account/email", &[("email", ANN), ("password", PASSWORD)]).await;
    let back = app.next_letter_to(ANN, 3).await;
    Person::new(&app).post("/account/email/confirm", &[("token", back.token())]).await;
    assert!(!ann.is_signed_in().await);
}

#[tokio::test]
async fn nobody_takes_an_address_that_has_an_account() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let bob = Person::with_account(&app, "bob@example.org").await;
    let sent = bob.post("/account/email", &[("email", ANN), ("password", PASSWORD)]).await;
    assert_eq!(sent.header("location"), "/account/email/sent", "the page says the same");
    assert!(app.next_letter_to(ANN, 1).await.subject.contains("already have an account"));
    // Taken between the asking and the confirming.
    bob.post("/account/email", &[("email", "carol@example.org"), ("password", PASSWORD)]).await;
    let letter = app.next_letter_to("carol@example.org", 0).await;
    Person::with_account(&app, "carol@example.org").await;
    let late = bob.post("/account/email/confirm", &[("token", letter.token())]).await;
    assert_eq!(late.status, StatusCode::GONE);
    assert!(bob.is_signed_in().await && ann.is_signed_in().await);
}

#[tokio::test]
async fn devices_are_listed_and_signed_out_one_or_all() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let (phone, laptop) = (Person::new(&app), Person::new(&app));
    phone.sign_in(ANN, PASSWORD).await;
    laptop.sign_in(ANN, PASSWORD).await;
    let devices = ann.get("/account/devices").await;
    assert_eq!(devices.text().matches("Signed in on").count(), 3);
    let links: Vec<&str> = devices.body.match_indices("/account/devices/").map(|(at, _)| &devices.body[at..]).collect();
    let path = links.iter().filter_map(|link| link.split('"').next()).find(|path| path.ends_with("/sign-out")).unwrap();
    assert_eq!(ann.post(path, &[]).await.header("location"), "/account/devices");
    let left = [phone.is_signed_in().await, laptop.is_signed_in().await];
    assert_eq!(left.iter().filter(|in_| **in_).count(), 1);
    let bob = Person::with_account(&app, "bob@example.org").await;
    assert_eq!(bob.post(path, &[]).await.status, StatusCode::NOT_FOUND, "another account's");
    assert_eq!(ann.post("/account/devices/sign-out-everywhere", &[]).await.header("location"), "/sign-in");
    assert!(!ann.is_signed_in().await && !phone.is_signed_in().await && !laptop.is_signed_in().await);
    assert!(bob.is_signed_in().await);
}

#[tokio::test]
async fn signing_a_device_out_is_asked_for_again_by_a_page_that_leads_back() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    let phone = Person::new(&app);
    phone.sign_in(ANN, PASSWORD).await;
    app.pass(31 * MINUTE);
    assert_eq!(ann.get("/account/devices").await.header("location"), "/account/confirm?next=/account/devices");
    for path in ["/account/devices/x/sign-out", "/account/devices/sign-out-everywhere"] {
        let asked = ann.post(path, &[]).await;
        assert_eq!(asked.header("location"), "/account/confirm?next=/account/devices", "{path}");
    }
    assert!(phone.is_signed_in().await);
    let fields = [("password", PASSWORD), ("next", "/account/devices")];
    let back = ann.post("/account/confirm", &fields).await;
    assert_eq!(ann.get(back.header("location")).await.status, StatusCode::OK);
    ann.post("/account/devices/sign-out-everywhere", &[]).await;
    assert!(!phone.is_signed_in().await);
}

#[tokio::test]
async fn of_more_than_twenty_sessions_the_one_not_seen_for_longest_ends() {
    let app = TestApp::with_people().await;
    let first = Person::with_account(&app, ANN).await;
    let mut others = Vec::new();
    for _ in 0..20 {
        app.pass(MINUTE);
        let other = Person::new(&app);
        assert_eq!(other.sign_in(ANN, PASSWORD).await.status, StatusCode::SEE_OTHER);
        others.push(other);
        if others.len() == 19 {
            // Seen since the second was.
            assert!(first.is_signed_in().await);
        }
    }
    let last = others.pop().unwrap();
    assert_eq!(last.get("/account/devices").await.text().matches("Signed in on").count(), 20);
    assert!(first.is_signed_in().await && last.is_signed_in().await && !others[0].is_signed_in().await);
}

#[tokio::test]
async fn a_sixth_letter_in_an_hour_is_not_sent_and_the_page_says_the_same() {
    let app = TestApp::with_people().await;
    Person::with_account(&app, ANN).await;
    // After the sign-up's, which is of another kind.
    let mut pages = Vec::new();
    for n in 1..=7 {
        let asked = Person::new(&app);
        let answer = asked.post("/reset-password", &[("email", ANN)]).await;
        pages.push((answer.status, asked.get(answer.header("location")).await.text()));
        if n <= 5 {
            app.next_letter_to(ANN, n).await;
        }
    }
    // A letter that anybody else asks for later has been sent by when theirs would have been.
    Person::with_account(&app, "bob@example.org").await;
    assert_eq!(app.letters_to(ANN).await.len(), 6);
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
}

#[tokio::test]
async fn nobody_uses_up_the_letters_by_which_another_chooses_a_password() {
    let app = TestApp::with_people().await;
    Person::with_account(&app, ANN).await;
    let fields = [("email", ANN), ("password", "purple elephant waltz umbrella"), ("old_enough", "yes")];
    for n in 1..5 {
        Person::new(&app).post("/sign-up", &fields).await;
        app.next_letter_to(ANN, n).await;
    }
    Person::new(&app).post("/sign-up", &fields).await;
    Person::new(&app).post("/reset-password", &[("email", ANN)]).await;
    assert!(app.next_letter_to(ANN, 5).await.subject.contains("Choose a new password"));
}

#[tokio::test]
async fn no_log_line_has_an_address_a_token_or_a_password() {
    log::listen();
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, "ann.harper@example.org").await;
    let sign_up = app.next_letter_to("ann.harper@example.org", 0).await;
    ann.get(sign_up.link()).await;
    ann.post("/sign-out", &[]).await;
    let mut secrets = vec!["ann.harper".to_owned(), "example.org".to_owned(), sign_up.token().to_owned()];
    for password in ["another horse entirely", PASSWORD] {
        ann.sign_in("ann.harper@example.org", password).await;
        secrets.push(password.to_owned());
    }
    secrets.extend(["session", "device"].map(|name| ann.cookie(name).unwrap()));
    ann.post("/reset-password", &[("email", "ann.harper@example.org")]).await;
    let reset = app.next_letter_to("ann.harper@example.org", 1).await;
    ann.get(reset.link()).await;
    let new = "purple elephant waltz umbrella";
    let chosen = ann.post("/reset-password/choose", &[("token", reset.token()), ("password", new)]).await;
    assert_eq!(chosen.header("location"), "/account");
    secrets.extend([reset.token().to_owned(), new.to_owned(), ann.cookie("session").unwrap()]);
    app.letters().await;
    let log = log::take();
    assert!(log.contains("/reset-password/choose") && log.contains("status=303"), "it is logged at all: {log}");
    for secret in secrets {
        let encoded = support::person::encoded(&secret);
        let line = log.lines().find(|line| line.contains(&secret) || line.contains(&encoded));
        assert_eq!(line, None, "{secret}");
    }
}

#[tokio::test]
async fn a_session_ends_when_nobody_comes_and_after_its_time() {
    let app = TestApp::with_people().await;
    let ann = Person::with_account(&app, ANN).await;
    for _ in 0..11 {
        app.pass(HOUR - MINUTE);
        assert!(ann.is_signed_in().await);
    }
    let idle = Person::new(&app);
    idle.sign_in(ANN, PASSWORD).await;
    app.pass(HOUR + 1);
    assert!(!idle.is_signed_in().await, "nobody came for an hour");
    assert!(!ann.is_signed_in().await, "twelve hours are over");
    let remembered = Person::new(&app);
    remembered.post("/sign-in", &[("email", ANN), ("password", PASSWORD), ("remember", "yes")]).await;
    app.pass(13 * DAY);
    assert!(remembered.is_signed_in().await);
    app.pass(14 * DAY + 1);
    assert!(!remembered.is_signed_in().await);
}
