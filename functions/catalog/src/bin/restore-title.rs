//! The Lambda function behind `POST /titles/{title_id}/restore`.

use catalog::{Context, restore_title};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), restore_title::route()).await
}
