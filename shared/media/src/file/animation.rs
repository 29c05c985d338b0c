//! Animations: a GIF, PNG or WebP holds one picture or several. The first bytes show which.

use crate::animation::{AnimationKind, GifScan};

/// The kind of an animation; `None` for other files.
pub(super) fn kind(head: &[u8], size: u64) -> Option<AnimationKind> {
    if head.starts_with(b"GIF8") {
        return may_be_animated(head, size).then_some(AnimationKind::Gif);
    }
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        return has_animation_control(head).then_some(AnimationKind::Png);
    }
    // The second bit of the flags of `VP8X` is the animation flag.
    let flags = head
        .get(20)
        .filter(|_| head.starts_with(b"RIFF") && head.get(8..16) == Some(b"WEBPVP8X"));
    flags.is_some_and(|flags| flags & 2 != 0).then_some(AnimationKind::WebP)
}

/// Whether a GIF has a second picture, or may have one after the bytes that were read.
fn may_be_animated(head: &[u8], size: u64) -> bool {
    let mut scan = GifScan::default();
    scan.feed(head);

    scan.end().pictures > 1 || (head.len() as u64) < size
}

/// `acTL` comes before the first picture data.
fn has_animation_control(head: &[u8]) -> bool {
    let mut at = 8;
    while let Some(chunk) = head.get(at..at + 8) {
        match &chunk[4..] {
            b"acTL" => return true,
            b"IDAT" => return false,
            _ => {}
        }
        let len = u32::from_be_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
        let Some(next) = usize::try_from(len)
            .ok()
            .and_then(|len| at.checked_add(len)?.checked_add(12))
        else {
            return false;
        };
        at = next;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::animation::gif;

    fn whole(file: &[u8]) -> Option<AnimationKind> {
        kind(file, file.len() as u64)
    }

    #[test]
    fn a_gif_with_a_second_picture_is_an_animation() {
        assert_eq!(whole(&gif(&[10])), None);
        assert_eq!(whole(&gif(&[10, 10])), Some(AnimationKind::Gif));
        let long = gif(&[10]);
        assert_eq!(
            kind(&long[..40], 100_000),
            Some(AnimationKind::Gif),
            "the rest was not read"
        );
        assert_eq!(whole(b"GIF89a"), None);
    }

    #[test]
    fn the_headers_of_png_and_webp_show_an_animation() {
        let chunk = |name: &[u8; 4]| [&8u32.to_be_bytes()[..], name, &[0; 12]].concat();
        let png = |chunks: &[&[u8; 4]]| {
            let chunks: Vec<Vec<u8>> = chunks.iter().map(|name| chunk(name)).collect();
            [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
        };
        assert_eq!(whole(&png(&[b"IHDR", b"acTL", b"IDAT"])), Some(AnimationKind::Png));
        assert_eq!(whole(&png(&[b"IHDR", b"IDAT", b"acTL"])), None);
        let webp = |flags| [&b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0"[..], &[flags, 0, 0, 0]].concat();
        assert_eq!(whole(&webp(2)), Some(AnimationKind::WebP));
        assert_eq!(whole(&webp(0x10)), None);
    }
}
