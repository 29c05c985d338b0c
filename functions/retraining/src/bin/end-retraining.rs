//! The Lambda function that ends a run, however it went.

use retraining::end_retraining::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::task::serve(Context::from_env(), handle).await
}
