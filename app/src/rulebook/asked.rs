//! What two rule sets differ in of what they ask: questions, screens, and lists of answers.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Texts,
    difference::{pairs, said},
    outcomes::same_condition,
    words,
};
use crate::triage::{Choice, Kind, Layout, Question, RuleSet, Screen};

/// What changed of the questions, one sentence each.
pub fn questions(old: &RuleSet, new: &RuleSet, lists: &Lists) -> Vec<String> {
    let mut lines = lists.lines(new);
    for pair in pairs(&old.questions, &new.questions, |question: &Question| &question.id) {
        match pair {
            (None, Some(question)) => lines.push(format!("New: “{}” ({}).", question.text, question.id)),
            (Some(question), None) => lines.push(format!("Gone: “{}” ({}).", question.text, question.id)),
            (Some(before), Some(after)) => {
                let changes = changed(old, before, new, after, lists);
                lines.extend(changes.into_iter().map(|line| format!("{}: {line}", after.id)));
            }
            (None, None) => {}
        }
    }
    lines
}

fn changed(old: &RuleSet, before: &Question, new: &RuleSet, after: &Question, lists: &Lists) -> Vec<String> {
    let mut lines = Vec::new();
    if before.text != after.text {
        lines.push(format!("“{}” → “{}”", before.text, after.text));
    }
    if before.hint != after.hint {
        lines.push(format!("more about it: {} → {}", said(before.hint.as_deref()), said(after.hint.as_deref())));
    }
    if before.said != after.said {
        lines.push(format!("said back as “{}” → “{}”", before.said, after.said));
    }
    lines.extend(match (&before.kind, &after.kind) {
        (Kind::OneOf(was), Kind::OneOf(is)) if lists.tell(was, is) => vec![],
        (Kind::OneOf(was), Kind::OneOf(is)) => answers(was, is),
        (was, is) if was != is => vec!["it takes other answers.".to_owned()],
        _ => vec![],
    });
    if (before.role, before.private) != (after.role, after.private) {
        lines.push("it takes other answers, or they count otherwise.".to_owned());
    }
    let same = match (&before.asked_if, &after.asked_if) {
        (None, None) => true,
        (Some(was), Some(is)) => same_condition(old, was, new, is),
        _ => false,
    };
    if !same {
        let when = after.asked_if.as_ref().map(|is| format!("when {}", words::condition(new, is)));
        lines.push(format!("it is asked {}.", when.unwrap_or_else(|| "always".to_owned())));
    }
    if let (Some(was), Some(is)) = (old.screen_of(&before.id), new.screen_of(&after.id))
        && was.id != is.id
    {
        lines.push(format!("it moved from the screen “{}” ({}) to “{}” ({}).", was.title, was.id, is.title, is.id));
    }
    lines
}

/// The lists of answers that questions share, by name.
pub struct Lists {
    before: BTreeMap<String, Vec<Choice>>,
    after: BTreeMap<String, Vec<Choice>>,
}

#[derive(Default, Deserialize)]
struct File {
    #[serde(default)]
    choices: BTreeMap<String, Vec<Choice>>,
}

impl Lists {
    pub fn of(old: &Texts, new: &Texts) -> Self {
        let named = |texts: &Texts| toml::from_str::<File>(&texts.rules).unwrap_or_default().choices;
        Self { before: named(old), after: named(new) }
    }

    fn lines(&self, new: &RuleSet) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, is) in &self.after {
            let Some(was) = self.before.get(name) else {
                lines.push(format!("A new list of answers: {name}."));
                continue;
            };
            let taking =
                new.questions.iter().filter(|question| matches!(&question.kind, Kind::OneOf(own) if own == is));
            let taking: Vec<&str> = taking.map(|question| question.id.as_str()).collect();
            let changes = answers(was, is).into_iter();
            lines.extend(changes.map(|line| format!("The list {name}, of {}: {line}", taking.join(", "))));
        }
        let gone = self.before.keys().filter(|name| !self.after.contains_key(*name));
        lines.extend(gone.map(|name| format!("The list of answers {name} is gone.")));
        lines
    }

    /// Whether this change of a question's answers is told with their list.
    fn tell(&self, was: &[Choice], is: &[Choice]) -> bool {
        let is_it = |(name, before): (&String, &Vec<Choice>)| {
            before == was && self.after.get(name).is_some_and(|after| after == is && after != before)
        };
        self.before.iter().any(is_it)
    }
}

/// What changed of a list of answers.
fn answers(was: &[Choice], is: &[Choice]) -> Vec<String> {
    let mut lines = Vec::new();
    for (before, after) in pairs(was, is, |choice: &Choice| &choice.id) {
        match (before, after) {
            (None, Some(new)) => lines.push(format!("the answer “{}” ({}) is new.", new.text, new.id)),
            (Some(gone), None) => lines.push(format!("the answer “{}” ({}) is gone.", gone.text, gone.id)),
            (Some(before), Some(after)) if before.text != after.text => {
                lines.push(format!("the answer {}: “{}” → “{}”", after.id, before.text, after.text));
            }
            _ => {}
        }
    }
    if in_both(was, is, |one| &one.id) != in_both(is, was, |one| &one.id) {
        let order: Vec<&str> = is.iter().map(|choice| choice.text.as_str()).collect();
        lines.push(format!("its answers come in another order: {}.", order.join("; ")));
    }
    lines
}

/// The ids of what the other has too, in order.
fn in_both<'a, T>(all: &'a [T], other: &[T], id: impl Fn(&T) -> &str) -> Vec<&'a str> {
    let is_there = |one: &&T| other.iter().any(|other| id(other) == id(one));
    all.iter().filter(is_there).map(&id).collect()
}

/// What changed of the screens, one sentence each.
pub fn screens(old: &RuleSet, new: &RuleSet) -> Vec<String> {
    let mut lines = Vec::new();
    for pair in pairs(&old.screens, &new.screens, |screen: &Screen| &screen.id) {
        match pair {
            (None, Some(screen)) => lines.push(format!("New: “{}” ({}).", screen.title, screen.id)),
            (Some(screen), None) => lines.push(format!("Gone: “{}” ({}).", screen.title, screen.id)),
            (Some(before), Some(after)) => {
                let mut changes = changed_screen(before, after);
                let (was, is) = (old.on(before), new.on(after));
                if in_both(was, is, |one| &one.id) != in_both(is, was, |one| &one.id) {
                    let order: Vec<&str> = is.iter().map(|question| question.id.as_str()).collect();
                    changes.push(format!("its questions come in another order: {}.", order.join(", ")));
                }
                lines.extend(changes.into_iter().map(|line| format!("{}: {line}", after.id)));
            }
            (None, None) => {}
        }
    }
    if in_both(&old.screens, &new.screens, |one| &one.id) != in_both(&new.screens, &old.screens, |one| &one.id) {
        let order: Vec<&str> = new.screens.iter().map(|screen| screen.id.as_str()).collect();
        lines.push(format!("The screens come in another order: {}.", order.join(", ")));
    }
    lines
}

fn changed_screen(before: &Screen, after: &Screen) -> Vec<String> {
    let mut lines = Vec::new();
    if before.title != after.title {
        lines.push(format!("“{}” → “{}”", before.title, after.title));
    }
    if before.stage != after.stage {
        lines.push(format!("the part of the conversation that it is of: “{}” → “{}”", before.stage, after.stage));
    }
    if before.hint != after.hint {
        lines.push(format!("its introduction: {} → {}", said(before.hint.as_deref()), said(after.hint.as_deref())));
    }
    if before.list != after.list {
        lines.push(format!(
            "what its list is headed with: {} → {}",
            said(before.list.as_deref()),
            said(after.list.as_deref())
        ));
    }
    if before.layout != after.layout {
        lines.push(match after.layout {
            Layout::Ticks => "its questions are a list to tick now.".to_owned(),
            Layout::Choices => "each of its questions has its own answers now.".to_owned(),
        });
    }
    if before.follow_up != after.follow_up {
        lines.push(match after.follow_up {
            true => "it is asked before a warning interrupts now.".to_owned(),
            false => "a warning may come before it now.".to_owned(),
        });
    }
    lines
}
