//! The picture of one output.

use serde::Deserialize;

use super::super::probe::Ratio;

/// Size, codec and treatment of an output's picture.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VideoDescription {
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    #[serde(default)]
    pub(crate) scaling_behavior: ScalingBehavior,
    pub(crate) codec_settings: VideoCodecSettings,
    #[serde(default)]
    pub(crate) video_preprocessors: VideoPreprocessors,
}

/// The scaling if source and output differ in shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ScalingBehavior {
    /// Scaled up or down to fit, then padded with black.
    #[default]
    Default,
    StretchToOutput,
    Fit,
    FitNoUpscale,
    Fill,
}

/// The codec and its settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VideoCodecSettings {
    pub(crate) codec: VideoCodec,
    #[serde(default)]
    pub(crate) h264_settings: H264Settings,
    #[serde(default)]
    pub(crate) frame_capture_settings: FrameCaptureSettings,
}

/// The codecs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum VideoCodec {
    #[serde(rename = "H_264")]
    H264,
    #[serde(rename = "FRAME_CAPTURE")]
    FrameCapture,
}

/// Settings of the H.264 encoder.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct H264Settings {
    pub(crate) rate_control_mode: Option<RateControl>,
    pub(crate) bitrate: Option<u64>,
    pub(crate) max_bitrate: Option<u64>,
    #[serde(default)]
    pub(crate) qvbr_settings: QvbrSettings,
    pub(crate) hrd_buffer_size: Option<u64>,
    pub(crate) hrd_buffer_initial_fill_percentage: Option<u8>,
    #[serde(default)]
    pub(crate) quality_tuning_level: Option<QualityTuning>,
    pub(crate) codec_profile: Option<Profile>,
    pub(crate) codec_level: Option<String>,
    pub(crate) entropy_encoding: Option<String>,
    pub(crate) gop_size: Option<f64>,
    #[serde(default)]
    pub(crate) gop_size_units: GopSizeUnits,
    pub(crate) min_i_interval: Option<u32>,
    #[serde(rename = "numberBFramesBetweenReferenceFrames")]
    pub(crate) b_frames: Option<u8>,
    #[serde(rename = "gopBReference")]
    pub(crate) b_reference: Option<String>,
    #[serde(rename = "numberReferenceFrames")]
    pub(crate) reference_frames: Option<u8>,
    pub(crate) slices: Option<u8>,
    pub(crate) scene_change_detect: Option<String>,
    pub(crate) adaptive_quantization: Option<String>,
    #[serde(default)]
    pub(crate) framerate_control: FramerateControl,
    pub(crate) framerate_numerator: Option<u32>,
    pub(crate) framerate_denominator: Option<u32>,
    #[serde(default)]
    pub(crate) par_control: ParControl,
    pub(crate) par_numerator: Option<u32>,
    pub(crate) par_denominator: Option<u32>,
}

impl H264Settings {
    /// The frame rate of the settings; by default the source's is kept.
    pub(crate) fn specified_rate(&self) -> Option<Ratio> {
        match (
            self.framerate_control,
            self.framerate_numerator,
            self.framerate_denominator,
        ) {
            (FramerateControl::Specified, Some(numerator), Some(denominator)) => {
                Ratio::new(numerator.into(), denominator.into())
            }
            _ => None,
        }
    }
}

/// The rate control mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum RateControl {
    Vbr,
    Cbr,
    Qvbr,
}

/// The target quality of QVBR.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QvbrSettings {
    pub(crate) qvbr_quality_level: Option<u8>,
    pub(crate) qvbr_quality_level_fine_tune: Option<f64>,
}

/// The trade-off of speed and quality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum QualityTuning {
    SinglePass,
    SinglePassHq,
    MultiPassHq,
}

/// The H.264 profiles for 8-bit 4:2:0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Profile {
    Baseline,
    Main,
    High,
}

/// The unit of `gopSize`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum GopSizeUnits {
    Frames,
    Seconds,
    #[default]
    Auto,
}

/// The origin of the frame rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum FramerateControl {
    #[default]
    InitializeFromSource,
    Specified,
}

/// The origin of the pixel aspect ratio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ParControl {
    #[default]
    InitializeFromSource,
    Specified,
}

/// Pictures taken from the film.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameCaptureSettings {
    pub(crate) framerate_numerator: Option<u32>,
    pub(crate) framerate_denominator: Option<u32>,
    pub(crate) max_captures: Option<u32>,
    pub(crate) quality: Option<u8>,
}

/// The processing of the picture before it is encoded.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VideoPreprocessors {
    pub(crate) deinterlacer: Option<Deinterlacer>,
    #[serde(default)]
    pub(crate) color_corrector: ColorCorrector,
}

/// Deinterlacing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deinterlacer {
    #[serde(default)]
    pub(crate) mode: DeinterlacerMode,
    #[serde(default)]
    pub(crate) control: DeinterlacerControl,
}

/// The mode of deinterlacing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DeinterlacerMode {
    #[default]
    Deinterlace,
    /// FFmpeg's filter decides frame by frame in both modes.
    Adaptive,
}

/// The frames to deinterlace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DeinterlacerControl {
    /// Those that are not marked as progressive.
    #[default]
    Normal,
    ForceAllFrames,
}

/// The output's colours.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ColorCorrector {
    #[serde(default)]
    pub(crate) color_space_conversion: ColorSpaceConversion,
}

impl ColorCorrector {
    pub(crate) fn is_forced_to_709(self) -> bool {
        self.color_space_conversion == ColorSpaceConversion::Force709
    }
}

/// The colour space of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum ColorSpaceConversion {
    #[default]
    #[serde(rename = "NONE")]
    None,
    #[serde(rename = "FORCE_709")]
    Force709,
}
