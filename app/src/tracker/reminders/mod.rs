//! Reminders: an e-mail at a time that somebody chose, and the same time in a calendar to subscribe to. Neither says
//! anything about health.
//!
//! `when` knows the times, `sending` sends what is due, `calendar` writes the file.

mod calendar;
mod http;
mod pages;
mod sending;
pub mod store;
pub mod when;

pub use http::{CALENDARS, STOP, routes};
pub use sending::send_due;
