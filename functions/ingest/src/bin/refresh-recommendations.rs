//! The Lambda function that asks what is similar to a new title.

use ingest::refresh_recommendations::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::task::serve(Context::from_env(), handle).await
}
