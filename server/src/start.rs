//! From settings to a state that can serve: folder, database, rules, content.

use std::{
    fs::{self, DirBuilder},
    io::ErrorKind,
    os::unix::fs::DirBuilderExt,
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use app::{
    AppState,
    account::{self, Guard, Passkeys, find_sessions},
    article::standing,
    clock::Clock,
    content::{self, Saved},
    db::{self, Db},
    desk, feedback, files,
    mail::{Letterhead, Mailer},
    media::{sweep::Sweep, workshop::Workshop},
    numbers,
    rulebook::{Origin, soundness},
    site::{AssetUrls, Settings, Site},
    tracker::{self, reminders, starter_file},
    triage::vignette,
    vault::{Vault, master::MasterKeys, store::KeyStore},
};

use crate::{
    bucket,
    config::{MailOptions, StoreOptions},
    links::Asker,
    rules::{self, Chosen},
    takeover::Running,
};

/// Opens the database that the options name, with its tables up to date.
///
/// # Errors
/// One sentence that says what to look at.
pub async fn open_database(options: &StoreOptions) -> Result<Db> {
    let (engine, url) = database_url(options)?;
    Db::open(&url).await.with_context(|| cannot_open(engine))
}

/// As [`open_database`], but PostgreSQL need not be there yet: see [`prepare_if_there`].
///
/// # Errors
/// One sentence that says what to look at.
pub async fn expect_database(options: &StoreOptions) -> Result<Db> {
    let (engine, url) = database_url(options)?;
    let db = if db::is_postgres(&url) { Db::expect_postgres(&url) } else { Db::open(&url).await };
    db.with_context(|| cannot_open(engine))
}

/// The address is not repeated: it may hold a password.
fn cannot_open(engine: &str) -> String {
    format!("cannot open the {engine} database (SCIATICALM_DATABASE_URL)")
}

/// Opens the vault that the options name. A key store on PostgreSQL need not be there yet: see [`prepare_if_there`].
///
/// # Errors
/// One sentence that says what to look at.
pub async fn open_vault(options: &StoreOptions, clock: Clock) -> Result<Vault> {
    let url = keys_url(options)?;
    let masters = match (&options.master_key, &options.master_key_old) {
        (Some(current), old) => MasterKeys::given(current, old.as_ref())?,
        (None, Some(_)) => bail!("SCIATICALM_MASTER_KEY_OLD goes with SCIATICALM_MASTER_KEY, which is not set"),
        (None, None) => {
            make_writable(&options.data_dir)?;
            MasterKeys::in_file(options.data_dir.join("master.key"))?
        }
    };
    let store = KeyStore::open(&url).await.context("cannot open the key store (SCIATICALM_KEYS_URL)")?;
    Ok(Vault::new(store, masters, clock))
}

/// Which engine, and where.
pub(crate) fn database_url(options: &StoreOptions) -> Result<(&'static str, String)> {
    url(options, options.database_url.as_ref(), "SCIATICALM_DATABASE_URL", "sciaticalm.db")
}

pub(crate) fn keys_url(options: &StoreOptions) -> Result<String> {
    let (_, url) = url(options, options.keys_url.as_ref(), "SCIATICALM_KEYS_URL", "keys.db")?;
    if options.database_url.as_ref() == Some(&url) {
        bail!(
            "SCIATICALM_KEYS_URL must be another database than SCIATICALM_DATABASE_URL, or its backups would hold the keys"
        );
    }
    Ok(url)
}

fn url(options: &StoreOptions, set: Option<&String>, variable: &str, file: &str) -> Result<(&'static str, String)> {
    let url = match set {
        Some(url) => url.clone(),
        None => {
            make_writable(&options.data_dir)?;
            format!("sqlite:{}", options.data_dir.join(file).display())
        }
    };
    let (engine, _) = url.split_once(':').ok_or_else(|| anyhow!("{variable} must begin with sqlite: or postgres:"))?;
    let engine = match engine {
        "sqlite" => "sqlite",
        "postgres" | "postgresql" => "postgres",
        other => bail!("{variable} must begin with sqlite: or postgres:, not {other}:"),
    };
    Ok((engine, url))
}

fn make_writable(folder: &Path) -> Result<()> {
    let advice = || format!("cannot write in the data folder {} (SCIATICALM_DATA_DIR)", folder.display());
    // For its owner alone: it will hold addresses, and by default the keys.
    DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(advice)?;
    let probe = folder.join(".writable");
    fs::write(&probe, b"").with_context(advice)?;
    match fs::remove_file(&probe) {
        // Another of this program's commands, started at the same moment, took it away: both could write.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.with_context(advice),
    }
}

/// How the site sends e-mail, as the options say: by their mail server, or else into the data folder.
///
/// # Errors
/// One sentence that says which setting to look at.
pub fn mailer(options: &MailOptions, data_dir: &Path, settings: &Settings, clock: Clock) -> Result<Mailer> {
    let letterhead = Letterhead::new(options.mail_from.as_deref(), settings, clock)
        .context("cannot send e-mail from that address (SCIATICALM_MAIL_FROM)")?;
    let Some(url) = &options.smtp_url else {
        let folder = data_dir.join("mail");
        tracing::warn!(
            "no mail server is set (SCIATICALM_SMTP_URL): e-mails are written into {} and reach nobody",
            folder.display()
        );
        return Ok(Mailer::folder(folder, letterhead));
    };
    Mailer::smtp(url, letterhead).context("cannot use that mail server (SCIATICALM_SMTP_URL)")
}

/// Where pictures are made, by children of this program, and kept: in the data folder or in the bucket that the options name.
///
/// # Errors
/// One sentence that says which setting to look at.
pub fn workshop(options: &StoreOptions) -> Result<Arc<Workshop>> {
    let workshop = Workshop::new(options.data_dir.join("media"), Workshop::this_program());
    Ok(Arc::new(match bucket::open(&options.media)? {
        Some(bucket) => workshop.with_bucket(bucket),
        None => workshop,
    }))
}

/// Whether the bucket of pictures can be used. Where it does not answer, the site goes on: an article without its pictures
/// is an article, and the checker has none.
///
/// # Errors
/// One sentence where it answers, and refuses.
pub async fn look_for_pictures(workshop: &Workshop) -> Result<()> {
    match workshop.place().ask().await {
        Err(app::Error::Unavailable(cause)) => {
            tracing::error!(%cause, "pictures are not shown, and none can be added, until their bucket answers");
            Ok(())
        }
        asked => asked.map_err(plainly).context("cannot use the bucket of pictures (SCIATICALM_MEDIA_URL)"),
    }
}

/// What the site asks things of.
#[derive(Clone, Debug)]
pub struct Services {
    pub db: Db,
    pub vault: Vault,
    pub mail: Mailer,
    pub media: Arc<Workshop>,
    pub clock: Clock,
}

/// The state that handlers get, with everything that is read once, on the binary's own rule set.
///
/// # Errors
/// When the content in the binary is unsound: a broken build.
pub fn state(services: Services, settings: Settings, assets: AssetUrls) -> Result<AppState> {
    state_on(built_in()?, services, settings, assets)
}

/// The rule set of the binary or the data folder.
///
/// # Errors
/// As [`state`].
pub fn choose_in(folder: &Path, settings: &Settings) -> Result<Chosen> {
    let built_in = built_in()?;
    let ours = built_in.rules.clone();
    Ok(rules::choose(folder, built_in, |rules| {
        soundness::no_weaker(rules, &ours)?;
        standing::read_all(rules, settings).map(drop)
    }))
}

/// The rule set of the binary.
///
/// # Errors
/// As [`state`].
pub fn built_in() -> Result<Chosen> {
    Ok(Chosen::new(content::rules().map_err(unsound)?, soundness::built_in(), Origin::Program))
}

/// The state on this rule set.
///
/// # Errors
/// As [`state`].
pub fn state_on(chosen: Chosen, services: Services, settings: Settings, assets: AssetUrls) -> Result<AppState> {
    let site = site_on(chosen, settings, assets).map_err(unsound)?;
    let Services { db, vault, mail, media, clock } = services;
    let passkeys = Passkeys::new(&site.settings);
    Ok(AppState {
        site: Arc::new(site),
        guard: Arc::new(Guard::new()?),
        sessions: find_sessions(db.clone()),
        articles: Arc::default(),
        tally: Arc::default(),
        saves: tracker::saves::saves(db.clone()),
        recent: Arc::default(),
        passkeys,
        media,
        db,
        vault,
        mail,
        started_at: clock.millis_i64(),
        clock,
    })
}

/// What the site knows by heart, on this rule set.
///
/// # Errors
/// What the rest of the site has against the rule set.
pub fn site_on(chosen: Chosen, settings: Settings, assets: AssetUrls) -> Result<Site, Vec<String>> {
    let Chosen { rules, in_use, refused: rules_refused } = chosen;
    // The program's are written for its own rules: an operator's may ask otherwise, and are still good.
    let (vignettes, _) = vignette::read_fitting(&in_use.texts.vignettes, &rules);
    let standing = standing::read_all(&rules, &settings)?;
    let (_, starters) = starter_file::shipped()?;
    Ok(Site { settings, assets, rules, in_use, vignettes, rules_refused, settings_refused: None, standing, starters })
}

#[expect(clippy::needless_pass_by_value, reason = "what an error holds is handed over")]
fn unsound(problems: Vec<String>) -> anyhow::Error {
    anyhow!("the content of this program is unsound: {}", problems.join("; "))
}

/// Loads what the site starts with, where it is not loaded yet or has changed.
///
/// # Errors
/// When the database fails; a bad file is logged, and stops nothing else.
pub async fn load_starting_content(state: &AppState) -> app::Result<()> {
    let package = files::import::read(state, &files::import::shipped(), &app::media::file::Brought::new());
    for problem in &package.problems {
        tracing::warn!("left out of the starting content: {problem}");
    }
    let loaded = files::import::save(state, package, content::Origin::Shipped, files::import::Deed::Save(None)).await?;
    let count =
        |folder| [Saved::New, Saved::Changed].map(|became| loaded.report.count(folder, became)).iter().sum::<usize>();
    tracing::info!(articles = count("articles"), exercises = count("exercises"), "loaded new or changed content");
    Ok(())
}

/// How long to wait before the database is asked again.
const RETRY: Duration = Duration::from_secs(5);

/// Brings the database up to date and loads what the site starts with; `false` where it is not there. Then the site
/// goes on, and [`keep_trying`] does the rest: whoever needs the checker, which needs no database, cannot wait for one.
///
/// # Errors
/// When the database is there and cannot be used: made by a newer program, or a wrong password. As much for the key store.
pub async fn prepare_if_there(running: &Running) -> Result<bool> {
    let state = running.state();
    let keys = match state.vault.prepare().await {
        Err(app::Error::Unavailable(cause)) => {
            tracing::error!(
                %cause,
                "the key store does not answer: no health entry can be opened or saved. Trying again every {} seconds",
                RETRY.as_secs()
            );
            false
        }
        prepared => {
            prepared.map(|()| true).map_err(plainly).context("cannot use the key store (SCIATICALM_KEYS_URL)")?
        }
    };
    match prepare(running).await {
        Err(app::Error::Unavailable(cause)) => {
            tracing::error!(
                %cause,
                "the database does not answer. The checker works; articles, exercises and the tracker's page do not. \
                 Trying again every {} seconds",
                RETRY.as_secs()
            );
            Ok(false)
        }
        prepared => prepared.map(|()| keys).context("cannot use the database (SCIATICALM_DATABASE_URL)"),
    }
}

/// The cause of an error, for whoever runs the site.
pub(crate) fn plainly(error: app::Error) -> anyhow::Error {
    match error {
        app::Error::Internal(cause) | app::Error::Unavailable(cause) => anyhow!(cause),
        other => other.into(),
    }
}

async fn prepare(running: &Running) -> app::Result<()> {
    running.state().db.migrate().await?;
    // First: articles are read with the rules that were published.
    running.look().await?;
    load_starting_content(&running.state()).await
}

/// Prepares the database once it is there. Does not end, so that it can be one of what is waited for.
pub async fn keep_trying(running: &Running) {
    loop {
        tokio::time::sleep(RETRY).await;
        let prepared = match prepare(running).await {
            Ok(()) => running.state().vault.prepare().await,
            failed => failed,
        };
        match prepared {
            Ok(()) => break tracing::info!("the database answers: all of the site works"),
            Err(app::Error::Unavailable(_)) => {}
            Err(error) => tracing::error!(%error, "the database answers, but cannot be used"),
        }
    }
    std::future::pending().await
}

/// How often what has expired is removed.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Removes what has expired and files of pictures that nothing names, finishes interrupted deletions, and writes to whoever wrote
/// an article whose review is due, every hour. Does not end.
pub async fn each_hour(running: &Running) {
    let mut sweep = Sweep::default();
    loop {
        tokio::time::sleep(HOUR).await;
        let state = running.state();
        if let Err(error) = account::remove_expired(&state.db, &state.clock).await {
            tracing::error!(%error, "what has expired was not removed; trying again in an hour");
        }
        if let Err(error) = feedback::store::remove_old(&state.db, state.clock.today()).await {
            tracing::error!(%error, "what readers wrote two years ago was not removed; trying again in an hour");
        }
        if let Err(error) = files::remove_expired(&state.db, &state.clock).await {
            tracing::error!(%error, "archives that waited were not removed; trying again in an hour");
        }
        if let Err(error) = desk::review_link::store::forget_addresses(&state.db, state.clock.millis_i64()).await {
            tracing::error!(%error, "addresses of old review links were not removed; trying again in an hour");
        }
        if let Err(error) = account::deletion::finish(&state.db, &state.vault, &state.clock).await {
            tracing::error!(%error, "deletions that were interrupted were not finished; trying again in an hour");
        }
        match sweep.look(&state).await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "deleted files that no picture has"),
            Err(error) => {
                tracing::error!(%error, "files that no picture has were not deleted; trying again in an hour")
            }
        }
        match desk::due::write_to_owners(&state).await {
            Ok(0) => {}
            Ok(letters) => tracing::info!(letters, "wrote to whose articles are due for review"),
            Err(error) => {
                tracing::error!(%error, "letters about reviews that are due were not written; trying again in an hour")
            }
        }
    }
}

const MINUTE: u64 = 60 * 1000;

/// Sends the reminders that are due and forgets days that were kept in memory, at every full minute. Does not end.
pub async fn each_minute(running: &Running) {
    loop {
        let now = running.state().clock.millis();
        tokio::time::sleep(Duration::from_millis(MINUTE - now % MINUTE)).await;
        // With the settings of now.
        let state = running.state();
        state.recent.forget();
        match reminders::send_due(&state).await {
            Ok(sent) => tracing::debug!(sent, "sent the reminders that were due"),
            // Said once, where the database is waited for.
            Err(app::Error::Unavailable(_)) => {}
            Err(error) => tracing::error!(%error, "reminders that are due were not sent; trying again in a minute"),
        }
    }
}

/// How often what was counted is added to the database.
const COUNT: Duration = Duration::from_secs(5);

/// Adds to the database how many read and check, every few seconds. Does not end.
pub async fn keep_counting(running: &Running) {
    loop {
        tokio::time::sleep(COUNT).await;
        match numbers::flush(&running.state()).await {
            // Said once, where the database is waited for.
            Ok(()) | Err(app::Error::Unavailable(_)) => {}
            Err(error) => {
                tracing::error!(%error, "what was counted was not added; trying again in {} s", COUNT.as_secs())
            }
        }
    }
}

/// How often it is looked for what is to be published.
const PUBLISH: Duration = Duration::from_secs(15);

async fn note_links(state: &AppState) -> app::Result<()> {
    match desk::links::note(&state.db).await {
        // Said once, where the database is waited for.
        Ok(_) | Err(app::Error::Unavailable(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Publishes what editors planned, within seconds of its time, takes down what is overdue where that is wanted, and notes where
/// what is published leads to. Does not end.
pub async fn keep_publishing(running: &Running) {
    loop {
        tokio::time::sleep(PUBLISH).await;
        let state = running.state();
        if let Err(error) = note_links(&state).await {
            tracing::error!(%error, "where articles lead to was not noted; trying again in {} s", PUBLISH.as_secs());
        }
        match desk::publishing::take_down_overdue(&state).await {
            Ok(0) | Err(app::Error::Unavailable(_)) => {}
            Ok(taken) => tracing::info!(taken, "took articles off the site whose review is overdue"),
            Err(error) => {
                tracing::error!(%error, "articles whose review is overdue were not taken off; trying again in {} s", PUBLISH.as_secs())
            }
        }
        match desk::publishing::publish_due(&state).await {
            Ok(0) => {}
            Ok(published) => tracing::info!(published, "published what was due"),
            // Said once, where the database is waited for.
            Err(app::Error::Unavailable(_)) => {}
            Err(error) => {
                tracing::error!(%error, "what was to be published was not; trying again in {} s", PUBLISH.as_secs())
            }
        }
    }
}

/// How often it is looked for links that are to be asked.
const ASK: Duration = Duration::from_secs(5 * 60);
/// What lies between two questions, so that no site is asked twice at once.
const BETWEEN_QUESTIONS: Duration = Duration::from_secs(5);

/// Asks other sites now and then whether links lead to them, where there is who asks. Does not end.
pub async fn keep_asking(running: &Running, asker: Option<&Asker>) {
    let Some(asker) = asker else { return std::future::pending().await };
    loop {
        tokio::time::sleep(ASK).await;
        let state = running.state();
        match desk::links::outer::ask_due(&state.db, &state.clock, asker, BETWEEN_QUESTIONS).await {
            Ok(0) => {}
            Ok(asked) => tracing::info!(asked, "asked other sites whether links lead to them"),
            // Said once, where the database is waited for.
            Err(app::Error::Unavailable(_)) => {}
            Err(error) => tracing::error!(%error, "not all links to other sites were asked; the rest tomorrow"),
        }
    }
}

/// `sciaticalm migrate`.
///
/// # Errors
/// As [`open_database`].
pub async fn migrate(options: &StoreOptions) -> Result<()> {
    open_database(options).await?.close().await;
    println!("The database is up to date.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn commands_that_start_at_once_all_find_the_folder_writable() {
        let folder = tempfile::tempdir().unwrap();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..200).for_each(|_| make_writable(folder.path()).unwrap()));
            }
        });
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
