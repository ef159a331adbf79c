//! Exercises as files, as [`super::import`] reads them.

use serde::Serialize;

use super::{Exercise, Source, UpTo};
use crate::{
    content::ContentFile,
    toml_text::{lines, quoted},
};

/// The file of an exercise, and that of its drawing.
pub fn files(exercise: &Exercise) -> [ContentFile; 2] {
    let name = |ending: &str| format!("exercises/{}.{ending}", exercise.id);
    [
        ContentFile { name: name("toml"), text: write(exercise) },
        ContentFile { name: name("svg"), text: exercise.figure.clone() },
    ]
}

fn write(exercise: &Exercise) -> String {
    // In full, so that no field that is added is forgotten here.
    let Exercise {
        id: _,
        position,
        name,
        purpose,
        summary,
        start,
        steps,
        sets,
        reps,
        hold_seconds,
        minutes,
        up_to,
        side,
        frequency,
        pain_limit,
        stop,
        care,
        min_foot_score,
        avoid,
        easier,
        figure_alt,
        figure: _,
        source: Source { title, publisher, url },
    } = exercise;
    let avoid: Vec<String> = avoid.iter().map(word).collect();
    let values = [
        ("position", Some(position.to_string())),
        ("name", Some(quoted(name))),
        ("purpose", Some(quoted(purpose))),
        ("summary", Some(quoted(summary))),
        ("start", Some(quoted(start))),
        ("steps", Some(lines(steps))),
        ("sets", Some(sets.to_string())),
        ("reps", reps.map(|reps| reps.to_string())),
        ("hold_seconds", hold_seconds.map(|seconds| seconds.to_string())),
        ("minutes", minutes.map(|minutes| minutes.to_string())),
        ("up_to", most(*up_to)),
        ("side", Some(word(side))),
        ("frequency", Some(quoted(frequency))),
        ("pain_limit", Some(quoted(pain_limit))),
        ("stop", Some(lines(stop))),
        ("care", Some(quoted(care))),
        ("min_foot_score", min_foot_score.map(|score| score.to_string())),
        ("avoid", Some(format!("[{}]", avoid.join(", ")))),
        ("easier", Some(quoted(easier))),
        ("figure_alt", Some(quoted(figure_alt))),
    ];
    let source =
        [("title", Some(quoted(title))), ("publisher", Some(quoted(publisher))), ("url", url.as_deref().map(quoted))];
    format!("{}\n[source]\n{}", pairs(&values), pairs(&source))
}

fn pairs(values: &[(&str, Option<String>)]) -> String {
    values.iter().filter_map(|(key, value)| Some(format!("{key} = {}\n", value.as_ref()?))).collect()
}

/// A word of the file's, in its quotes.
fn word(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn most(UpTo { sets, reps, hold_seconds }: UpTo) -> Option<String> {
    let most = [
        sets.map(|sets| format!("sets = {sets}")),
        reps.map(|reps| format!("reps = {reps}")),
        hold_seconds.map(|seconds| format!("hold_seconds = {seconds}")),
    ];
    let most: Vec<String> = most.into_iter().flatten().collect();
    (!most.is_empty()).then(|| format!("{{ {} }}", most.join(", ")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{content, exercise::import::read, toml_text::tests::hostile};

    fn shipped() -> Vec<(ContentFile, ContentFile)> {
        let (files, figures): (Vec<_>, Vec<_>) =
            content::folder("exercises").into_iter().partition(|file| file.name.ends_with(".toml"));
        files.into_iter().zip(figures).collect()
    }

    #[test]
    fn every_exercise_that_we_ship_comes_back() {
        for (file, figure) in shipped() {
            let exercise = read(&file.name, &file.text, Some(&figure.text)).unwrap();
            let [written, drawing] = files(&exercise);
            assert_eq!(drawing.text, figure.text, "{}", file.name);
            assert_eq!(read(&written.name, &written.text, Some(&drawing.text)).unwrap(), exercise);
        }
    }

    proptest! {
        #[test]
        fn any_text_of_an_exercise_comes_back(texts in prop::collection::vec(hostile(), 12), url in prop::option::of(hostile())) {
            let (file, figure) = &shipped()[0];
            let mut exercise = read(&file.name, &file.text, Some(&figure.text)).unwrap();
            let [name, purpose, summary, start, step, stop, care, easier, frequency, pain_limit, figure_alt, title] =
                <[String; 12]>::try_from(texts).unwrap();
            exercise = Exercise {
                name, purpose, summary, start, care, easier, frequency, pain_limit, figure_alt,
                steps: vec![step.clone(), step],
                stop: vec![stop],
                source: Source { publisher: title.clone(), title, url },
                ..exercise
            };
            let [written, drawing] = files(&exercise);
            prop_assert_eq!(read(&written.name, &written.text, Some(&drawing.text)).unwrap(), exercise);
        }
    }
}
