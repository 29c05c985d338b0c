//! The Lambda function behind `POST /auth/reset-password`.

use accounts::{Context, reset_password};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), reset_password::route()).await
}
