//! The rulebook's addresses, and the pages that are only read.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Dossier, Stage, Texts, checking,
    difference::difference,
    gates::Report,
    pages::{self, Asked, Found, Known, Trying},
    review,
    soundness::Number,
    store, writing,
};
use crate::{
    AppState, Error, Result,
    account::{Role, Staff, session::Visitor},
    routes::Routes,
    triage::{self, Answers, NO, RuleSet, laws, vignette},
    ui::form::Problems,
};

/// Rules and vignettes, as a browser encodes them.
const TEXT_LIMIT: usize = 2 * 1024 * 1024;
const FORM_LIMIT: usize = 64 * 1024;

/// Every route of the rulebook.
pub fn routes() -> Routes {
    Routes::new()
        .page_for("/admin/rules", list)
        .form_for("/admin/rules/new", FORM_LIMIT, writing::begin)
        .page_for("/admin/rules/{id}", show)
        .page_for("/admin/rules/{id}/edit", writing::edit)
        .form_for("/admin/rules/{id}/edit", TEXT_LIMIT, writing::save)
        .page_for("/admin/rules/{id}/parts", writing::parts)
        .page_for("/admin/rules/{id}/parts/{part}/{item}", writing::part)
        .form_for("/admin/rules/{id}/parts/{part}/{item}", FORM_LIMIT, writing::save_part)
        .page_for("/admin/rules/{id}/revisions/{number}/{file}", export)
        .page_for("/admin/rules/{id}/try", begin_trying)
        .form_for("/admin/rules/{id}/try", FORM_LIMIT, go_on_trying)
        .form_for("/admin/rules/{id}/check", FORM_LIMIT, review::check)
        .form_for("/admin/rules/{id}/ask", FORM_LIMIT, review::ask)
        .form_for("/admin/rules/{id}/withdraw", FORM_LIMIT, review::withdraw)
        .form_for("/admin/rules/{id}/publish", FORM_LIMIT, review::publish)
        .form_for("/admin/rules/{id}/roll-back", FORM_LIMIT, review::roll_back)
}

pub(super) async fn dossier(state: &AppState, id: Uuid) -> Result<Dossier> {
    store::dossier(&state.db, id).await?.ok_or(Error::NotFound)
}

pub(super) async fn texts(state: &AppState, id: Uuid, number: i64) -> Result<Texts> {
    store::texts(&state.db, id, number).await?.ok_or(Error::NotFound)
}

async fn list(staff: Staff, State(state): State<AppState>) -> Result<Response> {
    let listed = store::list(&state.db).await?;
    Ok(pages::list(&staff, &state.site, &listed).respond(&state.site))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ShowQuery {
    /// The name of what was just done.
    done: String,
}

async fn show(
    staff: Staff,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Query(query): Query<ShowQuery>,
) -> Result<Response> {
    let asked = Asked { done: pages::done(&query.done), ..Asked::default() };
    page_of(&state, &staff, id, &asked, StatusCode::OK).await
}

/// The page of a rule set, perhaps with what was wrong with a form on it.
pub(super) async fn page_of(
    state: &AppState,
    visitor: &Visitor,
    id: Uuid,
    asked: &Asked<'_>,
    status: StatusCode,
) -> Result<Response> {
    let dossier = dossier(state, id).await?;
    let texts = texts(state, id, dossier.newest).await?;
    let in_use = &state.site.in_use.texts;
    let differs = if texts == *in_use { Ok(vec![]) } else { difference(in_use, &texts) };
    let (found, against) = found(state, &texts).await?;
    let last = store::last_published(&state.db).await?;
    let known = Known {
        dossier: &dossier,
        site: &state.site,
        is_in_use: texts == *in_use,
        is_last: last.as_ref().is_some_and(|last| last.rule_set_id == id),
        is_older: last.is_some_and(|last| Number::of(dossier.version()) < Number::of(&last.version)),
        differs,
        found,
        against,
        rules: triage::file::read(&texts.rules).ok(),
        signature: store::last_signature(&state.db, visitor.account).await?.unwrap_or_default(),
        writer: visitor.roles.has(Role::Editor) || visitor.roles.has(Role::Reviewer),
        reviewer: visitor.roles.has(Role::Reviewer),
        on_call: visitor.roles.has(Role::Reviewer) || visitor.roles.has(Role::Admin),
        own: dossier.is_own(visitor.account) || dossier.asked_by == Some(visitor.account),
    };
    Ok(pages::rule_set(&known, asked).with_status(status).respond(&state.site))
}

/// What the checks of these texts found, or how far they are; and what they are made against.
pub(super) async fn found(state: &AppState, texts: &Texts) -> Result<(Found, String)> {
    let against = checking::case(state, texts.clone()).await?.against();
    let found = match store::check(&state.db, &texts.digest(), &against).await? {
        None => Found::Nothing,
        Some(check) if check.finished_at.is_some() => {
            let report: Report = serde_json::from_str(&check.report).map_err(Error::internal)?;
            Found::Done(Box::new(report))
        }
        Some(check) if check.seen_at < state.clock.millis_i64() - checking::STOPPED => Found::Stopped,
        Some(check) => Found::Running { done: check.done, total: check.total },
    };
    Ok((found, against))
}

/// For a form that came too late: how the rule set stands now.
pub(super) async fn went_on(state: &AppState, visitor: &Visitor, id: Uuid) -> Result<Response> {
    let problem = "The rule set went on meanwhile, so this was not done: look at how it stands now";
    let asked = Asked { problems: Problems::one("how_it_stands", problem), ..Asked::default() };
    page_of(state, visitor, id, &asked, StatusCode::CONFLICT).await
}

async fn export(
    _staff: Staff,
    State(state): State<AppState>,
    Path((id, number, file)): Path<(Uuid, i64, String)>,
) -> Result<Response> {
    let texts = texts(&state, id, number).await?;
    let (name, text) = match file.as_str() {
        "rules.toml" => ("rules.toml", texts.rules),
        "vignettes.toml" => ("vignettes.toml", texts.vignettes),
        _ => return Err(Error::NotFound),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/toml; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, text).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TryQuery {
    /// A test case to begin from.
    case: String,
    /// An example of the checks to begin from, from 1.
    example: usize,
}

async fn begin_trying(
    _staff: Staff,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Query(query): Query<TryQuery>,
) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let texts = texts(&state, id, dossier.newest).await?;
    let mut answers = Answers::default();
    let rules = triage::file::read(&texts.rules);
    if let Ok(rules) = &rules {
        let people = vignette::read_fitting(&texts.vignettes, rules).0;
        if let Some(person) = people.into_iter().find(|person| person.id == query.case) {
            answers = person.answers;
        }
    }
    if let (Found::Done(report), 1..) = (found(&state, &texts).await?.0, query.example)
        && let Some(change) = report.comparison.changes.get(query.example - 1)
    {
        // An example leaves out what is answered no.
        let sets = [rules.as_ref().ok(), Some(&state.site.rules)];
        for question in sets.into_iter().flatten().flat_map(|rules| &rules.questions) {
            if question.accepts(NO) {
                answers.set(&question.id, NO);
            }
        }
        change.example.iter().for_each(|(question, answer)| answers.set(question, answer));
    }
    Ok(tried(&state, &dossier, rules, answers))
}

async fn go_on_trying(
    _staff: Staff,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let texts = texts(&state, id, dossier.newest).await?;
    let answers = fields.iter().map(|(question, answer)| (question.as_str(), answer.as_str())).collect();
    Ok(tried(&state, &dossier, triage::file::read(&texts.rules), answers))
}

fn tried(state: &AppState, dossier: &Dossier, rules: Result<RuleSet, Vec<String>>, given: Answers) -> Response {
    let rules = match rules {
        Ok(rules) => rules,
        Err(problems) => {
            let page = pages::cannot_be_tried(dossier, &problems).with_status(StatusCode::UNPROCESSABLE_ENTITY);
            return page.respond(&state.site);
        }
    };
    let draft = answered(&rules, &given);
    let in_use = answered(&state.site.rules, &given);
    let trying = Trying {
        dossier,
        draft: (&rules, &rules.assess(&draft)),
        in_use: (&state.site.rules, &state.site.rules.assess(&in_use)),
        answers: &draft,
    };
    pages::trying(&trying).respond(&state.site)
}

/// What a rule set takes of these answers; signs of which nothing is said are not there.
fn answered(rules: &RuleSet, given: &Answers) -> Answers {
    let mut answers: Answers = given.iter().filter(|(question, answer)| rules.accepts(question, answer)).collect();
    for question in rules.questions.iter().filter(|question| question.is_sign() && question.accepts(NO)) {
        if !answers.has(&question.id) {
            answers.set(&question.id, NO);
        }
    }
    laws::asked_only(rules, &answers)
}

/// Whether it can still be changed.
pub(super) fn is_open(dossier: &Dossier) -> bool {
    dossier.stage != Stage::Published
}
