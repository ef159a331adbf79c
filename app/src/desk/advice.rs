//! What an editor is told beside a text: how long and how hard it is to read, and what in it should be looked at. It is
//! advice, and stands in nobody's way; what must be mended is `safety.rs`'s and the renderer's.

use std::collections::{BTreeMap, BTreeSet};

use super::links;
use crate::{
    article::{
        outline::{Heading, Outline, Sentence},
        reading_minutes,
    },
    media,
};

/// From how many words on a sentence is long.
const LONG: usize = 25;
/// Shorter ones say too little to be judged.
const FEWEST: usize = 8;
/// How many of the hardest sentences are named.
const HARDEST: usize = 3;

/// Advice about one text.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    pub words: usize,
    /// At 200 words a minute, never 0.
    pub minutes: u32,
    /// Flesch and Kincaid's: years of school, from about 0; nothing for a text without words.
    pub grade: Option<f64>,
    /// The hardest sentences with their grades, the hardest first.
    pub hardest: Vec<(f64, Sentence)>,
    /// Sentences of more than 25 words.
    pub long: Vec<Sentence>,
    /// What should be looked at, with its line.
    pub notes: Vec<(usize, String)>,
}

/// What is known of where links may lead.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    /// Whole addresses of ours: "/articles/what-is-sciatica".
    pub pages: BTreeSet<String>,
    /// Addresses of other sites that fail, and how: "404 not found".
    pub failing: BTreeMap<String, String>,
    /// The ids in the text itself: "rest" for `#rest`.
    pub sections: BTreeSet<String>,
}

/// Reads a text as a reader does.
pub fn advise(outline: &Outline, addresses: &Addresses) -> Advice {
    let mut counts: Vec<(Counts, &Sentence)> =
        outline.sentences.iter().map(|sentence| (Counts::of(&sentence.text), sentence)).collect();
    counts.retain(|(counts, _)| counts.words > 0);
    let whole = counts.iter().fold(Counts::default(), |sum, (counts, _)| sum.and(*counts));
    let long =
        counts.iter().filter(|(counts, _)| counts.words > LONG).map(|(_, sentence)| (*sentence).clone()).collect();
    let mut hardest: Vec<(f64, Sentence)> = counts
        .iter()
        .filter(|(counts, _)| counts.words >= FEWEST)
        .filter_map(|(counts, sentence)| Some((counts.grade()?, (*sentence).clone())))
        .collect();
    hardest.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    hardest.truncate(HARDEST);
    let words = u32::try_from(whole.words).unwrap_or(u32::MAX);
    Advice {
        words: whole.words,
        minutes: reading_minutes(words),
        grade: whole.grade(),
        hardest,
        long,
        notes: notes(outline, addresses),
    }
}

fn notes(outline: &Outline, addresses: &Addresses) -> Vec<(usize, String)> {
    let mut notes = heading_order(&outline.headings);
    // The library's have one of their own there, or are decorative.
    let bare = outline
        .pictures
        .iter()
        .filter(|picture| picture.description.trim().is_empty() && media::named_by(&picture.address).is_none());
    notes.extend(bare.map(|picture| (picture.line, "a picture has no description for who cannot see it".to_owned())));
    let dead = outline.links.iter().filter_map(|link| Some((link, fault(&link.address, addresses)?)));
    notes.extend(dead.map(|(link, fault)| (link.line, format!("the link to {} {fault}", link.address))));
    notes.sort();
    notes
}

/// Headings that leave out a level, as `####` after `##`: who listens to the page misses one.
fn heading_order(headings: &[Heading]) -> Vec<(usize, String)> {
    let mut level = 1;
    let mut notes = Vec::new();
    for heading in headings {
        if heading.level > level + 1 {
            let marks = "#".repeat(usize::from(level) + 1);
            notes.push((heading.line, format!("the heading “{}” leaves out a level: write {marks}", heading.title)));
        }
        level = heading.level;
    }
    notes
}

/// What is wrong with a link: one of ours has no page behind it, or one to another site failed when it was last asked.
fn fault(address: &str, addresses: &Addresses) -> Option<String> {
    let (page, nowhere) = (links::address_of(address), "leads nowhere".to_owned());
    match (address.strip_prefix('#'), page) {
        (Some(section), _) => (!addresses.sections.contains(section)).then_some(nowhere),
        (None, Some(page)) if page.starts_with('/') => (!addresses.pages.contains(&page)).then_some(nowhere),
        (None, Some(page)) => addresses.failing.get(&page).map(|how| format!("fails: {how}")),
        (None, None) => None,
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    sentences: usize,
    words: usize,
    syllables: usize,
}

impl Counts {
    /// Of one sentence; nothing where it has no words.
    fn of(sentence: &str) -> Self {
        let words: Vec<&str> =
            sentence.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).collect();
        let syllables = words.iter().map(|word| syllables(word)).sum();
        Self { sentences: usize::from(!words.is_empty()), words: words.len(), syllables }
    }

    fn and(self, other: Self) -> Self {
        Self {
            sentences: self.sentences + other.sentences,
            words: self.words + other.words,
            syllables: self.syllables + other.syllables,
        }
    }

    /// Kincaid and others 1975: years of school that it takes.
    #[expect(clippy::cast_precision_loss, reason = "no text has so many words that it matters")]
    fn grade(self) -> Option<f64> {
        let (sentences, words, syllables) = (self.sentences as f64, self.words as f64, self.syllables as f64);
        (self.words > 0).then(|| (0.39 * words / sentences + 11.8 * syllables / words - 15.59).max(0.0))
    }
}

/// About how many syllables an English word has: groups of vowels, without a silent `e` at its end, and at least one.
fn syllables(word: &str) -> usize {
    let letters: Vec<char> = word.to_lowercase().chars().filter(|letter| letter.is_alphabetic()).collect();
    let is_vowel = |letter: &char| "aeiouy".contains(*letter);
    let groups =
        letters.iter().enumerate().filter(|(at, letter)| is_vowel(letter) && (*at == 0 || !is_vowel(&letters[at - 1])));
    let silent = match letters[..] {
        // "table" says its last one, "these" does not.
        [.., before, 'l', 'e'] => is_vowel(&before),
        [.., before, 'e'] => !is_vowel(&before),
        [.., before, 'e', 's' | 'd'] => !is_vowel(&before) && !"sxztd".contains(before),
        _ => false,
    };
    groups.count().saturating_sub(usize::from(silent)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(text: &str) -> Advice {
        let pages = ["/seek-help", "/articles/what-is-sciatica"].map(str::to_owned).into();
        let failing = [("https://example.org/gone".to_owned(), "404 not found".to_owned())].into();
        advise(&Outline::of(text), &Addresses { pages, failing, sections: ["rest".to_owned()].into() })
    }

    #[test]
    fn syllables_are_counted_as_people_say_them() {
        for (word, expected) in [
            ("leg", 1),
            ("back", 1),
            ("pain,", 1),
            ("numbness", 2),
            ("these", 1),
            ("table", 2),
            ("walked", 1),
            ("rested", 2),
            ("sciatica", 4),
            ("physiotherapist", 6),
            ("emergency", 4),
            ("spine", 1),
            ("the", 1),
            ("2.5", 1),
            ("lasted", 2),
        ] {
            let found = syllables(word);
            assert!(found.abs_diff(expected) <= usize::from(expected > 3), "{word}: {found}");
        }
    }

    #[test]
    fn plain_words_are_easier_than_hard_ones() {
        let plain = advice("Walk a little each day. Stop if it hurts more. Rest and then try again.");
        let hard = advice(
            "Radiculopathic symptomatology necessitates multidisciplinary rehabilitation notwithstanding considerable individual variability.",
        );
        assert!(plain.grade.unwrap() < 3.0, "{plain:?}");
        assert!(hard.grade.unwrap() > 20.0, "{hard:?}");
        assert_eq!((plain.words, plain.minutes, plain.long.len()), (15, 1, 0));
        assert_eq!(advice("").grade, None);
    }

    #[test]
    fn the_hardest_and_the_long_sentences_are_named() {
        let long = "one two three four five six seven eight nine ten ".repeat(3);
        let advice = advice(&format!(
            "Walk on. {long}ends. Neurological examination establishes unambiguous anatomical localisation immediately afterwards.\n"
        ));
        assert!(advice.hardest[0].1.text.starts_with("Neurological"), "{advice:?}");
        assert_eq!(advice.long.len(), 1, "{advice:?}");
    }

    #[test]
    fn what_should_be_looked_at_is_named_with_its_line() {
        let text = "## Rest\n\n#### Deep\n\n![](/leg.png)\n\n[a](/seek-help) [b](/articles/gone) [c](#rest) [d](#gone) [e](https://example.org/x) [f](/articles/what-is-sciatica#one) [g](https://example.org/gone#one)\n";
        let notes: Vec<String> = advice(text).notes.into_iter().map(|(line, what)| format!("{line} {what}")).collect();
        assert_eq!(
            notes,
            [
                "3 the heading “Deep” leaves out a level: write ###",
                "5 a picture has no description for who cannot see it",
                "7 the link to #gone leads nowhere",
                "7 the link to /articles/gone leads nowhere",
                "7 the link to https://example.org/gone#one fails: 404 not found",
            ]
        );
    }
}
