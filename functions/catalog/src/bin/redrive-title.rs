//! The Lambda function behind `POST /titles/{title_id}/redrive`.

use catalog::{Context, redrive_title};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), redrive_title::route()).await
}
