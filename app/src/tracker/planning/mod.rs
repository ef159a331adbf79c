//! The plan's page: the exercises with their doses and days, a short start that finds a plan, and the library to choose from.

mod chooser;
mod doses;
pub mod island;
mod start;
