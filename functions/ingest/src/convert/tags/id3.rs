//! ID3 version 2, in its three versions (id3.org: 2.2, 2.3 and 2.4).

use std::io::{self, Read, Seek};

use super::{MAX_PARTS, Picture, bytes};

/// The pictures of the tag at an offset, and the offset of its end.
pub(super) fn read(file: &mut (impl Read + Seek), at: u64) -> io::Result<(Vec<Picture>, u64)> {
    let head = bytes(file, at, 10)?;
    let [b'I', b'D', b'3', version @ 2..=4, _, flags, s0, s1, s2, s3] = head[..] else {
        return Ok((Vec::new(), at));
    };
    let size = synchsafe([s0, s1, s2, s3]);
    let mut body = bytes(file, at + 10, size.into())?;
    let is_unsynchronised = flags & 0x80 != 0;
    if is_unsynchronised && version < 4 {
        body = resynchronised(&body);
    }
    let extended = flags & 0x40 != 0 && version > 2;
    let first = if extended { after_extended(&body, version) } else { 0 };
    let tag = Tag {
        version,
        is_unsynchronised,
    };
    let found = tag.frames(body.get(first..).unwrap_or_default());

    Ok((found, at + 10 + u64::from(size)))
}

/// A synchsafe integer: its bytes have seven bits, so that none looks like the begin of a frame of sound.
fn synchsafe(bytes: [u8; 4]) -> u32 {
    bytes.into_iter().fold(0, |sum, byte| sum << 7 | u32::from(byte & 0x7F))
}

/// Removes the zero after each `FF`, which was inserted for the same reason ("unsynchronisation").
fn resynchronised(bytes: &[u8]) -> Vec<u8> {
    let mut before = 0;
    let kept = bytes.iter().copied().filter(|byte| {
        let is_inserted = before == 0xFF && *byte == 0;
        before = *byte;
        !is_inserted
    });
    kept.collect()
}

fn after_extended(body: &[u8], version: u8) -> usize {
    let Some(Ok(size)) = body.get(..4).map(<[u8; 4]>::try_from) else {
        return body.len();
    };
    let len = if version == 4 {
        synchsafe(size)
    } else {
        u32::from_be_bytes(size).saturating_add(4)
    };
    usize::try_from(len).unwrap_or(usize::MAX)
}

#[derive(Clone, Copy)]
struct Tag {
    version: u8,
    is_unsynchronised: bool,
}

struct Frame<'a> {
    name: &'a [u8],
    /// The second byte of the flags, which describes the format of the content.
    flags: u8,
    content: &'a [u8],
}

impl Tag {
    fn frames(self, mut body: &[u8]) -> Vec<Picture> {
        let mut found = Vec::new();
        for _ in 0..MAX_PARTS {
            let Some((frame, rest)) = self.split(body) else {
                break;
            };
            if matches!(frame.name, b"APIC" | b"PIC") {
                found.extend(self.content(&frame).and_then(|content| self.picture(&content)));
            }
            body = rest;
        }
        found
    }

    /// The first frame, and the bytes after it.
    fn split(self, body: &[u8]) -> Option<(Frame<'_>, &[u8])> {
        let (head, name) = if self.version == 2 { (6, 3) } else { (10, 4) };
        let (head, rest) = body.split_at_checked(head)?;
        let (name, after) = head.split_at_checked(name)?;
        // Zeros fill the tag up to its end.
        if name.first() == Some(&0) {
            return None;
        }
        let (size, flags) = match *after {
            [s0, s1, s2] => (u32::from_be_bytes([0, s0, s1, s2]), 0),
            [s0, s1, s2, s3, _, flags] if self.version == 4 => (synchsafe([s0, s1, s2, s3]), flags),
            [s0, s1, s2, s3, _, flags] => (u32::from_be_bytes([s0, s1, s2, s3]), flags),
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(usize::try_from(size).ok()?)?;

        Some((Frame { name, flags, content }, rest))
    }

    /// The content of a frame, unless it is compressed (a small frame may expand to very much) or encrypted.
    fn content(self, frame: &Frame<'_>) -> Option<Vec<u8>> {
        let Frame { flags, content, .. } = *frame;
        let (closed, group, length) = match self.version {
            4 => (0x0C, 0x40, 0x01),
            3 => (0xC0, 0x20, 0),
            _ => (0, 0, 0),
        };
        if flags & closed != 0 {
            return None;
        }
        let before = usize::from(flags & group != 0) + if flags & length == 0 { 0 } else { 4 };
        let content = content.get(before..)?;
        let is_unsynchronised = self.version == 4 && (self.is_unsynchronised || flags & 0x02 != 0);

        Some(if is_unsynchronised {
            resynchronised(content)
        } else {
            content.to_vec()
        })
    }

    fn picture(self, content: &[u8]) -> Option<Picture> {
        let (encoding, rest) = content.split_first()?;
        let rest = if self.version == 2 {
            rest.get(3..)?
        } else {
            rest.splitn(2, |byte| *byte == 0).nth(1)?
        };
        let (kind, rest) = rest.split_first()?;
        // UTF-16 ends with two zeros, at an even offset.
        let description = if matches!(encoding, 1 | 2) {
            2 * rest.chunks_exact(2).position(|two| two == [0, 0])? + 2
        } else {
            rest.iter().position(|byte| *byte == 0)? + 1
        };

        Some(Picture {
            kind: (*kind).into(),
            bytes: rest.get(description..)?.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn tag(version: u8, flags: u8, body: &[u8]) -> Vec<u8> {
        let len = u8::try_from(body.len()).unwrap();
        [
            &[b'I', b'D', b'3', version, 0, flags, 0, 0, len >> 7, len & 0x7F][..],
            body,
        ]
        .concat()
    }

    fn pictures(file: Vec<u8>) -> Vec<Picture> {
        read(&mut Cursor::new(file), 0).unwrap().0
    }

    #[test]
    fn pictures_are_read_in_all_three_versions() {
        let wanted = [Picture {
            kind: 3,
            bytes: b"cover".to_vec(),
        }];
        let old = [&b"PIC\0\0\x0B\0JPG\x03\0"[..], b"cover"].concat();
        assert_eq!(pictures(tag(2, 0, &old)), wanted);
        let third = [
            &b"TIT2\0\0\0\x02\0\0\0AAPIC\0\0\0\x13\0\0\0image/png\0\x03\0"[..],
            b"cover\0\0\0",
        ]
        .concat();
        let found = pictures(tag(3, 0, &third));
        assert_eq!(found.len(), 1);
        assert!(found[0].bytes.starts_with(b"cover"));
        // UTF-16, grouped, with a length, and unsynchronised.
        let fourth = [
            &b"APIC\0\0\0\x1E\0\x43\x07\0\0\0\x09\x01image/png\0\x03\xFF\0\xFEd\0\0\0"[..],
            b"c\xFF\0ver",
        ]
        .concat();
        let found = pictures(tag(4, 0, &fourth));
        assert_eq!((found[0].kind, found[0].bytes.as_slice()), (3, &b"c\xFFver"[..]));
    }

    #[test]
    fn compressed_frames_are_ignored() {
        let third = [&b"APIC\0\0\0\x10\0\x80\0image/png\0\x03\0"[..], b"cover"].concat();
        assert_eq!(pictures(tag(3, 0, &third)), []);
    }
}
