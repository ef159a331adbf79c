//! Made-up patients: what a diary can hold, and much that no page of ours would write and a file might.

use app::{
    day::Day,
    tracker::{
        activities,
        entry::{About, Entry, Stamp, Value, Write},
        log::{Change, DayLog, Measure, Onset, Words},
    },
};
use uuid::{Builder, Uuid, Version};

use super::dice::Dice;

/// Texts that break what is careless with them.
pub const TEXTS: [&str; 14] = [
    "Walked to the shop",
    "=1+1",
    "-2 degrees; =cmd|' /C calc'!A0",
    "@SUM(A1)\t+1",
    "one, \"two\"\nand three\r\n=4",
    "\u{0}\u{1}\u{7f} control",
    "  ",
    "\u{feff}\u{a0}blanks\u{2003}of\u{3000}all\u{2028}kinds",
    "caf\u{e9} \u{1f600} \u{202e}sdrawkcab",
    "</script><b>&amp;",
    "ends with \\",
    "\u{fff}\u{ffff}\u{10ffff}",
    "null",
    "＝full width",
];

const EXERCISES: [&str; 5] = ["bridge", "walking", "sitting-ankle-lifts", "of another version", "knee-rolls"];
const DOSES: [&str; 6] =
    ["2x10 hold 5 left mon,wed,fri", "1 daily", "3 hold 20 each daily", "1x8 sun weight:3", "whenever", "9x99 daily"];

/// The entries of one; the same of the same seed.
pub fn entries(seed: u64, signs: &[String]) -> Vec<Entry> {
    let mut patient = Patient { dice: Dice::new(seed), millis: 1_735_689_600_000, ids: 0, signs };
    let days = if seed == 0 { 0 } else { patient.dice.below(90) };
    let mut entries = vec![];
    for _ in 0..patient.dice.below(3) {
        entries.push(patient.standing());
    }
    for n in 0..days {
        let day = Day::new(2025, 1, 1).unwrap().plus(i64::try_from(n).unwrap());
        for _ in 0..=usize::from(patient.dice.once_in(8)) {
            entries.push(patient.day(day));
        }
    }
    entries
}

struct Patient<'a> {
    dice: Dice,
    /// Later with each thing that is done.
    millis: i64,
    ids: u128,
    signs: &'a [String],
}

impl Patient<'_> {
    fn id(&mut self) -> Uuid {
        self.ids += 1;
        let random = u128::try_from(self.dice.below(usize::MAX)).unwrap() << 64;
        Builder::from_u128(random | self.ids).with_version(Version::SortRand).into_uuid()
    }

    fn stamp(&mut self) -> Stamp {
        self.millis += i64::try_from(self.dice.below(20_000_000)).unwrap();
        Stamp { millis: self.millis, count: 0, writer: u64::MAX - u64::try_from(self.dice.below(3)).unwrap() }
    }

    fn text(&mut self) -> String {
        self.dice.pick(&TEXTS).to_owned()
    }

    fn standing(&mut self) -> Entry {
        let mut entry = Entry::new(self.id(), About::Standing);
        for _ in 0..self.dice.below(8) {
            let field = format!("plan:{}", self.dice.pick(&EXERCISES));
            let dose = if self.dice.once_in(5) { Value::No } else { Value::Text(self.dice.pick(&DOSES).to_owned()) };
            entry.write(&field, Write { stamp: self.stamp(), value: dose });
        }
        for _ in 0..self.dice.below(6) {
            let number = u8::try_from(self.dice.below(6)).unwrap();
            let named = activities::rename(number, &self.text());
            for (field, value) in named.unwrap_or_else(|| activities::remove(number)) {
                entry.write(&field, Write { stamp: self.stamp(), value });
            }
        }
        entry.write("profile:hip", Write { stamp: self.stamp(), value: Value::Yes });
        entry
    }

    fn day(&mut self, day: Day) -> Entry {
        let mut entry = Entry::new(self.id(), About::Day(day));
        for _ in 0..=self.dice.below(25) {
            let log = DayLog::of(day, [&entry]);
            let writes = if self.dice.once_in(10) {
                vec![(self.text().chars().take(20).chain(['x']).collect(), Value::Text(self.text()))]
            } else {
                self.change().writes(&log, self.dice.pick(&["2.0.0", "2.1.0+0123abcd"]))
            };
            let stamp = self.stamp();
            writes.into_iter().for_each(|(field, value)| entry.write(&field, Write { stamp, value }));
        }
        // What another version wrote where a number should be.
        if self.dice.once_in(6) {
            let value = if self.dice.once_in(2) { Value::Number(-1) } else { Value::Text(self.text()) };
            entry.write("left_leg", Write { stamp: self.stamp(), value });
        }
        if self.dice.once_in(12) {
            entry.delete(self.stamp());
        }
        entry
    }

    fn sign(&mut self) -> String {
        if self.dice.once_in(10) { self.text() } else { self.signs[self.dice.below(self.signs.len())].clone() }
    }

    fn change(&mut self) -> Change {
        let yes = !self.dice.once_in(4);
        let exercise = self.dice.pick(&EXERCISES).to_owned();
        match self.dice.below(12) {
            0 => Change::Sign { sign: self.sign(), there: yes },
            1 => Change::NoSigns { in_view: vec![self.sign()] },
            2 => Change::GotHelp { signs: self.signs.to_vec() },
            3 => Change::Worse(yes),
            4 => Change::WeakerSince(self.dice.pick(&Onset::ALL)),
            5 => Change::Set { exercise, set: 1, done: yes },
            6 => Change::Skipped { exercise, reason: self.text() },
            7 => Change::Said { words: self.dice.pick(&[Words::Note, Words::Medicines]), text: self.text() },
            _ => {
                let all: Vec<Measure> = Measure::all().collect();
                let measure = self.dice.pick(&all);
                let value = u16::try_from(self.dice.below(usize::from(measure.most()) + 1)).unwrap();
                Change::Measured { measure, value: yes.then_some(value) }
            }
        }
    }
}
