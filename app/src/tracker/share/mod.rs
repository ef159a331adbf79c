//! A link by which a patient shows the summary of a period to a clinician: read-only, for some days, and ended at any time.
//!
//! Whoever has the link needs no account, so the link is the secret: a random token, of which the database has the hash, and
//! no log has anything. It opens while it has not expired or been ended, and while the consents to keep entries here and to
//! share them both hold; in any other case all that is said is that it does not work.

mod http;
mod pages;
pub mod store;

pub use http::routes;

use uuid::Uuid;

use super::summary::Period;

/// For how many days a link can be made.
pub const LASTS: [i64; 3] = [7, 30, 90];
/// How many links of one account can be open at once.
pub const MOST_OPEN: i64 = 20;
/// The longest name, in letters.
pub const LONGEST_NAME: usize = 80;
/// For how many milliseconds a link that has expired is still listed.
pub const LISTED_FOR: i64 = 90 * DAY;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A link, as its owner knows it: the token is known to nobody any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub id: Uuid,
    pub period: Period,
    /// What the patient chose to be called by; it may be empty.
    pub name: String,
    /// Milliseconds since 1970, UTC, as are the others.
    pub created_at: i64,
    pub expires_at: i64,
    pub revoked_at: Option<i64>,
}

/// How a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Open,
    Expired,
    Revoked,
}

impl Link {
    pub fn state(&self, now: i64) -> State {
        match self.revoked_at {
            Some(_) => State::Revoked,
            None if now >= self.expires_at => State::Expired,
            None => State::Open,
        }
    }
}

/// That a link was opened, within one hour, from one network.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Access {
    pub link_id: Uuid,
    /// As the audit log has it: "203.0.113.0/24".
    pub network: String,
    /// Milliseconds since 1970, UTC.
    pub last_at: i64,
    pub times: i64,
}
