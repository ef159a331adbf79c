//! "Was this page useful?": what readers say of an article. An answer is one press, and only counted; who wants to can add a few
//! words on the page after it. Nothing is kept of who or where they are.

mod http;
mod pages;
pub mod store;

pub use http::routes;
pub(crate) use pages::question;

/// How many letters a remark may have.
pub const MOST_LETTERS: usize = 1_000;
/// How many remarks on one article are taken in a day: more than anybody reads, and less than fills a disk.
pub const MOST_A_DAY: i64 = 200;
/// For how many days a remark is kept.
pub const KEPT_FOR: i64 = 2 * 365;

/// How far a remark is, for the staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    New,
    /// Read, and not acted upon yet.
    Seen,
    Done,
}

impl Stage {
    pub const ALL: [Self; 3] = [Self::New, Self::Seen, Self::Done];

    /// As the database and the forms write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Seen => "seen",
            Self::Done => "done",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}
