//! The chosen exercises with their sets to tick, and the chooser.

use std::collections::BTreeSet;

use leptos::{html, prelude::*};

use super::{
    Card, device,
    island::Tracking,
    log::{Change, Plan},
};

pub fn plan_view(tracking: Tracking) -> impl IntoView {
    // Rebuilt when the choice changes, and not at every tick.
    let plan = Memo::new(move |_| tracking.sheet.with(|sheet| sheet.plan().clone()));
    let chosen = move || {
        let plan = plan.get();
        tracking.exercises.with_value(|exercises| {
            let chosen = exercises.iter().filter(|card| plan.exercises.contains(&card.id));
            chosen.map(|card| exercise(tracking, card)).collect_view()
        })
    };
    let empty = Memo::new(move |_| plan.with(|plan| plan.exercises.is_empty()));
    view! {
        <section class="stack" aria-labelledby="exercises">
            <h2 id="exercises" tabindex="-1">"Your exercises"</h2>
            <Show when=move || empty.get()>
                <div class="empty">
                    <p>
                        "You have not chosen any exercises yet. Tick two or three below to begin with, and save. They then wait here each day."
                    </p>
                </div>
            </Show>
            {chosen}
            {chooser(tracking, plan, empty)}
        </section>
    }
}

fn exercise(tracking: Tracking, card: &Card) -> impl IntoView + use<> {
    let sets = (1..=card.sets).map(|set| tick(tracking, card, set)).collect_view();
    view! {
        <article class="box exercise">
            <div class="figure" inner_html=card.figure.clone()></div>
            <h3><a href=format!("/exercises/{}", card.id)>{card.name.clone()}</a></h3>
            <p>{card.dose.clone()}</p>
            <div class="ticks">{sets}</div>
        </article>
    }
}

/// The button of one set.
fn tick(tracking: Tracking, card: &Card, set: u8) -> impl IntoView + use<> {
    let exercise = StoredValue::new(card.id.clone());
    let done = Memo::new(move |_| tracking.ask(|log| exercise.with_value(|id| log.is_done(id, set))));
    let toggle = move |_| {
        tracking.change(Change::Set { exercise: exercise.get_value(), set, done: !done.get_untracked() });
    };
    let (words, name) = match card.sets {
        1 => ("Done".to_owned(), format!("Done, {}", card.name)),
        sets => (set.to_string(), format!("Set {set} of {sets}, {}", card.name)),
    };
    view! {
        <button type="button" class="tick" aria-label=name aria-pressed=move || done.get().to_string() on:click=toggle>
            {move || done.get().then_some("✓ ")} {words}
        </button>
    }
}

/// The whole library to tick, open while nothing is chosen.
fn chooser(tracking: Tracking, plan: Memo<Plan>, empty: Memo<bool>) -> impl IntoView {
    let details = NodeRef::<html::Details>::new();
    let choose = move |event: leptos::ev::SubmitEvent| {
        let Some(fields) = device::fields(&event) else { return };
        let chosen: BTreeSet<String> = fields.into_iter().map(|(exercise, _)| exercise).collect();
        let close = !chosen.is_empty();
        tracking.sheet.update(|sheet| sheet.choose(chosen));
        device::save(tracking);
        if close && let Some(details) = details.get_untracked() {
            details.set_open(false);
            device::focus("exercises");
        }
    };
    let options = move || {
        let plan = plan.get();
        tracking.exercises.with_value(|exercises| {
            exercises.iter().map(|card| option(card, plan.exercises.contains(&card.id))).collect_view()
        })
    };
    view! {
        <details class="box chooser" open=empty.get_untracked() node_ref=details>
            <summary>{move || if empty.get() { "Choose your exercises" } else { "Change my exercises" }}</summary>
            <form on:submit=choose>
                <fieldset>
                    <legend class="nhsuk-u-visually-hidden">"Your exercises"</legend>
                    {options}
                </fieldset>
                <div class="actions"><button class="btn btn--main">"Save my exercises"</button></div>
            </form>
        </details>
    }
}

fn option(card: &Card, chosen: bool) -> impl IntoView + use<> {
    let care = card.care.iter().map(|line| view! { <small>{line.clone()}</small> }).collect_view();
    view! {
        <label class="option">
            <input type="checkbox" name=card.id.clone() checked=chosen/>
            <b>{card.name.clone()}</b>
            <small>{card.purpose.clone()}</small>
            {care}
        </label>
    }
}
