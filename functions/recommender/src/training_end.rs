//! The end of a training: records its outcome once, and returns the token of the run that waits for it. Each step may be repeated, after
//! a lost answer, a second event, or another attempt.

use adapters::{
    ServiceError,
    dynamodb::{Retrainings, Table},
    sagemaker::JobStatus,
    sfn::TaskTokens,
};
use domain::retraining::{Run, TrainingOutcome};
use kernel::error_kind::IgnoreConflict as _;

/// Records the outcome of trainings.
#[derive(Clone, Debug)]
pub(crate) struct TrainingEnd {
    retrainings: Retrainings,
    tokens: TaskTokens,
}

impl TrainingEnd {
    pub(crate) fn new(table: &Table, tokens: TaskTokens) -> Self {
        Self {
            retrainings: table.retrainings(),
            tokens,
        }
    }

    /// Records the outcome of the run's job.
    pub(crate) async fn ended(&self, run: &Run, outcome: &TrainingOutcome) -> Result<(), ServiceError> {
        // The first outcome counts. It is reported again, because its writer may have died in between.
        self.retrainings.training_ended(run, outcome).await.ignore_conflict()?;
        let Some(retraining) = self.retrainings.find(run).await? else {
            tracing::warn!(run.id = %run.run_id, "a training ended, but there is no retraining {}", run.run_id);
            return Ok(());
        };
        let (Some(token), Some(outcome)) = (retraining.training_token, retraining.training_outcome) else {
            return Ok(());
        };

        self.report(&token, &outcome).await
    }

    /// Reports the outcome to the run that waits on `token`.
    pub(crate) async fn report(&self, token: &str, outcome: &TrainingOutcome) -> Result<(), ServiceError> {
        match outcome.failure() {
            None => self.tokens.succeed(token).await?,
            Some(reason) => self.tokens.fail(token, reason.error.name(), &reason.sentence).await?,
        }

        Ok(())
    }
}

/// The outcome of a job; `None` while it runs.
pub(crate) fn outcome(status: &JobStatus) -> Option<TrainingOutcome> {
    match status {
        JobStatus::InProgress => None,
        JobStatus::Completed => Some(TrainingOutcome::Completed),
        JobStatus::Failed(reason) => Some(TrainingOutcome::Failed { reason: reason.clone() }),
        JobStatus::Stopped(by) => Some(TrainingOutcome::Stopped { by: by.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_in_progress_has_no_outcome() {
        assert_eq!(outcome(&JobStatus::InProgress), None);
        assert_eq!(outcome(&JobStatus::Completed), Some(TrainingOutcome::Completed));
    }
}
