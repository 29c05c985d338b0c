//! The Lambda function behind `PUT /titles/{title_id}/like`.

use engagement::{Context, like_title};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), like_title::route()).await
}
