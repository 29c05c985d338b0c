//! The Lambda function behind `GET /admin/recommendations`.

use experiments::{Context, get_recommender::route};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), route()).await
}
