//! What to do about a title in processing. Pure: what is known goes in, what to do comes out.

use adapters::{
    dynamodb::{JobOutcome, Transcode},
    sfn::Execution,
};
use domain::{
    asset::Asset,
    ingest::{IngestError, Reason, Step},
};

use crate::transcode_end::reason;

/// So many runs are begun without a person: what fails that often needs one.
const RUNS: u32 = 3;

/// What is known of a title in processing.
#[derive(Clone, Debug)]
pub(super) struct Situation<'a> {
    /// Its asset.
    pub(super) asset: &'a Asset,
    /// The newest run's execution, if there is one.
    pub(super) execution: Option<Execution>,
    /// The newest run's claim on transcoding, if it made one.
    pub(super) claim: Option<&'a Transcode>,
    /// What MediaConvert says of its job, if it has one.
    pub(super) job: Option<KnownJob>,
}

/// A job as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KnownJob {
    /// Queued or at work: both are healthy.
    AtWork,
    /// It ended like this.
    Ended(JobOutcome),
    /// MediaConvert does not know it (any more).
    Gone,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// All is well, or will be.
    Leave,
    /// The run has no execution: start it.
    StartExecution,
    /// The job's end was not heard: tell it.
    Tell(JobOutcome),
    /// The execution died: begin a new run where this one stood.
    RunAgain(Step),
    /// Nothing will come any more.
    Fail(Reason),
}

pub(super) fn judge(situation: &Situation<'_>) -> Action {
    match &situation.execution {
        Some(Execution::Running) => judge_running(situation),
        // Whoever began the run died before it started the execution; one that was started by hand cannot be started again.
        None if situation.asset.execution.is_none() => Action::StartExecution,
        Some(Execution::Aborted) => Action::Fail(Reason::new(
            IngestError::Interrupted,
            "An administrator stopped the processing, and can run it again. You can also upload another file.",
        )),
        Some(Execution::Failed { .. } | Execution::Succeeded) | None => judge_dead(situation),
    }
}

/// The machine is at work, and may be waiting for a job that has ended.
fn judge_running(situation: &Situation<'_>) -> Action {
    let waits = situation.asset.step(Step::Transcode).state == domain::asset::StepState::Running;
    let known = situation.claim.and_then(|claim| claim.outcome.clone());

    match (known, &situation.job) {
        // The end was written and its teller died before it told.
        (Some(outcome), _) if waits || outcome_is_unrecorded(situation, &outcome) => Action::Tell(outcome),
        (None, Some(KnownJob::Ended(outcome))) => Action::Tell(outcome.clone()),
        (None, Some(KnownJob::Gone)) => Action::Tell(JobOutcome::Canceled),
        _ => Action::Leave,
    }
}

fn outcome_is_unrecorded(situation: &Situation<'_>, outcome: &JobOutcome) -> bool {
    matches!(outcome, JobOutcome::Complete { .. }) && situation.asset.transcoded.is_none()
}

/// The machine ended and the title did not hear of it: its last step failed too, or the machine itself was lost.
fn judge_dead(situation: &Situation<'_>) -> Action {
    let outcome = situation.claim.and_then(|claim| claim.outcome.clone());

    match (outcome, &situation.job) {
        // Beginning another run beside the job would pay for it twice.
        (None, Some(KnownJob::AtWork)) => Action::Leave,
        // First the word of the job, then, on the next look, the run that goes on from there.
        (None, Some(KnownJob::Ended(outcome))) => Action::Tell(outcome.clone()),
        (Some(outcome), _) if outcome_is_unrecorded(situation, &outcome) => Action::Tell(outcome),
        (Some(outcome), _) if reason(&outcome).is_some() => {
            Action::Fail(reason(&outcome).unwrap_or_else(|| IngestError::Interrupted.into()))
        }
        _ if situation.asset.attempt.is_some_and(|attempt| attempt.0 < RUNS) => {
            Action::RunAgain(situation.asset.resume_from())
        }
        _ => Action::Fail(IngestError::Interrupted.into()),
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
