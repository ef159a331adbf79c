//! What to send at once of all that waits. Pure.

use super::{MOST_BYTES, MOST_ENTRIES};
use crate::tracker::entry::{Entry, LONGEST_NAME, LONGEST_TEXT, Value, Write};

/// Room for what is not entries, and for what their lengths take.
const SPARE: usize = 8 * 1024;
/// What a writing takes beside its name and text, in bytes, at the most.
const OF_A_WRITE: usize = 40;
/// As [`OF_A_WRITE`], of an entry.
const OF_AN_ENTRY: usize = 40;

/// How often what is sent at once is halved: what is left has room for the longest text.
const MOST_HALVED: u32 = 4;

/// So much of this as the server takes at once; half of that for each failure before, for a line on which more does not get
/// through in time. A day that has more than that is sent in parts.
pub fn pack(waiting: impl IntoIterator<Item = Entry>, failures: u32) -> Vec<Entry> {
    let mut room = (MOST_BYTES - SPARE) >> failures.min(MOST_HALVED);
    let mut packed = vec![];
    for entry in waiting {
        if packed.len() == MOST_ENTRIES || room < OF_AN_ENTRY {
            break;
        }
        room -= OF_AN_ENTRY;
        let mut part = Entry::new(entry.id, entry.about);
        let mut whole = true;
        for field in entry.fields() {
            for write in field.writes().iter().filter(|write| is_fit(&field.name, write)) {
                let size = size(&field.name, write);
                whole &= size <= room;
                if whole {
                    room -= size;
                    part.write(&field.name, write.clone());
                }
            }
        }
        if !part.is_empty() {
            packed.push(part);
        }
        if !whole {
            break;
        }
    }
    packed
}

/// The server would refuse it, and all that is sent with it. Our pages write nothing like that.
fn is_fit(name: &str, write: &Write) -> bool {
    name.len() <= LONGEST_NAME && text(write).len() <= LONGEST_TEXT
}

fn size(name: &str, write: &Write) -> usize {
    OF_A_WRITE + name.len() + text(write).len()
}

fn text(write: &Write) -> &str {
    if let Value::Text(text) = &write.value { text } else { "" }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::tracker::{
        copy::Copy,
        entry::{About, Stamp, to_record},
    };

    fn copy(n: u128, writes: &[(&str, usize)]) -> Copy {
        let id = Uuid::from_u128((0x0193_f0a0_0000_7000_8000 << 48) | n);
        let mut copy = Copy::new(Entry::new(id, About::Day("2026-11-22".parse().unwrap())));
        for (millis, (name, length)) in (1..).zip(writes) {
            let text = Value::Text("x".repeat(*length));
            copy.write(&vec![((*name).to_owned(), text)], Stamp { millis, count: u32::MAX, writer: u64::MAX });
        }
        copy
    }

    /// Sends until nothing waits; how often that took.
    fn send_all(copies: &mut [Copy]) -> usize {
        send_after(0, copies)
    }

    fn send_after(failures: u32, copies: &mut [Copy]) -> usize {
        for times in 0..100 {
            let packed = pack(copies.iter().filter_map(Copy::unsent), failures);
            if packed.is_empty() {
                return times;
            }
            assert!(to_record(&packed).len() < MOST_BYTES && packed.iter().all(|part| part.check().is_ok()));
            for part in &packed {
                copies.iter_mut().filter(|copy| copy.entry.id == part.id).for_each(|copy| copy.acknowledged(part));
            }
        }
        panic!("never done");
    }

    #[test]
    fn a_thousand_days_are_sent_in_a_few_parts() {
        let mut copies: Vec<Copy> = (0..1_000).map(|n| copy(n, &[("back", 2), ("note", 20)])).collect();
        assert_eq!(send_all(&mut copies), 4);
        assert!(copies.iter().all(|copy| copy.unsent().is_none()));
    }

    #[test]
    fn a_day_that_is_larger_than_what_is_taken_at_once_is_sent_in_parts() {
        let notes: Vec<(&str, usize)> = (0..45).map(|_| ("note", 7_900)).collect();
        let mut copies = [copy(1, &notes), copy(2, &notes), copy(3, &[("back", 1)])];
        assert_eq!(send_all(&mut copies), 3);
        assert!(copies.iter().all(|copy| copy.unsent().is_none()));
    }

    #[test]
    fn less_is_sent_at_once_after_failures_and_still_all_of_it() {
        let notes: Vec<(&str, usize)> = (0..10).map(|_| ("note", LONGEST_TEXT)).collect();
        let mut copies = [copy(1, &notes)];
        let packed = pack(copies.iter().filter_map(Copy::unsent), 9);
        assert!((LONGEST_TEXT..16 * 1024).contains(&to_record(&packed).len()));
        assert_eq!(send_after(9, &mut copies), 10);
    }

    #[test]
    fn what_the_server_would_refuse_stays_and_holds_nothing_else_up() {
        let mut copies = [copy(1, &[("note", LONGEST_TEXT + 1), ("back", 1)]), copy(2, &[("back", 1)])];
        assert_eq!(send_all(&mut copies), 1);
        assert!(copies[0].unsent().is_some() && copies[1].unsent().is_none());
    }
}
