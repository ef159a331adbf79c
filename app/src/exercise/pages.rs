//! The exercise library, and one exercise.

use leptos::prelude::*;
use maud::{Markup, PreEscaped, html};

use super::{Exercise, Review, Shown};
use crate::{day::Day, ui::page::Page};

pub fn library(exercises: Vec<Exercise>) -> Page {
    Page::new(
        "Exercises",
        "Gentle exercises for back pain, sciatica and foot drop, each with a drawing, a starting dose and when to stop.",
        "/exercises",
        move || {
            let empty = exercises.is_empty();
            let cards = exercises
                .into_iter()
                .map(|exercise| {
                    view! {
                        <a class="box" href=format!("/exercises/{}", exercise.id)>
                            <div class="figure" inner_html=exercise.figure.clone()></div>
                            <h2>{exercise.name.clone()}</h2>
                            <p>{exercise.purpose.clone()}</p>
                        </a>
                    }
                })
                .collect_view();
            view! {
                <main id="main" class="wrap">
                    <h1>"Exercises"</h1>
                    <p class="lead">"Start low, go slowly, and stop when an exercise tells you to."</p>
                    <p>
                        "Before you begin, " <a href="/seek-help">"check that you do not need help first"</a>
                        ". To plan your day and keep count, use the " <a href="/tracker">"tracker"</a> "."
                    </p>
                    {empty.then(|| view! { <p>"There are no exercises here yet."</p> })}
                    <div class="grid library">{cards}</div>
                </main>
            }
            .into_any()
        },
    )
}

pub fn exercise(shown: &Shown, today: Day) -> Page {
    let exercise = &shown.known.exercise;
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href="/exercises" { "Exercises" } }
        h1 { (exercise.name) }
        (body(shown, today))
    };
    let (main, path) = (main.into_string(), format!("/exercises/{}", exercise.id));
    Page::new(exercise.name.clone(), exercise.summary.clone(), path, move || {
        view! { <main id="main" class="wrap exercise-page" inner_html=main></main> }.into_any()
    })
}

/// What stands below the name: the same for readers and on the desk.
pub(crate) fn body(shown: &Shown, today: Day) -> Markup {
    let exercise = &shown.known.exercise;
    let list = |items: &[String]| html! { @for item in items { li { (item) } } };
    html! {
        @if let Some(why) = &shown.known.retired {
            div class="notice" {
                p { strong { "This exercise is not in our library any more." } " " (why) }
                p { "If it is in your plan, take it out there, and choose another." }
            }
        }
        p class="lead" { (exercise.summary) }
        div class="figure" role="img" aria-label=(exercise.figure_alt) { (PreEscaped(&exercise.figure)) }
        dl class="dose" {
            div { dt { "How much" } dd { (exercise.dose()) } }
            div { dt { "How often" } dd { (exercise.frequency) } }
            div { dt { "Good for" } dd { (exercise.purpose) } }
        }
        h2 { "How to do it" }
        p { (exercise.start) }
        ol { (list(&exercise.steps)) }
        p { strong { "To make it easier: " } " " (exercise.easier) }
        h2 { "How much it may hurt" }
        p { (exercise.pain_limit) }
        section class="callout" aria-labelledby="stop" {
            h2 id="stop" { "When to stop" }
            div { ul { (list(&exercise.stop)) } }
        }
        @if !exercise.avoid.is_empty() || exercise.min_foot_score.is_some() {
            section class="donts" aria-labelledby="not-for" {
                h2 id="not-for" { "Not for you if" }
                ul {
                    @if let Some(score) = exercise.min_foot_score {
                        li { "Your foot score is below " (score) ": you cannot yet lift the foot fully while sitting" }
                    }
                    @for caution in &exercise.avoid { li { (caution.words()) } }
                }
            }
        }
        @if !exercise.care.is_empty() { p class="care-note" { (exercise.care) } }
        @if shown.known.retired.is_none() {
            div class="actions" { a class="btn btn--main" href="/tracker" { "Add it to my day" } }
        }
        (source(exercise, shown.review.as_ref(), today))
    }
}

/// Where it comes from, and who answers for it.
fn source(exercise: &Exercise, review: Option<&Review>, today: Day) -> Markup {
    let source = &exercise.source;
    let due = review.and_then(|review| review.due).filter(|due| *due < today);
    html! {
        p class="version" {
            "Source: "
            @if let Some(url) = &source.url { a href=(url) { (source.title) } } @else { (source.title) }
            ", " (source.publisher) ". "
            @match review {
                Some(Review { by, on, .. }) => { "Reviewed by " (by.name) " (" (by.registration) ") on " time datetime=(on) { (on.long()) } "." },
                None => "Not signed off by a clinician yet.",
            }
            @if let Some(due) = due { " It should have been reviewed again by " time datetime=(due) { (due.long()) } ", and has not been yet." }
        }
    }
}
