//! The diary: a day's pain, warning signs and a note by plain form, for whoever cannot or does not want to run script. It
//! writes into the same entries as the tracker on a device.
//!
//! Signs are judged before anything is checked or saved, by the tracker's own rules: no wrong date, missing consent or full
//! disk stands between an emergency and its advice.

mod export;
mod http;
mod kept;
mod pages;
mod typed;

use crate::routes::Routes;

pub fn routes() -> Routes {
    http::routes().and(export::routes())
}
