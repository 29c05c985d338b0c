//! The Lambda function that hears what MediaConvert says of jobs.

use ingest::job_events::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::event::serve(Context::from_env(), handle).await
}
