//! The Lambda function behind `POST /admin/accounts/{account_id}/enable`.

use admin::{Context, enable_account};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), enable_account::route()).await
}
