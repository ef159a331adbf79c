//! What the site logs, kept for a test to look through.

use std::{
    io::{self, Write},
    mem,
    sync::{Mutex, PoisonError},
};

use tracing_subscriber::filter::LevelFilter;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Keeps all that is logged from here on, in as much detail as there is, by whatever test of the process.
pub fn listen() {
    tracing_subscriber::fmt().with_max_level(LevelFilter::DEBUG).with_ansi(false).with_writer(|| Log).init();
}

/// What was logged since the last time.
pub fn take() -> String {
    let log = mem::take(&mut *LOG.lock().unwrap_or_else(PoisonError::into_inner));
    String::from_utf8_lossy(&log).into_owned()
}

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
