//! The Lambda function behind `POST /admin/accounts/{account_id}/disable`.

use admin::{Context, disable_account};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), disable_account::route()).await
}
