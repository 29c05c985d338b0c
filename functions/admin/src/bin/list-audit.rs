//! The Lambda function behind `GET /admin/audit`.

use admin::{Context, list_audit};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), list_audit::route()).await
}
