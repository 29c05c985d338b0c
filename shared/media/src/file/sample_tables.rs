//! The length of MP4 and MOV files: the sum of each track's samples, from `stts` and from the fragments after the index.

use std::collections::BTreeMap;

use super::isobmff::{Atom, Walk};
use super::media_length::{MediaLength, millis, places, tails};
use super::view::{Stop, View};

/// Maximum size of a table in bytes. A film of four hours with a different duration for each picture needs less.
const MAX_TABLE: u64 = 4 * 1024 * 1024;
/// A larger duration of a sample is a negative number, which players skip.
const MAX_DELTA: u32 = 0x7FFF_FFFF;

/// What matters of a track for its length.
#[derive(Default)]
struct Track {
    id: u32,
    kind: [u8; 4],
    timescale: u32,
    /// Its length in ticks, from the sample table and then from the last fragment.
    ticks: u64,
    /// Default duration of a sample in fragments.
    default_ticks: u32,
}

/// Reads the tables and, if the file is fragmented, the last fragments.
pub(super) fn read(view: &View, length: &mut MediaLength) -> Result<(), Stop> {
    let mut walk = Walk::new(view);
    let (mut tracks, mut defaults) = (Vec::new(), None);
    let (mut at, mut segments_ms) = (0, None);
    while at < view.size() {
        let atom = match walk.atom(at, view.size()) {
            Ok(atom) => atom,
            Err(Stop::End) => break,
            Err(stop) => return Err(stop),
        };
        match &atom.name {
            b"moov" => {
                defaults = moov(&mut walk, atom, &mut tracks)?;
                set_lengths(&tracks, length);
                if defaults.is_none() {
                    return Ok(());
                }
            }
            b"sidx" => segments_ms = segment_index(view, atom)?,
            b"moof" => break,
            _ => {}
        }
        at = atom.end;
    }
    let Some(defaults) = defaults else { return Ok(()) };
    for track in &mut tracks {
        track.default_ticks = defaults.get(&track.id).copied().unwrap_or_default();
    }
    length.whole_ms = segments_ms;
    last_fragments(view, &mut tracks)?;
    set_lengths(&tracks, length);
    Ok(())
}

fn set_lengths(tracks: &[Track], length: &mut MediaLength) {
    let track_ms = |track: &Track| millis(track.ticks, track.timescale.into()).filter(|millis| *millis > 0);
    length.picture_ms = tracks
        .iter()
        .filter(|track| &track.kind == b"vide")
        .filter_map(track_ms)
        .max();
    length.sounds_ms = tracks
        .iter()
        .filter(|track| &track.kind == b"soun")
        .map(track_ms)
        .collect();
}

/// Reads the tracks. Returns the default sample durations if the file is fragmented.
fn moov(walk: &mut Walk, moov: Atom, tracks: &mut Vec<Track>) -> Result<Option<BTreeMap<u32, u32>>, Stop> {
    let mut defaults = None;
    walk.children(moov, 0, &mut |walk, atom, depth| match &atom.name {
        b"trak" => {
            let mut track = Track::default();
            trak(walk, atom, depth, &mut track)?;
            tracks.push(track);
            Ok(())
        }
        b"mvex" => {
            let defaults = defaults.get_or_insert_with(BTreeMap::new);
            walk.children(atom, depth, &mut |walk, inner, _| {
                if &inner.name == b"trex" {
                    defaults.insert(walk.view.u32(inner.start + 4)?, walk.view.u32(inner.start + 12)?);
                }
                Ok(())
            })
        }
        _ => Ok(()),
    })?;
    Ok(defaults)
}

fn trak(walk: &mut Walk, parent: Atom, depth: usize, track: &mut Track) -> Result<(), Stop> {
    walk.children(parent, depth, &mut |walk, atom, depth| {
        match &atom.name {
            b"tkhd" => {
                let [version] = walk.view.array::<1>(atom.start)?;
                track.id = walk.view.u32(atom.start + if version == 1 { 20 } else { 12 })?;
            }
            b"mdhd" => {
                let [version] = walk.view.array::<1>(atom.start)?;
                track.timescale = walk.view.u32(atom.start + if version == 1 { 20 } else { 12 })?;
            }
            // QuickTime has a data handler in a nested box.
            b"hdlr" if track.kind == [0; 4] => track.kind = walk.view.array(atom.start + 8)?,
            b"mdia" | b"minf" | b"stbl" => trak(walk, atom, depth, track)?,
            b"stts" => track.ticks = time_to_sample(walk.view, atom)?,
            _ => {}
        }
        Ok(())
    })
}

/// The sum of all sample durations; 0 for a table that is too large.
fn time_to_sample(view: &View, stts: Atom) -> Result<u64, Stop> {
    let stated = u64::from(view.u32(stts.start + 4)?) * 8;
    let len = stated.min(stts.end.saturating_sub(stts.start + 8)) / 8 * 8;
    if len > MAX_TABLE {
        return Ok(0);
    }
    let entries = view.get(stts.start + 8, len)?.chunks_exact(8);
    Ok(entries.fold(0u64, |sum, entry| {
        let (count, delta) = (number(entry, 0), number(entry, 4));
        let delta = if delta > MAX_DELTA { 1 } else { delta };
        sum.saturating_add(u64::from(count) * u64::from(delta))
    }))
}

/// The sum of the segment lengths in a segment index.
fn segment_index(view: &View, sidx: Atom) -> Result<Option<u64>, Stop> {
    let [version] = view.array::<1>(sidx.start)?;
    let timescale = view.u32(sidx.start + 8)?;
    let entries = sidx.start + if version == 0 { 24 } else { 32 };
    let [high, low] = view.array::<2>(entries - 2)?;
    let stated = u64::from(u16::from_be_bytes([high, low])) * 12;
    let len = stated.min(sidx.end.saturating_sub(entries)) / 12 * 12;
    let entries = view.get(entries, len)?.chunks_exact(12);
    Ok(millis(
        entries.map(|entry| u64::from(number(entry, 4))).sum(),
        timescale.into(),
    ))
}

/// Reads the end of each track from its last fragments.
fn last_fragments(view: &View, tracks: &mut [Track]) -> Result<(), Stop> {
    for tail in tails(view) {
        let (start, bytes) = tail?;
        let mut found = false;
        for place in places(bytes, b"moof").filter(|place| *place >= 4) {
            let at = start + place as u64 - 4;
            let mut walk = Walk::new(view);
            let Ok(moof) = walk.atom(at, view.size()) else { continue };
            match fragment(&mut walk, moof, tracks) {
                Ok(()) => found = true,
                Err(Stop::End) => {}
                Err(stop) => return Err(stop),
            }
        }
        if found {
            break;
        }
    }
    Ok(())
}

fn fragment(walk: &mut Walk, moof: Atom, tracks: &mut [Track]) -> Result<(), Stop> {
    walk.children(moof, 1, &mut |walk, atom, depth| {
        if &atom.name != b"traf" {
            return Ok(());
        }
        let (mut id, mut default, mut begin, mut ticks) = (0, None, 0u64, 0u64);
        walk.children(atom, depth, &mut |walk, inner, _| {
            match &inner.name {
                b"tfhd" => {
                    let flags = walk.view.u32(inner.start)?;
                    id = walk.view.u32(inner.start + 4)?;
                    // The optional base offset and description index come first.
                    let skipped = 8 * u64::from(flags & 1) + 4 * u64::from((flags >> 1) & 1);
                    if flags & 8 != 0 {
                        default = Some(walk.view.u32(inner.start + 8 + skipped)?);
                    }
                }
                b"tfdt" => {
                    let [version] = walk.view.array::<1>(inner.start)?;
                    begin = if version == 1 {
                        walk.view.u64(inner.start + 4)?
                    } else {
                        u64::from(walk.view.u32(inner.start + 4)?)
                    };
                }
                b"trun" => {
                    let track_default = tracks
                        .iter()
                        .find(|track| track.id == id)
                        .map_or(0, |track| track.default_ticks);
                    ticks = ticks.saturating_add(run(walk.view, inner, default.unwrap_or(track_default))?);
                }
                _ => {}
            }
            Ok(())
        })?;
        for track in tracks.iter_mut().filter(|track| track.id == id) {
            track.ticks = track.ticks.max(begin.saturating_add(ticks));
        }
        Ok(())
    })
}

/// The sum of the sample durations of a run.
fn run(view: &View, trun: Atom, default: u32) -> Result<u64, Stop> {
    let flags = view.u32(trun.start)?;
    let count = u64::from(view.u32(trun.start + 4)?);
    if flags & 0x100 == 0 {
        return Ok(count.saturating_mul(default.into()));
    }
    let header = 8 + 4 * u64::from(flags & 1) + 4 * u64::from((flags >> 2) & 1);
    let size = 4 * u64::from((flags & 0xF00).count_ones());
    let len = count
        .saturating_mul(size)
        .min(trun.end.saturating_sub(trun.start + header))
        / size
        * size;
    let step = usize::try_from(size).map_err(|_| Stop::End)?;
    let entries = view.get(trun.start + header, len)?.chunks_exact(step);
    Ok(entries.map(|entry| u64::from(number(entry, 0))).sum())
}

fn number(entry: &[u8], at: usize) -> u32 {
    let bytes = entry.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u32::from_be_bytes)
}
