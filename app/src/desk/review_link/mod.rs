//! Review by a clinician who has no account: a letter with a link, by which they read, comment on and approve exactly one
//! revision.
//!
//! The link is a random token, of which the database has the hash: nobody can make one up, and one that was sent can be taken
//! back, which a signature alone could not. A reviewer or an administrator who wrote nothing of the text asks, it is sent by
//! mail and never shown to whoever asked, and not to anybody who wrote a part of the text: so two people stay two.

mod http;
mod pages;
pub mod store;

pub(super) use http::Invited;
pub use http::routes;
pub(super) use pages::{Asking, section};

use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    account::{Email, Token},
    mail::{Link, Message},
    site::Settings,
};

/// For how many days a link can be made.
pub const LASTS: [i64; 3] = [7, 14, 30];
/// For how many milliseconds after it ended the address is kept that it was sent to: to find out what went wrong.
const ADDRESS_KEPT_FOR: i64 = 90 * DAY;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A link, as the staff know it: the token is known to nobody but its reader.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct ReviewLink {
    pub id: Uuid,
    pub article_id: Uuid,
    pub revision: i64,
    /// To whom it was sent.
    pub email: String,
    /// The account of whoever asked.
    pub made_by: Option<Uuid>,
    /// Milliseconds since 1970, UTC, as are the others.
    pub made_at: i64,
    pub expires_at: i64,
    /// When it was used to approve, or taken back.
    pub ended_at: Option<i64>,
}

impl ReviewLink {
    pub fn is_open(&self, now: i64) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }
}

/// The letter with the link.
fn letter(settings: &Settings, to: &Email, title: &str, lasts: i64, token: &Token) -> Message {
    let name = &settings.name;
    let text = format!(
        "The team of {name} asks you, as a clinician, to review the text \u{201c}{title}\u{201d} before it is published. By the link you can read it, comment on it and approve it, for {lasts} days and without an account."
    );
    let closing = "Whoever has the link can approve the text in your name, so please do not pass it on. If you did not expect this letter, you need do nothing.";
    Message {
        kind: "review-link",
        to: to.as_str().to_owned(),
        subject: format!("Please review a text of {name}"),
        paragraphs: vec![text],
        link: Some(Link {
            label: "Read the text".to_owned(),
            url: format!("{}/review/{}", settings.public_url, token.expose()),
        }),
        closing: vec![closing.to_owned()],
        stop: None,
    }
}
