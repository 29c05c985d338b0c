//! The Lambda function that sees to it that a run has one training job.

use retraining::train_model::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::task::serve(Context::from_env(), handle).await
}
