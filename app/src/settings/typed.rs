//! The settings as a form has them.

use serde::Deserialize;

use super::{check, countries::Country};
use crate::{
    site::{Author, Banner, Expired, Settings},
    tracker::reminders::when::Zone,
    ui::{Numbers, form::Problems},
};

/// The form, as it was sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// The number of the save that it was made from.
    pub base: i64,
    /// The earlier save that it was filled with; 0 where it was not.
    pub begun_from: i64,
    pub site_name: String,
    pub help_line: String,
    pub help_hours: String,
    pub country: String,
    pub emergency_number: String,
    pub urgent_number: String,
    pub urgent_name: String,
    pub maternity: String,
    pub listening: String,
    /// That whoever saves them looked the numbers up.
    pub numbers_checked: String,
    pub authors: String,
    pub disclaimer: String,
    pub banner_shown: String,
    pub banner_text: String,
    pub banner_link: String,
    pub banner_words: String,
    pub zone: String,
    pub expired: String,
    /// "save", "preview", or "fill": with the country's numbers.
    pub press: String,
}

impl Typed {
    pub fn of(settings: &Settings, base: i64) -> Self {
        let Settings { name, numbers, country, help_hours, authors, disclaimer, banner, zone, expired, public_url: _ } =
            settings.clone();
        let authors: Vec<String> = authors
            .into_iter()
            .map(|Author { name, about }| if about.is_empty() { name } else { format!("{name} | {about}") })
            .collect();
        Self {
            base,
            site_name: name,
            help_line: numbers.help_line,
            help_hours,
            country,
            emergency_number: numbers.emergency,
            urgent_number: numbers.urgent,
            urgent_name: numbers.urgent_name,
            maternity: numbers.maternity,
            listening: numbers.listening,
            authors: authors.join("\n"),
            disclaimer,
            banner_shown: if banner.shown { "yes" } else { "" }.to_owned(),
            banner_text: banner.text,
            banner_link: banner.link,
            banner_words: banner.words,
            zone: zone.name().to_owned(),
            expired: expired.name().to_owned(),
            ..Self::default()
        }
    }

    /// With the numbers of the country that is chosen; as it is where the program has none of it.
    #[must_use]
    pub fn filled(self) -> Self {
        let Some(country) = Country::of(&self.country) else { return self };
        let Numbers { emergency, urgent, urgent_name, listening, .. } = country.numbers(&Numbers::default());
        Self { emergency_number: emergency, urgent_number: urgent, urgent_name, listening, ..self }
    }

    /// The settings that it says, and what is wrong with them. `now` is what they replace.
    pub fn read(&self, now: &Settings) -> (Settings, Problems) {
        let line = |text: &str| text.trim().to_owned();
        let zone = Zone::named(self.zone.trim());
        let expired = Expired::named(&self.expired);
        let settings = Settings {
            name: line(&self.site_name),
            numbers: Numbers {
                emergency: line(&self.emergency_number),
                urgent: line(&self.urgent_number),
                urgent_name: line(&self.urgent_name),
                help_line: line(&self.help_line),
                maternity: line(&self.maternity),
                listening: line(&self.listening),
            },
            country: line(&self.country),
            help_hours: line(&self.help_hours),
            authors: self.authors.lines().filter(|line| !line.trim().is_empty()).map(author).collect(),
            // One paragraph.
            disclaimer: self.disclaimer.split_whitespace().collect::<Vec<_>>().join(" "),
            banner: Banner {
                shown: !self.banner_shown.is_empty(),
                text: line(&self.banner_text),
                link: line(&self.banner_link),
                words: line(&self.banner_words),
            },
            zone: zone.clone().unwrap_or_else(|| now.zone.clone()),
            expired: expired.unwrap_or(now.expired),
            public_url: now.public_url.clone(),
        };
        let mut problems = check(&settings);
        if zone.is_none() {
            problems.add("zone", "Choose a time zone");
        }
        if expired.is_none() {
            problems.add("expired", "Choose what becomes of articles that are overdue");
        }
        (settings, problems)
    }
}

fn author(line: &str) -> Author {
    let (name, about) = line.split_once('|').unwrap_or((line, ""));
    Author { name: name.trim().to_owned(), about: about.trim().to_owned() }
}

impl Expired {
    pub const ALL: [Self; 2] = [Self::Banner, Self::Unpublish];

    pub fn name(self) -> &'static str {
        match self {
            Self::Banner => "banner",
            Self::Unpublish => "unpublish",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|expired| expired.name() == name)
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Banner => "Readers still see it, with a notice that it may be out of date",
            Self::Unpublish => "Readers do not see it until it is reviewed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_in_the_form_is_what_comes_back() {
        let settings = Settings {
            authors: ["Ann Body | A physiotherapist", "The team"].map(author).to_vec(),
            banner: Banner {
                shown: true,
                text: "Closed on Monday.".to_owned(),
                link: "/articles".to_owned(),
                words: "Read".to_owned(),
            },
            expired: Expired::Unpublish,
            help_hours: "Weekdays, 9 to 5".to_owned(),
            zone: Zone::named("America/Toronto").unwrap(),
            ..Settings::default()
        };
        let (read, problems) = Typed::of(&settings, 3).read(&Settings::default());
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(read, settings);
    }

    #[test]
    fn what_cannot_be_read_is_said_and_leaves_what_was() {
        let typed = Typed { zone: "Moon".to_owned(), expired: String::new(), ..Typed::of(&Settings::default(), 0) };
        let (read, problems) = typed.read(&Settings::default());
        assert_eq!(read, Settings::default());
        assert!(problems.of("zone").is_some() && problems.of("expired").is_some());
    }

    #[test]
    fn a_country_fills_in_its_numbers_and_no_more() {
        let typed = Typed { country: "NZ".to_owned(), ..Typed::of(&Settings::default(), 0) }.filled();
        assert_eq!((typed.emergency_number.as_str(), typed.urgent_name.as_str()), ("111", "Healthline"));
        assert_eq!(typed.help_line, "02380 248725");
        let other = Typed { country: String::new(), ..Typed::of(&Settings::default(), 0) }.filled();
        assert_eq!(other.emergency_number, "999");
    }
}
