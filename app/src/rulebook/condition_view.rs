//! The fields by which a condition is built, and what it says in words.

use maud::{Markup, html};

use super::{
    catalogue::Catalogue,
    condition::Written,
    condition_form::{ACT, About, COMPARED, Draft, Join, Wrong, answers_of, numbered},
    words,
};
use crate::{
    triage::{Kind, Role},
    ui::form::{Problems, message},
};

/// What is shown of it beside its fields.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shown<'a> {
    pub hint: Option<&'a str>,
    /// The place that a button changed: it is not folded.
    pub open: &'a str,
    pub problems: Option<&'a Problems>,
}

impl Shown<'_> {
    fn problem(&self, field: &str) -> Option<&str> {
        self.problems.and_then(|problems| problems.of(field))
    }
}

/// The fields of a whole condition.
pub fn builder(name: &str, label: &str, draft: &Draft, known: &Catalogue, shown: &Shown<'_>) -> Markup {
    let builder = Builder { label, known, shown };
    html! {
        div class="builder" {
            (builder.part(name, "", draft))
            @if !matches!(draft, Draft::Group(_, parts) if parts.is_empty()) {
                p class="notice" {
                    b { (label) ": " }
                    (said(name, draft, known).unwrap_or_else(|unfinished| format!("it is not finished. {unfinished}.")))
                }
            }
            div class="actions" {
                (act("show", name, name, html! { "Say it in words" span class="nhsuk-u-visually-hidden" { " (" (label) ")" } }))
            }
        }
    }
}

/// When it holds, or what is not finished.
pub fn said(name: &str, draft: &Draft, known: &Catalogue) -> Result<String, String> {
    let first = |wrong: Wrong| wrong.into_iter().next().map_or_else(String::new, |(_, problem)| problem);
    let written = draft.written(name, known).map_err(first)?;
    Ok(written.map_or_else(String::new, |written| format!("{}.", sentence(&written, known, false))))
}

/// As [`words::condition`], but for conditions that have a name: they stay short.
fn sentence(written: &Written, known: &Catalogue, inside: bool) -> String {
    let join = |parts: &[Written], word: &str| {
        let several = parts.len() > 1;
        let parts: Vec<String> = parts.iter().map(|part| sentence(part, known, several)).collect();
        let joined = parts.join(&format!(" {word} "));
        if inside && several { format!("({joined})") } else { joined }
    };
    match written {
        Written::All(parts) if !parts.is_empty() => join(parts, "and"),
        Written::Any(parts) if !parts.is_empty() => join(parts, "or"),
        Written::Not(inner) => format!("not ({})", sentence(inner, known, false)),
        Written::AtLeast(needed, parts) => {
            let parts: Vec<String> = parts.iter().map(|part| sentence(part, known, true)).collect();
            let list = format!("at least {needed} of: {}", parts.join("; "));
            if inside { format!("({list})") } else { list }
        }
        Written::Named(name) => format!("@{name}"),
        _ => written.resolved(known).map_or_else(String::new, |condition| words::condition(&known.rules, &condition)),
    }
}

/// A button that changes the form, and leads to a place of what comes back.
pub fn act(act: &str, at: &str, to: &str, words: Markup) -> Markup {
    html! { button class="btn" name=(ACT) value={ (act) " " (at) } formaction={ "#" (to) } { (words) } }
}

struct Builder<'a> {
    label: &'a str,
    known: &'a Catalogue,
    shown: &'a Shown<'a>,
}

impl Builder<'_> {
    fn part(&self, place: &str, number: &str, draft: &Draft) -> Markup {
        match draft {
            Draft::Group(join, parts) => self.group(place, number, *join, parts),
            Draft::One(about) => self.one(place, number, about),
        }
    }

    fn act(&self, act_name: &str, at: &str, to: &str, words: &str, whole: &str) -> Markup {
        act(
            act_name,
            at,
            to,
            html! { (words) span class="nhsuk-u-visually-hidden" { " " (whole) " (" (self.label) ")" } },
        )
    }

    fn group(&self, place: &str, number: &str, join: Join, parts: &[Draft]) -> Markup {
        let new = format!("{place}-{}", parts.len());
        let name = if number.is_empty() { "to the whole".to_owned() } else { format!("to group {number}") };
        let empty = self.shown.problem(place);
        let join_name = format!("{place}-join");
        let wrong = self.shown.problem(&join_name);
        let wrong_id = format!("{join_name}-error");
        let most = parts.len().max(if let Join::AtLeast(needed) = join { needed } else { 0 });
        let least_of_few = matches!(join, Join::AtLeast(1)).then_some(1);
        let joins = [Join::All, Join::Any, Join::None]
            .into_iter()
            .chain(least_of_few.into_iter().chain(2..=most).map(Join::AtLeast));
        html! {
            fieldset class="group" id=(place) tabindex="-1" {
                legend { @if number.is_empty() { (self.label) } @else { "Group " (number) } }
                @if number.is_empty() { @if let Some(hint) = self.shown.hint { p class="hint" { (hint) } } }
                (message(place, empty))
                input type="hidden" name=(place) value="group";
                div class={ "field" @if wrong.is_some() { " nhsuk-form-group--error" } } {
                    label for=(join_name) { "It holds when" span class="nhsuk-u-visually-hidden" { " (" (self.label) @if !number.is_empty() { ", group " (number) } ")" } }
                    (message(&join_name, wrong))
                    select id=(join_name) name=(join_name) aria-describedby=[wrong.map(|_| &wrong_id)] aria-invalid=[wrong.map(|_| "true")] {
                        @for one in joins { option value=(one.name()) selected[one == join] { (one.words()) } }
                    }
                }
                @if !parts.is_empty() {
                    ul {
                        @for (n, part) in parts.iter().enumerate() { li { (self.part(&format!("{place}-{n}"), &numbered(number, n), part)) } }
                    }
                }
                div class="actions" {
                    (self.act("add", place, &new, "Add a condition", &name))
                    (self.act("group", place, &new, "Add a group", &name))
                    @if !number.is_empty() { (self.act("out", place, above(place), "Take the group out", number)) }
                }
            }
        }
    }

    fn one(&self, place: &str, number: &str, about: &About) -> Markup {
        let field = |end: &str| format!("{place}-{end}");
        let hidden = |kind: &str, about: &str| {
            html! {
                input type="hidden" name=(place) value=(kind);
                input type="hidden" name=(field("about")) value=(about);
            }
        };
        let body = match about {
            About::Choosing(chosen) => return self.choosing(place, number, chosen),
            About::Answers(id, ticked) => html! { (hidden("answers", id)) (self.answers(place, id, ticked)) },
            About::Number(id, compared, typed) => {
                html! { (hidden("number", id)) (self.number(place, id, compared, typed)) }
            }
            About::Named(name) => html! {
                (hidden("named", name))
                p { "The condition " code { (name) } ", which has a form of its own: " (self.in_words(about)) "." }
            },
            About::Always => html! { (hidden("always", "")) p { "It is so for everybody." } },
        };
        let gone = self.shown.problem(place);
        let wrong =
            gone.is_some() || ["is", "number", "compared"].iter().any(|end| self.shown.problem(&field(end)).is_some());
        let is_open = wrong || self.shown.open == place || about.written(self.known).is_err();
        html! {
            details id=(place) tabindex="-1" open[is_open] {
                summary { span class="nhsuk-u-visually-hidden" { "Condition " (number) ": " } (self.summary(about)) }
                div {
                    (message(place, gone))
                    (body)
                    div class="actions" {
                        @if !matches!(about, About::Always) { (self.act("choose", place, place, "Ask something else", &format!("in condition {number}"))) }
                        (self.act("wrap", place, place, "Put it into a group", number))
                        (self.act("out", place, above(place), "Take it out", number))
                    }
                }
            }
        }
    }

    fn summary(&self, about: &About) -> String {
        match about {
            About::Named(name) => format!("@{name}"),
            _ => Some(self.in_words(about)).filter(|words| !words.is_empty()).unwrap_or_else(|| {
                let (About::Answers(id, _) | About::Number(id, ..)) = about else { return "Not finished".to_owned() };
                let said = self.known.rules.question(id).map_or(id.as_str(), |question| &question.said);
                format!("“{said}”: not finished")
            }),
        }
    }

    /// Nothing where it is not finished.
    fn in_words(&self, about: &About) -> String {
        let condition = about.written(self.known).ok().and_then(|written| written.resolved(self.known));
        condition.map_or_else(String::new, |condition| words::condition(&self.known.rules, &condition))
    }

    fn choosing(&self, place: &str, number: &str, chosen: &str) -> Markup {
        let name = format!("{place}-about");
        let wrong = self.shown.problem(&name);
        let wrong_id = format!("{name}-error");
        html! {
            div class="one" id=(place) tabindex="-1" {
                input type="hidden" name=(place) value="choosing";
                div class={ "field" @if wrong.is_some() { " nhsuk-form-group--error" } } {
                    label for=(name) { "Condition " (number) " is about" span class="nhsuk-u-visually-hidden" { " (" (self.label) ")" } }
                    (message(&name, wrong))
                    select id=(name) name=(name) aria-describedby=[wrong.map(|_| &wrong_id)] aria-invalid=[wrong.map(|_| "true")] {
                        option value="" selected[chosen.is_empty()] { "Choose a question" }
                        @if !self.known.conditions.is_empty() {
                            optgroup label="Conditions with a name" {
                                @for (name, _) in &self.known.conditions {
                                    option value={ "@" (name) } selected[chosen.strip_prefix('@') == Some(name)] { "@" (name) }
                                }
                            }
                        }
                        @for (screen, questions) in self.known.by_screen() {
                            optgroup label={ (screen.title) " (" (screen.id) ")" } {
                                @for question in questions {
                                    option value=(question.id) selected[chosen == question.id] { (question.text) " (" (question.id) ")" }
                                }
                            }
                        }
                    }
                }
                div class="actions" {
                    (self.act("show", place, place, "Show its answers", &format!("of condition {number}")))
                    (self.act("out", place, above(place), "Take it out", number))
                }
            }
        }
    }

    fn answers(&self, place: &str, id: &str, ticked: &[String]) -> Markup {
        let name = format!("{place}-is");
        let wrong = self.shown.problem(&name);
        let wrong_id = format!("{name}-error");
        let Some(question) = self.known.rules.question(id) else {
            return html! { @for answer in ticked { input type="hidden" name=(name) value=(answer); } };
        };
        html! {
            fieldset aria-describedby=[wrong.map(|_| &wrong_id)] {
                legend { (question.text) " " code { (id) } }
                @match question.role {
                    Role::Sign { unsure_is_yes: true } => { p class="hint" { "“Not sure” counts as yes." } }
                    Role::Context => { p class="hint" { "Unanswered or not sure, it counts as whatever is more urgent." } }
                    Role::Sign { .. } => {}
                }
                (message(&name, wrong))
                div class="ticks" {
                    @for (n, (answer, words)) in answers_of(question, ticked).iter().enumerate() {
                        label class="option" {
                            input id=[(n == 0).then_some(&name)] name=(name) type="checkbox" value=(answer) checked[ticked.contains(answer)];
                            b { (words) }
                        }
                    }
                }
            }
        }
    }

    fn number(&self, place: &str, id: &str, compared: &str, typed: &str) -> Markup {
        let [how, number] = ["compared", "number"].map(|end| format!("{place}-{end}"));
        let wrong = self.shown.problem(&number);
        let ids = format!("{number}-hint {number}-error");
        let described = if wrong.is_some() { &ids } else { &ids[..number.len() + "-hint".len()] };
        let question = self.known.rules.question(id);
        let hint = match question.map(|question| &question.kind) {
            Some(Kind::Number { unit, min, max }) => format!("{min} to {max} {unit}"),
            _ => String::new(),
        };
        html! {
            p { (question.map_or(id, |question| &question.text)) " " code { (id) } }
            div class="narrow" {
                div class="field" {
                    label for=(how) { "The answer is" span class="nhsuk-u-visually-hidden" { " (" (self.label) ", " (id) ")" } }
                    select id=(how) name=(how) { @for (value, words) in COMPARED { option value=(value) selected[value == compared] { (words) } } }
                }
                div class={ "field" @if wrong.is_some() { " nhsuk-form-group--error" } } {
                    label for=(number) { "Number" span class="nhsuk-u-visually-hidden" { " (" (self.label) ", " (id) ")" } }
                    p class="hint" id={ (number) "-hint" } { (hint) }
                    (message(&number, wrong))
                    input id=(number) name=(number) type="text" inputmode="numeric" value=(typed) aria-describedby=(described) aria-invalid=[wrong.map(|_| "true")];
                }
            }
        }
    }
}

/// The group that a place lies in.
fn above(place: &str) -> &str {
    place.rsplit_once('-').map_or(place, |(above, _)| above)
}
