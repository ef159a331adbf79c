//! Every answer, to check and change.

use maud::{Markup, html};

use super::{
    Kind, NOT_SURE, Question, RuleSet, Screen,
    conversation::{self, CHANGE, GO, RESULT, Step},
    screens::{capital, form, ticked},
};

pub fn review(rules: &RuleSet, step: &Step) -> Markup {
    let answered = |screen: &&Screen| rules.on(screen).iter().any(|question| step.answers.has(&question.id));
    html! {
        main id="main" class="wrap panel" {
            h1 id="heading" tabindex="-1" { "Check your answers" }
            (form(rules, step, None, &html! {
                dl class="answers" {
                    @for screen in rules.screens.iter().filter(answered) {
                        div {
                            dt { (screen.title) }
                            dd {
                                (said(rules, screen, step))
                                button class="btn btn--quiet" name=(GO) value={ (CHANGE) (screen.id) } {
                                    "Change" span class="nhsuk-u-visually-hidden" { ": " (screen.title) }
                                }
                            }
                        }
                    }
                }
                div class="actions" {
                    button class="btn btn--main" name=(GO) value=(RESULT) { "These are right" }
                }
            }))
        }
    }
}

/// What was answered on a screen: of a list what was ticked, of other questions each.
fn said(rules: &RuleSet, screen: &Screen, step: &Step) -> Markup {
    let listed = |question: &Question| conversation::list(rules, screen).any(|own| own.id == question.id);
    let questions = rules.on(screen);
    let signs: Vec<&Question> = ticked(questions, &step.answers).into_iter().filter(|sign| listed(sign)).collect();
    html! {
        ul {
            @for question in questions.iter().filter(|question| !listed(question)) {
                @if let Some(answer) = step.answers.get(&question.id) {
                    li {
                        (capital(&question.said)) ": " (question.words(answer))
                        @if let Kind::Number { unit, .. } = &question.kind { " " (unit) }
                    }
                }
            }
            @for sign in &signs {
                li {
                    @if step.answers.get(&sign.id) == Some(NOT_SURE) { "Not sure: " }
                    (capital(&sign.said))
                }
            }
            @if signs.is_empty() && questions.iter().any(listed) { li { "None of these" } }
        }
    }
}
