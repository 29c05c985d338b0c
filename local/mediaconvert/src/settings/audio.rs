//! The audio: the selected tracks and their encoding.

use serde::Deserialize;

/// A selection of the source's tracks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AudioSelector {
    #[serde(default)]
    pub(crate) default_selection: DefaultSelection,
    #[serde(default)]
    pub(crate) selector_type: SelectorType,
    #[serde(default)]
    pub(crate) tracks: Vec<u32>,
    #[serde(default)]
    pub(crate) streams: Vec<u32>,
    #[serde(default)]
    pub(crate) pids: Vec<u32>,
    pub(crate) language_code: Option<String>,
    pub(crate) custom_language_code: Option<String>,
    pub(crate) offset: Option<i32>,
    /// A separate file with the audio.
    pub(crate) external_audio_file_input: Option<String>,
}

impl AudioSelector {
    /// Whether it is for outputs whose selector is missing.
    pub(crate) fn is_default(&self) -> bool {
        self.default_selection == DefaultSelection::Default
    }
}

/// `defaultSelection` of a selector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DefaultSelection {
    Default,
    #[default]
    NotDefault,
}

/// The key by which a track is selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum SelectorType {
    Pid,
    #[default]
    Track,
    LanguageCode,
    Stream,
}

/// An audio track of an output.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AudioDescription {
    pub(crate) audio_source_name: Option<String>,
    pub(crate) codec_settings: AudioCodecSettings,
    pub(crate) language_code: Option<String>,
    pub(crate) custom_language_code: Option<String>,
    #[serde(default)]
    pub(crate) language_code_control: LanguageCodeControl,
    pub(crate) stream_name: Option<String>,
}

/// The origin of the language code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum LanguageCodeControl {
    #[default]
    FollowInput,
    UseConfigured,
}

/// The codec is AAC.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AudioCodecSettings {
    pub(crate) aac_settings: AacSettings,
}

/// AAC-LC at a constant bitrate.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AacSettings {
    pub(crate) bitrate: Option<u32>,
    pub(crate) sample_rate: u32,
    pub(crate) coding_mode: CodingMode,
}

/// The channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum CodingMode {
    #[serde(rename = "CODING_MODE_1_0")]
    Mono,
    #[serde(rename = "CODING_MODE_2_0")]
    Stereo,
    #[serde(rename = "CODING_MODE_5_1")]
    Surround,
}

impl CodingMode {
    /// The number of channels.
    pub(crate) fn channels(self) -> u32 {
        match self {
            Self::Mono => 1,
            Self::Stereo => 2,
            Self::Surround => 6,
        }
    }
}
