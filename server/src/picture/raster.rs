//! Photographs and screenshots: decoded, turned the right way up, brought to the web's colours, and written anew in several
//! widths. What is not pixels (where it was taken, with what, thumbnails, comments, whatever follows the picture) is not
//! read, and so is in nothing that is written.

use std::io::Cursor;

use app::media::frames::Format;
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, RgbaImage, codecs::jpeg::JpegEncoder,
    imageops::FilterType, metadata::Orientation,
};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::{Picture, Refused};

/// Pixels that a picture may have.
const MOST_PIXELS: u64 = 40_000_000;
/// Bytes that its pixels may take up, decoded: those of four channels of one byte.
const MOST_BYTES: u64 = 4 * MOST_PIXELS;
/// In pixels. None is wider than the picture was.
const WIDTHS: [u32; 5] = [320, 640, 960, 1280, 1600];
/// In pixels: what is longer is made narrower.
const TALLEST: u32 = 4_096;
/// Of 100.
const WEBP_QUALITY: f32 = 80.0;
const JPEG_QUALITY: u8 = 80;

/// A picture in this format, made anew.
pub(super) fn make(sent: Vec<u8>, format: ImageFormat) -> Result<Picture, Refused> {
    let (image, orientation, profile) = decode(sent, format)?;
    let turned = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let (width, height) = if turned { (image.height(), image.width()) } else { (image.width(), image.height()) };
    let (widest, tallest) = largest(width, height);
    let mut image = image;
    // By whole pixels first, which takes no memory to speak of.
    if width > 2 * widest {
        let (w, h) = if turned { (2 * tallest, 2 * widest) } else { (2 * widest, 2 * tallest) };
        image = image.thumbnail_exact(w, h);
    }
    image.apply_orientation(orientation);
    let mut image = image.into_rgba8();
    if let Some(profile) = profile {
        to_web_colours(&mut image, &profile);
    }
    // JPEG cannot be seen through: there it is on white.
    let seen_through =
        image.chunks_exact(4).any(|pixel| pixel[3] < u8::MAX).then(|| resized(image.clone().into(), widest, tallest));
    let solid = resized(on_white(&image).into(), widest, tallest);
    drop(image);
    let mut files = Vec::new();
    for at in WIDTHS.into_iter().filter(|at| *at < widest).chain([widest]) {
        let smaller = |image: &DynamicImage| resized(image.clone(), at, scaled(tallest, at, widest));
        let solid = smaller(&solid);
        let webp = seen_through.as_ref().map_or_else(|| webp(&solid), |image| webp(&smaller(image)))?;
        files.push((Format::Webp, at, webp));
        files.push((Format::Jpeg, at, jpeg(&solid)?));
    }
    Ok(Picture { width: widest, height: tallest, files })
}

fn decode(sent: Vec<u8>, format: ImageFormat) -> Result<(DynamicImage, Orientation, Option<Vec<u8>>), Refused> {
    let damaged = |_| DAMAGED.to_owned();
    if format == ImageFormat::Jpeg && !is_whole_jpeg(&sent) {
        return Err(DAMAGED.to_owned());
    }
    let mut reader = ImageReader::with_format(Cursor::new(sent), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(2 * MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        let millions = MOST_PIXELS / 1_000_000;
        return Err(format!(
            "The picture has {width} by {height} pixels, and more than {millions} million cannot be read: make it smaller"
        ));
    }
    if decoder.total_bytes() > MOST_BYTES {
        return Err(format!(
            "The picture has {width} by {height} pixels of many shades: make it smaller, or save it as JPEG"
        ));
    }
    if width == 0 || height == 0 {
        return Err("The picture has no pixels".to_owned());
    }
    // What is wrong with what describes it does not matter.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().unwrap_or_default();
    Ok((DynamicImage::from_decoder(decoder).map_err(damaged)?, orientation, profile))
}

/// The size of a file that was made here, decoded to its end.
pub(super) fn size(bytes: &[u8], format: Format) -> Result<(u32, u32), Refused> {
    let kind = match format {
        Format::Jpeg => ImageFormat::Jpeg,
        _ => ImageFormat::WebP,
    };
    let (image, ..) = decode(bytes.to_vec(), kind)?;
    let (width, height) = (image.width(), image.height());
    if width > WIDTHS[WIDTHS.len() - 1] || height > TALLEST {
        return Err(format!("The file has {width} by {height} pixels, and none that is made here is so large"));
    }
    Ok((width, height))
}

const DAMAGED: &str = "The picture is damaged: it cannot be read to its end";

/// Whether a JPEG has its end: without it the decoder would make up the rest.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    const SCAN: u8 = 0xda;
    const END: [u8; 2] = [0xff, 0xd9];
    let mut rest = &bytes[2..];
    loop {
        match rest {
            // Padding between segments.
            [0xff, 0xff, ..] => rest = &rest[1..],
            [0xff, SCAN, ..] => return rest.windows(2).any(|mark| mark == END),
            [0xff, _, high, low, ..] => {
                let length = 2 + usize::from(u16::from_be_bytes([*high, *low]));
                let Some(next) = rest.get(length..) else { return false };
                rest = next;
            }
            _ => return false,
        }
    }
}

/// The size of the largest file.
fn largest(width: u32, height: u32) -> (u32, u32) {
    let widest = width.min(WIDTHS[WIDTHS.len() - 1]);
    let tallest = scaled(height, widest, width);
    if tallest <= TALLEST { (widest, tallest) } else { (scaled(widest, TALLEST, tallest), TALLEST) }
}

/// `length` times `to` by `from`, at least 1.
fn scaled(length: u32, to: u32, from: u32) -> u32 {
    let exact = (u64::from(length) * u64::from(to) + u64::from(from) / 2) / u64::from(from);
    u32::try_from(exact).unwrap_or(u32::MAX).max(1)
}

fn resized(image: DynamicImage, width: u32, height: u32) -> DynamicImage {
    if (image.width(), image.height()) == (width, height) {
        return image;
    }
    image.resize_exact(width, height, FilterType::Lanczos3)
}

/// From the colours of the camera or screen that the profile describes. A profile that cannot be read is none.
fn to_web_colours(image: &mut RgbaImage, profile: &[u8]) {
    let transform = || {
        let profile = ColorProfile::new_from_slice(profile).ok()?;
        if profile.color_space != DataColorSpace::Rgb {
            return None;
        }
        profile
            .create_transform_8bit(Layout::Rgba, &ColorProfile::new_srgb(), Layout::Rgba, TransformOptions::default())
            .ok()
    };
    if let Some(transform) = transform() {
        let before = image.clone();
        if transform.transform(&before, image).is_err() {
            *image = before;
        }
    }
}

fn webp(image: &DynamicImage) -> Result<Vec<u8>, Refused> {
    let refused = |_| "The picture could not be written as WebP".to_owned();
    let encoder = match image {
        DynamicImage::ImageRgba8(image) => webp::Encoder::from_rgba(image, image.width(), image.height()),
        _ => webp::Encoder::from_rgb(image.as_bytes(), image.width(), image.height()),
    };
    encoder.encode_simple(false, WEBP_QUALITY).map(|memory| memory.to_vec()).map_err(refused)
}

fn jpeg(image: &DynamicImage) -> Result<Vec<u8>, Refused> {
    let mut written = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut written, JPEG_QUALITY);
    image.write_with_encoder(encoder).map_err(|_| "The picture could not be written as JPEG".to_owned())?;
    Ok(written)
}

fn on_white(image: &RgbaImage) -> RgbImage {
    let mut solid = RgbImage::new(image.width(), image.height());
    for (to, from) in solid.chunks_exact_mut(3).zip(image.chunks_exact(4)) {
        let alpha = u32::from(from[3]);
        for (to, from) in to.iter_mut().zip(from) {
            let over = (u32::from(*from) * alpha + 255 * (255 - alpha) + 127) / 255;
            *to = u8::try_from(over).unwrap_or(u8::MAX);
        }
    }
    solid
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let image = RgbaImage::from_fn(width, height, |x, y| image::Rgba([x as u8, y as u8, 128, 255]));
        let mut bytes = Vec::new();
        image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    fn widths(picture: &Picture) -> Vec<u32> {
        picture.files.iter().filter(|(format, ..)| *format == Format::Webp).map(|(_, width, _)| *width).collect()
    }

    #[test]
    fn a_picture_is_made_in_several_widths_and_never_larger_than_it_was() {
        for ((width, height), size, expected) in [
            ((2000, 1000), (1600, 800), vec![320, 640, 960, 1280, 1600]),
            ((4000, 1000), (1600, 400), vec![320, 640, 960, 1280, 1600]),
            ((700, 500), (700, 500), vec![320, 640, 700]),
            ((320, 200), (320, 200), vec![320]),
            ((3, 5), (3, 5), vec![3]),
            ((100, 9000), (46, 4096), vec![46]),
        ] {
            let made = make(png(width, height), ImageFormat::Png).ok().unwrap();
            assert_eq!(((made.width, made.height), widths(&made)), (size, expected), "{width} by {height}");
            for (format, at, bytes) in &made.files {
                let read = image::load_from_memory(bytes).unwrap();
                assert_eq!(read.width(), *at, "{format:?}");
                assert_eq!(read.height(), scaled(size.1, *at, size.0), "{format:?}");
            }
        }
    }

    #[test]
    fn what_can_be_seen_through_stays_so_as_webp_and_is_white_as_jpeg() {
        let image = RgbaImage::from_pixel(8, 8, image::Rgba([0, 0, 0, 0]));
        let mut bytes = Vec::new();
        image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        let made = make(bytes, ImageFormat::Png).ok().unwrap();
        let read = |n: usize| image::load_from_memory(&made.files[n].2).unwrap().to_rgba8().get_pixel(4, 4).0;
        assert_eq!((read(0)[3], read(1)), (0, [255, 255, 255, 255]));
    }

    #[test]
    fn too_many_pixels_are_refused_by_the_header() {
        // A PNG's header alone, with its checksum.
        let mut bytes = png(1, 1)[..16].to_vec();
        bytes.extend([0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30, 8, 6, 0, 0, 0]);
        let mut crc = flate(&bytes[12..29]).to_be_bytes().to_vec();
        bytes.append(&mut crc);
        bytes.extend(&png(1, 1)[33..]);
        let said = make(bytes, ImageFormat::Png).err().unwrap();
        assert!(said.contains("30000 by 30000"), "{said}");
    }

    /// CRC-32, as PNG has it.
    fn flate(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
        })
    }
}
