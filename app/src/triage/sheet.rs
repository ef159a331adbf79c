//! "Show this at A&E or the GP": one A4 page for whoever helps next. What is typed into it stays on the page.

use maud::{Markup, html};

use super::{
    Assessment, Kind, NO, NOT_SURE, Question, Role, RuleSet, Urgency,
    conversation::{RESULT, Step},
    result::signed_off,
    screens::{button, capital, form, ticked},
};
use crate::ui::Numbers;

pub fn sheet(rules: &RuleSet, numbers: &Numbers, step: &Step, assessment: &Assessment, now: &str) -> Markup {
    let answers = &step.answers;
    let signs = ticked(&rules.questions, answers);
    let context = |question: &&Question| question.role == Role::Context && answers.has(&question.id);
    // What may be left out by choice was not denied by leaving it out.
    let denied: Vec<&str> = rules
        .questions
        .iter()
        .filter(|question| question.is_sign() && !question.private && answers.get(&question.id) == Some(NO))
        .map(|question| question.said.as_str())
        .collect();
    html! {
        main id="main" class="wrap panel sheet" {
            h1 id="heading" tabindex="-1" { (title(assessment.urgency, numbers)) }
            p class="sheet__advice" { "The checker’s advice: " strong { (numbers.heading(assessment.urgency)) } ". Filled in on " (now) "." }
            div class="sheet__who" {
                label { "Name" input type="text" autocomplete="off"; }
                label { "Date of birth" input type="text" autocomplete="off"; }
            }
            h2 { "What I have" }
            @if signs.is_empty() { p { "None of the warning signs that I was asked about." } }
            @else {
                table class="sheet__signs" {
                    thead { tr { th scope="col" { "Sign" } th scope="col" { "Side" } th scope="col" { "Began (day, time)" } } }
                    tbody {
                        @for sign in &signs {
                            tr {
                                th scope="row" {
                                    @if answers.get(&sign.id) == Some(NOT_SURE) { "Not sure: " }
                                    (capital(&sign.said))
                                }
                                td data-label="Side" { input type="text" autocomplete="off" aria-label={ "Side: " (sign.said) }; }
                                td data-label="Began (day, time)" { input type="text" autocomplete="off" aria-label={ "Began: " (sign.said) }; }
                            }
                        }
                    }
                }
                p class="hint no-print" { "Fill in here, or by hand when it is printed: left, right or both, and when each began." }
            }
            h2 { "What else I answered" }
            ul class="sheet__list" {
                @for question in rules.questions.iter().filter(context) {
                    li {
                        (question.said) ": " strong { (question.words(answers.get(&question.id).unwrap_or_default())) }
                        @if let Kind::Number { unit, .. } = &question.kind { " " (unit) }
                    }
                }
            }
            h2 { "What the checker found" }
            ul class="sheet__list" {
                @for finding in &assessment.findings {
                    @if let Some(rule) = rules.rule(&finding.rule) { li { strong { (rule.id) } " " (rule.cause) } }
                }
            }
            p class="sheet__small" { "Answered no to: " (denied.join("; ")) "." }
            p class="sheet__small" {
                "From the person’s own answers, by fixed rules; not a diagnosis. Rules version " (rules.version) ". " (signed_off(rules))
            }
            (form(rules, step, None, &html! {
                div class="actions" {
                    button type="button" class="btn btn--main needs-script" data-print { "Print or save this page" }
                    (button(RESULT, "btn", "Back to the advice"))
                }
            }))
        }
    }
}

fn title(urgency: Urgency, numbers: &Numbers) -> String {
    if urgency == Urgency::Emergency {
        "Please read this: for A&E or the ambulance".to_owned()
    } else {
        format!("Please read this: for the GP or {}", numbers.urgent_name)
    }
}
