//! The Lambda function behind `POST /auth/confirm`.

use accounts::{Context, confirm_sign_up};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), confirm_sign_up::route()).await
}
