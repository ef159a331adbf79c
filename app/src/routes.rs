//! A feature's routes, with what every table and test over routes wants to know of them.
//!
//! axum lists no routes itself, so each is recorded as it is made; the router is built from the same calls.

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, BodyDataStream, Bytes},
    extract::{DefaultBodyLimit, Request},
    handler::Handler,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use futures_util::Stream;

use crate::{AppState, account::Role};

/// What may be kept of an answer, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachePolicy {
    /// The same for everybody; asked for again each time, and answered "not modified" when it is the same.
    Revalidate,
    /// A hashed asset: never changes.
    Forever,
    /// Made from what somebody told us, or about the state of the process: kept nowhere.
    Never,
}

impl CachePolicy {
    pub fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Revalidate => "public, max-age=0, must-revalidate",
            Self::Forever => "public, max-age=31536000, immutable",
            Self::Never => "no-store",
        })
    }
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Anyone,
    /// Whose password was right, and who has the second step before them.
    HalfSignedIn,
    SignedIn,
    Staff(Role),
    /// Whoever has one of two roles.
    Either(Role, Role),
    /// Whoever has a role, whichever it is.
    AnyStaff,
}

/// What a handler demands of whoever asks, as the type of its first argument: who holds a value of it has been checked.
pub trait Proof {
    const WHO: Who;
    /// Whether they must have shown lately that it is still them.
    const FRESH: bool = false;
    /// Whether what others send is read too, for the emergency that may be in it.
    const HEARD: bool = false;
}

/// The arguments of a handler of which the first is a [`Proof`].
pub trait Proven {
    type Proof: Proof;
}

macro_rules! proven {
    ($($argument:ident),*) => {
        // axum's list of a handler's arguments begins with a mark of its own.
        impl<Mark, P: Proof, $($argument),*> Proven for (Mark, P, $($argument,)*) {
            type Proof = P;
        }
    };
}

proven!();
proven!(A);
proven!(A, B);
proven!(A, B, C);
proven!(A, B, C, D);

/// One method of one path.
#[derive(Clone, Debug)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub who: Who,
    /// Whether they must have shown lately that it is still them.
    pub fresh: bool,
    /// Whether what others send is read too, for the emergency that may be in it.
    pub heard: bool,
    /// Bytes of body that are read at most.
    pub body_limit: usize,
    pub cache: CachePolicy,
    /// How long its handler may take, the body included.
    pub time_limit: Duration,
}

/// Routes and the router made of them.
#[derive(Debug, Default)]
pub struct Routes {
    table: Vec<Route>,
    router: Router<AppState>,
    /// Those that may take [`UPLOAD_TIME_LIMIT`].
    uploads: Router<AppState>,
}

/// How long a handler may take.
pub const TIME_LIMIT: Duration = Duration::from_secs(20);
/// How long one may take that waits for a large file, from a phone perhaps.
pub const UPLOAD_TIME_LIMIT: Duration = Duration::from_secs(5 * 60);

impl Routes {
    pub fn new() -> Self {
        Self::default()
    }

    /// A page to read: anyone, no body.
    #[must_use]
    pub fn page<H, T>(self, path: &'static str, cache: CachePolicy, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.route(for_anyone(Method::GET, path, 0, cache), handler)
    }

    /// A form: anyone, `body_limit` bytes, kept nowhere.
    #[must_use]
    pub fn form<H, T>(self, path: &'static str, body_limit: usize, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.route(for_anyone(Method::POST, path, body_limit, CachePolicy::Never), handler)
    }

    /// A script of our own that some pages load: the same for everybody.
    #[must_use]
    pub fn script(self, path: &'static str, text: &'static str) -> Self {
        let script = async move || ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], text).into_response();
        self.page(path, CachePolicy::Revalidate, script)
    }

    /// A page for whoever the handler's first argument says: kept nowhere.
    #[must_use]
    pub fn page_for<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: Proven + 'static,
    {
        self.route(for_whom::<T>(Method::GET, path, 0), handler)
    }

    /// A form for whoever the handler's first argument says.
    #[must_use]
    pub fn form_for<H, T>(self, path: &'static str, body_limit: usize, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: Proven + 'static,
    {
        self.route(for_whom::<T>(Method::POST, path, body_limit), handler)
    }

    /// As [`form_for`](Self::form_for), with time for a large file.
    #[must_use]
    pub fn upload_for<H, T>(self, path: &'static str, body_limit: usize, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: Proven + 'static,
    {
        let route = Route { time_limit: UPLOAD_TIME_LIMIT, ..for_whom::<T>(Method::POST, path, body_limit) };
        self.route(route, handler)
    }

    fn route<H, T>(mut self, route: Route, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let cache = route.cache;
        let filter = if route.method == Method::POST { MethodFilter::POST } else { MethodFilter::GET };
        let method = on(filter, handler)
            .layer(DefaultBodyLimit::max(route.body_limit))
            .layer(axum::middleware::map_response(move |response| async move { with_cache(response, cache) }));
        if route.time_limit > TIME_LIMIT {
            self.uploads = self.uploads.route(route.path, method.layer(axum::middleware::map_request(paced)));
        } else {
            self.router = self.router.route(route.path, method);
        }
        self.table.push(route);
        self
    }

    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.table.extend(other.table);
        self.router = self.router.merge(other.router);
        self.uploads = self.uploads.merge(other.uploads);
        self
    }

    pub fn table(&self) -> &[Route] {
        &self.table
    }

    /// All of them in one, each within the layers that `within` puts around those of a time limit.
    pub fn into_router(self, within: impl Fn(Router<AppState>, Duration) -> Router<AppState>) -> Router<AppState> {
        within(self.router, TIME_LIMIT).merge(within(self.uploads, UPLOAD_TIME_LIMIT))
    }
}

/// With its body piece by piece. The form parser takes all that has arrived before it gives any of it away, which over a fast
/// connection is the whole file; so after each piece this says that there is no more just now.
async fn paced(request: Request) -> Request {
    request.map(|body| Body::from_stream(Paced { pieces: body.into_data_stream(), rests: false }))
}

struct Paced {
    pieces: BodyDataStream,
    rests: bool,
}

impl Stream for Paced {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if mem::take(&mut self.rests) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let piece = Pin::new(&mut self.pieces).poll_next(context);
        self.rests = piece.is_ready();
        piece
    }
}

fn for_anyone(method: Method, path: &'static str, body_limit: usize, cache: CachePolicy) -> Route {
    Route { method, path, who: Who::Anyone, fresh: false, heard: false, body_limit, cache, time_limit: TIME_LIMIT }
}

/// The table says what the handler demands, because it is read from the handler's type.
fn for_whom<T: Proven>(method: Method, path: &'static str, body_limit: usize) -> Route {
    let (who, fresh, heard) = (T::Proof::WHO, T::Proof::FRESH, T::Proof::HEARD);
    Route { method, path, who, fresh, heard, body_limit, cache: CachePolicy::Never, time_limit: TIME_LIMIT }
}

/// For an answer whose address is a secret: neither the next site nor a search engine is to have it.
pub fn at_secret_address(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow, noarchive"));
    response
}

/// An error is kept nowhere, whatever the route says.
fn with_cache(mut response: Response, policy: CachePolicy) -> Response {
    let good = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let policy = if good { policy } else { CachePolicy::Never };
    response.headers_mut().insert(header::CACHE_CONTROL, policy.header());
    response
}
