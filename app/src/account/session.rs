//! Sessions: a random token in a cookie, its hash in a table, and what a request may do because of it.

use axum::http::{HeaderMap, HeaderValue, header, request::Parts};
use cookie::{Cookie, SameSite, time::Duration};
use uuid::Uuid;

use super::{Account, Email, Roles, Token, TokenHash, guard::Origin, password::Hash, store};
use crate::{AppState, Result, audit::Factor, client::ClientAddress, site::Settings};

const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How long a device is known after its last sign-in.
pub(super) const KNOWN_FOR: i64 = 365 * DAY;
/// How exactly we know when somebody was last here: each page would else be a write.
const SEEN_EVERY: i64 = MINUTE;

/// How far a sign-in has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The password was right; the second step is open.
    Half,
    Full,
}

impl Stage {
    /// As the database writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Half => "half",
            Self::Full => "full",
        }
    }
}

/// How long a session lasts, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// Without a request.
    pub idle: i64,
    /// In all.
    pub absolute: i64,
}

impl Lifetime {
    /// Staff are signed out after half an hour, and are never remembered: a desk in a clinic is not a device of one's own.
    pub fn of(stage: Stage, staff: bool, remember: bool) -> Self {
        match (stage, staff, remember) {
            (Stage::Half, ..) => Self { idle: 10 * MINUTE, absolute: 10 * MINUTE },
            (Stage::Full, true, _) => Self { idle: 30 * MINUTE, absolute: 12 * HOUR },
            (Stage::Full, false, false) => Self { idle: HOUR, absolute: 12 * HOUR },
            (Stage::Full, false, true) => Self { idle: 14 * DAY, absolute: 90 * DAY },
        }
    }
}

/// A session as the database has it.
#[derive(Clone, Debug)]
pub struct Session {
    /// For its owner's list: says nothing of the token.
    pub id: Uuid,
    pub account: Uuid,
    pub stage: Stage,
    /// Whether something beside the password was shown.
    pub strong: bool,
    /// Whether it outlives the browser's window.
    pub remember: bool,
    /// "Firefox on Android".
    pub device: String,
    pub created_at: i64,
    pub seen_at: i64,
    pub expires_at: i64,
    /// When it was last shown that it is still them.
    pub confirmed_at: i64,
}

/// Whoever sent a request with a session that holds.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub account: Uuid,
    pub email: Email,
    pub roles: Roles,
    pub session: Uuid,
    pub token: TokenHash,
    pub stage: Stage,
    pub strong: bool,
    pub remember: bool,
    pub confirmed_at: i64,
    pub origin: Origin,
}

impl Visitor {
    /// Who it is, if the request's cookie is that of a session that has neither ended nor been idle for too long.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_request(parts: &Parts, state: &AppState) -> Result<Option<Self>> {
        let Some(token) = read(&parts.headers, &session_cookie(&state.site.settings)) else { return Ok(None) };
        let token = token.hash();
        let now = state.clock.millis_i64();
        let Some((session, account)) = state.sessions.ask(token.clone()).await? else { return Ok(None) };
        let lifetime = Lifetime::of(session.stage, account.roles.are_staff(), session.remember);
        if now >= session.expires_at.min(session.created_at + lifetime.absolute)
            || now - session.seen_at > lifetime.idle
        {
            return Ok(None);
        }
        if now - session.seen_at >= SEEN_EVERY {
            store::touch_session(&state.db, &token, now).await?;
        }
        // A session from before there was a second step: whoever has only the password must not be the one who changes it.
        let stage = if account.needs_second_step() && !session.strong { Stage::Half } else { session.stage };
        Ok(Some(Self {
            account: account.id,
            origin: origin(parts, state, &account.email).await?,
            email: account.email,
            roles: account.roles,
            session: session.id,
            token,
            stage,
            strong: session.strong,
            remember: session.remember,
            confirmed_at: session.confirmed_at,
        }))
    }
}

/// Where a request comes from, as far as the account with this address goes.
///
/// # Errors
/// When the database fails.
pub async fn origin(parts: &Parts, state: &AppState, email: &Email) -> Result<Origin> {
    let client = client(parts);
    // Looked up whether or not there is such an account.
    let known_device = match read(&parts.headers, &device_cookie(&state.site.settings)) {
        Some(device) => {
            let since = state.clock.millis_i64() - KNOWN_FOR;
            store::knows_device(&state.db, email, &device.hash(), since).await?
        }
        None => false,
    };
    Ok(Origin { client, known_device })
}

/// The address that the server put with the request; without one, as within a test, nobody's.
pub fn client(parts: &Parts) -> ClientAddress {
    parts.extensions.get().copied().unwrap_or(ClientAddress(std::net::Ipv4Addr::UNSPECIFIED.into()))
}

/// What to sign somebody in with.
#[derive(Clone, Copy, Debug)]
pub struct SignIn {
    /// What was shown last.
    pub by: Factor,
    /// Whether something beside the password was shown.
    pub strong: bool,
    pub remember: bool,
}

/// A session just begun: the cookies that hold it, for the answer.
#[derive(Debug)]
pub struct Begun {
    pub session: Session,
    pub token: TokenHash,
    /// Kept by the device, so that an attacker's failures do not slow it down.
    pub device: TokenHash,
    /// What the device was known by until now: that ends, so that nobody's planted token becomes a known one.
    pub device_before: Option<TokenHash>,
    /// What the account's password was when it was tried.
    pub password: Hash,
    cookies: [HeaderValue; 2],
}

impl Begun {
    /// Makes a session and its cookies; [`store::begin_session`] keeps it.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::Error::Internal) when there is no chance to be had.
    pub fn new(state: &AppState, parts: &Parts, account: &Account, sign_in: SignIn) -> Result<Self> {
        let staff = account.roles.are_staff();
        let stage = if account.needs_second_step() && !sign_in.strong { Stage::Half } else { Stage::Full };
        let remember = sign_in.remember && !staff;
        let now = state.clock.millis_i64();
        let (token, settings) = (Token::new()?, &state.site.settings);
        let device = Token::new()?;
        let device_before = read(&parts.headers, &device_cookie(settings)).map(|device| device.hash());
        let lasts = Lifetime::of(stage, staff, remember);
        let session = Session {
            id: state.clock.new_id(),
            account: account.id,
            stage,
            strong: sign_in.strong,
            remember,
            device: device_name(&parts.headers),
            created_at: now,
            seen_at: now,
            expires_at: now + lasts.absolute,
            confirmed_at: now,
        };
        let kept = (remember && stage == Stage::Full).then_some(lasts.absolute);
        let cookies = [
            cookie(settings, session_cookie(settings), token.expose(), kept)?,
            cookie(settings, device_cookie(settings), device.expose(), Some(KNOWN_FOR))?,
        ];
        let (token, device, password) = (token.hash(), device.hash(), account.password.clone());
        Ok(Self { session, token, device, device_before, password, cookies })
    }

    /// Gives an answer the cookies. Half signed in, a device is not known yet.
    pub fn set(self, headers: &mut HeaderMap) {
        let [session, device] = self.cookies;
        headers.append(header::SET_COOKIE, session);
        if self.session.stage == Stage::Full {
            headers.append(header::SET_COOKIE, device);
        }
    }
}

/// Takes the session's cookie back.
///
/// # Errors
/// [`Error::Internal`](crate::Error::Internal) if the cookie cannot be written, which it can.
pub fn forget(settings: &Settings, headers: &mut HeaderMap) -> Result<()> {
    headers.append(header::SET_COOKIE, cookie(settings, session_cookie(settings), "", Some(0))?);
    // Pages that "back" would show to the next person. Not "storage": the tracker's entries on the device are there.
    headers.insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(())
}

/// Takes both cookies back: of whoever has no account any more, no device is known.
///
/// # Errors
/// As [`forget`].
pub fn forget_all(settings: &Settings, headers: &mut HeaderMap) -> Result<()> {
    headers.append(header::SET_COOKIE, cookie(settings, device_cookie(settings), "", Some(0))?);
    forget(settings, headers)
}

/// `__Host-` keeps other hosts of the same domain from setting it, and needs TLS; a browser takes neither on a loopback.
fn name(settings: &Settings, name: &str) -> String {
    if settings.is_https() { format!("__Host-{name}") } else { name.to_owned() }
}

/// The name of the session's cookie.
pub fn session_cookie(settings: &Settings) -> String {
    name(settings, "session")
}

/// The name of the cookie by which a device is known.
pub fn device_cookie(settings: &Settings) -> String {
    name(settings, "device")
}

fn cookie(settings: &Settings, name: String, value: &str, lasts: Option<i64>) -> Result<HeaderValue> {
    let mut cookie = Cookie::build((name, value.to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(settings.is_https());
    if let Some(millis) = lasts {
        cookie = cookie.max_age(Duration::milliseconds(millis));
    }
    HeaderValue::from_str(&cookie.build().to_string()).map_err(crate::Error::internal)
}

/// The token in the cookie of this name; `None` where there are two, one of which somebody else may have planted.
pub fn read(headers: &HeaderMap, name: &str) -> Option<Token> {
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut values = texts.flat_map(Cookie::split_parse).filter_map(Result::ok).filter(|cookie| cookie.name() == name);
    let first = values.next()?;
    values.next().is_none().then(|| Token::read(first.value())).flatten()
}

/// What its owner may know a device by. Of what the browser says of itself nothing else is kept.
pub(super) fn device_name(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first =
        |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    // In this order: each later browser's name is part of what the earlier ones say of themselves.
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("CrOS", "Chromebook"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "A device".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn settings(public_url: &str) -> Settings {
        Settings { public_url: public_url.to_owned(), ..Settings::default() }
    }

    #[test]
    fn a_cookie_over_tls_is_bound_to_the_host() {
        let settings = settings("https://back.example.org");
        let name = session_cookie(&settings);
        let value = cookie(&settings, name, "x", None).unwrap();
        assert_eq!(value, "__Host-session=x; HttpOnly; SameSite=Lax; Secure; Path=/");
    }

    #[test]
    fn on_a_loopback_without_tls_it_is_plain() {
        let settings = settings("http://localhost:3000");
        let value = cookie(&settings, device_cookie(&settings), "x", Some(KNOWN_FOR)).unwrap();
        assert_eq!(value, "device=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000");
    }

    #[test]
    fn of_two_cookies_of_one_name_neither_is_believed() {
        let (a, b) = (Token::new().unwrap(), Token::new().unwrap());
        let one = format!("other=1; session={}", a.expose());
        assert_eq!(read(&headers(&[("cookie", &one)]), "session").unwrap().hash(), a.hash());
        let two = format!("session={}; session={}", a.expose(), b.expose());
        assert!(read(&headers(&[("cookie", &two)]), "session").is_none());
        assert!(read(&headers(&[("cookie", "session=; session")]), "session").is_none());
    }

    #[test]
    fn a_device_is_named_by_browser_and_system() {
        let name = |agent: &str| device_name(&headers(&[("user-agent", agent)]));
        let android = "Mozilla/5.0 (Linux; Android 14; Pixel) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36";
        assert_eq!(name(android), "Chrome on Android");
        assert_eq!(
            name("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1"),
            "Safari on iPhone"
        );
        assert_eq!(name("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"), "Firefox on Linux");
        assert_eq!(name("<script>alert(1)</script>"), "A device");
        assert_eq!(device_name(&HeaderMap::new()), "A device");
    }

    #[test]
    fn staff_are_never_remembered() {
        assert_eq!(Lifetime::of(Stage::Full, true, true), Lifetime::of(Stage::Full, true, false));
        assert!(Lifetime::of(Stage::Full, false, true).idle > Lifetime::of(Stage::Full, false, false).absolute);
    }
}
