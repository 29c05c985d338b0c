//! The Lambda function behind `GET /admin/accounts/{account_id}`.

use admin::{Context, get_account};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), get_account::route()).await
}
