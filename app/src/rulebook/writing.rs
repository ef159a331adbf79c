//! Writing: beginning a rule set, and changing it as text or by forms of its parts.

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Dossier, Texts,
    catalogue::Catalogue,
    condition_form::ACT,
    editing,
    fields::{self, Answering, Control, Entry, sent},
    grades::GRADE_COUNT,
    http::{dossier, is_open, texts, went_on},
    pages::{self, Editing},
    part_fields::PLACE,
    part_page::{self, PartForm},
    parts::{NEW, Part},
    rows,
    store::{self, Saving},
    words,
};
use crate::{
    AppState, Error, Result,
    account::{Writer, session::Visitor},
    audit::Action,
    desk::event,
    triage,
    ui::form::Problems,
};

/// In letters; more than ten times what we ship.
pub(super) const MOST_LETTERS: usize = 1_000_000;
const MOST_OF_A_NOTE: usize = 500;

pub(super) async fn begin(writer: Writer, State(state): State<AppState>) -> Result<Response> {
    let published = store::published_versions(&state.db).await?;
    let begun = editing::begin(&state.site.in_use.texts, state.clock.today(), &published).map_err(Error::internal)?;
    let id = state.clock.new_id();
    let note = format!("Begun from {}", state.site.rules.version.split('+').next().unwrap_or_default());
    let event = event(&writer, &state, Action::RuleSetBegun);
    store::begin(&state.db, id, saving(&state, &writer, begun, &note), event).await?;
    Ok(led_to(id, "begun"))
}

pub(super) fn saving(state: &AppState, visitor: &Visitor, texts: Texts, note: &str) -> Saving {
    Saving {
        version: version_of(&texts.rules),
        texts,
        note: note.to_owned(),
        by: Some(visitor.account),
        at: state.clock.millis_i64(),
    }
}

/// As the text says, without its hash; empty where it cannot be read.
pub(super) fn version_of(rules: &str) -> String {
    let version = triage::file::read(rules).map(|rules| rules.version).unwrap_or_default();
    version.split('+').next().unwrap_or_default().to_owned()
}

/// To the rule set's page, which says what was done.
pub(super) fn led_to(id: Uuid, done: &str) -> Response {
    Redirect::to(&format!("/admin/rules/{id}?done={done}")).into_response()
}

/// The form with the whole text, as it was sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub base: i64,
    pub the_rules: String,
    pub the_cases: String,
    pub the_note: String,
    pub press: String,
}

impl Typed {
    fn texts(&self) -> Texts {
        let lines = |text: &str| text.replace("\r\n", "\n");
        Texts { rules: lines(&self.the_rules), vignettes: lines(&self.the_cases) }
    }
}

pub(super) async fn edit(_writer: Writer, State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let Texts { rules, vignettes } = texts(&state, id, dossier.newest).await?;
    let typed = Typed { base: dossier.newest, the_rules: rules, the_cases: vignettes, ..Typed::default() };
    Ok(editor(&state, &dossier, &typed, Problems::default(), None, StatusCode::OK))
}

fn editor(
    state: &AppState,
    dossier: &Dossier,
    typed: &Typed,
    problems: Problems,
    meanwhile: Option<&Texts>,
    status: StatusCode,
) -> Response {
    let editing = Editing {
        dossier,
        base: typed.base,
        rules: &typed.the_rules,
        vignettes: &typed.the_cases,
        note: &typed.the_note,
        problems,
        meanwhile,
    };
    pages::editor(&editing).with_status(status).respond(&state.site)
}

pub(super) async fn save(
    writer: Writer,
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let new = typed.texts();
    let mut problems = Problems::default();
    if !is_open(&dossier) {
        problems.add("the_rules", "This rule set was published: begin another from it");
    }
    for (field, text) in [("the_rules", &new.rules), ("the_cases", &new.vignettes)] {
        if text.chars().count() > MOST_LETTERS {
            problems.add(field, format!("Enter {MOST_LETTERS} letters or fewer"));
        }
    }
    if typed.the_note.chars().count() > MOST_OF_A_NOTE {
        problems.add("the_note", format!("Enter {MOST_OF_A_NOTE} letters or fewer"));
    }
    if problems.is_empty() && typed.press != "unfinished" {
        for problem in unreadable(&new.rules) {
            problems.add("the_rules", problem);
        }
        if let (true, Ok(rules)) = (problems.is_empty(), triage::file::read(&new.rules)) {
            for problem in triage::vignette::read_fitting(&new.vignettes, &rules).1 {
                problems.add("the_cases", problem);
            }
        }
    }
    if !problems.is_empty() {
        return Ok(editor(&state, &dossier, &typed, problems, None, StatusCode::UNPROCESSABLE_ENTITY));
    }
    if texts(&state, id, dossier.newest).await? == new {
        return Ok(led_to(id, "unchanged"));
    }
    let saving = saving(&state, &writer, new, typed.the_note.trim());
    match store::save(&state.db, id, typed.base, saving, event(&writer, &state, Action::RuleSetSaved)).await {
        Ok(_) => Ok(led_to(id, "saved")),
        Err(Error::Conflict) => {
            let dossier = self::dossier(&state, id).await?;
            let newest = texts(&state, id, dossier.newest).await?;
            let problem = "Somebody else saved meanwhile, so yours was not saved: bring both together, and save again";
            let typed = Typed { base: dossier.newest, ..typed };
            let problems = Problems::one("the_rules", problem);
            Ok(editor(&state, &dossier, &typed, problems, Some(&newest), StatusCode::CONFLICT))
        }
        Err(error) => Err(error),
    }
}

fn unreadable(rules: &str) -> Vec<String> {
    triage::file::read(rules).err().unwrap_or_default()
}

pub(super) async fn parts(_writer: Writer, State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let texts = texts(&state, id, dossier.newest).await?;
    Ok(part_page::parts(&dossier, &texts).respond(&state.site))
}

pub(super) async fn part(
    _writer: Writer,
    State(state): State<AppState>,
    Path((id, part, item)): Path<(Uuid, String, String)>,
) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    let part = Part::named(&part).ok_or(Error::NotFound)?;
    let texts = texts(&state, id, dossier.newest).await?;
    let entries = editing::form(&texts, part, &item, &[]).ok_or(Error::NotFound)?;
    let known = Catalogue::of(&texts);
    let form = PartForm {
        dossier: &dossier,
        part,
        item: &item,
        base: dossier.newest,
        entries,
        known: known.as_ref(),
        in_words: in_words(&texts, part, &item),
        note: "",
        taken_out: false,
        open: String::new(),
        problems: Problems::default(),
        meanwhile: None,
    };
    Ok(part_page::part(&form).respond(&state.site))
}

/// When a rule fires, in words, where the text can be read.
fn in_words(texts: &Texts, part: Part, id: &str) -> Vec<String> {
    if !matches!(part, Part::Rule | Part::Watch) {
        return vec![];
    }
    let Ok(rules) = triage::file::read(&texts.rules) else { return vec![] };
    let grades = rules.rule(id).into_iter().flat_map(|rule| &rule.grades);
    let grades = grades
        .map(|grade| format!("{} when {}.", words::urgency(grade.urgency), words::condition(&rules, &grade.when)));
    let limits = rules.watch.iter().filter(|watch| watch.id == id).map(|watch| watch.limits.said());
    grades.map(|line| words::capital(&line)).chain(limits).collect()
}

/// Does what a button asks for that changes the form and saves nothing. Returns the place that it leads to.
fn act(entries: &mut [Entry], asked: &str, known: Option<&Catalogue>) -> Option<String> {
    let (act, at) = asked.split_once(' ')?;
    entries.iter_mut().find_map(|entry| match &mut entry.control {
        Control::Condition(draft) => draft.act(&entry.name, act, at, known?),
        Control::Rows { rows, .. } | Control::Answering { answering: Answering::Own(rows), .. } => {
            rows::press(rows, &entry.name, act, at)
        }
        _ => None,
    })
}

pub(super) async fn save_part(
    writer: Writer,
    State(state): State<AppState>,
    Path((id, part, item)): Path<(Uuid, String, String)>,
    Form(mut given): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let dossier = dossier(&state, id).await?;
    // As it is where somebody else saved.
    let newer: Dossier;
    let part = Part::named(&part).ok_or(Error::NotFound)?;
    let asked = sent(&given, ACT).map(str::to_owned);
    if asked.as_deref().is_some_and(|asked| asked.starts_with("grade ")) {
        given.iter_mut().filter(|(name, _)| name == GRADE_COUNT).for_each(|(_, count)| {
            *count = (count.parse().unwrap_or(0_usize) + 1).to_string();
        });
    }
    let base: i64 = sent(&given, "base").and_then(|base| base.parse().ok()).unwrap_or(dossier.newest);
    let old = texts(&state, id, base).await?;
    let known = Catalogue::of(&old);
    let mut entries = editing::form(&old, part, &item, &given).ok_or(Error::NotFound)?;
    let first = entries.first().map_or_else(String::new, |entry| entry.name.clone());
    entries = fields::filled(entries, &given);
    let mut form = PartForm {
        dossier: &dossier,
        part,
        item: &item,
        base,
        entries,
        known: known.as_ref(),
        in_words: vec![],
        note: sent(&given, "the_note").unwrap_or_default(),
        taken_out: sent(&given, editing::TAKE_OUT).is_some(),
        open: String::new(),
        problems: Problems::default(),
        meanwhile: None,
    };
    if let Some(asked) = asked {
        form.open = act(&mut form.entries, &asked, form.known).unwrap_or_default();
        form.in_words = in_words(&old, part, &item);
        return Ok(part_page::part(&form).respond(&state.site));
    }
    if !is_open(&dossier) {
        form.problems.add(first.clone(), "This rule set was published: begin another from it");
    }
    let changed = match editing::apply(&old, part, &item, &given) {
        Ok(changed) => Some(changed),
        Err(wrong) => {
            wrong.into_iter().for_each(|(field, problem)| form.problems.add(field, problem));
            None
        }
    };
    if let Some(changed) = changed.as_ref().filter(|_| sent(&given, "press") != Some("unfinished")) {
        let found = unsound(changed);
        // What was wrong before is not this form's to mend.
        let before = if found.is_empty() { vec![] } else { unsound(&old) };
        let is_old = |problem: &str| before.iter().any(|old| placeless(old) == placeless(problem));
        for problem in found.into_iter().filter(|problem| !is_old(problem)) {
            form.problems.add(field_of(&form.entries, &problem, &first), problem);
        }
    }
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if let (true, Some(changed)) = (form.problems.is_empty(), changed) {
        if changed == old {
            return Ok(led_to(id, "unchanged"));
        }
        let note = match form.note.trim() {
            "" if item == NEW => format!("{} {}", part.words(), sent(&given, "id").unwrap_or_default()),
            "" => part.title(&item),
            note => note.to_owned(),
        };
        let saving = saving(&state, &writer, changed, &note);
        match store::save(&state.db, id, base, saving, event(&writer, &state, Action::RuleSetSaved)).await {
            Ok(_) => return Ok(led_to(id, "saved")),
            Err(Error::Conflict) => {}
            Err(error) => return Err(error),
        }
        newer = self::dossier(&state, id).await?;
        let newest = texts(&state, id, newer.newest).await?;
        let Some(theirs) = editing::form(&newest, part, &item, &[]) else { return went_on(&state, &writer, id).await };
        form.meanwhile = Some(theirs);
        form.base = newer.newest;
        form.dossier = &newer;
        status = StatusCode::CONFLICT;
        form.problems.add(
            first,
            "Somebody else saved meanwhile, so yours was not saved: look at what it is now, and save again",
        );
    }
    form.in_words = in_words(&old, part, &item);
    Ok(part_page::part(&form).with_status(status).respond(&state.site))
}

/// All that is wrong with both texts.
fn unsound(texts: &Texts) -> Vec<String> {
    match triage::file::read(&texts.rules) {
        Ok(rules) => triage::vignette::read_fitting(&texts.vignettes, &rules).1,
        Err(problems) => problems,
    }
}

/// Without its line, which another change may move.
fn placeless(problem: &str) -> &str {
    problem.strip_prefix("line ").and_then(|rest| rest.split_once(", ")).map_or(problem, |(_, rest)| rest)
}

/// The field that a problem is about: a test case's answer, or a place; otherwise the first.
fn field_of(entries: &[Entry], problem: &str, first: &str) -> String {
    let word = problem.split_once(": ").map_or("", |(_, rest)| rest.split(' ').next().unwrap_or_default());
    let answers = entries.iter().find(|entry| matches!(entry.control, Control::Answers(_)));
    let is_question = problem.ends_with(" is left open") || problem.ends_with(" is answered, and never asked");
    if problem.ends_with("that no earlier screen asks") && entries.iter().any(|entry| entry.name == PLACE) {
        return PLACE.to_owned();
    }
    answers.filter(|_| is_question).map_or_else(|| first.to_owned(), |entry| format!("{}-{word}", entry.name))
}
