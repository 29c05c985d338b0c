//! The Lambda function behind `POST /titles/{title_id}/cancel`.

use catalog::{Context, cancel_title};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), cancel_title::route()).await
}
