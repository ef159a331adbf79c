//! The wasm entry. Links the app, so that the islands of the chosen feature (`checker`, `today`, `planning`, `session`,
//! `body`, `progress`) are in the wasm.

extern crate app;

/// Called by the boot script once the wasm is there; the islands themselves are found and started by the script.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
