//! The progress page: what the days say over weeks and years, on charts, in sentences and in tables, with what is too little
//! to say; and the days themselves as a file.
//!
//! What it says is one text, made anew when the span or the days change: nothing in it reacts.

pub mod csv;
pub mod island;
pub mod marks;
pub mod report;
