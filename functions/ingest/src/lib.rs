//! The ingest pipeline: a film in, a protected stream out. Each file is a whole function.
//!
//! `start-ingest` begins a run, the state machine `statemachines/ingest.asl.yaml` calls the steps, `job-events` wakes it
//! when the transcoder is done, and `sweep` mends what lost events and dead processes leave behind. The table is the truth:
//! every function may be called twice, late or not at all.

mod output;
mod proof;
mod start;
mod step;
#[cfg(test)]
mod testing;
mod transcode_end;

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
