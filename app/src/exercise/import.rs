//! Exercise files: TOML beside an SVG of the same name.

use super::{Exercise, figure};
use crate::{article::import::is_slug, tracker::plan::Ladder};

/// Reads one exercise; its file's name without `.toml` is its id.
///
/// # Errors
/// One sentence with the file's name and, where there is one, the line.
pub fn read(name: &str, text: &str, figure: Option<&str>) -> Result<Exercise, String> {
    let mut exercise: Exercise = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        format!("{name}, line {line}: {}", error.message())
    })?;
    let (_, file_name) = name.rsplit_once('/').unwrap_or(("", name));
    file_name.strip_suffix(".toml").unwrap_or(file_name).clone_into(&mut exercise.id);
    figure
        .ok_or_else(|| format!("{name}: there is no drawing of the same name (.svg)"))?
        .clone_into(&mut exercise.figure);
    match problem(&exercise) {
        Some(problem) => Err(format!("{name}: {problem}")),
        None => Ok(exercise),
    }
}

/// What keeps an exercise out of the library, however it came.
pub(crate) fn problem(exercise: &Exercise) -> Option<&'static str> {
    if !is_slug(&exercise.id) {
        Some("the file's name must be lower-case words joined by hyphens")
    } else if figure::problem(&exercise.figure).is_some() {
        Some("the drawing must be plain SVG: shapes alone, no script, style or links")
    } else if exercise.steps.is_empty() || exercise.stop.is_empty() {
        Some("it needs steps, and when to stop")
    } else if exercise.sets == 0
        || (exercise.reps.is_none() && exercise.hold_seconds.is_none() && exercise.minutes.is_none())
    {
        Some("it needs sets, and reps, hold_seconds or minutes")
    } else if exercise.reps == Some(0) || !Ladder::of(exercise).is_sound() {
        Some("sets are 1 to 5, reps 1 to 30, hold_seconds up to 120, and up_to is no less than the start")
    } else if exercise.min_foot_score.is_some_and(|score| score > 5) {
        Some("min_foot_score is 0 to 5")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content;

    #[test]
    fn what_we_ship_is_sound() {
        let files = content::folder("exercises");
        let read: Vec<Exercise> = files
            .iter()
            .filter(|file| file.name.ends_with(".toml"))
            .map(|file| {
                let figure = files.iter().find(|other| other.name == file.name.replace(".toml", ".svg"));
                read(&file.name, &file.text, figure.map(|figure| figure.text.as_str())).unwrap()
            })
            .collect();
        assert_eq!(read.len(), 20);
        let band = read.iter().find(|exercise| exercise.id == "band-in-and-out").unwrap();
        assert_eq!(band.min_foot_score, Some(3));
    }

    #[test]
    fn a_bad_file_says_what_is_wrong() {
        let good = content::text("exercises/knee-to-chest.toml").unwrap();
        let figure = content::text("exercises/knee-to-chest.svg").unwrap();
        let problem = |name: &str, text: &str, figure: Option<&str>| read(name, text, figure).expect_err("a problem");
        assert!(problem("k.toml", &good.replace("sets = 3", "sets = many"), Some(&figure)).contains("k.toml, line 13"));
        assert!(problem("k.toml", &good.replace("sets = 3", "sets = 0"), Some(&figure)).contains("it needs sets"));
        let too_many = good.replace("sets = 3", "sets = 6");
        assert!(problem("k.toml", &too_many, Some(&figure)).contains("sets are 1 to 5"));
        let less =
            good.replace("sets = 3", "sets = 3\nup_to = { sets = 2 }").replace("up_to = { hold_seconds = 30 }\n", "");
        assert!(problem("k.toml", &less, Some(&figure)).contains("no less than the start"));
        assert!(problem("k.toml", &good, None).contains("no drawing"));
        assert!(problem("k.toml", &good, Some("<svg onload=\"x\">")).contains("plain SVG"));
        assert!(problem("K!.toml", &good, Some(&figure)).contains("lower-case"));
    }

    #[test]
    fn a_dose_reads_as_one_line() {
        let text = content::text("exercises/sitting-ankle-lifts.toml").unwrap();
        let figure = content::text("exercises/sitting-ankle-lifts.svg");
        let mut exercise = read("sitting-ankle-lifts.toml", &text, figure.as_deref()).unwrap();
        (exercise.side, exercise.reps, exercise.hold_seconds, exercise.sets) =
            (super::super::Side::Each, Some(10), Some(5), 3);
        assert_eq!(exercise.dose(), "Each side · 10 times, hold 5 seconds · 3 sets");
    }
}
