//! The planned exercises with their sets to tick, and how they went.

use leptos::prelude::*;
use maud::html;

use crate::tracker::{
    Card, device,
    log::{Change, Measure},
    plan::{Dose, Item, MOST_SETS},
    sheet::Sheet,
    shell::{Part, Tracking},
};

pub fn exercises(tracking: Tracking) -> AnyView {
    let chosen = tracking.is(|sheet| !sheet.nothing_chosen());
    let exercises =
        tracking.exercises.with_value(|cards| cards.iter().map(|card| exercise(tracking, card)).collect_view());
    let resting = tracking.text(rest_day);
    let busy = tracking.is(|sheet| rest_day(sheet).is_empty());
    view! {
        <section class="stack" aria-labelledby="exercises">
            <h2 id="exercises" tabindex="-1">"Your exercises"</h2>
            <div class="empty" hidden=chosen>
                <p>"You have not chosen any exercises yet. Find a plan that suits you, or choose your own. They then wait here each day."</p>
                <p><a class="btn btn--main" href=Part::Plan.path()>"Find your plan"</a></p>
            </div>
            <p class="notice" hidden=busy>{resting}</p>
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

/// The exercise as it is planned on the shown day; none on a day off.
fn due(sheet: &Sheet, exercise: &str) -> Option<Item> {
    sheet.plan_shown().due(sheet.shown()).find(|item| item.exercise == exercise).cloned()
}

/// How many sets to show: those that are planned, and up to the last that was done all the same.
fn sets(sheet: &Sheet, exercise: &str) -> u8 {
    let planned = due(sheet, exercise).map_or(0, |item| item.dose.sets);
    let done = (1..=MOST_SETS).rev().find(|set| sheet.ask(|log| log.is_done(exercise, *set)));
    planned.max(done.unwrap_or(0))
}

fn all_done(sheet: &Sheet, exercise: &str) -> bool {
    let sets = sets(sheet, exercise);
    sets > 0 && (1..=sets).all(|set| sheet.ask(|log| log.is_done(exercise, set)))
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

const REASONS: [&str; 6] =
    ["Too much pain", "It made things worse last time", "Too tired", "Not well", "No time", "Something else"];

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

/// Whether all that was due is done or skipped, and anything was done.
fn is_over(sheet: &Sheet) -> bool {
    let plan = sheet.plan_shown();
    let over =
        |item: &Item| all_done(sheet, &item.exercise) || sheet.ask(|log| !log.skipped(&item.exercise).is_empty());
    sheet.ask(|log| log.sets().next().is_some()) && plan.due(sheet.shown()).all(over)
}

const EFFORTS: [&str; 4] = ["Easy", "Fine", "Hard", "Too hard"];
const EASY: u16 = 0;
const TOO_HARD: u16 = 3;

/// After the last set: how hard it was, whether anything is worse, and the doses that follow from it.
fn how_it_went(tracking: Tracking) -> AnyView {
    let going_on = tracking.is(|sheet| !is_over(sheet));
    let efforts = (0..).zip(EFFORTS).map(|(effort, words)| {
        let is = move |sheet: &Sheet| sheet.ask(|log| log.measured(Measure::Effort)) == Some(effort);
        radio(tracking, "effort", words, is, Change::Measured { measure: Measure::Effort, value: Some(effort) })
    });
    let worse = [("No", false), ("Yes", true)].map(|(words, worse)| {
        radio(tracking, "worse", words, move |sheet| sheet.ask(|log| log.worse()) == Some(worse), Change::Worse(worse))
    });
    let not_worse = tracking.is(|sheet| sheet.ask(|log| log.worse()) != Some(true));
    let none = tracking.is(move |sheet| {
        tracking.exercises.with_value(|cards| cards.iter().all(|card| offer(tracking, sheet, card).is_none()))
    });
    let offers =
        tracking.exercises.with_value(|cards| cards.iter().map(|card| next_dose(tracking, card)).collect_view());
    view! {
        <div class="box went" hidden=going_on>
            <h3 id="went" tabindex="-1">"How did it go?"</h3>
            <fieldset><legend>"How hard was it?"</legend><div class="choices">{efforts.collect_view()}</div></fieldset>
            <fieldset>
                <legend>"Did this make anything worse?"</legend>
                <div class="choices">{worse.into_iter().collect_view()}</div>
            </fieldset>
            <p class="notice" hidden=not_worse>
                "Leave out what made it worse, or do less of it. If a leg or foot is weaker or more numb, or anything worries you, "
                <a href="/seek-help">"check whether you need help"</a> "."
            </p>
            <div hidden=none>
                <p>"Change the dose for next time?"</p>
                <div class="actions">{offers}</div>
            </div>
        </div>
    }.into_any()
}

fn radio(
    tracking: Tracking,
    name: &'static str,
    words: &'static str,
    is: impl Fn(&Sheet) -> bool + Send + Sync + 'static,
    change: Change,
) -> AnyView {
    let checked = tracking.is(is);
    view! {
        <label class="option">
            <input type="radio" name=name prop:checked=checked on:change=move |_| tracking.change(change.clone())/>
            <b>{words}</b>
        </label>
    }
    .into_any()
}

/// The next dose of an exercise that was done today, if it was too easy or too hard, until a dose is set. Never more where
/// anything got worse, or a warning sign was ticked.
fn offer(tracking: Tracking, sheet: &Sheet, card: &Card) -> Option<Dose> {
    let item = due(sheet, &card.id).filter(|_| sheet.shows_today() && !sheet.has_new_dose(&card.id))?;
    let done = sheet.ask(|log| log.is_done(&card.id, 1));
    let dose = card.in_numbers(item.dose);
    match sheet.ask(|log| (log.worse(), log.measured(Measure::Effort))) {
        _ if !done => None,
        (Some(true), _) | (_, Some(TOO_HARD)) => card.ladder.easier(dose),
        (_, Some(EASY)) if tracking.urgency(sheet).is_none() => card.ladder.harder(dose),
        _ => None,
    }
}

fn next_dose(tracking: Tracking, card: &Card) -> AnyView {
    let card = StoredValue::new(card.clone());
    let next = move |sheet: &Sheet| card.with_value(|card| offer(tracking, sheet, card));
    let none = tracking.is(move |sheet| next(sheet).is_none());
    let words = tracking.text(move |sheet| {
        let dose = next(sheet).map_or_else(String::new, |dose| dose.words());
        card.with_value(|card| format!("{}: {dose}", card.name))
    });
    let take = move |_| {
        let set = tracking
            .sheet
            .with_untracked(|sheet| next(sheet).map(|dose| card.with_value(|card| sheet.plan().with(&card.id, dose))));
        tracking.stand(set.into_iter().collect());
        // The button goes away, and must not take the focus with it.
        device::focus("went");
    };
    view! { <button type="button" class="btn" hidden=none on:click=take>{words}</button> }.into_any()
}
