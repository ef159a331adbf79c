//! A day's log, and what the rules say to it. Pure: no page, no browser, no clock.

use serde::{Deserialize, Serialize};

use crate::{
    day::Day,
    triage::{Answers, Finding, Question, RuleSet, Urgency, YES},
};

/// How bad a pain is: 0, none, to 10, the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Pain(u8);

/// A number that is not on the scale of 0 to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffTheScale;

impl std::fmt::Display for OffTheScale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("pain goes from 0 to 10")
    }
}

impl Pain {
    pub const WORST: u8 = 10;

    /// Every step of the scale, from none.
    pub fn scale() -> impl Iterator<Item = Self> {
        (0..=Self::WORST).map(Self)
    }

    pub fn score(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Pain {
    type Error = OffTheScale;

    fn try_from(score: u8) -> Result<Self, OffTheScale> {
        if score <= Self::WORST { Ok(Self(score)) } else { Err(OffTheScale) }
    }
}

impl From<Pain> for u8 {
    fn from(pain: Pain) -> Self {
        pain.0
    }
}

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

/// What a patient logged on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayLog {
    pub day: Day,
    pub back: Option<Pain>,
    pub left_leg: Option<Pain>,
    pub right_leg: Option<Pain>,
    /// The warning signs of the day, by question, in the order in which they were ticked.
    pub signs: Vec<String>,
    /// "None of these" was said.
    pub no_signs: bool,
    /// The signs that the patient has got help for: they no longer interrupt.
    pub helped: Vec<String>,
    /// The sets that were done: the exercise and which of its sets, from 1.
    pub sets: Vec<(String, u8)>,
    /// The version of the rule set that judged the signs last.
    pub rules: Option<String>,
}

/// One thing that a patient changed. Applied to what is on the screen and, once more, to what is stored, so that two tabs
/// do not undo one another; the same change twice is one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Pain {
        place: Place,
        pain: Option<Pain>,
    },
    Set {
        exercise: String,
        set: u8,
        done: bool,
    },
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
}

impl DayLog {
    pub fn empty(day: Day) -> Self {
        Self { day, ..Self::default() }
    }

    pub fn pain(&self, place: Place) -> Option<Pain> {
        match place {
            Place::Back => self.back,
            Place::LeftLeg => self.left_leg,
            Place::RightLeg => self.right_leg,
        }
    }

    pub fn is_done(&self, exercise: &str, set: u8) -> bool {
        self.sets.iter().any(|(of, done)| of == exercise && *done == set)
    }

    pub fn has_sign(&self, sign: &str) -> bool {
        self.signs.iter().any(|ticked| ticked == sign)
    }

    /// Whether the list of warning signs was answered.
    pub fn signs_answered(&self) -> bool {
        self.no_signs || !self.signs.is_empty()
    }

    /// Whether there is anything in it.
    pub fn is_logged(&self) -> bool {
        self.signs_answered() || !self.sets.is_empty() || Place::ALL.iter().any(|place| self.pain(*place).is_some())
    }

    /// Applies a change; `rules` is the version of the rule set that the signs are judged by.
    pub fn apply(&mut self, change: &Change, rules: &str) {
        match change {
            Change::Pain { place, pain } => match place {
                Place::Back => self.back = *pain,
                Place::LeftLeg => self.left_leg = *pain,
                Place::RightLeg => self.right_leg = *pain,
            },
            Change::Set { exercise, set, done } => self.set(exercise, *set, *done),
            Change::Sign { sign, there: true } => {
                if !self.has_sign(sign) {
                    self.signs.push(sign.clone());
                }
                self.no_signs = false;
            }
            Change::Sign { sign, there: false } => self.take_back(sign),
            Change::NoSigns { in_view } => {
                in_view.iter().for_each(|sign| self.take_back(sign));
                self.no_signs = self.signs.is_empty();
            }
            Change::SignsOpen => self.no_signs = false,
            Change::GotHelp { signs } => {
                for sign in signs.iter().filter(|sign| self.signs.contains(sign)) {
                    if !self.helped.contains(sign) {
                        self.helped.push(sign.clone());
                    }
                }
            }
        }
        if !matches!(change, Change::Pain { .. } | Change::Set { .. }) {
            self.rules = Some(rules.to_owned());
        }
    }

    fn set(&mut self, exercise: &str, set: u8, done: bool) {
        self.sets.retain(|(of, one)| of != exercise || *one != set);
        if done {
            self.sets.push((exercise.to_owned(), set));
        }
    }

    fn take_back(&mut self, sign: &str) {
        self.signs.retain(|ticked| ticked != sign);
        self.helped.retain(|helped| helped != sign);
    }

    fn answers(&self) -> Answers {
        let mut answers = Answers::default();
        self.signs.iter().for_each(|sign| answers.set(sign, YES));
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
    let unknown = log.signs.iter().any(|sign| rules.question(sign).is_none());
    let urgency = if unknown { Some(Urgency::Emergency) } else { findings.first().map(|finding| finding.urgency) };
    Judgement { urgency, findings }
}

/// Whether the day has an emergency sign that no help was got for.
pub fn needs_help_now(rules: &RuleSet, log: &DayLog) -> bool {
    let helped = log.signs.iter().all(|sign| log.helped.contains(sign));
    !helped && judge(rules, log).urgency == Some(Urgency::Emergency)
}

/// The questions behind a day's ticks, in the order of the list, for saying them back.
pub fn ticked<'a>(rules: &'a RuleSet, log: &'a DayLog) -> impl Iterator<Item = &'a Question> {
    rules.questions.iter().filter(|question| log.has_sign(&question.id))
}

/// The exercises that a patient chose, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub exercises: Vec<String>,
}

/// The version of the records below. Whoever adds a field raises it, so that an older page, still open in another tab,
/// does not write over what it cannot read.
const FORMAT: u32 = 1;

/// Why a stored record cannot be used. It stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A newer version of the page wrote it.
    Newer,
    Broken,
}

#[derive(Serialize)]
struct Written<'a, T> {
    format: u32,
    record: &'a T,
}

#[derive(Deserialize)]
struct Read<T> {
    record: T,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// A record as it is stored.
pub fn write_record<T: Serialize>(record: &T) -> String {
    // Our own types have no map with keys that JSON cannot write, which is all that can fail.
    serde_json::to_string(&Written { format: FORMAT, record }).unwrap_or_default()
}

/// What [`write_record`] wrote.
///
/// # Errors
/// See [`Unreadable`].
pub fn read_record<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, Unreadable> {
    let Format { format } = serde_json::from_str(text).map_err(|_| Unreadable::Broken)?;
    if format > FORMAT {
        return Err(Unreadable::Newer);
    }
    let Read { record } = serde_json::from_str(text).map_err(|_| Unreadable::Broken)?;
    Ok(record)
}

pub fn read_day(day: Day, text: &str) -> Result<DayLog, Unreadable> {
    let log: DayLog = read_record(text)?;
    if log.day == day { Ok(log) } else { Err(Unreadable::Broken) }
}

pub fn read_plan(text: &str) -> Result<Plan, Unreadable> {
    read_record(text)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

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
        changes.iter().for_each(|change| log.apply(change, RULES));
        log
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
    fn pain_is_0_to_10() {
        assert_eq!(Pain::scale().count(), 11);
        assert_eq!(Pain::try_from(10).unwrap().score(), 10);
        assert_eq!(Pain::try_from(11), Err(OffTheScale));
        assert!(serde_json::from_str::<Pain>("11").is_err());
    }

    #[test]
    fn a_pain_is_rated_and_cleared() {
        let four = Pain::try_from(4).ok();
        let rated = log(&[Change::Pain { place: Place::LeftLeg, pain: four }]);
        assert_eq!(rated.pain(Place::LeftLeg), four);
        assert_eq!(rated.pain(Place::RightLeg), None);
        assert!(rated.is_logged());
        let mut cleared = rated;
        cleared.apply(&Change::Pain { place: Place::LeftLeg, pain: None }, RULES);
        assert_eq!(cleared, DayLog::empty(day()));
        assert!(!cleared.is_logged());
    }

    #[test]
    fn a_set_is_ticked_and_unticked() {
        let one = log(&[set("bridge", 2, true)]);
        assert!(one.is_done("bridge", 2) && !one.is_done("bridge", 1) && !one.is_done("walking", 2));
        assert!(one.is_logged());
        assert_eq!(log(&[set("bridge", 2, true), set("bridge", 2, false)]), DayLog::empty(day()));
        let others =
            log(&[set("bridge", 1, true), set("bridge", 2, true), set("walking", 2, true), set("bridge", 2, false)]);
        assert!(others.is_done("bridge", 1) && others.is_done("walking", 2));
    }

    #[test]
    fn none_of_these_takes_back_what_was_in_view_and_no_sign_from_another_tab() {
        let none = Change::NoSigns { in_view: vec!["fever".to_owned()] };
        let cleared = log(&[tick("fever"), none.clone()]);
        assert!(cleared.no_signs && cleared.signs.is_empty());
        let kept = log(&[tick("fever"), tick("saddle"), none]);
        assert!(!kept.no_signs);
        assert_eq!(kept.signs, ["saddle"]);
    }

    #[test]
    fn a_tick_takes_back_none_of_these() {
        let ticked = log(&[Change::NoSigns { in_view: vec![] }, tick("fever")]);
        assert!(!ticked.no_signs && ticked.signs_answered());
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
        log.apply(&tick("both_drop"), RULES);
        assert!(needs_help_now(rules, &log), "it was not there when help was got");
        log.apply(&untick("both_drop"), RULES);
        assert!(!needs_help_now(rules, &log));
        log.apply(&untick("saddle"), RULES);
        log.apply(&tick("saddle"), RULES);
        assert!(needs_help_now(rules, &log), "it went and came back");
    }

    #[test]
    fn signs_remember_the_rules_that_judged_them() {
        assert_eq!(log(&[set("bridge", 1, true)]).rules, None);
        assert_eq!(log(&[tick("fever")]).rules.as_deref(), Some(RULES));
    }

    #[test]
    fn a_record_reads_as_it_was_written() {
        let four = Pain::try_from(4).ok();
        let log = log(&[Change::Pain { place: Place::Back, pain: four }, set("bridge", 1, true), tick("fever")]);
        assert_eq!(read_day(day(), &write_record(&log)), Ok(log));
        let plan = Plan { exercises: vec!["bridge".to_owned()] };
        assert_eq!(read_plan(&write_record(&plan)), Ok(plan));
    }

    #[test]
    fn a_record_of_a_newer_page_or_a_broken_one_is_told_apart() {
        let text = write_record(&DayLog::empty(day()));
        let newer = text.replace("\"format\":1", "\"format\":2,\"mood\":3");
        assert_eq!(read_day(day(), &newer), Err(Unreadable::Newer));
        for broken in ["", "{}", "[1]", "null", &text[..text.len() - 1], &text.replace("\"back\":null", "\"back\":11")]
        {
            assert_eq!(read_day(day(), broken), Err(Unreadable::Broken), "{broken}");
        }
        assert_eq!(read_day(day().plus(1), &text), Err(Unreadable::Broken), "the wrong day's");
    }

    fn any_change() -> impl Strategy<Value = Change> {
        let sign = prop::sample::select(rules().daily.clone());
        let place = prop::sample::select(Place::ALL.to_vec());
        let exercise = prop::sample::select(vec!["bridge".to_owned(), "walking".to_owned()]);
        prop_oneof![
            (place, prop::option::of(0..=10_u8)).prop_map(|(place, pain)| Change::Pain {
                place,
                pain: pain.and_then(|score| Pain::try_from(score).ok()),
            }),
            (exercise, 1..=3_u8, any::<bool>()).prop_map(|(exercise, set, done)| Change::Set { exercise, set, done }),
            (sign.clone(), any::<bool>()).prop_map(|(sign, there)| Change::Sign { sign, there }),
            prop::collection::vec(sign.clone(), 0..3).prop_map(|in_view| Change::NoSigns { in_view }),
            Just(Change::SignsOpen),
            prop::collection::vec(sign, 0..3).prop_map(|signs| Change::GotHelp { signs }),
        ]
    }

    proptest! {
        #[test]
        fn the_same_change_twice_is_one_change(changes in prop::collection::vec(any_change(), 0..20), again in any_change()) {
            let mut once = log(&changes);
            once.apply(&again, RULES);
            let mut twice = once.clone();
            twice.apply(&again, RULES);
            prop_assert_eq!(once, twice);
        }

        #[test]
        fn one_more_sign_never_calms(changes in prop::collection::vec(any_change(), 0..20), sign in any_change()) {
            let rules = rules();
            let before = log(&changes);
            let mut after = before.clone();
            if let Change::Sign { sign, .. } = sign {
                after.apply(&tick(&sign), RULES);
            }
            prop_assert!(judge(rules, &after).urgency >= judge(rules, &before).urgency);
            prop_assert!(needs_help_now(rules, &after) >= needs_help_now(rules, &before));
        }

        #[test]
        fn whatever_was_logged_survives_the_device(changes in prop::collection::vec(any_change(), 0..20)) {
            let log = log(&changes);
            prop_assert_eq!(read_day(day(), &write_record(&log)), Ok(log));
        }
    }
}
