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

    /// As [`fill`](Self::fill), with the help line too: `{help_line}`, and `{help_line_link}` for the address that calls it.
    pub fn fill_all(&self, text: &str) -> String {
        self.fill(text).replace("{help_line}", &self.help_line).replace("{help_line_link}", &tel(&self.help_line))
    }
}

impl Numbers {
    /// The place of each number in its stead, for what is stored: the numbers are put in when it is shown.
    pub fn places() -> Self {
        let place = |name: &str| format!("{{{name}}}");
        Self {
            emergency: place("emergency"),
            urgent: place("urgent"),
            urgent_name: place("urgent_name"),
            help_line: place("help_line"),
            maternity: place("maternity"),
            listening: place("listening"),
        }
    }

    /// As [`fill_all`](Self::fill_all), of HTML.
    pub fn fill_html(&self, html: &str) -> String {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let numbers = Self {
            emergency: escaped(&self.emergency),
            urgent: escaped(&self.urgent),
            urgent_name: escaped(&self.urgent_name),
            help_line: escaped(&self.help_line),
            maternity: escaped(&self.maternity),
            listening: escaped(&self.listening),
        };
        numbers.fill_all(html)
    }
}

/// Whether a telephone takes what [`tel`] makes of this: digits with spaces, hyphens, dots and brackets between them, perhaps after a
/// plus. Not "+44 (0)23 …", of which both the plus and the zero would be dialled.
pub fn is_dialable(number: &str) -> bool {
    let rest = number.strip_prefix('+').unwrap_or(number);
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    // The longest that there are (ITU-T E.164), and the shortest.
    (2..=15).contains(&digits)
        && rest.bytes().all(|byte| byte.is_ascii_digit() || b" -.()".contains(&byte))
        && !(number.starts_with('+') && rest.contains("(0)"))
}

/// `tel:` and the digits of a number as people write it.
pub fn tel(number: &str) -> String {
    let digits: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    format!("tel:{digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_telephone_takes_is_a_number() {
        for good in ["999", "15", "02380 248725", "+44 23 8024 8725", "(023) 8024-8725", "0800.111.0.111"] {
            assert!(is_dialable(good), "{good}");
        }
        for bad in [
            "",
            "9",
            "+",
            "call us",
            "0800 CALL",
            "999 or 112",
            "+44 (0)23 8024 8725",
            "1234567890123456",
            "٩٩٩",
            "*99#",
        ] {
            assert!(!is_dialable(bad), "{bad}");
        }
    }

    #[test]
    fn numbers_are_put_in_their_places() {
        let numbers = Numbers { urgent_name: "A & B".to_owned(), ..Numbers::default() };
        assert_eq!(
            numbers.fill_html("Call {emergency}, {urgent_name} ({urgent}) or {help_line}."),
            "Call 999, A &amp; B (111) or 02380 248725."
        );
        assert_eq!(numbers.fill_all("{help_line_link}"), "tel:02380248725");
        let places = Numbers::places();
        let heading = numbers.fill_all(&places.heading(Urgency::Urgent));
        assert_eq!(heading, numbers.heading(Urgency::Urgent));
    }
}
