//! The formats in which FFmpeg writes the outputs of a job.

/// How FFmpeg writes an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputFormat {
    /// One growing fragmented MP4 file, which we cut into segments.
    FragmentedMp4,
    /// MPEG-TS segments with a growing playlist.
    TransportStream,
    /// One MP4 file.
    Mp4,
    /// Numbered JPEG files.
    Jpegs,
}
