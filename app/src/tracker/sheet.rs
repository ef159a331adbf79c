//! The sheet: the days that are on the screen, and what of them still has to reach the device. Pure: `device.rs` reads and
//! writes, `island.rs` shows.

use super::log::{Change, DayLog, Plan, Unreadable, needs_help_now, read_day, read_plan};
use crate::{day::Day, triage::RuleSet};

/// How many days the strip shows; an emergency of any of them still interrupts.
pub const DAYS: i64 = 7;

/// Everything that the tracker shows.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The device's date; none until the device has been asked.
    today: Option<Day>,
    /// The day that is logged now: today, or one that was gone back to.
    shown: Day,
    /// The days that were read or changed, one of each.
    days: Vec<DayLog>,
    unreadable: Vec<(Day, Unreadable)>,
    plan: Plan,
    plan_unreadable: Option<Unreadable>,
    /// What the device does not have yet, oldest first.
    pending: Vec<(Day, Change)>,
    plan_pending: bool,
    keeping: Keeping,
}

/// How it stands with the device.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Keeping {
    /// The device has everything.
    #[default]
    Saved,
    Saving,
    /// It does not, and why; what was logged is still on the screen.
    NotSaved(Trouble),
    /// What it has could not be read.
    NotRead(Trouble),
}

/// Why the device did not do as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The browser keeps nothing for this site: a private window, or a setting.
    Blocked,
    Full,
    /// No answer within ten seconds.
    NoAnswer,
    /// The record is a newer page's.
    Newer,
    /// Anything else, by the browser's name for it.
    Other(String),
}

impl Trouble {
    /// From the name of the browser's exception.
    pub fn named(name: &str) -> Self {
        match name {
            "SecurityError" | "InvalidStateError" | "NotAllowedError" => Self::Blocked,
            "QuotaExceededError" => Self::Full,
            "VersionError" => Self::Newer,
            _ => Self::Other(name.to_owned()),
        }
    }

    /// What happened.
    pub fn cause(&self) -> String {
        match self {
            Self::Blocked => "your browser does not let this site keep anything, as in a private window".to_owned(),
            Self::Full => "there is no room left on it".to_owned(),
            Self::NoAnswer => "it did not answer".to_owned(),
            Self::Newer => "this was saved by a newer version of this page".to_owned(),
            Self::Other(name) => format!("your browser reported “{name}”"),
        }
    }

    /// What to do.
    pub fn way_out(&self) -> &'static str {
        match self {
            Self::Blocked => "Allow this site to keep data, or open it in an ordinary window.",
            Self::Full => "Delete something on the device that you no longer need, then try again.",
            Self::NoAnswer => "Try again. If that does not help, close other tabs of this site, and try once more.",
            Self::Newer => "Load this page again to get the newer version.",
            Self::Other(_) => "Try again. If that does not help, note it on paper, and load this page again.",
        }
    }
}

/// What a read of the device brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    pub plan: Option<String>,
    pub days: Vec<(Day, Option<String>)>,
}

/// The next thing to write.
#[derive(Clone, Debug, PartialEq)]
pub enum ToWrite {
    /// These changes, to whatever the device has of the day.
    Day(Day, Vec<Change>),
    Plan(Plan),
}

/// What the tracker shows in place of everything else, if anything.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// The device has not answered yet.
    Waiting,
    /// The signs of this day need help at once.
    Emergency(DayLog),
    Day,
}

impl Sheet {
    pub fn today(&self) -> Option<Day> {
        self.today
    }

    pub fn shown(&self) -> Day {
        self.shown
    }

    pub fn shows_today(&self) -> bool {
        self.today == Some(self.shown)
    }

    fn day(&self, day: Day) -> Option<&DayLog> {
        self.days.iter().find(|log| log.day == day)
    }

    /// Asks something of the shown day's log.
    pub fn ask<T>(&self, ask: impl FnOnce(&DayLog) -> T) -> T {
        match self.day(self.shown) {
            Some(log) => ask(log),
            None => ask(&DayLog::empty(self.shown)),
        }
    }

    /// Whether there is anything in a day of the strip.
    pub fn is_logged(&self, day: Day) -> bool {
        self.day(day).is_some_and(DayLog::is_logged)
    }

    pub fn unreadable(&self) -> &[(Day, Unreadable)] {
        &self.unreadable
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    pub fn plan_unreadable(&self) -> Option<Unreadable> {
        self.plan_unreadable
    }

    pub fn keeping(&self) -> &Keeping {
        &self.keeping
    }

    /// The shown day's emergency comes first, then the latest.
    pub fn stage(&self, rules: &RuleSet) -> Stage {
        let Some(today) = self.today else { return Stage::Waiting };
        let mut days = std::iter::once(self.shown).chain(last_days(today)).filter_map(|day| self.day(day));
        let open = days.find(|log| needs_help_now(rules, log));
        open.map_or(Stage::Day, |log| Stage::Emergency(log.clone()))
    }

    /// Changes a day, on the screen at once; [`Sheet::next_to_write`] then has it for the device.
    pub fn change(&mut self, day: Day, change: Change, rules: &str) {
        let mut log = self.day(day).cloned().unwrap_or_else(|| DayLog::empty(day));
        log.apply(&change, rules);
        self.put(log);
        self.pending.push((day, change));
    }

    fn put(&mut self, log: DayLog) {
        self.days.retain(|other| other.day != log.day);
        self.days.push(log);
    }

    pub fn choose(&mut self, exercises: Vec<String>) {
        self.plan = Plan { exercises };
        self.plan_pending = true;
    }

    /// Shows another day.
    pub fn open(&mut self, day: Day) {
        self.shown = day;
    }

    /// The device's date is `today`. Whoever was on the old today is taken along, unless it has an emergency to see to.
    pub fn move_on(&mut self, today: Day, rules: &RuleSet) {
        let on_today = self.today.is_none_or(|old| old == self.shown);
        let busy = self.day(self.shown).is_some_and(|log| needs_help_now(rules, log));
        self.today = Some(today);
        if on_today && !busy {
            self.shown = today;
        }
    }

    /// The days to read when the date is `today`.
    pub fn to_read(&self, today: Day) -> Vec<Day> {
        let mut days: Vec<Day> = last_days(today).collect();
        if self.today.is_some() && !days.contains(&self.shown) {
            days.push(self.shown);
        }
        days
    }

    /// Takes in what the device has, with what it does not have yet on top.
    pub fn take_in(&mut self, kept: &Kept, rules: &str) {
        for (day, text) in &kept.days {
            self.unreadable.retain(|(other, _)| other != day);
            let log = match text.as_deref().map(|text| read_day(*day, text)) {
                None => DayLog::empty(*day),
                Some(Ok(log)) => log,
                Some(Err(why)) => {
                    self.unreadable.push((*day, why));
                    DayLog::empty(*day)
                }
            };
            self.put_with_pending(log, rules);
        }
        if !self.plan_pending {
            let plan = kept.plan.as_deref().map(read_plan).transpose();
            self.plan_unreadable = plan.as_ref().err().copied();
            self.plan = plan.ok().flatten().unwrap_or_default();
        }
        if matches!(self.keeping, Keeping::NotRead(_)) {
            self.keeping = Keeping::Saved;
        }
    }

    fn put_with_pending(&mut self, mut log: DayLog, rules: &str) {
        let day = log.day;
        for (_, change) in self.pending.iter().filter(|(of, _)| *of == day) {
            log.apply(change, rules);
        }
        self.put(log);
    }

    pub fn not_read(&mut self, trouble: Trouble) {
        // What could not be written is the graver trouble.
        if !matches!(self.keeping, Keeping::NotSaved(_)) {
            self.keeping = Keeping::NotRead(trouble);
        }
    }

    /// Claims the writing; false if it is going on, or there is nothing to write.
    pub fn begin_saving(&mut self) -> bool {
        let begins = self.keeping != Keeping::Saving && self.next_to_write().is_some();
        if begins {
            self.keeping = Keeping::Saving;
        }
        begins
    }

    pub fn next_to_write(&self) -> Option<ToWrite> {
        if let Some((day, _)) = self.pending.first() {
            let changes = self.pending.iter().filter(|(of, _)| of == day).map(|(_, change)| change.clone()).collect();
            return Some(ToWrite::Day(*day, changes));
        }
        self.plan_pending.then(|| ToWrite::Plan(self.plan.clone()))
    }

    /// The device has the first `count` changes of this day now, and this is what they made of it.
    pub fn day_written(&mut self, log: DayLog, count: usize, rules: &str) {
        let mut left = count;
        self.pending.retain(|(day, _)| {
            let written = *day == log.day && left > 0;
            left -= usize::from(written);
            !written
        });
        self.unreadable.retain(|(day, _)| *day != log.day);
        self.put_with_pending(log, rules);
        self.settle();
    }

    pub fn plan_written(&mut self, plan: &Plan) {
        if self.plan == *plan {
            self.plan_pending = false;
            self.plan_unreadable = None;
        }
        self.settle();
    }

    fn settle(&mut self) {
        if self.next_to_write().is_none() {
            self.keeping = Keeping::Saved;
        }
    }

    pub fn not_saved(&mut self, trouble: Trouble) {
        self.keeping = Keeping::NotSaved(trouble);
    }
}

/// The days of the strip, from today back.
pub fn last_days(today: Day) -> impl Iterator<Item = Day> {
    (0..DAYS).map(move |back| today.plus(-back))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::tracker::log::{Pain, Place, write_record};

    static RULES: LazyLock<RuleSet> = LazyLock::new(|| crate::content::rules().unwrap());

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn sunday() -> Day {
        day("2026-11-22")
    }

    /// A sheet on Sunday, of a device that has nothing yet.
    fn sheet() -> Sheet {
        let mut sheet = Sheet::default();
        sheet.move_on(sunday(), &RULES);
        let kept = Kept { plan: None, days: sheet.to_read(sunday()).into_iter().map(|day| (day, None)).collect() };
        sheet.take_in(&kept, "1");
        sheet
    }

    fn pain(score: u8) -> Change {
        Change::Pain { place: Place::Back, pain: Pain::try_from(score).ok() }
    }

    fn tick(sign: &str) -> Change {
        Change::Sign { sign: sign.to_owned(), there: true }
    }

    fn set(set: u8) -> Change {
        Change::Set { exercise: "bridge".to_owned(), set, done: true }
    }

    fn with(changes: &[Change]) -> DayLog {
        let mut log = DayLog::empty(sunday());
        changes.iter().for_each(|change| log.apply(change, "1"));
        log
    }

    #[test]
    fn nothing_is_shown_until_the_device_has_told_the_date() {
        assert_eq!(Sheet::default().stage(&RULES), Stage::Waiting);
        assert_eq!(sheet().stage(&RULES), Stage::Day);
    }

    #[test]
    fn what_is_read_is_the_last_seven_days_and_the_one_that_is_shown() {
        let mut sheet = sheet();
        sheet.open(day("2026-11-19"));
        assert_eq!(sheet.to_read(sunday()).iter().min(), Some(&day("2026-11-16")));
        assert_eq!(sheet.to_read(sunday()).len(), 7);
        assert_eq!(sheet.to_read(day("2026-12-01")).last(), Some(&day("2026-11-19")));
    }

    #[test]
    fn a_change_shows_at_once_and_waits_for_the_device() {
        let mut sheet = sheet();
        assert!(!sheet.begin_saving(), "nothing to write");
        sheet.change(sunday(), pain(4), "1");
        assert_eq!(sheet.ask(|log| log.back.map(Pain::score)), Some(4));
        assert!(sheet.begin_saving());
        assert!(!sheet.begin_saving(), "one writer is enough");
        assert_eq!(sheet.next_to_write(), Some(ToWrite::Day(sunday(), vec![pain(4)])));
        sheet.day_written(with(&[pain(4)]), 1, "1");
        assert_eq!((sheet.keeping(), sheet.next_to_write()), (&Keeping::Saved, None));
    }

    #[test]
    fn what_changes_while_the_device_writes_is_written_next() {
        let mut sheet = sheet();
        sheet.change(sunday(), pain(4), "1");
        sheet.begin_saving();
        sheet.change(sunday(), set(1), "1");
        sheet.day_written(with(&[pain(4)]), 1, "1");
        assert_eq!(sheet.keeping(), &Keeping::Saving);
        assert_eq!(sheet.next_to_write(), Some(ToWrite::Day(sunday(), vec![set(1)])));
        assert!(sheet.ask(|log| log.is_done("bridge", 1)), "and stays on the screen meanwhile");
    }

    #[test]
    fn what_another_tab_logged_meanwhile_comes_back_with_the_write() {
        let mut sheet = sheet();
        sheet.change(sunday(), set(1), "1");
        sheet.begin_saving();
        sheet.day_written(with(&[set(3), set(1)]), 1, "1");
        assert!(sheet.ask(|log| log.is_done("bridge", 1) && log.is_done("bridge", 3)));
    }

    #[test]
    fn a_failed_save_keeps_the_entry_and_tries_it_all_again() {
        let mut sheet = sheet();
        sheet.change(sunday(), pain(4), "1");
        sheet.begin_saving();
        sheet.not_saved(Trouble::Full);
        assert_eq!(sheet.keeping(), &Keeping::NotSaved(Trouble::Full));
        sheet.change(sunday(), set(1), "1");
        assert!(sheet.begin_saving());
        assert_eq!(sheet.next_to_write(), Some(ToWrite::Day(sunday(), vec![pain(4), set(1)])));
    }

    #[test]
    fn a_failed_read_still_lets_the_day_be_logged_over_what_the_device_has() {
        let mut sheet = Sheet::default();
        sheet.move_on(sunday(), &RULES);
        sheet.not_read(Trouble::NoAnswer);
        assert_eq!(sheet.stage(&RULES), Stage::Day);
        sheet.change(sunday(), pain(4), "1");
        let stored = write_record(&with(&[set(2)]));
        sheet.take_in(&Kept { plan: None, days: vec![(sunday(), Some(stored))] }, "1");
        assert_eq!(sheet.ask(|log| (log.back.map(Pain::score), log.is_done("bridge", 2))), (Some(4), true));
        assert_eq!(sheet.keeping(), &Keeping::Saved, "nothing is wrong any more; the entry is still to be written");
        assert!(sheet.next_to_write().is_some());
    }

    #[test]
    fn an_emergency_interrupts_even_if_it_could_not_be_saved() {
        let mut sheet = sheet();
        sheet.change(sunday(), tick("saddle"), "1");
        assert!(matches!(sheet.stage(&RULES), Stage::Emergency(log) if log.day == sunday()));
        sheet.begin_saving();
        sheet.not_saved(Trouble::Blocked);
        assert!(matches!(sheet.stage(&RULES), Stage::Emergency(_)));
    }

    #[test]
    fn an_emergency_of_the_last_days_comes_first_until_help_was_got() {
        let friday = day("2026-11-20");
        let mut sheet = sheet();
        sheet.change(friday, tick("both_drop"), "1");
        assert!(matches!(sheet.stage(&RULES), Stage::Emergency(log) if log.day == friday));
        sheet.change(sunday(), tick("saddle"), "1");
        assert!(matches!(sheet.stage(&RULES), Stage::Emergency(log) if log.day == sunday()));
        for (day, sign) in [(sunday(), "saddle"), (friday, "both_drop")] {
            sheet.change(day, Change::GotHelp { signs: vec![sign.to_owned()] }, "1");
        }
        assert_eq!(sheet.stage(&RULES), Stage::Day);
    }

    #[test]
    fn an_urgent_sign_does_not_take_the_page() {
        let mut sheet = sheet();
        sheet.change(sunday(), tick("fever"), "1");
        assert_eq!(sheet.stage(&RULES), Stage::Day);
    }

    #[test]
    fn midnight_moves_today_on() {
        let mut sheet = sheet();
        sheet.change(sunday(), pain(4), "1");
        let monday = sunday().plus(1);
        sheet.move_on(monday, &RULES);
        assert_eq!((sheet.today(), sheet.shown()), (Some(monday), monday));
        assert_eq!(sheet.ask(|log| log.back), None, "a new day");
        assert!(sheet.is_logged(sunday()) && !sheet.is_logged(monday));
    }

    #[test]
    fn midnight_leaves_alone_whoever_looks_at_an_earlier_day_or_an_emergency() {
        let mut earlier = sheet();
        earlier.open(day("2026-11-20"));
        earlier.move_on(sunday().plus(1), &RULES);
        assert_eq!(earlier.shown(), day("2026-11-20"));
        let mut emergency = sheet();
        emergency.change(sunday(), tick("saddle"), "1");
        emergency.move_on(sunday().plus(1), &RULES);
        assert!(matches!(emergency.stage(&RULES), Stage::Emergency(log) if log.day == sunday()));
    }

    #[test]
    fn what_cannot_be_read_is_said_and_the_rest_is_shown() {
        let mut sheet = sheet();
        let (broken, newer) = (day("2026-11-18"), day("2026-11-19"));
        let days = vec![
            (broken, Some("{".to_owned())),
            (newer, Some("{\"format\":9}".to_owned())),
            (sunday(), Some(write_record(&with(&[pain(4)])))),
        ];
        sheet.take_in(&Kept { plan: Some("x".to_owned()), days }, "1");
        assert_eq!(sheet.unreadable(), [(broken, Unreadable::Broken), (newer, Unreadable::Newer)]);
        assert_eq!(sheet.plan_unreadable(), Some(Unreadable::Broken));
        assert_eq!(sheet.ask(|log| log.back.map(Pain::score)), Some(4));
    }

    #[test]
    fn a_chosen_plan_outlives_a_refresh_until_it_is_written() {
        let mut sheet = sheet();
        let bridge = vec!["bridge".to_owned()];
        sheet.choose(bridge.clone());
        sheet.take_in(&Kept::default(), "1");
        assert_eq!(sheet.plan().exercises, bridge);
        assert!(sheet.begin_saving());
        let plan = sheet.plan().clone();
        assert_eq!(sheet.next_to_write(), Some(ToWrite::Plan(plan.clone())));
        sheet.plan_written(&plan);
        assert_eq!((sheet.keeping(), sheet.next_to_write()), (&Keeping::Saved, None));
    }

    #[test]
    fn the_browsers_exceptions_become_plain_words() {
        for (name, trouble) in [
            ("SecurityError", Trouble::Blocked),
            ("InvalidStateError", Trouble::Blocked),
            ("QuotaExceededError", Trouble::Full),
            ("VersionError", Trouble::Newer),
            ("UnknownError", Trouble::Other("UnknownError".to_owned())),
        ] {
            assert_eq!(Trouble::named(name), trouble);
            assert!(!trouble.cause().is_empty() && trouble.way_out().ends_with('.'), "{name}");
        }
    }
}
