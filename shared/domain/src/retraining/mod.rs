//! Retraining of the recommender: its run, the closed list of its errors, and the quality gate that a new model must pass.

pub mod document;
mod endpoint;
mod quality_gate;
mod record;

use std::fmt;

use kernel::id::RetrainingId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::{
    endpoint::{EndpointState, EndpointStatus, NextStep},
    quality_gate::{BadMetrics, MIN_HELD_OUT_PEOPLE, Metrics, Passed, QualityGate},
    record::{CurrentModel, EndpointUpdate, Retraining, Snapshot, TrainingOutcome, UpdateTarget},
};
use crate::machine::{ErrorClass, ExecutionInput, error_names};

/// The input of the retrain machine: an id only. All other data of the run are in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The retraining.
    pub run_id: RetrainingId,
}

impl Run {
    /// The name of the run's training job, model and endpoint configuration. SageMaker takes 63 characters, so that `prefix` may have 30.
    #[must_use]
    pub fn name(&self, prefix: &str) -> String {
        format!("{prefix}-{}", self.run_id.simple())
    }

    /// The run with this name of a training job, model or endpoint configuration; `None` if Marquee did not make the name.
    #[must_use]
    pub fn from_name(prefix: &str, name: &str) -> Option<Self> {
        let digits = name.strip_prefix(prefix)?.strip_prefix('-')?;

        Some(Self {
            run_id: RetrainingId::from_simple(digits)?,
        })
    }

    /// The folder of the manifests that list the run's training data, with a slash at its end.
    #[must_use]
    pub fn snapshot_prefix(&self) -> String {
        format!("snapshots/{}/", self.run_id)
    }
}

impl ExecutionInput for Run {
    fn execution_name(&self) -> String {
        self.run_id.to_string()
    }
}

/// A channel: one kind of training data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The interactions of people with titles.
    Interactions,
    /// The titles themselves.
    Titles,
    /// The current model, for the training of a challenger.
    Current,
}

impl Channel {
    /// The channels of every training.
    pub const DATA: [Self; 2] = [Self::Interactions, Self::Titles];

    /// Its name, which is also the folder of the data in the bucket.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Interactions => "interactions",
            Self::Titles => "titles",
            Self::Current => "current",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The state of a retraining.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetrainingState {
    /// The machine is running.
    Running,
    /// The new model serves.
    Promoted,
    /// The new model is the challenger of the current one, for an experiment.
    Challenging,
    /// The new model did not pass the quality gate; the model before serves.
    Refused,
    /// The new model served and did not pass the smoke test; the model before serves again.
    RolledBack,
    /// An error ended the run; the model before serves.
    Failed,
}

impl RetrainingState {
    /// The state of a run that ended with this error.
    #[must_use]
    pub const fn after(error: RetrainError) -> Self {
        match error {
            RetrainError::SmokeTestFailed => Self::RolledBack,
            error => match error.class() {
                ErrorClass::Refused => Self::Refused,
                ErrorClass::Failed | ErrorClass::Transient => Self::Failed,
            },
        }
    }

    /// The word in the API and in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Promoted => "promoted",
            Self::Challenging => "challenging",
            Self::Refused => "refused",
            Self::RolledBack => "rolled_back",
            Self::Failed => "failed",
        }
    }
}

error_names! {
    /// Everything that can end or interrupt a retraining. The state machine's `Retry` and `Catch` match on these names.
    RetrainError:

    /// There is nothing to train on.
    NoTrainingData Refused,
    /// The new model is worse than popular titles alone.
    WorseThanPopular Refused,
    /// The new model is worse than the current one.
    WorseThanCurrent Refused,
    /// Too few people were held out to judge the new model, and the current model was judged.
    TooFewPeople Refused,
    /// The installation has no recommender to train.
    NotSetUp Failed,
    /// SageMaker refused the job.
    TrainingRejected Failed,
    /// The training ended with an error.
    TrainingFailed Failed,
    /// The training was stopped, or reached its time limit.
    TrainingStopped Failed,
    /// The training did not print its metrics.
    NoEvaluation Failed,
    /// The archive of the training has no valid model.
    BrokenModel Failed,
    /// SageMaker refused the model or its configuration.
    ModelRejected Failed,
    /// There is no endpoint to update, or it cannot be updated.
    NoEndpoint Failed,
    /// The endpoint's update to the new model failed.
    EndpointUpdateFailed Failed,
    /// The new model did not pass the smoke test.
    SmokeTestFailed Failed,
    /// A newer run took over.
    Superseded Failed,
    /// The execution ended without recording a result.
    Interrupted Failed,
    /// A service asked us to slow down.
    Throttled Transient,
    /// A service did not answer.
    Unavailable Transient,
    /// A service denied us a call: a permission or a credential is missing.
    Denied Failed,
    /// A defect of ours.
    Internal Failed,
}

impl RetrainError {
    /// The sentence for the operator, if there is none with more details.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NoTrainingData => "There is no training data yet. Check that the stream export writes to the bucket.",
            Self::WorseThanPopular => {
                "The new model is worse than popular titles alone. Check the newest training data."
            }
            Self::WorseThanCurrent => "The new model is worse than the current one. Check the newest training data.",
            Self::TooFewPeople => {
                "Too few people were held out to judge the new model. Check whether training data have been lost."
            }
            Self::NotSetUp => {
                "There is no recommender to train. Deploy infra/recommendations.yaml and set the parameter RecommenderImage."
            }
            Self::TrainingRejected => "SageMaker refused the training job. Fix the cause and retrain.",
            Self::TrainingFailed => "The training failed. Fix the cause and retrain.",
            Self::TrainingStopped => "The training was stopped. Retrain.",
            Self::NoEvaluation => {
                "The training did not print the metrics of its model. Check the log of the training job."
            }
            Self::BrokenModel => "The training did not write a valid model. Check the log of the training job.",
            Self::ModelRejected => "SageMaker refused the new model. Fix the cause and retrain.",
            Self::NoEndpoint => {
                "There is no endpoint for the new model. Deploy infra/recommendations.yaml and retrain."
            }
            Self::EndpointUpdateFailed => {
                "The endpoint's update failed, and the model before continues to serve. Check the log of the endpoint."
            }
            Self::SmokeTestFailed => "The new model did not pass the smoke test. Check the log of the endpoint.",
            Self::Superseded => "A newer retraining took over.",
            Self::Interrupted => "The retraining was interrupted. Retrain.",
            Self::Throttled => "A service was busy for too long. Retrain later.",
            Self::Unavailable => "A service did not answer for too long. Retrain later.",
            Self::Denied => {
                "A service denied Marquee a call. The log of its functions names the permission: grant it and retrain."
            }
            Self::Internal => "A defect of Marquee stopped the retraining. Check the log of its functions.",
        }
    }
}

/// An error name with the sentence that the operator reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RetrainReason)]
pub struct Reason {
    /// The name, for programs.
    pub error: RetrainError,
    /// What happened and what to do, for people.
    pub sentence: String,
}

impl Reason {
    /// An error with a sentence of its own.
    #[must_use]
    pub fn new(error: RetrainError, sentence: impl Into<String>) -> Self {
        Self {
            error,
            sentence: sentence.into(),
        }
    }

    /// An error's own sentence, followed by the cause that another program names.
    #[must_use]
    pub fn with_cause(error: RetrainError, cause: &str) -> Self {
        let cause = cause.trim().trim_end_matches('.');
        if cause.is_empty() {
            return error.into();
        }

        Self::new(error, format!("{} Cause: {cause}.", error.sentence()))
    }
}

impl From<RetrainError> for Reason {
    fn from(error: RetrainError) -> Self {
        Self::new(error, error.sentence())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;

    use super::*;

    #[test]
    fn names_round_trip_and_each_has_a_sentence() {
        for error in RetrainError::ALL {
            assert_eq!(error.name().parse(), Ok(*error));
            assert_eq!(serde_json::to_value(error).unwrap(), error.name());
            assert!(error.sentence().ends_with('.'), "{error}");
        }
    }

    #[test]
    fn a_name_leads_back_to_its_run() {
        let run = Run {
            run_id: RetrainingId::mint(Timestamp::UNIX_EPOCH),
        };
        let name = run.name(&"m".repeat(30));
        assert_eq!(name.len(), 63);
        assert_eq!(Run::from_name(&"m".repeat(30), &name), Some(run));

        let name = run.name("marquee");
        for (prefix, name) in [
            ("marquee-small", name.as_str()),
            ("marquee", "marquee-night-1"),
            ("marquee", "marquee-"),
            ("marquee", &run.execution_name()),
            ("marquee", &format!("marquee-{}", run.run_id)),
        ] {
            assert_eq!(Run::from_name(prefix, name), None, "{prefix} {name}");
        }
    }

    #[test]
    fn the_state_follows_from_the_error() {
        for (error, state) in [
            (RetrainError::WorseThanCurrent, RetrainingState::Refused),
            (RetrainError::NoTrainingData, RetrainingState::Refused),
            (RetrainError::SmokeTestFailed, RetrainingState::RolledBack),
            (RetrainError::TrainingFailed, RetrainingState::Failed),
            (RetrainError::Unavailable, RetrainingState::Failed),
        ] {
            assert_eq!(RetrainingState::after(error), state, "{error}");
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }

    #[test]
    fn the_cause_is_quoted() {
        let reason = Reason::with_cause(RetrainError::TrainingFailed, "titles/a.jsonl:3: missing field.");

        assert_eq!(
            reason.sentence,
            "The training failed. Fix the cause and retrain. Cause: titles/a.jsonl:3: missing field."
        );
        assert_eq!(
            Reason::with_cause(RetrainError::TrainingFailed, " "),
            RetrainError::TrainingFailed.into()
        );
    }
}
