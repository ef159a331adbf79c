//! What WebAuthn needs between "begin" and "finish": each challenge is kept here, in memory, for one answer.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use uuid::Uuid;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{DiscoverableAuthentication, PasskeyRegistration, Url},
};

use super::{Token, TokenHash};
use crate::{Error, Result, clock::Clock, site::Settings};

/// How long an authenticator has time, milliseconds: also what the browser is told.
const GOOD_FOR: i64 = 5 * 60 * 1000;
/// How many are open at most. One more closes the oldest: whoever began all of them keeps nobody out.
const MOST: usize = 20_000;

/// The site as passkeys know it, and the ceremonies that are open. Cheap to clone.
#[derive(Clone)]
pub struct Passkeys(Arc<Inner>);

struct Inner {
    /// None where the site has no name, only a number: passkeys are bound to names.
    webauthn: Option<Webauthn>,
    open: Mutex<HashMap<TokenHash, Open>>,
}

struct Open {
    until: i64,
    ceremony: Ceremony,
}

/// What the answer is held against.
pub enum Ceremony {
    Adding { account: Uuid, state: PasskeyRegistration },
    SigningIn(DiscoverableAuthentication),
}

impl Passkeys {
    pub fn new(settings: &Settings) -> Self {
        Self(Arc::new(Inner { webauthn: webauthn(settings), open: Mutex::default() }))
    }

    /// # Errors
    /// [`Error::NotFound`] where there are no passkeys.
    pub fn webauthn(&self) -> Result<&Webauthn> {
        self.0.webauthn.as_ref().ok_or(Error::NotFound)
    }

    /// Whether the site's address is one that passkeys can be bound to.
    pub fn are_possible(&self) -> bool {
        self.0.webauthn.is_some()
    }

    /// Keeps a ceremony, and gives what brings it back.
    ///
    /// # Errors
    /// [`Error::Internal`] when there is no chance to be had.
    pub fn open(&self, ceremony: Ceremony, clock: &Clock) -> Result<Token> {
        let (token, now) = (Token::new()?, clock.millis_i64());
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MOST {
            open.retain(|_, kept| kept.until > now);
        }
        if open.len() >= MOST
            && let Some(oldest) = open.iter().min_by_key(|(_, kept)| kept.until).map(|(key, _)| key.clone())
        {
            open.remove(&oldest);
        }
        open.insert(token.hash(), Open { until: now + GOOD_FOR, ceremony });
        Ok(token)
    }

    /// Takes a ceremony, once.
    pub fn take(&self, token: &str, clock: &Clock) -> Option<Ceremony> {
        let token = Token::read(token)?;
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = open.remove(&token.hash())?;
        (taken.until > clock.millis_i64()).then_some(taken.ceremony)
    }
}

/// The relying party: the host of the public address, and that address alone as origin.
fn webauthn(settings: &Settings) -> Option<Webauthn> {
    let url = Url::parse(&settings.public_url).ok()?;
    let host = url.domain()?.to_owned();
    let built = WebauthnBuilder::new(&host, &url).and_then(|builder| builder.rp_name(&settings.name).build());
    built.inspect_err(|error| tracing::error!(%error, "passkeys are off")).ok()
}

impl fmt::Debug for Passkeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passkeys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passkeys(public_url: &str) -> Passkeys {
        Passkeys::new(&Settings { public_url: public_url.to_owned(), ..Settings::default() })
    }

    fn begin(passkeys: &Passkeys, clock: &Clock) -> Token {
        let (_, state) = passkeys.webauthn().unwrap().start_discoverable_authentication().unwrap();
        passkeys.open(Ceremony::SigningIn(state), clock).unwrap()
    }

    #[test]
    fn a_site_that_is_a_number_has_none() {
        for public_url in ["http://127.0.0.1:3000", "https://[::1]", "https://192.0.2.1"] {
            assert!(!passkeys(public_url).are_possible(), "{public_url}");
        }
        for public_url in ["http://localhost:3000", "https://back.example.org"] {
            assert!(passkeys(public_url).are_possible(), "{public_url}");
        }
    }

    #[test]
    fn a_challenge_is_answered_once_and_within_five_minutes() {
        let passkeys = passkeys("http://localhost:3000");
        let token = begin(&passkeys, &Clock::Fixed(0));
        assert!(passkeys.take(token.expose(), &Clock::Fixed(1)).is_some());
        assert!(passkeys.take(token.expose(), &Clock::Fixed(1)).is_none());
        let token = begin(&passkeys, &Clock::Fixed(0));
        assert!(passkeys.take(token.expose(), &Clock::Fixed(300_000)).is_none());
        assert!(passkeys.take("", &Clock::Fixed(0)).is_none());
    }

    #[test]
    fn of_too_many_the_oldest_is_closed() {
        let passkeys = passkeys("http://localhost:3000");
        let first = begin(&passkeys, &Clock::Fixed(0));
        let second = begin(&passkeys, &Clock::Fixed(1));
        for _ in 2..=MOST {
            begin(&passkeys, &Clock::Fixed(2));
        }
        assert_eq!(passkeys.0.open.lock().unwrap().len(), MOST);
        assert!(passkeys.take(first.expose(), &Clock::Fixed(2)).is_none());
        assert!(passkeys.take(second.expose(), &Clock::Fixed(2)).is_some());
    }
}
