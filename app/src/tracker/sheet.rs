//! The sheet: the days that are on the screen, and what of them still has to reach the device. Pure: `device.rs` reads and
//! writes, `island.rs` shows.

use uuid::Uuid;

use super::{
    copy::Copy,
    entry::{About, Entry, Field, Stamp, Ticker, Unreadable, Write, from_record},
    log::{Change, DayLog, Writes, needs_help_now},
    plan::{self, Plan},
    starter::Profile,
    sync::sending::{Contact, Memory},
    watch::{Alert, Reading, open, watch_planned},
};
use crate::{
    day::Day,
    triage::{RuleSet, Urgency},
};

/// How many days the strip shows; an emergency of any of them still interrupts.
pub const DAYS: i64 = 7;
/// How many days back the rules look, today among them.
pub const WATCHED: i64 = 90;

/// Everything that the tracker shows.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The device's date; none until the device has been asked.
    today: Option<Day>,
    /// The day that is logged now: today, or one that was gone back to.
    shown: Day,
    /// The days that were read or changed, one of each, in their order.
    days: Vec<DayLog>,
    /// The first day to read; none where the days that the rules look at are enough.
    back_to: Option<Day>,
    /// Whether the device was read back to there.
    is_back: bool,
    /// What stands from day to day.
    standing: Entry,
    unreadable: Vec<Unreadable>,
    /// What the device does not have yet, oldest first.
    pending: Vec<Pending>,
    ticker: Ticker,
    keeping: Keeping,
    /// Minutes ahead of UTC.
    east: i32,
    /// How it stands with the server, and with other people's entries on this device.
    pub contact: Contact,
}

/// What was written at one moment, and about what.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    pub about: About,
    pub writes: Writes,
    pub stamp: Stamp,
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
    /// Whose it was is not on this device any more.
    Erased,
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
            Self::Erased => "the days of this account were erased from it".to_owned(),
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
            Self::Erased => "Note it on paper, load this page again, and log it there.",
            Self::Other(_) => "Try again. If that does not help, note it on paper, and load this page again.",
        }
    }
}

/// What a read of the device brought: every record of these days, and what stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub from: Day,
    pub to: Day,
    pub records: Vec<Vec<u8>>,
}

/// What the tracker shows in place of everything else, if anything.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// The device has not answered yet.
    Waiting,
    /// The signs of this day need help at once.
    Emergency(DayLog),
    /// So does what was measured over some days.
    Alarm(Alert),
    Day,
}

impl Sheet {
    /// A sheet of a page that was just opened: `writer` is a random number.
    pub fn new(writer: u64) -> Self {
        Self {
            today: None,
            shown: Day::default(),
            days: vec![],
            back_to: None,
            is_back: false,
            standing: standing(),
            unreadable: vec![],
            pending: vec![],
            ticker: Ticker::new(writer),
            keeping: Keeping::default(),
            east: 0,
            contact: Contact::default(),
        }
    }

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
        self.find(day).ok().and_then(|at| self.days.get(at))
    }

    fn find(&self, day: Day) -> Result<usize, usize> {
        self.days.binary_search_by_key(&day, |log| log.day)
    }

    /// The days from this one on that were read or changed, in their order.
    pub fn days_from(&self, day: Day) -> &[DayLog] {
        let (Ok(at) | Err(at)) = self.find(day);
        self.days.get(at..).unwrap_or_default()
    }

    /// The days that were read or changed, in no order, one of each.
    pub fn logs(&self) -> &[DayLog] {
        &self.days
    }

    /// What stands from day to day.
    pub fn standing(&self) -> &Entry {
        &self.standing
    }

    /// The last body chart before the shown day.
    pub fn last_chart(&self) -> Option<&DayLog> {
        let charts = self.days.iter().filter(|log| log.day < self.shown && log.has_chart());
        charts.max_by_key(|log| log.day)
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

    /// How many of the days that were read have anything in them.
    pub fn logged_days(&self) -> usize {
        self.days.iter().filter(|log| log.is_logged()).count()
    }

    /// The records that are there and cannot be used.
    pub fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }

    pub fn plan(&self) -> Plan {
        Plan::of(&self.standing)
    }

    /// Whether no exercise is in the plan.
    pub fn nothing_chosen(&self) -> bool {
        self.plan().items.is_empty()
    }

    /// Each day on which the plan was changed, with the plan at its end.
    pub fn plans(&self) -> Vec<(Day, Plan)> {
        Plan::history(&self.standing, self.east)
    }

    /// What the patient calls the activity of this number, from 1; empty where it has no name.
    pub fn activity(&self, number: u8) -> &str {
        super::activities::name(&self.standing, number)
    }

    /// The plan of the shown day: of a past one, as it stood then.
    pub fn plan_shown(&self) -> Plan {
        match self.today {
            Some(today) if self.shown < today => Plan::on(&self.standing, self.shown, self.east),
            _ => self.plan(),
        }
    }

    pub fn profile(&self) -> Profile {
        Profile::of(&self.standing)
    }

    /// Whether this exercise's dose was set after it was said how the shown day's exercises went.
    pub fn has_new_dose(&self, exercise: &str) -> bool {
        let field = self.standing.field(&plan::field_of(exercise));
        field.map(Field::stamp).unwrap_or_default() > self.ask(DayLog::rated)
    }

    /// How many minutes the patient is ahead of UTC; behind, if negative.
    pub fn is_east(&mut self, minutes: i32) {
        self.east = minutes;
    }

    pub fn keeping(&self) -> &Keeping {
        &self.keeping
    }

    /// The shown day's emergency comes first, then the latest.
    pub fn stage(&self, rules: &RuleSet) -> Stage {
        let Some(today) = self.today else { return Stage::Waiting };
        // A device in another zone may be a day ahead.
        let later = self.days_from(today.plus(1));
        let mut days = std::iter::once(self.shown).chain(last_days(today)).filter_map(|day| self.day(day)).chain(later);
        if let Some(log) = days.find(|log| needs_help_now(rules, log)) {
            return Stage::Emergency(log.clone());
        }
        let alarm = self.alerts(rules).into_iter().find(|alert| alert.urgency == Urgency::Emergency);
        alarm.map_or(Stage::Day, Stage::Alarm)
    }

    /// The alerts of what was measured that wait for an answer, the most urgent first. Those of signs are the day's own.
    pub fn alerts(&self, rules: &RuleSet) -> Vec<Alert> {
        let Some(today) = self.today else { return vec![] };
        let found = self.found(rules);
        let open = open(rules, &found, &self.days, today);
        let told = self.told(rules, &found, &open, today);
        let hidden = |alert: &Alert| told.iter().any(|told| told.rule == alert.rule && told.urgency > alert.urgency);
        let mut alerts: Vec<Alert> =
            open.into_iter().filter(|alert| !of_signs(alert) && !hidden(alert)).cloned().collect();
        alerts.extend(told);
        alerts
    }

    /// Everything that the rules find in the days, answered or not.
    pub fn found(&self, rules: &RuleSet) -> Vec<Alert> {
        let Some(today) = self.today else { return vec![] };
        watch_planned(rules, &self.days, &self.standing, self.east, today)
    }

    /// What the server's rules say that these, of another version, do not: the higher tier stands, until it is answered and
    /// the server has heard of it.
    fn told(&self, rules: &RuleSet, found: &[Alert], open: &[&Alert], today: Day) -> Vec<Alert> {
        let memory = &self.contact.memory;
        if memory.rules == rules.version {
            return vec![];
        }
        let mut alerts = vec![];
        for told in &memory.alerts {
            let as_urgent = |alert: &Alert| alert.rule == told.rule && alert.urgency >= told.urgency;
            let of_the_day = |alert: &Alert| as_urgent(alert) && alert.day == told.day && of_signs(alert);
            let known = open.iter().any(|alert| as_urgent(alert)) || found.iter().any(of_the_day);
            let answered = |day| self.day(day).is_some_and(|log| log.replied(&told.rule) > memory.heard);
            if !known && !answered(told.day) && !answered(today) {
                let (rule, urgency, day) = (told.rule.clone(), told.urgency, told.day);
                alerts.push(Alert { rule, urgency, day, values: vec![], ask_onset: false });
            }
        }
        alerts
    }

    /// What the server said an alert may mean, and what to do about it.
    pub fn told_of(&self, alert: &Alert) -> Option<(&str, Option<&str>)> {
        let told = self.contact.memory.alerts.iter().find(|told| told.rule == alert.rule && told.day == alert.day)?;
        Some((&told.cause, told.act.as_deref()))
    }

    /// Shows the entries of an account, or of none, in place of those before.
    pub fn belong_to(&mut self, whose: Option<Uuid>) {
        let writer = self.ticker.writer();
        let east = self.east;
        let contact = Contact::of(whose, &self.contact);
        let (today, shown, back_to) = (self.today, self.shown, self.back_to);
        *self = Self { today, shown, back_to, east, contact, ..Self::new(writer) };
    }

    /// Shows the entries of this account, or of none; false where something is still to be written for whoever it was before.
    pub fn is_of(&mut self, whose: Option<Uuid>) -> bool {
        if self.contact.whose == whose {
            return true;
        }
        let idle = self.pending.is_empty();
        if idle {
            self.belong_to(whose);
        }
        idle
    }

    /// What the device remembers of the server, how many entries wait, and what the device's clock is behind the server's,
    /// in milliseconds.
    pub fn remember(&mut self, memory: Memory, waiting: usize, behind: i64) {
        self.ticker.correct(0, behind);
        self.contact.memory = memory;
        self.contact.sending.waiting = waiting;
    }

    /// Whether anything in the days waits for an answer.
    pub fn has_warning(&self, rules: &RuleSet) -> bool {
        matches!(self.stage(rules), Stage::Emergency(_) | Stage::Alarm(_)) || !self.alerts(rules).is_empty()
    }

    /// Changes a day, on the screen at once; [`Sheet::next_to_write`] then has it for the device. `now` is the device's
    /// time, in milliseconds since 1970.
    pub fn change(&mut self, day: Day, change: &Change, rules: &str, now: i64) {
        let mut log = self.day(day).cloned().unwrap_or_else(|| DayLog::empty(day));
        let writes = change.writes(&log, rules);
        let stamp = self.ticker.tick(now);
        log.write(&writes, stamp);
        self.put(log);
        self.pending.push(Pending { about: About::Day(day), writes, stamp });
    }

    /// Keeps each alert with its day, once, with the values that caused it.
    pub fn keep_alerts(&mut self, rules: &RuleSet, now: i64) {
        for alert in self.found(rules) {
            let log = self.day(alert.day);
            let keeps = |log: &DayLog| log.keeps(&alert.rule, alert.urgency, &alert.causes(), &rules.version);
            let Some(write) = log.and_then(keeps) else { continue };
            let pending = Pending { about: About::Day(alert.day), writes: vec![write], stamp: self.ticker.tick(now) };
            self.write(&pending);
            self.pending.push(pending);
        }
    }

    fn put(&mut self, log: DayLog) {
        match self.find(log.day) {
            Ok(at) => self.days[at] = log,
            Err(at) => self.days.insert(at, log),
        }
    }

    /// Changes what stands from day to day.
    pub fn stand(&mut self, writes: Writes, now: i64) {
        if writes.is_empty() {
            return;
        }
        let pending = Pending { about: About::Standing, writes, stamp: self.ticker.tick(now) };
        pending.apply(&mut self.standing);
        self.pending.push(pending);
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

    /// From now on reads the device back to this day, and not only the days that the rules look at.
    pub fn read_back_to(&mut self, day: Day) {
        self.back_to = Some(day);
    }

    /// Whether that was done.
    pub fn is_back(&self) -> bool {
        self.is_back
    }

    /// The first and the last of the days to read when the date is `today`. A later one is of a device whose clock or zone is
    /// another, and the rules look at it as well.
    pub fn to_read(&self, today: Day) -> (Day, Day) {
        let watched = today.plus(1 - WATCHED);
        let from = self.back_to.map_or(watched, |day| day.min(watched));
        (if self.today.is_none() { from } else { from.min(self.shown) }, Day::LAST)
    }

    /// Takes in what the device has, with what it does not have yet on top.
    pub fn take_in(&mut self, kept: &Kept) {
        let Kept { from, to, records } = kept;
        self.is_back |= self.back_to.is_some_and(|day| *from <= day);
        self.days.retain(|log| log.day < *from || *to < log.day);
        self.standing = standing();
        self.unreadable.clear();
        for record in records {
            match from_record::<Copy>(record) {
                Ok(copy) => self.read(&copy.entry),
                Err(why) => self.unreadable.push(why),
            }
        }
        for pending in self.pending.clone() {
            self.write(&pending);
        }
        if matches!(self.keeping, Keeping::NotRead(_)) {
            self.keeping = Keeping::Saved;
        }
    }

    /// Takes in what is kept in an entry.
    fn read(&mut self, entry: &Entry) {
        self.ticker.see(entry.latest());
        match entry.about {
            About::Standing => self.standing.merge(entry),
            About::Day(day) => self.log(day).take_in(entry),
        }
    }

    /// What was done on the screen, once more: to write the same twice is to write it once.
    fn write(&mut self, pending: &Pending) {
        match pending.about {
            About::Standing => pending.apply(&mut self.standing),
            About::Day(day) => self.log(day).write(&pending.writes, pending.stamp),
        }
    }

    fn log(&mut self, day: Day) -> &mut DayLog {
        let at = self.find(day).unwrap_or_else(|at| {
            self.days.insert(at, DayLog::empty(day));
            at
        });
        &mut self.days[at]
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

    /// All that waits about one thing.
    pub fn next_to_write(&self) -> Option<Vec<Pending>> {
        let about = self.pending.first()?.about;
        Some(self.pending.iter().filter(|pending| pending.about == about).cloned().collect())
    }

    /// The device has what waited about this now, up to this stamp, and this is all that it has about it.
    pub fn written(&mut self, entries: &[Entry], about: About, upto: Stamp) {
        self.pending.retain(|pending| pending.about != about || pending.stamp > upto);
        entries.iter().for_each(|entry| self.read(entry));
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

impl Pending {
    fn apply(&self, entry: &mut Entry) {
        for (name, value) in &self.writes {
            entry.write(name, Write { stamp: self.stamp, value: value.clone() });
        }
    }
}

/// Those are the day's own: they are shown, and answered, with it.
fn of_signs(alert: &Alert) -> bool {
    alert.values.iter().any(|value| matches!(value, Reading::Sign { .. }))
}

/// What stands, before anything does: of no id, because it is only looked at.
fn standing() -> Entry {
    Entry::new(Uuid::nil(), About::Standing)
}

/// The days of the strip, from today back.
pub fn last_days(today: Day) -> impl Iterator<Item = Day> {
    (0..DAYS).map(move |back| today.plus(-back))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::tracker::{
        entry::to_record,
        log::{Measure, Place, Reply, Side},
        plan::Dose,
        sync::Told,
    };

    static RULES: LazyLock<RuleSet> = LazyLock::new(|| crate::content::rules().unwrap());
    const NOW: i64 = 1_795_000_000_000;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn sunday() -> Day {
        day("2026-11-22")
    }

    /// A sheet on Sunday, of a device that has nothing yet.
    fn sheet() -> Sheet {
        let mut sheet = Sheet::new(1);
        sheet.move_on(sunday(), &RULES);
        take_in(&mut sheet, vec![]);
        sheet
    }

    fn take_in(sheet: &mut Sheet, records: Vec<Vec<u8>>) {
        let (from, to) = sheet.to_read(sunday());
        sheet.take_in(&Kept { from, to, records });
    }

    fn change(sheet: &mut Sheet, day: Day, to: &Change) {
        sheet.change(day, to, "1", NOW);
    }

    fn pain(score: u16) -> Change {
        Change::Measured { measure: Measure::Pain(Place::Back), value: Some(score) }
    }

    fn tick(sign: &str) -> Change {
        Change::Sign { sign: sign.to_owned(), there: true }
    }

    fn set(set: u8) -> Change {
        Change::Set { exercise: "bridge".to_owned(), set, done: true }
    }

    /// What another page of this device stored about Sunday, a while ago.
    fn stored(changes: &[Change]) -> Copy {
        let id = "0193f0a0-0000-7000-8000-000000000001".parse().unwrap();
        let mut copy = Copy::new(Entry::new(id, About::Day(sunday())));
        for (at, change) in (1..).zip(changes) {
            let writes = change.writes(&DayLog::of(sunday(), [&copy.entry]), "1");
            copy.write(&writes, Stamp { millis: NOW - 1_000 + at, count: 0, writer: 2 });
        }
        copy
    }

    /// The device does what it is asked, over what it has; the page is told.
    fn write_all(sheet: &mut Sheet, device: &mut Copy) {
        while let Some(next) = sheet.next_to_write() {
            next.iter().for_each(|pending| device.write(&pending.writes, pending.stamp));
            sheet.written(std::slice::from_ref(&device.entry), next[0].about, next.last().unwrap().stamp);
        }
    }

    #[test]
    fn nothing_is_shown_until_the_device_has_told_the_date() {
        assert_eq!(Sheet::new(1).stage(&RULES), Stage::Waiting);
        assert_eq!(sheet().stage(&RULES), Stage::Day);
    }

    #[test]
    fn what_is_read_is_what_the_rules_look_at_and_the_day_that_is_shown() {
        let mut sheet = sheet();
        assert_eq!(sheet.to_read(sunday()), (day("2026-08-25"), Day::LAST));
        sheet.open(day("2025-01-01"));
        assert_eq!(sheet.to_read(sunday()), (day("2025-01-01"), Day::LAST));
    }

    #[test]
    fn a_change_shows_at_once_and_waits_for_the_device() {
        let mut sheet = sheet();
        assert!(!sheet.begin_saving(), "nothing to write");
        change(&mut sheet, sunday(), &pain(4));
        assert_eq!(sheet.ask(|log| log.pain(Place::Back)), Some(4));
        assert!(sheet.begin_saving());
        assert!(!sheet.begin_saving(), "one writer is enough");
        let mut device = stored(&[]);
        write_all(&mut sheet, &mut device);
        assert_eq!((sheet.keeping(), sheet.next_to_write()), (&Keeping::Saved, None));
        assert_eq!(DayLog::of(sunday(), [&device.entry]).pain(Place::Back), Some(4));
    }

    #[test]
    fn what_changes_while_the_device_writes_is_written_next() {
        let mut sheet = sheet();
        change(&mut sheet, sunday(), &pain(4));
        sheet.begin_saving();
        let first = sheet.next_to_write().unwrap();
        change(&mut sheet, sunday(), &set(1));
        let mut device = stored(&[]);
        device.write(&first[0].writes, first[0].stamp);
        sheet.written(&[device.entry], About::Day(sunday()), first[0].stamp);
        assert_eq!(sheet.keeping(), &Keeping::Saving);
        assert_eq!(sheet.next_to_write().unwrap().len(), 1);
        assert!(sheet.ask(|log| log.is_done("bridge", 1)), "and stays on the screen meanwhile");
    }

    #[test]
    fn what_another_tab_logged_meanwhile_comes_back_with_the_write() {
        let mut sheet = sheet();
        change(&mut sheet, sunday(), &set(1));
        sheet.begin_saving();
        write_all(&mut sheet, &mut stored(&[set(3)]));
        assert!(sheet.ask(|log| log.is_done("bridge", 1) && log.is_done("bridge", 3)));
    }

    #[test]
    fn what_is_corrected_is_later_than_what_is_stored_though_the_clock_went_back() {
        let mut sheet = sheet();
        take_in(&mut sheet, vec![to_record(&stored(&[pain(7)]))]);
        sheet.change(sunday(), &pain(4), "1", NOW - 86_400_000);
        write_all(&mut sheet, &mut stored(&[pain(7)]));
        assert_eq!(sheet.ask(|log| log.pain(Place::Back)), Some(4));
    }

    #[test]
    fn a_failed_save_keeps_the_entry_and_tries_it_all_again() {
        let mut sheet = sheet();
        change(&mut sheet, sunday(), &pain(4));
        sheet.begin_saving();
        sheet.not_saved(Trouble::Full);
        assert_eq!(sheet.keeping(), &Keeping::NotSaved(Trouble::Full));
        change(&mut sheet, sunday(), &set(1));
        assert!(sheet.begin_saving());
        assert_eq!(sheet.next_to_write().unwrap().len(), 2);
    }

    #[test]
    fn a_failed_read_still_lets_the_day_be_logged_over_what_the_device_has() {
        let mut sheet = Sheet::new(1);
        sheet.move_on(sunday(), &RULES);
        sheet.not_read(Trouble::NoAnswer);
        assert_eq!(sheet.stage(&RULES), Stage::Day);
        change(&mut sheet, sunday(), &pain(4));
        take_in(&mut sheet, vec![to_record(&stored(&[set(2)]))]);
        assert_eq!(sheet.ask(|log| (log.pain(Place::Back), log.is_done("bridge", 2))), (Some(4), true));
        assert_eq!(sheet.keeping(), &Keeping::Saved, "nothing is wrong any more; the entry is still to be written");
        assert!(sheet.next_to_write().is_some());
    }

    #[test]
    fn two_entries_about_one_day_are_read_as_one() {
        let mut sheet = sheet();
        let mut other = stored(&[set(2)]);
        other.entry.id = "0193f0a0-0000-7000-8000-000000000002".parse().unwrap();
        take_in(&mut sheet, vec![to_record(&stored(&[pain(7)])), to_record(&other)]);
        assert_eq!(sheet.ask(|log| (log.pain(Place::Back), log.is_done("bridge", 2))), (Some(7), true));
    }

    #[test]
    fn an_emergency_interrupts_even_if_it_could_not_be_saved() {
        let mut sheet = sheet();
        change(&mut sheet, sunday(), &tick("saddle"));
        assert!(matches!(sheet.stage(&RULES), Stage::Emergency(log) if log.day == sunday()));
        sheet.begin_saving();
        sheet.not_saved(Trouble::Blocked);
        assert!(matches!(sheet.stage(&RULES), Stage::Emergency(_)));
    }

    #[test]
    fn an_emergency_of_the_last_days_comes_first_until_help_was_got() {
        let friday = day("2026-11-20");
        let mut sheet = sheet();
        change(&mut sheet, friday, &tick("both_drop"));
        assert!(matches!(sheet.stage(&RULES), Stage::Emergency(log) if log.day == friday));
        change(&mut sheet, sunday(), &tick("saddle"));
        assert!(matches!(sheet.stage(&RULES), Stage::Emergency(log) if log.day == sunday()));
        for (day, sign) in [(sunday(), "saddle"), (friday, "both_drop")] {
            change(&mut sheet, day, &Change::GotHelp { signs: vec![sign.to_owned()] });
        }
        assert_eq!(sheet.stage(&RULES), Stage::Day);
    }

    #[test]
    fn an_urgent_sign_does_not_take_the_page() {
        let mut sheet = sheet();
        change(&mut sheet, sunday(), &tick("fever"));
        assert_eq!(sheet.stage(&RULES), Stage::Day);
    }

    #[test]
    fn midnight_moves_today_on() {
        let mut sheet = sheet();
        change(&mut sheet, sunday(), &pain(4));
        let monday = sunday().plus(1);
        sheet.move_on(monday, &RULES);
        assert_eq!((sheet.today(), sheet.shown()), (Some(monday), monday));
        assert_eq!(sheet.ask(|log| log.pain(Place::Back)), None, "a new day");
        assert!(sheet.is_logged(sunday()) && !sheet.is_logged(monday));
    }

    #[test]
    fn midnight_leaves_alone_whoever_looks_at_an_earlier_day_or_an_emergency() {
        let mut earlier = sheet();
        earlier.open(day("2026-11-20"));
        earlier.move_on(sunday().plus(1), &RULES);
        assert_eq!(earlier.shown(), day("2026-11-20"));
        let mut emergency = sheet();
        change(&mut emergency, sunday(), &tick("saddle"));
        emergency.move_on(sunday().plus(1), &RULES);
        assert!(matches!(emergency.stage(&RULES), Stage::Emergency(log) if log.day == sunday()));
    }

    #[test]
    fn what_cannot_be_read_is_said_and_the_rest_is_shown() {
        let mut sheet = sheet();
        take_in(&mut sheet, vec![vec![1, 2, 3], vec![9], to_record(&stored(&[pain(4)]))]);
        assert_eq!(sheet.unreadable(), [Unreadable::Broken, Unreadable::Newer]);
        assert_eq!(sheet.ask(|log| log.pain(Place::Back)), Some(4));
    }

    #[test]
    fn a_chosen_plan_outlives_a_refresh_until_it_is_written() {
        let mut sheet = sheet();
        let choose = |sheet: &mut Sheet, exercise: &str| {
            sheet.stand(sheet.plan().choose(&[(exercise.to_owned(), Dose::AS_ITS_PAGE_SAYS)]), NOW);
        };
        let planned = |sheet: &Sheet| sheet.plan().items.into_iter().map(|item| item.exercise).collect::<Vec<_>>();
        choose(&mut sheet, "bridge");
        take_in(&mut sheet, vec![]);
        assert_eq!(planned(&sheet), ["bridge"]);
        assert!(sheet.begin_saving());
        let id = "0193f0a0-0000-7000-8000-000000000003".parse().unwrap();
        write_all(&mut sheet, &mut Copy::new(Entry::new(id, About::Standing)));
        assert_eq!((sheet.keeping(), sheet.next_to_write()), (&Keeping::Saved, None));
        assert_eq!(planned(&sheet), ["bridge"]);
        choose(&mut sheet, "walking");
        assert_eq!(planned(&sheet), ["walking"]);
        sheet.open(day("2026-11-21"));
        // NOW is 18 November: a past day keeps what was planned on it, whatever was chosen since.
        assert_eq!(sheet.plan_shown().items.len(), 1);
        sheet.open(day("2026-11-01"));
        assert_eq!(sheet.plan_shown(), Plan::default());
    }

    #[test]
    fn a_change_of_dose_answers_the_effort_that_was_said_before_it() {
        let mut sheet = sheet();
        let dose = Dose::AS_ITS_PAGE_SAYS;
        sheet.stand(vec![sheet.plan().with("bridge", dose)], NOW);
        change(&mut sheet, sunday(), &Change::Measured { measure: Measure::Effort, value: Some(3) });
        assert!(!sheet.has_new_dose("bridge"));
        sheet.stand(vec![sheet.plan().with("bridge", Dose { sets: 2, ..dose })], NOW);
        assert!(sheet.has_new_dose("bridge") && !sheet.has_new_dose("walking"));
    }

    #[test]
    fn an_alert_is_kept_once_with_its_values_and_again_where_it_becomes_more_urgent() {
        let mut sheet = sheet();
        let test = |sheet: &mut Sheet, day: Day, score: u16| {
            change(sheet, day, &Change::Measured { measure: Measure::Foot(Side::Left), value: Some(score) });
            sheet.keep_alerts(&RULES, NOW);
        };
        let kept = |sheet: &Sheet| sheet.ask(|log| log.alerts().map(|(rule, _)| rule.to_owned()).collect::<Vec<_>>());
        test(&mut sheet, day("2026-11-21"), 5);
        assert_eq!(kept(&sheet), [""; 0]);
        test(&mut sheet, sunday(), 4);
        assert_eq!(kept(&sheet), ["T2"]);
        let text = sheet.ask(|log| log.alerts().next().map(|(_, text)| text.to_owned())).unwrap();
        assert_eq!(text, format!("urgent: foot_left 5 on 2026-11-21 and 4 on 2026-11-22; rules {}", RULES.version));
        let waiting = sheet.next_to_write().unwrap().len() + sheet.pending.len();
        sheet.keep_alerts(&RULES, NOW);
        assert_eq!(sheet.next_to_write().unwrap().len() + sheet.pending.len(), waiting, "kept already");
        test(&mut sheet, sunday(), 3);
        let text = sheet.ask(|log| log.alerts().next().map(|(_, text)| text.to_owned())).unwrap();
        assert!(text.starts_with("emergency: foot_left 5 on 2026-11-21 and 3 on 2026-11-22"), "{text}");
    }

    fn stamp(millis: i64) -> Stamp {
        Stamp { millis, ..Stamp::default() }
    }

    fn tell(sheet: &mut Sheet, rule: &str, urgency: Urgency) {
        tell_of(sheet, sunday(), rule, urgency);
    }

    /// The server has other rules, and they say this.
    fn tell_of(sheet: &mut Sheet, day: Day, rule: &str, urgency: Urgency) {
        let told = Told { rule: rule.to_owned(), day, urgency, cause: "Weaker".to_owned(), act: None };
        let memory = Memory { rules: "another".to_owned(), alerts: vec![told], heard: stamp(NOW), ..Memory::default() };
        sheet.remember(memory, 0, 0);
    }

    #[test]
    fn where_the_rules_differ_the_higher_tier_stands_until_it_is_answered() {
        let foot = |score| Change::Measured { measure: Measure::Foot(Side::Left), value: Some(score) };
        let urgencies = |sheet: &Sheet| sheet.alerts(&RULES).iter().map(|alert| alert.urgency).collect::<Vec<_>>();
        let mut sheet = sheet();
        change(&mut sheet, sunday(), &pain(2));
        tell(&mut sheet, "T8", Urgency::Soon);
        assert_eq!(urgencies(&sheet), [Urgency::Soon], "the device's rules say nothing");

        change(&mut sheet, day("2026-11-21"), &foot(5));
        change(&mut sheet, sunday(), &foot(4));
        tell(&mut sheet, "T2", Urgency::Soon);
        assert_eq!(urgencies(&sheet), [Urgency::Urgent], "the device's is the higher");
        tell(&mut sheet, "T2", Urgency::Emergency);
        assert!(matches!(sheet.stage(&RULES), Stage::Alarm(alert) if alert.urgency == Urgency::Emergency));
        assert_eq!(sheet.told_of(&sheet.alerts(&RULES)[0]), Some(("Weaker", None)));

        sheet.change(sunday(), &Change::Replied { rule: "T2".to_owned(), reply: Reply::GotHelp }, "1", NOW + 1);
        assert_eq!(urgencies(&sheet), []);
    }

    #[test]
    fn a_milder_alert_of_the_servers_never_hides_the_devices_own() {
        let foot = |score| Change::Measured { measure: Measure::Foot(Side::Left), value: Some(score) };
        let mut sheet = sheet();
        change(&mut sheet, day("2026-11-20"), &foot(5));
        tell_of(&mut sheet, day("2026-11-21"), "T2", Urgency::Urgent);
        assert!(matches!(&sheet.alerts(&RULES)[..], [alert] if alert.urgency == Urgency::Urgent));
        change(&mut sheet, sunday(), &foot(3));
        assert!(
            matches!(sheet.stage(&RULES), Stage::Alarm(alert) if alert.day == sunday() && !alert.values.is_empty())
        );
        assert_eq!(sheet.alerts(&RULES).len(), 1, "the device's own is the more urgent");
    }

    #[test]
    fn an_answer_that_the_server_knew_is_none_to_what_it_says_however_far_ahead_the_clock_was() {
        let mut sheet = sheet();
        let reply = Change::Replied { rule: "T8".to_owned(), reply: Reply::GotHelp };
        sheet.change(sunday(), &reply, "1", NOW + 3 * 86_400_000);
        let known = sheet.next_to_write().unwrap()[0].stamp;
        tell(&mut sheet, "T8", Urgency::Soon);
        sheet.contact.memory.heard = known;
        assert_eq!(sheet.alerts(&RULES).len(), 1);
        sheet.change(sunday(), &reply, "1", NOW);
        assert_eq!(sheet.alerts(&RULES), []);
    }

    #[test]
    fn what_a_device_that_is_a_day_ahead_logged_is_read_and_warned_of() {
        let tomorrow = sunday().plus(1);
        let id = "0193f0a0-0000-7000-8000-000000000009".parse().unwrap();
        let mut copy = Copy::new(Entry::new(id, About::Day(tomorrow)));
        copy.write(&tick("saddle").writes(&DayLog::empty(tomorrow), "1"), stamp(NOW));
        let mut sheet = sheet();
        take_in(&mut sheet, vec![to_record(&copy)]);
        assert!(matches!(sheet.stage(&RULES), Stage::Emergency(log) if log.day == tomorrow));
        assert!(sheet.has_warning(&RULES));
    }

    #[test]
    fn a_day_that_was_deleted_takes_nothing_of_another_devices_with_it() {
        let mut one = stored(&[pain(4)]);
        one.entry.delete(stamp(NOW + 5));
        let id = "0193f0a0-0000-7000-8000-000000000002".parse().unwrap();
        let mut other = Copy::new(Entry::new(id, About::Day(sunday())));
        other.write(&tick("saddle").writes(&DayLog::empty(sunday()), "1"), stamp(NOW));
        let mut sheet = sheet();
        take_in(&mut sheet, vec![to_record(&other), to_record(&one)]);
        assert!(matches!(sheet.stage(&RULES), Stage::Emergency(_)));
        assert_eq!(sheet.ask(|log| log.pain(Place::Back)), None);
    }

    #[test]
    fn of_the_same_rules_the_device_says_what_it_says_itself() {
        let mut sheet = sheet();
        tell(&mut sheet, "T8", Urgency::Soon);
        sheet.contact.memory.rules.clone_from(&RULES.version);
        assert_eq!(sheet.alerts(&RULES), []);
    }

    #[test]
    fn another_persons_entries_take_the_place_of_those_before() {
        let mut sheet = sheet();
        take_in(&mut sheet, vec![to_record(&stored(&[pain(7)]))]);
        let anna = Some(Uuid::from_u128(1));
        sheet.belong_to(anna);
        assert_eq!(sheet.ask(|log| log.pain(Place::Back)), None);
        assert_eq!((sheet.contact.whose, sheet.shown(), sheet.today()), (anna, sunday(), Some(sunday())));
    }

    #[test]
    fn a_clock_that_is_behind_the_server_is_put_right() {
        let mut sheet = sheet();
        sheet.remember(Memory::default(), 0, 5_000);
        change(&mut sheet, sunday(), &pain(4));
        assert_eq!(sheet.next_to_write().unwrap()[0].stamp.millis, NOW + 5_000);
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

    #[test]
    fn a_page_of_years_reads_back_to_the_first_day_and_knows_when_it_has() {
        let mut sheet = Sheet::new(1);
        assert_eq!(sheet.to_read(sunday()).0, sunday().plus(1 - WATCHED));
        sheet.move_on(sunday(), &RULES);
        sheet.read_back_to(Day::FIRST);
        assert_eq!(sheet.to_read(sunday()), (Day::FIRST, Day::LAST));
        let kept = |from| Kept { from, to: sunday(), records: vec![] };
        sheet.take_in(&kept(sunday().plus(1 - WATCHED)));
        assert!(!sheet.is_back(), "that read began before it was asked for more");
        sheet.take_in(&kept(Day::FIRST));
        assert!(sheet.is_back());
    }

    #[test]
    fn the_days_stand_in_their_order_however_they_came() {
        let mut sheet = sheet();
        for ago in [3, 0, 9, 1] {
            change(&mut sheet, sunday().plus(-ago), &pain(4));
        }
        let days = |from: Day| sheet.days_from(from).iter().map(|log| log.day).collect::<Vec<_>>();
        assert_eq!(days(Day::FIRST), [9, 3, 1, 0].map(|ago| sunday().plus(-ago)));
        assert_eq!(days(sunday().plus(-2)), [1, 0].map(|ago| sunday().plus(-ago)));
    }
}
