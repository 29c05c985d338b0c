//! Fragmented MP4 with one track: a reader of growing files, and a writer of fragments.

mod write;

use std::mem;

pub(crate) use self::write::{key_frame_length, write_fragment};

/// The header of a track: the initialization segment, and the values for playlists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// `ftyp` and `moov`.
    pub(crate) bytes: Vec<u8>,
    pub(crate) track: u32,
    /// Ticks per second.
    pub(crate) timescale: u32,
    /// The ticks that the edit list hides at the start.
    pub(crate) hidden: i64,
    /// As RFC 6381 writes it: `avc1.64001f`, `mp4a.40.2`.
    pub(crate) codec: String,
}

/// A frame of picture or audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) duration: u32,
    pub(crate) size: u32,
    pub(crate) flags: u32,
    /// The composition time offset.
    pub(crate) offset: i32,
}

impl Sample {
    /// Whether decoding can start here.
    pub(crate) fn is_key(self) -> bool {
        self.flags & 0x0001_0000 == 0
    }
}

/// Samples and their bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fragment {
    /// The decode time of the first sample, in ticks.
    pub(crate) start: u64,
    pub(crate) samples: Vec<Sample>,
    pub(crate) data: Vec<u8>,
}

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Header(Header),
    Fragment(Fragment),
}

/// The file is not a fragmented MP4.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a fragmented MP4: {0}")]
pub(crate) struct NotFragmented(&'static str);

/// Reads a growing file.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    buffer: Vec<u8>,
    file_type: Vec<u8>,
    /// The `moof` whose `mdat` follows.
    index: Option<Vec<u8>>,
}

impl Reader {
    /// Adds the next bytes; returns the complete parts.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Part>, NotFragmented> {
        self.buffer.extend_from_slice(bytes);
        let mut parts = Vec::new();
        while let Some(size) = complete_box(&self.buffer)? {
            let rest = self.buffer.split_off(size);
            let whole = mem::replace(&mut self.buffer, rest);
            match &whole[4..8] {
                b"ftyp" => self.file_type = whole,
                b"moov" => parts.push(Part::Header(header(mem::take(&mut self.file_type), &whole)?)),
                b"moof" => self.index = Some(whole),
                b"mdat" => {
                    let index = self.index.take().ok_or(NotFragmented("mdat without moof"))?;
                    parts.push(Part::Fragment(fragment(&index, &whole)?));
                }
                _ => {}
            }
        }
        Ok(parts)
    }
}

/// The size of the first box, if it is complete.
fn complete_box(bytes: &[u8]) -> Result<Option<usize>, NotFragmented> {
    let Some(size) = u32_at(bytes, 0) else { return Ok(None) };
    let size = match size {
        0 => return Err(NotFragmented("a box without a size")),
        1 => {
            let (Some(high), Some(low)) = (u32_at(bytes, 8), u32_at(bytes, 12)) else {
                return Ok(None);
            };
            (u64::from(high) << 32) | u64::from(low)
        }
        size => u64::from(size),
    };
    let size = usize::try_from(size).map_err(|_| NotFragmented("a box larger than memory"))?;
    if size < 8 {
        return Err(NotFragmented("a box smaller than its own header"));
    }
    Ok((bytes.len() >= size).then_some(size))
}

fn header(mut file_type: Vec<u8>, movie: &[u8]) -> Result<Header, NotFragmented> {
    let track = find(movie, &[b"moov", b"trak"]).ok_or(NotFragmented("no trak"))?;
    let media_header = find(track, &[b"mdia", b"mdhd"]).ok_or(NotFragmented("no mdhd"))?;
    let timescale = if media_header.first() == Some(&1) {
        u32_at(media_header, 20)
    } else {
        u32_at(media_header, 12)
    };
    let track_header = find(track, &[b"tkhd"]).ok_or(NotFragmented("no tkhd"))?;
    let id = if track_header.first() == Some(&1) {
        u32_at(track_header, 20)
    } else {
        u32_at(track_header, 12)
    };
    let descriptions = find(track, &[b"mdia", b"minf", b"stbl", b"stsd"]).ok_or(NotFragmented("no stsd"))?;
    file_type.extend_from_slice(movie);
    Ok(Header {
        bytes: file_type,
        track: id.ok_or(NotFragmented("short tkhd"))?,
        timescale: timescale
            .filter(|scale| *scale > 0)
            .ok_or(NotFragmented("no timescale"))?,
        hidden: find(track, &[b"edts", b"elst"]).and_then(hidden).unwrap_or_default(),
        codec: codec(descriptions).ok_or(NotFragmented("an unknown codec"))?,
    })
}

/// The media time of the only edit.
fn hidden(edits: &[u8]) -> Option<i64> {
    let (count, version) = (u32_at(edits, 4)?, *edits.first()?);
    let time = if version == 1 {
        (i64::from(u32_at(edits, 16)?) << 32) | i64::from(u32_at(edits, 20)?)
    } else {
        i64::from(u32_at(edits, 12)?)
    };
    (count == 1).then_some(time)
}

/// The codec of the first sample description.
fn codec(descriptions: &[u8]) -> Option<String> {
    let entry = descriptions.get(8..)?;
    match entry.get(4..8)? {
        b"avc1" | b"avc3" => {
            // The fields of a visual sample entry take 78 bytes after the box header.
            let configuration = find(entry.get(8 + 78..)?, &[b"avcC"])?;
            let [profile, constraints, level] = configuration.get(1..4)? else {
                return None;
            };
            Some(format!("avc1.{profile:02x}{constraints:02x}{level:02x}"))
        }
        b"mp4a" => Some("mp4a.40.2".to_owned()),
        _ => None,
    }
}

fn fragment(index: &[u8], data: &[u8]) -> Result<Fragment, NotFragmented> {
    let track = find(index, &[b"moof", b"traf"]).ok_or(NotFragmented("no traf"))?;
    let (duration, size, flags) = defaults(find(track, &[b"tfhd"]).ok_or(NotFragmented("no tfhd"))?);
    let start = find(track, &[b"tfdt"]).and_then(|time| match time.first()? {
        1 => Some((u64::from(u32_at(time, 4)?) << 32) | u64::from(u32_at(time, 8)?)),
        _ => u32_at(time, 4).map(u64::from),
    });
    let mut samples = Vec::new();
    for (kind, run) in boxes(track) {
        if kind == b"trun" {
            let default = Sample {
                duration,
                size,
                flags,
                offset: 0,
            };
            read_run(run, default, &mut samples).ok_or(NotFragmented("a short trun"))?;
        }
    }
    let head = if u32_at(data, 0) == Some(1) { 16 } else { 8 };
    let total: usize = samples.iter().map(|sample| sample.size as usize).sum();
    let data = data
        .get(head..head + total)
        .ok_or(NotFragmented("a short mdat"))?
        .to_vec();
    Ok(Fragment {
        start: start.ok_or(NotFragmented("no tfdt"))?,
        samples,
        data,
    })
}

/// `tfhd`: default duration, size and flags.
fn defaults(header: &[u8]) -> (u32, u32, u32) {
    let flags = u32_at(header, 0).unwrap_or_default() & 0x00ff_ffff;
    let mut at = 8 + if flags & 1 != 0 { 8 } else { 0 } + if flags & 2 != 0 { 4 } else { 0 };
    let mut next = |present: u32| {
        if flags & present == 0 {
            return 0;
        }
        at += 4;
        u32_at(header, at - 4).unwrap_or_default()
    };
    (next(0x8), next(0x10), next(0x20))
}

fn read_run(run: &[u8], default: Sample, samples: &mut Vec<Sample>) -> Option<()> {
    let flags = u32_at(run, 0)? & 0x00ff_ffff;
    let count = u32_at(run, 4)?;
    let mut at = 8;
    let mut next = |present: u32| -> Option<Option<u32>> {
        if flags & present == 0 {
            return Some(None);
        }
        at += 4;
        u32_at(run, at - 4).map(Some)
    };
    next(0x1)?;
    let first_flags = next(0x4)?;
    for number in 0..count {
        let duration = next(0x100)?.unwrap_or(default.duration);
        let size = next(0x200)?.unwrap_or(default.size);
        let own_flags = next(0x400)?.unwrap_or(default.flags);
        let offset = next(0x800)?.unwrap_or(0);
        let flags = first_flags.filter(|_| number == 0).unwrap_or(own_flags);
        samples.push(Sample {
            duration,
            size,
            flags,
            offset: offset.cast_signed(),
        });
    }
    Some(())
}

/// The content of a box, by its path.
fn find<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    let (first, rest) = path.split_first()?;
    let (_, content) = boxes(bytes).find(|(kind, _)| *kind == first.as_slice())?;
    if rest.is_empty() {
        Some(content)
    } else {
        find(content, rest)
    }
}

/// The boxes in these bytes, with their content.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let size = u32_at(bytes, 0)? as usize;
        let whole = bytes.get(..size).filter(|whole| whole.len() >= 8)?;
        bytes = &bytes[size..];
        Some((&whole[4..8], &whole[8..]))
    })
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> impl Strategy<Value = Sample> {
        (1_u32..5000, 0_u32..200, any::<bool>(), -2000_i32..2000).prop_map(|(duration, size, key, offset)| Sample {
            duration,
            size,
            flags: if key { 0x0200_0000 } else { 0x0101_0000 },
            offset,
        })
    }

    proptest! {
        #[test]
        fn a_fragment_is_read_back_from_pieces_of_any_size(
            samples in prop::collection::vec(sample(), 1..40), start: u64, cut in 1_usize..100,
        ) {
            let total: u32 = samples.iter().map(|sample| sample.size).sum();
            let data: Vec<u8> = (0..total).map(|byte| (byte % 251) as u8).collect();
            let fragment = Fragment { start, samples, data };
            let bytes = write_fragment(7, 1, &fragment);
            let mut reader = Reader::default();
            let mut parts = Vec::new();
            for piece in bytes.chunks(cut) {
                parts.extend(reader.push(piece).unwrap());
            }
            prop_assert_eq!(parts, vec![Part::Fragment(fragment)]);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _read_or_refused = Reader::default().push(&bytes);
        }
    }

    #[test]
    fn a_key_frame_needs_the_index_and_its_own_bytes() {
        let key = Sample {
            duration: 1,
            size: 3,
            flags: 0,
            offset: 0,
        };
        let fragment = Fragment {
            start: 0,
            samples: vec![key, Sample { size: 5, ..key }],
            data: vec![0; 8],
        };
        let bytes = write_fragment(1, 1, &fragment);
        assert_eq!(key_frame_length(&fragment), bytes.len() - 5);
    }
}
