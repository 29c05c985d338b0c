//! The Lambda function behind `POST /admin/creator-requests/{account_id}/decline`.

use admin::{Context, decline_creator};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), decline_creator::route()).await
}
