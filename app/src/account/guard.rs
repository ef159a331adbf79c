//! What stands in front of accounts and is kept in memory: the turns at hashing, and who tried how often.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Email, password::Hasher};
use crate::{Error, Result, client::ClientAddress, clock::Clock};

/// Forms that one network may send a minute, and at once: sign-ups, sign-ins, resets, codes together.
const PER_NETWORK: NonZeroU32 = const { NonZeroU32::new(30).unwrap() };
/// And everybody together, a second. Known devices are not counted: nobody can use this up for them.
const OVERALL: NonZeroU32 = const { NonZeroU32::new(50).unwrap() };
/// Letters of one kind to one address an hour, whoever asks for them.
const LETTERS: NonZeroU32 = const { NonZeroU32::new(5).unwrap() };
/// Exports that one account may begin an hour, and files that it may bring back, together.
const EXPORTS: NonZeroU32 = const { NonZeroU32::new(20).unwrap() };
/// Shared links that one network may open a minute, right or wrong. A token cannot be guessed; this is for who tries.
const LINKS: NonZeroU32 = const { NonZeroU32::new(30).unwrap() };
/// Answers and remarks about articles that one network may send a minute.
const FEEDBACK: NonZeroU32 = const { NonZeroU32::new(30).unwrap() };
/// Of exports, how many may run at once: each keeps a thread, and some of them an account's entries in memory.
const EXPORTS_AT_ONCE: usize = 8;

/// Refusals that are recorded an hour, of everybody: however many networks somebody has, the log stays readable.
const RECORDED: NonZeroU32 = const { NonZeroU32::new(600).unwrap() };
/// Milliseconds until the next refusal of the same kind is recorded, doubled with each, and the most that it grows to.
const RECORDED_AGAIN: i64 = 60 * 1000;
const RECORDED_AT_LEAST: i64 = 24 * 60 * 60 * 1000;

/// What is kept of addresses that nobody tried lately is dropped after this many tries.
const FORGET_EVERY: u32 = 1024;
/// Failures are forgotten after so many milliseconds without another.
const FORGIVEN_AFTER: i64 = 60 * 60 * 1000;

/// Everything that one process remembers to hold attackers up. A restart forgets it, and costs an attacker nothing that
/// Argon2 does not make up for.
#[derive(Debug)]
pub struct Guard {
    pub hasher: Hasher,
    networks: DefaultKeyedRateLimiter<IpAddr>,
    /// The same for known devices: whoever has an account has one, and must not use up everybody's turns either.
    known_devices: DefaultKeyedRateLimiter<IpAddr>,
    overall: DefaultDirectRateLimiter,
    letters: DefaultKeyedRateLimiter<Who>,
    exports: DefaultKeyedRateLimiter<Uuid>,
    links: DefaultKeyedRateLimiter<IpAddr>,
    feedback: DefaultKeyedRateLimiter<IpAddr>,
    /// The accounts that are being exported.
    exporting: Mutex<HashSet<Uuid>>,
    failures: Mutex<HashMap<Key, Failures>>,
    /// The refusals that were recorded.
    refusals: Mutex<HashMap<Refusal, Failures>>,
    recorded: DefaultDirectRateLimiter,
    asked: AtomicU32,
}

/// Which refusals are of one kind: the audit log need not have each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The limit with this name, for this network.
    Limit(&'static str, IpAddr),
    /// An account that asks for what its role does not allow.
    Access(Uuid),
}

/// An account that somebody tries, which need not exist, or its second step: not its address, which would be in every
/// memory dump.
type Who = [u8; 32];

/// What somebody tries to guess, of the account with this address. The two count by themselves: a right password, which
/// whoever guesses at codes has, must not forgive wrong codes.
#[derive(Clone, Copy, Debug)]
pub struct Tried(Who);

impl Tried {
    pub fn password(email: &Email) -> Self {
        Self::of("password", email)
    }

    pub fn code(email: &Email) -> Self {
        Self::of("code", email)
    }

    fn of(kind: &str, email: &Email) -> Self {
        Self(Sha256::new().chain_update(kind).chain_update(email.key()).finalize().into())
    }
}

/// A letter that anybody can ask for, to whatever address. Each kind counts by itself: else a few sign-ups an hour with
/// another's address would keep them from the letter by which they get in again.
#[derive(Clone, Copy, Debug)]
pub enum Letter {
    SignUp,
    Reset,
    NewAddress,
    Invitation,
}

impl Letter {
    fn name(self) -> &'static str {
        match self {
            Self::SignUp => "sign-up letter",
            Self::Reset => "reset letter",
            Self::NewAddress => "new address letter",
            Self::Invitation => "invitation",
        }
    }
}

/// Which failures count together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// From a device on which its owner signed in before.
    Known(Who),
    /// From one network, on no known device.
    Network(Who, IpAddr),
    /// On no known device, wherever.
    Anywhere(Who),
}

#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    /// When the last was, milliseconds.
    last: i64,
}

impl Key {
    /// How many failures cost nothing, and how many seconds the delay grows to. Anybody can make the failures of
    /// `Anywhere`, so its delay stays bearable: a minute a try is no way to guess a password.
    fn patience(self) -> (u32, i64) {
        match self {
            Self::Known(_) => (10, 60),
            Self::Network(..) => (5, 15 * 60),
            Self::Anywhere(_) => (20, 60),
        }
    }
}

/// Where a try comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    pub client: ClientAddress,
    /// Whether the account's owner signed in on this device before.
    pub known_device: bool,
}

impl Guard {
    /// # Errors
    /// [`Error::Internal`] when the system gives no random bytes.
    pub fn new() -> Result<Self> {
        Ok(Self {
            hasher: Hasher::new()?,
            networks: RateLimiter::keyed(Quota::per_minute(PER_NETWORK)),
            known_devices: RateLimiter::keyed(Quota::per_minute(PER_NETWORK)),
            overall: RateLimiter::direct(Quota::per_second(OVERALL).allow_burst(OVERALL.saturating_mul(PER_NETWORK))),
            letters: RateLimiter::keyed(Quota::per_hour(LETTERS)),
            exports: RateLimiter::keyed(Quota::per_hour(EXPORTS)),
            links: RateLimiter::keyed(Quota::per_minute(LINKS)),
            feedback: RateLimiter::keyed(Quota::per_minute(FEEDBACK)),
            exporting: Mutex::default(),
            failures: Mutex::default(),
            refusals: Mutex::default(),
            recorded: RateLimiter::direct(Quota::per_hour(RECORDED)),
            asked: AtomicU32::new(0),
        })
    }

    /// Counts a form that costs us a hash or a letter.
    ///
    /// # Errors
    /// [`Error::TooMany`] when it is one too many.
    pub fn admit(&self, origin: Origin, clock: &Clock) -> Result<()> {
        self.forget(clock);
        let limiter = if origin.known_device { &self.known_devices } else { &self.networks };
        limiter.check_key(&origin.client.network()).map_err(|until| {
            let wait = until.wait_time_from(limiter.clock().now());
            Error::TooMany { seconds: wait.as_secs() + 1 }
        })?;
        if origin.known_device {
            return Ok(());
        }
        self.overall.check().map_err(|_| Error::TooMany { seconds: 2 })
    }

    /// Whether one more letter may go to this address. Whoever asked is told the same either way.
    pub fn may_write(&self, letter: Letter, email: &Email) -> bool {
        let Tried(who) = Tried::of(letter.name(), email);
        self.letters.check_key(&who).is_ok()
    }

    /// Counts the opening of a shared link, whether or not there is such a link.
    ///
    /// # Errors
    /// [`Error::TooMany`] when it is one too many.
    pub fn may_open_link(&self, client: ClientAddress, clock: &Clock) -> Result<()> {
        self.forget(clock);
        self.links.check_key(&client.network()).map_err(|until| {
            let wait = until.wait_time_from(self.links.clock().now());
            Error::TooMany { seconds: wait.as_secs() + 1 }
        })
    }

    /// Counts what a reader says of an article.
    ///
    /// # Errors
    /// [`Error::TooMany`] when it is one too many.
    pub fn may_say(&self, client: ClientAddress, clock: &Clock) -> Result<()> {
        self.forget(clock);
        self.feedback.check_key(&client.network()).map_err(|until| {
            let wait = until.wait_time_from(self.feedback.clock().now());
            Error::TooMany { seconds: wait.as_secs() + 1 }
        })
    }

    /// Lets an account be exported, until what this returns is dropped.
    ///
    /// # Errors
    /// [`Error::TooMany`] while it is being exported already, or was too often, or too many others are.
    pub fn begin_export(self: &Arc<Self>, account: Uuid) -> Result<Exporting> {
        let mut exporting = self.exporting.lock().unwrap_or_else(PoisonError::into_inner);
        if exporting.len() >= EXPORTS_AT_ONCE || exporting.contains(&account) {
            return Err(Error::TooMany { seconds: 60 });
        }
        self.exports.check_key(&account).map_err(|until| {
            let wait = until.wait_time_from(self.exports.clock().now());
            Error::TooMany { seconds: wait.as_secs() + 1 }
        })?;
        exporting.insert(account);
        Ok(Exporting { guard: Arc::clone(self), account })
    }

    /// Whether this may be tried now. From here on the try counts as a failure, until it is known to be none: of a thousand
    /// that come at once, no more are made than of a thousand one after another.
    ///
    /// # Errors
    /// [`Error::TooMany`], with how long its failures make everybody wait who comes from there.
    pub fn may_try(&self, what: Tried, origin: Origin, clock: &Clock) -> Result<()> {
        let now = clock.millis_i64();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = keys(what, origin).filter_map(|key| failures.get(&key).map(|past| past.wait(key, now))).max();
        if let Some(millis) = wait.filter(|wait| *wait > 0) {
            return Err(Error::TooMany { seconds: u64::try_from(millis).unwrap_or_default().div_ceil(1000) });
        }
        for key in keys(what, origin) {
            let past = failures.entry(key).or_default();
            past.count = if past.is_forgiven(now) { 1 } else { past.count.saturating_add(1) };
            past.last = now;
        }
        Ok(())
    }

    /// Notes when a password or code turned out wrong: the delay begins then.
    pub fn failed(&self, what: Tried, origin: Origin, clock: &Clock) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys(what, origin) {
            if let Some(past) = failures.get_mut(&key) {
                past.last = clock.millis_i64();
            }
        }
    }

    /// Takes a try back that did not come to anything: nobody's turn came, say.
    pub fn not_tried(&self, what: Tried, origin: Origin) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys(what, origin) {
            if let Some(past) = failures.get_mut(&key) {
                past.count = past.count.saturating_sub(1);
            }
        }
    }

    /// Forgets the failures of whoever got in, and of nobody else.
    pub fn succeeded(&self, what: Tried, origin: Origin) {
        self.not_tried(what, origin);
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys(what, origin).filter(|key| !matches!(key, Key::Anywhere(_))) {
            failures.remove(&key);
        }
    }

    /// Whether a refusal is to be recorded: the first of its kind is, and then one after a minute, two, four …, so that
    /// nobody fills the audit log by being refused.
    pub fn is_news(&self, refusal: Refusal, clock: &Clock) -> bool {
        let now = clock.millis_i64();
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let past = refusals.get(&refusal).copied().unwrap_or_default();
        let wait = RECORDED_AGAIN << past.count.saturating_sub(1).min(16);
        if past.count > 0 && now - past.last < wait.min(RECORDED_AT_LEAST) {
            return false;
        }
        // Last, so that what is no news uses nothing up; and what is not recorded is not remembered.
        if self.recorded.check().is_err() {
            return false;
        }
        refusals.insert(refusal, Failures { count: past.count.saturating_add(1), last: now });
        true
    }

    /// How many tried accounts and networks are remembered.
    pub fn remembered(&self) -> usize {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn forget(&self, clock: &Clock) {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.networks.retain_recent();
            self.known_devices.retain_recent();
            self.letters.retain_recent();
            self.exports.retain_recent();
            self.links.retain_recent();
            self.feedback.retain_recent();
            let now = clock.millis_i64();
            let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.retain(|_, past| !past.is_forgiven(now));
            let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            refusals.retain(|_, past| now - past.last <= RECORDED_AT_LEAST);
        }
    }
}

/// The turn of an account that is being exported.
#[derive(Debug)]
pub struct Exporting {
    guard: Arc<Guard>,
    account: Uuid,
}

impl Drop for Exporting {
    fn drop(&mut self) {
        self.guard.exporting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.account);
    }
}

impl Failures {
    /// Milliseconds until the next try: 1 s after the first that counts, and twice as long after each.
    fn wait(self, key: Key, now: i64) -> i64 {
        let (free, most) = key.patience();
        let Some(counted) = self.count.checked_sub(free).filter(|counted| *counted > 0) else { return 0 };
        let seconds = 1_i64.checked_shl(counted - 1).filter(|seconds| *seconds > 0).unwrap_or(most).min(most);
        (self.last + seconds * 1000 - now).max(0)
    }

    fn is_forgiven(self, now: i64) -> bool {
        self.count == 0 || now - self.last > FORGIVEN_AFTER
    }
}

fn keys(what: Tried, origin: Origin) -> impl Iterator<Item = Key> {
    let Tried(who) = what;
    let keys = if origin.known_device {
        [Some(Key::Known(who)), None]
    } else {
        [Some(Key::Network(who, origin.client.network())), Some(Key::Anywhere(who))]
    };
    keys.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        // Outside of a runtime: nothing is hashed.
        Guard::new().unwrap()
    }

    fn ann() -> Email {
        Email::read("ann@example.org").unwrap()
    }

    fn password() -> Tried {
        Tried::password(&ann())
    }

    fn from(address: &str, known_device: bool) -> Origin {
        Origin { client: ClientAddress(address.parse().unwrap()), known_device }
    }

    fn at(seconds: u64) -> Clock {
        Clock::Fixed(1_795_348_800_000 + seconds * 1000)
    }

    /// Tries a wrong password as soon as that is allowed. Returns how many seconds that took.
    fn fail(guard: &Guard, what: Tried, origin: Origin, now: &mut u64) -> u64 {
        let mut waited = 0;
        loop {
            match guard.may_try(what, origin, &at(*now)) {
                Ok(()) => break,
                Err(Error::TooMany { seconds }) => {
                    waited += seconds;
                    *now += seconds;
                }
                Err(other) => panic!("{other}"),
            }
        }
        guard.failed(what, origin, &at(*now));
        waited
    }

    #[test]
    fn failures_from_one_network_make_it_wait_longer_and_longer() {
        let guard = guard();
        let thief = from("203.0.113.7", false);
        let mut now = 0;
        let waits: Vec<u64> = (0..20).map(|_| fail(&guard, password(), thief, &mut now)).collect();
        assert_eq!(&waits[..12], [0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32]);
        assert_eq!(waits[19], 900);
        assert!(
            guard.may_try(Tried::password(&Email::read("bob@example.org").unwrap()), thief, &at(now)).is_ok(),
            "of nobody else"
        );
        assert!(guard.may_try(password(), thief, &at(now + 3_601)).is_ok(), "forgiven in an hour");
    }

    #[test]
    fn tries_that_come_at_once_are_no_more_than_one_after_another() {
        let guard = guard();
        let tried =
            |known| (0..100).filter(|_| guard.may_try(password(), from("203.0.113.7", known), &at(0)).is_ok()).count();
        assert_eq!((tried(false), tried(true)), (6, 11));
        let elsewhere =
            (0..100).filter(|n| guard.may_try(password(), from(&format!("198.51.100.{n}"), false), &at(0)).is_ok());
        assert_eq!(elsewhere.count(), 21 - 6);
    }

    #[test]
    fn a_try_that_came_to_nothing_does_not_count() {
        let guard = guard();
        for known in [false, true] {
            for _ in 0..100 {
                assert!(guard.may_try(password(), from("203.0.113.7", known), &at(0)).is_ok());
                guard.not_tried(password(), from("203.0.113.7", known));
            }
            for _ in 0..100 {
                assert!(guard.may_try(password(), from("203.0.113.7", known), &at(0)).is_ok());
                guard.succeeded(password(), from("203.0.113.7", known));
            }
        }
    }

    #[test]
    fn a_thousand_networks_keep_no_known_device_out_and_no_new_one_for_longer_than_a_minute() {
        let guard = guard();
        let mut now = 0;
        for n in 0..1_000 {
            fail(&guard, password(), from(&format!("198.51.{}.{}", n / 250, n % 250), false), &mut now);
        }
        assert!(guard.may_try(password(), from("192.0.2.1", true), &at(now)).is_ok());
        let new = guard.may_try(password(), from("192.0.2.1", false), &at(now));
        assert!(matches!(new, Err(Error::TooMany { seconds: 60 })));
        assert!(guard.may_try(password(), from("192.0.2.1", false), &at(now + 60)).is_ok());
    }

    #[test]
    fn whoever_gets_in_starts_afresh_and_nobody_else_does() {
        let guard = guard();
        let (home, thief) = (from("192.0.2.1", true), from("203.0.113.7", false));
        let mut now = 0;
        for _ in 0..30 {
            fail(&guard, password(), thief, &mut now);
        }
        for _ in 0..15 {
            fail(&guard, password(), home, &mut now);
        }
        assert!(guard.may_try(password(), home, &at(now)).is_err());
        guard.succeeded(password(), home);
        assert!(guard.may_try(password(), home, &at(now)).is_ok());
        assert!(guard.may_try(password(), thief, &at(now)).is_err());
    }

    #[test]
    fn an_account_of_ones_own_does_not_buy_everybodys_turns() {
        let guard = guard();
        let admitted = (0..100).filter(|_| guard.admit(from("203.0.113.7", true), &at(0)).is_ok()).count();
        assert!((30..40).contains(&admitted), "{admitted}");
    }

    #[test]
    fn a_right_password_forgives_no_wrong_code() {
        let guard = guard();
        let thief = from("203.0.113.7", false);
        for _ in 0..6 {
            guard.may_try(Tried::code(&ann()), thief, &at(0)).unwrap();
            guard.succeeded(password(), thief);
        }
        assert!(guard.may_try(password(), thief, &at(0)).is_ok());
        assert!(guard.may_try(Tried::code(&ann()), thief, &at(0)).is_err());
        guard.succeeded(Tried::code(&ann()), thief);
        assert!(guard.may_try(Tried::code(&ann()), thief, &at(0)).is_ok());
    }

    #[test]
    fn one_network_has_so_many_tries_a_minute_and_the_next_has_its_own() {
        let guard = guard();
        let admitted = (0..100).filter(|_| guard.admit(from("203.0.113.7", false), &at(0)).is_ok()).count();
        assert!((30..40).contains(&admitted), "{admitted}");
        assert!(guard.admit(from("203.0.113.8", false), &at(0)).is_ok());
        assert!(guard.admit(from("203.0.113.7", true), &at(0)).is_ok(), "a known device is not held up by its network");
    }

    #[test]
    fn nobody_is_flooded_with_letters() {
        let guard = guard();
        assert_eq!((0..20).filter(|_| guard.may_write(Letter::Reset, &ann())).count(), 5);
        assert!(guard.may_write(Letter::Reset, &Email::read("bob@example.org").unwrap()));
        assert!(guard.may_write(Letter::SignUp, &ann()), "of another kind");
    }

    #[test]
    fn a_refusal_is_news_ever_more_rarely() {
        let guard = guard();
        let refusal = Refusal::Limit("password", "203.0.113.7".parse().unwrap());
        let news =
            |seconds: std::ops::Range<u64>| seconds.filter(|n| guard.is_news(refusal, &at(*n))).collect::<Vec<_>>();
        assert_eq!(news(0..1_000), [0, 60, 180, 420, 900]);
        assert!(guard.is_news(Refusal::Limit("forms", "203.0.113.7".parse().unwrap()), &at(1_000)), "another limit");
        assert!(guard.is_news(Refusal::Access(Uuid::from_u128(1)), &at(1_000)));
        // However many networks and accounts somebody has.
        let everywhere = (0..5_000).filter(|n| guard.is_news(Refusal::Access(Uuid::from_u128(*n)), &at(2_000)));
        assert!((500..650).contains(&everywhere.count()));
    }

    #[test]
    fn what_nobody_tries_any_more_is_forgotten() {
        let guard = guard();
        for n in 0..5_000_u32 {
            let email = Email::read(&format!("u{n}@example.org")).unwrap();
            guard.may_try(Tried::password(&email), from("203.0.113.7", false), &at(0)).unwrap();
        }
        for _ in 0..=FORGET_EVERY {
            let _ = guard.admit(from("203.0.113.7", false), &at(4_000));
        }
        assert_eq!(guard.remembered(), 0);
    }
}
