//! From what FFmpeg writes to what MediaConvert writes: segments, playlists, names.

pub(super) mod fmp4;
pub(super) mod names;
pub(super) mod playlists;
pub(super) mod segments;
pub(super) mod transport_stream;
