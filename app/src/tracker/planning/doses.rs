//! The exercises of the plan, each with its dose and days to change.

use leptos::prelude::*;
use maud::{Markup, html};

use crate::tracker::{
    Card, device,
    plan::{Days, Dose, LONGEST_HOLD, MOST_REPS, MOST_SETS, Sides},
    sheet::Sheet,
    shell::{Part, Tracking, retired_note},
};

pub fn doses(tracking: Tracking) -> AnyView {
    let chosen = tracking.is(|sheet| !sheet.nothing_chosen());
    let nothing = tracking.is(Sheet::nothing_chosen);
    let exercises =
        tracking.exercises.with_value(|cards| cards.iter().map(|card| exercise(tracking, card)).collect_view());
    view! {
        <section class="stack" aria-labelledby="exercises">
            <h2 id="exercises" tabindex="-1">"Your exercises"</h2>
            <div class="empty" hidden=chosen>
                <p>"You have not chosen any exercises yet. Find a plan that suits you, or choose your own."</p>
            </div>
            {exercises}
            <p class="actions" hidden=nothing><a class="btn btn--main" href=Part::Today.path()>"Go to today’s exercises"</a></p>
        </section>
    }
    .into_any()
}

/// One exercise of the library, which shows while it is in the plan.
fn exercise(tracking: Tracking, card: &Card) -> AnyView {
    let card = StoredValue::new(card.clone());
    let left_out = tracking.is(move |sheet| card.with_value(|card| sheet.plan().item(&card.id).is_none()));
    let dose = tracking.text(move |sheet| {
        card.with_value(|card| {
            sheet.plan().item(&card.id).map_or_else(|| card.dose.clone(), |item| card.in_words(&item.dose))
        })
    });
    let (name, anchor, href, figure) = card.with_value(|card| {
        (card.name.clone(), anchor(&card.id), format!("/exercises/{}", card.id), card.figure.clone())
    });
    view! {
        <div class="box exercise" hidden=left_out>
            <div class="figure" inner_html=figure></div>
            <h3 id=anchor tabindex="-1"><a href=href>{name.clone()}</a></h3>
            <p>{dose}</p>
            {retired_note(&card.get_value()).map(|note| view! { <p class="notice">{note}</p> })}
            <details class="change">
                <summary>"Change" <span class="nhsuk-u-visually-hidden">": " {name}</span></summary>
                {change(tracking, card)}
            </details>
        </div>
    }
    .into_any()
}

/// Of an exercise's heading.
fn anchor(exercise: &str) -> String {
    format!("ex-{exercise}")
}

/// The dose and the days of a planned exercise.
fn change(tracking: Tracking, card: StoredValue<Card>) -> AnyView {
    let wrong = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        let Some(fields) = device::fields(&event) else { return };
        event.prevent_default();
        let name = card.with_value(|card| anchor(&card.id));
        let set = tracking.sheet.with_untracked(|sheet| {
            let plan = sheet.plan();
            card.with_value(|card| {
                let before = plan.item(&card.id).map_or(card.ladder.start, |item| card.in_numbers(item.dose));
                Dose::of_form(&fields, before).map(|dose| plan.with(&card.id, dose))
            })
        });
        wrong.set(set.is_none());
        if let Some(set) = set {
            tracking.stand(vec![set]);
            device::focus(&name);
        }
    };
    let fields = tracking.text(move |sheet| {
        card.with_value(|card| {
            let item = sheet.plan().item(&card.id).cloned();
            item.map_or_else(String::new, |item| dose_form(card, card.in_numbers(item.dose)).into_string())
        })
    });
    let right = tracking.is(move |_| !wrong.get());
    view! {
        <form on:submit=submit>
            <div inner_html=fields></div>
            <p class="nhsuk-error-message" role="alert" hidden=right>
                "Not changed: tick one day at least, and keep the numbers in their range."
            </p>
        </form>
    }
    .into_any()
}

fn dose_form(card: &Card, dose: Dose) -> Markup {
    let start = card.ladder.start;
    html! {
        div class="amounts" {
            (amount(card, "sets", "Sets", 1, MOST_SETS, dose.sets))
            @if start.reps > 0 { (amount(card, "reps", "Times", 1, MOST_REPS, dose.reps)) }
            @if start.hold > 0 { (amount(card, "hold", "Hold (seconds)", 1, LONGEST_HOLD, dose.hold)) }
            @if start.sides != Sides::None {
                div class="field" {
                    label for=(format!("sides-{}", card.id)) { "Side" }
                    select id=(format!("sides-{}", card.id)) name="sides" {
                        @for sides in Sides::OF_ONE_WITH_SIDES {
                            option value=(sides.word()) selected[sides == dose.sides] { (sides.word()) }
                        }
                    }
                }
            }
        }
        fieldset class="week" {
            legend { "On which days" }
            @for name in Days::NAMES {
                @let day = Days::named(name).unwrap_or(Days::NONE);
                label class="option" {
                    input type="checkbox" name="day" value=(name) checked[dose.days.include(day)];
                    b { (day.words()) }
                }
            }
        }
        div class="actions" {
            button class="btn" { "Save this dose" span class="nhsuk-u-visually-hidden" { ", " (card.name) } }
        }
    }
}

fn amount(card: &Card, name: &str, label: &str, least: u8, most: u8, value: u8) -> Markup {
    let id = format!("{name}-{}", card.id);
    html! {
        div class="field" {
            label for=(id) { (label) }
            input id=(id) name=(name) type="number" inputmode="numeric" min=(least) max=(most) required value=(value);
        }
    }
}
