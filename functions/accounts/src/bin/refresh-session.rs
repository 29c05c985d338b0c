//! The Lambda function behind `POST /auth/refresh`.

use accounts::{Context, refresh_session};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), refresh_session::route()).await
}
