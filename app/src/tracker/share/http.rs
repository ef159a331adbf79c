//! The addresses of links: to make one, to list and to end them, and the one that a link leads to.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{LASTS, LONGEST_NAME, Link, MOST_OPEN, pages, store};
use crate::{
    AppState, Error, Result,
    account::{
        Fresh, SignedIn, Token,
        consent::{Consented, Kind, given},
        refusals::{Limit, Subject},
        session,
    },
    audit::{Action, Actor, Event, Network},
    routes::{CachePolicy, Routes, at_secret_address},
    tracker::summary::{
        Period, Whose,
        http::{Asked, Opened},
    },
    ui::{form::Problems, page::Page},
};

/// A form of a few short fields, in bytes.
const FORM_LIMIT: usize = 4 * 1024;
const DAY: i64 = 24 * 60 * 60 * 1000;

pub fn routes() -> Routes {
    Routes::new()
        .page_for("/account/sharing", show)
        .form_for("/account/sharing", FORM_LIMIT, make)
        .form_for("/account/sharing/{link}/end", 0, end)
        // For anyone: the link is the proof.
        .page("/shared/{token}", CachePolicy::Never, open)
}

async fn show(visitor: Fresh<SignedIn>, State(state): State<AppState>, Query(asked): Query<Asked>) -> Result<Response> {
    let fields = Fields::asked(asked, &state);
    Ok(list(&state, visitor.account, &fields, &Problems::default()).await?.respond(&state.site))
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct Fields {
    #[serde(flatten)]
    pub period: Asked,
    /// In days.
    pub lasts: String,
    pub name: String,
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            period: Asked::default(),
            lasts: LASTS.first().map(i64::to_string).unwrap_or_default(),
            name: String::new(),
        }
    }
}

impl Fields {
    /// Filled in with the days that somebody comes from; else with the last three months.
    fn asked(asked: Asked, state: &AppState) -> Self {
        let today = state.clock.today();
        let period = match Period::read(&asked.from, &asked.to, today) {
            Ok(_) => asked,
            Err(_) => Asked::of(Period::up_to(today)),
        };
        Self { period, ..Self::default() }
    }

    fn check(&self, state: &AppState) -> Result<(Period, i64), Problems> {
        let mut problems = Problems::default();
        let period = Period::read(&self.period.from, &self.period.to, state.clock.today());
        if let Err(wrong) = &period {
            wrong.iter().for_each(|(field, message)| problems.add(*field, *message));
        }
        let lasts = self.lasts.parse().ok().filter(|days| LASTS.contains(days));
        if lasts.is_none() {
            problems.add("lasts", "Choose for how long the link works");
        }
        if self.name.trim().chars().count() > LONGEST_NAME {
            problems.add("name", format!("Shorten the name to {LONGEST_NAME} letters"));
        }
        match (period, lasts) {
            (Ok(period), Some(lasts)) if problems.is_empty() => Ok((period, lasts)),
            _ => Err(problems),
        }
    }
}

async fn list(state: &AppState, account: Uuid, fields: &Fields, problems: &Problems) -> Result<Page> {
    let missing = [Kind::Entries, Kind::Sharing];
    let mut not_agreed = vec![];
    for kind in missing {
        if !given(&state.db, account, kind).await? {
            not_agreed.push(kind);
        }
    }
    let links = store::links(state, account).await?;
    let accesses = store::accesses(&state.db, account).await?;
    Ok(pages::list(&links, &accesses, state.clock.millis_i64(), &not_agreed, fields, problems))
}

async fn make(visitor: Fresh<SignedIn>, State(state): State<AppState>, Form(fields): Form<Fields>) -> Result<Response> {
    let wrong = async |problems: Problems| -> Result<Response> {
        let page = list(&state, visitor.account, &fields, &problems).await?;
        Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY).respond(&state.site))
    };
    let (period, lasts) = match fields.check(&state) {
        Ok(checked) => checked,
        Err(problems) => return wrong(problems).await,
    };
    let Some(consented) = Consented::to_entries(&state.db, visitor.account).await? else {
        return wrong(Problems::one("from", NOT_AGREED)).await;
    };
    let (token, now) = (Token::new()?, state.clock.millis_i64());
    let link = Link {
        id: state.clock.new_id(),
        period,
        name: fields.name.trim().to_owned(),
        created_at: now,
        expires_at: now + lasts * DAY,
        revoked_at: None,
    };
    let event = Event::new(&state.clock, Actor::Account(visitor.account), Action::LinkMade)
        .about(link.id)
        .seen_from(visitor.origin.client.0);
    match store::keep(&state, consented, &link, &token.hash(), event).await {
        Ok(()) => {}
        Err(Error::Forbidden) => return wrong(Problems::one("from", NOT_AGREED)).await,
        Err(Error::Conflict) => {
            let message = format!("You have {MOST_OPEN} links that still work. End one that you do not need first");
            return wrong(Problems::one("from", message)).await;
        }
        Err(error) => return Err(error),
    }
    let address = format!("{}/shared/{}", state.site.settings.public_url, token.expose());
    Ok(pages::made(&link, &address).respond(&state.site))
}

const NOT_AGREED: &str = "No link was made: you have not agreed to both consents that it needs";

async fn end(visitor: SignedIn, State(state): State<AppState>, link: Path<String>) -> Result<Response> {
    // What is no id is nobody's.
    let link: Uuid = link.parse().map_err(|_| Error::NotFound)?;
    let event = Event::new(&state.clock, Actor::Account(visitor.account), Action::LinkEnded)
        .about(link)
        .seen_from(visitor.origin.client.0);
    store::revoke(&state.db, visitor.account, link, state.clock.millis_i64(), event).await?;
    Ok(Redirect::to("/account/sharing").into_response())
}

/// Shows the summary to whoever has the link. Whatever is wrong with the link, the answer is the same.
async fn open(State(state): State<AppState>, token: Path<String>, parts: Parts) -> Result<Response> {
    let client = session::client(&parts);
    let limit = Limit { name: "shared links", client, subject: Subject::Nobody };
    limit.watch(&state, state.guard.may_open_link(client, &state.clock)).await?;
    let page = match shown(&state, &token, Network::of(client.0)).await? {
        Some(page) => page,
        None => pages::does_not_work(&state.site),
    };
    Ok(at_secret_address(page.respond(&state.site)))
}

async fn shown(state: &AppState, token: &str, network: Network) -> Result<Option<Page>> {
    let now = state.clock.millis_i64();
    let Some(token) = Token::read(token) else { return Ok(None) };
    let Some((account, link)) = store::find(state, &token.hash(), now).await? else { return Ok(None) };
    let first = Event::new(&state.clock, Actor::Nobody, Action::LinkOpened).about((account, "share-link"));
    // Without the address: its network is with the access.
    if !store::note_access(&state.db, link.id, network, now, first).await? {
        return Ok(None);
    }
    let opened = Opened::of(state, account, link.period).await?;
    let summary = opened.summary(state, Whose::Called(&link.name));
    Ok(Some(pages::shared(&state.site, &link, &summary)))
}
