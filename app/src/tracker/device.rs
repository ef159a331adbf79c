//! What the tracker asks of the device: its date, what it keeps of the days, and word when either may have changed.

use std::time::Duration;

use leptos::{ev, html::Div, prelude::*, tachys::view::Mountable, task::spawn_local};
use uuid::{Builder, Uuid};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;
#[cfg(feature = "progress")]
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

pub use super::sync::contact::decide;
use super::{
    copy::Copy,
    entry::{About, Entry, from_record, to_record},
    indexed_db::{Database, WAITING},
    sheet::{Keeping, Kept, Pending, Sheet, Stage, Trouble},
    shell::Tracking,
    sync::{
        contact,
        sending::{Memory, Without},
    },
};
// The session has no form, and the progress page asks nothing.
#[cfg(not(any(feature = "progress", feature = "session")))]
pub use crate::ui::browser::fields;
use crate::{day::Day, ui::browser};

/// Puts this in the place of what the server rendered, for as long as the page lives.
pub fn show(root: NodeRef<Div>, view: impl FnOnce() -> AnyView) {
    let Some(root) = root.get_untracked() else { return };
    root.set_inner_html("");
    let mut shown = view().build();
    shown.mount(&root, None);
    // The island is never taken away.
    std::mem::forget(shown);
}

/// Reads the device for the first time, then again whenever the patient comes back to the page, because another tab may
/// have written or midnight passed; and each minute, for midnight alone.
pub fn begin(tracking: Tracking) {
    contact::begin(tracking);
    refresh(tracking);
    // For as long as the page lives: the island is never taken away.
    window_event_listener(ev::focus, move |_| refresh(tracking));
    window_event_listener(ev::visibilitychange, move |_| refresh(tracking));
    let each_minute = set_interval(
        move || {
            if tracking.sheet.with_untracked(|sheet| sheet.today() != Some(today())) {
                refresh(tracking);
            }
        },
        Duration::from_secs(60),
    );
    // Without it, midnight is noticed when the patient comes back.
    drop(each_minute);
}

/// The device's time, in milliseconds since 1970.
pub fn now() -> i64 {
    // Whole milliseconds, of some ten thousand years.
    js_sys::Date::new_0().get_time() as i64
}

/// A random number.
pub fn random() -> u64 {
    u64::from_le_bytes(random_bytes())
}

fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    if let Some(crypto) = crypto {
        let _: Result<_, JsValue> = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
}

/// The patient's date: the device's, wherever it is.
pub fn today() -> Day {
    let now = js_sys::Date::new_0();
    let year = u16::try_from(now.get_full_year()).unwrap_or_default();
    let month = u8::try_from(now.get_month() + 1).unwrap_or_default();
    let day = u8::try_from(now.get_date()).unwrap_or_default();
    Day::new(year, month, day).unwrap_or_default()
}

/// How many minutes the device's zone is ahead of UTC now.
pub fn east() -> i32 {
    // Whole minutes, less than a day of them.
    -(js_sys::Date::new_0().get_timezone_offset() as i32)
}

/// Brings the sheet up to date with the clock, with whose entries are shown, and with what is stored. Until the device has
/// answered, nothing changes.
pub fn refresh(tracking: Tracking) {
    let Tracking { sheet, rules, .. } = tracking;
    if sheet.with_untracked(|sheet| sheet.contact.opening) {
        return;
    }
    spawn_local(async move {
        let (today, whose) = (today(), contact::remembered().shown);
        let read = read(whose, sheet.with_untracked(|sheet| sheet.to_read(today))).await;
        if contact::remembered().shown != whose {
            // Another read is under way, or due: this one is of whoever was shown before.
            refresh(tracking);
            return;
        }
        // What was logged goes first to whom it was logged for.
        let is_theirs = sheet.try_update(|sheet| sheet.is_of(whose)) == Some(true);
        if !is_theirs {
            save(tracking);
            return;
        }
        let is_read = read.is_ok();
        rules.with_value(|rules| {
            sheet.update(|sheet| {
                sheet.is_east(east());
                sheet.move_on(today, rules);
                match read {
                    Ok(read) => {
                        sheet.remember(read.memory, read.waiting, contact::clock_behind());
                        sheet.contact.without = read.without;
                        sheet.contact.left = read.left;
                        sheet.contact.away = contact::remembered().away();
                        sheet.take_in(&read.kept);
                        sheet.keep_alerts(rules, now());
                    }
                    Err(trouble) => sheet.not_read(trouble),
                }
            });
        });
        if is_read {
            contact::note_warning(tracking);
        }
        save(tracking);
    });
}

/// What the device has.
struct Read {
    kept: Kept,
    memory: Memory,
    waiting: usize,
    without: Without,
    left: Option<(Uuid, usize)>,
}

async fn read(whose: Option<Uuid>, (from, to): (Day, Day)) -> Result<Read, Trouble> {
    let database = Database::open(whose).await?;
    let look = database.look()?;
    let mut records = look.all(STANDING, STANDING).await?;
    records.extend(look.all(&day_key(from), &day_key(to)).await?);
    let kept = Kept { from, to, records };
    let (memory, waiting) = (contact::memory(&look).await?, look.keys(WAITING).await?.len());
    let without = if whose.is_some() { contact::without_account().await? } else { Without::default() };
    let left = match contact::remembered().left.first() {
        Some(id) => Some((*id, contact::unsent(*id).await?)),
        None => None,
    };
    Ok(Read { kept, memory, waiting, without, left })
}

/// Where an entry is kept: its key begins so, and ends with its id.
pub fn key(about: About) -> String {
    match about {
        About::Day(day) => day_key(day),
        About::Standing => STANDING.to_owned(),
    }
}

pub const STANDING: &str = "standing";
/// Before the day.
pub const DAY: &str = "day";

fn day_key(day: Day) -> String {
    format!("{DAY}/{day}")
}

/// Writes what the device does not have yet, one record after another, until there is nothing left or it fails.
pub fn save(tracking: Tracking) {
    let Tracking { sheet, .. } = tracking;
    let unread = sheet.with_untracked(|sheet| matches!(sheet.keeping(), Keeping::NotRead(_)));
    if sheet.try_update(Sheet::begin_saving) != Some(true) {
        return;
    }
    spawn_local(async move {
        while let Some(next) = sheet.with_untracked(Sheet::next_to_write) {
            let (Some(first), Some(last)) = (next.first(), next.last()) else { break };
            let whose = sheet.with_untracked(|sheet| sheet.contact.whose);
            match write(whose, first.about, &next).await {
                Ok(entries) => sheet.update(|sheet| {
                    sheet.contact.sending.waiting = entries.waiting;
                    sheet.written(&entries.of_it, first.about, last.stamp);
                }),
                Err(trouble) => {
                    sheet.update(|sheet| sheet.not_saved(trouble));
                    return;
                }
            }
        }
        // What takes an entry again can surely be read again; and somebody else may have signed in meanwhile.
        let whose = sheet.with_untracked(|sheet| sheet.contact.whose);
        if unread || whose != contact::remembered().shown {
            refresh(tracking);
        } else {
            contact::note_warning(tracking);
        }
        contact::soon(tracking);
        if !sheet.with_untracked(|sheet| sheet.contact.may_be_cleared) {
            let may = contact::persist().await;
            sheet.update(|sheet| sheet.contact.may_be_cleared = may);
        }
    });
}

/// What the device has after a write.
struct Written {
    /// All entries about the same.
    of_it: Vec<Entry>,
    /// How many entries wait for the server.
    waiting: usize,
}

/// Writes this into the first entry about it that can be read, or a new one.
async fn write(whose: Option<Uuid>, about: About, pending: &[Pending]) -> Result<Written, Trouble> {
    let mut copies = vec![];
    let change = |records: Vec<Vec<u8>>| {
        // From here on whoever erases it waits for this.
        if !contact::is_here(whose) {
            return None;
        }
        copies = records.iter().filter_map(|record| from_record::<Copy>(record).ok()).collect();
        if copies.is_empty() {
            copies.push(Copy::new(Entry::new(new_id(), about)));
        }
        let first = copies.first_mut()?;
        pending.iter().for_each(|pending| first.write(&pending.writes, pending.stamp));
        Some((format!("{}/{}", key(about), first.entry.id), to_record(first)))
    };
    let database = Database::open(whose).await?;
    database.change(&key(about), change).await?;
    let waiting = database.look()?.keys(WAITING).await?.len();
    Ok(Written { of_it: copies.into_iter().map(|copy| copy.entry).collect(), waiting })
}

/// A UUID of version 7.
fn new_id() -> Uuid {
    let millis = u64::try_from(now()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &random_bytes()).into_uuid()
}

/// After the tracker has come to another stage: an emergency, and the way back from it, gets the focus and the tab's title.
pub fn show_stage(before: Option<&Stage>, now: &Stage) {
    if *now == Stage::Waiting {
        return;
    }
    browser::mark_ready();
    let is_emergency = |stage: &Stage| matches!(stage, Stage::Emergency(_) | Stage::Alarm(_));
    let emergency = is_emergency(now);
    if let Some(strip) = document().query_selector(".help").ok().flatten() {
        strip.set_class_name(if emergency { "help help--emergency" } else { "help" });
    }
    if emergency || before.is_some_and(is_emergency) {
        browser::announce_page();
    }
}

/// Moves the focus to what has this id, once it is on the page.
pub fn focus(id: &str) {
    let id = id.to_owned();
    let frame = request_animation_frame(move || {
        let element = document().get_element_by_id(&id).and_then(|element| element.dyn_into::<HtmlElement>().ok());
        if let Some(element) = element {
            let _: Result<(), JsValue> = element.focus();
        }
    });
    drop(frame);
}

/// Gives the patient a table as a file of this name.
#[cfg(feature = "progress")]
pub fn download(name: &str, table: &str) {
    if let Ok(address) = give(name, table) {
        // Not at once: a browser may still be reading it.
        let _: Result<_, JsValue> =
            set_timeout(move || drop(Url::revoke_object_url(&address)), Duration::from_secs(60));
    }
}

/// Answers with the address that the file has for now.
#[cfg(feature = "progress")]
fn give(name: &str, table: &str) -> Result<String, JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type("text/csv;charset=utf-8");
    let file = Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&table.into()), &kind)?;
    let address = Url::create_object_url_with_blob(&file)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    Ok(address)
}

/// Opens the browser's way to print.
#[cfg(feature = "progress")]
pub fn print() {
    let _: Result<(), JsValue> = window().print();
}
