//! For a form of older questions than ours: a page that was open, or kept without a network, while the rules changed.

use axum::http::StatusCode;
use leptos::prelude::*;

use super::{
    Answers, Finding, RuleSet, Urgency,
    conversation::{self, BadForm, SCREEN, Step},
    pages,
};
use crate::{
    site::Site,
    ui::{call::tel, page::Page},
};

/// Whether a page of ours may have sent the form under other rules: it names a screen, and all of it is written as ids are.
pub fn is_of_other_questions(fields: &[(String, String)], bad: BadForm) -> bool {
    let is_id =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    bad != BadForm::FieldTwice
        && fields.iter().any(|(name, _)| name == SCREEN)
        && fields.iter().all(|(name, value)| is_id(name) && is_id(value))
}

/// The result, where what is still understood of the form is an emergency that no further answer could soften.
pub fn emergency(rules: &RuleSet, fields: &[(String, String)]) -> Option<Step> {
    let known = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let answers: Answers = known.filter(|(question, choice)| rules.accepts(question, choice)).collect();
    let assessment = rules.assess(&answers);
    let settled = |finding: &Finding| finding.settled && finding.urgency == Urgency::Emergency;
    assessment.findings.iter().any(settled).then_some(Step::Decided { answers, assessment })
}

/// The first screen, and above it why it is there again and what cannot wait.
pub fn start_again(site: &Site) -> Page {
    let numbers = site.settings.numbers.clone();
    let signs = site.rules.safety_net.iter().map(|sign| view! { <li>{sign.clone()}</li> }).collect_view();
    let mut page = pages::checker(site, conversation::start(&site.rules));
    page.status = StatusCode::CONFLICT;
    page.title = "Please start again".to_owned();
    page.notice = Some(
        view! {
            <section class="notice wrap" aria-label="Please start again">
                <p role="alert">
                    "The questions have changed since you opened this page. Please start again: it takes about two minutes. \
                     If you are worried, call " <a href=tel(&numbers.urgent)>{numbers.urgent.clone()}</a> " or "
                    <a href=tel(&numbers.emergency)>{numbers.emergency.clone()}</a> "."
                </p>
                <p>{format!("{} if any of these starts:", numbers.heading(Urgency::Emergency))}</p>
                <ul>{signs}</ul>
            </section>
        }
        .into_any(),
    );
    page
}
