//! What a page hands its island: in an attribute beside it and not as the island's props, which Leptos reads as JSON. To
//! read JSON costs each page 10 KB of wasm (compressed), most of it for numbers that we do not have; typed JSON of a rule
//! set costs another 25.

#[cfg(not(feature = "hydrate"))]
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use serde::Serialize;
#[cfg(any(feature = "hydrate", test))]
use serde::de::DeserializeOwned;

/// In the page before its island.
#[cfg(feature = "hydrate")]
const PLACE: &str = "[data-handed]";

/// An island's page: `island`, and what it gets when it asks what it was [`handed`].
#[cfg(feature = "ssr")]
pub fn hand<T>(what: T, island: impl FnOnce() -> AnyView) -> AnyView
where
    T: Clone + Serialize + Send + Sync + 'static,
{
    let text = pack(&what);
    provide_context(what);
    view! {
        <div hidden=true data-handed=text></div>
        {island()}
    }
    .into_any()
}

/// What the page handed this island.
///
/// # Panics
///
/// Where the page handed nothing or something else: there is nothing to show then, and the page says that it is broken.
#[cfg(feature = "hydrate")]
pub fn handed<T: DeserializeOwned>() -> T {
    let place = leptos::prelude::document().query_selector(PLACE).ok().flatten();
    let text = place.and_then(|place| place.get_attribute("data-handed"));
    text.and_then(|text| unpack(&text)).unwrap_or_else(|| panic!("what the page handed over is broken"))
}

#[cfg(not(feature = "hydrate"))]
pub fn handed<T: Clone + 'static>() -> T {
    expect_context()
}

/// As one short text: postcard's bytes, of which the printable stand for themselves, so that the page still compresses as
/// text.
#[cfg(feature = "ssr")]
fn pack(what: &impl Serialize) -> String {
    // Only what has no length of its own cannot be packed, and no type of ours is such.
    let bytes = postcard::to_allocvec(what).unwrap_or_default();
    let letter = |byte: u8| match byte {
        plain if is_plain(plain) => char::from(plain),
        other => char::from_u32(SHIFT + u32::from(other)).unwrap_or_default(),
    };
    bytes.into_iter().map(letter).collect()
}

/// Bytes that stand for themselves: printable, and plain in an attribute.
#[cfg(feature = "ssr")]
fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) && !b"\"&'<>\\".contains(&byte)
}

/// The others are letters from U+0100 on.
#[cfg(feature = "ssr")]
const SHIFT: u32 = 0x100;

#[cfg(any(feature = "hydrate", test))]
fn unpack<T: DeserializeOwned>(text: &str) -> Option<T> {
    // The low eight bits are the byte, either way.
    let bytes: Vec<u8> = text.chars().map(|letter| (u32::from(letter) & 0xff) as u8).collect();
    postcard::from_bytes(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_handed_over_arrives(text in ".*", bytes: Vec<u8>, number: i64, nothing: Option<u8>) {
            let handed = (text, bytes, number, nothing);
            proptest::prop_assert_eq!(unpack::<(String, Vec<u8>, i64, Option<u8>)>(&pack(&handed)), Some(handed));
        }
    }
}
