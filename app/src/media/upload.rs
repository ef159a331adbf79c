//! A form with a picture, as it arrives: piece by piece, so that no picture is ever whole in the server's memory.

use axum::{
    extract::{
        Multipart,
        multipart::{Field, MultipartError, MultipartRejection},
    },
    http::StatusCode,
};
use uuid::Uuid;

use super::{
    Words,
    frames::LARGEST,
    workshop::{NotMade, Received, Workshop},
};
use crate::{Error, Result, ui::form::Problems};

/// Bytes of a form: more than the largest picture, so that who sends one that is too large reads so on our page. What is even
/// larger is not read to its end.
pub const FORM_LIMIT: usize = 64 * 1024 * 1024;
/// Bytes of one of its other fields.
const FIELD_LIMIT: usize = 16 * 1024;
/// How many letters a description may have.
pub const MOST_OF_ALT: usize = 500;
/// A name, or whom a picture is by.
pub const MOST_OF_A_FIELD: usize = 200;

/// What was sent.
#[derive(Debug, Default)]
pub struct Sent {
    pub typed: Typed,
    pub file: Option<Received>,
    /// What is wrong with the file.
    pub wrong: Option<(StatusCode, String)>,
}

/// The fields that are typed.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Typed {
    pub title: String,
    pub alt: String,
    /// "yes"
    pub decorative: String,
    pub credit: String,
    /// The version that was replaced.
    pub version: i64,
}

impl Typed {
    pub fn of(words: &Words, version: i64) -> Self {
        Self {
            title: words.title.clone(),
            alt: words.alt.clone(),
            decorative: if words.decorative { "yes".to_owned() } else { String::new() },
            credit: words.credit.clone(),
            version,
        }
    }

    /// What it says, or what is wrong with it, by field. What is wrong is not in the words.
    pub fn read(&self) -> (Words, Problems) {
        let mut problems = Problems::default();
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut words = Words {
            title: line(&self.title),
            alt: line(&self.alt),
            decorative: self.decorative == "yes",
            credit: line(&self.credit),
        };
        if words.decorative && !words.alt.is_empty() {
            problems.add("alt", "Either describe the picture or say that it is decorative, not both");
            words.decorative = false;
        } else if !words.are_enough() {
            problems.add("alt", "Describe the picture for people who cannot see it, or say that it is decorative");
        }
        for (field, name, text, most) in [
            ("title", "name", &mut words.title, MOST_OF_A_FIELD),
            ("alt", "description", &mut words.alt, MOST_OF_ALT),
            ("credit", "credit", &mut words.credit, MOST_OF_A_FIELD),
        ] {
            if text.chars().count() > most {
                problems.add(field, format!("The {name} must have {most} letters or fewer"));
                text.clear();
            }
        }
        (words, problems)
    }
}

/// Reads a form to its end.
///
/// # Errors
/// When what was sent cannot be written down.
pub async fn read(form: Result<Multipart, MultipartRejection>, workshop: &Workshop, id: Uuid) -> Result<Sent> {
    let mut sent = Sent::default();
    let Ok(mut form) = form else {
        sent.wrong = Some((StatusCode::UNPROCESSABLE_ENTITY, NONE.to_owned()));
        return Ok(sent);
    };
    if let Err(error) = read_fields(&mut form, workshop, id, &mut sent).await {
        sent.wrong = Some(match error {
            Unread::Form(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => too_large(),
            Unread::Form(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "The picture did not arrive whole: choose it again".to_owned())
            }
            Unread::Disk(NotMade::Failed(error)) => return Err(error),
            Unread::Disk(NotMade::Refused(why)) => (StatusCode::UNPROCESSABLE_ENTITY, why),
        });
        sent.file = None;
        return Ok(sent);
    }
    match sent.file.as_ref().map_or(0, Received::length) {
        0 => {
            sent.wrong = Some((StatusCode::UNPROCESSABLE_ENTITY, NONE.to_owned()));
            sent.file = None;
        }
        length if length > LARGEST => {
            sent.wrong = Some(too_large());
            sent.file = None;
        }
        _ => {}
    }
    Ok(sent)
}

const NONE: &str = "Choose a picture";

fn too_large() -> (StatusCode, String) {
    let message = format!("The picture is larger than {} MB: save it smaller, and choose that", LARGEST / 1024 / 1024);
    (StatusCode::PAYLOAD_TOO_LARGE, message)
}

enum Unread {
    Form(MultipartError),
    Disk(NotMade),
}

async fn read_fields(form: &mut Multipart, workshop: &Workshop, id: Uuid, sent: &mut Sent) -> Result<(), Unread> {
    while let Some(mut field) = form.next_field().await.map_err(Unread::Form)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" && sent.file.is_none() {
            let called = field.file_name().map(stem).unwrap_or_default();
            let mut received = workshop.receive(id).await.map_err(Unread::Disk)?;
            while let Some(piece) = field.chunk().await.map_err(Unread::Form)? {
                received.take(&piece).await.map_err(Unread::Disk)?;
            }
            if received.length() > 0 && sent.typed.title.trim().is_empty() {
                sent.typed.title = called;
            }
            sent.file = Some(received);
            continue;
        }
        let text = text(&mut field).await.map_err(Unread::Form)?;
        let typed = &mut sent.typed;
        match name.as_str() {
            "title" if !text.trim().is_empty() => typed.title = text,
            "alt" => typed.alt = text,
            "decorative" => typed.decorative = text,
            "credit" => typed.credit = text,
            "version" => typed.version = text.parse().unwrap_or_default(),
            _ => {}
        }
    }
    Ok(())
}

/// A field's text; what is beyond its limit is read and not kept.
async fn text(field: &mut Field<'_>) -> Result<String, MultipartError> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await? {
        let room = FIELD_LIMIT - bytes.len();
        bytes.extend_from_slice(&piece[..piece.len().min(room)]);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A file's name without its folder and kind, as a first name for the picture.
fn stem(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    name.chars().filter(|letter| !letter.is_control()).take(MOST_OF_A_FIELD).collect()
}

impl From<NotMade> for Error {
    fn from(error: NotMade) -> Self {
        match error {
            NotMade::Failed(error) => error,
            NotMade::Refused(_) => Self::BadRequest("The picture was refused."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_described_or_decorative_and_not_both() {
        let typed = |alt: &str, decorative: &str| Typed {
            alt: alt.to_owned(),
            decorative: decorative.to_owned(),
            ..Typed::default()
        };
        for (alt, decorative, is_good) in [
            ("A  leg\n", "", true),
            ("", "yes", true),
            (" ", "", false),
            ("A leg", "yes", false),
            (&"x".repeat(501), "", false),
        ] {
            let (words, problems) = typed(alt, decorative).read();
            assert_eq!(problems.is_empty(), is_good, "{alt:?} {decorative:?}");
            assert_eq!(words.are_enough(), is_good || (!alt.trim().is_empty() && alt.len() < 500), "{words:?}");
        }
        assert_eq!(typed("A  leg\n", "").read().0.alt, "A leg");
    }

    #[test]
    fn a_file_gives_its_name_and_nothing_of_where_it_was() {
        for (name, expected) in
            [("C:\\fakepath\\a leg.final.jpg", "a leg.final"), ("../../x", "x"), ("a\u{0}b.png", "ab")]
        {
            assert_eq!(stem(name), expected);
        }
    }
}
