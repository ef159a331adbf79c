//! Reads JSON (RFC 8259) from front to back, for one format whose shape is known: what is read goes where it belongs at
//! once, no tree is built, and what is wrong is told with its line. By hand, because the device reads it too, where
//! serde_json costs more than the rest of the format.

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// In bytes from the beginning.
    pub at: usize,
    pub what: String,
}

pub type Read<T> = Result<T, Wrong>;

/// How deep lists and objects may lie in one another: ours are six deep, and a text that is nothing but brackets must not
/// use up the stack.
const DEEPEST: u8 = 32;

/// See the module.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u8,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text: text.strip_prefix('\u{feff}').unwrap_or(text), at: 0, depth: 0 }
    }

    /// Where the next value begins.
    pub fn at(&mut self) -> usize {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        self.at
    }

    /// The line and the column of a place, both from 1.
    pub fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }

    pub fn wrong<T>(&mut self, what: impl Into<String>) -> Read<T> {
        Err(Wrong { at: self.at(), what: what.into() })
    }

    /// The first letter of the next value.
    pub fn peek(&mut self) -> Option<u8> {
        let at = self.at();
        self.text.as_bytes().get(at).copied()
    }

    fn take(&mut self, letter: u8) -> bool {
        let there = self.peek() == Some(letter);
        self.at += usize::from(there);
        there
    }

    /// That nothing comes any more.
    pub fn end(&mut self) -> Read<()> {
        if self.peek().is_some() { self.wrong("there is more after the end") } else { Ok(()) }
    }

    /// An object: `each` gets every key, and has to read or [skip](Self::skip) its value.
    pub fn object(&mut self, mut each: impl FnMut(&mut Self, &str) -> Read<()>) -> Read<()> {
        self.items(b'{', b'}', "an object, in braces", |reader| {
            let key = reader.string()?;
            if !reader.take(b':') {
                return reader.wrong(format!("a colon is missing after \u{201c}{}\u{201d}", shown(&key)));
            }
            each(reader, &key)
        })
    }

    /// A list: `each` has to read or [skip](Self::skip) every item.
    pub fn list(&mut self, each: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.items(b'[', b']', "a list, in square brackets", each)
    }

    fn items(&mut self, open: u8, close: u8, what: &str, mut each: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        if !self.take(open) {
            return self.wrong(format!("{what}, should be here"));
        }
        if self.depth == DEEPEST {
            return self.wrong("too many brackets lie in one another");
        }
        self.depth += 1;
        if !self.take(close) {
            loop {
                each(self)?;
                if self.take(close) {
                    break;
                }
                if !self.take(b',') {
                    return self.wrong(format!("a comma or \u{201c}{}\u{201d} should be here", char::from(close)));
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// A text.
    pub fn string(&mut self) -> Read<String> {
        let begins = self.at();
        if !self.take(b'"') {
            return self.wrong("a text, in double quotes, should be here");
        }
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(plain) = rest.find(['"', '\\']) else {
                return Err(Wrong { at: begins, what: "this text has no end".to_owned() });
            };
            text.push_str(&rest[..plain]);
            self.at += plain + 1;
            if rest.as_bytes()[plain] == b'"' {
                return Ok(text);
            }
            match self.escaped() {
                Some(letter) => text.push(letter),
                None => return self.wrong("a backslash stands before what it cannot stand before"),
            }
        }
    }

    /// What stands for one letter after a backslash.
    fn escaped(&mut self) -> Option<char> {
        let letter = *self.text.as_bytes().get(self.at)?;
        self.at += 1;
        Some(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.four_digits()?;
                if !(0xD800..0xDC00).contains(&first) {
                    return char::from_u32(first);
                }
                // A letter of two halves (UTF-16).
                self.at += self.text[self.at..].starts_with("\\u").then_some(2)?;
                let second = self.four_digits()?.checked_sub(0xDC00).filter(|second| *second < 0x400)?;
                char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + second)?
            }
            _ => {
                self.at -= 1;
                return None;
            }
        })
    }

    fn four_digits(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        // A sign would be read as a part of the number.
        let value = u32::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
        self.at += 4;
        Some(value)
    }

    /// A whole number.
    pub fn integer(&mut self) -> Read<i64> {
        let begins = self.at();
        let number = self.number();
        match number.parse() {
            Ok(value) if !number.starts_with('+') => Ok(value),
            _ => Err(Wrong { at: begins, what: "a whole number should be here".to_owned() }),
        }
    }

    /// The letters of a number, whatever it is.
    fn number(&mut self) -> &'a str {
        let begins = self.at();
        let rest = &self.text[begins..];
        let number = |letter: char| letter.is_ascii_digit() || matches!(letter, '-' | '+' | '.' | 'e' | 'E');
        let length = rest.find(|letter| !number(letter)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// `true`, `false` or `null`, if that is what comes.
    pub fn word(&mut self) -> Option<&'static str> {
        let at = self.at();
        let word = ["null", "false", "true"].into_iter().find(|word| self.text[at..].starts_with(word))?;
        self.at += word.len();
        Some(word)
    }

    /// Passes over whatever value comes.
    pub fn skip(&mut self) -> Read<()> {
        match self.peek() {
            Some(b'{') => self.object(|reader, _| reader.skip()),
            Some(b'[') => self.list(Self::skip),
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => {
                self.number();
                Ok(())
            }
            _ if self.word().is_some() => Ok(()),
            _ => self.wrong("a value should be here"),
        }
    }
}

/// Writes a text, in its quotes.
pub fn quote(text: &str, to: &mut String) {
    to.push('"');
    for letter in text.chars() {
        match letter {
            '"' => to.push_str("\\\""),
            '\\' => to.push_str("\\\\"),
            '\n' => to.push_str("\\n"),
            '\r' => to.push_str("\\r"),
            '\t' => to.push_str("\\t"),
            letter if u32::from(letter) < 0x20 => to.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => to.push(letter),
        }
    }
    to.push('"');
}

/// As much of a text as a sentence can hold.
pub fn shown(text: &str) -> String {
    const MOST: usize = 40;
    let mut short: String = text.chars().filter(|letter| !letter.is_control()).take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// What is read, built up again: to be held against serde_json.
    fn tree(reader: &mut Reader) -> Read<Value> {
        Ok(match reader.peek() {
            Some(b'{') => {
                let mut object = serde_json::Map::new();
                reader.object(|reader, key| {
                    object.insert(key.to_owned(), tree(reader)?);
                    Ok(())
                })?;
                Value::Object(object)
            }
            Some(b'[') => {
                let mut list = vec![];
                reader.list(|reader| {
                    list.push(tree(reader)?);
                    Ok(())
                })?;
                Value::Array(list)
            }
            Some(b'"') => reader.string()?.into(),
            Some(b'-' | b'0'..=b'9') => reader.integer()?.into(),
            _ => match reader.word() {
                Some("null") => Value::Null,
                Some(word) => (word == "true").into(),
                None => reader.wrong("a value should be here")?,
            },
        })
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..5)
                    .prop_map(|object| Value::Object(object.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_reads_what_serde_json_writes(value in any_json()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let mut reader = Reader::new(&text);
                prop_assert_eq!(tree(&mut reader), Ok(value.clone()));
                prop_assert_eq!(reader.end(), Ok(()));
                let mut reader = Reader::new(&text);
                prop_assert_eq!(reader.skip(), Ok(()));
                prop_assert_eq!(reader.end(), Ok(()));
            }
        }

        #[test]
        fn serde_json_reads_a_text_that_it_writes(text in any::<String>()) {
            let mut quoted = String::new();
            quote(&text, &mut quoted);
            prop_assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
        }

        #[test]
        fn whatever_comes_it_says_where_and_does_not_break(text in "[\\[\\]{}\",:\\\\u0-9a-e\\-tén .]{0,60}") {
            let mut reader = Reader::new(&text);
            if let Err(wrong) = reader.skip() {
                prop_assert!(wrong.at <= text.len());
                reader.place(wrong.at);
            }
        }
    }

    #[test]
    fn escapes_are_read() {
        let read = |text: &str| Reader::new(text).string().ok();
        assert_eq!(read(r#""\u00e9\ud83d\ude00\/\b\f""#).unwrap(), "é😀/\u{8}\u{c}");
        for bad in [r#""\ud83d""#, r#""\ud83dA""#, r#""\udc00""#, r#""\u+123""#, r#""\x""#, "\"", r#""\"#] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let text = "{\n  \"a\": [1,\n    é 2]}";
        let mut reader = Reader::new(text);
        let wrong = reader.skip().unwrap_err();
        assert_eq!((wrong.what.as_str(), reader.place(wrong.at)), ("a value should be here", (3, 5)));
        let deep = "[".repeat(100_000);
        assert!(Reader::new(&deep).skip().is_err());
    }
}
