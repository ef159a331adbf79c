//! Writing: beginning an article, saving it, restoring what it was, and giving it another address.

use std::{collections::BTreeSet, mem};

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Dossier,
    advice::{self, Addresses},
    drafts::{self, Draft, Line, Mark, Subject},
    http::{article_page, as_read, dossier, event, text, went_on},
    links,
    manuscript::{MOST_LETTERS, Manuscript, Typed},
    merge::merge,
    pages::{
        self,
        article::Asked,
        editor::{self, Editing, Judged, Meanwhile},
    },
    safety, store,
    when::Now,
};
use crate::{
    AppState, Error, Result,
    account::{Editor, session::Visitor},
    article::{
        import::is_slug,
        markdown::{self, Problem, Rendered},
        outline::Outline,
        pictures,
    },
    audit::Action,
    exercise::{self, Exercise},
    ui::form::Problems,
};

/// How often a save that meets a newer revision is brought together with it, before it is shown instead.
const TRIES: usize = 5;

/// How the editor is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct EditQuery {
    /// "open": with the draft that there is.
    draft: String,
    /// "yes": after it was thrown away.
    discarded: String,
}

pub(super) async fn new(
    editor: Editor,
    State(state): State<AppState>,
    Query(query): Query<EditQuery>,
) -> Result<Response> {
    let manuscript = Manuscript { author: state.site.settings.default_author().to_owned(), ..Manuscript::default() };
    let begun = Typed { base: String::new(), ..Typed::of(&manuscript, 0) };
    open(&state, &editor, None, &manuscript, begun, &query).await
}

pub(super) async fn edit(
    editor: Editor,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Query(query): Query<EditQuery>,
) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let newest = text(&state, id, dossier.newest).await?;
    let saved = Typed::of(&newest.manuscript, newest.number);
    open(&state, &editor, Some(&dossier), &newest.manuscript, saved, &query).await
}

/// The editor with what was saved last; but where there is a draft that says more, that is offered first, and opened where it
/// was asked for.
async fn open(
    state: &AppState,
    visitor: &Visitor,
    dossier: Option<&Dossier>,
    newest: &Manuscript,
    saved: Typed,
    query: &EditQuery,
) -> Result<Response> {
    let draft = drafts::draft(&state.db, subject(dossier), visitor.account).await?;
    let from = draft.as_ref().map(|draft| draft.mark).unwrap_or_default();
    let shown = Shown { from, discarded: query.discarded == "yes", ..Shown::default() };
    match draft.filter(|draft| draft.says_more_than(newest)) {
        Some(draft) if query.draft == "open" => {
            let shown = Shown { draft: Some(&draft), ..shown };
            editor_page(state, visitor, dossier, &draft.typed, shown).await
        }
        Some(draft) => {
            let changed = changed(state, dossier, &draft).await?;
            Ok(pages::draft::offer(dossier, &draft, &changed, &Now::of(state)).respond(&state.site))
        }
        None => editor_page(state, visitor, dossier, &saved, shown).await,
    }
}

fn subject(dossier: Option<&Dossier>) -> Subject {
    Subject(dossier.map(|dossier| dossier.id))
}

/// What a draft changes of the revision that it was made from, by field.
pub(super) async fn changed(
    state: &AppState,
    dossier: Option<&Dossier>,
    draft: &Draft,
) -> Result<Vec<pages::revision::Compared>> {
    let base = match dossier {
        Some(dossier) => text(state, dossier.id, draft.base).await?.manuscript,
        None => Manuscript { author: state.site.settings.default_author().to_owned(), ..Manuscript::default() },
    };
    Ok(pages::revision::compared(&base, &draft.typed.read().0))
}

pub(super) async fn begin(editor: Editor, State(state): State<AppState>, Form(typed): Form<Typed>) -> Result<Response> {
    let (manuscript, mut problems) = typed.read();
    let slug = typed.slug.trim().to_owned();
    if !is_slug(&slug) {
        problems.add("the_slug", "Enter an address of lower-case words joined by hyphens, like back-pain-at-night");
    }
    if typed.is_preview() || !problems.is_empty() {
        return shown(&state, &editor, None, &typed, problems).await;
    }
    let id = state.clock.new_id();
    let first = new_revision(&state, &editor, manuscript, typed.note.trim(), typed.line()).await?;
    let begun = store::create(&state.db, id, slug, first, event(&editor, &state, Action::ArticleBegun)).await;
    match begun {
        Ok(()) => Ok(led_to(id, "saved")),
        Err(Error::Conflict) => {
            let problems = Problems::one("the_slug", "Another article has this address, or had it: choose another");
            shown(&state, &editor, None, &typed, problems).await
        }
        Err(error) => Err(error),
    }
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
        return shown(&state, &editor, Some(&dossier), &typed, problems).await;
    }
    let base_number = typed.base.parse().unwrap_or(dossier.newest);
    let mut base = text(&state, id, base_number).await?;
    let mut done = "saved";
    for _ in 0..TRIES {
        if manuscript == base.manuscript {
            drafts::end_now(&state.db, Subject(Some(id)), editor.account, typed.line()).await?;
            return Ok(led_to(id, if done == "saved" { "unchanged" } else { done }));
        }
        let note = note(&typed, done, base.number);
        let next = new_revision(&state, &editor, manuscript.clone(), &note, typed.line()).await?;
        let saved = store::save(&state.db, id, base.number, next, event(&editor, &state, Action::ArticleSaved)).await;
        match saved {
            Ok(_) => return Ok(led_to(id, done)),
            Err(Error::Conflict) => {}
            Err(error) => return Err(error),
        }
        dossier = self::dossier(&state, id).await?;
        let newest = text(&state, id, dossier.newest).await?;
        let merged = merge(&base.manuscript, manuscript, &newest.manuscript);
        if !merged.conflicts.is_empty() {
            let both = Typed::of(&merged.manuscript, newest.number);
            let both = Typed { note: typed.note, draft_mark: typed.draft_mark, draft_from: typed.draft_from, ..both };
            let meanwhile = Meanwhile { base: &base, newest: &newest, conflicts: &merged.conflicts, dossier: &dossier };
            let mut problems = Problems::default();
            for field in merged.conflicts.iter().copied() {
                problems.add(field, "Somebody else changed this too while you were writing: choose what is to stand");
            }
            let shown = Shown {
                from: continued(&state, &editor, Some(&dossier), &both).await?,
                problems,
                meanwhile: Some(&meanwhile),
                unsaved: true,
                status: StatusCode::CONFLICT,
                ..Shown::default()
            };
            return editor_page(&state, &editor, Some(&dossier), &both, shown).await;
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
    let note = format!("Revision {number}, restored");
    let again = new_revision(&state, &editor, old.manuscript, &note, Line::default()).await?;
    let event = event(&editor, &state, Action::ArticleRestored);
    match store::save(&state.db, id, dossier.newest, again, event).await {
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

/// The text as HTML that names its pictures, or what is wrong with it.
///
/// # Errors
/// When the database fails.
pub(super) async fn render(state: &AppState, manuscript: &Manuscript) -> Result<Result<Rendered, Vec<Problem>>> {
    let rendered = match markdown::render(&manuscript.markdown, &state.site.rules) {
        Ok(rendered) => rendered,
        Err(problems) => return Ok(Err(problems)),
    };
    let missing = pictures::missing(&state.db, &rendered.pictures).await?;
    Ok(if missing.is_empty() { Ok(rendered) } else { Err(missing) })
}

pub(super) async fn new_revision(
    state: &AppState,
    visitor: &Visitor,
    manuscript: Manuscript,
    note: &str,
    line: Line,
) -> Result<store::NewRevision> {
    let rendered = render(state, &manuscript).await?.ok();
    Ok(store::NewRevision {
        manuscript,
        rendered,
        note: note.to_owned(),
        by: visitor.account,
        at: state.clock.millis_i64(),
        line,
    })
}

/// The editor with what was sent: as a preview, or with what is wrong.
async fn shown(
    state: &AppState,
    visitor: &Visitor,
    dossier: Option<&Dossier>,
    typed: &Typed,
    problems: Problems,
) -> Result<Response> {
    let shown = Shown { from: continued(state, visitor, dossier, typed).await?, unsaved: true, ..Shown::default() };
    let shown =
        if typed.is_preview() { shown } else { Shown { problems, status: StatusCode::UNPROCESSABLE_ENTITY, ..shown } };
    editor_page(state, visitor, dossier, typed, shown).await
}

/// The draft that a page which was sent had come to: the page that answers it is another, and goes on from there.
async fn continued(state: &AppState, visitor: &Visitor, dossier: Option<&Dossier>, typed: &Typed) -> Result<Mark> {
    let line = typed.line();
    let draft = drafts::draft(&state.db, subject(dossier), visitor.account).await?;
    let mark = draft.map(|draft| draft.mark).filter(|mark| mark.page == line.mark.page || *mark == line.from);
    Ok(mark.unwrap_or_default())
}

/// How the editor is shown, beside the text.
#[derive(Default)]
struct Shown<'a> {
    problems: Problems,
    meanwhile: Option<&'a Meanwhile<'a>>,
    /// The draft that it is of, where it was opened with one.
    draft: Option<&'a Draft>,
    /// The draft that the page is made from.
    from: Mark,
    discarded: bool,
    /// Whether it has what was neither saved nor kept as a draft.
    unsaved: bool,
    status: StatusCode,
}

async fn editor_page(
    state: &AppState,
    visitor: &Visitor,
    dossier: Option<&Dossier>,
    typed: &Typed,
    shown: Shown<'_>,
) -> Result<Response> {
    let linkable = Linkable::of(state).await?;
    let editing = Editing {
        dossier,
        typed,
        problems: shown.problems,
        meanwhile: shown.meanwhile,
        draft: shown.draft,
        discarded: shown.discarded,
        unsaved: shown.unsaved,
        line: Line { mark: Mark { page: state.clock.new_id(), number: 0 }, from: shown.from },
        account: visitor.account,
        others: drafts::others(&state.db, subject(dossier), visitor.account).await?,
        now: Now::of(state),
        judged: judge(state, typed, linkable.addresses).await?,
        exercises: linkable.exercises,
        authors: state.site.settings.authors.iter().map(|author| author.name.clone()).collect(),
    };
    Ok(editor::page(&editing).with_status(shown.status).respond(&state.site))
}

/// What there is to say about a text, and how readers would see it.
pub(super) async fn judge(state: &AppState, typed: &Typed, addresses: Addresses) -> Result<Judged> {
    let (mut manuscript, _) = typed.read();
    if manuscript.markdown.chars().count() > MOST_LETTERS {
        // Whoever sent it is told that; nothing is worked out about it.
        manuscript.markdown.clear();
    }
    let outline = Outline::of(&manuscript.markdown);
    let mut rendered = render(state, &manuscript).await?;
    if let Ok(rendered) = &mut rendered {
        rendered.html = as_read(state, mem::take(&mut rendered.html)).await?;
    }
    let sections = rendered.as_ref().map(|rendered| ids(&rendered.html)).unwrap_or_default();
    Ok(Judged {
        advice: advice::advise(&outline, &Addresses { sections, ..addresses }),
        findings: safety::check(&manuscript.title, &manuscript.summary, &outline, &state.site.rules),
        rendered,
        title: manuscript.title,
        summary: manuscript.summary,
    })
}

/// What a text may lead to.
pub(super) struct Linkable {
    /// Every page of ours, and what is known of other sites; no sections yet.
    pub addresses: Addresses,
    pub exercises: Vec<Exercise>,
}

impl Linkable {
    pub(super) async fn of(state: &AppState) -> Result<Self> {
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
        let exercises = exercise::store::library(&state.db).await?;
        let of_exercises = exercises.iter().map(|one| format!("/exercises/{}", one.id));
        let pages = STANDING.map(str::to_owned).into_iter().chain(articles).chain(of_exercises).collect();
        let outer = links::outer::failing(&state.db).await?.into_iter().filter(|link| link.since.is_some());
        let failing = outer.map(|link| (link.address, link.found.in_words())).collect();
        Ok(Self { addresses: Addresses { pages, failing, ..Addresses::default() }, exercises })
    }
}

/// The ids in a rendered text.
fn ids(html: &str) -> BTreeSet<String> {
    html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}
