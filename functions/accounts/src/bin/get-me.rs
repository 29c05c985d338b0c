//! The Lambda function behind `GET /me`.

use accounts::{Context, get_me};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), get_me::route()).await
}
