//! The plan's page, as far as it is the device's.

use leptos::prelude::*;

use super::{chooser::chooser, doses::doses, start::start};
use crate::{
    tracker::{
        sheet::Sheet,
        shell::{Part, Tracking, head, shell},
    },
    ui::handed,
};

#[island]
pub fn Planning() -> impl IntoView {
    shell(handed(), Part::Plan, view)
}

fn view(tracking: Tracking) -> AnyView {
    let heading = tracking.text(|_| "Your plan".to_owned());
    let empty = tracking.is(Sheet::nothing_chosen);
    view! {
        <main id="main" class="wrap">
            {head(tracking, Part::Plan, heading)}
            <div class="grid">
                {doses(tracking)}
                <div class="stack">{start(tracking, empty)} {chooser(tracking)}</div>
            </div>
        </main>
    }
    .into_any()
}
