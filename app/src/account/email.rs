//! An e-mail address, as far as we look into one.

use std::fmt;

/// At most so many bytes (RFC 5321, 4.5.3.1).
const MAX: usize = 254;
const MAX_LOCAL: usize = 64;

/// An address that can be written to: one `@`, letters of ASCII, and nothing that could begin a header or a second
/// recipient. Letters that only look like ASCII's are refused, so that nobody can have an account that looks like another's.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// That a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoEmail;

impl Email {
    /// Reads what somebody typed; spaces around it are theirs.
    ///
    /// # Errors
    /// [`NoEmail`]
    pub fn read(typed: &str) -> Result<Self, NoEmail> {
        let typed = typed.trim_matches([' ', '\t', '\r', '\n']);
        let (local, domain) = typed.rsplit_once('@').ok_or(NoEmail)?;
        let sound = typed.len() <= MAX && local.len() <= MAX_LOCAL && is_local(local) && is_domain(domain);
        if sound { Ok(Self(typed.to_owned())) } else { Err(NoEmail) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What tells two accounts apart: no provider of note tells capitals apart.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// Dot-atoms (RFC 5322, 3.2.3): no quotes, no comments.
fn is_local(local: &str) -> bool {
    let letter = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c);
    local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(letter))
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.contains('.') && domain.split('.').all(label)
}

impl fmt::Debug for Email {
    /// Not the address: it belongs in no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        for typed in ["a@b.co", " Ann.O'Neil+back@mail.example.org\n", "x_y-z@sub.domain.example"] {
            assert_eq!(Email::read(typed).unwrap().as_str(), typed.trim());
        }
    }

    #[test]
    fn what_is_no_address_or_could_be_two_is_refused() {
        let long = format!("{}@example.org", "a".repeat(65));
        let longer = format!("a@{}.org", "b.".repeat(130));
        for typed in [
            "",
            "@",
            "a@",
            "@b.co",
            "a@b",
            "a b@c.de",
            "a@b@c.de",
            "a@b.co,c@d.co",
            "a@b.co\r\nBcc: c@d.co",
            "a\0@b.co",
            "<a@b.co>",
            "\"a\"@b.co",
            "a..b@c.de",
            ".a@b.co",
            "a@-b.co",
            "a@b..co",
            "a@b.co.",
            "a@[127.0.0.1]",
            &long,
            &longer,
        ] {
            assert_eq!(Email::read(typed), Err(NoEmail), "{typed:?}");
        }
    }

    #[test]
    fn look_alikes_are_refused() {
        // Cyrillic а; a full-width @; a dotless i; a zero-width space; German ß in a domain.
        for typed in [
            "\u{430}nn@example.org",
            "ann\u{ff20}example.org",
            "d\u{131}na@example.org",
            "an\u{200b}n@example.org",
            "a@stra\u{df}e.de",
        ] {
            assert_eq!(Email::read(typed), Err(NoEmail), "{typed:?}");
        }
    }

    #[test]
    fn capitals_make_no_second_account_and_no_log_line_has_the_address() {
        let email = Email::read("Ann@Example.org").unwrap();
        assert_eq!(email.key(), "ann@example.org");
        assert_eq!(format!("{email:?}"), "Email(…)");
    }
}
