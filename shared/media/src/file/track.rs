//! A track of an MP4 or MOV file: its rotation, title and codec.

use super::isobmff::{Atom, Walk, encrypted};
use super::view::{Stop, View};
use super::{DolbyVision, FileFacts, FileTrack, TrackKind};
use crate::rational::Rational;
use crate::source::{Rotation, SoundRole};

/// The matrix of an upright picture, in 16.16 fixed point.
pub(super) const UPRIGHT: [i32; 4] = [0x1_0000, 0, 0, 0x1_0000];

/// Maximum length of a name in bytes.
const MAX_NAME: u64 = 256;

/// The flag "track enabled" of `tkhd`; muxers clear it for alternative tracks.
const ENABLED: u8 = 1;

pub(super) fn read(
    walk: &mut Walk,
    parent: Atom,
    depth: usize,
    track: &mut FileTrack,
    facts: &mut FileFacts,
) -> Result<(), Stop> {
    walk.children(parent, depth, &mut |walk, atom, depth| match &atom.name {
        b"tkhd" => header(walk, atom, track),
        b"hdlr" => {
            // Only media handlers: QuickTime has a data handler (`alis`) in a nested box.
            match &walk.view.array::<4>(atom.start + 8)? {
                b"vide" => track.kind = TrackKind::Video,
                b"soun" => track.kind = TrackKind::Audio,
                b"sbtl" | b"subt" | b"text" | b"clcp" => track.kind = TrackKind::Captions,
                _ => {}
            }
            Ok(())
        }
        b"elng" => {
            let tag = text(walk.view, atom.start + 4, atom.end)?;
            track.language = tag.as_deref().and_then(kernel::language::from_track);
            Ok(())
        }
        b"mdia" | b"minf" | b"stbl" => read(walk, atom, depth, track, facts),
        b"udta" => walk.children(atom, depth, &mut |walk, atom, _| user_data(walk.view, atom, track)),
        b"stsd" => sample_description(walk, atom, depth, track, facts),
        _ => Ok(()),
    })
}

/// The four terms of a matrix that rotate and mirror. All zeros count as upright.
pub(super) fn matrix(view: &View, at: u64) -> Result<[i32; 4], Stop> {
    let term = |index: u64| view.array(at + 4 * index).map(i32::from_be_bytes);
    let terms = [term(0)?, term(1)?, term(3)?, term(4)?];
    Ok(if terms == [0; 4] { UPRIGHT } else { terms })
}

fn header(walk: &Walk, tkhd: Atom, track: &mut FileTrack) -> Result<(), Stop> {
    let [version, _, _, flags] = walk.view.array::<4>(tkhd.start)?;
    track.flagged = flags & ENABLED != 0;
    let own = matrix(walk.view, tkhd.start + if version == 1 { 52 } else { 40 })?;
    (track.rotation, track.mirrored) = Rotation::from_matrix(product(own, walk.film_matrix));
    Ok(())
}

/// The matrix that applies `first`, then `second`.
fn product(first: [i32; 4], second: [i32; 4]) -> [i32; 4] {
    let term = |row: usize, column: usize| {
        let terms = (0..2).map(|index| i64::from(first[2 * row + index]) * i64::from(second[2 * index + column]));
        let sum = terms.sum::<i64>() >> 16;
        i32::try_from(sum).unwrap_or(if sum < 0 { i32::MIN } else { i32::MAX })
    };
    [term(0, 0), term(0, 1), term(1, 0), term(1, 1)]
}

/// `name` has the track's title from editors and FFmpeg, `kind` its role in DASH's terms.
fn user_data(view: &View, atom: Atom, track: &mut FileTrack) -> Result<(), Stop> {
    match &atom.name {
        b"name" => track.title = text(view, atom.start, atom.end)?,
        b"kind" => {
            let words = view.get(atom.start + 4, (atom.end - atom.start).saturating_sub(4).min(MAX_NAME))?;
            let mut words = words.split(|byte| *byte == 0).skip(1);
            track.role = match words.next() {
                Some(b"commentary") => SoundRole::Commentary,
                Some(b"description") => SoundRole::Description,
                _ => track.role,
            };
        }
        _ => {}
    }
    Ok(())
}

/// A text up to its first zero byte; `None` if it is empty.
fn text(view: &View, start: u64, end: u64) -> Result<Option<String>, Stop> {
    let bytes = view.get(start, end.saturating_sub(start).min(MAX_NAME))?;
    let line = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let line = String::from_utf8_lossy(line).trim().to_owned();
    Ok((!line.is_empty()).then_some(line))
}

fn sample_description(
    walk: &mut Walk,
    stsd: Atom,
    depth: usize,
    track: &mut FileTrack,
    facts: &mut FileFacts,
) -> Result<(), Stop> {
    let entries = Atom {
        start: stsd.start + 8,
        ..stsd
    };
    walk.children(entries, depth, &mut |walk, entry, depth| {
        if track.codec.is_empty() {
            track.codec = entry
                .name
                .iter()
                .map(|byte| char::from(*byte))
                .filter(char::is_ascii_graphic)
                .collect();
        }
        if matches!(&entry.name, b"encv" | b"enca" | b"enct" | b"drmi" | b"drms") {
            encrypted(facts);
        }
        // Boxes follow the fixed part of an entry: 78 bytes for video, 28 for audio.
        let fixed = if track.kind == TrackKind::Video { 78 } else { 28 };
        let inner = Atom {
            start: entry.start.saturating_add(fixed),
            ..entry
        };
        walk.children(inner, depth, &mut |walk, atom, _| {
            match &atom.name {
                b"sinf" => encrypted(facts),
                b"pasp" => {
                    track.pixel_aspect = Rational::new(walk.view.u32(atom.start)?, walk.view.u32(atom.start + 4)?);
                }
                b"dvcC" | b"dvvC" | b"dvwC" => {
                    track.dolby_vision = Some(DolbyVision::parse(walk.view.array(atom.start)?));
                }
                _ => {}
            }
            Ok(())
        })
    })
}
