//! The pages of exercises on the desk: the list, one exercise, and its revisions. The form is in `editor.rs`.

mod editor;

pub(super) use editor::{Editing, page as editor};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

use super::{
    Dossier, Stage, Status, Text,
    list::{Filter, Found, Sort, Waiting},
    path,
};
use crate::{
    article::Approver,
    clock,
    day::Day,
    desk::{
        Signature,
        compare::compare,
        page,
        pages::{
            list::{NAMED, select},
            past::{Past, saved},
            revision::{Compared, parts},
        },
    },
    exercise::{Exercise, Known as KnownExercise, Review, Shown, Side, pages::body},
    ui::{
        form::{self, Problems, text_area, tick},
        page::Page,
    },
};

/// What a page says after a deed, by its name in the address.
pub(super) fn done(name: &str) -> Option<&'static str> {
    Some(match name {
        "saved" => "Saved as a new revision.",
        "unchanged" => "Nothing was changed, so there is no new revision.",
        "restored" => "Restored, as a new revision.",
        "sent" => "Sent to review.",
        "approved" => "Approved. It can be published now.",
        "published" => {
            "Published. It is in the library, and in the tracker as soon as a page of it is opened with a connection."
        }
        "withdrawn" => "Withdrawn: it is a draft again.",
        "archived" => "Archived: it is not in the library any more. Whoever has it in their plan is told.",
        "unarchived" => "It is back on the desk. It is in the library again once it is published.",
        "commented" => "Your comment is kept.",
        "resolved" => "The comment is resolved.",
        _ => return None,
    })
}

/// What waits, for the desk's first page.
pub(in crate::desk) fn waiting(waiting: &[Waiting]) -> Markup {
    html! {
        @for (n, waiting) in waiting.iter().enumerate() {
            section class="waiting" aria-labelledby={ "exercises_" (n) } {
                h2 id={ "exercises_" (n) } { (waiting.title) " " span class="count" { "(" (waiting.found.len()) ")" } }
                (cards(waiting.found.iter().take(NAMED)))
                @if waiting.found.len() > NAMED {
                    p { a href={ "/admin/exercises?status=" (waiting.status.name()) } { "All " (waiting.found.len()) span class="nhsuk-u-visually-hidden" { ": " (waiting.title) } } }
                }
            }
        }
    }
}

fn cards<'a>(found: impl Iterator<Item = &'a Found>) -> Markup {
    html! {
        ul class="found" {
            @for one in found {
                li {
                    a href=(path(&one.exercise.id)) { (one.exercise.name) }
                    ul class="meta" {
                        li class={ "status status--" (one.status.name()) } { (one.status.words()) }
                        @if one.offered && !matches!(one.status, Status::Published | Status::Due | Status::Expired) {
                            li { "an earlier revision is in the library" }
                        }
                        @if one.open_comments > 0 {
                            li { (one.open_comments) @if one.open_comments == 1 { " open comment" } @else { " open comments" } }
                        }
                        li { "place " (one.exercise.position) }
                        li { "changed " (clock::in_words(one.saved_at)) }
                        @if let Some(due) = one.review_due.filter(|_| one.offered) { li { "review due " (due.long()) } }
                    }
                }
            }
        }
    }
}

pub(super) fn list(writer: bool, filter: &Filter, found: &[Found]) -> Page {
    let statuses = Status::ALL.iter().filter(|status| **status != Status::Scheduled);
    let main = html! {
        h1 { "Exercises" }
        @if writer { div class="actions" { a class="btn btn--main" href="/admin/exercises/new" { "Write an exercise" } } }
        form class="narrow" method="get" action="/admin/exercises" role="search" {
            div class="field" {
                label for="q" { "Search" }
                input id="q" name="q" type="search" value=(filter.search);
            }
            (select("status", "Status", "Any but archived", filter.status.map_or("", Status::name), statuses.map(|status| (status.name(), status.words()))))
            (select("sort", "Order", "", filter.sort.name(), Sort::ALL.iter().map(|sort| (sort.name(), sort.words()))))
            div class="actions" { button class="btn" { "Show" } a href="/admin/exercises" { "Show all" } }
        }
        h2 { (found.len()) @if found.len() == 1 { " exercise" } @else { " exercises" } }
        @if found.is_empty() { p { "No exercise is like that. " a href="/admin/exercises" { "Show all" } } }
        (cards(found.iter()))
    };
    page("Exercises on the desk", "/admin/exercises", &main)
}

/// What there is to know about an exercise for whoever asks.
pub(super) struct Known<'a> {
    pub dossier: &'a Dossier,
    /// Name and registration number as they last gave them; empty if they never did.
    pub signature: (String, String),
    /// The plans to start from that have it, by name.
    pub plans: Vec<&'a str>,
    pub today: Day,
    /// Whether whoever asks is one.
    pub writer: bool,
    pub reviewer: bool,
    /// Whether they wrote a part of what readers do not see yet.
    pub own: bool,
}

/// What was asked by a form that could not be carried out, to be shown again; and what was done.
#[derive(Debug, Default)]
pub(super) struct Asked<'a> {
    pub problems: Problems,
    pub done: Option<&'static str>,
    pub approval: Option<&'a TypedApproval>,
    pub said: &'a str,
    pub told: Option<&'a str>,
}

/// The form of an approval, as it was sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TypedApproval {
    pub revision: i64,
    pub name: String,
    pub registration: String,
    pub read: String,
}

impl TypedApproval {
    pub fn signature(&self) -> Signature<'_> {
        Signature { name: &self.name, registration: &self.registration }
    }
}

pub(super) fn exercise(known: &Known<'_>, asked: &Asked<'_>) -> Page {
    let dossier = known.dossier;
    let path = dossier.path();
    let past = Past {
        address: &path,
        newest: dossier.newest,
        current: if dossier.offered { dossier.current } else { 0 },
        revisions: &dossier.revisions,
        comments: &dossier.comments,
        approvals: &dossier.approvals,
    };
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href="/admin/exercises" { "Exercises on the desk" } }
        (asked.problems.summary())
        h1 { (dossier.name) }
        @if let Some(done) = asked.done { p class="notice" role="status" { (done) } }
        (standing(known, &past))
        (next(known, asked))
        (past.comments(asked.said, &asked.problems))
        (past.revisions())
        @if known.writer { (archiving(known, asked)) }
    };
    page(dossier.name.clone(), path.clone(), &main)
}

fn standing(known: &Known<'_>, past: &Past<'_>) -> Markup {
    let dossier = known.dossier;
    let status = dossier.status(known.today);
    html! {
        section id="how_it_stands" tabindex="-1" aria-labelledby="standing_title" {
            h2 id="standing_title" { "How it stands" }
            ul class="meta" {
                li class={ "status status--" (status.name()) } { (status.words()) }
                li { "revision " (dossier.newest) }
            }
            @if dossier.offered {
                p {
                    "Readers see revision " (dossier.current) " at " a href={ "/exercises/" (dossier.slug) } { "/exercises/" (dossier.slug) }
                    @if let Some(due) = dossier.review_due { ". Its review is due on " (due.long()) }
                    "."
                }
            } @else if dossier.current > 0 {
                p {
                    "It is not in the library. Whoever has it in their plan still finds it at " a href={ "/exercises/" (dossier.slug) } { "/exercises/" (dossier.slug) }
                    ", and is told: " q { (dossier.archived_note) }
                }
            } @else { p { "Readers do not see it." } }
            (past.approvals())
            @if dossier.offered && !dossier.approvals.iter().any(|approval| approval.revision == dossier.current) {
                p { "No clinician has signed off what readers see." }
            }
            @if !known.plans.is_empty() { p { "It is in these plans to start from: " (known.plans.join(", ")) "." } }
            div class="actions" {
                @if known.writer && !dossier.archived { a class="btn btn--main" href={ (dossier.path()) "/edit" } { "Edit" } }
                a class="btn" href={ (dossier.path()) "/revisions/" (dossier.newest) } { "Read revision " (dossier.newest) }
                @if dossier.current > 0 && dossier.current != dossier.newest {
                    a class="btn" href={ (dossier.path()) "/compare?from=" (dossier.current) "&to=" (dossier.newest) } { "Compare with what readers see" }
                }
            }
        }
    }
}

/// A form of one button, about the newest revision.
fn press(dossier: &Dossier, act: &str, words: &str, main: bool) -> Markup {
    form::press(&format!("{}/{act}", dossier.path()), dossier.newest, words, main)
}

fn next(known: &Known<'_>, asked: &Asked<'_>) -> Markup {
    let dossier = known.dossier;
    html! {
        section aria-labelledby="next_title" {
            h2 id="next_title" { "What is next" }
            @match (dossier.archived, dossier.stage) {
                (true, _) => p { "It is archived. It can be brought back, at the end of this page." },
                (_, Stage::Draft) => {
                    @if known.writer {
                        p { "When it is ready, send it to review: a clinician who wrote nothing of it reads and approves it before it is published." }
                        (press(dossier, "review", "Send to review", true))
                    } @else { p { "Somebody is writing it." } }
                },
                (_, Stage::InReview) => (reviewing(known, asked)),
                (_, Stage::Approved) => {
                    p { "Revision " (dossier.newest) " is approved." }
                    (press(dossier, "publish", "Publish it now", true))
                    p { "Withdrawn, it is a draft again, and has to be approved once more." }
                    (press(dossier, "withdraw", "Withdraw the approval", false))
                },
                (_, Stage::Published) => {
                    @if known.writer {
                        p { "Edit it to change something. When its review is due, or no clinician has signed it off, send it as it is." }
                        (press(dossier, "review", "Send it to review as it is", false))
                    } @else { p { "Nothing: it is what readers see." } }
                },
            }
        }
    }
}

fn reviewing(known: &Known<'_>, asked: &Asked<'_>) -> Markup {
    let (dossier, problems) = (known.dossier, &asked.problems);
    let (name, registration) = known.signature.clone();
    let begun = TypedApproval { name, registration, ..TypedApproval::default() };
    let typed = asked.approval.unwrap_or(&begun);
    html! {
        @if known.reviewer && known.own {
            p { "You wrote a part of this, so somebody else has to approve it." }
        } @else if known.reviewer {
            p { a href={ (dossier.path()) "/revisions/" (dossier.newest) } { "Read revision " (dossier.newest) } " before you approve it. Readers are told your name and registration number." }
            form method="post" action={ (dossier.path()) "/approve" } novalidate {
                input type="hidden" name="revision" value=(dossier.newest);
                (typed.signature().fields(problems))
                (tick("read", &format!("I have read revision {} and approve it", dossier.newest), None, !typed.read.is_empty(), problems))
                div class="actions" { button class="btn btn--main" { "Approve revision " (dossier.newest) } }
            }
        } @else {
            p { "It waits for a reviewer." }
        }
        p { "Taken back, it is a draft again, and can be sent once more." }
        (press(dossier, "withdraw", "Take it out of review", false))
    }
}

/// What is said of an exercise that is not harmful, to begin with.
const USUAL_NOTE: &str = "We have others that we prefer.";

fn archiving(known: &Known<'_>, asked: &Asked<'_>) -> Markup {
    let dossier = known.dossier;
    html! {
        section aria-labelledby="archive_title" {
            h2 id="archive_title" { "Archive" }
            @if dossier.archived {
                p { "It comes back to the desk, and is published from there." }
                (press(dossier, "unarchive", "Bring it back", false))
            } @else {
                p { "It is then in no list, in no plan to start from, and in no guided session. Nothing is deleted, and it can be brought back." }
                form method="post" action={ (dossier.path()) "/archive" } novalidate {
                    (text_area("told", "What whoever has it in their plan is told", Some("In one or two sentences. If it may harm, begin with: Stop doing it."), asked.told.unwrap_or(USUAL_NOTE), &asked.problems))
                    div class="actions" { button class="btn" { "Archive it" } }
                }
            }
        }
    }
}

/// A revision as readers would see it.
pub(super) fn revision(dossier: &Dossier, number: i64, text: &Text, today: Day, writer: bool) -> Page {
    let title = format!("Revision {number}: {}", text.exercise.name);
    let line = dossier.revisions.iter().find(|line| line.number == number);
    let review = dossier.approvals.iter().find(|approval| approval.revision == number).map(|approval| {
        let by = Approver { name: approval.name.clone(), registration: approval.registration.clone() };
        Review::of(by, approval.approved_at, None)
    });
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href=(dossier.path()) { "About this exercise" } }
        h1 { (title) }
        @if let Some(line) = line {
            p class="hint" { (saved(line)) @if !line.note.is_empty() { ": " (line.note) } }
        }
        div class="actions" {
            @if number > 1 { a class="btn" href={ (dossier.path()) "/compare?from=" (number - 1) "&to=" (number) } { "What it changed" } }
            @if writer && !dossier.archived && number != dossier.newest {
                form method="post" action={ (dossier.path()) "/revisions/" (number) "/restore" } {
                    button class="btn" { "Restore it as a new revision" }
                }
            }
        }
        (preview(&text.exercise, review, today))
        section aria-labelledby="about_title" {
            h2 id="about_title" { "About it" }
            dl class="parts" {
                dt { "Most of the dose" } dd { (most(&text.exercise)) }
                dt { "Place in the library" } dd { (text.exercise.position) }
                dt { "Months until the next review" } dd { (text.review_months) }
            }
        }
    };
    page(title, format!("{}/revisions/{number}", dossier.path()), &main)
}

/// The view of the exercise's own page.
fn preview(exercise: &Exercise, review: Option<Review>, today: Day) -> Markup {
    let shown = Shown { known: KnownExercise { exercise: exercise.clone(), retired: None }, review };
    html! {
        section class="preview" aria-labelledby="preview_title" {
            h2 id="preview_title" { "As readers see it" }
            p class="preview-title" { (exercise.name) }
            div class="exercise-page" { (body(&shown, today)) }
        }
    }
}

/// A part of an exercise, as text.
type Written = fn(&Text) -> String;

/// What is compared, by name, but for the drawing.
const FIELDS: [(&str, Written); 17] = [
    ("Name", |text| text.exercise.name.clone()),
    ("Good for", |text| text.exercise.purpose.clone()),
    ("Summary", |text| text.exercise.summary.clone()),
    ("How to begin", |text| text.exercise.start.clone()),
    ("Steps", |text| text.exercise.steps.join("\n")),
    ("How much", dose),
    ("Most of the dose", |text| most(&text.exercise)),
    ("How often", |text| text.exercise.frequency.clone()),
    ("How much it may hurt", |text| text.exercise.pain_limit.clone()),
    ("When to stop", |text| text.exercise.stop.join("\n")),
    ("What to mind", |text| text.exercise.care.clone()),
    ("Not for", not_for),
    ("Easier", |text| text.exercise.easier.clone()),
    ("The drawing in words", |text| text.exercise.figure_alt.clone()),
    ("Source", source),
    ("Place in the library", |text| text.exercise.position.to_string()),
    ("Months until the next review", |text| text.review_months.to_string()),
];

fn dose(text: &Text) -> String {
    let exercise = &text.exercise;
    let side = if exercise.side == Side::Each { "with each side" } else { "without sides" };
    format!("{} ({side})", exercise.dose())
}

fn most(exercise: &Exercise) -> String {
    let up_to = exercise.up_to;
    let parts = [
        up_to.sets.map(|sets| format!("{sets} sets")),
        up_to.reps.map(|reps| format!("{reps} times")),
        up_to.hold_seconds.map(|seconds| format!("hold {seconds} seconds")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "As it starts".to_owned() } else { parts.join(", ") }
}

fn not_for(text: &Text) -> String {
    let exercise = &text.exercise;
    let foot = exercise.min_foot_score.map(|score| format!("Your foot score is below {score}"));
    let cautions = exercise.avoid.iter().map(|caution| caution.words().to_owned());
    foot.into_iter().chain(cautions).collect::<Vec<_>>().join("\n")
}

fn source(text: &Text) -> String {
    let source = &text.exercise.source;
    [source.title.as_str(), &source.publisher, source.url.as_deref().unwrap_or_default()].join("\n")
}

/// What two texts differ in, by field; nothing where they are the same.
fn compared(from: &Text, to: &Text) -> Vec<Compared> {
    let fields = FIELDS.iter().map(|(name, written)| (*name, compare(&written(from), &written(to))));
    fields.filter(|(_, shown)| !shown.is_empty()).collect()
}

/// Both drawings, where they differ.
fn drawings((from_title, from): (&str, &Text), (to_title, to): (&str, &Text)) -> Markup {
    html! {
        @if from.exercise.figure != to.exercise.figure {
            section aria-label="Drawing" {
                h2 { "Drawing" }
                div class="drawings" {
                    @for (title, text) in [(from_title, from), (to_title, to)] {
                        figure {
                            figcaption { (title) }
                            div class="figure" role="img" aria-label=(text.exercise.figure_alt) { (PreEscaped(&text.exercise.figure)) }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn comparison(dossier: &Dossier, (from, old): (i64, &Text), (to, new): (i64, &Text)) -> Page {
    let fields = compared(old, new);
    let same = fields.is_empty() && old.exercise.figure == new.exercise.figure;
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href=(dossier.path()) { "About this exercise" } }
        h1 { "Revision " (from) " and revision " (to) }
        p class="lead" { (dossier.name) }
        @if same { p { "They are the same." } }
        @else { p { "What is " del { "struck through" } " is in revision " (from) " alone, what is " ins { "underlined" } " in revision " (to) " alone." } }
        (parts(&fields))
        (drawings((&format!("Revision {from}"), old), (&format!("Revision {to}"), new)))
        p { a href={ (dossier.path()) "/compare?from=" (to) "&to=" (from) } { "The other way round" } }
    };
    page(format!("Revisions {from} and {to}: {}", dossier.name), format!("{}/compare", dossier.path()), &main)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_is_said() {
        for name in [
            "saved",
            "unchanged",
            "restored",
            "sent",
            "approved",
            "published",
            "withdrawn",
            "archived",
            "unarchived",
            "commented",
            "resolved",
        ] {
            assert!(done(name).is_some(), "{name}");
        }
        assert_eq!(done("<script>"), None);
    }
}
