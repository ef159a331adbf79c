//! What the tracker watches for from day to day: rules over what is measured, in the same rule set as the checker's. They
//! are data; `tracker/watch.rs` decides by them.

use serde::{Deserialize, Serialize};

use super::{Source, Urgency};

/// A rule of the tracker (T1 to T8 of the clinical document, section 3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// "T1" to "T8".
    pub id: String,
    /// What it may mean, as one or two plain sentences.
    pub cause: String,
    /// When it fires.
    pub limits: Limits,
    /// Most urgent first; never empty. Which of them it is, the engine decides.
    pub grades: Vec<WatchGrade>,
    /// For how many days an answer "I have got help" also holds for the same again, where it is no worse; 0 where each day
    /// that fires is to be answered.
    pub answered_days: u16,
    pub sources: Vec<Source>,
    /// For clinicians: where it departs from its sources, and why. The server's alone.
    #[serde(skip)]
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchGrade {
    pub urgency: Urgency,
    /// What to do beside what the urgency says, with places for the site's numbers: `{urgent}`.
    pub act: String,
}

impl Watch {
    /// The most urgent outcome that the rule can have.
    pub fn highest(&self) -> Urgency {
        self.grades.first().map_or(Urgency::Emergency, |grade| grade.urgency)
    }

    /// The least urgent.
    pub fn lowest(&self) -> Urgency {
        self.grades.last().map_or(Urgency::Emergency, |grade| grade.urgency)
    }

    /// What to do beside what the outcome says.
    pub fn act(&self, urgency: Urgency) -> Option<&str> {
        self.grades.iter().find(|grade| grade.urgency == urgency).map(|grade| grade.act.as_str())
    }
}

/// When a rule fires: one kind for each rule. "Days" are calendar days; "within n days" of a day is that day and the n
/// before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Limits {
    /// T1: a sign of the daily list that the checker's rules make an emergency.
    Emergency,
    /// T2: strength that falls.
    Strength(Strength),
    /// T3: a leg that was well begins to hurt, or goes numb.
    OtherLeg(OtherLeg),
    /// T4: leg pain that rises above what it began with.
    Rise(Rise),
    /// T5: broken nights, or leg pain that rises slowly although the exercises are done.
    Stuck(Stuck),
    /// T6: less pain, and less strength.
    Quieter(Quieter),
    /// T7: a sign of the daily list that the checker's rules make urgent: a fever.
    Urgent,
    /// T8: trips, with a foot that is not as the other.
    Trips(Trips),
}

/// See [`Limits::Strength`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strength {
    /// How far the foot score (0 to 5) has to fall below the best of the last `days`.
    pub foot_points: u16,
    /// How far the steps on the heel (0 to 10) have to fall.
    pub heel_walk_steps: u16,
    /// How far back the best is looked for; where there was no test in these days, the last one before them counts.
    pub days: u16,
    /// A fall of the foot score by this much …
    pub fast_foot_points: u16,
    /// … in this many days is an emergency; a test that is older than this has the patient asked when it began.
    pub fast_days: u16,
}

/// See [`Limits::OtherLeg`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherLeg {
    /// How much the leg hurts now, at the least (0 to 10).
    pub pain: u16,
    /// How numb it is now, at the least (0 to 10), after none.
    pub numbness: u16,
    /// How much it hurt before, at the most.
    pub calm_pain: u16,
    /// For how long before.
    pub days: u16,
    /// On how many of these days that has to have been logged.
    pub least_logged: u16,
}

/// What a week's middle value is taken of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Week {
    /// Its length in days, the last one among them.
    pub days: u16,
    /// With fewer days logged it has no middle value.
    pub least_logged: u16,
}

/// See [`Limits::Rise`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rise {
    /// How far the middle value of leg pain (0 to 10) has to rise above that of the first days.
    pub points: u16,
    /// And by how much of it, in percent.
    pub percent: u16,
    /// For how many days running.
    pub running_days: u16,
    /// How many days are the first: those that were logged first.
    pub first_days: u16,
    pub week: Week,
}

/// See [`Limits::Stuck`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stuck {
    /// Woken on this many nights …
    pub nights: u16,
    /// … of this many.
    pub of_nights: u16,
    /// Or how far the middle value of leg pain (0 to 10) has to rise …
    pub points: u16,
    /// … in this many days …
    pub days: u16,
    /// … although this much of the exercises was done, in percent.
    pub adherence_percent: u16,
    pub week: Week,
}

/// See [`Limits::Quieter`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quieter {
    /// How far the pain of a leg (0 to 10) has to fall.
    pub pain_points: u16,
    /// And the score of a foot (0 to 5).
    pub foot_points: u16,
    /// Both within these days.
    pub days: u16,
}

/// See [`Limits::Trips`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trips {
    /// How many trips and stumbles …
    pub trips: u16,
    /// … in this many days, the last one among them …
    pub days: u16,
    /// … with a last foot score of this at the most, on either side.
    pub foot_at_most: u16,
}

#[cfg(feature = "ssr")]
impl Limits {
    /// When the rule fires, in words, from the limits themselves: what a clinician is to check.
    pub fn said(&self) -> String {
        match self {
            Self::Emergency => "A sign of the daily list that is an emergency in the rules above.".to_owned(),
            Self::Urgent => "A sign of the daily list that is urgent in the rules above: a fever.".to_owned(),
            Self::Strength(Strength { foot_points, heel_walk_steps, days, fast_foot_points, fast_days }) => format!(
                "The foot score falls by {foot_points} or more, or the heel-walk by {heel_walk_steps} steps or more, below the \
                 best of the last {days} days on the same side (or below the last test, where it is older). A fall of the foot \
                 score by {fast_foot_points} or more within {fast_days} days is the more urgent; where the test before is older \
                 than that, it is asked when the weakness began: {fast_days} days or less, and not sure, are the more urgent."
            ),
            Self::OtherLeg(OtherLeg { pain, numbness, calm_pain, days, least_logged }) => format!(
                "A leg hurts {pain} or more, after {days} days at {calm_pain} or less, or is numb {numbness} or more, after {days} \
                 days without, while the other leg was not well. At least {least_logged} of these days have to be logged."
            ),
            Self::Rise(Rise { points, percent, running_days, first_days, week }) => format!(
                "The middle value of {} days of leg pain (the worse leg; at least {} days logged) is {points} points and \
                 {percent}% above that of the first {first_days} days logged, for {running_days} days running.",
                week.days, week.least_logged
            ),
            Self::Stuck(Stuck { nights, of_nights, points, days, adherence_percent, week }) => format!(
                "Woken on {nights} nights or more of {of_nights}; or the middle value of {} days of leg pain (the worse leg; at \
                 least {} days logged) is {points} or more above that of {days} days before, although {adherence_percent}% or \
                 more of the exercises were done, or it is not known how many.",
                week.days, week.least_logged
            ),
            Self::Quieter(Quieter { pain_points, foot_points, days }) => format!(
                "The pain of a leg falls by {pain_points} or more while a foot score falls by {foot_points} or more, both within \
                 {days} days."
            ),
            Self::Trips(Trips { trips, days, foot_at_most }) => format!(
                "{trips} trips or more in {days} days, with a last foot score of {foot_at_most} or less on either side."
            ),
        }
    }
}
