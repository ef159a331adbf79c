//! Who may use which address: the table below is the promise, and every route is held to it by requests.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use app::{
    account::Role,
    on,
    routes::{Route, Who},
};
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use server::{assets::Assets, router};
use sha2::{Digest, Sha256};
use support::{Answer, TestApp, person::Person};
use uuid::Uuid;

const HOUR: i64 = 60 * 60 * 1000;
/// The account's id, and that of its session.
const ANN: Uuid = Uuid::from_u128(1);

/// Every route: method, path, who may use it, and "lately" where they must have shown lately that it is still them.
/// "others heard": what others send is judged for an emergency, and nothing else is done with it. By path; a route that is missing here fails the first test, which prints its line.
const TABLE: &str = "
    GET  /                                      anyone
    GET  /accessibility                         anyone
    GET  /account                               signed in
    GET  /account/confirm                       signed in
    POST /account/confirm                       signed in
    GET  /account/consents                      signed in
    POST /account/consents                      signed in, lately
    GET  /account/consents/{kind}/withdraw      signed in
    POST /account/consents/{kind}/withdraw      signed in, lately
    GET  /account/delete                        signed in, lately
    POST /account/delete                        signed in, lately
    GET  /account/deleted                       anyone
    GET  /account/devices                       signed in, lately
    POST /account/devices/sign-out-everywhere   signed in, lately
    POST /account/devices/{session}/sign-out    signed in, lately
    GET  /account/diary                         signed in
    POST /account/diary                         signed in, others heard
    GET  /account/diary/export                  signed in, lately
    POST /account/diary/export.csv              signed in, lately
    POST /account/diary/export.fhir.json        signed in, lately
    POST /account/diary/export.json             signed in, lately
    POST /account/diary/import                  signed in
    GET  /account/diary/summary                 signed in
    GET  /account/diary/{entry}                 signed in
    POST /account/diary/{entry}                 signed in, others heard
    GET  /account/diary/{entry}/delete          signed in
    POST /account/diary/{entry}/delete          signed in
    POST /account/diary/{entry}/got-help        signed in
    GET  /account/email                         signed in
    POST /account/email                         signed in
    GET  /account/email/confirm                 anyone
    POST /account/email/confirm                 anyone
    GET  /account/email/sent                    signed in
    GET  /account/export                        signed in, lately
    POST /account/export                        signed in, lately
    GET  /account/passkeys                      signed in, lately
    POST /account/passkeys/add/begin            signed in, lately
    POST /account/passkeys/add/finish           signed in, lately
    POST /account/passkeys/{passkey}/remove     signed in, lately
    GET  /account/password                      signed in
    POST /account/password                      signed in
    GET  /account/reminders                     signed in
    POST /account/reminders                     signed in
    POST /account/reminders/calendar            signed in
    POST /account/reminders/calendar/remove     signed in
    GET  /account/sharing                       signed in, lately
    POST /account/sharing                       signed in, lately
    POST /account/sharing/{link}/end            signed in
    GET  /account/two-step                      signed in, lately
    POST /account/two-step                      signed in, lately
    GET  /account/two-step/app                  signed in, lately
    POST /account/two-step/app                  signed in, lately
    POST /account/two-step/recovery-codes       signed in, lately
    POST /account/two-step/remove               signed in, lately
    GET  /admin                                 staff
    GET  /admin/articles                        staff
    GET  /admin/articles/new                    editor
    POST /admin/articles/new                    editor
    POST /admin/articles/several                editor
    GET  /admin/articles/{id}                   staff
    POST /admin/articles/{id}/address           editor
    POST /admin/articles/{id}/approve           reviewer
    POST /admin/articles/{id}/archive           editor
    POST /admin/articles/{id}/comments          staff
    POST /admin/articles/{id}/comments/{comment}/resolve staff
    GET  /admin/articles/{id}/compare           staff
    POST /admin/articles/{id}/draft             editor
    GET  /admin/articles/{id}/draft/discard     editor
    POST /admin/articles/{id}/draft/discard     editor
    GET  /admin/articles/{id}/edit              editor
    POST /admin/articles/{id}/edit              editor
    POST /admin/articles/{id}/preview           editor
    POST /admin/articles/{id}/publish           staff
    POST /admin/articles/{id}/review            editor
    POST /admin/articles/{id}/review-links      reviewer or admin
    POST /admin/articles/{id}/review-links/{link}/end staff
    GET  /admin/articles/{id}/revisions/{number} staff
    POST /admin/articles/{id}/revisions/{number}/restore editor
    POST /admin/articles/{id}/schedule          staff
    POST /admin/articles/{id}/unarchive         editor
    POST /admin/articles/{id}/withdraw          staff
    GET  /admin/audit                           admin
    GET  /admin/exercises                       staff
    GET  /admin/exercises/new                   editor or reviewer
    POST /admin/exercises/new                   editor or reviewer
    GET  /admin/exercises/{id}                  staff
    POST /admin/exercises/{id}/approve          reviewer
    POST /admin/exercises/{id}/archive          editor or reviewer
    POST /admin/exercises/{id}/comments         staff
    POST /admin/exercises/{id}/comments/{comment}/resolve staff
    GET  /admin/exercises/{id}/compare          staff
    GET  /admin/exercises/{id}/edit             editor or reviewer
    POST /admin/exercises/{id}/edit             editor or reviewer
    POST /admin/exercises/{id}/publish          staff
    POST /admin/exercises/{id}/review           editor or reviewer
    GET  /admin/exercises/{id}/revisions/{number} staff
    POST /admin/exercises/{id}/revisions/{number}/restore editor or reviewer
    POST /admin/exercises/{id}/unarchive        editor or reviewer
    POST /admin/exercises/{id}/withdraw         staff
    GET  /admin/feedback                        staff
    GET  /admin/feedback/{article}              staff
    POST /admin/feedback/{article}/{remark}     editor
    GET  /admin/feedback/{article}/{remark}/delete editor
    POST /admin/feedback/{article}/{remark}/delete editor
    GET  /admin/files                           admin, lately
    POST /admin/files                           admin, lately
    GET  /admin/files/check                     admin, lately
    POST /admin/files/check                     admin, lately
    POST /admin/files/discard                   admin, lately
    POST /admin/files/download                  admin, lately
    GET  /admin/numbers                         editor or reviewer
    GET  /admin/media                           staff
    GET  /admin/media/new                       editor
    POST /admin/media/new                       editor
    GET  /admin/media/pick                      editor
    GET  /admin/media/{id}                      staff
    POST /admin/media/{id}                      editor
    POST /admin/media/{id}/archive              editor
    GET  /admin/media/{id}/delete               admin
    POST /admin/media/{id}/delete               admin
    GET  /admin/media/{id}/replace              editor
    POST /admin/media/{id}/replace              editor
    POST /admin/media/{id}/unarchive            editor
    POST /admin/media/{id}/versions/{number}/restore editor
    GET  /admin/people                          admin, lately
    POST /admin/people                          admin, lately
    POST /admin/people/revoke                   admin, lately
    POST /admin/people/sign-out                 admin, lately
    POST /admin/people/withdraw                 admin, lately
    GET  /admin/rules                           staff
    POST /admin/rules/new                       editor or reviewer
    GET  /admin/rules/{id}                      staff
    POST /admin/rules/{id}/ask                  editor or reviewer
    POST /admin/rules/{id}/check                editor or reviewer
    GET  /admin/rules/{id}/edit                 editor or reviewer
    POST /admin/rules/{id}/edit                 editor or reviewer
    GET  /admin/rules/{id}/parts                editor or reviewer
    GET  /admin/rules/{id}/parts/{part}/{item}  editor or reviewer
    POST /admin/rules/{id}/parts/{part}/{item}  editor or reviewer
    POST /admin/rules/{id}/publish              reviewer
    GET  /admin/rules/{id}/revisions/{number}/{file} staff
    POST /admin/rules/{id}/roll-back            reviewer or admin
    GET  /admin/rules/{id}/try                  staff
    POST /admin/rules/{id}/try                  staff
    POST /admin/rules/{id}/withdraw             editor or reviewer
    GET  /admin/settings                        admin, lately
    POST /admin/settings                        admin, lately
    GET  /admin/settings/{number}               admin, lately
    GET  /admin/system                          admin
    POST /api/v1/assess                         anyone
    GET  /api/v1/openapi.json                   anyone
    GET  /api/v1/rules                          anyone
    GET  /articles                              anyone
    GET  /articles/{slug}                       anyone
    GET  /articles/{slug}/thanks                anyone
    POST /articles/{slug}/thanks                anyone
    POST /articles/{slug}/useful                anyone
    GET  /assets/{name}                         anyone
    GET  /calendar/{name}                       anyone
    GET  /editor.js                             anyone
    GET  /exercises                             anyone
    GET  /exercises/{id}                        anyone
    GET  /favicon.svg                           anyone
    GET  /healthz                               anyone
    GET  /icons/{name}                          anyone
    GET  /invitation                            anyone
    POST /invitation                            anyone
    POST /invitation/accept                     signed in
    POST /invitation/decline                    anyone
    GET  /manifest.webmanifest                  anyone
    GET  /media/{name}                          anyone
    GET  /offline                               anyone
    GET  /passkey.js                            anyone
    GET  /pictures.js                           anyone
    GET  /print.js                              anyone
    GET  /privacy                               anyone
    GET  /privacy/what-we-store                 anyone
    GET  /readyz                                anyone
    GET  /reminders/stop                        anyone
    POST /reminders/stop                        anyone
    GET  /reset-password                        anyone
    POST /reset-password                        anyone
    GET  /reset-password/choose                 anyone
    POST /reset-password/choose                 anyone
    GET  /reset-password/sent                   anyone
    GET  /review/{token}                        anyone
    POST /review/{token}/approve                anyone
    POST /review/{token}/comment                anyone
    GET  /robots.txt                            anyone
    GET  /seek-help                             anyone
    POST /seek-help                             anyone
    GET  /seek-help/about                       anyone
    POST /seek-help/helped                      anyone
    GET  /seek-help/thanks                      anyone
    GET  /shared/{token}                        anyone
    GET  /sign-in                               anyone
    POST /sign-in                               anyone
    GET  /sign-in/code                          half signed in
    POST /sign-in/code                          half signed in
    POST /sign-in/passkey/begin                 anyone
    POST /sign-in/passkey/finish                anyone
    POST /sign-out                              half signed in
    GET  /sign-up                               anyone
    POST /sign-up                               anyone
    GET  /sign-up/confirm                       anyone
    POST /sign-up/confirm                       anyone
    GET  /sign-up/sent                          anyone
    GET  /sw.js                                 anyone
    GET  /tracker                               anyone
    GET  /tracker/body                          anyone
    GET  /tracker/plan                          anyone
    GET  /tracker/progress                      anyone
    GET  /tracker/session                       anyone
    GET  /tracker/sheet                         anyone
    POST /tracker/sync                          signed in, others heard
";

fn line(route: &Route) -> String {
    let who = match route.who {
        Who::Anyone => "anyone".to_owned(),
        Who::HalfSignedIn => "half signed in".to_owned(),
        Who::SignedIn => "signed in".to_owned(),
        Who::Staff(role) => role.name().to_owned(),
        Who::Either(one, other) => format!("{} or {}", one.name(), other.name()),
        Who::AnyStaff => "staff".to_owned(),
    };
    let lately = if route.fresh { ", lately" } else { "" };
    let heard = if route.heard { ", others heard" } else { "" };
    format!("{:<4} {:<38} {who}{lately}{heard}", route.method.as_str(), route.path)
}

fn routes() -> Vec<Route> {
    router::routes(Assets::default()).table().to_vec()
}

#[test]
fn the_table_lists_every_route_and_no_other() {
    let routes: Vec<String> = routes().iter().map(line).collect();
    let listed: BTreeSet<&str> = TABLE.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let there: BTreeSet<&str> = routes.iter().map(String::as_str).collect();
    let missing: Vec<&str> = there.difference(&listed).copied().collect();
    let gone: Vec<&str> = listed.difference(&there).copied().collect();
    assert!(missing.is_empty(), "add to TABLE, if this is who may use it:\n{}\n", missing.join("\n"));
    assert!(gone.is_empty(), "no route is like this line of TABLE any more:\n{}\n", gone.join("\n"));
    assert_eq!(there.len(), routes.len(), "a route is there twice");
}

#[test]
fn whatever_is_below_account_or_admin_is_nobody_elses() {
    // A link of an e-mail is followed on devices that are not signed in, too: its token is the proof. And whoever has just
    // deleted their account has none.
    let for_anyone = ["/account/email/confirm", "/account/deleted"];
    for route in routes() {
        let ours = route.path.starts_with("/account") && !for_anyone.contains(&route.path);
        assert!(!ours || route.who != Who::Anyone, "{}", line(&route));
        let staff = matches!(route.who, Who::Staff(_) | Who::Either(..) | Who::AnyStaff);
        assert_eq!(route.path.starts_with("/admin"), staff, "{}", line(&route));
        let of_desk = route.path == "/admin"
            || [
                "/admin/articles",
                "/admin/exercises",
                "/admin/feedback",
                "/admin/media",
                "/admin/numbers",
                "/admin/rules",
            ]
            .iter()
            .any(|desk| route.path.starts_with(desk));
        assert!(!staff || of_desk || route.who == Who::Staff(Role::Admin), "{}", line(&route));
    }
}

/// Somebody who asks.
#[derive(Clone, Copy, Debug)]
struct Visitor {
    name: &'static str,
    /// None: nobody. Else how far the sign-in has come.
    stage: Option<&'static str>,
    roles: &'static str,
    /// Whether something beside the password was shown.
    strong: bool,
}

const VISITORS: [Visitor; 8] = [
    Visitor { name: "nobody", stage: None, roles: "", strong: false },
    Visitor { name: "half signed in", stage: Some("half"), roles: "", strong: false },
    Visitor { name: "an administrator half signed in", stage: Some("half"), roles: "admin", strong: false },
    Visitor { name: "a patient", stage: Some("full"), roles: "", strong: false },
    Visitor { name: "an editor", stage: Some("full"), roles: "editor", strong: true },
    Visitor { name: "a reviewer", stage: Some("full"), roles: "reviewer", strong: true },
    Visitor { name: "an administrator", stage: Some("full"), roles: "admin", strong: true },
    Visitor { name: "an administrator by password alone", stage: Some("full"), roles: "admin", strong: false },
];

impl Visitor {
    /// A browser with a session like that, begun anew: an earlier request may have ended it.
    async fn browser<'a>(&self, app: &'a TestApp, fresh: bool) -> Person<'a> {
        let person = Person::new(app);
        if let Some(stage) = self.stage {
            let token = "0123456789abcdef".repeat(4);
            begin_session(app, self, stage, &token, fresh).await;
            person.set_cookie("session", &token);
        }
        person
    }

    /// What the design says that they are answered.
    fn expected(&self, route: &Route, fresh: bool) -> Expected {
        let Some(stage) = self.stage else {
            return match (route.who, &route.method) {
                (Who::Anyone, _) => Expected::Allowed,
                (_, &Method::POST) => Expected::Status(StatusCode::UNAUTHORIZED),
                _ => Expected::LedTo("/sign-in"),
            };
        };
        match route.who {
            Who::Anyone => return Expected::Allowed,
            Who::HalfSignedIn => {}
            // The page with the form says where to go on.
            _ if stage == "half" && route.heard => return Expected::Status(StatusCode::UNAUTHORIZED),
            _ if stage == "half" => return Expected::LedTo("/sign-in/code"),
            Who::SignedIn => {}
            Who::Staff(role) if role.name() != self.roles => return Expected::Status(StatusCode::FORBIDDEN),
            Who::Either(one, other) if ![one.name(), other.name()].contains(&self.roles) => {
                return Expected::Status(StatusCode::FORBIDDEN);
            }
            Who::AnyStaff if self.roles.is_empty() => return Expected::Status(StatusCode::FORBIDDEN),
            Who::Staff(_) | Who::Either(..) | Who::AnyStaff if !self.strong => {
                return Expected::LedTo("/account/two-step");
            }
            Who::Staff(_) | Who::Either(..) | Who::AnyStaff => {}
        }
        if route.fresh && !fresh { Expected::LedTo("/account/confirm") } else { Expected::Allowed }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Allowed,
    Status(StatusCode),
    LedTo(&'static str),
}

/// Writes the account and its one session as no form does: any role, at any stage.
async fn begin_session(app: &TestApp, visitor: &Visitor, stage: &'static str, token: &str, fresh: bool) {
    let (roles, strong, token) = (visitor.roles, visitor.strong, Sha256::digest(token).to_vec());
    let now = app.state.clock.millis_i64();
    // Neither page nor form is open to who showed it an hour ago.
    let confirmed_at = if fresh { now } else { now - HOUR };
    let written = app.state.db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(
                "insert into account (id, email, email_key, password_hash, roles, created_at)
                 values ($1, 'ann@example.org', 'ann@example.org', '', $2, $3)
                 on conflict (id) do update set roles = excluded.roles",
            )
            .bind(ANN)
            .bind(roles)
            .bind(now)
            .execute(connection)
            .await
            .map(drop))?;
            on!(tx &mut tx, connection => sqlx::query("delete from session").execute(connection).await.map(drop))?;
            on!(tx &mut tx, connection => sqlx::query(
                "insert into session (token_hash, id, account_id, stage, strong, remember, device, created_at, seen_at,
                                      expires_at, confirmed_at)
                 values ($1, $2, $2, $3, $4, false, '', $5, $5, $6, $7)",
            )
            .bind(token)
            .bind(ANN)
            .bind(stage)
            .bind(strong)
            .bind(now)
            .bind(now + HOUR)
            .bind(confirmed_at)
            .execute(connection)
            .await
            .map(drop))?;
            Ok(())
        })
    });
    written.await.unwrap();
}

/// The path, with an id that is nobody's in each place for one.
fn address(route: &Route) -> String {
    let mut address = String::new();
    for part in route.path.split('/').skip(1) {
        let part = if part.starts_with('{') { "0198f3c0-0000-7000-8000-000000000000" } else { part };
        address.push('/');
        address.push_str(part);
    }
    address
}

/// Where one comes back to: a form that has no page at its own address, to the page of its part of the account.
fn page_of(route: &Route) -> String {
    let parts = if route.method == Method::POST { 3 } else { usize::MAX };
    address(route).split('/').take(parts).collect::<Vec<_>>().join("/")
}

async fn ask(person: &Person<'_>, route: &Route) -> Answer {
    if route.method == Method::POST {
        person.post(&address(route), &[]).await
    } else {
        person.get(&address(route)).await
    }
}

fn assert_answer(answer: &Answer, expected: Expected, route: &Route, who: &str) {
    let told = format!("{} to {who}: {} {:?}", line(route), answer.status, answer.header("location"));
    let (page, next) = answer.header("location").split_once("?next=").unwrap_or((answer.header("location"), ""));
    match expected {
        Expected::Allowed => {
            let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status);
            let led_away = route.method == Method::GET && ["/sign-in", "/account/confirm"].contains(&page);
            assert!(!refused && !led_away && !answer.status.is_server_error(), "{told}");
        }
        Expected::Status(status) => assert_eq!(answer.status, status, "{told}"),
        Expected::LedTo(expected) => {
            assert_eq!((answer.status, page), (StatusCode::SEE_OTHER, expected), "{told}");
            // And back from there, unless that is where one goes anyway.
            let back = ["/sign-in", "/account/confirm"].contains(&expected) && route.path != "/account";
            assert_eq!(next, if back { page_of(route) } else { String::new() }, "{told}");
        }
    }
    if expected != Expected::Allowed {
        assert_eq!(answer.header("cache-control"), "no-store", "{told}");
    }
}

#[tokio::test]
async fn every_route_answers_everybody_as_the_table_says() {
    let app = TestApp::with_people().await;
    let routes = routes();
    for visitor in VISITORS {
        for route in &routes {
            for fresh in [true, false] {
                let person = visitor.browser(&app, fresh).await;
                let answer = ask(&person, route).await;
                assert_answer(&answer, visitor.expected(route, fresh), route, visitor.name);
                let of_account = matches!(route.who, Who::SignedIn | Who::Staff(_) | Who::Either(..) | Who::AnyStaff);
                if of_account && route.method == Method::GET && answer.status == StatusCode::OK
                    // What a script asks for is no page.
                    && answer.header("content-type").starts_with("text/html")
                {
                    assert!(answer.body.contains("action=\"/sign-out\""), "{}: no way to sign out", line(route));
                }
            }
        }
    }
}

#[tokio::test]
async fn no_address_takes_a_method_that_the_table_does_not_name() {
    let app = TestApp::with_people().await;
    let routes = routes();
    let admin = VISITORS.iter().find(|visitor| visitor.name == "an administrator").unwrap();
    for route in &routes {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE] {
            if routes.iter().any(|other| other.path == route.path && other.method == method) {
                continue;
            }
            let person = admin.browser(&app, true).await;
            let request = person.request(method.clone(), &address(route)).header("sec-fetch-site", "same-origin");
            let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let answer = person.send(request.body(Body::empty()).unwrap()).await;
            // A shorter path with a place for an id may be the one that answers: then there is nothing with that id.
            let refused = [StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_FOUND].contains(&answer.status);
            assert!(refused, "{method} {}: {}", route.path, answer.status);
        }
    }
}
