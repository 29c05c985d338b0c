//! The Lambda function that puts large uploads together.

use uploads::{Context, finish_upload};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::event::serve(Context::from_env(), finish_upload::handle).await
}
