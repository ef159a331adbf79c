//! Publishes what was to be published by now. Every server does so; of several one gets each, because taking it is one update
//! that names the time and the revision.

use super::store;
use crate::{
    AppState, Result,
    audit::{Action, Actor, Event},
};

/// Publishes all that is due, and returns how many that were.
///
/// # Errors
/// When the database fails; what was not published is still due.
pub async fn publish_due(state: &AppState) -> Result<usize> {
    let mut published = 0;
    for due in store::due_to_publish(&state.db, state.clock.millis_i64()).await? {
        let event = Event::new(&state.clock, Actor::Nobody, Action::ArticlePublished);
        if store::publish_scheduled(&state.db, due, state.clock.today(), event).await? {
            published += 1;
        }
    }
    Ok(published)
}
