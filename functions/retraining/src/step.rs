//! What the machine's steps have in common: how they begin and fail.

use std::fmt;

use adapters::{
    ServiceError,
    aws::CallError,
    dynamodb::{ModelState, Retraining, StoreError, Table},
    sagemaker::{InvokeError, SageMakerError},
};
use domain::retraining::{Reason, RetrainError, Run};
use futures::try_join;
use kernel::error_kind::HasKind;
use runtime::{log_failure, task::StepError};

/// Why a step failed: a name for the machine, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFailure(pub(crate) Reason);

impl fmt::Display for StepFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StepError for StepFailure {
    fn name(&self) -> &'static str {
        self.0.error.name()
    }
}

impl From<Reason> for StepFailure {
    fn from(reason: Reason) -> Self {
        Self(reason)
    }
}

impl From<RetrainError> for StepFailure {
    fn from(error: RetrainError) -> Self {
        Self(error.into())
    }
}

impl From<StoreError> for StepFailure {
    fn from(error: StoreError) -> Self {
        failure_of(&error)
    }
}

impl From<CallError> for StepFailure {
    fn from(error: CallError) -> Self {
        failure_of(&error)
    }
}

impl From<SageMakerError> for StepFailure {
    fn from(error: SageMakerError) -> Self {
        failure_of(&error)
    }
}

impl From<ServiceError> for StepFailure {
    fn from(error: ServiceError) -> Self {
        failure_of(&error)
    }
}

impl From<InvokeError> for StepFailure {
    fn from(error: InvokeError) -> Self {
        failure_of(&error)
    }
}

/// What happened is for the log; operators read what it means for them.
fn failure_of(error: &impl HasKind) -> StepFailure {
    log_failure!(error, cause = %error, "a step cannot continue: {error}");

    RetrainError::from(error.kind()).into()
}

/// What SageMaker refuses is for the operator, in SageMaker's words, under this name.
pub(crate) fn refused_as(name: RetrainError) -> impl Fn(SageMakerError) -> StepFailure {
    move |error| match error {
        SageMakerError::Rejected { code, message } => {
            tracing::warn!(code, message, "SageMaker refuses with {code}: {message}");
            Reason::told_by(name, &message).into()
        }
        error @ SageMakerError::Call(_) => failure_of(&error),
    }
}

/// The run and the models' state, if the run is the one at work.
pub(crate) async fn begin(table: &Table, run: &Run) -> Result<(Retraining, ModelState), StepFailure> {
    let (retrainings, models) = (table.retrainings(), table.models());
    let (retraining, models) = try_join!(retrainings.find(run), models.find())?;
    if !models.is_held_by(run) {
        return Err(RetrainError::Superseded.into());
    }
    let retraining = retraining.ok_or_else(|| {
        tracing::error!("the run {} holds the models and is not there", run.run_id);
        StepFailure::from(RetrainError::Internal)
    })?;

    Ok((retraining, models))
}
