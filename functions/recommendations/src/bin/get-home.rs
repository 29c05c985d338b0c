//! The Lambda function behind `GET /me/home`.

use recommendations::{Context, get_home};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), get_home::route()).await
}
