//! The functions of this area in one program: `_HANDLER` says which one this process is.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    recommender::serve(&runtime::functions::handler()?).await
}
