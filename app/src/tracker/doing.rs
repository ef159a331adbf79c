//! What today's page and the guided session share: what of an exercise is due and done, why one is left out, and how it
//! went.

use leptos::prelude::*;

use super::{
    Card, device,
    log::{Change, Measure},
    plan::{Dose, Item, MOST_SETS},
    sheet::Sheet,
    shell::Tracking,
};

/// The exercise as it is planned on the shown day; none on a day off.
pub fn due(sheet: &Sheet, exercise: &str) -> Option<Item> {
    sheet.plan_shown().due(sheet.shown()).find(|item| item.exercise == exercise).cloned()
}

/// How many sets to show: those that are planned, and up to the last that was done all the same.
pub fn sets(sheet: &Sheet, exercise: &str) -> u8 {
    let planned = due(sheet, exercise).map_or(0, |item| item.dose.sets);
    let done = (1..=MOST_SETS).rev().find(|set| sheet.ask(|log| log.is_done(exercise, *set)));
    planned.max(done.unwrap_or(0))
}

pub fn all_done(sheet: &Sheet, exercise: &str) -> bool {
    let sets = sets(sheet, exercise);
    sets > 0 && (1..=sets).all(|set| sheet.ask(|log| log.is_done(exercise, set)))
}

/// Whether anything of what is planned today still waits, neither done nor skipped. Of another day nothing does.
pub fn waits(sheet: &Sheet) -> bool {
    let waits =
        |item: &Item| !all_done(sheet, &item.exercise) && sheet.ask(|log| log.skipped(&item.exercise).is_empty());
    sheet.shows_today() && sheet.plan_shown().due(sheet.shown()).any(waits)
}

/// Why an exercise is left out.
pub const REASONS: [&str; 6] =
    ["Too much pain", "It made things worse last time", "Too tired", "Not well", "No time", "Something else"];

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
pub fn how_it_went(tracking: Tracking) -> AnyView {
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
        (_, Some(EASY)) if card.is_offered() && tracking.urgency(sheet).is_none() => card.ladder.harder(dose),
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
