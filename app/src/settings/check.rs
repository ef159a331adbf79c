//! What settings a site may have. A page that tells somebody to call must never tell them to call nothing.

use std::collections::BTreeSet;

use super::countries::Country;
use crate::{
    site::{Banner, Settings},
    ui::{
        call::{is_dialable, tel},
        form::Problems,
    },
};

/// Letters in one line, at most.
const LINE: usize = 100;
/// Authors, at most.
const AUTHORS: usize = 100;
/// Letters of what there is to say about one, in the banner, and in the disclaimer.
const ABOUT: usize = 300;
const BANNER: usize = 300;
const DISCLAIMER: usize = 1_000;

/// What is wrong with settings, by the form's fields.
pub fn check(settings: &Settings) -> Problems {
    let mut problems = Problems::default();
    let numbers = &settings.numbers;
    let lines = [
        ("site_name", "the site\u{2019}s name", &settings.name),
        ("urgent_name", "the name of the urgent line", &numbers.urgent_name),
        ("maternity", "whom to call in pregnancy", &numbers.maternity),
        ("listening", "who listens day and night", &numbers.listening),
    ];
    for (field, what, text) in lines {
        if text.trim().is_empty() {
            problems.add(field, format!("Enter {what}"));
        } else if let Some(problem) = line(text) {
            problems.add(field, format!("{}: {problem}", capital(what)));
        }
    }
    for (field, what, number) in [
        ("emergency_number", "the emergency number", &numbers.emergency),
        ("urgent_number", "the number for urgent help", &numbers.urgent),
        ("help_line", "the number of the help line", &numbers.help_line),
    ] {
        if number.trim().is_empty() {
            problems.add(field, format!("Enter {what}: it stands on every page"));
        } else if !is_dialable(number) {
            let message = "digits, and perhaps spaces, hyphens or a plus, without (0)";
            problems.add(field, format!("{} must be one that a phone can dial: {message}", capital(what)));
        }
    }
    if !numbers.emergency.trim().is_empty() && tel(&numbers.emergency) == tel(&numbers.help_line) {
        problems.add("emergency_number", "The help line is not for emergencies: enter the number for an ambulance");
    }
    if !settings.country.is_empty() && Country::of(&settings.country).is_none() {
        problems.add("country", "Choose a country, or \u{201c}Another country\u{201d}");
    }
    if let Some(problem) = line(&settings.help_hours) {
        problems.add("help_hours", format!("When the help line is answered: {problem}"));
    }
    if let Some(problem) = authors(settings) {
        problems.add("authors", problem);
    }
    match settings.disclaimer.trim() {
        "" => problems
            .add("disclaimer", "Enter a disclaimer: readers must know that an article is no advice for them alone"),
        text if text.chars().count() > DISCLAIMER => {
            problems.add("disclaimer", format!("Shorten the disclaimer to {DISCLAIMER} letters"));
        }
        _ => {}
    }
    check_banner(&settings.banner, &mut problems);
    problems
}

fn authors(settings: &Settings) -> Option<String> {
    let mut names = BTreeSet::new();
    for author in &settings.authors {
        let long = |text: &str, most: usize| text.chars().count() > most || text.contains(char::is_control);
        if author.name.trim().is_empty() || long(&author.name, LINE) || long(&author.about, ABOUT) {
            return Some(format!("Each author has a name of at most {LINE} letters, and at most {ABOUT} about them"));
        }
        if !names.insert(&author.name) {
            return Some(format!("{} is there twice", author.name));
        }
    }
    match names.len() {
        0 => Some("Enter at least one author: the first signs articles that name nobody".to_owned()),
        many if many > AUTHORS => Some(format!("Enter at most {AUTHORS} authors")),
        _ => None,
    }
}

fn check_banner(banner: &Banner, problems: &mut Problems) {
    let long = |text: &str| text.chars().count() > BANNER || text.contains(char::is_control);
    if banner.shown && banner.text.trim().is_empty() {
        problems.add("banner_text", "Enter what the banner is to say, or do not show it");
    } else if long(&banner.text) {
        problems.add("banner_text", format!("The banner is one line of at most {BANNER} letters"));
    }
    let leads = |link: &str| {
        let path = link.starts_with('/') && !link.starts_with("//");
        (path || link.starts_with("https://"))
            && link.len() <= 500
            && link.bytes().all(|c| c.is_ascii_graphic() && c != b'\\')
    };
    match (banner.link.as_str(), banner.words.as_str()) {
        ("", "") => {}
        ("", _) => problems.add("banner_link", "Enter where the banner\u{2019}s link leads, or leave its words out"),
        (link, _) if !leads(link) => {
            problems
                .add("banner_link", "The banner\u{2019}s link begins with https://, or with / for a page of this site");
        }
        (_, "") => problems.add("banner_words", "Enter the words of the banner\u{2019}s link"),
        (_, words) if long(words) => {
            problems.add("banner_words", format!("Use at most {BANNER} letters for the link\u{2019}s words"))
        }
        _ => {}
    }
}

/// What is wrong with a text that stands in one line. Braces are for the places of numbers.
fn line(text: &str) -> Option<String> {
    if text.chars().count() > LINE {
        return Some(format!("use at most {LINE} letters"));
    }
    text.contains(|letter: char| letter.is_control() || "{}".contains(letter))
        .then(|| "leave out braces and line breaks".to_owned())
}

fn capital(what: &str) -> String {
    let mut letters = what.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        settings::{Saved, countries::COUNTRIES},
        site::Author,
        ui::Numbers,
    };

    fn wrong(change: impl FnOnce(&mut Settings)) -> Vec<String> {
        let mut settings = Settings::default();
        change(&mut settings);
        check(&settings).iter().map(|(field, _)| field.to_owned()).collect()
    }

    #[test]
    fn nobody_is_told_to_call_nothing() {
        assert_eq!(wrong(|_| {}), [""; 0]);
        assert_eq!(wrong(|to| to.numbers.emergency = " ".to_owned()), ["emergency_number"]);
        assert_eq!(wrong(|to| to.numbers.emergency = "999 or 112".to_owned()), ["emergency_number"]);
        assert_eq!(wrong(|to| to.numbers.urgent = String::new()), ["urgent_number"]);
        assert_eq!(wrong(|to| to.numbers.help_line = "+44 (0)23 8024 8725".to_owned()), ["help_line"]);
        assert_eq!(wrong(|to| to.numbers.emergency = "02380-248725".to_owned()), ["emergency_number"], "the help line");
        assert_eq!(wrong(|to| to.numbers.listening = "{urgent}".to_owned()), ["listening"]);
        assert_eq!(wrong(|to| to.country = "XX".to_owned()), ["country"]);
    }

    #[test]
    fn the_rest_is_checked_too() {
        let author = |name: &str| Author { name: name.to_owned(), about: String::new() };
        assert_eq!(wrong(|to| to.name = String::new()), ["site_name"]);
        assert_eq!(wrong(|to| to.authors.clear()), ["authors"]);
        assert_eq!(wrong(|to| to.authors = vec![author("Ann"), author("Ann")]), ["authors"]);
        assert_eq!(wrong(|to| to.disclaimer = " ".to_owned()), ["disclaimer"]);
        assert_eq!(wrong(|to| to.banner.shown = true), ["banner_text"]);
        for link in ["javascript:alert(1)", "//evil.example", "/\\evil.example", "http://a.example", "https://a b"] {
            let banner = Banner { link: link.to_owned(), words: "More".to_owned(), ..Banner::default() };
            assert_eq!(wrong(|to| to.banner = banner), ["banner_link"], "{link}");
        }
    }

    #[test]
    fn the_countries_numbers_can_be_dialled() {
        for country in &COUNTRIES {
            let numbers = country.numbers(&Numbers::default());
            let filled = Numbers {
                urgent: if numbers.urgent.is_empty() { "111".to_owned() } else { numbers.urgent.clone() },
                urgent_name: "A line".to_owned(),
                ..numbers
            };
            assert_eq!(wrong(|to| to.numbers = filled), [""; 0], "{}", country.name);
        }
    }

    #[test]
    fn what_is_kept_is_read_again_and_nothing_unsound() {
        let settings = Settings { country: "NZ".to_owned(), ..Settings::default() };
        let kept = |settings: &Settings| Saved { number: 1, settings: serde_json::to_string(settings).unwrap() };
        assert_eq!(kept(&settings).read(&settings.public_url), Ok(settings.clone()));
        assert!(!kept(&settings).settings.contains("localhost"), "the address is no setting");
        let silent = Settings { numbers: Numbers { emergency: String::new(), ..Numbers::default() }, ..settings };
        assert_eq!(kept(&silent).read("x").unwrap_err().len(), 1);
        assert!(Saved { number: 1, settings: "{}".to_owned() }.read("x").is_err());
    }
}
