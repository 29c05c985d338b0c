//! The Lambda function behind `PUT /me/password`.

use accounts::{Context, change_password};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), change_password::route()).await
}
