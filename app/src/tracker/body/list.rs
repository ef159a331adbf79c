//! The chart's zones as a list: whatever the drawing can do, it can.

use leptos::prelude::*;

use super::chart::mark;
use crate::tracker::{
    log::Side,
    shell::Tracking,
    zones::{Feeling, Zone},
};

pub fn list(tracking: Tracking, said: RwSignal<String>) -> AnyView {
    let sides = [("Your left side", Some(Side::Left)), ("Middle", None), ("Your right side", Some(Side::Right))];
    let sides = sides.map(|(name, side)| {
        let rows = Zone::of_side(side).map(|zone| row(tracking, said, zone)).collect_view();
        view! { <fieldset><legend><h3>{name}</h3></legend>{rows}</fieldset> }
    });
    view! {
        <details class="change zones">
            <summary>"Choose from a list instead"</summary>
            {sides.into_iter().collect_view()}
        </details>
    }
    .into_any()
}

fn row(tracking: Tracking, said: RwSignal<String>, zone: Zone) -> AnyView {
    let boxes = Feeling::BOTH.map(|feeling| {
        let checked = tracking.is(move |sheet| sheet.ask(|log| log.felt(zone).is(feeling)));
        let change = move |event| mark(tracking, said, zone, feeling, event_target_checked(&event));
        let (words, of) = (super::chart::name(feeling), zone.words());
        view! {
            <label class="option">
                <input type="checkbox" name=zone.id() prop:checked=checked on:change=change/>
                <b>{words} <span class="nhsuk-u-visually-hidden">", " {of}</span></b>
            </label>
        }
    });
    view! { <div class="zones__row"><span aria-hidden="true">{sentence(&zone.words())}</span> {boxes.into_iter().collect_view()}</div> }
        .into_any()
}

/// Begins with a capital letter.
pub fn sentence(words: &str) -> String {
    let (first, rest) = words.split_at(1);
    [first.to_ascii_uppercase().as_str(), rest].concat()
}
