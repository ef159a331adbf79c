//! The day's page, as far as it is the device's.

use leptos::prelude::*;

use super::view::view;
use crate::{
    tracker::shell::{Part, shell},
    ui::handed,
};

#[island]
pub fn Today() -> impl IntoView {
    shell(handed(), Part::Today, view)
}
