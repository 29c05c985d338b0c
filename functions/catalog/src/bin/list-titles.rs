//! The Lambda function behind `GET /titles`.

use catalog::{Context, list_titles};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), list_titles::route()).await
}
