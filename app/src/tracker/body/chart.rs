//! The body chart: a drawing whose zones are buttons, beside the same zones as a list.
//!
//! A tap marks what was chosen before, pain or numbness, and takes back the same: no tap passes through a state that was not
//! meant, because numb between the legs is an emergency at once.

use leptos::{ev::KeyboardEvent, prelude::*};

use super::list::{list, sentence};
use crate::tracker::{
    device,
    log::{BOTH_LEGS, Change, DayLog, SADDLE, Side},
    sheet::Sheet,
    shell::Tracking,
    zones::{Area, Feeling, MIDDLE_PATH, MIRROR, Shape, VIEW_BOX, View, Zone},
};

pub fn chart(tracking: Tracking) -> AnyView {
    let marking = RwSignal::new(Feeling::Pain);
    let said = RwSignal::new(String::new());
    let choices = Feeling::BOTH.map(|feeling| {
        let checked = tracking.is(move |_| marking.get() == feeling);
        view! {
            <label class="option">
                <input type="radio" name="marking" prop:checked=checked on:change=move |_| marking.set(feeling)/>
                <b>{name(feeling)} " " <span inner_html=swatch(feeling)></span></b>
            </label>
        }
    });
    let views = View::BOTH.map(|view| body(tracking, marking, said, view)).into_iter().collect_view();
    let marked = tracking.text(|sheet| sheet.ask(summary));
    let said_now = tracking.text(move |_| said.get());
    view! {
        <section class="box" aria-labelledby="chart">
            <h2 id="chart" tabindex="-1">"Where is it?"</h2>
            {from_the_last(tracking)}
            <fieldset class="marking">
                <legend>"Choose what to mark, then tap where it is"</legend>
                <div class="choices">{choices.into_iter().collect_view()}</div>
            </fieldset>
            <p class="hint">"Tap again to take it back. A place can be both. Left and right are your own, as the drawing says."</p>
            {list(tracking, said)}
            <div class="bodies">{views}</div>
            <p role="status" class="said">{said_now}</p>
            {numb_buttock(tracking, said)}
            {both_legs(tracking)}
            <p class="marked">{marked}</p>
        </section>
    }
    .into_any()
}

pub fn name(feeling: Feeling) -> &'static str {
    match feeling {
        Feeling::Pain => "Pain",
        Feeling::Numb => "Numb or tingling",
    }
}

/// Marks a zone, or takes the mark back, and says in words which it was: on the wrong side, it is noticed now or never.
pub fn mark(tracking: Tracking, said: RwSignal<String>, zone: Zone, feeling: Feeling, there: bool) {
    tracking.change(Change::Zone { zone, feeling, there });
    let felt = tracking.sheet.with_untracked(|sheet| sheet.ask(|log| log.felt(zone)));
    said.set([sentence(&zone.words()).as_str(), ": ", felt.words(), "."].concat());
}

/// "Marked: left calf painful; …".
fn summary(log: &DayLog) -> String {
    let mut words = String::new();
    for (zone, felt) in log.zones() {
        words.push_str(if words.is_empty() { "Marked: " } else { "; " });
        words.push_str(&zone.words());
        words.push(' ');
        words.push_str(felt.words());
    }
    words.push_str(if words.is_empty() { "Nothing is marked." } else { "." });
    words
}

/// Told apart without colours too, and in print.
const PATTERNS: &str = concat!(
    r#"<defs><pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">"#,
    r#"<path class="ink-pain" d="M0 4h8"/></pattern>"#,
    r#"<pattern id="dots" width="9" height="9" patternUnits="userSpaceOnUse">"#,
    r#"<circle class="ink-numb" cx="4.5" cy="4.5" r="2.4"/></pattern></defs>"#,
);

/// The pattern of a feeling, beside its name.
fn swatch(feeling: Feeling) -> String {
    let class = match feeling {
        Feeling::Pain => "hatch",
        Feeling::Numb => "dots",
    };
    let rect = r#"<svg class="swatch" viewBox="0 0 36 20" aria-hidden="true"><rect width="36" height="20" class=""#;
    [rect, class, r#""/></svg>"#].concat()
}

fn body(tracking: Tracking, marking: RwSignal<Feeling>, said: RwSignal<String>, view: View) -> AnyView {
    let left = view.on_the_left();
    let half = |side: Side| {
        let of = |shape: &Shape| zone(tracking, marking, said, view, shape, Zone::of(shape.area, side));
        view.shapes().iter().map(of).collect_view()
    };
    let middle = Shape { area: Area::LowerBack, path: MIDDLE_PATH, reach: "" };
    let middle = (view == View::Back).then(|| zone(tracking, marking, said, view, &middle, Zone::MIDDLE));
    let patterns = if view == View::Front { PATTERNS } else { "" };
    let line = |path: &str, transform: &str| [r#"<path transform=""#, transform, r#"" d=""#, path, r#""/>"#].concat();
    let lines = [line(view.outline(), ""), line(view.outline(), MIRROR), line(view.midline(), "")].concat();
    let [of_left, of_right] = [left, left.other()].map(|side| sentence(side.name()));
    let label = [view.name(), " of the body"].concat();
    view! {
        <figure>
            <figcaption>
                <span>"Your " {left.name()}</span>
                <b>{view.name()}</b>
                <span>"Your " {left.other().name()}</span>
            </figcaption>
            <svg class="body" viewBox=VIEW_BOX role="group" aria-label=label>
                <g inner_html=patterns></g>
                <g>{half(left)}</g>
                {middle}
                <g transform=MIRROR>{half(left.other())}</g>
                <g class="lines" aria-hidden="true" inner_html=lines></g>
                <g class="sides" aria-hidden="true">
                    <text x="18" y="262">{of_left}</text>
                    <text x="302" y="262" text-anchor="end">{of_right}</text>
                </g>
            </svg>
        </figure>
    }
    .into_any()
}

fn zone(
    tracking: Tracking,
    marking: RwSignal<Feeling>,
    said: RwSignal<String>,
    view: View,
    shape: &Shape,
    zone: Zone,
) -> AnyView {
    let felt = move |sheet: &Sheet| sheet.ask(|log| log.felt(zone));
    let class = tracking.text(move |sheet| {
        let felt = felt(sheet);
        let mark = |there: bool, class| if there { class } else { "" };
        ["zone", mark(felt.pain, " zone--pain"), mark(felt.numb, " zone--numb")].concat()
    });
    let pressed = tracking.text(move |sheet| felt(sheet).is(marking.get()).to_string());
    // Two buttons of one zone need two names.
    let from = match view {
        View::Front => "",
        View::Back => ", from behind",
    };
    let label = tracking.text(move |_| [name(marking.get()), ": ", &zone.words(), from].concat());
    let toggle = move || {
        let feeling = marking.get_untracked();
        let there = tracking.sheet.with_untracked(|sheet| felt(sheet).is(feeling));
        mark(tracking, said, zone, feeling, !there);
    };
    let key = move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            toggle();
        }
    };
    let path = |class: &str, path: &str| [r#"<path class=""#, class, r#"" d=""#, path, r#""/>"#].concat();
    let shapes =
        [path("reach", shape.reach), path("skin", shape.path), path("hatch", shape.path), path("dots", shape.path)];
    view! {
        <g
            class=class
            role="button"
            tabindex="0"
            aria-label=label
            aria-pressed=pressed
            on:click=move |_| toggle()
            on:keydown=key
            inner_html=shapes.concat()
        ></g>
    }
    .into_any()
}

/// An empty chart can begin as the last one was. What was numb between the legs then is an emergency now as well, as the
/// sign of the daily list would be.
fn from_the_last(tracking: Tracking) -> AnyView {
    let none = tracking.is(|sheet| sheet.ask(DayLog::has_chart) || sheet.last_chart().is_none());
    let words = tracking.text(|sheet| {
        let last = sheet.last_chart();
        last.map_or_else(String::new, |log| ["As on ", &log.day.without_year()].concat())
    });
    let what = tracking.text(|sheet| sheet.last_chart().map_or_else(String::new, summary));
    let take = move |_| {
        let last = |sheet: &Sheet| sheet.last_chart().map(|log| log.zones().collect::<Vec<_>>()).unwrap_or_default();
        let marks = tracking.sheet.with_untracked(last);
        // The button goes away, and must not take the focus with it. Before the marks, so that an emergency has the last
        // word.
        device::focus("chart");
        for (zone, felt) in marks {
            for feeling in Feeling::BOTH.into_iter().filter(|feeling| felt.is(*feeling)) {
                tracking.change(Change::Zone { zone, feeling, there: true });
            }
        }
    };
    view! {
        <div class="last" hidden=none>
            <p>"Start from your last chart, then change what is different. " {what}</p>
            <button type="button" class="btn" on:click=take>{words}</button>
        </div>
    }
    .into_any()
}

/// A buttock can be numb in any sciatica, and "around the bottom" in cauda equina syndrome: the patient is asked which.
fn numb_buttock(tracking: Tracking, said: RwSignal<String>) -> AnyView {
    let numb = |log: &DayLog| log.zones().find(|(zone, felt)| zone.is_buttock() && felt.numb).map(|(zone, _)| zone);
    let none = tracking.is(move |sheet| sheet.ask(|log| log.has_sign(SADDLE) || numb(log).is_none()));
    let yes = move |_| {
        let side = tracking.sheet.with_untracked(|sheet| sheet.ask(numb)).and_then(Zone::side).unwrap_or(Side::Left);
        mark(tracking, said, Zone::of(Area::Saddle, side), Feeling::Numb, true);
    };
    view! {
        <div class="notice" hidden=none>
            <p role="status">
                "You marked a numb buttock. Is it also numb, tingling or odd between your legs, or around your genitals or back passage? It may feel different when you wipe."
            </p>
            <button type="button" class="btn" on:click=yes>"Yes, or I am not sure"</button>
        </div>
    }
    .into_any()
}

/// Two sore knees are not "down both legs", and only the patient knows: so it is asked.
fn both_legs(tracking: Tracking) -> AnyView {
    let none = tracking.is(|sheet| {
        sheet.ask(|log| log.has_sign(BOTH_LEGS) || !Side::BOTH.iter().all(|side| log.is_leg_marked(*side)))
    });
    let yes = move |_| tracking.change(Change::Sign { sign: BOTH_LEGS.to_owned(), there: true });
    view! {
        <div class="notice" hidden=none>
            <p role="status">"You marked both legs. Is it pain, numbness, tingling or weakness down both legs?"</p>
            <button type="button" class="btn" on:click=yes>"Yes, down both legs, or I am not sure"</button>
        </div>
    }
    .into_any()
}
