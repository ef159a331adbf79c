//! The forms of parts, filled in as a browser fills them in.

pub mod browser;
mod forms;
mod list_forms;
