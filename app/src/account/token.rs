//! Secrets that we make up and hand out: in a cookie, in a link. The database has their hashes alone.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// Bytes of chance in a token.
const BYTES: usize = 32;

/// A secret of 32 random bytes, as 64 hexadecimal digits.
#[derive(Clone)]
pub struct Token(SecretString);

/// What the database knows a token by. Chance needs no salt and no slow hash.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenHash(Vec<u8>);

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// [`Error::Internal`] when the system gives no random bytes.
    pub fn new() -> Result<Self> {
        Ok(Self(hex(&random::<BYTES>()?).into()))
    }

    /// Reads what came back; `None` where it is not one of ours by its look.
    pub fn read(text: &str) -> Option<Self> {
        let sound = text.len() == 2 * BYTES && text.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
        sound.then(|| Self(text.to_owned().into()))
    }

    /// For the cookie or the link, and nowhere else.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.expose()).to_vec())
    }
}

impl TokenHash {
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Bytes from the system's own source of chance.
///
/// # Errors
/// [`Error::Internal`] when it gives none.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal(format!("no random bytes: {error}")))?;
    Ok(bytes)
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_as_it_went() {
        let token = Token::new().unwrap();
        assert_eq!(Token::read(token.expose()).unwrap().hash(), token.hash());
        assert_ne!(Token::new().unwrap().hash(), token.hash());
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn what_is_no_token_is_not_looked_up() {
        let token = Token::new().unwrap();
        let upper = token.expose().to_uppercase();
        for text in
            ["", "x", &token.expose()[1..], &format!("{}0", token.expose()), &"g".repeat(64), "'; drop table", &upper]
        {
            assert!(Token::read(text).is_none() || text == token.expose(), "{text}");
        }
    }
}
