//! The Lambda function that places a title among those that it is like.

use recommendations::place_title::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::batch::serve(Context::from_env(), handle).await
}
