//! Whether a file is built as those that are made here: of what its pixels need and nothing else. So no place, no name, no
//! comment and nothing behind the picture's end comes in with a file that is kept as it is.

/// A JPEG of one scan, without a segment that describes it.
pub(super) fn is_jpeg(bytes: &[u8]) -> bool {
    const SCAN: u8 = 0xda;
    let Some(mut rest) = bytes.strip_prefix(&[0xff, 0xd8]) else { return false };
    loop {
        let [0xff, marker, high, low, ..] = rest else { return false };
        let length = 2 + usize::from(u16::from_be_bytes([*high, *low]));
        let known = match marker {
            // Its density, without a thumbnail.
            0xe0 => length == 18 && rest.get(4..9) == Some(b"JFIF\0"),
            // Baseline; tables; the scan.
            0xc0 | 0xc4 | 0xdb | &SCAN => length >= 4,
            _ => false,
        };
        if !known {
            return false;
        }
        let Some(next) = rest.get(length..) else { return false };
        rest = next;
        if *marker == SCAN {
            // Within the scan, what looks like a mark is followed by zero; the first real one is the end of all.
            let end = rest.windows(2).position(|mark| mark[0] == 0xff && mark[1] != 0);
            return end.is_some_and(|end| rest[end..] == [0xff, 0xd9]);
        }
    }
}

/// A WebP of one picture, which may be seen through.
pub(super) fn is_webp(bytes: &[u8]) -> bool {
    let size = |bytes: &[u8]| -> Option<usize> {
        let four = bytes.first_chunk::<4>()?;
        usize::try_from(u32::from_le_bytes(*four)).ok()
    };
    let (Some(rest), Some(said)) = (bytes.get(12..), bytes.get(4..).and_then(size)) else { return false };
    if bytes.len() != said + 8 {
        return false;
    }
    let (mut rest, mut kinds) = (rest, Vec::new());
    while !rest.is_empty() {
        let Some(length) = rest.get(4..).and_then(size) else { return false };
        kinds.push(&rest[..4]);
        let Some(next) = rest.get(8 + length + length % 2..) else { return false };
        rest = next;
    }
    matches!(kinds[..], [b"VP8 " | b"VP8L"] | [b"VP8X", b"VP8 " | b"VP8L"] | [b"VP8X", b"ALPH", b"VP8 "])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_describes_a_picture_is_found() {
        let segment = |marker: u8, data: &[u8]| {
            let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
            [&[0xff, marker][..], &length, data].concat()
        };
        let jpeg = |more: &[u8], scan: &[u8]| {
            let head = [&[0xff, 0xd8][..], more, &segment(0xdb, b"table"), &segment(0xda, b"scan")].concat();
            [&head, scan].concat()
        };
        let scan = b"\x01\xff\0\x02\xff\xd9";
        assert!(is_jpeg(&jpeg(&segment(0xe0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"), scan)));
        assert!(!is_jpeg(&jpeg(&segment(0xe1, b"Exif\0\0"), scan)));
        assert!(!is_jpeg(&jpeg(&segment(0xfe, b"A comment"), scan)));
        assert!(!is_jpeg(&jpeg(&segment(0xe2, b"ICC_PROFILE\0"), scan)));
        assert!(!is_jpeg(&jpeg(b"", b"\x01\xff\xd9more")));
        assert!(!is_jpeg(&jpeg(b"", b"\x01")));
        assert!(!is_jpeg(b"\xff\xd8\xff\xe0\xff\xff"));
        let chunk = |kind: &[u8], data: &[u8]| {
            let length = u32::try_from(data.len()).unwrap().to_le_bytes();
            [kind, &length[..], data, &[0][..data.len() % 2]].concat()
        };
        let webp = |chunks: &[u8]| [&chunk(b"RIFF", &[b"WEBP", chunks].concat())[..]].concat();
        let (head, alpha, pixels) = (chunk(b"VP8X", b"0123456789"), chunk(b"ALPH", b"123"), chunk(b"VP8 ", b"12345"));
        assert!(is_webp(&webp(&pixels)));
        assert!(is_webp(&webp(&[&head[..], &alpha, &pixels].concat())));
        assert!(!is_webp(&webp(&[&head[..], &pixels, &chunk(b"EXIF", b"1234")].concat())));
        assert!(!is_webp(&webp(&[&head[..], &chunk(b"ANIM", b"123456"), &pixels].concat())));
        assert!(!is_webp(&[&webp(&pixels)[..], b"more"].concat()));
        assert!(!is_webp(b"RIFF"));
    }
}
