//! Runs the checks of a rule set on a thread of their own, and notes how far they are, so that every server can show it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::{Semaphore, oneshot};

use super::{
    Texts,
    gates::{self, Case, Report},
    store,
};
use crate::{AppState, Error, Result, triage};

/// One at a time: the site has readers.
static TURN: Semaphore = Semaphore::const_new(1);

/// How long the thread works before it rests …
const SLICE: Duration = Duration::from_millis(20);
/// … for this long, so that even the only processor of a machine answers readers meanwhile.
const REST: Duration = Duration::from_millis(5);
const NOTED_EVERY: Duration = Duration::from_secs(1);
/// How many articles are read between two rests: all at once are more than the memory of a server.
const ARTICLES: usize = 8;
/// A check that nobody was heard of for this long has stopped, in milliseconds.
pub const STOPPED: i64 = 30_000;

/// A draft, and what it is held to now.
///
/// # Errors
/// When the database fails.
pub async fn case(state: &AppState, draft: Texts) -> Result<Case> {
    Ok(Case {
        draft,
        in_use: state.site.in_use.texts.clone(),
        published: store::published_versions(&state.db).await?,
        articles: store::articles(&state.db).await?,
        settings: state.site.settings.clone(),
    })
}

/// Begins the checks of a text, unless they are done or under way. The answer does not wait for them.
///
/// # Errors
/// When the database fails.
pub async fn begin(state: &AppState, draft: Texts) -> Result<()> {
    let case = case(state, draft).await?;
    let (digest, against) = (case.draft.digest(), case.against());
    let now = state.clock.millis_i64();
    let total = i64::from(gates::STEPS);
    if !store::begin_check(&state.db, &digest, &against, total, now, now - STOPPED).await? {
        return Ok(());
    }
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
    let in_articles = in_articles(state, &case, || note(state, digest, against, &done)).await?;
    let mut checking = start(case, in_articles, Arc::clone(&done))?;
    let report = loop {
        match tokio::time::timeout(NOTED_EVERY, &mut checking).await {
            // Nothing comes from a thread that panicked.
            Ok(report) => break report.map_err(Error::internal)?,
            Err(_) => note(state, digest, against, &done).await,
        }
    };
    tracing::info!(passed = report.passed(), millis = report.millis, "the checks of a rule set are done");
    let text = serde_json::to_string(&report).map_err(Error::internal)?;
    store::finish_check(&state.db, digest, against, report.passed(), text, state.clock.millis_i64()).await
}

/// Where articles say less than the draft does. `note` is called about every second.
async fn in_articles<F: Future<Output = ()>>(
    state: &AppState,
    case: &Case,
    note: impl Fn() -> F,
) -> Result<Vec<String>> {
    // A draft that cannot be read is told of as such.
    let Ok(rules) = triage::file::read(&case.draft.rules).map(Arc::new) else { return Ok(vec![]) };
    let (mut problems, mut noted) = (Vec::new(), Instant::now());
    for few in case.articles.chunks(ARTICLES) {
        let mut texts = Vec::new();
        for (id, revision) in few {
            texts.extend(store::article(&state.db, *id, *revision).await?);
        }
        let rules = Arc::clone(&rules);
        let read = tokio::task::spawn_blocking(move || gates::in_articles(&rules, &texts));
        problems.extend(read.await.map_err(Error::internal)?);
        tokio::time::sleep(REST).await;
        if noted.elapsed() >= NOTED_EVERY {
            note().await;
            noted = Instant::now();
        }
    }
    Ok(problems)
}

/// The next note comes in a second: one that was not kept is nothing lost.
async fn note(state: &AppState, digest: &str, against: &str, done: &AtomicU32) {
    let done = i64::from(done.load(Ordering::Relaxed));
    if let Err(error) = store::note_progress(&state.db, digest, against, done, state.clock.millis_i64()).await {
        tracing::warn!(%error, "how far a check is was not noted");
    }
}

/// On a thread that is not the runtime's, which would wait for it when the server is to stop.
fn start(case: Case, in_articles: Vec<String>, done: Arc<AtomicU32>) -> Result<oneshot::Receiver<Report>> {
    let (told, checking) = oneshot::channel();
    let work = move || {
        let _ = told.send(check(&case, in_articles, &done));
    };
    thread::Builder::new().name("rule set checks".to_owned()).spawn(work).map_err(Error::internal)?;
    Ok(checking)
}

fn check(case: &Case, in_articles: Vec<String>, done: &AtomicU32) -> Report {
    let begun = Instant::now();
    let mut slice = begun;
    let mut report = gates::check(case, in_articles, &mut |steps| {
        done.store(steps, Ordering::Relaxed);
        if slice.elapsed() >= SLICE {
            thread::sleep(REST);
            slice = Instant::now();
        }
    });
    report.millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    report
}
