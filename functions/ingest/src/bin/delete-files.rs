//! The Lambda function that deletes the files that nobody needs.

use ingest::delete_files::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::event::serve(Context::from_env(), handle).await
}
