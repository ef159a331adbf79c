//! What a page hands its island, packed.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, de::Error as _, ser::Error as _};

/// An island's props as one short text: postcard's bytes, of which the printable stand for themselves, so that the page
/// still compresses as text. Typed JSON would be 25 KB of wasm (compressed) for a rule set.
#[derive(Clone, Debug, PartialEq)]
pub struct Handed<T>(pub T);

/// Bytes that stand for themselves: printable, and plain in an attribute and in JSON.
fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) && !b"\"&'<>\\".contains(&byte)
}

/// The others are letters from U+0100 on.
const SHIFT: u32 = 0x100;

impl<T: Serialize> Serialize for Handed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = postcard::to_allocvec(&self.0).map_err(S::Error::custom)?;
        let text: String = bytes
            .into_iter()
            .map(|byte| match byte {
                plain if is_plain(plain) => char::from(plain),
                other => char::from_u32(SHIFT + u32::from(other)).unwrap_or_default(),
            })
            .collect();
        serializer.serialize_str(&text)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Handed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // The low eight bits are the byte, either way.
        let bytes: Vec<u8> = text.chars().map(|letter| (u32::from(letter) & 0xff) as u8).collect();
        postcard::from_bytes(&bytes).map(Self).map_err(|_| D::Error::custom("what the page handed over is broken"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_handed_over_arrives(text in ".*", bytes: Vec<u8>, number: i64, nothing: Option<u8>) {
            let handed = Handed((text, bytes, number, nothing));
            let json = serde_json::to_string(&handed).unwrap();
            proptest::prop_assert_eq!(serde_json::from_str::<Handed<(String, Vec<u8>, i64, Option<u8>)>>(&json).unwrap(), handed);
        }
    }
}
