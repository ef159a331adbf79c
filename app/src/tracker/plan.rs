//! The plan: which exercises a patient chose, and what each of them was to be done on a day. Pure.

use super::{
    entry::{Entry, Field, Value},
    log::Writes,
};

const PREFIX: &str = "plan:";

/// The exercises that a patient chose, by id, in the order of the ids: what stands from day to day, read with the names of
/// its fields. An exercise is a field of its own, so that two devices can each choose one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub exercises: Vec<String>,
}

impl Plan {
    pub fn of(standing: &Entry) -> Self {
        let chosen = standing.fields().iter().filter(|field| *field.value() == Value::Yes);
        Self { exercises: chosen.filter_map(exercise).map(str::to_owned).collect() }
    }

    /// What makes this plan of the one that there is.
    pub fn choose(&self, exercises: &[String]) -> Writes {
        let field = |exercise: &String| format!("{PREFIX}{exercise}");
        let new = exercises.iter().filter(|exercise| !self.exercises.contains(exercise));
        let left_out = self.exercises.iter().filter(|exercise| !exercises.contains(exercise));
        let new = new.map(|exercise| (field(exercise), Value::Yes));
        new.chain(left_out.map(|exercise| (field(exercise), Value::No))).collect()
    }
}

fn exercise(field: &Field) -> Option<&str> {
    field.name.strip_prefix(PREFIX)
}
