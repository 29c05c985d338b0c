//! Measures the media in a file: by sample tables and fragments (MP4), by the last cluster (Matroska), by the clock in the packets (MPEG
//! streams, FLV). A header may state a wrong length; a transcoder follows the media.

use super::view::{Stop, View};
use super::{ContainerKind, FileKind, clock, clusters, sample_tables};

/// The measured length of the media; `None` where it could not be measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaLength {
    /// The longest video track.
    pub picture_ms: Option<u64>,
    /// The audio tracks, in the file's order.
    pub sounds_ms: Vec<Option<u64>>,
    /// The whole file, where single tracks were not measured.
    pub whole_ms: Option<u64>,
    /// An estimate by the clock in the packets, for containers that state no length.
    pub clock_ms: Option<u64>,
}

impl MediaLength {
    /// Measures a file. Lengths that were found before the end of the file or a limit are kept.
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

/// Windows at the end of a file, smallest first: the last fragment or cluster is mostly in the first.
pub(super) fn tails(view: &View) -> impl Iterator<Item = Result<(u64, &[u8]), Stop>> {
    const SIZES: [u64; 3] = [64 * 1024, 512 * 1024, 3 * 1024 * 1024];
    let mut last = 0;
    SIZES.into_iter().filter_map(move |size| {
        let size = size.min(view.size());
        // A smaller window held the whole file.
        if size == last {
            return None;
        }
        last = size;
        let start = view.size() - size;
        Some(view.get(start, size).map(|bytes| (start, bytes)))
    })
}

/// The positions of a byte sequence.
pub(super) fn places<'a, const N: usize>(bytes: &'a [u8], word: &'a [u8; N]) -> impl Iterator<Item = usize> + 'a {
    bytes
        .windows(N)
        .enumerate()
        .filter(move |(_, window)| *window == word.as_slice())
        .map(|(place, _)| place)
}

/// Ticks of a clock in milliseconds, rounded up so that a quote is not too low.
pub(super) fn millis(ticks: u64, per_second: u64) -> Option<u64> {
    let millis = (u128::from(ticks) * 1000).div_ceil(u128::from(per_second).max(1));
    u64::try_from(millis).ok().filter(|_| per_second > 0)
}
