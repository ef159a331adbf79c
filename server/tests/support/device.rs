//! A device in a test: what it keeps, and what it does with an answer, as the page does it over IndexedDB.

use std::collections::BTreeMap;

use app::{
    day::Day,
    tracker::{
        copy::Copy,
        entry::{About, Entry, Ticker},
        log::{Change, DayLog, Writes},
        sync::{Answer, Known, Sent, Shared, outbox::pack},
    },
};
use uuid::Uuid;

use super::NOW;

pub struct Device {
    pub account: Uuid,
    pub whose: Option<Uuid>,
    pub copies: BTreeMap<Uuid, Copy>,
    pub known: Known,
    pub ticker: Ticker,
    /// What its clock is ahead of the server's.
    pub ahead: i64,
    writer: u64,
}

impl Device {
    pub fn new(account: Uuid, writer: u64) -> Self {
        Self {
            account,
            whose: Some(account),
            copies: BTreeMap::new(),
            known: Known::default(),
            ticker: Ticker::new(writer),
            ahead: 0,
            writer,
        }
    }

    /// Writes at so many milliseconds after noon.
    pub fn write(&mut self, day: Day, change: &Change, after: i64) {
        let log = DayLog::of(day, self.copies.values().map(|copy| &copy.entry));
        let writes: Writes = change.writes(&log, "1");
        let stamp = self.ticker.tick(NOW.millis_i64() + after + self.ahead);
        let about = About::Day(day);
        let mut found = self.copies.values_mut().find(|copy| copy.entry.about == about);
        if found.is_none() {
            let id = Uuid::from_u128(0x0193_f0a0_0000_7000_8000_0000_0000_0000 + (u128::from(self.writer) << 32))
                .as_u128()
                + self.copies.len() as u128;
            let id = Uuid::from_u128(id);
            self.copies.insert(id, Copy::new(Entry::new(id, about)));
            found = self.copies.get_mut(&id);
        }
        found.unwrap().write(&writes, stamp);
    }

    pub fn to_send(&self) -> Sent {
        Sent {
            whose: self.whose,
            on_device: vec![],
            known: self.known,
            today: NOW.today(),
            east: 0,
            entries: pack(self.copies.values().filter_map(Copy::unsent), 0),
        }
    }

    pub fn take(&mut self, sent: &Sent, answer: Answer) -> Shared {
        let shared = answer.account.and_then(|account| account.shared).unwrap();
        assert_eq!(usize::try_from(shared.took).unwrap(), sent.entries.len());
        if shared.anew {
            self.copies.values_mut().for_each(Copy::tell_again);
        }
        for part in &sent.entries {
            self.copies.get_mut(&part.id).unwrap().acknowledged(part);
        }
        for entry in &shared.entries {
            self.ticker.see(entry.latest());
            let copy = self.copies.entry(entry.id).or_insert_with(|| Copy::new(Entry::new(entry.id, entry.about)));
            copy.take_in(entry);
        }
        self.known = shared.known;
        self.ticker.correct(NOW.millis_i64() + self.ahead, answer.time);
        shared
    }

    pub fn log(&self, day: Day) -> DayLog {
        DayLog::of(day, self.copies.values().map(|copy| &copy.entry))
    }
}
