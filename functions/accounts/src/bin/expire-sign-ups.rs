//! The Lambda function that forgets sign-ups whose code was never entered.

use accounts::expire_sign_ups::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::event::serve(Context::from_env(), handle).await
}
