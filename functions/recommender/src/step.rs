//! What the machine's steps have in common: how they begin and fail.

use adapters::{
    ServiceError,
    aws::CallError,
    dynamodb::{StoreError, Table},
    sagemaker::{InvokeError, SageMakerError},
};
use domain::model::ModelRegistry;
use domain::retraining::{Reason, RetrainError, Retraining, Run};
use futures::try_join;

runtime::step_failure!(
    Reason, RetrainError, from StoreError, CallError, SageMakerError, InvokeError, ServiceError
);

/// What SageMaker refuses is for the operator, in SageMaker's words, under this name.
pub(crate) fn refused_as(name: RetrainError) -> impl Fn(SageMakerError) -> StepFailure {
    move |error| match error {
        SageMakerError::Rejected { code, message } => {
            tracing::warn!(code, message, "SageMaker refuses with {code}: {message}");
            Reason::with_cause(name, &message).into()
        }
        error @ SageMakerError::Call(_) => error.into(),
    }
}

/// The run and the models' state, if the run is the one at work.
pub(crate) async fn begin(table: &Table, run: &Run) -> Result<(Retraining, ModelRegistry), StepFailure> {
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
