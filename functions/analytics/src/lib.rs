//! What happened, for those who were not there: the table's one reader tells it, and what a model learns from is kept.
//! Each file is a whole function; each binary in `bin/` serves one.

pub mod export_events;
pub mod fan_out;
mod lines;
