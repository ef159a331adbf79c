//! The product: what Sciaticalm knows, decides, shows and keeps. One folder per feature, the same rooms in each
//! (see `docs/ARCHITECTURE.md`): types in `mod.rs`, pure logic in files named for their subject, SQL in `store.rs`,
//! handlers in `http.rs`, server-rendered pages in `pages.rs`, the hydrated part in `island.rs`.

// A page is one nested type, and the compiler counts its depth.
#![recursion_limit = "512"]

pub mod article;
pub mod day;
pub mod exercise;
#[cfg(feature = "ssr")]
pub mod feedback;
#[cfg(feature = "ssr")]
pub mod files;
#[cfg(feature = "ssr")]
pub mod numbers;
pub mod tracker;
pub mod triage;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod account;
#[cfg(feature = "ssr")]
pub mod admin;
#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod client;
#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
pub mod content;
#[cfg(feature = "ssr")]
pub mod db;
#[cfg(feature = "ssr")]
pub mod desk;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod mail;
#[cfg(feature = "ssr")]
pub mod media;
#[cfg(feature = "ssr")]
pub mod problem;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod rulebook;
#[cfg(feature = "ssr")]
pub mod settings;
#[cfg(feature = "ssr")]
pub mod site;
#[cfg(feature = "ssr")]
pub mod together;
#[cfg(feature = "ssr")]
pub mod toml_text;
#[cfg(feature = "ssr")]
pub mod vault;

#[cfg(feature = "ssr")]
pub use error::{Error, Result};
#[cfg(feature = "ssr")]
pub use site::AppState;
