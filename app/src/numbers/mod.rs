//! How many read an article, start the checker, and are shown which result: counted by day, and nothing else is known of them.
//!
//! A count is one addition in memory. Every few seconds what was counted is added to the database, by each server its own; a
//! server that dies loses at most those seconds. Nothing identifies a reader, so somebody who reads twice is two readings.

mod http;
mod pages;
pub mod store;

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{
    extract::Request,
    http::{Method, header},
};
pub use http::routes;

use crate::{AppState, Result, triage::Urgency};

/// What was counted since it was last added to the database; of articles, the shelf has it with the article.
#[derive(Debug, Default)]
pub struct Tally {
    starts: AtomicU64,
    /// By urgency, in the order of [`Urgency::ALL`].
    results: [AtomicU64; Urgency::ALL.len()],
}

impl Tally {
    /// Somebody opened the checker.
    pub fn start(&self) {
        self.starts.fetch_add(1, Ordering::Relaxed);
    }

    /// The server showed somebody a result.
    pub fn result(&self, urgency: Urgency) {
        if let Some(place) = Urgency::ALL.iter().position(|known| *known == urgency) {
            self.results[place].fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Whether a request is somebody's who reads: a page that is asked for whole, and not in advance, by what does not call itself a
/// robot. That the reader has the page already (304) makes it no less a reading.
pub fn is_read(request: &Request) -> bool {
    if request.method() != Method::GET || request.headers().contains_key("sec-purpose") {
        return false;
    }
    let program = request.headers().get(header::USER_AGENT).map(|program| program.as_bytes().to_ascii_lowercase());
    let names =
        |word: &[u8]| program.as_ref().is_some_and(|program| program.windows(word.len()).any(|part| part == word));
    program.is_some() && ![&b"bot"[..], b"crawl", b"spider", b"preview"].into_iter().any(names)
}

/// One number of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    pub what: What,
    /// An article's address, or how urgent a result was.
    pub about: String,
    pub count: u64,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    ArticleRead,
    CheckerStart,
    CheckerResult,
}

impl What {
    /// As the database writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ArticleRead => "article-read",
            Self::CheckerStart => "checker-start",
            Self::CheckerResult => "checker-result",
        }
    }
}

/// Adds to the database what was counted since the last time. What cannot be added is counted on.
///
/// # Errors
/// When the database fails.
pub async fn flush(state: &AppState) -> Result<()> {
    let tally = &state.tally;
    let mut counted: Vec<Counted> = vec![];
    let mut take = |what, about: String, number: &AtomicU64| {
        let count = number.swap(0, Ordering::Relaxed);
        if count > 0 {
            counted.push(Counted { what, about, count });
        }
    };
    take(What::CheckerStart, String::new(), &tally.starts);
    for (urgency, number) in Urgency::ALL.iter().zip(&tally.results) {
        take(What::CheckerResult, urgency_name(*urgency).to_owned(), number);
    }
    let reads = state.articles.reads();
    for (slug, number) in &reads {
        take(What::ArticleRead, slug.clone(), number);
    }
    if counted.is_empty() {
        return Ok(());
    }
    let added = store::add(&state.db, state.clock.today(), counted.clone()).await;
    if added.is_err() {
        for Counted { what, about, count } in counted {
            let number = match what {
                What::CheckerStart => Some(&tally.starts),
                What::CheckerResult => {
                    let place = Urgency::ALL.iter().position(|urgency| urgency_name(*urgency) == about);
                    place.map(|place| &tally.results[place])
                }
                What::ArticleRead => reads.iter().find(|(slug, _)| *slug == about).map(|(_, number)| &**number),
            };
            if let Some(number) = number {
                number.fetch_add(count, Ordering::Relaxed);
            }
        }
    }
    added
}

/// As the rule set and the database write it.
fn urgency_name(urgency: Urgency) -> &'static str {
    crate::triage::feedback::word(urgency)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    const FIREFOX: (&str, &str) =
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");

    fn is_counted(method: Method, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        is_read(&request.body(Body::empty()).unwrap())
    }

    #[test]
    fn a_reading_is_a_persons() {
        assert!(is_counted(Method::GET, &[FIREFOX]));
        assert!(is_counted(Method::GET, &[FIREFOX, ("if-none-match", "W/\"x\"")]));
        assert!(!is_counted(Method::HEAD, &[FIREFOX]));
        assert!(!is_counted(Method::GET, &[FIREFOX, ("sec-purpose", "prefetch;prerender")]));
        for robot in
            ["Mozilla/5.0 (compatible; Googlebot/2.1)", "AhrefsBot/7.0", "some-Spider", "WhatsApp link Preview"]
        {
            assert!(!is_counted(Method::GET, &[("user-agent", robot)]), "{robot}");
        }
        assert!(!is_counted(Method::GET, &[]), "every browser says what it is");
    }
}
