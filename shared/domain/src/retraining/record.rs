//! A run of the retrain machine: the results of its steps, and the tokens that it waits on.

use std::collections::BTreeMap;

use kernel::{
    Timestamp,
    id::{AccountId, RetrainingId},
};
use serde::{Deserialize, Serialize};

use super::{Metrics, Passed, Reason, RetrainError, RetrainingState, Run};
use crate::model::ModelRole;

/// A run of the retrain machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Retraining {
    /// Its id.
    pub run_id: RetrainingId,
    /// When it started.
    pub started_at: Timestamp,
    /// The admin who started it; `None` if it was the schedule.
    pub started_by: Option<AccountId>,
    /// The hyperparameters of the training.
    pub hyperparameters: BTreeMap<String, String>,
    /// The model that the new one is to challenge, instead of replacing it.
    pub challenges: Option<CurrentModel>,
    /// How it ended, or that it is running.
    pub state: RetrainingState,
    /// Why it did not succeed.
    pub reason: Option<Reason>,
    /// The data that it trains on.
    pub snapshot: Option<Snapshot>,
    /// The token that the step `train` waits on.
    pub training_token: Option<String>,
    /// How the training ended.
    pub training_outcome: Option<TrainingOutcome>,
    /// The metrics of the model.
    pub metrics: Option<Metrics>,
    /// Why the model passed the quality gate.
    pub passed: Option<Passed>,
    /// The version of the model.
    pub model_version: Option<String>,
    /// The address of its artefact.
    pub artefact: Option<String>,
    /// The endpoint's update to the new model.
    pub update: Option<EndpointUpdate>,
    /// The endpoint's update back to the model before.
    pub rollback: Option<EndpointUpdate>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When the operators were notified of its end.
    pub notified_at: Option<Timestamp>,
}

/// The training data of a run: the objects that existed at one moment. Manifests list each one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// That moment.
    pub taken_at: Timestamp,
    /// How many objects of interactions.
    pub interactions: u64,
    /// How many objects of titles.
    pub titles: u64,
    /// Their size in all.
    pub bytes: u64,
}

/// The current model, when the new one is its challenger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentModel {
    /// The version in its answers.
    pub model_version: String,
    /// The address of its artefact.
    pub artefact: String,
}

/// How a training ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum TrainingOutcome {
    /// It wrote a model.
    Completed,
    /// It failed.
    Failed {
        /// The reason that SageMaker names.
        reason: String,
    },
    /// It was stopped.
    Stopped {
        /// The cause, in SageMaker's words.
        by: String,
    },
}

/// The target of one of the two updates that a run makes to the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateTarget {
    /// The new model.
    Candidate,
    /// The model before.
    Previous,
}

/// An update of the endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointUpdate {
    /// The token that the step waits on.
    pub task_token: String,
    /// The new configuration.
    pub config: String,
    /// The configuration that served before.
    pub before: String,
    /// When SageMaker accepted the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<Timestamp>,
}

impl TrainingOutcome {
    /// Why the run cannot continue; `None` if it can.
    #[must_use]
    pub fn failure(&self) -> Option<Reason> {
        match self {
            Self::Completed => None,
            Self::Failed { reason } => Some(Reason::with_cause(RetrainError::TrainingFailed, reason)),
            Self::Stopped { by } if by == "MaxRuntimeExceeded" => Some(Reason::new(
                RetrainError::TrainingStopped,
                "The training reached its time limit. Raise the parameter TrainingMaxSeconds, and retrain.",
            )),
            Self::Stopped { .. } => Some(RetrainError::TrainingStopped.into()),
        }
    }
}

impl Retraining {
    /// A run that starts now.
    #[must_use]
    pub const fn new(
        run: Run,
        started_by: Option<AccountId>,
        hyperparameters: BTreeMap<String, String>,
        now: Timestamp,
    ) -> Self {
        Self {
            run_id: run.run_id,
            started_at: now,
            started_by,
            hyperparameters,
            challenges: None,
            state: RetrainingState::Running,
            reason: None,
            snapshot: None,
            training_token: None,
            training_outcome: None,
            metrics: None,
            passed: None,
            model_version: None,
            artefact: None,
            update: None,
            rollback: None,
            ended_at: None,
            notified_at: None,
        }
    }

    /// The input of the machine for it.
    #[must_use]
    pub const fn run(&self) -> Run {
        Run { run_id: self.run_id }
    }

    /// The role of its model.
    #[must_use]
    pub const fn role(&self) -> ModelRole {
        match self.challenges {
            Some(_) => ModelRole::Challenger,
            None => ModelRole::Current,
        }
    }

    /// One of its updates of the endpoint.
    #[must_use]
    pub const fn update_of(&self, target: UpdateTarget) -> Option<&EndpointUpdate> {
        match target {
            UpdateTarget::Candidate => self.update.as_ref(),
            UpdateTarget::Previous => self.rollback.as_ref(),
        }
    }

    /// The state that it ends in with this error.
    #[must_use]
    pub const fn state_after(&self, error: RetrainError) -> RetrainingState {
        match self.rollback {
            Some(_) => RetrainingState::RolledBack,
            None => RetrainingState::after(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_but_success_has_a_reason() {
        assert_eq!(TrainingOutcome::Completed.failure(), None);

        let reason = "AlgorithmError: no titles, exit code: 1".to_owned();
        let failed = TrainingOutcome::Failed { reason }.failure().unwrap();
        assert_eq!(failed.error, RetrainError::TrainingFailed);
        assert!(failed.sentence.contains("no titles"), "{failed}");

        let stopped = |by: &str| TrainingOutcome::Stopped { by: by.to_owned() }.failure().unwrap();
        let late = stopped("MaxRuntimeExceeded");
        assert!(late.sentence.contains("TrainingMaxSeconds"), "{late}");
        assert_eq!(stopped("Stopped"), RetrainError::TrainingStopped.into());
    }

    #[test]
    fn a_run_with_a_rollback_ends_as_rolled_back_after_any_error() {
        let run = Run {
            run_id: RetrainingId::mint(Timestamp::UNIX_EPOCH),
        };
        let mut retraining = Retraining::new(run, None, BTreeMap::new(), Timestamp::UNIX_EPOCH);
        assert_eq!(
            retraining.state_after(RetrainError::Unavailable),
            RetrainingState::Failed
        );

        retraining.rollback = Some(EndpointUpdate {
            task_token: "token".to_owned(),
            config: "old".to_owned(),
            before: "new".to_owned(),
            requested_at: None,
        });
        assert_eq!(
            retraining.state_after(RetrainError::Unavailable),
            RetrainingState::RolledBack
        );
    }
}
