//! The Lambda function behind `DELETE /admin/accounts/{account_id}/roles/{role}`.

use admin::{Context, take_role};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), take_role::route()).await
}
