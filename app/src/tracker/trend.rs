//! What many days say together: the usual, what changed and whether it matters, and how a plan was kept. Pure.
//!
//! A good figure must never hide a bad sign, so what is not known stays unknown: nothing is filled in between days, and
//! there is no usual value where too few days were logged.

use super::log::{ACTIVITIES, DayLog, Measure};
use crate::day::Day;

/// A number in tenths: 35 is 3.5. There are no floats here, because to format one costs kilobytes of wasm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tenths(pub u16);

impl Tenths {
    pub fn whole(number: u16) -> Self {
        Self(number.saturating_mul(10))
    }

    /// "3", or "3.5".
    pub fn words(self) -> String {
        let (whole, rest) = ((self.0 / 10).to_string(), self.0 % 10);
        if rest == 0 { whole } else { [whole.as_str(), &rest.to_string()].join(".") }
    }
}

/// Whether a greater number is a worse one.
pub fn more_is_worse(measure: Measure) -> bool {
    match measure {
        Measure::Pain(_) | Measure::Numbness(_) | Measure::Trips | Measure::Woken | Measure::Effort => true,
        Measure::Foot(_) | Measure::HeelWalk(_) | Measure::HeelRaise(_) | Measure::Activity(_) => false,
        // As long as one can.
        Measure::Sitting | Measure::Walking => false,
    }
}

/// What was measured, day by day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    pub measure: Measure,
    /// By day, each once; a day on which it was not measured is not there.
    pub points: Vec<(Day, u16)>,
}

/// Of how many days the usual value is the middle.
pub const WINDOW: i64 = 7;
/// How many of them must have been logged. With fewer there is none, rather than one that three good days made: people
/// log less when they feel worse, and what is missing may be what was bad.
pub const ENOUGH: usize = 4;

impl Series {
    /// From logs in any order. Of two logs of one day the worse counts.
    pub fn of(logs: &[DayLog], measure: Measure) -> Self {
        let mut points: Vec<(Day, u16)> = Vec::with_capacity(logs.len());
        for log in logs {
            let Some(value) = log.measured(measure) else { continue };
            let at = points.partition_point(|(day, _)| *day < log.day);
            match points.get_mut(at) {
                Some((day, other)) if *day == log.day => *other = worse(measure, *other, value),
                _ => points.insert(at, (log.day, value)),
            }
        }
        Self { measure, points }
    }

    /// The points of these days, both among them.
    pub fn between(&self, from: Day, to: Day) -> &[(Day, u16)] {
        let start = self.points.partition_point(|(day, _)| *day < from);
        let end = self.points.partition_point(|(day, _)| *day <= to);
        self.points.get(start..end).unwrap_or_default()
    }

    /// What is usual: the median of the 7 days that end with this one; a half where it falls between two. None where fewer
    /// than [`ENOUGH`] of them were logged.
    pub fn median(&self, day: Day) -> Option<Tenths> {
        let week = self.between(day.plus(1 - WINDOW), day);
        if week.len() < ENOUGH {
            return None;
        }
        // The value that has as many below it as above it, by counting: seven numbers need no sort.
        let nth = |nth: usize| {
            let below = |value: u16| week.iter().filter(|(_, other)| *other < value).count();
            let up_to = |value: u16| week.iter().filter(|(_, other)| *other <= value).count();
            let found = week.iter().find(|(_, value)| below(*value) <= nth && nth < up_to(*value));
            found.map_or(0, |(_, value)| *value)
        };
        let (lower, upper) = (nth((week.len() - 1) / 2), nth(week.len() / 2));
        Some(Tenths(lower.saturating_add(upper).saturating_mul(5)))
    }

    /// The usual value on each of these days that has one.
    pub fn medians(&self, from: Day, to: Day) -> Vec<(Day, Tenths)> {
        let days = from.epoch_days()..=to.epoch_days();
        days.filter_map(|day| Day::from_epoch_days(day).ok()).filter_map(|day| Some((day, self.median(day)?))).collect()
    }

    pub fn worst(&self, from: Day, to: Day) -> Option<u16> {
        let values = self.between(from, to).iter().map(|(_, value)| *value);
        values.reduce(|one, other| worse(self.measure, one, other))
    }

    /// The best of these days, and the last day on which it was so.
    pub fn best(&self, from: Day, to: Day) -> Option<(Day, u16)> {
        let points = self.between(from, to).iter().copied();
        points.reduce(|best, next| if worse(self.measure, best.1, next.1) == best.1 { next } else { best })
    }

    pub fn latest(&self, from: Day, to: Day) -> Option<(Day, u16)> {
        self.between(from, to).last().copied()
    }

    /// What changed between the first and the last usual value of these days. None where the last day has none, or where
    /// the two weeks that would be compared overlap.
    pub fn usual_difference(&self, from: Day, to: Day) -> Option<Difference> {
        let now = self.median(to)?;
        let days = from.epoch_days()..=to.plus(-WINDOW).epoch_days();
        let mut days = days.filter_map(|day| Day::from_epoch_days(day).ok());
        let before = days.find_map(|day| Some((day, self.median(day)?)))?;
        Some(Difference::of(self.measure, before, (to, now)))
    }

    /// What changed between the first and the last point of these days, for what is tested weekly.
    pub fn difference(&self, from: Day, to: Day) -> Option<Difference> {
        let [(first, before), .., (last, now)] = self.between(from, to) else { return None };
        Some(Difference::of(self.measure, (*first, Tenths::whole(*before)), (*last, Tenths::whole(*now))))
    }
}

fn worse(measure: Measure, one: u16, other: u16) -> u16 {
    if more_is_worse(measure) { one.max(other) } else { one.min(other) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toward {
    Better,
    Same,
    Worse,
}

/// How much a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// None, or one that may be chance.
    Slight,
    /// The least that matters. Of pain and foot tests nothing more is told.
    Small,
    Medium,
    Large,
}

/// From one day to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    pub before: (Day, Tenths),
    pub now: (Day, Tenths),
    pub toward: Toward,
    pub size: Size,
}

impl Difference {
    pub fn of(measure: Measure, before: (Day, Tenths), now: (Day, Tenths)) -> Self {
        let toward = toward(measure, before.1.0.into(), now.1.0.into());
        let gap = now.1.0.abs_diff(before.1.0);
        Self { before, now, toward, size: size(measure, toward, before.1.0, gap) }
    }

    /// Whether it is more than chance may make.
    pub fn matters(&self) -> bool {
        self.toward != Toward::Same && self.size > Size::Slight
    }
}

fn toward(measure: Measure, before: u32, now: u32) -> Toward {
    match (before == now, (now > before) == more_is_worse(measure)) {
        (true, _) => Toward::Same,
        (_, true) => Toward::Worse,
        (_, false) => Toward::Better,
    }
}

/// From how many tenths a usual pain that rises matters. Worse matters from smaller steps than better (the COMI: worse from
/// 0.3, better from 2.2; PMC2899314), and clinical.md (T5) counts from one point. Below it, it is still said.
const WORSE_PAIN: u16 = 10;
/// How many heel-walk steps or heel raises matter, in tenths, either way (clinical.md, T2).
const STEPS: u16 = 30;
/// A change of the mean of a patient's own activities, in tenths: small, medium and large (Abbott and Schmitt 2014).
const ACTIVITY: [(u32, Size); 3] = [(27, Size::Large), (23, Size::Medium), (13, Size::Small)];
/// From how many tenths a fall of that mean matters (the COMI's, as above: the PSFS has none of its own).
const WORSE_ACTIVITY: u32 = 3;

/// `before` and `gap` in tenths.
fn size(measure: Measure, toward: Toward, before: u16, gap: u16) -> Size {
    let matters = match measure {
        // 2 points or 30% (Ostelo and others 2008); of a pain of 1 or 2, 30% is less than a patient can tell from chance.
        Measure::Pain(_) | Measure::Numbness(_) if toward == Toward::Better => {
            gap >= 20 || (gap >= 10 && u32::from(gap) * 10 >= u32::from(before) * 3)
        }
        Measure::Pain(_) | Measure::Numbness(_) => gap >= WORSE_PAIN,
        // Each step of our own scale is one that a patient can see.
        Measure::Foot(_) => gap >= 10,
        Measure::HeelWalk(_) | Measure::HeelRaise(_) => gap >= STEPS,
        Measure::Activity(_) => return activity_size(toward, gap.into(), 1),
        // Nobody has said how much of these matters.
        Measure::Trips | Measure::Woken | Measure::Sitting | Measure::Walking | Measure::Effort => false,
    };
    if matters && gap > 0 { Size::Small } else { Size::Slight }
}

/// `gap` is the sum over `count` activities, in tenths: divided first, it would be rounded.
fn activity_size(toward: Toward, gap: u32, count: u32) -> Size {
    let graded = ACTIVITY.into_iter().find(|(least, _)| gap >= least * count).map(|(_, size)| size);
    let worse = toward == Toward::Worse && gap >= WORSE_ACTIVITY * count;
    graded.unwrap_or(if worse { Size::Small } else { Size::Slight })
}

/// The mean of the patient's own activities: the first against the last rating of these days, over the activities that
/// were rated on two days or more (the published sizes are those of the mean, not of one activity). What is rated under
/// a number must have been the same activity all the time. `before` and `now` bear the first and the last day of any.
pub fn activities(logs: &[DayLog], from: Day, to: Day) -> Option<Difference> {
    let series = (1..=ACTIVITIES).map(|number| Series::of(logs, Measure::Activity(number)));
    let rated: Vec<Difference> = series.filter_map(|series| series.difference(from, to)).collect();
    let count = u32::try_from(rated.len()).ok().filter(|count| *count > 0)?;
    let before: u32 = rated.iter().map(|one| u32::from(one.before.1.0)).sum();
    let now: u32 = rated.iter().map(|one| u32::from(one.now.1.0)).sum();
    let mean = |sum: u32| Tenths(u16::try_from((sum + count / 2) / count).unwrap_or(u16::MAX));
    let first = rated.iter().map(|one| one.before.0).min()?;
    let last = rated.iter().map(|one| one.now.0).max()?;
    let toward = toward(Measure::Activity(1), before, now);
    let size = activity_size(toward, now.abs_diff(before), count);
    Some(Difference { before: (first, mean(before)), now: (last, mean(now)), toward, size })
}

/// What was planned for a day: each exercise, by id, and its sets. None where there was no plan yet; empty on a planned
/// rest day.
pub type Planned<'a> = dyn Fn(Day) -> Option<Vec<(&'a str, u8)>> + 'a;

/// How a day of the plan went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    Done,
    /// Some of it.
    Partly,
    /// Nothing was planned, on purpose.
    Rest,
    /// Nothing of it was done, and nothing said about why.
    Missed,
    /// Nothing of it was done, and there was a reason.
    Skipped,
    NoPlan,
    /// Yet to come: today too, as long as nothing was done.
    Ahead,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanDay {
    pub day: Day,
    /// Sets of the plan; what was done besides does not count.
    pub done: u16,
    /// Sets.
    pub planned: u16,
    pub kept: Kept,
    /// Why exercises were left out, where that was said.
    pub reasons: Vec<String>,
}

/// How the plan was kept on each of these days, in order. Logs in any order, one of each day.
pub fn calendar(logs: &[DayLog], from: Day, to: Day, today: Day, planned: &Planned<'_>) -> Vec<PlanDay> {
    let first = from.epoch_days();
    let length = usize::try_from(to.epoch_days() - first + 1).unwrap_or(0);
    // By day, so that three years need not be searched a thousand times.
    let mut by_day: Vec<Option<&DayLog>> = vec![None; length];
    for log in logs {
        let at = usize::try_from(log.day.epoch_days() - first).ok();
        if let Some(slot) = at.and_then(|at| by_day.get_mut(at)) {
            *slot = Some(log);
        }
    }
    (first..)
        .zip(by_day)
        .filter_map(|(day, log)| Some(plan_day(Day::from_epoch_days(day).ok()?, log, today, planned)))
        .collect()
}

fn plan_day(day: Day, log: Option<&DayLog>, today: Day, planned: &Planned<'_>) -> PlanDay {
    let mut kept = PlanDay { day, done: 0, planned: 0, kept: Kept::NoPlan, reasons: vec![] };
    let Some(exercises) = planned(day) else { return kept };
    for (exercise, sets) in exercises {
        kept.planned += u16::from(sets);
        let Some(log) = log else { continue };
        kept.done += (1..=sets).map(|set| u16::from(log.is_done(exercise, set))).sum::<u16>();
        let reason = log.skipped(exercise);
        if !reason.is_empty() && !kept.reasons.iter().any(|other| other == reason) {
            kept.reasons.push(reason.to_owned());
        }
    }
    kept.kept = match (kept.done, kept.planned) {
        (_, 0) => Kept::Rest,
        (done, planned) if done >= planned => Kept::Done,
        (1.., _) => Kept::Partly,
        _ if !kept.reasons.is_empty() => Kept::Skipped,
        _ if day >= today => Kept::Ahead,
        _ => Kept::Missed,
    };
    kept
}

/// Sets done, of sets planned, over the days that are not yet to come. What was left out with a reason counts as planned:
/// the figure says what was done, and not how good the reasons were.
pub fn sets(days: &[PlanDay]) -> (u32, u32) {
    let past = || days.iter().filter(|day| day.kept != Kept::Ahead);
    (past().map(|day| u32::from(day.done)).sum(), past().map(|day| u32::from(day.planned)).sum())
}

/// Days in a row on which something of the plan was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Streak {
    /// Up to now.
    pub now: u16,
    pub longest: u16,
}

/// A rest day, a day with a reason, a day without a plan and a day to come neither count nor break it: rest is a part of
/// the plan, and nobody should exercise through a flare for the sake of a number.
pub fn streak(days: &[PlanDay]) -> Streak {
    let mut streak = Streak::default();
    for day in days {
        match day.kept {
            Kept::Done | Kept::Partly => streak.now = streak.now.saturating_add(1),
            Kept::Missed => streak.now = 0,
            Kept::Rest | Kept::Skipped | Kept::NoPlan | Kept::Ahead => {}
        }
        streak.longest = streak.longest.max(streak.now);
    }
    streak
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tracker::{
        entry::Stamp,
        log::{Change, Place, Side},
    };

    const LEG: Measure = Measure::Pain(Place::LeftLeg);
    const FOOT: Measure = Measure::Foot(Side::Left);

    /// Counted from a Monday.
    fn day(number: i64) -> Day {
        "2026-11-02".parse::<Day>().unwrap().plus(number)
    }

    fn log(number: i64, changes: &[Change]) -> DayLog {
        let mut log = DayLog::empty(day(number));
        for (millis, change) in (1..).zip(changes) {
            log.write(&change.writes(&log, "1"), Stamp { millis, count: 0, writer: 1 });
        }
        log
    }

    fn measured(measure: Measure, value: u16) -> Change {
        Change::Measured { measure, value: Some(value) }
    }

    fn series(measure: Measure, points: &[(i64, u16)]) -> Series {
        let logs: Vec<DayLog> =
            points.iter().map(|(number, value)| log(*number, &[measured(measure, *value)])).collect();
        Series::of(&logs, measure)
    }

    #[test]
    fn the_usual_is_the_middle_of_seven_days_and_a_half_between_two() {
        let seven = series(LEG, &[(0, 3), (1, 9), (2, 1), (3, 4), (4, 4), (5, 2), (6, 8)]);
        // 1 2 3 4 4 8 9.
        assert_eq!(seven.median(day(6)), Some(Tenths(40)));
        // Of days 1 to 6: 1 2 4 4 8 9.
        assert_eq!(seven.median(day(7)), Some(Tenths(40)));
        let four = series(LEG, &[(0, 2), (2, 3), (4, 8), (6, 1)]);
        assert_eq!(four.median(day(6)), Some(Tenths(25)));
        assert_eq!(four.median(day(6)).unwrap().words(), "2.5");
        assert_eq!(four.median(day(7)), None, "three of seven are too few");
        assert_eq!(four.median(day(5)), None);
    }

    #[test]
    fn there_is_no_usual_value_in_a_gap() {
        let points: Vec<(i64, u16)> = (0..7).chain(20..27).map(|number| (number, 5)).collect();
        let medians = series(LEG, &points).medians(day(0), day(26));
        let days: Vec<i64> = medians.iter().map(|(at, _)| at.epoch_days() - day(0).epoch_days()).collect();
        assert_eq!(days, [3, 4, 5, 6, 7, 8, 9, 23, 24, 25, 26]);
    }

    fn pain_from(before: u16, now: u16) -> (Toward, bool) {
        let change = Difference::of(LEG, (day(0), Tenths(before)), (day(30), Tenths(now)));
        (change.toward, change.matters())
    }

    #[test]
    fn pain_that_falls_matters_from_two_points_or_thirty_percent_and_that_rises_from_one_point() {
        assert_eq!(pain_from(80, 60), (Toward::Better, true));
        assert_eq!(pain_from(80, 65), (Toward::Better, false));
        assert_eq!(pain_from(50, 35), (Toward::Better, true), "30%");
        assert_eq!(pain_from(30, 20), (Toward::Better, true), "33%");
        assert_eq!(pain_from(40, 30), (Toward::Better, false), "25%");
        assert_eq!(pain_from(15, 10), (Toward::Better, false), "33%, of very little");
        assert_eq!(pain_from(30, 30), (Toward::Same, false));
        assert_eq!(pain_from(0, 0), (Toward::Same, false));
        assert_eq!(pain_from(30, 35), (Toward::Worse, false));
        assert_eq!(pain_from(80, 90), (Toward::Worse, true));
        assert_eq!(pain_from(0, 10), (Toward::Worse, true));
    }

    #[test]
    fn two_weeks_that_overlap_are_not_compared() {
        let points: Vec<(i64, u16)> = (0..11).map(|number| (number, 5)).collect();
        assert_eq!(series(LEG, &points).usual_difference(day(0), day(9)), None);
        let change = series(LEG, &points).usual_difference(day(0), day(10)).unwrap();
        assert_eq!((change.before, change.now), ((day(3), Tenths(50)), (day(10), Tenths(50))));
        assert_eq!(series(LEG, &points).usual_difference(day(0), day(14)), None, "nothing usual at the end");
    }

    #[test]
    fn one_step_of_the_foot_matters_and_three_of_the_heel_walk() {
        let of = |measure, before, now| series(measure, &[(0, before), (7, now)]).difference(day(0), day(7)).unwrap();
        assert!(of(FOOT, 5, 4).matters() && of(FOOT, 5, 4).toward == Toward::Worse);
        assert!(of(FOOT, 3, 4).matters() && of(FOOT, 3, 4).toward == Toward::Better);
        assert!(!of(Measure::HeelWalk(Side::Left), 8, 6).matters());
        assert!(of(Measure::HeelWalk(Side::Left), 8, 5).matters());
        assert_eq!(series(FOOT, &[(0, 5)]).difference(day(0), day(7)), None);
    }

    #[test]
    fn the_best_is_the_last_day_on_which_it_was_so() {
        let foot = series(FOOT, &[(0, 3), (7, 5), (14, 5), (21, 4)]);
        assert_eq!(foot.best(day(0), day(21)), Some((day(14), 5)));
        assert_eq!(foot.latest(day(0), day(21)), Some((day(21), 4)));
        assert_eq!((foot.worst(day(0), day(21)), foot.worst(day(7), day(21))), (Some(3), Some(4)));
        assert_eq!(foot.best(day(1), day(6)), None);
    }

    fn rated(number: i64, scores: [u16; 3]) -> DayLog {
        log(number, &[1, 2, 3].map(|at| measured(Measure::Activity(at), scores[usize::from(at) - 1])))
    }

    fn activities_from(before: [u16; 3], now: [u16; 3]) -> (Toward, Size) {
        let change = activities(&[rated(0, before), rated(28, now)], day(0), day(28)).unwrap();
        (change.toward, change.size)
    }

    #[test]
    fn activities_are_graded_by_their_mean() {
        // Sums of 4 (1.33), 7 (2.33) and 9 (3) over three.
        assert_eq!(activities_from([2, 2, 2], [4, 3, 3]), (Toward::Better, Size::Small));
        assert_eq!(activities_from([2, 2, 2], [4, 3, 2]), (Toward::Better, Size::Slight));
        assert_eq!(activities_from([2, 2, 2], [5, 4, 4]), (Toward::Better, Size::Medium));
        assert_eq!(activities_from([2, 2, 2], [5, 5, 5]), (Toward::Better, Size::Large));
        assert_eq!(activities_from([2, 2, 2], [2, 1, 2]), (Toward::Worse, Size::Small), "worse matters sooner");
        assert_eq!(activities_from([2, 1, 2], [1, 2, 2]), (Toward::Same, Size::Slight));
        assert_eq!(activities(&[rated(0, [1, 2, 3])], day(0), day(28)), None);
    }

    fn set(exercise: &str, set: u8) -> Change {
        Change::Set { exercise: exercise.to_owned(), set, done: true }
    }

    /// Two sets and one, but for Wednesdays, from the third day on.
    fn planned(at: Day) -> Option<Vec<(&'static str, u8)>> {
        (at >= day(1)).then(|| if at.weekday() == "Wednesday" { vec![] } else { vec![("bridge", 2), ("walking", 1)] })
    }

    #[test]
    fn each_day_of_a_plan_is_one_of_seven() {
        let skip = Change::Skipped { exercise: "walking".to_owned(), reason: "Flare-up".to_owned() };
        let logs = [
            log(5, &[skip]),
            log(1, &[set("bridge", 1), set("bridge", 2), set("walking", 1), set("knee-to-chest", 1)]),
            log(3, &[set("bridge", 2)]),
            log(6, &[]),
        ];
        let days = calendar(&logs, day(0), day(7), day(6), &planned);
        let kept: Vec<Kept> = days.iter().map(|day| day.kept).collect();
        let expected =
            [Kept::NoPlan, Kept::Done, Kept::Rest, Kept::Partly, Kept::Missed, Kept::Skipped, Kept::Ahead, Kept::Ahead];
        assert_eq!(kept, expected);
        assert_eq!((days[1].done, days[1].planned, days[3].done), (3, 3, 1));
        assert_eq!(days[5].reasons, ["Flare-up"]);
        // Of days 1, 3, 4 and 5: 3 + 1 done of 12.
        assert_eq!(sets(&days), (4, 12));
        assert_eq!(streak(&days), Streak { now: 0, longest: 2 });
    }

    #[test]
    fn rest_and_reasons_do_not_break_a_streak() {
        let of = |kept: &[Kept]| {
            let days = (0..).zip(kept).map(|(at, kept)| PlanDay {
                day: day(at),
                done: 0,
                planned: 0,
                kept: *kept,
                reasons: vec![],
            });
            streak(&days.collect::<Vec<_>>())
        };
        use Kept::{Ahead, Done, Missed, NoPlan, Partly, Rest, Skipped};
        assert_eq!(of(&[Done, Rest, Partly, Skipped, NoPlan, Done, Ahead]), Streak { now: 3, longest: 3 });
        assert_eq!(of(&[Done, Done, Missed, Done]), Streak { now: 1, longest: 2 });
        assert_eq!(of(&[Rest, Rest]), Streak::default());
        assert_eq!(of(&[]), Streak::default());
    }

    proptest! {
        #[test]
        fn order_is_irrelevant_and_medians_are_between_the_least_and_the_most(
            points in prop::collection::btree_map(0..60_i64, 0..=10_u16, 0..60),
            at in 0..70_i64,
        ) {
            let points: Vec<(i64, u16)> = points.into_iter().collect();
            let reversed: Vec<(i64, u16)> = points.iter().rev().copied().collect();
            let series = series(LEG, &points);
            prop_assert_eq!(&series, &super::tests::series(LEG, &reversed));
            let mut week: Vec<u16> = series.between(day(at - 6), day(at)).iter().map(|(_, value)| *value).collect();
            week.sort_unstable();
            // By the definition: the middle of the sorted.
            let expected = (week.len() >= 4).then(|| Tenths((week[(week.len() - 1) / 2] + week[week.len() / 2]) * 5));
            prop_assert_eq!(series.median(day(at)), expected);
            if let Some(median) = series.median(day(at)) {
                prop_assert!(Tenths::whole(week[0]) <= median && median <= Tenths::whole(week[week.len() - 1]));
            }
        }

        #[test]
        fn nothing_is_measured_where_nothing_was_logged(points in prop::collection::btree_map(0..60_i64, 0..=10_u16, 0..60)) {
            let points: Vec<(i64, u16)> = points.into_iter().collect();
            let drawn: Vec<(i64, u16)> = series(LEG, &points).points.iter().map(|(at, value)| (at.epoch_days() - day(0).epoch_days(), *value)).collect();
            prop_assert_eq!(drawn, points);
        }

        #[test]
        fn the_longest_streak_is_never_shorter_than_the_present_one(ticks in prop::collection::vec(any::<bool>(), 0..40)) {
            let logs: Vec<DayLog> = (0..).zip(&ticks).filter(|(_, done)| **done).map(|(at, _)| log(at, &[set("bridge", 1)])).collect();
            let today = day(40);
            let days = calendar(&logs, day(0), today, today, &planned);
            let streak = streak(&days);
            let (done, planned) = sets(&days);
            prop_assert!(streak.now <= streak.longest && done <= planned);
        }
    }
}
