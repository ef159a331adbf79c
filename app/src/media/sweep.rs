//! Files that no picture has: put in place by a process that ended before it wrote their row, or left when a deletion could
//! not reach them.

use std::{collections::HashMap, mem};

use super::store;
use crate::{AppState, Result};

const HOUR: i64 = 60 * 60 * 1000;
/// How long ago a file must have been put in place, in milliseconds: what arrives is named by a row within an hour.
pub const YOUNG: i64 = 24 * HOUR;
/// For how long a process must have seen that no row names it. Whoever starts a site on a wrong database, or restores an old
/// one by mistake, has so long to notice before a file is gone.
pub const UNNAMED: i64 = 12 * HOUR;

/// What one process has seen.
#[derive(Debug, Default)]
pub struct Sweep {
    /// Files that no row named whenever it was looked, with when that was first, in milliseconds since 1970.
    unnamed: HashMap<String, i64>,
}

impl Sweep {
    /// Deletes what is old and was named by no row for long enough, and returns how many files that were. Where there is no
    /// picture at all, nothing is deleted: it is rather another site's database.
    ///
    /// # Errors
    /// When the database, the folder or the bucket fails: what is not deleted is so another time.
    pub async fn look(&mut self, state: &AppState) -> Result<usize> {
        let (now, place) = (state.clock.millis_i64(), state.media.place());
        // Files first, and then rows: what comes in between is named.
        let mut old = place.older_than(now - YOUNG).await?;
        let named = store::file_names(&state.db).await?;
        old.retain(|name| !named.contains(name));
        if named.is_empty() {
            old.clear();
        }
        let before = mem::take(&mut self.unnamed);
        for name in old {
            let since = before.get(&name).copied().unwrap_or(now);
            self.unnamed.insert(name, since);
        }
        let mut deleted = 0;
        for (name, _) in self.unnamed.iter().filter(|(_, since)| now - **since >= UNNAMED) {
            // The same picture may be arriving again just now.
            if place.is_older(name, now - YOUNG).await? && !store::is_named(&state.db, name).await? {
                place.delete(name).await?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }
}
