//! What is kept of the checker: how often it helped, as counts. Answers are kept nowhere.

use super::{Urgency, feedback};
use crate::{Result, day::Day, db::Db, on};

/// Counts one answer to "Did this help you decide?".
///
/// # Errors
/// When the database fails.
pub async fn count_feedback(db: &Db, day: Day, urgency: Urgency, rules_version: &str, helped: bool) -> Result<()> {
    let rules_version = rules_version.to_owned();
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(
                "insert into checker_feedback (day, urgency, rules_version, helped, count) values ($1, $2, $3, $4, 1)
                 on conflict (day, urgency, rules_version, helped) do update
                 set count = checker_feedback.count + 1",
            )
            .bind(day.to_string())
            .bind(feedback::word(urgency))
            .bind(&rules_version)
            .bind(helped)
            .execute(connection)
            .await
            .map(drop))?;
            Ok(())
        })
    })
    .await
}
