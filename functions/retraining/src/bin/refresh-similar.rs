//! The Lambda function that has the most watched titles placed anew by a new model.

use retraining::refresh_similar::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::task::serve(Context::from_env(), handle).await
}
