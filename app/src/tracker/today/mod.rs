//! The day's page: what a patient opens every day. The exercises to tick, the pains to rate, the warning signs, and the
//! foot test.

mod exercises;
pub mod island;
mod measures;
mod view;
