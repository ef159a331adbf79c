//! The numbers to call, and the links that call them.

use serde::{Deserialize, Serialize};

use crate::triage::Urgency;

/// The numbers of the country that the site serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// An ambulance: 999.
    pub emergency: String,
    /// The urgent-care line: 111, of [`Numbers::urgent_name`].
    pub urgent: String,
    /// "NHS 111".
    pub urgent_name: String,
    /// The site's own help line: not for emergencies.
    pub help_line: String,
    /// Whom to call in pregnancy: "your maternity unit", perhaps with a number.
    pub maternity: String,
    /// Who listens day and night: "Samaritans on 116 123".
    pub listening: String,
}

impl Default for Numbers {
    fn default() -> Self {
        Self {
            emergency: "999".to_owned(),
            urgent: "111".to_owned(),
            urgent_name: "NHS 111".to_owned(),
            help_line: "02380 248725".to_owned(),
            maternity: "your maternity unit".to_owned(),
            listening: "Samaritans on 116 123".to_owned(),
        }
    }
}

impl Numbers {
    /// The heading of a result or, with `if:` behind it, of a care card.
    pub fn heading(&self, urgency: Urgency) -> String {
        match urgency {
            Urgency::Emergency => format!("Call {} or go to A&E now", self.emergency),
            Urgency::Urgent => format!("Ask for an urgent GP appointment or get help from {}", self.urgent_name),
            Urgency::Soon => "Contact a GP or physiotherapist in the next few days".to_owned(),
            Urgency::Routine => "Book a routine appointment with a GP or physiotherapist".to_owned(),
            Urgency::SelfCare => "You can usually look after this at home".to_owned(),
        }
    }

    /// A text of the rules with these numbers in their places: `{emergency}`, `{urgent}`, `{urgent_name}`, `{maternity}`, `{listening}`.
    pub fn fill(&self, text: &str) -> String {
        text.replace("{emergency}", &self.emergency)
            .replace("{urgent}", &self.urgent)
            .replace("{urgent_name}", &self.urgent_name)
            .replace("{maternity}", &self.maternity)
            .replace("{listening}", &self.listening)
    }
}

/// `tel:` and the digits of a number as people write it.
pub fn tel(number: &str) -> String {
    let digits: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    format!("tel:{digits}")
}
