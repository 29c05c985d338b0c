//! The Lambda function behind `GET /titles/{title_id}/similar`.

use recommendations::{Context, get_similar};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), get_similar::route()).await
}
