//! `covr` in the item list of MP4 and M4A files (`moov/udta/meta/ilst`).

use std::io::{self, Read, Seek};

use super::{FRONT_COVER, MAX_BYTES, MAX_PARTS, Picture, bytes};

/// The offsets at which the content of a box begins and ends.
#[derive(Clone, Copy)]
struct Range {
    start: u64,
    end: u64,
}

pub(super) fn read(file: &mut (impl Read + Seek)) -> io::Result<Vec<Picture>> {
    let mut within = Range {
        start: 0,
        end: u64::MAX,
    };
    for name in [b"moov", b"udta", b"meta", b"ilst", b"covr", b"data"] {
        let Some(found) = find(file, within, *name)? else {
            return Ok(Vec::new());
        };
        within = found;
        // `meta` has a version before its boxes, except in older QuickTime files.
        if name == b"meta" && bytes(file, within.start, 8)?.get(4..) != Some(b"hdlr") {
            within.start += 4;
        }
    }
    // The picture's type and locale come before it.
    let len = within.end.saturating_sub(within.start + 8);
    let bytes = bytes(file, within.start + 8, len.min(MAX_BYTES))?;

    Ok(vec![Picture {
        kind: FRONT_COVER,
        bytes,
    }])
}

/// The first box with a name in a range.
fn find(file: &mut (impl Read + Seek), within: Range, name: [u8; 4]) -> io::Result<Option<Range>> {
    let mut at = within.start;
    for _ in 0..MAX_PARTS {
        if at >= within.end {
            return Ok(None);
        }
        let head = bytes(file, at, 16)?;
        let (Some(Ok(size)), Some(found)) = (head.get(..4).map(<[u8; 4]>::try_from), head.get(4..8)) else {
            return Ok(None);
        };
        let (content, size) = match (u32::from_be_bytes(size), head.get(8..16).map(<[u8; 8]>::try_from)) {
            (0, _) => (8, u64::MAX),
            (1, Some(Ok(size))) => (16, u64::from_be_bytes(size)),
            (size, _) => (8, size.into()),
        };
        if size < content {
            return Ok(None);
        }
        let end = at.saturating_add(size).min(within.end);
        if found == name {
            let start = at + content;
            return Ok((start <= end).then_some(Range { start, end }));
        }
        at = end;
    }

    Ok(None)
}
