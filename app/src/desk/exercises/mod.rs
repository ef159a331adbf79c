//! Exercises on the desk: written by forms, approved by a clinician who wrote nothing of it, and then offered to patients.
//!
//! An exercise is what its file made it until somebody changes it here; from then on it is the desk's, and no file replaces it.
//! Every revision is whole: what could not be offered is not saved. One that is taken out of the library stays readable, with
//! the reason, because plans on patients' devices still have it.

mod form;
mod http;
mod list;
mod pages;
mod review;
pub mod store;
mod writing;

pub(super) use http::{routes, waiting};
pub(super) use list::Waiting;
pub(super) use pages::waiting as waiting_list;
use uuid::Uuid;

use super::{Approval, Comment, RevisionLine, Stage, Status, saved_after};
use crate::{day::Day, exercise::Exercise};

/// What one revision says.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    pub exercise: Exercise,
    /// Months from a review to the next, 1 to 60.
    pub review_months: u8,
}

/// What a file's exercise is looked at after, where nobody said otherwise.
pub const REVIEW_MONTHS: u8 = 12;

/// All that the desk knows of an exercise, but for the texts of its revisions.
#[derive(Clone, Debug)]
pub struct Dossier {
    pub slug: String,
    /// Of the newest revision.
    pub name: String,
    pub stage: Stage,
    pub newest: i64,
    /// What readers see, or saw last; 0 where they never did.
    pub current: i64,
    /// Whether it is in the library.
    pub offered: bool,
    pub archived: bool,
    /// What whoever still has it in their plan is told; empty while it is in the library.
    pub archived_note: String,
    pub review_due: Option<Day>,
    /// Newest first.
    pub revisions: Vec<RevisionLine>,
    /// Oldest first.
    pub comments: Vec<Comment>,
    /// Newest first.
    pub approvals: Vec<Approval>,
}

impl Dossier {
    pub fn status(&self, today: Day) -> Status {
        if self.archived { Status::Archived } else { Status::of(self.stage, false, self.review_due, today) }
    }

    /// Whether this account saved a revision after the one that readers see: then it does not approve.
    pub fn is_own(&self, account: Uuid) -> bool {
        saved_after(&self.revisions, self.current, account)
    }

    fn path(&self) -> String {
        path(&self.slug)
    }
}

/// Of an exercise's page on the desk.
fn path(slug: &str) -> String {
    format!("/admin/exercises/{slug}")
}
