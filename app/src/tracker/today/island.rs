//! The day's page, as far as it is the device's.

use leptos::prelude::*;

use super::view::view;
use crate::{
    tracker::shell::{Part, Provision, shell},
    ui::Handed,
};

#[island]
pub fn Today(handed: Handed<Provision>) -> impl IntoView {
    shell(handed, Part::Today, view)
}
