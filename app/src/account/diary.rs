//! The diary: a day's pain, warning signs and a note by plain form, for whoever cannot or does not want to run script.
//!
//! Signs are judged before anything is checked or saved, by the tracker's own rules: no wrong date, missing consent or full
//! disk stands between an emergency and its advice.

use std::time::Duration;

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{SignedIn, consent::Consented};
use crate::{
    AppState, Error, Result,
    day::Day,
    routes::Routes,
    site::Site,
    tracker::{
        log::{Change, DayLog, Judgement, Pain, Place, judge, needs_help_now, read_record, ticked, write_record},
        store,
    },
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

/// What an entry is called where it is stored.
pub const KIND: &str = "day";
/// Letters of a note, at most.
const LONGEST_NOTE: usize = 2_000;
/// A note of so many letters, each percent-encoded, and the rest of the form.
const FORM_LIMIT: usize = 48 * 1024;
/// Signs that a form may tick: many times as many as the list has.
const MOST_SIGNS: usize = 100;
/// Days on one page of the list.
const DAYS: usize = 60;
/// For how many days an emergency is still asked about.
const STILL_ASKED: i64 = 7;
/// How long an emergency's page waits for its entry to be saved.
const PATIENCE: Duration = Duration::from_secs(2);

pub fn routes() -> Routes {
    Routes::new()
        .page_for("/account/diary", show)
        .form_for("/account/diary", FORM_LIMIT, submit)
        .page_for("/account/diary/{entry}", show_entry)
        .form_for("/account/diary/{entry}", FORM_LIMIT, correct)
        .page_for("/account/diary/{entry}/delete", ask_to_delete)
        .form_for("/account/diary/{entry}/delete", 0, delete)
        .form_for("/account/diary/{entry}/got-help", 0, got_help)
}

/// What is stored of a day: what the tracker would, and a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiaryDay {
    pub log: DayLog,
    pub note: String,
}

/// A saved entry, opened.
#[derive(Clone, Debug)]
pub struct DiaryEntry {
    pub id: Uuid,
    /// Milliseconds since 1970, UTC.
    pub saved_at: i64,
    pub day: DiaryDay,
}

/// An entry as it was stored; nothing where it is none of the diary's, or a newer program's.
pub fn read_entry(entry: &store::Entry) -> Option<DiaryEntry> {
    let text = std::str::from_utf8(&entry.plain).ok().filter(|_| entry.kind == KIND)?;
    Some(DiaryEntry { id: entry.id, saved_at: entry.saved_at, day: read_record(text).ok()? })
}

/// A day of the list: its newest entry, and the ones that it corrects.
struct Listed {
    newest: DiaryEntry,
    earlier: Vec<Uuid>,
}

/// The latest day first.
async fn listed(state: &AppState, account: Uuid) -> Result<Vec<Listed>> {
    let mut days: Vec<Listed> = vec![];
    let entries = store::entries(state, account, KIND).await?;
    // The newest of a day comes last.
    let mut entries: Vec<DiaryEntry> = entries.iter().filter_map(read_entry).collect();
    entries.sort_by_key(|entry| (entry.day.log.day, entry.saved_at, entry.id));
    for entry in entries.into_iter().rev() {
        match days.last_mut().filter(|last| last.newest.day.log.day == entry.day.log.day) {
            Some(last) => last.earlier.push(entry.id),
            None => days.push(Listed { newest: entry, earlier: vec![] }),
        }
    }
    Ok(days)
}

/// The day that an entry of the account's is the newest of. An entry that another replaced still leads to its day.
async fn find(state: &AppState, account: Uuid, id: &str) -> Result<Listed> {
    // What is no id is nobody's.
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    let mut days = listed(state, account).await?.into_iter();
    days.find(|day| day.newest.id == id || day.earlier.contains(&id)).ok_or(Error::NotFound)
}

/// What a form holds, as it was sent.
#[derive(Clone, Debug, Default)]
struct Typed {
    day: String,
    pains: [String; 3],
    signs: Vec<String>,
    no_signs: bool,
    note: String,
    /// "Back to what I wrote": show the form again, and do nothing else.
    again: bool,
}

type Fields = Vec<(String, String)>;

impl Typed {
    fn read(fields: Fields) -> Self {
        let mut typed = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "day" => typed.day = value,
                "sign" if typed.signs.len() < MOST_SIGNS => typed.signs.push(value),
                "no_signs" => typed.no_signs = true,
                // As browsers send it, a line's end is two letters.
                "note" => typed.note = value.replace("\r\n", "\n"),
                "again" => typed.again = true,
                name => {
                    if let Some(at) = Place::ALL.iter().position(|place| place.field() == name) {
                        typed.pains[at] = value;
                    }
                }
            }
        }
        typed
    }

    fn of(day: &DiaryDay) -> Self {
        let pain = |place: Place| day.log.pain(place).map(|pain| pain.score().to_string()).unwrap_or_default();
        Self {
            day: day.log.day.to_string(),
            pains: Place::ALL.map(pain),
            signs: day.log.signs.clone(),
            no_signs: day.log.no_signs,
            note: day.note.clone(),
            again: false,
        }
    }

    fn on(day: Day) -> Self {
        Self { day: day.to_string(), ..Self::default() }
    }

    /// The log with what is ticked, whatever else is wrong: `before` is what the day had.
    fn log(&self, rules: &RuleSet, day: Day, before: Option<&DayLog>) -> DayLog {
        let mut log = before.cloned().unwrap_or_default();
        log.day = day;
        let gone: Vec<String> = log.signs.iter().filter(|sign| !self.signs.contains(sign)).cloned().collect();
        let ticks = self.signs.iter().map(|sign| Change::Sign { sign: sign.clone(), there: true });
        let unticked = gone.into_iter().map(|sign| Change::Sign { sign, there: false });
        let pains = Place::ALL.into_iter().zip(&self.pains);
        let pains = pains.map(|(place, typed)| Change::Pain { place, pain: pain(typed).ok().flatten() });
        let none = if self.no_signs { Change::NoSigns { in_view: vec![] } } else { Change::SignsOpen };
        for change in unticked.chain(ticks).chain(pains).chain([none]) {
            log.apply(&change, &rules.version);
        }
        log
    }

    /// What is to be saved, or what is wrong with it.
    fn check(&self, rules: &RuleSet, today: Day, before: Option<&DayLog>) -> Result<DiaryDay, Problems> {
        let mut problems = Problems::default();
        // A day ahead: it is tomorrow already where somebody may be.
        let day = self.day.trim().parse::<Day>().ok().filter(|day| *day <= today.plus(1));
        if day.is_none() {
            problems.add("day", "Enter the day of this entry: today or an earlier day, like 2026-11-22");
        }
        for (place, typed) in Place::ALL.into_iter().zip(&self.pains) {
            if pain(typed).is_err() {
                problems
                    .add(place.field(), format!("Choose a number from 0 to 10 for {}", place.name().to_lowercase()));
            }
        }
        if self.no_signs && !self.signs.is_empty() {
            problems
                .add("signs", "You ticked warning signs and \u{201c}None of these\u{201d}. Untick one or the other");
        }
        if self.note.chars().count() > LONGEST_NOTE {
            problems.add("note", "The note is too long: shorten it to 2,000 letters");
        }
        let log = self.log(rules, day.unwrap_or_default(), before);
        if problems.is_empty() && !log.is_logged() && self.note.trim().is_empty() {
            problems.add("back", "The entry is empty: rate a pain, answer the warning signs or write a note");
        }
        if problems.is_empty() { Ok(DiaryDay { log, note: self.note.trim().to_owned() }) } else { Err(problems) }
    }
}

fn pain(typed: &str) -> Result<Option<Pain>, ()> {
    match typed {
        "" => Ok(None),
        score => score.parse::<u8>().ok().and_then(|score| Pain::try_from(score).ok()).map(Some).ok_or(()),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shown {
    /// Something was just done.
    done: String,
    /// The list goes on from this day.
    before: String,
}

async fn show(visitor: SignedIn, State(state): State<AppState>, Query(shown): Query<Shown>) -> Result<Response> {
    let consented = Consented::to_entries(&state.db, visitor.account).await?.is_some();
    let days = listed(&state, visitor.account).await?;
    let today = state.clock.today();
    let main = html! {
        h1 { "Your diary" }
        @match shown.done.as_str() {
            "saved" => p class="notice" role="status" { "Your entry is saved." },
            "deleted" => p class="notice" role="status" { "The entry is deleted." },
            _ => {},
        }
        (open_emergencies(&state.site, &days, today))
        @if !consented { (no_consent()) }
        h2 { "New entry" }
        @if let Some(listed) = days.iter().find(|day| day.newest.day.log.day == today) {
            p { "You have an entry for today: " a href={ "/account/diary/" (listed.newest.id) } { "change it" } ". What you save here for the same day takes its place." }
        }
        (form(&state.site, None, &Typed::on(today), &Problems::default()))
        (safety_net(&state.site.rules, &state.site.settings.numbers))
        (list(&state.site.rules, &days, &shown.before))
        p { a href="/account" { "Back to your account" } }
    };
    Ok(Page::of_account("Your diary", "/account/diary", main).respond(&state.site))
}

async fn submit(visitor: SignedIn, State(state): State<AppState>, Form(fields): Form<Fields>) -> Result<Response> {
    take(&state, &visitor, Typed::read(fields), None).await
}

async fn show_entry(visitor: SignedIn, State(state): State<AppState>, id: Path<String>) -> Result<Response> {
    let found = find(&state, visitor.account, &id).await?.newest;
    let card = urgent_card(&state.site, &found.day.log);
    Ok(entry_page(&state.site, Some(found.id), &Typed::of(&found.day), &Problems::default(), &card)
        .respond(&state.site))
}

async fn correct(
    visitor: SignedIn,
    State(state): State<AppState>,
    id: Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let typed = Typed::read(fields);
    let found = find(&state, visitor.account, &id).await;
    // That an entry is gone must not hide an emergency.
    let log = typed.log(&state.site.rules, Day::default(), found.as_ref().ok().map(|found| &found.newest.day.log));
    match found {
        Err(error) if !needs_help_now(&state.site.rules, &log) => Err(error),
        found => take(&state, &visitor, typed, found.ok().map(|found| found.newest)).await,
    }
}

/// Takes what somebody wrote: judges it, and then saves it in place of what it corrects.
async fn take(state: &AppState, visitor: &SignedIn, typed: Typed, corrected: Option<DiaryEntry>) -> Result<Response> {
    let (site, rules) = (&*state.site, &state.site.rules);
    let entry = corrected.as_ref().map(|entry| entry.id);
    if typed.again {
        return Ok(entry_page(site, entry, &typed, &Problems::default(), &html! {}).respond(site));
    }
    let today = state.clock.today();
    let before = corrected.as_ref().map(|entry| &entry.day.log);
    let log = typed.log(rules, typed.day.trim().parse().unwrap_or(today), before);
    let checked = typed.check(rules, today, before);
    if needs_help_now(rules, &log) {
        let saving = async {
            match &checked {
                Ok(day) => save(state, visitor.account, day, corrected.as_ref()).await,
                Err(_) => Err(NotSaved::Wrong),
            }
        };
        let saved = tokio::time::timeout(PATIENCE, saving).await.unwrap_or(Err(NotSaved::Failed));
        return Ok(emergency(site, &typed, &log, &saved).respond(site));
    }
    let card = urgent_card(site, &log);
    let again = |problems: &Problems, status, above: Markup| {
        entry_page(site, entry, &typed, problems, &html! { (above) (card) }).with_status(status).respond(site)
    };
    let day = match checked {
        Err(problems) => return Ok(again(&problems, StatusCode::UNPROCESSABLE_ENTITY, html! {})),
        Ok(day) => day,
    };
    Ok(match save(state, visitor.account, &day, corrected.as_ref()).await {
        Ok(saved) if judge(rules, &log).urgency.is_some() => Redirect::to(&address(Some(saved))).into_response(),
        Ok(_) => Redirect::to("/account/diary?done=saved").into_response(),
        Err(NotSaved::NotAgreed) => again(&Problems::default(), StatusCode::UNPROCESSABLE_ENTITY, no_consent()),
        Err(NotSaved::Failed) => again(&not_saved(NotSaved::Failed), StatusCode::SERVICE_UNAVAILABLE, html! {}),
        Err(why) => again(&not_saved(why), StatusCode::UNPROCESSABLE_ENTITY, html! {}),
    })
}

fn not_saved(why: NotSaved) -> Problems {
    Problems::one("day", format!("Your entry is not saved: {}", why.words()))
}

/// Why an entry was not saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotSaved {
    NotAgreed,
    Full,
    /// Something in the form is wrong.
    Wrong,
    Failed,
}

impl NotSaved {
    fn words(self) -> &'static str {
        match self {
            Self::NotAgreed => "you have not agreed that entries are kept on this server",
            Self::Full => "your diary is full. Delete days that you do not need any more",
            Self::Wrong => "something else in it has to be mended first",
            Self::Failed => "the server could not store it just now. Try again",
        }
    }
}

/// Saves a day, and says under which id; the same day twice is one entry.
async fn save(
    state: &AppState,
    account: Uuid,
    day: &DiaryDay,
    corrected: Option<&DiaryEntry>,
) -> Result<Uuid, NotSaved> {
    let failed = |error: Error| match error {
        Error::Forbidden => NotSaved::NotAgreed,
        Error::Conflict => NotSaved::Full,
        error => {
            tracing::error!(%error, "a diary entry was not saved");
            NotSaved::Failed
        }
    };
    let consented = Consented::to_entries(&state.db, account).await.map_err(failed)?.ok_or(NotSaved::NotAgreed)?;
    let days = listed(state, account).await.map_err(failed)?;
    if let Some(same) = days.iter().find(|listed| listed.newest.day == *day) {
        return Ok(same.newest.id);
    }
    // An entry that moves to another day leaves nothing behind on the day that was wrong.
    let moved = corrected.filter(|before| before.day.log.day != day.log.day).map(|before| before.day.log.day);
    let id = state.clock.new_id();
    store::keep_entry(state, &consented, id, KIND, write_record(day).as_bytes()).await.map_err(failed)?;
    if let Some(left) = days.into_iter().find(|listed| Some(listed.newest.day.log.day) == moved) {
        store::delete_entries(&state.db, account, left.ids()).await.map_err(failed)?;
    }
    Ok(id)
}

impl Listed {
    fn ids(self) -> Vec<Uuid> {
        [vec![self.newest.id], self.earlier].concat()
    }
}

async fn ask_to_delete(visitor: SignedIn, State(state): State<AppState>, id: Path<String>) -> Result<Response> {
    let found = find(&state, visitor.account, &id).await?;
    let main = html! {
        h1 { "Delete this entry?" }
        p class="lead" { "What you wrote for " (long(found.newest.day.log.day)) " is deleted at once, and cannot be brought back." }
        @if !found.earlier.is_empty() { p { "What you wrote for this day before you corrected it is deleted, too." } }
        form method="post" action={ (address(Some(found.newest.id))) "/delete" } {
            div class="actions" {
                button class="btn btn--main" { "Delete it" }
                a class="btn" href="/account/diary" { "Keep it" }
            }
        }
    };
    Ok(Page::of_account("Delete this entry?", "/account/diary", main).respond(&state.site))
}

async fn delete(visitor: SignedIn, State(state): State<AppState>, id: Path<String>) -> Result<Response> {
    let found = find(&state, visitor.account, &id).await?;
    store::delete_entries(&state.db, visitor.account, found.ids()).await?;
    Ok(Redirect::to("/account/diary?done=deleted").into_response())
}

/// Help was got for the signs of a day: they no longer interrupt.
async fn got_help(visitor: SignedIn, State(state): State<AppState>, id: Path<String>) -> Result<Response> {
    let found = find(&state, visitor.account, &id).await?.newest;
    let mut day = found.day.clone();
    day.log.apply(&Change::GotHelp { signs: day.log.signs.clone() }, &state.site.rules.version);
    let page = match save(&state, visitor.account, &day, Some(&found)).await {
        Ok(_) => return Ok(Redirect::to("/account/diary?done=saved").into_response()),
        Err(NotSaved::NotAgreed) => {
            entry_page(&state.site, Some(found.id), &Typed::of(&day), &Problems::default(), &no_consent())
        }
        Err(why) => entry_page(&state.site, Some(found.id), &Typed::of(&day), &not_saved(why), &html! {}),
    };
    Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site))
}

/// Where an entry is; where a new one is written, without one.
fn address(entry: Option<Uuid>) -> String {
    entry.map_or_else(|| "/account/diary".to_owned(), |id| format!("/account/diary/{id}"))
}

fn long(day: Day) -> String {
    format!("{} {}", day.weekday(), day.long())
}

fn entry_page(site: &Site, entry: Option<Uuid>, typed: &Typed, problems: &Problems, above: &Markup) -> Page {
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
    Page::of_account(title, "/account/diary", main)
}

/// In a new tab, so that what was typed stays in this one.
fn no_consent() -> Markup {
    html! {
        div class="notice" role="status" {
            p { strong { "You have not agreed that health entries are kept on this server, so none is saved." } }
            p {
                "To keep a diary here, " a href="/account/consents" target="_blank" { "read what that means and agree (opens in a new tab)" }
                ". Then come back to this page and save: what you typed stays here. The " a href="/tracker" { "tracker" }
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
                @for step in Pain::scale() {
                    @let step = step.score().to_string();
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
    if log.signs.iter().any(|sign| rules.question(sign).is_none()) {
        told.push("a sign from another version of this list");
    }
    told.join("; ")
}

/// What to do about signs that are urgent, and less than an emergency; nothing where there are none.
fn urgent_card(site: &Site, log: &DayLog) -> Markup {
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
fn emergency(site: &Site, typed: &Typed, log: &DayLog, saved: &Result<Uuid, NotSaved>) -> Page {
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
                Err(_) => (back_to(typed)),
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
fn back_to(typed: &Typed) -> Markup {
    html! {
        form method="post" action="/account/diary" {
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
    let (rules, numbers) = (&site.rules, &site.settings.numbers);
    let open = days
        .iter()
        .map(|listed| &listed.newest)
        .filter(|entry| entry.day.log.day > today.plus(-STILL_ASKED) && needs_help_now(rules, &entry.day.log));
    html! {
        @for entry in open {
            section class="care care--emergency" aria-labelledby={ "open-" (entry.id) } {
                h2 id={ "open-" (entry.id) } { (numbers.heading(Urgency::Emergency)) }
                div {
                    p { "On " (long(entry.day.log.day)) " you ticked: " (told(rules, &entry.day.log)) ". If you have not got help for it, call now." }
                    a class="btn btn--call" href=(tel(&numbers.emergency)) { "Call " (numbers.emergency) }
                    (after_emergency(entry.id))
                }
            }
        }
    }
}

fn list(rules: &RuleSet, days: &[Listed], before: &str) -> Markup {
    let before: Option<Day> = before.parse().ok();
    let mut shown = days.iter().filter(|listed| before.is_none_or(|before| listed.newest.day.log.day < before));
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
                p { a href={ "/account/diary?before=" (last.newest.day.log.day) } { "Earlier entries" } }
            }
        }
    }
}

fn one_day(rules: &RuleSet, listed: &Listed) -> Markup {
    let (entry, log) = (&listed.newest, &listed.newest.day.log);
    let pains = Place::ALL.into_iter().filter_map(|place| Some((place, log.pain(place)?)));
    let pains: Vec<String> = pains.map(|(place, pain)| format!("{} {}", place.name(), pain.score())).collect();
    html! {
        li class="box" {
            h3 { (long(log.day)) @if !listed.earlier.is_empty() { " (corrected)" } }
            @if !pains.is_empty() { p { (pains.join(", ")) "." } }
            @if !log.signs.is_empty() { p { "Warning signs: " (told(rules, log)) "." } }
            @if log.no_signs { p { "No warning signs." } }
            @if !entry.day.note.is_empty() { p class="diary-note" { (entry.day.note) } }
            p {
                a href=(address(Some(entry.id))) { "Change" span class="nhsuk-u-visually-hidden" { " " (long(log.day)) } }
                " "
                a href={ (address(Some(entry.id))) "/delete" } { "Delete" span class="nhsuk-u-visually-hidden" { " " (long(log.day)) } }
            }
        }
    }
}
