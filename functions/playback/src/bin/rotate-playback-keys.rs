//! The Lambda function that rotates the playback keys.

use playback::rotate_playback_keys::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::event::serve(Context::from_env(), handle).await
}
