//! The Lambda function behind `POST /admin/recommendations/experiments/{experiment_id}/stop`.

use experiments::{Context, stop_experiment::route};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), route()).await
}
