//! The Lambda function behind `GET /uploads/{upload_id}`.

use uploads::{Context, get_upload};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), get_upload::route()).await
}
