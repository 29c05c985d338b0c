//! The Lambda function that tells others what changed in the table.

use analytics::fan_out::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::batch::serve(Context::from_env(), handle).await
}
