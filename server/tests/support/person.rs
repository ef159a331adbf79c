//! Somebody with a browser: an address, cookies, and what people do with forms and e-mails.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header},
};

use super::{Answer, TestApp, letters::Letter};

/// Good enough for anybody.
pub const PASSWORD: &str = "correct horse battery staple";

pub struct Person<'a> {
    pub app: &'a TestApp,
    /// As the proxy in front tells it.
    pub address: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl<'a> Person<'a> {
    /// On a network of their own.
    pub fn new(app: &'a TestApp) -> Self {
        static PEOPLE: AtomicU32 = AtomicU32::new(0);
        let n = PEOPLE.fetch_add(1, Ordering::Relaxed);
        Self { app, address: format!("10.{}.{}.1", n / 250, n % 250), cookies: Mutex::default() }
    }

    /// Where the proxy says so.
    pub fn at(app: &'a TestApp, address: impl Into<String>) -> Self {
        Self { app, address: address.into(), cookies: Mutex::default() }
    }

    /// With an account, signed in.
    pub async fn with_account(app: &'a TestApp, email: &str) -> Self {
        let person = Self::new(app);
        person.sign_up(email, PASSWORD).await;
        person
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form from a page of the site.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.form(path, fields)).await
    }

    /// A form from a page of the site.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> Request<Body> {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let request = self
            .request(Method::POST, path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(Body::from(fields.join("&"))).unwrap()
    }

    /// The names of the cookies that they have.
    pub fn cookie_names(&self) -> Vec<String> {
        self.cookies.lock().unwrap().keys().cloned().collect()
    }

    /// A request with their cookies and from their address, to be finished.
    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder().method(method).uri(path).header("x-forwarded-for", &self.address);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        request.extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))))
    }

    /// Sends it, and keeps the cookies that come back.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.app.send(request).await;
        let mut cookies = self.cookies.lock().unwrap();
        for value in answer.headers.get_all(header::SET_COOKIE) {
            let value = value.to_str().unwrap();
            let (name, rest) = value.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
            }
        }
        drop(cookies);
        answer
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// As if the browser had been closed and its cookies cleared.
    pub fn forget_cookies(&self) {
        self.cookies.lock().unwrap().clear();
    }

    /// Signs up, follows the link, gives the password again: has an account, and is signed in.
    pub async fn sign_up(&self, email: &str, password: &str) {
        let fields = [("email", email), ("password", password), ("old_enough", "yes")];
        let before = self.app.letters_to(email).await.len();
        let answer = self.post("/sign-up", &fields).await;
        assert_eq!(answer.header("location"), "/sign-up/sent", "{}", answer.text());
        let letter = self.app.next_letter_to(email, before).await;
        let finished = self.post("/sign-up/confirm", &[("token", letter.token()), ("password", password)]).await;
        assert_eq!(finished.header("location"), "/account", "{}", finished.text());
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/sign-in", &[("email", email), ("password", password)]).await
    }

    /// Shows again that it is them.
    pub async fn confirm(&self, password: &str) {
        let answer = self.post("/account/confirm", &[("password", password)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    }

    pub async fn is_signed_in(&self) -> bool {
        self.get("/account").await.status == StatusCode::OK
    }
}

impl TestApp {
    pub async fn letters_to(&self, email: &str) -> Vec<Letter> {
        self.letters().await.into_iter().filter(|letter| letter.to == email).collect()
    }

    /// The letter after so many, which is written after the form was answered.
    pub async fn next_letter_to(&self, email: &str, before: usize) -> Letter {
        for _ in 0..500 {
            let mut letters = self.letters_to(email).await;
            if letters.len() > before {
                return letters.remove(before);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no letter to {email}");
    }
}

impl Letter {
    /// The secret in its link.
    pub fn token(&self) -> &str {
        self.link().split_once("token=").unwrap_or_else(|| panic!("no token: {}", self.plain)).1
    }
}

/// As a form sends it.
pub fn encoded(text: &str) -> String {
    let kept = |c: u8| c.is_ascii_alphanumeric() || b"-._~".contains(&c);
    text.bytes().map(|c| if kept(c) { char::from(c).to_string() } else { format!("%{c:02X}") }).collect()
}
