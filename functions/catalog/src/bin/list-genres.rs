//! The Lambda function behind `GET /genres`.

use catalog::{Context, list_genres};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), list_genres::route()).await
}
