//! The Lambda function behind `PATCH /titles/{title_id}`.

use catalog::{Context, update_title};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), update_title::route()).await
}
