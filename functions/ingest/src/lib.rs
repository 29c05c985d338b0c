//! The ingest pipeline, from an uploaded file to a published title. One file for each function.
//!
//! `start-ingest` begins a run, the state machine `statemachines/ingest.asl.yaml` calls the steps, `job-events` resumes it
//! when the transcode ends, and `sweep` repairs titles after lost events and crashed processes. The table has the state: every
//! function may be called twice, late or not at all.

mod output;
mod output_check;
mod run_start;
mod step;
#[cfg(test)]
mod testing;
mod transcode_outcome;

runtime::functions! {
    events:
        delete_files,
        job_events,
        start_ingest,
        sweep;
    steps:
        begin_run,
        cancel_transcode,
        convert,
        mark_failed,
        notify,
        plan,
        publish,
        transcode,
        validate,
        verify;
}
