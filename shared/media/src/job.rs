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

/// What a finished job says of one of its output groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupReport {
    /// MediaConvert's word for the group's kind, if it was said: `CMAF_GROUP`, `FILE_GROUP`.
    pub kind: Option<String>,
    /// Its outputs, in the order of the settings.
    pub outputs: Vec<OutputReport>,
}

/// How long the picture is that a finished job says it made: that of its shortest rendition, so that one which ended
/// early is not hidden by the others. Stills have a size too, and lengths of their own: where the kinds of the groups are
/// told, only renditions count, else those of the first group, as in the settings.
#[must_use]
pub fn picture_duration_ms(groups: &[GroupReport]) -> Option<u64> {
    let is_cmaf = |group: &&GroupReport| group.kind.as_deref().is_some_and(|kind| kind.starts_with("CMAF_GROUP"));
    let group = groups.iter().find(is_cmaf).or(groups.first())?;
    let renditions = group.outputs.iter().filter(|output| output.size.is_some());
    renditions.map(|output| output.duration_ms).min()
}

#[cfg(test)]
mod tests;
