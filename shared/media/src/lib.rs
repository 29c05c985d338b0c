//! The media rules of Marquee: what may be published, its ladder, its quote and its job, and the output check. Data in, data out: no clock,
//! no network, no AWS crates, so that every rule is tested in microseconds.

pub mod animation;
pub mod clipping;

pub mod file;
pub mod frame_rate;
pub mod hls;
pub mod job;
pub mod job_errors;
pub mod ladder;
pub mod plan;
pub mod probe;
pub mod quote;
pub mod rational;
mod sound;
pub mod source;
pub mod step_document;
pub mod validate;
