//! What a decision looks like: the care card first, then why, what to do, and what to watch for. Plain HTML; the tracker
//! shows the same emergency.

#[cfg(feature = "checker")]
use maud::PreEscaped;
use maud::{Markup, html};

#[cfg(feature = "checker")]
use super::{
    Assessment, NOT_SURE, Told,
    conversation::{CHANGE, CLEAR, ON, REVIEW, SHEET, Step},
    feedback::helped_form,
    screens::{button, form},
};
use super::{Finding, RuleSet, Urgency};
use crate::ui::{Numbers, call::tel};

/// The result of the checker.
#[cfg(feature = "checker")]
pub fn result(rules: &RuleSet, numbers: &Numbers, step: &Step, assessment: &Assessment) -> Markup {
    let emergency = assessment.urgency == Urgency::Emergency;
    let rest = html! {
        @if !emergency { (to_show(rules, step, assessment)) }
        section aria-labelledby="why" {
            h2 id="why" { "Why we say this" }
            (why(rules, step, assessment))
            (form(rules, step, None, &html! {
                div class="actions" {
                    (button(REVIEW, "btn", "Check or change my answers"))
                    (mistake(rules, step, assessment))
                }
            }))
        }
        @if !emergency { (safety_net(rules, numbers)) }
        (how_sure(rules))
        (sources(rules, assessment))
        @if !emergency { (helped_form(assessment.urgency, &rules.version)) }
        (form(rules, step, None, &html! {
            div class="actions" {
                button type="button" class="btn needs-script" data-print { "Print this page" }
                (button(CLEAR, "btn", "Clear my answers and start again"))
            }
        }))
    };
    html! {
        @if emergency {
            main id="main" {
                (emergency_card(numbers, &lead(rules, &assessment.findings)))
                div class="wrap after stack" {
                    (until_you_are_seen(numbers, &acts(rules, numbers, &assessment.findings)))
                    (to_show(rules, step, assessment))
                    (rest)
                    (safety_net(rules, numbers))
                }
            }
        } @else {
            main id="main" class="wrap panel result stack" {
                (card(rules, numbers, assessment))
                (rest)
            }
        }
    }
}

/// An urgent finding before the rest was asked: what it is, and on only by choice.
#[cfg(feature = "checker")]
pub fn warning(rules: &RuleSet, numbers: &Numbers, step: &Step, assessment: &Assessment) -> Markup {
    html! {
        main id="main" class="wrap panel result stack" {
            (card(rules, numbers, assessment))
            section aria-labelledby="why" {
                h2 id="why" { "Why we say this" }
                (why(rules, step, assessment))
            }
            section aria-labelledby="more" {
                h2 id="more" { "There are more questions" }
                p { "They can show that you need help even sooner. Your answers so far are kept on this page." }
                (form(rules, step, None, &html! {
                    div class="actions" {
                        (button(ON, "btn btn--main", "Go on with the questions"))
                        (mistake(rules, step, assessment))
                        (button(SHEET, "btn", &format!("Show this to the GP or {}: one page", numbers.urgent_name)))
                    }
                }))
            }
            (safety_net(rules, numbers))
            (how_sure(rules))
        }
    }
}

/// The first thing on an emergency's page: what to do, one reason, and the button that calls.
pub fn emergency_card(numbers: &Numbers, reason: &str) -> Markup {
    html! {
        section class="stop" aria-labelledby="heading" {
            div class="wrap" {
                h1 id="heading" tabindex="-1" { (numbers.heading(Urgency::Emergency)) }
                p { (reason) }
                a class="btn btn--call" href=(tel(&numbers.emergency)) { "Call " (numbers.emergency) }
            }
        }
    }
}

/// The most urgent finding's meaning.
pub fn lead(rules: &RuleSet, findings: &[Finding]) -> String {
    findings
        .first()
        .and_then(|finding| rules.rule(&finding.rule))
        .map_or_else(|| "What you told us needs help at once.".to_owned(), |rule| rule.cause.clone())
}

/// What the findings themselves say to do, with the site's numbers. In an emergency nothing that can wait.
pub fn acts(rules: &RuleSet, numbers: &Numbers, findings: &[Finding]) -> Vec<String> {
    let emergency = findings.first().is_some_and(|first| first.urgency == Urgency::Emergency);
    findings
        .iter()
        .filter(|finding| finding.urgency >= Urgency::Urgent || !emergency)
        .filter_map(|finding| rules.rule(&finding.rule)?.act(finding.urgency))
        .map(|act| numbers.fill(act))
        .collect()
}

/// What to do between the call and the hospital, and where the help line fits in.
pub fn until_you_are_seen(numbers: &Numbers, acts: &[String]) -> Markup {
    html! {
        section aria-labelledby="until" {
            h2 id="until" { "Until you are seen" }
            ul {
                @for act in acts { li { (act) } }
                li { "Do not drive yourself. Ask someone to take you, or call for an ambulance." }
                li { "Do not eat or drink, in case you need an operation." }
                li { "Take your medicines with you, and note when this began." }
                li { "At A&E, say the words on this page, or show it." }
            }
            p class="hint" {
                "Our help line " a href=(tel(&numbers.help_line)) { (numbers.help_line) } " is not for emergencies."
            }
        }
    }
}

/// What to do, in its colour; for self-care no card, only the advice.
#[cfg(feature = "checker")]
fn card(rules: &RuleSet, numbers: &Numbers, assessment: &Assessment) -> Markup {
    let urgency = assessment.urgency;
    let (class, hidden) = match urgency {
        Urgency::Urgent | Urgency::Emergency => ("care care--urgent", "Urgent: "),
        Urgency::Soon | Urgency::Routine => ("care care--soon", "Non-urgent: "),
        Urgency::SelfCare => ("advice", ""),
    };
    html! {
        section class=(class) aria-labelledby="heading" {
            h1 id="heading" tabindex="-1" {
                span class="nhsuk-u-visually-hidden" { (hidden) }
                (numbers.heading(urgency))
            }
            div {
                p { (lead(rules, &assessment.findings)) }
                (advice(numbers, urgency, &acts(rules, numbers, &assessment.findings)))
            }
        }
    }
}

/// What to do, step by step; the button for the urgent line where it is wanted.
pub fn advice(numbers: &Numbers, urgency: Urgency, acts: &[String]) -> Markup {
    html! {
        ul {
            @for act in acts { li { strong { (act) } } }
            @for step in steps(numbers, urgency) { li { (step) } }
        }
        @if urgency >= Urgency::Urgent {
            a class="btn" href=(tel(&numbers.urgent)) { "Call " (numbers.urgent) }
        }
    }
}

fn steps(numbers: &Numbers, urgency: Urgency) -> Vec<String> {
    let steps: &[&str] = match urgency {
        Urgency::Emergency | Urgency::Urgent => &[
            "Do this today. Phone your GP surgery and ask for an urgent appointment.",
            "If they cannot see you today, call {urgent}.",
            "Tell them what you told us: it helps them see how soon you need to be seen.",
            "If it gets worse while you wait, call {emergency} or go to A&E.",
        ],
        Urgency::Soon => &[
            "Phone your GP surgery, or see a physiotherapist. In many places you can book one yourself.",
            "Keep moving as far as you can.",
        ],
        Urgency::Routine => &[
            "Ask your GP surgery or a physiotherapist for an appointment. There is time to book an ordinary one.",
            "Until then, keep moving. The exercises and the tracker on this site can help.",
        ],
        Urgency::SelfCare => &[
            "Keep moving: gentle activity helps more than resting in bed.",
            "Try a few of the exercises on this site, and note in the tracker how you are.",
            "Contact a GP or physiotherapist if it gets worse, or is no better after 4 weeks.",
        ],
    };
    steps.iter().map(|step| numbers.fill(step)).collect()
}

/// Each finding, with what was said that made it.
#[cfg(feature = "checker")]
fn why(rules: &RuleSet, step: &Step, assessment: &Assessment) -> Markup {
    let told = Told::new(rules, &step.answers);
    html! {
        ul class="findings" {
            @for finding in &assessment.findings {
                @if let Some(rule) = rules.rule(&finding.rule) {
                    li {
                        @let signs = told.because(finding);
                        @if !signs.is_empty() {
                            "You told us: "
                            @for (at, sign) in signs.iter().enumerate() {
                                @if at > 0 { "; " }
                                @if step.answers.get(&sign.id) == Some(NOT_SURE) { "not sure about: " }
                                (sign.said)
                            }
                            ". "
                        }
                        span class="cause" { (rule.cause) }
                        " " span class="rule" { "Rule " (rule.id) }
                    }
                }
            }
        }
    }
}

/// "I ticked that by mistake": back to the screen of the sign, with every answer kept.
#[cfg(feature = "checker")]
fn mistake(rules: &RuleSet, step: &Step, assessment: &Assessment) -> Markup {
    let told = Told::new(rules, &step.answers);
    let sign =
        assessment.findings.first().and_then(|finding| told.because(finding).first().map(|sign| sign.id.clone()));
    let Some(screen) = sign.and_then(|sign| rules.screen_of(&sign)) else { return PreEscaped(String::new()) };
    button(&format!("{CHANGE}{}", screen.id), "btn btn--quiet", "I ticked that by mistake")
}

/// The way to the page for whoever helps next.
#[cfg(feature = "checker")]
fn to_show(rules: &RuleSet, step: &Step, assessment: &Assessment) -> Markup {
    html! {
        @if assessment.urgency > Urgency::SelfCare {
            (form(rules, step, None, &html! {
                div class="actions" { (button(SHEET, "btn", "Show this at A&E or the GP: one page")) }
            }))
        }
    }
}

/// What to watch for: on every result.
pub fn safety_net(rules: &RuleSet, numbers: &Numbers) -> Markup {
    html! {
        section class="safety" aria-labelledby="safety" {
            h2 id="safety" { (numbers.heading(Urgency::Emergency)) " if any of these starts" }
            ul { @for sign in &rules.safety_net { li { (sign) } } }
            p { "Even a few hours can make a difference. If you are not sure, go." }
        }
    }
}

/// "Not signed off by a clinician yet.", or who did.
pub fn signed_off(rules: &RuleSet) -> String {
    match &rules.sign_off {
        Some(by) => format!("Signed off by {} ({}) on {}.", by.name, by.registration, by.on.long()),
        None => "Not signed off by a clinician yet.".to_owned(),
    }
}

/// By which rules, and whether a clinician stands behind them: on every result.
pub fn how_sure(rules: &RuleSet) -> Markup {
    html! {
        p class="version" {
            "This is advice from rules, not a diagnosis. If you feel it is worse than this says, get help. Rules version "
            (rules.version) ". " (signed_off(rules)) " " a href="/seek-help/about" { "How the checker decides" }
        }
    }
}

#[cfg(feature = "checker")]
fn sources(rules: &RuleSet, assessment: &Assessment) -> Markup {
    html! {
        section class="sources" {
            details {
                summary { "Where these rules come from" }
                ul {
                    @for rule in assessment.findings.iter().filter_map(|finding| rules.rule(&finding.rule)) {
                        @for source in &rule.sources {
                            li { (rule.id) ": " (source.title) ", " (source.publisher) }
                        }
                    }
                }
            }
        }
    }
}
