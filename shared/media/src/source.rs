//! What is known of an uploaded film before it is encoded.

use serde::{Deserialize, Serialize};

use crate::rational::Rational;

/// Everything that planning needs to know. Converted by [`crate::validate`], kept with the asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFacts {
    /// The container, as the probe names it: `mp4`, `matroska`.
    pub container: String,
    /// The file's size.
    pub size_bytes: u64,
    /// How long the film is: its picture, or its sound if that goes on.
    pub duration_ms: u64,
    /// How long it might be: containers count late starts and subtitles too.
    pub duration_max_ms: u64,
    /// How far these can be believed.
    pub duration_trust: DurationTrust,
    /// How long the film is by the clock in its packets, where the container states no length.
    #[serde(default)]
    pub clock_ms: Option<u64>,
    /// What is made of the upload for MediaConvert.
    #[serde(default)]
    pub made: Converted,
    /// The picture.
    pub video: VideoFacts,
    /// The sound tracks that are offered; the first is played first.
    pub audio: Vec<AudioFacts>,
    /// What the uploader should know: what is left out, and what is done to the rest.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// What MediaConvert reads in place of the upload, or beside it. `convert` makes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Converted {
    /// Nothing: it reads the upload.
    #[default]
    Nothing,
    /// A film of the upload's pictures, which it reads in place of the upload.
    Film,
    /// A picture that is shown for as long as the upload sounds.
    Cover,
}

/// What is known of a file with sound and no moving picture. With its cover it becomes a film.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoundFacts {
    /// The container, as the probe names it.
    pub container: String,
    /// The file's size.
    pub size_bytes: u64,
    /// How long the sound is.
    pub duration_ms: u64,
    /// The sound tracks that are offered; the first is played first.
    pub audio: Vec<AudioFacts>,
    /// What the uploader should know.
    pub notes: Vec<String>,
}

impl SoundFacts {
    /// The film of this sound with a cover of this size. How long its picture is shown is ours to say, so that it is no guess.
    #[must_use]
    pub fn with_cover(self, (width, height): (u32, u32)) -> SourceFacts {
        SourceFacts {
            container: self.container,
            size_bytes: self.size_bytes,
            duration_ms: self.duration_ms,
            duration_max_ms: self.duration_ms,
            duration_trust: DurationTrust::Declared,
            clock_ms: None,
            made: Converted::Cover,
            video: VideoFacts {
                codec: "PNG".to_owned(),
                width,
                height,
                rotation: Rotation::None,
                mirrored: false,
                pixel_aspect: Rational::ONE,
                frame_rate: Some(COVER_RATE),
                scan_type: ScanType::Progressive,
                dynamic_range: DynamicRange::Standard,
                bitrate: None,
            },
            audio: self.audio,
            notes: self.notes,
        }
    }
}

/// Frames a second of a picture that stands still. It ends with a whole frame, which has to be near the end of the sound.
const COVER_RATE: Rational = Rational::whole(25);

/// Where a duration comes from, and so what may be concluded when the output differs from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DurationTrust {
    /// The container has an index or header that states it.
    Declared,
    /// The container has no such statement (raw and program streams, unfinished fragments), or states the impossible.
    Estimated,
}

/// The picture of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoFacts {
    /// The codec, as the probe names it: `AVC`, `HEVC`.
    pub codec: String,
    /// Stored width in pixels, before rotation and pixel aspect.
    pub width: u32,
    /// Stored height in pixels.
    pub height: u32,
    /// How far the picture has to be turned clockwise to stand upright.
    pub rotation: Rotation,
    /// Whether left and right are swapped on the screen after that turn: MediaConvert turns pictures and mirrors none.
    #[serde(default)]
    pub mirrored: bool,
    /// Width of a pixel over its height, before rotation.
    pub pixel_aspect: Rational,
    /// Frames a second, as the file states; absent if it does not.
    pub frame_rate: Option<Rational>,
    /// Whether frames are drawn whole or as two fields.
    pub scan_type: ScanType,
    /// How brightness is coded.
    pub dynamic_range: DynamicRange,
    /// Bits a second of the video track, if known.
    pub bitrate: Option<u64>,
}

impl VideoFacts {
    /// Width and height on a viewer's screen: square pixels, upright.
    #[must_use]
    pub fn display_size(&self) -> (u32, u32) {
        let aspect = self.pixel_aspect;
        let wide = u64::from(self.width) * u64::from(aspect.num()) + u64::from(aspect.den()) / 2;
        let width = u32::try_from(wide / u64::from(aspect.den())).unwrap_or(u32::MAX).max(1);
        match self.rotation {
            Rotation::None | Rotation::Half => (width, self.height),
            Rotation::Quarter | Rotation::ThreeQuarters => (self.height, width),
        }
    }
}

/// A clockwise turn by a multiple of 90 degrees; other angles do not occur in films and count as none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// Upright as stored.
    #[default]
    None,
    /// By 90 degrees.
    Quarter,
    /// By 180 degrees.
    Half,
    /// By 270 degrees.
    ThreeQuarters,
}

impl Rotation {
    /// The turn of a display matrix (`x' = a·x + c·y`, `y' = b·x + d·y`), and whether the matrix mirrors besides. A matrix
    /// that mirrors is taken as a mirror of left and right after a turn, so that the picture is upright when it is turned
    /// and not mirrored. Angles further than a degree from a right one, and slants, count as none.
    #[must_use]
    pub fn from_matrix([a, b, c, d]: [i32; 4]) -> (Self, bool) {
        let [a, b, c, d] = [a, b, c, d].map(i64::from);
        let largest = [a, b, c, d].into_iter().map(i64::abs).max().unwrap_or(0);
        // The tangent of one degree is one part in 57.
        let sign = |term: i64| if term.abs() * 57 < largest { 0 } else { term.signum() };
        let signs = [sign(a), sign(b), sign(c), sign(d)];
        let mirrored = matches!(signs, [a, 0, 0, d] if a * d < 0) || matches!(signs, [0, b, c, 0] if b * c > 0);
        let [a, b, c, d] = signs;
        let turn = if mirrored { [-a, b, -c, d] } else { [a, b, c, d] };

        match turn {
            [0, 1, -1, 0] => (Self::Quarter, mirrored),
            [-1, 0, 0, -1] => (Self::Half, mirrored),
            [0, -1, 1, 0] => (Self::ThreeQuarters, mirrored),
            _ => (Self::None, mirrored),
        }
    }

    /// The turn nearest to an angle that is within one degree of a right angle (MediaConvert's own tolerance), else none.
    #[must_use]
    pub fn from_degrees(degrees: i64) -> Self {
        match degrees.rem_euclid(360) {
            89..=91 => Self::Quarter,
            179..=181 => Self::Half,
            269..=271 => Self::ThreeQuarters,
            _ => Self::None,
        }
    }
}

/// Progressive or interlaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanType {
    /// Whole frames.
    #[default]
    Progressive,
    /// Two fields a frame.
    Interlaced,
}

/// Standard or high dynamic range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DynamicRange {
    /// What every screen shows.
    #[default]
    Standard,
    /// Perceptual quantizer (HDR10, Dolby Vision).
    Pq,
    /// Hybrid log-gamma.
    Hlg,
}

/// One sound track that can be decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioFacts {
    /// Its number among the sound tracks, from 1: what a MediaConvert audio selector calls a track.
    pub track: u32,
    /// The track that holds the right channel, if this one holds nothing but the left.
    #[serde(default)]
    pub right: Option<u32>,
    /// The codec, as the probe names it.
    pub codec: String,
    /// Channels; 0 if unknown.
    pub channels: u32,
    /// BCP 47 tag, if the file states a language.
    pub language: Option<String>,
    /// What the file calls it.
    #[serde(default)]
    pub title: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub role: SoundRole,
    /// Whether the file says that this track is played first.
    #[serde(default)]
    pub flagged: bool,
    /// How long it lasts, if the probe says so.
    #[serde(default)]
    pub duration_ms: Option<u64>,
}

/// What a sound track is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoundRole {
    /// The film's own sound.
    #[default]
    Main,
    /// People who talk about the film.
    Commentary,
    /// A voice that describes what is seen.
    Description,
}
