//! Questions and screens move, and parts go. The comment that heads several of them stays where it was.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

use super::{
    catalogue::Catalogue,
    parts::{self, Part, id_of},
};
use crate::triage::Screen;

/// Of a screen that nothing comes before.
const FIRST: &str = "first";

fn named(screen: &Screen) -> String {
    format!("{} ({})", screen.title, screen.id)
}

/// Where a question or a screen is, as its field has it: the screen, and the question before it there; the screen before it.
pub fn place(known: &Catalogue, part: Part, id: &str) -> Option<String> {
    if part == Part::Screen {
        let at = known.rules.screens.iter().position(|screen| screen.id == id)?;
        let before = at.checked_sub(1).and_then(|before| known.rules.screens.get(before));
        return Some(before.map_or_else(|| FIRST.to_owned(), |before| format!("after:{}", before.id)));
    }
    known.by_screen().find_map(|(screen, questions)| {
        let at = questions.iter().position(|question| question.id == id)?;
        let before = at.checked_sub(1).and_then(|before| questions.get(before)).map_or("", |before| &before.id);
        Some(format!("{}:{before}", screen.id))
    })
}

/// Every place for a question or a screen, with its words.
pub fn choices(known: &Catalogue, part: Part, id: &str) -> Vec<(String, String)> {
    if part == Part::Screen {
        let others = known.rules.screens.iter().filter(|screen| screen.id != id);
        let after = others.map(|screen| (format!("after:{}", screen.id), format!("After: {}", named(screen))));
        return std::iter::once((FIRST.to_owned(), "First".to_owned())).chain(after).collect();
    }
    let on = known.rules.screens.iter().flat_map(|screen| {
        let first = (format!("{}:", screen.id), format!("{}: first", named(screen)));
        let others = known.rules.on(screen).iter().filter(|question| question.id != id);
        let after = others.map(move |question| {
            (format!("{}:{}", screen.id, question.id), format!("{}: after {}", named(screen), question.id))
        });
        std::iter::once(first).chain(after)
    });
    on.collect()
}

/// Each screen's questions, though there may be none.
pub fn questions(document: &mut DocumentMut) -> impl Iterator<Item = (String, &mut ArrayOfTables)> {
    let screens = document.get_mut("screen").and_then(Item::as_array_of_tables_mut);
    screens.into_iter().flat_map(ArrayOfTables::iter_mut).filter_map(|screen| {
        let id = id_of(screen).to_owned();
        let all = screen.entry("question").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        Some((id, all.as_array_of_tables_mut()?))
    })
}

/// Puts a question or a screen where its field says.
///
/// # Errors
/// Where there is no such place.
pub fn move_to(document: &mut DocumentMut, part: Part, id: &str, place: &str) -> Result<(), String> {
    if part == Part::Screen { move_screen(document, id, place) } else { move_question(document, id, place) }
}

fn move_screen(document: &mut DocumentMut, id: &str, place: &str) -> Result<(), String> {
    let nowhere = || "Choose where it comes".to_owned();
    let before = (place != FIRST).then(|| place.strip_prefix("after:").ok_or_else(nowhere)).transpose()?;
    let screens = parts::tables_mut(document, Part::Screen).ok_or_else(nowhere)?;
    if before.is_some_and(|before| before == id || at(screens, before).is_none()) {
        return Err(nowhere());
    }
    let from = at(screens, id).ok_or("It is not there any more")?;
    let moved = lift(screens, from);
    let to = before.and_then(|before| at(screens, before)).map_or(0, |before| before + 1);
    put_down(screens, to, moved);
    Ok(())
}

fn move_question(document: &mut DocumentMut, id: &str, place: &str) -> Result<(), String> {
    let nowhere = || "Choose where it is asked".to_owned();
    let (screen, before) = place.split_once(':').ok_or_else(nowhere)?;
    let is_there = |all: &ArrayOfTables| before.is_empty() || (before != id && at(all, before).is_some());
    if !questions(document).any(|(known, all)| known == screen && is_there(all)) {
        return Err(nowhere());
    }
    let mut moved = None;
    for (_, all) in questions(document) {
        let Some(from) = at(all, id) else { continue };
        moved = Some(lift(all, from));
        break;
    }
    let moved = moved.ok_or("It is not there any more")?;
    if let Some((_, all)) = questions(document).find(|(known, _)| known == screen) {
        let to = at(all, before).map_or(0, |before| before + 1);
        put_down(all, to, moved);
    }
    Ok(())
}

/// Puts tables into the order of these ids. Those that are not named come last, as they were.
pub fn put_in_order(all: &mut ArrayOfTables, ids: &[&str]) {
    let mut to = 0;
    for id in ids {
        let Some(from) = at(all, id).filter(|from| *from >= to) else { continue };
        if from != to {
            let moved = lift(all, from);
            put_down(all, to, moved);
        }
        to += 1;
    }
    // Written in this order, and not where each was.
    all.iter_mut().for_each(unplaced);
}

/// Takes a part out of the file.
pub fn take_out(document: &mut DocumentMut, part: Part, id: &str) {
    if let Some(key) = part.names() {
        if let Some(named) = document.get_mut(key).and_then(Item::as_table_mut) {
            named.remove(id);
        }
        return;
    }
    let leave = |all: &mut ArrayOfTables| {
        while let Some(from) = at(all, id) {
            lift(all, from);
        }
    };
    match part {
        Part::Question => questions(document).for_each(|(_, all)| leave(all)),
        _ => parts::tables_mut(document, part).into_iter().for_each(leave),
    }
}

fn at(all: &ArrayOfTables, id: &str) -> Option<usize> {
    all.iter().position(|one| id_of(one) == id)
}

/// Takes a table out. The heading before it is the next one's from now on.
fn lift(all: &mut ArrayOfTables, from: usize) -> Table {
    let mut lifted = all.remove(from);
    if let Some(next) = all.get_mut(from) {
        hand_heading(&mut lifted, next);
    }
    unplaced(&mut lifted);
    lifted
}

/// Puts a table between others. What becomes the first has the heading of all.
fn put_down(all: &mut ArrayOfTables, to: usize, mut table: Table) {
    if let Some(next) = all.get_mut(to).filter(|_| to == 0) {
        hand_heading(next, &mut table);
    }
    all.insert(to, table);
}

/// A comment with an empty line after it is about what follows, and not about one table.
fn hand_heading(from: &mut Table, to: &mut Table) {
    let before =
        |table: &Table| table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned();
    let all = before(from);
    let Some(heading) = all.rfind("\n\n").map(|end| &all[..=end]).filter(|heading| heading.contains('#')) else {
        return;
    };
    let own = before(to);
    to.decor_mut().set_prefix(format!("{heading}{own}"));
    from.decor_mut().set_prefix(&all[heading.len()..]);
}

/// It is written after what it follows, and not where it was.
fn unplaced(table: &mut Table) {
    table.set_position(None);
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(inner) => unplaced(inner),
            Item::ArrayOfTables(all) => all.iter_mut().for_each(unplaced),
            _ => {}
        }
    }
}
