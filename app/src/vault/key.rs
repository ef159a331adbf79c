//! One secret key of 32 bytes, and what it does: XChaCha20-Poly1305, with the format and a random nonce in front.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretBox};

use crate::{Error, Result};

/// Bytes of a key.
pub const KEY: usize = 32;
/// Bytes of a nonce: so many that random ones never meet.
const NONCE: usize = 24;
/// The first byte of what is sealed: this cipher, in this order. Another cipher will be another number.
const FORMAT: u8 = 1;
/// Bytes of a sealed key: format, nonce, key, tag.
pub const SEALED_KEY: usize = 1 + NONCE + KEY + 16;

/// A secret key. It is wiped when dropped, and not shown by `Debug`.
pub struct Key(SecretBox<[u8; KEY]>);

impl Key {
    /// A new key from the system's randomness.
    ///
    /// # Errors
    /// When the system has none.
    pub fn random() -> Result<Self> {
        let mut filled = Ok(());
        let bytes = SecretBox::init_with_mut(|bytes: &mut [u8; KEY]| filled = getrandom::fill(bytes));
        filled.map_err(|error| Error::internal(error.to_string()))?;
        Ok(Self(bytes))
    }

    /// The key that these bytes are; nothing where they are not [`KEY`].
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != KEY {
            return None;
        }
        Some(Self(SecretBox::init_with_mut(|key: &mut [u8; KEY]| key.copy_from_slice(bytes))))
    }

    /// For writing it down, wrapped or into its file.
    pub fn expose(&self) -> &[u8; KEY] {
        self.0.expose_secret()
    }

    /// Encrypts `plain` and binds `bound` to it.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn seal(&self, bound: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| Error::internal(error.to_string()))?;
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: bound });
        let sealed = sealed.map_err(|_| Error::internal("it is too long to be encrypted"))?;
        Ok([&[FORMAT], nonce.as_slice(), &sealed].concat())
    }

    /// What was sealed by this key with the same `bound`; nothing where it was not, or has been changed.
    pub fn open(&self, bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.strip_prefix(&[FORMAT])?.split_first_chunk::<NONCE>()?;
        self.cipher().decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: bound }).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.expose().into())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}
