//! The course of a guided session: which set of which exercise is on, and what a press and the clock make of it. Pure: the
//! time comes from outside, in milliseconds since 1970.

use crate::{
    day::Day,
    tracker::{
        log::{Change, DayLog},
        plan::{Dose, MOST_SETS, Sides},
    },
};

/// Between two sets of an exercise, in seconds. Ours, for a clinician to set, as are the next three.
const REST: i64 = 30;
/// From the press to the first hold of a set, in seconds: time to lie down and take hold of the leg.
const GET_READY: i64 = 5;
/// From the last hold on one side to the first on the other, in seconds: time to turn over.
const CHANGE_SIDES: i64 = 10;
/// Between two holds of a set, in seconds.
const LET_GO: i64 = 3;
/// A second press within this many milliseconds is the same one: a trembling finger counts no repetition twice, and does not
/// call the next set done.
const ONE_PRESS: i64 = 700;

const SECOND: i64 = 1000;

/// A session over the exercises of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// What is finished is logged on it, also after midnight.
    pub day: Day,
    tasks: Vec<Task>,
    /// Nowhere once everything is done or skipped.
    at: Option<At>,
    phase: Phase,
    /// When it was paused.
    paused: Option<i64>,
    pressed: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Task {
    exercise: String,
    /// In numbers, where the exercise has any.
    dose: Dose,
    done: Vec<u8>,
    skipped: bool,
}

impl Task {
    /// Counted, and not held.
    fn is_by_reps(&self) -> bool {
        self.dose.reps > 0 && self.dose.hold == 0
    }
}

/// A place in the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct At {
    task: usize,
    /// From 1.
    set: u8,
    /// Of a set with both sides, the second one.
    other_side: bool,
    /// How many repetitions of this side are done.
    reps: u8,
}

impl At {
    fn set(task: usize, set: u8) -> Self {
        Self { task, set, other_side: false, reps: 0 }
    }
}

/// What is on; times are when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Waits for a press: the one that begins the holds, or says that a set is done.
    Ready,
    GetReady(i64),
    LetGo(i64),
    Hold(i64),
    Rest(i64),
}

impl Phase {
    fn end(self) -> Option<i64> {
        match self {
            Self::Ready => None,
            Self::GetReady(end) | Self::LetGo(end) | Self::Hold(end) | Self::Rest(end) => Some(end),
        }
    }

    /// As it was, this many milliseconds later.
    fn later(self, by: i64) -> Self {
        match self {
            Self::Ready => self,
            Self::GetReady(end) => Self::GetReady(end + by),
            Self::LetGo(end) => Self::LetGo(end + by),
            Self::Hold(end) => Self::Hold(end + by),
            Self::Rest(end) => Self::Rest(end + by),
        }
    }
}

/// How far it is with what is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Nothing is counted: the dose is shown.
    Dose,
    Seconds(i64),
    /// So many are to be done.
    Times(u8),
    /// This many of that many.
    Reps(u8, u8),
}

impl Course {
    /// From what is due, in the order in which it is to be done, and what of it is logged: at the first set that is not done.
    pub fn new(day: Day, due: Vec<(String, Dose)>, log: &DayLog) -> Self {
        let task = |(exercise, dose): (String, Dose)| Task {
            done: (1..=MOST_SETS).filter(|set| log.is_done(&exercise, *set)).collect(),
            skipped: !log.skipped(&exercise).is_empty(),
            exercise,
            dose,
        };
        let tasks = due.into_iter().map(task).collect();
        let mut course = Self { day, tasks, at: None, phase: Phase::Ready, paused: None, pressed: i64::MIN };
        course.at = course.next();
        course
    }

    /// The exercise that is on; none once there is nothing left to do.
    pub fn exercise(&self) -> Option<&str> {
        Some(self.on()?.1.exercise.as_str())
    }

    /// How much of the exercise that is on.
    pub fn dose(&self) -> Option<Dose> {
        Some(self.on()?.1.dose)
    }

    pub fn is_paused(&self) -> bool {
        self.paused.is_some()
    }

    /// Whether anything runs by the clock.
    pub fn is_timed(&self) -> bool {
        self.phase != Phase::Ready
    }

    /// Whether a set waits of which nothing is done yet.
    pub fn begins(&self) -> bool {
        self.on().is_some_and(|(at, _)| !self.is_timed() && at.reps == 0 && !at.other_side)
    }

    /// Whether what is on is repetitions that nothing times.
    pub fn is_by_reps(&self) -> bool {
        self.on().is_some_and(|(_, task)| task.is_by_reps())
    }

    /// Whether nothing was due at all.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    fn on(&self) -> Option<(At, &Task)> {
        let at = self.at?;
        Some((at, self.tasks.get(at.task)?))
    }

    /// Every set of every exercise.
    fn sets(&self) -> impl Iterator<Item = (usize, u8)> {
        self.tasks.iter().enumerate().flat_map(|(task, of)| (1..=of.dose.sets).map(move |set| (task, set)))
    }

    /// The next set that is neither done nor skipped: from here on, or else the first that was passed over.
    fn next(&self) -> Option<At> {
        let open = |(task, set): &(usize, u8)| {
            self.tasks.get(*task).is_some_and(|task| !task.skipped && !task.done.contains(set))
        };
        let here = self.at.map_or((0, 0), |at| (at.task, at.set));
        let mut further = self.sets().filter(open).filter(|set| *set > here);
        let (task, set) = further.next().or_else(|| self.sets().find(open))?;
        Some(At::set(task, set))
    }

    fn move_to(&mut self, at: Option<At>, phase: Phase) {
        self.at = at;
        self.phase = phase;
        self.paused = None;
    }

    /// The one large button: what it does next is what it says ([`Course::button`]). Answers with what is to be logged.
    pub fn press(&mut self, now: i64) -> Vec<Change> {
        if !self.hears(now) {
            return vec![];
        }
        let Some(dose) = self.dose() else { return vec![] };
        match self.phase {
            Phase::Ready | Phase::Rest(_) if dose.hold > 0 => self.phase = Phase::GetReady(now + GET_READY * SECOND),
            // The patient alone knows when it is over.
            Phase::Ready => return self.set_done(now),
            Phase::GetReady(_) | Phase::LetGo(_) => self.hold(now),
            Phase::Hold(_) => return self.rep_done(now),
            Phase::Rest(_) => self.phase = Phase::Ready,
        }
        vec![]
    }

    /// The button beside it, for whoever has the repetitions counted one by one. Answers with what is to be logged.
    pub fn count_one(&mut self, now: i64) -> Vec<Change> {
        if !self.hears(now) || !self.is_by_reps() {
            return vec![];
        }
        self.phase = Phase::Ready;
        self.rep_done(now)
    }

    /// Whether this press means what is on: not where it is the one before once more, or ends a pause.
    fn hears(&mut self, now: i64) -> bool {
        if (0..ONE_PRESS).contains(&now.saturating_sub(self.pressed)) {
            return false;
        }
        self.pressed = now;
        let paused = self.is_paused();
        self.go_on(now);
        !paused
    }

    /// What the time makes of it. Answers with what is to be logged.
    pub fn tick(&mut self, now: i64) -> Vec<Change> {
        let over = self.phase.end().is_some_and(|end| end <= now);
        if self.is_paused() || !over {
            return vec![];
        }
        match self.phase {
            Phase::Ready => {}
            Phase::GetReady(_) | Phase::LetGo(_) => self.hold(now),
            Phase::Hold(_) => return self.rep_done(now),
            Phase::Rest(_) => self.phase = Phase::Ready,
        }
        vec![]
    }

    fn hold(&mut self, now: i64) {
        let seconds = self.dose().map_or(0, |dose| i64::from(dose.hold));
        // From now, not from when it should have begun: a device that slept shortens no hold.
        self.phase = Phase::Hold(now + seconds * SECOND);
    }

    fn rep_done(&mut self, now: i64) -> Vec<Change> {
        let Some(dose) = self.dose() else { return vec![] };
        let Some(at) = &mut self.at else { return vec![] };
        at.reps += 1;
        let seconds = if at.reps < dose.reps {
            LET_GO
        } else if dose.sides == Sides::Each && !at.other_side {
            at.other_side = true;
            at.reps = 0;
            CHANGE_SIDES
        } else {
            return self.set_done(now);
        };
        if dose.hold > 0 {
            let end = now + seconds * SECOND;
            self.phase = if at.reps > 0 { Phase::LetGo(end) } else { Phase::GetReady(end) };
        }
        vec![]
    }

    fn set_done(&mut self, now: i64) -> Vec<Change> {
        let Some(At { task: here, set, .. }) = self.at else { return vec![] };
        let Some(task) = self.tasks.get_mut(here) else { return vec![] };
        let exercise = task.exercise.clone();
        let mut changes = vec![Change::Set { exercise: exercise.clone(), set, done: true }];
        if std::mem::take(&mut task.skipped) {
            changes.push(Change::Skipped { exercise, reason: String::new() });
        }
        task.done.push(set);
        let next = self.next();
        let same = next.is_some_and(|next| next.task == here);
        self.move_to(next, if same { Phase::Rest(now + REST * SECOND) } else { Phase::Ready });
        changes
    }

    /// Leaves the rest of this exercise out, for this reason.
    pub fn skip(&mut self, reason: &str) -> Vec<Change> {
        let Some(task) = self.at.and_then(|at| self.tasks.get_mut(at.task)) else { return vec![] };
        task.skipped = true;
        let changes = vec![Change::Skipped { exercise: task.exercise.clone(), reason: reason.to_owned() }];
        let next = self.next();
        self.move_to(next, Phase::Ready);
        changes
    }

    /// To the beginning of this set; from there to the set before. What is logged stays logged.
    pub fn back(&mut self) {
        let Some(at) = self.at else { return };
        let begun = at.other_side || at.reps > 0 || !matches!(self.phase, Phase::Ready | Phase::Rest(_));
        let before = self.sets().take_while(|set| *set < (at.task, at.set)).last();
        let (task, set) = before.filter(|_| !begun).unwrap_or((at.task, at.set));
        self.move_to(Some(At::set(task, set)), Phase::Ready);
    }

    pub fn pause(&mut self, now: i64) {
        if self.at.is_some() {
            self.paused.get_or_insert(now);
        }
    }

    pub fn go_on(&mut self, now: i64) {
        let Some(paused) = self.paused.take() else { return };
        self.phase = self.phase.later(now - paused);
    }

    /// Where it is: "Exercise 2 of 5 · Set 1 of 3 · Left side".
    pub fn place(&self) -> String {
        let Some((at, task)) = self.on() else { return String::new() };
        let mut words = format!("Exercise {} of {}", at.task + 1, self.tasks.len());
        if task.dose.sets > 1 {
            words.push_str(&format!(" · Set {} of {}", at.set, task.dose.sets));
        }
        if let Some(side) = side(at, task) {
            words.push_str(" · ");
            words.push_str(side_words(side));
        }
        if task.done.contains(&at.set) {
            words.push_str(" · Done before");
        }
        words
    }

    /// Seconds are whole ones, and the last of them is 1.
    pub fn count(&self, now: i64) -> Count {
        let now = self.paused.unwrap_or(now);
        if let Some(end) = self.phase.end() {
            return Count::Seconds((end - now + SECOND - 1).max(0) / SECOND);
        }
        match self.on() {
            Some((at, task)) if task.is_by_reps() && at.reps > 0 => Count::Reps(at.reps, task.dose.reps),
            Some((_, task)) if task.is_by_reps() => Count::Times(task.dose.reps),
            _ => Count::Dose,
        }
    }

    /// In a word or two.
    pub fn state(&self) -> String {
        let words = match self.phase {
            _ if self.is_paused() => "Paused",
            Phase::Ready if self.is_by_reps() => {
                self.on().and_then(|(at, task)| side(at, task)).map_or("Move", side_words)
            }
            Phase::Ready => "Ready",
            Phase::GetReady(_) if self.at.is_some_and(|at| at.other_side) => "Change sides",
            Phase::GetReady(_) => "Get ready",
            Phase::LetGo(_) => "Let go",
            Phase::Hold(_) => return self.hold_words(),
            Phase::Rest(_) => "Rest",
        };
        words.to_owned()
    }

    /// "Hold 2 of 10"; "Hold" where there is but one.
    fn hold_words(&self) -> String {
        match self.on() {
            Some((at, task)) if task.dose.reps > 1 => format!("Hold {} of {}", at.reps + 1, task.dose.reps),
            _ => "Hold".to_owned(),
        }
    }

    /// On the large button.
    pub fn button(&self) -> &'static str {
        let Some((at, task)) = self.on() else { return "" };
        match self.phase {
            _ if self.is_paused() => "Go on",
            Phase::Ready if task.is_by_reps() => "Set done",
            Phase::Ready if task.dose.hold == 0 => "Done",
            Phase::Ready => match side(at, task) {
                Some("left") => "Start, left side",
                Some(_) => "Start, right side",
                None => "Start",
            },
            Phase::GetReady(_) | Phase::LetGo(_) => "Hold now",
            Phase::Hold(_) => "Let go now",
            Phase::Rest(_) => "Go on without rest",
        }
    }

    /// What is on, as it is told, heard and read out: changes with what is to be done, and not with each second.
    pub fn said(&self) -> String {
        let Some((at, task)) = self.on() else { return "Session finished".to_owned() };
        match self.phase {
            _ if self.is_paused() => "Paused".to_owned(),
            Phase::Ready if at.reps > 0 => at.reps.to_string(),
            Phase::Ready | Phase::GetReady(_) if at.other_side => "Now the right side".to_owned(),
            Phase::Ready => set_words(at, task),
            Phase::GetReady(_) => "Get ready".to_owned(),
            Phase::LetGo(_) => format!("Let go. {} of {} done", at.reps, task.dose.reps),
            Phase::Hold(_) => "Hold".to_owned(),
            Phase::Rest(_) => format!("Rest. Next: {}", set_words(at, task)),
        }
    }
}

/// "Set 2 of 3, left side"; "Right side"; "10 times, each side"; "Ready" where there is nothing to say.
fn set_words(at: At, task: &Task) -> String {
    let mut words = if task.dose.sets > 1 { format!("Set {} of {}, ", at.set, task.dose.sets) } else { String::new() };
    if task.is_by_reps() {
        words.push_str(&format!("{} {}, ", task.dose.reps, if task.dose.reps == 1 { "time" } else { "times" }));
    }
    match side(at, task) {
        Some(side) if words.is_empty() => words.push_str(side_words(side)),
        Some(side) => words.push_str(&format!("{side} side")),
        None if words.is_empty() => words.push_str("Ready"),
        None => words.truncate(words.len() - 2),
    }
    words
}

/// Where both are done, nothing leads from one to the other until repetitions are counted or held.
fn side(at: At, task: &Task) -> Option<&'static str> {
    match task.dose.sides {
        Sides::None => None,
        Sides::Left => Some("left"),
        Sides::Right => Some("right"),
        Sides::Each if at.other_side => Some("right"),
        Sides::Each if task.is_by_reps() && at.reps == 0 => Some("each"),
        Sides::Each => Some("left"),
    }
}

/// At the beginning of a line.
fn side_words(side: &str) -> &'static str {
    match side {
        "left" => "Left side",
        "right" => "Right side",
        _ => "Each side",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tracker::entry::Stamp;

    const T: i64 = 1_000_000;

    fn day() -> Day {
        "2026-11-22".parse().unwrap()
    }

    fn due(doses: &[&str]) -> Vec<(String, Dose)> {
        let dose = |text: &&str| Dose::read(text).unwrap().0;
        doses.iter().enumerate().map(|(at, text)| (format!("ex-{at}"), dose(text))).collect()
    }

    fn course(doses: &[&str]) -> Course {
        Course::new(day(), due(doses), &DayLog::empty(day()))
    }

    fn log(changes: &[Change]) -> DayLog {
        let mut log = DayLog::empty(day());
        for change in changes {
            log.write(&change.writes(&log, "1"), Stamp::default());
        }
        log
    }

    fn set(exercise: &str, set: u8) -> Change {
        Change::Set { exercise: exercise.to_owned(), set, done: true }
    }

    /// Presses the button again and again, a second apart, from this second on.
    fn press(course: &mut Course, from: i64, times: i64) -> Vec<Change> {
        (from..from + times).flat_map(|second| course.press(T + second * SECOND)).collect()
    }

    /// As [`press`], with the button that counts.
    fn count(course: &mut Course, from: i64, times: i64) -> Vec<Change> {
        (from..from + times).flat_map(|second| course.count_one(T + second * SECOND)).collect()
    }

    #[test]
    fn a_set_of_repetitions_is_one_press() {
        let mut course = course(&["2x3 daily"]);
        assert_eq!((course.button(), course.said().as_str()), ("Set done", "Set 1 of 2, 3 times"));
        assert_eq!((course.state().as_str(), course.count(T)), ("Move", Count::Times(3)));
        assert_eq!(press(&mut course, 0, 1), [set("ex-0", 1)]);
        assert_eq!((course.said().as_str(), course.state().as_str()), ("Rest. Next: Set 2 of 2, 3 times", "Rest"));
        assert_eq!(course.place(), "Exercise 1 of 1 · Set 2 of 2");
        assert_eq!(press(&mut course, 1, 1), [], "without the rest");
        assert_eq!(press(&mut course, 2, 1), [set("ex-0", 2)]);
        assert_eq!((course.exercise(), course.said().as_str()), (None, "Session finished"));
    }

    #[test]
    fn whoever_wants_counts_each_repetition_on_the_left_and_then_on_the_right() {
        let mut course = course(&["2x2 each daily"]);
        assert_eq!(course.said(), "Set 1 of 2, 2 times, each side");
        assert_eq!(course.place(), "Exercise 1 of 1 · Set 1 of 2 · Each side");
        assert_eq!(count(&mut course, 0, 1), []);
        assert_eq!((course.said().as_str(), course.count(T)), ("1", Count::Reps(1, 2)));
        assert_eq!((course.state().as_str(), course.begins()), ("Left side", false));
        assert_eq!(count(&mut course, 1, 1), []);
        assert_eq!((course.said().as_str(), course.count(T)), ("Now the right side", Count::Times(2)));
        assert_eq!(count(&mut course, 2, 2), [set("ex-0", 1)]);
        count(&mut course, 4, 1);
        assert_eq!((course.state().as_str(), course.count(T)), ("Left side", Count::Reps(1, 2)), "the rest is over");
        assert_eq!(press(&mut course, 5, 1), [set("ex-0", 2)], "done without counting the others");
    }

    #[test]
    fn what_is_held_or_walked_is_not_counted_by_hand() {
        for dose in ["1x2 hold 5 daily", "1 daily"] {
            let mut course = course(&[dose]);
            assert_eq!((count(&mut course, 0, 3), course.is_by_reps(), course.begins()), (vec![], false, true));
        }
    }

    #[test]
    fn one_press_begins_all_holds_of_a_set_on_both_sides() {
        let mut course = course(&["2x2 hold 5 each daily"]);
        assert_eq!((course.button(), course.said().as_str()), ("Start, left side", "Set 1 of 2, left side"));
        course.press(T);
        assert_eq!((course.said().as_str(), course.count(T + 1)), ("Get ready", Count::Seconds(5)));
        assert_eq!(course.tick(T + 4_999), []);
        assert_eq!(course.count(T + 4_999), Count::Seconds(1));
        course.tick(T + 5_000);
        assert_eq!((course.said().as_str(), course.state().as_str()), ("Hold", "Hold 1 of 2"));
        assert_eq!(course.count(T + 5_000), Count::Seconds(5));
        course.tick(T + 10_000);
        assert_eq!((course.said().as_str(), course.count(T + 10_000)), ("Let go. 1 of 2 done", Count::Seconds(3)));
        course.tick(T + 13_000);
        assert_eq!(course.state(), "Hold 2 of 2");
        assert_eq!(course.tick(T + 18_000), [], "the left side alone is no set");
        assert_eq!((course.said().as_str(), course.state().as_str()), ("Now the right side", "Change sides"));
        assert_eq!((course.button(), course.count(T + 18_000)), ("Hold now", Count::Seconds(CHANGE_SIDES)));
        assert_eq!(course.place(), "Exercise 1 of 1 · Set 1 of 2 · Right side");
        for second in [28, 33, 36] {
            assert_eq!(course.tick(T + second * SECOND), []);
        }
        assert_eq!(course.tick(T + 41_000), [set("ex-0", 1)]);
        assert_eq!(course.said(), "Rest. Next: Set 2 of 2, left side");
        course.press(T + 42_000);
        assert_eq!(course.said(), "Get ready", "whoever wants no rest has pressed once and not twice");
    }

    #[test]
    fn one_side_alone_is_a_set_where_the_plan_says_so() {
        let mut course = course(&["1x2 right daily"]);
        assert_eq!(
            (course.place().as_str(), course.said().as_str()),
            ("Exercise 1 of 1 · Right side", "2 times, right side")
        );
        assert_eq!(count(&mut course, 0, 2), [set("ex-0", 1)]);
    }

    #[test]
    fn walking_is_done_when_the_patient_says_so() {
        let mut course = course(&["1 daily"]);
        assert_eq!((course.button(), course.said().as_str()), ("Done", "Ready"));
        assert_eq!(press(&mut course, 0, 1), [set("ex-0", 1)]);
    }

    #[test]
    fn the_rest_ends_by_itself_and_begins_nothing() {
        let mut course = course(&["2x1 daily"]);
        press(&mut course, 0, 1);
        assert_eq!(course.count(T), Count::Seconds(REST));
        course.tick(T + REST * SECOND);
        assert_eq!((course.said().as_str(), course.is_timed()), ("Set 2 of 2, 1 time", false));
    }

    #[test]
    fn it_begins_at_the_first_set_that_is_neither_done_nor_skipped() {
        let skipped = Change::Skipped { exercise: "ex-1".to_owned(), reason: "No time".to_owned() };
        let log = log(&[set("ex-0", 1), set("ex-0", 2), skipped, set("ex-2", 1)]);
        let course = Course::new(day(), due(&["2x3 daily", "1x3 daily", "3x3 daily"]), &log);
        assert_eq!((course.exercise(), course.place().as_str()), (Some("ex-2"), "Exercise 3 of 3 · Set 2 of 3"));
    }

    #[test]
    fn what_was_passed_over_comes_at_the_end() {
        let mut course = Course::new(day(), due(&["2x1 daily", "1x1 daily"]), &log(&[set("ex-0", 1)]));
        course.back();
        assert_eq!(course.place(), "Exercise 1 of 2 · Set 1 of 2 · Done before");
        let mut later = Course::new(day(), due(&["1x1 daily", "1x1 daily"]), &log(&[]));
        later.at = Some(At::set(1, 1));
        assert_eq!(press(&mut later, 0, 1), [set("ex-1", 1)]);
        assert_eq!(later.exercise(), Some("ex-0"));
    }

    #[test]
    fn a_pause_costs_no_second() {
        let mut course = course(&["1 hold 20 daily"]);
        course.press(T);
        course.tick(T + 5_000);
        course.pause(T + 8_000);
        course.pause(T + 9_000);
        assert_eq!(course.tick(T + 900_000), []);
        assert_eq!((course.count(T + 900_000), course.button()), (Count::Seconds(17), "Go on"));
        course.press(T + 900_000);
        assert_eq!((course.count(T + 900_000), course.said().as_str()), (Count::Seconds(17), "Hold"));
        assert_eq!(course.tick(T + 917_000), [set("ex-0", 1)]);
    }

    #[test]
    fn a_device_that_slept_shortens_no_hold() {
        let mut course = course(&["1x2 hold 10 daily"]);
        course.press(T);
        course.tick(T + 600_000);
        assert_eq!(course.count(T + 600_000), Count::Seconds(10));
    }

    #[test]
    fn a_skip_is_logged_with_its_reason_and_taken_back_by_doing_it_after_all() {
        let mut course = course(&["1x1 daily", "1x1 daily"]);
        let skipped = |reason: &str| Change::Skipped { exercise: "ex-0".to_owned(), reason: reason.to_owned() };
        assert_eq!(course.skip("Too tired"), [skipped("Too tired")]);
        assert_eq!(course.exercise(), Some("ex-1"));
        course.back();
        assert_eq!(press(&mut course, 0, 1), [set("ex-0", 1), skipped("")]);
        assert_eq!(course.exercise(), Some("ex-1"));
    }

    #[test]
    fn back_goes_to_the_beginning_of_the_set_and_then_to_the_set_before() {
        let mut course = course(&["2x3 daily"]);
        press(&mut course, 0, 2);
        count(&mut course, 2, 1);
        assert_eq!(course.count(T), Count::Reps(1, 3));
        course.back();
        assert_eq!((course.place().as_str(), course.begins()), ("Exercise 1 of 1 · Set 2 of 2", true));
        course.back();
        assert_eq!(course.place(), "Exercise 1 of 1 · Set 1 of 2 · Done before");
        course.back();
        assert_eq!(course.place(), "Exercise 1 of 1 · Set 1 of 2 · Done before");
        assert_eq!(press(&mut course, 9, 1), [set("ex-0", 1)]);
        assert_eq!(course.place(), "Exercise 1 of 1 · Set 2 of 2");
    }

    #[test]
    fn a_second_press_at_once_is_the_same_one() {
        let mut course = course(&["1x3 daily", "1x3 daily"]);
        course.count_one(T);
        course.count_one(T + ONE_PRESS - 1);
        assert_eq!(course.count(T), Count::Reps(1, 3));
        assert_eq!(course.press(T + ONE_PRESS), [set("ex-0", 1)]);
        assert_eq!(course.press(T + 2 * ONE_PRESS - 1), [], "the next one is not done");
    }

    #[test]
    fn with_nothing_due_there_is_nothing_to_do() {
        let mut course = course(&[]);
        assert!(course.is_empty() && course.exercise().is_none());
        assert_eq!((course.press(T), course.count_one(T + SECOND), course.skip("No time")), (vec![], vec![], vec![]));
        course.back();
        course.pause(T);
        assert!(!course.is_paused());
    }

    fn any_dose() -> impl Strategy<Value = Dose> {
        let sides = prop::sample::select(vec![Sides::None, Sides::Each, Sides::Left, Sides::Right]);
        (1..=MOST_SETS, 0..4_u8, 0..4_u8, sides).prop_map(|(sets, reps, hold, sides)| Dose {
            sets,
            reps,
            hold,
            sides,
            ..Dose::AS_ITS_PAGE_SAYS
        })
    }

    proptest! {
        #[test]
        fn whoever_goes_on_logs_each_set_once(doses in prop::collection::vec(any_dose(), 0..4), by_hand: bool, counted: bool) {
            let due: Vec<_> = doses.iter().enumerate().map(|(at, dose)| (format!("ex-{at}"), *dose)).collect();
            let mut course = Course::new(day(), due, &DayLog::empty(day()));
            let (mut logged, mut now) = (vec![], T);
            for _ in 0..2_000 {
                now += SECOND;
                let counts = counted && course.is_by_reps();
                logged.extend(match by_hand || !course.is_timed() {
                    true if counts => course.count_one(now),
                    true => course.press(now),
                    false => course.tick(now),
                });
            }
            let sets = |(at, dose): (usize, &Dose)| (1..=dose.sets).map(move |n| set(&format!("ex-{at}"), n)).collect::<Vec<_>>();
            let all: Vec<Change> = doses.iter().enumerate().flat_map(sets).collect();
            prop_assert_eq!(logged, all);
            prop_assert!(course.exercise().is_none());
        }
    }
}
