//! The plan: what a source becomes. Kept with the asset; the job, the quote and the proof are all made from it.

use serde::{Deserialize, Serialize};

use crate::clipping::{Clipping, DEFAULT_RATE};
use crate::ladder::{Ladder, LadderPolicy, ladder};
use crate::rational::Rational;
use crate::source::{Converted, DurationTrust, DynamicRange, Rotation, ScanType, SourceFacts};

/// All decisions about a transcode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// How long the result is expected to last.
    pub duration_ms: u64,
    /// And at most.
    pub duration_max_ms: u64,
    /// How firmly.
    pub duration_trust: DurationTrust,
    /// How long it is by the clock in the source's packets, where its container states no length.
    #[serde(default)]
    pub clock_ms: Option<u64>,
    /// Frames a second of the source: timecodes count them. Absent in plans from before jobs had an end.
    #[serde(default)]
    pub source_rate: Option<Rational>,
    /// What was made of the upload for MediaConvert.
    #[serde(default)]
    pub made: Converted,
    /// The source's sides, before rotation; those of a cover. Absent in plans from before there were covers.
    #[serde(default)]
    pub source_size: Option<(u32, u32)>,
    /// The renditions.
    pub ladder: Ladder,
    /// How the picture has to be turned.
    pub rotate: Rotation,
    /// Interlaced pictures are made progressive.
    pub scan_type: ScanType,
    /// High dynamic range is tone-mapped to standard.
    pub dynamic_range: DynamicRange,
}

impl Plan {
    /// Plans a transcode.
    #[must_use]
    pub fn new(source: &SourceFacts, policy: LadderPolicy) -> Self {
        Self {
            duration_ms: source.duration_ms,
            duration_max_ms: source.duration_max_ms,
            duration_trust: source.duration_trust,
            clock_ms: source.clock_ms,
            source_rate: Some(source.video.frame_rate.unwrap_or(DEFAULT_RATE)),
            made: source.made,
            source_size: Some((source.video.width, source.video.height)),
            ladder: ladder(source, policy),
            rotate: source.video.rotation,
            scan_type: source.video.scan_type,
            dynamic_range: source.video.dynamic_range,
        }
    }

    /// The end that the job is given.
    #[must_use]
    pub fn clipping(&self) -> Clipping {
        let longest_ms = self
            .duration_ms
            .max(self.duration_max_ms)
            .max(self.clock_ms.unwrap_or(0));

        Clipping::new(longest_ms, self.duration_trust, self.source_rate)
    }
}
