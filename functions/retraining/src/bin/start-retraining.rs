//! The Lambda function that begins a run on the schedule.

use retraining::start_retraining::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::event::serve(Context::from_env(), handle).await
}
