//! The MediaConvert job for a plan: the `settings` of CreateJob, in MediaConvert's own names and spelling.
//!
//! The types have only the part of the service's model that we use. [`JobSettings`] serializes to the API's JSON, and the adapter converts it
//! to the SDK's types. `limits` has the service's bounds and cross-field rules, `tier` the rule that keeps a job in the basic price tier. Tests
//! check both for every job that can be built.

mod build;
pub mod limits;
mod settings;
pub mod tier;

pub use build::{AUDIO_GROUP, Locations, MASTER, POSTER_CAPTURES, SEGMENT_SECONDS, job_settings};
pub use settings::*;

/// One output of a completed job, as MediaConvert reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputReport {
    /// Its length.
    pub duration_ms: u64,
    /// Width and height of the picture, if it has one.
    pub size: Option<(u32, u32)>,
}

/// One output group of a completed job, as MediaConvert reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupReport {
    /// The group's type, if it is reported: `CMAF_GROUP`, `FILE_GROUP`.
    pub kind: Option<String>,
    /// Its outputs, in the order of the settings.
    pub outputs: Vec<OutputReport>,
}

/// The length of the picture that a completed job reports: the length of its shortest rendition, so that one that ended early is not
/// hidden by the others. Stills have a size and a length too, so only the CMAF group counts, or the first group if no types are reported.
#[must_use]
pub fn picture_duration_ms(groups: &[GroupReport]) -> Option<u64> {
    let is_cmaf = |group: &&GroupReport| group.kind.as_deref().is_some_and(|kind| kind.starts_with("CMAF_GROUP"));
    let group = groups.iter().find(is_cmaf).or(groups.first())?;
    let renditions = group.outputs.iter().filter(|output| output.size.is_some());
    renditions.map(|output| output.duration_ms).min()
}

#[cfg(test)]
mod tests;
