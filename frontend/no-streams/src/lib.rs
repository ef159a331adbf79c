//! In place of the crate of this name, which Leptos brings along for server functions that stream. We have none; but it
//! exports functions to the browser, and they, and all they call, would stay in each wasm: 4 KB of it, and half a kilobyte
//! of its script.

use futures_util::{Stream, stream};
use wasm_bindgen::JsValue;

pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    pub fn from_raw(stream: web_sys::ReadableStream) -> Self {
        Self(stream)
    }

    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    pub fn from_stream(_: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        unreachable!("there are no server functions")
    }

    pub fn into_stream(self) -> impl Stream<Item = Result<JsValue, JsValue>> + Unpin {
        stream::empty()
    }
}
