//! How a training ends: its outcome is written once, then the run that waits for it is told. Everything here may happen
//! again: after a lost answer, a second event, or when the step looks again.

use adapters::{
    ServiceError,
    dynamodb::{Retrainings, Table},
    sagemaker::JobStatus,
    sfn::TaskTokens,
};
use domain::retraining::{Run, TrainingOutcome};
use kernel::error_kind::IgnoreConflict as _;

/// All that ending a training needs.
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

    /// The run's job ended like this.
    pub(crate) async fn ended(&self, run: &Run, outcome: &TrainingOutcome) -> Result<(), ServiceError> {
        // What was written first counts, and is reported again: its writer may have died in between.
        self.retrainings.training_ended(run, outcome).await.ignore_conflict()?;
        let Some(retraining) = self.retrainings.find(run).await? else {
            tracing::warn!(run.id = %run.run_id, "a training ended and there is no run {}", run.run_id);
            return Ok(());
        };
        let (Some(token), Some(outcome)) = (retraining.training_token, retraining.training_outcome) else {
            return Ok(());
        };

        self.tell(&token, &outcome).await
    }

    /// Tells the run that waits on `token` how its job ended.
    pub(crate) async fn tell(&self, token: &str, outcome: &TrainingOutcome) -> Result<(), ServiceError> {
        match outcome.failure() {
            None => self.tokens.succeed(token).await?,
            Some(reason) => self.tokens.fail(token, reason.error.name(), &reason.sentence).await?,
        }

        Ok(())
    }
}

/// How a job ended, if it has.
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
