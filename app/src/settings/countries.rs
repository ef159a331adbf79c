//! The numbers of some countries, to begin with. They fill in the form, and never decide: whoever saves them says that they
//! looked them up. Where a country has no one number for something, it is left empty here and has to be filled in.

use crate::ui::Numbers;

/// A country, and whom one calls there.
#[derive(Debug)]
pub struct Country {
    /// ISO 3166.
    pub code: &'static str,
    pub name: &'static str,
    emergency: &'static str,
    urgent: &'static str,
    urgent_name: &'static str,
    listening: &'static str,
}

/// Countries in which people read English, from the pages of their own health services, November 2026.
pub const COUNTRIES: [Country; 6] = [
    Country {
        code: "GB",
        name: "United Kingdom",
        emergency: "999",
        urgent: "111",
        urgent_name: "NHS 111",
        listening: "Samaritans on 116 123",
    },
    Country {
        code: "AU",
        name: "Australia",
        emergency: "000",
        urgent: "1800 022 222",
        urgent_name: "healthdirect",
        listening: "Lifeline on 13 11 14",
    },
    Country {
        code: "CA",
        name: "Canada",
        emergency: "911",
        urgent: "811",
        urgent_name: "Health 811",
        listening: "the Suicide Crisis Helpline on 988",
    },
    Country {
        code: "IE",
        name: "Ireland",
        emergency: "112",
        urgent: "",
        urgent_name: "",
        listening: "Samaritans on 116 123",
    },
    Country {
        code: "NZ",
        name: "New Zealand",
        emergency: "111",
        urgent: "0800 611 116",
        urgent_name: "Healthline",
        listening: "1737",
    },
    Country {
        code: "US",
        name: "United States",
        emergency: "911",
        urgent: "",
        urgent_name: "",
        listening: "the Suicide & Crisis Lifeline on 988",
    },
];

impl Country {
    pub fn of(code: &str) -> Option<&'static Self> {
        COUNTRIES.iter().find(|country| country.code == code)
    }

    /// Its numbers in place of these; help line and maternity unit are the site's own.
    pub fn numbers(&self, before: &Numbers) -> Numbers {
        Numbers {
            emergency: self.emergency.to_owned(),
            urgent: self.urgent.to_owned(),
            urgent_name: self.urgent_name.to_owned(),
            listening: self.listening.to_owned(),
            ..before.clone()
        }
    }
}
