//! The file of starter plans, read and checked against the library.

use serde::Deserialize;

use super::{
    Card,
    pages::card,
    plan::Dose,
    starter::{Profile, SUGGESTED, Starter},
};
use crate::{article::import::is_slug, content, exercise::import};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    plan: Vec<Plan>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    id: String,
    name: String,
    for_whom: String,
    source: String,
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    exercise: String,
    dose: String,
}

const NAME: &str = "plans/starter.toml";

/// The plans in the binary, checked against the exercises in it, which come too.
///
/// # Errors
/// What is wrong, each with its file; a test keeps them right.
pub fn shipped() -> Result<(Vec<Card>, Vec<Starter>), Vec<String>> {
    let files = content::folder("exercises");
    let figure = |name: &str| files.iter().find(|file| file.name == name).map(|file| file.text.as_str());
    let exercises = files.iter().filter(|file| file.name.ends_with(".toml"));
    let read_one = |file: &content::ContentFile| {
        import::read(&file.name, &file.text, figure(&file.name.replace(".toml", ".svg"))).map(card)
    };
    let cards: Vec<Card> = exercises.map(read_one).collect::<Result<_, _>>().map_err(|problem| vec![problem])?;
    let text = content::text(NAME).ok_or_else(|| vec![format!("{NAME} is missing")])?;
    let starters = read(&text, &cards)?;
    Ok((cards, starters))
}

/// Reads the plans.
///
/// # Errors
/// Every problem, with the file, the plan and the item; or the first, with its line, where it is not TOML of this shape.
pub fn read(text: &str, cards: &[Card]) -> Result<Vec<Starter>, Vec<String>> {
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        vec![format!("{NAME}, line {line}: {}", error.message())]
    })?;
    let mut problems = vec![];
    let mut starters: Vec<Starter> = vec![];
    for plan in file.plan {
        let (starter, found) = check(plan, cards);
        problems.extend(found.into_iter().map(|problem| format!("{NAME}, {}: {problem}", starter.id)));
        if starters.iter().any(|other| other.id == starter.id) {
            problems.push(format!("{NAME}, {}: is there twice", starter.id));
        }
        starters.push(starter);
    }
    for id in SUGGESTED {
        if !starters.iter().any(|starter| starter.id == id) {
            problems.push(format!("{NAME}: the plan {id} is missing, which is suggested to some"));
        }
    }
    if problems.is_empty() { Ok(starters) } else { Err(problems) }
}

fn check(plan: Plan, cards: &[Card]) -> (Starter, Vec<String>) {
    let Plan { id, name, for_whom, source, items } = plan;
    let mut problems = vec![];
    let mut checked: Vec<(String, Dose)> = vec![];
    for Item { exercise, dose } in items {
        match check_item(&exercise, &dose, cards) {
            Ok(_) if checked.iter().any(|(other, _)| *other == exercise) => {
                problems.push(format!("{exercise} is there twice"));
            }
            Ok(dose) => checked.push((exercise, dose)),
            Err(problem) => problems.push(format!("{exercise}: {problem}")),
        }
    }
    if !is_slug(&id) {
        problems.push("an id is lower-case words joined by hyphens".to_owned());
    }
    if [&name, &for_whom, &source].iter().any(|words| words.trim().is_empty()) {
        problems.push("it needs a name, for_whom and a source".to_owned());
    }
    let starter = Starter { id, name, for_whom, source, items: checked };
    // Whoever answered nothing has the most left out: no answer leaves out more.
    if problems.is_empty() && starter.fitted(cards, &Profile::default()).0.is_empty() {
        problems.push("it is empty for some: add an exercise that nobody has to leave out".to_owned());
    }
    (starter, problems)
}

fn check_item(exercise: &str, dose: &str, cards: &[Card]) -> Result<Dose, String> {
    let card = cards.iter().find(|card| card.id == exercise).ok_or("there is no such exercise")?;
    match Dose::read(dose) {
        Some((read, unknown)) if unknown.is_empty() && card.ladder.has(read) => Ok(read),
        Some((_, unknown)) if unknown.is_empty() => {
            Err(format!("the dose \"{dose}\" is more than its up_to, or counts, holds or has sides where it does not"))
        }
        _ => Err(format!("\"{dose}\" is no dose: write it as 2x10 hold 5 each mon,wed,fri")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_ship_is_sound() {
        let (cards, starters) = shipped().unwrap();
        assert_eq!((cards.len(), starters.len()), (20, 4));
    }

    #[test]
    fn a_bad_plan_says_where_and_what() {
        let (cards, _) = shipped().unwrap();
        let good = content::text(NAME).unwrap();
        let problems = |from: &str, to: &str| {
            assert!(good.contains(from), "{from}");
            read(&good.replacen(from, to, 1), &cards).expect_err(to).join("\n")
        };
        assert_eq!(
            problems("exercise = \"knee-rolls\"", "exercise = \"headstand\""),
            "plans/starter.toml, settling: headstand: there is no such exercise"
        );
        for (from, to) in [
            ("1x8 each daily", "9x8 each daily"),
            ("1x8 each daily", "1x8 each"),
            ("1x8 each daily", "1x8 each daily slowly"),
        ] {
            let said = problems(from, to);
            assert!(said.contains("settling: knee-rolls:") && said.contains("is no dose"), "{said}");
        }
        for to in ["1x11 each daily", "2x8 each daily", "1x8 hold 5 each daily", "1x8 daily", "1 hold 8 each daily"] {
            let said = problems("1x8 each daily", to);
            assert!(said.contains("settling: knee-rolls: the dose") && said.contains("up_to"), "{said}");
        }
        assert!(problems("exercise = \"knee-rolls\"", "exercise = \"walking\"").contains("walking"));
        assert!(problems("id = \"keeping-well\"", "id = \"settling\"").contains("settling: is there twice"));
        assert!(problems("id = \"keeping-well\"", "id = \"well\"").contains("the plan keeping-well is missing"));
        assert!(problems("name = \"Keeping well\"", "name = \"\"").contains("keeping-well: it needs a name"));
        assert!(problems("id = \"settling\"", "id = 5").contains("starter.toml, line 10"));
        assert!(
            problems("  { exercise = \"walking\", dose = \"1 daily\" },\n", "")
                .contains("settling: it is empty for some")
        );
    }
}
