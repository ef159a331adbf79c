//! Exercises on the desk: from a changed step to what readers and trackers have; never approved by who wrote it, never replaced
//! by a file once the desk has it, and never gone without a word for whoever has it in a plan.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use app::{
    audit::{self, Action, Actor, Event},
    content::{Origin, Saved},
    desk::{
        Approval,
        exercises::store::{self, NewRevision},
    },
    exercise, on,
};
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use server::start;
use support::{
    Answer, NOW, TestApp,
    desk::{DAY, account, is_done, staff, written},
    engines::engines,
    person::Person,
};

const BRIDGE: &str = "/admin/exercises/bridge";
const DRAWING: &str = "<svg viewBox=\"0 0 24 16\"><path d=\"M1 2h3\"/></svg>";

/// Sends a form as a browser does that may have a file in it.
async fn send(person: &Person<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let part = |(name, value): &(&str, &str)| {
        let file = if *name == "drawing" { "; filename=\"a.svg\"\r\nContent-Type: image/svg+xml" } else { "" };
        format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{}\r\n",
            value.replace('\n', "\r\n")
        )
    };
    let body = fields.iter().map(part).collect::<String>() + "--edge--\r\n";
    let request = person
        .request(Method::POST, path)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
    person.send(request.body(Body::from(body)).unwrap()).await
}

/// Everything that the form of a new exercise asks for.
fn new_exercise() -> Vec<(&'static str, &'static str)> {
    vec![
        ("the_slug", "wall-slide"),
        ("the_name", "Wall slide"),
        ("purpose", "Makes your thighs stronger"),
        ("the_summary", "Against a wall, you bend your knees a little."),
        ("position", "300"),
        ("start", "Stand with your back to a wall."),
        ("steps", "Slide down a little.\nSlide up again."),
        ("easier", "Slide less far."),
        ("sets", "2"),
        ("reps", "8"),
        ("hold", ""),
        ("minutes", ""),
        ("most_sets", ""),
        ("most_reps", "12"),
        ("most_hold", ""),
        ("frequency", "Once a day"),
        ("pain_limit", "Tired thighs are fine."),
        ("stop_when", "Stop if your knees hurt.\nStop if pain spreads down your leg."),
        ("care", ""),
        ("min_foot_score", "3"),
        ("avoid", "bad-knees"),
        ("figure_alt", "A person slides down a wall."),
        ("figure", DRAWING),
        ("source_title", "Strength at home"),
        ("source_publisher", "NHS"),
        ("source_url", "https://www.nhs.uk/"),
        ("review_months", "12"),
        ("the_note", "first"),
        ("press", "save"),
    ]
}

fn with<'a>(fields: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    fields.iter().copied().filter(|(field, _)| *field != name).chain([(name, value)]).collect()
}

/// What the form of an exercise has, to be sent again.
async fn form_of(person: &Person<'_>, page: &str) -> Vec<(String, String)> {
    let body = person.get(&format!("{page}/edit")).await.body;
    let mut fields = vec![];
    for input in body.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap()) {
        let of = |name: &str| Some(input.split_once(&format!("{name}=\""))?.1.split('"').next().unwrap().to_owned());
        let ticked = !input.contains("type=\"checkbox\"") || input.contains("checked");
        if let (Some(name), true) = (of(" name").or(of("name")), ticked) {
            fields.push((name, of("value").unwrap_or_default().replace("&quot;", "\"").replace("&amp;", "&")));
        }
    }
    for name in ["the_summary", "start", "steps", "easier", "pain_limit", "stop_when", "care", "figure_alt", "figure"] {
        fields.push((name.to_owned(), written(&body, name)));
    }
    fields.push(("press".to_owned(), "save".to_owned()));
    fields
}

/// Changes one field of an exercise, as its form has it now.
async fn change(person: &Person<'_>, page: &str, field: &str, value: &str) -> Answer {
    let form = form_of(person, page).await;
    let fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert!(fields.iter().any(|(name, _)| *name == field), "the form has {field}");
    send(person, &format!("{page}/edit"), &with(&fields, field, value)).await
}

async fn press(person: &Person<'_>, page: &str, act: &str, revision: &str) -> Answer {
    person.post(&format!("{page}/{act}"), &[("revision", revision)]).await
}

async fn approve(person: &Person<'_>, page: &str, revision: &str) -> Answer {
    let signed =
        [("revision", revision), ("name", "Dr Alex Example"), ("registration", "HCPC PH123456"), ("read", "yes")];
    person.post(&format!("{page}/approve"), &signed).await
}

/// Has it approved and published.
async fn publish(writer: &Person<'_>, reviewer: &Person<'_>, page: &str, revision: &str) {
    is_done(&press(writer, page, "review", revision).await, "sent");
    is_done(&approve(reviewer, page, revision).await, "approved");
    is_done(&press(writer, page, "publish", revision).await, "published");
}

async fn with_content() -> TestApp {
    let app = TestApp::with_people().await;
    start::load_starting_content(&app.state).await.unwrap();
    app
}

#[tokio::test]
async fn a_changed_step_is_approved_by_somebody_else_and_then_read() {
    let app = with_content().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let both = staff(&app, "both", "editor reviewer").await;
    let steps = "Tighten your bottom.\nLift your hips a hand's breadth.";
    is_done(&change(&ed, BRIDGE, "steps", steps).await, "saved");
    for page in ["/exercises/bridge", "/tracker/session"] {
        assert!(!app.get(page).await.body.contains("breadth"), "{page}: readers see what is published");
    }
    let listed = ed.get("/admin/exercises?status=draft").await.text();
    assert!(listed.contains("1 exercise") && listed.contains("an earlier revision is in the library"), "{listed}");
    assert!(ed.get("/admin").await.text().contains("Your drafts of exercises"), "and it waits on the desk");

    // Another writes a part of it too, and so cannot approve it.
    is_done(&change(&both, BRIDGE, "care", "Keep it low.").await, "saved");
    is_done(&press(&ed, BRIDGE, "review", "3").await, "sent");
    assert!(rev.get("/admin").await.text().contains("Exercises to review (1)"));
    let own = approve(&both, BRIDGE, "3").await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(own.text().contains("You wrote a part of this, so somebody else has to approve it"), "{}", own.text());
    assert_eq!(approve(&ed, BRIDGE, "3").await.status, StatusCode::FORBIDDEN, "an editor is no clinician");
    let unread = rev.post(&format!("{BRIDGE}/approve"), &[("revision", "3"), ("name", "Dr Alex Example")]).await;
    assert_eq!(unread.status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in ["Enter your registration number", "Confirm that you have read this revision"] {
        assert!(unread.text().contains(said), "{said}");
    }
    assert!(unread.body.contains("value=\"Dr Alex Example\""), "nothing typed is lost");
    assert_eq!(approve(&rev, BRIDGE, "2").await.status, StatusCode::CONFLICT, "of exactly the newest revision");
    assert_eq!(press(&ed, BRIDGE, "publish", "3").await.status, StatusCode::CONFLICT, "not before it is approved");

    is_done(&approve(&rev, BRIDGE, "3").await, "approved");
    assert!(!app.get("/exercises/bridge").await.body.contains("breadth"), "not before it is published");
    is_done(&press(&ed, BRIDGE, "publish", "3").await, "published");
    let read = app.get("/exercises/bridge").await;
    assert!(read.body.contains("Lift your hips a hand's breadth."), "{}", read.text());
    assert!(
        read.text().contains("Reviewed by Dr Alex Example (HCPC PH123456) on 22 November 2026."),
        "{}",
        read.text()
    );
    assert!(app.get("/tracker/session").await.body.contains("breadth"), "at once, where the tracker takes it from");
    assert!(
        app.get("/exercises/walking").await.text().contains("Not signed off by a clinician yet."),
        "the others as before"
    );

    // Saved again, it is a draft that the approval is not of.
    is_done(&change(&ed, BRIDGE, "care", "").await, "saved");
    assert_eq!(press(&ed, BRIDGE, "publish", "4").await.status, StatusCode::CONFLICT);
    let page = ed.get(BRIDGE).await.text();
    assert!(page.contains("Readers see revision 3") && page.contains("Its review is due on"), "{page}");
    assert!(matches!(audit::verify(&app.state.db).await.unwrap(), audit::Verdict::Whole { .. }));
    app.pass(500 * DAY);
    let due = app.get("/exercises/bridge").await.text();
    assert!(due.contains("It should have been reviewed again by"), "{due}");
}

#[tokio::test]
async fn what_is_in_review_can_be_taken_back_and_restored_and_talked_about() {
    let app = with_content().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    // A clinician may write too.
    is_done(&change(&rev, BRIDGE, "steps", "Lift.").await, "saved");
    is_done(&press(&rev, BRIDGE, "review", "2").await, "sent");
    is_done(&rev.post(&format!("{BRIDGE}/comments"), &[("revision", "2"), ("said", "Too short?")]).await, "commented");
    let empty = ed.post(&format!("{BRIDGE}/comments"), &[("revision", "2"), ("said", " ")]).await;
    assert!(empty.status == StatusCode::UNPROCESSABLE_ENTITY && empty.text().contains("Enter a comment"));
    let page = ed.get(BRIDGE).await.body;
    let resolve = page.split("action=\"").find(|rest| rest.contains("/resolve\"")).unwrap().split('"').next().unwrap();
    is_done(&ed.post(resolve, &[]).await, "resolved");
    is_done(&press(&ed, BRIDGE, "withdraw", "2").await, "withdrawn");

    let compared = ed.get(&format!("{BRIDGE}/compare?from=1&to=2")).await;
    assert!(compared.body.contains("<del>") && compared.text().contains("Steps"), "{}", compared.text());
    let old = ed.get(&format!("{BRIDGE}/revisions/1")).await.text();
    assert!(old.contains("from a file") && old.contains("When to stop"), "as readers see it: {old}");
    is_done(&press(&ed, BRIDGE, "revisions/1/restore", "1").await, "restored");
    let page = ed.get(BRIDGE).await.text();
    assert!(page.contains("Revision 1, restored") && page.contains("revision 3"), "{page}");
    let same = ed.get(&format!("{BRIDGE}/compare?from=1&to=3")).await.text();
    assert!(same.contains("They are the same."), "{same}");
    is_done(&change(&ed, BRIDGE, "care", "Start low: lift only a little at first.").await, "unchanged");
    assert_eq!(ed.get("/admin/exercises/headstand").await.status, StatusCode::NOT_FOUND);
    assert_eq!(ed.get(&format!("{BRIDGE}/revisions/9")).await.status, StatusCode::NOT_FOUND);

    // As it is, for whoever wants it signed off.
    let walking = "/admin/exercises/walking";
    is_done(&press(&ed, walking, "review", "1").await, "sent");
    is_done(&approve(&rev, walking, "2").await, "approved");
    is_done(&press(&ed, walking, "publish", "2").await, "published");
    assert!(app.get("/exercises/walking").await.text().contains("Reviewed by Dr Alex Example"));
}

#[tokio::test]
async fn two_who_write_at_once_lose_nothing() {
    let app = with_content().await;
    let (ed, other) = (staff(&app, "ed", "editor").await, staff(&app, "other", "editor").await);
    let mine = form_of(&ed, BRIDGE).await;
    is_done(&change(&other, BRIDGE, "steps", "Lift low.").await, "saved");
    let fields: Vec<(&str, &str)> = mine.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let late = send(&ed, &format!("{BRIDGE}/edit"), &with(&fields, "care", "Mind your neck.")).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert_eq!(written(&late.body, "care"), "Mind your neck.");
    assert!(late.text().contains("Revision 2 was saved while you were writing") && late.body.contains("low."));
    // What is sent from there is after what the other saved.
    assert_eq!(support::desk::hidden(&late.body, "base"), "2");
}

#[tokio::test]
async fn a_new_exercise_is_read_whole_or_refused_with_nothing_lost() {
    let app = with_content().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let good = new_exercise();
    for (field, value, said) in [
        ("the_slug", "Wall slide", "Enter an address"),
        ("the_slug", "new", "Enter an address"),
        ("the_slug", "bridge", "Another exercise has this address"),
        ("steps", " \n", "Enter the steps"),
        ("stop_when", "", "Enter when to stop"),
        ("source_title", "", "Enter the title of the source"),
        ("most_reps", "4", "Enter 8 or more"),
        ("sets", "9", "Enter a number from 1 to 5"),
        ("figure", "<svg viewBox=\"0 0 1 1\"><script>alert(1)</script></svg>", "it has &lt;script"),
        ("figure", "<svg viewBox=\"0 0 1 1\"\nonload=\"x\"></svg>", "which a drawing may not have"),
        ("drawing", "<svg viewBox=\"0 0 1 1\"><image href=\"/x\"/></svg>", "it has &lt;image"),
    ] {
        let refused = send(&ed, "/admin/exercises/new", &with(&good, field, value)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}: {}", refused.text());
        let text = refused.text();
        assert!(refused.body.contains(said) || text.contains(said), "{field} {value}: {text}");
        assert_eq!(written(&refused.body, "easier"), "Slide less far.", "nothing typed is lost");
        assert!(refused.body.contains("value=\"bad-knees\" checked"), "{field}");
        assert!(!refused.body.contains("<script>alert") && !refused.body.contains("<image"), "nothing of it is drawn");
        if field == "figure" || field == "drawing" {
            assert_eq!(written(&refused.body, "figure"), value, "what was uploaded can be mended too");
        }
    }
    assert_eq!(ed.get("/admin/exercises/wall-slide").await.status, StatusCode::NOT_FOUND, "nothing was kept");

    // Looked at, as readers would see it, and then kept, with the drawing of a file.
    let looked = send(&ed, "/admin/exercises/new", &with(&good, "press", "preview")).await;
    assert_eq!(looked.status, StatusCode::OK);
    assert!(
        looked.text().contains("nothing is saved yet") && looked.text().contains("8 times · 2 sets"),
        "{}",
        looked.text()
    );
    let drawing = "<?xml version=\"1.0\"?>\n<svg viewBox=\"0 0 24 16\"><path d=\"M9 9h9\"/></svg>";
    is_done(&send(&ed, "/admin/exercises/new", &with(&good, "drawing", drawing)).await, "saved");
    let page = "/admin/exercises/wall-slide";
    assert_eq!(app.get("/exercises/wall-slide").await.status, StatusCode::NOT_FOUND, "nobody reads a draft");
    publish(&ed, &rev, page, "1").await;
    let read = app.get("/exercises/wall-slide").await;
    assert!(read.body.contains("M9 9h9") && read.text().contains("Your knees are bad"), "{}", read.text());
    assert!(app.get("/exercises").await.text().contains("Wall slide"));
    assert!(app.get("/tracker/plan").await.body.contains("wall-slide"));
    assert_eq!(send(&rev, "/admin/exercises/new", &[("the_name", "x")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(ed.post("/admin/exercises/new", &good).await.status, StatusCode::BAD_REQUEST, "that is another form");
}

#[tokio::test]
async fn one_that_is_taken_out_of_the_library_is_still_told_of_to_whoever_has_it_in_a_plan() {
    let app = with_content().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let silent = ed.post(&format!("{BRIDGE}/archive"), &[("told", " ")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.text().contains("Say what whoever has it in their plan is told"), "{}", silent.text());
    assert!(ed.get(BRIDGE).await.text().contains("It is in these plans to start from:"));
    is_done(&ed.post(&format!("{BRIDGE}/archive"), &[("told", "Stop doing it: it may harm.")]).await, "archived");
    // In no list and in no plan to start from.
    assert!(!app.get("/exercises").await.text().contains("Bridge"));
    assert!(!app.get("/tracker/sheet").await.text().contains("Bridge"));
    // But there for those who have it.
    let read = app.get("/exercises/bridge").await;
    assert_eq!(read.status, StatusCode::OK);
    assert!(read.text().contains("not in our library any more. Stop doing it: it may harm."), "{}", read.text());
    assert!(!read.text().contains("Add it to my day"));
    for page in ["/tracker", "/tracker/plan", "/tracker/session"] {
        assert!(app.get(page).await.body.contains("Stop doing it: it may harm."), "{page}");
    }
    assert!(!ed.get("/admin/exercises").await.text().contains("Bridge"));
    assert!(ed.get("/admin/exercises?status=archived").await.text().contains("Bridge"));
    assert_eq!(ed.post(&format!("{BRIDGE}/archive"), &[("told", "Again.")]).await.status, StatusCode::CONFLICT);
    let saved = change(&ed, BRIDGE, "care", "x").await;
    assert!(saved.text().contains("This exercise is archived: bring it back"), "{}", saved.text());

    // Back on the desk it is told of until it is published again, which takes a clinician.
    is_done(&press(&ed, BRIDGE, "unarchive", "1").await, "unarchived");
    assert!(app.get("/exercises/bridge").await.text().contains("Stop doing it"));
    publish(&ed, &rev, BRIDGE, "1").await;
    assert!(!app.get("/exercises/bridge").await.text().contains("not in our library"));
    assert!(app.get("/exercises").await.text().contains("Bridge"));

    // What readers never saw is gone for them.
    is_done(&send(&ed, "/admin/exercises/new", &new_exercise()).await, "saved");
    is_done(&ed.post("/admin/exercises/wall-slide/archive", &[("told", "No.")]).await, "archived");
    assert_eq!(app.get("/exercises/wall-slide").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_plan_to_start_from_never_has_more_than_the_exercise_may_grow_to() {
    let app = with_content().await;
    let (ed, rev) = (staff(&app, "ed", "editor").await, staff(&app, "rev", "reviewer").await);
    let before = app.get("/tracker/sheet").await.text();
    assert!(before.contains("Bridge8 times · 2 sets") || before.contains("Bridge 8 times · 2 sets"), "{before}");
    is_done(&change(&ed, BRIDGE, "most_reps", "").await, "saved");
    let form = form_of(&ed, BRIDGE).await;
    let fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let less = with(&with(&with(&fields, "sets", "1"), "reps", "4"), "most_reps", "6");
    is_done(&send(&ed, &format!("{BRIDGE}/edit"), &less).await, "saved");
    publish(&ed, &rev, BRIDGE, "3").await;
    let after = app.get("/tracker/sheet").await.text();
    assert!(!after.contains("Bridge8 times") && after.contains("4 times"), "{after}");
}

/// On both engines: the tables, the transactions, and that no start of the site replaces what the desk has.
#[tokio::test]
async fn no_file_replaces_what_the_desk_has() {
    for engine in engines("exercises_at_the_desk").await {
        let state = engine.state().await;
        let db = &engine.db;
        start::load_starting_content(&state).await.unwrap();
        let (ed, rev) = (account("ed"), account("rev"));
        let event = |by, action| Event::new(&NOW, Actor::Account(by), action);
        let mut text = store::text(db, "bridge", 1).await.unwrap().unwrap();
        text.exercise.steps = vec!["Lift.".to_owned()];
        let revision = |text: &_| NewRevision {
            text: Clone::clone(text),
            note: String::new(),
            by: Some(ed),
            at: NOW.millis_i64(),
        };
        let saved = store::save(db, NOW.new_id(), 1, revision(&text), event(ed, Action::ExerciseSaved)).await;
        assert_eq!(saved.unwrap(), 2, "{}", engine.name);
        let late = store::save(db, NOW.new_id(), 1, revision(&text), event(ed, Action::ExerciseSaved)).await;
        assert!(matches!(late, Err(app::Error::Conflict)), "{}: {late:?}", engine.name);
        let file = exercise::store::exercise(db, "bridge").await.unwrap().unwrap();
        assert_ne!(file.steps, text.exercise.steps, "{}: readers see what is published", engine.name);

        let bridge = || "bridge".to_owned();
        store::send_to_review(db, bridge(), 2, event(ed, Action::ExerciseSentToReview)).await.unwrap();
        let approval = |by| Approval {
            revision: 2,
            reviewer: Some(by),
            name: "Dr A".to_owned(),
            registration: "GMC 1".to_owned(),
            approved_at: NOW.millis_i64(),
            override_reason: None,
        };
        let own = store::approve(db, bridge(), approval(ed), event(ed, Action::ExerciseApproved)).await;
        assert!(matches!(own, Err(app::Error::Forbidden)), "{}: {own:?}", engine.name);
        store::approve(db, bridge(), approval(rev), event(rev, Action::ExerciseApproved)).await.unwrap();
        store::publish(db, bridge(), 2, NOW.millis_i64(), event(ed, Action::ExercisePublished)).await.unwrap();
        assert_eq!(
            exercise::store::exercise(db, "bridge").await.unwrap().as_ref(),
            Some(&text.exercise),
            "{}",
            engine.name
        );
        let shown = exercise::store::shown(db, "bridge").await.unwrap().unwrap();
        assert_eq!(shown.review.unwrap().by.registration, "GMC 1", "{}", engine.name);
        assert_eq!(store::last_signature(db, rev).await.unwrap().unwrap().0, "Dr A", "{}", engine.name);

        // Also not what a newer program brings, nor what was only begun with or archived.
        let mut shipped = file.clone();
        shipped.steps = vec!["From the next program.".to_owned()];
        let given = db.write(move |mut tx| {
            Box::pin(async move {
                exercise::store::save_file(&mut tx, &shipped, Origin::Imported, Origin::Imported, &NOW).await
            })
        });
        assert_eq!(given.await.unwrap(), Saved::Kept, "{}", engine.name);
        let walking = store::archive(
            db,
            "walking".to_owned(),
            NOW.new_id(),
            "Gone.".to_owned(),
            0,
            event(ed, Action::ExerciseArchived),
        );
        walking.await.unwrap();
        start::load_starting_content(&state).await.unwrap();
        assert_eq!(exercise::store::exercise(db, "bridge").await.unwrap(), Some(text.exercise), "{}", engine.name);
        assert_eq!(exercise::store::library(db).await.unwrap().len(), 19, "{}", engine.name);
        let known = exercise::store::known(db).await.unwrap();
        assert_eq!(known.last().unwrap().retired.as_deref(), Some("Gone."), "{}", engine.name);
        let dossier = store::dossier(db, "walking").await.unwrap().unwrap();
        assert!(dossier.archived && !dossier.offered && dossier.revisions.len() == 1, "{}", engine.name);
        let deeds = store::deeds_of(db, ed).await.unwrap();
        assert_eq!((deeds.saved.len(), deeds.approved.len()), (1, 0), "{}", engine.name);
        let actions: Vec<String> =
            on!(db db, pool => sqlx::query_scalar("select action from audit_event order by number")
            .fetch_all(pool)
            .await)
            .unwrap();
        let done = [
            "exercise-saved",
            "exercise-sent-to-review",
            "exercise-approved",
            "exercise-published",
            "exercise-archived",
        ];
        assert_eq!(actions, done, "{}: each deed once, and none that was refused", engine.name);

        let name = engine.name;
        let app = engine.into_app().await;
        let ed = staff(&app, "ed", "editor").await;
        let listed = ed.get("/admin/exercises?sort=changed").await.text();
        assert!(listed.contains("19 exercises"), "{name}: {listed}");
        assert!(ed.get("/admin/exercises?status=archived&q=walk").await.text().contains("1 exercise"), "{name}");
        is_done(&change(&ed, BRIDGE, "steps", "Lift again.").await, "saved");
        let commented = ed.post(&format!("{BRIDGE}/comments"), &[("revision", "3"), ("said", "So?")]).await;
        is_done(&commented, "commented");
        let home = ed.get("/admin").await.text();
        assert!(home.contains("Your drafts of exercises (1)") && home.contains("1 open comment"), "{name}: {home}");
        assert!(app.get("/tracker").await.body.contains("Gone."), "{name}");
    }
}
