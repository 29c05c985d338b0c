//! The media playlist of one rendition: the files that it names, and its faults.

use std::collections::BTreeMap;

use m3u8_rs::{ByteRange, KeyMethod, MediaPlaylist, MediaSegment};

use super::uri::Base;
use super::{Fault, MAX_PLAYLIST_BYTES};

/// Maximum number of segments: more than a day of one-second segments.
const MAX_SEGMENTS: usize = 100_000;

/// A rendition's playlist.
pub(super) struct Playlist {
    pub(super) key: String,
    pub(super) inits: Vec<String>,
    segments: Vec<Segment>,
    parsed: MediaPlaylist,
}

struct Segment {
    file: File,
    micros: u64,
}

/// A file, or a byte range of one.
pub(super) struct File {
    pub(super) key: String,
    /// Length of the byte range.
    pub(super) len: u64,
    /// End of the byte range in the file; 0 for a whole file.
    pub(super) end: u64,
}

impl Playlist {
    pub(super) fn parse(prefix: &str, key: &str, text: &str) -> Result<Self, Fault> {
        let unreadable = || Fault::PlaylistUnreadable { key: key.to_owned() };
        if text.len() > MAX_PLAYLIST_BYTES || !text.starts_with("#EXTM3U") {
            return Err(unreadable());
        }
        let (_, playlist) = m3u8_rs::parse_media_playlist(text.as_bytes()).map_err(|_| unreadable())?;
        if playlist.segments.is_empty() || playlist.segments.len() > MAX_SEGMENTS {
            return Err(unreadable());
        }

        let base = Base::from_key(prefix, key);
        let (mut inits, mut segments, mut last_end) = (Vec::new(), Vec::new(), 0);
        for segment in &playlist.segments {
            if let Some(map) = &segment.map {
                let init = base.resolve(&map.uri)?;
                if !inits.contains(&init) {
                    inits.push(init);
                }
            }
            let file = file(base.resolve(&segment.uri)?, segment.byte_range.as_ref(), last_end);
            last_end = file.end;
            segments.push(Segment {
                file,
                micros: micros(segment.duration),
            });
        }
        Ok(Self {
            key: key.to_owned(),
            inits,
            segments,
            parsed: playlist,
        })
    }

    /// The initialization segments and the segments.
    pub(super) fn files(&self) -> impl Iterator<Item = File> {
        let inits = self.inits.iter().map(|key| File {
            key: key.clone(),
            len: 0,
            end: 0,
        });
        inits.chain(self.segments.iter().map(|segment| File {
            key: segment.file.key.clone(),
            ..segment.file
        }))
    }

    /// The length of the rendition.
    pub(super) fn micros(&self) -> u64 {
        self.segments.iter().map(|segment| segment.micros).sum()
    }

    /// The start of each segment.
    pub(super) fn starts(&self) -> impl Iterator<Item = u64> {
        self.segments.iter().scan(0, |clock, segment| {
            let start = *clock;
            *clock += segment.micros;
            Some(start)
        })
    }

    /// The lengths of all segments but the last.
    pub(super) fn inner_lengths(&self) -> impl Iterator<Item = u64> {
        let inner = self.segments.len().saturating_sub(1);
        self.segments.iter().take(inner).map(|segment| segment.micros)
    }

    /// The faults of the playlist itself.
    pub(super) fn faults(&self) -> Vec<Fault> {
        let mut found: Vec<&str> = Vec::new();
        let playlist = &self.parsed;
        let any = |wrong: fn(&MediaSegment) -> bool| playlist.segments.iter().any(wrong);
        if !playlist.end_list {
            found.push("does not end");
        }
        if playlist.i_frames_only {
            found.push("has key frames only");
        }
        if self.inits.len() != 1 {
            found.push("does not name one initialization segment");
        }
        if playlist.segments.first().is_some_and(|segment| segment.map.is_none()) {
            found.push("has segments before its initialization segment");
        }
        if any(|segment| segment.discontinuity) {
            found.push("has a discontinuity");
        }
        if any(|segment| segment.unknown_tags.iter().any(|tag| tag.tag == "X-GAP")) {
            found.push("has a gap");
        }
        if any(|segment| segment.key.as_ref().is_some_and(|key| key.method != KeyMethod::None)) {
            found.push("is encrypted");
        }
        if self.segments.iter().any(|segment| segment.micros == 0) {
            found.push("has a segment without length");
        }
        // RFC 8216, 4.3.3.1: rounded to the nearest second, no segment is longer than the target.
        let longest = self.segments.iter().map(|segment| segment.micros).max().unwrap_or(0);
        if (longest + 500_000) / 1_000_000 > playlist.target_duration {
            found.push("has a segment longer than its target duration");
        }
        if self.repeats() {
            found.push("names a segment twice");
        }
        found
            .into_iter()
            .map(|what| Fault::PlaylistWrong {
                key: self.key.clone(),
                what: what.to_owned(),
            })
            .collect()
    }

    /// Whether a segment occurs twice, which would hide a gap.
    fn repeats(&self) -> bool {
        let mut parts: Vec<(&str, u64)> = self
            .segments
            .iter()
            .map(|segment| (segment.file.key.as_str(), segment.file.end))
            .collect();
        parts.sort_unstable();
        parts.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// The average bits a second, and the peak over segments of at least half the target duration.
    pub(super) fn bit_rates(&self, objects: &BTreeMap<String, u64>) -> (u64, u64) {
        let size = |segment: &Segment| match segment.file.end {
            0 => objects.get(&segment.file.key).copied().unwrap_or(0),
            _ => segment.file.len,
        };
        let rate = |bytes: u64, micros: u64| {
            u64::try_from(u128::from(bytes) * 8_000_000 / u128::from(micros.max(1))).unwrap_or(u64::MAX)
        };
        let half_target = self.parsed.target_duration.saturating_mul(500_000);
        // A film shorter than half a target duration is too short to measure bandwidth.
        if self.micros() < half_target {
            return (0, 0);
        }
        let bytes = self.segments.iter().map(size).fold(0, u64::saturating_add);
        let measured = self.segments.iter().filter(|segment| segment.micros >= half_target);
        let peak = measured
            .map(|segment| rate(size(segment), segment.micros))
            .max()
            .unwrap_or(0);
        (rate(bytes, self.micros()), peak)
    }
}

/// The file of a segment. A byte range without an offset continues after the one before it.
fn file(key: String, range: Option<&ByteRange>, last_end: u64) -> File {
    let Some(range) = range else {
        return File { key, len: 0, end: 0 };
    };
    let end = range.offset.unwrap_or(last_end).saturating_add(range.length);
    File {
        key,
        len: range.length,
        end,
    }
}

/// A duration in whole microseconds; 0 for an invalid one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked"
)]
fn micros(seconds: f32) -> u64 {
    let micros = f64::from(seconds) * 1_000_000.0;
    if micros.is_finite() && micros > 0.0 && micros < 1e12 {
        micros.round() as u64
    } else {
        0
    }
}
