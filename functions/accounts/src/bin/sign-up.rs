//! The Lambda function behind `POST /auth/sign-up`.

use accounts::{Context, sign_up};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), sign_up::route()).await
}
