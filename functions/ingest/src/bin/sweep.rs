//! The Lambda function that mends what lost events and dead processes leave behind.

use ingest::sweep::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::event::serve(Context::from_env(), handle).await
}
