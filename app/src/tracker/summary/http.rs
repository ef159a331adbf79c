//! The summary's address for whoever wrote the diary, and the days that it is made of, opened.

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use super::{Period, Source, Whose, summary};
use crate::{
    AppState, Result,
    account::{SignedIn, consent::Consented},
    exercise,
    routes::Routes,
    site::Site,
    tracker::{
        Card,
        entry::{About, Entry},
        log::DayLog,
        pages::known_card,
        store,
    },
    ui::{
        form::{Field, Problems},
        page::Page,
    },
};

/// The stylesheet of every page with a summary on it.
pub const STYLES: &[&str] = &["summary.css"];
const HERE: &str = "/account/diary/summary";
const SCRIPT: &str = "/print.js";

pub fn routes() -> Routes {
    Routes::new().page_for(HERE, show).script(SCRIPT, include_str!("print.js"))
}

/// What was logged in a period by one account, and what stands beside it.
#[derive(Debug)]
pub struct Opened {
    logs: Vec<DayLog>,
    standing: Entry,
    cards: Vec<Card>,
    period: Period,
}

impl Opened {
    /// Opens the days of the period, and no others.
    ///
    /// # Errors
    /// As [`store::days`].
    pub async fn of(state: &AppState, account: Uuid, period: Period) -> Result<Self> {
        let mut logs: Vec<DayLog> = vec![];
        for kept in store::days(state, account, period.from, period.to).await? {
            let About::Day(day) = kept.entry.about else { continue };
            match logs.last_mut().filter(|log| log.day == day) {
                Some(log) => log.take_in(&kept.entry),
                None => logs.push(DayLog::of(day, [&kept.entry])),
            }
        }
        let standing = store::standing(state, account).await?;
        let library = exercise::store::known(&state.db).await?;
        Ok(Self { logs, standing, cards: library.into_iter().map(known_card).collect(), period })
    }

    pub fn summary(&self, state: &AppState, whose: Whose<'_>) -> Markup {
        let Self { logs, standing, cards, period } = self;
        let source = Source { logs, standing, rules: &state.site.rules, cards, period: *period };
        summary(&source, whose, &state.clock.now_in_words())
    }
}

/// The period that is asked for, as it was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub from: String,
    pub to: String,
}

impl Asked {
    fn is_empty(&self) -> bool {
        self.from.is_empty() && self.to.is_empty()
    }

    pub fn of(period: Period) -> Self {
        Self { from: period.from.to_string(), to: period.to.to_string() }
    }

    /// The fields of a form that asks for a period.
    pub fn fields(&self, problems: &Problems) -> Markup {
        let field =
            |name, label, hint, value| Field { name, label, hint: Some(hint), kind: "date", value, ..Field::default() };
        html! {
            (field("from", "First day", "Like 2026-08-22", self.from.as_str()).show(problems))
            (field("to", "Last day", "Like 2026-11-22", self.to.as_str()).show(problems))
        }
    }
}

async fn show(visitor: SignedIn, State(state): State<AppState>, Query(asked): Query<Asked>) -> Result<Response> {
    let today = state.clock.today();
    let (period, asked) = if asked.is_empty() {
        let period = Period::up_to(today);
        (Ok(period), Asked::of(period))
    } else {
        (Period::read(&asked.from, &asked.to, today), asked)
    };
    let period = match period {
        Ok(period) => period,
        Err(wrong) => {
            let mut problems = Problems::default();
            wrong.into_iter().for_each(|(field, message)| problems.add(field, message));
            let page = page(&state.site, &asked, &problems, &html! {});
            return Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site));
        }
    };
    let consented = Consented::to_entries(&state.db, visitor.account).await?.is_some();
    let opened = Opened::of(&state, visitor.account, period).await?;
    let below = html! {
        @if opened.logs.is_empty() { (empty(consented)) }
        @else { (actions(&asked)) (opened.summary(&state, Whose::ToFillIn)) }
    };
    Ok(page(&state.site, &asked, &Problems::default(), &below).respond(&state.site))
}

fn page(site: &Site, asked: &Asked, problems: &Problems, below: &Markup) -> Page {
    let main = html! {
        div class="no-print" { (problems.summary()) }
        h1 { "Summary for a clinician" }
        div class="no-print" {
            p class="lead" { "What you logged, on one or two pages to print or to show: for your physiotherapist, your GP or the hospital." }
            p { "It is made of what is on the server: the top of the tracker says whether anything waits to be sent." }
            p {
                "If you have a warning sign now, do not wait to show this: " a href="/seek-help" { "check whether you need help" }
                ", or call " (site.settings.numbers.urgent_name) " on " (site.settings.numbers.urgent) "."
            }
            form method="get" action=(HERE) novalidate {
                (asked.fields(problems))
                div class="actions" { button class="btn btn--main" { "Show these days" } }
            }
        }
        (below)
        p class="no-print" { a href="/account/diary" { "Back to your diary" } }
    };
    let mut page = Page::of_account("Summary for a clinician", HERE, main).with_script(SCRIPT);
    page.styles = STYLES;
    page
}

fn actions(asked: &Asked) -> Markup {
    html! {
        div class="no-print" {
            div class="actions" {
                button type="button" class="btn needs-script" data-print { "Print or save this page" }
                a class="btn" href={ "/account/sharing?from=" (asked.from) "&to=" (asked.to) } { "Share it by a link" }
            }
            p class="hint" {
                "Your browser\u{2019}s own “Print” does the same. What you type into “Name” and “Date of birth” is printed, and sent "
                "and kept nowhere."
            }
        }
    }
}

fn empty(consented: bool) -> Markup {
    html! {
        div class="notice" role="status" {
            p { strong { "Nothing on this server was logged in these days." } }
            @if consented {
                p { "Choose other days above, or " a href="/account/diary" { "write in your diary" } ": what you save there shows here at once." }
            } @else {
                p {
                    "You have not agreed that health entries are kept on this server. " a href="/account/consents" { "Read what that means" }
                    ", and agree if you want a summary here. What the tracker keeps on your device stays there."
                }
            }
        }
    }
}
