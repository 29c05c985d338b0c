//! The Lambda function that judges a run's model.

use retraining::evaluate_model::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::task::serve(Context::from_env(), handle).await
}
