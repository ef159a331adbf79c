//! The sheet for the week: each plan to start from as a table to print and tick, with the warning signs beneath. For whoever
//! has no script, no phone or no wish for either.

use leptos::prelude::*;
use maud::{Markup, html};

use super::{
    Card,
    log::Place,
    pages::card,
    plan::{Days, Dose},
    starter::Starter,
};
use crate::{
    exercise::Exercise,
    site::Site,
    triage::{Urgency, result::signed_off},
    ui::page::Page,
};

pub fn page(site: &Site, library: Vec<Exercise>) -> Page {
    let cards: Vec<Card> = library.into_iter().map(card).collect();
    let main = main(site, &cards).into_string();
    let mut page = Page::new(
        "A sheet for the week",
        "Exercise plans for back pain, sciatica and foot drop to print, each with a table to tick for a week and the warning signs.",
        "/tracker/sheet",
        move || view! { <main id="main" class="wrap tracker weeks" inner_html=main></main> }.into_any(),
    );
    page.styles = &["tracker.css"];
    page
}

fn main(site: &Site, cards: &[Card]) -> Markup {
    html! {
        div class="no-print" {
            h1 id="heading" { "A sheet for the week" }
            p class="lead" { "Choose one plan, print its page, and tick what you do. Each plan prints on a page of its own." }
            p {
                "Before you begin, " a href="/seek-help" { "check whether you need help" } ". How each exercise is done is in the "
                a href="/exercises" { "library" } "."
            }
            @if site.starters.is_empty() { p class="notice" { "There are no plans to print now. Please look again later." } }
            ul { @for plan in &site.starters { li { a href=(format!("#{}", plan.id)) { (plan.name) } } } }
        }
        @for plan in &site.starters { (sheet(site, cards, &plan.within(cards))) }
    }
}

fn sheet(site: &Site, cards: &[Card], plan: &Starter) -> Markup {
    let of = |id: &String| cards.iter().find(|card| card.id == *id);
    html! {
        section class="week-sheet" aria-labelledby=(plan.id) {
            h2 id=(plan.id) { (plan.name) }
            p { (plan.for_whom) " Week from: " span class="line" {} }
            // Seven columns and a dose need more room than a narrow phone has: the table scrolls by itself.
            section class="scrolls" tabindex="0" aria-label=(format!("{}: the week", plan.name)) {
                table {
                    thead { tr {
                        th scope="col" { "Exercise" }
                        @for day in Days::NAMES { th scope="col" { (weekday(day)) } }
                    } }
                    tbody {
                        @for (id, dose) in &plan.items { @if let Some(card) = of(id) { (row(card, dose)) } }
                        @for place in Place::ALL { tr {
                            th scope="row" { (place.name()) " " small { "0 to 10" } }
                            @for _ in Days::NAMES { td { span class="line" {} } }
                        } }
                    }
                }
            }
            (warning_signs(site))
            p class="version" { (plan.source) " " (signed_off(&site.rules)) }
        }
    }
}

fn weekday(name: &str) -> String {
    Days::named(name).unwrap_or(Days::NONE).words()
}

fn row(card: &Card, dose: &Dose) -> Markup {
    let words = dose.words();
    let words = if words.is_empty() { &card.dose } else { &words };
    html! {
        tr {
            th scope="row" {
                a href=(format!("/exercises/{}", card.id)) { (card.name) }
                small { (words) }
                @for care in &card.care { small { (care) } }
            }
            @for day in Days::NAMES {
                td {
                    @if dose.days.include(Days::named(day).unwrap_or(Days::NONE)) {
                        @for set in 1..=dose.sets {
                            span class="blank" { span class="nhsuk-u-visually-hidden" { "Set " (set) " " } }
                        }
                    } @else { "–" }
                }
            }
        }
    }
}

/// On each page, because each is printed alone.
fn warning_signs(site: &Site) -> Markup {
    html! {
        div class="safety" {
            h3 { (site.settings.numbers.heading(Urgency::Emergency)) " if any of these starts" }
            ul { @for sign in &site.rules.safety_net { li { (sign) } } }
            p { "Even a few hours can make a difference. If you are not sure, go. Stop an exercise that makes leg pain spread or gets worse as you do it." }
        }
    }
}
