//! The begin and the failure of each step of the retrain machine.

use adapters::{
    ServiceError,
    aws::CallError,
    dynamodb::{StoreError, Table},
    sagemaker::{InvokeError, SageMakerError},
};
use domain::{
    model::ModelRegistry,
    retraining::{Reason, RetrainError, Retraining, Run},
};
use futures::try_join;

runtime::step_failure!(
    Reason, RetrainError, from StoreError, CallError, SageMakerError, InvokeError, ServiceError
);

/// The failure of a step with this name, for the operator: requests that SageMaker refuses have SageMaker's message.
pub(crate) fn refused_as(name: RetrainError) -> impl Fn(SageMakerError) -> StepFailure {
    move |error| match error {
        SageMakerError::Rejected { code, message } => {
            tracing::warn!(code, message, "SageMaker refuses with {code}: {message}");
            Reason::with_cause(name, &message).into()
        }
        error @ SageMakerError::Call(_) => error.into(),
    }
}

/// The run and the registry of models, if the run holds the registry.
pub(crate) async fn begin(table: &Table, run: &Run) -> Result<(Retraining, ModelRegistry), StepFailure> {
    let (retrainings, models) = (table.retrainings(), table.models());
    let (retraining, models) = try_join!(retrainings.find(run), models.find())?;
    if !models.is_held_by(run) {
        return Err(RetrainError::Superseded.into());
    }
    let retraining = retraining.ok_or_else(|| {
        tracing::error!("the run {} holds the registry of models, but has no item", run.run_id);
        StepFailure::from(RetrainError::Internal)
    })?;

    Ok((retraining, models))
}
