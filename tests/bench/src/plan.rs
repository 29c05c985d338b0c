//! The ladders of the films that the benchmarks generate.

use anyhow::Context as _;
use media::{
    ladder::{Ladder, LadderPolicy},
    rational::Rational,
    source::{
        AudioFacts, Converted, DurationTrust, DynamicRange, Rotation, ScanType, SoundRole, SourceFacts, VideoFacts,
    },
};
use serde_json::Value;

/// The ladder of a film of `films::film`.
pub(crate) fn ladder(width: u32, height: u32, seconds: u32) -> Ladder {
    let video = VideoFacts {
        codec: "AVC".to_owned(),
        width,
        height,
        rotation: Rotation::None,
        mirrored: false,
        pixel_aspect: Rational::ONE,
        frame_rate: Some(Rational::whole(24)),
        scan_type: ScanType::Progressive,
        dynamic_range: DynamicRange::Standard,
        bitrate: None,
    };
    let source = SourceFacts {
        container: "mp4".to_owned(),
        size_bytes: 1,
        duration_ms: u64::from(seconds) * 1_000,
        duration_max_ms: u64::from(seconds) * 1_000,
        duration_trust: DurationTrust::Declared,
        clock_ms: None,
        made: Converted::Nothing,
        video,
        audio: vec![AudioFacts {
            track: 1,
            right: None,
            codec: "AAC".to_owned(),
            channels: 1,
            language: None,
            title: None,
            role: SoundRole::Main,
            flagged: false,
            duration_ms: None,
        }],
        notes: Vec::new(),
    };

    media::ladder::ladder(&source, LadderPolicy::default())
}

/// Seconds between two moments of a timeline.
pub(crate) fn seconds_between(start: &Value, end: &Value) -> anyhow::Result<f64> {
    let moment = |value: &Value| -> anyhow::Result<jiff::Timestamp> { Ok(value.as_str().context("a time")?.parse()?) };

    Ok(moment(end)?.duration_since(moment(start)?).as_secs_f64())
}
