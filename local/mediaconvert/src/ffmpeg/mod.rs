//! One FFmpeg command for a job: it decodes the source once for all outputs.
//!
//! All modules but `process` and `progress` are pure functions of the settings and the probed facts.

mod arguments;
mod encoders;
mod filters;
mod muxers;
pub(super) mod output_format;
pub(super) mod plan;
pub(super) mod process;
pub(super) mod progress;
pub(super) mod repair;
mod scaling;
mod source;
#[cfg(test)]
mod tests;
