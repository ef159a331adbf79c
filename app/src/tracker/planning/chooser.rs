//! The whole library, to choose from.

use leptos::{html, prelude::*};

use crate::tracker::{
    Card, device,
    plan::Dose,
    sheet::Sheet,
    shell::{Tracking, retired_note},
    starter::suits,
};

pub fn chooser(tracking: Tracking) -> AnyView {
    let details = NodeRef::<html::Details>::new();
    let choose = move |event: leptos::ev::SubmitEvent| {
        let Some(fields) = device::fields(&event) else { return };
        event.prevent_default();
        let plan = tracking.sheet.with_untracked(Sheet::plan);
        let chosen: Vec<(String, Dose)> = tracking.exercises.with_value(|cards| {
            let ticked = cards.iter().filter(|card| fields.iter().any(|(exercise, _)| *exercise == card.id));
            let dose = |card: &Card| plan.item(&card.id).map_or(card.ladder.start, |item| item.dose);
            ticked.map(|card| (card.id.clone(), dose(card))).collect()
        });
        tracking.stand(plan.choose(&chosen));
        if !chosen.is_empty()
            && let Some(details) = details.get_untracked()
        {
            details.set_open(false);
            device::focus("exercises");
        }
    };
    let options = tracking.exercises.with_value(|cards| cards.iter().map(|card| option(tracking, card)).collect_view());
    let title = tracking.text(|sheet| {
        let words = if sheet.nothing_chosen() { "Choose your own exercises" } else { "Change my exercises" };
        words.to_owned()
    });
    view! {
        <details class="box chooser" node_ref=details>
            <summary>{title}</summary>
            <form on:submit=choose>
                <fieldset><legend class="nhsuk-u-visually-hidden">"Your exercises"</legend>{options}</fieldset>
                <div class="actions"><button class="btn btn--main">"Save my exercises"</button></div>
            </form>
        </details>
    }
    .into_any()
}

fn option(tracking: Tracking, card: &Card) -> AnyView {
    let care = card.care.iter().map(|line| view! { <small>{line.clone()}</small> }).collect_view();
    let (id, name, purpose) = (card.id.clone(), card.name.clone(), card.purpose.clone());
    let card = StoredValue::new(card.clone());
    let chosen = tracking.is(move |sheet| card.with_value(|card| sheet.plan().item(&card.id).is_some()));
    let why = tracking.text(move |sheet| {
        let profile = sheet.profile();
        let why = card.with_value(|card| suits(card, &profile).err()).filter(|_| !profile.is_empty());
        why.map_or_else(String::new, |why| format!("Left out of your plans: {}.", why.words()))
    });
    // What is not in the library any more can be taken out of a plan, and not chosen.
    let gone =
        tracking.is(move |sheet| card.with_value(|card| !card.is_offered() && sheet.plan().item(&card.id).is_none()));
    let retired = retired_note(&card.get_value());
    view! {
        <label class="option" hidden=gone>
            <input type="checkbox" name=id prop:checked=chosen/>
            <b>{name}</b>
            <small>{purpose}</small>
            {retired.map(|note| view! { <small class="why">{note}</small> })}
            {care}
            <small class="why">{why}</small>
        </label>
    }
    .into_any()
}
