//! The Lambda function that tells the edge which titles are not to be seen any more.

use playback::take_down::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::batch::serve(Context::from_env(), handle).await
}
