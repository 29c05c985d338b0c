//! What to do about a title in processing whose run may have lost an event, its execution or its job.

use super::{IngestError, Reason, Step};
use crate::{
    asset::{Asset, StepState},
    machine::Execution,
    transcode::{JobOutcome, TranscodeJob},
};

/// How many runs are begun without a person: what fails that often needs one.
const MAX_RUNS: u32 = 3;

/// What is known of a title in processing.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    /// Its asset.
    pub asset: &'a Asset,
    /// The newest run's execution, if there is one.
    pub execution: Option<Execution>,
    /// The newest run's claim on transcoding, if it made one.
    pub claim: Option<&'a TranscodeJob>,
    /// Why the outcome that is written in the claim fails the run, if it does.
    pub failure: Option<Reason>,
    /// What MediaConvert says of its job, if it has one.
    pub job: Option<KnownJob>,
}

/// A job as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownJob {
    /// It waits or runs: both are healthy.
    InProgress,
    /// It ended like this.
    Ended(JobOutcome),
    /// MediaConvert does not know it (any more).
    Gone,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// All is well, or will be.
    Leave,
    /// The run has no execution: start it.
    StartExecution,
    /// The job's end was not reported to the run: report it.
    Report(JobOutcome),
    /// The execution died: begin a new run where this one stood.
    RunAgain(Step),
    /// Nothing will come any more.
    Fail(Reason),
}

impl Situation<'_> {
    /// What to do.
    #[must_use]
    pub fn action(&self) -> Action {
        match &self.execution {
            Some(Execution::Running) => of_running(self),
            // Whoever began the run died before it started the execution; one that was started by hand cannot be started again.
            None if self.asset.execution.is_none() => Action::StartExecution,
            Some(Execution::Aborted) => Action::Fail(Reason::new(
                IngestError::Interrupted,
                "An administrator stopped the processing, and can run it again. You can also upload another file.",
            )),
            Some(Execution::Failed { .. } | Execution::Succeeded) | None => of_dead(self),
        }
    }
}

/// The execution runs, and may be waiting for a job that has ended.
fn of_running(situation: &Situation<'_>) -> Action {
    let waits = situation.asset.step(Step::Transcode).state == StepState::Running;
    let known = situation.claim.and_then(|claim| claim.outcome.clone());

    match (known, &situation.job) {
        // The end was written, and its writer died before it reported it.
        (Some(outcome), _) if waits || outcome_is_unrecorded(situation, &outcome) => Action::Report(outcome),
        (None, Some(KnownJob::Ended(outcome))) => Action::Report(outcome.clone()),
        (None, Some(KnownJob::Gone)) => Action::Report(JobOutcome::Canceled),
        _ => Action::Leave,
    }
}

fn outcome_is_unrecorded(situation: &Situation<'_>, outcome: &JobOutcome) -> bool {
    matches!(outcome, JobOutcome::Complete { .. }) && situation.asset.transcoded.is_none()
}

/// The machine ended and the title did not hear of it: its last step failed too, or the machine itself was lost.
fn of_dead(situation: &Situation<'_>) -> Action {
    let outcome = situation.claim.and_then(|claim| claim.outcome.clone());

    match (outcome, &situation.job) {
        // Another run while the job is in progress would pay for it twice.
        (None, Some(KnownJob::InProgress)) => Action::Leave,
        // First the end of the job, then, at the next sweep, the run that continues from there.
        (None, Some(KnownJob::Ended(outcome))) => Action::Report(outcome.clone()),
        (Some(outcome), _) if outcome_is_unrecorded(situation, &outcome) => Action::Report(outcome),
        (Some(_), _) => match &situation.failure {
            Some(reason) => Action::Fail(reason.clone()),
            None => again_or_fail(situation.asset),
        },
        _ => again_or_fail(situation.asset),
    }
}

fn again_or_fail(asset: &Asset) -> Action {
    if asset.attempt.is_some_and(|attempt| attempt.0 < MAX_RUNS) {
        Action::RunAgain(asset.resume_from())
    } else {
        Action::Fail(IngestError::Interrupted.into())
    }
}

#[cfg(test)]
mod tests;
