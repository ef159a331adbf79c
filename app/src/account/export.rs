//! "Everything about me", as a ZIP that is written while it is sent: its size is in nobody's memory.
//!
//! The archive is written by a thread of its own into a short queue, from which the answer is fed. If anything fails, the
//! answer breaks off: half an archive must not look like a whole one.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use futures_util::stream;
use maud::html;
use serde_json::{Value, json};
use tokio::{runtime::Handle, sync::mpsc};
use uuid::Uuid;
use zip::{
    CompressionMethod, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use super::{
    Account, Fresh, SignedIn,
    consent::{self, Kind},
    guard::Exporting,
    refusals::{Limit, Subject},
    sign_in::told_to_wait,
    store,
};
use crate::{
    AppState, Error, Result,
    audit::{self, Action, Actor, Event},
    desk, media, on,
    routes::Routes,
    rulebook,
    tracker::{
        self,
        export::{self, Diary, csv},
        reminders::store::{self as reminders, Reminder},
        share,
        store::Kept,
    },
    ui::{
        form::Problems,
        page::{Page, Private},
    },
};

/// How much of the archive is handed on at once, in bytes, and how many such pieces may wait for a slow reader.
const PIECE: usize = 32 * 1024;
const WAITING: usize = 4;
/// How long a reader may leave a piece waiting before the export is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Rows that are read from the database at once; of the diary's days, as many as are in a year.
const ROWS: u32 = 200;
const YEAR: i64 = 366;

const README: &str = "\
This archive holds everything that this site stores about you and can read.

account.json   your account: address, roles, when it was made, and how you sign in
consents.json  what you agreed to, in which version of the words, and when
consents.csv   the same as a table
diary.json     your health entries on this server, as they are stored; it can be brought back in
diary.csv      the days of it as a table, as they are after your corrections
reminders.json the days and the time of your reminders, and since when you have a calendar for them
sharing.json   the links by which you share a summary, and when they were opened
sessions.json  where you are signed in, and the devices that are known
articles.json  what you saved, approved, said, and typed without saving it yet at the desk, if you are on the staff; the
               articles are the site's
exercises.json what you saved, approved and said of exercises at the desk, if you are on the staff; they are the site's
rule-sets.json what you did with rule sets at the desk, if you are on the staff; the rule sets are the site's
pictures.json  which pictures you added at the desk, if you are on the staff; the pictures are the site's
audit.json     what was done in your account, and when

Times are UTC. In diary.json they are milliseconds since the beginning of 1970; if you corrected something, all that you
wrote is there, and the last is what counts. In the tables, a text that a spreadsheet would take for a formula has an
apostrophe in front.

What is not here: your password, the codes of your links and the address of your calendar, of which we have only fingerprints that nobody can read
back; the secret of your authenticator app and the keys of your passkeys, which would let whoever has this file sign in as
you; and what your browser keeps on your device, which never reaches us.

Keep this file safe: whoever has it can read your health entries.
";

pub fn routes() -> Routes {
    Routes::new().page_for("/account/export", show).form_for("/account/export", 0, submit)
}

async fn show(_visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Response {
    page(&Problems::default()).respond(&state.site)
}

fn page(problems: &Problems) -> Page {
    let main = html! {
        (problems.summary())
        h1 { "Export your data" }
        p class="lead" { "A file with everything that we store about you and can read: a ZIP archive, with texts for programs (JSON) and tables for spreadsheets (CSV)." }
        ul {
            li { "your account: address, when it was made, and how you sign in" }
            li { "what you agreed to, and when" }
            li { "your diary on this server, with what you corrected" }
            li { "your reminders" }
            li { "the links by which you share a summary, and when they were opened" }
            li { "where you are signed in" }
            li { "what was done in your account" }
        }
        p { "It does not hold your password or the secrets by which you sign in. What your browser keeps on your device is not in it: it never reaches us." }
        p { strong { "Keep the file safe." } " Whoever has it can read your health entries. Do not save it on a device that you share." }
        form method="post" action="/account/export" {
            div class="actions" {
                button class="btn btn--main" id="export" { "Download the file" }
                a class="btn" href="/account" { "Back to your account" }
            }
        }
    };
    Page::of_account("Export your data", "/account/export", main)
}

async fn submit(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Result<Response> {
    let limit = Limit { name: "exports", client: visitor.origin.client, subject: Subject::Account(visitor.account) };
    let turn = match limit.watch(&state, state.guard.begin_export(visitor.account)).await {
        Err(error) => return told_to_wait(error, |message| page(&Problems::one("export", message)), &state),
        Ok(turn) => turn,
    };
    let account = store::account(&state.db, visitor.account).await?.ok_or(Error::NotFound)?;
    // In advance: whoever breaks the download off has seen what came until then.
    let event =
        Event::new(&state.clock, Actor::Account(account.id), Action::Exported).seen_from(visitor.origin.client.0);
    audit::record(&state.db, event).await?;
    let name = format!("attachment; filename=\"my-data-{}.zip\"", state.clock.today());
    let mut response = Response::new(stream_of(state, account, turn));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Error::internal)?);
    response.extensions_mut().insert(Private);
    Ok(response)
}

fn stream_of(state: AppState, account: Account, turn: Exporting) -> Body {
    let (sender, receiver) = mpsc::channel(WAITING);
    let whole = Arc::new(AtomicBool::new(false));
    let (written, runtime) = (Arc::clone(&whole), Handle::current());
    tokio::task::spawn_blocking(move || {
        let given_up = Arc::new(AtomicBool::new(false));
        let pieces = Pieces { sender, runtime: runtime.clone(), piece: vec![], given_up: Arc::clone(&given_up) };
        let mut archive = Archive { zip: ZipWriter::new_stream(pieces), state: &state, account: &account, runtime };
        let done = match archive.write() {
            Ok(()) => finish(archive.zip, &written, turn),
            Err(error) => {
                // The writer would else finish the archive when it is dropped.
                given_up.store(true, Ordering::Release);
                Err(error)
            }
        };
        if let Err(error) = done {
            tracing::error!(%error, "an export broke off");
        }
    });
    Body::from_stream(stream::unfold(Some((receiver, whole)), async |state| {
        let (mut receiver, whole): (mpsc::Receiver<Bytes>, _) = state?;
        match receiver.recv().await {
            Some(piece) => Some((Ok(piece), Some((receiver, whole)))),
            None if whole.load(Ordering::Acquire) => None,
            // An error ends the answer without the mark of its end.
            None => Some((Err(io::Error::other("the export broke off")), None)),
        }
    }))
}

fn finish(zip: ZipWriter<StreamWriter<Pieces>>, whole: &AtomicBool, turn: Exporting) -> Result<(), Broken> {
    let mut pieces = zip.finish()?.into_inner();
    pieces.send()?;
    // Both before the queue closes: whoever sees its end looks whether that was all, and may ask anew.
    whole.store(true, Ordering::Release);
    drop(turn);
    Ok(())
}

/// Where the archive goes, in pieces.
struct Pieces {
    sender: mpsc::Sender<Bytes>,
    runtime: Handle,
    piece: Vec<u8>,
    /// What comes now is nobody's any more.
    given_up: Arc<AtomicBool>,
}

impl Pieces {
    fn send(&mut self) -> io::Result<()> {
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        match self.runtime.block_on(tokio::time::timeout(PATIENCE, self.sender.send(piece))) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.given_up.load(Ordering::Acquire) {
            self.piece.extend_from_slice(bytes);
            if self.piece.len() >= PIECE {
                self.send()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Why an export broke off. Says nothing of what was in it.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("reading: {0}")]
    Read(#[from] Error),
    #[error("sending: {0}")]
    Sent(#[from] io::Error),
    #[error("the archive: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error("a text: {0}")]
    Json(#[from] serde_json::Error),
}

struct Archive<'a> {
    zip: ZipWriter<StreamWriter<Pieces>>,
    state: &'a AppState,
    account: &'a Account,
    runtime: Handle,
}

impl Archive<'_> {
    fn write(&mut self) -> Result<(), Broken> {
        self.begin("README.txt")?;
        self.zip.write_all(README.as_bytes())?;
        self.account()?;
        self.consents()?;
        self.diary_json()?;
        self.diary_csv()?;
        self.reminders()?;
        self.sharing()?;
        self.sessions()?;
        self.articles()?;
        self.exercises()?;
        self.rule_sets()?;
        self.pictures()?;
        self.audit()
    }

    fn begin(&mut self, name: &str) -> Result<(), Broken> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        Ok(self.zip.start_file(name, options)?)
    }

    fn json(&mut self, name: &str, value: &Value) -> Result<(), Broken> {
        self.begin(name)?;
        serde_json::to_writer_pretty(&mut self.zip, value)?;
        Ok(())
    }

    fn account(&mut self) -> Result<(), Broken> {
        let ways = self.runtime.block_on(ways_in(self.state, self.account.id))?;
        let roles: Vec<&str> = self.account.roles.iter().map(super::Role::name).collect();
        let account = json!({
            "id": self.account.id,
            "email": self.account.email.as_str(),
            "roles": roles,
            "created_at": utc(self.account.created_at),
            "ways_in": ways,
        });
        self.json("account.json", &account)
    }

    fn consents(&mut self) -> Result<(), Broken> {
        let consents = self.runtime.block_on(consent::consents(&self.state.db, self.account.id))?;
        let title = |kind: &str| Kind::named(kind).map(|kind| kind.text().title);
        let all: Vec<Value> = consents
            .iter()
            .map(|consent| {
                json!({
                    "kind": consent.kind,
                    "title": title(&consent.kind),
                    "version": consent.version,
                    "given_at": utc(consent.given_at),
                    "withdrawn_at": consent.withdrawn_at.map(utc),
                })
            })
            .collect();
        self.json("consents.json", &Value::Array(all))?;
        self.table("consents.csv", &["kind", "title", "version", "given_at", "withdrawn_at"])?;
        for consent in &consents {
            let withdrawn = consent.withdrawn_at.map(utc).unwrap_or_default();
            let title = title(&consent.kind).unwrap_or_default();
            self.row(&[&consent.kind, title, &consent.version.to_string(), &utc(consent.given_at), &withdrawn])?;
        }
        Ok(())
    }

    /// Hands over all entries in turn, a few at a time.
    fn entries(&mut self, mut each: impl FnMut(&mut Self, &Kept) -> Result<(), Broken>) -> Result<(), Broken> {
        let mut after = 0;
        loop {
            let entries = tracker::store::entries_after(self.state, self.account.id, after, ROWS);
            let entries = self.runtime.block_on(entries)?;
            let Some(last) = entries.last() else { return Ok(()) };
            after = last.revision;
            for entry in &entries {
                each(self, entry)?;
            }
        }
    }

    fn diary_json(&mut self) -> Result<(), Broken> {
        self.begin("diary.json")?;
        self.zip.write_all(export::json::begin().as_bytes())?;
        let mut comma = "\n";
        self.entries(|archive, Kept { entry, saved_at, .. }| {
            let mut text = std::mem::replace(&mut comma, ",\n").to_owned();
            export::json::write_entry(entry, Some(*saved_at), &mut text);
            Ok(archive.zip.write_all(text.as_bytes())?)
        })?;
        Ok(self.zip.write_all(export::json::END.as_bytes())?)
    }

    /// A year at a time: what several devices wrote about one day is one row.
    fn diary_csv(&mut self) -> Result<(), Broken> {
        let (state, account) = (self.state, self.account.id);
        let standing = self.runtime.block_on(tracker::store::standing(state, account))?;
        self.table("diary.csv", &csv::columns(&standing))?;
        let Some((mut from, last)) = self.runtime.block_on(tracker::store::span(state, account))? else {
            return Ok(());
        };
        while from <= last {
            let to = last.min(from.plus(YEAR - 1));
            let kept = self.runtime.block_on(tracker::store::days(state, account, from, to))?;
            for log in Diary::of(kept.iter().map(|kept| &kept.entry)).days {
                self.zip.write_all(csv::day(&log, &state.site.rules).as_bytes())?;
            }
            if to == last {
                break;
            }
            from = to.plus(1);
        }
        Ok(())
    }

    fn reminders(&mut self) -> Result<(), Broken> {
        let (db, account) = (&self.state.db, self.account.id);
        let reminder = self.runtime.block_on(reminders::reminder(db, account))?;
        let calendar = self.runtime.block_on(reminders::calendar_made_at(db, account))?;
        let links = self.runtime.block_on(reminders::links_expire_at(db, account))?;
        let reminder = reminder.map(|Reminder { schedule, due_at, changed_at, .. }| {
            json!({
                "time": schedule.at.to_string(),
                "days": schedule.days.iter().map(|day| day.word).collect::<Vec<_>>(),
                "time_zone": schedule.zone.name(),
                "next_email_at": due_at.map(utc),
                "changed_at": utc(changed_at),
            })
        });
        let links: Vec<String> = links.into_iter().map(utc).collect();
        self.json(
            "reminders.json",
            &json!({ "reminder": reminder, "calendar_made_at": calendar.map(utc), "links_expire_at": links }),
        )
    }

    fn sharing(&mut self) -> Result<(), Broken> {
        let links = self.runtime.block_on(share::store::links(self.state, self.account.id))?;
        let accesses = self.runtime.block_on(share::store::accesses(&self.state.db, self.account.id))?;
        let opened = |link: &share::Link| -> Vec<Value> {
            let own = accesses.iter().filter(|access| access.link_id == link.id);
            own.map(
                |access| json!({ "last_at": utc(access.last_at), "network": access.network, "times": access.times }),
            )
            .collect()
        };
        let all: Vec<Value> = links
            .iter()
            .map(|link| {
                json!({
                    "id": link.id,
                    "first_day": link.period.from.to_string(),
                    "last_day": link.period.to.to_string(),
                    "name_shown": link.name,
                    "made_at": utc(link.created_at),
                    "expires_at": utc(link.expires_at),
                    "ended_at": link.revoked_at.map(utc),
                    "opened": opened(link),
                })
            })
            .collect();
        self.json("sharing.json", &Value::Array(all))
    }

    fn sessions(&mut self) -> Result<(), Broken> {
        let sessions = self.runtime.block_on(store::sessions(&self.state.db, self.account.id))?;
        let sessions: Vec<Value> = sessions
            .iter()
            .map(|session| {
                json!({
                    "device": session.device,
                    "signed_in_at": utc(session.created_at),
                    "seen_at": utc(session.seen_at),
                    "expires_at": utc(session.expires_at),
                    "confirmed_at": utc(session.confirmed_at),
                    "remembered": session.remember,
                    "second_step_done": session.strong,
                })
            })
            .collect();
        let known = self.runtime.block_on(known_devices(self.state, self.account.id))?;
        self.json("sessions.json", &json!({ "sessions": sessions, "known_devices_last_signed_in_at": known }))
    }

    fn articles(&mut self) -> Result<(), Broken> {
        let deeds = self.runtime.block_on(desk::store::deeds_of(&self.state.db, self.account.id))?;
        let saved = deeds.saved.iter().map(|(article, revision, title, note, at)| {
            json!({ "article": article, "revision": revision, "title": title, "note": note, "saved_at": utc(*at) })
        });
        let approved = deeds.approved.iter().map(|(article, approval)| {
            json!({
                "article": article,
                "revision": approval.revision,
                "name": approval.name,
                "registration": approval.registration,
                "approved_at": utc(approval.approved_at),
                "override_reason": approval.override_reason,
            })
        });
        let said = deeds.said.iter().map(|(article, revision, said, at)| {
            json!({ "article": article, "revision": revision, "comment": said, "said_at": utc(*at) })
        });
        let drafts = self.runtime.block_on(desk::drafts::drafts_of(&self.state.db, self.account.id))?;
        let drafts: Vec<Value> = drafts
            .into_iter()
            .map(|(subject, draft)| {
                json!({ "article": subject.0, "revision": draft.base, "typed": draft.typed, "typed_at": utc(draft.typed_at) })
            })
            .collect();
        let (saved, approved, said): (Vec<Value>, Vec<Value>, Vec<Value>) =
            (saved.collect(), approved.collect(), said.collect());
        self.json("articles.json", &json!({ "saved": saved, "approved": approved, "comments": said, "drafts": drafts }))
    }

    fn exercises(&mut self) -> Result<(), Broken> {
        let deeds = self.runtime.block_on(desk::exercises::store::deeds_of(&self.state.db, self.account.id))?;
        let saved = deeds.saved.iter().map(|(exercise, revision, note, at)| {
            json!({ "exercise": exercise, "revision": revision, "note": note, "saved_at": utc(*at) })
        });
        let approved = deeds.approved.iter().map(|(exercise, revision, name, registration, at)| {
            json!({
                "exercise": exercise,
                "revision": revision,
                "name": name,
                "registration": registration,
                "approved_at": utc(*at),
            })
        });
        let said = deeds.said.iter().map(|(exercise, revision, said, at)| {
            json!({ "exercise": exercise, "revision": revision, "comment": said, "said_at": utc(*at) })
        });
        let (saved, approved, said): (Vec<Value>, Vec<Value>, Vec<Value>) =
            (saved.collect(), approved.collect(), said.collect());
        self.json("exercises.json", &json!({ "saved": saved, "approved": approved, "comments": said }))
    }

    fn rule_sets(&mut self) -> Result<(), Broken> {
        let deeds = self.runtime.block_on(rulebook::store::deeds_of(&self.state.db, self.account.id))?;
        let saved = deeds.saved.iter().map(|(rule_set, revision, note, at)| {
            json!({ "rule_set": rule_set, "revision": revision, "note": note, "saved_at": utc(*at) })
        });
        let asked = deeds.asked.iter().map(|(rule_set, at)| json!({ "rule_set": rule_set, "asked_at": utc(*at) }));
        let published = deeds.published.iter().map(|(rule_set, name, registration, reason, at)| {
            json!({
                "rule_set": rule_set,
                "name": name,
                "registration": registration,
                "rollback_reason": reason,
                "published_at": utc(*at),
            })
        });
        let (saved, asked, published): (Vec<Value>, Vec<Value>, Vec<Value>) =
            (saved.collect(), asked.collect(), published.collect());
        self.json("rule-sets.json", &json!({ "saved": saved, "asked": asked, "published": published }))
    }

    fn pictures(&mut self) -> Result<(), Broken> {
        let added = self.runtime.block_on(media::store::added_by(&self.state.db, self.account.id))?;
        let added: Vec<Value> = added
            .iter()
            .map(|(picture, version, at)| json!({ "picture": picture, "version": version, "added_at": utc(*at) }))
            .collect();
        self.json("pictures.json", &json!({ "added": added }))
    }

    fn audit(&mut self) -> Result<(), Broken> {
        self.begin("audit.json")?;
        self.list(|archive, list| {
            let mut after = 0;
            loop {
                let events = audit::events_of(&archive.state.db, archive.account.id, after, ROWS);
                let events = archive.runtime.block_on(events)?;
                let Some(last) = events.last() else { return Ok(()) };
                after = last.number;
                for event in &events {
                    let event = json!({
                        "number": event.number,
                        "at": utc(event.at),
                        "actor": event.actor,
                        "action": event.action,
                        "target": event.target,
                        "network": event.origin,
                    });
                    archive.item(list, &event)?;
                }
            }
        })
    }

    /// Writes a list whose items come in turn.
    fn list(&mut self, items: impl FnOnce(&mut Self, &mut bool) -> Result<(), Broken>) -> Result<(), Broken> {
        self.zip.write_all(b"[")?;
        items(self, &mut true)?;
        Ok(self.zip.write_all(b"\n]\n")?)
    }

    fn item(&mut self, is_first: &mut bool, item: &Value) -> Result<(), Broken> {
        self.zip.write_all(if std::mem::take(is_first) { b"\n" } else { b",\n" })?;
        Ok(serde_json::to_writer(&mut self.zip, item)?)
    }

    fn table<T: AsRef<str>>(&mut self, name: &str, columns: &[T]) -> Result<(), Broken> {
        self.begin(name)?;
        Ok(self.zip.write_all(csv::begin(columns).as_bytes())?)
    }

    fn row(&mut self, cells: &[&str]) -> Result<(), Broken> {
        Ok(self.zip.write_all(csv::row(cells).as_bytes())?)
    }
}

/// How the account can be signed in to, without what would do so.
async fn ways_in(state: &AppState, account: Uuid) -> Result<Value> {
    let totp: Option<Option<i64>> = on!(db &state.db, pool => sqlx::query_scalar(
        "select confirmed_at from totp where account_id = $1",
    )
    .bind(account)
    .fetch_optional(pool)
    .await)?;
    let codes: i64 = on!(db &state.db, pool => sqlx::query_scalar(
        "select count(*) from recovery_code where account_id = $1",
    )
    .bind(account)
    .fetch_one(pool)
    .await)?;
    let passkeys: Vec<(String, i64, Option<i64>)> = on!(db &state.db, pool => sqlx::query_as(
        "select name, created_at, used_at from passkey where account_id = $1 order by created_at",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    let links: Vec<(String, Option<String>, i64)> = on!(db &state.db, pool => sqlx::query_as(
        "select purpose, email, expires_at from mail_token where account_id = $1 order by expires_at",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    let invitations: Vec<(String, i64, i64)> = on!(db &state.db, pool => sqlx::query_as(
        "select role, invited_at, expires_at
         from invitation
         where email_key = (select email_key from account where id = $1)
         order by invited_at",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    Ok(json!({
        "authenticator_app_since": totp.flatten().map(utc),
        "recovery_codes_left": codes,
        "passkeys": passkeys.into_iter().map(|(name, created, used)| {
            json!({ "name": name, "created_at": utc(created), "used_at": used.map(utc) })
        }).collect::<Vec<_>>(),
        "invitations": invitations.into_iter().map(|(role, invited, expires)| {
            json!({ "role": role, "invited_at": utc(invited), "expires_at": utc(expires) })
        }).collect::<Vec<_>>(),
        "links_sent_and_not_used": links.into_iter().map(|(purpose, email, expires)| {
            json!({ "purpose": purpose, "email": email, "expires_at": utc(expires) })
        }).collect::<Vec<_>>(),
    }))
}

async fn known_devices(state: &AppState, account: Uuid) -> Result<Vec<String>> {
    let seen: Vec<i64> = on!(db &state.db, pool => sqlx::query_scalar(
        "select seen_at from known_device where account_id = $1 order by seen_at",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    Ok(seen.into_iter().map(utc).collect())
}

/// "2026-11-22T12:00:00Z" (RFC 3339).
fn utc(millis: i64) -> String {
    export::utc(millis).unwrap_or_default()
}
