//! What the tracker asks of the device: its date, what it keeps of the days, and word when either may have changed.

use std::time::Duration;

use leptos::{ev, prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

use super::{
    indexed_db::{DAYS, Database, PLAN, Replacement},
    island::Tracking,
    log::{Change, DayLog, Plan, Unreadable, read_day, read_plan, write_record},
    sheet::{Keeping, Kept, Sheet, Stage, ToWrite, Trouble},
};
pub use crate::ui::browser::fields;
use crate::{day::Day, ui::browser};

/// Reads the device for the first time, then again whenever the patient comes back to the page, because another tab may
/// have written or midnight passed; and each minute, for midnight alone.
pub fn begin(tracking: Tracking) {
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

/// The patient's date: the device's, wherever it is.
fn today() -> Day {
    let now = js_sys::Date::new_0();
    let year = u16::try_from(now.get_full_year()).unwrap_or_default();
    let month = u8::try_from(now.get_month() + 1).unwrap_or_default();
    let day = u8::try_from(now.get_date()).unwrap_or_default();
    Day::new(year, month, day).unwrap_or_default()
}

/// Brings the sheet up to date with the clock and with what is stored. Until the device has answered, nothing changes.
pub fn refresh(tracking: Tracking) {
    let Tracking { sheet, rules, .. } = tracking;
    spawn_local(async move {
        let today = today();
        let kept = read(sheet.with_untracked(|sheet| sheet.to_read(today))).await;
        rules.with_value(|rules| {
            sheet.update(|sheet| {
                sheet.move_on(today, rules);
                match kept {
                    Ok(kept) => sheet.take_in(&kept, &rules.version),
                    Err(trouble) => sheet.not_read(trouble),
                }
            });
        });
    });
}

async fn read(days: Vec<Day>) -> Result<Kept, Trouble> {
    let database = Database::open().await?;
    let keys = days.iter().map(|day| (DAYS, day.to_string())).chain([(PLAN, PLAN.to_owned())]);
    let mut records = database.read(keys.collect()).await?;
    let plan = records.pop().flatten();
    Ok(Kept { plan, days: days.into_iter().zip(records).collect() })
}

/// Writes what the device does not have yet, one record after another, until there is nothing left or it fails.
pub fn save(tracking: Tracking) {
    let Tracking { sheet, rules, .. } = tracking;
    let unread = sheet.with_untracked(|sheet| matches!(sheet.keeping(), Keeping::NotRead(_)));
    if sheet.try_update(Sheet::begin_saving) != Some(true) {
        return;
    }
    let version = rules.with_value(|rules| rules.version.clone());
    spawn_local(async move {
        while let Some(next) = sheet.with_untracked(Sheet::next_to_write) {
            let written = match next {
                ToWrite::Day(day, changes) => write_day(day, &changes, &version)
                    .await
                    .map(|log| sheet.update(|sheet| sheet.day_written(log, changes.len(), &version))),
                ToWrite::Plan(plan) => {
                    write_plan(&plan).await.map(|()| sheet.update(|sheet| sheet.plan_written(&plan)))
                }
            };
            if let Err(trouble) = written {
                sheet.update(|sheet| sheet.not_saved(trouble));
                return;
            }
        }
        // What takes an entry again can surely be read again.
        if unread {
            refresh(tracking);
        }
    });
}

/// Applies the changes to the stored day; answers with what it is now.
async fn write_day(day: Day, changes: &[Change], rules: &str) -> Result<DayLog, Trouble> {
    let mut log = DayLog::empty(day);
    let change = |stored: Option<&str>| {
        let keep_old = match stored.map(|text| read_day(day, text)) {
            None => false,
            Some(Ok(stored)) => {
                log = stored;
                false
            }
            Some(Err(Unreadable::Broken)) => true,
            Some(Err(Unreadable::Newer)) => return Err(Trouble::Newer),
        };
        changes.iter().for_each(|change| log.apply(change, rules));
        Ok(Replacement { record: write_record(&log), keep_old })
    };
    Database::open().await?.change(DAYS, &day.to_string(), change).await?;
    Ok(log)
}

async fn write_plan(plan: &Plan) -> Result<(), Trouble> {
    let change = |stored: Option<&str>| match stored.map(read_plan) {
        Some(Err(Unreadable::Newer)) => Err(Trouble::Newer),
        old => Ok(Replacement { record: write_record(plan), keep_old: matches!(old, Some(Err(_))) }),
    };
    Database::open().await?.change(PLAN, PLAN, change).await
}

/// After the tracker has come to another stage: an emergency, and the way back from it, gets the focus and the tab's title.
pub fn show_stage(before: Option<&Stage>, now: &Stage) {
    if *now == Stage::Waiting {
        return;
    }
    browser::mark_ready();
    let emergency = matches!(now, Stage::Emergency(_));
    if let Some(strip) = document().query_selector(".help").ok().flatten() {
        strip.set_class_name(if emergency { "help help--emergency" } else { "help" });
    }
    if emergency || matches!(before, Some(Stage::Emergency(_))) {
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
