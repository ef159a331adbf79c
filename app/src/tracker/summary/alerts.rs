//! What comes first in a summary: the warning signs that were ticked, and the alerts of what was measured, each with its
//! dates and the values that caused it.

use maud::{Markup, html};

use super::{Told, words};
use crate::{
    day::Day,
    tracker::{
        log::{DayLog, judge},
        sheet::WATCHED,
        watch::{Alert, Measured, Reading, TooLittle, too_little, watch},
    },
    triage::{Answers, RuleSet, Urgency, YES},
};

/// How many days of a sign, and how many times that a rule fired, are told one by one.
const SIGN_DAYS: usize = 6;
const TIMES: usize = 3;
/// Days of a rule that are no further apart than this are told together.
const TOGETHER: i64 = 7;

pub fn section(told: &Told<'_>) -> Markup {
    let signs = signs(told);
    let alerts = measured(told);
    let times = times(&alerts);
    html! {
        section aria-labelledby="summary-alerts" {
            h2 id="summary-alerts" { "Alerts and warning signs" }
            @if !signs.is_empty() { (signs_table(told, &signs)) }
            @if !times.is_empty() { (alerts_table(told, &times)) }
            (answered(told, signs.is_empty(), times.is_empty()))
            (unseen(&too_little(told.rules, told.logs, told.period.to)))
        }
    }
}

/// A sign that was ticked, and when.
struct Sign<'a> {
    id: &'a str,
    urgency: Urgency,
    days: Vec<Day>,
    /// On how many of them it was said that help was got.
    helped: usize,
}

/// The most urgent first.
fn signs<'a>(told: &'a Told<'_>) -> Vec<Sign<'a>> {
    let mut signs: Vec<Sign<'a>> = vec![];
    for log in told.logs {
        for id in log.signs() {
            let (urgency, helped) = (urgency_of(told.rules, log, id), usize::from(log.helped(id)));
            match signs.iter_mut().find(|sign| sign.id == id) {
                Some(sign) => {
                    sign.urgency = sign.urgency.max(urgency);
                    sign.days.push(log.day);
                    sign.helped += helped;
                }
                None => signs.push(Sign { id, urgency, days: vec![log.day], helped }),
            }
        }
    }
    signs.sort_by_key(|sign| std::cmp::Reverse(sign.urgency));
    signs
}

/// A sign's own urgency; that of its day, where no sign of the day is an emergency and all together are.
fn urgency_of(rules: &RuleSet, log: &DayLog, sign: &str) -> Urgency {
    let alone = |sign: &str| {
        let mut answers = Answers::default();
        answers.set(sign, YES);
        match rules.question(sign) {
            Some(_) => rules.signs(&answers).iter().map(|finding| finding.urgency).max(),
            None => Some(Urgency::Emergency),
        }
    };
    let day = judge(rules, log).urgency.unwrap_or(Urgency::Routine);
    let any = log.signs().into_iter().any(|sign| alone(sign) == Some(Urgency::Emergency));
    if day == Urgency::Emergency && !any { day } else { alone(sign).unwrap_or(Urgency::Routine) }
}

fn signs_table(told: &Told<'_>, signs: &[Sign<'_>]) -> Markup {
    html! {
        section class="summary__wide" tabindex="0" aria-label="Warning signs that were ticked" {
            table {
                caption { "Warning signs that were ticked" }
                thead { tr { th scope="col" { "Sign" } th scope="col" { "Urgency" } th scope="col" { "Days" } th scope="col" { "Help got" } } }
                tbody {
                    @for sign in signs {
                        tr {
                            th scope="row" { (words::said(told.rules, sign.id)) }
                            td { (words::urgency(sign.urgency)) }
                            td { (words::days(&sign.days, SIGN_DAYS)) }
                            td { "said for " (sign.helped) " of " (words::counted(sign.days.len(), "day")) }
                        }
                    }
                }
            }
        }
    }
}

/// The alerts of what was measured, T1 first and then by day: as the rules find them in the days up to each, week by week.
/// Only days of the period are looked at.
fn measured(told: &Told<'_>) -> Vec<Alert> {
    let adherence = |from: Day, to: Day| told.adherence(from, to);
    let mut found: Vec<Alert> = vec![];
    let (first, last) = (told.period.from.epoch_days(), told.period.to.epoch_days());
    for week in 0..=(last - first) / 7 {
        let begin = told.period.from.plus(7 * week);
        let end = begin.plus(6).min(told.period.to);
        let start = told.logs.partition_point(|log| log.day < end.plus(1 - WATCHED));
        let upto = told.logs.partition_point(|log| log.day <= end);
        let days = told.logs.get(start..upto).unwrap_or_default();
        if days.iter().all(|log| log.day < begin) {
            continue;
        }
        let alerts = watch(told.rules, days, end, &adherence);
        let of_signs = |alert: &Alert| alert.values.iter().any(|value| matches!(value, Reading::Sign { .. }));
        found.extend(alerts.into_iter().filter(|alert| alert.day >= begin && !of_signs(alert)));
    }
    found
}

/// Days on which a rule fired, one soon after the other.
struct Time<'a> {
    first: Day,
    last: Day,
    days: usize,
    /// Its most urgent, and of these the first.
    told: &'a Alert,
}

/// By rule, the most urgent first; the times of each likewise, and then the latest.
fn times(alerts: &[Alert]) -> Vec<(&str, Vec<Time<'_>>)> {
    let mut rules: Vec<(&str, Vec<Time<'_>>)> = vec![];
    for alert in alerts {
        let at = rules.iter().position(|(rule, _)| *rule == alert.rule).unwrap_or_else(|| {
            rules.push((alert.rule.as_str(), vec![]));
            rules.len() - 1
        });
        let Some((_, times)) = rules.get_mut(at) else { continue };
        match times.last_mut().filter(|time| alert.day.epoch_days() - time.last.epoch_days() <= TOGETHER) {
            Some(time) => {
                time.last = alert.day;
                time.days += 1;
                if alert.urgency > time.told.urgency {
                    time.told = alert;
                }
            }
            None => times.push(Time { first: alert.day, last: alert.day, days: 1, told: alert }),
        }
    }
    for (_, times) in &mut rules {
        times.sort_by_key(|time| std::cmp::Reverse((time.told.urgency, time.last)));
    }
    rules.sort_by_key(|(_, times)| std::cmp::Reverse(times.first().map(|time| time.told.urgency)));
    rules
}

fn alerts_table(told: &Told<'_>, rules: &[(&str, Vec<Time<'_>>)]) -> Markup {
    html! {
        section class="summary__wide" tabindex="0" aria-label="Alerts of what was measured" {
            table {
                caption { "Alerts of what was measured" }
                thead { tr { th scope="col" { "Finding" } th scope="col" { "Urgency" } th scope="col" { "When, and the values" } th scope="col" { "Patient’s answer" } } }
                tbody {
                    @for (rule, times) in rules {
                        @for (at, time) in times.iter().take(TIMES).enumerate() {
                            tr {
                                th scope="row" { (finding(told.rules, rule)) " (" (rule) ")" }
                                td { (words::urgency(time.told.urgency)) }
                                td {
                                    (when(time)) ": "
                                    (time.told.values.iter().map(|value| words::reading(value, told.rules)).collect::<Vec<_>>().join("; "))
                                    @if at + 1 == TIMES && times.len() > TIMES {
                                        ". And " (words::counted(times.len() - TIMES, "other time")) ", none more urgent."
                                    }
                                }
                                td { (answer(told, rule, time)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn finding(rules: &RuleSet, id: &str) -> &'static str {
    rules.watch.iter().find(|rule| rule.id == id).map_or("Alert", |rule| words::finding(&rule.limits))
}

fn when(time: &Time<'_>) -> String {
    if time.days == 1 {
        time.first.long()
    } else {
        format!("{} to {} ({} days)", time.first.short(), time.last.long(), time.days)
    }
}

/// The last that was said to it, on one of its days or in the week after.
fn answer(told: &Told<'_>, rule: &str, time: &Time<'_>) -> &'static str {
    let days = told.logs.iter().rev().filter(|log| time.first <= log.day && log.day <= time.last.plus(TOGETHER));
    words::reply(days.filter_map(|log| log.reply(rule)).next())
}

/// On how many days the list of signs was answered: none ticked is no all-clear.
fn answered(told: &Told<'_>, no_signs: bool, no_alerts: bool) -> Markup {
    let answered = told.logs.iter().filter(|log| log.signs_answered()).count();
    html! {
        p {
            @if no_signs { "No warning sign was ticked. " }
            @if no_alerts { "No alert was found in what was measured. " }
            "The list of warning signs was answered on " strong { (answered) " of " (told.period.days()) " days" } "."
            @if no_signs || no_alerts { " That nothing was found does not show that nothing was there." }
        }
    }
}

/// What the rules could not see at the end of the period.
fn unseen(unseen: &[TooLittle]) -> Markup {
    html! {
        @if !unseen.is_empty() {
            p class="summary__small" {
                strong { "Too little was logged to judge at the end of the period: " }
                (unseen.iter().map(too_little_of).collect::<Vec<_>>().join("; ")) "."
            }
        }
    }
}

fn too_little_of(found: &TooLittle) -> String {
    let of = match found.of {
        Measured::FirstLegPain => "leg pain at first".to_owned(),
        Measured::LegPain => "leg pain now".to_owned(),
        Measured::Nights => "nights".to_owned(),
        Measured::Foot(side) => format!("{} foot", side.name()),
    };
    let within = found.days.map(|days| format!(" in the last {days} days")).unwrap_or_default();
    format!("{of} (logged on {}, needs {}{within})", words::counted(found.logged.into(), "day"), found.needed)
}
