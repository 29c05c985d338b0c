//! Inspects a file's own bytes: its kind, and whether it is encrypted, truncated or rotated.
//!
//! MediaConvert's Probe does not report encryption, and would follow a playlist to other files. So this reader inspects the uploaded bytes
//! first. It does no input or output: [`Inspection::next`] returns the range that it needs, the caller fetches it and calls
//! [`Inspection::feed`], until it is done. Nothing in the file is trusted: sizes are clipped to their parents, and bytes, reads, depth and
//! boxes are limited.

mod animation;
mod clock;
mod clusters;
mod init;
mod isobmff;
mod magic;
mod matroska;
mod media_length;
mod mpegts;
mod sample_tables;
mod track;
mod view;

pub use init::{InitFacts, init_facts};
pub use magic::{ContainerKind, FileKind};
pub use media_length::MediaLength;
use view::{Stop, View};

use crate::rational::Rational;
use crate::source::{Rotation, SoundRole};

/// Maximum number of ranges that are read of one file.
const MAX_READS: usize = 40;
/// Maximum number of bytes that are read of one file.
const MAX_BYTES: u64 = 8 * 1024 * 1024;
/// Minimum size of a range, in bytes: headers are close together.
const WINDOW: u64 = 64 * 1024;

/// The facts that a file's bytes state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// The kind of the file.
    pub kind: FileKind,
    /// The encryption scheme, if it is encrypted: `cenc`, `Matroska ContentEncryption` …
    pub encryption: Option<String>,
    /// The tracks that were found.
    pub tracks: Vec<FileTrack>,
    /// Bytes that are missing from the stated size: the file was truncated.
    pub missing_bytes: u64,
    /// The file has an index and no media.
    pub index_only: bool,
    /// The duration that the file's index states.
    pub duration_ms: Option<u64>,
    /// The file is fragmented, so that its total length is not stated.
    pub fragmented: bool,
    /// The index was read to its end, so that `tracks` is complete.
    pub complete: bool,
    /// The measured length of the media.
    pub media: MediaLength,
}

/// One track.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTrack {
    /// The kind of the track.
    pub kind: TrackKind,
    /// The sample entry (`avc1`, `mp4a`) or Matroska's codec id.
    pub codec: String,
    /// The clockwise rotation that makes it upright.
    pub rotation: Rotation,
    /// Whether left and right have to be swapped after the rotation.
    pub mirrored: bool,
    /// Pixel aspect ratio, width over height, if stated.
    pub pixel_aspect: Option<Rational>,
    /// Its title in the file.
    pub title: Option<String>,
    /// The role of a sound track.
    pub role: SoundRole,
    /// Whether the file flags it as the default.
    pub flagged: bool,
    /// Its language, where the file states it as a BCP 47 tag.
    pub language: Option<String>,
    /// Its Dolby Vision record, if it has one.
    pub dolby_vision: Option<DolbyVision>,
}

/// The fields that matter of a `DOVIDecoderConfigurationRecord`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DolbyVision {
    /// The profile: 5, 7, 8 …
    pub profile: u8,
    /// The format of the base layer. With 0, other screens cannot show the picture.
    pub compatibility: u8,
}

impl DolbyVision {
    /// Parses a `dvcC` or `dvvC` box, or Matroska's block addition of the same name.
    pub(crate) fn parse(record: [u8; 5]) -> Self {
        Self {
            profile: record[2] >> 1,
            compatibility: record[4] >> 4,
        }
    }
}

/// The kind of a track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrackKind {
    /// Video.
    Video,
    /// Audio.
    Audio,
    /// Subtitles.
    Captions,
    /// Timecodes, metadata and others.
    #[default]
    Other,
}

/// What an inspection needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Read this range and call [`Inspection::feed`].
    Read {
        /// Offset of the first byte.
        offset: u64,
        /// Number of bytes, at least 1, within the file.
        len: u64,
    },
    /// The inspection is done.
    Done(FileFacts),
}

/// An inspection in progress.
#[derive(Clone, Debug)]
pub struct Inspection {
    view: View,
    reads: usize,
}

impl Inspection {
    /// Begins the inspection of a file of `size` bytes.
    #[must_use]
    pub const fn new(size: u64) -> Self {
        Self {
            view: View::new(size),
            reads: 0,
        }
    }

    /// What to do next. Parses all bytes that were read again from the start: headers are few, and the parsers need no state.
    #[must_use]
    pub fn next(&self) -> Progress {
        let mut facts = FileFacts::default();
        let parsed = self.parse(&mut facts);
        facts.complete = parsed.is_ok();
        if let Some(read) = parsed.err().and_then(|stop| self.read_for(stop)) {
            return read;
        }
        // The length is measured last, so that a file without one still has all other facts.
        let measured = facts.media.read(&self.view, facts.kind);
        match measured.err().and_then(|stop| self.read_for(stop)) {
            Some(read) => read,
            None => Progress::Done(facts),
        }
    }

    /// The range to read, if a limit allows it.
    fn read_for(&self, stop: Stop) -> Option<Progress> {
        let Stop::Need { offset, len } = stop else { return None };
        let allowed = self.reads < MAX_READS && self.view.held() + len <= MAX_BYTES;
        allowed.then(|| Progress::Read {
            offset,
            len: len
                .max(WINDOW)
                .min(MAX_BYTES - self.view.held())
                .min(self.view.size() - offset),
        })
    }

    /// Adds the bytes that were read at `offset`. Fewer bytes than requested mean that the file ends there.
    pub fn feed(&mut self, offset: u64, bytes: Vec<u8>) {
        self.reads += 1;
        self.view.add(offset, bytes);
    }

    fn parse(&self, facts: &mut FileFacts) -> Result<(), Stop> {
        let head = self.view.head()?;
        facts.kind = magic::kind(head, self.view.size());
        match facts.kind {
            FileKind::Container(ContainerKind::IsoBmff) => isobmff::read(&self.view, facts),
            FileKind::Container(ContainerKind::Matroska) => matroska::read(&self.view, facts),
            FileKind::Container(ContainerKind::MpegTs { packet }) => {
                mpegts::read(head, packet, facts);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// A duration in whole milliseconds, if it is valid: finite, above zero, below a century.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked"
)]
pub(crate) fn whole_millis(millis: f64) -> Option<u64> {
    (millis.is_finite() && millis > 0.0 && millis < 3.2e12).then(|| millis.round().max(1.0) as u64)
}

#[cfg(test)]
mod media_length_tests;
#[cfg(test)]
pub(crate) mod tests;
