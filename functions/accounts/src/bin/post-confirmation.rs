//! The Lambda function that Cognito calls when an address is confirmed.

use accounts::post_confirmation::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::event::serve(Context::from_env(), handle).await
}
