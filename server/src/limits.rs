//! How often one address may ask the API. The pages have no such limit: nobody is kept from the checker.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use app::client::ClientAddress;
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, clock::Clock};

use crate::error_pages;

/// Addresses that have asked for nothing lately are forgotten after this many requests.
const FORGET_EVERY: u32 = 1024;

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests a second; three times as many at once.
    pub per_second: NonZeroU32,
    /// How many proxies of our own a request passes before it is here.
    pub trusted_proxies: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_second: const { NonZeroU32::new(20).unwrap() }, trusted_proxies: 0 }
    }
}

/// Who asked how often. Kept in memory, and for seconds.
#[derive(Debug)]
pub struct Limiter {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    asked: AtomicU32,
    trusted_proxies: usize,
}

impl Limiter {
    pub fn new(limits: Limits) -> Arc<Self> {
        let burst = limits.per_second.saturating_mul(const { NonZeroU32::new(3).unwrap() });
        Arc::new(Self {
            limiter: DefaultKeyedRateLimiter::keyed(Quota::per_second(limits.per_second).allow_burst(burst)),
            asked: AtomicU32::new(0),
            trusted_proxies: limits.trusted_proxies,
        })
    }

    /// Counts a request.
    ///
    /// # Errors
    /// The seconds to wait, if it is one too many.
    fn admit(&self, client: ClientAddress) -> Result<(), u64> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(&client.network()).map_err(|until| {
            let wait = until.wait_time_from(self.limiter.clock().now());
            wait.as_secs() + 1
        })
    }
}

/// Puts the client's address with the request, and answers 429 to who asks the API too often.
pub async fn limit(State(limiter): State<Arc<Limiter>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    // No peer: called from within, as tests do.
    if let Some(peer) = peer {
        let client = ClientAddress(sender(peer, request.headers(), limiter.trusted_proxies));
        request.extensions_mut().insert(client);
        if error_pages::is_for_programs(request.uri().path())
            && let Err(seconds) = limiter.admit(client)
        {
            return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())]).into_response();
        }
    }
    next.run(request).await
}

/// Who sent the request: the address from which the outermost of our own proxies got it. What stands further left in
/// `X-Forwarded-For` is the sender's own invention. Without that header, or with a broken one, whoever connected to us.
fn sender(peer: IpAddr, headers: &HeaderMap, trusted_proxies: usize) -> IpAddr {
    let Some(nth) = trusted_proxies.checked_sub(1) else { return peer };
    let values: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    let forwarded = values.join(",");
    forwarded.rsplit(',').nth(nth).and_then(|address| read(address.trim())).unwrap_or(peer)
}

/// Some proxies write the port too.
fn read(address: &str) -> Option<IpAddr> {
    address.parse().ok().or_else(|| Some(address.parse::<SocketAddr>().ok()?.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn client(text: &str) -> ClientAddress {
        ClientAddress(address(text))
    }

    #[test]
    fn only_what_our_own_proxies_wrote_is_believed() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "6.6.6.6, 203.0.113.7".parse().unwrap());
        headers.append("x-forwarded-for", "10.0.0.2:4711".parse().unwrap());
        let peer = address("10.0.0.1");
        for (trusted, expected) in
            [(0, "10.0.0.1"), (1, "10.0.0.2"), (2, "203.0.113.7"), (3, "6.6.6.6"), (4, "10.0.0.1")]
        {
            assert_eq!(sender(peer, &headers, trusted), address(expected), "{trusted}");
        }
        for broken in ["", "unknown", "10.0.0.300", ","] {
            let headers =
                HeaderMap::from_iter([(header::HeaderName::from_static("x-forwarded-for"), broken.parse().unwrap())]);
            assert_eq!(sender(peer, &headers, 1), peer, "{broken:?}");
        }
    }

    #[test]
    fn one_address_is_limited_and_the_next_is_not() {
        let limiter = Limiter::new(Limits { per_second: NonZeroU32::MIN, trusted_proxies: 0 });
        let answers: Vec<bool> = (0..5).map(|_| limiter.admit(client("203.0.113.7")).is_ok()).collect();
        assert_eq!(answers, [true, true, true, false, false]);
        assert_eq!(limiter.admit(client("203.0.113.7")), Err(1));
        assert_eq!(limiter.admit(client("203.0.113.8")), Ok(()));
    }

    #[test]
    fn addresses_are_forgotten() {
        let limiter = Limiter::new(Limits { per_second: NonZeroU32::MAX, trusted_proxies: 0 });
        for n in 0..100 * FORGET_EVERY {
            assert_eq!(limiter.admit(ClientAddress(IpAddr::V4(n.into()))), Ok(()));
        }
        assert!(limiter.limiter.len() <= FORGET_EVERY as usize, "{}", limiter.limiter.len());
    }
}
