//! The Lambda function behind `POST /auth/sign-out`.

use accounts::{Context, sign_out};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), sign_out::route()).await
}
