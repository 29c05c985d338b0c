//! Animations for web pages: GIF, PNG and WebP. Their facts are read from their structure, without decoding a picture.

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
    /// GIF, which MediaConvert reads.
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

/// The facts of an animation that is played once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Animation {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The number of its pictures.
    pub pictures: u32,
    /// How long all of them are shown.
    pub duration_ms: u64,
    /// A picture states no delay, or a shorter one than players show. So players differ in the animation's length.
    pub has_short_delays: bool,
    /// The file ends within a picture.
    pub cut_off: bool,
}
