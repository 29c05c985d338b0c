//! Builds the job for a plan.

use std::collections::BTreeMap;

use super::settings::{
    AacCodingMode, AacProfile, AacRateControl, AacSettings, AudioCodec, AudioCodecSettings, AudioDefaultSelection,
    AudioDescription, AudioSelector, AudioSelectorType, CmafGroupSettings, CmfcAudioTrackType, CmfcSettings,
    CodecSpecification, ColorCorrector, ColorSpaceConversion, ContainerSettings, ContainerType, DeinterlaceAlgorithm,
    Deinterlacer, DeinterlacerControl, DeinterlacerMode, DescriptiveVideoServiceFlag, FileGroupSettings,
    FrameCaptureSettings, FramerateControl, FramerateConversion, GopSizeUnits, H264Level, H264Profile, H264Settings,
    Input, InputClipping, InputRotate, InputVideoGenerator, InterlaceMode, JobSettings, LanguageCodeControl,
    ManifestDurationFormat, Output, OutputGroup, OutputGroupSettings, OutputGroupType, PadVideo, ParControl,
    QualityTuningLevel, QvbrSettings, RateControlMode, ScalingBehavior, SceneChangeDetect, SegmentControl,
    SegmentLengthControl, StreamInfResolution, TargetDurationCompatibilityMode, TimecodeConfig, TimecodeSource, Toggle,
    VideoCodec, VideoCodecSettings, VideoDescription, VideoPreprocessor, VideoSelector,
};
use crate::clipping::DEFAULT_RATE;
use crate::ladder::{AudioRung, Rung};
use crate::plan::Plan;
use crate::source::{Converted, DynamicRange, Rotation, ScanType, SoundRole};

/// Length of segments: short enough to start and to switch quickly, long enough to compress and cache well.
pub const SEGMENT_SECONDS: u32 = 6;
/// Length of CMAF fragments within a segment.
const FRAGMENT_SECONDS: u32 = 2;
/// A shorter last segment is merged into the one before it: players stall at segments of a frame or two.
const FINAL_SEGMENT_SECONDS: u32 = 1;
/// The name of the master playlist, without extension.
pub const MASTER: &str = "master";
/// The name of the audio rendition group.
pub const AUDIO_GROUP: &str = "audio";
/// Maximum number of stills, evenly spread; the poster is chosen from them.
pub const POSTER_CAPTURES: u32 = 5;
/// The largest side of a still in pixels.
const POSTER_BOX: u32 = 1280;
const JPEG_QUALITY: u32 = 85;
/// The ladder already has the picture's shape, apart from rounding to even sides. Stretching avoids the black line of the default.
const SCALING: ScalingBehavior = ScalingBehavior::StretchToOutput;

/// The S3 addresses that a job reads and writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locations {
    /// The source: `s3://bucket/uploads/…/source`.
    pub upload: String,
    /// The file that `convert` made of the source: `s3://bucket/uploads/…/film.mov` or `…/cover.png`. It exists only if the plan says so.
    pub made: String,
    /// The prefix of the output: `s3://bucket/media/<asset>/<attempt>/`.
    pub output_prefix: String,
}

/// The job's settings.
#[must_use]
pub fn job_settings(plan: &Plan, locations: &Locations) -> JobSettings {
    let mut outputs: Vec<Output> = plan.ladder.rungs.iter().map(|rung| video_output(plan, rung)).collect();
    outputs.extend(
        plan.ladder
            .audio
            .iter()
            .enumerate()
            .map(|(index, audio)| audio_output(index, audio)),
    );
    let prefix = &locations.output_prefix;
    JobSettings {
        inputs: vec![input(plan, locations)],
        output_groups: vec![cmaf_group(prefix, outputs), stills_group(prefix, plan)],
        timecode_config: TimecodeConfig {
            source: TimecodeSource::ZeroBased,
        },
    }
}

fn input(plan: &Plan, locations: &Locations) -> Input {
    let is_cover = plan.made == Converted::Cover;
    let selectors = plan.ladder.audio.iter().enumerate().map(|(index, audio)| {
        let default_selection = if index == 0 {
            AudioDefaultSelection::Default
        } else {
            AudioDefaultSelection::NotDefault
        };
        let selector = AudioSelector {
            default_selection,
            selector_type: AudioSelectorType::Track,
            // The output of a selector has the channels of all its tracks, in their order.
            tracks: std::iter::once(audio.track).chain(audio.right).collect(),
            external_audio_file_input: is_cover.then(|| locations.upload.clone()),
        };
        (selector_name(index), selector)
    });
    Input {
        file_input: match plan.made {
            Converted::Nothing => Some(locations.upload.clone()),
            Converted::Film => Some(locations.made.clone()),
            Converted::Cover => None,
        },
        video_generator: is_cover.then(|| cover(plan, locations)),
        timecode_source: TimecodeSource::ZeroBased,
        // A generated picture has a duration of its own.
        input_clippings: if is_cover {
            Vec::new()
        } else {
            vec![InputClipping {
                end_timecode: plan.clipping().end_timecode(),
            }]
        },
        // Never AUTO: it works for progressive MP4 and MOV only, and silently ignores other files.
        video_selector: VideoSelector {
            rotate: match plan.rotate {
                Rotation::None => InputRotate::None,
                Rotation::Quarter => InputRotate::Quarter,
                Rotation::Half => InputRotate::Half,
                Rotation::ThreeQuarters => InputRotate::ThreeQuarters,
            },
            // If the sound is longer than the picture, black is added, so that all renditions are equally long.
            pad_video: (!plan.ladder.audio.is_empty() && !is_cover).then_some(PadVideo::Black),
        },
        audio_selectors: selectors.collect::<BTreeMap<_, _>>(),
    }
}

/// Generates a video of the cover that is as long as the sound. Its size is the cover's size: the rest of a larger video would be black.
fn cover(plan: &Plan, locations: &Locations) -> InputVideoGenerator {
    let rate = plan.source_rate.unwrap_or(DEFAULT_RATE);
    let (width, height) = plan.source_size.unwrap_or_else(|| still_size(&plan.ladder.rungs));

    InputVideoGenerator {
        duration: u32::try_from(plan.duration_ms).unwrap_or(u32::MAX),
        framerate_numerator: rate.num(),
        framerate_denominator: rate.den(),
        width,
        height,
        image_input: locations.made.clone(),
    }
}

fn selector_name(index: usize) -> String {
    format!("Audio Selector {}", index + 1)
}

fn cmaf_group(prefix: &str, outputs: Vec<Output>) -> OutputGroup {
    OutputGroup {
        name: "HLS".into(),
        output_group_settings: OutputGroupSettings {
            r#type: OutputGroupType::Cmaf,
            cmaf_group_settings: Some(CmafGroupSettings {
                destination: format!("{prefix}hls/{MASTER}"),
                write_hls_manifest: Toggle::Enabled,
                write_dash_manifest: Toggle::Disabled,
                segment_control: SegmentControl::SegmentedFiles,
                segment_length: SEGMENT_SECONDS,
                segment_length_control: SegmentLengthControl::Exact,
                fragment_length: FRAGMENT_SECONDS,
                min_final_segment_length: FINAL_SEGMENT_SECONDS,
                codec_specification: CodecSpecification::Rfc6381,
                manifest_duration_format: ManifestDurationFormat::FloatingPoint,
                stream_inf_resolution: StreamInfResolution::Include,
                target_duration_compatibility_mode: TargetDurationCompatibilityMode::SpecCompliant,
            }),
            file_group_settings: None,
        },
        outputs,
    }
}

fn video_output(plan: &Plan, rung: &Rung) -> Output {
    let frame_rate = rung.frame_rate;
    let h264 = H264Settings {
        rate_control_mode: RateControlMode::Qvbr,
        max_bitrate: rung.max_bitrate,
        qvbr_settings: QvbrSettings {
            qvbr_quality_level: rung.quality,
        },
        quality_tuning_level: QualityTuningLevel::SinglePassHq,
        codec_profile: H264Profile::High,
        codec_level: H264Level::Auto,
        gop_size_units: GopSizeUnits::Auto,
        scene_change_detect: SceneChangeDetect::TransitionDetection,
        framerate_control: FramerateControl::Specified,
        framerate_conversion_algorithm: FramerateConversion::DuplicateDrop,
        framerate_numerator: frame_rate.num(),
        framerate_denominator: frame_rate.den(),
        // Output pixels are square. With the source's aspect ratio, an anamorphic film would be stretched twice.
        par_control: ParControl::Specified,
        par_numerator: 1,
        par_denominator: 1,
        interlace_mode: InterlaceMode::Progressive,
    };
    let audio_rendition_sets = (!plan.ladder.audio.is_empty()).then(|| AUDIO_GROUP.to_owned());
    Output {
        name_modifier: Some(format!("_{}", rung.name())),
        extension: None,
        container_settings: ContainerSettings {
            container: ContainerType::Cmfc,
            cmfc_settings: audio_rendition_sets.map(|sets| CmfcSettings {
                audio_group_id: None,
                audio_rendition_sets: Some(sets),
                audio_track_type: None,
                descriptive_video_service_flag: None,
            }),
        },
        video_description: Some(VideoDescription {
            width: rung.width,
            height: rung.height,
            scaling_behavior: SCALING,
            codec_settings: VideoCodecSettings {
                codec: VideoCodec::H264,
                h264_settings: Some(h264),
                frame_capture_settings: None,
            },
            video_preprocessors: preprocessors(plan),
        }),
        audio_descriptions: Vec::new(),
    }
}

fn preprocessors(plan: &Plan) -> Option<VideoPreprocessor> {
    let deinterlacer = (plan.scan_type == ScanType::Interlaced).then_some(Deinterlacer {
        algorithm: DeinterlaceAlgorithm::Interpolate,
        control: DeinterlacerControl::Normal,
        mode: DeinterlacerMode::Deinterlace,
    });
    let color_corrector = (plan.dynamic_range != DynamicRange::Standard).then_some(ColorCorrector {
        color_space_conversion: ColorSpaceConversion::Force709,
    });
    let any = deinterlacer.is_some() || color_corrector.is_some();
    any.then_some(VideoPreprocessor {
        deinterlacer,
        color_corrector,
    })
}

fn audio_output(index: usize, audio: &AudioRung) -> Output {
    let track_type = if index == 0 {
        CmfcAudioTrackType::Default
    } else {
        CmfcAudioTrackType::Alternate
    };
    let coding_mode = if audio.channels == 1 {
        AacCodingMode::Mono
    } else {
        AacCodingMode::Stereo
    };
    let language_code_control = match audio.language {
        Some(_) => LanguageCodeControl::UseConfigured,
        None => LanguageCodeControl::FollowInput,
    };
    Output {
        name_modifier: Some(format!("_audio_{}", index + 1)),
        extension: None,
        container_settings: ContainerSettings {
            container: ContainerType::Cmfc,
            cmfc_settings: Some(CmfcSettings {
                audio_group_id: Some(AUDIO_GROUP.into()),
                audio_rendition_sets: None,
                audio_track_type: Some(track_type),
                descriptive_video_service_flag: (audio.role == SoundRole::Description)
                    .then_some(DescriptiveVideoServiceFlag::Flag),
            }),
        },
        video_description: None,
        audio_descriptions: vec![AudioDescription {
            audio_source_name: selector_name(index),
            codec_settings: AudioCodecSettings {
                codec: AudioCodec::Aac,
                aac_settings: AacSettings {
                    bitrate: audio.bitrate,
                    codec_profile: AacProfile::Lc,
                    coding_mode,
                    rate_control_mode: AacRateControl::Cbr,
                    sample_rate: 48_000,
                },
            },
            // Streaming outputs accept any BCP 47 tag here; `languageCode` would write `eng`, and players expect `en`.
            custom_language_code: audio.language.clone(),
            language_code_control,
            stream_name: Some(audio.name.clone()).filter(|name| !name.is_empty()),
        }],
    }
}

fn stills_group(prefix: &str, plan: &Plan) -> OutputGroup {
    let (width, height) = still_size(&plan.ladder.rungs);
    // One still every n seconds, from the first frame on.
    let every = u32::try_from(plan.duration_ms / 1000 / u64::from(POSTER_CAPTURES))
        .unwrap_or(u32::MAX)
        .max(1);
    OutputGroup {
        name: "Stills".into(),
        output_group_settings: OutputGroupSettings {
            r#type: OutputGroupType::File,
            cmaf_group_settings: None,
            file_group_settings: Some(FileGroupSettings {
                destination: format!("{prefix}images/still"),
            }),
        },
        outputs: vec![Output {
            name_modifier: None,
            extension: Some("jpg".into()),
            container_settings: ContainerSettings {
                container: ContainerType::Raw,
                cmfc_settings: None,
            },
            video_description: Some(VideoDescription {
                width,
                height,
                scaling_behavior: SCALING,
                codec_settings: VideoCodecSettings {
                    codec: VideoCodec::FrameCapture,
                    h264_settings: None,
                    frame_capture_settings: Some(FrameCaptureSettings {
                        framerate_numerator: 1,
                        framerate_denominator: every,
                        max_captures: POSTER_CAPTURES,
                        quality: JPEG_QUALITY,
                    }),
                },
                video_preprocessors: preprocessors(plan),
            }),
            audio_descriptions: Vec::new(),
        }],
    }
}

/// The size of the largest rung within [`POSTER_BOX`], so that stills are not larger than a page shows them.
fn still_size(rungs: &[Rung]) -> (u32, u32) {
    let fitting = rungs
        .iter()
        .find(|rung| rung.width.max(rung.height) <= POSTER_BOX)
        .or(rungs.last());
    fitting.map_or((crate::ladder::MIN_SIDE, crate::ladder::MIN_SIDE), |rung| {
        (rung.width, rung.height)
    })
}
