//! Pictures for tests: good ones, with what cameras note in them, and hostile ones.

use std::io::{Cursor, Write};

use app::{
    audit::{Action, Actor, Event},
    db::Db,
    media::{
        Words,
        store::{self, NewVersion},
        workshop::Workshop,
    },
};
use axum::{
    body::Body,
    http::{Method, header},
};
use flate2::{Compression, write::ZlibEncoder};
use image::{ImageFormat, Rgb, RgbImage};
use uuid::Uuid;

use super::{Answer, NOW, desk::is_done, person::Person};

/// Adds a picture to a library as an upload does, and returns its id.
pub async fn added(db: &Db, workshop: &Workshop, words: Words, sent: &[u8]) -> Uuid {
    let id = NOW.new_id();
    let mut received = workshop.receive(id).await.unwrap();
    received.take(sent).await.unwrap();
    let kept = workshop.make(received, id).await.unwrap();
    let version = NewVersion { kept, by: None, at: NOW.millis_i64() };
    store::add(db, id, words, version, Event::new(&NOW, Actor::CommandLine, Action::PictureAdded)).await.unwrap();
    id
}

/// Between the parts of a form.
pub const EDGE: &str = "----edge";

/// A form with these fields and, last, a file.
pub fn form(fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--{EDGE}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    if let Some((name, bytes)) = file {
        let head = format!("--{EDGE}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n");
        body.extend(format!("{head}content-type: image/png\r\n\r\n").bytes());
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{EDGE}--\r\n").bytes());
    body
}

/// Sends such a form as a browser does.
pub async fn upload(person: &Person<'_>, path: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Answer {
    let request = person
        .request(Method::POST, path)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"));
    // As it comes from a network: in pieces.
    let body = form(fields, file);
    let pieces: Vec<_> = body.chunks(16 * 1024).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
    // What is there at once is read at once, and a network makes one wait.
    let pieces = futures_util::stream::unfold(pieces.into_iter(), |mut rest| async move {
        tokio::task::yield_now().await;
        rest.next().map(|piece| (piece, rest))
    });
    person.send(request.body(Body::from_stream(pieces)).unwrap()).await
}

/// Adds a picture, and returns its id.
pub async fn add(person: &Person<'_>, alt: &str, bytes: &[u8]) -> Uuid {
    let answer = upload(person, "/admin/media/new", &[("alt", alt)], Some(("x.jpg", bytes))).await;
    is_done(&answer, "added");
    id_of(&answer)
}

pub fn id_of(answer: &Answer) -> Uuid {
    let address = answer.header("location");
    address.strip_prefix("/admin/media/").unwrap().split('?').next().unwrap().parse().unwrap()
}

/// What a picture says and a drawing shows.
pub const DRAWING: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 90 60'><style>.a{fill:red}</style>\
    <title>A &amp; B</title><g id='one'><rect class='a' width='9' height='9' onclick='x()'/></g><use href='#one' x='20'/>\
    <text x='4' y='50'>Leg &lt; foot</text></svg>";

/// As a camera sees: soft, with a little noise.
pub fn photograph(width: u32, height: u32) -> Vec<u8> {
    let image = RgbImage::from_fn(width, height, |x, y| {
        let noise = (x.wrapping_mul(2_654_435_761).wrapping_add(y.wrapping_mul(40_503)) >> 7) as u8 & 15;
        Rgb([(x * 200 / width) as u8 + noise, (y * 200 / height) as u8 + noise, 90 + noise])
    });
    written(&image, ImageFormat::Jpeg)
}

pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    written(&RgbImage::from_pixel(width, height, Rgb([9, 99, 199])), ImageFormat::Jpeg)
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    written(&RgbImage::from_pixel(width, height, Rgb([9, 99, 199])), ImageFormat::Png)
}

fn written(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

/// The JPEG with what a phone notes: that it was turned by a quarter, where it was taken, and a thumbnail's beginning.
pub fn gps(jpeg: &[u8]) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08".to_vec();
    // Two entries: orientation 6, and the camera's name, which holds the place.
    exif.extend([0, 2]);
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]);
    exif.extend([0x01, 0x10, 0, 2, 0, 0, 0, 11, 0, 0, 0, 38]);
    exif.extend([0, 0, 0, 0]);
    exif.extend(b"GPS-SECRET\0");
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    bytes.extend(&exif);
    // A comment, too.
    bytes.extend(b"\xff\xfe\0\x0cGPS-SECRET");
    bytes.extend(&jpeg[2..]);
    bytes
}

/// A PNG with more chunks than it needs.
pub fn png_with(width: u32, height: u32, chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let plain = png(width, height);
    let mut bytes = plain[..33].to_vec();
    for (kind, data) in chunks {
        bytes.extend(chunk(kind, data));
    }
    bytes.extend(&plain[33..]);
    bytes
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut named = kind.to_vec();
    named.extend(data);
    let crc = !named.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    });
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &named, &crc.to_be_bytes()].concat()
}

/// Zeros, so many, compressed a thousandfold.
fn zeros(bytes: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let piece = vec![0; 1 << 20];
    for _ in 0..bytes >> 20 {
        encoder.write_all(&piece).unwrap();
    }
    encoder.finish().unwrap()
}

/// A PNG that says it has so many pixels.
fn claims(width: u32, height: u32, data: &[u8]) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &head), &chunk(b"IDAT", data), &chunk(b"IEND", b"")].concat()
}

/// What is small to send and huge to read, with a part of what is said of each.
pub fn bombs() -> Vec<(Vec<u8>, &'static str)> {
    let zeros = zeros(300 << 20);
    let hidden = |before: &[u8]| [before, &zeros].concat();
    let mut huge_jpeg = jpeg(8, 8);
    let frame = huge_jpeg.windows(2).position(|mark| mark == [0xff, 0xc0]).unwrap();
    huge_jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    let mut huge_gif = b"GIF89a".to_vec();
    huge_gif
        .extend([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x2c, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 2, 2, 0x4c, 1, 0, 0x3b]);
    let photo = photograph(640, 480);
    vec![
        (claims(30_000, 30_000, &zeros), "30000 by 30000"),
        (claims(u32::MAX >> 1, u32::MAX >> 1, b""), "cannot be read"),
        (claims(6_000, 6_000, &zeros[..zeros.len() / 8]), "damaged"),
        (png_with(10, 10, &[(b"iCCP", &hidden(b"a\0\0"))]), "cannot be read"),
        (huge_jpeg, "65535 by 65535"),
        (huge_gif, "65535 by 65535"),
        (photo[..photo.len() / 2].to_vec(), "damaged"),
        (png(400, 300)[..60].to_vec(), "damaged"),
    ]
}
