//! The pages of reminders.

use axum::http::StatusCode;
use maud::{Markup, html};

use super::{
    CALENDARS, STOP,
    store::Reminder,
    when::{Days, Schedule, TimeOfDay, WEEK, Zone},
};
use crate::{
    account::Token,
    clock,
    ui::{
        form::{Field, Problems, message, tick},
        page::Page,
    },
};

/// What the form holds, as it was sent.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) email: bool,
    at: String,
    days: Vec<String>,
    zone: String,
}

impl Default for Typed {
    /// For whoever never chose.
    fn default() -> Self {
        let days = WEEK.iter().map(|day| day.name.to_owned()).collect();
        Self { email: false, at: "09:00".to_owned(), days, zone: "Europe/London".to_owned() }
    }
}

impl Typed {
    pub(super) fn of(reminder: &Reminder) -> Self {
        let Schedule { at, days, zone } = &reminder.schedule;
        let days = days.iter().map(|day| day.name.to_owned()).collect();
        Self { email: reminder.due_at.is_some(), at: at.to_string(), days, zone: zone.name().to_owned() }
    }

    pub(super) fn read(fields: Vec<(String, String)>) -> Self {
        let mut typed = Self { email: false, at: String::new(), days: vec![], zone: String::new() };
        for (name, value) in fields {
            match name.as_str() {
                "email" => typed.email = true,
                "at" => typed.at = value,
                "day" => typed.days.push(value),
                "zone" => typed.zone = value,
                _ => {}
            }
        }
        typed
    }

    /// The times that this asks for, or what is wrong with it.
    pub(super) fn check(&self, consented: bool) -> Result<Schedule, Problems> {
        let mut problems = Problems::default();
        let days = Days::named(self.days.iter().map(String::as_str));
        if days.is_none() {
            problems.add("days", "Tick one day at least");
        }
        let at = TimeOfDay::read(&self.at);
        if at.is_none() {
            problems.add("at", "Enter a time from 00:00 to 23:59, like 08:30");
        }
        let zone = Zone::named(self.zone.trim());
        if zone.is_none() {
            problems.add("zone", "Choose a time zone from the list");
        }
        if self.email && !consented {
            problems.add("email", "Agree to reminders by email first");
        }
        match (days, at, zone) {
            (Some(days), Some(at), Some(zone)) if problems.is_empty() => Ok(Schedule { at, days, zone }),
            _ => Err(problems),
        }
    }
}

/// What the page of reminders shows.
#[derive(Debug)]
pub(super) struct Choosing<'a> {
    pub(super) email: &'a str,
    pub(super) public_url: &'a str,
    pub(super) consented: bool,
    pub(super) reminder: Option<&'a Reminder>,
    pub(super) calendar_made_at: Option<i64>,
    pub(super) typed: Typed,
    pub(super) saved: bool,
    /// The calendar's address, where it was made just now.
    pub(super) made: Option<Token>,
    pub(super) problems: Problems,
}

pub(super) fn choosing_page(choosing: &Choosing<'_>) -> Page {
    let main = html! {
        (choosing.problems.summary())
        h1 { "Reminders" }
        p class="lead" { "An email, or an event in your own calendar, on the days and at the time that you choose. Neither says anything about your health." }
        @if choosing.saved { p class="notice" role="status" { "Your reminders are saved." } }
        (standing(choosing))
        (form(choosing))
        (calendar(choosing))
        p { "Whoever sees your mail or your calendar sees that you use this site." }
        p { a href="/account" { "Back to your account" } }
    };
    Page::of_account("Reminders", "/account/reminders", main)
}

/// When the next e-mail comes.
fn standing(choosing: &Choosing<'_>) -> Markup {
    let next = choosing.reminder.and_then(|reminder| Some((reminder, reminder.due_at?)));
    html! {
        @match next {
            Some((reminder, due_at)) if choosing.consented => p {
                "The next email comes on " strong { (reminder.schedule.in_words(due_at)) } " (" (reminder.schedule.zone.name()) ")."
            },
            _ => p { "You get no reminders by email." },
        }
    }
}

fn form(choosing: &Choosing<'_>) -> Markup {
    let (typed, problems) = (&choosing.typed, &choosing.problems);
    let at = Field {
        name: "at",
        label: "Time",
        hint: Some("As the clock shows it where you are, like 08:30."),
        kind: "time",
        value: &typed.at,
        ..Field::default()
    };
    html! {
        form method="post" action="/account/reminders" novalidate {
            (days(&typed.days, problems))
            (at.show(problems))
            (zone(&typed.zone, problems))
            @if choosing.consented {
                @let hint = format!("To {}. Each email has a link that stops them.", choosing.email);
                (tick("email", "Send me an email", Some(&hint), typed.email, problems))
            } @else {
                div class={ "field" @if problems.of("email").is_some() { " nhsuk-form-group--error" } } id="email" tabindex="-1" {
                    (message("email", problems.of("email")))
                    p {
                        "Reminders by email need your consent: "
                        a href="/account/consents#reminders-title" { "read what it says and agree" }
                        ", then come back here. The calendar below needs none."
                    }
                }
            }
            div class="actions" { button class="btn btn--main" { "Save" } }
        }
    }
}

fn days(ticked: &[String], problems: &Problems) -> Markup {
    let problem = problems.of("days");
    html! {
        fieldset id="days" tabindex="-1" class={ "question" @if problem.is_some() { " nhsuk-form-group--error" } }
            aria-describedby=[problem.map(|_| "days-error")] {
            legend { "Days" }
            (message("days", problem))
            @for day in WEEK {
                label class="option" {
                    input type="checkbox" name="day" value=(day.name) checked[ticked.iter().any(|name| name == day.name)];
                    b { (day.word) }
                }
            }
        }
    }
}

fn zone(chosen: &str, problems: &Problems) -> Markup {
    let problem = problems.of("zone");
    let names = Zone::names();
    let described = if problem.is_some() { "zone-hint zone-error" } else { "zone-hint" };
    html! {
        div class={ "field" @if problem.is_some() { " nhsuk-form-group--error" } } {
            label for="zone" { "Time zone" }
            p class="hint" id="zone-hint" { "By continent and a large town in it. When the clocks change there, your reminder goes with them." }
            (message("zone", problem))
            select id="zone" name="zone" aria-describedby=(described) aria-invalid=[problem.map(|_| "true")] {
                // An older name of one of them; or none, which is then said.
                @if !names.iter().any(|name| name == chosen) { option value=(chosen) selected { (chosen) } }
                @for name in names { option value=(name) selected[name == chosen] { (name.replace('_', " ")) } }
            }
        }
    }
}

fn calendar(choosing: &Choosing<'_>) -> Markup {
    let made_at = choosing.calendar_made_at.map(clock::in_words);
    html! {
        h2 { "In your calendar" }
        p { "Your calendar program can subscribe to an address of this site, and then reminds you itself. What you change above comes into it within a day or so." }
        @match &choosing.made {
            Some(token) => (address(choosing.public_url, token)),
            None => @if let Some(made_at) = &made_at {
                p { "You have an address, made on " (made_at) " (UTC). We cannot show it again: if you need it, make a new one." }
            },
        }
        @if made_at.is_some() {
            p { "A new address ends the old one: programs that use it are told that there is nothing there." }
        }
        form method="post" action="/account/reminders/calendar" {
            div class="actions" {
                button class="btn" { @if made_at.is_some() { "Make a new address" } @else { "Make an address" } }
            }
        }
        @if made_at.is_some() {
            form method="post" action="/account/reminders/calendar/remove" {
                div class="actions" { button class="btn" { "Remove the calendar" } }
            }
        }
    }
}

fn address(public_url: &str, token: &Token) -> Markup {
    let address = format!("{public_url}{CALENDARS}{}.ics", token.expose());
    // The scheme by which calendar programs are opened; it stands for either of ours.
    let webcal = address.split_once("://").map(|(_, rest)| format!("webcal://{rest}")).unwrap_or_default();
    html! {
        section class="box" aria-labelledby="address-title" {
            h3 id="address-title" { "The address of your calendar" }
            p role="status" { "We show it this once. Who has it sees when you want to be reminded, and nothing else: keep it to yourself." }
            p { code { (address) } }
            p { a class="btn btn--main" href=(webcal) { "Subscribe in your calendar program" } }
            p { "Or copy the address, and paste it where your program adds a calendar \u{201c}by URL\u{201d} or \u{201c}from the internet\u{201d}." }
        }
    }
}

pub(super) fn stop_page(token: &Token) -> Page {
    let main = html! {
        h1 { "Stop the reminder emails" }
        p class="lead" { "No more of them will come. Nothing else in the account changes." }
        form method="post" action={ (STOP) "?token=" (token.expose()) } {
            div class="actions" { button class="btn btn--main" { "Stop these emails" } }
        }
    };
    Page::private("Stop the reminder emails", STOP, main)
}

pub(super) fn stopped_page() -> Page {
    let main = html! {
        h1 { "No more reminder emails will come" }
        p class="lead" { "They are stopped, from now on." }
        p { "If you want them again, sign in and turn them on under " a href="/account/reminders" { "Reminders" } "." }
    };
    Page::private("No more reminder emails will come", STOP, main)
}

pub(super) fn no_link_page() -> Page {
    let main = html! {
        h1 { "This link is too old" }
        p class="lead" { "A link in a reminder works for 60 days. Nothing was changed by it now." }
        p { "The link in a newer reminder stops them, and so does your account:" }
        div class="actions" { a class="btn btn--main" href="/account/reminders" { "Sign in and change the reminders" } }
    };
    Page::private("This link is too old", STOP, main).with_status(StatusCode::GONE)
}
