//! Matroska and WebM: the segment's size, its duration and its tracks' content encodings.

use super::view::{Stop, View};
use super::{DolbyVision, FileFacts, FileTrack, TrackKind};
use crate::source::SoundRole;

/// Maximum number of elements that are read.
pub(super) const MAX_ELEMENTS: usize = 4096;

const EBML: u64 = 0x1A45_DFA3;
pub(super) const SEGMENT: u64 = 0x1853_8067;
pub(super) const INFO: u64 = 0x1549_A966;
pub(super) const TIMESTAMP_SCALE: u64 = 0x2A_D7B1;
const DURATION: u64 = 0x4489;
pub(super) const TRACKS: u64 = 0x1654_AE6B;
const TRACK_ENTRY: u64 = 0xAE;
pub(super) const TRACK_TYPE: u64 = 0x83;
const CODEC_ID: u64 = 0x86;
const NAME: u64 = 0x53_6E;
const LANGUAGE_BCP47: u64 = 0x22_B59D;
const FLAG_DEFAULT: u64 = 0x88;
const FLAG_COMMENTARY: u64 = 0x55_AF;
const FLAG_VISUAL_IMPAIRED: u64 = 0x55_AC;
const BLOCK_ADDITION_MAPPING: u64 = 0x41_E4;
const BLOCK_ADD_ID_TYPE: u64 = 0x41_E7;
const BLOCK_ADD_ID_EXTRA_DATA: u64 = 0x41_ED;
const CONTENT_ENCODINGS: u64 = 0x6D80;
const CONTENT_ENCODING: u64 = 0x6240;
const CONTENT_ENCRYPTION: u64 = 0x5035;
pub(super) const CLUSTER: u64 = 0x1F43_B675;

/// An element: its id and the range of its content. An element of unknown size (live streams) ends with its parent.
#[derive(Clone, Copy)]
pub(super) struct Element {
    pub(super) id: u64,
    pub(super) start: u64,
    pub(super) end: u64,
    /// Its stated size, if it is known.
    stated: Option<u64>,
}

pub(super) fn read(view: &View, facts: &mut FileFacts) -> Result<(), Stop> {
    let mut budget = MAX_ELEMENTS;
    for element in children(view, 0, view.size(), &mut budget, Some(SEGMENT))? {
        if element.id == SEGMENT {
            let stated_end = element.stated.map(|size| element.start.saturating_add(size));
            facts.missing_bytes = stated_end.map_or(0, |end| end.saturating_sub(view.size()));
            return segment(view, element, facts, &mut budget);
        }
    }
    Ok(())
}

fn segment(view: &View, segment: Element, facts: &mut FileFacts, budget: &mut usize) -> Result<(), Stop> {
    // In files that can be streamed, all headers precede the first cluster.
    for element in children(view, segment.start, segment.end, budget, Some(CLUSTER))? {
        match element.id {
            INFO => info(view, element, facts, budget)?,
            TRACKS => {
                for entry in children(view, element.start, element.end, budget, None)? {
                    if entry.id == TRACK_ENTRY {
                        track(view, entry, facts, budget)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn info(view: &View, info: Element, facts: &mut FileFacts, budget: &mut usize) -> Result<(), Stop> {
    let (mut scale, mut duration) = (1_000_000.0, None);
    for element in children(view, info.start, info.end, budget, None)? {
        match element.id {
            TIMESTAMP_SCALE => scale = number(view, element)?,
            DURATION => duration = Some(float(view, element)?),
            _ => {}
        }
    }
    let millis = duration.map(|duration| duration * scale / 1_000_000.0);
    facts.duration_ms = millis.and_then(crate::file::whole_millis);
    Ok(())
}

fn track(view: &View, entry: Element, facts: &mut FileFacts, budget: &mut usize) -> Result<(), Stop> {
    let mut track = FileTrack {
        // The flag's default.
        flagged: true,
        ..FileTrack::default()
    };
    for element in children(view, entry.start, entry.end, budget, None)? {
        match element.id {
            TRACK_TYPE => {
                track.kind = match view.get(element.start, element.end - element.start)?.last() {
                    Some(1) => TrackKind::Video,
                    Some(2) => TrackKind::Audio,
                    Some(0x11) => TrackKind::Captions,
                    _ => TrackKind::Other,
                }
            }
            CODEC_ID => track.codec = text(view, element, 64)?,
            NAME => track.title = Some(text(view, element, 256)?).filter(|name| !name.is_empty()),
            LANGUAGE_BCP47 => track.language = kernel::language::from_track(&text(view, element, 64)?),
            FLAG_DEFAULT => track.flagged = is_set(view, element)?,
            FLAG_COMMENTARY if is_set(view, element)? => track.role = SoundRole::Commentary,
            FLAG_VISUAL_IMPAIRED if is_set(view, element)? => track.role = SoundRole::Description,
            BLOCK_ADDITION_MAPPING => {
                let parts = children(view, element.start, element.end, budget, None)?;
                track.dolby_vision = dolby_vision(view, &parts)?.or(track.dolby_vision);
            }
            CONTENT_ENCODINGS => {
                for encoding in children(view, element.start, element.end, budget, None)? {
                    let parts = children(view, encoding.start, encoding.end, budget, None)?;
                    let encrypted = parts.iter().any(|part| part.id == CONTENT_ENCRYPTION);
                    if encoding.id == CONTENT_ENCODING && encrypted {
                        facts.encryption = Some("Matroska ContentEncryption".into());
                    }
                }
            }
            _ => {}
        }
    }
    facts.tracks.push(track);
    Ok(())
}

/// The Dolby Vision record of a block addition mapping, if it is of that type.
fn dolby_vision(view: &View, parts: &[Element]) -> Result<Option<DolbyVision>, Stop> {
    const TYPES: [&[u8]; 3] = [b"dvcC", b"dvvC", b"dvwC"];
    let part = |id| parts.iter().find(|part| part.id == id);
    let (Some(kind), Some(record)) = (part(BLOCK_ADD_ID_TYPE), part(BLOCK_ADD_ID_EXTRA_DATA)) else {
        return Ok(None);
    };
    let kind = view.get(kind.start, (kind.end - kind.start).min(8))?;
    if !TYPES.contains(&kind) || record.end - record.start < 5 {
        return Ok(None);
    }
    Ok(Some(DolbyVision::parse(view.array(record.start)?)))
}

fn text(view: &View, element: Element, max_bytes: u64) -> Result<String, Stop> {
    let bytes = view.get(element.start, (element.end - element.start).min(max_bytes))?;
    Ok(String::from_utf8_lossy(bytes).trim_end_matches('\0').trim().to_owned())
}

fn is_set(view: &View, element: Element) -> Result<bool, Stop> {
    let bytes = view.get(element.start, (element.end - element.start).min(8))?;
    Ok(bytes.iter().any(|byte| *byte != 0))
}

/// The elements between two offsets, up to and including the first one with the id `last`.
pub(super) fn children(
    view: &View,
    start: u64,
    end: u64,
    budget: &mut usize,
    last: Option<u64>,
) -> Result<Vec<Element>, Stop> {
    let (mut at, mut found) = (start, Vec::new());
    while at < end {
        *budget = budget.checked_sub(1).ok_or(Stop::End)?;
        let element = element(view, at, end)?;
        found.push(element);
        if Some(element.id) == last || (element.id != EBML && element.stated.is_none()) {
            break;
        }
        at = element.end;
    }
    Ok(found)
}

/// The element at an offset, clipped to its parent's end.
pub(super) fn element(view: &View, at: u64, end: u64) -> Result<Element, Stop> {
    let (id, id_len) = vint(view, at, end, false)?;
    let (size, size_len) = vint(view, at + id_len, end, true)?;
    let content = at + id_len + size_len;
    let unknown = size == (1u64 << (7 * size_len)) - 1;
    let stated = (!unknown).then_some(size);
    Ok(Element {
        id,
        start: content,
        end: stated.map_or(end, |size| content.saturating_add(size).min(end)),
        stated,
    })
}

/// The variable-length integer at `at`, and its length in bytes. The marker bit is part of ids and not of sizes.
pub(super) fn vint(view: &View, at: u64, end: u64, strip_marker: bool) -> Result<(u64, u64), Stop> {
    let [first] = view.array::<1>(at)?;
    let len = u64::from(first.leading_zeros()) + 1;
    if len > 8 || at + len > end {
        return Err(Stop::End);
    }
    let bytes = view.get(at, len)?;
    let value = bytes.iter().fold(0u64, |value, byte| (value << 8) | u64::from(*byte));
    let marker = 1u64 << (7 * len);
    Ok((if strip_marker { value & !marker } else { value }, len))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a time scale: any that matters is far below 2^52"
)]
fn number(view: &View, element: Element) -> Result<f64, Stop> {
    let bytes = view.get(element.start, (element.end - element.start).min(8))?;
    Ok(bytes.iter().fold(0u64, |value, byte| (value << 8) | u64::from(*byte)) as f64)
}

fn float(view: &View, element: Element) -> Result<f64, Stop> {
    match element.end - element.start {
        4 => view
            .array(element.start)
            .map(|bytes| f64::from(f32::from_be_bytes(bytes))),
        8 => view.array(element.start).map(f64::from_be_bytes),
        _ => Ok(0.0),
    }
}
