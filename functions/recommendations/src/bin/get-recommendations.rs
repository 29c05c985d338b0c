//! The Lambda function behind `GET /me/recommendations`.

use recommendations::{Context, get_recommendations};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), get_recommendations::route()).await
}
