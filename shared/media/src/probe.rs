//! The result of MediaConvert's Probe: the part that we read, in its own names.

use serde::Deserialize;

use crate::file::whole_millis;

/// `ProbeResult`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Probe {
    /// The container and its tracks.
    pub container: Option<Container>,
}

/// `Container`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Container {
    /// `mp4`, `matroska`, `mpegts` …
    pub format: Option<String>,
    /// Seconds.
    pub duration: Option<f64>,
    /// In the file's order.
    pub tracks: Vec<Track>,
}

/// `Track`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Track {
    /// `video`, `audio`, `data`
    pub track_type: Option<String>,
    /// `AVC`, `AAC` …; `UNKNOWN` for codecs that MediaConvert cannot decode.
    pub codec: Option<String>,
    /// Seconds.
    pub duration: Option<f64>,
    /// For `video`.
    pub video_properties: Option<VideoProperties>,
    /// For `audio`.
    pub audio_properties: Option<AudioProperties>,
}

impl Track {
    /// Its length, if it is stated and valid.
    pub(crate) fn duration_ms(&self) -> Option<u64> {
        self.duration.and_then(|seconds| whole_millis(seconds * 1000.0))
    }
}

/// `VideoProperties`: the container's values.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VideoProperties {
    /// Pixels.
    pub width: Option<i64>,
    /// Pixels.
    pub height: Option<i64>,
    /// Clockwise degrees; absent for none.
    pub rotation: Option<i64>,
    /// Frames a second.
    pub frame_rate: Option<Fraction>,
    /// Pixel aspect ratio, width over height.
    pub sample_aspect_ratio: Option<Fraction>,
    /// `SMPTE_2084`, `ARIB_B67` …
    pub transfer_characteristics: Option<String>,
    /// Bits a second.
    pub bit_rate: Option<i64>,
    /// The values of the coded stream.
    pub codec_metadata: Option<CodecMetadata>,
}

/// `CodecMetadata`: the values of the coded stream.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CodecMetadata {
    /// Pixels.
    pub width: Option<i64>,
    /// Pixels.
    pub height: Option<i64>,
    /// Clockwise degrees.
    pub rotation: Option<i64>,
    /// Frames a second.
    pub coded_frame_rate: Option<Fraction>,
    /// Pixel aspect ratio, width over height.
    pub sample_aspect_ratio: Option<Fraction>,
    /// `SMPTE_2084`, `ARIB_B67` …
    pub transfer_characteristics: Option<String>,
    /// `Progressive`, `Interlaced` …
    pub scan_type: Option<String>,
}

/// `AudioProperties`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AudioProperties {
    /// Channels.
    pub channels: Option<i64>,
    /// ISO 639.
    pub language_code: Option<String>,
}

/// `FrameRate` and `AspectRatio`; MediaConvert writes 0/0 for unknown values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Fraction {
    /// The numerator.
    pub numerator: Option<i64>,
    /// The denominator.
    pub denominator: Option<i64>,
}

impl Fraction {
    /// The fraction as a rational; `None` if it is not a positive one.
    #[must_use]
    pub fn rational(self) -> Option<crate::rational::Rational> {
        let part = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok());
        crate::rational::Rational::new(part(self.numerator)?, part(self.denominator)?)
    }
}
