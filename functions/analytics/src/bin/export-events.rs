//! The Lambda function that keeps domain events as training data.

use analytics::export_events::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::batch::serve(Context::from_env(), handle).await
}
