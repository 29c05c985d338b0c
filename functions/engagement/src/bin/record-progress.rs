//! The Lambda function behind `PUT /titles/{title_id}/progress`.

use engagement::{Context, record_progress};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), record_progress::route()).await
}
