//! The addresses of review links: to send one and to take it back, and the pages that it leads to.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{DAY, LASTS, ReviewLink, letter, pages, store};
use crate::{
    AppState, Error, Result,
    account::{
        Email, Inviter, Staff, Token,
        refusals::{Limit, Subject},
        session,
    },
    audit::{Action, Actor, Event},
    client::ClientAddress,
    desk::{
        Approval, Comment, Dossier, Revision, Stage,
        http::{as_read, dossier, event, findings, text},
        pages::article::{Asked, TypedApproval},
        review::{read_said, refused, told},
        safety,
        signature::check_name,
    },
    routes::{CachePolicy, Routes, at_secret_address},
    ui::form::Problems,
};

/// A form of a few short fields, in bytes.
const FORM_LIMIT: usize = 64 * 1024;

pub fn routes() -> Routes {
    Routes::new()
        .form_for("/admin/articles/{id}/review-links", FORM_LIMIT, send)
        .form_for("/admin/articles/{id}/review-links/{link}/end", FORM_LIMIT, end)
        // For anyone: the link is the proof.
        .page("/review/{token}", CachePolicy::Never, open)
        .form("/review/{token}/comment", FORM_LIMIT, comment)
        .form("/review/{token}/approve", FORM_LIMIT, approve)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::desk) struct Invited {
    pub revision: i64,
    pub link_email: String,
    /// In days.
    pub lasts: String,
}

async fn send(
    inviter: Inviter,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(typed): Form<Invited>,
) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let mut problems = Problems::default();
    let email = Email::read(&typed.link_email);
    if email.is_err() {
        problems.add("link_email", "Enter the email address of the clinician, like name@example.org");
    }
    let lasts = typed.lasts.parse().ok().filter(|days| LASTS.contains(days));
    if lasts.is_none() {
        problems.add("lasts", "Choose for how long the link works");
    }
    let wrong = |problems| Asked { problems, invited: Some(&typed), ..Asked::default() };
    let (Ok(email), Some(lasts)) = (email, lasts) else {
        return refused(&state, &inviter, id, &wrong(problems)).await;
    };
    let (token, now) = (Token::new()?, state.clock.millis_i64());
    let link = ReviewLink {
        id: state.clock.new_id(),
        article_id: id,
        revision: typed.revision,
        email: email.as_str().to_owned(),
        made_by: Some(inviter.account),
        made_at: now,
        expires_at: now + lasts * DAY,
        ended_at: None,
    };
    let event = event(&inviter, &state, Action::ReviewLinkSent);
    let kept = store::keep(&state.db, link, &email, token.hash(), event).await;
    if matches!(kept, Err(Error::Forbidden)) {
        let message = "Whoever wrote a part of this text can neither approve it nor ask somebody to by a link";
        return refused(&state, &inviter, id, &wrong(Problems::one("link_email", message))).await;
    }
    if kept.is_ok() {
        state.mail.send(letter(&state.site.settings, &email, &dossier.title, lasts, &token));
    }
    told(&state, &inviter, id, kept, "link-sent").await
}

async fn end(staff: Staff, State(state): State<AppState>, Path((id, link)): Path<(Uuid, Uuid)>) -> Result<Response> {
    let event = event(&staff, &state, Action::ReviewLinkEnded);
    told(&state, &staff, id, store::end(&state.db, id, link, state.clock.millis_i64(), event).await, "link-ended").await
}

/// What a link leads to.
pub(super) struct Opened {
    pub link: ReviewLink,
    pub dossier: Dossier,
    pub revision: Revision,
    pub findings: Vec<safety::Finding>,
}

impl Opened {
    /// Nothing where the link does not work.
    async fn of(state: &AppState, token: &str, client: ClientAddress) -> Result<Option<Self>> {
        let limit = Limit { name: "review links", client, subject: Subject::Nobody };
        limit.watch(state, state.guard.may_open_link(client, &state.clock)).await?;
        let Some(token) = Token::read(token) else { return Ok(None) };
        let Some(link) = store::find(&state.db, &token.hash(), state.clock.millis_i64()).await? else {
            return Ok(None);
        };
        let dossier = dossier(state, link.article_id).await?;
        let mut revision = text(state, link.article_id, link.revision).await?;
        let findings = findings(state, &revision);
        revision.html = as_read(state, revision.html).await?;
        Ok(Some(Self { link, dossier, revision, findings }))
    }

    /// Whether the revision still waits for a review.
    pub fn waits(&self) -> bool {
        self.dossier.newest == self.link.revision && self.dossier.stage == Stage::InReview && !self.dossier.archived
    }
}

/// The forms of the page, as they were sent, and what was wrong.
#[derive(Default)]
pub(super) struct Sent {
    pub problems: Problems,
    pub approval: TypedApproval,
    pub said: Said,
    pub commented: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    pub said_as: String,
    pub said: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Done {
    done: String,
}

async fn open(
    State(state): State<AppState>,
    token: Path<String>,
    Query(done): Query<Done>,
    parts: Parts,
) -> Result<Response> {
    let Some(opened) = Opened::of(&state, &token, session::client(&parts)).await? else { return Ok(gone(&state)) };
    let sent = Sent { commented: done.done == "commented", ..Sent::default() };
    Ok(shown(&state, &token, &opened, &sent))
}

fn shown(state: &AppState, token: &str, opened: &Opened, sent: &Sent) -> Response {
    let status = if sent.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    at_secret_address(pages::page(opened, token, sent).with_status(status).respond(&state.site))
}

fn gone(state: &AppState) -> Response {
    at_secret_address(pages::does_not_work().respond(&state.site))
}

async fn comment(
    State(state): State<AppState>,
    token: Path<String>,
    parts: Parts,
    Form(typed): Form<Said>,
) -> Result<Response> {
    let client = session::client(&parts);
    let Some(opened) = Opened::of(&state, &token, client).await? else { return Ok(gone(&state)) };
    let mut problems = Problems::default();
    check_name("said_as", "your name", &typed.said_as, &mut problems);
    let said = read_said(&typed.said).unwrap_or_else(|problem| {
        problems.add("said", problem);
        String::new()
    });
    if !problems.is_empty() {
        return Ok(shown(&state, &token, &opened, &Sent { problems, said: typed, ..Sent::default() }));
    }
    let comment = Comment {
        id: state.clock.new_id(),
        revision: opened.link.revision,
        said_by: None,
        said_by_email: None,
        said_as: typed.said_as.trim().to_owned(),
        said,
        said_at: state.clock.millis_i64(),
        resolved_at: None,
    };
    let event = Event::new(&state.clock, Actor::Nobody, Action::CommentMade).seen_from(client.0);
    match store::comment(&state.db, opened.link.id, comment, event).await {
        Ok(()) => Ok(Redirect::to(&format!("/review/{}?done=commented", token.as_str())).into_response()),
        Err(Error::NotFound) => Ok(gone(&state)),
        Err(error) => Err(error),
    }
}

async fn approve(
    State(state): State<AppState>,
    token: Path<String>,
    parts: Parts,
    Form(typed): Form<TypedApproval>,
) -> Result<Response> {
    let client = session::client(&parts);
    let Some(opened) = Opened::of(&state, &token, client).await? else { return Ok(gone(&state)) };
    let mut problems = Problems::default();
    if !opened.findings.is_empty() {
        problems
            .add("check", "The safety check found something: it cannot be approved by a link before that is mended");
    }
    typed.signature().check(&mut problems);
    if typed.read.is_empty() {
        problems.add("read", "Confirm that you have read this text and approve it");
    }
    if !problems.is_empty() || !opened.waits() {
        return Ok(shown(&state, &token, &opened, &Sent { problems, approval: typed, ..Sent::default() }));
    }
    let approval = Approval {
        revision: opened.link.revision,
        reviewer: None,
        name: typed.name.trim().to_owned(),
        registration: typed.registration.trim().to_owned(),
        approved_at: state.clock.millis_i64(),
        override_reason: None,
    };
    let event = Event::new(&state.clock, Actor::Nobody, Action::ArticleApprovedByLink).seen_from(client.0);
    match store::approve(&state.db, opened.link.clone(), approval, event).await {
        Ok(()) => Ok(at_secret_address(pages::thanks(&opened).respond(&state.site))),
        Err(Error::NotFound) => Ok(gone(&state)),
        // Somebody approved it or took it back meanwhile: the page says so now.
        Err(Error::Conflict) => Ok(Redirect::to(&format!("/review/{}", token.as_str())).into_response()),
        Err(error) => Err(error),
    }
}
