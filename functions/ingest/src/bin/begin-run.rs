//! The Lambda function that makes a run of what an administrator starts by hand.

use ingest::begin_run::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::task::serve(Context::from_env(), handle).await
}
