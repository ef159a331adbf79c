//! The chain: what is hashed of an event, and what a broken chain looks like.

use sha2::{Digest, Sha256};
use sqlx::FromRow;

/// What stands before the first event.
pub(super) const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// An event as the log holds it. Words, not types: what somebody put there by other ways must be seen too.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Recorded {
    /// 1 for the first.
    pub number: i64,
    /// Milliseconds since 1 January 1970, UTC.
    pub at: i64,
    pub actor: String,
    pub action: String,
    pub target: Option<String>,
    pub origin: Option<String>,
    pub previous: String,
    pub hash: String,
}

impl Recorded {
    /// The hash that the row must have: SHA-256 over all its other fields, the hash of the row before among them.
    pub(super) fn sealed(&self) -> String {
        format!("{:x}", Sha256::digest(self.encoded()))
    }

    /// No two different rows have the same encoding: each field says how long it is, and whether it is there.
    fn encoded(&self) -> Vec<u8> {
        let mut bytes = b"sciaticalm audit 1\n".to_vec();
        bytes.extend(self.number.to_be_bytes());
        bytes.extend(self.at.to_be_bytes());
        for field in
            [Some(&self.actor), Some(&self.action), self.target.as_ref(), self.origin.as_ref(), Some(&self.previous)]
        {
            match field {
                None => bytes.push(0),
                Some(text) => {
                    bytes.push(1);
                    bytes.extend((text.len() as u64).to_be_bytes());
                    bytes.extend(text.as_bytes());
                }
            }
        }
        bytes
    }
}

/// Where the chain breaks first, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    pub number: i64,
    /// Goes on after "event 7": "was changed".
    pub what: &'static str,
}

/// How far the chain was followed: the last sound event's number and hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Followed {
    pub number: i64,
    pub hash: String,
}

impl Followed {
    pub fn nothing() -> Self {
        Self { number: 0, hash: BEGINNING.to_owned() }
    }

    /// Goes on to the next row, in the order of their numbers.
    pub fn step(&mut self, row: &Recorded) -> Result<(), Broken> {
        let expected = self.number + 1;
        if row.number > expected {
            return Err(Broken { number: expected, what: "is missing" });
        }
        let broken = |what| Err(Broken { number: row.number, what });
        if row.number < expected {
            return broken("has a number that the log does not give");
        }
        if row.hash != row.sealed() {
            return broken("was changed");
        }
        if row.previous != self.hash {
            return broken("does not follow from the one before it");
        }
        (self.number, self.hash) = (row.number, row.hash.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(number: i64, previous: &str) -> Recorded {
        let mut row = Recorded {
            number,
            at: 1_795_348_800_000,
            actor: "nobody".to_owned(),
            action: "sign-in-failed".to_owned(),
            target: None,
            origin: Some("203.0.113.0/24".to_owned()),
            previous: previous.to_owned(),
            hash: String::new(),
        };
        row.hash = row.sealed();
        row
    }

    fn chain(length: i64) -> Vec<Recorded> {
        let mut rows: Vec<Recorded> = Vec::new();
        for number in 1..=length {
            let previous = rows.last().map_or(BEGINNING.to_owned(), |row| row.hash.clone());
            rows.push(row(number, &previous));
        }
        rows
    }

    fn follow(rows: &[Recorded]) -> Result<Followed, Broken> {
        let mut followed = Followed::nothing();
        rows.iter().try_for_each(|row| followed.step(row)).map(|()| followed)
    }

    /// Logs that exist were sealed so. Another encoding would break them all: give it a new first line, and read both.
    #[test]
    fn the_encoding_stays_as_it_is() {
        assert_eq!(row(1, BEGINNING).hash, "8071f30f49965e78df52752d6b042a6e6df457151dc8358c75461193a2f5459b");
    }

    #[test]
    fn a_sound_chain_is_followed_to_its_end() {
        let rows = chain(9);
        assert_eq!(follow(&rows), Ok(Followed { number: 9, hash: rows[8].hash.clone() }));
        assert_eq!(follow(&[]), Ok(Followed::nothing()));
    }

    #[test]
    fn a_row_removed_from_the_middle_or_the_beginning_is_missed() {
        for gone in 0..8 {
            let mut rows = chain(9);
            rows.remove(gone);
            assert_eq!(follow(&rows), Err(Broken { number: gone as i64 + 1, what: "is missing" }));
        }
    }

    #[test]
    fn a_row_sealed_anew_does_not_carry_the_next() {
        let mut rows = chain(9);
        rows[3].actor = "command-line".to_owned();
        rows[3].hash = rows[3].sealed();
        assert_eq!(follow(&rows), Err(Broken { number: 5, what: "does not follow from the one before it" }));
    }

    #[test]
    fn rows_that_change_places_are_seen() {
        let mut rows = chain(9);
        rows.swap(3, 4);
        (rows[3].number, rows[4].number) = (4, 5);
        assert_eq!(follow(&rows), Err(Broken { number: 4, what: "was changed" }));
    }

    fn any_row() -> impl Strategy<Value = Recorded> {
        // Few letters, so that fields often differ by where one ends and the next begins.
        let text = || proptest::string::string_regex("[ab\u{0}\u{1}]{0,3}").unwrap();
        let perhaps = || proptest::option::of(text());
        (0..3_i64, 0..3_i64, text(), text(), perhaps(), perhaps(), text()).prop_map(
            |(number, at, actor, action, target, origin, previous)| Recorded {
                number,
                at,
                actor,
                action,
                target,
                origin,
                previous,
                hash: String::new(),
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn no_two_rows_are_encoded_alike(one in any_row(), other in any_row()) {
            prop_assert_eq!(one == other, one.encoded() == other.encoded());
        }
    }
}
