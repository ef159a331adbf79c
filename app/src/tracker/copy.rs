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

/// Why a stored record cannot be used. It stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A newer version of the page wrote it.
    Newer,
    Broken,
}

/// The first byte of a record. What an entry may say can grow without another format: fields have names. Whoever changes
/// how it is written raises it, so that an older page, still open in another tab, does not write over what it cannot read.
const FORMAT: u8 = 1;

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

    /// The server has this now.
    pub fn acknowledged(&mut self, part: &Entry) {
        self.unsent.retain(|(name, stamp)| {
            let field = part.field(name);
            !field.is_some_and(|field| field.writes().iter().any(|write| write.stamp == *stamp))
        });
    }

    /// As it is stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Our own types, which postcard can all write: it fails for none of them.
        let mut bytes = vec![FORMAT];
        bytes.extend(postcard::to_allocvec(self).unwrap_or_default());
        bytes
    }

    /// What [`Copy::to_bytes`] wrote.
    ///
    /// # Errors
    /// See [`Unreadable`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        match bytes {
            [FORMAT, copy @ ..] => postcard::from_bytes(copy).map_err(|_| Unreadable::Broken),
            [format, ..] if *format > FORMAT => Err(Unreadable::Newer),
            _ => Err(Unreadable::Broken),
        }
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
    fn what_came_from_elsewhere_is_not_told() {
        let mut copy = copy();
        let mut other = copy.entry.clone();
        other.write("left_leg", Write { stamp: stamp(5), value: Value::Number(2) });
        copy.entry.merge(&other);
        assert_eq!(copy.unsent(), None);
    }

    #[test]
    fn a_copy_reads_as_it_was_stored() {
        let mut copy = copy();
        copy.write(&writes("back", 4), stamp(1));
        assert_eq!(Copy::from_bytes(&copy.to_bytes()), Ok(copy));
    }

    #[test]
    fn a_record_of_a_newer_page_or_a_broken_one_is_told_apart() {
        let bytes = copy().to_bytes();
        let newer: Vec<u8> = [&[FORMAT + 1], &bytes[1..]].concat();
        assert_eq!(Copy::from_bytes(&newer), Err(Unreadable::Newer));
        for broken in [&[][..], &[0], &bytes[..bytes.len() - 1]] {
            assert_eq!(Copy::from_bytes(broken), Err(Unreadable::Broken), "{broken:?}");
        }
    }
}
