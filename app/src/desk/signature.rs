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

impl Signature<'_> {
    /// Adds what is missing or too long.
    pub(crate) fn check(&self, problems: &mut Problems) {
        for (field, what, written) in
            [("name", "your name", self.name), ("registration", "your registration number", self.registration)]
        {
            if written.trim().is_empty() {
                problems.add(field, format!("Enter {what}"));
            } else if written.chars().count() > MOST_OF_A_NAME {
                problems.add(field, format!("Enter {MOST_OF_A_NAME} letters or fewer"));
            }
        }
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
