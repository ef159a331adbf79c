//! An entry: what was logged about one day, or what stands from day to day, as it is kept on a device, sent, and kept on
//! the server. Pure: no clock, no storage.
//!
//! An entry is a set of fields, and a field is the set of what was ever written into it, each with its [`Stamp`]. Two
//! copies of an entry merge by taking both sets together, so that it makes no difference in what order, how often or over
//! which devices they meet; the latest write is what the field says, and the others are its history. Nothing is ever
//! written over.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::day::Day;

/// When something was written, in an order that devices with wrong clocks agree on: a hybrid logical clock (Kulkarni and
/// others 2014, "Logical Physical Clocks").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Milliseconds since 1970, UTC, by the device's clock as corrected at its last contact with the server; more, where
    /// it had already seen a later stamp.
    pub millis: i64,
    /// Tells apart what was written within one millisecond.
    pub count: u32,
    /// Whoever wrote it: a random number of one page that was open on one device.
    pub writer: u64,
}

/// Makes [`Stamp`]s, each later than every stamp that it has made or seen.
#[derive(Clone, Debug)]
pub struct Ticker {
    latest: Stamp,
    writer: u64,
    /// What the device's clock is behind the server's, in milliseconds.
    behind: i64,
}

impl Ticker {
    pub fn new(writer: u64) -> Self {
        Self { latest: Stamp::default(), writer, behind: 0 }
    }

    pub fn writer(&self) -> u64 {
        self.writer
    }

    /// The next stamp, when the device's clock says `now` (milliseconds since 1970).
    pub fn tick(&mut self, now: i64) -> Stamp {
        let millis = now.saturating_add(self.behind);
        let Stamp { millis: latest, count, .. } = self.latest;
        let (millis, count) = if millis > latest { (millis, 0) } else { (latest, count.saturating_add(1)) };
        self.latest = Stamp { millis, count, writer: self.writer };
        self.latest
    }

    /// A stamp of another device, or of this one when it was opened before: what is written next is later.
    pub fn see(&mut self, stamp: Stamp) {
        self.latest = self.latest.max(stamp);
    }

    /// The server's clock was at `server` when the device's was at `device`.
    pub fn correct(&mut self, device: i64, server: i64) {
        self.behind = server.saturating_sub(device);
    }
}

/// What a field can say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Value {
    /// What it said was taken back.
    Nothing,
    No,
    Yes,
    Number(i32),
    Text(String),
}

/// One writing of a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Write {
    pub stamp: Stamp,
    pub value: Value,
}

/// A field, and what was ever written into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    /// The earliest first; never empty.
    writes: Vec<Write>,
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum About {
    /// What was done and felt on one day. Two devices may each have made one for the same day: they are read as one.
    Day(Day),
    /// What holds from day to day: the plan, the activities that matter to the patient.
    Standing,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Version 7, made by the device on which it began.
    pub id: Uuid,
    pub about: About,
    /// By name.
    fields: Vec<Field>,
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{day}"),
            Self::Standing => f.write_str("standing"),
        }
    }
}

/// The field that takes an entry back: nothing that was written before it is kept.
pub(super) const DELETED: &str = "deleted";

/// How many writings of one field are kept: the latest. Merging keeps agreeing for it, because the latest of all are among
/// the latest of each.
pub const HISTORY: usize = 50;
/// How many fields an entry may have: a day of 20 exercises with all their sets has some 150.
pub const MOST_FIELDS: usize = 400;
/// How long a field's name may be, in bytes.
pub const LONGEST_NAME: usize = 80;
/// How long a text may be, in bytes.
pub const LONGEST_TEXT: usize = 8_000;

/// Why a stored record cannot be used. It stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A newer version wrote it.
    Newer,
    Broken,
}

/// The first byte of a record. What an entry says can grow without another format: fields have names. Whoever changes how
/// it is written raises it, so that an older page, still open in another tab, does not write over what it cannot read.
const FORMAT: u8 = 1;

/// An entry, or what a device keeps of it, as it is stored and sent.
pub fn to_record<T: Serialize>(kept: &T) -> Vec<u8> {
    // Our own types, which postcard can all write: it fails for none of them.
    let mut record = vec![FORMAT];
    record.extend(postcard::to_allocvec(kept).unwrap_or_default());
    record
}

/// What [`to_record`] wrote.
///
/// # Errors
/// See [`Unreadable`].
pub fn from_record<'a, T: Deserialize<'a>>(record: &'a [u8]) -> Result<T, Unreadable> {
    match record {
        [FORMAT, kept @ ..] => postcard::from_bytes(kept).map_err(|_| Unreadable::Broken),
        [format, ..] if *format > FORMAT => Err(Unreadable::Newer),
        _ => Err(Unreadable::Broken),
    }
}

/// Why an entry that came from elsewhere is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Its id is not of version 7.
    Id,
    /// More than [`MOST_FIELDS`], [`HISTORY`], [`LONGEST_NAME`] or [`LONGEST_TEXT`].
    TooMuch,
    /// Fields that are out of order, twice there or empty.
    Disorder,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Id => "the id of an entry must be a UUID of version 7",
            Self::TooMuch => "an entry has more in it than a day can have",
            Self::Disorder => "the fields of an entry must be in order, each once, and none empty",
        })
    }
}

impl Entry {
    pub fn new(id: Uuid, about: About) -> Self {
        Self { id, about, fields: vec![] }
    }

    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// What the field says now; nothing if it was never written.
    pub fn get(&self, name: &str) -> &Value {
        self.field(name).map_or(&Value::Nothing, Field::value)
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.find(name).ok().and_then(|at| self.fields.get(at))
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.fields.binary_search_by(|field| field.name.as_str().cmp(name))
    }

    /// Adds a writing; the same one twice is one.
    pub fn write(&mut self, name: &str, write: Write) {
        self.add(name, write);
        self.forget_deleted();
    }

    fn add(&mut self, name: &str, write: Write) {
        match self.find(name) {
            Ok(at) => {
                if let Some(field) = self.fields.get_mut(at) {
                    field.add(write);
                }
            }
            Err(at) => self.fields.insert(at, Field { name: name.to_owned(), writes: vec![write] }),
        }
    }

    /// Takes in all that another copy has, whatever its id: what two devices began about the same day is read as one.
    pub fn merge(&mut self, other: &Self) {
        for field in &other.fields {
            field.writes.iter().for_each(|write| self.add(&field.name, write.clone()));
        }
        self.forget_deleted();
    }

    /// Takes back all that it says: what remains is the mark, so that other copies forget it as well. What is written
    /// later begins anew.
    pub fn delete(&mut self, stamp: Stamp) {
        self.write(DELETED, Write { stamp, value: Value::Yes });
    }

    fn forget_deleted(&mut self) {
        let Some(deleted) = self.field(DELETED).map(Field::stamp) else { return };
        for field in &mut self.fields {
            field.writes.retain(|write| write.stamp >= deleted);
        }
        self.fields.retain(|field| !field.writes.is_empty());
    }

    /// Whether it says nothing more than that it was deleted.
    pub fn is_deleted(&self) -> bool {
        self.fields.iter().all(|field| field.name == DELETED) && !self.is_empty()
    }

    /// The latest stamp in it.
    pub fn latest(&self) -> Stamp {
        self.fields.iter().map(Field::stamp).max().unwrap_or_default()
    }

    /// # Errors
    /// [`Malformed`], of what no device of ours would send.
    pub fn check(&self) -> Result<(), Malformed> {
        if self.id.get_version_num() != 7 {
            return Err(Malformed::Id);
        }
        let too_long = |write: &Write| matches!(&write.value, Value::Text(text) if text.len() > LONGEST_TEXT);
        let too_much = |field: &Field| {
            field.name.len() > LONGEST_NAME || field.writes.len() > HISTORY || field.writes.iter().any(too_long)
        };
        if self.fields.len() > MOST_FIELDS || self.fields.iter().any(too_much) {
            return Err(Malformed::TooMuch);
        }
        let in_order = |field: &Field| {
            !field.name.is_empty() && !field.writes.is_empty() && field.writes.is_sorted_by(|one, next| one < next)
        };
        if self.fields.iter().all(in_order) && self.fields.is_sorted_by(|one, next| one.name < next.name) {
            Ok(())
        } else {
            Err(Malformed::Disorder)
        }
    }
}

impl Field {
    /// What it says: the latest writing.
    pub fn value(&self) -> &Value {
        self.writes.last().map_or(&Value::Nothing, |write| &write.value)
    }

    /// When it was last written.
    pub fn stamp(&self) -> Stamp {
        self.writes.last().map(|write| write.stamp).unwrap_or_default()
    }

    /// What was ever written, the earliest first.
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    fn add(&mut self, write: Write) {
        // By stamp, then by value: a writer that used a stamp twice, which none of ours does, still merges the same way
        // everywhere.
        if let Err(at) = self.writes.binary_search(&write) {
            self.writes.insert(at, write);
            let over = self.writes.len().saturating_sub(HISTORY);
            self.writes.drain(..over);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id() -> Uuid {
        "0193f0a0-0000-7000-8000-000000000001".parse().unwrap()
    }

    fn day() -> About {
        About::Day("2026-11-22".parse().unwrap())
    }

    fn stamp(millis: i64, writer: u64) -> Stamp {
        Stamp { millis, count: 0, writer }
    }

    fn number(millis: i64, number: i32) -> Write {
        Write { stamp: stamp(millis, 1), value: Value::Number(number) }
    }

    fn entry(writes: &[(&str, Write)]) -> Entry {
        let mut entry = Entry::new(id(), day());
        writes.iter().for_each(|(name, write)| entry.write(name, write.clone()));
        entry
    }

    #[test]
    fn the_later_of_two_edits_wins_and_the_other_stays_in_its_history() {
        let (mut one, other) =
            (entry(&[("back", number(1, 4))]), entry(&[("back", number(2, 6)), ("left_leg", number(1, 3))]));
        one.merge(&other);
        assert_eq!((one.get("back"), one.get("left_leg")), (&Value::Number(6), &Value::Number(3)));
        assert_eq!(one.field("back").unwrap().writes(), [number(1, 4), number(2, 6)]);
        assert_eq!(one.get("right_leg"), &Value::Nothing);
    }

    #[test]
    fn what_is_taken_back_says_nothing_and_stays_in_its_history() {
        let back = entry(&[("back", number(1, 4)), ("back", Write { stamp: stamp(2, 1), value: Value::Nothing })]);
        assert_eq!(back.get("back"), &Value::Nothing);
        assert_eq!(back.field("back").unwrap().writes().len(), 2);
    }

    #[test]
    fn two_at_the_same_moment_are_told_apart_by_their_writer() {
        let by = |writer| Write { stamp: stamp(5, writer), value: Value::Number(i32::try_from(writer).unwrap()) };
        assert_eq!(entry(&[("back", by(1)), ("back", by(2))]), entry(&[("back", by(2)), ("back", by(1))]));
        assert_eq!(entry(&[("back", by(2)), ("back", by(1))]).get("back"), &Value::Number(2));
    }

    #[test]
    fn a_stamp_is_later_than_all_that_were_made_or_seen_though_the_clock_goes_back() {
        let mut ticker = Ticker::new(7);
        let first = ticker.tick(1_000);
        assert_eq!(first, Stamp { millis: 1_000, count: 0, writer: 7 });
        let second = ticker.tick(1_000);
        let third = ticker.tick(10);
        assert!(first < second && second < third, "{second:?} {third:?}");
        ticker.see(Stamp { millis: 9_000, count: 3, writer: 8 });
        assert_eq!(ticker.tick(2_000), Stamp { millis: 9_000, count: 4, writer: 7 });
        assert_eq!(ticker.tick(9_001), Stamp { millis: 9_001, count: 0, writer: 7 });
    }

    #[test]
    fn a_clock_that_is_days_behind_is_corrected_at_the_first_contact() {
        const DAY: i64 = 86_400_000;
        let mut ticker = Ticker::new(7);
        ticker.correct(1_000, 1_000 + 3 * DAY);
        assert_eq!(ticker.tick(2_000).millis, 2_000 + 3 * DAY);
        ticker.correct(i64::MAX, i64::MIN);
        ticker.tick(i64::MIN);
    }

    #[test]
    fn an_entry_that_no_device_would_send_is_refused() {
        assert_eq!(entry(&[("back", number(1, 4))]).check(), Ok(()));
        let random: Uuid = "9f8b4a52-3c1d-4e5f-8a6b-7c8d9e0f1a2b".parse().unwrap();
        assert_eq!(Entry::new(random, day()).check(), Err(Malformed::Id));
        assert_eq!(entry(&[("", number(1, 4))]).check(), Err(Malformed::Disorder));
        let field = |name: &str, writes| Field { name: name.to_owned(), writes };
        let made = |fields| Entry { id: id(), about: day(), fields }.check();
        assert_eq!(
            made(vec![field("b", vec![number(1, 1)]), field("a", vec![number(1, 1)])]),
            Err(Malformed::Disorder)
        );
        assert_eq!(
            made(vec![field("a", vec![number(1, 1)]), field("a", vec![number(1, 1)])]),
            Err(Malformed::Disorder)
        );
        assert_eq!(made(vec![field("a", vec![number(2, 1), number(1, 1)])]), Err(Malformed::Disorder));
        assert_eq!(made(vec![field("a", vec![])]), Err(Malformed::Disorder));
        assert_eq!(made(vec![field("a", (0..=50).map(|at| number(at, 1)).collect())]), Err(Malformed::TooMuch));
        let long = Write { stamp: stamp(1, 1), value: Value::Text("x".repeat(LONGEST_TEXT + 1)) };
        assert_eq!(entry(&[("note", long)]).check(), Err(Malformed::TooMuch));
        assert_eq!(entry(&[(&"x".repeat(LONGEST_NAME + 1), number(1, 1))]).check(), Err(Malformed::TooMuch));
        let names: Vec<String> = (0..=MOST_FIELDS).map(|at| format!("{at:04}")).collect();
        let fields = names.iter().map(|name| field(name, vec![number(1, 1)])).collect();
        assert_eq!(made(fields), Err(Malformed::TooMuch));
    }

    #[test]
    fn what_is_deleted_is_gone_from_every_copy_and_what_is_written_later_stays() {
        let before = entry(&[("note", number(1, 4)), ("note", number(2, 5))]);
        let mut deleted = before.clone();
        deleted.delete(stamp(3, 1));
        assert!(deleted.is_deleted() && !before.is_deleted() && !Entry::new(id(), day()).is_deleted());
        assert_eq!(deleted.fields().len(), 1, "the mark alone: {deleted:?}");
        let mut other = before.clone();
        other.merge(&deleted);
        assert_eq!(other, deleted);
        deleted.merge(&before);
        assert_eq!(other, deleted, "it does not come back");
        other.merge(&entry(&[("note", number(4, 6))]));
        assert!(!other.is_deleted());
        assert_eq!(other.get("note"), &Value::Number(6));
    }

    #[test]
    fn the_history_of_a_field_is_bounded_and_keeps_the_latest() {
        let many: Vec<(&str, Write)> = (0..200).rev().map(|at| ("back", number(at, 1))).collect();
        let entry = entry(&many);
        assert_eq!(entry.field("back").unwrap().writes().len(), HISTORY);
        assert_eq!(entry.latest().millis, 199);
        assert_eq!(entry.check(), Ok(()));
    }

    #[test]
    fn a_record_of_a_newer_version_or_a_broken_one_is_told_apart() {
        let record = to_record(&entry(&[("back", number(1, 4))]));
        let read = from_record::<Entry>;
        let newer: Vec<u8> = [&[FORMAT + 1], &record[1..]].concat();
        assert_eq!(read(&newer), Err(Unreadable::Newer));
        for broken in [&[][..], &[0], &record[..record.len() - 1]] {
            assert_eq!(read(broken), Err(Unreadable::Broken), "{broken:?}");
        }
    }

    fn any_entry() -> impl Strategy<Value = Entry> {
        let name = prop::sample::select(vec!["back", "left_leg", "note", "deleted"]);
        let value = prop_oneof![Just(Value::Nothing), Just(Value::Yes), (0..3).prop_map(Value::Number)];
        // Few stamps, so that many are the same.
        let stamp = (0..4_i64, 0..2_u32, 0..3_u64).prop_map(|(millis, count, writer)| Stamp { millis, count, writer });
        prop::collection::vec((name, stamp, value), 0..80).prop_map(|writes| {
            let mut entry = Entry::new(id(), day());
            for (name, stamp, value) in writes {
                entry.write(name, Write { stamp, value });
            }
            entry
        })
    }

    fn merged(one: &Entry, other: &Entry) -> Entry {
        let mut both = one.clone();
        both.merge(other);
        both
    }

    proptest! {
        #[test]
        fn it_makes_no_difference_in_what_order_or_how_often_copies_meet(a in any_entry(), b in any_entry(), c in any_entry()) {
            prop_assert_eq!(merged(&a, &b), merged(&b, &a));
            prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
            prop_assert_eq!(merged(&a, &a), a.clone());
            prop_assert_eq!(merged(&merged(&a, &b), &b), merged(&a, &b));
            prop_assert_eq!(merged(&a, &b).check(), Ok(()));
        }

        #[test]
        fn what_a_copy_says_later_than_the_other_is_there_after_they_met(a in any_entry(), b in any_entry()) {
            let both = merged(&a, &b);
            for field in a.fields().iter().filter(|field| field.stamp() > b.latest()) {
                prop_assert_eq!(both.get(&field.name), field.value());
            }
        }

        #[test]
        fn an_entry_reads_as_it_was_written(a in any_entry()) {
            prop_assert_eq!(from_record(&to_record(&a)), Ok(a));
        }
    }
}
