//! What islands ask of the browser.

use leptos::ev::{MouseEvent, SubmitEvent};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, FormData, HtmlElement, HtmlFormElement};

/// The fields of a submitted form, with the button that was pressed; `None` if it was not a form.
pub fn fields(event: &SubmitEvent) -> Option<Vec<(String, String)>> {
    let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
    let mut fields: Vec<(String, String)> = FormData::new_with_form(&form)
        .ok()?
        .entries()
        .into_iter()
        .filter_map(|entry| {
            let pair: js_sys::Array = entry.ok()?.into();
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        })
        .collect();
    let button = event.submitter();
    let attribute = |name| button.as_ref().and_then(|button| button.get_attribute(name));
    if let (Some(name), Some(value)) = (attribute("name"), attribute("value")) {
        fields.push((name, value));
    }
    Some(fields)
}

/// Prints, when what was clicked is a print button (`data-print`).
pub fn print_if_asked(event: &MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let asked = target.is_some_and(|target| matches!(target.closest("[data-print]"), Ok(Some(_))));
    if asked && let Some(window) = web_sys::window() {
        let _: Result<(), JsValue> = window.print();
    }
}

/// Whether a box on the page is ticked, or a choice made.
pub fn anything_ticked() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| matches!(document.query_selector("input:checked"), Ok(Some(_))))
}

/// Says on the document that the island answers now: what needs script shows itself, and tests know when to begin.
pub fn mark_ready() {
    let root = web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
    if let Some(root) = root {
        let _: Result<(), JsValue> = root.set_attribute("data-script", "ready");
    }
}

/// After an island has shown another page in place: its heading (or the errors on it) gets the focus, which also reads it
/// out, and the tab its title.
pub fn announce_page() {
    let _: Result<_, JsValue> = leptos::prelude::request_animation_frame(|| {
        let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
        let heading = document.get_element_by_id("heading");
        let errors = document.get_element_by_id("errors");
        if let Some(title) = heading.as_ref().and_then(|heading| heading.text_content()) {
            let site = document.title();
            let site = site.rsplit(" – ").next().unwrap_or_default().to_owned();
            let error = if errors.is_some() { "Error: " } else { "" };
            document.set_title(&format!("{error}{title} – {site}"));
        }
        if let Some(window) = web_sys::window() {
            window.scroll_to_with_x_and_y(0.0, 0.0);
        }
        let target = errors.or(heading);
        if let Some(target) = target.and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
            let _: Result<(), JsValue> = target.focus();
        }
    });
}

/// The date and time here, as people write them: "22/11/2026, 21:40:00".
pub fn now_in_words() -> Option<String> {
    js_sys::Date::new_0().to_locale_string("en-GB", &JsValue::UNDEFINED).as_string()
}

/// The number that the history's entry holds, if it is one of ours.
pub fn history_number() -> Option<usize> {
    let number = web_sys::window()?.history().ok()?.state().ok()?.as_f64()?;
    // A whole number from 0 on, as we put it there.
    (number >= 0.0).then_some(number as usize)
}

fn history(change: impl Fn(web_sys::History) -> Result<(), JsValue>) {
    if let Some(Ok(history)) = web_sys::window().map(|window| window.history()) {
        // Without a history the pages still follow one another.
        let _: Result<(), JsValue> = change(history);
    }
}

/// Adds an entry that holds this number, at the same address.
pub fn push_history_number(number: usize) {
    history(|history| history.push_state(&JsValue::from(number as f64), ""));
}

/// Makes the entry hold this number.
pub fn set_history_number(number: usize) {
    history(|history| history.replace_state(&JsValue::from(number as f64), ""));
}

/// As the browser's own button.
pub fn go_back() {
    history(|history| history.back());
}

/// Calls `follow` whenever the reader goes back or forward on this page.
pub fn on_history(follow: impl Fn() + 'static) {
    leptos::prelude::window_event_listener(leptos::ev::popstate, move |_| follow());
}
