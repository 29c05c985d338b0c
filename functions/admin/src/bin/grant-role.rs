//! The Lambda function behind `PUT /admin/accounts/{account_id}/roles/{role}`.

use admin::{Context, grant_role};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), grant_role::route()).await
}
