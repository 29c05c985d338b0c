//! The Lambda function behind `POST /uploads/{upload_id}/complete`.

use uploads::{Context, complete_upload};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), complete_upload::route()).await
}
