//! The diary as it is read: its pages, the form, and the emergency that comes before either.

use leptos::prelude::*;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    kept::{Listed, NotSaved},
    typed::Typed,
};
use crate::{
    day::Day,
    site::Site,
    tracker::log::{DayLog, Judgement, Place, WORST, Words, judge, needs_help_now, ticked},
    triage::{
        RuleSet, Urgency,
        result::{acts, advice, emergency_card, how_sure, lead, safety_net, until_you_are_seen},
    },
    ui::{
        call::tel,
        form::{Field, Problems, message, text_area},
        page::Page,
    },
};

/// Days on one page of the list.
const DAYS: usize = 60;
/// For how many days an emergency is still asked about.
const STILL_ASKED: i64 = 7;

/// What of the diary is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Shown {
    /// Something was just done.
    pub(super) done: String,
    /// The list goes on from this day.
    pub(super) before: String,
}

pub(super) fn diary_page(site: &Site, days: &[Listed], today: Day, consented: bool, shown: &Shown) -> Page {
    let main = html! {
        h1 { "Your diary" }
        @match shown.done.as_str() {
            "saved" => p class="notice" role="status" { "Your entry is saved." },
            "deleted" => p class="notice" role="status" { "The entry is deleted." },
            "imported" => p class="notice" role="status" { "What the file holds is in your diary now." },
            _ => {},
        }
        (open_emergencies(site, days, today))
        @if !consented { (no_consent()) }
        p { "To show all of it at an appointment: " a href="/account/diary/summary" { "the summary for a clinician" } "." }
        h2 { "New entry" }
        @if let Some(listed) = days.iter().find(|day| day.log.day == today) {
            p { "You have an entry for today: " a href={ "/account/diary/" (listed.id) } { "change it" } ". What you save here for the same day is added to it, and corrects what you fill in again." }
        }
        (form(site, None, &Typed::on(today), &Problems::default()))
        (safety_net(&site.rules, &site.settings.numbers))
        (list(&site.rules, days, &shown.before))
        p { a href="/account/diary/export" { "Take your diary with you, or bring it back" } }
        p { a href="/account" { "Back to your account" } }
    };
    Page::of_account("Your diary", "/account/diary", main)
}

/// Where an entry is; where a new one is written, without one.
pub(super) fn address(entry: Option<Uuid>) -> String {
    entry.map_or_else(|| "/account/diary".to_owned(), |id| format!("/account/diary/{id}"))
}

fn long(day: Day) -> String {
    format!("{} {}", day.weekday(), day.long())
}

pub(super) fn entry_page(
    site: &Site,
    signed_in: bool,
    entry: Option<Uuid>,
    typed: &Typed,
    problems: &Problems,
    above: &Markup,
) -> Page {
    let title = if entry.is_some() { "Change an entry" } else { "Your diary" };
    let main = html! {
        (above)
        (problems.summary())
        h1 { (title) }
        @if entry.is_some() { p { "What you wrote for this day before stays in your export, until you delete the day. If you change the date, the entry moves there." } }
        (form(site, entry, typed, problems))
        @if let Some(id) = entry { p { a href={ (address(Some(id))) "/delete" } { "Delete this entry" } } }
        (safety_net(&site.rules, &site.settings.numbers))
        p { a href="/account/diary" { "Back to your diary" } }
    };
    let page = if signed_in { Page::of_account } else { Page::private };
    page(title, "/account/diary", main)
}

pub(super) fn deletion_page(found: &Listed) -> Page {
    let main = html! {
        h1 { "Delete this entry?" }
        p class="lead" { "What you wrote for " (long(found.log.day)) " is deleted at once, and cannot be brought back." }
        p { "So is what you wrote for this day before you corrected it, and what your devices have of it." }
        form method="post" action={ (address(Some(found.id))) "/delete" } {
            div class="actions" {
                button class="btn btn--main" { "Delete it" }
                a class="btn" href="/account/diary" { "Keep it" }
            }
        }
    };
    Page::of_account("Delete this entry?", "/account/diary", main)
}

/// Why an entry was not saved, and how it will be.
pub(super) fn not_saved(why: NotSaved) -> Markup {
    match why {
        NotSaved::NotAgreed => no_consent(),
        // The summary of errors says it.
        NotSaved::Wrong => html! {},
        why => html! {
            div class="notice" role="status" {
                p { strong { "Your entry is not saved: " (why.words()) "." } }
                p { (how_to_save(why)) }
            }
        },
    }
}

/// In a new tab, so that what was typed stays in this one.
fn how_to_save(why: NotSaved) -> Markup {
    let new_tab =
        |address: &str, words: &str| html! { a href=(address) target="_blank" { (words) " (opens in a new tab)" } };
    let back = ". Then come back to this page and save: what you typed stays here.";
    match why {
        NotSaved::SignedOut => html! { "To save it, " (new_tab("/sign-in", "sign in")) (back) },
        NotSaved::HalfSignedIn => html! { "To save it, " (new_tab("/sign-in/code", "finish signing in")) (back) },
        NotSaved::NotAgreed => {
            html! { "To keep a diary here, " (new_tab("/account/consents", "read what that means and agree")) (back) }
        }
        NotSaved::Full => html! {
            "Delete days that you do not need any more in "
            (new_tab("/account/diary", "your diary")) (back) " If you want a copy of them, "
            (new_tab("/account/export", "export your data")) " first."
        },
        NotSaved::Wrong => html! { "What has to be mended is said beside what you wrote." },
        NotSaved::Failed => html! { "Try again in a moment: what you typed stays here." },
    }
}

fn no_consent() -> Markup {
    html! {
        div class="notice" role="status" {
            p { strong { "You have not agreed that health entries are kept on this server, so none is saved." } }
            p {
                (how_to_save(NotSaved::NotAgreed)) " The " a href="/tracker" { "tracker" }
                " keeps entries on your device alone, and needs script."
            }
        }
    }
}

fn form(site: &Site, entry: Option<Uuid>, typed: &Typed, problems: &Problems) -> Markup {
    let day = Field {
        name: "day",
        label: "Day",
        hint: Some("The day that the entry is about, like 2026-11-22"),
        kind: "date",
        value: &typed.day,
        ..Field::default()
    };
    html! {
        form method="post" action=(address(entry)) novalidate {
            (day.show(problems))
            @for (place, score) in Place::ALL.into_iter().zip(&typed.pains) { (scale(place, score, problems)) }
            (signs(&site.rules, typed, problems))
            (text_area("note", "Note", Some("For example how far you walked, or what helped. At most 2,000 letters."), &typed.note, problems))
            div class="actions" { button class="btn btn--main" { "Save" } }
        }
    }
}

fn scale(place: Place, score: &str, problems: &Problems) -> Markup {
    let (field, problem) = (place.field(), problems.of(place.field()));
    html! {
        div class={ "field" @if problem.is_some() { " nhsuk-form-group--error" } } {
            label for=(field) { (place.name()) ", from 0 (none) to 10 (worst)" }
            (message(field, problem))
            select id=(field) name=(field) aria-describedby=[problem.map(|_| format!("{field}-error"))]
                aria-invalid=[problem.map(|_| "true")] {
                option value="" { "Not rated" }
                @for step in 0..=WORST {
                    @let step = step.to_string();
                    option value=(step) selected[step == score] { (step) }
                }
            }
        }
    }
}

/// The tracker's daily list, and whatever else is ticked: a sign of another version of the list must not be lost.
fn signs(rules: &RuleSet, typed: &Typed, problems: &Problems) -> Markup {
    let others = typed.signs.iter().filter(|sign| !rules.daily.contains(sign));
    let problem = problems.of("signs");
    html! {
        fieldset id="signs" tabindex="-1" class={ "question" @if problem.is_some() { " nhsuk-form-group--error" } } aria-describedby="signs-hint" {
            legend { "Any warning signs on this day?" }
            p class="hint" id="signs-hint" { "Tick anything that is not normal for you. If you are not sure, tick it." }
            (message("signs", problem))
            @for id in rules.daily.iter().chain(others) {
                @let question = rules.question(id);
                label class="option" {
                    input type="checkbox" name="sign" value=(id) checked[typed.signs.contains(id)];
                    b { (question.map_or("A sign from another version of this list", |question| &question.text)) }
                    @if let Some(hint) = question.and_then(|question| question.hint.as_ref()) { small { (hint) } }
                }
            }
            p class="or" { "or" }
            label class="option" {
                input type="checkbox" name="no_signs" value="yes" checked[typed.no_signs];
                b { "None of these" }
            }
        }
    }
}

/// The ticked signs, said back.
fn told(rules: &RuleSet, log: &DayLog) -> String {
    let mut told: Vec<&str> = ticked(rules, log).map(|question| question.said.as_str()).collect();
    if log.signs().into_iter().any(|sign| rules.question(sign).is_none()) {
        told.push("a sign from another version of this list");
    }
    told.join("; ")
}

/// What to do about signs that are urgent, and less than an emergency; nothing where there are none.
pub(super) fn urgent_card(site: &Site, log: &DayLog) -> Markup {
    let (rules, numbers) = (&site.rules, &site.settings.numbers);
    let judgement = judge(rules, log);
    html! {
        @if judgement.urgency == Some(Urgency::Urgent) {
            section class="care care--urgent" aria-labelledby="urgent" {
                h2 id="urgent" {
                    span class="nhsuk-u-visually-hidden" { "Urgent: " }
                    (numbers.heading(Urgency::Urgent))
                }
                div {
                    p { "You ticked: " (told(rules, log)) ". " (lead(rules, &judgement.findings)) " Do this today:" }
                    (advice(numbers, Urgency::Urgent, &acts(rules, numbers, &judgement.findings)))
                    (how_sure(rules))
                }
            }
        }
    }
}

/// The signs need help at once: what to do stands first, and whether the entry was saved beside it.
pub(super) fn emergency(
    site: &Site,
    entry: Option<Uuid>,
    typed: &Typed,
    log: &DayLog,
    saved: &Result<Uuid, NotSaved>,
) -> Page {
    let (rules, numbers) = (&site.rules, &site.settings.numbers);
    let Judgement { findings, .. } = judge(rules, log);
    let fired: Vec<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
    let html = html! {
        (emergency_card(numbers, &lead(rules, &findings)))
        div class="wrap after stack" {
            div class="notice" {
                p role="status" {
                    @match saved {
                        Ok(_) => "Your entry is saved.",
                        Err(why) => { "Your entry is not saved: " (why.words()) ". Get help first. That matters more." },
                    }
                }
            }
            (until_you_are_seen(numbers, &acts(rules, numbers, &findings)))
            section aria-labelledby="why" {
                h2 id="why" { "Why we say this" }
                p { "You ticked: " (told(rules, log)) ". " span class="rule" { "Rules: " (fired.join(", ")) } }
                (how_sure(rules))
            }
            @match saved {
                Ok(id) => (after_emergency(*id)),
                Err(why) => (back_to(entry, typed, *why)),
            }
            (safety_net(rules, numbers))
        }
    }
    .into_string();
    let mut page = Page::new(numbers.heading(Urgency::Emergency), "Your diary", "/account/diary", move || {
        view! { <main id="main" inner_html=html></main> }.into_any()
    });
    page.private = true;
    page.emergency = true;
    page
}

fn after_emergency(entry: Uuid) -> Markup {
    html! {
        form method="post" action={ (address(Some(entry))) "/got-help" } {
            div class="actions" {
                button class="btn" { "I have got help" }
                a class="btn btn--quiet" href=(address(Some(entry))) { "I ticked that by mistake" }
            }
        }
    }
}

/// The way back to a form with all that was typed: it is kept nowhere else.
fn back_to(entry: Option<Uuid>, typed: &Typed, why: NotSaved) -> Markup {
    html! {
        p { (how_to_save(why)) }
        form method="post" action=(address(entry)) {
            input type="hidden" name="again" value="yes";
            input type="hidden" name="day" value=(typed.day);
            @for (place, score) in Place::ALL.into_iter().zip(&typed.pains) { input type="hidden" name=(place.field()) value=(score); }
            @for sign in &typed.signs { input type="hidden" name="sign" value=(sign); }
            @if typed.no_signs { input type="hidden" name="no_signs" value="yes"; }
            input type="hidden" name="note" value=(typed.note);
            div class="actions" { button class="btn" { "Back to what I wrote" } }
        }
    }
}

/// The emergencies of the last days that nobody said help was got for.
fn open_emergencies(site: &Site, days: &[Listed], today: Day) -> Markup {
    let open = days
        .iter()
        .filter(|listed| listed.log.day > today.plus(-STILL_ASKED) && needs_help_now(&site.rules, &listed.log));
    html! { @for listed in open { (open_emergency(site, listed)) } }
}

/// What to do about the signs of a saved entry; nothing where there are none, or help was got.
pub(super) fn card(site: &Site, listed: &Listed) -> Markup {
    if needs_help_now(&site.rules, &listed.log) { open_emergency(site, listed) } else { urgent_card(site, &listed.log) }
}

fn open_emergency(site: &Site, listed: &Listed) -> Markup {
    let (rules, numbers) = (&site.rules, &site.settings.numbers);
    html! {
            section class="care care--emergency" aria-labelledby={ "open-" (listed.id) } {
                h2 id={ "open-" (listed.id) } { (numbers.heading(Urgency::Emergency)) }
                div {
                    p { "On " (long(listed.log.day)) " you ticked: " (told(rules, &listed.log)) ". If you have not got help for it, call now." }
                    a class="btn btn--call" href=(tel(&numbers.emergency)) { "Call " (numbers.emergency) }
                    (after_emergency(listed.id))
                }
            }
    }
}

fn list(rules: &RuleSet, days: &[Listed], before: &str) -> Markup {
    let before: Option<Day> = before.parse().ok();
    let mut shown = days.iter().filter(|listed| before.is_none_or(|before| listed.log.day < before));
    let page: Vec<&Listed> = shown.by_ref().take(DAYS).collect();
    let last = page.last().filter(|_| shown.next().is_some());
    html! {
        section aria-labelledby="past" {
            h2 id="past" { "Past entries" }
            @if days.is_empty() {
                p { "There are none yet. Fill in the form above and save it: the entry then shows here." }
            } @else if page.is_empty() {
                p { "There are no earlier entries." }
            }
            ul class="devices" { @for listed in page.iter() { (one_day(rules, listed)) } }
            @if let Some(last) = last {
                p { a href={ "/account/diary?before=" (last.log.day) } { "Earlier entries" } }
            }
        }
    }
}

fn one_day(rules: &RuleSet, listed: &Listed) -> Markup {
    let Listed { id, log, .. } = listed;
    let pains = Place::ALL.into_iter().filter_map(|place| Some((place, log.pain(place)?)));
    let pains: Vec<String> = pains.map(|(place, pain)| format!("{} {pain}", place.name())).collect();
    html! {
        li class="box" {
            h3 { (long(log.day)) }
            @if !pains.is_empty() { p { (pains.join(", ")) "." } }
            @if !log.signs().is_empty() { p { "Warning signs: " (told(rules, log)) "." } }
            @if log.no_signs() { p { "No warning signs." } }
            @if !log.said(Words::Note).is_empty() { p class="diary-note" { (log.said(Words::Note)) } }
            p {
                a href=(address(Some(*id))) { "Change" span class="nhsuk-u-visually-hidden" { " " (long(log.day)) } }
                " "
                a href={ (address(Some(*id))) "/delete" } { "Delete" span class="nhsuk-u-visually-hidden" { " " (long(log.day)) } }
            }
        }
    }
}
