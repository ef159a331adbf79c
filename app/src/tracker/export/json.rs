//! Whole entries with their history, as JSON that can be brought back in: on this server, on another, or on a device.
//!
//! Version 1:
//!
//! ```json
//! {
//!   "format": "sciaticalm-entries",
//!   "version": 1,
//!   "entries": [
//!     {
//!       "id": "0193f0a0-0000-7000-8000-000000000001",
//!       "about": "2026-11-22",
//!       "saved_at": 1795348800123,
//!       "fields": {
//!         "back": [
//!           { "at": 1795348700000, "count": 0, "by": "00000000000003e8", "says": 4 },
//!           { "at": 1795348800000, "count": 0, "by": "00000000000003e8", "says": 3 }
//!         ]
//!       }
//!     }
//!   ]
//! }
//! ```
//!
//! An entry is about a day, or about what stands from day to day (`"standing"`): see `tracker/entry.rs`. Of a field, every
//! writing is kept, the latest counts: `at` (milliseconds since 1970, UTC), `count` and `by` (whoever wrote it, 16 digits of
//! hexadecimal, because many programs cannot read so long a number) are its stamp, and `says` is a text, a whole number,
//! `true`, `false`, or `null` where it was taken back. `count` and `by` are 0 where they are missing. `saved_at` says when a
//! server kept the entry, and is not read; no more is any other key that this version does not know. A later version, which
//! this one could misread, has a greater number and is refused.
//!
//! Bringing it back merges by stamps, so that it can be done twice, and an old file never hides what was written since.

use std::fmt;

use uuid::Uuid;

use super::reader::{Read, Reader, Wrong, quote, shown};
use crate::{
    day::Day,
    tracker::entry::{About, Entry, Stamp, Value, Write},
};

const FORMAT: &str = "sciaticalm-entries";
const VERSION: i64 = 1;

/// How far ahead of the present something may have been written, in milliseconds: more is a mistake, which would for ever
/// be later than all that is written after it.
pub const MOST_AHEAD: i64 = 366 * 24 * 60 * 60 * 1000;

/// Everything before the first entry.
pub fn begin() -> String {
    format!("{{\n\"format\": \"{FORMAT}\",\n\"version\": {VERSION},\n\"entries\": [")
}

/// Everything after the last entry.
pub const END: &str = "\n]\n}\n";

/// The text of all entries, with when a server kept each, where one did.
pub fn write<'a>(entries: impl IntoIterator<Item = (&'a Entry, Option<i64>)>) -> String {
    let mut text = begin();
    let mut comma = "\n";
    for (entry, saved_at) in entries {
        text.push_str(comma);
        write_entry(entry, saved_at, &mut text);
        comma = ",\n";
    }
    text.push_str(END);
    text
}

/// One entry, on one line.
pub fn write_entry(entry: &Entry, saved_at: Option<i64>, to: &mut String) {
    to.push_str(&format!("{{\"id\": \"{}\", \"about\": \"{}\", ", entry.id, entry.about));
    if let Some(saved_at) = saved_at {
        to.push_str(&format!("\"saved_at\": {saved_at}, "));
    }
    to.push_str("\"fields\": {");
    let mut comma = "";
    for field in entry.fields() {
        to.push_str(comma);
        quote(&field.name, to);
        to.push_str(": [");
        comma = "";
        for Write { stamp: Stamp { millis, count, writer }, value } in field.writes() {
            to.push_str(&format!(
                "{comma}{{\"at\": {millis}, \"count\": {count}, \"by\": \"{writer:016x}\", \"says\": "
            ));
            write_value(value, to);
            to.push('}');
            comma = ", ";
        }
        to.push(']');
        comma = ", ";
    }
    to.push_str("}}");
}

fn write_value(value: &Value, to: &mut String) {
    match value {
        Value::Nothing => to.push_str("null"),
        Value::No => to.push_str("false"),
        Value::Yes => to.push_str("true"),
        Value::Number(number) => to.push_str(&number.to_string()),
        Value::Text(text) => quote(text, to),
    }
}

/// Why a text cannot be brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Both from 1.
    pub line: usize,
    pub column: usize,
    /// Which entry of the text it is in, from 1.
    pub entry: Option<usize>,
    pub what: String,
}

/// "line 12, column 7, in entry 3: a whole number should be here"
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        if let Some(entry) = self.entry {
            write!(f, ", in entry {entry}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// Reads what [`write`] wrote, at `now` (milliseconds since 1970, UTC).
///
/// # Errors
/// The first thing that is wrong, and where: then nothing of it can be used.
pub fn read(text: &str, now: i64) -> Result<Vec<Entry>, Refused> {
    let mut reader = Reader::new(text);
    let mut file = File { now, format: false, version: false, listed: false, entries: vec![] };
    let mut in_entry = false;
    let read = reader.object(|reader, key| file.take(reader, key, &mut in_entry)).and_then(|()| reader.end());
    read.and_then(|()| file.check()).map_err(|Wrong { at, what }| {
        let (line, column) = reader.place(at);
        Refused { line, column, entry: in_entry.then_some(file.entries.len() + 1), what }
    })?;
    Ok(file.entries)
}

/// What was read so far.
struct File {
    now: i64,
    format: bool,
    version: bool,
    listed: bool,
    entries: Vec<Entry>,
}

impl File {
    fn take(&mut self, reader: &mut Reader, key: &str, in_entry: &mut bool) -> Read<()> {
        let at = reader.at();
        let wrong = |what: &str| Err(Wrong { at, what: what.to_owned() });
        match key {
            "format" => {
                self.format = reader.string()? == FORMAT;
                if self.format { Ok(()) } else { wrong("this is a file of another format") }
            }
            "version" => {
                self.version = true;
                match reader.integer()? {
                    VERSION => Ok(()),
                    later if later > VERSION => {
                        wrong("this file is from a newer version of this site, which this one cannot read")
                    }
                    _ => wrong("there is no such version"),
                }
            }
            "resourceType" => {
                wrong("this is the file for a clinic\u{2019}s records (FHIR), which cannot be brought back in")
            }
            "entries" => {
                self.listed = true;
                reader.list(|reader| {
                    *in_entry = true;
                    let entry = entry(reader, self.now)?;
                    self.entries.push(entry);
                    *in_entry = false;
                    Ok(())
                })
            }
            _ => reader.skip(),
        }
    }

    fn check(&self) -> Read<()> {
        let missing = match self {
            Self { format: false, .. } => "format",
            Self { version: false, .. } => "version",
            Self { listed: false, .. } => "entries",
            _ => return Ok(()),
        };
        Err(Wrong { at: 0, what: format!("this is no export of entries: it has no \u{201c}{missing}\u{201d}") })
    }
}

fn entry(reader: &mut Reader, now: i64) -> Read<Entry> {
    let begins = reader.at();
    let wrong = |what: String| Wrong { at: begins, what };
    let (mut id, mut about, mut fields) = (None, None, None);
    reader.object(|reader, key| match key {
        "id" => parsed(reader, "an id (a UUID) should be here", |text| text.parse::<Uuid>().ok(), &mut id),
        "about" => {
            parsed(reader, "a day, like 2026-11-22, or \u{201c}standing\u{201d} should be here", about_of, &mut about)
        }
        "fields" => {
            let mut read = vec![];
            reader.object(|reader, name| {
                read.push((name.to_owned(), writes(reader, name, now)?));
                Ok(())
            })?;
            fields = Some(read);
            Ok(())
        }
        _ => reader.skip(),
    })?;
    let (Some(id), Some(about), Some(fields)) = (id, about, fields) else {
        return Err(wrong(
            "an entry must have \u{201c}id\u{201d}, \u{201c}about\u{201d} and \u{201c}fields\u{201d}".to_owned(),
        ));
    };
    let mut entry = Entry::new(id, about);
    for (name, writes) in fields {
        writes.into_iter().for_each(|write| entry.write(&name, write));
    }
    entry.check().map_err(|malformed| wrong(malformed.to_string()))?;
    Ok(entry)
}

fn about_of(text: &str) -> Option<About> {
    if text == "standing" { Some(About::Standing) } else { text.parse::<Day>().ok().map(About::Day) }
}

/// A text that has to be something.
fn parsed<T>(reader: &mut Reader, wanted: &str, parse: impl Fn(&str) -> Option<T>, to: &mut Option<T>) -> Read<()> {
    let at = reader.at();
    *to = Some(parse(&reader.string()?).ok_or_else(|| Wrong { at, what: wanted.to_owned() })?);
    Ok(())
}

fn writes(reader: &mut Reader, field: &str, now: i64) -> Read<Vec<Write>> {
    let mut writes = vec![];
    reader.list(|reader| {
        writes.push(write_of(reader, field, now)?);
        Ok(())
    })?;
    Ok(writes)
}

fn write_of(reader: &mut Reader, field: &str, now: i64) -> Read<Write> {
    let begins = reader.at();
    let (mut at, mut count, mut writer, mut value) = (None, None, None, None);
    reader.object(|reader, key| {
        match key {
            "at" => at = Some(reader.integer()?),
            "count" => count = Some(integer(reader)?),
            "by" => {
                let hexadecimal = |text: &str| u64::from_str_radix(text, 16).ok().filter(|_| !text.starts_with('+'));
                parsed(reader, "16 digits of hexadecimal should be here", hexadecimal, &mut writer)?;
            }
            "says" => value = Some(value_of(reader)?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let wrong =
        |what: &str| Err(Wrong { at: begins, what: format!("{what} (field \u{201c}{}\u{201d})", shown(field)) });
    match (at, value) {
        (Some(at), _) if at > now.saturating_add(MOST_AHEAD) => {
            wrong("this says that it was written in more than a year")
        }
        (Some(millis), Some(value)) => {
            let stamp = Stamp { millis, count: count.unwrap_or_default(), writer: writer.unwrap_or_default() };
            Ok(Write { stamp, value })
        }
        _ => wrong("what was written must have \u{201c}at\u{201d} and \u{201c}says\u{201d}"),
    }
}

fn value_of(reader: &mut Reader) -> Read<Value> {
    Ok(match reader.peek() {
        Some(b'"') => Value::Text(reader.string()?),
        Some(b'-' | b'0'..=b'9') => Value::Number(integer(reader)?),
        _ => match reader.word() {
            Some("null") => Value::Nothing,
            Some("false") => Value::No,
            Some(_) => Value::Yes,
            None => return reader.wrong("a text, a whole number, true, false or null should be here"),
        },
    })
}

/// A whole number of the size that fits.
fn integer<T: TryFrom<i64>>(reader: &mut Reader) -> Read<T> {
    let at = reader.at();
    T::try_from(reader.integer()?).map_err(|_| Wrong { at, what: "this number is too large or too small".to_owned() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_795_348_800_000;

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Nothing),
            Just(Value::No),
            Just(Value::Yes),
            any::<i32>().prop_map(Value::Number),
            any::<String>().prop_map(Value::Text),
        ]
    }

    fn any_write() -> impl Strategy<Value = (String, Write)> {
        let name = prop_oneof![Just("back".to_owned()), Just("deleted".to_owned()), "\\PC{1,20}"];
        let stamp = (0..NOW, any::<u32>(), any::<u64>());
        (name, stamp, any_value()).prop_map(|(name, (millis, count, writer), value)| {
            (name, Write { stamp: Stamp { millis, count, writer }, value })
        })
    }

    prop_compose! {
        fn any_entry()(id in any::<u128>(), day in prop::option::of(-700_000_i64..2_900_000), writes in prop::collection::vec(any_write(), 1..12)) -> Entry {
            let id = uuid::Builder::from_u128(id).with_version(uuid::Version::SortRand).into_uuid();
            let about = day.map_or(About::Standing, |day| About::Day(Day::from_epoch_days(day).unwrap()));
            let mut entry = Entry::new(id, about);
            writes.into_iter().for_each(|(name, write)| entry.write(&name, write));
            entry
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_the_same(entries in prop::collection::vec(any_entry(), 0..6), saved in any::<bool>()) {
            let text = write(entries.iter().map(|entry| (entry, saved.then_some(NOW))));
            prop_assert_eq!(read(&text, NOW), Ok(entries.clone()));
            // And through a program that knows nothing of it and may order keys anew.
            let tree: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read(&serde_json::to_string_pretty(&tree).unwrap(), NOW), Ok(entries));
        }

        #[test]
        fn a_file_that_is_cut_off_is_refused(entries in prop::collection::vec(any_entry(), 1..3), at in any::<prop::sample::Index>()) {
            let text = write(entries.iter().map(|entry| (entry, None)));
            let cut: String = text.chars().take(at.index(text.trim_end().chars().count())).collect();
            prop_assert!(read(&cut, NOW).is_err());
        }
    }

    fn file(entries: &str) -> String {
        format!("{{\"format\": \"sciaticalm-entries\", \"version\": 1, \"entries\": [{entries}]}}")
    }

    fn one(about: &str, fields: &str) -> String {
        file(&format!(
            "{{\"id\": \"0193f0a0-0000-7000-8000-000000000001\", \"about\": \"{about}\", \"fields\": {{{fields}}}}}"
        ))
    }

    #[test]
    fn the_example_of_the_documentation_is_read() {
        let text = include_str!("json.rs");
        let example: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//!")).collect();
        let example = example.join("\n");
        let example = example.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let entries = read(example, NOW).unwrap();
        assert_eq!((entries.len(), entries[0].get("back")), (1, &Value::Number(3)));
    }

    #[test]
    fn what_a_later_page_adds_is_passed_over() {
        let text = one("standing", "\"plan:bridge\": [{\"at\": 5, \"says\": \"1 daily\", \"mood\": [1.5e3, {}]}]");
        let entries = read(&text, NOW).unwrap();
        assert_eq!(entries[0].field("plan:bridge").unwrap().stamp(), Stamp { millis: 5, count: 0, writer: 0 });
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let far = NOW + MOST_AHEAD + 1;
        for (text, said) in [
            (String::new(), "line 1, column 1: an object, in braces, should be here"),
            ("{}".to_owned(), "line 1, column 1: this is no export of entries: it has no “format”"),
            (
                "{\"resourceType\": \"Bundle\"}".to_owned(),
                "line 1, column 18: this is the file for a clinic’s records (FHIR)",
            ),
            ("{\"format\": \"other\"}".to_owned(), "line 1, column 12: this is a file of another format"),
            (file("").replace(": 1", ": 2"), "this file is from a newer version"),
            (file("").replace(": 1", ": 0"), "there is no such version"),
            (file("") + "x", "there is more after the end"),
            (file("{}"), "in entry 1: an entry must have “id”, “about” and “fields”"),
            (one("yesterday", ""), "in entry 1: a day, like 2026-11-22, or “standing” should be here"),
            (one("2026-11-22", "\"back\": 4"), "in entry 1: a list, in square brackets, should be here"),
            (one("2026-11-22", "\"back\": [{\"at\": 1}]"), "what was written must have “at” and “says” (field “back”)"),
            (one("2026-11-22", "\"back\": [{\"at\": 1, \"says\": 4.5}]"), "a whole number should be here"),
            (
                one("2026-11-22", "\"back\": [{\"at\": 1, \"says\": 4000000000}]"),
                "this number is too large or too small",
            ),
            (
                one("2026-11-22", "\"back\": [{\"at\": 1, \"says\": maybe}]"),
                "a text, a whole number, true, false or null",
            ),
            (one("2026-11-22", &format!("\"back\": [{{\"at\": {far}, \"says\": 1}}]")), "in more than a year"),
            (one("2026-11-22", "\"\": [{\"at\": 1, \"says\": 1}]"), "the fields of an entry must be in order"),
            (one("2026-11-22", "").replace("-7000-", "-4000-"), "must be a UUID of version 7"),
        ] {
            let refused = read(&text, NOW).expect_err(&text).to_string();
            assert!(refused.contains(said), "{text}\n{refused}");
        }
    }
}
