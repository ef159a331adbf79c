//! Exercises: the library that readers look through and patients choose from.

#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod figure;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
pub mod import;
#[cfg(feature = "ssr")]
pub(crate) mod pages;
#[cfg(feature = "ssr")]
pub mod store;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::{article::Approver, day::Day};

/// One exercise, with its starting dose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// Its address: lower-case words joined by hyphens. The file's name.
    #[serde(default)]
    pub id: String,
    /// Its place in the library, from the front.
    pub position: i64,
    pub name: String,
    /// What it is good for, in a few words.
    pub purpose: String,
    pub summary: String,
    /// How to begin.
    pub start: String,
    pub steps: Vec<String>,
    pub sets: u8,
    /// In each set.
    pub reps: Option<u8>,
    /// Of each repetition.
    pub hold_seconds: Option<u16>,
    pub minutes: Option<u16>,
    /// How much the dose may grow to without a professional.
    #[serde(default)]
    pub up_to: UpTo,
    pub side: Side,
    pub frequency: String,
    /// How much discomfort is all right.
    pub pain_limit: String,
    /// When to stop.
    pub stop: Vec<String>,
    pub care: String,
    /// Not below this foot score, 0 to 5 (see `clinical.md`, foot test).
    pub min_foot_score: Option<u8>,
    pub avoid: Vec<Caution>,
    pub easier: String,
    pub figure_alt: String,
    /// The drawing: SVG of our own making, put in the page as it is.
    #[serde(default)]
    pub figure: String,
    pub source: Source,
}

/// The most of a dose; what is not said stays as it starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpTo {
    pub sets: Option<u8>,
    pub reps: Option<u8>,
    pub hold_seconds: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Done with the left and with the right.
    Each,
    None,
}

/// Whom an exercise is not for, or not without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caution {
    HipReplacement,
    ThinBones,
    PregnantOnBack,
    PregnantOnFront,
    WorseningFoot,
    BadKnees,
    BadWrists,
}

impl Caution {
    pub const ALL: [Self; 7] = [
        Self::HipReplacement,
        Self::ThinBones,
        Self::PregnantOnBack,
        Self::PregnantOnFront,
        Self::WorseningFoot,
        Self::BadKnees,
        Self::BadWrists,
    ];

    /// As a form and the files have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::HipReplacement => "hip-replacement",
            Self::ThinBones => "thin-bones",
            Self::PregnantOnBack => "pregnant-on-back",
            Self::PregnantOnFront => "pregnant-on-front",
            Self::WorseningFoot => "worsening-foot",
            Self::BadKnees => "bad-knees",
            Self::BadWrists => "bad-wrists",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::HipReplacement => "You have had a hip replacement: ask first",
            Self::ThinBones => "You have thin bones (osteoporosis): ask first",
            Self::PregnantOnBack => "You are more than 3 months pregnant: do not lie flat on your back",
            Self::PregnantOnFront => "You are more than 3 months pregnant: do not lie on your front",
            Self::WorseningFoot => "Your foot is getting weaker: do not do this one, and get help",
            Self::BadKnees => "Your knees are bad",
            Self::BadWrists => "Your wrists are bad",
        }
    }

    /// Why an exercise is left out of a plan: "Bridge is left out: not lying flat …".
    pub fn reason(self) -> &'static str {
        match self {
            Self::HipReplacement => "not with a hip replacement, until your surgeon or physiotherapist says so",
            Self::ThinBones => "not with thin bones (osteoporosis), until a doctor or physiotherapist says so",
            Self::PregnantOnBack => "not lying flat on your back after the first 3 months of pregnancy",
            Self::PregnantOnFront => "not lying on your front after the first 3 months of pregnancy",
            Self::WorseningFoot => "not while your foot or leg is getting weaker",
            Self::BadKnees => "not with bad knees",
            Self::BadWrists => "not with bad wrists",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub title: String,
    pub publisher: String,
    pub url: Option<String>,
}

/// An exercise as patients may have it in a plan: in the library, or taken out of it.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug)]
pub struct Known {
    pub exercise: Exercise,
    /// Why it was taken out of the library, for whoever still has it; nothing while it is there.
    pub retired: Option<String>,
}

/// An exercise as its page shows it.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug)]
pub struct Shown {
    pub known: Known,
    /// Nothing where no clinician signed it off.
    pub review: Option<Review>,
}

/// That a clinician signed an exercise off.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug)]
pub struct Review {
    pub by: Approver,
    pub on: Day,
    /// When it is to be looked at again; nothing before it is published.
    pub due: Option<Day>,
}

#[cfg(feature = "ssr")]
impl Review {
    /// Signed at a time in milliseconds since 1970, UTC.
    pub fn of(by: Approver, at: i64, due: Option<Day>) -> Self {
        const DAY: i64 = 24 * 60 * 60 * 1000;
        Self { by, on: Day::from_epoch_days(at.div_euclid(DAY)).unwrap_or_default(), due }
    }
}

impl Exercise {
    /// The dose on one line: "Each side · 10 times, hold 5 seconds · 3 sets".
    pub fn dose(&self) -> String {
        let side = (self.side == Side::Each).then(|| "Each side".to_owned());
        let times = self.reps.map(|reps| match reps {
            1 => "once".to_owned(),
            reps => format!("{reps} times"),
        });
        let hold = self.hold_seconds.map(|seconds| format!("hold {seconds} seconds"));
        let work: Vec<String> = [times, hold].into_iter().flatten().collect();
        let work = (!work.is_empty()).then(|| work.join(", "));
        let minutes = self.minutes.map(|minutes| format!("{minutes} minutes"));
        let sets = (self.sets > 1).then(|| format!("{} sets", self.sets));
        let parts: Vec<String> = [side, work, minutes, sets].into_iter().flatten().collect();
        let line = parts.join(" · ");
        let mut letters = line.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }
}
