//! A run of the retrain machine: what it found and decided, and the tokens that it waits on.

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
    /// Which.
    pub run_id: RetrainingId,
    /// When it began.
    pub started_at: Timestamp,
    /// The admin who began it; nothing if it was the schedule.
    pub started_by: Option<AccountId>,
    /// The hyperparameters of the training.
    pub hyperparameters: BTreeMap<String, String>,
    /// The model that the new one is to challenge, instead of replacing it.
    pub challenges: Option<ChallengedModel>,
    /// How it ended, or that it runs.
    pub state: RetrainingState,
    /// Why it did not end well.
    pub reason: Option<Reason>,
    /// What it trains on.
    pub snapshot: Option<Snapshot>,
    /// What the step that trains waits on.
    pub training_token: Option<String>,
    /// How the training ended.
    pub training_outcome: Option<TrainingOutcome>,
    /// How good the model is.
    pub metrics: Option<Metrics>,
    /// Why the gate let it through.
    pub passed: Option<Passed>,
    /// What the model calls itself.
    pub model_version: Option<String>,
    /// The address of its artefact.
    pub artefact: Option<String>,
    /// The endpoint's update to the new model.
    pub update: Option<EndpointUpdate>,
    /// The endpoint's way back to the model before.
    pub rollback: Option<EndpointUpdate>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When the operators were notified of its end.
    pub notified_at: Option<Timestamp>,
}

/// What a run trains on: the objects that were there at one moment. Manifests list each one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The moment.
    pub taken_at: Timestamp,
    /// How many objects of interactions.
    pub interactions: u64,
    /// How many objects of titles.
    pub titles: u64,
    /// How many bytes all of them have.
    pub bytes: u64,
}

/// The model that a new one challenges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengedModel {
    /// What it calls itself in its answers.
    pub model_version: String,
    /// The address of its artefact.
    pub artefact: String,
}

/// How a training ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum TrainingOutcome {
    /// It left a model.
    Completed,
    /// It failed.
    Failed {
        /// What SageMaker says of it.
        reason: String,
    },
    /// It was stopped.
    Stopped {
        /// By whom, in SageMaker's words.
        by: String,
    },
}

/// Which of its two updates of the endpoint a run is at.
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
    /// What the step waits on.
    pub task_token: String,
    /// The configuration that is to serve.
    pub config: String,
    /// The configuration that served before.
    pub before: String,
    /// When SageMaker took the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<Timestamp>,
}

impl TrainingOutcome {
    /// Why the run cannot continue; nothing if it can.
    #[must_use]
    pub fn failure(&self) -> Option<Reason> {
        match self {
            Self::Completed => None,
            Self::Failed { reason } => Some(Reason::told_by(RetrainError::TrainingFailed, reason)),
            Self::Stopped { by } if by == "MaxRuntimeExceeded" => Some(Reason::new(
                RetrainError::TrainingStopped,
                "The training had no time left. Give it more by the template's parameter TrainingMaxSeconds, and retrain.",
            )),
            Self::Stopped { .. } => Some(RetrainError::TrainingStopped.into()),
        }
    }
}

impl Retraining {
    /// A run that begins now.
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

    /// Its ids, as the machine's input has them.
    #[must_use]
    pub const fn run(&self) -> Run {
        Run { run_id: self.run_id }
    }

    /// What its model is for.
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

    /// The state that it ends in after this error.
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
    fn every_end_of_a_training_but_a_good_one_has_a_reason() {
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
    fn a_run_whose_endpoint_went_back_was_rolled_back_whatever_the_error() {
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
