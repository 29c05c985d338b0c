//! The Lambda function behind `POST /titles/{title_id}/uploads`.

use uploads::{Context, create_upload};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), create_upload::route()).await
}
