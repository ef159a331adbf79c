//! Pictures as files: `media/ID.toml` says what a picture is and which files it has, and those lie beside it under their own
//! names, to the byte. `server/src/picture/` says which bytes are taken.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
};

use serde::Deserialize;
use tokio::{fs, io::AsyncReadExt};
use uuid::Uuid;

use super::{
    File, Picture, Words,
    frames::{Format, LARGEST},
    upload::{MOST_OF_A_FIELD, MOST_OF_ALT},
    workshop::{Kept, NotMade, format_of},
};
use crate::{AppState, Result, content::ContentFile, toml_text::quoted};

/// The folder of an export.
pub const FOLDER: &str = "media";
/// Files that a picture may have.
const MOST_FILES: usize = 16;
/// Bytes that are read at once of a file.
const PIECE: usize = 64 * 1024;

/// The bytes of one of a picture's files, as they are brought in.
#[derive(Clone, Debug)]
pub enum Bytes {
    Here(Arc<[u8]>),
    /// On the disk, so that a whole library is never in memory.
    At(PathBuf),
}

/// The files of pictures that are brought in, by name without a folder.
pub type Brought = HashMap<String, Bytes>;

/// A picture that is brought in.
#[derive(Clone, Debug)]
pub struct FromFile {
    /// As it was exported; its version is that of this site.
    pub picture: Picture,
    /// Of its files.
    bytes: Brought,
    /// Who brings it in, if it is known.
    pub by: Option<Uuid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    title: String,
    alt: String,
    decorative: bool,
    credit: String,
    #[serde(default)]
    archived: bool,
    width: u32,
    height: u32,
    files: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    width: u32,
    bytes: u64,
}

/// The name of a picture's file.
pub fn name(id: Uuid) -> String {
    format!("{FOLDER}/{id}.toml")
}

/// The id in such a name, without its folder.
pub fn id_of(file: &str) -> Option<Uuid> {
    let id = file.strip_suffix(".toml")?;
    Uuid::parse_str(id).ok().filter(|parsed| parsed.to_string() == id)
}

/// What a picture is.
pub fn write(picture: &Picture) -> ContentFile {
    let Picture { id, words: Words { title, alt, decorative, credit }, version: _, width, height, files, archived } =
        picture;
    let of_file = |File { name, format: _, width, bytes }: &File| {
        format!("  {{ name = {}, width = {width}, bytes = {bytes} }},\n", quoted(name))
    };
    let files: String = files.iter().map(of_file).collect();
    let archived = if *archived { "archived = true\n" } else { "" };
    let text = format!(
        "title = {}\nalt = {}\ndecorative = {decorative}\ncredit = {}\n{archived}width = {width}\nheight = {height}\nfiles = [\n{files}]\n",
        quoted(title),
        quoted(alt),
        quoted(credit),
    );
    ContentFile { name: name(*id), text }
}

/// Reads what [`write`] wrote, with the files of its picture from those that were brought.
///
/// # Errors
/// One sentence with the file's name and, where there is one, the line.
pub fn read(file: &ContentFile, brought: &Brought) -> Result<FromFile, String> {
    let ContentFile { name, text } = file;
    let said: Said = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        format!("{name}, line {line}: {}", error.message())
    })?;
    let id = name.rsplit('/').next().and_then(id_of);
    let id = id.ok_or_else(|| format!("{name}: the file's name must be the picture's id"))?;
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = Words {
        title: line(&said.title),
        alt: line(&said.alt),
        decorative: said.decorative,
        credit: line(&said.credit),
    };
    let wrong = |problem: String| format!("{name}: {problem}");
    for (field, text, most) in [
        ("title", &words.title, MOST_OF_A_FIELD),
        ("alt", &words.alt, MOST_OF_ALT),
        ("credit", &words.credit, MOST_OF_A_FIELD),
    ] {
        if text.chars().count() > most {
            return Err(wrong(format!("{field} must have {most} letters or fewer")));
        }
    }
    if words.decorative && !words.alt.is_empty() {
        return Err(wrong("what is decorative has no alt".to_owned()));
    }
    let (mut files, mut bytes) = (Vec::new(), Brought::new());
    for Named { name, width, bytes: length } in said.files {
        let format =
            format_of(&name).ok_or_else(|| wrong(format!("{name:?} is no name of a picture\u{2019}s file")))?;
        let found = brought.get(&name).ok_or_else(|| wrong(format!("its file {name} is not there")))?;
        bytes.insert(name.clone(), found.clone());
        files.push(File { name, format, width, bytes: length });
    }
    let names: HashSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let is_drawing = files.iter().any(|file| file.format == Format::Svg);
    if files.is_empty() || files.len() > MOST_FILES || names.len() != files.len() || (is_drawing && files.len() > 1) {
        return Err(wrong(format!("a picture has one to {MOST_FILES} files, each once, and a drawing has one")));
    }
    if files.iter().map(|file| file.width).max() != Some(said.width) {
        return Err(wrong("its width is not that of its largest file".to_owned()));
    }
    let picture =
        Picture { id, words, version: 1, width: said.width, height: said.height, files, archived: said.archived };
    Ok(FromFile { picture, bytes, by: None })
}

/// Holds the files of pictures against what is said of them, each in a child, and keeps them if that is wanted: what one
/// finds is named. What is kept and then not imported is nobody's, and harms nobody.
///
/// # Errors
/// When a folder cannot be read or written.
pub async fn check<'a>(
    state: &AppState,
    pictures: impl Iterator<Item = &'a FromFile>,
    keep: bool,
) -> Result<Vec<String>> {
    let (mut problems, mut looked_at) = (Vec::new(), HashMap::<&str, Kept>::new());
    for FromFile { picture, bytes, .. } in pictures {
        for file in &picture.files {
            let problem = |why: &str| format!("{FOLDER}/{}: {why}", file.name);
            let Some(found) = bytes.get(&file.name) else {
                problems.push(problem("it is not there"));
                continue;
            };
            // Two pictures may have a file in common.
            let kept = match looked_at.get(file.name.as_str()) {
                Some(kept) => kept.clone(),
                None => match one(state, found, keep).await {
                    Ok(kept) => kept,
                    Err(NotMade::Refused(why)) => {
                        problems.push(problem(&why));
                        continue;
                    }
                    Err(NotMade::Failed(error)) => return Err(error),
                },
            };
            let is_largest = file.width == picture.width;
            if kept.files.first().is_none_or(|kept| kept.name != file.name) {
                problems.push(problem("its name is not the hash of what is in it"));
            } else if kept.files != [file.clone()] || (is_largest && kept.height != picture.height) {
                problems.push(problem(&format!("it is not as {} says of it", name(picture.id))));
            }
            looked_at.insert(&file.name, kept);
        }
    }
    Ok(problems)
}

async fn one(state: &AppState, bytes: &Bytes, keep: bool) -> Result<Kept, NotMade> {
    let id = state.clock.new_id();
    let mut received = state.media.receive(id).await?;
    match bytes {
        Bytes::Here(bytes) => received.take(bytes).await?,
        Bytes::At(path) => {
            let mut file = fs::File::open(path).await?.take(LARGEST + 1);
            let mut piece = vec![0; PIECE];
            loop {
                match file.read(&mut piece).await? {
                    0 => break,
                    read => received.take(&piece[..read]).await?,
                }
            }
        }
    }
    state.media.check(received, id, keep).await
}

/// Sees to it that the files of pictures are in place, where a check before did not put them there.
///
/// # Errors
/// As [`check`].
pub async fn put_in_place(state: &AppState, pictures: &[(String, FromFile)]) -> Result<Vec<String>> {
    let mut lacking = Vec::new();
    for (_, file) in pictures {
        for one in &file.picture.files {
            if !state.media.place().has(&one.name).await? {
                lacking.push(file);
                break;
            }
        }
    }
    check(state, lacking.into_iter(), true).await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::toml_text::tests::hostile;

    fn picture() -> Picture {
        let file = |letter: &str, format: Format, width| File {
            name: format!("{}.{}", letter.repeat(32), format.extension()),
            format,
            width,
            bytes: 7,
        };
        Picture {
            id: Uuid::from_u128(7),
            words: Words { title: "leg".to_owned(), alt: "A \"leg\"".to_owned(), ..Words::default() },
            version: 1,
            width: 640,
            height: 480,
            files: vec![file("a", Format::Webp, 320), file("b", Format::Jpeg, 320), file("c", Format::Jpeg, 640)],
            archived: false,
        }
    }

    fn brought(picture: &Picture) -> Brought {
        picture.files.iter().map(|file| (file.name.clone(), Bytes::Here(Arc::from(&b"1234567"[..])))).collect()
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(title in hostile(), alt in hostile(), credit in hostile(), archived: bool) {
            let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let words = Words { title: line(&title), alt: line(&alt), decorative: line(&alt).is_empty(), credit: line(&credit) };
            let picture = Picture { words, archived, ..picture() };
            prop_assert_eq!(read(&write(&picture), &brought(&picture)).unwrap().picture, picture);
        }
    }

    #[test]
    fn a_bad_file_says_what_is_wrong() {
        let (picture, good) = (picture(), write(&picture()));
        let refused = |from: &str, to: &str| {
            assert!(good.text.contains(from), "{from}");
            let file = ContentFile { text: good.text.replace(from, to), ..good.clone() };
            read(&file, &brought(&picture)).expect_err(to)
        };
        assert!(refused("width = 640\n", "wide = 640\n").contains("line 5"));
        assert!(refused("decorative = false", "decorative = true").contains("decorative"));
        assert!(refused(&"a".repeat(32), "../../etc/passwd").contains("no name of a picture"));
        assert!(refused(&"a".repeat(32), &"d".repeat(32)).contains("is not there"));
        assert!(refused(&"c".repeat(32), &"b".repeat(32)).contains("each once"));
        assert!(refused("width = 640\n", "width = 700\n").contains("largest file"));
        assert!(refused("\"leg\"", &format!("\"{}\"", "x".repeat(201))).contains("200 letters"));
        let named = |name: &str| read(&ContentFile { name: name.to_owned(), ..good.clone() }, &brought(&picture));
        assert!(named("media/leg.toml").unwrap_err().contains("the picture's id"));
    }
}
