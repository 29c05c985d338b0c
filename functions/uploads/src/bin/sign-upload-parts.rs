//! The Lambda function behind `POST /uploads/{upload_id}/parts`.

use uploads::{Context, sign_upload_parts};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), sign_upload_parts::route()).await
}
