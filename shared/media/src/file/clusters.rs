//! The length of Matroska and WebM files: the end of the last block of the last cluster.

use super::matroska::{self, Element, children};
use super::media_length::{MediaLength, places, tails};
use super::view::{Stop, View};

const CLUSTER: [u8; 4] = [0x1F, 0x43, 0xB6, 0x75];
const TIMESTAMP: u64 = 0xE7;
const SIMPLE_BLOCK: u64 = 0xA3;
const BLOCK_GROUP: u64 = 0xA0;
const BLOCK: u64 = 0xA1;
const BLOCK_DURATION: u64 = 0x9B;
const TRACK_NUMBER: u64 = 0xD7;
/// Maximum number of elements that are read of one cluster.
const MAX_ELEMENTS: usize = 100_000;

pub(super) fn read(view: &View, length: &mut MediaLength) -> Result<(), Stop> {
    let mut budget = matroska::MAX_ELEMENTS;
    let segment = children(view, 0, view.size(), &mut budget, Some(matroska::SEGMENT))?;
    let Some(segment) = segment.into_iter().find(|element| element.id == matroska::SEGMENT) else {
        return Ok(());
    };
    let (mut scale, mut shown) = (1_000_000, Vec::new());
    for element in children(view, segment.start, segment.end, &mut budget, Some(matroska::CLUSTER))? {
        match element.id {
            matroska::INFO => {
                for inner in children(view, element.start, element.end, &mut budget, None)? {
                    if inner.id == matroska::TIMESTAMP_SCALE {
                        scale = whole(view, inner)?;
                    }
                }
            }
            matroska::TRACKS => {
                for entry in children(view, element.start, element.end, &mut budget, None)? {
                    shown.extend(track(view, entry, &mut budget)?);
                }
            }
            _ => {}
        }
    }

    for tail in tails(view) {
        let (start, bytes) = tail?;
        let mut last = None;
        for place in places(bytes, &CLUSTER) {
            match cluster_end(view, start + place as u64, &shown) {
                Ok(end) => last = last.max(end),
                Err(Stop::End) => {}
                Err(stop) => return Err(stop),
            }
        }
        if let Some(ticks) = last {
            let nanos = u128::from(ticks) * u128::from(scale);
            length.whole_ms = u64::try_from(nanos.div_ceil(1_000_000)).ok();
            break;
        }
    }
    Ok(())
}

/// The number of a track, if it is video or audio: subtitles do not make a film longer.
fn track(view: &View, entry: Element, budget: &mut usize) -> Result<Option<u64>, Stop> {
    let (mut number, mut kind) = (None, 0);
    for element in children(view, entry.start, entry.end, budget, None)? {
        match element.id {
            TRACK_NUMBER => number = Some(whole(view, element)?),
            matroska::TRACK_TYPE => kind = whole(view, element)?,
            _ => {}
        }
    }
    Ok(number.filter(|_| matches!(kind, 1 | 2)))
}

/// The end of the last block of a possible cluster; `None` if the bytes are not a cluster.
fn cluster_end(view: &View, at: u64, shown: &[u64]) -> Result<Option<u64>, Stop> {
    let mut budget = MAX_ELEMENTS;
    let cluster = matroska::element(view, at, view.size())?;
    let (mut begin, mut end) = (None, None);
    let mut at = cluster.start;
    while at < cluster.end && budget > 0 {
        budget -= 1;
        let element = match matroska::element(view, at, cluster.end) {
            Ok(element) => element,
            Err(Stop::End) => break,
            Err(stop) => return Err(stop),
        };
        match element.id {
            TIMESTAMP => {
                let ticks = whole(view, element)?;
                (begin, end) = (Some(ticks), end.max(Some(ticks)));
            }
            SIMPLE_BLOCK => end = end.max(block(view, element, begin, shown)?),
            BLOCK_GROUP => end = end.max(group(view, element, begin, shown)?),
            // A cluster of unknown size ends at the next cluster.
            matroska::CLUSTER => break,
            _ => {}
        }
        at = element.end;
    }
    // Bytes that only look like the id of a cluster are not followed by a timestamp.
    Ok(end.filter(|_| begin.is_some()))
}

fn group(view: &View, group: Element, begin: Option<u64>, shown: &[u64]) -> Result<Option<u64>, Stop> {
    let (mut time, mut duration) = (None, 0);
    for element in children(view, group.start, group.end, &mut 64, None)? {
        match element.id {
            BLOCK => time = block(view, element, begin, shown)?,
            BLOCK_DURATION => duration = whole(view, element)?,
            _ => {}
        }
    }
    Ok(time.map(|time| time.saturating_add(duration)))
}

/// The start of a block of a shown track: the cluster's timestamp plus a signed offset.
fn block(view: &View, element: Element, begin: Option<u64>, shown: &[u64]) -> Result<Option<u64>, Stop> {
    let (track, len) = matroska::vint(view, element.start, element.end, true)?;
    let offset = i16::from_be_bytes(view.array(element.start + len)?);
    let is_shown = shown.is_empty() || shown.contains(&track);
    Ok(begin
        .filter(|_| is_shown)
        .map(|begin| begin.saturating_add_signed(offset.into())))
}

fn whole(view: &View, element: Element) -> Result<u64, Stop> {
    let bytes = view.get(element.start, (element.end - element.start).min(8))?;
    Ok(bytes.iter().fold(0u64, |value, byte| (value << 8) | u64::from(*byte)))
}
