//! What a session asks of the browser: a sound, a buzz, a spoken word, a screen that stays on, and the time. Each is a help
//! that the session does without where the browser has none or refuses: nothing here fails loudly.

use std::{cell::RefCell, time::Duration};

use js_sys::{Function, Promise, Reflect};
use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{AudioContext, SpeechSynthesis, SpeechSynthesisUtterance, Storage};

/// How a change is told beside the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cue {
    Sound,
    Vibration,
    Speech,
}

impl Cue {
    /// Where the choice is kept: on the device, and apart from what is logged.
    fn key(self) -> &'static str {
        match self {
            Self::Sound => "session-sound",
            Self::Vibration => "session-vibration",
            Self::Speech => "session-speech",
        }
    }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// Whether the patient wants it; a voice only where they said so.
pub fn chosen(cue: Cue) -> bool {
    let kept = storage().and_then(|storage| storage.get_item(cue.key()).ok()?);
    kept.map_or(cue != Cue::Speech, |kept| kept == "on")
}

pub fn choose(cue: Cue, on: bool) {
    if let Some(storage) = storage() {
        let _: Result<(), JsValue> = storage.set_item(cue.key(), if on { "on" } else { "off" });
    }
    if cue == Cue::Speech && !on {
        hush();
    }
}

thread_local! {
    static AUDIO: RefCell<Option<AudioContext>> = const { RefCell::new(None) };
    /// Of the lock on the screen.
    static AWAKE: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// Within a press: browsers allow sounds to a page only from then on.
pub fn allow() {
    AUDIO.with_borrow_mut(|audio| {
        if audio.is_none() && chosen(Cue::Sound) {
            *audio = AudioContext::new().ok();
        }
        if let Some(Ok(resumed)) = audio.as_ref().map(AudioContext::resume) {
            forgive(&resumed);
        }
    });
}

/// Tells that something else is to be done now, in the ways that are chosen.
pub fn give(words: &str) {
    if chosen(Cue::Sound) {
        AUDIO.with_borrow(|audio| audio.as_ref().and_then(|audio| beep(audio).ok()));
    }
    if chosen(Cue::Vibration) {
        call(&navigator(), "vibrate", &JsValue::from(200));
    }
    if chosen(Cue::Speech) {
        say(words);
    }
}

/// A fifth of a second of 660 Hz, faded, so that it does not crack.
fn beep(audio: &AudioContext) -> Result<(), JsValue> {
    let (tone, gain) = (audio.create_oscillator()?, audio.create_gain()?);
    let now = audio.current_time();
    tone.frequency().set_value(660.0);
    gain.gain().set_value_at_time(0.2, now)?;
    gain.gain().linear_ramp_to_value_at_time(0.0, now + 0.2)?;
    tone.connect_with_audio_node(&gain)?.connect_with_audio_node(&audio.destination())?;
    tone.start()?;
    tone.stop_with_when(now + 0.2)
}

fn say(words: &str) {
    hush();
    if let (Some(speech), Ok(words)) = (speech(), SpeechSynthesisUtterance::new_with_text(words)) {
        words.set_lang("en-GB");
        speech.speak(&words);
    }
}

/// Ends what is being said.
pub fn hush() {
    if let Some(speech) = speech() {
        speech.cancel();
    }
}

/// A browser without it says `undefined`, and no error.
fn speech() -> Option<SpeechSynthesis> {
    let speech = web_sys::window()?.speech_synthesis().ok()?;
    (!speech.is_undefined()).then_some(speech)
}

/// Keeps the screen on, or lets it go dark again. By name: the interface is not in `web-sys` yet, and not in every browser.
pub fn keep_awake(on: bool) {
    AWAKE.with_borrow_mut(|awake| {
        if let Some(lock) = awake.take() {
            let release = Closure::once(|lock: JsValue| {
                call(&lock, "release", &JsValue::UNDEFINED);
            });
            forgive(&lock.then(&release));
            release.forget();
        }
        if on {
            let locks = Reflect::get(&navigator(), &"wakeLock".into()).unwrap_or_default();
            let lock = call(&locks, "request", &"screen".into());
            *awake = lock.and_then(|lock| lock.dyn_into::<Promise>().ok()).inspect(forgive);
        }
    });
}

fn navigator() -> JsValue {
    web_sys::window().map_or(JsValue::UNDEFINED, |window| window.navigator().into())
}

/// Calls a method that may not be there.
fn call(of: &JsValue, method: &str, argument: &JsValue) -> Option<JsValue> {
    let method: Function = Reflect::get(of, &method.into()).ok()?.dyn_into().ok()?;
    method.call1(of, argument).ok()
}

/// What comes of it is not waited for, and a refusal is no error of the page.
fn forgive(promise: &Promise) {
    let nothing = Closure::once(|_: JsValue| {});
    let forgiven = promise.catch(&nothing);
    drop(forgiven);
    nothing.forget();
}

/// Brings what has this id to the top of the screen, or just into it.
pub fn show(id: &str, to_top: bool) {
    if let Some(element) = document().get_element_by_id(id) {
        element.scroll_into_view_with_bool(to_top);
    }
}

/// For as long as the view is there: lets the clock tick, and says when the page is left (`true`) and come back to. That it
/// is there is said at once: repetitions are done before the first press.
pub fn run(tick: impl Fn() + 'static, left: impl Fn(bool) + 'static) {
    left(document().hidden());
    drop(request_animation_frame(|| show("on", false)));
    let clock = set_interval(tick, Duration::from_millis(200)).ok();
    let leaving = window_event_listener(ev::visibilitychange, move |_| left(document().hidden()));
    on_cleanup(move || {
        if let Some(clock) = clock {
            clock.clear();
        }
        leaving.remove();
        keep_awake(false);
        hush();
    });
}
