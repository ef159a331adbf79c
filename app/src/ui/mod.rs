//! What the features share on the page: the frame, the numbers to call, figures and form parts.

#[cfg(feature = "hydrate")]
pub mod browser;
pub mod call;
#[cfg(feature = "ssr")]
pub mod form;
pub mod handed;
#[cfg(feature = "ssr")]
pub mod page;

pub use call::Numbers;
pub use handed::handed;
