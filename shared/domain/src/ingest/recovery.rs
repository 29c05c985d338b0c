//! What to do about a title in processing whose run may have lost an event, its execution or its job.

use super::{ADVICE_TO_RUN_AGAIN, IngestError, Reason, Step};
use crate::{
    asset::{Asset, StepState},
    machine::Execution,
    transcode::{JobOutcome, TranscodeJob},
};

/// How many runs start automatically: a title that fails more often needs an operator.
const MAX_RUNS: u32 = 3;

/// The known state of a title in processing.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    /// The asset.
    pub asset: &'a Asset,
    /// The newest run's execution, if there is one.
    pub execution: Option<Execution>,
    /// The newest run's claim on transcoding, if it made one.
    pub claim: Option<&'a TranscodeJob>,
    /// Why the outcome in the claim fails the run, if it does.
    pub failure: Option<Reason>,
    /// The state of the MediaConvert job, if there is one.
    pub job: Option<ObservedJob>,
}

/// The state of a MediaConvert job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObservedJob {
    /// It is queued or running.
    InProgress,
    /// It ended with this outcome.
    Ended(JobOutcome),
    /// MediaConvert does not know the job (any more).
    Gone,
}

/// What the sweeper has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing: the run is in progress.
    Leave,
    /// Start the run's execution, which is missing.
    StartExecution,
    /// Report the job's outcome to the run, which did not receive it.
    Report(JobOutcome),
    /// Begin a new run at this step: the execution ended unexpectedly.
    RunAgain(Step),
    /// Fail the title: no run will finish it.
    Fail(Reason),
}

impl Situation<'_> {
    /// Decides what to do.
    #[must_use]
    pub fn action(&self) -> Action {
        match &self.execution {
            Some(Execution::Running) => action_while_running(self),
            // The function that began the run failed before it started the execution. An execution that was started by hand cannot be
            // started again.
            None if self.asset.execution.is_none() => Action::StartExecution,
            Some(Execution::Aborted) => Action::Fail(Reason::new(
                IngestError::Interrupted,
                format!("The processing was stopped. {ADVICE_TO_RUN_AGAIN}"),
            )),
            Some(Execution::Failed { .. } | Execution::Succeeded) | None => action_after_end(self),
        }
    }
}

/// The execution is running, and may be waiting for a job that has ended.
fn action_while_running(situation: &Situation<'_>) -> Action {
    let waits = situation.asset.step(Step::Transcode).state == StepState::Running;
    let known = situation.claim.and_then(|claim| claim.outcome.clone());

    match (known, &situation.job) {
        // The outcome was written, but its writer failed before it reported it.
        (Some(outcome), _) if waits || outcome_is_unrecorded(situation, &outcome) => Action::Report(outcome),
        (None, Some(ObservedJob::Ended(outcome))) => Action::Report(outcome.clone()),
        (None, Some(ObservedJob::Gone)) => Action::Report(JobOutcome::Canceled),
        _ => Action::Leave,
    }
}

fn outcome_is_unrecorded(situation: &Situation<'_>, outcome: &JobOutcome) -> bool {
    matches!(outcome, JobOutcome::Complete { .. }) && situation.asset.transcoded.is_none()
}

/// The execution ended, and the title is still in processing: the step that marks it failed did not succeed.
fn action_after_end(situation: &Situation<'_>) -> Action {
    let outcome = situation.claim.and_then(|claim| claim.outcome.clone());

    match (outcome, &situation.job) {
        // Another run while the job is in progress would pay for a second job.
        (None, Some(ObservedJob::InProgress)) => Action::Leave,
        // The next sweep begins the run that continues after the job.
        (None, Some(ObservedJob::Ended(outcome))) => Action::Report(outcome.clone()),
        (Some(outcome), _) if outcome_is_unrecorded(situation, &outcome) => Action::Report(outcome),
        (Some(_), _) => match &situation.failure {
            Some(reason) => Action::Fail(reason.clone()),
            None => rerun_or_fail(situation.asset),
        },
        _ => rerun_or_fail(situation.asset),
    }
}

fn rerun_or_fail(asset: &Asset) -> Action {
    if asset.attempt.is_some_and(|attempt| attempt.0 < MAX_RUNS) {
        Action::RunAgain(asset.resume_from())
    } else {
        Action::Fail(IngestError::Interrupted.into())
    }
}

#[cfg(test)]
mod tests;
