//! The body's page, as far as it is the device's.

use leptos::prelude::*;

use super::{abilities::abilities, chart::chart};
use crate::{
    tracker::shell::{Part, Tracking, head, shell},
    ui::handed,
};

#[island]
pub fn Body() -> impl IntoView {
    shell(handed(), Part::Body, view)
}

fn view(tracking: Tracking) -> AnyView {
    let heading = tracking.text(|sheet| {
        let day = sheet.shown();
        ["Your body, ", day.weekday(), " ", &day.without_year()].concat()
    });
    view! {
        <main id="main" class="wrap">
            {head(tracking, Part::Body, heading)}
            <div class="stack">
                {chart(tracking)}
                {abilities(tracking)}
            </div>
        </main>
    }
    .into_any()
}
