//! Where to go once somebody has shown who they are: a page of ours, and nowhere else.

use axum::http::uri::PathAndQuery;
use serde::Deserialize;

/// A path of this site, perhaps with a query.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Next(String);

/// Where somebody goes who came from nowhere.
const HOME: &str = "/account";
const MAX: usize = 300;

impl Next {
    pub fn path(&self) -> &str {
        &self.0
    }

    /// The address of a page that leads on to this one.
    pub fn after(&self, page: &str) -> String {
        if *self == Self::default() { page.to_owned() } else { format!("{page}?next={}", encoded(&self.0)) }
    }
}

impl Default for Next {
    fn default() -> Self {
        Self(HOME.to_owned())
    }
}

impl From<&PathAndQuery> for Next {
    fn from(path: &PathAndQuery) -> Self {
        Self::from(path.as_str().to_owned())
    }
}

impl From<String> for Next {
    /// What could lead away is our own page instead: `//host` and `/\host` are other sites to a browser, and it drops
    /// tabs and line ends before it looks.
    fn from(text: String) -> Self {
        let own = text.starts_with('/') && !text.starts_with("//");
        let plain = text.len() <= MAX && text.bytes().all(|c| c.is_ascii_graphic() && c != b'\\');
        if own && plain { Self(text) } else { Self::default() }
    }
}

fn encoded(text: &str) -> String {
    let kept = |c: u8| c.is_ascii_alphanumeric() || b"/-._~".contains(&c);
    text.bytes().map(|c| if kept(c) { char::from(c).to_string() } else { format!("%{c:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(text: &str) -> Next {
        Next::from(text.to_owned())
    }

    #[test]
    fn a_page_of_ours_is_gone_to() {
        for path in ["/", "/account/email", "/articles?tag=back-pain&page=2"] {
            assert_eq!(next(path).path(), path);
        }
        assert_eq!(next("/a?b=c d").path(), "/account");
        assert_eq!(next("/a?b=c&d").after("/sign-in"), "/sign-in?next=/a%3Fb%3Dc%26d");
        assert_eq!(Next::default().after("/sign-in"), "/sign-in");
    }

    #[test]
    fn nobody_is_led_away() {
        for path in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "javascript:alert(1)",
            " //evil.example",
            "/\u{0}",
            "/ü",
            "evil.example",
            "/a\r\nSet-Cookie: a=b",
            &format!("/{}", "a".repeat(300)),
        ] {
            assert_eq!(next(path), Next::default(), "{path:?}");
        }
    }
}
