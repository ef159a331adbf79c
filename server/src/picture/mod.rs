//! `sciaticalm picture`: the child that pictures are decoded in. It reads a picture from its standard input, makes it anew
//! and writes it to its standard output (`app::media::frames`). What somebody sent is hostile until this is done, so the
//! process takes everything from itself first: it can open no file and no connection, write no file, and has so much memory
//! and time and no more. Its parent gives it no environment, and ends it when it takes too long.

mod plain;
mod raster;
mod svg;

use std::io::{self, Read, Write};

use anyhow::{Context, Result};
use app::media::frames::{Answer, File, Format, LARGEST, Made};
use rustix::process::{Resource, Rlimit, nice, setrlimit};

/// Bytes of address space.
const MEMORY: u64 = 512 * 1024 * 1024;
/// Seconds of a processor.
const SECONDS: u64 = 15;

/// Why a picture was not made, as a sentence without its full stop.
type Refused = String;

/// A picture's files, with its size in pixels.
struct Picture {
    width: u32,
    height: u32,
    files: Vec<(Format, u32, Vec<u8>)>,
}

/// Does what the module says; or, with `as_it_is`, writes what it read if that is a file such as it makes, and else refuses it.
///
/// # Errors
/// When the limits cannot be set, or nobody listens.
pub fn run(as_it_is: bool) -> Result<()> {
    give_up_everything().context("cannot limit the process")?;
    // Who reads goes first.
    let _ = nice(10);
    let mut sent = Vec::new();
    io::stdin().take(LARGEST + 1).read_to_end(&mut sent).context("cannot read the picture")?;
    let (line, files) = match if as_it_is { unchanged(sent) } else { make(sent) } {
        Ok(picture) => {
            let files = picture.files.iter();
            let named =
                files.map(|(format, width, bytes)| File { format: *format, width: *width, bytes: bytes.len() as u64 });
            (
                Answer::Picture(Made { width: picture.width, height: picture.height, files: named.collect() }),
                picture.files,
            )
        }
        Err(refused) => (Answer::Refused(refused), vec![]),
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &line)?;
    out.write_all(b"\n")?;
    for (_, _, bytes) in files {
        out.write_all(&bytes)?;
    }
    Ok(out.flush()?)
}

/// For good: what is taken cannot be had back.
fn give_up_everything() -> io::Result<()> {
    for (resource, limit) in [
        (Resource::As, MEMORY),
        (Resource::Cpu, SECONDS),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        // Those that are open already: in, out, and errors.
        (Resource::Nofile, 3),
    ] {
        setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    }
    Ok(())
}

/// What was sent is what its bytes say, whatever its name was.
fn make(sent: Vec<u8>) -> Result<Picture, Refused> {
    if sent.len() as u64 > LARGEST {
        return Err(format!("The file is larger than {} MB", LARGEST / 1024 / 1024));
    }
    match Kind::of(&sent) {
        Kind::Raster(format) => raster::make(sent, format),
        Kind::Text => {
            let text = String::from_utf8(sent).map_err(|_| NO_PICTURE.to_owned())?;
            Ok(of_svg(svg::clean(&text)?))
        }
        Kind::Unread(name) => {
            Err(format!("{name} pictures cannot be read here: save it as JPEG or PNG, and choose that"))
        }
        Kind::Empty => Err("The file is empty".to_owned()),
        Kind::Unknown => Err(NO_PICTURE.to_owned()),
    }
}

/// A file that was made here, on this site or on another, with nothing in it that is not made here.
fn unchanged(sent: Vec<u8>) -> Result<Picture, Refused> {
    if sent.len() as u64 > LARGEST {
        return Err(format!("The file is larger than {} MB", LARGEST / 1024 / 1024));
    }
    let format = match Kind::of(&sent) {
        Kind::Text => {
            let text = String::from_utf8(sent).map_err(|_| NOT_OURS.to_owned())?;
            let clean = svg::clean(&text)?;
            return if clean.text == text { Ok(of_svg(clean)) } else { Err(NOT_OURS.to_owned()) };
        }
        Kind::Raster(image::ImageFormat::Jpeg) if plain::is_jpeg(&sent) => Format::Jpeg,
        Kind::Raster(image::ImageFormat::WebP) if plain::is_webp(&sent) => Format::Webp,
        _ => return Err(NOT_OURS.to_owned()),
    };
    let (width, height) = raster::size(&sent, format)?;
    Ok(Picture { width, height, files: vec![(format, width, sent)] })
}

const NOT_OURS: &str =
    "The file is not as it was exported: it is no JPEG, WebP or SVG such as is made here, or holds more than a picture";

const NO_PICTURE: &str = "The file is no picture that can be read here: choose a JPEG, PNG, WebP, GIF or SVG";

fn of_svg(clean: svg::Clean) -> Picture {
    let svg::Clean { width, height, text } = clean;
    Picture { width, height, files: vec![(Format::Svg, width, text.into_bytes())] }
}

/// What a file is, by its first bytes.
enum Kind {
    Raster(image::ImageFormat),
    /// Perhaps SVG.
    Text,
    /// A picture of a kind that is not decoded here.
    Unread(&'static str),
    Empty,
    Unknown,
}

impl Kind {
    fn of(bytes: &[u8]) -> Self {
        match bytes {
            [] => Self::Empty,
            [0xff, 0xd8, 0xff, ..] => Self::Raster(image::ImageFormat::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Raster(image::ImageFormat::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Raster(image::ImageFormat::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Raster(image::ImageFormat::WebP),
            [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', ..] => Self::Unread("AVIF"),
            [_, _, _, _, b'f', b't', b'y', b'p', b'h' | b'm', ..] => Self::Unread("HEIC"),
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Self::Unread("TIFF"),
            [b'B', b'M', ..] => Self::Unread("BMP"),
            [b'%', b'P', b'D', b'F', ..] => Self::Unread("PDF"),
            [0x1f, 0x8b, ..] => Self::Unread("Compressed SVG"),
            _ if bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes).trim_ascii_start().first()
                == Some(&b'<') =>
            {
                Self::Text
            }
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn what_is_made_is_taken_as_it_is_and_nothing_else_is() {
        let image = image::RgbaImage::from_fn(700, 40, |x, y| image::Rgba([x as u8, y as u8, 128, (x % 256) as u8]));
        let mut png = Vec::new();
        image.write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><style>.a{fill:red}</style>\n\
                    <title>A &amp; B</title><rect class='a' width='9' height='9' onclick='x()'/></svg>";
        let mut seen = 0;
        for sent in [png.clone(), svg.to_vec()] {
            for (format, width, bytes) in make(sent).ok().unwrap().files {
                let same = unchanged(bytes.clone()).unwrap_or_else(|why| panic!("{format:?} {width}: {why}"));
                assert_eq!(same.files, [(format, width, bytes.clone())]);
                // Cut off, and with something behind its end.
                assert!(unchanged(bytes[..bytes.len() - 9].to_vec()).is_err(), "{format:?}");
                assert!(unchanged([&bytes[..], b"<script>"].concat()).is_err(), "{format:?}");
                seen += 1;
            }
        }
        assert_eq!(seen, 7);
        assert!(unchanged(png).is_err());
        assert!(unchanged(svg.to_vec()).is_err());
        assert!(unchanged(Vec::new()).is_err());
    }

    fn refused(sent: &[u8]) -> String {
        make(sent.to_vec()).err().unwrap_or_else(|| panic!("it was made: {sent:?}"))
    }

    #[test]
    fn what_is_no_picture_is_refused_with_what_to_do() {
        for (sent, said) in [
            (&b""[..], "empty"),
            (b"hello", "no picture"),
            (b"<!DOCTYPE html><script>alert(1)</script>", "SVG"),
            (b"<html xmlns=\"http://www.w3.org/1999/xhtml\"><body/></html>", "SVG"),
            (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC pictures"),
            (b"%PDF-1.7", "PDF"),
            (b"\xff\xd8\xff\xe0", "damaged"),
            (b"GIF89a", "damaged"),
        ] {
            assert!(refused(sent).contains(said), "{said}: {}", refused(sent));
        }
        assert!(refused(&vec![0; usize::try_from(LARGEST).unwrap() + 1]).contains("larger than 20 MB"));
    }
}
