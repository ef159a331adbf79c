//! The form of an exercise as it was typed, and the exercise that it says.

use axum::extract::{
    Multipart,
    multipart::{MultipartError, MultipartRejection},
};

use super::{REVIEW_MONTHS, Text};
use crate::{
    Error, Result,
    exercise::{Caution, Exercise, Side, Source, UpTo, figure, import},
    tracker::plan::{LONGEST_HOLD, MOST_REPS, MOST_SETS},
    ui::form::Problems,
};

/// How many letters a line of words may have.
const MOST_OF_A_FIELD: usize = 1_000;
/// How many steps, or reasons to stop.
const MOST_LINES: usize = 20;
/// In letters. Each page of the tracker carries every drawing; ours have 3,000.
const MOST_OF_A_DRAWING: usize = 20_000;
const MOST_MINUTES: u16 = 120;

/// The fields as they were sent, by name; a box that was ticked has its value, and several may have one name.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    fields: Vec<(String, String)>,
    /// Why a file that came with it could not be taken.
    file_problem: Option<&'static str>,
}

impl Typed {
    /// What a revision says, to be changed.
    pub(super) fn of(text: &Text, base: i64) -> Self {
        let Text { exercise, review_months } = text;
        let number = |number: Option<u16>| number.map(|number| number.to_string()).unwrap_or_default();
        let small = |small: Option<u8>| number(small.map(u16::from));
        let fields = [
            ("base", base.to_string()),
            ("the_slug", exercise.id.clone()),
            ("position", exercise.position.to_string()),
            ("the_name", exercise.name.clone()),
            ("purpose", exercise.purpose.clone()),
            ("the_summary", exercise.summary.clone()),
            ("start", exercise.start.clone()),
            ("steps", exercise.steps.join("\n")),
            ("sets", exercise.sets.to_string()),
            ("reps", small(exercise.reps)),
            ("hold", number(exercise.hold_seconds)),
            ("minutes", number(exercise.minutes)),
            ("most_sets", small(exercise.up_to.sets)),
            ("most_reps", small(exercise.up_to.reps)),
            ("most_hold", number(exercise.up_to.hold_seconds)),
            ("side", if exercise.side == Side::Each { "yes".to_owned() } else { String::new() }),
            ("frequency", exercise.frequency.clone()),
            ("pain_limit", exercise.pain_limit.clone()),
            ("stop_when", exercise.stop.join("\n")),
            ("care", exercise.care.clone()),
            ("min_foot_score", small(exercise.min_foot_score)),
            ("easier", exercise.easier.clone()),
            ("figure_alt", exercise.figure_alt.clone()),
            ("figure", exercise.figure.clone()),
            ("source_title", exercise.source.title.clone()),
            ("source_publisher", exercise.source.publisher.clone()),
            ("source_url", exercise.source.url.clone().unwrap_or_default()),
            ("review_months", review_months.to_string()),
        ];
        let avoid = exercise.avoid.iter().map(|caution| ("avoid", caution.name().to_owned()));
        let fields = fields.into_iter().chain(avoid).map(|(name, value)| (name.to_owned(), value));
        Self { fields: fields.collect(), file_problem: None }
    }

    /// For an exercise that is not kept yet, which comes last in the library.
    pub(super) fn empty(position: i64) -> Self {
        let fields = [
            ("position", position.to_string()),
            ("sets", "1".to_owned()),
            ("review_months", REVIEW_MONTHS.to_string()),
        ];
        Self { fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), file_problem: None }
    }

    /// Reads the form as a browser sends it with a file. What is in the file takes the place of what was pasted.
    ///
    /// # Errors
    /// [`Error::BadRequest`] where it is no such form, or too long.
    pub(super) async fn sent(form: Result<Multipart, MultipartRejection>) -> Result<Self> {
        const NO_FORM: Error = Error::BadRequest("This is not the form of an exercise.");
        let told = |error: MultipartError| {
            if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
                Error::BadRequest("The form is too long: use a smaller drawing.")
            } else {
                NO_FORM
            }
        };
        let mut form = form.map_err(|_| NO_FORM)?;
        let mut typed = Self::default();
        let mut drawing = None;
        while let Some(field) = form.next_field().await.map_err(told)? {
            let name = field.name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(told)?;
            match String::from_utf8(bytes.to_vec()) {
                Ok(text) if name == "drawing" => {
                    drawing = Some(text).filter(|text| !text.trim().is_empty()).or(drawing)
                }
                Ok(text) => typed.fields.push((name, text.replace("\r\n", "\n"))),
                Err(_) if name == "drawing" => {
                    typed.file_problem = Some("The file is not SVG: choose a file whose name ends in .svg")
                }
                Err(_) => return Err(NO_FORM),
            }
        }
        if let Some(drawing) = drawing {
            typed.fields.retain(|(name, _)| name != "figure");
            typed.fields.push(("figure".to_owned(), drawing.replace("\r\n", "\n")));
        }
        Ok(typed)
    }

    /// As it was typed; empty where it was not.
    pub(super) fn said(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.fields.iter().any(|(field, given)| field == name && given == value)
    }

    /// Whether it is to be looked at, and not kept.
    pub(super) fn is_preview(&self) -> bool {
        self.said("press") == "preview"
    }

    /// The revision that it is a change of.
    pub(super) fn base(&self) -> Option<i64> {
        self.said("base").parse().ok()
    }

    /// The same, as a change of another revision.
    pub(super) fn after(&self, base: i64) -> Self {
        let mut typed = self.clone();
        typed.fields.retain(|(name, _)| name != "base");
        typed.fields.push(("base".to_owned(), base.to_string()));
        typed
    }

    /// What it says of the exercise at `slug`, and what is wrong with it, by field.
    pub(super) fn read(&self, slug: &str) -> (Text, Problems) {
        let mut problems = Problems::default();
        let read = &mut problems;
        let exercise = Exercise {
            id: slug.to_owned(),
            name: self.words("the_name", "a name", read),
            purpose: self.words("purpose", "what it is good for", read),
            summary: self.words("the_summary", "a summary", read),
            start: self.words("start", "how to begin", read),
            steps: self.lines("steps", "the steps, one on each line", read),
            sets: self.number("sets", 1, MOST_SETS.into(), read).and_then(small).unwrap_or_default(),
            reps: self.number("reps", 1, MOST_REPS.into(), read).and_then(small),
            hold_seconds: self.number("hold", 1, LONGEST_HOLD.into(), read),
            minutes: self.number("minutes", 1, MOST_MINUTES, read),
            up_to: UpTo {
                sets: self.number("most_sets", 1, MOST_SETS.into(), read).and_then(small),
                reps: self.number("most_reps", 1, MOST_REPS.into(), read).and_then(small),
                hold_seconds: self.number("most_hold", 1, LONGEST_HOLD.into(), read),
            },
            side: if self.has("side", "yes") { Side::Each } else { Side::None },
            frequency: self.words("frequency", "how often", read),
            pain_limit: self.words("pain_limit", "how much it may hurt", read),
            stop: self.lines("stop_when", "when to stop, one reason on each line", read),
            care: self.optional("care", read),
            min_foot_score: self.number("min_foot_score", 0, 5, read).and_then(small),
            avoid: Caution::ALL.into_iter().filter(|caution| self.has("avoid", caution.name())).collect(),
            easier: self.words("easier", "an easier way", read),
            figure_alt: self.words("figure_alt", "what the drawing shows, in words", read),
            figure: self.drawing(read),
            source: self.source(read),
            position: self.number("position", 0, 10_000, read).map_or(0, i64::from),
        };
        let review_months = self.number("review_months", 1, 60, read).and_then(small).unwrap_or_default();
        for (field, name) in
            [("sets", "how many sets"), ("position", "its place"), ("review_months", "from 1 to 60 months")]
        {
            if self.said(field).trim().is_empty() {
                read.add(field, format!("Enter {name}"));
            }
        }
        check_dose(&exercise, read);
        self.optional("the_note", read);
        // Whatever else the library demands.
        if let Some(problem) = import::problem(&exercise).filter(|_| read.is_empty()) {
            read.add("the_name", problem);
        }
        (Text { exercise, review_months }, problems)
    }

    fn words(&self, field: &'static str, what: &str, problems: &mut Problems) -> String {
        let words = self.optional(field, problems);
        if words.is_empty() {
            problems.add(field, format!("Enter {what}"));
        }
        words
    }

    /// On one line.
    fn optional(&self, field: &'static str, problems: &mut Problems) -> String {
        let words = self.said(field).split_whitespace().collect::<Vec<_>>().join(" ");
        if words.chars().count() > MOST_OF_A_FIELD {
            problems.add(field, format!("Enter {MOST_OF_A_FIELD} letters or fewer"));
        }
        words
    }

    fn lines(&self, field: &'static str, what: &str, problems: &mut Problems) -> Vec<String> {
        let lines: Vec<String> =
            self.said(field).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        if lines.is_empty() {
            problems.add(field, format!("Enter {what}"));
        } else if lines.len() > MOST_LINES {
            problems.add(field, format!("Enter {MOST_LINES} lines or fewer"));
        } else if lines.iter().any(|line| line.chars().count() > MOST_OF_A_FIELD) {
            problems.add(field, format!("Enter {MOST_OF_A_FIELD} letters or fewer on each line"));
        }
        lines
    }

    /// Nothing where it was left empty.
    fn number(&self, field: &'static str, least: u16, most: u16, problems: &mut Problems) -> Option<u16> {
        let typed = self.said(field).trim();
        let number = typed.parse().ok().filter(|number| (least..=most).contains(number));
        if number.is_none() && !typed.is_empty() {
            problems.add(field, format!("Enter a number from {least} to {most}"));
        }
        number
    }

    fn drawing(&self, problems: &mut Problems) -> String {
        // What programs put before it is no part of a page.
        let typed = self.said("figure").trim();
        let drawing = match typed.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
            Some((_, after)) => after.trim_start(),
            None => typed,
        };
        if let Some(problem) = self.file_problem {
            problems.add("figure", problem);
        } else if drawing.is_empty() {
            problems.add("figure", "Choose a drawing, or paste one");
        } else if drawing.chars().count() > MOST_OF_A_DRAWING {
            problems.add(
                "figure",
                format!("The drawing must have {MOST_OF_A_DRAWING} letters or fewer: save it with fewer points"),
            );
        } else if let Some(problem) = figure::problem(drawing) {
            problems.add("figure", format!("The drawing cannot be used: {problem}"));
        } else if !drawing.split('>').next().unwrap_or_default().contains("viewBox=") {
            problems.add("figure", "The drawing cannot be used: <svg> needs a viewBox, so that it fits every screen");
        }
        drawing.to_owned()
    }

    fn source(&self, problems: &mut Problems) -> Source {
        let url = Some(self.said("source_url").trim().to_owned()).filter(|url| !url.is_empty());
        if url.as_ref().is_some_and(|url| !url.starts_with("https://") || url.chars().count() > MOST_OF_A_FIELD) {
            problems.add("source_url", "The address of the source must begin with https://");
        }
        Source {
            title: self.words("source_title", "the title of the source", problems),
            publisher: self.words("source_publisher", "who published the source", problems),
            url,
        }
    }
}

fn small(number: u16) -> Option<u8> {
    u8::try_from(number).ok()
}

/// What the numbers say together: the steps by which a dose grows begin at the start and end at the most.
fn check_dose(exercise: &Exercise, problems: &mut Problems) {
    let up_to = exercise.up_to;
    if exercise.reps.is_none() && exercise.hold_seconds.is_none() && exercise.minutes.is_none() {
        problems.add("reps", "Enter how many times, how long it is held, or for how many minutes");
    }
    for (field, start, most) in [
        ("most_sets", Some(u16::from(exercise.sets)), up_to.sets.map(u16::from)),
        ("most_reps", exercise.reps.map(u16::from), up_to.reps.map(u16::from)),
        ("most_hold", exercise.hold_seconds, up_to.hold_seconds),
    ] {
        match (start, most) {
            (None, Some(_)) => problems.add(field, "It cannot grow to this without a start: enter the start too"),
            (Some(start), Some(most)) if most < start => {
                problems.add(field, format!("Enter {start} or more: it is no less than the start"));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content;

    fn bridge() -> Text {
        let text = content::text("exercises/bridge.toml").unwrap();
        let figure = content::text("exercises/bridge.svg");
        Text { exercise: import::read("bridge.toml", &text, figure.as_deref()).unwrap(), review_months: 12 }
    }

    fn with(name: &str, value: &str) -> Typed {
        let mut typed = Typed::of(&bridge(), 1);
        typed.fields.retain(|(field, _)| field != name);
        typed.fields.push((name.to_owned(), value.to_owned()));
        typed
    }

    #[test]
    fn every_exercise_that_we_ship_is_read_as_it_is_written() {
        let files = content::folder("exercises");
        for file in files.iter().filter(|file| file.name.ends_with(".toml")) {
            let figure = files.iter().find(|other| other.name == file.name.replace(".toml", ".svg")).unwrap();
            let exercise = import::read(&file.name, &file.text, Some(&figure.text)).unwrap();
            let text = Text { exercise, review_months: 6 };
            let (read, problems) = Typed::of(&text, 3).read(&text.exercise.id);
            assert!(problems.is_empty(), "{}: {problems:?}", file.name);
            let mut expected = text;
            // In the form's order.
            expected.exercise.avoid.sort_by_key(|caution| Caution::ALL.iter().position(|other| other == caution));
            expected.exercise.figure = expected.exercise.figure.trim().to_owned();
            assert_eq!(read, expected, "{}", file.name);
        }
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        for (field, wrong) in [
            ("the_name", " "),
            ("steps", "\n \n"),
            ("stop_when", ""),
            ("source_title", ""),
            ("source_publisher", ""),
            ("source_url", "javascript:alert(1)"),
            ("sets", "0"),
            ("sets", "6"),
            ("sets", ""),
            ("reps", "many"),
            ("reps", "31"),
            ("hold", "121"),
            ("most_reps", "1"),
            ("min_foot_score", "6"),
            ("figure", ""),
            ("figure", "<svg viewBox=\"0 0 1 1\"><script/></svg>"),
            ("figure", "<svg><path d=\"\"/></svg>"),
            ("figure_alt", ""),
            ("review_months", "0"),
            ("position", ""),
        ] {
            let (_, problems) = with(field, wrong).read("bridge");
            assert!(problems.of(field).is_some(), "{field} {wrong:?}: {problems:?}");
        }
        let long = "a".repeat(1_001);
        assert!(with("care", &long).read("bridge").1.of("care").is_some());
        assert!(with("steps", &"a\n".repeat(21)).read("bridge").1.of("steps").is_some());
    }

    #[test]
    fn a_dose_needs_something_to_do_and_grows_from_a_start() {
        let mut typed = with("reps", "");
        typed.fields.retain(|(field, _)| field != "hold" && field != "minutes");
        let (_, problems) = typed.read("bridge");
        assert!(problems.of("reps").is_some(), "{problems:?}");
        let (_, problems) = with("most_reps", "20").read("bridge");
        assert!(problems.is_empty(), "{problems:?}");
        let mut held = with("reps", "");
        held.fields.retain(|(field, _)| field != "hold");
        held.fields.extend([("hold".to_owned(), "5".to_owned()), ("most_reps".to_owned(), "8".to_owned())]);
        assert!(held.read("bridge").1.of("most_reps").is_some(), "there is no start to grow from");
    }
}
