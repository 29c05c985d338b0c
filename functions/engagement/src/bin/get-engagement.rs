//! The Lambda function behind `GET /titles/{title_id}/engagement`.

use engagement::{Context, get_engagement};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), get_engagement::route()).await
}
