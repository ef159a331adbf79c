//! The checker's page, and the page about it.

use leptos::prelude::*;

use super::{
    Rule, Urgency,
    conversation::Step,
    island::{Checker, Conversation},
};
use crate::{
    site::{Entry, Site},
    ui::{Handed, page::Page},
};

pub fn checker(site: &Site, step: Step) -> Page {
    let title = match &step {
        Step::Ask { screen, problems, .. } => {
            let title = site.rules.screen(screen).map_or("Do I need help?", |screen| screen.title.as_str());
            if problems.is_empty() { title.to_owned() } else { format!("Error: {title}") }
        }
        Step::Decided { assessment, .. } => site.settings.numbers.heading(assessment.urgency),
    };
    let handed = Handed(Conversation { rules: site.rules.clone(), numbers: site.settings.numbers.clone(), step });
    let mut page = Page::new(
        title,
        "Check whether to seek help now for back pain, sciatica or foot drop. No account; your answers are not stored.",
        "/seek-help",
        move || view! { <Checker handed/> }.into_any(),
    );
    page.entry = Some(Entry::Checker);
    page
}

pub fn about(site: &Site) -> Page {
    let rules = site.rules.clone();
    let numbers = site.settings.numbers.clone();
    let signed_off = match &rules.sign_off {
        Some(by) => format!("They were signed off by {} ({}) on {}.", by.name, by.registration, by.on.long()),
        None => "They have not been signed off by a clinician yet.".to_owned(),
    };
    Page::new(
        "About the seek-help checker",
        "What the checker is for, how it decides, every rule with its source, and what it cannot do.",
        "/seek-help/about",
        move || {
            let groups = Urgency::ALL
                .into_iter()
                .rev()
                .map(|urgency| {
                    let own: Vec<&Rule> = rules.rules.iter().filter(|rule| rule.highest() == urgency).collect();
                    group(&numbers.heading(urgency), &own)
                })
                .collect_view();
            view! {
                <main id="main" class="wrap panel prose">
                    <h1>"About the seek-help checker"</h1>
                    <p class="lead">
                        "It helps you decide how soon to get help for back pain, sciatica or foot drop. It is not a diagnosis, \
                         and it is not a registered medical device."
                    </p>
                    <h2>"How it decides"</h2>
                    <p>
                        "You answer questions; each rule below looks at your answers; the most urgent rule that fits decides. \
                         If you are not sure about a warning sign, it counts as there. If something that could make it less \
                         urgent is left open, it is not counted. If no rule fits, it tells you to contact a GP or \
                         physiotherapist."
                    </p>
                    <p>
                        "With script in your browser, it decides on your device and sends nothing. Without, your answers are \
                         sent to our server, which decides and forgets them."
                    </p>
                    <h2>"What it cannot do"</h2>
                    <ul>
                        <li>"It cannot examine you, and it knows only what you tell it."</li>
                        <li>"It knows signs from the back, legs and feet best. For anything else, ask a professional."</li>
                        <li>"It is written for adults in the UK."</li>
                    </ul>
                    <h2>"The rules"</h2>
                    <p>"Version " {rules.version.clone()} ". " {signed_off}</p>
                    {groups}
                    <p><a class="btn btn--main" href="/seek-help">"Check if you need help"</a></p>
                </main>
            }
            .into_any()
        },
    )
}

fn group(heading: &str, rules: &[&Rule]) -> impl IntoView + use<> {
    let items = rules
        .iter()
        .map(|rule| {
            let sources = rule.sources.iter().map(|source| {
                let publisher = source.publisher.as_ref().map(|publisher| format!(", {publisher}")).unwrap_or_default();
                format!("{}{publisher}", source.title)
            });
            let sources = sources.collect::<Vec<_>>().join("; ");
            view! { <li><strong>{rule.id.clone()}</strong> " " {rule.cause.clone()} " " <small>"Source: " {sources} "."</small></li> }
        })
        .collect_view();
    (!rules.is_empty()).then(|| view! { <h3>"Can lead to: " {heading.to_owned()}</h3><ul>{items}</ul> })
}
