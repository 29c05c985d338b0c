//! The Lambda function behind `POST /admin/creator-requests/{account_id}/approve`.

use admin::{Context, approve_creator};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), approve_creator::route()).await
}
