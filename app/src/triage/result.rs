//! What a decision looks like: the care card first, then why, what to do, and what to watch for. Plain HTML; the tracker
//! shows the same emergency.

use leptos::prelude::*;

use super::{
    Answers, Assessment, Finding, NOT_SURE, RuleSet, Urgency,
    conversation::{CHANGE, GO, SCREEN},
};
use crate::ui::{CallButton, Numbers, call::tel};

/// The result of the checker.
pub fn result(rules: &RuleSet, numbers: &Numbers, answers: &Answers, assessment: &Assessment) -> AnyView {
    let why = why(rules, answers, assessment);
    let change = change(rules, answers, assessment);
    let rest = view! {
        <section aria-labelledby="why"><h2 id="why">"Why we say this"</h2>{why}{change}</section>
        {(assessment.urgency != Urgency::Emergency).then(|| safety_net(rules, numbers))}
        {how_sure(rules)}
        {sources(rules, assessment)}
        <div class="actions">
            <button type="button" class="btn needs-script" data-print="">"Print this page"</button>
            <a class="btn" href="/seek-help">"Start again"</a>
        </div>
    };
    if assessment.urgency == Urgency::Emergency {
        view! {
            <main id="main">
                {emergency_card(numbers, lead(rules, &assessment.findings))}
                <div class="wrap after stack">
                    {until_you_are_seen(numbers)}
                    {rest}
                    {safety_net(rules, numbers)}
                </div>
            </main>
        }
        .into_any()
    } else {
        view! {
            <main id="main" class="wrap panel result stack">
                {card(rules, numbers, assessment)}
                {rest}
            </main>
        }
        .into_any()
    }
}

/// The first thing on an emergency's page: what to do, one reason, and the button that calls.
pub fn emergency_card(numbers: &Numbers, reason: String) -> impl IntoView + use<> {
    view! {
        <section class="stop" aria-labelledby="heading">
            <div class="wrap">
                <h1 id="heading" tabindex="-1">{numbers.heading(Urgency::Emergency)}</h1>
                <p>{reason}</p>
                <CallButton number=numbers.emergency.clone()/>
            </div>
        </section>
    }
}

/// The most urgent finding's meaning.
pub fn lead(rules: &RuleSet, findings: &[Finding]) -> String {
    findings
        .first()
        .and_then(|finding| rules.rule(&finding.rule))
        .map_or_else(|| "What you told us needs help at once.".to_owned(), |rule| rule.cause.clone())
}

/// What to do between the call and the hospital, and where the help line fits in.
pub fn until_you_are_seen(numbers: &Numbers) -> impl IntoView + use<> {
    view! {
        <section aria-labelledby="until">
            <h2 id="until">"Until you are seen"</h2>
            <ul>
                <li>"Do not drive yourself. Ask someone to take you, or call for an ambulance."</li>
                <li>"Do not eat or drink, in case you need an operation."</li>
                <li>"Take your medicines with you, and note when this began."</li>
                <li>"At A&E, say the words on this page, or show it."</li>
            </ul>
            <p class="hint">
                "Our help line " <a href=tel(&numbers.help_line)>{numbers.help_line.clone()}</a> " is not for emergencies."
            </p>
        </section>
    }
}

/// What to do, in its colour; for self-care no card, only the advice.
fn card(rules: &RuleSet, numbers: &Numbers, assessment: &Assessment) -> impl IntoView + use<> {
    let (class, hidden) = match assessment.urgency {
        Urgency::Urgent | Urgency::Emergency => ("care care--urgent", "Urgent: "),
        Urgency::Soon | Urgency::Routine => ("care care--soon", "Non-urgent: "),
        Urgency::SelfCare => ("advice", ""),
    };
    let intro = match assessment.urgency {
        Urgency::Emergency | Urgency::Urgent => {
            "Do this today. Tell them what you told us: it helps them see how soon you need to be seen.".to_owned()
        }
        Urgency::Soon => "It should be looked at within days, and does not need an emergency visit.".to_owned(),
        Urgency::Routine => "There is time to book an ordinary appointment.".to_owned(),
        Urgency::SelfCare => lead(rules, &assessment.findings),
    };
    // One shape of view for every outcome: each further one is a kilobyte of wasm.
    let advice = advice(numbers, assessment.urgency);
    view! {
        <section class=class aria-labelledby="heading">
            <h1 id="heading" tabindex="-1">
                <span class="nhsuk-u-visually-hidden">{hidden}</span>
                {numbers.heading(assessment.urgency)}
            </h1>
            <div>
                <p>{intro}</p>
                {advice}
            </div>
        </section>
    }
}

/// What to do, step by step; the button for the urgent line where it is wanted.
pub fn advice(numbers: &Numbers, urgency: Urgency) -> impl IntoView + use<> {
    let steps = steps(numbers, urgency).into_iter().map(|step| view! { <li>{step}</li> }).collect_view();
    let call = (urgency >= Urgency::Urgent).then(|| numbers.urgent.clone());
    view! {
        <ul>{steps}</ul>
        {call.map(|number| view! { <a class="btn" href=tel(&number)>"Call " {number.clone()}</a> })}
    }
}

fn steps(numbers: &Numbers, urgency: Urgency) -> Vec<String> {
    let steps: &[&str] = match urgency {
        Urgency::Emergency | Urgency::Urgent => {
            return vec![
                "Phone your GP surgery and ask for an urgent appointment.".to_owned(),
                format!("If they cannot see you today, call {}.", numbers.urgent),
                format!("If it gets worse while you wait, call {} or go to A&E.", numbers.emergency),
            ];
        }
        Urgency::Soon => &[
            "Phone your GP surgery, or see a physiotherapist. In many places you can book one yourself.",
            "Keep moving as far as you can.",
        ],
        Urgency::Routine => &[
            "Ask your GP surgery or a physiotherapist for an appointment.",
            "Until then, keep moving. The exercises and the tracker on this site can help.",
        ],
        Urgency::SelfCare => &[
            "Keep moving: gentle activity helps more than resting in bed.",
            "Try a few of the exercises on this site, and note in the tracker how you are.",
            "Contact a GP or physiotherapist if it gets worse, or is no better after 4 weeks.",
        ],
    };
    steps.iter().map(|step| (*step).to_owned()).collect()
}

fn why(rules: &RuleSet, answers: &Answers, assessment: &Assessment) -> impl IntoView + use<> {
    let items = assessment
        .findings
        .iter()
        .filter_map(|finding| {
            let rule = rules.rule(&finding.rule)?;
            let told: Vec<String> = rules
                .because(finding, answers)
                .iter()
                .map(|question| match answers.get(&question.id) {
                    Some(NOT_SURE) => format!("not sure about: {}", question.said),
                    _ => question.said.clone(),
                })
                .collect();
            let told = (!told.is_empty()).then(|| format!("You told us: {}. ", told.join("; ")));
            Some(view! {
                <li>
                    {told}
                    <span class="cause">{rule.cause.clone()}</span>
                    " "
                    <span class="rule">{format!("Rule {}", finding.rule)}</span>
                </li>
            })
        })
        .collect_view();
    view! { <ul class="findings">{items}</ul> }
}

/// "I ticked that by mistake": back to the screen of the sign, with every answer kept.
fn change(rules: &RuleSet, answers: &Answers, assessment: &Assessment) -> impl IntoView + use<> {
    let screen = assessment
        .findings
        .first()
        .and_then(|finding| rules.because(finding, answers).first().map(|question| question.id.clone()))
        .and_then(|sign| rules.screens.iter().find(|screen| screen.questions.iter().any(|own| own.id == sign)))
        .or_else(|| rules.screens.last())
        .map(|screen| screen.id.clone());
    let carried = answers
        .iter()
        .map(|(question, choice)| view! { <input type="hidden" name=question.to_owned() value=choice.to_owned()/> })
        .collect_view();
    view! {
        <form method="post" action="/seek-help">
            <input type="hidden" name=SCREEN value=screen/>
            {carried}
            <button class="btn btn--quiet" name=GO value=CHANGE>"I answered that by mistake: change my answer"</button>
        </form>
    }
}

/// What to watch for: on every result.
pub fn safety_net(rules: &RuleSet, numbers: &Numbers) -> impl IntoView + use<> {
    let signs = rules.safety_net.iter().map(|sign| view! { <li>{sign.clone()}</li> }).collect_view();
    view! {
        <section class="safety" aria-labelledby="safety">
            <h2 id="safety">{format!("{} if any of these starts", numbers.heading(Urgency::Emergency))}</h2>
            <ul>{signs}</ul>
            <p>"Even a few hours can make a difference. If you are not sure, go."</p>
        </section>
    }
}

/// By which rules, and whether a clinician stands behind them: on every result.
pub fn how_sure(rules: &RuleSet) -> impl IntoView + use<> {
    let signed_off = match &rules.sign_off {
        Some(by) => format!("Signed off by {} ({}) on {}.", by.name, by.registration, by.on.long()),
        None => "Not signed off by a clinician yet.".to_owned(),
    };
    view! {
        <p class="version">
            "This is advice from rules, not a diagnosis. If you feel it is worse than this says, get help. Rules version "
            {rules.version.clone()} ". " {signed_off} " " <a href="/seek-help/about">"How the checker decides"</a>
        </p>
    }
}

fn sources(rules: &RuleSet, assessment: &Assessment) -> impl IntoView + use<> {
    let items = assessment
        .findings
        .iter()
        .filter_map(|finding| rules.rule(&finding.rule))
        .flat_map(|rule| rule.sources.iter().map(|source| (rule.id.clone(), source.clone())))
        .map(|(rule, source)| {
            let publisher = source.publisher.map(|publisher| format!(", {publisher}"));
            view! { <li>{rule} ": " {source.title} {publisher}</li> }
        })
        .collect_view();
    view! {
        <section class="sources">
            <details><summary>"Where these rules come from"</summary><ul>{items}</ul></details>
        </section>
    }
}
