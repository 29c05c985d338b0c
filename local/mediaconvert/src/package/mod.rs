//! MediaConvert's segments, playlists and names, from FFmpeg's output.

pub(super) mod fmp4;
pub(super) mod names;
pub(super) mod playlists;
pub(super) mod segments;
pub(super) mod transport_stream;
