//! The Lambda function behind `POST /admin/recommendations/retrain`.

use retraining::retrain::{Context, route};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), route()).await
}
