//! Retraining the recommender: its run, the closed list of what can go wrong, and the gate that a new model has to pass.

mod endpoint;
mod gate;
mod record;

use std::fmt;

use kernel::id::RetrainingId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::{
    endpoint::{EndpointState, EndpointStatus, NextStep},
    gate::{BadMetrics, Gate, LEAST_PEOPLE, Metrics, Passed},
    record::{ChallengedModel, EndpointUpdate, Retraining, Snapshot, TrainingOutcome, UpdateTarget},
};
use crate::machine::{ErrorClass, error_names};

/// The whole input of the retrain machine: only an id, what belongs to it is in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Which retraining.
    pub run_id: RetrainingId,
}

impl Run {
    /// The execution's name.
    #[must_use]
    pub fn execution_name(&self) -> String {
        self.run_id.to_string()
    }

    /// What the run's training job, model and endpoint configuration are called. SageMaker takes 63 characters, so `prefix`
    /// has 30 at most.
    #[must_use]
    pub fn name(&self, prefix: &str) -> String {
        format!("{prefix}-{}", self.run_id.simple())
    }

    /// The run whose things are called `name`, if it is one of ours.
    #[must_use]
    pub fn of_name(prefix: &str, name: &str) -> Option<Self> {
        let digits = name.strip_prefix(prefix)?.strip_prefix('-')?;

        Some(Self {
            run_id: RetrainingId::from_simple(digits)?,
        })
    }

    /// Where this run's training jobs finds which objects to read, slash included.
    #[must_use]
    pub fn snapshot_prefix(&self) -> String {
        format!("snapshots/{}/", self.run_id)
    }
}

/// What the trainer reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// What people did with titles.
    Interactions,
    /// The titles themselves.
    Titles,
    /// The model that a new one is to stand beside.
    Current,
}

impl Channel {
    /// What every training reads.
    pub const DATA: [Self; 2] = [Self::Interactions, Self::Titles];

    /// Its name, which is the data's folder in the bucket too.
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

/// How a retraining stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetrainingState {
    /// The machine is at work.
    Running,
    /// The new model serves.
    Promoted,
    /// The new model stands beside the one that serves, for an experiment.
    Challenging,
    /// The gate did not let the new model through; the one before serves.
    Refused,
    /// The new model served and answered wrongly; the one before serves again.
    RolledBack,
    /// It ended on the way; the model before serves.
    Failed,
}

impl RetrainingState {
    /// The state that an error leaves.
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

    /// The word on the wire and in the table.
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
    /// The new model is worse than always showing what is popular.
    WorseThanPopular Refused,
    /// The new model is worse than the one that serves.
    WorseThanCurrent Refused,
    /// Too few people were held out to judge the new model, and the one that serves was judged.
    TooFewPeople Refused,
    /// The installation has no recommender to train.
    NotSetUp Failed,
    /// SageMaker refused the job.
    TrainingRejected Failed,
    /// The training ended with an error.
    TrainingFailed Failed,
    /// Somebody stopped the training, or it had no time left.
    TrainingStopped Failed,
    /// The training did not say how good the model is.
    NoEvaluation Failed,
    /// What the training left is no model.
    BrokenModel Failed,
    /// SageMaker refused the model or its configuration.
    ModelRejected Failed,
    /// There is no endpoint to update, or it cannot be updated.
    NoEndpoint Failed,
    /// The endpoint did not take the new model.
    EndpointUpdateFailed Failed,
    /// The endpoint does not answer as it should with the new model.
    SmokeTestFailed Failed,
    /// A newer run took over.
    Superseded Failed,
    /// The run ended without a word: its execution is gone or was stopped.
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
    /// What to tell the operator where nobody found better words.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NoTrainingData => {
                "There is nothing to train on yet. Look whether the stream export writes to the bucket."
            }
            Self::WorseThanPopular => {
                "The new model is worse than always showing what is popular. Look at the newest training data."
            }
            Self::WorseThanCurrent => {
                "The new model is worse than the one that serves. Look at the newest training data."
            }
            Self::TooFewPeople => {
                "Too few people were held out to judge the new model. Look whether training data have been lost."
            }
            Self::NotSetUp => {
                "There is no recommender to train. Deploy infra/recommendations.yaml and set the parameter RecommenderImage."
            }
            Self::TrainingRejected => "SageMaker refused the training job. Mend what it names and retrain.",
            Self::TrainingFailed => "The training failed. Mend what its reason names and retrain.",
            Self::TrainingStopped => "The training was stopped. Retrain when whatever stopped it is over.",
            Self::NoEvaluation => "The training did not say how good its model is. Look into the training job's log.",
            Self::BrokenModel => "What the training left is no model. Look into the training job's log.",
            Self::ModelRejected => "SageMaker refused the new model. Mend what it names and retrain.",
            Self::NoEndpoint => {
                "There is no endpoint that could take the new model. Deploy infra/recommendations.yaml and retrain."
            }
            Self::EndpointUpdateFailed => {
                "The endpoint did not take the new model and goes on with the one before. Look into the endpoint's log."
            }
            Self::SmokeTestFailed => {
                "The endpoint did not answer as it should with the new model. Look into the endpoint's log."
            }
            Self::Superseded => "A newer retraining took over.",
            Self::Interrupted => "The retraining was interrupted. Retrain.",
            Self::Throttled => "A service was busy for too long. Retrain later.",
            Self::Unavailable => "A service did not answer for too long. Retrain later.",
            Self::Denied => {
                "A service denied Marquee a call. The log of its functions names the permission: grant it and retrain."
            }
            Self::Internal => "A defect of Marquee stopped the retraining. Look into the log of its functions.",
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
    /// A name with words of its own.
    #[must_use]
    pub fn new(error: RetrainError, sentence: impl Into<String>) -> Self {
        Self {
            error,
            sentence: sentence.into(),
        }
    }

    /// A name's own words, with what somebody else said about it between them.
    #[must_use]
    pub fn told_by(error: RetrainError, what: &str) -> Self {
        let what = what.trim().trim_end_matches('.');
        if what.is_empty() {
            return error.into();
        }

        Self::new(error, format!("{} It says: {what}.", error.sentence()))
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
    fn names_round_trip_and_every_one_says_what_to_do() {
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
        assert_eq!(Run::of_name(&"m".repeat(30), &name), Some(run));

        let name = run.name("marquee");
        for (prefix, name) in [
            ("marquee-small", name.as_str()),
            ("marquee", "marquee-night-1"),
            ("marquee", "marquee-"),
            ("marquee", &run.execution_name()),
            ("marquee", &format!("marquee-{}", run.run_id)),
        ] {
            assert_eq!(Run::of_name(prefix, name), None, "{prefix} {name}");
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
    fn what_others_say_is_quoted() {
        let reason = Reason::told_by(RetrainError::TrainingFailed, "titles/a.jsonl:3: missing field.");

        assert_eq!(
            reason.sentence,
            "The training failed. Mend what its reason names and retrain. It says: titles/a.jsonl:3: missing field."
        );
        assert_eq!(
            Reason::told_by(RetrainError::TrainingFailed, " "),
            RetrainError::TrainingFailed.into()
        );
    }
}
