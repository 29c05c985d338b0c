//! The Lambda function behind `POST /titles`.

use catalog::{Context, create_title};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), create_title::route()).await
}
