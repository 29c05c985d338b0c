//! The MediaConvert settings that we use. Field names are the API's; see its reference for their meaning.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Declares structs with the API's camelCase JSON, without absent fields.
macro_rules! api {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            $(
                #[doc = concat!("`", stringify!($field), "` of the API.")]
                $(#[$attr])*
                pub $field: $type,
            )*
        }
    )*};
}

/// Declares enums with the API's upper-case values.
macro_rules! values {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $value:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`")]
                $(#[$attr])*
                #[serde(rename = $text)]
                $value,
            )*
        }

        impl $name {
            /// The value on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $text,)* }
            }
        }
    )*};
}

/// A double of the API that holds whole numbers.
mod double {
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde requires this signature")]
    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(*value))
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "written above")]
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        f64::deserialize(deserializer).map(|value| value as u32)
    }
}

api! {
    /// `JobSettings`
    JobSettings {
        inputs: Vec<Input>,
        output_groups: Vec<OutputGroup>,
        timecode_config: TimecodeConfig,
    }
    /// `Input`
    Input {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file_input: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        video_generator: Option<InputVideoGenerator>,
        timecode_source: TimecodeSource,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        input_clippings: Vec<InputClipping>,
        video_selector: VideoSelector,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        audio_selectors: BTreeMap<String, AudioSelector>,
    }
    /// `InputVideoGenerator`
    InputVideoGenerator {
        duration: u32,
        framerate_numerator: u32,
        framerate_denominator: u32,
        width: u32,
        height: u32,
        image_input: String,
    }
    /// `InputClipping`
    InputClipping {
        end_timecode: String,
    }
    /// `VideoSelector`
    VideoSelector {
        rotate: InputRotate,
        #[serde(skip_serializing_if = "Option::is_none")]
        pad_video: Option<PadVideo>,
    }
    /// `AudioSelector`
    AudioSelector {
        default_selection: AudioDefaultSelection,
        selector_type: AudioSelectorType,
        tracks: Vec<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_audio_file_input: Option<String>,
    }
    /// `TimecodeConfig`
    TimecodeConfig {
        source: TimecodeSource,
    }
    /// `OutputGroup`
    OutputGroup {
        name: String,
        output_group_settings: OutputGroupSettings,
        outputs: Vec<Output>,
    }
    /// `OutputGroupSettings`
    OutputGroupSettings {
        r#type: OutputGroupType,
        #[serde(skip_serializing_if = "Option::is_none")]
        cmaf_group_settings: Option<CmafGroupSettings>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_group_settings: Option<FileGroupSettings>,
    }
    /// `CmafGroupSettings`
    CmafGroupSettings {
        destination: String,
        write_hls_manifest: Toggle,
        write_dash_manifest: Toggle,
        segment_control: SegmentControl,
        segment_length: u32,
        segment_length_control: SegmentLengthControl,
        fragment_length: u32,
        #[serde(with = "double")]
        min_final_segment_length: u32,
        codec_specification: CodecSpecification,
        manifest_duration_format: ManifestDurationFormat,
        stream_inf_resolution: StreamInfResolution,
        target_duration_compatibility_mode: TargetDurationCompatibilityMode,
    }
    /// `FileGroupSettings`
    FileGroupSettings {
        destination: String,
    }
    /// `Output`
    Output {
        #[serde(skip_serializing_if = "Option::is_none")]
        name_modifier: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        extension: Option<String>,
        container_settings: ContainerSettings,
        #[serde(skip_serializing_if = "Option::is_none")]
        video_description: Option<VideoDescription>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        audio_descriptions: Vec<AudioDescription>,
    }
    /// `ContainerSettings`
    ContainerSettings {
        container: ContainerType,
        #[serde(skip_serializing_if = "Option::is_none")]
        cmfc_settings: Option<CmfcSettings>,
    }
    /// `CmfcSettings`
    CmfcSettings {
        #[serde(skip_serializing_if = "Option::is_none")]
        audio_group_id: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        audio_rendition_sets: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        audio_track_type: Option<CmfcAudioTrackType>,
        #[serde(skip_serializing_if = "Option::is_none")]
        descriptive_video_service_flag: Option<DescriptiveVideoServiceFlag>,
    }
    /// `VideoDescription`
    VideoDescription {
        width: u32,
        height: u32,
        scaling_behavior: ScalingBehavior,
        codec_settings: VideoCodecSettings,
        #[serde(skip_serializing_if = "Option::is_none")]
        video_preprocessors: Option<VideoPreprocessor>,
    }
    /// `VideoCodecSettings`
    VideoCodecSettings {
        codec: VideoCodec,
        #[serde(rename = "h264Settings", skip_serializing_if = "Option::is_none")]
        h264_settings: Option<H264Settings>,
        #[serde(skip_serializing_if = "Option::is_none")]
        frame_capture_settings: Option<FrameCaptureSettings>,
    }
    /// `H264Settings`
    H264Settings {
        rate_control_mode: RateControlMode,
        max_bitrate: u32,
        qvbr_settings: QvbrSettings,
        quality_tuning_level: QualityTuningLevel,
        codec_profile: H264Profile,
        codec_level: H264Level,
        gop_size_units: GopSizeUnits,
        scene_change_detect: SceneChangeDetect,
        framerate_control: FramerateControl,
        framerate_conversion_algorithm: FramerateConversion,
        framerate_numerator: u32,
        framerate_denominator: u32,
        par_control: ParControl,
        par_numerator: u32,
        par_denominator: u32,
        interlace_mode: InterlaceMode,
    }
    /// `H264QvbrSettings`
    QvbrSettings {
        qvbr_quality_level: u32,
    }
    /// `FrameCaptureSettings`
    FrameCaptureSettings {
        framerate_numerator: u32,
        framerate_denominator: u32,
        max_captures: u32,
        quality: u32,
    }
    /// `VideoPreprocessor`
    VideoPreprocessor {
        #[serde(skip_serializing_if = "Option::is_none")]
        deinterlacer: Option<Deinterlacer>,
        #[serde(skip_serializing_if = "Option::is_none")]
        color_corrector: Option<ColorCorrector>,
    }
    /// `Deinterlacer`
    Deinterlacer {
        algorithm: DeinterlaceAlgorithm,
        control: DeinterlacerControl,
        mode: DeinterlacerMode,
    }
    /// `ColorCorrector`
    ColorCorrector {
        color_space_conversion: ColorSpaceConversion,
    }
    /// `AudioDescription`
    AudioDescription {
        audio_source_name: String,
        codec_settings: AudioCodecSettings,
        #[serde(skip_serializing_if = "Option::is_none")]
        custom_language_code: Option<String>,
        language_code_control: LanguageCodeControl,
        #[serde(skip_serializing_if = "Option::is_none")]
        stream_name: Option<String>,
    }
    /// `AudioCodecSettings`
    AudioCodecSettings {
        codec: AudioCodec,
        aac_settings: AacSettings,
    }
    /// `AacSettings`
    AacSettings {
        bitrate: u32,
        codec_profile: AacProfile,
        coding_mode: AacCodingMode,
        rate_control_mode: AacRateControl,
        sample_rate: u32,
    }
}

values! {
    /// `InputRotate`
    InputRotate { None = "DEGREE_0", Quarter = "DEGREES_90", Half = "DEGREES_180", ThreeQuarters = "DEGREES_270", }
    /// `PadVideo`
    PadVideo { Black = "BLACK", }
    /// `TimecodeSource` and `InputTimecodeSource`
    TimecodeSource { ZeroBased = "ZEROBASED", }
    /// `AudioDefaultSelection`
    AudioDefaultSelection { Default = "DEFAULT", NotDefault = "NOT_DEFAULT", }
    /// `AudioSelectorType`
    AudioSelectorType { Track = "TRACK", }
    /// `OutputGroupType`
    OutputGroupType { Cmaf = "CMAF_GROUP_SETTINGS", File = "FILE_GROUP_SETTINGS", }
    /// `CmafWriteHLSManifest` and `CmafWriteDASHManifest`
    Toggle { Enabled = "ENABLED", Disabled = "DISABLED", }
    /// `CmafSegmentControl`
    SegmentControl { SegmentedFiles = "SEGMENTED_FILES", }
    /// `CmafSegmentLengthControl`
    SegmentLengthControl { Exact = "EXACT", }
    /// `CmafCodecSpecification`
    CodecSpecification { Rfc6381 = "RFC_6381", }
    /// `CmafManifestDurationFormat`
    ManifestDurationFormat { FloatingPoint = "FLOATING_POINT", }
    /// `CmafStreamInfResolution`
    StreamInfResolution { Include = "INCLUDE", }
    /// `CmafTargetDurationCompatibilityMode`
    TargetDurationCompatibilityMode { SpecCompliant = "SPEC_COMPLIANT", }
    /// `ContainerType`
    ContainerType { Cmfc = "CMFC", Raw = "RAW", }
    /// `CmfcAudioTrackType`
    CmfcAudioTrackType {
        Default = "ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT",
        Alternate = "ALTERNATE_AUDIO_AUTO_SELECT",
    }
    /// `CmfcDescriptiveVideoServiceFlag`
    DescriptiveVideoServiceFlag { Flag = "FLAG", }
    /// `ScalingBehavior`
    ScalingBehavior { StretchToOutput = "STRETCH_TO_OUTPUT", }
    /// `VideoCodec`
    VideoCodec { H264 = "H_264", FrameCapture = "FRAME_CAPTURE", }
    /// `H264RateControlMode`
    RateControlMode { Qvbr = "QVBR", }
    /// `H264QualityTuningLevel`
    QualityTuningLevel { SinglePassHq = "SINGLE_PASS_HQ", MultiPassHq = "MULTI_PASS_HQ", }
    /// `H264CodecProfile`
    H264Profile { High = "HIGH", }
    /// `H264CodecLevel`
    H264Level { Auto = "AUTO", }
    /// `H264GopSizeUnits`
    GopSizeUnits { Auto = "AUTO", }
    /// `H264SceneChangeDetect`
    SceneChangeDetect { TransitionDetection = "TRANSITION_DETECTION", }
    /// `H264FramerateControl`
    FramerateControl { Specified = "SPECIFIED", }
    /// `H264FramerateConversionAlgorithm`
    FramerateConversion { DuplicateDrop = "DUPLICATE_DROP", }
    /// `H264ParControl`
    ParControl { Specified = "SPECIFIED", }
    /// `H264InterlaceMode`
    InterlaceMode { Progressive = "PROGRESSIVE", }
    /// `DeinterlaceAlgorithm`
    DeinterlaceAlgorithm { Interpolate = "INTERPOLATE", }
    /// `DeinterlacerControl`
    DeinterlacerControl { Normal = "NORMAL", }
    /// `DeinterlacerMode`
    DeinterlacerMode { Deinterlace = "DEINTERLACE", }
    /// `ColorSpaceConversion`
    ColorSpaceConversion { Force709 = "FORCE_709", }
    /// `AudioLanguageCodeControl`
    LanguageCodeControl { FollowInput = "FOLLOW_INPUT", UseConfigured = "USE_CONFIGURED", }
    /// `AudioCodec`
    AudioCodec { Aac = "AAC", }
    /// `AacCodecProfile`
    AacProfile { Lc = "LC", }
    /// `AacCodingMode`
    AacCodingMode { Mono = "CODING_MODE_1_0", Stereo = "CODING_MODE_2_0", }
    /// `AacRateControlMode`
    AacRateControl { Cbr = "CBR", }
}
