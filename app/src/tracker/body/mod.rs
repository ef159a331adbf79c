//! The body's page: a chart of where it hurts or is numb, and the patient's own activities.

mod abilities;
mod chart;
pub mod island;
mod list;
