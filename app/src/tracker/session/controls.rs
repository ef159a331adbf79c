//! What a session is led with: one large button within the thumb's reach, few others, and when to stop, always in view.

use leptos::prelude::*;

use super::{
    course::Course,
    cues::{self, Cue},
    view::{Mode, Running, stop_rules},
};
use crate::tracker::{device, doing::REASONS};

const MAIN: &str = "go";
const WHY: &str = "why";

pub fn controls(running: Running) -> AnyView {
    let rules = running.text(move |course| running.of_guide(course, stop_rules));
    let skipping = running.is(|_, mode| mode == Mode::Skipping);
    let button = running.text(|course| course.button().to_owned());
    let held = running.is(|course, _| !course.is_by_reps());
    let count = move |_| {
        running.press(&Course::count_one);
        // The button goes away with the exercise, and must not take the focus with it.
        if held.get_untracked() && running.course.with_untracked(|course| course.exercise().is_some()) {
            device::focus(MAIN);
        }
    };
    let pause = running.text(|course| if course.is_paused() { "Go on" } else { "Pause" }.to_owned());
    let toggle = move |_| {
        running.act(&|course, now| {
            if course.is_paused() {
                course.go_on(now)
            } else {
                course.pause(now)
            }
            vec![]
        });
    };
    let back = move |_| {
        running.act(&|course, _| {
            course.back();
            vec![]
        });
    };
    let skip = move |_| {
        running.pause();
        running.mode.set(Mode::Skipping);
        device::focus(WHY);
    };
    view! {
        <div class="controls">
            <div class="stop-rules" inner_html=rules></div>
            <div hidden=skipping>
                <div class="go">
                    <button type="button" id=MAIN class="btn btn--main" on:click=move |_| running.press(&Course::press)>{button}</button>
                    <button type="button" class="btn" hidden=held on:click=count>"Count one"</button>
                </div>
                <div class="ways">
                    <button type="button" class="btn" on:click=back>"Back"</button>
                    <button type="button" class="btn" on:click=toggle>{pause}</button>
                    <button type="button" class="btn" on:click=skip>"Skip"</button>
                </div>
            </div>
            {reasons(running)}
            <button type="button" class="btn wrong" on:click=move |_| running.stop()>"This feels wrong: stop"</button>
        </div>
    }
    .into_any()
}

/// Why this exercise is skipped.
fn reasons(running: Running) -> AnyView {
    let hidden = running.is(|_, mode| mode != Mode::Skipping);
    let reasons = REASONS.map(|reason| {
        let skip = move |_| {
            running.mode.set(Mode::On);
            // Before the act, which takes the focus to the end of the session where this was the last.
            device::focus(MAIN);
            running.act(&|course: &mut Course, _| course.skip(reason));
        };
        view! { <button type="button" class="btn" on:click=skip>{reason}</button> }
    });
    let keep = move |_| {
        running.mode.set(Mode::On);
        device::focus(MAIN);
    };
    view! {
        <div class="reasons" role="group" aria-labelledby=WHY hidden=hidden>
            <p id=WHY tabindex="-1">"Skip this exercise today because"</p>
            {reasons.into_iter().collect_view()}
            <button type="button" class="btn btn--quiet" on:click=keep>"Do not skip it"</button>
        </div>
    }
    .into_any()
}

/// How a change is told. The choice stays on the device.
pub fn settings() -> AnyView {
    let cues = [
        (Cue::Sound, "Sound", "A short tone when something changes"),
        (Cue::Vibration, "Vibration", "Where the phone can"),
        (Cue::Speech, "Voice", "Says what to do next"),
    ];
    let options = cues.map(|(cue, name, what)| {
        let on = RwSignal::new(cues::chosen(cue));
        let choose = move |event| {
            on.set(event_target_checked(&event));
            cues::choose(cue, on.get_untracked());
        };
        view! {
            <label class="option">
                <input type="checkbox" prop:checked=on on:change=choose/>
                <b>{name}</b>
                <small>{what}</small>
            </label>
        }
    });
    view! {
        <fieldset class="cues"><legend>"How you are told"</legend>{options.into_iter().collect_view()}</fieldset>
    }
    .into_any()
}
