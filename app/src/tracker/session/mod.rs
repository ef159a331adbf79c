//! The guided session: today's exercises one at a time, with their steps, a counter, a timer, and when to stop.

mod controls;
pub mod course;
#[cfg(feature = "hydrate")]
mod cues;
#[cfg(not(feature = "hydrate"))]
#[path = "no_cues.rs"]
mod cues;
pub mod island;
mod view;

use serde::{Deserialize, Serialize};

/// What the session says of an exercise beside its card: no other part of the tracker needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guide {
    /// How to begin.
    pub start: String,
    pub steps: Vec<String>,
    /// How much discomfort is all right.
    pub pain_limit: String,
    /// When to stop.
    pub stop: Vec<String>,
}
