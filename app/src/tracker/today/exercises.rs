//! The planned exercises with their sets to tick.

use leptos::prelude::*;
use maud::html;

use crate::tracker::{
    Card, device,
    doing::{REASONS, all_done, due, how_it_went, sets, waits},
    log::Change,
    plan::MOST_SETS,
    sheet::Sheet,
    shell::{Part, Tracking, retired_note},
};

pub fn exercises(tracking: Tracking) -> AnyView {
    let chosen = tracking.is(|sheet| !sheet.nothing_chosen());
    let exercises =
        tracking.exercises.with_value(|cards| cards.iter().map(|card| exercise(tracking, card)).collect_view());
    let resting = tracking.text(rest_day);
    let busy = tracking.is(|sheet| rest_day(sheet).is_empty());
    let nothing_waits = tracking.is(move |sheet| !waits(sheet) || tracking.urgency(sheet).is_some());
    view! {
        <section class="stack" aria-labelledby="exercises">
            <h2 id="exercises" tabindex="-1">"Your exercises"</h2>
            <div class="empty" hidden=chosen>
                <p>"You have not chosen any exercises yet. Find a plan that suits you, or choose your own. They then wait here each day."</p>
                <p><a class="btn btn--main" href=Part::Plan.path()>"Find your plan"</a></p>
            </div>
            <p class="notice" hidden=busy>{resting}</p>
            <p class="guide" hidden=nothing_waits>
                <a class="btn btn--main" href=Part::Session.path()>"Start guided session"</a>
            </p>
            {exercises}
            {how_it_went(tracking)}
        </section>
    }.into_any()
}

/// What to say where nothing is to be done; empty where something is, or nothing was ever chosen.
fn rest_day(sheet: &Sheet) -> String {
    let plan = sheet.plan_shown();
    let words = if plan.due(sheet.shown()).next().is_some() || sheet.nothing_chosen() {
        ""
    } else if plan.items.is_empty() {
        "Nothing was planned on this day."
    } else {
        "Rest day: nothing planned. Walking is fine."
    };
    words.to_owned()
}

/// One exercise of the library, which shows on the days on which it is planned or was done.
fn exercise(tracking: Tracking, card: &Card) -> AnyView {
    let card = StoredValue::new(card.clone());
    let id = move |sheet: &Sheet, ask: fn(&Sheet, &str) -> u8| card.with_value(|card| ask(sheet, &card.id));
    let left_out = tracking.is(move |sheet| id(sheet, sets) == 0);
    let dose = tracking.text(move |sheet| {
        card.with_value(|card| due(sheet, &card.id).map_or_else(|| card.dose.clone(), |item| card.in_words(&item.dose)))
    });
    let (name, anchor, href, figure) = card.with_value(|card| {
        (card.name.clone(), anchor(&card.id), format!("/exercises/{}", card.id), card.figure.clone())
    });
    let change = format!("{}#{anchor}", Part::Plan.path());
    view! {
        <div class="box exercise" hidden=left_out>
            <div class="figure" inner_html=figure></div>
            <h3 id=anchor tabindex="-1"><a href=href>{name.clone()}</a></h3>
            <p>{dose}</p>
            {retired_note(&card.get_value()).map(|note| view! { <p class="notice">{note}</p> })}
            <div class="ticks">
                {(1..=MOST_SETS).map(|set| tick(tracking, card, set)).collect_view()} {tick(tracking, card, ALL)}
            </div>
            {skipped(tracking, card)}
            <details class="change">
                <summary>"Skip or change" <span class="nhsuk-u-visually-hidden">": " {name.clone()}</span></summary>
                {skip(tracking, card)}
                <p><a href=change>"Change the dose or the days" <span class="nhsuk-u-visually-hidden">": " {name}</span></a></p>
            </details>
        </div>
    }
    .into_any()
}

/// Of an exercise's heading.
fn anchor(exercise: &str) -> String {
    format!("ex-{exercise}")
}

/// In place of a set: all of them.
const ALL: u8 = 0;

/// The button of one set, or of all.
fn tick(tracking: Tracking, card: StoredValue<Card>, set: u8) -> AnyView {
    let sets = move |sheet: &Sheet| card.with_value(|card| sets(sheet, &card.id));
    let is_done = move |sheet: &Sheet| {
        card.with_value(|card| match set {
            ALL => all_done(sheet, &card.id),
            set => sheet.ask(|log| log.is_done(&card.id, set)),
        })
    };
    let gone = move |sheet: &Sheet| if set == ALL { sets(sheet) < 2 } else { set > sets(sheet) };
    let toggle = move |_| {
        let (done, last) = tracking.sheet.with_untracked(|sheet| (!is_done(sheet), sets(sheet)));
        let these = if set == ALL { 1..=last } else { set..=set };
        these.for_each(|set| {
            tracking.change(Change::Set { exercise: card.with_value(|card| card.id.clone()), set, done })
        });
        // A set that is not planned goes away with its tick, and must not take the focus with it.
        if tracking.sheet.with_untracked(gone) {
            let left = tracking.sheet.with_untracked(sets) > 0;
            device::focus(&if left { card.with_value(|card| anchor(&card.id)) } else { "exercises".to_owned() });
        }
    };
    let words = move |sheet: &Sheet| match (set, sets(sheet)) {
        (ALL, _) => "All done".to_owned(),
        (_, 1) => "Done".to_owned(),
        (set, _) => set.to_string(),
    };
    let name = tracking.text(move |sheet| {
        let of = match (set, sets(sheet)) {
            (ALL, _) | (_, 1) => words(sheet),
            (set, sets) => format!("Set {set} of {sets}"),
        };
        card.with_value(|card| format!("{of}, {}", card.name))
    });
    let hidden = tracking.is(gone);
    let pressed = tracking.text(move |sheet| is_done(sheet).to_string());
    let words = tracking.text(move |sheet| {
        let words = words(sheet);
        if is_done(sheet) { format!("✓ {words}") } else { words }
    });
    view! {
        <button type="button" class="tick" hidden=hidden aria-label=name aria-pressed=pressed on:click=toggle>{words}</button>
    }.into_any()
}

/// That it was skipped, and the way back.
fn skipped(tracking: Tracking, card: StoredValue<Card>) -> AnyView {
    let reason = move |sheet: &Sheet| sheet.ask(|log| card.with_value(|card| log.skipped(&card.id).to_owned()));
    let words = tracking.text(move |sheet| format!("Skipped: {}", reason(sheet)));
    let none = tracking.is(move |sheet| reason(sheet).is_empty());
    let back = move |_| {
        let (exercise, name) = card.with_value(|card| (card.id.clone(), anchor(&card.id)));
        tracking.change(Change::Skipped { exercise, reason: String::new() });
        // The button goes away, and must not take the focus with it.
        device::focus(&name);
    };
    view! {
        <div class="skipped" hidden=none>
            <p role="status">{words}</p>
            <button type="button" class="btn btn--quiet" on:click=back>
                "Undo skip" <span class="nhsuk-u-visually-hidden">", " {card.with_value(|card| card.name.clone())}</span>
            </button>
        </div>
    }.into_any()
}

fn said<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
}

fn skip(tracking: Tracking, card: StoredValue<Card>) -> AnyView {
    let submit = move |event: leptos::ev::SubmitEvent| {
        let Some(fields) = device::fields(&event) else { return };
        event.prevent_default();
        let (reason, words) = (said(&fields, "reason"), said(&fields, "words"));
        let reason = if words.is_empty() { reason.to_owned() } else { format!("{reason}: {words}") };
        let (exercise, name) = card.with_value(|card| (card.id.clone(), anchor(&card.id)));
        tracking.change(Change::Skipped { exercise, reason });
        device::focus(&name);
    };
    let fields = card.with_value(|card| {
        let (why, words) = (format!("why-{}", card.id), format!("words-{}", card.id));
        html! {
            div class="field" {
                label for=(why) { "Skip it today because" }
                select id=(why) name="reason" { @for reason in REASONS { option { (reason) } } }
            }
            div class="field" {
                label for=(words) { "In your own words, if you like" }
                input id=(words) name="words" maxlength="200" autocomplete="off";
            }
            div class="actions" {
                button class="btn" { "Skip today" span class="nhsuk-u-visually-hidden" { ", " (card.name) } }
            }
        }
    });
    view! { <form on:submit=submit inner_html=fields.into_string()></form> }.into_any()
}
