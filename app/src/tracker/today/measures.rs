//! What is measured beside pain: the weekly foot test, and whatever else the patient wants to keep.

use leptos::{ev, prelude::*};

use crate::tracker::{
    log::{Change, DayLog, Measure, Onset, Side, Words},
    shell::Tracking,
};

/// The steps of the foot scale, from 0.
const FOOT: [&str; 6] = [
    "No movement at all",
    "A flicker, but nothing lifts",
    "The toes lift, the foot does not",
    "The foot lifts fully while sitting",
    "It lifts, but tires or is lower than the other",
    "As good as the other foot",
];

/// The weekly test of each foot.
pub fn foot_test(tracking: Tracking) -> AnyView {
    let so_far = tracking.text(|sheet| {
        let score = |side: Side| sheet.ask(|log| log.measured(Measure::Foot(side)));
        match Side::BOTH.map(score) {
            [None, None] => "Once a week is enough".to_owned(),
            [left, right] => {
                let words = |score: Option<u16>| score.map_or("not tested".to_owned(), |score| format!("{score} of 5"));
                format!("Left {}, right {}", words(left), words(right))
            }
        }
    });
    let sides = Side::BOTH.map(|side| foot(tracking, side)).collect_view();
    view! {
        <details class="box chooser">
            <summary><span>"Foot test " <small class="hint">{so_far}</small></span></summary>
            <p>
                "Sit down for the score. For the steps and the tiptoes, take your shoes off, hold on to a worktop and have someone near you. Leave those out if you fall easily."
            </p>
            {sides}
            {onset(tracking)}
        </details>
    }.into_any()
}

fn foot(tracking: Tracking, side: Side) -> AnyView {
    let measure = Measure::Foot(side);
    let name = measure.field();
    let steps = (0..=measure.most()).zip(FOOT);
    let steps = steps.map(|(score, words)| {
        let checked = tracking.is(move |sheet| sheet.ask(|log| log.measured(measure) == Some(score)));
        let choose = move |_| tracking.change(Change::Measured { measure, value: Some(score) });
        view! {
            <label class="option">
                <input type="radio" name=name.clone() value=score prop:checked=checked on:change=choose/>
                <b>{score} " " <span class="quiet">{words}</span></b>
            </label>
        }
        .into_any()
    });
    let steps = steps.collect_view();
    view! {
        <fieldset class="signs">
            <legend><h3>{format!("Lift your {} foot, heel down", side.name())}</h3></legend>
            {steps}
        </fieldset>
        {number(tracking, Measure::HeelWalk(side), format!("Steps on your {} heel, foot lifted", side.name()))}
        {number(tracking, Measure::HeelRaise(side), format!("Times up on tiptoe on your {} foot alone", side.name()))}
    }
    .into_any()
}

/// Asked when a foot has become weaker since a test that was days ago.
fn onset(tracking: Tracking) -> AnyView {
    let options = Onset::ALL.map(|onset| {
        let words = match onset {
            Onset::TwoDaysOrLess => "In the last 2 days",
            Onset::Longer => "Longer ago",
            Onset::NotSure => "I am not sure",
        };
        let checked = tracking.is(move |sheet| sheet.ask(|log| log.weaker_since() == Some(onset)));
        view! {
            <label class="option">
                <input
                    type="radio"
                    name="weaker_since"
                    value=onset.value()
                    prop:checked=checked
                    on:change=move |_| tracking.change(Change::WeakerSince(onset))
                />
                <b>{words}</b>
            </label>
        }
        .into_any()
    });
    let options = options.collect_view();
    view! {
        <fieldset class="signs">
            <legend><h3>"If a foot is weaker than at the last test: since when?"</h3></legend>
            {options}
        </fieldset>
    }
    .into_any()
}

/// What may be kept besides, and need not.
pub fn more(tracking: Tracking) -> AnyView {
    let numb = Side::BOTH.map(|side| {
        let label = format!("Numbness, tingling or weakness in your {} leg, 0 (none) to 10 (worst)", side.name());
        number(tracking, Measure::Numbness(side), label)
    });
    view! {
        <details class="box chooser">
            <summary><span>"More about this day " <small class="hint">"If you want to"</small></span></summary>
            {numb.collect_view()}
            {number(tracking, Measure::Trips, "Times you tripped or stumbled".to_owned())}
            {number(tracking, Measure::Woken, "Times you woke in the night from pain".to_owned())}
            {number(tracking, Measure::Sitting, "Minutes you sat".to_owned())}
            {number(tracking, Measure::Walking, "Minutes you walked".to_owned())}
            {words(tracking, Words::Medicines, "Medicines you took for it")}
            {words(tracking, Words::Note, "Note")}
        </details>
    }
    .into_any()
}

/// A field for a number. What is no number in its range is not taken, and said beside it.
fn number(tracking: Tracking, measure: Measure, label: String) -> AnyView {
    let (id, wrong) = (measure.field(), RwSignal::new(false));
    let value = tracking
        .text(move |sheet| sheet.ask(|log| log.measured(measure).map(|value| value.to_string()).unwrap_or_default()));
    let change = move |event: ev::Event| {
        let typed = event_target_value(&event);
        let value = typed.trim().parse().ok().filter(|value| *value <= measure.most());
        wrong.set(value.is_none() && !typed.trim().is_empty());
        if !wrong.get_untracked() {
            tracking.change(Change::Measured { measure, value });
        }
    };
    let problem = format!("{id}-error");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <p class="nhsuk-error-message" id=problem.clone() role="alert" hidden=move || !wrong.get()>
                {format!("Enter a whole number from 0 to {}, or nothing", measure.most())}
            </p>
            <input
                class="short"
                id=id
                inputmode="numeric"
                autocomplete="off"
                prop:value=value
                aria-describedby=problem
                aria-invalid=move || wrong.get().to_string()
                on:change=change
            />
        </div>
    }
    .into_any()
}

fn words(tracking: Tracking, words: Words, label: &'static str) -> AnyView {
    let value = tracking.text(move |sheet| sheet.ask(|log: &DayLog| log.said(words).to_owned()));
    let change = move |event: ev::Event| tracking.change(Change::Said { words, text: event_target_value(&event) });
    view! {
        <div class="field">
            <label for=words.field()>{label}</label>
            <textarea id=words.field() rows="3" maxlength="2000" prop:value=value on:change=change></textarea>
        </div>
    }
    .into_any()
}
