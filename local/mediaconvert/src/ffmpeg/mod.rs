//! A job's settings and the source's facts as one FFmpeg command: it decodes once and feeds every output.
//!
//! Everything but `process` and `progress` is data in, data out.

mod arguments;
mod encoders;
mod filters;
pub(super) mod mend;
mod muxers;
pub(super) mod output_format;
pub(super) mod plan;
pub(super) mod process;
pub(super) mod progress;
mod scaling;
mod source;
#[cfg(test)]
mod tests;
