//! The day on the screen: its date, how it is with the device, pain, warning signs, and the exercises beside them.
//!
//! What comes and goes is `hidden`, and what changes is a text or a tick: nothing is ever built anew under the patient's
//! hands, so the focus stays where it is. (It is also a third less wasm.)

use leptos::prelude::*;

use super::{
    exercises::exercises,
    measures::{foot_test, more},
};
use crate::{
    day::Day,
    tracker::{
        device,
        log::{Change, DayLog, Measure, Place, WORST, judge, ticked},
        sheet::{DAYS, Sheet},
        shell::{Part, Tracking, head},
        sync::view::{questions, this_device},
    },
    triage::{
        Question, Urgency,
        result::{advice, how_sure, lead},
    },
    ui::call::tel,
};

pub fn view(tracking: Tracking) -> AnyView {
    // "Today, Sunday 22 November".
    let heading = tracking.text(|sheet| {
        let today = if sheet.shows_today() { "Today, " } else { "" };
        format!("{today}{}", long(sheet.shown()))
    });
    view! {
        <main id="main" class="wrap">
            {head(tracking, Part::Today, heading)}
            {questions(tracking)}
            {strip(tracking)}
            {back_to_today(tracking)}
            {urgent(tracking)}
            {helped(tracking)}
            <div class="grid">
                <div class="stack">{pains(tracking)} {signs(tracking)} {foot_test(tracking)} {more(tracking)}</div>
                {exercises(tracking)}
            </div>
            {this_device(tracking)}
        </main>
    }
    .into_any()
}

fn long(day: Day) -> String {
    format!("{} {}", day.weekday(), day.without_year())
}

/// The last seven days, each a way to that day.
fn strip(tracking: Tracking) -> AnyView {
    let days = (0..DAYS).rev().map(|back| day_of_strip(tracking, back)).collect_view();
    view! { <ul class="days" aria-label="The last seven days">{days}</ul> }.into_any()
}

/// The day `back` days before today.
fn day_of_strip(tracking: Tracking, back: i64) -> AnyView {
    let day = move |sheet: &Sheet| sheet.today().unwrap_or_default().plus(-back);
    let class = tracking.text(move |sheet| {
        let done = if sheet.is_logged(day(sheet)) { "done" } else { "" };
        if back == 0 { format!("{done} today") } else { done.to_owned() }
    });
    let pressed = tracking.text(move |sheet| (sheet.shown() == day(sheet)).to_string());
    let weekday = tracking.text(move |sheet| day(sheet).weekday()[..3].to_owned());
    let number = tracking.text(move |sheet| day(sheet).day_of_month().to_string());
    // Read out after the number, so that what is seen is part of the name.
    let rest = tracking.text(move |sheet| {
        let logged = if sheet.is_logged(day(sheet)) { ", logged" } else { "" };
        let date = day(sheet).without_year();
        format!("{}{logged}", date.trim_start_matches(|letter: char| letter.is_ascii_digit()))
    });
    let open = move |_| tracking.sheet.update(|sheet| sheet.open(day(sheet)));
    view! {
        <li class=class>
            <button type="button" aria-pressed=pressed on:click=open>
                {weekday} " " <b>{number}</b> <span class="nhsuk-u-visually-hidden">{rest}</span>
            </button>
        </li>
    }
    .into_any()
}

/// So that nobody logs on the wrong day.
fn back_to_today(tracking: Tracking) -> AnyView {
    let words = tracking.text(|sheet| match sheet.shows_today() {
        true => String::new(),
        false => format!("This is {}, not today. What you change here is saved for that day.", long(sheet.shown())),
    });
    let back = move |_| {
        tracking.sheet.update(|sheet| sheet.open(sheet.today().unwrap_or_default()));
        // The button goes away, and must not take the focus with it.
        device::focus("heading");
    };
    view! {
        <div class="notice" hidden=tracking.is(Sheet::shows_today)>
            <p role="status">{words}</p>
            <button type="button" class="btn" on:click=back>"Back to today"</button>
        </div>
    }
    .into_any()
}

/// The signs of the shown day, as said back.
fn told(tracking: Tracking, sheet: &Sheet) -> String {
    tracking.rules.with_value(|rules| {
        sheet.ask(|log| ticked(rules, log).map(|question| question.said.as_str()).collect::<Vec<_>>().join("; "))
    })
}

/// The card of an urgent sign, for as long as it is ticked.
fn urgent(tracking: Tracking) -> AnyView {
    let calm = tracking.is(move |sheet| tracking.urgency(sheet) != Some(Urgency::Urgent));
    let words = tracking.text(move |sheet| {
        let cause = tracking.rules.with_value(|rules| sheet.ask(|log| lead(rules, &judge(rules, log).findings)));
        format!("You ticked: {}. {cause} Do this today:", told(tracking, sheet))
    });
    let numbers = tracking.numbers.get_value();
    view! {
        <section class="care care--urgent" aria-labelledby="urgent" hidden=calm>
            <h2 id="urgent" tabindex="-1">
                <span class="nhsuk-u-visually-hidden">"Urgent: "</span>
                {numbers.heading(Urgency::Urgent)}
            </h2>
            <div>
                <p>{words}</p>
                <div inner_html=advice(&numbers, Urgency::Urgent, &[]).into_string()></div>
                <div inner_html=tracking.rules.with_value(|rules| how_sure(rules).into_string())></div>
            </div>
        </section>
    }
    .into_any()
}

/// What remains of an emergency that help was got for.
fn helped(tracking: Tracking) -> AnyView {
    let calm = tracking.is(move |sheet| tracking.urgency(sheet) != Some(Urgency::Emergency));
    let words = tracking.text(move |sheet| format!("You got help for: {}. ", told(tracking, sheet)));
    let number = tracking.numbers.with_value(|numbers| numbers.emergency.clone());
    view! {
        <p class="notice" hidden=calm>
            {words} "If it comes back or gets worse, call " <a href=tel(&number)>{number.clone()}</a> "."
        </p>
    }
    .into_any()
}

fn pains(tracking: Tracking) -> AnyView {
    let heading = tracking.text(|sheet| match sheet.shows_today() {
        true => "How is it today?".to_owned(),
        false => format!("How was it on {}?", sheet.shown().weekday()),
    });
    view! {
        <section class="box" aria-labelledby="pains">
            <h2 id="pains">{heading}</h2>
            {Place::ALL.map(|place| scale(tracking, place)).into_iter().collect_view()}
        </section>
    }
    .into_any()
}

/// One pain, from 0 to 10. The inputs show what the log says; they exist only once it has been read, so there is nothing
/// that anybody could have chosen before the script was there.
fn scale(tracking: Tracking, place: Place) -> AnyView {
    let steps = (0..=WORST).map(|step| step_of_scale(tracking, place, step)).collect_view();
    let none = tracking.is(move |sheet| sheet.ask(|log| log.pain(place).is_none()));
    let clear = move |_| {
        tracking.change(Change::Measured { measure: Measure::Pain(place), value: None });
        // The button goes away, and must not take the focus with it.
        device::focus(&step_id(place, 0));
    };
    view! {
        <fieldset class="scale"><legend>{place.name()}</legend>{steps}</fieldset>
        <div class="ends">
            <span aria-hidden="true">"no pain"</span>
            <button type="button" class="btn btn--quiet" hidden=none on:click=clear>
                "Clear" <span class="nhsuk-u-visually-hidden">" " {place.name()}</span>
            </button>
            <span aria-hidden="true">"worst pain"</span>
        </div>
    }
    .into_any()
}

fn step_id(place: Place, score: u16) -> String {
    format!("{}-{score}", place.field())
}

fn step_of_scale(tracking: Tracking, place: Place, step: u16) -> AnyView {
    let meaning = match step {
        0 => ", no pain",
        WORST => ", worst pain",
        _ => "",
    };
    let score = step.to_string();
    view! {
        <label>
            <input
                type="radio"
                id=step_id(place, step)
                name=place.field()
                value=score.clone()
                prop:checked=tracking.is(move |sheet| sheet.ask(|log| log.pain(place) == Some(step)))
                on:change=move |_| tracking.change(Change::Measured { measure: Measure::Pain(place), value: Some(step) })
            />
            <span>{score} <span class="nhsuk-u-visually-hidden">{meaning}</span></span>
        </label>
    }.into_any()
}

/// The daily list of warning signs: open until it has been answered. A tick counts at once, because it may be an emergency.
fn signs(tracking: Tracking) -> AnyView {
    let open = tracking.sheet.with_untracked(|sheet| !sheet.ask(DayLog::signs_answered));
    let heading = tracking.text(|sheet| match sheet.shows_today() {
        true => "Any warning signs today?".to_owned(),
        false => format!("Any warning signs on {}?", sheet.shown().weekday()),
    });
    let so_far = tracking.text(|sheet| sheet.ask(answer_so_far));
    let options = tracking.rules.with_value(|rules| {
        let daily = rules.daily.iter().filter_map(|id| rules.question(id));
        daily.map(|question| sign(tracking, question)).collect_view()
    });
    let none = move |event| {
        tracking.change(if event_target_checked(&event) {
            let in_view = tracking
                .sheet
                .with_untracked(|sheet| sheet.ask(|log| log.signs().into_iter().map(str::to_owned).collect()));
            Change::NoSigns { in_view }
        } else {
            Change::SignsOpen
        });
    };
    view! {
        <details class="box chooser" open=open>
            <summary><span>{heading} " " <small class="hint">{so_far}</small></span></summary>
            <fieldset class="signs" aria-describedby="signs-hint">
                <legend class="nhsuk-u-visually-hidden">{heading}</legend>
                <p class="hint" id="signs-hint">
                    "Tick anything that is not normal for you. If you are not sure, tick it. An emergency sign takes you straight to what to do."
                </p>
                {options}
                <p class="or">"or"</p>
                <label class="option">
                    <input
                        type="checkbox"
                        name="none"
                        prop:checked=tracking.is(|sheet| sheet.ask(DayLog::no_signs))
                        on:change=none
                    />
                    <b>"None of these"</b>
                </label>
            </fieldset>
        </details>
    }.into_any()
}

fn answer_so_far(log: &DayLog) -> String {
    match log.signs().len() {
        0 if log.no_signs() => "None".to_owned(),
        0 => "Not answered yet".to_owned(),
        ticked => format!("{ticked} ticked"),
    }
}

fn sign(tracking: Tracking, question: &Question) -> AnyView {
    let id = StoredValue::new(question.id.clone());
    let ticked = tracking.is(move |sheet| sheet.ask(|log| id.with_value(|id| log.has_sign(id))));
    let urgency = move || tracking.sheet.with_untracked(|sheet| tracking.urgency(sheet));
    let change = move |event| {
        let before = urgency();
        tracking.change(Change::Sign { sign: id.get_value(), there: event_target_checked(&event) });
        // The card of an urgent sign is at the top: the patient is taken to it when it comes.
        if before.is_none() && urgency() == Some(Urgency::Urgent) {
            device::focus("urgent");
        }
    };
    view! {
        <label class="option">
            <input type="checkbox" name=question.id.clone() prop:checked=ticked on:change=change/>
            <b>{question.text.clone()}</b>
            {question.hint.clone().map(|hint| view! { <small>{hint}</small> }.into_any())}
        </label>
    }
    .into_any()
}
