//! How long the media in a file is, whatever its header states: by sample tables and fragments (MP4), by the last cluster
//! (Matroska), by the clock in the packets (MPEG streams, FLV). A header costs nothing to change; what a transcoder follows is this.

use super::view::{Stop, View};
use super::{ContainerKind, FileKind, clock, clusters, sample_tables};

/// How long the media is. What could not be found is `None`, and proves nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaLength {
    /// The longest picture.
    pub picture_ms: Option<u64>,
    /// The sound tracks, in the file's order.
    pub sounds_ms: Vec<Option<u64>>,
    /// All of it together, where it is not known of single tracks.
    pub whole_ms: Option<u64>,
    /// By the clock in the packets, for containers that state no length: near the truth, not exact.
    pub clock_ms: Option<u64>,
}

impl MediaLength {
    /// Reads it; what was found before the file or a limit ended stays.
    pub(super) fn read(&mut self, view: &View, kind: FileKind) -> Result<(), Stop> {
        match kind {
            FileKind::Container(ContainerKind::IsoBmff) => sample_tables::read(view, self),
            FileKind::Container(ContainerKind::Matroska) => clusters::read(view, self),
            FileKind::Container(ContainerKind::MpegTs { packet }) => clock::read(view, clock::transport(packet), self),
            FileKind::Container(ContainerKind::Other) => match view.head()? {
                [0, 0, 1, 0xBA, ..] => clock::read(view, clock::program, self),
                [b'F', b'L', b'V', ..] => clock::read_flv(view, self),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

/// Windows at the end of a file, smallest first: what is looked for is mostly in the first.
pub(super) fn tails(view: &View) -> impl Iterator<Item = Result<(u64, &[u8]), Stop>> {
    const SIZES: [u64; 3] = [64 * 1024, 512 * 1024, 3 * 1024 * 1024];
    let mut last = 0;
    SIZES.into_iter().filter_map(move |size| {
        let size = size.min(view.size());
        // A file smaller than a window was looked at whole.
        if size == last {
            return None;
        }
        last = size;
        let start = view.size() - size;
        Some(view.get(start, size).map(|bytes| (start, bytes)))
    })
}

/// The places of a word in bytes.
pub(super) fn places<'a, const N: usize>(bytes: &'a [u8], word: &'a [u8; N]) -> impl Iterator<Item = usize> + 'a {
    bytes
        .windows(N)
        .enumerate()
        .filter(move |(_, window)| *window == word.as_slice())
        .map(|(place, _)| place)
}

/// Ticks of a clock as milliseconds, rounded up: what is billed is never less.
pub(super) fn millis(ticks: u64, per_second: u64) -> Option<u64> {
    let millis = (u128::from(ticks) * 1000).div_ceil(u128::from(per_second).max(1));
    u64::try_from(millis).ok().filter(|_| per_second > 0)
}
