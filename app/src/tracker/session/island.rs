//! The session's page, as far as it is the device's.

use leptos::prelude::*;

use super::{Guide, view::view};
use crate::{
    tracker::shell::{Part, Provision, shell},
    ui::handed,
};

/// The guides are in the order of the exercises.
#[island]
pub fn Session() -> impl IntoView {
    let (provision, guides): (Provision, Vec<Guide>) = handed();
    let guides = StoredValue::new(guides);
    shell(provision, Part::Session, move |tracking| view(tracking, guides))
}
