//! The Lambda function behind `POST /auth/sign-in`.

use accounts::{Context, sign_in};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), sign_in::route()).await
}
