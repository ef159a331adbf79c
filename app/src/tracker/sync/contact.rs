//! The device's side of sync: when it asks the server, what it sends, and how it keeps what is answered.
//!
//! What waits is marked beside its record, in the transaction that writes it, and the mark goes in the transaction that
//! keeps the answer: whatever is killed in between is sent again.

use std::time::Duration;

use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use leptos::{ev, prelude::*, task::spawn_local};
use uuid::Uuid;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{RequestInit, Response, Storage};

use super::{
    Answer, Deed, MEDIA_TYPE, MOST_ACCOUNTS, MOST_ENTRIES, PATH, Sent, Shared,
    accounts::Accounts,
    outbox::pack,
    sending::{Memory, Why, Without, behind, outcome},
};
use crate::{
    day::Day,
    tracker::{
        copy::Copy,
        device::{self, key},
        entry::{Entry, Stamp, from_record, to_record},
        indexed_db::{Changes, Database, WAITING, waiting},
        sheet::Trouble,
        shell::Tracking,
    },
};

/// Where an account's [`Memory`] is, beside its entries.
const MEMORY: &str = "sync";
/// What the device remembers of accounts, in the browser's storage for this site.
const ACCOUNTS: &str = "sciaticalm";
/// There too: what the device's clock is behind the server's, in milliseconds; for whoever's entries are written here.
const BEHIND: &str = "sciaticalm-behind";
/// What else the tracker keeps there: how the guided session makes itself heard.
const PREFERENCES: [&str; 3] = ["session-sound", "session-vibration", "session-speech"];

/// How often a contact goes back and forth at the most: all that an account may keep, and some.
const MOST_ROUNDS: u32 = 500;

/// How long a page that opens waits for word who is signed in, in milliseconds.
const OPENING: u64 = 1_500;
/// After a change: those that follow are sent with it.
const SOON: i32 = 1_000;
/// How long to wait for the server.
const PATIENCE: i32 = 30_000;

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// What the device remembers of accounts.
pub fn remembered() -> Accounts {
    let text = storage().and_then(|storage| storage.get_item(ACCOUNTS).ok()?);
    Accounts::read(&text.unwrap_or_default())
}

fn remember(accounts: &Accounts) {
    if let Some(storage) = storage() {
        // Where it cannot be kept, it is asked for at the next opening.
        let _: Result<(), JsValue> = storage.set_item(ACCOUNTS, &accounts.text());
    }
}

/// What the device's clock is behind the server's, in milliseconds, as far as it was ever told.
pub fn clock_behind() -> i64 {
    let text = storage().and_then(|storage| storage.get_item(BEHIND).ok()?);
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn remember_clock(behind: i64) {
    if let Some(storage) = storage() {
        let _: Result<(), JsValue> = storage.set_item(BEHIND, &behind.to_string());
    }
}

/// Remembers whether anything in the entries that are shown waits for an answer.
pub fn note_warning(tracking: Tracking) {
    let (whose, waits) = tracking
        .rules
        .with_value(|rules| tracking.sheet.with_untracked(|sheet| (sheet.contact.whose, sheet.has_warning(rules))));
    let mut accounts = remembered();
    if whose.is_some_and(|id| accounts.warn(id, waits)) {
        remember(&accounts);
    }
}

/// The first contact of a page, and the later ones: whenever the patient comes back to it, or the network does. Where an
/// account's entries are remembered, the page waits a moment for word whether its owner is still signed in.
pub fn begin(tracking: Tracking) {
    let online = web_sys::window().is_some_and(|window| window.navigator().on_line());
    listen_anew(tracking);
    if online && remembered().shown.is_some() {
        tracking.sheet.update(|sheet| sheet.contact.opening = true);
        if set_timeout(move || open(tracking), Duration::from_millis(OPENING)).is_err() {
            open(tracking);
        }
    }
    contact(tracking);
    window_event_listener(ev::focus, move |_| contact(tracking));
    window_event_listener(ev::online, move |_| contact(tracking));
    // Meanwhile somebody may have signed out elsewhere, and given the device to somebody else.
    window_event_listener(ev::visibilitychange, move |_| {
        if !document().hidden() {
            listen_anew(tracking);
            contact(tracking);
        }
    });
    // As above, of a page that the browser had put aside whole.
    window_event_listener(ev::pageshow, move |event| {
        if event.persisted() {
            listen_anew(tracking);
            contact(tracking);
        }
    });
}

/// The next answer is the first that counts for whether the owner of what is shown is still signed in.
fn listen_anew(tracking: Tracking) {
    tracking.sheet.update(|sheet| sheet.contact.unheard = true);
}

/// The page need wait no longer.
fn open(tracking: Tracking) {
    let opening = tracking.sheet.try_update(|sheet| std::mem::take(&mut sheet.contact.opening));
    if opening == Some(true) {
        device::refresh(tracking);
    }
}

/// After something was saved.
pub fn soon(tracking: Tracking) {
    if tracking.sheet.with_untracked(|sheet| sheet.contact.whose.is_some()) {
        later(tracking, SOON);
    }
}

fn later(tracking: Tracking, after: i32) {
    let Some(due) = tracking.sheet.try_update(|sheet| sheet.contact.sending.is_due()) else { return };
    let is_still = move || tracking.sheet.with_untracked(|sheet| sheet.contact.sending.due() == due);
    let then = move || {
        if is_still() {
            contact(tracking);
        }
    };
    // Without it, what waits is sent at the next save or when the patient comes back.
    drop(set_timeout(then, Duration::from_millis(u64::try_from(after).unwrap_or_default())));
}

fn contact(tracking: Tracking) {
    if tracking.sheet.try_update(|sheet| sheet.contact.sending.begin()) != Some(true) {
        return;
    }
    spawn_local(async move {
        let why = exchange(tracking).await.err();
        let next = tracking.sheet.try_update(|sheet| sheet.contact.sending.end(why)).flatten();
        open(tracking);
        if let Some(after) = next {
            later(tracking, after);
        }
    });
}

/// Sends and takes in until neither side has anything more.
async fn exchange(tracking: Tracking) -> Result<(), Why> {
    for _ in 0..MOST_ROUNDS {
        let before = remembered();
        let whose = before.shown;
        let sent = to_send(tracking, &before).await.map_err(|_| Why::Device)?;
        // Of what is answered from here on.
        let opening = tracking.sheet.try_update(|sheet| std::mem::take(&mut sheet.contact.unheard)) == Some(true);
        let answered = ask(&sent).await;
        let mut accounts = remembered();
        let is_the_question = accounts == before;
        if opening && (answered.is_err() || !is_the_question) {
            listen_anew(tracking);
        }
        let answer = answered?;
        if !is_the_question {
            // Another tab was told something, or the patient decided: what was asked is no longer the question.
            continue;
        }
        for id in accounts.meet(&answer, opening) {
            erase(Some(id)).await.map_err(|_| Why::Device)?;
        }
        remember(&accounts);
        if remembered() != accounts {
            return Err(Why::Device);
        }
        if accounts.shown != whose {
            open(tracking);
            device::refresh(tracking);
            continue;
        }
        let more = match outcome(&answer, whose, sent.entries.len())? {
            Some(shared) => {
                let left = keep(whose, &sent, &answer, shared).await.map_err(|_| Why::Device)?;
                device::refresh(tracking);
                // Where all is to be told again, it waits though nothing was sent.
                shared.more || (left > 0 && (shared.anew || !sent.entries.is_empty()))
            }
            None => false,
        };
        open(tracking);
        if !more {
            return Ok(());
        }
    }
    Err(Why::Failed)
}

/// What the server answers to this.
async fn ask(sent: &Sent) -> Result<Answer, Why> {
    let began = device::now();
    let (status, body) = post(&to_record(sent)).await.ok_or(Why::Offline)?;
    let answer = from_record::<Answer>(&body).map_err(|_| Why::of(status))?;
    remember_clock(behind(&answer, began, device::now()));
    Ok(answer)
}

/// Of whoever has no account, it says nothing.
async fn to_send(tracking: Tracking, accounts: &Accounts) -> Result<Sent, Trouble> {
    let (whose, mut on_device) = (accounts.shown, accounts.all());
    on_device.truncate(MOST_ACCOUNTS);
    let Some(id) = whose else {
        let known = super::Known::default();
        return Ok(Sent { whose, on_device, known, today: Day::default(), east: 0, entries: vec![] });
    };
    let database = Database::open(Some(id)).await?;
    let look = database.look()?;
    let known = memory(&look).await?.known;
    let marks = look.keys(WAITING).await?;
    let keys: Vec<&str> = marks.iter().take(MOST_ENTRIES).filter_map(|mark| Some(mark.split_once('/')?.1)).collect();
    let there = copies(&look, &keys).await?;
    let waiting = there.iter().filter_map(|there| there.copy.as_ref()?.unsent());
    let (today, failures) = tracking.sheet.with_untracked(|sheet| (sheet.today(), sheet.contact.sending.failures()));
    let today = today.unwrap_or_else(device::today);
    Ok(Sent { whose, on_device, known, today, east: device::east(), entries: pack(waiting, failures) })
}

pub async fn memory(look: &Changes) -> Result<Memory, Trouble> {
    let record = look.get(MEMORY).await?;
    Ok(record.and_then(|record| from_record(&record).ok()).unwrap_or_default())
}

/// A record that is there; no copy, where it cannot be read.
struct There {
    key: String,
    copy: Option<Copy>,
    changed: bool,
}

/// What is there from the first to the last of these keys, in their order.
async fn copies(look: &Changes, keys: &[&str]) -> Result<Vec<There>, Trouble> {
    let (Some(first), Some(last)) = (keys.iter().min(), keys.iter().max()) else { return Ok(vec![]) };
    let pairs = look.pairs(first, last).await?;
    let there = |(key, record): (String, Vec<u8>)| There { key, copy: from_record(&record).ok(), changed: false };
    Ok(pairs.into_iter().map(there).collect())
}

fn find<'a>(there: &'a mut [There], key: &str) -> Option<&'a mut There> {
    let at = there.binary_search_by(|there| there.key.as_str().cmp(key)).ok()?;
    there.get_mut(at)
}

fn key_of(entry: &Entry) -> String {
    format!("{}/{}", key(entry.about), entry.id)
}

/// Keeps what was answered: what the server has now, what it has that the device had not, and up to where. Returns how many
/// entries still wait.
async fn keep(whose: Option<Uuid>, sent: &Sent, answer: &Answer, shared: &Shared) -> Result<usize, Trouble> {
    let database = Database::open(whose).await?;
    let changes = database.begin()?;
    let mut memory = memory(&changes).await?;
    // From here on whoever erases it waits for this.
    if !is_here(whose) {
        return Err(Trouble::Erased);
    }
    if shared.anew {
        for beginning in [device::STANDING, device::DAY] {
            for mut there in copies(&changes, &[beginning]).await? {
                if let Some(copy) = &mut there.copy {
                    copy.tell_again();
                    changes.put(&there.key, &to_record(copy))?;
                    changes.put(&waiting(&there.key), &[])?;
                }
            }
        }
    }
    let keys: Vec<String> = sent.entries.iter().chain(&shared.entries).map(key_of).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut there = copies(&changes, &keys).await?;
    let (told, news) = keys.split_at(sent.entries.len());
    for (key, part) in told.iter().zip(&sent.entries) {
        let Some(There { copy: Some(copy), changed, .. }) = find(&mut there, key) else { continue };
        copy.acknowledged(part);
        *changed = true;
        if copy.unsent().is_none() {
            changes.delete(&waiting(key))?;
        }
    }
    for (key, entry) in news.iter().zip(&shared.entries) {
        match find(&mut there, key) {
            // What cannot be read stays as it is.
            Some(There { copy: None, .. }) => {}
            Some(There { copy: Some(copy), changed, .. }) => *changed |= copy.take_in(entry),
            None => {
                let mut copy = Copy::new(Entry::new(entry.id, entry.about));
                copy.take_in(entry);
                changes.put(key, &to_record(&copy))?;
            }
        }
    }
    for There { key, copy, .. } in there.iter().filter(|there| there.changed) {
        if let Some(copy) = copy {
            changes.put(key, &to_record(copy))?;
        }
    }
    memory.hear(answer, shared, &sent.entries);
    changes.put(MEMORY, &to_record(&memory))?;
    let left = changes.keys(WAITING).await?.len();
    changes.commit().await?;
    Ok(left)
}

/// Whether there are to be any entries of this account here; there are always to be any of no account.
pub fn is_here(whose: Option<Uuid>) -> bool {
    whose.is_none_or(|id| remembered().all().contains(&id))
}

/// The status and the body; nothing where there was no answer.
async fn post(body: &[u8]) -> Option<(u16, Vec<u8>)> {
    let window = web_sys::window()?;
    let headers = Object::new();
    Reflect::set(&headers, &"content-type".into(), &MEDIA_TYPE.into()).ok()?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&Uint8Array::from(body));
    let response: Response = in_time(&window.fetch_with_str_and_init(PATH, &request)).await?.dyn_into().ok()?;
    let body = in_time(&response.array_buffer().ok()?).await?;
    Some((response.status(), Uint8Array::new(&body).to_vec()))
}

/// What comes of it, if it does within [`PATIENCE`].
async fn in_time(promise: &Promise) -> Option<JsValue> {
    let late = Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            let _: Result<i32, JsValue> =
                window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, PATIENCE);
        }
    });
    let first = Promise::race(&Array::of2(promise, &late)).await.ok()?;
    // The time that is over is nothing.
    (!first.is_undefined()).then_some(first)
}

/// Erases everything of an account's on this device, or of no account's.
async fn erase(whose: Option<Uuid>) -> Result<(), Trouble> {
    // Not the database itself: another tab may hold it open for a moment, and the browser would wait for that.
    let database = Database::open(whose).await?;
    let changes = database.begin()?;
    changes.clear()?;
    changes.commit().await
}

/// What is kept on this device without an account.
pub async fn without_account() -> Result<Without, Trouble> {
    let database = Database::open(None).await?;
    let look = database.look()?;
    let mut records = look.all(device::STANDING, device::STANDING).await?;
    records.extend(look.all(device::DAY, device::DAY).await?);
    Ok(Without::of(&records))
}

/// How many entries of this account on this device were never sent.
pub async fn unsent(id: Uuid) -> Result<usize, Trouble> {
    Ok(Database::open(Some(id)).await?.look()?.keys(WAITING).await?.len())
}

pub fn decide(tracking: Tracking, deed: Deed) {
    // What was asked, and of whom, is what the page showed when it was pressed.
    let (whose, without) = tracking.sheet.with_untracked(|sheet| (sheet.contact.whose, sheet.contact.without));
    tracking.sheet.update(|sheet| sheet.contact.not_erased = false);
    spawn_local(async move {
        if let Err(trouble) = carry_out(tracking, deed, whose, without).await {
            tracking.sheet.update(|sheet| sheet.not_read(trouble));
        }
        device::refresh(tracking);
        soon(tracking);
    });
}

async fn carry_out(tracking: Tracking, deed: Deed, whose: Option<Uuid>, without: Without) -> Result<(), Trouble> {
    let mut accounts = remembered();
    let is_theirs = whose.is_some() && whose == accounts.shown;
    match deed {
        // Somebody else signed in meanwhile: the question was not theirs.
        Deed::Add | Deed::KeepApart if !is_theirs => return Ok(()),
        Deed::Add => return add(whose).await,
        Deed::KeepApart => return keep_apart(whose, without.latest).await,
        Deed::Keep(id) => accounts.keep(id),
        Deed::Erase(id) => {
            erase(Some(id)).await?;
            // Another answer may have come meanwhile.
            accounts = remembered();
            accounts.forget(id);
        }
        Deed::EraseAll => {
            if accounts.shown.is_some() && !sign_out().await {
                tracking.sheet.update(|sheet| sheet.contact.not_erased = true);
                return Ok(());
            }
            erase_all().await?;
            accounts = Accounts::default();
            tracking.sheet.update(|sheet| sheet.belong_to(None));
        }
    }
    remember(&accounts);
    Ok(())
}

/// Else all would come back from the server at once. Whether nobody is signed in now.
async fn sign_out() -> bool {
    let Some(window) = web_sys::window() else { return false };
    let request = RequestInit::new();
    request.set_method("POST");
    let answer = in_time(&window.fetch_with_str_and_init("/sign-out", &request)).await;
    let answer = answer.and_then(|answer| answer.dyn_into::<Response>().ok());
    answer.is_some_and(|answer| answer.ok() || answer.status() == 401)
}

/// Everything here, of whoever it is. Whatever is killed in between, nobody's is forgotten that is not erased.
async fn erase_all() -> Result<(), Trouble> {
    let mut accounts = remembered();
    accounts.put_all_away();
    remember(&accounts);
    let all: Vec<Option<Uuid>> = accounts.all().into_iter().map(Some).chain([None]).collect();
    for whose in &all {
        erase(*whose).await?;
    }
    // Of whom nothing is remembered, nothing is written from here on; of what was being written meanwhile, nothing stays.
    remember(&Accounts::default());
    for whose in &all {
        erase(*whose).await?;
    }
    if let Some(storage) = storage() {
        for key in PREFERENCES.into_iter().chain([BEHIND]) {
            let _: Result<(), JsValue> = storage.remove_item(key);
        }
    }
    Ok(())
}

async fn keep_apart(whose: Option<Uuid>, latest: Stamp) -> Result<(), Trouble> {
    let database = Database::open(whose).await?;
    let changes = database.begin()?;
    let mut memory = memory(&changes).await?;
    memory.apart = latest;
    changes.put(MEMORY, &to_record(&memory))?;
    changes.commit().await
}

/// Copies first, then removes what was copied and has not changed since: whatever is killed in between, nothing is lost, and
/// what is copied twice is one.
async fn add(whose: Option<Uuid>) -> Result<(), Trouble> {
    let from = Database::open(None).await?;
    let records = everything(&from.look()?).await?;
    let into = Database::open(whose).await?;
    let changes = into.begin()?;
    let mut there = vec![];
    for beginning in [device::DAY, device::STANDING] {
        there.extend(copies(&changes, &[beginning]).await?);
    }
    let mut copied = vec![];
    for (key, record) in records {
        // What cannot be read stays where it is.
        let Ok(mut new) = from_record::<Copy>(&record) else { continue };
        new.tell_again();
        match find(&mut there, &key) {
            Some(There { copy: Some(there), .. }) => new.join(there),
            Some(There { copy: None, .. }) => continue,
            None => {}
        }
        changes.put(&key, &to_record(&new))?;
        changes.put(&waiting(&key), &[])?;
        copied.push((key, record));
    }
    changes.commit().await?;
    let changes = from.begin()?;
    let now = everything(&changes).await?;
    for pair in copied.iter().filter(|pair| now.binary_search(pair).is_ok()) {
        changes.delete(&pair.0)?;
    }
    changes.commit().await
}

/// All records of days, and what stands, with their keys.
async fn everything(look: &Changes) -> Result<Vec<(String, Vec<u8>)>, Trouble> {
    let mut records = look.pairs(device::DAY, device::DAY).await?;
    records.extend(look.pairs(device::STANDING, device::STANDING).await?);
    Ok(records)
}

/// Asks the browser not to clear what is kept here; says whether it may do so all the same.
pub async fn persist() -> bool {
    let asked = web_sys::window().and_then(|window| window.navigator().storage().persist().ok());
    match asked {
        Some(asked) => asked.await.is_ok_and(|kept| kept == false),
        None => false,
    }
}
