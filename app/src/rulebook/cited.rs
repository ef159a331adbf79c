//! What two rule sets differ in of their sources. Other words of one are told once, whatever cites it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Texts;
use crate::triage::Source;

/// The sources of two files, by name.
pub struct Cited {
    before: BTreeMap<String, Source>,
    after: BTreeMap<String, Source>,
}

#[derive(Default, Deserialize)]
struct File {
    #[serde(default)]
    sources: BTreeMap<String, Source>,
}

impl Cited {
    pub fn of(old: &Texts, new: &Texts) -> Self {
        let named = |texts: &Texts| toml::from_str::<File>(&texts.rules).unwrap_or_default().sources;
        Self { before: named(old), after: named(new) }
    }

    /// Each that came, went, or has other words.
    pub fn lines(&self) -> Vec<String> {
        let changed = self.after.iter().filter_map(|(name, now)| match self.before.get(name) {
            None => Some(format!("New: {} ({name}).", words(now))),
            Some(was) if was != now => Some(format!("{name}: {} → {}.", words(was), words(now))),
            Some(_) => None,
        });
        let gone = self.before.iter().filter(|(name, _)| !self.after.contains_key(*name));
        changed.chain(gone.map(|(name, was)| format!("Gone: {} ({name}).", words(was)))).collect()
    }

    /// What else is cited, or is not any more; nothing where the words of a source alone changed.
    pub fn otherwise(&self, before: &[Source], after: &[Source]) -> Option<String> {
        let as_now = |was: &Source| {
            let names = self.before.iter().filter(|(_, source)| *source == was);
            let now = names.filter_map(|(name, _)| self.after.get(name)).find(|now| after.contains(now));
            if after.contains(was) { was.clone() } else { now.unwrap_or(was).clone() }
        };
        let before: Vec<Source> = before.iter().map(as_now).collect();
        if before == after {
            return None;
        }
        let without = |all: &[Source], others: &[Source]| {
            let left = all.iter().filter(|source| !others.contains(source));
            left.map(words).collect::<Vec<_>>().join(" and ")
        };
        Some(match (without(after, &before), without(&before, after)) {
            (added, gone) if added.is_empty() && gone.is_empty() => "cites its sources in another order.".to_owned(),
            (added, gone) if gone.is_empty() => format!("now also cites {added}."),
            (added, gone) if added.is_empty() => format!("no longer cites {gone}."),
            (added, gone) => format!("now cites {added}, and no longer {gone}."),
        })
    }
}

/// "“Back pain”, NHS (2019), https://…".
fn words(Source { title, publisher, url, date }: &Source) -> String {
    let date = date.as_ref().map(|date| format!(" ({date})")).unwrap_or_default();
    let url = url.as_ref().map(|url| format!(", {url}")).unwrap_or_default();
    format!("“{title}”, {publisher}{date}{url}")
}
