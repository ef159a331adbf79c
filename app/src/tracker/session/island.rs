//! The session's page, as far as it is the device's.

use leptos::prelude::*;

use super::{Guide, view::view};
use crate::{
    tracker::shell::{Part, Provision, shell},
    ui::Handed,
};

/// The guides are in the order of the exercises.
#[island]
pub fn Session(handed: Handed<(Provision, Vec<Guide>)>) -> impl IntoView {
    let Handed((provision, guides)) = handed;
    let guides = StoredValue::new(guides);
    shell(Handed(provision), Part::Session, move |tracking| view(tracking, guides))
}
