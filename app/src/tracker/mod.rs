//! The tracker: what a patient does and feels each day, kept on the device, and watched for danger.
//!
//! Each of its pages is an island with a wasm of its own: [`today`], [`planning`], [`session`], [`body`], [`progress`]. What they share is here: the days and the
//! plan (`entry.rs`, `log.rs`, `plan.rs`, `sheet.rs`), what many days say (`watch.rs`, `trend.rs`, `chart.rs`), and the
//! [`shell`] that shows a page, and an emergency in its place.
//!
//! A patient's [`log::Change`] shows on the [`sheet::Sheet`] at once and is judged there, by the checker's own rules; the
//! device keeps it a moment later. So neither a full disk nor a slow one ever stands between a warning sign and its
//! advice. Without an account nothing leaves the device; with one, and its owner's consent, [`sync`] does the rest.

#[cfg(feature = "tracking")]
pub mod activities;
#[cfg(feature = "tracking")]
mod alert_view;
#[cfg(feature = "body")]
pub mod body;
#[cfg(feature = "tracking")]
pub mod chart;
#[cfg(feature = "tracking")]
pub mod copy;
#[cfg(all(feature = "tracking", feature = "hydrate"))]
mod device;
#[cfg(all(feature = "tracking", not(feature = "hydrate")))]
#[path = "no_device.rs"]
mod device;
#[cfg(feature = "tracking")]
pub mod doing;
#[cfg(feature = "tracking")]
pub mod entry;
#[cfg(feature = "tracking")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(all(feature = "tracking", feature = "hydrate"))]
mod indexed_db;
#[cfg(feature = "tracking")]
pub mod log;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "tracking")]
pub mod plan;
#[cfg(feature = "planning")]
pub mod planning;
#[cfg(feature = "progress")]
pub mod progress;
#[cfg(feature = "ssr")]
pub mod recent;
#[cfg(feature = "ssr")]
pub mod reminders;
#[cfg(feature = "ssr")]
pub mod saves;
#[cfg(feature = "session")]
pub mod session;
#[cfg(feature = "ssr")]
pub mod share;
#[cfg(feature = "tracking")]
pub mod sheet;
#[cfg(feature = "tracking")]
pub mod shell;
#[cfg(feature = "tracking")]
pub mod starter;
#[cfg(feature = "ssr")]
pub mod starter_file;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod summary;
#[cfg(feature = "tracking")]
pub mod sync;
#[cfg(feature = "today")]
pub mod today;
#[cfg(feature = "tracking")]
pub mod trend;
#[cfg(feature = "tracking")]
pub mod watch;
#[cfg(feature = "ssr")]
mod week;
#[cfg(feature = "tracking")]
pub mod zones;

use serde::{Deserialize, Serialize};

use crate::exercise::Caution;

/// What the tracker shows of an exercise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub id: String,
    pub name: String,
    pub purpose: String,
    /// Its starting dose, on one line.
    pub dose: String,
    #[cfg(feature = "tracking")]
    pub ladder: plan::Ladder,
    pub avoid: Vec<Caution>,
    /// 0 to 5, of the weaker foot.
    pub min_foot_score: Option<u8>,
    /// What to mind before choosing it, and whom it is not for; empty if it is for everybody.
    pub care: Vec<String>,
    /// The drawing: SVG of our own making, put in the page as it is.
    pub figure: String,
    /// Why it is not in the library any more, where a plan may still have it; empty while it is.
    pub retired: String,
}

#[cfg(feature = "tracking")]
impl Card {
    /// Whether it may be chosen and guided through.
    pub fn is_offered(&self) -> bool {
        self.retired.is_empty()
    }

    /// A dose of it on one line, with its days.
    pub fn in_words(&self, dose: &plan::Dose) -> String {
        let words = dose.words();
        let words = if words.is_empty() { &self.dose } else { &words };
        format!("{words} · {}", dose.days.words())
    }

    /// "As its page says", in numbers.
    pub fn in_numbers(&self, dose: plan::Dose) -> plan::Dose {
        if dose.reps == 0 && dose.hold == 0 { plan::Dose { days: dose.days, ..self.ladder.start } } else { dose }
    }
}
