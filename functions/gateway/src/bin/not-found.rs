//! The Lambda function behind `$default`.

use gateway::not_found;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(async { Ok::<_, runtime::Error>(()) }, not_found::route()?).await
}
