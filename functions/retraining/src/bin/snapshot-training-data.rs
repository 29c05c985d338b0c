//! The Lambda function that fixes what a run trains on.

use retraining::snapshot_training_data::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::task::serve(Context::from_env(), handle).await
}
