//! A short start: a few questions on one form, and the plans that follow from the answers, with what is left out and why.
//!
//! The two forms are texts of HTML, as the checker's pages are: nothing in them reacts, and views that could would be
//! kilobytes of wasm.

use leptos::{html, prelude::*};
use maud::{Markup, html};

use crate::tracker::{
    Card, device,
    sheet::Sheet,
    shell::Tracking,
    starter::{ASKED, Complaint, FOOT_SCORES, NO, NOT_SURE, Profile, Starter, YES, suggest},
};

/// Open while nothing is chosen.
pub fn start(tracking: Tracking, empty: Memo<bool>) -> AnyView {
    let details = NodeRef::<html::Details>::new();
    let asked = RwSignal::new(false);
    let answer = move |event: leptos::ev::SubmitEvent| {
        let Some(fields) = device::fields(&event) else { return };
        event.prevent_default();
        let before = tracking.sheet.with_untracked(Sheet::profile);
        tracking.stand(Profile::of_form(&fields).writes(&before));
        asked.set(true);
        device::focus("suggested");
    };
    let take = move |event: leptos::ev::SubmitEvent| {
        let Some(fields) = device::fields(&event) else { return };
        event.prevent_default();
        let writes = tracking.sheet.with_untracked(|sheet| {
            let wanted = |starter: &&Starter| fields.iter().any(|(name, value)| name == "plan" && *value == starter.id);
            let items = tracking.starters.with_value(|starters| {
                let starter = starters.iter().find(wanted)?;
                let fits = tracking.exercises.with_value(|cards| {
                    let (fits, _) = starter.fitted(cards, &sheet.profile());
                    fits.into_iter().map(|(card, dose)| (card.id.clone(), dose)).collect::<Vec<_>>()
                });
                Some(fits).filter(|fits| !fits.is_empty())
            });
            items.map(|items| sheet.plan().choose(&items))
        });
        let Some(writes) = writes else { return };
        tracking.stand(writes);
        if let Some(details) = details.get_untracked() {
            details.set_open(false);
            device::focus("exercises");
        }
    };
    let questions = tracking.text(|sheet| questions(&sheet.profile()).into_string());
    let unasked = tracking.is(move |sheet| sheet.profile().is_empty() && !asked.get());
    let calm = tracking.is(move |sheet| !sheet.profile().should_check() && tracking.urgency(sheet).is_none());
    let plans = tracking.text(move |sheet| {
        let profile = sheet.profile();
        let replaces = !sheet.nothing_chosen();
        tracking.starters.with_value(|starters| {
            tracking.exercises.with_value(|cards| plans(starters, cards, &profile, replaces).into_string())
        })
    });
    view! {
        <details class="box chooser" open=empty.get_untracked() node_ref=details>
            <summary>"Find a plan that suits you"</summary>
            <form on:submit=answer inner_html=questions></form>
            <div hidden=unasked>
                <h3 id="suggested" tabindex="-1">"Plans for you"</h3>
                <div class="notice" hidden=calm>
                    <p>
                        <strong>"First, check whether you need help. "</strong>
                        "Your answers say that a foot or leg is or may be weak or getting weaker, or that there is a warning sign. Exercises can wait."
                    </p>
                    <a class="btn btn--main" href="/seek-help">"Check whether you need help"</a>
                </div>
                <form on:submit=take inner_html=plans></form>
            </div>
        </details>
    }.into_any()
}

fn questions(profile: &Profile) -> Markup {
    let what = Complaint::ALL.map(|complaint| (complaint.word(), complaint.words()));
    let scores = ["0", "1", "2", "3", "4", "5"].into_iter().zip(FOOT_SCORES);
    let foot: Vec<_> = scores.chain([(NOT_SURE, "Not sure")]).collect();
    let answers = [(YES, "Yes"), (NO, "No"), (NOT_SURE, "Not sure")];
    html! {
        p class="hint" {
            "A few questions, so that no exercise is suggested that is not for you. What you leave open counts as the careful answer."
        }
        (radios("what", "What do you most want help with?", &what, profile, ""))
        (radios("foot", "Sitting with your heel on the floor, how does your weaker foot lift?", &foot, profile, ""))
        @for (name, question) in ASKED { (radios(name, question, &answers, profile, "choices")) }
        div class="actions" { button class="btn btn--main" { "Show my plans" } }
    }
}

fn radios(name: &str, question: &str, answers: &[(&str, &str)], profile: &Profile, class: &str) -> Markup {
    html! {
        fieldset class="ask" {
            legend { (question) }
            div class=(class) {
                @for (value, words) in answers {
                    label class="option" {
                        input type="radio" name=(name) value=(value) checked[profile.answer(name) == *value];
                        b { (words) }
                    }
                }
            }
        }
    }
}

/// All plans, the suggested one first.
fn plans(starters: &[Starter], cards: &[Card], profile: &Profile, replaces: bool) -> Markup {
    let first = suggest(profile);
    html! {
        fieldset {
            legend class="nhsuk-u-visually-hidden" { "Plans" }
            @for starter in starters.iter().filter(|starter| starter.id == first) { (plan(starter, cards, profile, true)) }
            @for starter in starters.iter().filter(|starter| starter.id != first) { (plan(starter, cards, profile, false)) }
        }
        @if replaces { p { "It takes the place of the exercises that you have now." } }
        div class="actions" { button class="btn btn--main" { "Use this plan" } }
    }
}

fn plan(starter: &Starter, cards: &[Card], profile: &Profile, suggested: bool) -> Markup {
    let (fits, left_out) = starter.fitted(cards, profile);
    html! {
        label class="option" {
            input type="radio" name="plan" value=(starter.id) checked[suggested];
            b { (starter.name) @if suggested { " (suggested)" } }
            small { (starter.for_whom) }
        }
        details class="within" open[suggested] {
            summary { "What is in it" span class="nhsuk-u-visually-hidden" { ": " (starter.name) } }
            @if fits.is_empty() { p { "Nothing in this plan is for you now. Ask a physiotherapist." } }
            ul { @for (card, dose) in fits { li { b { (card.name) } ": " (card.in_words(&dose)) } } }
            @if !left_out.is_empty() {
                ul class="left-out" {
                    @for (card, why) in left_out { li { (card.name) " is left out: " (why.words()) "." } }
                }
            }
            p class="version" { (starter.source) " Not signed off by a clinician yet." }
        }
    }
}
