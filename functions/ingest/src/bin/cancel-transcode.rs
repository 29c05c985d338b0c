//! The Lambda function that cancels a transcode that did not end in time.

use ingest::cancel_transcode::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::task::serve(Context::from_env(), handle).await
}
