//! The Lambda function behind `DELETE /titles/{title_id}`.

use catalog::{Context, delete_title};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), delete_title::route()).await
}
