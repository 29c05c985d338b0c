//! The price tier of a job. The professional tier costs several times as much as the basic one, and single settings decide, so a test checks
//! the jobs that we build.
//!
//! Sources: the API model ("incur pro-tier pricing") on `AccelerationSettings`, `Input.AdvancedInputFilter`,
//! `H264Settings.BandwidthReductionFilter` and `H264Settings.QualityTuningLevel`; the pricing page for codecs
//! (basic: AVC single pass, VP8, VP9). FrameFormer is an add-on of its own.

use super::settings::{JobSettings, QualityTuningLevel, VideoCodec};

/// MediaConvert's on-demand price tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// AVC in a single pass, without special features.
    Basic,
    /// All other jobs.
    Professional,
}

/// The tier of a job. Most settings that would make it professional do not exist in [`JobSettings`] at all
/// (acceleration, advanced input filter, bandwidth reduction, HEVC, Dolby, DRM); what remains is checked here.
#[must_use]
pub fn tier(job: &JobSettings) -> Tier {
    let mut videos = job
        .output_groups
        .iter()
        .flat_map(|group| &group.outputs)
        .filter_map(|o| o.video_description.as_ref());
    let basic = videos.all(
        |video| match (&video.codec_settings.codec, &video.codec_settings.h264_settings) {
            (VideoCodec::H264, Some(h264)) => h264.quality_tuning_level != QualityTuningLevel::MultiPassHq,
            (VideoCodec::FrameCapture, _) => true,
            (VideoCodec::H264, None) => false,
        },
    );
    if basic { Tier::Basic } else { Tier::Professional }
}
