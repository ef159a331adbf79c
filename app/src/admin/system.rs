//! The state of the system, for whoever administers the site: what it runs on, and what wants looking at.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use tokio::time::timeout;

use crate::{
    AppState, Error, Result,
    account::Admin,
    desk::{
        links::outer::last_round,
        page,
        store::due_to_publish,
        when::{self, Now},
    },
    mail,
    media::place::Place,
    routes::Routes,
    rulebook::Origin,
};

const HERE: &str = "/admin/system";
/// Less room than this is soon no room: a backup, or a day of pictures, takes as much. In bytes.
const LITTLE_ROOM: u64 = 1024 * 1024 * 1024;
/// How long what was planned may wait: the server looks every few seconds. In milliseconds.
const LATE: i64 = 5 * 60 * 1000;
/// How long anything may take to answer: the desk waits for it.
const PATIENCE: Duration = Duration::from_secs(2);
/// An answer of the database that takes longer is one that people feel.
const SLOW: Duration = Duration::from_millis(500);

pub fn routes() -> Routes {
    Routes::new().page_for(HERE, show)
}

/// Something that is known of the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    pub name: &'static str,
    pub said: String,
    /// What is wrong with it, what that means and what to do, as sentences.
    pub trouble: Option<String>,
}

impl Fact {
    fn good(name: &'static str, said: impl Into<String>) -> Self {
        Self { name, said: said.into(), trouble: None }
    }

    fn with(self, trouble: Option<String>) -> Self {
        Self { trouble, ..self }
    }
}

/// All that is known. What does not answer is a trouble of its own, and hides nothing else.
pub(crate) async fn facts(state: &AppState) -> Vec<Fact> {
    let (plans, links, keys, pictures, (database, room)) =
        tokio::join!(plans(state), links(state), keys(state), pictures(state), database(state));
    let mut facts = vec![rules(state), settings(state), mail(state), plans, links, keys, pictures, database];
    facts.extend(room);
    facts.push(program(state));
    facts
}

async fn in_time<T>(asked: impl Future<Output = Result<T>>) -> Result<T> {
    let late = || Err(Error::Unavailable(format!("no answer within {} s", PATIENCE.as_secs()).into()));
    timeout(PATIENCE, asked).await.unwrap_or_else(|_| late())
}

fn rules(state: &AppState) -> Fact {
    let site = &state.site;
    let from = match site.in_use.origin {
        Origin::Program => "as they came with the program",
        Origin::Folder => "from a file in the data folder",
        Origin::Desk => "as published at the desk",
    };
    let signed = match &site.rules.sign_off {
        Some(by) => format!("signed off by {} ({}) on {}", by.name, by.registration, by.on.long()),
        None => "not signed off".to_owned(),
    };
    let refused = site.rules_refused.as_ref().map(|why| {
        format!("Other rules were meant to be used and failed their checks: {why}. The checker goes on with these. Mend the others under \u{201c}Rule sets\u{201d}, or in the data folder.")
    });
    let unsigned = site.rules.sign_off.is_none().then(|| {
        "No clinician has signed these rules off: readers are told so. Under \u{201c}Rule sets\u{201d}, have a reviewer read them and sign them off when they publish them.".to_owned()
    });
    Fact::good("Rules of the checker", format!("version {}, {from}; {signed}", site.rules.version))
        .with(refused.or(unsigned))
}

fn settings(state: &AppState) -> Fact {
    let trouble = state.site.settings_refused.as_ref().map(|why| {
        format!("The settings that were saved cannot be used: {why}. The site goes on with those before. Save them anew under \u{201c}Settings\u{201d}.")
    });
    let numbers = &state.site.settings.numbers;
    Fact::good("Numbers to call", format!("help line {}, emergency {}", numbers.help_line, numbers.emergency))
        .with(trouble)
}

fn mail(state: &AppState) -> Fact {
    let mail::Standing { folder, unsent, sent, failed } = state.mail.standing();
    let way = if folder.is_some() { "written into a folder" } else { "sent by the mail server" };
    let waiting = if unsent == 0 { String::new() } else { format!(", {unsent} on their way") };
    let trouble = match (folder, failed) {
        (Some(folder), None) => Some(format!(
            "No mail server is set, so e-mails reach nobody: people cannot confirm an account or choose a new password. They lie in {}. Set SCIATICALM_SMTP_URL.",
            folder.display()
        )),
        (_, Some(failed)) => Some(format!(
            "The last e-mail ({}) could not be sent on {}: {}. Look at the mail server, and at SCIATICALM_SMTP_URL.",
            failed.kind,
            when::in_words(failed.at, &state.site.settings.zone),
            failed.cause
        )),
        (None, None) => None,
    };
    Fact::good("E-mail", format!("{sent} {way} since the start{waiting}")).with(trouble)
}

async fn plans(state: &AppState) -> Fact {
    let name = "Planned publications";
    match in_time(due_to_publish(&state.db, state.clock.millis_i64() - LATE)).await {
        Ok(late) if late.is_empty() => Fact::good(name, "none is late"),
        Ok(late) => Fact::good(name, format!("{} late", late.len())).with(Some(
            "What was to be published more than five minutes ago is not on the site. The server\u{2019}s log says why; publish it by hand meanwhile.".to_owned(),
        )),
        Err(error) => unanswered(name, &error),
    }
}

async fn links(state: &AppState) -> Fact {
    let name = "Links to other sites";
    let round = match in_time(last_round(&state.db)).await {
        Ok(round) => round,
        Err(error) => return unanswered(name, &error),
    };
    let when = when::in_words(round.asked_at, &state.site.settings.zone);
    let said = match round.answered {
        _ if round.asked_at == 0 => "not asked yet".to_owned(),
        None => format!("asked since {when}, not all yet"),
        Some(answered) => format!("last asked on {when}: {answered} of {} answered", round.asked),
    };
    let cut_off = round.is_cut_off().then(|| {
        "None that was asked answered: this server may have no way to other sites, so editors are not told which links fail. Let it ask them on ports 80 and 443, or set SCIATICALM_CHECK_LINKS to false.".to_owned()
    });
    Fact::good(name, said).with(cut_off)
}

async fn keys(state: &AppState) -> Fact {
    let name = "Keys of health entries";
    match in_time(state.vault.lost_masters()).await {
        Ok(lost) if lost.is_empty() => Fact::good(name, "all there"),
        Ok(lost) => Fact::good(name, format!("{} missing", lost.len())).with(Some(format!(
            "Health entries whose keys are wrapped by {} cannot be opened or saved. Put your copy of the master key back.",
            lost.join(", ")
        ))),
        Err(error) => unanswered(name, &error),
    }
}

async fn pictures(state: &AppState) -> Fact {
    let name = "Pictures";
    let place = state.media.place();
    match in_time(place.ask()).await {
        Ok(()) if matches!(place, Place::Bucket(_)) => Fact::good(name, "in a bucket, which answers"),
        Ok(()) => Fact::good(name, "in the data folder"),
        Err(error) => unanswered(name, &error),
    }
}

/// The database, and the room on its disk, or where it is on another machine, on the disk of the data folder.
async fn database(state: &AppState) -> (Fact, Option<Fact>) {
    let name = "Database";
    let began = Instant::now();
    let about = match in_time(state.db.about()).await {
        Ok(about) => about,
        Err(error) => return (unanswered(name, &error), room(state.media.folder())),
    };
    let took = began.elapsed();
    let size = about.bytes.and_then(|bytes| u64::try_from(bytes).ok()).map(|bytes| format!(", {}", size(bytes)));
    let said = format!("{}{}, answered within {} ms", about.engine, size.unwrap_or_default(), took.as_millis().max(1));
    let slow = (took > SLOW).then(|| "It answers slowly: look at its load, and at the disk it is on.".to_owned());
    (Fact::good(name, said).with(slow), room(about.file.as_deref().unwrap_or(state.media.folder())))
}

/// How much room there is where this is, or will be.
fn room(place: &Path) -> Option<Fact> {
    let there = place.ancestors().find(|folder| folder.exists())?;
    let disk = rustix::fs::statvfs(there).ok()?;
    let (free, all) = (disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize);
    let trouble = (free < LITTLE_ROOM).then(|| {
        "There is little room left. When there is none, nothing can be saved any more. Make room, or give the site a larger disk.".to_owned()
    });
    Some(Fact::good("Room on the disk", format!("{} of {} free", size(free), size(all))).with(trouble))
}

fn program(state: &AppState) -> Fact {
    let zone = &state.site.settings.zone;
    let said = format!("version {}, started on {}", env!("CARGO_PKG_VERSION"), when::in_words(state.started_at, zone));
    Fact::good("This server", said)
}

fn unanswered(name: &'static str, error: &Error) -> Fact {
    // Whoever administers the site may not be who runs its machines: the cause is in the log.
    tracing::warn!(%error, "the state of the system: {name}");
    let trouble = "It does not answer, or cannot be used. The server\u{2019}s log says why.".to_owned();
    Fact::good(name, "not known").with(Some(trouble))
}

/// "512 KB", "12 MB", "3.4 GB": thousands, as disks are sold.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    }
}

async fn show(_admin: Admin, State(state): State<AppState>) -> Result<Response> {
    let facts = facts(&state).await;
    let troubles = facts.iter().filter(|fact| fact.trouble.is_some()).count();
    let main = html! {
        h1 { "The state of the system" }
        p class="lead" {
            @match troubles {
                0 => { "All is in order." }
                1 => { "One thing wants looking at." }
                _ => { (troubles) " things want looking at." }
            }
        }
        @if troubles > 0 { (troubles_list(&facts)) }
        h2 { "All that is known" }
        dl class="parts" { @for fact in &facts { dt { (fact.name) } dd { (fact.said) } } }
        p class="hint" { "As this server saw it on " (when::in_words(Now::of(&state).millis, &state.site.settings.zone)) ". Where several serve the site, the numbers of e-mails and the start are this one\u{2019}s." }
        p { "A machine that watches this server asks " code { "/readyz" } ". Backups are made on the machine that the site runs on, by " code { "sciaticalm backup" } "." }
    };
    Ok(page("The state of the system", HERE, &main).respond(&state.site))
}

/// What wants looking at.
pub(crate) fn troubles_list(facts: &[Fact]) -> Markup {
    html! {
        ul class="found" {
            @for fact in facts {
                @if let Some(trouble) = &fact.trouble { li { b { (fact.name) } p class="said" { (trouble) } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_the_unit_that_fits() {
        let told = [0, 1, 999_999, 1_000_000, 999_999_999, 3_450_000_000].map(size);
        assert_eq!(told, ["0 KB", "1 KB", "1000 KB", "1 MB", "999 MB", "3.4 GB"]);
    }

    #[test]
    fn the_room_of_a_folder_that_is_not_there_yet_is_that_of_the_one_it_will_be_in() {
        let folder = tempfile::tempdir().unwrap();
        let there = room(folder.path()).unwrap();
        let later = room(&folder.path().join("data/media")).unwrap();
        assert!(there.said.contains(" free"), "{there:?}");
        assert_eq!(there.name, later.name);
        assert_eq!(room(Path::new("")), None);
    }
}
