//! The ladder: the encodes that are planned for a source. A pure function of [`SourceFacts`].
//!
//! The picture is fitted into boxes (1080p is 1920x1080, rotated for portrait), so that wide, tall and square pictures keep their shape. A
//! picture is never enlarged: MediaConvert would silently scale up and pad.

use serde::{Deserialize, Serialize};

use crate::frame_rate::output_rate;
use crate::rational::Rational;
use crate::sound;
use crate::source::{SourceFacts, VideoFacts};

pub use crate::sound::AudioRung;

/// The smallest width and height that MediaConvert encodes (`__integerMin32Max8192` in its model).
pub const MIN_SIDE: u32 = 32;

/// The boxes, long side first, largest first.
const BOXES: [(u32, u32); 7] = [
    (3840, 2160),
    (2560, 1440),
    (1920, 1080),
    (1280, 720),
    (960, 540),
    (640, 360),
    (416, 234),
];

/// Maximum pixels of a rung, in percent of the rung above. A larger one is not worth its price.
const NEXT_RUNG_MAX_PERCENT: u64 = 75;

/// Maximum number of sound tracks of a film.
pub const MAX_AUDIO: usize = 8;

/// An installation's settings for ladders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LadderPolicy {
    /// Maximum short side of a box. 1080 keeps 4K films affordable; 2160 keeps their full size.
    pub max_short_side: u32,
}

impl Default for LadderPolicy {
    fn default() -> Self {
        Self { max_short_side: 1080 }
    }
}

/// The planned encodes of a title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    /// At least one, largest first, each smaller than the one before.
    pub rungs: Vec<Rung>,
    /// The sound tracks, the default first; empty for a silent film.
    pub audio: Vec<AudioRung>,
}

/// A planned encode of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// Width in pixels, even.
    pub width: u32,
    /// Height in pixels, even.
    pub height: u32,
    /// Frame rate, the same for all rungs of a ladder so that their segments are aligned.
    pub frame_rate: Rational,
    /// Target quality of the encoder, from 1 to 10.
    pub quality: u32,
    /// Maximum bit rate in bits a second.
    pub max_bitrate: u32,
}

impl Rung {
    /// The rung's name within its ladder: `1280x720`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}x{}", self.width, self.height)
    }

    /// Pixels of one frame.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// The ladder for a source.
#[must_use]
pub fn ladder(source: &SourceFacts, policy: LadderPolicy) -> Ladder {
    let frame_rate = output_rate(source.video.frame_rate);
    let cap = bitrate_cap(&source.video);
    let mut rungs: Vec<Rung> = Vec::new();
    for (width, height) in sizes(source.video.display_size(), policy) {
        let pixels = u64::from(width) * u64::from(height);
        let (table, quality) = rate_for(pixels, frame_rate);
        // Each rung needs clearly fewer bits than the one above, or else a player gains nothing by switching down.
        let below = rungs.last().map_or(u32::MAX, |above| above.max_bitrate / 5 * 4);
        rungs.push(Rung {
            width,
            height,
            frame_rate,
            quality,
            max_bitrate: table.min(cap).min(below),
        });
    }
    Ladder {
        rungs,
        audio: sound::rungs(&source.audio),
    }
}

/// Even sizes, largest first; never empty and never larger than the source. A source smaller than [`MIN_SIDE`] is refused earlier.
fn sizes((width, height): (u32, u32), policy: LadderPolicy) -> Vec<(u32, u32)> {
    let mut sizes: Vec<(u32, u32)> = Vec::new();
    for (long, short) in BOXES.into_iter().filter(|(_, short)| *short <= policy.max_short_side) {
        let bounds = if height > width { (short, long) } else { (long, short) };
        let (fit_width, fit_height) = fit((width, height), bounds);
        if fit_width < MIN_SIDE || fit_height < MIN_SIDE {
            break;
        }
        let is_worth = sizes.last().is_none_or(|(above_width, above_height)| {
            let above = u64::from(*above_width) * u64::from(*above_height);
            u64::from(fit_width) * u64::from(fit_height) * 100 <= above * NEXT_RUNG_MAX_PERCENT
        });
        if is_worth {
            sizes.push((fit_width, fit_height));
        }
    }
    if sizes.is_empty() {
        // A picture that is too narrow for any box keeps its size.
        sizes.push((even_within(width), even_within(height)));
    }
    sizes
}

/// The largest even size of the same shape that fits the bounds.
fn fit((width, height): (u32, u32), (max_width, max_height): (u32, u32)) -> (u32, u32) {
    if width <= max_width && height <= max_height {
        return (width & !1, height & !1);
    }
    let (width, height, max_width, max_height) = (
        u64::from(width),
        u64::from(height),
        u64::from(max_width),
        u64::from(max_height),
    );
    let (num, den) = if width * max_height >= height * max_width {
        (max_width, width)
    } else {
        (max_height, height)
    };
    let scale = |side: u64| u32::try_from((side * num + den) / (2 * den) * 2).unwrap_or(u32::MAX - 1);
    (scale(width), scale(height))
}

const fn even_within(side: u32) -> u32 {
    let even = side & !1;
    if even < MIN_SIDE { MIN_SIDE } else { even }
}

/// Maximum bit rate and quality for a number of pixels: interpolated between the points below, and half as much again above 30 frames a
/// second.
fn rate_for(pixels: u64, frame_rate: Rational) -> (u32, u32) {
    const POINTS: [(u64, u64, u32); 8] = [
        (3840 * 2160, 16_000_000, 8),
        (2560 * 1440, 9_500_000, 8),
        (1920 * 1080, 5_500_000, 8),
        (1280 * 720, 3_000_000, 7),
        (960 * 540, 1_800_000, 7),
        (640 * 360, 900_000, 7),
        (416 * 234, 400_000, 6),
        (0, 120_000, 6),
    ];
    let (mut rate, mut quality) = (POINTS[0].1, POINTS[0].2);
    for pair in POINTS.windows(2) {
        let [(above, high, level), (below, low, _)] = [pair[0], pair[1]];
        if pixels <= above {
            rate = low + (high - low) * pixels.saturating_sub(below) / (above - below);
            quality = level;
        }
    }
    if frame_rate > Rational::whole(30) {
        rate = rate * 3 / 2;
    }
    (u32::try_from(rate).unwrap_or(u32::MAX), quality)
}

/// The maximum bit rate for a source: more bits than the source had do not improve it. Newer codecs need half the bits. Below 200 kbit/s
/// savings are not worth the risk.
fn bitrate_cap(video: &VideoFacts) -> u32 {
    const FLOOR: u64 = 200_000;
    let Some(bitrate) = video.bitrate.filter(|bitrate| *bitrate > 0) else {
        return u32::MAX;
    };
    let cap = match video.codec.as_str() {
        "HEVC" | "VP9" | "AV1" => bitrate.saturating_mul(2),
        _ => bitrate.saturating_add(bitrate / 4),
    };
    u32::try_from(cap.max(FLOOR)).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "ladder_tests.rs"]
pub(crate) mod tests;
