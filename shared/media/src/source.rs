//! The facts of a source that are known before it is encoded.

use serde::{Deserialize, Serialize};

use crate::{animation::AnimationKind, rational::Rational};

/// The facts that planning needs. [`crate::validate`] finds them, and they are stored with the asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFacts {
    /// The container, as the probe names it: `mp4`, `matroska`.
    pub container: String,
    /// The file's size.
    pub size_bytes: u64,
    /// The length of the film: of its picture, or of its sound if that is longer.
    pub duration_ms: u64,
    /// The maximum length of the film: containers also count late starts and subtitles.
    pub duration_max_ms: u64,
    /// Where these lengths come from.
    pub duration_trust: DurationTrust,
    /// The length by the clock in the packets, if the container states none.
    #[serde(default)]
    pub clock_ms: Option<u64>,
    /// What `convert` makes of the source for MediaConvert.
    #[serde(default)]
    pub made: Converted,
    /// The picture.
    pub video: VideoFacts,
    /// The offered sound tracks; the first is the default.
    pub audio: Vec<AudioFacts>,
    /// Notes for the uploader: what is left out or changed.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// What `convert` made for MediaConvert to read instead of the source, or in addition to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Converted {
    /// Nothing: MediaConvert reads the source.
    #[default]
    Nothing,
    /// A film of the source's pictures, which MediaConvert reads instead of the source.
    Film,
    /// A picture that is shown as long as the source's sound.
    Cover,
}

/// The conversion that `validate` leaves to `convert`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToConvert {
    /// Sound whose cover becomes the picture.
    Sound(SoundFacts),
    /// Pictures that become a film.
    Animation(AnimationKind),
}

/// The facts of a source with sound and without video. With its cover it becomes a film.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoundFacts {
    /// The container, as the probe names it.
    pub container: String,
    /// The file's size.
    pub size_bytes: u64,
    /// The length of the sound.
    pub duration_ms: u64,
    /// The offered sound tracks; the first is the default.
    pub audio: Vec<AudioFacts>,
    /// Notes for the uploader.
    pub notes: Vec<String>,
}

impl SoundFacts {
    /// The facts of the film of this sound and a cover of this size. Its length is declared, because the job states it.
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

/// Frame rate of the video of a cover. It ends with a whole frame, which has to be near the end of the sound.
const COVER_RATE: Rational = Rational::whole(25);

/// Where a duration comes from, which decides how the output check uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DurationTrust {
    /// The container's index or header states it.
    Declared,
    /// The container states none (raw and program streams, unfinished fragments), or an impossible one.
    Estimated,
}

/// The facts of a source's picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoFacts {
    /// The codec, as the probe names it: `AVC`, `HEVC`.
    pub codec: String,
    /// Stored width in pixels, before rotation and pixel aspect ratio.
    pub width: u32,
    /// Stored height in pixels.
    pub height: u32,
    /// The clockwise rotation that makes the picture upright.
    pub rotation: Rotation,
    /// Whether left and right have to be swapped after the rotation. MediaConvert rotates pictures and does not mirror them.
    #[serde(default)]
    pub mirrored: bool,
    /// Pixel aspect ratio, width over height, before rotation.
    pub pixel_aspect: Rational,
    /// The stated frame rate; absent if the file states none.
    pub frame_rate: Option<Rational>,
    /// Progressive or interlaced.
    pub scan_type: ScanType,
    /// Standard or high dynamic range.
    pub dynamic_range: DynamicRange,
    /// Bit rate of the video track in bits a second, if known.
    pub bitrate: Option<u64>,
}

impl VideoFacts {
    /// Width and height as displayed: with square pixels and upright.
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

/// A clockwise rotation by a multiple of 90 degrees. Other angles do not occur in films and count as none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// The stored picture is upright.
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
    /// The rotation of a display matrix (`x' = a·x + c·y`, `y' = b·x + d·y`), and whether the matrix also mirrors. A mirror counts as a swap of
    /// left and right after the rotation, so that the picture is upright even if it is not mirrored. Angles that differ by more than a degree
    /// from a right angle, and shears, count as none.
    #[must_use]
    pub fn from_matrix([a, b, c, d]: [i32; 4]) -> (Self, bool) {
        let [a, b, c, d] = [a, b, c, d].map(i64::from);
        let largest = [a, b, c, d].into_iter().map(i64::abs).max().unwrap_or(0);
        // The tangent of one degree is one part in 57.
        let sign = |term: i64| if term.abs() * 57 < largest { 0 } else { term.signum() };
        let signs = [sign(a), sign(b), sign(c), sign(d)];
        let mirrored = matches!(signs, [a, 0, 0, d] if a * d < 0) || matches!(signs, [0, b, c, 0] if b * c > 0);
        let [a, b, c, d] = signs;
        let rotation = if mirrored { [-a, b, -c, d] } else { [a, b, c, d] };

        match rotation {
            [0, 1, -1, 0] => (Self::Quarter, mirrored),
            [-1, 0, 0, -1] => (Self::Half, mirrored),
            [0, -1, 1, 0] => (Self::ThreeQuarters, mirrored),
            _ => (Self::None, mirrored),
        }
    }

    /// The rotation by an angle within one degree of a multiple of 90 degrees (MediaConvert's tolerance), else none.
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
    /// Standard dynamic range.
    #[default]
    Standard,
    /// Perceptual quantizer (HDR10, Dolby Vision).
    Pq,
    /// Hybrid log-gamma.
    Hlg,
}

/// The facts of a sound track that can be decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioFacts {
    /// Its number among the sound tracks, from 1, as in MediaConvert's audio selectors.
    pub track: u32,
    /// The track with the right channel, if this one has only the left one.
    #[serde(default)]
    pub right: Option<u32>,
    /// The codec, as the probe names it.
    pub codec: String,
    /// Number of channels; 0 if unknown.
    pub channels: u32,
    /// BCP 47 tag of its language, if the file states one.
    pub language: Option<String>,
    /// Its title in the file.
    #[serde(default)]
    pub title: Option<String>,
    /// Its role.
    #[serde(default)]
    pub role: SoundRole,
    /// Whether the file flags it as the default.
    #[serde(default)]
    pub flagged: bool,
    /// Its length, if the probe states it.
    #[serde(default)]
    pub duration_ms: Option<u64>,
}

/// The role of a sound track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoundRole {
    /// The film's own sound.
    #[default]
    Main,
    /// A commentary on the film.
    Commentary,
    /// An audio description of the picture.
    Description,
}
