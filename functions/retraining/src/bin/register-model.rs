//! The Lambda function that makes a run's model known to SageMaker.

use retraining::register_model::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::task::serve(Context::from_env(), handle).await
}
