//! The Lambda function that asks the endpoint whether the new model answers.

use retraining::smoke_test_model::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::task::serve(Context::from_env(), handle).await
}
