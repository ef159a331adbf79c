//! Sends the reminders that are due: each once, whoever else sends too, and none at a time that nobody chose.
//!
//! A reminder is taken before it is sent: a process that dies in between has lost it, and none comes twice.

use std::time::Duration;

use super::store::{self, Due, Link};
use crate::{
    AppState, Result,
    account::Token,
    mail::{self, Message},
    site::Settings,
};

/// How long after its time one may still come, in milliseconds: after a longer break it is left out, so that nobody's
/// phone rings at night.
const LATE: i64 = 60 * 60 * 1000;
/// How long the link in one stops them all, in milliseconds: many people tidy up their mail late.
const LINK_GOOD_FOR: i64 = 60 * 24 * 60 * 60 * 1000;
/// How many are read at once.
const AT_ONCE: u32 = 100;
/// How many e-mails may wait before a reminder does: the rest of the places is for what people wait for.
const MOST_UNSENT: usize = 32;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Sends all that is due, and returns how many that were.
///
/// # Errors
/// When the database fails, or the system gives no random bytes; what was not sent is still due.
pub async fn send_due(state: &AppState) -> Result<usize> {
    let (mut sent, mut missed) = (0, 0);
    loop {
        let due = store::due(&state.db, state.clock.millis_i64(), AT_ONCE).await?;
        if due.is_empty() {
            break;
        }
        for due in due {
            match send(state, &due).await? {
                Some(Came::Sent) => sent += 1,
                Some(Came::TooLate) => missed += 1,
                None => {}
            }
        }
    }
    if missed > 0 {
        tracing::warn!(missed, "reminders were left out: their time was more than an hour ago");
    }
    Ok(sent)
}

/// What became of one that was due.
enum Came {
    Sent,
    TooLate,
}

/// Nothing where somebody else took it.
async fn send(state: &AppState, due: &Due) -> Result<Option<Came>> {
    while state.mail.unsent() >= MOST_UNSENT {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let now = state.clock.millis_i64();
    let Some(schedule) = &due.schedule else {
        // A newer program's, or a zone that is gone.
        tracing::error!("a reminder's time cannot be read: it is tried again in a day");
        store::claim(&state.db, due, Some(now + DAY), None).await?;
        return Ok(None);
    };
    let next = schedule.next_after(now);
    if now - due.due_at > LATE {
        return Ok(store::claim(&state.db, due, next, None).await?.then_some(Came::TooLate));
    }
    let token = Token::new()?;
    let link = Link { token: token.hash(), expires_at: now + LINK_GOOD_FOR };
    if !store::claim(&state.db, due, next, Some(link)).await? {
        return Ok(None);
    }
    state.mail.send(letter(&state.site.settings, due.email.clone(), &token));
    Ok(Some(Came::Sent))
}

fn letter(settings: &Settings, to: String, token: &Token) -> Message {
    let (name, url) = (&settings.name, &settings.public_url);
    Message {
        kind: "reminder",
        to,
        subject: format!("Your reminder from {name}"),
        paragraphs: vec!["This is the reminder that you asked for.".to_owned()],
        link: Some(mail::Link { label: format!("Open {name}"), url: format!("{url}/tracker") }),
        closing: vec![
            "You chose the days and the time. You can change them in your account, under Reminders.".to_owned(),
        ],
        stop: Some(format!("{url}{}?token={}", super::STOP, token.expose())),
    }
}
