//! The content desk: where editors write articles, clinicians approve them, and nothing unsafe is published.

pub mod advice;
pub mod compare;
pub mod manuscript;
pub mod merge;
pub mod safety;
