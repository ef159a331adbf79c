//! The summary's words: neutral, short, and for somebody who was not there.

use crate::{
    day::Day,
    tracker::{
        log::{Measure, Onset, Reply},
        trend::{Difference, Size, Tenths, Toward},
        watch::Reading,
    },
    triage::{RuleSet, Urgency, watch::Limits},
};

pub fn urgency(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Emergency => "Emergency",
        Urgency::Urgent => "Urgent",
        Urgency::Soon => "Soon",
        Urgency::Routine => "Routine",
        Urgency::SelfCare => "Self-care",
    }
}

/// What a rule of the tracker looks for.
pub fn finding(limits: &Limits) -> &'static str {
    match limits {
        Limits::Emergency => "Emergency warning sign",
        Limits::Urgent => "Urgent warning sign",
        Limits::Strength(_) => "Foot weaker than before",
        Limits::OtherLeg(_) => "Second leg newly painful or numb",
        Limits::Rise(_) => "Leg pain clearly above its first days",
        Limits::Stuck(_) => "Broken nights, or leg pain rising over weeks",
        Limits::Quieter(_) => "Leg hurts less while foot is weaker",
        Limits::Trips(_) => "Trips, with a foot that does not lift fully",
    }
}

/// At the beginning of a line.
pub fn measure(measure: Measure) -> String {
    match measure {
        Measure::Pain(place) => place.name().to_owned(),
        Measure::Numbness(side) => format!("Numbness or weakness, {} leg", side.name()),
        Measure::Foot(side) => format!("Foot score, {}", side.name()),
        Measure::HeelWalk(side) => format!("Heel-walk steps, {}", side.name()),
        Measure::HeelRaise(side) => format!("Heel raises, {}", side.name()),
        Measure::Trips => "Trips and stumbles".to_owned(),
        Measure::Woken => "Times woken at night".to_owned(),
        Measure::Sitting => "Minutes of sitting possible".to_owned(),
        Measure::Walking => "Minutes of walking possible".to_owned(),
        Measure::Effort => "Effort".to_owned(),
        Measure::Activity(number) => format!("Activity {number}"),
    }
}

/// One cause of an alert, dated.
pub fn reading(reading: &Reading, rules: &RuleSet) -> String {
    match reading {
        Reading::Sign { day, sign } => format!("{}: {}", said(rules, sign), day.short()),
        Reading::Measured { day, measure: of, value } => format!("{} {value} ({})", measure(*of), day.short()),
        Reading::Changed { measure: of, from, before, to, now } => {
            format!("{} {before} ({}) to {now} ({})", measure(*of), from.short(), to.short())
        }
        Reading::LegPain { from, to, halves } => {
            let value = Tenths(halves * 5).words();
            format!("Leg pain, median {value} ({} to {})", from.short(), to.short())
        }
        Reading::Adherence { from, to, percent } => {
            format!("{percent}% of exercises done ({} to {})", from.short(), to.short())
        }
        Reading::Onset { onset, .. } => match onset {
            Onset::TwoDaysOrLess => "Patient says it began within 2 days".to_owned(),
            Onset::Longer => "Patient says it began more than 2 days before".to_owned(),
            Onset::NotSure => "Patient is not sure when it began".to_owned(),
        },
    }
}

/// A warning sign.
pub fn said(rules: &RuleSet, sign: &str) -> String {
    rules.question(sign).map_or_else(
        || "A sign of another version of the list, which counts as an emergency".to_owned(),
        |question| capital(&question.said),
    )
}

pub fn reply(reply: Option<Reply>) -> &'static str {
    match reply {
        Some(Reply::GotHelp) => "“I have got help”",
        Some(Reply::Mistake) => "“It was a mistake”",
        Some(Reply::RemindTomorrow) => "“Remind me tomorrow”",
        None => "None",
    }
}

/// The question of the safe start that has this name, as a thing that is or is not so.
pub fn caution<'a>(name: &str, question: &'a str) -> &'a str {
    match name {
        "weaker" => "foot or leg getting weaker",
        "pregnant" => "more than 3 months pregnant",
        "hip" => "hip replaced",
        "bones" => "thin bones (osteoporosis)",
        "knees" => "bad knees",
        "wrists" => "bad wrists",
        _ => question,
    }
}

/// What a change means, for pain and for activities.
pub fn change(change: &Difference) -> String {
    let gap = Tenths(change.now.1.0.abs_diff(change.before.1.0)).words();
    let toward = match change.toward {
        Toward::Same => return "no change".to_owned(),
        Toward::Better => "better",
        Toward::Worse => "worse",
    };
    let size = match (change.size, change.toward) {
        (Size::Slight, _) => "may be chance",
        (_, Toward::Worse) => "matters",
        (Size::Small, _) => "small, but matters",
        (Size::Medium, _) => "medium",
        (Size::Large, _) => "large",
    };
    format!("{gap} {toward}: {size}")
}

/// With a capital letter.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// At most so many letters, with a mark where there were more.
pub fn cut(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= most {
        return text;
    }
    let kept: String = text.chars().take(most).collect();
    format!("{}…", kept.trim_end())
}

/// The latest days first, so many of them, and how many there are beside.
pub fn days(days: &[Day], most: usize) -> String {
    let shown: Vec<String> = days.iter().rev().take(most).map(|day| day.short()).collect();
    let more = days.len().saturating_sub(most);
    let first = days.first().filter(|_| more > 0).map(|first| format!(" and {more} more since {}", first.long()));
    format!("{}{}", shown.join(", "), first.unwrap_or_default())
}

pub fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
