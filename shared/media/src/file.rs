//! What a file says of itself, read from its own bytes: its kind, whether it is encrypted, cut short or turned.
//!
//! MediaConvert's Probe has no word for encryption, and would follow a playlist to other files; so the uploaded bytes
//! are looked at first, by this reader. It is a state machine without input or output of its own: ask [`Inspection::next`]
//! what it needs, fetch that range, [`Inspection::feed`] it, until it is done. Nothing that the file claims is trusted:
//! sizes are clipped to their parents, and bytes, reads, depth and boxes are limited.

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

/// No more ranges than this are read of one file.
const MAX_READS: usize = 40;
/// No more bytes than this are read of one file.
const MAX_BYTES: u64 = 8 * 1024 * 1024;
/// Ranges are read in pieces of at least this size: headers lie close together.
const WINDOW: u64 = 64 * 1024;

/// What the bytes say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// What kind of file it is.
    pub kind: FileKind,
    /// How it is encrypted, if it is: `cenc`, `Matroska ContentEncryption` …
    pub encryption: Option<String>,
    /// The tracks, as far as they were found.
    pub tracks: Vec<FileTrack>,
    /// Bytes that the file says it has and has not: it was cut off.
    pub missing_bytes: u64,
    /// There is an index and no media: the film itself is missing.
    pub index_only: bool,
    /// The duration that the file's index states.
    pub duration_ms: Option<u64>,
    /// The file is written in fragments, whose total length stands nowhere.
    pub fragmented: bool,
    /// The index was read to its end, so that what is not in `tracks` does not exist.
    pub complete: bool,
    /// How long the media is, whatever the index states.
    pub media: MediaLength,
}

/// One track.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTrack {
    /// Picture, sound or something else.
    pub kind: TrackKind,
    /// The sample entry (`avc1`, `mp4a`) or Matroska's codec id.
    pub codec: String,
    /// How far it has to be turned clockwise.
    pub rotation: Rotation,
    /// Whether it has to be mirrored, left and right, after that turn.
    pub mirrored: bool,
    /// Width of a pixel over its height, if stated.
    pub pixel_aspect: Option<Rational>,
    /// What the file calls it.
    pub title: Option<String>,
    /// What a sound track is for.
    pub role: SoundRole,
    /// Whether the file says that it is played first.
    pub flagged: bool,
    /// Its language, where the file states it as a BCP 47 tag.
    pub language: Option<String>,
    /// How its Dolby Vision layer relates to an ordinary picture.
    pub dolby_vision: Option<DolbyVision>,
}

/// `DOVIDecoderConfigurationRecord`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DolbyVision {
    /// 5, 7, 8 …
    pub profile: u8,
    /// What the picture is without the Dolby layer: 0 is nothing that another screen can show.
    pub compatibility: u8,
}

impl DolbyVision {
    /// Reads a `dvcC` or `dvvC` box, or Matroska's block addition of the same name.
    pub(crate) fn parse(record: [u8; 5]) -> Self {
        Self {
            profile: record[2] >> 1,
            compatibility: record[4] >> 4,
        }
    }
}

/// What a track holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrackKind {
    /// Moving pictures.
    Video,
    /// Sound.
    Audio,
    /// Subtitles.
    Captions,
    /// Timecodes, metadata.
    #[default]
    Other,
}

/// The next thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Read this range and [`Inspection::feed`] it.
    Read {
        /// The first byte.
        offset: u64,
        /// How many; never 0, never beyond the end of the file.
        len: u64,
    },
    /// There is nothing more to find.
    Done(FileFacts),
}

/// An inspection under way.
#[derive(Clone, Debug)]
pub struct Inspection {
    view: View,
    reads: usize,
}

impl Inspection {
    /// Begins with a file of `size` bytes.
    #[must_use]
    pub const fn new(size: u64) -> Self {
        Self {
            view: View::new(size),
            reads: 0,
        }
    }

    /// What to do next. Looks again from the start with what has been read so far: headers are few, and a parser
    /// without state has no states to get wrong.
    #[must_use]
    pub fn next(&self) -> Progress {
        let mut facts = FileFacts::default();
        let looked = self.look(&mut facts);
        facts.complete = looked.is_ok();
        if let Some(step) = looked.err().and_then(|stop| self.more(stop)) {
            return step;
        }
        // The length comes last: a file in which it cannot be found is known in all else.
        let measured = facts.media.read(&self.view, facts.kind);
        match measured.err().and_then(|stop| self.more(stop)) {
            Some(step) => step,
            None => Progress::Done(facts),
        }
    }

    /// The range to read, if more may be read.
    fn more(&self, stop: Stop) -> Option<Progress> {
        let Stop::Need { offset, len } = stop else { return None };
        let may = self.reads < MAX_READS && self.view.held() + len <= MAX_BYTES;
        may.then(|| Progress::Read {
            offset,
            len: len
                .max(WINDOW)
                .min(MAX_BYTES - self.view.held())
                .min(self.view.size() - offset),
        })
    }

    /// Hands over what was read at `offset`. Fewer bytes than asked for mean that the file ends there.
    pub fn feed(&mut self, offset: u64, bytes: Vec<u8>) {
        self.reads += 1;
        self.view.add(offset, bytes);
    }

    fn look(&self, facts: &mut FileFacts) -> Result<(), Stop> {
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

/// A duration in whole milliseconds, if it is one: finite, above zero, below a century.
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
