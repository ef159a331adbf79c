//! Letters to whoever wrote an article last, once its review is due and once it is overdue: one letter to each for all of
//! theirs. What nobody wrote here, or somebody who is not on the staff any more, is every editor's.

use std::collections::BTreeMap;

use sqlx::FromRow;
use uuid::Uuid;

use super::Status;
use crate::{
    AppState, Result,
    account::{Account, Role, staff},
    day::Day,
    db::Db,
    mail::{Link, Message},
    on,
    site::Settings,
};

/// How many articles a letter names.
const NAMED: usize = 20;

/// An article that has come due.
#[derive(Clone, Debug, FromRow)]
pub struct Due {
    /// Of the newest revision.
    pub title: String,
    /// "2026-11-22".
    pub due_on: String,
    /// Who saved the newest revision.
    pub owner: Option<Uuid>,
}

/// Writes to everybody whose articles have come due, or overdue, since the last time, and returns how many letters that were.
/// Of several servers one takes each article. A letter that is lost on the way is not written again: the desk says it too.
///
/// # Errors
/// When the database fails.
pub async fn write_to_owners(state: &AppState) -> Result<usize> {
    let due = take(&state.db, state.clock.today()).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let editors: Vec<Account> =
        staff::everybody(&state.db).await?.into_iter().filter(|account| account.roles.has(Role::Editor)).collect();
    let mut letters: BTreeMap<&str, Vec<&Due>> = BTreeMap::new();
    for article in &due {
        let owner = editors.iter().filter(|editor| Some(editor.id) == article.owner);
        let theirs: Vec<&Account> = owner.collect();
        for editor in if theirs.is_empty() { editors.iter().collect() } else { theirs } {
            letters.entry(editor.email.as_str()).or_default().push(article);
        }
    }
    let written = letters.len();
    for (to, articles) in letters {
        state.mail.send(letter(&state.site.settings, to, &articles));
    }
    Ok(written)
}

/// Takes what has come due or overdue and was not told of yet: one statement, so that nobody else takes it too.
///
/// # Errors
/// When the database fails.
pub async fn take(db: &Db, today: Day) -> Result<Vec<Due>> {
    db.write(move |mut tx| {
        Box::pin(async move {
            Ok(on!(tx &mut tx, connection => sqlx::query_as(
                "update article
                 set review_told = case when review_due_on < $1 then 'expired ' else 'due ' end || review_due_on
                 where current_revision > 0 and review_due_on <> '' and review_due_on < $2
                   and review_told <> case when review_due_on < $1 then 'expired ' else 'due ' end || review_due_on
                 returning newest_title as title, review_due_on as due_on, newest_saved_by as owner",
            )
            .bind(Status::expired_before(today).to_string())
            .bind(today.to_string())
            .fetch_all(connection)
            .await)?)
        })
    })
    .await
}

fn letter(settings: &Settings, to: &str, articles: &[&Due]) -> Message {
    let name = &settings.name;
    let count = articles.len();
    let (subject, first) = if count == 1 {
        ("An article is due for review", "The review of one article is due.".to_owned())
    } else {
        ("Articles are due for review", format!("The review of {count} articles is due."))
    };
    let mut paragraphs =
        vec![format!("{first} Readers are told so on the page until a clinician has approved the text again.")];
    let mut articles = articles.to_vec();
    articles.sort_by(|one, other| (&one.due_on, &one.title).cmp(&(&other.due_on, &other.title)));
    paragraphs.extend(articles.iter().take(NAMED).map(|article| {
        let day = article.due_on.parse::<Day>().map(Day::long).unwrap_or_default();
        format!("\u{201c}{}\u{201d}: due on {day}", article.title)
    }));
    if count > NAMED {
        paragraphs.push(format!("And {} more.", count - NAMED));
    }
    Message {
        kind: "review-due",
        to: to.to_owned(),
        subject: format!("{subject} at {name}"),
        paragraphs,
        link: Some(Link { label: "Open the desk".to_owned(), url: format!("{}/admin", settings.public_url) }),
        closing: vec!["You get this letter because you write articles there.".to_owned()],
        stop: None,
    }
}
