//! A device's copy of an entry, as it is stored there: the entry, and what of it the server has yet to be told. Pure.

use serde::{Deserialize, Serialize};

use super::{
    entry::{Entry, Stamp, Write},
    log::Writes,
};

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    pub entry: Entry,
    /// The fields and stamps of what was written here and never acknowledged by a server.
    unsent: Vec<(String, Stamp)>,
}

impl Copy {
    pub fn new(entry: Entry) -> Self {
        Self { entry, unsent: vec![] }
    }

    /// Writes what was done on this device.
    pub fn write(&mut self, writes: &Writes, stamp: Stamp) {
        for (name, value) in writes {
            self.entry.write(name, Write { stamp, value: value.clone() });
            self.unsent.push((name.clone(), stamp));
        }
    }

    /// What the server has yet to be told; nothing where it knows all.
    pub fn unsent(&self) -> Option<Entry> {
        let mut part = Entry::new(self.entry.id, self.entry.about);
        for (name, stamp) in &self.unsent {
            let field = self.entry.field(name);
            let writes = field.into_iter().flat_map(|field| field.writes());
            writes.filter(|write| write.stamp == *stamp).for_each(|write| part.write(name, write.clone()));
        }
        (!part.is_empty()).then_some(part)
    }

    /// Takes in what the server has; whether that was news.
    pub fn take_in(&mut self, entry: &Entry) -> bool {
        let before = self.entry.clone();
        self.entry.merge(entry);
        self.entry != before
    }

    /// The server does not have what it acknowledged: all is to be told again.
    pub fn tell_again(&mut self) {
        let fields = self.entry.fields().iter();
        let all = fields.flat_map(|field| field.writes().iter().map(|write| (field.name.clone(), write.stamp)));
        self.unsent = all.collect();
    }

    /// Takes in another copy of the same entry, with what the server has yet to be told of it.
    pub fn join(&mut self, other: &Self) {
        self.entry.merge(&other.entry);
        let new = other.unsent.iter().filter(|mark| !self.unsent.contains(mark)).cloned().collect::<Vec<_>>();
        self.unsent.extend(new);
    }

    /// The server has this now.
    pub fn acknowledged(&mut self, part: &Entry) {
        self.unsent.retain(|(name, stamp)| {
            let field = part.field(name);
            !field.is_some_and(|field| field.writes().iter().any(|write| write.stamp == *stamp))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracker::entry::{About, Value};

    fn stamp(millis: i64) -> Stamp {
        Stamp { millis, count: 0, writer: 1 }
    }

    fn writes(name: &str, number: i32) -> Writes {
        vec![(name.to_owned(), Value::Number(number))]
    }

    fn copy() -> Copy {
        let id = "0193f0a0-0000-7000-8000-000000000001".parse().unwrap();
        Copy::new(Entry::new(id, About::Day("2026-11-22".parse().unwrap())))
    }

    #[test]
    fn what_was_written_here_is_told_until_it_is_acknowledged() {
        let mut copy = copy();
        assert_eq!(copy.unsent(), None);
        copy.write(&writes("back", 4), stamp(1));
        let first = copy.unsent().unwrap();
        assert_eq!(first, copy.entry);
        copy.write(&writes("back", 6), stamp(2));
        copy.acknowledged(&first);
        let rest = copy.unsent().unwrap();
        assert_eq!(rest.field("back").unwrap().writes().len(), 1, "the second alone: it came while the first was sent");
        copy.acknowledged(&rest);
        assert_eq!(copy.unsent(), None);
    }

    #[test]
    fn what_a_server_has_lost_is_told_again() {
        let mut copy = copy();
        copy.write(&writes("back", 4), stamp(1));
        copy.write(&writes("back", 6), stamp(2));
        let all = copy.unsent().unwrap();
        copy.acknowledged(&all);
        copy.tell_again();
        assert_eq!(copy.unsent(), Some(all));
    }

    #[test]
    fn a_copy_that_joins_another_brings_what_was_not_told() {
        let (mut one, mut other) = (copy(), copy());
        one.write(&writes("back", 4), stamp(1));
        other.write(&writes("left_leg", 2), stamp(2));
        one.join(&other);
        one.join(&other);
        assert_eq!(one.unsent(), Some(one.entry.clone()));
        assert_eq!(one.entry.fields().len(), 2);
    }

    #[test]
    fn what_came_from_elsewhere_is_not_told() {
        let mut copy = copy();
        let mut other = copy.entry.clone();
        other.write("left_leg", Write { stamp: stamp(5), value: Value::Number(2) });
        assert!(copy.take_in(&other));
        assert!(!copy.take_in(&other), "it has it already");
        assert_eq!(copy.unsent(), None);
    }
}
