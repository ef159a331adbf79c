//! The pages of the settings: a form with its preview, and what was saved before.

use maud::{Markup, html};

use super::{countries::COUNTRIES, store::Line, typed::Typed};
use crate::{
    desk::{
        compare::{Piece, Shown, compare},
        differences, page, when,
    },
    site::{Expired, Settings},
    tracker::reminders::when::Zone,
    triage::Urgency,
    ui::{
        form::{Field, Problems, choose, message, text_area, tick},
        page::Page,
    },
};

/// The form as it is shown.
pub(super) struct Editing<'a> {
    pub typed: &'a Typed,
    /// What is saved.
    pub now: &'a Settings,
    pub problems: Problems,
    /// What it would be like: the page is then rendered with it.
    pub preview: Option<&'a Settings>,
    /// What was typed, where somebody else saved meanwhile.
    pub meanwhile: Option<&'a Settings>,
    /// Whether it was just filled with a country's numbers.
    pub filled: bool,
    pub done: bool,
}

impl<'a> Editing<'a> {
    pub fn new(typed: &'a Typed, now: &'a Settings) -> Self {
        Self { typed, now, problems: Problems::default(), preview: None, meanwhile: None, filled: false, done: false }
    }
}

pub(super) fn form(editing: &Editing<'_>, lines: &[Line]) -> Page {
    let Editing { typed, now, problems, .. } = editing;
    let main = html! {
        (problems.summary())
        h1 { "Settings" }
        @if editing.done { p class="notice" role="status" { "Saved. Every page of every server shows it within five seconds." } }
        @if editing.filled { p class="notice" role="status" { "The numbers are filled in as far as we know them. Nothing is saved yet: look each of them up." } }
        @if typed.begun_from > 0 {
            p class="notice" role="status" { "The form is filled with what was saved as number " (typed.begun_from) ". Nothing changes until you save it." }
        }
        @if let Some(preview) = editing.preview { (shown(preview, now)) }
        @if let Some(mine) = editing.meanwhile {
            section id="meanwhile" tabindex="-1" aria-labelledby="meanwhile_title" {
                h2 id="meanwhile_title" { "What differs" }
                p { "What is " del { "struck through" } " is saved now, what is " ins { "underlined" } " is what you typed." }
                (compared(now, mine))
            }
        }
        form method="post" action="/admin/settings" novalidate {
            input type="hidden" name="base" value=(typed.base);
            input type="hidden" name="begun_from" value=(typed.begun_from);
            // What the Enter key presses: the first of a form's buttons.
            button hidden name="press" value="save" { "Save" }
            (fields(editing))
            div class="actions" {
                button class="btn btn--main" name="press" value="save" { "Save" }
                button class="btn" name="press" value="preview" { "Preview" }
            }
        }
        (history(lines, now))
    };
    page("Settings", "/admin/settings", &main)
}

fn fields(editing: &Editing<'_>) -> Markup {
    let Editing { typed, problems, now, .. } = editing;
    let line = |name, label, hint, value| {
        Field { name, label, hint, kind: "text", autocomplete: Some("off"), value, ..Field::default() }.show(problems)
    };
    let number = |name, label, hint, value| {
        let field = Field { name, label, hint, kind: "text", autocomplete: Some("off"), inputmode: Some("tel"), value };
        field.show(problems)
    };
    let countries = COUNTRIES.iter().map(|country| (country.code, country.name)).chain([("", "Another country")]);
    let zones = Zone::names().iter().map(|name| (name.as_str(), name.replace('_', " ")));
    html! {
        fieldset {
            legend { h2 { "Numbers to call" } }
            p { "They stand on every page, in every article\u{2019}s cards, and in what the checker and the tracker say." }
            (choose("country", "Country", None, &typed.country, countries.map(|(code, name)| (code, name.to_owned())), problems))
            div class="actions" { button class="btn" name="press" value="fill" { "Fill in this country\u{2019}s numbers" } }
            (number("emergency_number", "Emergency number", Some("For an ambulance."), &typed.emergency_number))
            (number("urgent_number", "Number for urgent help", Some("For what is no emergency and cannot wait. Where there is no such line, an out-of-hours doctor\u{2019}s."), &typed.urgent_number))
            (line("urgent_name", "Name of the urgent line", Some("As in \u{201c}get help from NHS 111\u{201d}."), &typed.urgent_name))
            (line("maternity", "Whom to call in pregnancy", Some("As in \u{201c}Call your maternity unit now\u{201d}, perhaps with a number."), &typed.maternity))
            (line("listening", "Who listens day and night", Some("To people in despair, with a number: \u{201c}Samaritans on 116 123\u{201d}."), &typed.listening))
            (number("help_line", "Help line", Some("The site\u{2019}s own, not for emergencies."), &typed.help_line))
            (line("help_hours", "When the help line is answered", Some("Like \u{201c}Monday to Friday, 9 to 5\u{201d}. May be empty."), &typed.help_hours))
            (tick("numbers_checked", "I have looked up or rung each number that I changed", Some("Needed to save other numbers."), !typed.numbers_checked.is_empty(), problems))
        }
        fieldset {
            legend { h2 { "The site" } }
            (line("site_name", "Name", None, &typed.site_name))
            (choose("zone", "Time zone", Some("The desk tells times by its clocks."), &typed.zone, zones, problems))
        }
        fieldset {
            legend { h2 { "Banner" } }
            p { "A line at the top of every page, but not over the advice in an emergency." }
            (tick("banner_shown", "Show the banner", None, !typed.banner_shown.is_empty(), problems))
            (line("banner_text", "What it says", None, &typed.banner_text))
            (line("banner_link", "Where its link leads", Some("An address that begins with https://, or with / for a page of this site. May be empty."), &typed.banner_link))
            (line("banner_words", "The words of its link", None, &typed.banner_words))
        }
        fieldset {
            legend { h2 { "Articles" } }
            (text_area("authors", "Authors", Some("One on each line: name | a line about them, for readers. The first signs articles that name nobody."), &typed.authors, problems))
            (text_area("disclaimer", "Disclaimer", Some("One paragraph, under every article."), &typed.disclaimer, problems))
            @let problem = problems.of("expired");
            fieldset id="expired" tabindex="-1" class={ "question" @if problem.is_some() { " nhsuk-form-group--error" } } {
                legend { "When an article was not reviewed for 90 days after it was due" }
                (message("expired", problem))
                @for expired in Expired::ALL {
                    label class="option" {
                        input type="radio" name="expired" value=(expired.name()) checked[typed.expired == expired.name()];
                        b { (expired.words()) }
                    }
                }
            }
        }
        @if typed.base > 0 { p class="hint" { "The site\u{2019}s address, " (now.public_url) ", is set where its server is started." } }
        @else { p class="hint" { "Nobody saved settings yet: these are what the server was started with. Once they are saved here, what it is started with does not count any more, but for the site\u{2019}s address, " (now.public_url) "." } }
    }
}

/// Texts that have numbers in them, as readers would see them: the frame around them is as it would be too.
fn shown(settings: &Settings, now: &Settings) -> Markup {
    let numbers = &settings.numbers;
    html! {
        section class="preview" id="preview" tabindex="-1" aria-labelledby="preview_title" {
            h2 class="preview-title" id="preview_title" { "Preview" }
            p class="notice" role="status" { "Nothing is saved yet. The top and the foot of this page are as every page would have them." }
            @for (urgency, class) in [(Urgency::Emergency, "care care--emergency"), (Urgency::Urgent, "care care--urgent")] {
                section class=(class) {
                    h3 { (numbers.heading(urgency)) " if:" }
                    div { p { "(signs)" } }
                }
            }
            p { (numbers.fill("Call {urgent} and choose the mental health option, or call {listening}. Call {maternity} now.")) }
            p { "Help line: " (numbers.help_line) @if !settings.help_hours.is_empty() { " (" (settings.help_hours) ")" } }
            h3 { "Information, not medical advice" }
            p { (settings.disclaimer) }
            @for author in &settings.authors {
                p { "By " (author.name) @if !author.about.is_empty() { ". About the author: " (author.about) } }
            }
            h3 { "What would change" }
            @if settings == now { p { "Nothing." } } @else { (compared(now, settings)) }
        }
    }
}

fn history(lines: &[Line], now: &Settings) -> Markup {
    html! {
        section aria-labelledby="history_title" {
            h2 id="history_title" { "What was saved" }
            @if lines.is_empty() { p { "Nothing yet." } }
            ol class="revisions" {
                @for (at, line) in lines.iter().enumerate() {
                    li {
                        a href={ "/admin/settings/" (line.number) } { "Number " (line.number) }
                        @if at == 0 { " " strong { "(in use)" } }
                        p class="hint" { (saved(line, now)) }
                    }
                }
            }
        }
    }
}

/// When, by whom, and from which.
fn saved(line: &Line, now: &Settings) -> Markup {
    html! {
        (when::in_words(line.saved_at, &now.zone)) " (" (now.zone.place()) "), "
        @match &line.email {
            Some(email) => (email),
            None if line.number == 1 => "what the server was started with",
            None => (crate::desk::who(None)),
        }
        @if let Some(from) = line.begun_from { ", begun from number " (from) }
    }
}

pub(super) fn one(
    number: i64,
    line: Option<&Line>,
    settings: Result<&Settings, &Vec<String>>,
    before: Option<&Settings>,
    now: Option<&Settings>,
) -> Page {
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href="/admin/settings" { "Settings" } }
        h1 { "Settings, number " (number) }
        @match settings {
            Err(problems) => {
                p class="notice" { "This program cannot use them:" }
                ul { @for problem in problems { li { (problem) } } }
            },
            Ok(settings) => {
                @if let Some(line) = line { p class="hint" { (saved(line, now.unwrap_or(settings))) } }
                @if now.is_some() {
                    div class="actions" { a class="btn btn--main" href={ "/admin/settings?from=" (number) } { "Restore these settings\u{2026}" } }
                    p { "They are put into the form, where you can look at them and save." }
                } @else { p { "They are in use." } }
                @if let Some(before) = before {
                    section aria-labelledby="changed_title" {
                        h2 id="changed_title" { "What it changed" }
                        (compared(before, settings))
                    }
                }
                @if let Some(now) = now {
                    section aria-labelledby="since_title" {
                        h2 id="since_title" { "What changed since" }
                        (compared(settings, now))
                    }
                }
                section aria-labelledby="all_title" {
                    h2 id="all_title" { "All of them" }
                    dl class="parts" {
                        @for (name, text) in parts(settings) {
                            dt { (name) }
                            dd { @if text.is_empty() { "Nothing" } @else { @for line in text.lines() { (line) br; } } }
                        }
                    }
                }
            },
        }
    };
    page(format!("Settings, number {number}"), format!("/admin/settings/{number}"), &main)
}

/// What two settings differ in.
fn compared(from: &Settings, to: &Settings) -> Markup {
    let changed: Vec<_> = parts(from)
        .into_iter()
        .zip(parts(to))
        .map(|((name, from), (_, to))| (name, told_apart(&from, &to)))
        .filter(|(_, shown)| !shown.is_empty())
        .collect();
    html! {
        @if changed.is_empty() { p { "Nothing differs." } }
        @for (name, shown) in &changed {
            section aria-label=(name) {
                h3 { (name) }
                (differences(shown))
            }
        }
    }
}

/// Long texts by their words; a number or a name whole, so that nobody has to put the new one together.
fn told_apart(from: &str, to: &str) -> Vec<Shown> {
    const LONG: usize = 120;
    let short = |text: &str| text.len() <= LONG && !text.contains('\n');
    if from == to || !(short(from) && short(to)) {
        return compare(from, to);
    }
    let mut pieces = vec![];
    if !from.is_empty() {
        pieces.extend([Piece::Gone(from.to_owned()), Piece::Same(" ".to_owned())]);
    }
    if !to.is_empty() {
        pieces.push(Piece::New(to.to_owned()));
    }
    vec![Shown::Line(pieces)]
}

/// The settings in words, by their names in the form.
fn parts(settings: &Settings) -> Vec<(&'static str, String)> {
    let typed = Typed::of(settings, 0);
    let country = COUNTRIES.iter().find(|country| country.code == typed.country);
    let banner = if settings.banner.shown { "Shown" } else { "Not shown" };
    vec![
        ("Country", country.map_or("Another country", |country| country.name).to_owned()),
        ("Emergency number", typed.emergency_number),
        ("Number for urgent help", typed.urgent_number),
        ("Name of the urgent line", typed.urgent_name),
        ("Whom to call in pregnancy", typed.maternity),
        ("Who listens day and night", typed.listening),
        ("Help line", typed.help_line),
        ("When the help line is answered", typed.help_hours),
        ("Name", typed.site_name),
        ("Time zone", typed.zone),
        ("Banner", banner.to_owned()),
        ("What the banner says", typed.banner_text),
        ("Where its link leads", typed.banner_link),
        ("The words of its link", typed.banner_words),
        ("Authors", typed.authors),
        ("Disclaimer", typed.disclaimer),
        ("When an article is overdue", settings.expired.words().to_owned()),
    ]
}
