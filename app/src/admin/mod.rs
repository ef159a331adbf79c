//! The desk of whoever administers the site: who is on the staff, what was done, and how the system is.

mod log;
mod people;
pub(crate) mod system;

use crate::routes::Routes;

pub fn routes() -> Routes {
    Routes::new().and(people::routes()).and(log::routes()).and(system::routes())
}
