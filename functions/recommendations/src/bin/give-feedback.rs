//! The Lambda function behind `POST /me/recommendations/feedback`.

use recommendations::{Context, give_feedback};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::http::serve(Context::from_env(), give_feedback::route()).await
}
