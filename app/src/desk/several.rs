//! Several articles at once: to tag them, to take a tag away, and to archive them. What is not to be done with one of them is
//! said of that one, and does not keep the others.

use axum::{Form, extract::State, http::StatusCode, response::Response};
use uuid::Uuid;

use super::{
    Dossier,
    drafts::Line,
    http::{dossier, event, text},
    manuscript::Manuscript,
    pages::several as pages,
    store,
    writing::new_revision,
};
use crate::{AppState, Error, Result, account::Editor, article::import::is_slug, audit::Action, ui::form::Problems};

/// How many at most: four pages of the list.
const MOST: usize = 100;
/// How often a save is tried that others are faster than.
const TRIES: usize = 5;

/// What is to be done with each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Archive,
    AddTag(String),
    RemoveTag(String),
}

/// The form, as it was sent.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub articles: Vec<Uuid>,
    pub act: String,
    pub tag: String,
    /// The list's address that it came from.
    pub back: String,
    /// Whether it is to be done now; from the list it is asked first.
    sure: bool,
}

impl Typed {
    fn read(fields: Vec<(String, String)>) -> Self {
        let mut typed = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "article" => typed.articles.extend(value.parse::<Uuid>().ok()),
                "act" => typed.act = value,
                "tag" => typed.tag = value.trim().to_lowercase(),
                "back" if value == "/admin/articles" || value.starts_with("/admin/articles?") => typed.back = value,
                "sure" => typed.sure = true,
                _ => {}
            }
        }
        typed.articles.dedup();
        if typed.back.is_empty() {
            "/admin/articles".clone_into(&mut typed.back);
        }
        typed
    }

    fn act(&self) -> Result<Act, Problems> {
        let tag = || match is_slug(&self.tag) {
            true => Ok(self.tag.clone()),
            false => Err(Problems::one("tag", "Enter a tag of lower-case words joined by hyphens, like back-pain")),
        };
        match self.act.as_str() {
            "archive" => Ok(Act::Archive),
            "add-tag" => tag().map(Act::AddTag),
            "remove-tag" => tag().map(Act::RemoveTag),
            _ => Err(Problems::one("act", "Choose what to do with them")),
        }
    }
}

/// What became of one article.
pub(super) struct Done {
    pub dossier: Dossier,
    /// Or why nothing was done.
    pub became: Result<(), &'static str>,
}

pub(super) async fn several(
    editor: Editor,
    State(state): State<AppState>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let typed = Typed::read(fields);
    let mut problems = Problems::default();
    if typed.articles.is_empty() {
        problems.add("chosen", "Tick the articles in the list first");
    } else if typed.articles.len() > MOST {
        problems.add("chosen", format!("Choose {MOST} articles or fewer"));
    }
    let act = match typed.act() {
        Ok(act) => Some(act),
        Err(wrong) => {
            if typed.sure && problems.is_empty() {
                problems = wrong;
            }
            None
        }
    };
    if let (Some(act), true, true) = (act, typed.sure, problems.is_empty()) {
        let mut done = Vec::with_capacity(typed.articles.len());
        for id in &typed.articles {
            done.push(one(&state, &editor, *id, &act).await?);
        }
        return Ok(pages::done(&act, &typed.back, &done).respond(&state.site));
    }
    let mut chosen = Vec::new();
    for id in typed.articles.iter().take(MOST) {
        chosen.push(dossier(&state, *id).await?);
    }
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(pages::ask(&typed, &chosen, state.clock.today(), &problems).with_status(status).respond(&state.site))
}

async fn one(state: &AppState, editor: &Editor, id: Uuid, act: &Act) -> Result<Done> {
    let mut dossier = dossier(state, id).await?;
    let mut became = Err("somebody else was changing it all the time: try again");
    for _ in 0..TRIES {
        match attempt(state, editor, &dossier, act).await {
            Err(Error::Conflict) => dossier = self::dossier(state, id).await?,
            other => {
                became = other?;
                break;
            }
        }
    }
    Ok(Done { dossier, became })
}

async fn attempt(state: &AppState, editor: &Editor, dossier: &Dossier, act: &Act) -> Result<Result<(), &'static str>> {
    if dossier.archived {
        return Ok(Err("it is archived"));
    }
    let manuscript = text(state, dossier.id, dossier.newest).await?.manuscript;
    let retagged = match act {
        Act::Archive => {
            let event = event(editor, state, Action::ArticleArchived);
            store::archive(&state.db, dossier.id, state.clock.millis_i64(), event).await?;
            return Ok(Ok(()));
        }
        Act::AddTag(tag) => with_tag(manuscript, tag),
        Act::RemoveTag(tag) => without_tag(manuscript, tag),
    };
    let (manuscript, note) = match retagged {
        Ok(changed) => changed,
        Err(why) => return Ok(Err(why)),
    };
    let revision = new_revision(state, editor, manuscript, &note, Line::default()).await?;
    let event = event(editor, state, Action::ArticleSaved);
    store::save(&state.db, dossier.id, dossier.newest, revision, event).await?;
    Ok(Ok(()))
}

/// A text, and the note for its revision; or why it stays as it is.
type Retagged = Result<(Manuscript, String), &'static str>;

fn with_tag(mut manuscript: Manuscript, tag: &str) -> Retagged {
    if manuscript.tags.iter().any(|one| one == tag) {
        return Err("it has the tag already");
    }
    manuscript.tags.push(tag.to_owned());
    Ok((manuscript, format!("Tag added: {tag}")))
}

fn without_tag(mut manuscript: Manuscript, tag: &str) -> Retagged {
    let before = manuscript.tags.len();
    manuscript.tags.retain(|one| one != tag);
    if manuscript.tags.len() == before {
        return Err("it does not have the tag");
    }
    Ok((manuscript, format!("Tag removed: {tag}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(fields: &[(&str, &str)]) -> Typed {
        Typed::read(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_way_back_leads_to_the_list_alone() {
        for (sent, back) in [
            ("/admin/articles?tag=sleep", "/admin/articles?tag=sleep"),
            ("/admin/articles", "/admin/articles"),
            ("https://example.org/admin/articles?", "/admin/articles"),
            ("/admin/articlesx", "/admin/articles"),
        ] {
            assert_eq!(typed(&[("back", sent)]).back, back, "{sent}");
        }
    }

    #[test]
    fn a_tag_is_added_once_and_removed_where_it_is() {
        let (tagged, note) = with_tag(Manuscript::default(), "sleep").unwrap();
        assert_eq!((tagged.tags.as_slice(), note.as_str()), (&["sleep".to_owned()][..], "Tag added: sleep"));
        assert!(with_tag(tagged.clone(), "sleep").is_err());
        assert_eq!(without_tag(tagged, "sleep").unwrap().0.tags, Vec::<String>::new());
        assert!(without_tag(Manuscript::default(), "sleep").is_err());
    }

    #[test]
    fn what_to_do_is_chosen_and_a_tag_is_one() {
        let add = Act::AddTag("sleep".to_owned());
        assert_eq!(typed(&[("act", "add-tag"), ("tag", " Sleep ")]).act().unwrap(), add);
        for (act, tag, field) in [("", "sleep", "act"), ("add-tag", "", "tag"), ("remove-tag", "back pain", "tag")] {
            let problems = typed(&[("act", act), ("tag", tag)]).act().unwrap_err();
            assert!(problems.of(field).is_some(), "{field}: {problems:?}");
        }
    }
}
