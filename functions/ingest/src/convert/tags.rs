//! Reads the covers of songs from their tags: ID3 (MP3, WAV), FLAC's blocks, comments of Vorbis and Opus in Ogg, and MP4's item list.
//! Only the parts with pictures are read, and sizes in the file are never trusted beyond the end of the file.

mod id3;
mod mp4;
mod ogg;

use std::io::{self, Read, Seek, SeekFrom};

/// The largest part of a file that is read at once, and so the largest cover.
const MAX_BYTES: u64 = 32 << 20;
/// How many blocks, chunks and boxes are read in search of a cover.
const MAX_PARTS: usize = 4_096;
/// The picture type of a front cover in ID3 and FLAC.
const FRONT_COVER: u32 = 3;

/// A picture in a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    /// Its type in ID3's list.
    kind: u32,
    bytes: Vec<u8>,
}

/// The front cover, else the first picture.
pub(super) fn cover(file: &mut (impl Read + Seek)) -> io::Result<Option<Vec<u8>>> {
    let mut pictures = pictures(file)?;
    let front = pictures
        .iter()
        .position(|picture| picture.kind == FRONT_COVER)
        .unwrap_or(0);

    Ok((!pictures.is_empty()).then(|| pictures.swap_remove(front).bytes))
}

fn pictures(file: &mut (impl Read + Seek)) -> io::Result<Vec<Picture>> {
    let head = bytes(file, 0, 12)?;
    match head.as_slice() {
        [b'I', b'D', b'3', ..] => {
            let (found, end) = id3::read(file, 0)?;
            // Some programs write an ID3 tag before FLAC.
            let after = bytes(file, end, 4)?;
            if found.is_empty() && after == b"fLaC" {
                return flac(file, end + 4);
            }
            Ok(found)
        }
        [b'f', b'L', b'a', b'C', ..] => flac(file, 4),
        [b'O', b'g', b'g', b'S', ..] => ogg::read(file),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E'] => wave(file),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => mp4::read(file),
        _ => Ok(Vec::new()),
    }
}

/// Up to `len` bytes at an offset; fewer at the end of the file.
fn bytes(file: &mut (impl Read + Seek), at: u64, len: u64) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.take(len.min(MAX_BYTES)).read_to_end(&mut read)?;

    Ok(read)
}

/// The pictures in FLAC's metadata blocks, whose first is at `at`.
fn flac(file: &mut (impl Read + Seek), mut at: u64) -> io::Result<Vec<Picture>> {
    let mut found = Vec::new();
    for _ in 0..MAX_PARTS {
        let head = bytes(file, at, 4)?;
        let [kind, l0, l1, l2] = head[..] else { break };
        let len = u64::from(u32::from_be_bytes([0, l0, l1, l2]));
        if kind & 0x7F == 6 {
            found.extend(flac_picture(&bytes(file, at + 4, len)?));
        }
        if kind & 0x80 != 0 || !found.is_empty() && found.len() > 8 {
            break;
        }
        at += 4 + len;
    }

    Ok(found)
}

/// FLAC's picture block, which is used in comments of Ogg too.
fn flac_picture(block: &[u8]) -> Option<Picture> {
    let mut rest = block;
    let kind = number(&mut rest)?;
    for _text in 0..2 {
        let len = number(&mut rest)?;
        part(&mut rest, len)?;
    }
    // Width, height, depth and colours, which may be wrong.
    part(&mut rest, 16)?;
    let len = number(&mut rest)?;
    let bytes = part(&mut rest, len)?.to_vec();

    Some(Picture { kind, bytes })
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let bytes = part(rest, 4)?;
    bytes.try_into().ok().map(u32::from_be_bytes)
}

fn part<'a>(rest: &mut &'a [u8], len: u32) -> Option<&'a [u8]> {
    let (part, after) = rest.split_at_checked(usize::try_from(len).ok()?)?;
    *rest = after;
    Some(part)
}

/// The pictures in the `id3 ` chunk of a WAV file.
fn wave(file: &mut (impl Read + Seek)) -> io::Result<Vec<Picture>> {
    let mut at = 12;
    for _ in 0..MAX_PARTS {
        let head = bytes(file, at, 8)?;
        let [n0, n1, n2, n3, l0, l1, l2, l3] = head[..] else {
            break;
        };
        if [n0, n1, n2, n3].eq_ignore_ascii_case(b"id3 ") {
            return id3::read(file, at + 8).map(|(found, _)| found);
        }
        let len = u64::from(u32::from_le_bytes([l0, l1, l2, l3]));
        at += 8 + len + len % 2;
    }

    Ok(Vec::new())
}
