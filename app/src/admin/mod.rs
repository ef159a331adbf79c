//! The desk of whoever administers the site: who is on the staff, and what was done.

mod log;
mod people;

use crate::routes::Routes;

pub fn routes() -> Routes {
    Routes::new().and(people::routes()).and(log::routes())
}
