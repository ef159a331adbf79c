//! Publishes what was to be published by now, and takes down what is overdue. Every server does so; of several one gets each,
//! because taking it is one update.

use super::{Status, store};
use crate::{
    AppState, Result,
    audit::{Action, Actor, Event},
    site::Expired,
};

/// Takes articles whose review is overdue off the site where the settings say so, and returns how many that were.
///
/// # Errors
/// When the database fails.
pub async fn take_down_overdue(state: &AppState) -> Result<usize> {
    if state.site.settings.expired != Expired::Unpublish {
        return Ok(0);
    }
    let event = Event::new(&state.clock, Actor::Nobody, Action::ArticleTakenDown);
    store::take_down(&state.db, Status::expired_before(state.clock.today()), event).await
}

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
