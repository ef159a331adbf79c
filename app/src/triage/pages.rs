//! The checker's page, and the page about it.

use leptos::prelude::*;
use maud::{Markup, html};

use super::{
    Rule, RuleSet, Source, Urgency,
    conversation::{Place, Step},
    island::{Checker, Conversation},
    result::signed_off,
    vignette::Vignette,
};
use crate::{
    site::{Entry, Site},
    ui::{Numbers, handed::hand, page::Page},
};

pub fn checker(site: &Site, step: Step, now: String) -> Page {
    let title = match &step.place {
        Place::Ask { screen, problems, .. } => {
            let title = site.rules.screen(screen).map_or("Do I need help?", |screen| screen.title.as_str());
            if problems.is_empty() { title.to_owned() } else { format!("Error: {title}") }
        }
        Place::Warning(assessment) | Place::Result(assessment) => site.settings.numbers.heading(assessment.urgency),
        Place::Review => "Check your answers".to_owned(),
        Place::Sheet(_) => "Please read this".to_owned(),
    };
    let handed = Conversation { rules: site.rules.clone(), numbers: site.settings.numbers.clone(), step, now };
    let mut page = Page::new(
        title,
        "Check whether to seek help now for back pain, sciatica or foot drop. No account; your answers are not stored.",
        "/seek-help",
        move || hand(handed, || view! { <Checker/> }.into_any()),
    );
    page.entry = Some(Entry::Checker);
    page
}

pub fn about(site: &Site) -> Page {
    let html = about_html(&site.rules, &site.vignettes, &site.settings.numbers).into_string();
    Page::new(
        "About the seek-help checker",
        "What the checker is for, how it decides, every rule with its source, its tests, and what it cannot do.",
        "/seek-help/about",
        move || view! { <main id="main" class="wrap panel prose" inner_html=html></main> }.into_any(),
    )
}

fn about_html(rules: &RuleSet, vignettes: &[Vignette], numbers: &Numbers) -> Markup {
    html! {
        h1 { "About the seek-help checker" }
        p class="lead" {
            "It helps you decide how soon to get help for back pain, sciatica or foot drop. It is not a diagnosis, and it is not "
            "a registered medical device."
        }
        h2 { "What it is for" }
        p {
            "For adults, and for those who answer for them or for a child, in the UK, who have pain in the back or leg, numbness, or "
            "weakness of a leg or foot, and ask themselves whether and how soon to get help. It is there to send people with signs "
            "of an emergency for help at once, above all signs of cauda equina syndrome and of new weakness."
        }
        h2 { "What it is not" }
        ul {
            li { "It is not a diagnosis, and does not replace a professional. It cannot examine you, and knows only what you tell it." }
            li { "It is not a registered medical device." }
            li { "It knows signs from the back, legs and feet best. For anything else, ask a professional." }
            li { "It does not know your other illnesses and medicines, beyond those it asks for." }
        }
        h2 { "How it decides" }
        p {
            "You answer questions; each rule below looks at your answers; the most urgent rule that fits decides. If you are not sure "
            "about a sign of an emergency, it counts as there. If something that could make it less urgent is left open, it is not "
            "counted. If no rule fits, it tells you to contact a GP or physiotherapist. Nothing in it learns or guesses: the same "
            "answers always give the same advice."
        }
        p {
            "With script in your browser, it decides on your device and sends nothing. Without, your answers are sent to our server, "
            "which decides and forgets them."
        }
        h2 { "Known limits" }
        ul {
            li { "No clinician has signed these rules off, unless it says so below. Some limits in them are proposals: each such rule says so." }
            li { "It has been tested with the made-up people below, not with real ones, and not against what clinicians decided." }
            li { "It warns rather too often than too seldom: many whom it sends for help will turn out to be well." }
            li { "A translation by your browser can change the meaning of a question. The English words count." }
        }
        h2 { "Tested with made-up people" }
        (score(rules, vignettes))
        @if !vignettes.is_empty() {
            details {
                summary { "Each of them" }
                ul {
                    @for vignette in vignettes {
                        li {
                            (vignette.story) " "
                            strong { (numbers.heading(vignette.expected)) "." } " "
                            @let failures = vignette.failures(rules);
                            @if failures.is_empty() { "As it should be." } @else { "Not as it should be: " (failures.join("; ")) "." }
                        }
                    }
                }
            }
        }
        h2 id="rules" { "The rules" }
        p { "Version " (rules.version) ". " (signed_off(rules)) }
        @for urgency in Urgency::ALL.into_iter().rev() {
            @let own: Vec<&Rule> = rules.rules.iter().filter(|rule| rule.highest() == urgency).collect();
            @if !own.is_empty() {
                h3 { "Can lead to: " (numbers.heading(urgency)) }
                ul { @for rule in own { (one_rule(rule)) } }
            }
        }
        h2 id="watch" { "What the tracker watches for" }
        p {
            "The same rule set watches what is logged in the tracker from day to day. Each limit is a proposal, until a clinician has "
            "signed this version off."
        }
        ul {
            @for rule in &rules.watch {
                li {
                    strong { (rule.id) } " " (rule.cause) " When: " (rule.limits.said()) " Leads to: "
                    @for (at, grade) in rule.grades.iter().enumerate() {
                        @if at > 0 { "; or: " }
                        (numbers.heading(grade.urgency))
                    }
                    ". "
                    @if let Some(note) = &rule.note { "Note: " (note) " " }
                    (sources(&rule.sources))
                }
            }
        }
        h2 { "Versions" }
        ul {
            @for change in &rules.history { li { strong { (change.version) } ", " (change.on.long()) ": " (change.what) } }
        }
        p { a class="btn btn--main" href="/seek-help" { "Check if you need help" } }
    }
}

fn score(rules: &RuleSet, vignettes: &[Vignette]) -> Markup {
    let right = vignettes.iter().filter(|vignette| vignette.failures(rules).is_empty()).count();
    let ordinary = vignettes.iter().filter(|vignette| vignette.ordinary).count();
    html! {
        @if vignettes.is_empty() {
            p { "There are no tests for this version of the rules yet." }
        } @else {
            p {
                (right) " of " (vignettes.len()) " get the advice that they must get; " (ordinary) " of them have ordinary back pain or "
                "sciatica, and must not be sent for urgent help. Every version of this site runs them before it is published."
            }
        }
    }
}

fn one_rule(rule: &Rule) -> Markup {
    html! {
        li {
            strong { (rule.id) } " " (rule.cause) " "
            @if let Some(note) = &rule.note { "Note: " (note) " " }
            (sources(&rule.sources))
        }
    }
}

fn sources(sources: &[Source]) -> Markup {
    html! {
        small {
            "Source: "
            @for (at, source) in sources.iter().enumerate() {
                @if at > 0 { "; " }
                @if let Some(url) = &source.url { a href=(url) { (source.title) } } @else { (source.title) }
                ", " (source.publisher)
                @if let Some(date) = &source.date { ", " (date) }
            }
            "."
        }
    }
}
