//! The exercise library, and one exercise.

use leptos::prelude::*;

use super::Exercise;
use crate::ui::page::Page;

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

pub fn exercise(exercise: Exercise) -> Page {
    let path = format!("/exercises/{}", exercise.id);
    Page::new(exercise.name.clone(), exercise.summary.clone(), path, move || {
        let list = |items: &[String]| items.iter().map(|item| view! { <li>{item.clone()}</li> }).collect_view();
        let cautions = exercise.avoid.iter().map(|caution| view! { <li>{caution.words()}</li> }).collect_view();
        let foot = exercise.min_foot_score.map(|score| {
            view! { <li>{format!("Your foot score is below {score}: you cannot yet lift the foot fully while sitting")}</li> }
        });
        let cautious = !exercise.avoid.is_empty() || exercise.min_foot_score.is_some();
        let source = match &exercise.source.url {
            Some(url) => view! { <a href=url.clone()>{exercise.source.title.clone()}</a> }.into_any(),
            None => exercise.source.title.clone().into_any(),
        };
        view! {
            <main id="main" class="wrap exercise-page">
                <nav class="crumbs" aria-label="Breadcrumb"><a href="/exercises">"Exercises"</a></nav>
                <h1>{exercise.name.clone()}</h1>
                <p class="lead">{exercise.summary.clone()}</p>
                <div class="figure" role="img" aria-label=exercise.figure_alt.clone() inner_html=exercise.figure.clone()></div>
                <dl class="dose">
                    <div><dt>"How much"</dt><dd>{exercise.dose()}</dd></div>
                    <div><dt>"How often"</dt><dd>{exercise.frequency.clone()}</dd></div>
                    <div><dt>"Good for"</dt><dd>{exercise.purpose.clone()}</dd></div>
                </dl>
                <h2>"How to do it"</h2>
                <p>{exercise.start.clone()}</p>
                <ol>{list(&exercise.steps)}</ol>
                <p><strong>"To make it easier: "</strong> {exercise.easier.clone()}</p>
                <h2>"How much it may hurt"</h2>
                <p>{exercise.pain_limit.clone()}</p>
                <section class="callout" aria-labelledby="stop">
                    <h2 id="stop">"When to stop"</h2>
                    <div><ul>{list(&exercise.stop)}</ul></div>
                </section>
                {cautious.then(|| view! {
                    <section class="donts" aria-labelledby="not-for">
                        <h2 id="not-for">"Not for you if"</h2>
                        <ul>{foot}{cautions}</ul>
                    </section>
                })}
                {(!exercise.care.is_empty()).then(|| view! { <p class="care-note">{exercise.care.clone()}</p> })}
                <div class="actions"><a class="btn btn--main" href="/tracker">"Add it to my day"</a></div>
                <p class="version">
                    "Source: " {source} ", " {exercise.source.publisher.clone()} ". Not signed off by a clinician yet."
                </p>
            </main>
        }
        .into_any()
    })
}
