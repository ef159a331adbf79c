//! In place of the device on the server, which renders the island once and where nothing is ever clicked.

use leptos::{ev::SubmitEvent, html::Div, prelude::*};

use super::{sheet::Stage, shell::Tracking, sync::Deed};

pub fn now() -> i64 {
    0
}

pub fn random() -> u64 {
    0
}

pub fn show(_: NodeRef<Div>, _: impl FnOnce() -> AnyView) {}

pub fn begin(_: Tracking) {}

pub fn refresh(_: Tracking) {}

pub fn save(_: Tracking) {}

pub fn focus(_: &str) {}

pub fn show_stage(_: Option<&Stage>, _: &Stage) {}

pub fn decide(_: Tracking, _: Deed) {}

pub fn fields(_: &SubmitEvent) -> Option<Vec<(String, String)>> {
    None
}

pub fn download(_: &str, _: &str) {}

pub fn print() {}
