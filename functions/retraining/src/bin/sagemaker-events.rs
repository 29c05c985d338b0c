//! The Lambda function that hears what SageMaker says of training jobs and of the endpoint.

use retraining::sagemaker_events::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::event::serve(Context::from_env(), handle).await
}
