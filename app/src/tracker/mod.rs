//! The tracker: what a patient does and feels each day, kept on the device, and watched for danger.
//!
//! A patient's [`log::Change`] shows on the [`sheet::Sheet`] at once and is judged there, by the checker's own rules; the
//! device keeps it a moment later. So neither a full disk nor a slow one ever stands between a warning sign and its
//! advice. Nothing leaves the device.

#[cfg(feature = "tracker")]
mod alert_view;
#[cfg(feature = "tracker")]
pub mod chart;
#[cfg(feature = "tracker")]
pub mod copy;
#[cfg(all(feature = "tracker", feature = "hydrate"))]
mod device;
#[cfg(all(feature = "tracker", not(feature = "hydrate")))]
#[path = "no_device.rs"]
mod device;
#[cfg(feature = "tracker")]
pub mod entry;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(all(feature = "tracker", feature = "hydrate"))]
mod indexed_db;
#[cfg(feature = "tracker")]
pub mod island;
#[cfg(feature = "tracker")]
pub mod log;
#[cfg(feature = "tracker")]
mod measures_view;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "tracker")]
pub mod plan;
#[cfg(feature = "tracker")]
mod plan_start;
#[cfg(feature = "tracker")]
mod plan_view;
#[cfg(feature = "tracker")]
pub mod sheet;
#[cfg(feature = "tracker")]
pub mod starter;
#[cfg(feature = "ssr")]
pub mod starter_file;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "tracker")]
mod today_view;
#[cfg(feature = "tracker")]
pub mod trend;
#[cfg(feature = "tracker")]
pub mod watch;

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
    #[cfg(feature = "tracker")]
    pub ladder: plan::Ladder,
    pub avoid: Vec<Caution>,
    /// 0 to 5, of the weaker foot.
    pub min_foot_score: Option<u8>,
    /// What to mind before choosing it, and whom it is not for; empty if it is for everybody.
    pub care: Vec<String>,
    /// The drawing: SVG of our own making, put in the page as it is.
    pub figure: String,
}
