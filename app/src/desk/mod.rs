//! The content desk: where editors write articles, clinicians approve them, and nothing unsafe is published.
//!
//! Of an article readers see one revision, and editors work on the newest. That one goes from draft to review, is approved by
//! a clinician who wrote nothing of it, and is then published, now or at a time. Whatever is saved after is a draft again.

pub mod advice;
pub mod compare;
pub mod drafts;
pub mod due;
pub mod exercises;
mod flow;
mod http;
pub mod links;
pub mod list;
mod live;
pub mod manuscript;
pub mod merge;
mod pages;
mod pictures;
pub mod publishing;
mod review;
pub mod review_link;
pub mod safety;
mod several;
mod signature;
pub mod store;
pub mod when;
mod writing;

use sqlx::FromRow;
use uuid::Uuid;

pub(crate) use http::event;
use manuscript::Manuscript;
pub(crate) use pages::{differences, page, who};
use review_link::ReviewLink;
pub(crate) use signature::Signature;

use crate::{day::Day, routes::Routes};

/// Every route of the desk.
pub fn routes() -> Routes {
    http::routes().and(review_link::routes())
}

/// How far the newest revision of an article is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Draft,
    InReview,
    Approved,
    /// It is what readers see.
    Published,
}

impl Stage {
    const ALL: [Self; 4] = [Self::Draft, Self::InReview, Self::Approved, Self::Published];

    /// As the database writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in-review",
            Self::Approved => "approved",
            Self::Published => "published",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// How an article stands, of which its stage is a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Draft,
    InReview,
    Approved,
    /// Approved, with a time at which it is published.
    Scheduled,
    Published,
    /// Published, and its review is due.
    Due,
    /// Published, and due for more than 90 days.
    Expired,
    /// Off the site.
    Archived,
}

/// For how many days an article may be due before it has expired.
const GRACE: i64 = 90;

impl Status {
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::InReview,
        Self::Approved,
        Self::Scheduled,
        Self::Published,
        Self::Due,
        Self::Expired,
        Self::Archived,
    ];

    /// As an address and the store write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in-review",
            Self::Approved => "approved",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
            Self::Due => "due",
            Self::Expired => "expired",
            Self::Archived => "archived",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::InReview => "In review",
            Self::Approved => "Approved",
            Self::Scheduled => "Scheduled",
            Self::Published => "Published",
            Self::Due => "Review due",
            Self::Expired => "Review overdue",
            Self::Archived => "Archived",
        }
    }

    /// Of something at this stage that is not archived.
    fn of(stage: Stage, planned: bool, review_due: Option<Day>, today: Day) -> Self {
        match (stage, review_due.filter(|due| *due < today)) {
            (Stage::Draft, _) => Self::Draft,
            (Stage::InReview, _) => Self::InReview,
            (Stage::Approved, _) if planned => Self::Scheduled,
            (Stage::Approved, _) => Self::Approved,
            (Stage::Published, None) => Self::Published,
            (Stage::Published, Some(due)) if due < Self::expired_before(today) => Self::Expired,
            (Stage::Published, Some(_)) => Self::Due,
        }
    }

    /// What was due before this day has expired.
    pub fn expired_before(today: Day) -> Day {
        today.plus(-GRACE)
    }
}

/// All that the desk knows of an article, but for the texts of its revisions.
#[derive(Clone, Debug)]
pub struct Dossier {
    pub id: Uuid,
    pub slug: String,
    /// Of the newest revision.
    pub title: String,
    pub stage: Stage,
    /// The newest revision's number.
    pub newest: i64,
    /// Of the revision that readers see; 0 while there is none.
    pub current: i64,
    /// When it is published, in milliseconds since 1970, UTC.
    pub publish_at: Option<i64>,
    pub archived: bool,
    pub published_on: Option<Day>,
    pub review_due: Option<Day>,
    /// Newest first.
    pub revisions: Vec<RevisionLine>,
    /// Oldest first.
    pub comments: Vec<Comment>,
    /// To the newest revision, newest first.
    pub links: Vec<ReviewLink>,
    /// Newest first.
    pub approvals: Vec<Approval>,
}

impl Dossier {
    pub fn status(&self, today: Day) -> Status {
        if self.archived {
            return Status::Archived;
        }
        Status::of(self.stage, self.publish_at.is_some(), self.review_due, today)
    }

    /// Whether this account saved a revision after the one that readers see: then it does not approve.
    pub fn is_own(&self, account: Uuid) -> bool {
        saved_after(&self.revisions, self.current, account)
    }
}

/// Whether an account saved one of these revisions after the one that readers see.
fn saved_after(revisions: &[RevisionLine], current: i64, account: Uuid) -> bool {
    revisions.iter().any(|revision| revision.number > current && revision.saved_by == Some(account))
}

/// A revision in a list.
#[derive(Clone, Debug, FromRow)]
pub struct RevisionLine {
    pub number: i64,
    /// Milliseconds since 1970, UTC; so are the times below.
    pub saved_at: i64,
    pub saved_by: Option<Uuid>,
    /// While the account is there.
    pub saved_by_email: Option<String>,
    pub note: String,
    pub from_file: bool,
}

/// One revision, whole.
#[derive(Clone, Debug)]
pub struct Revision {
    pub number: i64,
    pub manuscript: Manuscript,
    /// Empty where the Markdown could not be rendered.
    pub html: String,
}

/// Something said on a revision.
#[derive(Clone, Debug, FromRow)]
pub struct Comment {
    pub id: Uuid,
    pub revision: i64,
    pub said_by: Option<Uuid>,
    /// While the account is there.
    #[sqlx(default)]
    pub said_by_email: Option<String>,
    /// The name that somebody without an account gave; empty for the staff.
    pub said_as: String,
    pub said: String,
    pub said_at: i64,
    /// Nothing while it is open.
    #[sqlx(default)]
    pub resolved_at: Option<i64>,
}

/// A clinician's approval of exactly one revision.
#[derive(Clone, Debug, FromRow)]
pub struct Approval {
    pub revision: i64,
    /// The account, while it is there.
    pub reviewer: Option<Uuid>,
    pub name: String,
    pub registration: String,
    pub approved_at: i64,
    /// Why it was approved although the safety check found something.
    #[sqlx(default)]
    pub override_reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: i64, saved_by: Option<u128>) -> RevisionLine {
        RevisionLine {
            number,
            saved_at: 0,
            saved_by: saved_by.map(Uuid::from_u128),
            saved_by_email: None,
            note: String::new(),
            from_file: false,
        }
    }

    fn dossier(stage: Stage, due: &str) -> Dossier {
        Dossier {
            id: Uuid::nil(),
            slug: String::new(),
            title: String::new(),
            stage,
            newest: 3,
            current: 2,
            publish_at: None,
            archived: false,
            published_on: None,
            review_due: due.parse().ok(),
            revisions: vec![line(3, Some(7)), line(2, Some(8)), line(1, None)],
            comments: vec![],
            links: vec![],
            approvals: vec![],
        }
    }

    #[test]
    fn what_is_published_is_due_and_then_overdue() {
        let today: Day = "2026-11-22".parse().unwrap();
        for (due, expected) in [
            ("2026-11-23", Status::Published),
            ("2026-11-22", Status::Published),
            ("2026-11-21", Status::Due),
            ("2026-08-24", Status::Due),
            ("2026-08-23", Status::Expired),
        ] {
            assert_eq!(dossier(Stage::Published, due).status(today), expected, "{due}");
        }
        assert_eq!(dossier(Stage::Draft, "2020-01-01").status(today), Status::Draft);
        let planned = Dossier { publish_at: Some(1), ..dossier(Stage::Approved, "") };
        assert_eq!(planned.status(today), Status::Scheduled);
        assert_eq!(Dossier { archived: true, ..planned }.status(today), Status::Archived);
    }

    #[test]
    fn a_text_is_ones_own_that_one_saved_after_what_readers_see() {
        let dossier = dossier(Stage::InReview, "");
        assert!(dossier.is_own(Uuid::from_u128(7)));
        assert!(!dossier.is_own(Uuid::from_u128(8)), "that is published already");
        assert!(!dossier.is_own(Uuid::from_u128(9)));
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for status in Status::ALL {
            assert_eq!(Status::named(status.name()), Some(status));
        }
        for stage in Stage::ALL {
            assert_eq!(Stage::named(stage.name()), Some(stage));
        }
    }
}
