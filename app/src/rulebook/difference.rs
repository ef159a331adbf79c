//! What two rule sets differ in, in words: what a clinician is to judge.

use std::collections::BTreeMap;

use super::{
    Texts,
    asked::{self, Lists},
    cited::Cited,
    outcomes::same_condition,
    words,
};
use crate::triage::{
    self, Condition, Rule, RuleSet,
    vignette::{self, Vignette},
    watch::Watch,
};

/// What changed of one kind of thing, one sentence each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub title: &'static str,
    pub lines: Vec<String>,
}

/// The differences; only sections in which there are some.
///
/// # Errors
/// What keeps either text from being read.
pub fn difference(old: &Texts, new: &Texts) -> Result<Vec<Section>, Vec<String>> {
    let (before, after) = (triage::file::read(&old.rules)?, triage::file::read(&new.rules)?);
    let people = |texts: &Texts, rules: &RuleSet| vignette::read_fitting(&texts.vignettes, rules).0;
    let cited = Cited::of(old, new);
    let sections = [
        Section { title: "Rules", lines: rules(&before, &after, &cited) },
        Section { title: "Questions", lines: asked::questions(&before, &after, &Lists::of(old, new)) },
        Section { title: "Screens", lines: asked::screens(&before, &after) },
        Section { title: "The tracker's rules", lines: watches(&before, &after, &cited) },
        Section { title: "Sources", lines: cited.lines() },
        Section { title: "Test cases", lines: vignettes(&people(old, &before), &people(new, &after)) },
        Section { title: "The rest", lines: rest(&before, &after) },
    ];
    Ok(sections.into_iter().filter(|section| !section.lines.is_empty()).collect())
}

/// The pairs of both lists by id, in the order of the new one; what is gone comes last.
pub fn pairs<'a, T>(old: &'a [T], new: &'a [T], id: impl Fn(&T) -> &str) -> Vec<(Option<&'a T>, Option<&'a T>)> {
    let known: BTreeMap<&str, &T> = old.iter().map(|one| (id(one), one)).collect();
    let mut pairs: Vec<_> = new.iter().map(|one| (known.get(id(one)).copied(), Some(one))).collect();
    pairs.extend(old.iter().filter(|one| new.iter().all(|other| id(other) != id(one))).map(|one| (Some(one), None)));
    pairs
}

fn rules(old: &RuleSet, new: &RuleSet, cited: &Cited) -> Vec<String> {
    let mut lines = Vec::new();
    for pair in pairs(&old.rules, &new.rules, |rule| &rule.id) {
        match pair {
            (None, Some(rule)) => {
                for grade in &rule.grades {
                    lines.push(format!(
                        "{} is new: {} when {}.",
                        rule.id,
                        words::urgency(grade.urgency),
                        words::condition(new, &grade.when)
                    ));
                }
            }
            (Some(rule), None) => {
                lines.push(format!("{} is gone. It was {} at the most.", rule.id, words::urgency(rule.highest())))
            }
            (Some(before), Some(after)) => {
                changed_rule(old, before, new, after, &mut lines);
                let otherwise = cited.otherwise(&before.sources, &after.sources);
                lines.extend(otherwise.map(|otherwise| format!("{} {otherwise}", after.id)));
            }
            (None, None) => {}
        }
    }
    lines
}

fn changed_rule(old: &RuleSet, before: &Rule, new: &RuleSet, after: &Rule, lines: &mut Vec<String>) {
    let id = &after.id;
    let mut say = |line: String| lines.push(format!("{id} {line}"));
    if before.grades.len() == after.grades.len() {
        for (was, is) in before.grades.iter().zip(&after.grades) {
            if was.urgency != is.urgency {
                say(format!(
                    "was {} and is now {}, when {}.",
                    words::urgency(was.urgency),
                    words::urgency(is.urgency),
                    words::condition(new, &is.when)
                ));
            }
            if !same_condition(old, &was.when, new, &is.when) {
                say(fires(old, &was.when, new, &is.when, words::urgency(is.urgency)));
            }
            if was.act != is.act {
                say(format!("says what to do otherwise: {} → {}", said(was.act.as_deref()), said(is.act.as_deref())));
            }
        }
    } else {
        for was in &before.grades {
            if !after.grades.iter().any(|is| is.urgency == was.urgency && same_condition(old, &was.when, new, &is.when))
            {
                say(format!("is no longer {} when {}.", words::urgency(was.urgency), words::condition(old, &was.when)));
            }
        }
        for is in &after.grades {
            if !before
                .grades
                .iter()
                .any(|was| is.urgency == was.urgency && same_condition(old, &was.when, new, &is.when))
            {
                say(format!("is now {} when {}.", words::urgency(is.urgency), words::condition(new, &is.when)));
            }
        }
    }
    if before.cause != after.cause {
        say(format!("says what it may mean otherwise: “{}” → “{}”", before.cause, after.cause));
    }
    if before.fail_safe != after.fail_safe {
        say(if after.fail_safe { "is a fail-safe now." } else { "is no fail-safe any more." }.to_owned());
    }
    if before.terms != after.terms {
        say(format!("holds articles to other words: {} → {}", before.terms.join(", "), after.terms.join(", ")));
    }
    if before.note != after.note {
        say(noted(before.note.as_deref(), after.note.as_deref()));
    }
}

/// Where only a part was added, taken away or changed, that part alone is named.
fn fires(old: &RuleSet, was: &Condition, new: &RuleSet, is: &Condition, urgency: &str) -> String {
    use Condition::{All, Any};
    let parts = |condition: &Condition| match condition {
        Any(parts) | All(parts) => parts.clone(),
        one => vec![one.clone()],
    };
    let (before, after) = (parts(was), parts(is));
    let gone = missing(old, &before, new, &after);
    let added = missing(new, &after, old, &before);
    let told = |rules: &RuleSet, parts: &[&Condition], word: &str| {
        parts.iter().map(|part| words::condition(rules, part)).collect::<Vec<_>>().join(word)
    };
    match (was, is) {
        // What changed is inside one part of it.
        (All(_), All(_)) | (Any(_), Any(_)) if gone.len() == 1 && added.len() == 1 => {
            fires(old, gone[0], new, added[0], urgency)
        }
        (All(_), All(_)) if gone.is_empty() => {
            format!("fires as {urgency} only when also {}.", told(new, &added, " and "))
        }
        (All(_), All(_)) if added.is_empty() => {
            format!("fires as {urgency} also without {}.", told(old, &gone, " and "))
        }
        (All(_), _) | (_, All(_)) => whole(old, was, new, is, urgency),
        _ if gone.is_empty() => format!("now also fires as {urgency} when {}.", told(new, &added, " or when ")),
        _ if added.is_empty() => format!("no longer fires as {urgency} when {}.", told(old, &gone, " or when ")),
        _ => whole(old, was, new, is, urgency),
    }
}

fn whole(old: &RuleSet, was: &Condition, new: &RuleSet, is: &Condition, urgency: &str) -> String {
    format!("fires as {urgency} when {}; before, when {}.", words::condition(new, is), words::condition(old, was))
}

/// Those parts of one condition that another does not have.
fn missing<'a>(one: &RuleSet, parts: &'a [Condition], other: &RuleSet, theirs: &[Condition]) -> Vec<&'a Condition> {
    parts.iter().filter(|part| !theirs.iter().any(|their| same_condition(one, part, other, their))).collect()
}

fn noted(before: Option<&str>, after: Option<&str>) -> String {
    format!("tells clinicians otherwise: {} → {}", said(before), said(after))
}

pub fn said(act: Option<&str>) -> String {
    act.map_or_else(|| "nothing".to_owned(), |act| format!("“{act}”"))
}

fn watches(old: &RuleSet, new: &RuleSet, cited: &Cited) -> Vec<String> {
    let mut lines = Vec::new();
    for (before, after) in pairs(&old.watch, &new.watch, |watch: &Watch| &watch.id) {
        let (Some(before), Some(after)) = (before, after) else { continue };
        let mut say = |line: String| lines.push(format!("{}: {line}", after.id));
        if before.limits != after.limits {
            say(format!("before: {} Now: {}", before.limits.said(), after.limits.said()));
        }
        for (was, is) in before.grades.iter().zip(&after.grades) {
            if was.urgency != is.urgency {
                say(format!("was {} and is now {}.", words::urgency(was.urgency), words::urgency(is.urgency)));
            }
            if was.act != is.act {
                say(format!("says what to do otherwise: “{}” → “{}”", was.act, is.act));
            }
        }
        if before.cause != after.cause {
            say(format!("says what it may mean otherwise: “{}” → “{}”", before.cause, after.cause));
        }
        if before.answered_days != after.answered_days {
            say(format!(
                "having got help holds for {} days, before for {}.",
                after.answered_days, before.answered_days
            ));
        }
        if before.note != after.note {
            say(noted(before.note.as_deref(), after.note.as_deref()));
        }
        cited.otherwise(&before.sources, &after.sources).into_iter().for_each(say);
    }
    lines
}

fn vignettes(old: &[Vignette], new: &[Vignette]) -> Vec<String> {
    let mut lines = Vec::new();
    for pair in pairs(old, new, |vignette: &Vignette| &vignette.id) {
        match pair {
            (None, Some(vignette)) => lines.push(format!(
                "New: {} must be told {}. {}",
                vignette.id,
                words::urgency(vignette.expected),
                vignette.story
            )),
            (Some(vignette), None) => lines.push(format!("Gone: {}. {}", vignette.id, vignette.story)),
            (Some(before), Some(after)) => {
                let mut say = |line: String| lines.push(format!("{}: {line}", after.id));
                if before.expected != after.expected {
                    say(format!(
                        "had to be told {}, and now {}.",
                        words::urgency(before.expected),
                        words::urgency(after.expected)
                    ));
                }
                if before.answers != after.answers {
                    say("answers otherwise.".to_owned());
                }
                if (&before.fires, &before.not) != (&after.fires, &after.not) {
                    say("other rules must or must not fire.".to_owned());
                }
                if before.story != after.story {
                    say(format!("“{}” → “{}”", before.story, after.story));
                }
                if before.ordinary != after.ordinary {
                    say("is counted as ordinary back pain, or is not any more.".to_owned());
                }
            }
            (None, None) => {}
        }
    }
    lines
}

fn rest(old: &RuleSet, new: &RuleSet) -> Vec<String> {
    let mut lines = Vec::new();
    let number = |set: &RuleSet| set.version.split('+').next().unwrap_or_default().to_owned();
    if number(old) != number(new) {
        lines.push(format!("Version {} → {}.", number(old), number(new)));
    }
    if old.daily != new.daily {
        lines.push(format!("The tracker's daily list: {} → {}.", old.daily.join(", "), new.daily.join(", ")));
    }
    for gone in old.safety_net.iter().filter(|sign| !new.safety_net.contains(sign)) {
        lines.push(format!("What to watch for no longer says “{gone}”."));
    }
    for added in new.safety_net.iter().filter(|sign| !old.safety_net.contains(sign)) {
        lines.push(format!("What to watch for now says “{added}”."));
    }
    let kept = |set: &RuleSet, other: &RuleSet| -> Vec<String> {
        set.safety_net.iter().filter(|sign| other.safety_net.contains(sign)).cloned().collect()
    };
    if kept(old, new) != kept(new, old) {
        lines.push(format!("What to watch for comes in another order: {}.", new.safety_net.join("; ")));
    }
    if let (true, Some(change)) = (old.history != new.history, new.history.first()) {
        lines.push(format!("Its history says: “{}”", change.what));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::{
        editing,
        parts::{ONLY, Part},
        soundness::built_in,
    };

    fn told(changes: &[(&str, &str)]) -> String {
        let ours = built_in();
        let mut draft = editing::begin(&ours, "2027-01-31".parse().unwrap(), &[]).unwrap();
        for (from, to) in changes {
            assert!(draft.rules.contains(from) || draft.vignettes.contains(from), "{from}");
            draft.rules = draft.rules.replacen(from, to, 1);
            draft.vignettes = draft.vignettes.replacen(from, to, 1);
        }
        let sections = difference(&ours, &draft).unwrap_or_else(|problems| panic!("{problems:?}"));
        sections.into_iter().flat_map(|section| section.lines).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_new_draft_differs_in_its_version_and_history_alone() {
        let lines = told(&[]);
        assert_eq!(lines.lines().count(), 2, "{lines}");
        assert!(lines.starts_with("Version 2.1.0 → 2.2.0."), "{lines}");
    }

    #[test]
    fn each_kind_of_change_is_a_sentence() {
        for (from, to, said) in [
            (
                "{ urgency = \"emergency\", when = \"chest\" }",
                "{ urgency = \"urgent\", when = \"chest\" }",
                "E11 was an emergency and is now urgent",
            ),
            (
                "when = \"chest\" }",
                "when = { any = [\"chest\", \"calf\"] } }",
                "E11 now also fires as an emergency when “",
            ),
            ("when = \"fever\" }", "when = { all = [\"fever\", \"age>=60\"] } }", "W01 fires as urgent when “"),
            (
                "when = { all = [{ any = [\"age>=51\"",
                "when = { all = [{ any = [\"age>=53\"",
                "W15 fires as soon when “Age” is 53 or more; before, when “Age” is 51 or more.",
            ),
            (
                "{ all = [\"pain_limits\", { not = \"pain_since=under_2w\" }] },",
                "{ all = [\"pain_limits\", { not = \"pain_since=under_2w|2_to_4w\" }] },",
                "G01 fires as soon when not (“",
            ),
            ("nights = 8, of_nights = 14", "nights = 6, of_nights = 14", "T5: before: Woken on 8 nights or more of 14"),
            (
                "title = \"When did it begin?\"\n",
                "title = \"Since when?\"\n",
                "bladder_since: “When did it begin?” → “Since when?”",
            ),
            (
                "stage = \"About you\"",
                "stage = \"You\"",
                ": the part of the conversation that it is of: “About you” → “You”",
            ),
            ("hint = \"Tick anything", "hint = \"Tick whatever", "bladder: its introduction: “Tick anything"),
            ("list = \"Do any of", "list = \"Does any of", ": what its list is headed with: “Do any of"),
            ("follow_up = true\n", "", "bladder_since: a warning may come before it now."),
            (
                "text = \"New, worse",
                "text = \"New or worse",
                "The list since_3_months, of saddle_since, pee_start_since, pee_leak_since, bowel_since, sex_since, both_legs_since, both_drop_since: the answer recent: “New, worse",
            ),
            (
                "{ id = \"elsewhere\", text",
                "{ id = \"away\", text = \"A\" },\n  { id = \"elsewhere\", text",
                "pain_where: the answer “A” (away) is new.",
            ),
            (
                "sources = [\"borders\"]",
                "sources = [\"borders\", \"nhs_uti\"]",
                "E14 now also cites “Urinary tract infections (UTIs)”, NHS, https://",
            ),
            ("\"our_limits\", \"comi\"]", "\"our_limits\"]", "T5: no longer cites “Change scores of the Core"),
            (
                "[sources]\n",
                "[sources]\nmine = { title = \"M\", publisher = \"P\", date = \"2020\" }\n",
                "New: “M”, P (2020) (mine).",
            ),
            ("note = \"As W01.\"", "note = \"As W02.\"", "T7: tells clinicians otherwise: “As W01.” → “As W02.”"),
            ("story = \"A 38-year-old man", "story = \"A 39-year-old man", "ordinary-lift: “A 38-year-old"),
            (
                "\"both feet are dropping\"",
                "\"both feet drop\"",
                "What to watch for no longer says “both feet are dropping”.",
            ),
        ] {
            let lines = told(&[(from, to)]);
            assert!(lines.contains(said) && lines.lines().count() > 2, "{said}: {lines}");
        }
    }

    #[test]
    fn other_words_of_a_source_are_told_once() {
        let lines = told(&[("title = \"Back pain\", publisher = \"NHS\"", "title = \"Back\", publisher = \"NHS\"")]);
        let source = "nhs_back: “Back pain”, NHS, https://www.nhs.uk/conditions/back-pain/ → “Back”, NHS, ";
        assert!(lines.contains(source) && lines.lines().count() == 3, "{lines}");
    }

    #[test]
    fn moves_are_said() {
        let ours = built_in();
        let said = |part, id: &str, fields: &[(&str, &str)]| {
            let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let moved = editing::apply(&ours, part, id, &fields).unwrap();
            let sections = difference(&ours, &moved).unwrap_or_else(|problems| panic!("{problems:?}"));
            sections.into_iter().flat_map(|section| section.lines).collect::<Vec<_>>().join("\n")
        };
        let lines = said(Part::Screen, "legs", &[("place", "first")]);
        assert!(lines.starts_with("The screens come in another order: legs, bladder, bladder_since, "), "{lines}");
        assert_eq!(lines.lines().count(), 1);
        let lines = said(Part::Question, "fever", &[("place", "bladder:")]);
        assert!(lines.starts_with("fever: it moved from the screen “") && lines.ends_with("” (bladder)."), "{lines}");
        let lines = said(Part::Daily, ONLY, &[("daily-0-id", "fever"), ("daily-1-id", "saddle")]);
        assert!(
            lines.starts_with("The tracker's daily list: saddle, pee_start, ") && lines.ends_with(" → fever, saddle."),
            "{lines}"
        );
        let mut net = triage::file::read(&ours.rules).unwrap().safety_net;
        net.swap(0, 1);
        let names: Vec<String> = (0..net.len()).map(|n| format!("safety_net-{n}-text")).collect();
        let fields: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(net.iter().map(String::as_str)).collect();
        let lines = said(Part::SafetyNet, ONLY, &fields);
        assert!(lines.starts_with("What to watch for comes in another order: it is hard to start peeing"), "{lines}");
        let lines = said(Part::Question, "sex", &[("place", "bladder:")]);
        assert_eq!(lines, "bladder: its questions come in another order: sex, saddle, pee_start, pee_leak, bowel.");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let ours = built_in();
        let broken = Texts { rules: "version =".to_owned(), ..ours.clone() };
        assert!(difference(&ours, &broken).is_err());
    }
}
