//! The pages of the conversation as HTML: the same text from the server and on the device. Written with maud, not as Leptos
//! views: each shape of those is a kilobyte of wasm, and nothing on these pages changes but the page itself.

use maud::{Markup, html};

use super::{
    Answers, Choice, Kind, NO, NOT_SURE, PREFER_NOT, Question, RuleSet, Screen, YES,
    conversation::{
        self, BACK, CLEAR, EACH, GO, NEXT, NONE, Notice, Place, Problem, RULES, SCREEN, Step, UNSURE, WARNED,
    },
    result::{result, warning},
    review::review,
    sheet::sheet,
};
use crate::ui::Numbers;

/// The page where the conversation is. `now` is when the page to show at A&E is made, in words.
pub fn page(rules: &RuleSet, numbers: &Numbers, step: &Step, now: &str) -> String {
    let markup = match &step.place {
        Place::Ask { screen, one_by_one, problems } => match rules.screen(screen) {
            Some(screen) => Asking { rules, numbers, step, screen, one_by_one: *one_by_one, problems }.page(),
            None => html! {},
        },
        Place::Warning(assessment) => warning(rules, numbers, step, assessment),
        Place::Result(assessment) => result(rules, numbers, step, assessment),
        Place::Review => review(rules, step),
        Place::Sheet(assessment) => sheet(rules, numbers, step, assessment, now),
    };
    markup.into_string()
}

/// A form of the conversation: what was said so far goes with it unseen, all but what the form itself asks.
pub fn form(rules: &RuleSet, step: &Step, screen: Option<&Screen>, inside: &Markup) -> Markup {
    let own = |question: &str| screen.is_some_and(|screen| rules.on(screen).iter().any(|own| own.id == question));
    html! {
        // A browser that loads the page again must not put old ticks under new questions: "None of these" is on each list.
        form method="post" action="/seek-help" novalidate autocomplete="off" {
            (hidden(RULES, &rules.version))
            @if let Some(screen) = screen { (hidden(SCREEN, &screen.id)) }
            @if step.warned { (hidden(WARNED, YES)) }
            @for (question, answer) in step.answers.iter() {
                @if !own(question) { (hidden(question, answer)) }
            }
            (inside)
        }
    }
}

fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// A button that takes the conversation somewhere.
pub fn button(go: &str, class: &str, words: &str) -> Markup {
    html! { button class=(class) name=(GO) value=(go) { (words) } }
}

struct Asking<'a> {
    rules: &'a RuleSet,
    numbers: &'a Numbers,
    step: &'a Step,
    screen: &'a Screen,
    one_by_one: bool,
    problems: &'a [Problem],
}

impl Asking<'_> {
    fn page(&self) -> Markup {
        let Self { rules, step, screen, .. } = *self;
        let (at, of) = conversation::progress(rules, &step.answers, &screen.id);
        let first = at == 1;
        html! {
            main id="main" class="wrap panel" {
                p class="step" { (screen.stage) " · step " (at) " of " (of) }
                progress class="bar" max=(of) value=(at) aria-label="How far along you are" {}
                @if let Some(notice) = step.notice { (self.notice(notice)) }
                (error_summary(self.problems))
                @if first {
                    p class="intro" { "For yourself, or for someone you help. It takes about two minutes." }
                }
                (form(rules, step, Some(screen), &html! {
                    @if self.one_by_one { (hidden(EACH, YES)) }
                    (self.questions())
                    div class="actions" {
                        (button(NEXT, "btn btn--main", "Continue"))
                        @if !first { (button(BACK, "btn btn--quiet", "Back")) }
                    }
                }))
                div class="private" {
                    svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" focusable="false" {
                        path d="M5 9V6a5 5 0 0 1 10 0v3M4 9h12v9H4z" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" {}
                    }
                    span {
                        "Your answers are not stored. " a href="/privacy" { "How we keep them private" } br;
                        "These questions are written in English: a translation by your browser can be wrong."
                    }
                }
                @if !first { (form(rules, step, None, &button(CLEAR, "btn btn--quiet clear", "Clear my answers"))) }
            }
        }
    }

    fn notice(&self, notice: Notice) -> Markup {
        let numbers = self.numbers;
        html! {
            div class="notice" role="status" {
                p { (match notice {
                    Notice::LoadedAgain => "Your answers are gone: we do not keep them when the page is loaded again. Please start again.",
                    Notice::Cleared => "Your answers are cleared. If others use this device, close this window too.",
                    Notice::RulesChanged => "Our questions have changed since you opened this page, so some are asked again.",
                }) }
                @if notice != Notice::Cleared {
                    p { "If you are worried now, do not wait for this page: call " (numbers.urgent) ", or " (numbers.emergency) " in an emergency." }
                }
            }
        }
    }

    fn problem(&self, question: &str) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.question == question)
    }

    /// Those that are asked; the list of a screen to tick as one.
    fn questions(&self) -> Markup {
        let Self { rules, screen, .. } = *self;
        let shown = conversation::shown(rules, screen, &self.step.answers);
        let (list, single): (Vec<&Question>, Vec<&Question>) = shown.into_iter().partition(|question| {
            !self.one_by_one && conversation::list(rules, screen).any(|own| own.id == question.id)
        });
        // A list with a heading of its own leaves the title to the page.
        let lone_list = !list.is_empty() && screen.list.is_none();
        html! {
            @if !lone_list {
                h1 id="heading" tabindex="-1" { (screen.title) }
                @if let Some(hint) = &screen.hint { p class="hint" { (hint) } }
                @if self.one_by_one { p class="hint" { "One by one: choose “Not sure” wherever you are not." } }
            }
            @for question in single { (self.single(question)) }
            @if !list.is_empty() { (self.list(&list, lone_list)) }
        }
    }

    /// One list to tick, with "None of these".
    fn list(&self, list: &[&Question], lone: bool) -> Markup {
        let Self { screen, .. } = *self;
        let answers = &self.step.answers;
        let none = list.iter().all(|question| answers.get(&question.id) == Some(NO));
        let problem = list.iter().find_map(|question| self.problem(&question.id));
        let hint = screen.hint.as_ref().filter(|_| lone);
        html! {
            fieldset class=(group_class(problem)) aria-describedby=[described_by(hint.map(|_| "hint"), problem.map(|_| "list-error"))] {
                legend {
                    @if lone { h1 id="heading" tabindex="-1" { (screen.title) } }
                    @else { h2 { (screen.list.as_deref().unwrap_or_default()) } }
                }
                @if let Some(hint) = hint { p class="hint" id="hint" { (hint) } }
                (error_message(problem, "list-error"))
                @for question in list {
                    @let ticked = matches!(answers.get(&question.id), Some(YES | NOT_SURE));
                    label class="option" {
                        input type="checkbox" id=(question.id) name=(question.id) value=(YES) checked[ticked];
                        b { (question.text) }
                        @if let Some(hint) = &question.hint { small { (hint) } }
                    }
                }
                p class="or" { "or" }
                label class="option" {
                    input type="checkbox" name=(NONE) value=(YES) checked[none];
                    b { "None of these" }
                }
                label class="option" {
                    input type="checkbox" name=(UNSURE) value=(YES);
                    b { "I am not sure about some of these" }
                    small { "We will ask them one by one" }
                }
            }
        }
    }

    fn single(&self, question: &Question) -> Markup {
        let problem = self.problem(&question.id);
        let hint_id = format!("{}-hint", question.id);
        let error_id = format!("{}-error", question.id);
        let described =
            described_by(question.hint.as_ref().map(|_| hint_id.as_str()), problem.map(|_| error_id.as_str()));
        let hint = html! { @if let Some(hint) = &question.hint { p class="hint" id=(hint_id) { (hint) } } };
        let answer = self.step.answers.get(&question.id);
        if let Kind::Number { unit, max, .. } = &question.kind {
            let typed = problem.map_or("", |problem| &problem.typed);
            return html! {
                            div class={ "field " (group_class(problem)) } {
                                label for=(question.id) { (question.text) }
                                (hint)
                                (error_message(problem, &error_id))
                                div class="with-unit" {
            input type="text" inputmode="numeric" autocomplete="off" size=(max.to_string().len()) id=(question.id)
                                    name=(question.id) value=(answer.unwrap_or(typed)) aria-describedby=[described]
                                    aria-invalid=[problem.map(|_| "true")];
                                span { (unit) }
            }
                            }
                        };
        }
        html! {
            fieldset class=(group_class(problem)) aria-describedby=[described] {
                legend { h2 { (question.text) } }
                (hint)
                (error_message(problem, &error_id))
                @for (at, choice) in offered(question).iter().enumerate() {
                    label class="option" {
                        // The first carries the question's id: the error summary leads there.
                        input type="radio" id=[(at == 0).then_some(&question.id)] name=(question.id) value=(choice.id)
                            checked[answer == Some(choice.id.as_str())];
                        b { (choice.text) }
                    }
                }
            }
        }
    }
}

fn offered(question: &Question) -> Vec<Choice> {
    if let Kind::OneOf(choices) = &question.kind {
        return choices.clone();
    }
    [YES, NO, NOT_SURE, PREFER_NOT]
        .into_iter()
        .filter(|answer| question.accepts(answer))
        .map(|answer| Choice { id: answer.to_owned(), text: question.words(answer).to_owned() })
        .collect()
}

/// What has to be mended, with links to where.
fn error_summary(problems: &[Problem]) -> Markup {
    html! {
        @if !problems.is_empty() {
            div class="nhsuk-error-summary" id="errors" role="alert" aria-labelledby="errors-title" tabindex="-1" {
                h2 class="nhsuk-error-summary__title" id="errors-title" { "There is a problem" }
                div class="nhsuk-error-summary__body" {
                    ul class="nhsuk-list nhsuk-error-summary__list" {
                        @for problem in problems {
                            li { a href={ "#" (problem.question) } { (problem.message) } }
                        }
                    }
                }
            }
        }
    }
}

fn error_message(problem: Option<&Problem>, id: &str) -> Markup {
    html! {
        @if let Some(problem) = problem {
            p class="nhsuk-error-message" id=(id) {
                span class="nhsuk-u-visually-hidden" { "Error: " }
                (problem.message)
            }
        }
    }
}

fn group_class(problem: Option<&Problem>) -> &'static str {
    if problem.is_some() { "question nhsuk-form-group--error" } else { "question" }
}

fn described_by(hint: Option<&str>, error: Option<&str>) -> Option<String> {
    let ids: Vec<&str> = [hint, error].into_iter().flatten().collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// "Numb, tingling or odd feeling": a sign as the first words of a line.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The signs that were ticked, or not sure, of these questions.
pub fn ticked<'a>(questions: &'a [Question], answers: &Answers) -> Vec<&'a Question> {
    let there = |question: &&Question| question.is_sign() && matches!(answers.get(&question.id), Some(YES | NOT_SURE));
    questions.iter().filter(there).collect()
}

/// Where the conversation is, as read out when the page changes.
pub fn place_in_words(rules: &RuleSet, step: &Step) -> String {
    match &step.place {
        Place::Ask { screen, .. } => {
            let (at, of) = conversation::progress(rules, &step.answers, screen);
            format!("Step {at} of {of}")
        }
        Place::Warning(_) => "Urgent advice. There are more questions below it.".to_owned(),
        Place::Result(_) => "Your result".to_owned(),
        Place::Review | Place::Sheet(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::{
        content,
        triage::conversation::{RESULT, REVIEW, SHEET, visit},
    };

    static OURS: LazyLock<RuleSet> = LazyLock::new(|| content::rules().unwrap());

    /// The answers of somebody who said no to every sign but these.
    fn answers(rules: &RuleSet, more: &[(&str, &str)]) -> Answers {
        let mut answers: Answers =
            rules.questions.iter().filter(|question| question.is_sign()).map(|sign| (sign.id.as_str(), NO)).collect();
        for (question, answer) in [("age", "44"), ("pain_where", "back")].iter().chain(more) {
            answers.set(question, answer);
        }
        answers
    }

    fn at(go: &str, more: &[(&str, &str)], numbers: &Numbers) -> String {
        let step = visit(&OURS, go, answers(&OURS, more), false).unwrap();
        page(&OURS, numbers, &step, "22 November 2026, 12:00 (UTC)")
    }

    const EMERGENCY: [(&str, &str); 2] = [("saddle", "yes"), ("saddle_since", "recent")];
    const URGENT: [(&str, &str); 2] = [("fever", "yes"), ("pain_since", "under_2w")];
    const CHILD: [(&str, &str); 2] = [("age", "3"), ("self_harm", "no")];

    #[test]
    fn what_may_be_left_out_is_not_said_to_be_denied() {
        let sheet = at(SHEET, &EMERGENCY, &Numbers::default());
        assert!(sheet.contains("Numb, tingling or odd feeling between the legs"), "{sheet}");
        assert!(
            sheet.contains("trouble starting to pee") && !sheet.contains("changed feeling in the genitals"),
            "{sheet}"
        );
    }

    #[test]
    fn a_site_in_another_country_names_no_number_of_this_one() {
        let numbers = Numbers {
            emergency: "112".to_owned(),
            urgent: "116117".to_owned(),
            urgent_name: "the doctor on call".to_owned(),
            help_line: "030 123456".to_owned(),
            maternity: "your midwife".to_owned(),
            listening: "the Telefonseelsorge".to_owned(),
        };
        for answers in [&EMERGENCY[..], &URGENT, &CHILD, &[("self_harm", "yes"), ("self_harm_now", "no")]] {
            for go in [RESULT, SHEET, REVIEW] {
                let html = at(go, answers, &numbers).replace("116117", "");
                // The version of the rules is a hash, and may hold any digits; a source is called what it is called.
                let html = html.replace(&OURS.version, "").replace("NHS 111 Wales", "");
                for number in ["999", "111", "Samaritans", "02380"] {
                    assert!(!html.contains(number), "{number} at {go} of {answers:?}: {html}");
                }
            }
        }
    }

    #[test]
    fn what_was_typed_is_text_wherever_it_is_shown() {
        let typed = Problem { question: "age".into(), message: "<i>".into(), typed: "\"><script>".into() };
        let place = Place::Ask { screen: "you".into(), one_by_one: false, problems: vec![typed] };
        let step = Step { place, ..conversation::start(&OURS) };
        let html = page(&OURS, &Numbers::default(), &step, "");
        assert!(!html.contains("<script") && !html.contains("<i>") && html.contains("&quot;&gt;&lt;script"), "{html}");
    }
}
