//! The plan of a transcode. It is stored with the asset; the job, the quote and the output check are derived from it.

use serde::{Deserialize, Serialize};

use crate::clipping::{Clipping, DEFAULT_RATE};
use crate::ladder::{Ladder, LadderPolicy, ladder};
use crate::rational::Rational;
use crate::source::{Converted, DurationTrust, DynamicRange, Rotation, ScanType, SourceFacts};

/// All decisions about the transcode of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The expected length of the output.
    pub duration_ms: u64,
    /// The maximum expected length of the output.
    pub duration_max_ms: u64,
    /// Where these lengths come from.
    pub duration_trust: DurationTrust,
    /// The length by the clock in the source's packets, if its container states none.
    #[serde(default)]
    pub clock_ms: Option<u64>,
    /// Frame rate of the source, for timecodes. Absent in plans of releases without clippings.
    #[serde(default)]
    pub source_rate: Option<Rational>,
    /// What `convert` made of the source for MediaConvert.
    #[serde(default)]
    pub made: Converted,
    /// Width and height of the source before rotation, or of the cover. Absent in plans of releases without covers.
    #[serde(default)]
    pub source_size: Option<(u32, u32)>,
    /// The ladder.
    pub ladder: Ladder,
    /// The rotation of the picture.
    pub rotate: Rotation,
    /// Interlaced sources are deinterlaced.
    pub scan_type: ScanType,
    /// High dynamic range is converted to standard.
    pub dynamic_range: DynamicRange,
}

impl Plan {
    /// Plans the transcode of a source.
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

    /// The input clipping of the job.
    #[must_use]
    pub fn clipping(&self) -> Clipping {
        let longest_ms = self
            .duration_ms
            .max(self.duration_max_ms)
            .max(self.clock_ms.unwrap_or(0));

        Clipping::new(longest_ms, self.duration_trust, self.source_rate)
    }
}
