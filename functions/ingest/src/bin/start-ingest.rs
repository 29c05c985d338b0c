//! The Lambda function that begins a run when a file has arrived.

use ingest::start_ingest::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::event::serve(Context::from_env(), handle).await
}
