//! The Lambda function behind `GET /admin/creator-requests`.

use admin::{Context, list_creator_requests};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), list_creator_requests::route()).await
}
