//! The Lambda function behind `GET /titles/{title_id}`.

use catalog::{Context, get_title};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), get_title::route()).await
}
