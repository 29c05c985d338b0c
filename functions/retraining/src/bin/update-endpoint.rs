//! The Lambda function that brings the endpoint to the new model, or back.

use retraining::update_endpoint::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::task::serve(Context::from_env(), handle).await
}
