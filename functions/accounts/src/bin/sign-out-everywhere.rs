//! The Lambda function behind `POST /me/sign-out-everywhere`.

use accounts::{Context, sign_out_everywhere};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), sign_out_everywhere::route()).await
}
