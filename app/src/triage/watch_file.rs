//! The tracker's rules in the rule set's file: `[[watch]]` in, checked [`Watch`]es out.

use std::{collections::BTreeMap, ops::RangeInclusive};

use serde::{Deserialize, de::DeserializeOwned};
use toml::{Spanned, Table};

use super::{
    Source, Urgency,
    file::Reader,
    watch::{Limits, OtherLeg, Quieter, Rise, Strength, Stuck, Trips, Watch, WatchGrade, Week},
};

/// The rules that there have to be, in their order, each once; and how urgent each is at the least, the most urgent first.
/// A clinician can have them more urgent, and never less.
const RULES: [(&str, &[Urgency]); 8] = [
    ("T1", &[Urgency::Emergency]),
    ("T2", &[Urgency::Emergency, Urgency::Urgent]),
    ("T3", &[Urgency::Emergency]),
    ("T4", &[Urgency::Soon]),
    ("T5", &[Urgency::Soon]),
    ("T6", &[Urgency::Urgent]),
    ("T7", &[Urgency::Urgent]),
    ("T8", &[Urgency::Soon]),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WatchFile {
    id: Spanned<String>,
    cause: String,
    note: Option<String>,
    #[serde(default)]
    limits: Table,
    grade: Vec<GradeFile>,
    #[serde(default)]
    answered_days: u16,
    sources: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GradeFile {
    urgency: Urgency,
    act: String,
}

impl Reader<'_> {
    pub(super) fn watch(&mut self, rules: Vec<WatchFile>, named: &BTreeMap<String, Source>) -> Vec<Watch> {
        let ids: Vec<&str> = rules.iter().map(|rule| rule.id.get_ref().as_str()).collect();
        if ids != RULES.map(|(id, _)| id) {
            let missing: Vec<&str> = RULES.iter().map(|(id, _)| *id).filter(|id| !ids.contains(id)).collect();
            self.whole(&format!(
                "[[watch]] must be T1 to T8, each once and in this order; there are {}, and missing are {}",
                ids.join(", "),
                if missing.is_empty() { "none".to_owned() } else { missing.join(", ") }
            ));
            return vec![];
        }
        rules.into_iter().zip(RULES).map(|(rule, (_, least))| self.one(rule, least, named)).collect()
    }

    fn one(&mut self, rule: WatchFile, least: &[Urgency], named: &BTreeMap<String, Source>) -> Watch {
        let id = &rule.id;
        let sources = self.sources(id, &rule.sources, named);
        if sources.is_empty() {
            self.problem("rule", id, "names no source");
        }
        let limits = limits(id.get_ref(), rule.limits).unwrap_or_else(|problem| {
            self.problem("rule", id, &format!("its limits: {}", problem.trim_end()));
            Limits::Emergency
        });
        for (name, value, range) in ranges(&limits).into_iter().filter(|(_, value, range)| !range.contains(value)) {
            let (from, to) = range.into_inner();
            self.problem("rule", id, &format!("{name} is {value}, and has to be from {from} to {to}"));
        }
        if rule.answered_days > 28 {
            self.problem("rule", id, "answered_days has to be 28 at the most: what goes on is to be asked again");
        }
        let urgencies: Vec<Urgency> = rule.grade.iter().map(|grade| grade.urgency).collect();
        let may = urgencies.len() == least.len()
            && urgencies.iter().zip(least).all(|(urgency, least)| urgency >= least)
            && urgencies.is_sorted_by(|one, next| one > next);
        if !may {
            let problem =
                format!("it may be {urgencies:?} only where each is at least {least:?}, the most urgent first");
            self.problem("rule", id, &problem);
        }
        let grade = |grade: GradeFile| WatchGrade { urgency: grade.urgency, act: grade.act };
        Watch {
            id: rule.id.into_inner(),
            cause: rule.cause,
            limits,
            grades: rule.grade.into_iter().map(grade).collect(),
            answered_days: rule.answered_days,
            sources,
            note: rule.note,
        }
    }
}

fn limits(id: &str, table: Table) -> Result<Limits, String> {
    fn read<T: DeserializeOwned>(table: Table) -> Result<T, String> {
        table.try_into().map_err(|error: toml::de::Error| error.message().to_owned())
    }
    match id {
        "T2" => Ok(Limits::Strength(read(table)?)),
        "T3" => Ok(Limits::OtherLeg(read(table)?)),
        "T4" => Ok(Limits::Rise(read(table)?)),
        "T5" => Ok(Limits::Stuck(read(table)?)),
        "T6" => Ok(Limits::Quieter(read(table)?)),
        "T8" => Ok(Limits::Trips(read(table)?)),
        _ if !table.is_empty() => Err("it has none: the checker's rules decide".to_owned()),
        "T1" => Ok(Limits::Emergency),
        _ => Ok(Limits::Urgent),
    }
}

/// Each limit with what it can be. Narrow: beyond these it is a slip of the pen, or a rule that hardly ever fires.
fn ranges(limits: &Limits) -> Vec<(&'static str, u16, RangeInclusive<u16>)> {
    let week = |Week { days, least_logged }: &Week| {
        [("week.days", *days, 5..=14), ("week.least_logged", *least_logged, 3..=*days)]
    };
    match limits {
        Limits::Emergency | Limits::Urgent => vec![],
        Limits::Strength(Strength { foot_points, heel_walk_steps, days, fast_foot_points, fast_days }) => vec![
            ("foot_points", *foot_points, 1..=2),
            ("heel_walk_steps", *heel_walk_steps, 1..=5),
            ("days", *days, 7..=60),
            ("fast_foot_points", *fast_foot_points, *foot_points..=3),
            ("fast_days", *fast_days, 2..=7),
        ],
        Limits::OtherLeg(OtherLeg { pain, numbness, calm_pain, days, least_logged }) => vec![
            ("pain", *pain, 2..=4),
            ("numbness", *numbness, 1..=3),
            ("calm_pain", *calm_pain, 0..=pain.saturating_sub(1)),
            ("days", *days, 7..=28),
            ("least_logged", *least_logged, 1..=7),
        ],
        Limits::Rise(Rise { points, percent, running_days, first_days, week: of }) => {
            let mut ranges = vec![
                ("points", *points, 1..=3),
                ("percent", *percent, 0..=50),
                ("running_days", *running_days, 1..=7),
                ("first_days", *first_days, 3..=14),
            ];
            ranges.extend(week(of));
            ranges
        }
        Limits::Stuck(Stuck { nights, of_nights, points, days, adherence_percent, week: of }) => {
            let mut ranges = vec![
                ("nights", *nights, 1..=*of_nights),
                ("of_nights", *of_nights, 7..=28),
                ("points", *points, 1..=2),
                ("days", *days, 14..=56),
                ("adherence_percent", *adherence_percent, 0..=100),
            ];
            ranges.extend(week(of));
            ranges
        }
        Limits::Quieter(Quieter { pain_points, foot_points, days }) => {
            vec![("pain_points", *pain_points, 1..=5), ("foot_points", *foot_points, 1..=2), ("days", *days, 7..=28)]
        }
        Limits::Trips(Trips { trips, days, foot_at_most }) => {
            vec![("trips", *trips, 1..=3), ("days", *days, 7..=28), ("foot_at_most", *foot_at_most, 3..=5)]
        }
    }
}
