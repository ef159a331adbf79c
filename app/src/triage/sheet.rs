//! "Show this at A&E or the GP": one A4 page for whoever helps next. What is typed into it stays on the page.

use maud::{Markup, html};

use super::{
    Assessment, Kind, NO, NOT_SURE, Question, Role, Rule, RuleSet, Urgency,
    conversation::{RESULT, Step},
    result::signed_off,
    screens::{button, capital, form, ticked},
};
use crate::ui::Numbers;

/// So many rules are told in full, the most urgent first: the page is to be read at a glance.
const FULL: usize = 4;
/// From more signs than this on, paper has them in two columns.
const MANY: usize = 10;

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
    let fired: Vec<&Rule> = assessment.findings.iter().filter_map(|finding| rules.rule(&finding.rule)).collect();
    html! {
        main id="main" class={ "wrap panel sheet" @if signs.len() > MANY { " sheet--many" } } {
            h1 id="heading" tabindex="-1" { (title(assessment.urgency, numbers)) }
            p class="sheet__advice" { "The checker’s advice: " strong { (numbers.heading(assessment.urgency)) } ". Filled in on " (now) "." }
            div class="sheet__who" {
                label { "Name" input type="text" autocomplete="off"; }
                label { "Date of birth" input type="text" autocomplete="off"; }
            }
            h2 { "What I have" }
            @if signs.is_empty() { p { "None of the warning signs that I was asked about." } }
            @else {
                ul class="sheet__signs" {
                    @for sign in &signs {
                        li {
                            strong {
                                @if answers.get(&sign.id) == Some(NOT_SURE) { "Not sure: " }
                                (capital(&sign.said))
                            }
                            label { span { "Side" } input type="text" autocomplete="off" aria-label={ "Side: " (sign.said) }; }
                            label { span { "Began" } input type="text" autocomplete="off" aria-label={ "Began: " (sign.said) }; }
                        }
                    }
                }
                p class="hint" { "Beside each: left, right or both, and the day and time when it began. Fill in here, or by hand on paper." }
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
                @for rule in fired.iter().take(FULL) { li { strong { (rule.id) } " " (rule.cause) } }
            }
            @if fired.len() > FULL {
                p class="sheet__small" {
                    "Also rules "
                    @for (at, rule) in fired.iter().skip(FULL).enumerate() { @if at > 0 { ", " } (rule.id) }
                    ": each is on this site’s page about the checker."
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
