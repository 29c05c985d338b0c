//! Output groups and containers.

use serde::Deserialize;

/// How a group's outputs are packaged.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OutputGroupSettings {
    #[serde(rename = "type")]
    pub(crate) kind: GroupType,
    pub(crate) cmaf_group_settings: Option<CmafGroupSettings>,
    pub(crate) hls_group_settings: Option<HlsGroupSettings>,
    pub(crate) file_group_settings: Option<FileGroupSettings>,
}

impl OutputGroupSettings {
    /// The address of the outputs, with the start of their names.
    pub(crate) fn destination(&self) -> Option<&str> {
        match self.kind {
            GroupType::Cmaf => self.cmaf_group_settings.as_ref()?.destination.as_deref(),
            GroupType::Hls => self.hls_group_settings.as_ref()?.destination.as_deref(),
            GroupType::File => self.file_group_settings.as_ref()?.destination.as_deref(),
        }
    }

    /// The segments of the group; files have none.
    pub(crate) fn segments(&self) -> Option<Segments> {
        match self.kind {
            GroupType::Cmaf => self.cmaf_group_settings.as_ref().map(|cmaf| Segments {
                length: cmaf.segment_length.unwrap_or(10),
                control: cmaf.segment_length_control.unwrap_or_default(),
            }),
            GroupType::Hls => self.hls_group_settings.as_ref().map(|hls| Segments {
                length: hls.segment_length.unwrap_or(10),
                control: hls.segment_length_control.unwrap_or_default(),
            }),
            GroupType::File => None,
        }
    }
}

/// Length of segments in whole seconds, and whether it is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segments {
    pub(crate) length: u32,
    pub(crate) control: SegmentLengthControl,
}

impl Segments {
    pub(crate) fn is_exact(self) -> bool {
        self.control == SegmentLengthControl::Exact
    }
}

/// The types of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum GroupType {
    #[serde(rename = "CMAF_GROUP_SETTINGS")]
    Cmaf,
    #[serde(rename = "HLS_GROUP_SETTINGS")]
    Hls,
    #[serde(rename = "FILE_GROUP_SETTINGS")]
    File,
}

impl GroupType {
    /// The value in `outputGroupDetails`.
    pub(crate) fn in_events(self) -> &'static str {
        match self {
            Self::Cmaf => "CMAF_GROUP",
            Self::Hls => "HLS_GROUP",
            Self::File => "FILE_GROUP",
        }
    }
}

/// fMP4 segments with HLS playlists.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CmafGroupSettings {
    pub(crate) destination: Option<String>,
    pub(crate) segment_length: Option<u32>,
    pub(crate) segment_length_control: Option<SegmentLengthControl>,
    pub(crate) fragment_length: Option<u32>,
    pub(crate) min_final_segment_length: Option<f64>,
    pub(crate) manifest_duration_format: Option<DurationFormat>,
    pub(crate) target_duration_compatibility_mode: Option<TargetDuration>,
    pub(crate) stream_inf_resolution: Option<Inclusion>,
    pub(crate) video_composition_offsets: Option<CompositionOffsets>,
}

/// MPEG-TS segments with HLS playlists.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HlsGroupSettings {
    pub(crate) destination: Option<String>,
    pub(crate) segment_length: Option<u32>,
    pub(crate) segment_length_control: Option<SegmentLengthControl>,
    pub(crate) manifest_duration_format: Option<DurationFormat>,
    pub(crate) target_duration_compatibility_mode: Option<TargetDuration>,
    pub(crate) stream_inf_resolution: Option<Inclusion>,
}

/// Files.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileGroupSettings {
    pub(crate) destination: Option<String>,
}

/// Whether the segment length is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum SegmentLengthControl {
    /// Each segment has the given length and begins with a key frame.
    #[default]
    Exact,
    /// Rounded up to the next key frame.
    GopMultiple,
}

/// The format of `EXTINF`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DurationFormat {
    #[default]
    FloatingPoint,
    Integer,
}

/// How `EXT-X-TARGETDURATION` is rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum TargetDuration {
    /// To the integer above.
    #[default]
    Legacy,
    /// To the nearest integer.
    SpecCompliant,
}

/// Whether an attribute or playlist is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Inclusion {
    Include,
    Exclude,
}

/// The sign of composition time offsets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum CompositionOffsets {
    Signed,
    #[default]
    Unsigned,
}

/// The file format of one output.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContainerSettings {
    pub(crate) container: Option<Container>,
    #[serde(default)]
    pub(crate) cmfc_settings: Rendition,
    #[serde(default)]
    pub(crate) mp4_settings: Mp4Settings,
}

/// The file formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Container {
    Cmfc,
    M3u8,
    Mp4,
    Raw,
}

/// MP4 files.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mp4Settings {
    pub(crate) moov_placement: Option<MoovPlacement>,
}

/// The position of an MP4 file's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum MoovPlacement {
    ProgressiveDownload,
    Normal,
}

/// Settings of one output that depend on the group's type.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OutputSettings {
    #[serde(default)]
    pub(crate) hls_settings: Rendition,
}

/// The settings of an output for the multivariant playlist.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rendition {
    pub(crate) audio_group_id: Option<String>,
    pub(crate) audio_rendition_sets: Option<String>,
    pub(crate) audio_track_type: Option<AudioTrackType>,
    #[serde(rename = "iFrameOnlyManifest")]
    pub(crate) i_frame_only_manifest: Option<Inclusion>,
    pub(crate) descriptive_video_service_flag: Option<DescriptiveFlag>,
}

/// How a player chooses an audio rendition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AudioTrackType {
    AlternateAudioAutoSelectDefault,
    AlternateAudioAutoSelect,
    AlternateAudioNotAutoSelect,
    AudioOnlyVariantStream,
}

/// Whether an audio rendition describes the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DescriptiveFlag {
    DontFlag,
    Flag,
}
