//! The Lambda function that makes a film of what the transcoder cannot read.

use ingest::convert::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::task::serve(Context::from_env(), handle).await
}
