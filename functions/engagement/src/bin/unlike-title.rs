//! The Lambda function behind `DELETE /titles/{title_id}/like`.

use engagement::{Context, unlike_title};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), unlike_title::route()).await
}
