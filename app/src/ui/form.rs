//! Forms as nhsuk-frontend lays them out: a label, perhaps a hint, perhaps what is wrong, and one control; above all of
//! them a summary that leads to each.

use std::borrow::Cow;

use maud::{Markup, html};

/// What is wrong with a form, by field.
#[derive(Clone, Debug, Default)]
pub struct Problems(Vec<(Cow<'static, str>, String)>);

impl Problems {
    pub fn one(field: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self(vec![(field.into(), message.into())])
    }

    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, message: impl Into<String>) {
        self.0.push((field.into(), message.into()));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, message)| message.as_str())
    }

    /// Each field with what is wrong with it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(field, message)| (field.as_ref(), message.as_str()))
    }

    /// What has to be mended, with links to where; nothing where nothing has.
    pub fn summary(&self) -> Markup {
        html! {
            @if !self.is_empty() {
                div class="nhsuk-error-summary" id="errors" role="alert" aria-labelledby="errors-title" tabindex="-1" {
                    h2 class="nhsuk-error-summary__title" id="errors-title" { "There is a problem" }
                    div class="nhsuk-error-summary__body" {
                        ul class="nhsuk-list nhsuk-error-summary__list" {
                            @for (field, message) in &self.0 { li { a href={ "#" (field) } { (message) } } }
                        }
                    }
                }
            }
        }
    }
}

/// One control and what belongs to it. Its id is its name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Field<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub hint: Option<&'a str>,
    /// An `<input>`'s: "email", "password", "text" …
    pub kind: &'static str,
    /// So that browsers and password managers fill it in.
    pub autocomplete: Option<&'static str>,
    /// "numeric" shows a phone's digits.
    pub inputmode: Option<&'static str>,
    pub value: &'a str,
}

impl Field<'_> {
    pub fn show(&self, problems: &Problems) -> Markup {
        let problem = problems.of(self.name);
        // Words and not passwords are checked as they are typed.
        let plain = matches!(self.kind, "email" | "password") || self.inputmode.is_some();
        html! {
            (control(self.name, self.label, self.hint, problem, |described| html! {
                input id=(self.name) name=(self.name) type=(self.kind) value=[Some(self.value).filter(|value| !value.is_empty())]
                    autocomplete=[self.autocomplete] inputmode=[self.inputmode] spellcheck=[plain.then_some("false")]
                    autocapitalize=[plain.then_some("none")] aria-describedby=[described]
                    aria-invalid=[problem.map(|_| "true")];
            }))
        }
    }
}

/// A form of one button, about a revision.
pub fn press(action: &str, revision: i64, words: &str, main: bool) -> Markup {
    html! {
        form method="post" action=(action) {
            input type="hidden" name="revision" value=(revision);
            div class="actions" { button class={ "btn" @if main { " btn--main" } } { (words) } }
        }
    }
}

/// A box to write several lines in.
pub fn text_area(name: &str, label: &str, hint: Option<&str>, value: &str, problems: &Problems) -> Markup {
    let problem = problems.of(name);
    control(name, label, hint, problem, |described| {
        html! {
            // The line end that begins it is dropped by the browser, and no line end of theirs.
            textarea id=(name) name=(name) rows="5" aria-describedby=[described] aria-invalid=[problem.map(|_| "true")] {
                "\n" (value)
            }
        }
    })
}

/// A list to choose one of.
pub fn choose<'a>(
    name: &str,
    label: &str,
    hint: Option<&str>,
    chosen: &str,
    choices: impl Iterator<Item = (&'a str, String)>,
    problems: &Problems,
) -> Markup {
    let problem = problems.of(name);
    control(name, label, hint, problem, |described| {
        html! {
            select id=(name) name=(name) aria-describedby=[described] aria-invalid=[problem.map(|_| "true")] {
                @for (value, words) in choices { option value=(value) selected[value == chosen] { (words) } }
            }
        }
    })
}

fn control(
    name: &str,
    label: &str,
    hint: Option<&str>,
    problem: Option<&str>,
    control: impl FnOnce(Option<String>) -> Markup,
) -> Markup {
    let ids = [(hint.is_some(), "hint"), (problem.is_some(), "error")];
    let ids: Vec<String> = ids.iter().filter(|(there, _)| *there).map(|(_, id)| format!("{name}-{id}")).collect();
    let described = Some(ids.join(" ")).filter(|ids| !ids.is_empty());
    html! {
        div class={ "field" @if problem.is_some() { " nhsuk-form-group--error" } } {
            label for=(name) { (label) }
            @if let Some(hint) = hint { p class="hint" id={ (name) "-hint" } { (hint) } }
            (message(name, problem))
            (control(described))
        }
    }
}

/// One box to tick.
pub fn tick(name: &str, label: &str, hint: Option<&str>, ticked: bool, problems: &Problems) -> Markup {
    tick_as(name, name, label, hint, ticked, problems)
}

/// As [`tick`], where several forms of a page have a field of one name: the id tells them apart.
pub fn tick_as(id: &str, name: &str, label: &str, hint: Option<&str>, ticked: bool, problems: &Problems) -> Markup {
    let problem = problems.of(id);
    let described = problem.map(|_| format!("{id}-error"));
    html! {
        div class={ "field field--tick" @if problem.is_some() { " nhsuk-form-group--error" } } {
            (message(id, problem))
            label class="option" {
                input id=(id) name=(name) type="checkbox" value="yes" checked[ticked] aria-describedby=[described]
                    aria-invalid=[problem.map(|_| "true")];
                b { (label) }
                @if let Some(hint) = hint { small { (hint) } }
            }
        }
    }
}

/// What is wrong with one control.
pub fn message(name: &str, problem: Option<&str>) -> Markup {
    html! {
        @if let Some(problem) = problem {
            p class="nhsuk-error-message" id={ (name) "-error" } {
                span class="nhsuk-u-visually-hidden" { "Error: " }
                (problem)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_says_so_and_is_led_to() {
        let problems = Problems::one("email", "Enter <an> address");
        let field = Field {
            name: "email",
            label: "Email",
            hint: Some("Yours"),
            kind: "email",
            value: "a\"b",
            ..Field::default()
        };
        let html = field.show(&problems).into_string();
        assert!(html.contains(r#"aria-describedby="email-hint email-error""#), "{html}");
        assert!(html.contains(r#"aria-invalid="true""#) && html.contains("value=\"a&quot;b\""), "{html}");
        assert!(html.contains("Enter &lt;an&gt; address"), "{html}");
        assert!(problems.summary().into_string().contains(r##"href="#email""##));
        let other = Field { name: "other", ..field };
        assert!(!other.show(&problems).into_string().contains("aria-invalid"));
    }

    #[test]
    fn what_was_written_in_several_lines_comes_back_whole() {
        let html = text_area("note", "Note", None, "\n</textarea><b>", &Problems::default()).into_string();
        assert!(html.contains(">\n\n&lt;/textarea&gt;&lt;b&gt;</textarea>"), "{html}");
    }
}
