//! The Lambda function behind `GET /titles/{title_id}/timeline`.

use catalog::{Context, get_timeline};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), get_timeline::route()).await
}
