//! The Lambda function behind `GET /admin/accounts`.

use admin::{Context, list_accounts};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), list_accounts::route()).await
}
