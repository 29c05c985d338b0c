//! Reports the end of an update of the endpoint to the step that waits for it.

use adapters::{ServiceError, sagemaker::Hosting, sfn::TaskTokens};
use domain::retraining::{EndpointUpdate, NextStep};

/// Returns the token of `update` if the update is over.
pub(crate) async fn report(
    hosting: &Hosting,
    tokens: &TaskTokens,
    update: &EndpointUpdate,
) -> Result<(), ServiceError> {
    match update.next(hosting.find().await?.as_ref()) {
        NextStep::Done => tokens.succeed(&update.task_token).await?,
        NextStep::Fail(reason) => {
            let (error, sentence) = (reason.error.name(), &reason.sentence);
            tokens.fail(&update.task_token, error, sentence).await?;
        }
        NextStep::Wait | NextStep::Request | NextStep::Busy => {}
    }

    Ok(())
}
