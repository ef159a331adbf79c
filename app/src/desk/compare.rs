//! What two texts differ in, by words: for people to read, so unchanged lines far from any change are left out.

use similar::{ChangeTag, TextDiff};

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Same(String),
    Gone(String),
    New(String),
}

/// What is shown of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// One line, as pieces; an empty one has none.
    Line(Vec<Piece>),
    /// So many unchanged lines are left out here.
    Skipped(usize),
}

/// How many unchanged lines stay on either side of a change.
const AROUND: usize = 2;

/// Compares two texts; nothing where they are the same.
pub fn compare(old: &str, new: &str) -> Vec<Shown> {
    if old == new {
        return vec![];
    }
    let diff = TextDiff::from_words(old, new);
    let mut lines: Vec<Vec<Piece>> = vec![vec![]];
    for change in diff.iter_all_changes() {
        for (at, part) in change.value().split('\n').enumerate() {
            if at > 0 {
                // A line that ends is marked where it does, or a paragraph that was only split would show nothing.
                if part_is_marked(change.tag()) && lines.last().is_some_and(|line| !ends_changed(line, change.tag())) {
                    push(&mut lines, change.tag(), "¶");
                }
                lines.push(vec![]);
            }
            if !part.is_empty() {
                push(&mut lines, change.tag(), part);
            }
        }
    }
    without_far_lines(lines)
}

fn part_is_marked(tag: ChangeTag) -> bool {
    tag != ChangeTag::Equal
}

/// Whether the line's end shows such a change already.
fn ends_changed(line: &[Piece], tag: ChangeTag) -> bool {
    matches!((line.last(), tag), (Some(Piece::Gone(_)), ChangeTag::Delete) | (Some(Piece::New(_)), ChangeTag::Insert))
}

fn push(lines: &mut [Vec<Piece>], tag: ChangeTag, text: &str) {
    let Some(line) = lines.last_mut() else { return };
    match (line.last_mut(), tag) {
        (Some(Piece::Same(before)), ChangeTag::Equal)
        | (Some(Piece::Gone(before)), ChangeTag::Delete)
        | (Some(Piece::New(before)), ChangeTag::Insert) => before.push_str(text),
        (_, ChangeTag::Equal) => line.push(Piece::Same(text.to_owned())),
        (_, ChangeTag::Delete) => line.push(Piece::Gone(text.to_owned())),
        (_, ChangeTag::Insert) => line.push(Piece::New(text.to_owned())),
    }
}

fn without_far_lines(lines: Vec<Vec<Piece>>) -> Vec<Shown> {
    let changed: Vec<bool> =
        lines.iter().map(|line| line.iter().any(|piece| !matches!(piece, Piece::Same(_)))).collect();
    let mut shown = Vec::new();
    for (at, line) in lines.into_iter().enumerate() {
        let (from, to) = (at.saturating_sub(AROUND), (at + AROUND + 1).min(changed.len()));
        match shown.last_mut() {
            _ if changed[from..to].contains(&true) => shown.push(Shown::Line(line)),
            Some(Shown::Skipped(count)) => *count += 1,
            _ => shown.push(Shown::Skipped(1)),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(pieces: &[(char, &str)]) -> Shown {
        Shown::Line(
            pieces
                .iter()
                .map(|(kind, text)| match kind {
                    '-' => Piece::Gone((*text).to_owned()),
                    '+' => Piece::New((*text).to_owned()),
                    _ => Piece::Same((*text).to_owned()),
                })
                .collect(),
        )
    }

    #[test]
    fn words_are_compared_and_not_lines() {
        assert_eq!(
            compare("Rest a little.\nWalk.", "Rest a lot.\nWalk."),
            [line(&[(' ', "Rest a "), ('-', "little."), ('+', "lot.")]), line(&[(' ', "Walk.")])]
        );
        assert_eq!(compare("same", "same"), []);
    }

    #[test]
    fn lines_far_from_a_change_are_left_out() {
        let old: String = (0..20).map(|n| format!("line {n}\n")).collect();
        let shown = compare(&old, &old.replace("line 10\n", "line ten\n"));
        assert_eq!(shown.first(), Some(&Shown::Skipped(8)));
        assert_eq!(shown.len(), 7, "{shown:?}");
        assert!(shown.contains(&line(&[(' ', "line "), ('-', "10"), ('+', "ten")])), "{shown:?}");
    }

    proptest! {
        #[test]
        fn what_is_not_gone_is_the_new_text(old in "[ab \n]{0,30}", new in "[ab \n]{0,30}") {
            let text = |left_out: fn(&Piece) -> bool| {
                let lines = compare(&old, &new).into_iter().filter_map(|shown| match shown {
                    Shown::Line(pieces) => Some(pieces),
                    Shown::Skipped(_) => None,
                });
                lines.map(|pieces| pieces.iter().filter(|piece| !left_out(piece)).map(|piece| match piece {
                    Piece::Same(text) | Piece::Gone(text) | Piece::New(text) => text.replace('¶', ""),
                }).collect::<String>()).collect::<String>()
            };
            let bare = |text: &str| text.replace('\n', "");
            // Unless lines were left out, both texts can be read from it.
            if old != new && !compare(&old, &new).iter().any(|shown| matches!(shown, Shown::Skipped(_))) {
                prop_assert_eq!(text(|piece| matches!(piece, Piece::Gone(_))), bare(&new));
                prop_assert_eq!(text(|piece| matches!(piece, Piece::New(_))), bare(&old));
            }
        }
    }
}
