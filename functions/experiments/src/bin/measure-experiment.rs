//! The Lambda function that computes, on a schedule, what has come of an experiment.

use experiments::measure_experiment::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::event::serve(Context::from_env(), handle).await
}
