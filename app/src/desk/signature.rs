//! The name and number with which a clinician answers for something: of an approval, and of a rule set that is published.

use maud::{Markup, html};

use crate::ui::form::{Field, Problems};

/// How many letters a name or a registration may have.
const MOST_OF_A_NAME: usize = 100;

/// As it was typed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Signature<'a> {
    pub name: &'a str,
    /// With the professional's regulator: "GMC 1234567".
    pub registration: &'a str,
}

/// Adds what is wrong with a name or a registration.
pub(super) fn check_name(field: &'static str, what: &str, written: &str, problems: &mut Problems) {
    if written.trim().is_empty() {
        problems.add(field, format!("Enter {what}"));
    } else if written.chars().count() > MOST_OF_A_NAME {
        problems.add(field, format!("Enter {MOST_OF_A_NAME} letters or fewer"));
    }
}

impl Signature<'_> {
    /// Adds what is missing or too long.
    pub(crate) fn check(&self, problems: &mut Problems) {
        check_name("name", "your name", self.name, problems);
        check_name("registration", "your registration number", self.registration, problems);
    }

    /// To be filled in, or mended.
    pub(crate) fn fields(&self, problems: &Problems) -> Markup {
        html! {
            (Field { name: "name", label: "Your name", kind: "text", autocomplete: Some("name"), value: self.name, ..Field::default() }.show(problems))
            (Field {
                name: "registration",
                label: "Your registration number",
                hint: Some("With the regulator, like GMC 1234567 or HCPC PH123456."),
                kind: "text",
                value: self.registration,
                ..Field::default()
            }.show(problems))
        }
    }
}
