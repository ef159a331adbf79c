//! The progress page, as far as it is the device's.

use leptos::{ev, prelude::*};
use maud::{Markup, html};

use super::{
    csv,
    report::{self, Seen, Told},
};
use crate::{
    day::Day,
    tracker::{
        chart::Span,
        device,
        sheet::{Keeping, Sheet},
        shell::{Part, Tracking, head, shell},
    },
    ui::handed,
};

#[island]
pub fn Progress() -> impl IntoView {
    // Here and not in the view: after an emergency, which takes the view's place, the span is as it was.
    let span = RwSignal::new(Span::ThreeMonths);
    shell(handed(), Part::Progress, move |tracking| view(tracking, span))
}

fn view(tracking: Tracking, span: RwSignal<Span>) -> AnyView {
    // The first read brought the days that the rules look at, so that an emergency need not wait for years of others.
    if !tracking.sheet.with_untracked(Sheet::is_back) {
        tracking.sheet.update_untracked(|sheet| sheet.read_back_to(Day::FIRST));
        device::refresh(tracking);
    }
    let heading = tracking.text(|_| "Your progress".to_owned());
    let choose = move |event: ev::Event| {
        let name = event_target_value(&event);
        if let Some(chosen) = Span::EACH.into_iter().find(|span| span.name() == name) {
            span.set(chosen);
        }
    };
    let period = tracking.text(move |sheet| {
        let (from, to) = report::period(sheet, span.get());
        format!("{} to {}", from.long(), to.long())
    });
    let seen = Memo::new_with_compare(
        move |_| {
            tracking.sheet.with(|sheet| {
                tracking
                    .rules
                    .with_value(|rules| tracking.exercises.with_value(|cards| Seen::of(&Told { sheet, rules, cards })))
            })
        },
        // It is made when the sheet has changed.
        |_, _| true,
    );
    let charts = tracking.text(move |sheet| {
        match sheet.keeping() {
            _ if sheet.is_back() => {}
            // What the page says of that is above.
            Keeping::NotRead(_) => return String::new(),
            _ => return html! { p { "Reading your days…" } }.into_string(),
        }
        seen.with(|seen| report::report(sheet, seen, span.get()).into_string())
    });
    let nothing = tracking.is(|sheet| !sheet.is_back() || report::is_empty(sheet));
    view! {
        <main id="main" class="wrap progress">
            {head(tracking, Part::Progress, heading)}
            <div hidden=nothing>
                <fieldset class="scale spans" on:change=choose inner_html=spans(span.get_untracked()).into_string()></fieldset>
                <p class="period" role="status">{period}</p>
            </div>
            <div class="charts" inner_html=charts></div>
            {own_data(tracking, nothing)}
        </main>
    }
    .into_any()
}

fn spans(chosen: Span) -> Markup {
    html! {
        legend { "How far back" }
        @for span in Span::EACH {
            label {
                input type="radio" name="span" value=(span.name()) checked[span == chosen];
                span { (span.name()) }
            }
        }
    }
}

/// The days as a file, and the page on paper.
fn own_data(tracking: Tracking, nothing: Memo<bool>) -> AnyView {
    let download = move |_| {
        let (name, table) = tracking.sheet.with_untracked(|sheet| {
            let name = format!("sciaticalm-{}.csv", sheet.today().unwrap_or_default());
            (name, tracking.rules.with_value(|rules| csv::table(sheet, rules)))
        });
        device::download(&name, &table);
    };
    view! {
        <section class="box own-data" aria-labelledby="own-data" hidden=nothing>
            <h2 id="own-data">"Your data"</h2>
            <p>
                "The file has a row for each day that you logged on this device, for any spreadsheet. Nothing protects what is in it: keep it where only you can read it."
            </p>
            <p>"On paper the page has the charts and what is said under them, and those of the numbers that you have open."</p>
            <div class="actions">
                <button type="button" class="btn" on:click=download>"Download my days (CSV)"</button>
                <button type="button" class="btn" on:click=move |_| device::print()>"Print this page"</button>
            </div>
        </section>
    }
    .into_any()
}
