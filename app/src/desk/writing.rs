//! Writing: beginning an article, saving it, restoring what it was, and giving it another address.

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Dossier,
    advice::{self, Addresses},
    http::{article_page, dossier, event, text, went_on},
    manuscript::{MOST_LETTERS, Manuscript, Typed},
    merge::merge,
    pages::{
        article::Asked,
        editor::{self, Editing, Meanwhile},
    },
    safety, store,
};
use crate::{
    AppState, Error, Result,
    account::{Editor, session::Visitor},
    article::{
        import::is_slug,
        markdown::{self, Problem, Rendered},
        outline::Outline,
    },
    audit::Action,
    exercise,
    ui::form::Problems,
};

/// How often a save that meets a newer revision is brought together with it, before it is shown instead.
const TRIES: usize = 5;

pub(super) async fn new(_editor: Editor, State(state): State<AppState>) -> Result<Response> {
    let manuscript = Manuscript { author: state.site.settings.author.clone(), ..Manuscript::default() };
    let typed = Typed { base: String::new(), ..Typed::of(&manuscript, 0) };
    editor_page(&state, None, &typed, Problems::default(), None, StatusCode::OK).await
}

pub(super) async fn begin(editor: Editor, State(state): State<AppState>, Form(typed): Form<Typed>) -> Result<Response> {
    let (manuscript, mut problems) = typed.read();
    let slug = typed.slug.trim().to_owned();
    if !is_slug(&slug) {
        problems.add("the_slug", "Enter an address of lower-case words joined by hyphens, like back-pain-at-night");
    }
    if typed.is_preview() || !problems.is_empty() {
        return shown(&state, None, &typed, problems).await;
    }
    let id = state.clock.new_id();
    let draft = draft(&state, &editor, manuscript, typed.note.trim());
    let begun = store::create(&state.db, id, slug, draft, event(&editor, &state, Action::ArticleBegun)).await;
    match begun {
        Ok(()) => Ok(led_to(id, "saved")),
        Err(Error::Conflict) => {
            let problems = Problems::one("the_slug", "Another article has this address, or had it: choose another");
            shown(&state, None, &typed, problems).await
        }
        Err(error) => Err(error),
    }
}

pub(super) async fn edit(_editor: Editor, State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let newest = text(&state, id, dossier.newest).await?;
    let typed = Typed::of(&newest.manuscript, newest.number);
    editor_page(&state, Some(&dossier), &typed, Problems::default(), None, StatusCode::OK).await
}

pub(super) async fn save(
    editor: Editor,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let mut dossier = dossier(&state, id).await?;
    let (mut manuscript, mut problems) = typed.read();
    if dossier.archived {
        problems.add("the_text", "This article is archived: bring it back before you change it");
    }
    if typed.is_preview() || !problems.is_empty() {
        return shown(&state, Some(&dossier), &typed, problems).await;
    }
    let base_number = typed.base.parse().unwrap_or(dossier.newest);
    let mut base = text(&state, id, base_number).await?;
    let mut done = "saved";
    for _ in 0..TRIES {
        if manuscript == base.manuscript {
            return Ok(led_to(id, if done == "saved" { "unchanged" } else { done }));
        }
        let draft = draft(&state, &editor, manuscript.clone(), &note(&typed, done, base.number));
        let saved = store::save(&state.db, id, base.number, draft, event(&editor, &state, Action::ArticleSaved)).await;
        match saved {
            Ok(_) => return Ok(led_to(id, done)),
            Err(Error::Conflict) => {}
            Err(error) => return Err(error),
        }
        dossier = self::dossier(&state, id).await?;
        let newest = text(&state, id, dossier.newest).await?;
        let merged = merge(&base.manuscript, manuscript, &newest.manuscript);
        if !merged.conflicts.is_empty() {
            let typed = Typed { note: typed.note.clone(), ..Typed::of(&merged.manuscript, newest.number) };
            let meanwhile = Meanwhile { base: &base, newest: &newest, conflicts: &merged.conflicts, dossier: &dossier };
            let mut problems = Problems::default();
            for field in merged.conflicts.iter().copied() {
                problems.add(field, "Somebody else changed this too while you were writing: choose what is to stand");
            }
            return editor_page(&state, Some(&dossier), &typed, problems, Some(&meanwhile), StatusCode::CONFLICT).await;
        }
        (manuscript, base, done) = (merged.manuscript, newest, "merged");
    }
    Err(Error::Conflict)
}

/// What was typed, and where it was brought together with another revision.
fn note(typed: &Typed, done: &str, base: i64) -> String {
    let note = typed.note.trim();
    match (done, note) {
        ("merged", "") => format!("Brought together with revision {base}"),
        ("merged", note) => format!("{note} (brought together with revision {base})"),
        (_, note) => note.to_owned(),
    }
}

pub(super) async fn restore(
    editor: Editor,
    State(state): State<AppState>,
    Path((id, number)): Path<(Uuid, i64)>,
) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let old = text(&state, id, number).await?;
    if text(&state, id, dossier.newest).await?.manuscript == old.manuscript {
        return Ok(led_to(id, "unchanged"));
    }
    let draft = draft(&state, &editor, old.manuscript, &format!("Revision {number}, restored"));
    let event = event(&editor, &state, Action::ArticleRestored);
    match store::save(&state.db, id, dossier.newest, draft, event).await {
        Ok(_) => Ok(led_to(id, "restored")),
        Err(Error::Conflict) => went_on(&state, &editor, id).await,
        Err(error) => Err(error),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Address {
    address: String,
}

pub(super) async fn rename(
    editor: Editor,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(typed): Form<Address>,
) -> Result<Response> {
    let slug = typed.address.trim();
    let event = event(&editor, &state, Action::ArticleRenamed);
    let problem = if is_slug(slug) {
        match store::rename(&state.db, id, slug.to_owned(), state.clock.millis_i64(), event).await {
            Ok(()) => return Ok(led_to(id, "renamed")),
            Err(Error::Conflict) => "Another article has this address, or had it: choose another",
            Err(error) => return Err(error),
        }
    } else {
        "Enter an address of lower-case words joined by hyphens, like back-pain-at-night"
    };
    let asked = Asked { problems: Problems::one("address", problem), address: Some(slug), ..Asked::default() };
    article_page(&state, &editor, &dossier(&state, id).await?, &asked, StatusCode::UNPROCESSABLE_ENTITY).await
}

pub(super) async fn archive(editor: Editor, State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Response> {
    dossier(&state, id).await?;
    let event = event(&editor, &state, Action::ArticleArchived);
    match store::archive(&state.db, id, state.clock.millis_i64(), event).await {
        Ok(()) => Ok(led_to(id, "archived")),
        Err(Error::Conflict) => went_on(&state, &editor, id).await,
        Err(error) => Err(error),
    }
}

pub(super) async fn unarchive(editor: Editor, State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Response> {
    dossier(&state, id).await?;
    match store::unarchive(&state.db, id, event(&editor, &state, Action::ArticleUnarchived)).await {
        Ok(()) => Ok(led_to(id, "unarchived")),
        Err(Error::Conflict) => went_on(&state, &editor, id).await,
        Err(error) => Err(error),
    }
}

/// To the article's page, which says what was done.
pub(super) fn led_to(id: Uuid, done: &str) -> Response {
    Redirect::to(&format!("/admin/articles/{id}?done={done}")).into_response()
}

pub(super) fn render(state: &AppState, manuscript: &Manuscript) -> Result<Rendered, Vec<Problem>> {
    markdown::render(&manuscript.markdown, &state.site.rules, &state.site.settings.numbers)
}

pub(super) fn draft(state: &AppState, visitor: &Visitor, manuscript: Manuscript, note: &str) -> store::Draft {
    let rendered = render(state, &manuscript).ok();
    let html = rendered.as_ref().map_or("", |rendered| &rendered.html);
    let digest = format!("{:x}", Sha256::new().chain_update(&manuscript.markdown).chain_update(html).finalize());
    store::Draft {
        manuscript,
        rendered,
        digest,
        note: note.to_owned(),
        by: visitor.account,
        at: state.clock.millis_i64(),
    }
}

/// The editor with what was sent: as a preview, or with what is wrong.
async fn shown(state: &AppState, dossier: Option<&Dossier>, typed: &Typed, problems: Problems) -> Result<Response> {
    if typed.is_preview() {
        return editor_page(state, dossier, typed, Problems::default(), None, StatusCode::OK).await;
    }
    editor_page(state, dossier, typed, problems, None, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn editor_page(
    state: &AppState,
    dossier: Option<&Dossier>,
    typed: &Typed,
    problems: Problems,
    meanwhile: Option<&Meanwhile<'_>>,
    status: StatusCode,
) -> Result<Response> {
    let (mut manuscript, _) = typed.read();
    if manuscript.markdown.chars().count() > MOST_LETTERS {
        // Whoever sent it is told that; nothing is worked out about it.
        manuscript.markdown.clear();
    }
    let outline = Outline::of(&manuscript.markdown);
    let rendered = render(state, &manuscript);
    let sections = rendered.as_ref().map(|rendered| ids(&rendered.html)).unwrap_or_default();
    let addresses = Addresses { pages: pages(state).await?, sections };
    let editing = Editing {
        dossier,
        typed,
        problems,
        meanwhile,
        advice: advice::advise(&outline, &addresses),
        findings: safety::check(&manuscript.title, &manuscript.summary, &outline, &state.site.rules),
        rendered,
        preview: typed.is_preview(),
    };
    Ok(editor::page(&editing).with_status(status).respond(&state.site))
}

/// Every address of the site that a text may lead to.
async fn pages(state: &AppState) -> Result<std::collections::BTreeSet<String>> {
    const STANDING: [&str; 13] = [
        "/",
        "/articles",
        "/exercises",
        "/tracker",
        "/tracker/plan",
        "/tracker/body",
        "/tracker/progress",
        "/tracker/session",
        "/tracker/sheet",
        "/seek-help",
        "/seek-help/about",
        "/privacy",
        "/accessibility",
    ];
    let articles = store::addresses(&state.db).await?.into_iter().map(|slug| format!("/articles/{slug}"));
    let exercises = exercise::store::library(&state.db).await?.into_iter().map(|one| format!("/exercises/{}", one.id));
    Ok(STANDING.map(str::to_owned).into_iter().chain(articles).chain(exercises).collect())
}

/// The ids in a rendered text.
fn ids(html: &str) -> std::collections::BTreeSet<String> {
    html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}
