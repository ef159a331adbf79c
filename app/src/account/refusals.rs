//! What was refused, in the audit log: so rarely that nobody fills the log by being refused.

use uuid::Uuid;

use super::{Email, Role, guard::Refusal, session::Visitor, store};
use crate::{
    AppState, Error, Result,
    audit::{self, Action, Actor, Event},
    client::ClientAddress,
};

/// A limit, and who may reach it.
#[derive(Clone, Copy, Debug)]
pub struct Limit<'a> {
    /// As the log calls it.
    pub name: &'static str,
    pub client: ClientAddress,
    pub subject: Subject<'a>,
}

/// Whose limit it is, or who is tried.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    Nobody,
    Account(Uuid),
    /// The account with this address, if there is one: looked up when it is recorded, and not before.
    Address(&'a Email),
}

impl Limit<'_> {
    /// Records that the limit was reached, if that is why it was refused.
    ///
    /// # Errors
    /// Why it was refused; or when the database fails.
    pub async fn watch<T>(self, state: &AppState, tried: Result<T>) -> Result<T> {
        if matches!(tried, Err(Error::TooMany { .. })) {
            self.record(state).await?;
        }
        tried
    }

    /// Records that the limit was reached.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record(self, state: &AppState) -> Result<()> {
        if !state.guard.is_news(Refusal::Limit(self.name, self.client.network()), &state.clock) {
            return Ok(());
        }
        let account = match self.subject {
            Subject::Nobody => None,
            Subject::Account(id) => Some(id),
            Subject::Address(email) => store::account_of(&state.db, email).await?.map(|account| account.id),
        };
        let actor = account.map_or(Actor::Nobody, Actor::Account);
        let event = Event::new(&state.clock, actor, Action::LimitReached).about(self.name).seen_from(self.client.0);
        audit::record(&state.db, event).await
    }
}

/// Records that somebody asked for what is for a role that they do not have.
///
/// # Errors
/// When the database fails.
pub async fn record_access(visitor: &Visitor, role: Role, state: &AppState) -> Result<()> {
    if !state.guard.is_news(Refusal::Access(visitor.account), &state.clock) {
        return Ok(());
    }
    let event = Event::new(&state.clock, Actor::Account(visitor.account), Action::AccessRefused)
        .about(role.name())
        .seen_from(visitor.origin.client.0);
    audit::record(&state.db, event).await
}
