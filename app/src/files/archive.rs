//! A set of files as one ZIP. Nothing of an archive is ever written to a disk: its names are only compared with those that
//! content has, and whatever has another name is refused.

use std::{
    io::{Cursor, Read, Write},
    sync::Arc,
};

use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{FOLDERS, Limits, MARK, PICTURES, WHOLE, export::Exported, is_of_a_picture, most_bytes, text, too_large};
use crate::{
    Error, Result,
    article::import::is_slug,
    content::ContentFile,
    media::{
        file::{Brought, Bytes, id_of},
        workshop::format_of,
    },
};

/// Packs files, with the mark that they are whole: the same files are the same bytes.
///
/// # Errors
/// When they do not fit in an archive.
pub fn pack(files: &[Exported]) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Without a time of its own, each has that from which ZIP counts.
    let options = SimpleFileOptions::default();
    let all = files.iter().map(|file| (file.name.as_str(), &file.bytes[..])).chain([(MARK, WHOLE.as_bytes())]);
    for (name, bytes) in all {
        // A picture is packed already.
        let is_packed = is_of_a_picture(name) && !name.ends_with(".svg");
        let method = if is_packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        zip.start_file(name, options.compression_method(method)).map_err(Error::internal)?;
        zip.write_all(bytes).map_err(Error::internal)?;
    }
    Ok(zip.finish().map_err(Error::internal)?.into_inner())
}

/// The files of an archive: those of text, and those of pictures.
///
/// # Errors
/// Every problem that was found before too much was read, with the name of what is wrong.
pub fn unpack(archive: &[u8], mut limits: Limits) -> Result<(Vec<ContentFile>, Brought), Vec<String>> {
    let broken = |name: &str| vec![format!("{name}: it is damaged, or packed in a way that is not read here")];
    let mut zip = ZipArchive::new(Cursor::new(archive))
        .map_err(|_| vec!["it is no ZIP archive, or it did not arrive whole".to_owned()])?;
    if zip.has_duplicate_names() {
        return Err(vec!["two of its files have the same name".to_owned()]);
    }
    if zip.len() > 2 * limits.files {
        return Err(vec!["there are too many files in it".to_owned()]);
    }
    let (mut files, mut pictures, mut problems) = (vec![], Brought::new(), vec![]);
    for number in 0..zip.len() {
        let mut entry = zip.by_index(number).map_err(|_| broken(&format!("file {}", number + 1)))?;
        let raw = entry.name().map_err(|_| broken(&format!("file {}", number + 1)))?.into_owned();
        let shown: String = raw.chars().take(120).filter(|letter| !letter.is_control()).collect();
        let name = match name_of(&raw) {
            _ if entry.is_symlink() => {
                problems.push(format!("{shown}: it is a link"));
                continue;
            }
            Name::Content(name) => name,
            Name::Nothing => continue,
            Name::Foreign => {
                problems.push(format!("{shown}: there is no content of this name"));
                continue;
            }
        };
        let mut bytes = Vec::new();
        // What the archive says of its sizes is not believed.
        (&mut entry).take(most_bytes(&name) + 1).read_to_end(&mut bytes).map_err(|_| broken(&name))?;
        if bytes.len() as u64 > most_bytes(&name) {
            return Err(vec![too_large(&name)]);
        }
        limits.take(bytes.len() as u64).map_err(|problem| vec![format!("{name}: {problem}")])?;
        if is_of_a_picture(&name) {
            let file = name.rsplit('/').next().unwrap_or_default();
            pictures.insert(file.to_owned(), Bytes::Here(Arc::from(bytes)));
            continue;
        }
        match text(&name, bytes) {
            Ok(text) => files.push(ContentFile { name, text }),
            Err(problem) => problems.push(problem),
        }
    }
    let is_begun = files.iter().any(|file| file.name == MARK && file.text.contains("complete = false"));
    if is_begun {
        problems.push(format!("{MARK}: this export was interrupted, and is not whole"));
    }
    files.retain(|file| file.name != MARK);
    if files.is_empty() && problems.is_empty() {
        problems.push("there is no content in it".to_owned());
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    if problems.is_empty() { Ok((files, pictures)) } else { Err(problems) }
}

#[derive(Debug, PartialEq)]
enum Name {
    /// As an export calls it.
    Content(String),
    /// A folder, or what a system leaves beside files.
    Nothing,
    Foreign,
}

/// What a path in an archive names. The folder that was packed may be in front of it, as when somebody packs an export.
fn name_of(path: &str) -> Name {
    let parts: Vec<&str> = path.split('/').collect();
    if path.contains(['\\', '\0', ':']) || parts.iter().any(|part| matches!(*part, ".." | ".")) || path.starts_with('/')
    {
        return Name::Foreign;
    }
    let hidden = parts.iter().any(|part| part.starts_with('.') || *part == "__MACOSX");
    if path.ends_with('/') || hidden {
        return Name::Nothing;
    }
    let begins = parts.iter().position(|part| FOLDERS.contains(part) || *part == MARK);
    let Some(content) = begins.filter(|begins| *begins <= 1).map(|begins| &parts[begins..]) else {
        return Name::Foreign;
    };
    let named = |file: &str, endings: &[&str]| {
        file.rsplit_once('.').is_some_and(|(stem, ending)| is_slug(stem) && endings.contains(&ending))
    };
    let known = match content {
        [mark] => *mark == MARK,
        ["articles" | "drafts", file] => named(file, &["md"]),
        ["exercises", file] => named(file, &["toml", "svg"]),
        [PICTURES, file] => id_of(file).is_some() || format_of(file).is_some(),
        ["rules", _, file] => ["rules.toml", "vignettes.toml"].contains(file),
        _ => false,
    };
    if known { Name::Content(content.join("/")) } else { Name::Foreign }
}

#[cfg(test)]
mod tests {
    use zip::write::SimpleFileOptions;

    use super::*;

    const SMALL: Limits = Limits { files: 3, bytes: 5 * 1024 * 1024 };

    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn refused(archive: &[u8]) -> String {
        unpack(archive, SMALL).expect_err("a problem").join("; ")
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let file = |name: &str| Exported { name: name.to_owned(), bytes: format!("{name}\n").into_bytes() };
        let picture = Exported { bytes: vec![0xff; 9], ..file("media/0123456789abcdef0123456789abcdef.jpg") };
        let files = [file("articles/rest.md"), file("rules/1.0.0-abc/rules.toml"), picture];
        let archive = pack(&files).unwrap();
        assert_eq!(archive, pack(&files).unwrap());
        let (back, pictures) = unpack(&archive, Limits { files: 4, ..SMALL }).unwrap();
        assert_eq!(
            back.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(),
            ["articles/rest.md", "rules/1.0.0-abc/rules.toml"]
        );
        assert_eq!(back[0].text, "articles/rest.md\n");
        let Some(Bytes::Here(bytes)) = pictures.get("0123456789abcdef0123456789abcdef.jpg") else {
            panic!("no picture")
        };
        assert_eq!(bytes[..], [0xff; 9]);
        // Packed by hand, with the folder and with what a Mac adds.
        let by_hand = zip(&[
            ("out/articles/rest.md", b"x"),
            ("__MACOSX/out/articles/._rest.md", b"\xff"),
            ("out/.DS_Store", b"\xff"),
        ]);
        assert_eq!(unpack(&by_hand, SMALL).unwrap().0[0].name, "articles/rest.md");
    }

    #[test]
    fn no_path_leads_out_of_an_archive() {
        for path in [
            "../articles/rest.md",
            "articles/../../rest.md",
            "articles/../rest.md",
            "/articles/rest.md",
            "articles\\..\\rest.md",
            "C:/articles/rest.md",
            "articles/rest.md/..",
            "articles/Rest.md",
            "articles/a/rest.md",
            "a/b/articles/rest.md",
            "exercises/rest.md",
            "rules/rules.toml",
            "readme.md",
            "media/leg.toml",
            "media/leg.jpg",
            "media/0123456789abcdef0123456789abcdef.png",
            "media/incoming/0123456789abcdef0123456789abcdef.jpg",
        ] {
            assert_eq!(name_of(path), Name::Foreign, "{path}");
            assert!(refused(&zip(&[(path, b"x")])).contains("no content of this name"), "{path}");
        }
    }

    #[test]
    fn what_is_too_much_or_no_text_is_refused() {
        assert!(refused(b"PK no archive").contains("no ZIP archive"));
        assert!(refused(&zip(&[])).contains("no content"));
        let large = vec![b'a'; 5 * 1024 * 1024];
        assert!(refused(&zip(&[("articles/a.md", &large)])).contains("articles/a.md: it is larger than 4 MB"));
        let half = &large[..3 * 1024 * 1024];
        assert!(
            refused(&zip(&[("articles/a.md", half), ("articles/b.md", half)]))
                .contains("articles/b.md: with this one, the files are too large")
        );
        let four = ["a", "b", "c", "d"].map(|name| format!("articles/{name}.md"));
        let four: Vec<(&str, &[u8])> = four.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
        assert!(refused(&zip(&four)).contains("too many files"));
        assert!(refused(&zip(&[("articles/a.md", b"One\n\xff")])).contains("articles/a.md, line 2: it is not UTF-8"));
        assert!(
            refused(&zip(&[(MARK, super::super::BEGUN.as_bytes()), ("articles/a.md", b"x")])).contains("interrupted")
        );
        let whole = zip(&[("articles/a.md", b"x")]);
        assert!(refused(&whole[..whole.len() - 9]).contains("no ZIP archive"));
    }

    #[test]
    fn a_link_is_refused() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.add_symlink("articles/rest.md", "/etc/passwd", SimpleFileOptions::default()).unwrap();
        assert!(refused(&zip.finish().unwrap().into_inner()).contains("articles/rest.md: it is a link"));
    }
}
