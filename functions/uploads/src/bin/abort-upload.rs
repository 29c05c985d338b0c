//! The Lambda function behind `DELETE /uploads/{upload_id}`.

use uploads::{Context, abort_upload};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), abort_upload::route()).await
}
