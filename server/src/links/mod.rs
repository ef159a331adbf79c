//! Asks other sites whether links lead to them, and is led nowhere by them.
//!
//! An address that an editor typed, or that a site redirects to, could lead to what only this server can reach: itself, its network,
//! the service that hands a machine its secrets. So it is asked only where it is one that anybody on the internet can reach:
//!
//! - http or https, on port 80 or 443, without a name or password in it;
//! - on a host all of whose addresses are global ([`is_global`]). The name is resolved once, by [`Names`], and the connection goes to
//!   what was looked at there: a second answer of a hostile name server is never asked for. Addresses that are written as numbers pass
//!   no resolver, and are looked at by themselves. No proxy is asked in our place;
//! - and so again at each redirect, of which five are followed.
//!
//! The question is a GET, because some sites refuse HEAD. It says who asks, and has no cookie and no referrer. Of the answer the status
//! and the place of a redirect are read; what follows is never, and the connection ends.

mod global;
#[cfg(test)]
mod tests;

use std::{error::Error, fmt, future::Future, io, net::IpAddr, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use app::desk::links::{found::Found, outer::Asks};
use reqwest::{
    Client, Response, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::LOCATION,
    redirect::Policy,
};
use tokio::{net::lookup_host, time::timeout};
use tokio_rustls::rustls::crypto::ring;

use global::is_global;

/// How long a whole question may take, its redirects included.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a connection may take to come about.
const CONNECTING: Duration = Duration::from_secs(10);
const REDIRECTS: usize = 5;

/// Asks other sites.
#[derive(Debug)]
pub struct Asker {
    client: Client,
    allowed: Allowed,
    patience: Duration,
}

/// Where the asker may go. Tests alone say otherwise than [`Allowed::PUBLIC`]: they ask servers of their own.
#[derive(Clone, Copy, Debug)]
struct Allowed {
    address: fn(IpAddr) -> bool,
    port: fn(u16) -> bool,
}

impl Allowed {
    const PUBLIC: Self = Self { address: is_global, port: |port| matches!(port, 80 | 443) };

    /// Where the host is a name, its addresses are looked at when it is resolved.
    fn may_ask(self, url: &Url) -> bool {
        let by_web = matches!(url.scheme(), "http" | "https");
        let for_all = url.username().is_empty() && url.password().is_none();
        let on_port = url.port_or_known_default().is_some_and(self.port);
        // As the address was read, so that 2130706433 is 127.0.0.1.
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let on_host = url.domain().is_some() || host.parse().is_ok_and(self.address);
        by_web && for_all && on_port && on_host
    }
}

/// Finds the addresses of a name.
type Lookup = fn(String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Resolves names to addresses that may be asked. The client has no other way to an address, and connects to these.
struct Names {
    lookup: Lookup,
    allowed: fn(IpAddr) -> bool,
}

/// Why a name was not resolved.
#[derive(Debug)]
enum Unresolved {
    /// It has an address that may not be asked.
    NotAllowed,
    /// It has none.
    Nowhere,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAllowed => "the host has an address that is not asked",
            Self::Nowhere => "the host has no address",
        })
    }
}

impl Error for Unresolved {}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, allowed) = ((self.lookup)(name.as_str().to_owned()), self.allowed);
        Box::pin(async move {
            let addresses = found.await.unwrap_or_default();
            if addresses.is_empty() {
                return Err(Unresolved::Nowhere.into());
            }
            // One that is not allowed spoils them all: which of them is taken would be chance.
            if !addresses.iter().all(|address| allowed(*address)) {
                return Err(Unresolved::NotAllowed.into());
            }
            // The port is the question's.
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// As the system finds them.
fn by_the_system(name: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
    Box::pin(async move { Ok(lookup_host((name, 0)).await?.map(|address| address.ip()).collect()) })
}

impl Asker {
    /// For the site at this address, which sites that are asked see.
    ///
    /// # Errors
    /// When this machine has no certificates to know sites by.
    pub fn new(public_url: &str) -> Result<Self> {
        Self::within(public_url, Allowed::PUBLIC, by_the_system)
    }

    fn within(public_url: &str, allowed: Allowed, lookup: Lookup) -> Result<Self> {
        // As in `bucket.rs`.
        let _ = ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(format!("Sciaticalm/{} (link check; +{public_url})", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(Names { lookup, allowed: allowed.address }))
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(CONNECTING)
            // One connection for a question, which ends with it.
            .http1_only()
            .pool_max_idle_per_host(0)
            .build()
            .context("cannot ask other sites")?;
        Ok(Self { client, allowed, patience: PATIENCE })
    }

    async fn follow(&self, address: &str) -> Found {
        let Ok(mut url) = Url::parse(address) else { return Found::NotAsked };
        for _ in 0..=REDIRECTS {
            if !self.allowed.may_ask(&url) {
                return Found::NotAsked;
            }
            let answer = match self.client.get(url).send().await {
                Ok(answer) => answer,
                Err(error) => return why(&error),
            };
            match led_on(&answer) {
                Some(next) => url = next,
                None => return Found::Status(answer.status().as_u16()),
            }
        }
        Found::Circle
    }
}

impl Asks for Asker {
    async fn ask(&self, address: &str) -> Found {
        timeout(self.patience, self.follow(address)).await.unwrap_or(Found::NoAnswer)
    }
}

/// Where a redirect leads to.
fn led_on(answer: &Response) -> Option<Url> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    answer.url().join(answer.headers().get(LOCATION)?.to_str().ok()?).ok()
}

/// Why there was no answer.
fn why(error: &reqwest::Error) -> Found {
    let mut cause = error.source();
    while let Some(error) = cause {
        match error.downcast_ref() {
            Some(Unresolved::NotAllowed) => return Found::NotAsked,
            Some(Unresolved::Nowhere) => return Found::NoName,
            None => cause = error.source(),
        }
    }
    if error.is_timeout() { Found::NoAnswer } else { Found::NoConnection }
}
