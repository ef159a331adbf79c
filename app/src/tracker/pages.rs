//! The tracker's pages: each an island, and what it needs to work offline once it is loaded.

use leptos::prelude::*;

use super::{
    Card,
    body::island::Body,
    plan::Ladder,
    planning::island::Planning,
    progress::island::Progress,
    session::{Guide, island::Session},
    shell::{Part, Provision},
    today::island::Today,
};
use crate::{
    exercise::{Exercise, Known},
    site::{Entry, Site},
    ui::{handed::hand, page::Page},
};

/// Each part with its script and wasm: the service worker keeps them all.
pub const PARTS: [(Part, Entry); 5] = [
    (Part::Today, Entry::Today),
    (Part::Plan, Entry::Planning),
    (Part::Session, Entry::Session),
    (Part::Body, Entry::Body),
    (Part::Progress, Entry::Progress),
];

pub fn today(site: &Site, library: Vec<Known>) -> Page {
    // The plans to start from are the plan's.
    let handed = Provision { starters: vec![], ..provision(site, library) };
    part(
        Part::Today,
        Entry::Today,
        "Tracker",
        "Tick off today's exercises, rate your back and leg pain, and watch for warning signs. Without an account it stays on your device.",
        move || hand(handed, || view! { <Today/> }.into_any()),
    )
}

pub fn planning(site: &Site, library: Vec<Known>) -> Page {
    let handed = provision(site, library);
    part(
        Part::Plan,
        Entry::Planning,
        "Your plan",
        "Find exercises that suit you, and set how many, how often and on which days. Without an account it stays on your device.",
        move || hand(handed, || view! { <Planning/> }.into_any()),
    )
}

pub fn session(site: &Site, library: Vec<Known>) -> Page {
    let guides: Vec<Guide> = library.iter().map(|known| guide(&known.exercise)).collect();
    let handed = (Provision { starters: vec![], ..provision(site, library) }, guides);
    part(
        Part::Session,
        Entry::Session,
        "Guided session",
        "Today's exercises one at a time: what to do, a counter, a timer and when to stop. Without an account it stays on your device.",
        move || hand(handed, || view! { <Session/> }.into_any()),
    )
}

fn guide(exercise: &Exercise) -> Guide {
    Guide {
        start: exercise.start.clone(),
        steps: exercise.steps.clone(),
        pain_limit: exercise.pain_limit.clone(),
        stop: exercise.stop.clone(),
    }
}

pub fn body(site: &Site) -> Page {
    let handed = Provision { starters: vec![], ..provision(site, vec![]) };
    part(
        Part::Body,
        Entry::Body,
        "Your body",
        "Mark where it hurts or is numb, and rate what you can do. Without an account it stays on your device.",
        move || hand(handed, || view! { <Body/> }.into_any()),
    )
}

pub fn progress(site: &Site, library: Vec<Known>) -> Page {
    // Of the library the names alone: plans are named in words there.
    let name = |card: Card| Card { figure: String::new(), purpose: String::new(), care: vec![], ..card };
    let provision = Provision { starters: vec![], ..provision(site, library) };
    let exercises = provision.exercises.into_iter().map(name).collect();
    let handed = Provision { exercises, ..provision };
    part(
        Part::Progress,
        Entry::Progress,
        "Your progress",
        "See on charts whether pain, foot strength and your own activities change, with what is too little to say. No account; it stays on your device.",
        move || hand(handed, || view! { <Progress/> }.into_any()),
    )
}

fn part(
    part: Part,
    entry: Entry,
    title: &'static str,
    description: &'static str,
    view: impl FnOnce() -> AnyView + Send + 'static,
) -> Page {
    let mut page = Page::new(title, description, part.path(), view);
    page.entry = Some(entry);
    page.styles = &["tracker.css"];
    page
}

/// What a part of the tracker is handed, with the whole library.
fn provision(site: &Site, library: Vec<Known>) -> Provision {
    let exercises: Vec<Card> = library.into_iter().map(known_card).collect();
    Provision {
        starters: site.starters.iter().map(|starter| starter.within(&exercises)).collect(),
        exercises,
        watch: site.rules.watch.clone(),
        rules: site.rules.clone(),
        numbers: site.settings.numbers.clone(),
    }
}

/// As [`card`], of one that may be out of the library.
pub(super) fn known_card(known: Known) -> Card {
    Card { retired: known.retired.unwrap_or_default(), ..card(known.exercise) }
}

pub(super) fn card(exercise: Exercise) -> Card {
    let ladder = Ladder::of(&exercise);
    Card {
        care: care(&exercise),
        dose: exercise.dose(),
        id: exercise.id,
        name: exercise.name,
        purpose: exercise.purpose,
        ladder,
        avoid: exercise.avoid,
        min_foot_score: exercise.min_foot_score,
        figure: exercise.figure,
        retired: String::new(),
    }
}

/// For an exercise that is not for everybody: how to mind, and who should not choose it.
fn care(exercise: &Exercise) -> Vec<String> {
    let foot = exercise.min_foot_score.map(|score| format!("your foot score is below {score}"));
    let not_for: Vec<String> = exercise.avoid.iter().map(|caution| lower_first(caution.words())).chain(foot).collect();
    if not_for.is_empty() {
        return vec![];
    }
    let care = Some(exercise.care.clone()).filter(|care| !care.is_empty());
    care.into_iter().chain([format!("Not for you if: {}.", not_for.join("; "))]).collect()
}

fn lower_first(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        content,
        exercise::import,
        rulebook::{InUse, Origin, Texts},
        site::{AssetUrls, Settings},
    };

    fn exercise(id: &str) -> Exercise {
        let text = content::text(&format!("exercises/{id}.toml")).unwrap();
        let figure = content::text(&format!("exercises/{id}.svg"));
        import::read(&format!("{id}.toml"), &text, figure.as_deref()).unwrap()
    }

    #[test]
    fn before_its_script_is_there_the_page_says_what_works_without() {
        let site = Site {
            settings: Settings::default(),
            assets: AssetUrls::default(),
            vignettes: vec![],
            rules: content::rules().unwrap(),
            in_use: InUse { origin: Origin::Program, texts: Texts::default(), publication: 0 },
            rules_refused: None,
            settings_refused: None,
            standing: vec![],
            starters: vec![],
        };
        let html = today(&site, vec![Known { exercise: exercise("walking"), retired: None }]).to_html(&site);
        let main = &html[html.find("<main").unwrap()..html.find("</main>").unwrap()];
        for said in [">Today</h1>", "noscript-note", "href=\"/exercises\"", "href=\"/seek-help\""] {
            assert!(main.contains(said), "{said}: {main}");
        }
        assert!(!main.contains("<input"), "nothing to fill in that would be lost: {main}");
    }

    #[test]
    fn an_exercise_that_is_not_for_everybody_says_so_before_it_is_chosen() {
        assert_eq!(card(exercise("walking")).care, Vec::<String>::new());
        let band = card(exercise("band-in-and-out")).care.join(" ");
        assert!(band.contains("foot score is 3 or more") && band.contains("your foot score is below 3"), "{band}");
        let knee = card(exercise("knee-to-chest")).care.join(" ");
        assert!(knee.contains("Not for you if: you are more than 3 months pregnant"), "{knee}");
    }
}
