//! The chosen exercises with their sets to tick, and the chooser.

use leptos::{html, prelude::*};

use super::{Card, device, island::Tracking, log::Change, sheet::Sheet};

pub fn plan_view(tracking: Tracking) -> impl IntoView {
    let empty = tracking.is(nothing_chosen);
    let chosen = tracking.is(|sheet| !nothing_chosen(sheet));
    let exercises =
        tracking.exercises.with_value(|cards| cards.iter().map(|card| exercise(tracking, card)).collect_view());
    view! {
        <section class="stack" aria-labelledby="exercises">
            <h2 id="exercises" tabindex="-1">"Your exercises"</h2>
            <div class="empty" hidden=chosen>
                <p>
                    "You have not chosen any exercises yet. Tick two or three below to begin with, and save. They then wait here each day."
                </p>
            </div>
            {exercises}
            {chooser(tracking, empty)}
        </section>
    }
}

fn nothing_chosen(sheet: &Sheet) -> bool {
    sheet.plan().exercises.is_empty()
}

impl Tracking {
    fn has_chosen(self, exercise: StoredValue<String>) -> Memo<bool> {
        self.is(move |sheet| exercise.with_value(|id| sheet.plan().exercises.contains(id)))
    }
}

fn exercise(tracking: Tracking, card: &Card) -> impl IntoView + use<> {
    let id = StoredValue::new(card.id.clone());
    let chosen = tracking.has_chosen(id);
    let left_out = tracking.is(move |_| !chosen.get());
    let sets = (1..=card.sets).map(|set| tick(tracking, card, id, set)).collect_view();
    view! {
        <div class="box exercise" hidden=left_out>
            <div class="figure" inner_html=card.figure.clone()></div>
            <h3><a href=format!("/exercises/{}", card.id)>{card.name.clone()}</a></h3>
            <p>{card.dose.clone()}</p>
            <div class="ticks">{sets}</div>
        </div>
    }
}

/// The button of one set.
fn tick(tracking: Tracking, card: &Card, exercise: StoredValue<String>, set: u8) -> impl IntoView + use<> {
    let is_done = move |sheet: &Sheet| sheet.ask(|log| exercise.with_value(|id| log.is_done(id, set)));
    let toggle = move |_| {
        let done = !tracking.sheet.with_untracked(is_done);
        tracking.change(Change::Set { exercise: exercise.get_value(), set, done });
    };
    let (words, name) = match card.sets {
        1 => ("Done".to_owned(), format!("Done, {}", card.name)),
        sets => (set.to_string(), format!("Set {set} of {sets}, {}", card.name)),
    };
    let pressed = tracking.text(move |sheet| is_done(sheet).to_string());
    let words = tracking.text(move |sheet| if is_done(sheet) { format!("✓ {words}") } else { words.clone() });
    view! {
        <button type="button" class="tick" aria-label=name aria-pressed=pressed on:click=toggle>{words}</button>
    }
}

/// The whole library to tick, open while nothing is chosen.
fn chooser(tracking: Tracking, empty: Memo<bool>) -> impl IntoView {
    let details = NodeRef::<html::Details>::new();
    let choose = move |event: leptos::ev::SubmitEvent| {
        let Some(fields) = device::fields(&event) else { return };
        event.prevent_default();
        let chosen: Vec<String> = fields.into_iter().map(|(exercise, _)| exercise).collect();
        let close = !chosen.is_empty();
        tracking.sheet.update(|sheet| sheet.choose(&chosen, device::now()));
        device::save(tracking);
        if close && let Some(details) = details.get_untracked() {
            details.set_open(false);
            device::focus("exercises");
        }
    };
    let options = tracking.exercises.with_value(|cards| cards.iter().map(|card| option(tracking, card)).collect_view());
    let title = tracking.text(|sheet| {
        let words = if nothing_chosen(sheet) { "Choose your exercises" } else { "Change my exercises" };
        words.to_owned()
    });
    view! {
        <details class="box chooser" open=empty.get_untracked() node_ref=details>
            <summary>{title}</summary>
            <form on:submit=choose>
                <fieldset><legend class="nhsuk-u-visually-hidden">"Your exercises"</legend>{options}</fieldset>
                <div class="actions"><button class="btn btn--main">"Save my exercises"</button></div>
            </form>
        </details>
    }
}

fn option(tracking: Tracking, card: &Card) -> impl IntoView + use<> {
    let chosen = tracking.has_chosen(StoredValue::new(card.id.clone()));
    let care = card.care.iter().map(|line| view! { <small>{line.clone()}</small> }).collect_view();
    view! {
        <label class="option">
            <input type="checkbox" name=card.id.clone() prop:checked=chosen/>
            <b>{card.name.clone()}</b>
            <small>{card.purpose.clone()}</small>
            {care}
        </label>
    }
}
