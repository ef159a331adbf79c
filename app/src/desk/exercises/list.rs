//! The list of exercises: which ones, and in which order. There are tens and not thousands of them, so they are all read.

use uuid::Uuid;

use super::{Status, store};
use crate::{Error, Result, day::Day, db::Db, exercise::Exercise};

/// Which exercises to list, and how.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// Nothing: all but the archived.
    pub status: Option<Status>,
    /// Words in the name, the purpose, the summary or the address; empty for any.
    pub search: String,
    pub sort: Sort,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sort {
    /// As the library has them.
    #[default]
    Library,
    Name,
    /// The last saved first.
    Changed,
}

impl Sort {
    pub const ALL: [Self; 3] = [Self::Library, Self::Name, Self::Changed];

    /// As an address has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Library => "library",
            Self::Name => "name",
            Self::Changed => "changed",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Library => "As in the library",
            Self::Name => "By name",
            Self::Changed => "Last changed first",
        }
    }
}

/// An exercise in the desk's list.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub exercise: Exercise,
    pub status: Status,
    pub saved_at: i64,
    pub saved_by: Option<Uuid>,
    pub review_due: Option<Day>,
    pub open_comments: i64,
    /// Whether a revision of it is in the library.
    pub offered: bool,
}

/// Every exercise, as the library has them.
///
/// # Errors
/// When the database fails.
pub(super) async fn all(db: &Db, today: Day) -> Result<Vec<Found>> {
    let found = |row: store::ListedRow| {
        let stage = store::read_stage(&row.stage)?;
        let review_due = row.review_due_on.parse().ok();
        Ok(Found {
            exercise: serde_json::from_str(&row.body).map_err(Error::internal)?,
            status: if row.archived { Status::Archived } else { Status::of(stage, false, review_due, today) },
            saved_at: row.saved_at,
            saved_by: row.saved_by,
            review_due,
            open_comments: row.open_comments,
            offered: row.offered,
        })
    };
    let mut all: Vec<Found> = store::list(db).await?.into_iter().map(found).collect::<Result<_>>()?;
    all.sort_by(|a, b| (a.exercise.position, &a.exercise.id).cmp(&(b.exercise.position, &b.exercise.id)));
    Ok(all)
}

impl Filter {
    /// What it leaves, in its order.
    pub(super) fn of(&self, mut all: Vec<Found>) -> Vec<Found> {
        let words = self.search.trim().to_lowercase();
        all.retain(|one| {
            let exercise = &one.exercise;
            let texts = [&exercise.name, &exercise.purpose, &exercise.summary, &exercise.id];
            self.status.map_or(one.status != Status::Archived, |status| status == one.status)
                && texts.iter().any(|text| text.to_lowercase().contains(&words))
        });
        match self.sort {
            Sort::Library => {}
            Sort::Name => all.sort_by_key(|one| one.exercise.name.to_lowercase()),
            Sort::Changed => all.sort_by_key(|one| std::cmp::Reverse(one.saved_at)),
        }
        all
    }
}

/// Exercises that wait for something.
#[derive(Clone, Debug)]
pub(in crate::desk) struct Waiting {
    pub title: &'static str,
    pub(super) status: Status,
    pub(super) found: Vec<Found>,
}
