//! Comments of Vorbis and Opus, and FLAC's blocks, in the first packets of an Ogg stream (RFC 3533, RFC 7845).

use std::io::{self, Read, Seek};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{MAX_BYTES, MAX_PARTS, Picture, bytes, flac_picture};

/// The headers are the first packets; FLAC has one for each block.
const MAX_PACKETS: usize = 16;
const PICTURE: &[u8] = b"METADATA_BLOCK_PICTURE=";

pub(super) fn read(file: &mut (impl Read + Seek)) -> io::Result<Vec<Picture>> {
    let packets = packets(file)?;
    let found = packets.iter().flat_map(|packet| match packet.as_slice() {
        // A block of FLAC begins with its type and its length.
        [3, b'v', b'o', b'r', b'b', b'i', b's', comments @ ..]
        | [b'O', b'p', b'u', b's', b'T', b'a', b'g', b's', comments @ ..]
        | [0x04 | 0x84, _, _, _, comments @ ..] => in_comments(comments),
        [0x06 | 0x86, _, _, _, block @ ..] => flac_picture(block).into_iter().collect(),
        _ => Vec::new(),
    });

    Ok(found.collect())
}

/// The first packets of the first stream.
fn packets(file: &mut (impl Read + Seek)) -> io::Result<Vec<Vec<u8>>> {
    let (mut done, mut open) = (Vec::new(), Vec::new());
    let (mut at, mut total, mut serial) = (0, 0, None);
    for _ in 0..MAX_PARTS {
        let head = bytes(file, at, 27 + 255)?;
        let Some(count) = head.get(26).filter(|_| head.starts_with(b"OggS")).copied() else {
            break;
        };
        let Some(lengths) = head.get(27..27 + usize::from(count)) else {
            break;
        };
        let size = lengths.iter().map(|len| u64::from(*len)).sum::<u64>();
        let content = at + 27 + u64::from(count);
        at = content + size;
        let page_serial = head.get(14..18).map(<[u8]>::to_vec);
        if *serial.get_or_insert_with(|| page_serial.clone()) != page_serial {
            continue;
        }
        total += size;
        if total > MAX_BYTES {
            break;
        }
        let page = bytes(file, content, size)?;
        let mut rest = page.as_slice();
        for len in lengths {
            let Some((part, after)) = rest.split_at_checked(usize::from(*len)) else {
                return Ok(done);
            };
            rest = after;
            open.extend_from_slice(part);
            // A packet continues in the next part if a part is full.
            if *len < 255 {
                done.push(std::mem::take(&mut open));
            }
        }
        if done.len() >= MAX_PACKETS {
            break;
        }
    }

    Ok(done)
}

fn in_comments(comments: &[u8]) -> Vec<Picture> {
    let mut rest = comments;
    let mut found = Vec::new();
    // The vendor, then the number of comments.
    if text(&mut rest).is_none() || rest.len() < 4 {
        return found;
    }
    rest = &rest[4..];
    for _ in 0..MAX_PARTS {
        let Some(comment) = text(&mut rest) else { break };
        let Some((name, value)) = comment.split_at_checked(PICTURE.len()) else {
            continue;
        };
        if name.eq_ignore_ascii_case(PICTURE) {
            let block = STANDARD.decode(value).ok();
            found.extend(block.and_then(|block| flac_picture(&block)));
        }
    }
    found
}

fn text<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (len, after) = rest.split_at_checked(4)?;
    let len = u32::from_le_bytes(len.try_into().ok()?);
    let (text, after) = after.split_at_checked(usize::try_from(len).ok()?)?;
    *rest = after;
    Some(text)
}
