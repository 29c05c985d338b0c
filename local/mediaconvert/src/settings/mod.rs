//! The supported settings as types. `model::supported` has refused all others.

mod audio;
mod clip;
mod group;
mod video;

use std::collections::BTreeMap;

use serde::Deserialize;

pub(super) use audio::{AacSettings, AudioDescription, AudioSelector, LanguageCodeControl, SelectorType};
pub(super) use clip::InputClipping;
pub(super) use group::{
    AudioTrackType, CompositionOffsets, Container, ContainerSettings, DescriptiveFlag, DurationFormat, GroupType,
    Inclusion, MoovPlacement, OutputGroupSettings, OutputSettings, Rendition, Segments, TargetDuration,
};
pub(super) use video::{
    DeinterlacerControl, FrameCaptureSettings, GopSizeUnits, H264Settings, ParControl, Profile, QualityTuning,
    RateControl, ScalingBehavior, VideoCodec, VideoDescription,
};

/// A job's settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JobSettings {
    #[serde(default)]
    pub(super) inputs: Vec<Input>,
    #[serde(default)]
    pub(super) output_groups: Vec<OutputGroup>,
}

/// A source file, and the selection from it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    /// `s3://…`
    #[serde(default, rename = "fileInput")]
    pub(super) url: Option<String>,
    /// Instead of a file.
    pub(super) video_generator: Option<VideoGenerator>,
    #[serde(default)]
    pub(super) audio_selectors: BTreeMap<String, AudioSelector>,
    #[serde(default)]
    pub(super) video_selector: VideoSelector,
    #[serde(default, rename = "inputClippings")]
    pub(super) clippings: Vec<InputClipping>,
}

/// A still image, or black, of a given length.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VideoGenerator {
    /// In milliseconds.
    pub(super) duration: u32,
    pub(super) framerate_numerator: u32,
    pub(super) framerate_denominator: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    /// `s3://….png`
    pub(super) image_input: String,
}

impl Input {
    /// The file that is probed and that names the outputs: the input, or the audio of a generated picture.
    pub(super) fn source_url(&self) -> &str {
        let mut sounds = self.audio_selectors.values();
        let sound = sounds.find_map(|selector| selector.external_audio_file_input.as_deref());

        self.url.as_deref().or(sound).unwrap_or_default()
    }
}

/// How to read the source's picture.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VideoSelector {
    pub(super) rotate: Option<Rotate>,
    pub(super) pad_video: Option<PadVideo>,
}

/// Clockwise rotation; by default none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Rotate {
    #[serde(rename = "DEGREE_0")]
    None,
    #[serde(rename = "DEGREES_90")]
    Quarter,
    #[serde(rename = "DEGREES_180")]
    Half,
    #[serde(rename = "DEGREES_270")]
    ThreeQuarters,
    /// By the container, for progressive MP4 and MOV.
    #[serde(rename = "AUTO")]
    Auto,
}

/// The padding of a picture that is shorter than the audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum PadVideo {
    Disabled,
    Black,
}

/// Outputs that are packaged together.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OutputGroup {
    pub(super) output_group_settings: OutputGroupSettings,
    #[serde(default)]
    pub(super) outputs: Vec<Output>,
}

/// One output of a group.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Output {
    pub(super) name_modifier: Option<String>,
    pub(super) extension: Option<String>,
    #[serde(default)]
    pub(super) container_settings: ContainerSettings,
    #[serde(default, rename = "outputSettings")]
    pub(super) settings: OutputSettings,
    pub(super) video_description: Option<VideoDescription>,
    #[serde(default)]
    pub(super) audio_descriptions: Vec<AudioDescription>,
}

impl Output {
    /// The part of names between the destination's and the extension.
    pub(super) fn name_modifier(&self) -> &str {
        self.name_modifier.as_deref().unwrap_or_default()
    }
}
