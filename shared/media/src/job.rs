//! The MediaConvert job for a plan: exactly the `settings` of CreateJob, in MediaConvert's own names and spelling.
//!
//! The types hold what we use of the service's model and nothing else; [`JobSettings`] serializes to the API's JSON,
//! and the adapter converts it to the SDK's types. `limits` holds the service's bounds and cross-field rules,
//! `tier` the rule that keeps a job in the basic price tier; both are tests over every job that can be built.

mod build;
pub mod limits;
mod settings;
pub mod tier;

pub use build::{AUDIO_GROUP, Locations, MASTER, POSTER_CAPTURES, SEGMENT_SECONDS, job_settings};
pub use settings::*;

/// What a finished job says of one of its outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputReport {
    /// How long it plays.
    pub duration_ms: u64,
    /// Width and height, if it is a picture.
    pub size: Option<(u32, u32)>,
}

/// How long the picture is that a finished job says it made: that of its shortest rendition, so that one which ended
/// early is not hidden by the others. Groups and outputs are in the order of the settings.
#[must_use]
pub fn picture_duration_ms(groups: &[Vec<OutputReport>]) -> Option<u64> {
    let renditions = groups.first()?.iter().filter(|output| output.size.is_some());
    renditions.map(|output| output.duration_ms).min()
}

#[cfg(test)]
mod tests;
