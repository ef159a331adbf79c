//! What the days say together: falls of strength, pain that spreads or rises, broken nights, trips. Pure: no page, no
//! browser, no clock.
//!
//! The rules are T1 to T8 of the clinical document (section 3). Their limits are data, [`RuleSet::watch`]; here is how they
//! are read. Wherever days are missing, or it is not known how fast something came, the doubt counts towards help.

use std::cell::OnceCell;

use super::{
    entry::{Entry, Stamp},
    log::{Change, DayLog, Measure, Onset, Place, Reply, Side, judge, needs_help_now},
    plan::{Adherence, Plan},
    sheet::WATCHED,
};
use crate::{
    day::Day,
    triage::{
        Answers, RuleSet, Urgency, YES,
        watch::{Limits, OtherLeg, Quieter, Rise, Strength, Stuck, Trips, Watch, Week},
    },
};

/// A rule that fired on a day. There is at most one for each rule and day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// "T1" to "T8".
    pub rule: String,
    pub urgency: Urgency,
    /// The day of the log that completes it.
    pub day: Day,
    /// What caused it, for showing and keeping.
    pub values: Vec<Reading>,
    /// It must be asked since when the foot has been weaker ([`Change::WeakerSince`], on this day): the answer can make this
    /// more or less urgent.
    pub ask_onset: bool,
}

impl Alert {
    /// The values that caused it, by the names of their fields: as it is kept.
    pub fn causes(&self) -> String {
        self.values.iter().map(Reading::in_words).collect::<Vec<_>>().join(", ")
    }
}

impl Reading {
    fn in_words(&self) -> String {
        match self {
            Self::Sign { day, sign } => format!("sign {sign} on {day}"),
            Self::Measured { day, measure, value } => format!("{} {value} on {day}", measure.field()),
            Self::Changed { measure, from, before, to, now } => {
                format!("{} {before} on {from} and {now} on {to}", measure.field())
            }
            Self::LegPain { from, to, halves } => format!("leg pain {halves}/2 from {from} to {to}"),
            Self::Adherence { from, to, percent } => format!("exercises {percent}% from {from} to {to}"),
            Self::Onset { day, onset } => format!("weaker since {} on {day}", onset.value()),
        }
    }
}

/// One dated cause of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A sign that was ticked.
    Sign {
        day: Day,
        sign: String,
    },
    Measured {
        day: Day,
        measure: Measure,
        value: u16,
    },
    /// What a measure was, and what it became.
    Changed {
        measure: Measure,
        from: Day,
        before: u16,
        to: Day,
        now: u16,
    },
    /// The middle value of the worse leg's pain on the days logged from one day to another, in halves of a point: 9 is 4.5.
    LegPain {
        from: Day,
        to: Day,
        halves: u16,
    },
    /// How much of the exercises was done, in percent.
    Adherence {
        from: Day,
        to: Day,
        percent: u8,
    },
    /// Since when the foot has been weaker, as answered.
    Onset {
        day: Day,
        onset: Onset,
    },
}

/// What the rules find in the days: T1 first, and the days of each rule in their order. `logs` are those of the last
/// [`WATCHED`] days, in any order, one of a day at the most, days missing at will. Signs count on whatever day they are;
/// what is measured counts on those days and, because clocks and zones differ, later ones.
///
/// `adherence` is what share of the planned exercises was done from one day to another, both included, in percent; none
/// where it is not known. It can do no more than T5 says: nothing else here asks it.
///
/// The first days of T4 are those of the days given: once they are older than [`WATCHED`] days, later ones take their
/// place.
pub fn watch(rules: &RuleSet, logs: &[DayLog], today: Day, adherence: &dyn Fn(Day, Day) -> Option<u8>) -> Vec<Alert> {
    watch_at(rules, logs, &Glance::of_all(logs), today, adherence)
}

fn watch_at(
    rules: &RuleSet,
    logs: &[DayLog],
    glances: &[Glance],
    today: Day,
    adherence: &dyn Fn(Day, Day) -> Option<u8>,
) -> Vec<Alert> {
    let days = Days::of(logs, glances, today);
    let mut alerts = Alerts::default();
    for rule in &rules.watch {
        let mut found = |day, urgency, values| alerts.add(rule, day, urgency, values, false);
        match &rule.limits {
            Limits::Emergency => days.emergencies(rules, &mut |day, values| found(day, rule.highest(), values)),
            Limits::Urgent => days.urgent(rules, &mut |day, values| found(day, rule.highest(), values)),
            Limits::Strength(limits) => days.strength(rule, limits, &mut alerts),
            Limits::OtherLeg(limits) => days.other_leg(limits, &mut |day, values| found(day, rule.highest(), values)),
            Limits::Rise(limits) => days.rise(limits, &mut |day, values| found(day, rule.highest(), values)),
            Limits::Stuck(limits) => {
                days.stuck(limits, adherence, &mut |day, values| found(day, rule.highest(), values));
            }
            Limits::Quieter(limits) => days.quieter(limits, &mut |day, values| found(day, rule.highest(), values)),
            Limits::Trips(limits) => days.trips(limits, &mut |day, values| found(day, rule.highest(), values)),
        }
    }
    alerts.0
}

/// As [`watch`], with the share of the exercises that were done of those that were planned then: `standing` has the plan of
/// each day, which ends where the patient is, `east` minutes ahead of UTC.
pub fn watch_planned(rules: &RuleSet, logs: &[DayLog], standing: &Entry, east: i32, today: Day) -> Vec<Alert> {
    watch_planned_at(rules, logs, &Glance::of_all(logs), standing, east, today)
}

/// As [`watch_planned`], with the glances at these logs, in their order.
pub fn watch_planned_at(
    rules: &RuleSet,
    logs: &[DayLog],
    glances: &[Glance],
    standing: &Entry,
    east: i32,
    today: Day,
) -> Vec<Alert> {
    // What it was on a day is asked for each of the days after it.
    let known: Vec<_> = logs.iter().zip(glances).map(|(log, glance)| (log, glance.day, OnceCell::new())).collect();
    let adherence = |from: Day, to: Day| {
        let (mut done, mut planned) = (0_u32, 0_u32);
        for (log, day, known) in known.iter().filter(|(_, day, _)| (from..=to).contains(day)) {
            let day = known.get_or_init(|| Adherence::of(&Plan::on(standing, *day, east), log));
            done += u32::from(day.done);
            planned += u32::from(day.planned);
        }
        u8::try_from((done * 100).checked_div(planned)?).ok()
    };
    watch_at(rules, logs, glances, today, &adherence)
}

/// The alerts that still wait for an answer today, the most urgent first, one of a rule at the most: its most urgent, and
/// of these the latest.
///
/// An answer counts for what had been written when it was given: whatever is written into the cause of an alert later, so
/// that it may be worse, has it stand again. "I have got help" also holds for earlier days, and for some days
/// ([`Watch::answered_days`]) for the same again, where it is no worse. "By mistake" holds for its day alone: what is
/// measured again is no mistake. "Tomorrow" keeps quiet until tomorrow what is no emergency.
pub fn open<'a>(rules: &RuleSet, alerts: &'a [Alert], logs: &[DayLog], today: Day) -> Vec<&'a Alert> {
    open_at(rules, alerts, logs, &Glance::of_all(logs), today)
}

/// As [`open`], with the glances at these logs, in their order.
pub fn open_at<'a>(
    rules: &RuleSet,
    alerts: &'a [Alert],
    logs: &[DayLog],
    glances: &[Glance],
    today: Day,
) -> Vec<&'a Alert> {
    let answered = logs.iter().zip(glances).filter(|(_, glance)| glance.is_answered).map(|(log, _)| log);
    let answered: Vec<&DayLog> = answered.collect();
    let days = Answered { logs, answered: &answered, today };
    let mut open: Vec<&Alert> = vec![];
    // Not sorted: that would be kilobytes of wasm for a handful of alerts.
    for urgency in Urgency::ALL.into_iter().rev() {
        for rule in &rules.watch {
            let own = |alert: &&Alert| alert.rule == rule.id;
            let mut standing = alerts
                .iter()
                .rev()
                .filter(own)
                .filter(|alert| alert.urgency == urgency && days.is_open(rules, rule, alert, alerts));
            if !open.iter().any(own) {
                open.extend(standing.next());
            }
        }
    }
    open
}

/// Where an answer to an alert is to be written, and as what: a day's "tomorrow" is that of the day on which it is said.
pub fn answer(alert: &Alert, reply: Reply, today: Day) -> (Day, Change) {
    let day = if reply == Reply::RemindTomorrow { today } else { alert.day };
    (day, Change::Replied { rule: alert.rule.clone(), reply })
}

/// What a rule cannot see, because too little of it is logged: for saying that no alert is no all-clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLittle {
    pub of: Measured,
    /// On how many days it was logged …
    pub logged: u16,
    /// … of how many that it takes …
    pub needed: u16,
    /// … in how many; none where all that there are count.
    pub days: Option<u16>,
}

/// What the rules look at over days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// The pain of either leg, at first.
    FirstLegPain,
    /// The pain of either leg, now.
    LegPain,
    /// Whether one was woken at night.
    Nights,
    /// The foot score of a side.
    Foot(Side),
}

/// Which measures have too few days for the rules to see a change.
pub fn too_little(rules: &RuleSet, logs: &[DayLog], today: Day) -> Vec<TooLittle> {
    let glances = Glance::of_all(logs);
    let days = Days::of(logs, &glances, today);
    let now = today.epoch_days();
    let mut found = vec![];
    let mut need = |of, points: &[Point], needed, window: Option<u16>| {
        let is_in = |point: &&Point| window.is_none_or(|days| now - point.at < i64::from(days));
        let logged = u16::try_from(points.iter().filter(is_in).count()).unwrap_or(u16::MAX);
        if logged < needed {
            found.push(TooLittle { of, logged, needed, days: window });
        }
    };
    for rule in &rules.watch {
        match &rule.limits {
            Limits::Rise(limits) => {
                let pain = &days.leg_pain;
                need(Measured::FirstLegPain, pain, limits.first_days, None);
                need(Measured::LegPain, pain, limits.week.least_logged, Some(limits.week.days));
            }
            Limits::Stuck(limits) => {
                need(Measured::Nights, days.series(Measure::Woken), limits.nights, Some(limits.of_nights));
            }
            Limits::Strength(limits) => {
                for side in Side::BOTH {
                    need(Measured::Foot(side), days.series(Measure::Foot(side)), 1, Some(limits.days));
                }
            }
            _ => {}
        }
    }
    found
}

#[derive(Default)]
struct Alerts(Vec<Alert>);

impl Alerts {
    /// Two findings of a rule on one day, of the two sides, are one alert.
    fn add(&mut self, rule: &Watch, day: Day, urgency: Urgency, values: Vec<Reading>, ask_onset: bool) {
        match self.0.iter_mut().find(|alert| alert.day == day && alert.rule == rule.id) {
            Some(alert) => {
                alert.urgency = alert.urgency.max(urgency);
                let new = values.into_iter().filter(|value| !alert.values.contains(value)).collect::<Vec<_>>();
                alert.values.extend(new);
                alert.ask_onset |= ask_onset;
            }
            None => {
                // The days of one side come after those of the other.
                let after = self.0.iter().rposition(|alert| alert.rule != rule.id || alert.day < day);
                let at = after.map_or(0, |after| after + 1);
                self.0.insert(at, Alert { rule: rule.id.clone(), urgency, day, values, ask_onset });
            }
        }
    }
}

/// A value of a day.
#[derive(Clone, Copy, Debug)]
struct Point {
    day: Day,
    /// The day in days since 1970, for counting between days.
    at: i64,
    value: u16,
}

/// What the rules look at of a day, most of it: read from its log once. A log's fields lie all over the memory, and the
/// server looks at 90 logs each time that one of them is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    day: Day,
    /// The day in days since 1970, for counting between days.
    at: i64,
    /// By [`MEASURES`].
    measured: [Option<u16>; MEASURES.len()],
    has_signs: bool,
    is_answered: bool,
}

/// What of what is measured the rules look at, in the order of the fields' names, which is that of a day's.
const MEASURES: [Measure; 10] = [
    Measure::Foot(Side::Left),
    Measure::Foot(Side::Right),
    Measure::HeelWalk(Side::Left),
    Measure::HeelWalk(Side::Right),
    Measure::Pain(Place::LeftLeg),
    Measure::Numbness(Side::Left),
    Measure::Numbness(Side::Right),
    Measure::Pain(Place::RightLeg),
    Measure::Trips,
    Measure::Woken,
];

impl Glance {
    pub fn of(log: &DayLog) -> Self {
        Self::with(log, &MEASURES.map(Measure::field))
    }

    fn of_all(logs: &[DayLog]) -> Vec<Self> {
        let names = MEASURES.map(Measure::field);
        logs.iter().map(|log| Self::with(log, &names)).collect()
    }

    fn with(log: &DayLog, names: &[String; MEASURES.len()]) -> Self {
        let mut measured = [None; MEASURES.len()];
        let mut numbers = log.numbers().peekable();
        for ((name, measure), value) in names.iter().zip(MEASURES).zip(&mut measured) {
            while numbers.next_if(|(other, _)| *other < name.as_str()).is_some() {}
            let number = numbers.next_if(|(other, _)| *other == name.as_str());
            *value = number.and_then(|(_, number)| measure.read(number));
        }
        Self {
            day: log.day,
            at: log.day.epoch_days(),
            measured,
            has_signs: !log.signs().is_empty(),
            is_answered: log.has_replies(),
        }
    }
}

/// The days in their order.
struct Days<'a> {
    days: Vec<(&'a DayLog, &'a Glance)>,
    /// What is measured counts from here on.
    first: Day,
    /// What each measure says, on the days that say something, the earliest first; by [`MEASURES`].
    series: [Vec<Point>; MEASURES.len()],
    /// The pain of the worse leg.
    leg_pain: Vec<Point>,
}

type Found<'a> = &'a mut dyn FnMut(Day, Vec<Reading>);

impl<'a> Days<'a> {
    fn of(logs: &'a [DayLog], glances: &'a [Glance], today: Day) -> Self {
        let mut sorted: Vec<(&DayLog, &Glance)> = Vec::with_capacity(logs.len());
        for pair in logs.iter().zip(glances) {
            let at = sorted.partition_point(|(_, other)| other.at < pair.1.at);
            sorted.insert(at, pair);
        }
        let first = today.plus(1 - WATCHED);
        let empty = || Vec::with_capacity(logs.len());
        let mut days = Self { days: sorted, first, series: std::array::from_fn(|_| empty()), leg_pain: empty() };
        for (_, Glance { day, at, measured, .. }) in days.days.iter().filter(|(_, glance)| glance.day >= first) {
            let point = |value| Point { day: *day, at: *at, value };
            let mut leg_pain = None;
            for ((measure, value), points) in MEASURES.iter().zip(measured).zip(&mut days.series) {
                let Some(value) = *value else { continue };
                points.push(point(value));
                if matches!(measure, Measure::Pain(_)) {
                    leg_pain = leg_pain.max(Some(value));
                }
            }
            if let Some(value) = leg_pain {
                days.leg_pain.push(point(value));
            }
        }
        days
    }

    /// The days on which what is measured counts.
    fn counting(&self) -> impl Iterator<Item = &Glance> {
        self.days.iter().map(|(_, glance)| *glance).filter(|glance| glance.day >= self.first)
    }

    /// The logs with a sign.
    fn with_signs(&self) -> impl Iterator<Item = &DayLog> {
        self.days.iter().filter(|(_, glance)| glance.has_signs).map(|(log, _)| *log)
    }

    fn series(&self, measure: Measure) -> &[Point] {
        let at = MEASURES.iter().position(|other| *other == measure);
        at.and_then(|at| self.series.get(at)).map_or(&[], Vec::as_slice)
    }

    /// T1.
    fn emergencies(&self, rules: &RuleSet, found: Found) {
        for log in self.with_signs() {
            let signs = log.signs();
            if judge(rules, log).urgency == Some(Urgency::Emergency) {
                found(log.day, readings(log.day, &signs));
            }
        }
    }

    /// T7: what is urgent by itself, whatever emergency stands beside it.
    fn urgent(&self, rules: &RuleSet, found: Found) {
        let is_urgent = |sign: &&str| {
            let mut answers = Answers::default();
            answers.set(sign, YES);
            rules.signs(&answers).iter().map(|finding| finding.urgency).max() == Some(Urgency::Urgent)
        };
        for log in self.with_signs() {
            let signs: Vec<&str> = log.signs().into_iter().filter(is_urgent).collect();
            if !signs.is_empty() {
                found(log.day, readings(log.day, &signs));
            }
        }
    }

    /// T2.
    fn strength(&self, rule: &Watch, limits: &Strength, alerts: &mut Alerts) {
        for side in Side::BOTH {
            for measure in [Measure::Foot(side), Measure::HeelWalk(side)] {
                let tests = self.series(measure);
                let mut best = 0;
                for (at, now) in tests.iter().enumerate() {
                    best = best.max(now.value);
                    if now.value == best {
                        continue;
                    }
                    let (earlier, _) = tests.split_at(at);
                    let Some(fall) = Fall::of(measure, now, earlier, limits) else { continue };
                    let mut values = fall.values;
                    let mut urgency = if fall.fast { rule.highest() } else { rule.lowest() };
                    let own = self.days.iter().find(|(log, _)| log.day == now.day);
                    let onset = own.and_then(|(log, _)| log.weaker_since());
                    let unknown = fall.onset_unknown && !fall.fast;
                    if unknown {
                        values.extend(onset.map(|onset| Reading::Onset { day: now.day, onset }));
                        urgency = match onset {
                            Some(Onset::TwoDaysOrLess | Onset::NotSure) => rule.highest(),
                            Some(Onset::Longer) => rule.lowest(),
                            // Until it is answered, what the same fall would be if it had come within the two days: a
                            // longer gap between two tests makes none calmer, and a small one, as of most weekly
                            // tests, does not take the page before it was asked.
                            None if fall.large => rule.highest(),
                            None => rule.lowest(),
                        };
                    }
                    alerts.add(rule, now.day, urgency, values, unknown && onset.is_none());
                }
            }
        }
    }

    /// T3.
    fn other_leg(&self, limits: &OtherLeg, found: Found) {
        for side in Side::BOTH {
            for (measure, calm, least) in [
                (Measure::Pain(leg(side)), limits.calm_pain, limits.pain),
                (Measure::Numbness(side), 0, limits.numbness),
            ] {
                let points = self.series(measure);
                for upto in 1..=points.len() {
                    let (points, _) = points.split_at(upto);
                    if let Some((calm, now)) = newly(points, limits, calm, least)
                        && !self.is_well(side.other(), limits, calm.at - i64::from(limits.days), now.at)
                    {
                        found(now.day, vec![changed(measure, calm, now)]);
                    }
                }
            }
        }
    }

    /// Whether it was logged, often enough, that a leg neither hurt nor was numb.
    fn is_well(&self, side: Side, limits: &OtherLeg, from: i64, to: i64) -> bool {
        let within = |points: &[Point], most: u16| {
            let mut logged = 0_u16;
            for point in points.iter().filter(|point| (from..=to).contains(&point.at)) {
                if point.value > most {
                    return None;
                }
                logged = logged.saturating_add(1);
            }
            Some(logged)
        };
        let pain = within(self.series(Measure::Pain(leg(side))), limits.calm_pain);
        let numbness = within(self.series(Measure::Numbness(side)), 0);
        numbness.is_some() && pain.is_some_and(|logged| logged >= limits.least_logged)
    }

    /// T4.
    fn rise(&self, limits: &Rise, found: Found) {
        let pain = &self.leg_pain;
        let Some(first) = pain.get(..usize::from(limits.first_days)) else { return };
        let (Some(from), Some(to), Some(base)) = (first.first(), first.last(), middle(first)) else { return };
        let risen = |halves: u16| {
            let by = halves.saturating_sub(base);
            by >= 2 * limits.points && 100 * u32::from(by) >= u32::from(limits.percent) * u32::from(base)
        };
        let weeks = Weeks::of(pain, &limits.week);
        for now in pain {
            let running = |back: u16| weeks.middle(now.at - i64::from(back)).filter(|it| risen(*it));
            if let Some(halves) = running(0)
                && (1..limits.running_days).all(|back| running(back).is_some())
            {
                let base = Reading::LegPain { from: from.day, to: to.day, halves: base };
                found(now.day, vec![base, week(now, &limits.week, halves)]);
            }
        }
    }

    /// T5.
    fn stuck(&self, limits: &Stuck, adherence: &dyn Fn(Day, Day) -> Option<u8>, found: Found) {
        let woken: Vec<Point> = self.series(Measure::Woken).iter().copied().filter(|night| night.value > 0).collect();
        for now in &woken {
            let nights = within(&woken, now.at, limits.of_nights.saturating_sub(1));
            if nights.len() >= usize::from(limits.nights) {
                found(now.day, nights.iter().map(|night| measured(Measure::Woken, night)).collect());
            }
        }
        let pain = &self.leg_pain;
        let back = i64::from(limits.days);
        let weeks = Weeks::of(pain, &limits.week);
        for now in pain {
            let (Some(before), Some(halves)) = (weeks.middle(now.at - back), weeks.middle(now.at)) else { continue };
            if halves.saturating_sub(before) < 2 * limits.points {
                continue;
            }
            let from = now.day.plus(1 - back);
            let done = adherence(from, now.day);
            // Not known is not "they were not done", which would keep quiet.
            if done.is_none_or(|done| u16::from(done) >= limits.adherence_percent) {
                let then = Point { day: now.day.plus(-back), ..*now };
                let mut values = vec![week(&then, &limits.week, before), week(now, &limits.week, halves)];
                values.extend(done.map(|percent| Reading::Adherence { from, to: now.day, percent }));
                found(now.day, values);
            }
        }
    }

    /// T6. Of either leg with either foot: a wrong side must not hide it.
    fn quieter(&self, limits: &Quieter, found: Found) {
        let series = |measure: Measure| (measure, self.series(measure));
        let feet = Side::BOTH.map(|side| series(Measure::Foot(side)));
        let legs = Side::BOTH.map(|side| series(Measure::Pain(leg(side))));
        // Most feet stay as they are for months, and need not be looked at day by day.
        let ever_fell = |(_, points): &&(Measure, &[Point])| span(points) >= limits.foot_points;
        let feet: Vec<_> = feet.iter().filter(ever_fell).collect();
        if feet.is_empty() {
            return;
        }
        let falls = |(measure, points): &(Measure, &[Point]), now: i64, by: u16| {
            let points = within(points, now, limits.days);
            let (last, earlier) = points.split_last()?;
            let highest = earlier.iter().max_by_key(|point| point.value)?;
            (highest.value.saturating_sub(last.value) >= by).then(|| (changed(*measure, highest, last), last.at))
        };
        for &Glance { day, at: now, .. } in self.counting() {
            for foot in &feet {
                let Some((foot, tested)) = falls(foot, now, limits.foot_points) else { continue };
                for leg in &legs {
                    if let Some((pain, rated)) = falls(leg, now, limits.pain_points)
                        && (tested == now || rated == now)
                    {
                        found(day, vec![pain, foot.clone()]);
                    }
                }
            }
        }
    }

    /// T8.
    fn trips(&self, limits: &Trips, found: Found) {
        let trips: Vec<Point> = self.series(Measure::Trips).iter().copied().filter(|trips| trips.value > 0).collect();
        let feet = Side::BOTH.map(|side| (Measure::Foot(side), self.series(Measure::Foot(side))));
        for &Glance { day, at: now, .. } in self.counting() {
            let of_week = within(&trips, now, limits.days.saturating_sub(1));
            if of_week.iter().map(|trips| trips.value).sum::<u16>() < limits.trips {
                continue;
            }
            let mut values: Vec<Reading> = vec![];
            let mut completes = of_week.last().is_some_and(|last| last.at == now);
            for (measure, tests) in &feet {
                let last = tests.iter().rev().find(|test| test.at <= now);
                if let Some(last) = last.filter(|last| last.value <= limits.foot_at_most) {
                    completes |= last.at == now;
                    values.push(measured(*measure, last));
                }
            }
            if completes && !values.is_empty() {
                values.extend(of_week.iter().map(|trips| measured(Measure::Trips, trips)));
                found(day, values);
            }
        }
    }
}

/// A fall of strength from earlier tests to one.
struct Fall {
    values: Vec<Reading>,
    /// It came within the days of [`Strength::fast_days`], and is as large as they ask.
    fast: bool,
    /// It is as large as they ask, and may have come within them.
    large: bool,
    /// The strength at the beginning of these days is not known.
    onset_unknown: bool,
}

impl Fall {
    fn of(measure: Measure, now: &Point, earlier: &[Point], limits: &Strength) -> Option<Self> {
        let last = earlier.last()?;
        let fell = |from: &Point| from.value.saturating_sub(now.value);
        let best_within = |days| within(earlier, now.at, days).iter().max_by_key(|test| test.value);
        // After a pause in testing the last test before it: else a pause would hide what fell in it.
        let best = best_within(limits.days).unwrap_or(last);
        let is_foot = matches!(measure, Measure::Foot(_));
        let is_large = |from: &Point| is_foot && fell(from) >= limits.fast_foot_points;
        let fast = best_within(limits.fast_days).filter(|best| is_large(best));
        if fell(best) < (if is_foot { limits.foot_points } else { limits.heel_walk_steps }) && fast.is_none() {
            return None;
        }
        // The latest that is known of the strength when these days began, if that is older than they are.
        let fast_days = i64::from(limits.fast_days);
        let before = earlier.iter().rev().find(|test| now.at - test.at >= fast_days);
        let before = before.filter(|test| now.at - test.at > fast_days);
        let last_is_old = now.at - last.at > fast_days;
        let mut values = vec![changed(measure, best, now)];
        values.extend(fast.filter(|fast| fast.at != best.at).map(|fast| changed(measure, fast, now)));
        Some(Self {
            values,
            fast: fast.is_some(),
            large: is_large(best) || before.is_some_and(is_large),
            onset_unknown: fell(last) > 0 && (last_is_old || before.is_some_and(is_large)),
        })
    }
}

/// The last time that a leg was well, and now, where it has not been well for long, and was for long before: within the
/// days of the limits each. What rose slowly, over some days, is as new as what came at once.
fn newly<'a>(points: &'a [Point], limits: &OtherLeg, most: u16, least: u16) -> Option<(&'a Point, &'a Point)> {
    let now = points.last().filter(|now| now.value >= least)?;
    let calm = points.iter().rposition(|point| point.value <= most)?;
    let (calm, since) = (points.get(calm)?, points.get(calm + 1)?);
    let before = within(points, calm.at, limits.days);
    let was_well = before.len() >= usize::from(limits.least_logged) && before.iter().all(|point| point.value <= most);
    (was_well && now.at - since.at <= i64::from(limits.days)).then_some((calm, now))
}

fn leg(side: Side) -> Place {
    match side {
        Side::Left => Place::LeftLeg,
        Side::Right => Place::RightLeg,
    }
}

fn readings(day: Day, signs: &[&str]) -> Vec<Reading> {
    signs.iter().map(|sign| Reading::Sign { day, sign: (*sign).to_owned() }).collect()
}

fn measured(measure: Measure, point: &Point) -> Reading {
    Reading::Measured { day: point.day, measure, value: point.value }
}

fn changed(measure: Measure, before: &Point, now: &Point) -> Reading {
    Reading::Changed { measure, from: before.day, before: before.value, to: now.day, now: now.value }
}

fn week(last: &Point, week: &Week, halves: u16) -> Reading {
    Reading::LegPain { from: last.day.plus(1 - i64::from(week.days)), to: last.day, halves }
}

/// Those of a day and of the days before it, as many as these.
fn within(points: &[Point], now: i64, days: u16) -> &[Point] {
    let from = points.partition_point(|point| point.at < now - i64::from(days));
    let to = points.partition_point(|point| point.at <= now);
    points.get(from..to).unwrap_or_default()
}

/// By how much the highest of them is above the lowest.
fn span(points: &[Point]) -> u16 {
    let values = || points.iter().map(|point| point.value);
    values().max().unwrap_or_default() - values().min().unwrap_or_default()
}

/// The median of a pain over the week that ends on each day.
struct Weeks {
    /// The day of the first of them.
    first: i64,
    /// In halves; none where too little was logged.
    middles: Vec<Option<u16>>,
}

impl Weeks {
    /// From the first of the points to the last.
    fn of(points: &[Point], week: &Week) -> Self {
        let (first, end) = points.first().zip(points.last()).map_or((0, 0), |(first, last)| (first.at, last.at + 1));
        let (mut counts, mut come, mut gone) = (Counts::default(), points.iter().peekable(), points.iter().peekable());
        let middle = |day| {
            while let Some(point) = come.next_if(|point| point.at <= day) {
                counts.add(point);
            }
            while let Some(point) = gone.next_if(|point| point.at <= day - i64::from(week.days)) {
                counts.take(point);
            }
            // Of fewer, it would be chance: none, and the page says so (`too_little`).
            counts.middle().filter(|_| counts.all >= week.least_logged)
        };
        Self { first, middles: (first..end).map(middle).collect() }
    }

    /// Of the week that ends on this day.
    fn middle(&self, day: i64) -> Option<u16> {
        let at = usize::try_from(day - self.first).ok()?;
        self.middles.get(at).copied().flatten()
    }
}

/// The median, in halves.
fn middle(points: &[Point]) -> Option<u16> {
    let mut counts = Counts::default();
    points.iter().for_each(|point| counts.add(point));
    counts.middle()
}

/// How many points have which value of a pain. Counted, not sorted: the values are few.
#[derive(Default)]
struct Counts {
    /// From 0 to 10.
    of: [u16; 11],
    all: u16,
}

impl Counts {
    fn add(&mut self, point: &Point) {
        if let Some(count) = self.of.get_mut(usize::from(point.value)) {
            *count += 1;
            self.all += 1;
        }
    }

    fn take(&mut self, point: &Point) {
        if let Some(count) = self.of.get_mut(usize::from(point.value)) {
            *count -= 1;
            self.all -= 1;
        }
    }

    /// The median, in halves.
    fn middle(&self) -> Option<u16> {
        Some(self.nth(self.all.checked_sub(1)? / 2)? + self.nth(self.all / 2)?)
    }

    /// The value that this many are below.
    fn nth(&self, nth: u16) -> Option<u16> {
        let mut upto = 0;
        (0..).zip(self.of).find_map(|(value, count)| {
            upto += count;
            (upto > nth).then_some(value)
        })
    }
}

/// The days, and those of them on which an alert was answered.
struct Answered<'a> {
    logs: &'a [DayLog],
    answered: &'a [&'a DayLog],
    today: Day,
}

impl Answered<'_> {
    fn is_open(&self, rules: &RuleSet, rule: &Watch, alert: &Alert, alerts: &[Alert]) -> bool {
        let own = self.logs.iter().find(|log| log.day == alert.day);
        // The signs of a day can also be answered one by one.
        let signs_helped = rule.limits == Limits::Emergency && own.is_some_and(|log| !needs_help_now(rules, log));
        let by_mistake = own.is_some_and(|log| self.has_reply(log, alert, Reply::Mistake));
        let tomorrow = |log: &&DayLog| log.day == self.today && self.has_reply(log, alert, Reply::RemindTomorrow);
        let later = alert.urgency < Urgency::Emergency && self.answered.iter().any(tomorrow);
        let same_again = alerts.iter().any(|earlier| {
            earlier.rule == alert.rule
                && earlier.day < alert.day
                && alert.day.epoch_days() - earlier.day.epoch_days() <= i64::from(rule.answered_days)
                && !is_worse(alert, earlier)
                && self.got_help(earlier)
        });
        !(signs_helped || by_mistake || later || self.got_help(alert) || same_again)
    }

    /// On its day or a later one.
    fn got_help(&self, alert: &Alert) -> bool {
        self.answered.iter().any(|log| log.day >= alert.day && self.has_reply(log, alert, Reply::GotHelp))
    }

    /// Whether a day has this answer, given after the alert's causes were written.
    fn has_reply(&self, log: &DayLog, alert: &Alert, reply: Reply) -> bool {
        log.reply(&alert.rule) == Some(reply) && log.replied(&alert.rule) >= last_written(alert, self.logs)
    }
}

/// When what caused an alert was last written.
fn last_written(alert: &Alert, logs: &[DayLog]) -> Stamp {
    let mut last = Stamp::default();
    for log in logs {
        for value in &alert.values {
            last = last.max(written(log, value));
        }
    }
    last
}

/// When what a day has of a cause was last written.
fn written(log: &DayLog, value: &Reading) -> Stamp {
    let measured = |measure| log.written(measure);
    match value {
        Reading::Sign { day, sign } if *day == log.day => log.ticked_at(sign),
        Reading::Measured { day, measure, .. } if *day == log.day => measured(*measure),
        Reading::Changed { measure, from, to, .. } if [*from, *to].contains(&log.day) => measured(*measure),
        Reading::LegPain { from, to, .. } if (*from..=*to).contains(&log.day) => {
            measured(Measure::Pain(Place::LeftLeg)).max(measured(Measure::Pain(Place::RightLeg)))
        }
        // That it began longer ago makes nothing worse.
        Reading::Onset { day, onset } if *day == log.day && *onset != Onset::Longer => log.onset_written(),
        _ => Stamp::default(),
    }
}

/// Whether an alert says more than an earlier one of its rule: it is more urgent; or at least urgent, and something that
/// changed had not, was better then, or had recovered since.
fn is_worse(alert: &Alert, earlier: &Alert) -> bool {
    let known = |value: &Reading| {
        let Reading::Changed { measure, from, now, .. } = value else { return true };
        earlier.values.iter().any(|other| {
            matches!(other, Reading::Changed { measure: then, now: was, .. }
                if then == measure && badness(*measure, *now) <= badness(*measure, *was))
        }) && *from <= earlier.day
    };
    alert.urgency > earlier.urgency || (alert.urgency >= Urgency::Urgent && !alert.values.iter().all(known))
}

/// More is worse.
fn badness(measure: Measure, value: u16) -> u16 {
    match measure {
        Measure::Foot(_) | Measure::HeelWalk(_) | Measure::HeelRaise(_) => measure.most().saturating_sub(value),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::tracker::entry::{Value, Write};

    const LEFT: Measure = Measure::Pain(Place::LeftLeg);
    const RIGHT: Measure = Measure::Pain(Place::RightLeg);
    const FOOT: Measure = Measure::Foot(Side::Left);
    const OTHER_FOOT: Measure = Measure::Foot(Side::Right);
    const HEEL: Measure = Measure::HeelWalk(Side::Left);

    static RULES: LazyLock<RuleSet> = LazyLock::new(|| crate::content::rules().unwrap());

    #[test]
    fn what_the_rules_look_at_is_in_the_order_of_a_days_fields() {
        assert!(MEASURES.map(Measure::field).is_sorted());
    }

    /// Day 89 is today, day 0 the first that is looked at. Day 83 is a Monday.
    fn day(at: i64) -> Day {
        "2026-08-25".parse::<Day>().unwrap().plus(at)
    }

    fn today() -> Day {
        day(89)
    }

    /// Logs, as they are written.
    #[derive(Clone, Debug, Default)]
    struct Diary(Vec<DayLog>);

    impl Diary {
        fn of(points: &[(i64, Measure, u16)]) -> Self {
            let mut diary = Self::default();
            points.iter().for_each(|(at, measure, value)| diary.measure(*at, *measure, *value));
            diary
        }

        /// The same every day, from one to another.
        fn every_day(mut self, days: std::ops::RangeInclusive<i64>, measure: Measure, value: u16) -> Self {
            days.for_each(|at| self.measure(at, measure, value));
            self
        }

        fn and(mut self, at: i64, measure: Measure, value: u16) -> Self {
            self.measure(at, measure, value);
            self
        }

        fn change(&mut self, at: i64, change: &Change) {
            let millis = self.0.iter().map(|log| log.entry().latest().millis).max().unwrap_or(0) + 1;
            let found = self.0.iter().position(|log| log.day == day(at));
            let place = found.unwrap_or_else(|| {
                self.0.push(DayLog::empty(day(at)));
                self.0.len() - 1
            });
            let writes = change.writes(&self.0[place], "2.1.0");
            self.0[place].write(&writes, Stamp { millis, count: 0, writer: 1 });
        }

        fn measure(&mut self, at: i64, measure: Measure, value: u16) {
            self.change(at, &Change::Measured { measure, value: Some(value) });
        }

        fn tick(&mut self, at: i64, sign: &str) {
            self.change(at, &Change::Sign { sign: sign.to_owned(), there: true });
        }

        fn since(mut self, at: i64, onset: Onset) -> Self {
            self.change(at, &Change::WeakerSince(onset));
            self
        }

        fn reply(&mut self, alert: &Alert, reply: Reply, said_on: Day) {
            let (on, change) = answer(alert, reply, said_on);
            self.change(on.epoch_days() - day(0).epoch_days(), &change);
        }

        fn alerts_if(&self, adherence: Option<u8>) -> Vec<Alert> {
            watch(&RULES, &self.0, today(), &|_, _| adherence)
        }

        fn alerts(&self) -> Vec<Alert> {
            self.alerts_if(None)
        }

        /// Which rules fired, on which day, how urgent.
        fn fired(&self) -> Vec<(String, i64, Urgency)> {
            let at = |alert: &Alert| alert.day.epoch_days() - day(0).epoch_days();
            self.alerts().iter().map(|alert| (alert.rule.clone(), at(alert), alert.urgency)).collect()
        }

        fn urgency(&self) -> Option<Urgency> {
            self.alerts().iter().map(|alert| alert.urgency).max()
        }

        fn open_on(&self, today: Day) -> Vec<Alert> {
            let alerts = watch(&RULES, &self.0, today, &|_, _| None);
            open(&RULES, &alerts, &self.0, today).into_iter().cloned().collect()
        }

        fn open(&self) -> Vec<Alert> {
            self.open_on(today())
        }
    }

    fn fired(rule: &str, at: i64, urgency: Urgency) -> Vec<(String, i64, Urgency)> {
        vec![(rule.to_owned(), at, urgency)]
    }

    fn ask(diary: &Diary) -> Vec<bool> {
        diary.alerts().iter().map(|alert| alert.ask_onset).collect()
    }

    #[test]
    fn each_emergency_sign_of_the_list_is_t1_and_fever_alone_is_t7() {
        for sign in &RULES.daily {
            let mut diary = Diary::default();
            diary.tick(89, sign);
            let expected = if sign == "fever" { ("T7", Urgency::Urgent) } else { ("T1", Urgency::Emergency) };
            assert_eq!(diary.fired(), fired(expected.0, 89, expected.1), "{sign}");
            assert_eq!(diary.alerts()[0].values, [Reading::Sign { day: today(), sign: sign.clone() }]);
        }
        let mut both = Diary::default();
        both.tick(89, "fever");
        both.tick(89, "saddle");
        assert_eq!(both.fired(), [fired("T1", 89, Urgency::Emergency), fired("T7", 89, Urgency::Urgent)].concat());
        let mut none = Diary::default();
        none.tick(89, "saddle");
        none.change(89, &Change::Sign { sign: "saddle".to_owned(), there: false });
        none.change(88, &Change::NoSigns { in_view: vec![] });
        assert_eq!(none.alerts(), []);
    }

    #[test]
    fn a_sign_of_another_version_is_an_emergency_on_whatever_day_it_is() {
        for at in [-200, 3, 89, 95] {
            let mut diary = Diary::default();
            diary.tick(at, "a_sign_of_another_version");
            assert_eq!(diary.fired(), fired("T1", at, Urgency::Emergency));
            assert_eq!(diary.open().len(), 1);
        }
    }

    #[test]
    fn foot_5_on_monday_and_3_on_tuesday_is_an_emergency() {
        assert_eq!(day(83).weekday(), "Monday");
        let diary = Diary::of(&[(83, FOOT, 5), (84, FOOT, 3)]);
        assert_eq!(diary.fired(), fired("T2", 84, Urgency::Emergency));
        assert_eq!(ask(&diary), [false], "the test before says how fast it came");
        let fell = Reading::Changed { measure: FOOT, from: day(83), before: 5, to: day(84), now: 3 };
        assert_eq!(diary.alerts()[0].values, [fell]);
        assert_eq!(Diary::of(&[(83, FOOT, 5), (85, FOOT, 3)]).urgency(), Some(Urgency::Emergency), "two days");
    }

    #[test]
    fn foot_5_and_4_within_14_days_is_urgent() {
        for at in [76, 80, 88] {
            assert_eq!(Diary::of(&[(at, FOOT, 5), (89, FOOT, 4)]).fired(), fired("T2", 89, Urgency::Urgent), "{at}");
        }
        assert_eq!(Diary::of(&[(88, FOOT, 4), (89, FOOT, 4)]).fired(), []);
        assert_eq!(Diary::of(&[(88, FOOT, 4), (89, FOOT, 5)]).fired(), [], "it got better");
        let other_side = Diary::of(&[(88, FOOT, 5), (89, OTHER_FOOT, 2)]);
        assert_eq!(other_side.fired(), [], "nothing is known of how that foot was");
    }

    #[test]
    fn three_steps_less_on_the_heel_is_urgent_and_two_are_not() {
        assert_eq!(Diary::of(&[(80, HEEL, 10), (89, HEEL, 7)]).fired(), fired("T2", 89, Urgency::Urgent));
        assert_eq!(Diary::of(&[(80, HEEL, 10), (89, HEEL, 8)]).fired(), []);
        let fast = Diary::of(&[(80, HEEL, 10), (89, HEEL, 7)]).since(89, Onset::TwoDaysOrLess);
        assert_eq!(fast.urgency(), Some(Urgency::Emergency));
    }

    #[test]
    fn the_best_of_14_days_counts_and_a_pause_hides_no_fall() {
        let slow = Diary::of(&[(76, FOOT, 5), (80, FOOT, 4), (88, FOOT, 4), (89, FOOT, 4)]);
        assert_eq!(slow.fired(), [80, 88, 89].map(|at| ("T2".to_owned(), at, Urgency::Urgent)));
        assert_eq!(ask(&slow), [true, false, false], "it is asked of a fall, not of what stayed as it was");
        let old_best = Diary::of(&[(70, FOOT, 5), (77, FOOT, 4), (89, FOOT, 4)]);
        assert_eq!(old_best.fired(), fired("T2", 77, Urgency::Urgent), "the best of 19 days ago is not of 14");
        assert_eq!(Diary::of(&[(20, FOOT, 5), (89, FOOT, 3)]).fired(), fired("T2", 89, Urgency::Emergency));
        assert_eq!(Diary::of(&[(-1, FOOT, 5), (89, FOOT, 3)]).fired(), [], "older than the 90 days");
    }

    #[test]
    fn after_more_than_two_days_it_is_asked_when_it_began() {
        use Urgency::{Emergency, Urgent};
        for (now, onset, urgency) in [
            (4, None, Urgent),
            (3, None, Emergency),
            (4, Some(Onset::TwoDaysOrLess), Emergency),
            (4, Some(Onset::NotSure), Emergency),
            (4, Some(Onset::Longer), Urgent),
            (3, Some(Onset::NotSure), Emergency),
            (3, Some(Onset::Longer), Urgent),
        ] {
            let diary = Diary::of(&[(82, FOOT, 5), (89, FOOT, now)]);
            let diary = if let Some(onset) = onset { diary.since(89, onset) } else { diary };
            assert_eq!(diary.fired(), fired("T2", 89, urgency), "{now} {onset:?}");
            assert_eq!(ask(&diary), [onset.is_none()], "{now} {onset:?}");
        }
        let known = Diary::of(&[(88, FOOT, 5), (89, FOOT, 3)]).since(89, Onset::Longer);
        assert_eq!(known.urgency(), Some(Emergency), "two tests say more than an answer");
    }

    #[test]
    fn a_fall_in_two_steps_whose_beginning_nobody_saw_is_asked_about() {
        let seen = Diary::of(&[(85, FOOT, 5), (87, FOOT, 4), (88, FOOT, 4), (89, FOOT, 3)]);
        assert_eq!(seen.alerts().last().map(|alert| (alert.urgency, alert.ask_onset)), Some((Urgency::Urgent, false)));
        let unseen = Diary::of(&[(85, FOOT, 5), (88, FOOT, 4), (89, FOOT, 3)]);
        assert_eq!(
            unseen.alerts().last().map(|alert| (alert.urgency, alert.ask_onset)),
            Some((Urgency::Emergency, true))
        );
    }

    fn calm_then(side: Measure, before: u16, now: u16) -> Diary {
        Diary::default().every_day(75..=88, side, before).and(89, side, now)
    }

    #[test]
    fn pain_in_the_other_leg_after_14_calm_days_is_an_emergency() {
        let one_leg = |diary: Diary| diary.every_day(70..=89, LEFT, 5);
        let second = one_leg(calm_then(RIGHT, 1, 3));
        assert_eq!(second.fired(), fired("T3", 89, Urgency::Emergency));
        let came = Reading::Changed { measure: RIGHT, from: day(88), before: 1, to: today(), now: 3 };
        assert_eq!(second.alerts()[0].values, [came]);
        assert_eq!(one_leg(calm_then(RIGHT, 1, 2)).fired(), [], "not 3");
        assert_eq!(one_leg(calm_then(RIGHT, 2, 3)).fired(), [], "it was not calm before");
        assert_eq!(
            one_leg(calm_then(Measure::Numbness(Side::Right), 0, 1)).fired(),
            fired("T3", 89, Urgency::Emergency)
        );
        assert_eq!(one_leg(calm_then(Measure::Numbness(Side::Right), 1, 1)).fired(), [], "not new");
    }

    #[test]
    fn a_first_leg_that_begins_to_hurt_is_not_the_other_leg() {
        let first = calm_then(RIGHT, 0, 6).every_day(75..=89, LEFT, 0);
        assert_eq!(first.fired(), []);
        assert_eq!(calm_then(RIGHT, 0, 6).urgency(), Some(Urgency::Emergency), "nobody knows how the left leg is");
        let both = calm_then(RIGHT, 0, 3).every_day(75..=88, LEFT, 0).and(89, LEFT, 3);
        assert_eq!(both.fired(), fired("T3", 89, Urgency::Emergency), "both on one day");
        let numb = first.and(80, Measure::Numbness(Side::Left), 2);
        assert_eq!(numb.urgency(), Some(Urgency::Emergency), "the left leg is numb");
    }

    #[test]
    fn a_second_leg_counts_though_it_rose_slowly_was_logged_weekly_or_after_a_pause() {
        let left = Diary::default().every_day(50..=89, LEFT, 5);
        let slow = left.clone().every_day(70..=84, RIGHT, 0).and(86, RIGHT, 2).and(89, RIGHT, 3);
        assert_eq!(slow.fired(), fired("T3", 89, Urgency::Emergency));
        let weekly = left.clone().and(75, RIGHT, 0).and(82, RIGHT, 1).and(89, RIGHT, 4);
        assert_eq!(weekly.fired(), fired("T3", 89, Urgency::Emergency));
        let pause = left.clone().every_day(60..=66, RIGHT, 0).and(89, RIGHT, 4);
        assert_eq!(pause.fired(), fired("T3", 89, Urgency::Emergency));
        let once = left.clone().and(82, RIGHT, 1).and(89, RIGHT, 4);
        assert_eq!(once.fired(), [], "one good day is not 14");
        let long = left.every_day(50..=60, RIGHT, 0).every_day(61..=88, RIGHT, 2).and(89, RIGHT, 3);
        assert_eq!(long.fired(), [], "it has hurt for a month");
    }

    /// The first week, then these from day 80 on.
    fn leg_pain(first: u16, last: &[u16]) -> Diary {
        let last = (80..).zip(last);
        last.fold(Diary::default().every_day(0..=6, LEFT, first), |diary, (at, value)| diary.and(at, LEFT, *value))
    }

    #[test]
    fn leg_pain_up_2_points_and_30_percent_for_3_days_is_soon() {
        // The week's middle value is 6 as soon as 4 days are logged: on 83, 84 and 85.
        assert_eq!(leg_pain(4, &[6, 6, 6, 6, 6, 6]).fired(), fired("T4", 85, Urgency::Soon));
        assert_eq!(leg_pain(4, &[6, 6, 6, 6, 6]).fired(), [], "2 days");
        assert_eq!(leg_pain(4, &[6, 6, 5, 5, 5, 6]).fired(), [], "5.5 at the most");
        assert_eq!(leg_pain(8, &[10, 10, 10, 10, 10, 10]).fired(), [], "2 points are 25%");
        let values = leg_pain(4, &[6, 6, 6, 6, 6, 6]).alerts().remove(0).values;
        let base = Reading::LegPain { from: day(0), to: day(6), halves: 8 };
        assert_eq!(values, [base, Reading::LegPain { from: day(79), to: day(85), halves: 12 }]);
        let sparse = [80, 83, 86, 89]
            .iter()
            .fold(Diary::default().every_day(0..=6, LEFT, 2), |diary, at| diary.and(*at, LEFT, 9));
        assert_eq!(sparse.fired(), [], "three in a week say nothing");
        let either = leg_pain(4, &[1, 1, 1, 1, 1, 1]).every_day(0..=6, RIGHT, 2).every_day(80..=85, RIGHT, 6);
        assert!(either.fired().contains(&("T4".to_owned(), 85, Urgency::Soon)), "the worse leg: {:?}", either.fired());
    }

    #[test]
    fn eight_broken_nights_of_fourteen_are_soon_and_seven_are_not() {
        let nights = |count: i64| {
            Diary::default().every_day(76..=89, Measure::Woken, 0).every_day(90 - count..=89, Measure::Woken, 2)
        };
        assert_eq!(nights(8).fired(), fired("T5", 89, Urgency::Soon));
        assert_eq!(nights(8).alerts()[0].values.len(), 8);
        assert_eq!(nights(7).fired(), []);
        assert_eq!(nights(7).and(75, Measure::Woken, 1).fired(), [], "15 nights");
    }

    #[test]
    fn a_slow_rise_is_soon_where_the_exercises_were_done_or_nobody_knows() {
        let slow = |now| Diary::default().every_day(40..=61, LEFT, 4).every_day(83..=89, LEFT, now);
        let rules = |diary: &Diary, adherence| -> Vec<String> {
            let alerts = diary.alerts_if(adherence);
            let mut rules: Vec<String> = alerts.into_iter().map(|alert| alert.rule).collect();
            rules.dedup();
            rules
        };
        for adherence in [None, Some(70), Some(100)] {
            assert_eq!(rules(&slow(5), adherence), ["T5"], "{adherence:?}");
        }
        assert_eq!(rules(&slow(5), Some(69)), Vec::<String>::new());
        assert_eq!(rules(&slow(4), Some(90)), Vec::<String>::new());
        let asked = std::cell::Cell::new(None);
        watch(&RULES, &slow(5).0, today(), &|from, to| {
            asked.set(Some((from, to)));
            Some(70)
        });
        assert_eq!(asked.get(), Some((day(62), today())), "of 28 days");
    }

    #[test]
    fn less_leg_pain_with_a_weaker_foot_is_urgent() {
        let t6 = |diary: &Diary| diary.fired().into_iter().filter(|(rule, ..)| rule == "T6").collect::<Vec<_>>();
        let quieter = Diary::of(&[(80, LEFT, 7), (80, FOOT, 5), (86, FOOT, 4), (88, LEFT, 4)]);
        assert_eq!(t6(&quieter), fired("T6", 88, Urgency::Urgent));
        let wrong_side = Diary::of(&[(80, RIGHT, 7), (80, FOOT, 5), (86, FOOT, 4), (88, RIGHT, 4)]);
        assert_eq!(t6(&wrong_side), fired("T6", 88, Urgency::Urgent));
        assert_eq!(t6(&Diary::of(&[(80, LEFT, 7), (80, FOOT, 5), (86, FOOT, 4), (88, LEFT, 5)])), [], "2 points");
        assert_eq!(t6(&Diary::of(&[(80, LEFT, 7), (80, FOOT, 5), (86, FOOT, 5), (88, LEFT, 4)])), [], "as strong");
        assert_eq!(t6(&Diary::of(&[(73, LEFT, 7), (80, FOOT, 5), (86, FOOT, 4), (88, LEFT, 4)])), [], "15 days");
    }

    #[test]
    fn two_trips_in_a_week_with_a_weak_foot_are_soon() {
        let trips = |foot| Diary::of(&[(60, FOOT, foot), (83, Measure::Trips, 1), (89, Measure::Trips, 1)]);
        assert_eq!(trips(4).fired(), fired("T8", 89, Urgency::Soon));
        assert_eq!(trips(5).fired(), []);
        assert_eq!(trips(3).and(80, FOOT, 5).fired(), [], "it lifts again");
        assert_eq!(trips(5).and(60, OTHER_FOOT, 3).fired(), fired("T8", 89, Urgency::Soon));
        let apart = Diary::of(&[(60, FOOT, 3), (82, Measure::Trips, 1), (89, Measure::Trips, 1)]);
        assert_eq!(apart.fired(), [], "8 days");
        assert_eq!(Diary::of(&[(60, FOOT, 3), (89, Measure::Trips, 2)]).fired(), fired("T8", 89, Urgency::Soon));
    }

    #[test]
    fn an_emergency_stands_until_help_was_got_or_it_was_a_mistake() {
        for (reply, stands) in [(Reply::GotHelp, false), (Reply::Mistake, false), (Reply::RemindTomorrow, true)] {
            let mut diary = Diary::of(&[(82, FOOT, 5), (83, FOOT, 3)]);
            let alert = diary.open().remove(0);
            diary.reply(&alert, reply, today());
            assert_eq!(!diary.open().is_empty(), stands, "{reply:?}");
        }
        let mut signs = Diary::default();
        signs.tick(50, "saddle");
        assert_eq!(signs.open().len(), 1, "though it is weeks ago");
        signs.change(50, &Change::GotHelp { signs: vec!["saddle".to_owned()] });
        assert_eq!(signs.open(), []);
    }

    #[test]
    fn what_is_no_emergency_is_quiet_until_tomorrow() {
        let mut diary = Diary::of(&[(80, FOOT, 5), (86, FOOT, 4)]);
        let alert = diary.open().remove(0);
        diary.reply(&alert, Reply::RemindTomorrow, today());
        assert_eq!(diary.open(), []);
        assert_eq!(diary.open_on(day(90)), [alert]);
    }

    #[test]
    fn an_answer_covers_its_cause_and_nothing_worse_that_is_written_later() {
        for reply in [Reply::GotHelp, Reply::Mistake, Reply::RemindTomorrow] {
            let mut diary = Diary::of(&[(80, FOOT, 5), (89, FOOT, 4)]).since(89, Onset::Longer);
            let alert = diary.open().remove(0);
            diary.reply(&alert, reply, today());
            assert_eq!(diary.open(), [], "{reply:?}");
            diary.measure(89, FOOT, 2);
            assert_eq!(diary.open().len(), 1, "{reply:?}");
            let mut diary = Diary::of(&[(80, FOOT, 5), (89, FOOT, 4)]);
            diary.reply(&alert, reply, today());
            let diary = diary.since(89, Onset::NotSure);
            assert_eq!(diary.open().first().map(|alert| alert.urgency), Some(Urgency::Emergency), "{reply:?}");
        }
        let mut signs = Diary::default();
        signs.tick(89, "saddle");
        let alert = signs.open().remove(0);
        signs.reply(&alert, Reply::GotHelp, today());
        assert_eq!(signs.open(), []);
        signs.tick(89, "both_drop");
        assert_eq!(signs.open().len(), 1);
    }

    #[test]
    fn help_that_was_got_also_covers_the_same_again_and_a_mistake_does_not() {
        let tested = |reply: Reply, later: &[(i64, u16)]| {
            let mut diary = Diary::of(&[(79, FOOT, 5), (81, FOOT, 4)]);
            let alert = diary.open().remove(0);
            diary.reply(&alert, reply, day(81));
            later.iter().for_each(|(at, value)| diary.measure(*at, FOOT, *value));
            diary.open().len()
        };
        assert_eq!(tested(Reply::GotHelp, &[(88, 4)]), 0);
        assert_eq!(tested(Reply::Mistake, &[(88, 4)]), 1, "measured twice");
        assert_eq!(tested(Reply::GotHelp, &[(88, 3)]), 1, "worse");
        assert_eq!(tested(Reply::GotHelp, &[(85, 5), (88, 4)]), 1, "it had recovered");
        let mut other = Diary::of(&[(79, FOOT, 5), (81, FOOT, 4)]);
        let alert = other.open().remove(0);
        other.reply(&alert, Reply::GotHelp, day(81));
        assert_eq!(other.and(80, OTHER_FOOT, 5).and(88, OTHER_FOOT, 4).open().len(), 1, "the other foot");
        let mut fever = Diary::default();
        fever.tick(88, "fever");
        let alert = fever.open().remove(0);
        fever.reply(&alert, Reply::GotHelp, day(88));
        fever.tick(89, "fever");
        assert_eq!(fever.open().len(), 1, "each day's own");
    }

    #[test]
    fn the_latest_answer_covers_what_was_not_answered_before() {
        let mut fever = Diary::default();
        (85..=89).for_each(|at| fever.tick(at, "fever"));
        let open = fever.open();
        assert_eq!(open.iter().map(|alert| alert.day).collect::<Vec<_>>(), [today()], "one of a rule");
        fever.reply(&open[0], Reply::GotHelp, today());
        assert_eq!(fever.open(), []);
    }

    #[test]
    fn a_value_that_was_corrected_takes_its_alert_with_it() {
        let mut diary = Diary::of(&[(88, FOOT, 5), (89, FOOT, 2)]);
        assert_eq!(diary.open().len(), 1);
        diary.measure(89, FOOT, 5);
        assert_eq!(diary.alerts(), []);
    }

    #[test]
    fn the_most_urgent_stands_first() {
        let mut diary = Diary::of(&[(60, FOOT, 4), (89, Measure::Trips, 2)]);
        diary.tick(89, "fever");
        diary.tick(88, "saddle");
        let rules: Vec<String> = diary.open().into_iter().map(|alert| alert.rule).collect();
        assert_eq!(rules, ["T1", "T7", "T8"]);
    }

    #[test]
    fn too_little_is_said_of_what_the_rules_cannot_see() {
        let of = |diary: &Diary| -> Vec<Measured> {
            too_little(&RULES, &diary.0, today()).into_iter().map(|little| little.of).collect()
        };
        let all = [
            Measured::Foot(Side::Left),
            Measured::Foot(Side::Right),
            Measured::FirstLegPain,
            Measured::LegPain,
            Measured::Nights,
        ];
        assert_eq!(of(&Diary::default()), all);
        let three = Diary::default().every_day(87..=89, LEFT, 0);
        let little = too_little(&RULES, &three.0, today());
        let pain = TooLittle { of: Measured::LegPain, logged: 3, needed: 4, days: Some(7) };
        assert!(little.contains(&pain), "{little:?}");
        let full = Diary::default().every_day(0..=89, LEFT, 0).every_day(82..=89, Measure::Woken, 0);
        assert_eq!(of(&full.and(76, FOOT, 5).and(80, OTHER_FOOT, 5)), []);
    }

    #[test]
    fn a_number_out_of_its_range_or_of_no_day_changes_nothing() {
        let mut diary = Diary::of(&[(88, FOOT, 5)]);
        let stamp = Stamp { millis: 99, count: 0, writer: 1 };
        let mut entry = diary.0[0].entry().clone();
        entry.write("foot_left", Write { stamp, value: Value::Number(-3) });
        diary.0[0].take_in(&entry);
        assert_eq!(diary.and(89, FOOT, 4).alerts(), []);
    }

    fn any_measure() -> impl Strategy<Value = Measure> {
        let measures =
            vec![LEFT, RIGHT, FOOT, OTHER_FOOT, HEEL, Measure::Numbness(Side::Left), Measure::Trips, Measure::Woken];
        prop::sample::select(measures)
    }

    fn any_diary() -> impl Strategy<Value = Diary> {
        let point = (50..=89_i64, any_measure(), 0..=10_u16)
            .prop_map(|(at, measure, value)| (at, measure, value % (measure.most() + 1)));
        let points = prop::collection::vec(point, 0..60);
        let signs = prop::collection::vec((50..=89_i64, prop::sample::select(RULES.daily.clone())), 0..2);
        let onset = prop::option::of((50..=89_i64, prop::sample::select(Onset::ALL.to_vec())));
        (points, signs, onset).prop_map(|(points, signs, onset)| {
            let mut diary = Diary::of(&points);
            signs.iter().for_each(|(at, sign)| diary.tick(*at, sign));
            if let Some((at, onset)) = onset { diary.since(at, onset) } else { diary }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn one_more_sign_never_calms(diary in any_diary(), at in 50..=89_i64, sign in prop::sample::select(RULES.daily.clone())) {
            let before = diary.urgency();
            let mut after = diary;
            after.tick(at, &sign);
            prop_assert!(after.urgency() >= before);
            prop_assert!(!after.open().is_empty());
        }

        #[test]
        fn a_weaker_foot_on_the_last_day_never_calms(diary in any_diary(), side in 0..2_usize, foot in 1..=5_u16, less in 1..=5_u16) {
            let measure = [FOOT, OTHER_FOOT][side];
            let before = diary.clone().and(89, measure, foot);
            let after = diary.and(89, measure, foot.saturating_sub(less));
            prop_assert!(after.urgency() >= before.urgency(), "{:?} {:?}", before.alerts(), after.alerts());
        }

        #[test]
        fn the_order_of_the_logs_makes_no_difference(diary in any_diary(), turn in 0..60_usize) {
            let mut turned = diary.clone();
            let by = turn % turned.0.len().max(1);
            turned.0.rotate_left(by);
            prop_assert_eq!(turned.alerts(), diary.alerts());
            turned.0.reverse();
            prop_assert_eq!(turned.alerts(), diary.alerts());
        }

        #[test]
        fn a_longer_gap_between_two_tests_never_makes_a_fall_calmer(
            before in 0..=5_u16, now in 0..=5_u16, gap in 1..=60_i64, longer in 0..=28_i64,
        ) {
            let of = |gap: i64| Diary::of(&[(89 - gap, FOOT, before), (89, FOOT, now)]).urgency();
            prop_assert!(of(gap + longer) >= of(gap), "{:?} {:?}", of(gap), of(gap + longer));
        }

        #[test]
        fn good_adherence_removes_no_alert_and_poor_adherence_only_t5(diary in any_diary(), percent in 0..=100_u8) {
            let (unknown, known) = (diary.alerts_if(None), diary.alerts_if(Some(percent)));
            let same = |one: &Alert, other: &Alert| (&one.rule, one.day, one.urgency) == (&other.rule, other.day, other.urgency);
            for alert in &unknown {
                let kept = known.iter().any(|other| same(alert, other));
                prop_assert!(kept || (percent < 70 && alert.rule == "T5"), "{alert:?}");
            }
            prop_assert!(known.iter().all(|alert| unknown.iter().any(|other| same(alert, other))));
        }

        #[test]
        fn only_an_answer_closes_an_emergency(diary in any_diary()) {
            let emergency = diary.urgency() == Some(Urgency::Emergency);
            prop_assert_eq!(diary.open().first().map(|alert| alert.urgency) == Some(Urgency::Emergency), emergency);
        }

        #[test]
        fn the_middle_of_a_week_is_the_median_of_what_was_logged_in_it(
            logged in prop::collection::btree_map(0..40_i64, 0..=10_u16, 0..40), days in 1..=14_u16, least_logged in 0..=14_u16,
        ) {
            let points: Vec<Point> = logged.iter().map(|(at, value)| Point { day: day(*at), at: *at, value: *value }).collect();
            let weeks = Weeks::of(&points, &Week { days, least_logged });
            for last in logged.keys().flat_map(|at| at - 21..=*at) {
                let mut values: Vec<u16> = logged.range(last - i64::from(days) + 1..=last).map(|(_, value)| *value).collect();
                values.sort_unstable();
                let enough = !values.is_empty() && values.len() >= usize::from(least_logged);
                let median = || values[(values.len() - 1) / 2] + values[values.len() / 2];
                prop_assert_eq!(weeks.middle(last), enough.then(median), "{:?}", (last, &points));
            }
        }

        #[test]
        fn there_is_one_alert_of_a_rule_and_a_day(diary in any_diary()) {
            let keys: Vec<(String, Day)> = diary.alerts().into_iter().map(|alert| (alert.rule, alert.day)).collect();
            prop_assert!(keys.is_sorted_by(|one, next| one < next), "{keys:?}");
        }
    }
}
