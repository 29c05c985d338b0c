//! How a training ends: its outcome is written once, then the run that waits for it is told. Everything here may happen
//! again: after a lost answer, a second event, or when the step looks again.

use adapters::{
    ServiceError,
    dynamodb::{Retrainings, Table, TrainingOutcome},
    sagemaker::JobStatus,
    sfn::TaskTokens,
};
use domain::retraining::{Reason, RetrainError, Run};
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
        match reason(outcome) {
            None => self.tokens.succeed(token).await?,
            Some(reason) => self.tokens.fail(token, reason.error.name(), &reason.sentence).await?,
        }

        Ok(())
    }
}

/// How a job ended, if it has.
pub(crate) fn outcome(status: &JobStatus) -> Option<TrainingOutcome> {
    match status {
        JobStatus::AtWork => None,
        JobStatus::Completed => Some(TrainingOutcome::Completed),
        JobStatus::Failed(reason) => Some(TrainingOutcome::Failed { reason: reason.clone() }),
        JobStatus::Stopped(by) => Some(TrainingOutcome::Stopped { by: by.clone() }),
    }
}

/// Why the run cannot go on; nothing if it can.
fn reason(outcome: &TrainingOutcome) -> Option<Reason> {
    match outcome {
        TrainingOutcome::Completed => None,
        TrainingOutcome::Failed { reason } => Some(Reason::told_by(RetrainError::TrainingFailed, reason)),
        TrainingOutcome::Stopped { by } if by == "MaxRuntimeExceeded" => Some(Reason::new(
            RetrainError::TrainingStopped,
            "The training had no time left. Give it more by the template's parameter TrainingMaxSeconds, and retrain.",
        )),
        TrainingOutcome::Stopped { .. } => Some(RetrainError::TrainingStopped.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_but_a_good_one_has_a_reason() {
        let ended = |status| outcome(&status).and_then(|outcome| reason(&outcome));

        assert_eq!(ended(JobStatus::Completed), None);
        let told = ended(JobStatus::Failed("AlgorithmError: no titles, exit code: 1".to_owned())).unwrap();
        assert_eq!(told.error, RetrainError::TrainingFailed);
        assert!(told.sentence.contains("no titles"), "{told}");
        let told = ended(JobStatus::Stopped("MaxRuntimeExceeded".to_owned())).unwrap();
        assert!(told.sentence.contains("TrainingMaxSeconds"), "{told}");
        assert_eq!(
            ended(JobStatus::Stopped("Stopped".to_owned())).unwrap(),
            RetrainError::TrainingStopped.into()
        );
        assert_eq!(outcome(&JobStatus::AtWork), None);
    }
}
