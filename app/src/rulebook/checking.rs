//! Runs the checks of a rule set on a thread of their own, and notes how far they are, so that every server can show it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::{
    Texts,
    gates::{self, Case, Report},
    soundness, store,
};
use crate::{AppState, Error, Result};

/// One at a time: the site has readers.
static TURN: Semaphore = Semaphore::const_new(1);

/// How long the thread works before it rests …
const SLICE: Duration = Duration::from_millis(20);
/// … for this long, so that even the only processor of a machine answers readers meanwhile.
const REST: Duration = Duration::from_millis(5);
const NOTED_EVERY: Duration = Duration::from_secs(1);
/// A check that nobody was heard of for this long has stopped, in milliseconds.
pub const STOPPED: i64 = 30_000;

/// What a check is made against: the rule set in use, and the program's own.
pub fn against(state: &AppState) -> String {
    let digest = Sha256::new()
        .chain_update(state.site.in_use.texts.digest())
        .chain_update(soundness::built_in().digest())
        .finalize();
    format!("{digest:x}")
}

/// Begins the checks of a text, unless they are done or under way. The answer does not wait for them.
///
/// # Errors
/// When the database fails.
pub async fn begin(state: &AppState, draft: Texts) -> Result<()> {
    let (digest, against) = (draft.digest(), against(state));
    let now = state.clock.millis_i64();
    let total = i64::from(gates::STEPS);
    if !store::begin_check(&state.db, &digest, &against, total, now, now - STOPPED).await? {
        return Ok(());
    }
    let case = Case {
        draft,
        in_use: state.site.in_use.texts.clone(),
        published: store::published_versions(&state.db).await?,
        articles: store::articles(&state.db).await?,
        settings: state.site.settings.clone(),
    };
    let state = state.clone();
    tokio::spawn(async move {
        if let Err(error) = run(&state, case, &digest, &against).await {
            tracing::error!(%error, "the checks of a rule set stopped");
        }
    });
    Ok(())
}

async fn run(state: &AppState, case: Case, digest: &str, against: &str) -> Result<()> {
    let done = Arc::new(AtomicU32::new(0));
    let mut waiting = Box::pin(TURN.acquire());
    let _turn = loop {
        match tokio::time::timeout(NOTED_EVERY, &mut waiting).await {
            Ok(turn) => break turn.map_err(Error::internal)?,
            Err(_) => note(state, digest, against, &done).await,
        }
    };
    let mut checking = {
        let done = Arc::clone(&done);
        tokio::task::spawn_blocking(move || check(&case, &done))
    };
    let report = loop {
        match tokio::time::timeout(NOTED_EVERY, &mut checking).await {
            Ok(report) => break report.map_err(Error::internal)?,
            Err(_) => note(state, digest, against, &done).await,
        }
    };
    tracing::info!(passed = report.passed(), millis = report.millis, "the checks of a rule set are done");
    let text = serde_json::to_string(&report).map_err(Error::internal)?;
    store::finish_check(&state.db, digest, against, report.passed(), text, state.clock.millis_i64()).await
}

/// The next note comes in a second: one that was not kept is nothing lost.
async fn note(state: &AppState, digest: &str, against: &str, done: &AtomicU32) {
    let done = i64::from(done.load(Ordering::Relaxed));
    if let Err(error) = store::note_progress(&state.db, digest, against, done, state.clock.millis_i64()).await {
        tracing::warn!(%error, "how far a check is was not noted");
    }
}

fn check(case: &Case, done: &AtomicU32) -> Report {
    let begun = Instant::now();
    let mut slice = begun;
    let mut report = gates::check(case, &mut |steps| {
        done.store(steps, Ordering::Relaxed);
        if slice.elapsed() >= SLICE {
            thread::sleep(REST);
            slice = Instant::now();
        }
    });
    report.millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    report
}
