//! The Lambda function behind `POST /titles/{title_id}/playback`.

use playback::{Context, create_playback};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), create_playback::route()).await
}
