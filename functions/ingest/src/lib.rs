//! The ingest pipeline: a film in, a protected stream out. Each file is a whole function; each binary in `bin/` serves one.
//!
//! `start-ingest` begins a run, the state machine `statemachines/ingest.asl.yaml` calls the steps, `job-events` wakes it
//! when the transcoder is done, and `sweep` mends what lost events and dead processes leave behind. The table is the truth:
//! every function may be called twice, late or not at all.

mod output;
mod proof;
mod start;
mod step;
mod transcode_end;

pub mod begin_run;
pub mod cancel_transcode;
pub mod convert;
pub mod delete_files;
pub mod job_events;
pub mod mark_failed;
pub mod notify;
pub mod plan;
pub mod publish;
pub mod start_ingest;
pub mod sweep;
pub mod transcode;
pub mod validate;
pub mod verify;
