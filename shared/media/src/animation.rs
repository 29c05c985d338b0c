//! Pictures that move, in formats for pages: GIF, PNG and WebP. What their structure says, without decoding a picture.

mod gif;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use gif::Scan as GifScan;
#[cfg(test)]
pub(crate) use gif::tests::gif;

/// The format of an animation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnimationKind {
    /// GIF: MediaConvert reads it as it is.
    Gif,
    /// PNG with an `acTL` chunk.
    Png,
    /// WebP with the animation flag.
    WebP,
}

impl fmt::Display for AnimationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gif => "an animated GIF",
            Self::Png => "an animated PNG",
            Self::WebP => "an animated WebP",
        })
    }
}

/// What an animation is like, played once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Animation {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// How many pictures it has.
    pub pictures: u32,
    /// How long they are shown together.
    pub duration_ms: u64,
    /// Some picture states no time, or less than players show, so that they differ in the length.
    pub has_short_delays: bool,
    /// The file ends in the middle of a picture.
    pub cut_off: bool,
}
