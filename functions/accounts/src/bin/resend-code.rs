//! The Lambda function behind `POST /auth/resend-code`.

use accounts::{Context, resend_code};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), resend_code::route()).await
}
