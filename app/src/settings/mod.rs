//! What administrators set of the site, at `/admin/settings`: its name, the numbers to call, authors, disclaimer, banner, time zone,
//! and what becomes of articles that nobody reviewed in time.
//!
//! Every save is kept whole, and the last one counts; where nobody saved any, it is what the process was started with
//! (`server/src/config.rs`). Running servers take a save over within seconds (`server/src/takeover.rs`). Wherever numbers are stored
//! in texts, they are stored as places, and put in when the text is shown ([`crate::article::markdown::with_numbers`]).

mod check;
mod countries;
mod http;
mod pages;
pub mod store;
mod typed;

use serde::{Deserialize, Serialize};

pub use check::check;
pub use http::routes;

use crate::site::Settings;

/// A save, as it is kept in the data folder too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// 1, 2, 3 …
    pub number: i64,
    /// As JSON, whole.
    pub settings: String,
}

impl Saved {
    /// What it says, if a site can have that.
    ///
    /// # Errors
    /// Everything that speaks against it.
    pub fn read(&self, public_url: &str) -> Result<Settings, Vec<String>> {
        let read: Settings = serde_json::from_str(&self.settings).map_err(|error| vec![error.to_string()])?;
        let settings = Settings { public_url: public_url.to_owned(), ..read };
        let problems: Vec<String> = check(&settings).iter().map(|(_, message)| message.to_owned()).collect();
        if problems.is_empty() { Ok(settings) } else { Err(problems) }
    }
}
