//! The checker: a form that the server understands, taken over by the browser, which then decides on the device.

use leptos::{either::Either, prelude::*};
use serde::{Deserialize, Serialize};

use super::{
    Answers, Choice, Layout, NO, NOT_SURE, Question, RuleSet, Screen, YES,
    conversation::{self, BACK, GO, NEXT, NONE, Problem, SCREEN, Step},
    result::result,
};
use crate::ui::{Handed, Numbers};

/// What the page hands the checker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Conversation {
    pub rules: RuleSet,
    pub numbers: Numbers,
    pub step: Step,
}

/// The whole conversation, from wherever `step` is. Inputs are the form's own: what is ticked before the script is there
/// stays ticked.
#[island]
pub fn Checker(handed: Handed<Conversation>) -> impl IntoView {
    let Conversation { rules, numbers, step } = handed.0;
    let rules = StoredValue::new(rules);
    // Which of two places the step is shown in, by turns: see `in_turn`.
    let step = RwSignal::new((false, step));
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        #[cfg(feature = "hydrate")]
        if let Some(fields) = crate::ui::browser::fields(&event) {
            // A form that the device cannot place goes to the server, which answers with a page.
            if let Ok(next) = rules.with_value(|rules| conversation::submit(rules, &fields)) {
                event.prevent_default();
                step.update(|(turn, step)| (*turn, *step) = (!*turn, next));
            }
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = (event, step);
    };
    let on_click = move |event: leptos::ev::MouseEvent| {
        #[cfg(feature = "hydrate")]
        crate::ui::browser::print_if_asked(&event);
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    };
    #[cfg(feature = "hydrate")]
    Effect::new(move |before: Option<()>| {
        step.track();
        match before {
            None => crate::ui::browser::mark_ready(),
            Some(()) => crate::ui::browser::announce_page(),
        }
    });
    view! {
        <div class="checker" on:submit=on_submit on:click=on_click>
            {move || rules.with_value(|rules| step.with(|(turn, step)| in_turn(*turn, show(rules, &numbers, step))))}
        </div>
    }
}

/// A new place for each step. Left to itself, Leptos would turn the last screen's elements into this one's, and a box that
/// somebody ticked would stay ticked under another question.
fn in_turn(turn: bool, view: AnyView) -> Either<AnyView, AnyView> {
    if turn { Either::Left(view) } else { Either::Right(view) }
}

fn show(rules: &RuleSet, numbers: &Numbers, step: &Step) -> AnyView {
    match step {
        Step::Decided { answers, assessment } => result(rules, numbers, answers, assessment),
        Step::Ask { screen, answers, problems } => match rules.screen(screen) {
            Some(screen) => ask(rules, screen, answers, problems).into_any(),
            None => ().into_any(),
        },
    }
}

fn ask(rules: &RuleSet, screen: &Screen, answers: &Answers, problems: &[Problem]) -> impl IntoView + use<> {
    let (at, of) = conversation::progress(rules, answers, &screen.id);
    let first = at == 1;
    let place = format!("{} · step {at} of {of}", screen.stage);
    let hidden = conversation::carried(screen, answers)
        .map(|(question, choice)| view! { <input type="hidden" name=question.to_owned() value=choice.to_owned()/> })
        .collect_view();
    let questions = match screen.layout {
        Layout::Ticks => ticks(screen, answers, problems).into_any(),
        Layout::Choices => choices(rules, screen, answers, problems).into_any(),
    };
    view! {
        <main id="main" class="wrap panel">
            <p class="step">{place}</p>
            <progress class="bar" max=of.to_string() value=at.to_string() aria-label="How far along you are"></progress>
            {error_summary(problems)}
            {first.then(|| view! {
                <p class="intro">"For yourself, or for someone you help. It takes about two minutes."</p>
            })}
            <form method="post" action="/seek-help" novalidate=true>
                <input type="hidden" name=SCREEN value=screen.id.clone()/>
                {hidden}
                {questions}
                <div class="actions">
                    <button class="btn btn--main" name=GO value=NEXT>"Continue"</button>
                    {(!first).then(|| view! { <button class="btn btn--quiet" name=GO value=BACK>"Back"</button> })}
                </div>
            </form>
            <p class="private">
                <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
                    <path
                        d="M5 9V6a5 5 0 0 1 10 0v3M4 9h12v9H4z"
                        fill="none"
                        stroke="currentColor"
                        stroke-width="2"
                        stroke-linejoin="round"
                    />
                </svg>
                <span>"Your answers are not stored. " <a href="/privacy">"How we keep them private"</a></span>
            </p>
        </main>
    }
}

/// What has to be mended, with links to where.
fn error_summary(problems: &[Problem]) -> impl IntoView + use<> {
    let items = problems
        .iter()
        .map(|problem| view! { <li><a href=format!("#{}", problem.question)>{problem.message.clone()}</a></li> })
        .collect_view();
    (!problems.is_empty()).then(|| {
        view! {
            <div class="nhsuk-error-summary" id="errors" role="alert" aria-labelledby="errors-title" tabindex="-1">
                <h2 class="nhsuk-error-summary__title" id="errors-title">"There is a problem"</h2>
                <div class="nhsuk-error-summary__body">
                    <ul class="nhsuk-list nhsuk-error-summary__list">{items}</ul>
                </div>
            </div>
        }
    })
}

fn error_message(problem: Option<&Problem>, id: &str) -> impl IntoView + use<> {
    let id = format!("{id}-error");
    problem.map(|problem| {
        view! {
            <p class="nhsuk-error-message" id=id>
                <span class="nhsuk-u-visually-hidden">"Error: "</span>
                {problem.message.clone()}
            </p>
        }
    })
}

fn group_class(problem: Option<&Problem>) -> &'static str {
    if problem.is_some() { "question nhsuk-form-group--error" } else { "question" }
}

/// One list to tick, with "None of these".
fn ticks(screen: &Screen, answers: &Answers, problems: &[Problem]) -> impl IntoView + use<> {
    let none = screen.questions.iter().all(|question| answers.get(&question.id) == Some(NO));
    let options = screen
        .questions
        .iter()
        .map(|question| {
            let ticked = matches!(answers.get(&question.id), Some(YES | NOT_SURE));
            let hint = question.hint.clone().map(|hint| view! { <small>{hint}</small> });
            view! {
                <label class="option">
                    <input type="checkbox" id=question.id.clone() name=question.id.clone() value=YES checked=ticked/>
                    <b>{question.text.clone()}</b>
                    {hint}
                </label>
            }
        })
        .collect_view();
    let problem = problems.first();
    let described =
        described_by(screen.hint.is_some().then(|| "hint".to_owned()), problem.map(|_| "screen-error".to_owned()));
    view! {
        <fieldset class=group_class(problem) aria-describedby=described>
            <legend><h1 id="heading" tabindex="-1">{screen.title.clone()}</h1></legend>
            {screen.hint.clone().map(|hint| view! { <p class="hint" id="hint">{hint}</p> })}
            {error_message(problem, "screen")}
            {options}
            <p class="or">"or"</p>
            <label class="option">
                <input type="checkbox" name=NONE value=YES checked=none/>
                <b>"None of these"</b>
            </label>
        </fieldset>
    }
}

fn described_by(hint: Option<String>, error: Option<String>) -> Option<String> {
    let ids: Vec<String> = [hint, error].into_iter().flatten().collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// Each question with its choices.
fn choices(rules: &RuleSet, screen: &Screen, answers: &Answers, problems: &[Problem]) -> impl IntoView + use<> {
    let questions = conversation::shown(rules, screen, answers)
        .map(|question| {
            let problem = problems.iter().find(|problem| problem.question == question.id);
            one_choice(question, answers.get(&question.id), problem)
        })
        .collect_view();
    view! {
        <h1 id="heading" tabindex="-1">{screen.title.clone()}</h1>
        {screen.hint.clone().map(|hint| view! { <p class="hint">{hint}</p> })}
        {questions}
    }
}

fn one_choice(question: &Question, answer: Option<&str>, problem: Option<&Problem>) -> impl IntoView + use<> {
    let offered: Vec<Choice> = if question.choices.is_empty() {
        [(YES, "Yes"), (NO, "No"), (NOT_SURE, "Not sure")]
            .map(|(id, text)| Choice { id: id.to_owned(), text: text.to_owned(), said: None })
            .to_vec()
    } else {
        question.choices.clone()
    };
    let name = question.id.clone();
    let options = offered
        .into_iter()
        .enumerate()
        .map(|(at, choice)| {
            // The first carries the question's id: the error summary leads there.
            let id = if at == 0 { name.clone() } else { format!("{name}-{}", choice.id) };
            let chosen = answer == Some(choice.id.as_str());
            view! {
                <label class="option">
                    <input type="radio" id=id name=name.clone() value=choice.id checked=chosen/>
                    <b>{choice.text}</b>
                </label>
            }
        })
        .collect_view();
    let hint_id = format!("{}-hint", question.id);
    let error_id = format!("{}-error", question.id);
    let described = described_by(question.hint.is_some().then(|| hint_id.clone()), problem.map(|_| error_id));
    view! {
        <fieldset class=group_class(problem) aria-describedby=described>
            <legend><h2>{question.text.clone()}</h2></legend>
            {question.hint.clone().map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {error_message(problem, &question.id)}
            {options}
        </fieldset>
    }
}
