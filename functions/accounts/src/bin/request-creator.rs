//! The Lambda function behind `POST /me/creator-request`.

use accounts::{Context, request_creator};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), request_creator::route()).await
}
