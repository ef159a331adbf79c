//! Accounts: who somebody is, how they show it, and what they may. Reading, checking and tracking on a device need none.
//!
//! An account is an e-mail address and a password (`password.rs`); a passkey (`passkey`) stands for both, and an
//! authenticator app (`totp`) is asked for after a password. Whoever has one is a patient; [`Role`]s are granted on top. A request shows its session
//! by a cookie (`session.rs`), and what it may is a type that a handler takes as its first argument (`proof.rs`).

mod ceremonies;
pub mod confirm;
pub mod consent;
pub mod deletion;
pub mod devices;
pub mod diary;
mod email;
pub mod email_change;
pub mod export;
mod guard;
mod hashing;
pub mod invitation;
pub mod invitations;
mod letters;
mod next;
pub mod overview;
pub mod passkey;
pub mod password;
pub mod password_change;
pub mod password_reset;
pub mod proof;
pub mod refusals;
pub mod second_step;
mod second_steps;
pub mod session;
pub mod sign_in;
pub mod sign_up;
pub mod staff;
mod store;
pub mod stored;
mod token;
mod totp;
pub mod two_step;

use std::fmt;

use uuid::Uuid;

pub use email::Email;
pub use guard::Guard;
pub(crate) use invitation::invite;
pub use next::Next;
pub use passkey::Passkeys;
pub use proof::{Admin, Editor, Fresh, HalfSignedIn, Heard, Inviter, OnCall, Reviewer, SignedIn, Staff, Writer};
pub use store::{Sessions, find_sessions};
pub use token::{Token, TokenHash};

use crate::{Result, clock::Clock, day::Day, db::Db, routes::Routes, tracker};

/// Every route of the feature.
pub fn routes() -> Routes {
    Routes::new()
        .and(sign_up::routes())
        .and(sign_in::routes())
        .and(password_reset::routes())
        .and(overview::routes())
        .and(confirm::routes())
        .and(password_change::routes())
        .and(email_change::routes())
        .and(devices::routes())
        .and(consent::routes())
        .and(diary::routes())
        .and(stored::routes())
        .and(export::routes())
        .and(deletion::routes())
        .and(second_step::routes())
        .and(two_step::routes())
        .and(passkey::routes())
        .and(invitation::routes())
}

/// Removes what has expired, of everybody.
///
/// # Errors
/// When the database fails.
pub async fn remove_expired(db: &Db, clock: &Clock) -> Result<()> {
    let now = clock.millis_i64();
    tracker::reminders::store::remove_expired(db, now).await?;
    tracker::share::store::remove_expired(db, now).await?;
    store::remove_expired(db, now, now - session::KNOWN_FOR).await
}

/// The day of a time in milliseconds, in UTC: "22 November 2026".
pub(crate) fn day_of(millis: i64) -> String {
    Day::from_epoch_days(millis.div_euclid(24 * 60 * 60 * 1000)).map(Day::long).unwrap_or_default()
}

/// What somebody on the staff may do, beside what every patient may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Writes articles and exercises.
    Editor,
    /// A clinician, who approves them.
    Reviewer,
    /// Grants roles, and sees the audit log.
    Admin,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Editor, Self::Reviewer, Self::Admin];

    /// As the database and the command line write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Editor => "editor",
            Self::Reviewer => "reviewer",
            Self::Admin => "admin",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// After "an editor, who".
    pub fn what_it_lets(self) -> &'static str {
        match self {
            Self::Editor => "writes articles and exercises.",
            Self::Reviewer => "as a clinician approves them.",
            Self::Admin => "invites people, changes the site\u{2019}s settings, and sees what was done.",
        }
    }
}

/// The roles of one account, each at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles(Vec<Role>);

impl Roles {
    /// From how the database writes them; a name that is none is nobody's role.
    pub fn read(text: &str) -> Self {
        Self(Role::ALL.into_iter().filter(|role| text.split(' ').any(|name| name == role.name())).collect())
    }

    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether there is any: staff must show more than a password.
    pub fn are_staff(&self) -> bool {
        !self.0.is_empty()
    }

    #[must_use]
    pub fn with(&self, role: Role) -> Self {
        Self(Role::ALL.into_iter().filter(|each| self.has(*each) || *each == role).collect())
    }

    #[must_use]
    pub fn without(&self, role: Role) -> Self {
        Self(self.0.iter().copied().filter(|each| *each != role).collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = Role> {
        self.0.iter().copied()
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|role| role.name()).collect();
        f.write_str(&names.join(" "))
    }
}

/// An account as the database has it.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: Uuid,
    pub email: Email,
    pub password: password::Hash,
    pub roles: Roles,
    /// Milliseconds since 1970, UTC.
    pub created_at: i64,
    /// What it can show after a password.
    pub second_steps: SecondSteps,
}

/// What an account can show beside a password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecondSteps {
    pub totp: bool,
    pub passkey: bool,
}

impl SecondSteps {
    pub fn any(self) -> bool {
        self.totp || self.passkey
    }
}

impl Account {
    /// Whether a password alone lets nobody in: an authenticator app was set up, or the account is staff's. A patient's
    /// passkey stands for the password, and does not make it worthless.
    pub fn needs_second_step(&self) -> bool {
        self.second_steps.totp || (self.roles.are_staff() && self.second_steps.any())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_as_they_are_written() {
        let roles = Roles::default().with(Role::Admin).with(Role::Editor).with(Role::Admin);
        assert_eq!(roles.to_string(), "editor admin");
        assert_eq!(Roles::read(&roles.to_string()), roles);
        assert_eq!(roles.without(Role::Admin), Roles::read("editor"));
        assert_eq!(Roles::read("administrator Admin root"), Roles::default());
        assert_eq!(Roles::read(""), Roles::default());
    }
}
