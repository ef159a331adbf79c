//! A day's log, and what the rules say to it. Pure: no page, no browser, no clock.

use uuid::Uuid;

use super::{
    entry::{About, DELETED, Entry, Field, Stamp, Value, Write},
    zones::{Feeling, Felt, Zone},
};
use crate::{
    day::Day,
    triage::{Answers, Finding, Question, RuleSet, Urgency, YES},
};

/// The worst pain, where 0 is none.
pub const WORST: u16 = 10;

/// Where a pain is rated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Back,
    LeftLeg,
    RightLeg,
}

impl Place {
    pub const ALL: [Self; 3] = [Self::Back, Self::LeftLeg, Self::RightLeg];

    pub fn name(self) -> &'static str {
        match self {
            Self::Back => "Back pain",
            Self::LeftLeg => "Left leg pain",
            Self::RightLeg => "Right leg pain",
        }
    }

    /// Its field in a form.
    pub fn field(self) -> &'static str {
        match self {
            Self::Back => "back",
            Self::LeftLeg => "left_leg",
            Self::RightLeg => "right_leg",
        }
    }
}

/// A side of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

impl Side {
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    pub fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

/// What is logged as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// From 0, none, to 10, the worst.
    Pain(Place),
    /// Numbness, tingling or weakness of a leg, in the patient's own words: from 0, none, to 10, the worst.
    Numbness(Side),
    /// How the foot lifts, on our own scale (clinical.md, section 3): from 0, no movement, to 5, as the other.
    Foot(Side),
    /// Steps on the heel, up to 10.
    HeelWalk(Side),
    /// Times up on tiptoe, up to 10.
    HeelRaise(Side),
    /// Trips and stumbles since the day before, up to 20.
    Trips,
    /// Times woken at night, up to 20.
    Woken,
    /// Minutes.
    Sitting,
    /// Minutes.
    Walking,
    /// How hard the exercises were: 0 easy, 1 fine, 2 hard, 3 too hard.
    Effort,
    /// One of the patient's own activities, from 1: from 0, cannot do it, to 10, as before.
    Activity(u8),
}

impl Measure {
    /// Every one of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_sides = [Self::Numbness, Self::Foot, Self::HeelWalk, Self::HeelRaise];
        let sides = of_sides.into_iter().flat_map(|measure| Side::BOTH.map(measure));
        let rest = [Self::Trips, Self::Woken, Self::Sitting, Self::Walking, Self::Effort];
        Place::ALL.map(Self::Pain).into_iter().chain(sides).chain(rest).chain((1..=ACTIVITIES).map(Self::Activity))
    }

    /// Its field in an entry and in a form.
    pub fn field(self) -> String {
        match self {
            Self::Pain(place) => place.field().to_owned(),
            Self::Numbness(side) => format!("numb_{}", side.name()),
            Self::Foot(side) => format!("foot_{}", side.name()),
            Self::HeelWalk(side) => format!("heel_walk_{}", side.name()),
            Self::HeelRaise(side) => format!("heel_raise_{}", side.name()),
            Self::Trips => "trips".to_owned(),
            Self::Woken => "woken".to_owned(),
            Self::Sitting => "sitting".to_owned(),
            Self::Walking => "walking".to_owned(),
            Self::Effort => "effort".to_owned(),
            Self::Activity(number) => format!("activity_{number}"),
        }
    }

    /// A number that was logged of it; none where it is out of its range.
    pub fn read(self, number: i32) -> Option<u16> {
        u16::try_from(number).ok().filter(|value| *value <= self.most())
    }

    /// The greatest value that it can have; the least is 0.
    pub fn most(self) -> u16 {
        match self {
            Self::Pain(_) | Self::Numbness(_) | Self::HeelWalk(_) | Self::HeelRaise(_) | Self::Activity(_) => 10,
            Self::Foot(_) => 5,
            Self::Trips | Self::Woken => 20,
            Self::Sitting | Self::Walking => 24 * 60,
            Self::Effort => 3,
        }
    }
}

/// How many activities of their own a patient can follow.
pub const ACTIVITIES: u8 = 5;

/// What is logged in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    Medicines,
    Note,
}

impl Words {
    pub fn field(self) -> &'static str {
        match self {
            Self::Medicines => "medicines",
            Self::Note => "note",
        }
    }
}

/// Since when a foot that tested weaker has been weaker, where the test before it was days ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onset {
    TwoDaysOrLess,
    Longer,
    NotSure,
}

impl Onset {
    pub const ALL: [Self; 3] = [Self::TwoDaysOrLess, Self::Longer, Self::NotSure];

    pub fn value(self) -> &'static str {
        match self {
            Self::TwoDaysOrLess => "two_days",
            Self::Longer => "longer",
            Self::NotSure => "not_sure",
        }
    }
}

/// What a patient said to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    GotHelp,
    Mistake,
    /// Not offered in an emergency.
    RemindTomorrow,
}

impl Reply {
    pub const ALL: [Self; 3] = [Self::GotHelp, Self::Mistake, Self::RemindTomorrow];

    pub fn value(self) -> &'static str {
        match self {
            Self::GotHelp => "got_help",
            Self::Mistake => "mistake",
            Self::RemindTomorrow => "tomorrow",
        }
    }
}

// The fields of a day's entry that no measure has.
const NO_SIGNS: &str = "no_signs";
const RULES: &str = "rules";
const WORSE: &str = "worse";
const ONSET: &str = "weaker_since";

/// The sign of the daily list that a numb zone between the legs is (E01).
pub const SADDLE: &str = "saddle";
/// The sign of the daily list that pain or numbness down both legs is (E06).
pub const BOTH_LEGS: &str = "both_legs";

fn zone_field(zone: Zone) -> String {
    ["zone:", &zone.id()].concat()
}

fn sign_field(sign: &str) -> String {
    format!("sign:{sign}")
}

fn helped_field(sign: &str) -> String {
    format!("helped:{sign}")
}

fn set_field(exercise: &str, set: u8) -> String {
    format!("set:{exercise}:{set}")
}

fn skipped_field(exercise: &str) -> String {
    format!("skipped:{exercise}")
}

const REPLY: &str = "reply:";

fn reply_field(rule: &str) -> String {
    format!("{REPLY}{rule}")
}

fn marked(zone: Zone, felt: Felt) -> (String, Value) {
    (zone_field(zone), felt.name().map_or(Value::Nothing, |name| Value::Text(name.to_owned())))
}

const ALERT: &str = "alert:";

/// What an alert that is kept begins with.
fn kept_as(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Emergency => "emergency: ",
        Urgency::Urgent => "urgent: ",
        Urgency::Soon => "soon: ",
        Urgency::Routine => "routine: ",
        Urgency::SelfCare => "self-care: ",
    }
}

/// What a patient logged on one day: an [`Entry`] read with the names of its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayLog {
    pub day: Day,
    entry: Entry,
}

/// What a change writes: fields, and what they say from then on.
pub type Writes = Vec<(String, Value)>;

/// One thing that a patient changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Outside its range it changes nothing.
    Measured {
        measure: Measure,
        value: Option<u16>,
    },
    /// Empty is nothing.
    Said {
        words: Words,
        text: String,
    },
    Set {
        exercise: String,
        set: u8,
        done: bool,
    },
    /// Left out, and why; an empty reason takes it back.
    Skipped {
        exercise: String,
        reason: String,
    },
    /// Whether the exercises made anything worse.
    Worse(bool),
    Sign {
        sign: String,
        there: bool,
    },
    /// "None of these": takes back the signs that were in view, and no other.
    NoSigns {
        in_view: Vec<String>,
    },
    /// "None of these" was taken back.
    SignsOpen,
    /// Help was got for these signs.
    GotHelp {
        signs: Vec<String>,
    },
    /// A zone of the body chart was marked, or a mark taken back.
    ///
    /// What is numb counts at once for the rules that ask about it, because who marks it on a drawing has said it:
    ///
    /// - **Between the legs** it is the sign [`SADDLE`] too. The sign is ticked again when another zone there becomes numb, so
    ///   that help that was got for one side does not cover the other. Cleared on the chart, the sign stays until it is
    ///   taken back as a sign: a chart that is tidied up must not end an emergency. Taken back, it takes the numb zones
    ///   with it, so that the two never say different things.
    /// - **In a leg** it makes [`Measure::Numbness`] of that leg 1, the least that T3 counts, where it was 0 or not rated;
    ///   a higher rating stays. A zone that is not marked was not asked about, so nothing ever writes a 0: one more 0 can
    ///   hide that the leg was numb before. When the last numb zone of the leg is taken back, so is the 1 that the chart
    ///   wrote, and what had been rated before says again what it said: a mark by mistake goes with all that it did.
    Zone {
        zone: Zone,
        feeling: Feeling,
        there: bool,
    },
    /// Since when the foot has been weaker.
    WeakerSince(Onset),
    /// What was said to the alert of this rule, on the day of the log.
    Replied {
        rule: String,
        reply: Reply,
    },
}

impl Change {
    /// What it writes into a day that says this much; `rules` is the version of the rule set that the day is judged by.
    pub fn writes(&self, log: &DayLog, rules: &str) -> Writes {
        let yes = |there: bool| if there { Value::Yes } else { Value::No };
        let judged = || (RULES.to_owned(), Value::Text(rules.to_owned()));
        let text = |text: &str| if text.is_empty() { Value::Nothing } else { Value::Text(text.to_owned()) };
        match self {
            Self::Measured { measure, value } if value.is_none_or(|value| value <= measure.most()) => {
                let value = value.map_or(Value::Nothing, |value| Value::Number(value.into()));
                vec![(measure.field(), value), judged()]
            }
            Self::Measured { .. } => vec![],
            Self::Said { words, text: said } => vec![(words.field().to_owned(), text(said.trim()))],
            Self::Set { exercise, set, done } => vec![(set_field(exercise, *set), yes(*done))],
            Self::Skipped { exercise, reason } => vec![(skipped_field(exercise), text(reason.trim()))],
            Self::Worse(worse) => vec![(WORSE.to_owned(), yes(*worse))],
            Self::Sign { sign, there } => {
                let mut writes = vec![(sign_field(sign), yes(*there)), judged()];
                if sign == SADDLE && !there {
                    writes.extend(log.not_numb_between_the_legs());
                }
                writes
            }
            // Only what is ticked here: a sign that another device ticked meanwhile was not in view.
            Self::NoSigns { in_view } => {
                let taken_back =
                    in_view.iter().filter(|sign| log.has_sign(sign)).map(|sign| (sign_field(sign), Value::No));
                let mut writes: Writes = taken_back.chain([(NO_SIGNS.to_owned(), Value::Yes), judged()]).collect();
                if log.has_sign(SADDLE) && in_view.iter().any(|sign| sign == SADDLE) {
                    writes.extend(log.not_numb_between_the_legs());
                }
                writes
            }
            Self::SignsOpen => vec![(NO_SIGNS.to_owned(), Value::No), judged()],
            Self::GotHelp { signs } => {
                let there = signs.iter().filter(|sign| log.has_sign(sign));
                there.map(|sign| (helped_field(sign), Value::Yes)).chain([judged()]).collect()
            }
            Self::Zone { zone, feeling, there } => {
                let mut writes = log.marks(*zone, log.felt(*zone).with(*feeling, *there));
                writes.push(judged());
                writes
            }
            Self::WeakerSince(onset) => vec![(ONSET.to_owned(), Value::Text(onset.value().to_owned())), judged()],
            Self::Replied { rule, reply } => vec![(reply_field(rule), Value::Text(reply.value().to_owned()))],
        }
    }
}

impl DayLog {
    pub fn empty(day: Day) -> Self {
        Self { day, entry: Entry::new(Uuid::nil(), About::Day(day)) }
    }

    /// One day's log, from all entries about it.
    pub fn of<'a>(day: Day, entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut log = Self::empty(day);
        entries.into_iter().filter(|entry| entry.about == About::Day(day)).for_each(|entry| log.take_in(entry));
        log
    }

    /// Takes in another copy of the day, or another device's entry about it. The mark of a deleted entry takes back what was
    /// written into that entry, which it did already, and nothing of what others say about the day.
    pub fn take_in(&mut self, entry: &Entry) {
        for field in entry.fields().iter().filter(|field| field.name != DELETED) {
            field.writes().iter().for_each(|write| self.entry.write(&field.name, write.clone()));
        }
    }

    /// The log as an entry, of no id.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Writes all of this at one moment.
    pub fn write(&mut self, writes: &Writes, stamp: Stamp) {
        for (name, value) in writes {
            self.entry.write(name, Write { stamp, value: value.clone() });
        }
    }

    /// What was measured. A number out of its range, from another version of the page, is none.
    pub fn measured(&self, measure: Measure) -> Option<u16> {
        match self.entry.get(&measure.field()) {
            Value::Number(number) => measure.read(*number),
            _ => None,
        }
    }

    /// The fields that say a number.
    pub fn numbers(&self) -> impl Iterator<Item = (&str, i32)> {
        self.entry.fields().iter().filter_map(|field| match field.value() {
            Value::Number(number) => Some((field.name.as_str(), *number)),
            _ => None,
        })
    }

    /// From 0, none, to 10, the worst.
    pub fn pain(&self, place: Place) -> Option<u16> {
        self.measured(Measure::Pain(place))
    }

    pub fn said(&self, words: Words) -> &str {
        self.text(words.field())
    }

    fn text(&self, field: &str) -> &str {
        match self.entry.get(field) {
            Value::Text(text) => text,
            _ => "",
        }
    }

    fn is_yes(&self, field: &str) -> bool {
        *self.entry.get(field) == Value::Yes
    }

    pub fn is_done(&self, exercise: &str, set: u8) -> bool {
        self.is_yes(&set_field(exercise, set))
    }

    /// The sets that were done: the exercise and which of its sets, from 1.
    pub fn sets(&self) -> impl Iterator<Item = (&str, u8)> {
        self.ticked_fields("set:").filter_map(|field| {
            let (exercise, set) = field.rsplit_once(':')?;
            Some((exercise, set.parse().ok()?))
        })
    }

    /// Why an exercise was left out; empty if it was not.
    pub fn skipped(&self, exercise: &str) -> &str {
        self.text(&skipped_field(exercise))
    }

    /// The exercises that were left out, and why.
    pub fn all_skipped(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entry.fields().iter().filter_map(|field| {
            let exercise = field.name.strip_prefix("skipped:")?;
            match field.value() {
                Value::Text(reason) => Some((exercise, reason.as_str())),
                _ => None,
            }
        })
    }

    /// Whether the exercises made anything worse, where that was said.
    pub fn worse(&self) -> Option<bool> {
        match self.entry.get(WORSE) {
            Value::Yes => Some(true),
            Value::No => Some(false),
            _ => None,
        }
    }

    /// When it was last said how the exercises went: how hard they were, or whether they made anything worse.
    pub fn rated(&self) -> Stamp {
        self.when(&Measure::Effort.field()).max(self.when(WORSE))
    }

    /// What a zone of the body chart is.
    pub fn felt(&self, zone: Zone) -> Felt {
        Felt::named(self.text(&zone_field(zone)))
    }

    /// The zones that are marked.
    pub fn zones(&self) -> impl Iterator<Item = (Zone, Felt)> {
        Zone::all().map(move |zone| (zone, self.felt(zone))).filter(|(_, felt)| !felt.is_nothing())
    }

    pub fn has_chart(&self) -> bool {
        self.zones().next().is_some()
    }

    /// Whether a zone of this leg is marked.
    pub fn is_leg_marked(&self, side: Side) -> bool {
        self.zones().any(|(zone, _)| zone.leg() == Some(side))
    }

    /// See [`Change::Zone`].
    fn marks(&self, zone: Zone, now: Felt) -> Writes {
        let before = self.felt(zone);
        let mut writes = vec![marked(zone, now)];
        if zone.is_saddle() && now.numb && !(before.numb && self.has_sign(SADDLE)) {
            writes.push((sign_field(SADDLE), Value::Yes));
        }
        if let Some(side) = zone.leg() {
            let measure = Measure::Numbness(side);
            let others = |(other, felt): (Zone, Felt)| other != zone && other.leg() == Some(side) && felt.numb;
            if now.numb && self.measured(measure).unwrap_or(0) == 0 {
                writes.push((measure.field(), Value::Number(1)));
            } else if before.numb && !now.numb && !self.zones().any(others) {
                writes.extend(self.rated_before_the_chart(measure, side).map(|value| (measure.field(), value)));
            }
        }
        writes
    }

    /// What the numbness of a leg was rated before the chart made it 1; none where it is not what the chart wrote.
    fn rated_before_the_chart(&self, measure: Measure, side: Side) -> Option<Value> {
        let [earlier @ .., last] = self.entry.field(&measure.field())?.writes() else { return None };
        let of_leg = Zone::all().filter(|zone| zone.leg() == Some(side));
        // Written at one moment with a mark.
        let charted = of_leg
            .filter_map(|zone| self.entry.field(&zone_field(zone)))
            .any(|field| field.writes().iter().any(|write| write.stamp == last.stamp));
        let before = || earlier.last().map_or(Value::Nothing, |write| write.value.clone());
        (charted && last.value == Value::Number(1)).then(before)
    }

    fn not_numb_between_the_legs(&self) -> Writes {
        let numb = self.zones().filter(|(zone, felt)| zone.is_saddle() && felt.numb);
        numb.map(|(zone, felt)| marked(zone, felt.with(Feeling::Numb, false))).collect()
    }

    pub fn weaker_since(&self) -> Option<Onset> {
        let said = self.text(ONSET);
        Onset::ALL.into_iter().find(|onset| onset.value() == said)
    }

    pub fn reply(&self, rule: &str) -> Option<Reply> {
        let said = self.text(&reply_field(rule));
        Reply::ALL.into_iter().find(|reply| reply.value() == said)
    }

    /// Whether any alert was answered on this day.
    pub fn has_replies(&self) -> bool {
        self.entry.fields().iter().any(|field| field.name.starts_with(REPLY))
    }

    /// When an alert of this rule was last answered.
    pub fn replied(&self, rule: &str) -> Stamp {
        self.when(&reply_field(rule))
    }

    /// When this was last measured.
    pub fn written(&self, measure: Measure) -> Stamp {
        self.when(&measure.field())
    }

    /// When a sign was last ticked or taken back.
    pub fn ticked_at(&self, sign: &str) -> Stamp {
        self.when(&sign_field(sign))
    }

    /// When it was last answered since when the foot has been weaker.
    pub fn onset_written(&self) -> Stamp {
        self.when(ONSET)
    }

    /// What of the fields that begin so was ticked, by name.
    fn ticked_fields<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        let fields = self.entry.fields().iter().filter(|field| *field.value() == Value::Yes);
        fields.filter_map(move |field| field.name.strip_prefix(prefix))
    }

    /// The warning signs of the day, by question, in the order in which they were ticked.
    pub fn signs(&self) -> Vec<&str> {
        let mut signs: Vec<(Stamp, &str)> = vec![];
        for sign in self.ticked_fields("sign:") {
            let when = self.when(&sign_field(sign));
            // By hand: a sort is kilobytes of wasm for a handful of signs.
            let at = signs.iter().position(|(other, _)| *other > when).unwrap_or(signs.len());
            signs.insert(at, (when, sign));
        }
        signs.into_iter().map(|(_, sign)| sign).collect()
    }

    fn when(&self, field: &str) -> Stamp {
        self.entry.field(field).map(Field::stamp).unwrap_or_default()
    }

    pub fn has_sign(&self, sign: &str) -> bool {
        self.is_yes(&sign_field(sign))
    }

    /// Whether help was got for a sign since it was last ticked.
    pub fn helped(&self, sign: &str) -> bool {
        let helped = helped_field(sign);
        self.is_yes(&helped) && self.when(&helped) >= self.when(&sign_field(sign))
    }

    /// Whether "None of these" was said, and no sign is there all the same.
    pub fn no_signs(&self) -> bool {
        self.is_yes(NO_SIGNS) && self.signs().is_empty() && self.when(NO_SIGNS) >= self.last_sign()
    }

    /// When a sign was last ticked or taken back.
    fn last_sign(&self) -> Stamp {
        let signs = self.entry.fields().iter().filter(|field| field.name.starts_with("sign:"));
        signs.map(Field::stamp).max().unwrap_or_default()
    }

    /// Whether the list of warning signs was answered.
    pub fn signs_answered(&self) -> bool {
        self.no_signs() || !self.signs().is_empty()
    }

    /// Whether there is anything in it.
    pub fn is_logged(&self) -> bool {
        let says = |field: &Field| {
            let logged = field.name != RULES && field.name != DELETED && !field.name.starts_with(ALERT);
            logged && !matches!(field.value(), Value::Nothing | Value::No)
        };
        self.entry.fields().iter().any(says)
    }

    /// The alerts that were ever kept with the day: the rule, and the values that caused it, as it was last found.
    pub fn alerts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entry.fields().iter().filter_map(|field| match (field.name.strip_prefix(ALERT), field.value()) {
            (Some(rule), Value::Text(text)) => Some((rule, text.as_str())),
            _ => None,
        })
    }

    /// What keeps an alert with the day: its rule, how urgent it is, what caused it, and the version of the rules. Nothing
    /// where one that was as urgent is kept already, by whatever rules: two devices with different ones would else correct
    /// one another for ever.
    pub fn keeps(&self, rule: &str, urgency: Urgency, values: &str, rules: &str) -> Option<(String, Value)> {
        let name = format!("{ALERT}{rule}");
        let as_urgent = |write: &Write| {
            let kept =
                |urgency: &Urgency| matches!(&write.value, Value::Text(text) if text.starts_with(kept_as(*urgency)));
            Urgency::ALL.iter().filter(|other| **other >= urgency).any(kept)
        };
        let kept = self.entry.field(&name).is_some_and(|field| field.writes().iter().any(as_urgent));
        (!kept).then(|| (name, Value::Text(format!("{}{values}; rules {rules}", kept_as(urgency)))))
    }

    /// The version of the rule set that the day was last judged by.
    pub fn rules(&self) -> Option<&str> {
        Some(self.text(RULES)).filter(|version| !version.is_empty())
    }

    fn answers(&self) -> Answers {
        let mut answers = Answers::default();
        self.signs().into_iter().for_each(|sign| answers.set(sign, YES));
        answers
    }
}

/// What the rules say to the signs of a day. Only [`Urgency::Urgent`] and above count here: the tracker asks for no more
/// than a short list, so what is less urgent is the checker's to find.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    pub urgency: Option<Urgency>,
    /// Most urgent first.
    pub findings: Vec<Finding>,
}

/// Judges the ticked signs. What the tracker does not ask (since when, checked by whom) is left open, and so never softens.
/// A sign that the rule set does not know, from another version of it, is an emergency: nobody can say that it is not.
pub fn judge(rules: &RuleSet, log: &DayLog) -> Judgement {
    let found = rules.signs(&log.answers());
    let of = |urgency| found.iter().filter(move |finding| finding.urgency == urgency).cloned();
    // Not sorted: that would be kilobytes of wasm for a handful of findings.
    let mut findings: Vec<Finding> = of(Urgency::Emergency).collect();
    findings.extend(of(Urgency::Urgent));
    let unknown = log.signs().into_iter().any(|sign| rules.question(sign).is_none());
    let urgency = if unknown { Some(Urgency::Emergency) } else { findings.first().map(|finding| finding.urgency) };
    Judgement { urgency, findings }
}

/// Whether the day has an emergency sign that no help was got for.
pub fn needs_help_now(rules: &RuleSet, log: &DayLog) -> bool {
    let helped = log.signs().into_iter().all(|sign| log.helped(sign));
    !helped && judge(rules, log).urgency == Some(Urgency::Emergency)
}

/// The questions behind a day's ticks, in the order of the list, for saying them back.
pub fn ticked<'a>(rules: &'a RuleSet, log: &'a DayLog) -> impl Iterator<Item = &'a Question> {
    rules.questions.iter().filter(|question| log.has_sign(&question.id))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::tracker::zones::Area;

    const RULES: &str = "1.0.0";

    fn day() -> Day {
        "2026-11-22".parse().unwrap()
    }

    fn rules() -> &'static RuleSet {
        static SHIPPED: LazyLock<RuleSet> = LazyLock::new(|| crate::content::rules().unwrap());
        &SHIPPED
    }

    fn log(changes: &[Change]) -> DayLog {
        let mut log = DayLog::empty(day());
        changes.iter().for_each(|change| apply(&mut log, change));
        log
    }

    /// Later than whatever was done before.
    fn apply(log: &mut DayLog, change: &Change) {
        let millis = log.entry().latest().millis + 1;
        log.write(&change.writes(log, RULES), Stamp { millis, count: 0, writer: 1 });
    }

    fn pain(place: Place, score: Option<u16>) -> Change {
        Change::Measured { measure: Measure::Pain(place), value: score }
    }

    fn tick(sign: &str) -> Change {
        Change::Sign { sign: sign.to_owned(), there: true }
    }

    fn untick(sign: &str) -> Change {
        Change::Sign { sign: sign.to_owned(), there: false }
    }

    fn set(exercise: &str, set: u8, done: bool) -> Change {
        Change::Set { exercise: exercise.to_owned(), set, done }
    }

    fn got_help(signs: &[&str]) -> Change {
        Change::GotHelp { signs: signs.iter().map(|sign| (*sign).to_owned()).collect() }
    }

    #[test]
    fn a_pain_is_rated_and_cleared() {
        let rated = log(&[pain(Place::LeftLeg, Some(4))]);
        assert_eq!(rated.pain(Place::LeftLeg), Some(4));
        assert_eq!(rated.pain(Place::RightLeg), None);
        assert!(rated.is_logged());
        let mut cleared = rated;
        apply(&mut cleared, &pain(Place::LeftLeg, None));
        assert_eq!(cleared.pain(Place::LeftLeg), None);
        assert!(!cleared.is_logged());
    }

    #[test]
    fn each_measure_has_a_field_of_its_own_and_a_range() {
        let mut fields: Vec<String> = Measure::all().map(Measure::field).collect();
        assert_eq!(fields.len(), 21);
        for measure in Measure::all() {
            let value = |value| log(&[Change::Measured { measure, value: Some(value) }]).measured(measure);
            assert_eq!(value(0), Some(0), "{measure:?}");
            assert_eq!(value(measure.most()), Some(measure.most()), "{measure:?}");
            assert_eq!(value(measure.most() + 1), None, "{measure:?}");
        }
        fields.sort();
        fields.dedup();
        assert_eq!(fields.len(), 21);
        let mut other_version = log(&[]);
        other_version.write(&vec![("foot_left".to_owned(), Value::Number(9))], Stamp::default());
        assert_eq!(other_version.measured(Measure::Foot(Side::Left)), None, "whoever wrote it");
    }

    #[test]
    fn words_are_kept_as_they_are_and_a_correction_keeps_what_was_said_before() {
        let note = |text: &str| Change::Said { words: Words::Note, text: text.to_owned() };
        let corrected = log(&[note(" slept badly "), note("slept well")]);
        assert_eq!(corrected.said(Words::Note), "slept well");
        let said: Vec<&Value> =
            corrected.entry().field("note").unwrap().writes().iter().map(|write| &write.value).collect();
        assert_eq!(said, [&Value::Text("slept badly".to_owned()), &Value::Text("slept well".to_owned())]);
        assert_eq!(log(&[note("x"), note(" ")]).said(Words::Note), "");
    }

    #[test]
    fn a_set_is_ticked_and_unticked() {
        let one = log(&[set("bridge", 2, true)]);
        assert!(one.is_done("bridge", 2) && !one.is_done("bridge", 1) && !one.is_done("walking", 2));
        assert!(one.is_logged());
        assert!(!log(&[set("bridge", 2, true), set("bridge", 2, false)]).is_logged());
        let others =
            log(&[set("bridge", 1, true), set("bridge", 2, true), set("walking", 2, true), set("bridge", 2, false)]);
        assert_eq!(others.sets().collect::<Vec<_>>(), [("bridge", 1), ("walking", 2)]);
    }

    #[test]
    fn an_exercise_is_skipped_with_a_reason_and_taken_up_again() {
        let skip = |reason: &str| Change::Skipped { exercise: "bridge".to_owned(), reason: reason.to_owned() };
        assert_eq!(log(&[skip("too sore")]).skipped("bridge"), "too sore");
        assert_eq!(log(&[skip("too sore"), skip("")]).skipped("bridge"), "");
    }

    #[test]
    fn what_the_exercises_did_and_what_was_said_to_alerts_reads_as_it_was_written() {
        assert_eq!(log(&[]).worse(), None);
        assert_eq!(log(&[Change::Worse(true)]).worse(), Some(true));
        assert_eq!(log(&[Change::Worse(true), Change::Worse(false)]).worse(), Some(false));
        for onset in Onset::ALL {
            assert_eq!(log(&[Change::WeakerSince(onset)]).weaker_since(), Some(onset));
        }
        for reply in Reply::ALL {
            assert_eq!(log(&[Change::Replied { rule: "T2".to_owned(), reply }]).reply("T2"), Some(reply));
        }
        assert_eq!(log(&[]).reply("T2"), None);
    }

    #[test]
    fn none_of_these_takes_back_what_was_in_view_and_no_sign_from_another_tab() {
        let none = Change::NoSigns { in_view: vec!["fever".to_owned()] };
        let cleared = log(&[tick("fever"), none.clone()]);
        assert!(cleared.no_signs() && cleared.signs().is_empty());
        let kept = log(&[tick("fever"), tick("saddle"), none]);
        assert!(!kept.no_signs());
        assert_eq!(kept.signs(), ["saddle"]);
    }

    #[test]
    fn none_of_these_leaves_a_sign_that_another_device_ticked_meanwhile() {
        let elsewhere = log(&[tick("saddle")]);
        let none = Change::NoSigns { in_view: vec!["saddle".to_owned(), "fever".to_owned()] };
        let mut here = log(&[set("bridge", 1, true), none]);
        here.take_in(elsewhere.entry());
        assert_eq!(here.signs(), ["saddle"]);
        assert!(!here.no_signs());
    }

    #[test]
    fn a_tick_takes_back_none_of_these() {
        let ticked = log(&[Change::NoSigns { in_view: vec![] }, tick("fever")]);
        assert!(!ticked.no_signs() && ticked.signs_answered());
        let by_mistake = log(&[Change::NoSigns { in_view: vec![] }, tick("fever"), untick("fever")]);
        assert!(!by_mistake.signs_answered(), "the list is to be answered again");
        assert!(!log(&[Change::NoSigns { in_view: vec![] }, Change::SignsOpen]).signs_answered());
    }

    #[test]
    fn each_daily_sign_is_at_least_urgent_and_those_of_e01_to_e09_are_emergencies() {
        let rules = rules();
        assert_eq!(rules.daily.len(), 11);
        for sign in &rules.daily {
            let judgement = judge(rules, &log(&[tick(sign)]));
            let first = judgement.findings.first().unwrap_or_else(|| panic!("{sign} fires nothing"));
            let expected = if first.rule.starts_with('E') { Urgency::Emergency } else { Urgency::Urgent };
            assert_eq!(judgement.urgency, Some(expected), "{sign}");
            assert_eq!(needs_help_now(rules, &log(&[tick(sign)])), sign != "fever", "{sign}");
        }
        let mut fired: Vec<String> = rules
            .daily
            .iter()
            .flat_map(|sign| judge(rules, &log(&[tick(sign)])).findings)
            .map(|finding| finding.rule)
            .collect();
        fired.sort();
        fired.dedup();
        let expected = ["E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08", "E09", "W01", "W14"];
        // W14 because nobody said that it is not a child.
        assert_eq!(fired, expected, "what the daily list must catch (clinical.md, T1 and T7)");
    }

    #[test]
    fn fever_is_urgent_and_with_a_weak_leg_an_emergency() {
        let rules = rules();
        assert_eq!(judge(rules, &log(&[tick("fever")])).urgency, Some(Urgency::Urgent));
        let both = judge(rules, &log(&[tick("fever"), tick("one_side")]));
        assert_eq!(both.urgency, Some(Urgency::Emergency));
        assert!(both.findings.iter().any(|finding| finding.rule == "E14"), "{both:?}");
        assert!(both.findings.is_sorted_by(|a, b| a.urgency >= b.urgency));
    }

    #[test]
    fn no_sign_is_no_finding() {
        assert_eq!(judge(rules(), &log(&[])), Judgement::default());
        assert_eq!(judge(rules(), &log(&[tick("saddle"), untick("saddle")])), Judgement::default());
    }

    #[test]
    fn a_sign_that_these_rules_do_not_know_is_an_emergency() {
        let log = log(&[tick("a_sign_of_another_version")]);
        assert_eq!(judge(rules(), &log).urgency, Some(Urgency::Emergency));
        assert!(needs_help_now(rules(), &log));
    }

    #[test]
    fn help_that_was_got_covers_the_signs_it_was_got_for_and_no_later_one() {
        let rules = rules();
        let mut log = log(&[tick("saddle"), got_help(&["saddle", "both_drop"])]);
        assert!(!needs_help_now(rules, &log));
        assert_eq!(judge(rules, &log).urgency, Some(Urgency::Emergency), "it is still one: a strip remains");
        apply(&mut log, &tick("both_drop"));
        assert!(needs_help_now(rules, &log), "it was not there when help was got");
        apply(&mut log, &untick("both_drop"));
        assert!(!needs_help_now(rules, &log));
        apply(&mut log, &untick("saddle"));
        apply(&mut log, &tick("saddle"));
        assert!(needs_help_now(rules, &log), "it went and came back");
    }

    const SADDLE_LEFT: Zone = Zone::of(Area::Saddle, Side::Left);
    const CALF: Zone = Zone::of(Area::Calf, Side::Left);
    const SOLE: Zone = Zone::of(Area::Sole, Side::Left);

    fn mark(zone: Zone, feeling: Feeling) -> Change {
        Change::Zone { zone, feeling, there: true }
    }

    fn unmark(zone: Zone, feeling: Feeling) -> Change {
        Change::Zone { zone, feeling, there: false }
    }

    fn numbness(log: &DayLog) -> Option<u16> {
        log.measured(Measure::Numbness(Side::Left))
    }

    fn rate(value: u16) -> Change {
        Change::Measured { measure: Measure::Numbness(Side::Left), value: Some(value) }
    }

    #[test]
    fn a_zone_is_painful_numb_or_both_and_cleared() {
        for zone in Zone::all() {
            let mut log = log(&[mark(zone, Feeling::Pain)]);
            assert_eq!(log.entry().get(&format!("zone:{}", zone.id())), &Value::Text("pain".to_owned()));
            apply(&mut log, &mark(zone, Feeling::Numb));
            assert_eq!(log.felt(zone), Felt { pain: true, numb: true });
            assert_eq!(log.zones().count(), 1, "no other zone");
            apply(&mut log, &unmark(zone, Feeling::Pain));
            assert_eq!(log.felt(zone), Felt { pain: false, numb: true });
            apply(&mut log, &unmark(zone, Feeling::Numb));
            assert_eq!(log.entry().get(&format!("zone:{}", zone.id())), &Value::Nothing);
            assert!(!log.has_chart());
        }
    }

    #[test]
    fn numb_between_the_legs_is_the_emergency_sign_and_nothing_else_on_the_chart_is() {
        let rules = rules();
        assert!(rules.daily.iter().any(|sign| sign == SADDLE));
        for zone in Zone::all() {
            let numb = log(&[mark(zone, Feeling::Pain), mark(zone, Feeling::Numb)]);
            assert_eq!(numb.has_sign(SADDLE), zone.is_saddle(), "{zone:?}");
            assert_eq!(needs_help_now(rules, &numb), zone.is_saddle(), "{zone:?}");
            assert!(log(&[mark(zone, Feeling::Pain)]).signs().is_empty(), "{zone:?}: pain alone");
        }
        let numb = log(&[mark(SADDLE_LEFT, Feeling::Numb)]);
        assert!(judge(rules, &numb).findings.iter().any(|finding| finding.rule == "E01"));
    }

    #[test]
    fn the_saddle_sign_taken_back_takes_the_numb_zones_with_it_and_leaves_their_pain() {
        let right = Zone::of(Area::Saddle, Side::Right);
        let marked = [mark(SADDLE_LEFT, Feeling::Pain), mark(SADDLE_LEFT, Feeling::Numb), mark(right, Feeling::Numb)];
        for taking_back in [untick(SADDLE), Change::NoSigns { in_view: vec![SADDLE.to_owned()] }] {
            let mut log = log(&marked);
            apply(&mut log, &mark(CALF, Feeling::Numb));
            apply(&mut log, &taking_back);
            assert!(log.signs().is_empty());
            assert_eq!(log.felt(SADDLE_LEFT), Felt { pain: true, numb: false });
            assert_eq!(log.felt(right), Felt::default());
            assert_eq!(log.felt(CALF), Felt { pain: false, numb: true }, "it has nothing to do with it");
        }
    }

    #[test]
    fn a_chart_that_is_cleared_leaves_the_sign_and_help_for_one_side_does_not_cover_the_other() {
        let rules = rules();
        let mut log = log(&[mark(SADDLE_LEFT, Feeling::Numb), unmark(SADDLE_LEFT, Feeling::Numb)]);
        assert!(needs_help_now(rules, &log));
        apply(&mut log, &mark(SADDLE_LEFT, Feeling::Numb));
        apply(&mut log, &got_help(&[SADDLE]));
        apply(&mut log, &mark(SADDLE_LEFT, Feeling::Pain));
        assert!(!needs_help_now(rules, &log), "as numb as it was");
        apply(&mut log, &mark(Zone::of(Area::Saddle, Side::Right), Feeling::Numb));
        assert!(needs_help_now(rules, &log));
    }

    #[test]
    fn a_numb_zone_of_a_leg_counts_as_the_least_numbness_and_lowers_no_rating() {
        assert_eq!(numbness(&log(&[mark(CALF, Feeling::Pain)])), None);
        assert_eq!(numbness(&log(&[mark(CALF, Feeling::Numb)])), Some(1));
        assert_eq!(numbness(&log(&[rate(0), mark(CALF, Feeling::Numb)])), Some(1));
        assert_eq!(numbness(&log(&[rate(6), mark(CALF, Feeling::Numb)])), Some(6));
        let other = log(&[mark(Zone::of(Area::Calf, Side::Right), Feeling::Numb)]);
        assert_eq!(numbness(&other), None, "each leg its own");
        assert_eq!(numbness(&log(&[mark(Zone::of(Area::Buttock, Side::Left), Feeling::Numb)])), None);
    }

    #[test]
    fn a_numb_zone_by_mistake_takes_back_what_the_chart_wrote_and_no_rating() {
        let both = [mark(CALF, Feeling::Numb), mark(SOLE, Feeling::Numb)];
        let then = |changes: &[Change]| numbness(&log(&[&both[..], changes].concat()));
        let (calf, sole) = (unmark(CALF, Feeling::Numb), unmark(SOLE, Feeling::Numb));
        assert_eq!(then(std::slice::from_ref(&calf)), Some(1), "another zone is numb");
        assert_eq!(then(&[calf.clone(), sole.clone()]), None);
        assert_eq!(then(&[rate(1), calf.clone(), sole.clone()]), Some(1), "the patient said so");
        assert_eq!(then(&[rate(5), calf.clone(), sole]), Some(5));
        assert_eq!(numbness(&log(&[rate(0), mark(CALF, Feeling::Numb), calf.clone()])), Some(0));
        assert_eq!(numbness(&log(&[rate(4), mark(CALF, Feeling::Numb), calf])), Some(4));
    }

    #[test]
    fn signs_and_measures_remember_the_rules_that_judged_them() {
        assert_eq!(log(&[set("bridge", 1, true)]).rules(), None);
        assert_eq!(log(&[tick("fever")]).rules(), Some(RULES));
        assert_eq!(log(&[pain(Place::Back, Some(3))]).rules(), Some(RULES));
    }

    fn any_change() -> impl Strategy<Value = Change> {
        let sign = prop::sample::select(rules().daily.clone());
        let place = prop::sample::select(Place::ALL.to_vec());
        let exercise = prop::sample::select(vec!["bridge".to_owned(), "walking".to_owned()]);
        prop_oneof![
            (place, prop::option::of(0..=10_u16)).prop_map(|(place, score)| pain(place, score)),
            (exercise, 1..=3_u8, any::<bool>()).prop_map(|(exercise, set, done)| Change::Set { exercise, set, done }),
            (sign.clone(), any::<bool>()).prop_map(|(sign, there)| Change::Sign { sign, there }),
            prop::collection::vec(sign.clone(), 0..3).prop_map(|in_view| Change::NoSigns { in_view }),
            Just(Change::SignsOpen),
            prop::collection::vec(sign, 0..3).prop_map(|signs| Change::GotHelp { signs }),
            (any_zone(), any::<bool>()).prop_map(|((zone, feeling), there)| Change::Zone { zone, feeling, there }),
        ]
    }

    fn any_zone() -> impl Strategy<Value = (Zone, Feeling)> {
        let zones: Vec<Zone> = Zone::all().collect();
        (prop::sample::select(zones), prop::sample::select(Feeling::BOTH.to_vec()))
    }

    /// What a log says, whenever it was said.
    fn seen(log: &DayLog) -> Vec<(&str, &Value)> {
        log.entry().fields().iter().map(|field| (field.name.as_str(), field.value())).collect()
    }

    proptest! {
        #[test]
        fn the_same_change_twice_is_one_change(changes in prop::collection::vec(any_change(), 0..20), again in any_change()) {
            let mut once = log(&changes);
            apply(&mut once, &again);
            let mut twice = once.clone();
            apply(&mut twice, &again);
            prop_assert_eq!(seen(&once), seen(&twice));
        }

        #[test]
        fn one_more_mark_never_calms(changes in prop::collection::vec(any_change(), 0..20), (zone, feeling) in any_zone()) {
            let rules = rules();
            let before = log(&changes);
            let mut after = before.clone();
            apply(&mut after, &mark(zone, feeling));
            prop_assert!(judge(rules, &after).urgency >= judge(rules, &before).urgency);
            prop_assert!(needs_help_now(rules, &after) >= needs_help_now(rules, &before));
            for side in Side::BOTH {
                let numbness = |log: &DayLog| log.measured(Measure::Numbness(side));
                prop_assert!(numbness(&after) >= numbness(&before));
            }
        }

        #[test]
        fn one_more_sign_never_calms(changes in prop::collection::vec(any_change(), 0..20), sign in any_change()) {
            let rules = rules();
            let before = log(&changes);
            let mut after = before.clone();
            if let Change::Sign { sign, .. } = sign {
                apply(&mut after, &tick(&sign));
            }
            prop_assert!(judge(rules, &after).urgency >= judge(rules, &before).urgency);
            prop_assert!(needs_help_now(rules, &after) >= needs_help_now(rules, &before));
        }
    }
}
