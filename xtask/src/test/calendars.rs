//! Whether a program that is not ours reads the calendars of reminders as they are meant: the times in UTC, across both
//! changes of the clocks. The app's tests hold the calendars that it writes against the same files.

use anyhow::Result;

use crate::{
    command::{bound_program, run},
    setup::CALENDAR_READER,
};

pub fn check() -> Result<()> {
    let mut python = bound_program(CALENDAR_READER);
    run(python.args(["xtask/src/test/calendars.py", "app/src/tracker/reminders/calendars"]))
}
