//! The asker against a server on this machine, which it would not ask otherwise.

use std::{
    net::Ipv4Addr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, StatusCode, header},
    response::Redirect,
    routing::{any, get},
};
use tokio::net::TcpListener;

use super::*;

const HERE: Allowed = Allowed { address: |_| true, port: |_| true };
const SITE: &str = "https://back.example";

/// Every name is this machine's.
fn all_here(_name: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
    Box::pin(async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) })
}

async fn served(site: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, site).await });
    address
}

fn asker(allowed: Allowed) -> Asker {
    Asker::within(SITE, allowed, all_here).unwrap()
}

#[tokio::test]
async fn a_status_is_told_whatever_it_is() {
    let site = Router::new()
        .route("/{status}", get(async |path: axum::extract::Path<u16>| StatusCode::from_u16(*path).unwrap()));
    let at = served(site).await;
    for status in [200, 204, 304, 403, 404, 410, 429, 500, 503, 999] {
        assert_eq!(asker(HERE).ask(&format!("http://{at}/{status}")).await, Found::Status(status));
    }
    // By a name, on the port of the address.
    let by_name = format!("http://page.example:{}/410?a=%20b#part", at.port());
    assert_eq!(asker(HERE).ask(&by_name).await, Found::Status(410));
}

#[tokio::test]
async fn a_question_says_who_asks_and_nothing_else() {
    static ASKED: Mutex<Vec<(Method, HeaderMap)>> = Mutex::new(Vec::new());
    let site = Router::new()
        .route(
            "/first",
            any(async |method: Method, headers: HeaderMap| {
                ASKED.lock().unwrap().push((method, headers));
                ([(header::SET_COOKIE, "seen=1; Path=/")], Redirect::to("/second?from=first"))
            }),
        )
        .route(
            "/second",
            any(async |method: Method, headers: HeaderMap| ASKED.lock().unwrap().push((method, headers))),
        );
    let at = served(site).await;
    let asker = asker(HERE);
    for _ in 0..2 {
        assert_eq!(asker.ask(&format!("http://page.example:{}/first#part", at.port())).await, Found::Status(200));
    }
    let asked = ASKED.lock().unwrap();
    assert_eq!(asked.len(), 4);
    for (method, headers) in asked.iter() {
        let mut names: Vec<&str> = headers.keys().map(header::HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!((method, names), (&Method::GET, vec!["accept", "host", "user-agent"]), "{headers:?}");
        let agent = headers[header::USER_AGENT].to_str().unwrap();
        assert!(agent.starts_with("Sciaticalm/") && agent.ends_with("(link check; +https://back.example)"), "{agent}");
    }
}

#[tokio::test]
async fn nothing_of_the_body_is_read() {
    static SENT: AtomicUsize = AtomicUsize::new(0);
    let endless = async || {
        Body::from_stream(futures_util::stream::repeat_with(|| {
            SENT.fetch_add(1, Ordering::Relaxed);
            Ok::<_, io::Error>(vec![0_u8; 64 * 1024])
        }))
    };
    let site = Router::new().fallback(get(endless));
    let at = served(site).await;
    assert_eq!(asker(HERE).ask(&format!("http://{at}/")).await, Found::Status(200));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let once = SENT.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(300)).await;
    // What the system keeps for a reader that does not come, and no more: the connection is gone.
    assert_eq!(SENT.load(Ordering::Relaxed), once);
    assert!(once < 1_000, "{once}");
}

#[tokio::test]
async fn five_redirects_are_followed_and_no_sixth() {
    let to = async |path: axum::extract::Path<u16>| match *path {
        0 => Err(StatusCode::GONE),
        more => Ok(Redirect::temporary(&format!("/{}", more - 1))),
    };
    let at = served(Router::new().route("/{more}", get(to))).await;
    assert_eq!(asker(HERE).ask(&format!("http://{at}/5")).await, Found::Status(410));
    assert_eq!(asker(HERE).ask(&format!("http://{at}/6")).await, Found::Circle);
}

#[tokio::test]
async fn a_redirect_that_leads_nowhere_is_an_answer() {
    let site = Router::new()
        .route("/none", get(StatusCode::FOUND))
        .route("/bad", get(async || (StatusCode::FOUND, [(header::LOCATION, "http://[")])));
    let at = served(site).await;
    for path in ["none", "bad"] {
        assert_eq!(asker(HERE).ask(&format!("http://{at}/{path}")).await, Found::Status(302));
    }
}

#[tokio::test]
async fn each_redirect_is_looked_at_as_the_first_address_was() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let inner = served(Router::new().fallback(async || {
        ASKED.fetch_add(1, Ordering::Relaxed);
        "secret"
    }))
    .await;
    let to = async move |path: axum::extract::Path<String>| {
        Redirect::to(&match path.as_str() {
            "number" => format!("http://127.0.0.2:{}/", inner.port()),
            "name" => format!("http://inner.example:{}/", inner.port()),
            "password" => format!("http://a:b@127.0.0.1:{}/", inner.port()),
            "relative" => format!("//127.0.0.2:{}/", inner.port()),
            _ => "file:///etc/passwd".to_owned(),
        })
    };
    let at = served(Router::new().route("/{path}", get(to))).await;
    let lookup: Lookup = |name| {
        let last = if name == "inner.example" { 2 } else { 1 };
        Box::pin(async move { Ok(vec![IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))]) })
    };
    // 127.0.0.1 stands for the internet, and 127.0.0.2 for what is behind it.
    let allowed = Allowed { address: |address| address == Ipv4Addr::LOCALHOST, ..HERE };
    let asker = Asker::within(SITE, allowed, lookup).unwrap();
    for path in ["number", "name", "password", "relative", "file"] {
        assert_eq!(asker.ask(&format!("http://outer.example:{}/{path}", at.port())).await, Found::NotAsked, "{path}");
    }
    assert_eq!(ASKED.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn only_addresses_of_the_public_web_are_asked() {
    let asker = Asker::new(SITE).unwrap();
    for address in [
        "http://localhost/",
        "https://localhost/",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://127.0.0.1./",
        "http://１２７.0.0.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fe80::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "https://1.1.1.1:8443/",
        "http://1.1.1.1:22/",
        "http://user@1.1.1.1/",
        "https://:password@1.1.1.1/",
        "ftp://1.1.1.1/",
        "file:///etc/passwd",
        "gopher://1.1.1.1:80/",
        "data:text/html,a",
        "//1.1.1.1/",
        "https://",
        "http://exa mple.org/",
        "",
    ] {
        assert_eq!(asker.ask(address).await, Found::NotAsked, "{address}");
    }
    for address in
        ["http://1.1.1.1/", "https://1.1.1.1", "http://1.1.1.1:443/", "https://[2606:4700::1]:80/", "HTTP://a.example"]
    {
        assert!(Allowed::PUBLIC.may_ask(&Url::parse(address).unwrap()), "{address}");
    }
}

#[tokio::test]
async fn a_name_with_one_address_inside_is_not_asked() {
    let lookup: Lookup = |_| Box::pin(async { Ok(vec![IpAddr::from([1, 1, 1, 1]), IpAddr::from([10, 0, 0, 1])]) });
    let asker = Asker::within(SITE, Allowed::PUBLIC, lookup).unwrap();
    assert_eq!(asker.ask("https://both.example/").await, Found::NotAsked);
}

#[tokio::test]
async fn a_name_is_resolved_once_and_the_connection_goes_there() {
    static LOOKED: AtomicUsize = AtomicUsize::new(0);
    // Good when it is looked at, and another a moment later.
    let lookup: Lookup = |_| {
        let last = if LOOKED.fetch_add(1, Ordering::Relaxed) == 0 { 1 } else { 2 };
        Box::pin(async move { Ok(vec![IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))]) })
    };
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asker = Asker::within(SITE, HERE, lookup).unwrap();
    let asking = tokio::spawn(async move { asker.ask(&format!("http://moves.example:{port}/")).await });
    let (connection, _) = listener.accept().await.unwrap();
    assert_eq!(connection.local_addr().unwrap().ip(), Ipv4Addr::LOCALHOST);
    drop(connection);
    assert_eq!(asking.await.unwrap(), Found::NoConnection);
    assert_eq!(LOOKED.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_does_not_answer_says_why() {
    let nowhere: Lookup = |_| Box::pin(async { Err(io::Error::other("no such host")) });
    let asker_without = Asker::within(SITE, HERE, nowhere).unwrap();
    assert_eq!(asker_without.ask("https://gone.example/").await, Found::NoName);

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(asker(HERE).ask(&format!("http://{closed}/")).await, Found::NoConnection);

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let patient = Asker { patience: Duration::from_millis(200), ..asker(HERE) };
    assert_eq!(patient.ask(&format!("http://{}/", silent.local_addr().unwrap())).await, Found::NoAnswer);

    // No certificate at all, where one is due.
    let plain = served(Router::new()).await;
    assert_eq!(asker(HERE).ask(&format!("https://{plain}/")).await, Found::NoConnection);
}
