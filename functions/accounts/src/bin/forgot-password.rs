//! The Lambda function behind `POST /auth/forgot-password`.

use accounts::{Context, forgot_password};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), forgot_password::route()).await
}
