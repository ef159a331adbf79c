//! The log: one line an event, to standard error. It holds no answer, symptom, name, address or token.

use anyhow::{Context, Result};
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{LogFormat, LogOptions};

pub fn start(options: &LogOptions) -> Result<()> {
    let filter = EnvFilter::try_new(&options.log)
        .with_context(|| format!("SCIATICALM_LOG: cannot understand {:?}", options.log))?;
    let log = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let started = match options.log_format {
        LogFormat::Text => log.with_ansi(false).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("cannot start the log: {error}"))
}
